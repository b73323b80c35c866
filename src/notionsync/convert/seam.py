"""What lies between two blocks of an author's that stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notionsync.model import Block


@dataclass(frozen=True, slots=True)
class Seam:
    """What is to be joined between two siblings that stay.

    Attributes:
        before: The one before, None at the beginning.
        after: The one behind, None at the end.
        first: The author's lines right behind `before`.
        final: The author's lines right before `after`, where blocks between the two were deleted.
        kept: What was written between the deleted blocks.
        fresh: New blocks and their lines.
        deleted: How many blocks between the two are no longer there.
        touched: Whether one of the two changes.
    """

    before: Block | None
    after: Block | None
    first: list[str]
    final: list[str]
    kept: list[str]
    fresh: list[tuple[Block, list[str]]]
    deleted: int
    touched: bool = False


def seam_of(
    before: Block | None, after: Block | None, gaps: list[list[str]], fresh: list[tuple[Block, list[str]]], deleted: int
) -> Seam:
    """Return what is to be joined, given the author's gaps from one block that stays to the next."""
    final = gaps[-1:] if after and (deleted or not before) else []
    middle = gaps[(1 if before else 0) : (len(gaps) - len(final))]
    kept = [line for gap in middle for line in gap if says(line)]
    first = gaps[0] if gaps and before else []
    return Seam(before, after, first, final[0] if final and gaps else [], kept, fresh, deleted)


def says(line: str) -> bool:
    """Tell whether a line holds anything, within quotes or without."""
    return bool(line.strip("> \t\r\n"))


def noted(lines: Sequence[str]) -> list[str]:
    """Return lines without the blank ones at both ends."""
    said = [at for at, line in enumerate(lines) if says(line)]
    return list(lines[said[0] : said[-1] + 1]) if said else []
