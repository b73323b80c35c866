"""Scenario 52: files that follow their pages' titles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scenarios.desk import Desk, answer, desk_at, path_of

import notionsync.engine.moves as moving
from notionsync.sides.state import State

LEADING = (
    "See [one](one.md), [again](<one.md#part>) and [two](two.md).",
    "* in a list: [one](./one.md)",
    "`one.md` is no link.",
)


@pytest.fixture
def follow(tmp_path: Path) -> Iterator[Desk]:
    """Two questions, a third that leads to them, and files that follow titles."""
    with desk_at(tmp_path / "repository") as desk:
        for order, name in enumerate(("one", "two"), 1):
            desk.write(path_of(name), answer(name, order, f"{name} alpha", f"{name} beta"))
        desk.write(path_of("three"), answer("three", 3, *LEADING))
        desk.run("init", "--create", "--parent", desk.workspace())
        desk.write(
            "notionsync.toml", desk.read("notionsync.toml").replace("[files]\n", '[files]\nrename = "follow-title"\n')
        )
        desk.run("sync")
        desk.commit()
        desk.wait(120)
        yield desk


def _names(desk: Desk) -> list[str]:
    return sorted(path.name for path in (desk.root / "answers").glob("*.md"))


def _led(desk: Desk, name: str) -> None:
    text = desk.text("three")
    assert f"[one]({name}.md)" in text
    assert f"{name}.md#part" in text
    assert "* in a list: [one](" in text
    assert f"{name}.md)\n\n`one.md` is no link." in text
    assert "[two](two.md)" in text


@pytest.mark.parametrize("command", ["pull", "sync"])
def test_s052_a_retitled_page_renames_its_file(follow: Desk, command: str) -> None:
    """The links of other answers lead there, nothing is written to Notion, and the next run has nothing to do."""
    page = follow.page("one")
    follow.retitle("one", "Why: only one/once?")
    follow.requests()
    dry = follow.json(command, "--dry-run")["questions"]
    wet = follow.json(command)["questions"]
    assert dry[0]["details"] == wet[0]["details"] == ["renamed to answers/Why_only_oneonce.md"]
    assert follow.writes() == 0
    assert _names(follow) == ["Why_only_oneonce.md", "three.md", "two.md"]
    assert follow.page("Why_only_oneonce") == page
    _led(follow, "Why_only_oneonce")
    follow.settled_now()


def test_s052_without_the_setting_the_name_stays(follow: Desk) -> None:
    """A title is no name."""
    follow.replace("notionsync.toml", 'rename = "follow-title"\n', "")
    follow.retitle("one", "Another title")
    follow.run("sync")
    assert _names(follow) == ["one.md", "three.md", "two.md"]
    assert "question: Another title" in follow.text("one")


def test_s052_a_title_changed_here_renames_nothing(follow: Desk) -> None:
    """The author of the file chose its name."""
    follow.edit("one", "Why one?", "Changed here?")
    follow.run("sync")
    assert "one.md" in _names(follow)
    assert "Changed here?" in follow.titles()


def test_s052_a_name_that_is_taken(follow: Desk) -> None:
    """Nothing is overwritten: the page's digits tell the two apart."""
    follow.retitle("one", "two")
    follow.run("sync")
    (name,) = set(_names(follow)) - {"two.md", "three.md"}
    page = follow.page(name.removesuffix(".md"))
    assert name == f"two_{page[-8:]}.md"
    assert follow.says(page) == ["one alpha", "one beta"]
    assert follow.here("two") == ["two alpha", "two beta"]
    follow.settled_now()


def test_s052_two_pages_that_swap_their_titles(follow: Desk) -> None:
    """Each text stays with its page."""
    pages = follow.page("one"), follow.page("two")
    follow.retitle("one", "two")
    follow.retitle("two", "one")
    follow.run("sync")
    assert {entry["id"] for entry in follow.records().values()} >= set(pages)
    for name, entry in follow.records().items():
        if entry["id"] in pages:
            assert follow.here(name)[0] == ("one alpha" if entry["id"] == pages[0] else "two alpha")
    follow.settled_now()


@pytest.mark.parametrize("edited", ["the file itself", "the one that leads there"])
def test_s053_retitled_there_and_edited_here(follow: Desk, edited: str) -> None:
    """Both effects land, and what is not pushed yet is pushed by the next run."""
    follow.retitle("one", "Renamed")
    if edited == "the file itself":
        follow.edit("one", "one beta", "one edited here")
    else:
        follow.edit("three", "is no link", "is no link at all")
    follow.run("pull")
    assert "Renamed.md" in _names(follow)
    assert "[one](Renamed.md)" in follow.text("three")
    follow.run("push")
    if edited == "the file itself":
        assert follow.both("Renamed")[1] == "one edited here"
    else:
        assert follow.there("three")[2] == "one.md is no link at all."
    follow.settled_now()


@pytest.mark.parametrize("step", ["rename", "links", "record"])
def test_s052_killed_in_between(follow: Desk, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The next run goes on: one file, under its new name, and every link leads there."""
    follow.retitle("one", "Renamed")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if step == "record":
            save = State.save_record

            def saved(state: State, record: object) -> None:
                if getattr(record, "path", "") == "answers/Renamed.md":
                    killed()
                save(state, record)  # type: ignore[arg-type]

            patch.setattr(State, "save_record", saved)
        else:
            patch.setattr(moving, "_meant" if step == "rename" else "_follow", killed)
        follow.run("pull", code=5)
    assert "Renamed.md" in _names(follow)
    follow.run("pull")
    assert _names(follow) == ["Renamed.md", "three.md", "two.md"]
    _led(follow, "Renamed")
    follow.settled_now()


def test_s050_with_the_setting_links_follow_a_file_renamed_here(follow: Desk) -> None:
    """A file that its author renames takes the links of other answers along."""
    follow.move("one", "uno")
    follow.requests()
    follow.run("sync")
    assert follow.writes() == 0
    _led(follow, "uno")
    follow.settled_now()
