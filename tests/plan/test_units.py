"""What becomes of one unit: what file, page and base shall hold of it, and what is said of it."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from tests.plan.questions import PROPERTIES, base, file, local, numbered, remote
from tests.plan.trees import block, identical, ids, said

from notionsync.convert import parse
from notionsync.model import Block, Body, FieldValue
from notionsync.plan.action import Choice, Direction, Policy
from notionsync.plan.units import Unit, Units

DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
CHOICES: tuple[Choice, ...] = get_args(Choice)


def units(direction: Direction = "sync", on_conflict: Choice = "fail") -> Units:
    """Return what decides units."""
    return Units(Policy(direction=direction, on_conflict=on_conflict), PROPERTIES)


# --- one key of the front matter --------------------------------------------------------------------------------------

STALE: dict[str, Any] = {"stale": True}
CLASH: dict[str, Any] = {"clash": True}
MINE: dict[str, Any] = {"loser": "notion"}
THEIRS: dict[str, Any] = {"loser": "local"}

# base, local, remote: file, page, base afterwards in a pull, in a push, in a sync
EVERY_CHOICE = {
    "nothing changed": (1, 1, 1, Unit(1, 1, 1), Unit(1, 1, 1), Unit(1, 1, 1)),
    "changed alike": (1, 2, 2, Unit(2, 2, 2), Unit(2, 2, 2), Unit(2, 2, 2)),
    "only the file": (1, 2, 1, Unit(2, 1, 1), Unit(2, 2, 2), Unit(2, 2, 2)),
    "only the page": (1, 1, 3, Unit(3, 3, 3), Unit(1, 3, 1, **STALE), Unit(3, 3, 3)),
    "removed here": (1, None, 1, Unit(None, 1, 1), Unit(None, None, None), Unit(None, None, None)),
    "removed there": (1, 1, None, Unit(None, None, None), Unit(1, None, 1, **STALE), Unit(None, None, None)),
    "lists": (
        ("a", "b"),
        ("a", "c"),
        ("a", "b", "d"),
        Unit(("a", "c", "d"), ("a", "b", "d"), ("a", "b", "d")),
        Unit(("a", "c"), ("a", "b", "d"), ("a", "b"), **STALE),
        Unit(("a", "c", "d"), ("a", "c", "d"), ("a", "c", "d")),
    ),
    "zero here": (None, 0, None, Unit(0, None, None), Unit(0, 0, 0), Unit(0, 0, 0)),
    "zero there": (None, None, 0, Unit(0, 0, 0), Unit(None, 0, None, **STALE), Unit(0, 0, 0)),
    "empty text": (None, "", None, Unit("", None, ""), Unit("", None, ""), Unit("", None, "")),
    "no list": (("a",), None, (), Unit(None, (), None), Unit(None, (), None), Unit(None, (), None)),
    "no tick": (None, None, False, Unit(None, False, None), Unit(None, False, None), Unit(None, False, None)),
}


@pytest.mark.parametrize("on_conflict", CHOICES)
@pytest.mark.parametrize(("was", "mine", "theirs", "pull", "push", "sync"), EVERY_CHOICE.values(), ids=EVERY_CHOICE)
def test_a_key(
    *,
    was: FieldValue,
    mine: FieldValue,
    theirs: FieldValue,
    pull: Unit[FieldValue],
    push: Unit[FieldValue],
    sync: Unit[FieldValue],
    on_conflict: Choice,
) -> None:
    """What no conflict is about comes to the same whoever wins one."""
    for direction, expected in zip(DIRECTIONS, (pull, push, sync), strict=True):
        decided, notices = units(direction, on_conflict).fields({"order": was}, {"order": mine}, {"order": theirs})
        assert decided["order"] == expected, direction
        assert decided["question"] == Unit(None, None, None)
        assert decided.keys() == PROPERTIES.keys()
        assert notices == ()


@pytest.mark.parametrize(
    ("direction", "on_conflict", "expected"),
    [
        ("pull", "fail", Unit(2, 3, 1, **CLASH)),
        ("pull", "markers", Unit(2, 3, 1, **CLASH)),
        ("pull", "local", Unit(2, 3, 3, **MINE)),
        ("pull", "notion", Unit(3, 3, 3, **THEIRS)),
        ("sync", "fail", Unit(2, 3, 1, **CLASH)),
        ("sync", "markers", Unit(2, 3, 1, **CLASH)),
        ("sync", "local", Unit(2, 2, 2, **MINE)),
        ("sync", "notion", Unit(3, 3, 3, **THEIRS)),
        *(("push", choice, Unit(2, 3, 1, **STALE)) for choice in CHOICES),
    ],
)
def test_a_key_that_both_changed(direction: Direction, on_conflict: Choice, expected: Unit[FieldValue]) -> None:
    """It is left for a person unless one side wins; a push goes over neither, and a pull only keeps the file's."""
    decided, _ = units(direction, on_conflict).fields({"order": 1}, {"order": 2}, {"order": 3})
    assert decided["order"] == expected


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_key_that_only_notion_computes(direction: Direction) -> None:
    """An edit of it is told and stays until Notion computes something else; taken back, or foreseen, it is no edit."""
    for was, mine, theirs, expected, told in (
        ("old", "mine", "old", Unit("mine", "old", "old"), True),
        ("old", "mine", "new", Unit("new", "new", "new"), True),
        ("old", "new", "new", Unit("new", "new", "new"), False),
        ("old", "old", "old", Unit("old", "old", "old"), False),
        (
            "old",
            "old",
            "new",
            Unit("old", "new", "old", **STALE) if direction == "push" else Unit("new", "new", "new"),
            False,
        ),
        (None, "mine", None, Unit("mine", None, None), True),
    ):
        decided, notices = units(direction).fields({"edited": was}, {"edited": mine}, {"edited": theirs})
        assert decided["edited"] == expected
        assert [notice.code for notice in notices] == ["NS-READ-ONLY"] * told
        if told:
            assert notices[0].message == (
                "edited: Notion computes Edited; the edit is not sent: take it back, or take edited out of [properties]"
            )


