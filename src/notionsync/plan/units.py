"""The units of a question, and what becomes of each: one front matter key, or the body.

See `notionsync.plan.reconcile` for the table that decides them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

from notionsync.convert.properties import read_only
from notionsync.model import (
    Block,
    Body,
    FieldValue,
    Notice,
    Property,
)
from notionsync.plan.action import Local, Policy
from notionsync.plan.align import align
from notionsync.plan.markers import has_markers
from notionsync.plan.merge import BodyMerge, merge_bodies, merge_fields
from notionsync.plan.unfinished import adopt, once, without

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unit(Generic[T]):
    """What file, page and base shall hold of one unit.

    `clash`: it is left for a person. `stale`: the page moved on, and a push may not go over it. `loser`: whose version
    gave way. `merge`: a body whose clashes are to be written into the file as markers. `unfinished`: the page holds the
    beginning of an interrupted push, which a pull leaves as it is.
    """

    file: T
    page: T
    base: T
    clash: bool = False
    stale: bool = False
    loser: Literal["", "local", "notion"] = ""
    merge: BodyMerge | None = None
    unfinished: bool = False


class Units:
    """Decides the units of a question.

    Args:
        policy: How to decide.
        properties: Front matter key → Notion property.
    """

    def __init__(self, policy: Policy, properties: Mapping[str, Property]) -> None:
        self.policy = policy
        self.properties = properties

    def fields(
        self, base: Mapping[str, FieldValue], local: Mapping[str, FieldValue], remote: Mapping[str, FieldValue]
    ) -> tuple[dict[str, Unit[FieldValue]], tuple[Notice, ...]]:
        """Decide each mapped key; return also what a person should know."""
        merged = merge_fields(base, local, remote)
        units: dict[str, Unit[FieldValue]] = {}
        notices = []
        for key, prop in self.properties.items():
            b, mine, theirs = base.get(key), local.get(key), remote.get(key)
            if read_only(prop.type) and mine not in (b, theirs):
                notices.append(computed(key, prop))
                units[key] = Unit(mine, theirs, b) if theirs == b else Unit(theirs, theirs, theirs)
            elif _is_empty(mine) and _is_empty(theirs):
                units[key] = Unit(mine, theirs, mine)
            else:
                units[key] = self._decide(
                    b, mine, theirs, None if key in merged.conflicts else (merged.values.get(key),)
                )
        return units, tuple(notices)

    def body(self, base: Body, local: Local, remote: Body) -> Unit[Body]:
        """Decide the body of a question that was agreed on before."""
        mine = local.answer.body
        if has_markers(local.answer.document.text):
            return Unit(mine, remote, base, clash=True)
        if base in (mine, remote) or mine == remote:
            return self._decide(base, mine, remote, None)
        found = adopt(base, mine, remote)
        if found is None:
            return self._once(base, mine, remote)
        if self.policy.direction == "pull":
            unfinished = found.remote == base or found.copies
            return Unit(mine, remote, base, unfinished=True) if unfinished else self._once(base, mine, remote)
        unit = self._once(base, found.local, found.remote)
        # What was moved here and moved or edited there meanwhile is on the page twice: its copy goes, so that nobody has to
        # choose between the two.
        double = unit.clash or unit.merge or found.is_double(unit.page)
        return self._once(base, mine, without(remote, found.copies)) if double else unit

    def _once(self, base: Body, mine: Body, remote: Body) -> Unit[Body]:
        """Decide a body so that what is new on both sides is there once, in the place that Notion has it if need be."""
        absent, named = once(base, mine, remote)
        unit = self._merged(base, named, remote)
        if absent != named and (unit.clash or unit.merge):
            other = self._merged(base, absent, remote)
            return unit if other.clash or other.merge else other
        return unit

    def _merged(self, base: Body, mine: Body, remote: Body) -> Unit[Body]:
        if base in (mine, remote) or mine == remote or self.policy.direction == "push":  # a push merges nothing
            return self._decide(base, mine, remote, None)
        merge = merge_bodies(base, mine, remote)
        if not merge.conflicts:
            return self._agree(merge.body, remote)
        match self.policy.on_conflict:
            case "local":
                return replace(self._agree(merge.take("local"), remote), loser="notion")
            case "notion":
                return replace(self._agree(merge.take("notion"), remote), loser="local")
            case "markers":
                return Unit(mine, remote, remote, merge=merge)
            case _:
                return self._decide(base, mine, remote, None)

    def first_body(self, local: Body, remote: Body) -> Unit[Body]:
        """Decide a body that was never agreed on: an empty one yields to a full one."""
        nothing: Body = ()
        mine, theirs = align(remote, _filled(local)), _filled(remote)
        if mine == theirs or (not theirs and self.policy.direction == "pull"):
            return Unit(local, remote, remote)
        unit = self._decide(nothing, mine, theirs, None)
        if unit.file == mine:
            unit = replace(unit, file=local)
        if unit.clash and self.policy.on_conflict == "markers":
            merge = merge_bodies(nothing, mine, remote)
            if merge.conflicts:
                return Unit(local, remote, remote, merge=merge)
            return self._agree(merge.body, remote)
        return unit

    def _decide(self, base: T, local: T, remote: T, merged: tuple[T] | None) -> Unit[T]:
        """Decide one unit; `merged` holds the merge of two edits, or is None where they cannot be merged."""
        if local == remote:
            return Unit(local, remote, local)
        if remote == base:
            return self._agree(local, remote)
        if self.policy.direction == "push":
            return Unit(local, remote, base, stale=True)
        if local == base:
            return Unit(remote, remote, remote)
        if merged is not None:
            (both,) = merged
            return self._agree(both, remote)
        match self.policy.on_conflict:
            case "local":
                return replace(self._agree(local, remote), loser="notion")
            case "notion":
                return Unit(remote, remote, remote, loser="local")
            case _:
                return Unit(local, remote, base, clash=True)

    def _agree(self, both: T, remote: T) -> Unit[T]:
        """Return what both sides shall hold; a pull leaves the page to a push."""
        return Unit(both, remote, remote) if self.policy.direction == "pull" else Unit(both, both, both)


def computed(key: str, prop: Property) -> Notice:
    """Return what to say of a value that only Notion computes."""
    advice = f"take it back, or take {key} out of [properties]"
    return Notice("NS-READ-ONLY", f"{key}: Notion computes {prop.name}; the edit is not sent: {advice}")


def _is_empty(value: FieldValue) -> bool:
    """Tell whether a value says nothing to a reader: no list, no text, no tick. The number 0 says something."""
    return value is None or value is False or value in {"", ()}


def _filled(body: Body) -> Body:
    """Return a body, or nothing when it holds only empty paragraphs, as a page does that was opened and left."""
    return body if any(block != Block(type="paragraph") for block in body) else ()
