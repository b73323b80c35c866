"""Scenarios 50-67: identity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.scenarios.desk import Desk, answer, path_of

from notionsync.model import Page
from notionsync.sides.notion.read import Reader


def test_s050_renamed_here(desk: Desk) -> None:
    """The same question at another path: the page is not touched but for the file's name, the state knows the new path."""
    page = desk.page("one")
    edited = desk.api("GET", f"pages/{page}")["last_edited_time"]
    desk.move("one", "eins")
    desk.run("sync")
    assert desk.page("eins") == page
    assert desk.there("eins") == ["one alpha", "one beta", "one gamma"]
    assert desk.titles() == ["Why one?", "Why three?", "Why two?"]
    assert edited == "2026-01-05T10:00:00.000Z"
    desk.settled_now()


def test_s051_renamed_and_edited_here(desk: Desk) -> None:
    """The same question by its id: the edit goes to its page."""
    page = desk.page("one")
    desk.move("one", "deep/eins")
    desk.edit("deep/eins", "one beta", "one better")
    desk.run("sync")
    assert desk.page("eins") == page
    assert desk.says(page) == ["one alpha", "one better", "one gamma"]
    assert len(desk.titles()) == 3
    desk.settled_now()


def test_s052_retitled_there(desk: Desk) -> None:
    """The file keeps its name, so that links to it hold."""
    desk.edit("two", "two beta", "See [one](one.md).")
    desk.run("sync")
    desk.retitle("one", "Why only one?")
    desk.run("sync")
    assert desk.exists("one")
    assert "question: Why only one?\n" in desk.text("one")
    assert "[one](one.md)" in desk.text("two")
    desk.settled_now()


def test_s053_renamed_here_edited_there(desk: Desk) -> None:
    """Both land."""
    desk.move("one", "eins")
    desk.note("one", "one beta", "one better")
    desk.run("sync")
    assert not desk.exists("one")
    assert desk.both("eins") == ["one alpha", "one better", "one gamma"]
    desk.settled_now()


def test_s054_renamed_here_deleted_there(desk: Desk) -> None:
    """A rename is a change: the question is not lost without a word."""
    page = desk.page("one")
    desk.move("one", "eins")
    desk.trash("one")
    report = desk.json("sync")["questions"]
    assert [(o["verb"], o["state"]) for o in report] == [("restore-page", "done")]
    assert report[0]["notices"]
    assert desk.exists("eins")
    assert not desk.trashed(page)
    desk.settled_now()


def test_s055_renamed_on_both(desk: Desk) -> None:
    """A file renamed here, a page retitled there: one question, under the file's new name."""
    page = desk.page("one")
    desk.move("one", "eins")
    desk.retitle("one", "Why uno?")
    desk.run("sync")
    assert desk.page("eins") == page
    assert sorted(desk.records()) == ["eins", "three", "two"]
    assert "question: Why uno?\n" in desk.text("eins")
    assert len(desk.titles()) == 3
    desk.settled_now()


def test_s056_renamed_onto_a_path_that_a_new_page_wants(desk: Desk) -> None:
    """Both contents survive, under different names."""
    desk.move("one", "Why_four")
    desk.ask("Why four?", "four alpha")
    desk.run("sync")
    assert desk.here("Why_four") == ["one alpha", "one beta", "one gamma"]
    others = [name for name in desk.records() if name not in {"Why_four", "two", "three"}]
    assert [desk.both(name) for name in others] == [["four alpha"]]
    desk.settled_now()


def test_s057_two_files_swap_names(desk: Desk) -> None:
    """Contents follow the ids."""
    one, two = desk.page("one"), desk.page("two")
    desk.move("one", "other")
    desk.move("two", "one")
    desk.move("other", "two")
    desk.run("sync")
    assert (desk.page("one"), desk.page("two")) == (two, one)
    assert desk.both("one")[0] == "two alpha"
    assert desk.both("two")[0] == "one alpha"
    desk.settled_now()


