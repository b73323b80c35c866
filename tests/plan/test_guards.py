"""Rules that stop a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionsync.errors import GuardError
from notionsync.model import Block, Delete
from notionsync.plan.action import Action
from notionsync.plan.guards import ANYTHING, Allowed, Ceiling, check, check_missing

BLOCK = Block(type="paragraph", id="b")
FULL, EMPTY = b"---\nquestion: a\n---\n\ntext\n", b"---\nquestion: a\n---\n\n \n"


def _action(kind: str, page: int) -> Action:
    action = Action(verb="update", path=f"answers/{page}.md", title=f"Title {page}", page=str(page), expect=FULL)
    match kind:
        case "trash":
            return replace(action, verb="trash-page")
        case "delete":
            return replace(action, verb="delete-file")
        case "empty page":
            return replace(action, edits=(Delete("b", BLOCK),), body=())
        case "empty file":
            return replace(action, file=EMPTY)
        case "edit page":
            return replace(action, fields={"order": page})
        case _:
            return replace(action, file=FULL + b"more\n")


KINDS = ["trash", "delete", "empty page", "empty file", "edit page", "edit file"]
FLAGS = {"trash": "delete", "delete": "delete", "empty page": "empty", "empty file": "empty"}


def _stopped(actions: Sequence[Action], known: int, most: int, allowed: Allowed) -> bool:
    try:
        check(actions, known={str(page) for page in range(known)}, most=most, allowed=allowed)
    except GuardError:
        return True
    return False


@pytest.mark.parametrize("kind", FLAGS)
def test_the_limit_and_one_over(kind: str) -> None:
    """The limit itself passes; one over is stopped; all of them are, however few, unless there is but one."""
    nothing = Allowed()
    assert not _stopped([_action(kind, page) for page in range(5)], 20, 5, nothing)
    assert _stopped([_action(kind, page) for page in range(6)], 20, 5, nothing)
    assert _stopped([_action(kind, page) for page in range(2)], 2, 5, nothing)
    assert not _stopped([_action(kind, 0)], 2, 5, nothing)
    assert not _stopped([_action(kind, 0)], 1, 5, nothing)


@pytest.mark.parametrize("kind", ["edit page", "edit file"])
def test_everything_changed(kind: str) -> None:
    """All questions of a collection that is more than tiny; not all but one, and not those that are new."""
    nothing = Allowed()
    assert _stopped([_action(kind, page) for page in range(20)], 20, 5, nothing)
    assert not _stopped([_action(kind, page) for page in range(19)], 20, 5, nothing)
    assert not _stopped([_action(kind, page) for page in range(5)], 5, 5, nothing)
    assert not _stopped([_action(kind, page) for page in range(100, 120)], 20, 5, nothing)


@pytest.mark.parametrize(
    ("ceiling", "most"),
    [
        (Ceiling(count=10), 10),
        (Ceiling(percent=50), 20),
        (Ceiling(count=10, percent=50), 10),
        (Ceiling(count=30, percent=50), 20),
        (Ceiling(percent=5), 5),  # a share of little is still what ordinary deletions may be
        (Ceiling(), 38),
    ],
)
@pytest.mark.parametrize("kind", ["edit page", "edit file"])
def test_the_ceiling_of_changes(kind: str, ceiling: Ceiling, most: int) -> None:
    """The lower of the two limits holds, for each side by itself; new questions do not count."""
    allowed = Allowed(changes=ceiling)
    fine = [_action(kind, page) for page in range(most)]
    other = [_action({"edit page": "edit file", "edit file": "edit page"}[kind], page) for page in range(38, 40)]
    assert not _stopped([*fine, *other, *(_action(kind, page) for page in range(100, 160))], 40, 5, allowed)
    if ceiling != Ceiling():
        assert _stopped([*fine, _action(kind, most)], 40, 5, allowed)


def test_deletions_count_as_changes() -> None:
    """However many of them are let through as deletions."""
    actions = [_action("trash", page) for page in range(4)] + [_action("edit page", 4)]
    with pytest.raises(GuardError, match="change 5 of 20 pages in Notion") as caught:
        check(
            actions,
            known={str(n) for n in range(20)},
            most=5,
            allowed=Allowed(delete=9, changes=Ceiling(count=4)),
        )
    assert "--max-changes 5" in caught.value.advice


def test_the_doomed_are_named() -> None:
    """The first ten by file and title, how many more there are, and the option that lets this through."""
    with pytest.raises(GuardError) as caught:
        check([_action("trash", n) for n in range(12)], known={str(n) for n in range(50)}, most=5, allowed=Allowed())
    assert "delete 12 of 50 pages in Notion" in caught.value.message
    assert "answers/9.md: Title 9" in caught.value.message
    assert "answers/10.md" not in caught.value.message
    assert "2 more" in caught.value.message
    assert "--allow-delete 12" in caught.value.advice


mixes = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 12)), max_size=14, unique_by=lambda pair: pair[1])


@given(mixes, st.integers(0, 13), st.integers(1, 8), st.integers(0, 14), st.integers(0, 14))
def test_letting_more_through_never_stops(
    mix: list[tuple[str, int]], known: int, most: int, low: int, high: int
) -> None:
    """Law P12: a higher number allows at least as much, for each kind by itself, and looking is always allowed."""
    actions = [_action(kind, page) for kind, page in mix]
    low, high = min(low, high), max(low, high)
    for more, less in (
        (Allowed(delete=high), Allowed(delete=low)),
        (Allowed(empty=high), Allowed(empty=low)),
        (Allowed(edit=high), Allowed(edit=low)),
        (Allowed(changes=Ceiling(count=high)), Allowed(changes=Ceiling(count=low))),
        (Allowed(changes=Ceiling(percent=high)), Allowed(changes=Ceiling(percent=low))),
    ):
        if _stopped(actions, known, most, more):
            assert _stopped(actions, known, most, less)
    assert not _stopped(actions, known, most, ANYTHING)


@given(mixes, st.integers(0, 13), st.integers(1, 8))
def test_a_higher_limit_never_stops(mix: list[tuple[str, int]], known: int, most: int) -> None:
    """The same for the configuration's limit."""
    actions = [_action(kind, page) for kind, page in mix]
    if _stopped(actions, known, most + 1, Allowed()):
        assert _stopped(actions, known, most, Allowed())


@pytest.mark.parametrize(
    ("missing", "known", "stopped"),
    [(0, 0, False), (1, 1, False), (2, 2, True), (5, 20, False), (10, 20, False), (11, 20, True), (3, 4, False)],
)
def test_pages_that_a_listing_lacks(missing: int, known: int, *, stopped: bool) -> None:
    """More than people move away by hand, or all of them, make the listing doubtful; a number lets it through."""
    if not stopped:
        check_missing(missing, known, most=5, allowed=Allowed())
        return
    with pytest.raises(GuardError, match=f"{missing} of {known}"):
        check_missing(missing, known, most=5, allowed=Allowed())
    check_missing(missing, known, most=5, allowed=Allowed(delete=missing))
