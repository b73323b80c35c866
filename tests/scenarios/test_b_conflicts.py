"""Scenarios 17-36, on conflicts that last: found again by every run, kept apart from all else, settled once."""

from __future__ import annotations

import pytest
from tests.scenarios.desk import Desk, path_of

CONFIG = "notionsync.toml"


def _in_conflict(desk: Desk) -> None:
    """Let both sides say another order, and each change a paragraph of its own."""
    desk.edit("one", "order: 1", "order: 10")
    desk.fill("one", Order={"number": 20})
    desk.edit("one", "one alpha", "one alpha in the file")
    desk.note("one", "one gamma", "one gamma in Notion")


def test_s012_a_conflict_of_a_property_does_not_hold_back_the_body(desk: Desk) -> None:
    """Edits of the body go both ways while the property waits; what was agreed on of it stays what it was."""
    _in_conflict(desk)
    for _ in range(2):
        assert desk.outcomes("sync", code=3)["one"] == "conflict update"
        assert desk.both("one") == ["one alpha in the file", "one beta", "one gamma in Notion"]
        assert "order: 10\n" in desk.text("one")
        assert desk.value("one", "Order") == 20
        desk.wait(120)
    desk.run("resolve", path_of("one"), "--take", "notion")
    desk.run("sync")
    assert "order: 20\n" in desk.text("one")
    desk.settled_now()


def test_s012_both_versions_are_shown(desk: Desk) -> None:
    """Who has to choose sees what Notion says and what the file says instead, of each unit; nothing is written."""
    _in_conflict(desk)
    desk.edit("one", "one gamma", "one gamma in the file")
    before = desk.text("one")
    shown = desk.run("diff").output.splitlines()
    assert {"-20", "+10", "-one gamma in Notion", "+one gamma in the file"} <= set(shown)
    assert [line for line in shown if line.startswith("+++")] == [
        f"+++ local/{path_of('one')} ({unit})" for unit in ("order", "body")
    ]
    assert desk.text("one") == before


@pytest.mark.parametrize("take", ["local", "notion"])
def test_s012_a_conflict_holds_back_the_whole_question_where_that_is_wanted(desk: Desk, take: str) -> None:
    """`[sync] conflict = "question"`: no half of an answer arrives; once it is settled, all of it does."""
    desk.write(CONFIG, f'{desk.read(CONFIG)}\n[sync]\nconflict = "question"\n')
    _in_conflict(desk)
    desk.edit("two", "two beta", "two in the file")
    before = desk.text("one"), desk.there("one"), desk.records()["one"]
    for command in ("sync", "pull", "sync"):
        assert desk.outcomes(command, code=3)["one"] == "conflict update"
        assert (desk.text("one"), desk.there("one"), desk.records()["one"]) == before
        desk.wait(120)
    assert desk.there("two")[1] == "two in the file"
    desk.run("resolve", path_of("one"), "--take", take)
    desk.run("sync")
    assert desk.both("one") == ["one alpha in the file", "one beta", "one gamma in Notion"]
    assert desk.value("one", "Order") == {"local": 10, "notion": 20}[take]
    desk.settled_now()


@pytest.mark.parametrize("take", ["local", "notion"])
def test_s024_a_version_that_nobody_was_shown_is_not_decided_about(desk: Desk, take: str) -> None:
    """Notion moves on after the conflict was reported: the resolution is refused once, and decides the second time."""
    desk.edit("one", "one beta", "from the file")
    desk.note("one", "one beta", "from Notion")
    desk.run("sync", code=3)
    desk.note("one", "from Notion", "from Notion, and better")
    files = desk.bytes()
    assert desk.outcomes("resolve", path_of("one"), "--take", take, "--dry-run", code=3) == {"one": "refused wait"}
    report = desk.json("resolve", path_of("one"), "--take", take, code=3)["questions"]
    assert "edited in Notion since" in report[0]["message"]
    assert desk.bytes() == files
    assert desk.kept() == ""
    desk.run("resolve", path_of("one"), "--take", take)
    assert {"local": "from Notion, and better", "notion": "from the file"}[take] in desk.kept()
    desk.run("sync")
    assert desk.both("one")[1] == {"local": "from the file", "notion": "from Notion, and better"}[take]
    desk.settled_now()


@pytest.mark.parametrize("unit", ["body", "order"])
def test_s024_what_the_run_itself_sent_was_seen(desk: Desk, unit: str) -> None:
    """A run that reports a conflict and sends the rest of the question is no edit of Notion's since: one resolve will do."""
    desk.edit("one", "order: 1", "order: 7")
    desk.edit("one", "one beta", "from the file")
    desk.wait(120)
    if unit == "body":
        desk.note("one", "one beta", "from Notion")
    else:
        desk.fill("one", Order={"number": 8})
    desk.run("sync", code=3)
    desk.wait(120)
    desk.run("resolve", path_of("one"), "--take", "local")
    desk.run("sync")
    assert desk.both("one")[1] == "from the file"
    assert desk.value("one", "Order") == 7
    desk.settled_now()


def test_s024_where_nothing_was_shown_a_conflict_can_be_settled_at_once(desk: Desk) -> None:
    """As in a fresh clone, after somebody read of the conflict elsewhere; the loser is kept."""
    desk.edit("one", "one beta", "from the file")
    desk.note("one", "one beta", "from Notion")
    desk.run("resolve", path_of("one"), "--take", "local")
    assert "from Notion" in desk.kept()


def test_s025_an_edit_behind_the_markers_is_found(desk: Desk) -> None:
    """While markers are in the file it is not pushed; Notion's later edit is a conflict with what was made of them."""
    desk.edit("one", "one beta", "from the file")
    desk.note("one", "one beta", "from Notion")
    desk.run("sync", code=3)
    desk.run("resolve", path_of("one"), "--take", "markers", code=3)
    desk.requests()
    for command in ("push", "sync"):
        desk.run(command, code=3)
    assert desk.writes() == 0
    desk.wait(120)
    desk.note("one", "from Notion", "from Notion, once more")
    text = desk.text("one")
    begin, end = text.index("<<<<<<< local"), text.index(">>>>>>> notion") + len(">>>>>>> notion\n")
    desk.write(path_of("one"), text[:begin] + "made of both\n" + text[end:])
    assert desk.outcomes("sync", code=3) == {"one": "conflict update"}
    assert (desk.here("one")[1], desk.there("one")[1]) == ("made of both", "from Notion, once more")


@pytest.mark.parametrize("command", ["sync", "pull", "push"])
def test_s015_equal_edits_of_both_sides_are_adopted(desk: Desk, command: str) -> None:
    """Whoever runs next: nothing is written to either side, and it is agreed on."""
    desk.edit("one", "one beta", "one better")
    desk.note("one", "one beta", "one better")
    desk.edit("one", "order: 1", "order: 7")
    desk.fill("one", Order={"number": 7})
    text = desk.text("one")
    desk.requests()
    desk.run(command)
    assert desk.writes() == 0
    assert desk.text("one") == text
    desk.wait(120)
    assert desk.outcomes("sync") == {}
