"""New places for what was moved in a list, with as few changes as there can be."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left
from collections.abc import Sequence

_FINEST = 12
"""Digits behind the point after which everything is numbered anew."""


def places(orders: Sequence[float | None], sequence: Sequence[int]) -> list[float]:
    """Return the numbers by which a list comes in a new sequence.

    Those that keep their place keep their number; one that moved gets a number between its neighbours, a whole one if
    there is one. Where some have no number, or two the same, all are counted anew.

    >>> places([1, 2, 3, 4], [3, 0, 1, 2]), places([1, 2, 3], [1, 0, 2]), places([None, None], [1, 0])
    ([0, 1, 2, 3], [0, 1, 3], [1, 2])

    Args:
        orders: The numbers there are, in the old sequence.
        sequence: The new sequence: for each place, where it was in the old one.
    """
    known = [order for order in orders if order is not None]
    anew: list[float] = list(range(1, len(sequence) + 1))
    if len(known) < len(orders) or any(one >= other for one, other in itertools.pairwise(known)):
        return anew
    found: list[float | None] = [None] * len(sequence)
    for at in _staying(sequence):
        found[at] = known[sequence[at]]
    for at, value in enumerate(found):
        if value is None:
            before = found[at - 1] if at else None
            after = next((later for later in found[at:] if later is not None), None)
            found[at] = _between(before, after)
            if found[at] is None:
                return anew
    return [value for value in found if value is not None]


def _staying(sequence: Sequence[int]) -> list[int]:
    """Return the positions of a longest part that is in the old order still, the later one of two as long."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, value in enumerate(sequence):
        length = bisect_left(tails, value)
        tails[length : length + 1] = [value]
        ends[length : length + 1] = [at]
        before.append(ends[length - 1] if length else -1)
    kept = []
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.append(at)
        at = before[at]
    return kept[::-1]


def _between(before: float | None, after: float | None) -> float | None:
    """Return the plainest number between two, either of which may be missing; None if there is none plain enough."""
    if before is None or after is None:
        return math.floor(before) + 1 if before is not None else math.ceil(1 if after is None else after) - 1
    for digits in range(_FINEST):
        scale = int(10**digits)
        least, most = math.floor(before * scale) + 1, math.ceil(after * scale) - 1
        middle = (least + most) // 2
        value: float = middle / scale if digits else middle
        if least <= most and before < value < after:
            return value
    return None
