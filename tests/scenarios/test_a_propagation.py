"""Scenarios 1-14: ordinary propagation."""

from __future__ import annotations

import pytest
from tests.scenarios.desk import NAMES, Desk, answer, path_of

from notionsync.engine import survey


def test_s001_nothing_changed(desk: Desk) -> None:
    """No write anywhere, the state stays byte for byte, and a run at a terminal does not even read the bodies."""
    before = desk.everything()
    desk.run("sync")
    desk.run("pull")
    desk.requests()
    desk.run("push")
    asked = desk.requests()
    assert desk.everything() == before
    assert asked["writes"] == 0
    assert "GET /v1/blocks/{id}/children" not in asked["by_kind"]
    assert asked["total"] == 3


def test_s002_new_here(desk: Desk) -> None:
    """A new file becomes a page, is recorded, and gets the page's id as its only change."""
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    desk.run("sync")
    assert desk.titles() == ["Why four?", "Why one?", "Why three?", "Why two?"]
    assert desk.both("four") == ["four alpha"]
    assert desk.text("four") == answer("four", 4, "four alpha", page=desk.page("four"))
    desk.settled_now()


def test_s003_new_there(desk: Desk) -> None:
    """A new page becomes a file, is recorded, and nothing is written to Notion."""
    page = desk.ask("Why four?", "four alpha", "four beta")
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert desk.records()["Why_four"]["id"] == page
    assert desk.both("Why_four") == ["four alpha", "four beta"]
    desk.settled_now()


@pytest.mark.parametrize("side", ["file", "notion"])
def test_s002_a_link_reaches_a_page_that_came_later(desk: Desk, side: str) -> None:
    """A file leads to a question that has no page yet, or no file: the link on the page is set when it has."""
    desk.edit("one", "one beta", "See [this](Why_four.md).")
    desk.run("sync")
    desk.commit()
    if side == "file":
        desk.write(path_of("Why_four"), answer("four", 4, "four alpha"))
    else:
        desk.ask("Why four?", "four alpha")
    desk.run("sync")
    linked = desk.children(desk.page("one"))[1]["paragraph"]["rich_text"][1]["href"]
    assert desk.page("Why_four") in linked.replace("-", "")
    assert "[this](Why_four.md)" in desk.text("one")
    desk.settled_now()


def test_s004_edited_here(desk: Desk) -> None:
    """The page follows with one write; the file is not touched."""
    desk.edit("one", "one beta", "one better")
    text = desk.text("one")
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 1
    assert desk.text("one") == text
    assert desk.both("one") == ["one alpha", "one better", "one gamma"]
    desk.settled_now()


def test_s005_edited_there(desk: Desk) -> None:
    """The file follows; Notion is not touched."""
    desk.note("one", "one beta", "one better")
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert desk.both("one") == ["one alpha", "one better", "one gamma"]
    desk.settled_now()


def test_s006_edits_in_turn_are_not_echoed(desk: Desk) -> None:
    """Here, sync, there, sync: each arrives, and no side is written its own edit."""
    desk.edit("one", "one alpha", "one ALPHA")
    desk.run("sync")
    desk.wait(120)
    desk.note("one", "one gamma", "one GAMMA")
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert desk.both("one") == ["one ALPHA", "one beta", "one GAMMA"]
    desk.settled_now()


@pytest.mark.parametrize("change", ["none", "here", "there", "both", "new", "gone"])
def test_s007_a_second_run_does_nothing(desk: Desk, change: str) -> None:
    """At once, in the same minute, and later."""
    if change in {"here", "both"}:
        desk.edit("one", "one alpha", "one ALPHA")
    if change in {"there", "both"}:
        desk.note("one", "one gamma", "one GAMMA")
    if change == "new":
        desk.write(path_of("four"), answer("four", 4, "four alpha"))
        desk.ask("Why five?", "five alpha")
    if change == "gone":
        desk.remove("one")
        desk.trash("two")
    desk.run("sync")
    before = desk.everything()
    desk.requests()
    for command in ("sync", "pull", "push"):
        assert desk.json(command)["questions"] == []
    assert desk.writes() == 0
    assert desk.everything() == before
    desk.settled_now()


