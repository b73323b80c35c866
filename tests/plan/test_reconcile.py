"""What should happen to one question."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.questions import PATH, PROPERTIES, base, file, local, numbered, page, question, remote

from notionsync.convert import parse
from notionsync.convert.frontmatter import split
from notionsync.convert.links import RESERVED
from notionsync.model import Block, Body, Property, Use
from notionsync.plan.action import Action, Choice, Direction, Policy
from notionsync.plan.reconcile import Question

BASE = "One.\n\nTwo.\n\nThree.\n"
HERE = "One here.\n\nTwo.\n\nThree.\n"
THERE = "One.\n\nTwo.\n\nThree there.\n"
BOTH = "One here.\n\nTwo.\n\nThree there.\n"
CLASH = "One there.\n\nTwo.\n\nThree.\n"
CHOICES: tuple[Choice, ...] = get_args(Choice)


def _decide(mine: str, theirs: str, direction: Direction, on_conflict: Choice = "fail", was: str = BASE) -> Action:
    agreed = base(file(was))
    return question(direction, on_conflict).three_way(agreed, local(file(mine), agreed), remote(theirs, agreed))


def _text(data: bytes | None) -> str:
    return "" if data is None else split(data).text.removeprefix("\n")


def _told(action: Action) -> tuple[str | None, Body | None, str | None]:
    """Return what file and page shall hold, and the base; None where it is left alone."""
    written = _text(action.file) if action.writes_file else None
    sent = action.body if action.edits else None
    return written, sent, None if action.base is None else _text(action.base)


@pytest.mark.parametrize("direction", ["pull", "push", "sync"])
@pytest.mark.parametrize(("mine", "theirs"), [(BASE, BASE), (HERE, HERE)], ids=["unchanged", "changed alike"])
def test_equal_sides(direction: Direction, mine: str, theirs: str) -> None:
    """Nothing is written; what changed alike is adopted."""
    action = _decide(mine, theirs, direction)
    assert not action.writes_page
    assert not action.writes_file
    assert not action.refusal
    assert action.quiet is (mine == BASE)
    if direction != "pull" and mine != BASE:
        assert _text(action.base) == mine


CASES = [
    (HERE, BASE, "pull", (None, None, None)),
    (HERE, BASE, "push", (None, HERE, HERE)),
    (HERE, BASE, "sync", (None, HERE, HERE)),
    (BASE, THERE, "pull", (THERE, None, THERE)),
    (BASE, THERE, "sync", (THERE, None, THERE)),
    (HERE, THERE, "pull", (BOTH, None, THERE)),
    (HERE, THERE, "sync", (BOTH, BOTH, BOTH)),
]


@pytest.mark.parametrize(("mine", "theirs", "direction", "expected"), CASES)
def test_the_table(
    mine: str, theirs: str, direction: Direction, expected: tuple[str | None, str | None, str | None]
) -> None:
    """The rows of the module's table in which nobody has to be asked."""
    action = _decide(mine, theirs, direction)
    written, sent, agreed = _told(action)
    assert not action.refusal
    assert written == expected[0]
    assert sent == (parse(expected[1]).body if expected[1] is not None else None)
    assert agreed == expected[2]


def test_a_push_goes_over_nothing() -> None:
    """An edited file whose page moved on is refused, with what to type."""
    action = _decide(HERE, THERE, "push")
    assert "changed in Notion since the last pull (body)" in action.refusal
    assert "notionsync pull" in action.advice
    assert _told(action) == (None, None, None)


def test_a_push_writes_no_markers() -> None:
    """Whatever it is told about conflicts: it finds none, for it goes over nothing."""
    for choice in CHOICES:
        action = _decide(HERE, CLASH, "push", choice)
        assert "changed in Notion since the last pull (body)" in action.refusal
        assert _told(action) == (None, None, None)


def test_a_push_leaves_what_it_has_no_part_in() -> None:
    """A page that moved on while its file did not waits for a pull: there was nothing to push."""
    action = _decide(BASE, THERE, "push")
    assert action.pending == "changed in Notion since the last pull (body)"
    assert not action.refusal
    assert _told(action) == (None, None, None)


@pytest.mark.parametrize("direction", ["pull", "sync"])
def test_a_conflict_is_left_alone(direction: Direction) -> None:
    """Neither side nor base changes; both versions are shown."""
    action = _decide(HERE, CLASH, direction)
    assert _told(action)[:2] == (None, None)
    assert [(conflict.unit, conflict.local.strip(), conflict.remote.strip()) for conflict in action.conflicts] == [
        ("body", HERE.strip(), CLASH.strip())
    ]
    assert action.held == {"body"}
    assert "notionsync resolve answers/a.md" in action.advice


