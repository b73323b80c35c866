"""Which of an author's blocks does a wanted block stand for?"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby

from notionsync.convert.richtext import plain
from notionsync.model import Block, Node, Span

_ALIKE = 0.5
"""How much of their words two blocks of one type must share to be taken for one."""
_MOST = 250_000
"""Comparisons above which equal blocks are paired by how often they occurred before, not by their longest common run."""
_SAMPLE = 300
"""Characters that are compared."""
_MAX_PAIRS = 400
"""More candidates than this in one stretch are paired in order: comparing all with all is quadratic."""


def pair(old: Sequence[Block], new: Sequence[Block]) -> list[int | None]:
    """Return for each new block the index of the old one it stands for, each at most once.

    Equal ids decide; then equal content in order; then, between those, likeness of blocks of one type.
    """
    found: list[int | None] = [None] * len(new)
    by_id = {block.id: at for at, block in enumerate(old) if block.id}
    for at, block in enumerate(new):
        if block.id in by_id:
            found[at] = by_id.pop(block.id)
    taken = {index for index in found if index is not None}
    free = [at for at, block in enumerate(old) if at not in taken]
    if all(block.id for block in new):  # What has an id and is not among them was deleted.
        free = [at for at in free if not old[at].id]
    left = [at for at, index in enumerate(found) if index is None]
    for at, index in _equal(old, new, free, left):
        found[at] = index
    _likely(old, new, free, found)
    return found


def _key(block: Block) -> str:
    """Return a text that equal blocks share; unequal ones that share it are told apart by `==`."""
    return f"{block.type}\0{words(block)}\0{len(block.children)}"


def _equal(old: Sequence[Block], new: Sequence[Block], free: list[int], left: list[int]) -> list[tuple[int, int]]:
    """Pair equal blocks: those at both ends first, so that one change among many alike pairs the others in place."""
    head = 0
    while head < min(len(free), len(left)) and old[free[head]] == new[left[head]]:
        head += 1
    tail = 0
    while tail < min(len(free), len(left)) - head and old[free[-1 - tail]] == new[left[-1 - tail]]:
        tail += 1
    out = [(left[at], free[at]) for at in range(head)]
    out += [(left[-1 - at], free[-1 - at]) for at in range(tail)]
    free, left = free[head : len(free) - tail], left[head : len(left) - tail]
    if len(free) * len(left) <= _MOST:
        matcher = SequenceMatcher(None, [_key(old[at]) for at in free], [_key(new[at]) for at in left], autojunk=False)
        out += [
            (left[b + step], free[a + step])
            for a, b, size in matcher.get_matching_blocks()
            for step in range(size)
            if old[free[a + step]] == new[left[b + step]]
        ]
    done, used = {at for at, _ in out}, {index for _, index in out}
    return out + _elsewhere(old, new, [at for at in free if at not in used], [at for at in left if at not in done])


def _elsewhere(old: Sequence[Block], new: Sequence[Block], free: list[int], left: list[int]) -> list[tuple[int, int]]:
    """Pair equal blocks in whatever order: those that moved."""
    places: dict[str, deque[int]] = {}
    for at in free:
        places.setdefault(_key(old[at]), deque()).append(at)
    out: list[tuple[int, int]] = []
    for at in left:
        waiting = places.get(_key(new[at]))
        if waiting and old[waiting[0]] == new[at]:
            out.append((at, waiting.popleft()))
    return out


def _likely(old: Sequence[Block], new: Sequence[Block], free: list[int], found: list[int | None]) -> None:
    """Pair what is left between two pairs, the most alike first, in order."""
    used = {index for index in found if index is not None}
    spare = [index for index in free if index not in used]
    low = -1
    for alone, places in groupby(range(len(new)), key=lambda at: found[at] is None):
        stretch = list(places)
        if not alone:
            low = max(low, *(found[at] or 0 for at in stretch))
            continue
        after = found[stretch[-1] + 1] if stretch[-1] + 1 < len(new) else None
        high = len(old) if after is None else after
        between = spare[bisect_left(spare, low) : bisect_left(spare, high)]
        for later, index in _best(old, new, between, stretch):
            found[later] = index


def _best(old: Sequence[Block], new: Sequence[Block], free: list[int], left: list[int]) -> list[tuple[int, int]]:
    if len(free) * len(left) > _MAX_PAIRS:
        return [(b, a) for b, a in zip(left, free, strict=False) if old[a].type == new[b].type]
    alone = len(free) == 1 and len(left) == 1
    scored = sorted(
        (
            (-likeness(old[a], new[b]), abs(i - k), b, a)
            for i, b in enumerate(left)
            for k, a in enumerate(free)
            if old[a].type == new[b].type and (alone or likeness(old[a], new[b]) >= _ALIKE)
        ),
    )
    out: list[tuple[int, int]] = []
    for _, _, b, a in scored:
        if all((b < other_b) == (a < other_a) and b != other_b and a != other_a for other_b, other_a in out):
            out.append((b, a))
    return out


def words(block: Block) -> str:
    """Return what a block says by itself, as plain text."""
    parts = [plain(block.text), plain(block.caption), *(plain(cell) for cell in block.cells)]
    parts += [str(value) for key, value in sorted(block.attrs.items()) if key in {"url", "expression"}]
    return "\n".join(part for part in parts if part)


def likeness(one: Block, other: Block) -> float:
    """Return how alike two blocks' own words are, 0 to 1; children count where there are no words."""
    first, second = words(one), words(other)
    if not first and not second:
        return 1.0 if one.children == other.children else _ALIKE
    matcher = SequenceMatcher(None, first[:_SAMPLE], second[:_SAMPLE], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0


# --- places of blocks in a text -----------------------------------------------------------------------------------------


def settle(nodes: Sequence[Node], wanted: Sequence[Block]) -> list[int | None]:
    """Pair siblings; blocks that share their lines are paired only if all of them stay as they are, side by side."""
    paired = pair([node.block for node in nodes], wanted)
    where = {index: at for at, index in enumerate(paired) if index is not None}
    for group in _sharing([node.span for node in nodes]):
        places = [where.get(index) for index in group]
        steady = all(
            at is not None and wanted[at] == nodes[index].block and at - (places[0] or 0) == index - group[0]
            for at, index in zip(places, group, strict=True)
        )
        if not steady:
            for at in places:
                if at is not None:
                    paired[at] = None
    return paired


def shares_lines(nodes: Sequence[Node], at: int) -> bool:
    """Tell whether a block has lines together with one beside it."""
    before = at > 0 and nodes[at].span.start < nodes[at - 1].span.stop
    return before or (at + 1 < len(nodes) and nodes[at + 1].span.start < nodes[at].span.stop)


def _sharing(spans: Sequence[Span]) -> list[list[int]]:
    groups: list[list[int]] = []
    for at in range(1, len(spans)):
        if spans[at].start < spans[at - 1].stop:
            if groups and groups[-1][-1] == at - 1:
                groups[-1].append(at)
            else:
                groups.append([at - 1, at])
    return groups


def rising(paired: Sequence[int | None]) -> set[int]:
    """Return the places that form the longest rising run of indices: the blocks that stay where they are."""
    tails: list[int] = []
    ends: list[int] = []
    back: dict[int, int | None] = {}
    for at, index in enumerate(paired):
        if index is None:
            continue
        spot = bisect_left(tails, index)
        back[at] = ends[spot - 1] if spot else None
        if spot == len(tails):
            tails.append(index)
            ends.append(at)
        else:
            tails[spot], ends[spot] = index, at
    out: set[int] = set()
    at_: int | None = ends[-1] if ends else None
    while at_ is not None:
        out.add(at_)
        at_ = back[at_]
    return out