def test_s057_one_of_two_that_swapped_names_is_deleted(desk: Desk) -> None:
    """The first sync could record only one of them: then the other is as good as any deleted file, and nothing is stuck."""
    one, two = desk.page("one"), desk.page("two")
    desk.move("one", "other")
    desk.move("two", "one")
    desk.move("other", "two")
    desk.write(path_of("copy"), desk.text("one"))
    assert desk.outcomes("sync", code=3) == {"two": "done update", "one": "refused wait", "copy": "refused wait"}
    desk.remove("one")
    desk.remove("copy")
    desk.edit("two", "one beta", "one better")
    desk.run("sync")
    assert desk.trashed(two)
    assert desk.page("two") == one
    assert desk.both("two")[1] == "one better"
    desk.settled_now()


def test_s058_renamed_by_letter_case_alone(desk: Desk) -> None:
    """One question, under its new spelling."""
    page = desk.page("one")
    desk.move("one", "ONE")
    desk.run("sync")
    assert desk.page("ONE") == page
    assert len(desk.titles()) == 3
    assert sorted(path.name for path in (desk.root / "answers").iterdir()) == ["ONE.md", "three.md", "two.md"]
    desk.settled_now()


def test_s059_moved_to_another_folder(desk: Desk) -> None:
    """The question stays, its links still lead where they did."""
    desk.edit("one", "one beta", "See [two](two.md).")
    desk.run("sync")
    page = desk.page("one")
    desk.move("one", "deep/one")
    desk.edit("deep/one", "(two.md)", "(../two.md)")
    desk.requests()
    desk.run("sync")
    assert desk.page("one") == page
    linked = desk.children(page)[1]["paragraph"]["rich_text"][1]["href"].replace("-", "")
    assert desk.page("two") in linked
    desk.settled_now()


def test_s060_renames_are_no_deletions_to_the_guard(desk: Desk) -> None:
    """Every file is renamed: nothing is stopped."""
    for name in ("one", "two", "three"):
        desk.move(name, f"deep/{name}_renamed")
    desk.run("sync")
    assert len(desk.titles()) == 3
    desk.settled_now()


def test_s061_two_files_of_one_id(desk: Desk) -> None:
    """A copied file: these two stop and are named, the others sync."""
    desk.write(path_of("copy"), desk.text("one").replace("one beta", "one copied"))
    desk.edit("two", "two beta", "two better")
    report = desk.json("sync", code=3)["questions"]
    refused = {o["path"]: o["message"] for o in report if o["state"] == "refused"}
    assert set(refused) == {path_of("one"), path_of("copy")}
    assert all(path_of("one") in message and path_of("copy") in message for message in refused.values())
    assert desk.there("one") == ["one alpha", "one beta", "one gamma"]
    assert desk.both("two")[1] == "two better"


def _listing_twice(monkeypatch: pytest.MonkeyPatch, change: Callable[[Page], Page]) -> None:
    """Let a listing show its pages a second time, as pages of a listing do that overlap."""
    pages = Reader.pages

    def twice(reader: Reader, data_source: str, **options: Any) -> Any:
        found = pages(reader, data_source, **options)
        return replace(found, pages=(*found.pages, *map(change, found.pages)))

    monkeypatch.setattr(Reader, "pages", twice)


def test_s062_a_page_listed_twice_is_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Overlapping pages of a listing."""
    desk.ask("Why four?", "four alpha")
    _listing_twice(monkeypatch, lambda page: page)
    desk.run("sync")
    assert sorted(desk.records()) == ["Why_four", "one", "three", "two"]
    desk.settled_now()


def test_s062_a_page_that_changes_between_two_pages_of_a_listing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listed twice, before and after an edit: the body that is read decides, and the edit is not lost."""
    desk.note("one", "one beta", "one better")
    _listing_twice(monkeypatch, lambda page: replace(page, last_edited_time="2026-01-05T10:00:00.000Z"))
    desk.run("sync")
    monkeypatch.undo()
    desk.wait(120)
    desk.run("sync")
    assert desk.both("one")[1] == "one better"


