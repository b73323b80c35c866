"""Marks that an author meant and GitHub shows: emphasis beside Korean, Japanese and Chinese, dollars beside letters.

Found in the source, because a reading of the text no longer says where a character stood; decided by reading the text
again with the marks replaced: only what makes that one difference was meant, and was literal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from notionsync.convert.parse import parse
from notionsync.convert.repair import Repair, became_equation, changed_text, repaired, took_marks
from notionsync.convert.richtext import plain
from notionsync.errors import ContentError
from notionsync.model import Body, Document, RichText, walk

_PROVABLE = 50_000
"""Characters of a top-level block up to which its marks are looked at; each candidate costs a reading of it."""
_BUDGET = 100_000
"""Characters that are read to prove the candidates of one block."""

_CJK = r"[\u1100-\u11ff\u2e80-\u2fdf\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
_EMPHASIS = re.compile(
    rf"(?P<before>(?<={_CJK}))?(?P<marks>\*\*|~~)(?P<inner>(?=\S)(?:(?!(?P=marks))[^\r\n])+?(?<=\S))(?P=marks)(?P<after>(?={_CJK}))?"
)
_MATH = re.compile(r"(?<![\\$`])\$(?P<tick>`?)(?P<inner>(?![\s$`])[^$\r\n`]*?(?<![\s\\]))(?P=tick)\$(?![$`])")
_FORMULA = re.compile(r"[A-Za-z\u0370-\u03ff]|[^\W\d_]?[^$]*(?:\\[A-Za-z]|[\^_=<>+])[^$]*")
_WORD = re.compile(r"\w")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LOOKS = {"**": ("BOLD", "bold", "strong"), "~~": ("STRIKE", "strike", "del")}


@dataclass(frozen=True, slots=True)
class Literal:
    """Marks that are shown.

    Attributes:
        line: 0-based line of the body.
        name: `BOLD`, `STRIKE` or `MATH`.
        source: The marks and what is between them.
        repair: How to write it so that it works, if there is a way.
    """

    line: int
    name: str
    source: str
    repair: Repair | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A top-level block that can be read by itself: where it begins, on which line, its source and what that says."""

    start: int
    line: int
    source: str
    body: Body


def literal_emphasis(text: str, document: Document) -> Iterator[Literal]:
    """Find `**` and `~~` around words, next to a CJK letter, that GitHub shows as they are."""
    for stretch in _stretches(text, document, ("**", "~~")):
        candidates = (
            match
            for match in _EMPHASIS.finditer(stretch.source)
            if match["before"] is not None or match["after"] is not None
        )
        for match, _ in zip(candidates, range(_most(stretch)), strict=False):
            name, look, tag = _LOOKS[match["marks"]]
            replacement = f"<{tag}>{match['inner']}</{tag}>"

            def good(old: RichText, new: RichText, marks: str = match["marks"], look: str = look) -> bool:
                return took_marks(old, new, marks, look)

            repair = _proven(stretch, match.start(), match.end(), replacement, good)
            if repair is not None:
                yield Literal(_line(stretch, match.start()), name, match[0], repair)


def literal_math(text: str, document: Document) -> Iterator[Literal]:
    """Find formulas whose dollars GitHub shows, because a letter or a digit touches them.

    ``$`x`$`` helps before a letter, nothing helps behind one (github/markup #1742).
    """
    for stretch in _stretches(text, document, ("$",)):
        for match, _ in zip(_MATH.finditer(stretch.source), range(_most(stretch)), strict=False):
            source, inner = stretch.source, match["inner"]
            behind = _WORD.match(source[match.start() - 1 : match.start()]) is not None
            if not (behind or _WORD.match(source[match.end() : match.end() + 1])) or not _FORMULA.fullmatch(inner):
                continue

            def good(old: RichText, new: RichText, inner: str = inner) -> bool:
                return became_equation(old, new, inner)

            if match["tick"]:
                if behind:
                    yield Literal(_line(stretch, match.start()), "MATH", match[0], None)
                continue
            repair = _proven(stretch, match.start(), match.end(), f"$`{inner}`$", good)
            if repair is not None:
                yield Literal(_line(stretch, match.start()), "MATH", match[0], None if behind else repair)


def _stretches(text: str, document: Document, marks: tuple[str, ...]) -> Iterator[_Stretch]:
    """Cut out the top-level blocks in which marks are left over as text, and which say the same by themselves."""
    offset = 1 if text.startswith("\ufeff") else 0
    starts = [offset, *(match.end() for match in _LINE_END.finditer(text))]
    for node in document.nodes:
        start = starts[node.span.start]
        stop = starts[node.span.stop] if node.span.stop < len(starts) else len(text)
        source = text[start:stop]
        if len(source) > _PROVABLE or not any(mark in source for mark in marks) or not _left_over((node.block,), marks):
            continue
        body = _read(source)
        if body is not None and len(body) == 1 and _alike(body, (node.block,)):
            yield _Stretch(start, node.span.start, source, body)


def _most(stretch: _Stretch) -> int:
    """Return how many candidates of a block are looked at; those left out are found when others are mended."""
    return min(100, max(1, _BUDGET // (len(stretch.source) + 1)))


def _left_over(body: Body, marks: tuple[str, ...]) -> bool:
    """Tell whether any text that is no code holds the marks, or an equation that may touch a letter."""
    return any(
        (run.kind == "equation" and "$" in marks)
        or (run.kind == "text" and not run.code and any(m in run.text for m in marks))
        for block in walk(body)
        if block.type not in {"code", "equation"}
        for text in (block.text, block.caption, *block.cells)
        for run in text
    )


def _alike(one: Body, other: Body) -> bool:
    """Tell whether two readings have the same texts; addresses depend on who reads."""
    return [plain(block.text) for block in walk(one)] == [plain(block.text) for block in walk(other)]


def _read(source: str) -> Body | None:
    try:
        return parse(source).body
    except ContentError:
        return None


def _proven(
    stretch: _Stretch, start: int, stop: int, replacement: str, good: Callable[[RichText, RichText], bool]
) -> Repair | None:
    repair = Repair(start, stop, replacement, 0)
    after = _read(repaired(stretch.source, repair))
    texts = changed_text(stretch.body, after) if after is not None else None
    if texts is None or not good(*texts):
        return None
    return Repair(stretch.start + start, stretch.start + stop, replacement, stretch.start)


def _line(stretch: _Stretch, at: int) -> int:
    return stretch.line + len(_LINE_END.findall(stretch.source, 0, at))