def test_every_key_is_told_of() -> None:
    """One that only Notion computes keeps none from being decided."""
    decided, _ = units().fields(
        {"edited": "old", "order": 1}, {"edited": "mine", "order": 2}, {"edited": "old", "order": 1}
    )
    assert (decided["edited"].file, decided["order"].page) == ("mine", 2)


# --- the body ---------------------------------------------------------------------------------------------------------

BASE = "One.\n\nTwo.\n\nThree.\n"
HERE = "One here.\n\nTwo.\n\nThree.\n"
THERE = "One.\n\nTwo.\n\nThree there.\n"
BOTH = "One here.\n\nTwo.\n\nThree there.\n"
ADDED, OTHER = f"{HERE}\nFour here.\n", "One there.\n\nTwo.\n\nThree there.\n"  # at odds about their beginnings alone
MINE_WON, THEIRS_WON = f"{BOTH}\nFour here.\n", f"{OTHER}\nFour here.\n"


def decide(mine: str, theirs: str, direction: Direction, on_conflict: Choice = "fail", was: str = BASE) -> Unit[Body]:
    """Return the decision about three texts."""
    agreed = base(file(was))
    return units(direction, on_conflict).body(
        agreed.answer.body, local(file(mine), agreed), remote(theirs, agreed).body
    )


def texts(file: str, page: str, base: str, **said: Any) -> Unit[Body]:
    """Return a decision whose bodies are Markdown."""
    return Unit(parse(file).body, parse(page).body, parse(base).body, **said)


ANY_CHOICE = {
    "nothing changed": (BASE, BASE, *[texts(BASE, BASE, BASE)] * 3),
    "changed alike": (HERE, HERE, *[texts(HERE, HERE, HERE)] * 3),
    "only the file": (HERE, BASE, texts(HERE, BASE, BASE), texts(HERE, HERE, HERE), texts(HERE, HERE, HERE)),
    "only the page": (
        BASE,
        THERE,
        texts(THERE, THERE, THERE),
        texts(BASE, THERE, BASE, **STALE),
        texts(THERE, THERE, THERE),
    ),
    "both, apart": (
        HERE,
        THERE,
        texts(BOTH, THERE, THERE),
        texts(HERE, THERE, BASE, **STALE),
        texts(BOTH, BOTH, BOTH),
    ),
}


@pytest.mark.parametrize("on_conflict", CHOICES)
@pytest.mark.parametrize(("mine", "theirs", "pull", "push", "sync"), ANY_CHOICE.values(), ids=ANY_CHOICE)
def test_a_body(
    *, mine: str, theirs: str, pull: Unit[Body], push: Unit[Body], sync: Unit[Body], on_conflict: Choice
) -> None:
    """What no conflict is about comes to the same whoever wins one."""
    assert decide(mine, theirs, "pull", on_conflict) == pull
    assert decide(mine, theirs, "push", on_conflict) == push
    assert decide(mine, theirs, "sync", on_conflict) == sync