def test_s063_two_pages_of_one_title(desk: Desk) -> None:
    """Two files of distinct names, the same from run to run."""
    desk.ask("Why four?", "four alpha")
    desk.ask("Why four?", "four beta")
    desk.run("sync")
    names = sorted(set(desk.records()) - {"one", "two", "three"})
    assert len(names) == 2
    assert sorted(desk.both(name)[0] for name in names) == ["four alpha", "four beta"]
    desk.settled_now()
    assert sorted(set(desk.records()) - {"one", "two", "three"}) == names


def test_s064_a_file_without_an_id_gets_one(desk: Desk) -> None:
    """In the same run."""
    desk.write(path_of("four"), "Just a text, without front matter.\n")
    desk.run("sync")
    assert desk.page_of(path_of("four")) == desk.records()["four"]["id"]
    assert desk.text("four").endswith("Just a text, without front matter.\n")
    desk.settled_now()


@pytest.mark.parametrize("how", ["removed", "changed", "broken"])
def test_s065_an_id_line_that_was_changed(desk: Desk, how: str) -> None:
    """Reported with the line to put back; neither deleted nor doubled, and the others sync."""
    page = desk.page("one")
    line = f"notion_id: {page}\n"
    desk.edit("one", line, {"removed": "", "changed": f"notion_id: {'0' * 32}\n", "broken": "notion_id: 12\n"}[how])
    desk.edit("two", "two beta", "two better")
    text = desk.text("one")
    for _ in range(2):
        report = desk.json("sync", code=3)["questions"]
        assert {o["path"] for o in report if o["state"] == "refused"} == {path_of("one")}
    assert desk.text("one") == text
    assert not desk.trashed(page)
    assert len(desk.titles()) == 3
    assert desk.both("two")[1] == "two better"
    assert desk.records()["one"]["id"] == page


def test_s065_a_file_put_in_the_place_of_another(desk: Desk) -> None:
    """It says which question it is; under its old name again, the one whose place it took counts as deleted."""
    two = desk.page("two")
    (desk.root / path_of("one")).replace(desk.root / path_of("two"))
    output = desk.run("sync", code=3).output
    assert "answers/two.md: is what was answers/one.md" in output
    assert "git mv answers/two.md answers/one.md" in output
    assert desk.titles() == ["Why one?", "Why three?", "Why two?"]
    desk.move("two", "one")
    desk.run("sync")
    assert desk.trashed(two)
    assert desk.titles() == ["Why one?", "Why three?"]
    desk.settled_now()


def test_s065_two_files_that_swapped_and_one_lost_its_id(desk: Desk) -> None:
    """The one without an id is no new question: both wait until it has its line again."""
    one, two = desk.page("one"), desk.page("two")
    desk.move("one", "other")
    desk.move("two", "one")
    desk.move("other", "two")
    desk.edit("two", f"notion_id: {one}\n", "")
    for _ in range(2):
        output = desk.run("sync", code=3).output
        assert f"put the line notion_id: {one} into the one of answers/one.md and answers/two.md" in output
    assert desk.titles() == ["Why one?", "Why three?", "Why two?"]
    desk.edit("two", "question:", f"notion_id: {one}\nquestion:")
    desk.run("sync")
    assert (desk.page("one"), desk.page("two")) == (two, one)
    desk.settled_now()


def test_s066_an_id_of_another_database(desk: Desk) -> None:
    """Reported; file and page are left alone."""
    above = {"type": "page_id", "page_id": desk.workspace_page()}
    made = desk.api("POST", "pages", {"parent": above, "properties": {"title": {"title": []}}})
    other = str(made["id"]).replace("-", "")
    desk.write(path_of("four"), answer("four", 4, "four alpha", page=other))
    desk.write(path_of("five"), answer("five", 5, "five alpha", page="0" * 31 + "1"))
    texts = desk.text("four"), desk.text("five")
    report = desk.json("sync", code=3)["questions"]
    refused = {o["path"] for o in report if o["state"] == "refused"}
    assert refused == {path_of("four"), path_of("five")}
    assert (desk.text("four"), desk.text("five")) == texts
    assert desk.says(other) == []