@pytest.mark.parametrize(
    ("choice", "direction", "expected", "kept"),
    [
        ("local", "sync", (None, HERE, HERE), "notion"),
        ("local", "pull", (None, None, CLASH), "notion"),
        ("notion", "sync", (CLASH, None, CLASH), "local"),
        ("notion", "pull", (CLASH, None, CLASH), "local"),
    ],
)
def test_a_conflict_that_is_decided(
    choice: Choice, direction: Direction, expected: tuple[str | None, str | None, str], kept: str
) -> None:
    """The winner goes where it may, the base becomes what Notion holds then, and the loser is kept."""
    action = _decide(HERE, CLASH, direction, choice)
    written, sent, agreed = _told(action)
    assert not action.conflicts
    assert (written, agreed) == (expected[0], expected[2])
    assert sent == (parse(expected[1]).body if expected[1] is not None else None)
    assert list(action.kept) == [kept]
    assert (HERE if kept == "local" else CLASH).strip() in _text(action.kept[kept])


def test_a_decision_is_about_the_clash_only() -> None:
    """What can be merged is merged, whoever wins."""
    theirs = "One there.\n\nTwo.\n\nThree there.\n"
    assert _told(_decide(HERE, theirs, "sync", "local"))[0] == BOTH
    mine = "One here.\n\nTwo here.\n\nThree.\n"
    assert _told(_decide(mine, theirs, "sync", "notion"))[0] is not None


def test_markers_wait_for_a_person() -> None:
    """The three versions of the clash are in the file, nothing is sent, and while they are there nothing is."""
    action = _decide(HERE, CLASH, "sync", "markers")
    text = _text(action.file)
    assert [line for line in text.splitlines() if line[:3] in {"<<<", "|||", "===", ">>>"}] == [
        "<<<<<<< local",
        "||||||| base",
        "=======",
        ">>>>>>> notion",
    ]
    assert not action.edits
    assert _text(action.base) == CLASH
    again = _decide(text, THERE, "sync", was=CLASH)
    assert _told(again)[:2] == (None, None)
    assert "markers are still in the file" in again.refusal


def _fields(direction: Direction, mine: dict[str, str], theirs: dict[str, object], choice: Choice = "fail") -> Action:
    agreed = base(file(BASE, order="1", tags="[a]"))
    there = {"order": 1, "tags": ("a",), **theirs}
    return question(direction, choice).three_way(
        agreed,
        local(file(BASE, **{"order": "1", "tags": "[a]", **mine}), agreed),
        remote(BASE, agreed, **{key: value for key, value in there.items() if value is not None}),  # type: ignore[arg-type]
    )


class _Below:
    """Addresses below a root, which a file leaves out."""

    def __init__(self, root: str) -> None:
        self._root = root

    def to_notion(self, url: str, use: Use) -> str:  # noqa: ARG002
        return url if "://" in url else self._root + url

    def to_file(self, url: str, use: Use) -> str:  # noqa: ARG002
        return url.removeprefix(self._root)


def test_a_question_decided_otherwise_keeps_its_addresses() -> None:
    """Those of the file, and those of the base."""
    here, then = "https://here.example/", "https://then.example/"
    asked = Question(Policy(direction="push"), PROPERTIES, _Below(here), _Below(then)).under(Policy(direction="pull"))
    new = asked.new_page(remote(f"[a]({here}a.md) and [b]({then}b.md)\n"), PATH)
    assert _text(new.file) == f"[a](a.md) and [b]({then}b.md)\n"
    back = asked.file_deleted(base(file(BASE)), remote(f"[a]({here}a.md) and [b]({then}b.md)\n", base(file(BASE))))
    assert _text(back.file) == f"[a]({here}a.md) and [b](b.md)\n"


def test_what_notion_says_in_a_conflict_is_told_in_the_addresses_of_the_file() -> None:
    """What is shown to choose from, and what is put aside of it: the body, and files of the front matter."""
    here = "https://here.example/"
    properties = {**PROPERTIES, "see": Property(id="s", name="See", type="files")}
    agreed = base(file(BASE))
    there = remote(f"One [there]({here}a.md).\n\nTwo.\n\nThree.\n", agreed, see=(f"{here}b.pdf",))

    def decided(choice: Choice) -> Action:
        asked = Question(Policy(direction="sync", on_conflict=choice), properties, _Below(here), RESERVED)
        return asked.three_way(agreed, local(file(HERE), agreed), there)

    says = "One [there](a.md).\n\nTwo.\n\nThree.\n"
    assert [conflict.remote for conflict in decided("fail").conflicts] == [says]
    kept = decided("local").kept["notion"]
    assert _text(kept) == says
    assert split(kept).values()["see"] == ("b.pdf",)


