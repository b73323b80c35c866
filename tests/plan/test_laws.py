"""The laws of planning, on three versions of a question that come from one, by their numbers.

P8, P11 and P13 speak of whole runs (scenarios 10, 149 and 150), P12 of guards (tests/plan/test_guards.py), P14 of merges
(tests/plan/test_merge.py). A question whose text nobody can write is refused, so it is no case here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.plan.mirror import Mirror, agreed_on
from tests.plan.questions import file, numbered
from tests.plan.trees import World, change

from notionsync.convert import parse, render
from notionsync.errors import ContentError
from notionsync.model import Block, Body, FieldValue, walk
from notionsync.plan.action import Action, Choice, Direction
from notionsync.plan.align import align

DIRECTIONS: tuple[Direction, ...] = ("sync", "pull", "push")
CHOICES: tuple[Choice, ...] = ("fail", "local", "notion")

numbers = st.integers(0, 1999)
"""Worlds, each by the number that decides everything in it: few enough that all of them were tried."""


def said(body: Body) -> set[str]:
    """Return the words of a body that stand in it alone."""
    return set(re.findall(r"\b(?:n\d+|[hr]\d+x)\b", " ".join(str(block) for block in walk(body))))


class Worlds:
    """Makes one question, and two people who change it."""

    def __init__(self, number: int) -> None:
        self.rng = Random(number)  # noqa: S311 - a world that can be made again, no secret
        self.world = World(self.rng, pinned=False)
        self._words = 0

    def begun(self) -> Mirror:
        """Return a question in step."""
        body = parse(render(self.world.tree(5, 2))).body
        data = file(render(body), order="1", tags="[a, b]")
        body = numbered(parse(render(body)).body)
        return agreed_on(data, {"question": "A?", "order": 1, "tags": ("a", "b")}, body)

    def damaged(self, old: Mirror, *, here: bool = True, there: bool = True, missing: float = 0.1) -> Mirror:
        """Return the question after its people were at work on either side."""
        assert old.body is not None
        new = old
        if here:
            body = self._reworded(self.world.damaged(old.body, "h"), "h")
            new = replace(new, file=file(render(body), **self._written(self._values(old.fields, "h"))))
        if there:
            body = self._reworded(self.world.damaged(old.body, "r"), "r")
            new = replace(new, body=body, fields=self._values(old.fields, "r"))
        if here and self.rng.random() < missing:
            return replace(new, file=None)
        return replace(new, trashed=True) if there and self.rng.random() < missing else new

    def _reworded(self, body: Body, side: str) -> Body:
        """Return a body in which one more block says a word like no other."""
        known = [block.id for block in walk(body) if block.text]
        if not known or self.rng.random() < 0.5:
            return body
        self._words += 1
        word = f"{side}{self._words}x"

        def with_word(old: Block) -> list[Block]:
            text = old.text[0]
            return [replace(old, text=(replace(text, text=f"{text.text} {word}"),))]

        return tuple(change(body, self.rng.choice(known), with_word))

    def _values(self, old: Mapping[str, FieldValue], side: str) -> dict[str, FieldValue]:
        values = dict(old)
        if self.rng.random() < 0.2:
            values["order"] = self.rng.randint(1, 3)
        if self.rng.random() < 0.2:
            values["tags"] = tuple(self.rng.sample(["a", "b", "c"], self.rng.randint(1, 3)))
        if self.rng.random() < 0.1:
            values["question"] = f"{side.upper()}?"
        return values

    @staticmethod
    def _written(values: Mapping[str, FieldValue]) -> dict[str, str]:
        tags = values["tags"]
        assert isinstance(tags, tuple)
        return {"question": str(values["question"]), "order": str(values["order"]), "tags": f"[{', '.join(tags)}]"}


def _planned(world: Mirror, direction: Direction = "sync", choice: Choice = "fail") -> Action | None:
    """Plan a run; a world whose text nobody can write is no case: the question is refused, and nothing is done."""
    try:
        return world.plan(direction, choice)
    except ContentError:
        assume(False)
        raise


def _done(world: Mirror, action: Action | None, direction: Direction = "sync") -> Mirror:
    """Carry a plan out; a page that is restored is planned once more."""
    try:
        return world.after(action, direction)
    except ContentError:
        assume(False)
        raise


def _same(world: Mirror) -> bool:
    return world.here == world.there


def _still(action: Action | None) -> bool:
    """Tell whether nothing would be written."""
    return action is None or not (action.writes_file or action.writes_page or action.base is not None)


@given(numbers)
@settings(max_examples=125, derandomize=True)
def test_p01_convergence(number: int) -> None:
    """After a sync without a conflict both sides and the base say the same."""
    worlds = Worlds(number)
    world = worlds.damaged(worlds.begun())
    action = _planned(world)
    assume(action is None or not action.conflicts)
    after = _done(world, action)
    again = _planned(after)
    assume(again is None or not again.conflicts)  # a page that was restored may have one
    assert _same(after), (action, after.here, after.there)
    assert (after.record is None) == (after.file is None)
    if after.record is not None:
        assert replace(after, file=after.record.base).here == after.here


@given(numbers)
@settings(max_examples=125, derandomize=True)
def test_p02_idempotence(number: int) -> None:
    """The second run plans nothing, or leaves the same conflict as it is."""
    worlds = Worlds(number)
    world = worlds.damaged(worlds.begun())
    first = _planned(world)
    after = _done(world, first)
    again = _planned(after)
    assert _still(again), again
    if first is not None and first.verb == "update" and again is not None:
        assert [c.unit for c in again.conflicts] == [c.unit for c in first.conflicts]


@given(numbers, st.sampled_from(DIRECTIONS), st.sampled_from(CHOICES))
@settings(max_examples=125, derandomize=True)
def test_p03_no_lost_content(number: int, direction: Direction, choice: Choice) -> None:
    """What either side said and the base did not is on a side afterwards, or among what was put aside."""
    worlds = Worlds(number)
    begun = worlds.begun()
    world = worlds.damaged(begun)
    assert begun.body is not None
    here, there = (said(side[1]) if side else set() for side in (world.here, world.there))
    action = _planned(world, direction, choice)
    after = _done(world, action, direction)
    kept = b" ".join(action.kept.values()).decode() if action is not None else ""
    found = set(re.findall(r"\b(?:n\d+|[hr]\d+x)\b", kept))
    for side in (after.here, after.there):
        found |= said(side[1]) if side else set()
    assert ((here | there) - said(begun.body)) <= found
    assert here & there <= found


@given(numbers, st.booleans())
@settings(max_examples=125, derandomize=True)
def test_p04_p05_one_sided_changes_arrive_and_do_not_echo(number: int, mine: bool) -> None:
    """The other side becomes what the changed one is, and the changed one is not written."""
    worlds = Worlds(number)
    world = worlds.damaged(worlds.begun(), here=mine, there=not mine, missing=0.0)
    action = _planned(world)
    assert action is not None
    assert not action.conflicts
    assert not (action.writes_file if mine else action.writes_page)
    after = _done(world, action)
    assert after.here == after.there == (world.here if mine else world.there)


@given(numbers)
@settings(max_examples=125, derandomize=True)
def test_p06_symmetry(number: int) -> None:
    """With the sides exchanged the same fields are in conflict, and what is clean says the same.

    Bodies are merged alike (tests/plan/test_merge.py), but what both added stands where Notion has it, which may settle
    what the other way round is a conflict.
    """
    worlds = Worlds(number)
    begun = worlds.begun()
    world = worlds.damaged(begun, missing=0.0)
    here, there = world.here, world.there
    assert here is not None
    assert there is not None
    assert world.file is not None
    swapped = replace(world, file=_as_file(there), fields=here[0], body=_as_page(here[1], begun))
    world = replace(world, body=_as_page(there[1], begun))
    first, second = _planned(world), _planned(swapped)
    assert first is not None
    assert second is not None
    fields = [[c.unit for c in action.conflicts if c.unit != "body"] for action in (first, second)]
    assert fields[0] == fields[1]
    if not first.conflicts and not second.conflicts:
        assert _done(world, first).here == _done(swapped, second).here


@given(numbers)
@settings(max_examples=125, derandomize=True)
def test_p07_crash_safety(number: int) -> None:
    """Stopped after any write, the next run brings both sides together, with every word of an uninterrupted one.

    Where a block was moved here and edited there, what is left of the move may be a conflict, or stand elsewhere.
    """
    worlds = Worlds(number)
    world = worlds.damaged(worlds.begun())
    action = _planned(world)
    assume(action is not None and action.verb == "update" and not action.conflicts)
    assert action is not None
    expected = _done(world, action)
    begun = world.sent(action)
    for edit in action.edits:
        _same_end(begun, expected)
        begun = begun.written(edit)
    _same_end(begun, expected)
    _same_end(begun.saved(action), expected)


def _same_end(begun: Mirror, expected: Mirror) -> None:
    action = _planned(begun)
    ended = _done(begun, action)
    if action is not None and action.conflicts:
        words = [said(side[1]) for side in (ended.here, ended.there, expected.here) if side]
        assert words[2] <= words[0] | words[1]
        return
    assert ended.here == ended.there
    assert ended.here is not None
    assert expected.here is not None
    assert ended.here[0] == expected.here[0]
    assert said(expected.here[1]) <= said(ended.here[1])


@given(numbers, st.sampled_from(DIRECTIONS), st.sampled_from(CHOICES))
@settings(max_examples=125, derandomize=True)
def test_p09_state_soundness(number: int, direction: Direction, choice: Choice) -> None:
    """What is recorded is what the page holds, but for what is held back; the state has no half of a question."""
    worlds = Worlds(number)
    world = worlds.damaged(worlds.begun())
    action = _planned(world, direction, choice)
    after = _done(world, action, direction)
    if action is None or action.base is None or action.held or after.there is None:
        return
    assert after.record is not None
    assert replace(after, file=after.record.base).here == after.there


@given(numbers)
@settings(max_examples=125, derandomize=True)
def test_p10_termination(number: int) -> None:
    """Whatever was run before, in any direction: two syncs later nothing is left to do but what a person has to decide."""
    worlds = Worlds(number)
    world = worlds.damaged(worlds.begun())
    choose = worlds.rng.choice
    runs = [(choose(DIRECTIONS), choose(CHOICES)) for _ in range(worlds.rng.randrange(5))]
    for direction, choice in [*runs, ("sync", "fail"), ("sync", "fail")]:
        world = _done(world, _planned(world, direction, choice), direction)
    assert _still(_planned(world))


def _as_file(said_there: tuple[Mapping[str, FieldValue], Body]) -> bytes:
    return file(render(said_there[1]), **Worlds._written(said_there[0]))


def _as_page(body: Body, begun: Mirror) -> Body:
    """Return what a file says as a page that holds it: known blocks with their ids, others with ids of their own."""
    assert begun.body is not None
    count = iter(range(10_000))

    def named(blocks: Body) -> Body:
        return tuple(replace(b, id=b.id or f"new{next(count)}", children=named(b.children)) for b in blocks)

    return named(align(begun.body, body))
