"""Two-way sync between a Notion database of questions and Markdown answers in git."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