@pytest.mark.parametrize(
    ("mine", "theirs", "told"), [("Mine?", "Theirs?", "Mine?"), ("''", "Theirs?", "Theirs?"), ("''", "", PATH)]
)
def test_an_action_is_told_by_its_question(mine: str, theirs: str, told: str) -> None:
    """The file's, else the page's; a file without either by its name."""
    agreed = base(file(BASE))
    there = remote(THERE, agreed)
    there = replace(there, page=replace(there.page, title=theirs))
    assert question().three_way(agreed, local(file(BASE, question=mine), agreed), there).title == told


def test_why_something_is_left_is_said() -> None:
    """In words that name every unit of it."""
    agreed = base(file(BASE, order="1"))
    mine, there = local(file(HERE, order="2"), agreed), remote(CLASH, agreed, order=3)
    assert question().three_way(agreed, mine, there).refusal == "both sides changed order, body"
    marked = question("sync", "markers").three_way(agreed, mine, there)
    assert marked.refusal == "conflict markers were written into the file"
    more = local(file(f"{BASE}\nFour.\n\nFive.\n"), agreed)
    begun = question("pull").three_way(agreed, more, remote(f"{BASE}\nFour.\n", agreed, order=1))
    assert begun.pending == "edited here; a push of it was begun"


def test_each_field_is_decided_by_itself() -> None:
    """One goes here, one goes there, lists merge as sets."""
    action = _fields("sync", {"order": "2", "tags": "[a, b]"}, {"question": "B?", "tags": ("a", "c")})
    values = split(action.file or b"").values()
    assert (values["question"], values["order"]) == ("B?", 2)
    assert sorted(values["tags"]) == ["a", "b", "c"]  # type: ignore[arg-type]
    assert action.fields == {"order": 2, "tags": tuple(values["tags"])}  # type: ignore[arg-type]
    assert not action.conflicts


def test_a_field_in_conflict_holds_nothing_back() -> None:
    """The others go on; the base of the conflicting one stays."""
    action = _fields("sync", {"order": "2"}, {"order": 3, "question": "B?"})
    assert [conflict.unit for conflict in action.conflicts] == ["order"]
    assert action.held == {"order"}
    assert split(action.base or b"").values()["order"] == 1
    assert split(action.base or b"").values()["question"] == "B?"
    assert not action.fields


def test_a_removed_value_is_a_change() -> None:
    """Here it empties the property, there it takes the line out."""
    agreed = base(file(BASE, order="1"))
    sent = question("sync").three_way(agreed, local(file(BASE), agreed), remote(BASE, agreed, order=1))
    assert sent.fields == {"order": None}
    taken = question("sync").three_way(agreed, local(file(BASE, order="1"), agreed), remote(BASE, agreed))
    assert b"order" not in (taken.file or b"order")


@pytest.mark.parametrize(
    ("was", "mine", "theirs", "sent", "written"),
    [
        pytest.param(None, "0", None, {"order": 0}, False, id="written here"),
        pytest.param(None, None, 0, {}, True, id="written there"),
        pytest.param("0", None, 0, {"order": None}, False, id="removed here"),
        pytest.param("0", "0", None, {}, True, id="removed there"),
    ],
)
def test_zero_is_a_value(was: str | None, mine: str | None, theirs: int | None, sent: object, written: bool) -> None:
    """It goes to the other side as any number does, and so does its removal."""
    given = [{"order": value} if value is not None else {} for value in (was, mine)]
    agreed = base(file(BASE, **given[0]))
    there = {} if theirs is None else {"order": theirs}
    action = question().three_way(agreed, local(file(BASE, **given[1]), agreed), remote(BASE, agreed, **there))
    assert (action.fields, action.writes_file) == (sent, written)
    if written:
        assert split(action.file or b"").values().get("order") == theirs


def test_what_notion_computes_is_not_sent() -> None:
    """An edit of it is said and left where it is, until Notion computes something else."""
    agreed = base(file(BASE, edited="2026-01-01"))
    action = question("sync").three_way(
        agreed, local(file(BASE, edited="2030-01-01"), agreed), remote(BASE, agreed, edited="2026-01-01")
    )
    assert not action.fields
    assert [notice.code for notice in action.notices] == ["NS-READ-ONLY"]


# --- first contact ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (BASE, BASE, (None, None, BASE)),
        (BASE, "", (None, BASE, BASE)),
        ("", BASE, (BASE, None, BASE)),
        ("", "", (None, None, "")),
    ],
)
def test_an_empty_side_yields_to_the_full_one(mine: str, theirs: str, expected: tuple[str | None, ...]) -> None:
    """Equal sides are adopted."""
    action = question().first_contact(local(file(mine)), remote(theirs))
    written, sent, agreed = _told(action)
    assert (written, agreed) == (expected[0], expected[2])
    assert sent == (parse(expected[1]).body if expected[1] is not None else None)


