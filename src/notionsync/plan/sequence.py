"""Comparing and merging sequences of anything that can be hashed.

`regions` is the first half of diff3: it cuts three versions of a sequence into stretches that all three share and
stretches that at least one of them changed. Two changes are apart only when an element that nobody touched stands
between them, which is also git's rule.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T", bound=Hashable)

MAX_PAIRS = 300_000
"""Equal pairs up to which the longest common subsequence is exact: thousands of equal elements make millions of pairs."""

Pair = tuple[int, int]
"""An index into one sequence and an index into the other."""


class Region(NamedTuple):
    """A stretch of three sequences.

    Attributes:
        same: Whether all three hold the same elements here.
        base: Where it is in the base.
        ours: Where it is in our version.
        theirs: Where it is in their version.
    """

    same: bool
    base: slice
    ours: slice
    theirs: slice


def lcs(a: Sequence[T], b: Sequence[T]) -> list[Pair]:
    """Return the longest common subsequence as pairs of indices, both increasing.

    It is exact unless the sequences repeat themselves more than `MAX_PAIRS` allows; then the first occurrence of an
    element is paired only with the first, the second with the second, and so on. Time is O((n + pairs) log n).

    >>> lcs("abcd", "bxd")
    [(1, 0), (3, 2)]
    """
    head = common_head(a, b)
    tail = common_head(a[head:][::-1], b[head:][::-1])
    middle = _longest_chain(a[head : len(a) - tail], b[head : len(b) - tail])
    return [
        *((i, i) for i in range(head)),
        *((head + i, head + j) for i, j in middle),
        *((len(a) - k, len(b) - k) for k in range(tail, 0, -1)),
    ]


def common_head(a: Sequence[T], b: Sequence[T]) -> int:
    """Return how many elements both sequences begin with."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _longest_chain(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    """Return the longest chain of equal pairs (Hunt and Szymanski, 1977)."""
    places = _places(b)
    if sum(len(places.get(x, ())) for x in a) > MAX_PAIRS:
        a, b = _counted(a), _counted(b)
        places = _places(b)
    ends: list[int] = []  # ends[k]: the least index in b at which a chain of k + 1 pairs can end
    chains: list[_Link] = []
    for i, x in enumerate(a):
        for j in reversed(places.get(x, ())):
            k = bisect_left(ends, j)
            link = _Link(i, j, chains[k - 1] if k else None)
            ends[k : k + 1] = [j]
            chains[k : k + 1] = [link]
    return _unwind(chains[-1]) if chains else []


class _Link(NamedTuple):
    i: int
    j: int
    before: _Link | None


def _unwind(link: _Link | None) -> list[Pair]:
    pairs: list[Pair] = []
    while link is not None:
        pairs.append((link.i, link.j))
        link = link.before
    return pairs[::-1]


def _places(sequence: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    places: dict[Hashable, list[int]] = defaultdict(list)
    for index, element in enumerate(sequence):
        places[element].append(index)
    return places


def _counted(sequence: Sequence[Hashable]) -> list[Hashable]:
    """Return the elements, each with the number of its occurrence, so that none repeats."""
    seen: dict[Hashable, int] = defaultdict(int)
    out: list[Hashable] = []
    for element in sequence:
        seen[element] += 1
        out.append((element, seen[element]))
    return out


def regions(base: Sequence[T], ours: Sequence[T], theirs: Sequence[T]) -> list[Region]:
    """Cut three versions of a sequence into shared and changed stretches, in order and without gaps.

    >>> [(r.same, base[r.base]) for base in ["abc"] for r in regions(base, "aXc", "abcd")]
    [(True, 'a'), (False, 'b'), (True, 'c'), (False, '')]
    """
    in_ours, in_theirs = dict(lcs(base, ours)), dict(lcs(base, theirs))
    shared = [(i, in_ours[i], in_theirs[i]) for i in range(len(base)) if i in in_ours and i in in_theirs]
    out: list[Region] = []
    at = (0, 0, 0)
    for sync in (*shared, (len(base), len(ours), len(theirs))):
        if sync != at:
            out.append(Region(False, *map(slice, at, sync)))
        at = (sync[0] + 1, sync[1] + 1, sync[2] + 1)
        if sync[0] < len(base):
            _extend(out, sync)
    return out


def _extend(out: list[Region], sync: tuple[int, int, int]) -> None:
    """Add one shared element to the regions."""
    start = sync
    if out and out[-1].same:
        last = out.pop()
        start = (last.base.start, last.ours.start, last.theirs.start)
    out.append(Region(True, *(slice(a, b + 1) for a, b in zip(start, sync, strict=True))))


def merge(base: Sequence[T], ours: Sequence[T], theirs: Sequence[T]) -> list[T] | None:
    """Merge two versions of a sequence; None when both changed the same place differently.

    Laws: `merge(b, a, b) == a`, `merge(b, b, c) == c`, `merge(b, a, a) == a`, and `merge(b, a, c) == merge(b, c, a)`.

    >>> merge("abc", "aBc", "abcd")
    ['a', 'B', 'c', 'd']
    >>> merge("abc", "aBc", "axc") is None
    True
    """
    out: list[T] = []
    for region in regions(base, ours, theirs):
        old, mine, yours = tuple(base[region.base]), tuple(ours[region.ours]), tuple(theirs[region.theirs])
        if mine == old:
            out.extend(yours)
        elif yours in (old, mine):
            out.extend(mine)
        else:
            return None
    return out
