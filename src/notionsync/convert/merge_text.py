"""Carry a change of canonical text over to an author's own spelling of it.

Three texts say it: how we would write what was there (`base`), how the author wrote it (`ours`), and how we would write
what shall be there (`theirs`). What differs between the first two is style, between the first and the third content.
Where both differ at one place, content wins. The result is a proposal: whoever asks for it parses it again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_TOKEN = re.compile(r"\n|[^\S\n]+|[^\W_]+|([^\w\s]|_)\1*", re.DOTALL)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LONG = 12_000
"""Texts of more characters are compared line by line: the matcher is quadratic."""
_MOST = 1_000_000
"""Comparisons beyond which a stretch counts as replaced as a whole."""


class _Change(NamedTuple):
    start: int
    stop: int
    new: tuple[str, ...]


def merge_text(base: str, ours: str, theirs: str) -> str:
    r"""Return `theirs` in the style of `ours`.

    >>> merge_text("- **one** two", "*  __one__\n   two ", "- **one** three")
    '*  __one__\n   three '
    """
    if base == ours:
        return theirs
    pieces = _LINE if max(len(base), len(ours), len(theirs)) > _LONG else _TOKEN
    base_tokens = [match[0] for match in pieces.finditer(base)]
    style = _changes(base_tokens, [match[0] for match in pieces.finditer(ours)])
    content = _changes(base_tokens, [match[0] for match in pieces.finditer(theirs)])
    kept = [change for change in style if not any(_clash(change, other) for other in content)]
    # Of two changes at one place, content comes first: style that follows text (a closing mark, blanks) stays behind it.
    ordered = sorted([*((c.start, c.stop, 0, c) for c in content), *((c.start, c.stop, 1, c) for c in kept)])
    out: list[str] = []
    at = 0
    for start, stop, _, change in ordered:
        out += base_tokens[at:start]
        out += change.new
        at = max(at, stop)
    return "".join([*out, *base_tokens[at:]])


def _changes(old: Sequence[str], new: Sequence[str]) -> list[_Change]:
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle, fresh = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(middle) * len(fresh) > _MOST:
        return _steps(middle, fresh, head)
    # Only words anchor a match: marks and blanks occur everywhere and would tie unrelated places together.
    matcher = SequenceMatcher(lambda token: not token[0].isalnum(), middle, fresh, autojunk=False)
    found = [(a + head, b + head, c, d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    return [change for a, b, c, d in found for change in _steps(old[a:b], fresh[c:d], a)]


def _steps(old: Sequence[str], new: Sequence[str], start: int) -> list[_Change]:
    """Return one replacement token by token where there are as many: `1. 1.` became `23. 24.` in two places."""
    if len(old) != len(new):
        return [_Change(start, start + len(old), tuple(new))]
    pairs = enumerate(zip(old, new, strict=True), start)
    return [_Change(at, at + 1, (token,)) for at, (was, token) in pairs if was != token]


def _clash(style: _Change, content: _Change) -> bool:
    """Tell whether two changes touch the same text; an insertion at the edge of the other does not."""
    return style.start < content.stop and content.start < style.stop