@pytest.mark.parametrize(
    ("direction", "on_conflict", "expected"),
    [
        ("pull", "fail", texts(ADDED, OTHER, BASE, **CLASH)),
        ("pull", "local", texts(MINE_WON, OTHER, OTHER, **MINE)),
        ("pull", "notion", texts(THEIRS_WON, OTHER, OTHER, **THEIRS)),
        ("sync", "fail", texts(ADDED, OTHER, BASE, **CLASH)),
        ("sync", "local", texts(MINE_WON, MINE_WON, MINE_WON, **MINE)),
        ("sync", "notion", texts(THEIRS_WON, THEIRS_WON, THEIRS_WON, **THEIRS)),
        *(("push", choice, texts(ADDED, OTHER, BASE, **STALE)) for choice in CHOICES),
    ],
)
def test_a_body_that_both_changed_in_one_place(direction: Direction, on_conflict: Choice, expected: Unit[Body]) -> None:
    """Who wins, wins the conflict alone: what only one side changed is in every result."""
    assert decide(ADDED, OTHER, direction, on_conflict) == expected


@pytest.mark.parametrize("direction", ["pull", "sync"])
def test_a_body_to_be_settled_in_an_editor(direction: Direction) -> None:
    """The file stays until the markers are written into it; Notion's version counts as seen."""
    unit = decide(HERE, OTHER, direction, "markers")
    assert unit.merge is not None
    assert [(said(clash.local), said(clash.remote)) for clash in unit.merge.conflicts] == [
        (["One here."], ["One there."])
    ]
    assert unit == texts(HERE, OTHER, OTHER, merge=unit.merge)


@pytest.mark.parametrize("on_conflict", CHOICES)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("theirs", [BASE, THERE])
def test_a_body_with_markers_is_left(theirs: str, direction: Direction, on_conflict: Choice) -> None:
    """Nothing of it is sent, and nothing that changes in Notion meanwhile is merged in."""
    mine = "<<<<<<< local\nOne here.\n||||||| base\nOne.\n=======\nOne there.\n>>>>>>> notion\n\nTwo.\n\nThree.\n"
    assert decide(mine, theirs, direction, on_conflict) == texts(mine, theirs, BASE, **CLASH)


# --- the body: a push that was cut off --------------------------------------------------------------------------------

ONE, TWO, THREE = (block(words, f"b{place}") for place, words in enumerate(["One.", "Two.", "Three."]))
THREE_THERE = block("Three there.", "b2")
ALPHA, BETA, COPY = block("Alpha.", "n1"), block("Beta."), block("One.", "n2")


def pushed(mine: str, theirs: Body, direction: Direction, on_conflict: Choice = "fail") -> Unit[Body]:
    """Return the decision about a page that says what part of a push has left there."""
    agreed = base(file(BASE))
    return units(direction, on_conflict).body(agreed.answer.body, local(file(mine), agreed), theirs)


def same(unit: Unit[Body], file: Body, page: Body, base: Body) -> bool:
    """Tell whether the bodies are these, ids included."""
    return identical(unit.file, file) and identical(unit.page, page) and identical(unit.base, base)


BEGUN = (ONE, ALPHA, TWO, THREE)
WHOLE = (ONE, ALPHA, TWO, BETA, THREE)
WANTED = "One.\n\nAlpha.\n\nTwo.\n\nBeta.\n\nThree.\n"


@pytest.mark.parametrize("direction", ["push", "sync"])
def test_a_push_that_was_begun_goes_on(direction: Direction) -> None:
    """What is there is not sent again."""
    unit = pushed(WANTED, BEGUN, direction)
    assert same(unit, WHOLE, WHOLE, WHOLE)
    assert unit == Unit(WHOLE, WHOLE, WHOLE)


def test_a_pull_leaves_a_push_that_was_begun() -> None:
    """Nobody in Notion wrote what stands there, so there is nothing to fetch."""
    unit = pushed(WANTED, BEGUN, "pull")
    was = (ONE, TWO, THREE)
    assert unit == Unit(parse(WANTED).body, BEGUN, was, unfinished=True)
    assert identical(unit.page, BEGUN)
    assert identical(unit.base, was)


