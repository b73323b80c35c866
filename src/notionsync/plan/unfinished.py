"""What both sides changed alike, as a killed run leaves it: its writes have begun, and nobody has agreed on them yet.

New blocks are sent before old ones are deleted. A run that is killed in between leaves both on the page, and what the
file says now looks as if somebody in Notion had said the same in the same place. It is not merged a second time: the
file's block stands for the one that is there, and the rest of the writes follows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from notionsync.convert.richtext import plain
from notionsync.model import Block, Body, walk
from notionsync.plan.baseline import is_beginning
from notionsync.plan.content import Contents
from notionsync.plan.rules import can_become


class Adoption(NamedTuple):
    """Two versions of a body without what both changed alike.

    Attributes:
        local: The file's blocks, with the ids of those new ones that are on the page already.
        remote: The page's blocks, with everything that it shares with the file as the base has it.
        copies: Ids of blocks on the page that stand where the file moved another one, which is still there as well, with
            the id of that one.
    """

    local: Body
    remote: Body
    copies: Mapping[str, str] = MappingProxyType({})

    def is_double(self, body: Body) -> bool:
        """Tell whether a body holds a copy beside what it is a copy of."""
        there = {block.id for block in walk(body)}
        return any(copy in there and original in there for copy, original in self.copies.items())


def adopt(base: Body, local: Body, remote: Body) -> Adoption | None:
    """Take what the page shares with the file for done.

    A block of the page counts as written from the file when the base does not have it, the file says the same or the
    same and more below it, and it stands in the file's order between blocks that both have. A block that both changed
    into the same, or that both lack, counts as unchanged.

    Args:
        base: The agreed blocks, with their ids.
        local: The file's blocks, with the ids of the agreed ones they stand for.
        remote: The page's blocks.

    Returns:
        What the two versions come to; None when they share no change.
    """
    return _Adopter(base, local, remote).run(base, local, remote)


def once(base: Body, local: Body, remote: Body) -> tuple[Body, Body]:
    """Find the file's new blocks that are new on the page as well, wherever they stand there.

    A run that nobody remembers sent them, and a person moved them since. Only blocks that say something and have no
    rival on either side count: two people may well put a divider into two places. A block that was taken for another
    one, rewritten, because it stands in its place, counts as new when the page has it as a new one.

    Returns:
        The file's blocks without them, so that they stay where the page has them; and the same with the page's ids.
    """
    contents = Contents()
    was = {block.id: block for block in walk(base)}
    mine = Counter(contents.number(block) for block in walk(local) if _is_new(block, was) and _says(block))
    theirs: dict[int, Block | None] = {}
    for block in walk(remote):
        if block.id not in was:
            theirs[contents.number(block)] = None if contents.number(block) in theirs else block
    both = {number: found for number, found in theirs.items() if found is not None and mine[number] == 1}

    def left(body: Body, *, named: bool) -> Iterator[Block]:
        for block in body:
            found = both.get(contents.number(block)) if _is_new(block, was) else None
            if found is None:
                yield replace(block, children=tuple(left(block.children, named=named)))
            elif named:
                yield found

    return (tuple(left(local, named=False)), tuple(left(local, named=True))) if both else (local, local)


def _is_new(block: Block, was: Mapping[str | None, Block]) -> bool:
    return block.id is None or block.id not in was or not was[block.id].same_own(block)


def _says(block: Block) -> bool:
    return any(plain(text).strip() for inner in walk((block,)) for text in (inner.text, *inner.cells))


def without(body: Body, ids: Collection[str]) -> Body:
    """Return a body without some of its blocks."""
    return tuple(replace(b, children=without(b.children, ids)) for b in body if b.id not in ids)


class _Adopter:
    """Goes through the three versions, level by level."""

    def __init__(self, base: Body, local: Body, remote: Body) -> None:
        self._was = {block.id: block for block in walk(base) if block.id}
        self._there = {block.id for block in walk(remote)}
        self._gone = self._was.keys() - self._there - {block.id for block in walk(local)}
        self._compared: set[str | None] = {None}
        self.shares = False
        self.copies: dict[str, str] = {}

    def run(self, base: Body, local: Body, remote: Body) -> Adoption | None:
        """Compare the whole bodies; None when they share no change."""
        found = self._level(local, remote)
        restored = self._restored(None, base, found.remote)
        return found._replace(remote=restored, copies=self.copies) if self.shares else None

    def _level(self, local: Body, remote: Body) -> Adoption:
        """Compare siblings, and what is below those that both versions have."""
        mine: list[Block] = list(local)
        theirs: list[Block | None] = list(remote)
        for here, there in _pairs(local, remote, self._was):
            block, found = local[here], remote[there]
            was = self._was.get(found.id or "")
            if was is None:
                mine[here], theirs[there] = _as_written(block, found), None
                self._gone |= {below.id for below in walk(found.children) if below.id in self._was}
                self.shares = True
                if found.id and block.id and block.id in self._was and block.id in self._there:
                    self.copies[found.id] = block.id
            else:
                self._compared.add(found.id)
                below = self._level(block.children, found.children)
                mine[here] = replace(block, children=below.local)
                theirs[there] = replace(self._undone(was, block, found), children=below.remote)
        return Adoption(tuple(mine), tuple(block for block in theirs if block is not None))

    def _undone(self, was: Block, block: Block, found: Block) -> Block:
        if found.same_own(was) or not found.same_own(block):
            return found
        self.shares = True
        return was

    def _restored(self, parent: str | None, base: Body, remote: Body) -> Body:
        """Return the page's blocks with those that both versions deleted or moved alike, each behind the one it followed.

        Only where the two versions were compared: what one of them deleted with everything below it is its own change.
        """
        there = [self._restored_below(block) for block in remote]
        if parent not in self._compared:
            return tuple(there)
        before: str | None = None
        for block in base:
            if block.id is not None and block.id in self._gone:
                places = [at for at, other in enumerate(there, 1) if other.id == before]
                there.insert(places[0] if places else 0, self._without_kept(block))
                self.shares = True
            before = block.id
        return tuple(there)

    def _without_kept(self, block: Block) -> Block:
        children = tuple(self._without_kept(below) for below in block.children if below.id in self._gone)
        return replace(block, children=children)

    def _restored_below(self, block: Block) -> Block:
        was = self._was.get(block.id or "")
        return block if was is None else replace(block, children=self._restored(block.id, was.children, block.children))


def _as_written(block: Block, found: Block) -> Block:
    """Return a block of the file with the ids of what is there of it."""
    begun = [_as_written(*pair) for pair in zip(block.children, found.children, strict=False)]
    return replace(block, id=found.id, children=(*begun, *block.children[len(begun) :]))


def _pairs(local: Body, remote: Body, was: Mapping[str, Block]) -> list[tuple[int, int]]:
    """Return which block of the file is which on the page, in the order of both: as many pairs as there can be."""
    twins = {block.id: block for block in remote if block.id in was}
    head = _common(local, remote, twins)
    tail = _common(local[head:][::-1], remote[head:][::-1], twins)
    mine, theirs = local[head : len(local) - tail], remote[head : len(remote) - tail]
    best = [[(0, 0)] * (len(theirs) + 1) for _ in range(len(mine) + 1)]
    for here in range(len(mine) - 1, -1, -1):
        for there in range(len(theirs) - 1, -1, -1):
            worth = _worth(mine[here], theirs[there], twins, was)
            count, sure = best[here + 1][there + 1]
            both = (count + 1, sure + worth) if worth is not None else (0, 0)
            best[here][there] = max(best[here + 1][there], best[here][there + 1], both)
    return [
        *((at, at) for at in range(head)),
        *((head + here, head + there) for here, there in _walk(best)),
        *((len(local) - at, len(remote) - at) for at in range(tail, 0, -1)),
    ]


def _common(local: Body, remote: Body, twins: Mapping[str | None, Block]) -> int:
    """Return how many blocks both begin with that were there before and can stay."""
    count = 0
    for block, found in zip(local, remote, strict=False):
        if found.id not in twins or block.id != found.id or not can_become(found, block):
            break
        count += 1
    return count


def _walk(best: Sequence[Sequence[tuple[int, int]]]) -> list[tuple[int, int]]:
    found = []
    here = there = 0
    while here < len(best) - 1 and there < len(best[0]) - 1:
        if best[here][there] == best[here + 1][there]:
            here += 1
        elif best[here][there] == best[here][there + 1]:
            there += 1
        else:
            found.append((here, there))
            here, there = here + 1, there + 1
    return found


def _worth(block: Block, found: Block, twins: Mapping[str | None, Block], was: Collection[str | None]) -> int | None:
    """Tell whether a block of the page may be one of the file, and how likely it is beside other pairs.

    A block that can be changed in place into what the file says stands for itself, and one that cannot has to be made anew;
    where one of two new blocks that say the same would have to pass by an agreed one, they are two.
    """
    twin = twins.get(block.id)
    stays = twin is not None and can_become(twin, block)
    if found.id in twins:
        return 2 * stays if found.id == block.id else None
    return int(not stays) if is_beginning((found,), (block,)) and _holds_alike(block, found, was) else None


def _holds_alike(block: Block, found: Block, was: Collection[str | None]) -> bool:
    """Tell whether the agreed blocks that the page has moved below a new one are those that the file has there."""
    return all(
        (there.id not in was or there.id == here.id) and _holds_alike(here, there, was)
        for here, there in zip(block.children, found.children, strict=False)
    )
