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