def test_a_pull_takes_what_was_edited_beside_a_push_that_was_begun() -> None:
    """The edit comes into the file, and what had not been sent stays there."""
    theirs = (ONE, ALPHA, TWO, THREE_THERE)
    unit = pushed(WANTED, theirs, "pull")
    assert unit == Unit((ONE, ALPHA, TWO, BETA, THREE_THERE), theirs, theirs)


@pytest.mark.parametrize("on_conflict", CHOICES)
def test_a_pull_keeps_what_a_push_has_sent_and_what_it_has_not(on_conflict: Choice) -> None:
    """Side by side they are no conflict, so nobody wins one and loses the other half."""
    theirs = (block("One there.", "b0"), TWO, THREE, ALPHA)
    unit = pushed(f"{BASE}\nAlpha.\n\nBeta.\n", theirs, "pull", on_conflict)
    assert unit == Unit((*theirs, BETA), theirs, theirs)


MOVED = "Two.\n\nThree.\n\nOne.\n"


@pytest.mark.parametrize("three", [THREE, THREE_THERE])
def test_a_pull_leaves_a_copy_of_what_the_file_moved(three: Block) -> None:
    """New blocks are sent before old ones go: fetched, the answer would say it twice."""
    theirs = (ONE, TWO, three, COPY)
    unit = pushed(MOVED, theirs, "pull")
    assert unit == Unit(parse(MOVED).body, theirs, (ONE, TWO, THREE), unfinished=True)


def test_a_move_that_was_begun_is_ended() -> None:
    """The copy stands for what was moved, beside an edit of something else."""
    wanted = (TWO, THREE_THERE, COPY)
    unit = pushed(MOVED, (ONE, TWO, THREE_THERE, COPY), "sync")
    assert unit == Unit(wanted, wanted, wanted)
    assert ids(unit.page) == ["b1", "b2", "n2"]


def test_a_copy_goes_where_what_was_moved_was_edited_meanwhile() -> None:
    """The edit follows the block to where the file has it, and nobody has to choose."""
    edited = block("One there.", "b0")
    unit = pushed(MOVED, (edited, TWO, THREE, COPY), "sync")
    wanted = (TWO, THREE, edited)
    assert unit == Unit(wanted, wanted, wanted)
    assert ids(unit.page) == ["b1", "b2", "b0"]
    assert pushed(MOVED, (edited, TWO, THREE, COPY), "sync", "markers") == unit


def test_a_copy_goes_where_what_was_moved_was_moved_elsewhere_meanwhile() -> None:
    """Two places for one block are left for a person; the copy is none of them."""
    unit = pushed(MOVED, (TWO, ONE, THREE, COPY), "sync")
    assert unit == Unit((TWO, THREE, ONE), (TWO, ONE, THREE), (ONE, TWO, THREE), clash=True)
    assert ids(unit.page) == ["b1", "b0", "b2"]


# --- the body: what is new on both sides ------------------------------------------------------------------------------

NEW = block("Alpha.", "n1")


@pytest.mark.parametrize("on_conflict", ["fail", "markers"])
def test_what_is_new_on_both_sides_is_there_once(on_conflict: Choice) -> None:
    """Where Notion has it, if they have it in different places."""
    theirs = (ONE, TWO, THREE, NEW)
    unit = pushed(f"Alpha.\n\n{BASE}", theirs, "sync", on_conflict)
    assert unit == Unit(theirs, theirs, theirs)
    assert ids(unit.file) == ids(unit.page) == ["b0", "b1", "b2", "n1"]


def test_what_is_new_on_both_sides_does_not_hide_a_conflict() -> None:
    """Beside one, both places are shown to whoever settles it."""
    mine, theirs = f"Alpha.\n\n{HERE}", (block("One there.", "b0"), TWO, THREE, NEW)
    unit = pushed(mine, theirs, "sync")
    assert unit == Unit(parse(mine).body, theirs, (ONE, TWO, THREE), clash=True)
    assert ids(unit.file)[0] == "n1"
    assert pushed(mine, theirs, "sync", "markers").merge is not None


# --- the body at first contact ----------------------------------------------------------------------------------------

BLANK: Body = (Block(type="paragraph", id="n0"),)
FULL, ELSE = parse("Full.\n").body, parse("Else.\n").body
THERE_ELSE = numbered(ELSE, "n")
NONE: Unit[Body] = Unit((), (), ())

