"""File names for questions that have none yet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from markdown_it import MarkdownIt

_BYTES: Final = 120
"""Well below the 255 bytes of common file systems, and still to be read in a listing."""
_UNSAFE: Final = re.compile(r'[<>:"/\\|?*#%`]')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_MD: Final = MarkdownIt("commonmark")


def fold(path: str) -> str:
    """Return a path as a file system that ignores case and composition compares it."""
    return unicodedata.normalize("NFC", path).casefold()


def propose(question: str, folder: str, taken: Iterable[str]) -> str:
    """Return a path for a question's file that no other file has, in any spelling.

    >>> propose("What does **ReLU** do?", "answers", [])
    'answers/What_does_ReLU_do.md'
    """
    words = unicodedata.normalize("NFC", _UNSAFE.sub("", _plain(question)))
    stem = re.sub(r"\s+", "_", words.strip()).strip("._-")
    while len(stem.encode()) > _BYTES:
        stem = stem[:-1]
    stem = stem.rstrip("._-") or "question"
    if _RESERVED.fullmatch(stem):
        stem += "_"
    used = {fold(path) for path in taken}
    path, number = f"{folder}/{stem}.md", 1
    while fold(path) in used:
        number += 1
        path = f"{folder}/{stem}_{number}.md"
    return path


def title(path: str) -> str:
    """Return what a file's name says.

    >>> title("answers/Zero_Padding.md")
    'Zero Padding'
    """
    return path.rpartition("/")[2].removesuffix(".md").replace("_", " ").strip()


def _plain(markdown: str) -> str:
    """Return the letters a reader sees: without marks, controls, and what turns the direction of text."""
    seen = "".join(c for c in markdown if c.isspace() or unicodedata.category(c)[0] != "C")
    tokens = _MD.parseInline(seen)
    return "".join(child.content for token in tokens for child in token.children or () if child.type != "html_inline")
