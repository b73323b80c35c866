"""The merge of block trees behind `notionsync.plan.merge`, whose rules it follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from notionsync.convert.richtext import plain
from notionsync.model import Block, Body, RichText, walk
from notionsync.plan.sequence import regions
from notionsync.plan.text import merge_lines, merge_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A stretch of siblings that both sides changed in ways that do not go together.

    Attributes:
        base: The stretch as it was.
        local: The stretch as the file has it; empty when the file deleted it.
        remote: The stretch as Notion has it; empty when Notion deleted it.
        parent: Id of the block it is below; None for the page itself, and for a block that is new.
        path: Where that parent is in the merged body: a place among the top-level blocks, then among its children,
            and so on; empty for the page itself.
        start: Where `local` begins among the parent's children in the merged body.
    """

    base: Body
    local: Body
    remote: Body
    parent: str | None = None
    path: tuple[int, ...] = ()
    start: int = 0


@dataclass(frozen=True, slots=True)
class Merged:
    """Siblings after a merge.

    Attributes:
        local: With the clashes decided for the file.
        notion: With the clashes decided for Notion.
        clashes: Placed relative to `local`.
    """

    local: Body = ()
    notion: Body = ()
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Three versions of neighbouring siblings, and their merge."""

    base: Body
    local: Body
    remote: Body
    merged: Merged


class TreeMerge:
    """One merge of three versions of a tree.

    A block's content is merged by its id wherever the block is placed, so an edit follows it when the other side moves it.
    """

    def __init__(self, base: Body, local: Body, remote: Body) -> None:
        self._versions = (base, local, remote)
        self._base, self._local, self._remote = (_by_id(body) for body in self._versions)
        self._kept_ids = self._local.keys() & self._remote.keys()
        self._open: set[str] = set()
        self._tangled = False

    def run(self) -> Merged:
        """Return the merge; the whole body as one clash where moves have no common result."""
        merged = self._siblings(*self._versions)
        damaged = any(_offenders(walk(side), self._kept_ids) for side in (merged.local, merged.notion))
        return _clash(*self._versions) if self._tangled or damaged else merged

    # -- siblings ----------------------------------------------------------------------------------------------------

    def _siblings(self, base: Body, local: Body, remote: Body) -> Merged:
        stretches: list[_Stretch] = []
        for region in regions(_keys(base, "base"), _keys(local, "local"), _keys(remote, "remote")):
            versions = (base[region.base], local[region.ours], remote[region.theirs])
            stretches.extend(self._kept(*versions) if region.same else self._with_split_off(stretches, *versions))
        kept = _ids(local) & _ids(remote)
        return _join(stretch.merged for stretch in _settle(stretches, kept))

    def _kept(self, base: Body, local: Body, remote: Body) -> Iterator[_Stretch]:
        for old, mine, theirs in zip(base, local, remote, strict=True):
            yield _Stretch((old,), (mine,), (theirs,), self._block(old, mine, theirs))

    def _with_split_off(self, before: list[_Stretch], base: Body, local: Body, remote: Body) -> list[_Stretch]:
        """Merge a changed stretch, but for what one side split off the block before it, about which there is a clash.

        That goes with the clash: beside the other side's version, which holds it still, it would be there twice.
        """
        stretches = []
        if not base and before and not (local and remote) and (count := self._split_off(before[-1], local, remote)):
            stretches.append(_as_one((before.pop(), _Stretch((), local[:count], remote[:count], Merged()))))
            local, remote = local[count:], remote[count:]
        if base or local or remote:
            stretches.append(_Stretch(base, local, remote, self._changed(base, local, remote)))
        return stretches

    def _split_off(self, before: _Stretch, local: Body, remote: Body) -> int:
        """Return how many of the blocks that one side inserted say what it took away from the block before them."""
        if len(before.base) != 1 or not any(not clash.path for clash in before.merged.clashes):
            return 0
        (old,), (now,) = before.base, before.local if local else before.remote
        if not old.children == before.local[0].children == before.remote[0].children:
            return 0
        was, says = plain(old.text), plain(now.text)

        def is_part(block: Block) -> bool:
            text = plain(block.text).strip()
            return block.id not in self._base and bool(text) and text in was and text not in says

        return sum(1 for _ in takewhile(is_part, local or remote))

    def _changed(self, base: Body, local: Body, remote: Body) -> Merged:
        """Merge a stretch whose sequence of blocks was changed by one side at least."""
        old = _keys(base, "base")
        if _keys(local, "local") == old:
            return self._changed_by_one(base, local, remote, by_remote=True)
        if _keys(remote, "remote") == old:
            return self._changed_by_one(base, local, remote, by_remote=False)
        return self._changed_by_both(base, local, remote)

    def _changed_by_one(self, base: Body, local: Body, remote: Body, *, by_remote: bool) -> Merged:
        """Merge a stretch whose sequence one side changed, while the other may have edited its blocks."""
        other, changed, places = (local, remote, self._remote) if by_remote else (remote, local, self._local)
        pairs = list(zip(base, other, strict=True))
        lost = {old.id for old, now in pairs if old.id not in places and now != old}
        if not lost:
            return _join(self._place(block) for block in changed)
        stays = [block.id for block in changed]
        if stays != [block.id for block in base if block.id in set(stays)]:
            return _clash(base, local, remote)
        # Nothing but deletions: a clash need not reach beyond the block that was edited.
        parts = []
        for old, now in pairs:
            if old.id in lost:
                parts.append(_clash((old,), (now,), ()) if by_remote else _clash((old,), (), (now,)))
            elif old.id in stays:
                parts.append(self._place(now))
        return _join(parts)

    def _changed_by_both(self, base: Body, local: Body, remote: Body) -> Merged:
        """Merge what both sides did alike at the ends of a stretch; the rest between is a clash.

        It is none where one side only went on after what both began: it was interrupted, or had not seen more.
        """
        head = self._agreed(zip(local, remote, strict=False))
        mine, theirs = local[len(head) :], remote[len(head) :]
        tail = self._agreed(zip(reversed(mine), reversed(theirs), strict=False))[::-1]
        mine, theirs = mine[: len(mine) - len(tail)], theirs[: len(theirs) - len(tail)]
        if not (mine and theirs) and (head or tail) and not _ids((*mine, *theirs)) & self._base.keys():
            between = _join(self._place(block) for block in (*mine, *theirs))
        elif mine or theirs:
            agreed = _ids((*head, *tail))
            between = self._rest(tuple(block for block in base if block.id not in agreed), mine, theirs)
        else:
            between = Merged()
        return _join((*map(self._place, head), between, *map(self._place, tail)))

    def _rest(self, base: Body, local: Body, remote: Body) -> Merged:
        """Merge what is left of a stretch beside what both sides did alike: a clash unless one side did no more."""
        if _keys(base, "base") == _keys(local, "local"):
            return self._changed_by_one(base, local, remote, by_remote=True)
        if _keys(base, "base") == _keys(remote, "remote"):
            return self._changed_by_one(base, local, remote, by_remote=False)
        return _clash(base, local, remote)

    def _agreed(self, pairs: Iterable[tuple[Block, Block]]) -> list[Block]:
        """Return the blocks that both sides have at one place, until the first difference."""
        found = takewhile(lambda block: block is not None, (self._one_of(*pair) for pair in pairs))
        return [block for block in found if block is not None]

    def _one_of(self, local: Block, remote: Block) -> Block | None:
        """Return the one block that two blocks at one place are: the same block, or the same addition."""
        if local.id is not None and local.id == remote.id:
            return remote
        if {local.id, remote.id} & self._base.keys() or local.id in self._remote or remote.id in self._local:
            return None
        if _begins(remote, local):
            return remote
        return _with_ids(local, remote) if _begins(local, remote) else None

    # -- one block ---------------------------------------------------------------------------------------------------

    def _place(self, block: Block) -> Merged:
        """Merge a block that stands where at least one side put it."""
        if block.id is None or (block.id not in self._base and block.id not in self._kept_ids):
            return _below(block, _join(self._place(child) for child in block.children))
        if block.id in self._open:  # each side put the block and another one into each other
            self._tangled = True
            return Merged()
        self._open.add(block.id)
        base, local, remote = self._base.get(block.id), self._local.get(block.id), self._remote.get(block.id)
        merged = self._block(base, local, remote) if local and remote else _moved(base, local, remote)
        self._open.remove(block.id)
        return merged

    def _block(self, base: Block | None, local: Block, remote: Block) -> Merged:
        """Merge a block that both sides kept."""
        if base is not None and _breaks_children(base, local, remote):
            return _clash((base,), (local,), (remote,))
        children = self._siblings(base.children if base else (), local.children, remote.children)
        own = _merge_own(base, local, remote)
        if own is not None:
            return _below(own, children)
        mine, theirs = replace(local, children=children.local), replace(remote, children=children.notion)
        return _clash(_some(base), (mine,), (theirs,))


def _moved(base: Block | None, local: Block | None, remote: Block | None) -> Merged:
    """Merge a block that one side moved and the other deleted: the move keeps it, unless it was edited, too."""
    now = _some(local, remote)
    return Merged(now, now) if now == _some(base) else _clash(_some(base), _some(local), _some(remote))


def _breaks_children(base: Block, local: Block, remote: Block) -> bool:
    """Tell whether one side changed what can be below a block, and the other side what is."""
    old, mine, theirs = _shape(base), _shape(local), _shape(remote)
    if mine == theirs:
        return False
    return (mine != old and remote.children != base.children) or (theirs != old and local.children != base.children)


def _shape(block: Block) -> tuple[Any, ...]:
    return block.type, bool(block.attrs.get("is_toggleable")), block.attrs.get("table_width")


# --- one block's own content ---------------------------------------------------------------------------------------


def _merge_own(base: Block | None, local: Block, remote: Block) -> Block | None:
    """Merge what a block says by itself; None when both sides changed it in ways that do not go together."""
    if local.same_own(remote) or (base and local.same_own(base)):
        return remote
    if base and remote.same_own(base):
        return local
    if base is None or not base.type == local.type == remote.type:
        return None
    merge = merge_lines if base.type == "code" else merge_text
    text = merge(base.text, local.text, remote.text)
    caption = merge_text(base.caption, local.caption, remote.caption)
    cells = _merge_cells(base.cells, local.cells, remote.cells)
    attrs = _merge_attrs(base.attrs, local.attrs, remote.attrs)
    if text is None or caption is None or cells is None or attrs is None:
        return None
    return replace(remote, text=text, caption=caption, cells=cells, attrs=attrs)


def _begins(whole: Block, part: Block) -> bool:
    """Tell whether a block is another one, or the beginning of it: the same, with fewer children at some ends."""
    return (
        whole.same_own(part)
        and len(part.children) <= len(whole.children)
        and all(map(_begins, whole.children, part.children))
    )


def _with_ids(whole: Block, part: Block) -> Block:
    """Return a block with the ids of what is its beginning."""
    children = tuple(map(_with_ids, whole.children, part.children))
    return replace(whole, id=part.id, children=(*children, *whole.children[len(children) :]))


def _merge_cells(
    base: tuple[RichText, ...], local: tuple[RichText, ...], remote: tuple[RichText, ...]
) -> tuple[RichText, ...] | None:
    if remote in (base, local):
        return local
    if local == base:
        return remote
    if not len(base) == len(local) == len(remote):
        return None
    merged = [merge_text(*cell) for cell in zip(base, local, remote, strict=True)]
    cells = tuple(cell for cell in merged if cell is not None)
    return cells if len(cells) == len(merged) else None


def _merge_attrs(base: Mapping[str, Any], local: Mapping[str, Any], remote: Mapping[str, Any]) -> dict[str, Any] | None:
    merged: dict[str, Any] = {}
    for key in sorted({*base, *local, *remote}):
        old, mine, theirs = ({key: attrs[key]} if key in attrs else {} for attrs in (base, local, remote))
        if mine != theirs and old not in (mine, theirs):
            return None
        merged |= theirs if mine == old else mine
    return merged


# --- stretches of siblings ------------------------------------------------------------------------------------------


def _settle(stretches: list[_Stretch], kept: set[str]) -> list[_Stretch]:
    """Make one clash of the stretches between two places to which the sides moved one block, until there are none."""
    while True:
        bad = _offenders((b for s in stretches for b in s.merged.local), kept)
        bad |= _offenders((b for s in stretches for b in s.merged.notion), kept)
        places = [i for i, s in enumerate(stretches) if bad & _ids((*s.local, *s.remote))]
        if len(places) < 2:
            return stretches
        first, last = places[0], places[-1] + 1
        stretches[first:last] = [_as_one(stretches[first:last])]


def _as_one(stretches: Sequence[_Stretch]) -> _Stretch:
    base = tuple(block for stretch in stretches for block in stretch.base)
    local = tuple(block for stretch in stretches for block in stretch.local)
    remote = tuple(block for stretch in stretches for block in stretch.remote)
    return _Stretch(base, local, remote, _clash(base, local, remote))


def _offenders(blocks: Iterable[Block], kept: set[str]) -> set[str]:
    """Return the ids that occur twice, or that both sides kept and that are missing."""
    counts = Counter(block.id for block in blocks if block.id is not None)
    return {id_ for id_, count in counts.items() if count > 1} | (kept - counts.keys())


def _clash(base: Body, local: Body, remote: Body) -> Merged:
    return Merged(local, remote, (Clash(base=base, local=local, remote=remote),))


def _join(parts: Iterable[Merged]) -> Merged:
    """Put merged stretches one after another."""
    local: list[Block] = []
    notion: list[Block] = []
    clashes: list[Clash] = []
    for part in parts:
        clashes.extend(_shifted(clash, len(local)) for clash in part.clashes)
        local.extend(part.local)
        notion.extend(part.notion)
    return Merged(tuple(local), tuple(notion), tuple(clashes))


def _shifted(clash: Clash, by: int) -> Clash:
    if clash.path:
        return replace(clash, path=(clash.path[0] + by, *clash.path[1:]))
    return replace(clash, start=clash.start + by)


def _below(block: Block, children: Merged) -> Merged:
    """Put merged children below their parent."""
    clashes = tuple(
        replace(clash, path=(0, *clash.path), parent=clash.parent if clash.path else block.id)
        for clash in children.clashes
    )
    local, notion = replace(block, children=children.local), replace(block, children=children.notion)
    return Merged((local,), (notion,), clashes)


def _keys(body: Body, version: str) -> list[Hashable]:
    """Return what tells each sibling: its id; a block without one is like no other."""
    return [(version, place) if block.id is None else block.id for place, block in enumerate(body)]


def _ids(body: Iterable[Block]) -> set[str]:
    return {block.id for block in body if block.id is not None}


def _by_id(body: Body) -> dict[str, Block]:
    return {block.id: block for block in walk(body) if block.id is not None}


def _some(*blocks: Block | None) -> Body:
    return tuple(block for block in blocks if block is not None)
