"""Scenarios 122 and 154: comparing both sides with the state."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scenarios.desk import Desk, answer, path_of
from tests.test_schemas import validator


def _sides(desk: Desk, *args: str, code: int = 6) -> dict[str, tuple[str, str]]:
    """Run `check --sides`; return what became of file and page by name, after checking that nothing was written."""
    before = desk.everything()
    desk.requests()
    found: Any = desk.json("check", "--sides", *args, code=code)
    assert desk.writes() == 0
    assert desk.everything() == before
    validator("sides").validate(found)
    return {
        d["path"].removeprefix("answers/").removesuffix(".md"): (d["here"], d["there"]) for d in found["differences"]
    }


def test_s154_two_sides_in_step(desk: Desk) -> None:
    """Exit code 0, whatever was looked at, also right after a run."""
    assert _sides(desk, code=0) == {}
    desk.edit("one", "one beta", "one better")
    desk.run("sync")
    assert _sides(desk, code=0) == {}
    assert "3 agreed on, 0 not as agreed" in desk.run("check", "--sides").output


def test_s154_each_side_is_told(desk: Desk) -> None:
    """What became of file and page since they were agreed on, with exit code 6."""
    for order, name in enumerate(("four", "five", "six", "seven"), 4):
        desk.write(path_of(name), answer(name, order, f"{name} alpha"))
    desk.run("sync")
    desk.wait(120)
    desk.edit("one", "one beta", "one from the file")
    desk.note("two", "two beta", "two from Notion")
    desk.edit("three", "three alpha", "three from the file")
    desk.retitle("three", "Why three at all?")
    desk.remove("four")
    desk.trash("five")
    desk.move("six", "sechs")
    desk.edit("seven", "order: 7", "order: [7")
    desk.write(path_of("eight"), answer("eight", 8, "eight alpha"))
    desk.ask("Why nine?", "nine alpha")
    expected = {
        "one": ("edited", "same"),
        "two": ("same", "edited"),
        "three": ("edited", "edited"),
        "four": ("deleted", "same"),
        "five": ("same", "trashed"),
        "sechs": ("moved", "same"),
        "seven": ("refused", ""),
        "eight": ("new", "none"),
        "Why_nine": ("none", "new"),
    }
    assert _sides(desk) == expected
    assert _sides(desk, path_of("two"), path_of("seven")) == {name: expected[name] for name in ("two", "seven")}
    assert "answers/two.md: file same, page edited" in desk.run("check", "--sides", code=6).output


def test_s154_an_edit_in_the_minute_of_our_write_is_found(desk: Desk) -> None:
    """Every page is read, whatever its time says."""
    desk.note("one", "one beta", "one better")
    desk.run("sync")
    desk.note("one", "one better", "one best")
    assert _sides(desk) == {"one": ("same", "edited")}


def test_s122_sides_that_differ_though_neither_changed(desk: Desk) -> None:
    """Somebody took another agreement out of git: it is told as edits of both sides, and a sync settles it."""
    desk.edit("one", "one beta", "one better")
    desk.run("sync", "--commit")
    desk.git("checkout", "--quiet", "HEAD~1", "--", ".notionsync")
    assert _sides(desk) == {"one": ("edited", "edited")}
    desk.run("sync")
    assert _sides(desk, code=0) == {}


@pytest.mark.parametrize("option", ["--fix", "--ignore=NS-HEADING-DEEP"])
def test_s154_comparing_changes_nothing(desk: Desk, option: str) -> None:
    """Options that change something, or pick among findings, mean nothing here."""
    assert "--sides" in desk.json("check", "--sides", option, code=2)["error"]
