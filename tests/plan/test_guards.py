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


@pytest.mark.parametrize(
    ("kind", "says", "option"),
    [
        ("trash", "delete 11 of 11 pages in Notion", "--allow-delete"),
        ("delete", "delete 11 of 11 files here", "--allow-delete"),
        ("empty page", "empty 11 of 11 pages in Notion", "--allow-empty"),
        ("empty file", "empty 11 of 11 files here", "--allow-empty"),
        ("edit page", "change all 11 pages in Notion that were synced before", "--allow-edit"),
        ("edit file", "change all 11 files here that were synced before", "--allow-edit"),
    ],
)
def test_what_it_says_to_the_last_word(kind: str, says: str, option: str) -> None:
    """What would be done to how many of what, ten of them, how many more, and the option with the number."""
    known = {str(page) for page in range(11)}
    actions = [_action(kind, page) for page in range(11)]
    with pytest.raises(GuardError) as caught:
        check(actions, known=known, most=5, allowed=Allowed())
    shown = "".join(f"\n  - answers/{page}.md: Title {page}" for page in range(10))
    assert caught.value.message == f"the run would {says}; nothing was done:{shown}\n  … and 1 more"
    assert caught.value.advice == f"notionsync diff shows it all; if that is what you want: {option} 11"
    with pytest.raises(GuardError) as caught:
        check(actions[:10], known=set("0123456789"), most=5, allowed=Allowed())
    assert caught.value.message.endswith("answers/9.md: Title 9")


@pytest.mark.parametrize("kind", [*FLAGS, "edit page", "edit file"])
def test_a_number_lets_so_many_through_and_no_more(kind: str) -> None:
    """For its kind alone; a number below the ordinary limit lowers it."""
    flag = FLAGS.get(kind, "edit")
    actions = [_action(kind, page) for page in range(8)]
    for number, stopped in ((9, False), (8, False), (7, True), (3, True)):
        allowed = replace(ANYTHING, **{flag: number})  # type: ignore[arg-type]
        assert _stopped(actions, 8, 5, allowed) is stopped
    assert _stopped(actions, 8, 5, replace(ANYTHING, **{flag: None}))  # type: ignore[arg-type]


def test_all_of_a_few_may_be_edited() -> None:
    """Just above what an ordinary limit allows it is asked about."""
    assert _stopped([_action("edit file", page) for page in range(6)], 6, 5, Allowed())
    assert not _stopped([_action("edit file", page) for page in range(5)], 5, 5, Allowed())


@pytest.mark.parametrize("kind", ["edit page", "edit file"])
def test_a_ceiling_names_its_side(kind: str) -> None:
    """And the option that moves it."""
    allowed = Allowed(changes=Ceiling(count=1))
    with pytest.raises(GuardError) as caught:
        check([_action(kind, 0), _action(kind, 1)], known={"0", "1", "2"}, most=5, allowed=allowed)
    where = "pages in Notion" if kind == "edit page" else "files here"
    assert f"change 2 of 3 {where}; nothing was done" in caught.value.message
    assert caught.value.advice.endswith("--max-changes 2")


def test_what_was_empty_is_not_emptied() -> None:
    """Neither a page that only other values are sent to, nor a file that held no text, or is new."""
    nothing = Allowed()
    empty = [replace(_action("edit page", page), body=()) for page in range(6)]
    assert not _stopped(empty, 20, 5, nothing)
    for expect in (EMPTY, b"", None):
        assert not _stopped([replace(_action("empty file", n), expect=expect) for n in range(6)], 20, 5, nothing)
    assert _stopped([replace(_action("empty file", n), file=b"") for n in range(6)], 20, 5, nothing)


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
    with pytest.raises(GuardError, match=f"{missing} of {known}") as caught:
        check_missing(missing, known, most=5, allowed=Allowed())
    assert caught.value.advice == (
        "notionsync doctor shows whether the integration still sees the database; "
        f"if they were moved away on purpose: --allow-delete {missing}"
    )
    check_missing(missing, known, most=5, allowed=Allowed(delete=missing))
