"""Replacing a stretch of a text, with the proof that nothing but the intended thing changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from notionsync.convert.richtext import plain
from notionsync.model import Block, Body, RichText, walk


@dataclass(frozen=True, slots=True)
class Repair:
    """A stretch of a body to be replaced.

    Attributes:
        start: Where it begins, counted in characters of the text.
        stop: Where it ends.
        text: What takes its place; it has as many lines.
        edge: Where the top-level block begins that the proof looked at.
    """

    start: int
    stop: int
    text: str
    edge: int


def repaired(text: str, repair: Repair) -> str:
    """Return the text with a repair made."""
    return text[: repair.start] + repair.text + text[repair.stop :]


def changed_text(before: Body, after: Body) -> tuple[RichText, RichText] | None:
    """Return the one text that differs between two trees, in both versions; None if anything else does, or nothing."""
    olds, news = walk(before), walk(after)
    if len(olds) != len(news):
        return None
    found: list[tuple[RichText, RichText]] = []
    for old, new in zip(olds, news, strict=True):
        texts, others = _texts(old), _texts(new)
        if _frame(old) != _frame(new) or len(texts) != len(others):
            return None
        found += [(one, other) for one, other in zip(texts, others, strict=True) if one != other]
    return found[0] if len(found) == 1 else None


def _texts(block: Block) -> Sequence[RichText]:
    return (block.text, block.caption, *block.cells)


def _frame(block: Block) -> tuple[Block, int]:
    return replace(block, text=(), caption=(), cells=(), children=()), len(block.children)


def took_marks(before: RichText, after: RichText, marks: str, look: str) -> bool:
    """Tell whether a text lost one pair of literal marks and gained, between the two, the look that they stand for.

    Args:
        before: The text with the literal marks.
        after: The text without.
        marks: Such as `**`.
        look: The field of `Run` that must hold for every character in between, such as `bold`.
    """
    old, new = plain(before), plain(after)
    size = len(marks)
    if len(old) - len(new) != 2 * size:
        return False
    lead = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(new))
    looks = [getattr(run, look) for run in after for _ in run.text]
    for first in (at for at in range(max(lead - size, 0), lead + 1) if old.startswith(marks, at)):
        second = old.find(marks, first + size)
        while second > first:
            inside = slice(first, second - size)
            if old[:first] + old[first + size : second] + old[second + size :] == new:
                return any(looks[inside]) and all(looks[inside])
            second = old.find(marks, second + 1)
    return False


def became_equation(before: RichText, after: RichText, source: str) -> bool:
    """Tell whether a text has one more equation, of this source, and is the same on both sides of it."""
    equations = [index for index, run in enumerate(after) if run.kind == "equation" and run.text == source]
    if sum(run.kind == "equation" for run in after) != sum(run.kind == "equation" for run in before) + 1:
        return False
    old = plain(before)
    return any(
        old.startswith(plain(after[:index]) + "$") and old.endswith("$" + plain(after[index + 1 :]))
        for index in equations
    )
