"""The fewest writes that turn the blocks of a page into those it shall hold.

Notion can change what a block says, add blocks behind a block, and delete one. It cannot change a block's type, nor move
it: a move is a new block and a deleted one, and its comments and the links to it are gone. So:

* A wanted block whose id is below the same parent already is that block. It stays unless order or Notion's rules forbid.
* Where siblings changed their order, those that stay form an increasing sequence to which none of the others could be
  added. Of all such sequences the one with the fewest requests is taken; among equals, the one that keeps most blocks.
* New siblings that stand together are one append, with everything below them.

The script is the shortest of all that keep a block wherever it can be kept. (A shorter one may exist that re-creates an
edited block only to join it with new neighbours; its comments are worth more than one request.)

Order of the script: appends, updates, deletes; only a heading that has to fold before it can take children is updated
first. What both the old and the new tree hold is on the page at every moment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

from notionsync.errors import ContentError
from notionsync.model import Append, Block, Body, Delete, Edit, Update, walk
from notionsync.plan.content import Contents
from notionsync.plan.rules import (
    can_become,
    check_children,
    check_new,
    check_top,
    describe,
    has_update,
    is_pinned,
    is_synced_copy,
    pinned_in,
)

_UPLOAD = 2
"""Requests that put a file into Notion again: one creates the upload, one sends it."""


def edits(remote: Body, wanted: Body, *, parent: str, allow_delete_opaque: bool = False) -> tuple[Edit, ...]:
    """Return the writes that make a page hold `wanted`, in the order in which they are to be sent.

    Args:
        remote: What the page holds; every block has its id.
        wanted: What it shall hold. Ids tell which blocks of `remote` are meant; any other block is new.
        parent: Id of the page.
        allow_delete_opaque: Whether pinned blocks, which could not be created again, may be deleted.

    Raises:
        ContentError: A pinned block would have to be created, changed, moved or (unless allowed) deleted, or Notion
            does not take a block where it is wanted. The message names the block.
    """
    check_top(wanted)
    script = _Planner(allow_delete_opaque=allow_delete_opaque).children(parent, remote, wanted)
    return (*script.first, *script.appends, *script.updates, *script.deletes)


class _Script(NamedTuple):
    """Writes by the phase in which they are sent."""

    first: tuple[Edit, ...] = ()
    appends: tuple[Edit, ...] = ()
    updates: tuple[Edit, ...] = ()
    deletes: tuple[Edit, ...] = ()

    @property
    def requests(self) -> int:
        return sum(len(phase) for phase in self)


def _joined(scripts: Iterable[_Script]) -> _Script:
    return _Script(*(tuple(chain.from_iterable(phase)) for phase in zip(_Script(), *scripts, strict=True)))


@dataclass(frozen=True, slots=True)
class _Stay:
    """A wanted sibling that could stay the block it is.

    Attributes:
        place: Where it is among the wanted siblings.
        old: Where the block is among the existing siblings.
        block: The block as it is.
        script: The writes that change it in place.
        must: Whether it has to stay, because it could not be created again.
    """

    place: int
    old: int
    block: Block
    script: _Script
    must: bool


@dataclass(frozen=True, slots=True)
class _Planner:
    allow_delete_opaque: bool

    def children(self, parent: str, remote: Body, wanted: Body) -> _Script:
        """Return the writes that turn the children of one parent into the wanted ones."""
        if remote == wanted:
            return _Script()
        candidates = [self._stay(remote, wanted, *pair) for pair in _same_blocks(remote, wanted)]
        stays = _choose(candidates, len(wanted))
        appends = _Script(appends=tuple(_appends(parent, remote, wanted, stays)))
        deletes = _Script(deletes=tuple(self._deletes(remote, {stay.old for stay in stays})))
        return _joined((*(stay.script for stay in stays), appends, deletes))

    def _stay(self, remote: Body, wanted: Body, old: int, place: int) -> _Stay:
        before, after = remote[old], wanted[place]
        return _Stay(place, old, before, self._in_place(before, after), must=pinned_in(after) is not None)

    def _in_place(self, old: Block, new: Block) -> _Script:
        """Return the writes that change a block without creating it again."""
        if old == new or old.id is None:
            return _Script()
        changed = has_update(old, new)
        if is_pinned(old) and (changed or is_synced_copy(old)):
            raise ContentError(f"{describe(old)} cannot be changed through Notion's API", advice="change it in Notion")
        if old.children != new.children:
            check_children(new)
        update = (Update(old.id, old.own(), new.own()),) if changed else ()
        starts_to_fold = bool(new.attrs.get("is_toggleable")) and not old.attrs.get("is_toggleable")
        own = _Script(first=update) if starts_to_fold else _Script(updates=update)
        return _joined((own, self.children(old.id, old.children, new.children)))

    def _deletes(self, remote: Body, stays: set[int]) -> Iterator[Delete]:
        for place, block in enumerate(remote):
            if place in stays or block.id is None:
                continue
            pinned = pinned_in(block)
            if pinned is not None and not self.allow_delete_opaque:
                raise ContentError(
                    f"{describe(pinned)} would be deleted, and {_loss(pinned)}",
                    advice="put it back where it was, or allow it with --allow-delete-opaque",
                )
            yield Delete(block.id, block)


def _loss(block: Block) -> str:
    if is_pinned(block):
        return "could not be created again"
    return "its copies on other pages would lose what they show"


def _same_blocks(remote: Body, wanted: Body) -> list[tuple[int, int]]:
    """Return which existing sibling each wanted one can stay, in the order of the wanted ones.

    That is the one with its id, if it can become what is wanted; for any other wanted block, one that nobody else
    claims and that says the same already.
    """
    by_id = {block.id: place for place, block in enumerate(remote) if block.id is not None}
    claimed: dict[int, int] = {}
    for place, block in enumerate(wanted):
        old = by_id.pop(block.id, None) if block.id else None
        if old is not None and can_become(remote[old], block):
            claimed[place] = old
    taken = set(claimed.values())
    contents = Contents()
    free: dict[int, deque[int]] = defaultdict(deque)
    for place, block in enumerate(remote):
        if place not in taken:
            free[contents.number(block)].append(place)
    for place, block in enumerate(wanted):
        if free and place not in claimed and (equals := free.get(contents.number(block))):
            claimed[place] = equals.popleft()
    return [(claimed[place], place) for place in sorted(claimed)]


def _appends(parent: str, remote: Body, wanted: Body, stays: Sequence[_Stay]) -> Iterator[Append]:
    """Yield an append for each run of new siblings, each behind an existing block."""
    before: str | None = None
    start = 0
    for stay in stays:
        if run := wanted[start : stay.place]:
            yield Append(parent, before, _checked(run))
        before, start = stay.block.id, stay.place + 1
    if run := wanted[start:]:
        yield Append(parent, remote[-1].id if remote else None, _checked(run), last=True)


def _checked(run: Body) -> Body:
    for block in run:
        check_new(block)
    return run


# --- which siblings stay --------------------------------------------------------------------------------------------


class _Way(NamedTuple):
    """A choice of siblings that stay, up to one of them or to the end.

    Attributes:
        requests: What it costs, less a constant.
        kept: How many blocks it keeps.
        stay: The last one chosen; None at the start and at the end.
        before: The choice up to the one before.
    """

    requests: int
    kept: int
    stay: _Stay | None = None
    before: _Way | None = None


def _choose(stays: Sequence[_Stay], count: int) -> list[_Stay]:
    """Return the siblings that stay: in order, none that could be added, with the fewest requests.

    Args:
        stays: Those that could, by their place among the wanted siblings.
        count: How many siblings are wanted.

    Raises:
        ContentError: Two of those that must stay would have to change places.
    """
    _check_order([stay for stay in stays if stay.must])
    olds = sorted(stay.old for stay in stays)
    ranks = [bisect_left(olds, stay.old) for stay in stays]
    ways: list[_Way | None] = []
    for stay, rank in zip(stays, ranks, strict=True):
        best = _best_way(_ways_to(stay.place, rank, stays, ranks, ways))
        ways.append(best and _Way(best.requests + _cost(stay), best.kept + len(walk((stay.block,))), stay, best))
    way = _best_way(_ways_to(count, len(stays), stays, ranks, ways))
    chosen: list[_Stay] = []
    while way is not None and way.stay is not None:
        chosen.append(way.stay)
        way = way.before
    return chosen[::-1]


def _ways_to(
    place: int, rank: int, stays: Sequence[_Stay], ranks: Sequence[int], ways: Sequence[_Way | None]
) -> Iterator[_Way]:
    """Yield the choices that the stay at a place, or the end, can go on from, new siblings between the two included.

    Their last stay has a lower rank (its place among the existing siblings), no other stay between the two has a rank
    between theirs, and none of those between must stay.

    Args:
        place: Where the next stay, or the end, is among the wanted siblings.
        rank: Its rank; for the end a higher one than any.
        stays: All candidates.
        ranks: Their ranks.
        ways: The best choice that ends with each candidate before that place.
    """
    highest = -1
    for i in reversed(range(len(ways))):
        if highest < ranks[i] < rank:
            highest = ranks[i]
            if (way := ways[i]) is not None:
                yield way._replace(requests=way.requests + int(place - stays[i].place > 1))
        if stays[i].must or 0 <= highest == rank - 1:
            return
    if highest < 0:
        yield _Way(int(place > 0), 0)


def _best_way(ways: Iterable[_Way]) -> _Way | None:
    return min(ways, key=lambda way: (way.requests, -way.kept), default=None)


def _cost(stay: _Stay) -> int:
    """Return the requests that it takes to keep a block, less those that it spares: its deletion, and its uploads."""
    files = sum(str(block.attrs.get("url", "")).startswith("notion:") for block in walk((stay.block,)))
    return stay.script.requests - 1 - _UPLOAD * files


def _check_order(musts: Sequence[_Stay]) -> None:
    for first, second in pairwise(musts):
        if second.old < first.old:
            raise ContentError(
                f"{describe(second.block)} stands before {describe(first.block)} in Notion, and neither can be moved "
                "through its API",
                advice="restore their order, or change it in Notion first",
            )
