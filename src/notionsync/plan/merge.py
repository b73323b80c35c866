"""Three-way merge of fields and of block trees.

Laws, for every base *b* and versions *a*, *c*:

    merge(b, a, b) = a        merge(b, b, c) = c        merge(b, a, a) = a
    merge(b, a, c) and merge(b, c, a) conflict in the same places, with the sides exchanged

Nothing is lost: what a side added is in the result or in a conflict, and a block that both sides kept is in the result
exactly once. What git's line merge calls clean is clean here, with the same text; what it cannot tell apart, such as two
edited neighbours, is told apart by the blocks' ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from notionsync.model import Body, FieldValue
from notionsync.plan.trees import Clash, TreeMerge

__all__ = ["BodyMerge", "Clash", "FieldMerge", "merge_bodies", "merge_fields"]

Side = Literal["local", "notion"]


@dataclass(frozen=True, slots=True)
class FieldMerge:
    """The merge of two versions of a front matter.

    Attributes:
        values: Merged value of each key; a key without a value is left out. The local value where there is a conflict.
        conflicts: Keys that both sides changed differently, in alphabetical order.
    """

    values: Mapping[str, FieldValue]
    conflicts: tuple[str, ...] = ()


def merge_fields(
    base: Mapping[str, FieldValue], local: Mapping[str, FieldValue], remote: Mapping[str, FieldValue]
) -> FieldMerge:
    """Merge fields key by key; None and a missing key are the same.

    Tuples merge as sets: what either side removed is gone, what either side added is there. The order is the base's,
    then that of the local additions, then that of the remote ones.
    """
    values: dict[str, FieldValue] = {}
    conflicts: list[str] = []
    for key in sorted({*base, *local, *remote}):
        old, mine, theirs = base.get(key), local.get(key), remote.get(key)
        if theirs in (mine, old):
            merged = mine
        elif mine == old:
            merged = theirs
        elif all(value is None or isinstance(value, tuple) for value in (old, mine, theirs)):
            merged = _merge_sets(*(value if isinstance(value, tuple) else () for value in (old, mine, theirs)))
        else:
            merged = mine
            conflicts.append(key)
        if merged is not None:
            values[key] = merged
    return FieldMerge(values, tuple(conflicts))


def _merge_sets(base: tuple[str, ...], local: tuple[str, ...], remote: tuple[str, ...]) -> tuple[str, ...]:
    kept = [value for value in base if value in local and value in remote]
    added = [value for value in (*local, *remote) if value not in base]
    return tuple(dict.fromkeys((*kept, *added)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyMerge:
    """The merge of two versions of a body.

    Attributes:
        body: The merged tree, with the local version where there is a conflict.
        notion: The merged tree, with the Notion version where there is a conflict.
        conflicts: Where the two differ, in reading order of `body`.
    """

    body: Body
    notion: Body
    conflicts: tuple[Clash, ...] = ()

    def take(self, side: Side) -> Body:
        """Return the merged tree with every conflict decided for one side."""
        return self.body if side == "local" else self.notion


def merge_bodies(base: Body, local: Body, remote: Body) -> BodyMerge:
    """Merge two versions of a block tree.

    Args:
        base: What both sides held when they last agreed; its blocks carry the ids they had in Notion.
        local: The file's version, after `align(base, local)`: a block without an id is new.
        remote: What Notion holds. An id that the base does not have is new.

    How it decides:

    * Siblings are merged as sequences of ids (diff3); blocks that both sides kept are merged in turn: what they say by
      themselves, then their children.
    * One block's own content: the side that changed it wins; two changes merge when they are apart (`merge_text`), key
      by key in its attributes; else they clash, together with what a side split off the block (Enter in its middle).
    * Deleted on one side and edited on the other, itself or anything below it: a clash. Moved on one side: the block
      is at its new place, with the other side's edits. Moved and deleted: it stays, at its new place.
    * New on both sides at one place: once if equal, else a clash. Nothing is ever concatenated.
    * What both sides moved to different places, or into each other: a clash of the siblings that hold both places, in
      the last resort of the whole body.
    * A table whose width changed, or a block that changed its type or cannot fold any more, against a change of what
      is below it: a clash of the whole block.
    """
    merged = TreeMerge(base, local, remote).run()
    return BodyMerge(body=merged.local, notion=merged.notion, conflicts=merged.clashes)