def test_s008_the_base_is_what_both_hold(desk: Desk) -> None:
    """After an edit went one way, the recorded base is the file, and taking the edit back is an edit again."""
    desk.edit("one", "one beta", "one better")
    desk.run("sync")
    base = desk.root / ".notionsync" / "base" / f"{desk.page('one')}.base"
    assert base.read_text("utf-8") == desk.text("one")
    desk.note("one", "one better", "one beta")
    desk.run("sync")
    assert desk.both("one")[1] == "one beta"
    assert base.read_text("utf-8") == desk.text("one")


def test_s009_one_run_carries_both_directions(desk: Desk) -> None:
    """Different questions, new and edited, each way."""
    desk.edit("one", "one beta", "one from the file")
    desk.note("two", "two beta", "two from Notion")
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    desk.ask("Why five?", "five alpha")
    desk.run("sync")
    assert desk.both("one")[1] == "one from the file"
    assert desk.both("two")[1] == "two from Notion"
    assert desk.both("four") == ["four alpha"]
    assert desk.both("Why_five") == ["five alpha"]
    desk.settled_now()


@pytest.mark.parametrize("workers", [1, 2, 16])
def test_s010_the_number_of_workers_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    """One, some, or more than there are questions."""
    monkeypatch.setattr(survey, "_SIDE_BY_SIDE", workers)
    for name in NAMES:
        desk.edit(name, f"{name} alpha", f"{name} from the file")
        desk.note(name, f"{name} gamma", f"{name} from Notion")
    desk.run("sync")
    for name in NAMES:
        assert desk.both(name) == [f"{name} from the file", f"{name} beta", f"{name} from Notion"]
    desk.settled_now()


@pytest.mark.parametrize("side", ["file", "notion"])
def test_s011_properties_alone(desk: Desk, side: str) -> None:
    """Title, tags and order travel without the body being written."""
    if side == "file":
        desk.edit("one", "question: Why one?", "question: Why only one?")
        desk.edit("one", "tags: [a, b]", "tags: [b]")
    else:
        desk.fill("one", Tags={"multi_select": [{"name": "b"}]})
        desk.retitle("one", "Why only one?")
    blocks = [block["id"] for block in desk.children(desk.page("one"))]
    desk.requests()
    desk.run("sync")
    assert desk.requests()["by_kind"].get("PATCH /v1/pages/{id}", 0) == (1 if side == "file" else 0)
    assert [block["id"] for block in desk.children(desk.page("one"))] == blocks
    assert "question: Why only one?\n" in desk.text("one")
    assert "tags: [b]\n" in desk.text("one")
    assert [tag["name"] for tag in desk.value("one", "Tags")] == ["b"]
    assert "Why only one?" in desk.titles()
    desk.settled_now()


def test_s012_body_here_and_property_there(desk: Desk) -> None:
    """Both survive, and it is no conflict."""
    desk.edit("one", "one beta", "one better")
    desk.fill("one", Order={"number": 7})
    desk.run("sync")
    assert desk.both("one")[1] == "one better"
    assert "order: 7\n" in desk.text("one")
    assert desk.value("one", "Order") == 7
    desk.settled_now()


def test_s013_the_same_value_on_both_sides(desk: Desk) -> None:
    """Adopted without a write."""
    desk.edit("one", "order: 1", "order: 7")
    desk.fill("one", Order={"number": 7})
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    desk.settled_now()


def test_s014_an_edit_that_was_undone_is_none(desk: Desk) -> None:
    """Edited and edited back, on both sides."""
    text = desk.text("one")
    desk.edit("one", "one beta", "one better")
    desk.write(path_of("one"), text)
    desk.note("two", "two beta", "two better")
    desk.note("two", "two better", "two beta")
    before = desk.everything()
    desk.requests()
    assert desk.json("sync")["questions"] == []
    assert desk.writes() == 0
    assert desk.everything() == before