def test_different_sides_are_a_conflict_at_first() -> None:
    """Nothing is put together, and nothing recorded."""
    action = question().first_contact(local(file(HERE)), remote(THERE))
    assert _told(action) == (None, None, None)
    assert "both sides have it, and they differ (body)" in action.refusal


def test_a_pull_leaves_a_blank_page_blank() -> None:
    """A file with text is left for a push, and the page keeps the empty paragraph it was left with."""
    blank = numbered((Block(type="paragraph"),))
    action = question("pull").first_contact(local(file(BASE)), replace(remote(""), body=blank, raw=blank))
    assert not action.writes_page
    assert not action.writes_file
    assert not action.refusal


# --- one side is missing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "direction", "verb", "left"),
    [
        (BASE, "sync", "trash-page", ""),
        (BASE, "push", "trash-page", ""),
        (BASE, "pull", "wait", "deleted here"),
        (THERE, "sync", "create-file", ""),
        (THERE, "pull", "create-file", ""),
        (THERE, "push", "wait", "deleted here, but edited in Notion"),
    ],
)
def test_a_deleted_file(theirs: str, direction: Direction, verb: str, left: str) -> None:
    """An untouched page follows; an edit in Notion survives and brings the file back."""
    agreed = base(file(BASE))
    action = question(direction).file_deleted(agreed, remote(theirs, agreed))
    assert (action.verb, action.refusal or action.pending) == (verb, left)
    if verb == "create-file":
        assert _text(action.file) == THERE
        assert [notice.code for notice in action.notices] == ["NS-RESTORED"]


@pytest.mark.parametrize(
    ("mine", "direction", "verb"),
    [
        (BASE, "sync", "delete-file"),
        (BASE, "pull", "delete-file"),
        (BASE, "push", "wait"),
        (HERE, "sync", "restore-page"),
        (HERE, "push", "restore-page"),
        (HERE, "pull", "wait"),
    ],
)
def test_a_trashed_page(mine: str, direction: Direction, verb: str) -> None:
    """The mirror of it."""
    agreed = base(file(BASE))
    assert question(direction).page_trashed(agreed, local(file(mine), agreed), page()).verb == verb


@pytest.mark.parametrize(("direction", "verb"), [("sync", "create-file"), ("pull", "create-file"), ("push", "wait")])
def test_a_new_page(direction: Direction, verb: str) -> None:
    """Its file names it, and holds what it says."""
    action = question(direction).new_page(remote(BASE, order=3), PATH)
    assert action.verb == verb
    if verb == "create-file":
        assert action.file == action.base == file(BASE, order="3")


@pytest.mark.parametrize(("direction", "verb"), [("sync", "create-page"), ("push", "create-page"), ("pull", "wait")])
def test_a_new_file(direction: Direction, verb: str) -> None:
    """Its page gets every mapped value but those that Notion computes."""
    action = question(direction).new_file(local(file(BASE, order="3", edited="2026-01-01", other="x")), "A?")
    assert action.verb == verb
    if verb == "create-page":
        assert action.fields == {"question": "A?", "order": 3}
        assert action.body == parse(BASE).body


# --- laws ------------------------------------------------------------------------------------------------------------

paragraphs = st.lists(st.sampled_from(["One.", "Two.", "Three.", "Four.", "- a\n- b", "> q"]), max_size=4)


def _bodies() -> st.SearchStrategy[str]:
    return paragraphs.map(lambda parts: "".join(f"{part}\n\n" for part in parts).rstrip("\n") + "\n" * bool(parts))


@given(_bodies(), _bodies(), _bodies())
@settings(max_examples=100)
def test_three_versions_end_equal_or_are_left(was: str, mine: str, theirs: str) -> None:
    """Law P1, and P4: after a sync both sides and the base say the same, or it is a conflict and nothing is written."""
    action = _decide(mine, theirs, "sync", was=was)
    if action.conflicts:
        assert _told(action)[:2] == (None, None)
        assert parse(was).body not in (parse(mine).body, parse(theirs).body)
        return
    file_now = parse(_text(action.file) if action.file is not None else mine).body
    page_now = action.body if action.edits else parse(theirs).body
    assert file_now == page_now
    if parse(theirs).body == parse(was).body:
        assert file_now == parse(mine).body
        assert not action.writes_file
    if parse(mine).body == parse(was).body:
        assert page_now == parse(theirs).body
        assert not action.edits


@given(_bodies(), _bodies(), _bodies())
@settings(max_examples=60)
def test_pull_sends_nothing_and_push_writes_no_file(was: str, mine: str, theirs: str) -> None:
    """Whatever the versions are."""
    assert not _decide(mine, theirs, "pull", was=was).writes_page
    assert not _decide(mine, theirs, "push", was=was).writes_file
