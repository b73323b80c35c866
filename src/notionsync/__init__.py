r"""Two-way sync between a Notion database of questions and Markdown answers in git.

    >>> from notionsync import markdown_to_blocks, blocks_to_markdown
    >>> blocks_to_markdown(markdown_to_blocks("- one\n\n  two"))
    '- one\n\n  two\n'

Names are imported when they are first used, so that a program pays for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import notionsync.plan  # noqa: F401 - see below

if TYPE_CHECKING:
    from notionsync import errors
    from notionsync.config import Config
    from notionsync.convert import blocks_to_markdown, markdown_to_blocks
    from notionsync.engine.report import Outcome, Report
    from notionsync.library import plan, sync
    from notionsync.plan.guards import Allowed

__all__ = [
    "Allowed",
    "Config",
    "Outcome",
    "Report",
    "__version__",
    "blocks_to_markdown",
    "errors",
    "markdown_to_blocks",
    "plan",
    "sync",
]

__version__ = "0.1.0"

# `plan` is a function to those who import this package, and a package to those who work on it. Loading the package (an
# empty one) before anybody else does, and dropping the name that this binds, leaves the name to `__getattr__` for good:
# Python binds a subpackage to its parent only once.
del globals()["plan"]

_HOMES = {
    "Allowed": "notionsync.plan.guards",
    "Config": "notionsync.config",
    "Outcome": "notionsync.engine.report",
    "Report": "notionsync.engine.report",
    "blocks_to_markdown": "notionsync.convert",
    "markdown_to_blocks": "notionsync.convert",
    "plan": "notionsync.library",
    "sync": "notionsync.library",
}


def __getattr__(name: str) -> object:
    if name == "errors":
        return import_module("notionsync.errors")
    if name not in _HOMES:
        raise AttributeError(f"module 'notionsync' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