# file, page: the decision in a pull, in a push, in a sync
FIRST: dict[str, tuple[Body, Body, Unit[Body], Unit[Body], Unit[Body]]] = {
    "nothing": ((), (), NONE, NONE, NONE),
    "the same": (ELSE, THERE_ELSE, Unit(ELSE, ELSE, ELSE), Unit(ELSE, ELSE, ELSE), Unit(ELSE, ELSE, ELSE)),
    "a blank page": ((), BLANK, Unit((), BLANK, BLANK), Unit((), BLANK, BLANK), Unit((), BLANK, BLANK)),
    "a blank file": (BLANK, (), Unit(BLANK, (), ()), Unit(BLANK, (), ()), Unit(BLANK, (), ())),
    "a full file": (FULL, (), Unit(FULL, (), ()), Unit(FULL, FULL, FULL), Unit(FULL, FULL, FULL)),
    "a full file, a blank page": (
        FULL,
        BLANK,
        Unit(FULL, BLANK, BLANK),
        Unit(FULL, FULL, FULL),
        Unit(FULL, FULL, FULL),
    ),
    "a full page": ((), ELSE, Unit(ELSE, ELSE, ELSE), Unit((), ELSE, (), **STALE), Unit(ELSE, ELSE, ELSE)),
    "a full page, a blank file": (
        BLANK,
        ELSE,
        Unit(ELSE, ELSE, ELSE),
        Unit(BLANK, ELSE, (), **STALE),
        Unit(ELSE, ELSE, ELSE),
    ),
}


@pytest.mark.parametrize("on_conflict", CHOICES)
@pytest.mark.parametrize(("mine", "theirs", "pull", "push", "sync"), FIRST.values(), ids=FIRST)
def test_a_first_body(
    *, mine: Body, theirs: Body, pull: Unit[Body], push: Unit[Body], sync: Unit[Body], on_conflict: Choice
) -> None:
    """An empty side yields to the full one, in the direction that may; no conflict, so no choice."""
    assert units("pull", on_conflict).first_body(mine, theirs) == pull
    assert units("push", on_conflict).first_body(mine, theirs) == push
    assert units("sync", on_conflict).first_body(mine, theirs) == sync


@pytest.mark.parametrize(
    ("direction", "on_conflict", "expected"),
    [
        ("pull", "fail", Unit(FULL, ELSE, (), **CLASH)),
        ("pull", "local", Unit(FULL, ELSE, ELSE, **MINE)),
        ("pull", "notion", Unit(ELSE, ELSE, ELSE, **THEIRS)),
        ("sync", "fail", Unit(FULL, ELSE, (), **CLASH)),
        ("sync", "local", Unit(FULL, FULL, FULL, **MINE)),
        ("sync", "notion", Unit(ELSE, ELSE, ELSE, **THEIRS)),
        *(("push", choice, Unit(FULL, ELSE, (), **STALE)) for choice in CHOICES),
    ],
)
def test_first_bodies_that_differ(direction: Direction, on_conflict: Choice, expected: Unit[Body]) -> None:
    """Nothing is put together: they are left for a person unless one side wins."""
    assert units(direction, on_conflict).first_body(FULL, THERE_ELSE) == expected


@pytest.mark.parametrize("direction", ["pull", "sync"])
def test_first_bodies_to_be_settled_in_an_editor(direction: Direction) -> None:
    """Both are shown whole, beside an empty base; Notion's counts as seen."""
    unit = units(direction, "markers").first_body(FULL, THERE_ELSE)
    assert unit.merge is not None
    assert [(clash.base, clash.local, clash.remote) for clash in unit.merge.conflicts] == [((), FULL, ELSE)]
    assert unit == Unit(FULL, ELSE, ELSE, merge=unit.merge)
    assert ids(unit.base) == ["n0"]


@pytest.mark.parametrize("direction", ["pull", "sync"])
def test_a_first_body_that_goes_on_after_the_other(direction: Direction) -> None:
    """Markers would have nothing between them: one side has all that the other has."""
    more = (*ELSE, *FULL)
    unit = units(direction, "markers").first_body(more, THERE_ELSE)
    sent = direction == "sync"
    assert unit == Unit(more, more if sent else ELSE, more if sent else ELSE)
    assert units(direction).first_body(more, THERE_ELSE) == Unit(more, ELSE, (), clash=True)


def test_a_first_body_is_sent_with_the_ids_of_what_is_there() -> None:
    """What the page has already is not made anew."""
    more = (*ELSE, *FULL)
    assert ids(units("sync", "local").first_body(more, THERE_ELSE).page) == ["n0", None]
