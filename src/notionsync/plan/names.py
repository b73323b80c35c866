"""File names for questions: safe on every system, readable, and the same from run to run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff/\\:*?\"<>|#%&{}$!'@`=^\[\];,]")
_MARKS = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Zero-width and bidirectional marks: invisible, and able to make one name look like another."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|readme)(?:\.|$)", re.IGNORECASE)
_LONGEST = 120
"""Bytes of a file name without its ending: well below the 255 of common file systems, so that suffixes still fit."""


def stem(title: str) -> str:
    """Return a file name, without ending, for a title; empty when nothing of the title can stay.

    >>> stem("CNN vs. RNN: 무엇이 다를까요?")
    'CNN_vs._RNN_무엇이_다를까요'
    >>> stem("../../etc/passwd")
    'etcpasswd'
    """
    text = unicodedata.normalize("NFC", _MARKS.sub("", title))
    text = _UNSAFE.sub("", "_".join(text.split())).strip("._- ")
    if len(text.encode()) > _LONGEST:
        text = text.encode()[:_LONGEST].decode(errors="ignore").rstrip("._- ")
    return f"_{text}" if _RESERVED.match(text) else text


def choose(page: str, names: tuple[str, ...], folder: str, taken: Callable[[str], bool]) -> str:
    """Return a free path for a page.

    Args:
        page: The page's id; its first digits tell two questions of one title apart, and stand in for a title of none.
        names: What the file could be called, best first: the file-name property, the title.
        folder: Where answers live.
        taken: Tells whether a path is in use, or would be confused with one that is.
    """
    for name in names:
        cleaned = stem(name.removesuffix(".md"))
        if not cleaned:
            continue
        for candidate in (
            f"{folder}/{cleaned}.md",
            f"{folder}/{cleaned}_{page[-8:]}.md",
            f"{folder}/{cleaned}_{page}.md",
        ):
            if not taken(candidate):
                return candidate
    return f"{folder}/{page}.md"
