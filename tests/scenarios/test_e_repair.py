"""Scenarios 67 and 78, and states that a merge or an accident broke: `repair` and `resync`."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.scenarios.desk import NAMES, Desk, answer, path_of
from tests.story.lab import git
from tests.test_schemas import validator

STATE = ".notionsync/state.json"


def _repair(desk: Desk, *args: str, code: int = 0) -> Any:
    """Run `repair`; return what it printed, checked against what is published."""
    found = desk.json("repair", *args, code=code)
    validator("repair").validate(found)
    return found


def _record(desk: Desk, name: str, suffix: str = "json") -> Path:
    return desk.root / ".notionsync" / "base" / f"{desk.page_of(path_of(name))}.{suffix}"


# --- repair: ids --------------------------------------------------------------------------------------------------------


def _removed(desk: Desk) -> None:
    desk.edit("one", f"notion_id: {desk.page('one')}\n", "")


def _changed(desk: Desk) -> None:
    desk.edit("one", desk.page("one"), "0" * 32)


def _no_id(desk: Desk) -> None:
    desk.edit("one", f"notion_id: {desk.page('one')}", "notion_id: twelve")


def _copied(desk: Desk) -> None:
    shutil.copy(desk.root / path_of("one"), desk.root / path_of("four"))
    desk.edit("four", "Why one?", "Why four?")


@pytest.mark.parametrize("trouble", [_removed, _changed, _no_id])
def test_s067_a_lost_id_is_put_back(desk: Desk, trouble: Callable[[Desk], None]) -> None:
    """A dry run says it and leaves the file alone; the real one does it, and the next sync has nothing to refuse."""
    before = desk.text("one")
    trouble(desk)
    broken = desk.everything()
    says = [(one["what"], one["path"]) for one in _repair(desk, "--dry-run")["repairs"]]
    assert says == [("lost-id", path_of("one"))]
    assert desk.everything() == broken
    assert [(one["what"], one["path"]) for one in _repair(desk)["repairs"]] == says
    assert sorted(desk.text("one").splitlines()) == sorted(before.splitlines())
    assert desk.outcomes("sync") in ({}, {"one": "done update"})
    assert _repair(desk)["repairs"] == []


def test_s067_a_copied_id_is_taken_out_of_the_copy(desk: Desk) -> None:
    """The file that was synced keeps its page; the copy becomes a question of its own."""
    _copied(desk)
    desk.run("sync", code=3)
    assert [(one["what"], one["path"]) for one in _repair(desk)["repairs"]] == [("copied-id", path_of("four"))]
    desk.run("sync")
    assert desk.both("four") == desk.both("one")
    assert desk.titles() == ["Why four?", "Why one?", "Why three?", "Why two?"]


def test_s067_which_is_the_copy_may_be_unknown(desk: Desk) -> None:
    """Two files of one id, neither where it was: left to a person, with both names."""
    _copied(desk)
    desk.move("one", "five")
    files = desk.everything()
    left = _repair(desk, code=3)["left"]
    assert {one["path"] for one in left} == {path_of("four"), path_of("five")}
    assert desk.everything() == files


def test_s067_an_id_of_a_question_that_is_known_is_left_to_a_person(desk: Desk) -> None:
    """Somebody gave a file the id of another question, whose file is gone: it may be either of them."""
    two = desk.page("two")
    desk.remove("two")
    desk.edit("one", desk.page("one"), two)
    files = desk.everything()
    assert [one["path"] for one in _repair(desk, code=3)["left"]] == [path_of("one"), path_of("two")]
    assert desk.everything() == files


def test_s067_foreign_ids_are_found_when_notion_is_asked(desk: Desk) -> None:
    """Offline they are no concern; `--remote` lists them; `--drop-foreign` makes new questions of their files."""
    above = {"type": "page_id", "page_id": desk.workspace_page()}
    other = desk.api("POST", "pages", {"parent": above, "properties": {"title": {"title": []}}})["id"].replace("-", "")
    desk.write(path_of("four"), answer("four", 4, "four alpha", page=other))
    desk.write(path_of("five"), answer("five", 5, "five alpha", page="0" * 31 + "1"))
    desk.write(path_of("six"), answer("six", 6, "six alpha", page=desk.ask("Why six?")))
    desk.requests()
    assert _repair(desk)["left"] == []
    assert desk.requests()["total"] == 0
    files = desk.everything()
    assert {one["path"] for one in _repair(desk, "--remote", code=3)["left"]} == {path_of("four"), path_of("five")}
    assert desk.everything() == files
    assert {one["what"] for one in _repair(desk, "--drop-foreign")["repairs"]} == {"foreign-id"}
    desk.run("sync")
    assert desk.both("four") == ["four alpha"]
    assert desk.both("five") == ["five alpha"]
    assert desk.says(other) == []


# --- repair: the state --------------------------------------------------------------------------------------------------


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def _gone(path: Path) -> None:
    path.unlink()


def _otherwise(path: Path) -> None:
    path.write_bytes(b"something else")


@pytest.mark.parametrize("suffix", ["json", "base"])
@pytest.mark.parametrize("damage", [_cut, _gone, _otherwise])
@pytest.mark.parametrize("committed", [True, False], ids=["committed", "uncommitted"])
def test_a_broken_record_is_taken_from_git(
    desk: Desk, suffix: str, damage: Callable[[Path], None], *, committed: bool
) -> None:
    """Edits that waited on both sides arrive; where the last sync was not committed, what both have since is adopted."""
    if not committed:
        desk.edit("one", "one alpha", "one alpha since the commit")
        desk.run("sync")
        desk.wait(120)
    desk.edit("one", "one beta", "one beta from the file")
    desk.note("one", "one gamma", "one gamma from Notion")
    damage(_record(desk, "one", suffix))
    if (suffix, damage) != ("json", _gone):
        assert "notionsync repair" in desk.run("sync", code=2).output
    _repair(desk, "--dry-run")
    assert len(_repair(desk)["repairs"]) == 1
    desk.requests()
    desk.run("sync")
    assert desk.both("one")[1:] == ["one beta from the file", "one gamma from Notion"]
    desk.settled_now()


def test_a_record_that_is_gone_altogether_is_taken_from_git(desk: Desk) -> None:
    """As long as a file still names its page; that of a question which both sides deleted stays away."""
    shutil.rmtree(desk.root / ".notionsync" / "base")
    desk.edit("one", "one beta", "one beta from the file")
    desk.remove("three")
    assert len(_repair(desk)["repairs"]) == 2
    assert set(desk.records()) == {"one", "two"}
    desk.run("sync")
    assert desk.both("one")[1] == "one beta from the file"


def test_a_broken_record_that_git_never_had_is_forgotten(desk: Desk) -> None:
    """The two sides are compared as they are: equal is adopted, different is a conflict, nothing is lost."""
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    desk.write(path_of("five"), answer("five", 5, "five alpha"))
    desk.run("sync")
    desk.wait(120)
    _cut(_record(desk, "four"))
    _cut(_record(desk, "five"))
    desk.edit("five", "five alpha", "five from the file")
    assert [one["what"] for one in _repair(desk)["repairs"]] == ["record", "record"]
    assert desk.outcomes("sync", code=3)["five"] == "conflict update"
    assert desk.both("four") == ["four alpha"]
    assert (desk.here("five"), desk.there("five")) == (["five from the file"], ["five alpha"])


@pytest.mark.parametrize("damage", [_cut, _otherwise])
def test_a_broken_state_file_is_taken_from_git(desk: Desk, damage: Callable[[Path], None]) -> None:
    """And without git it is taken away: the records say the rest."""
    before = (desk.root / STATE).read_bytes()
    damage(desk.root / STATE)
    assert [one["what"] for one in _repair(desk)["repairs"]] == ["state"]
    assert (desk.root / STATE).read_bytes() == before
    damage(desk.root / STATE)
    shutil.rmtree(desk.root / ".git")
    _repair(desk)
    desk.run("sync")
    after = json.loads((desk.root / STATE).read_bytes())
    assert after == {**json.loads(before), "listed_at": after["listed_at"]}
    assert after["listed_at"] >= json.loads(before)["listed_at"]


def test_a_state_of_a_newer_version_is_not_repaired(desk: Desk) -> None:
    """Nothing here knows what it means."""
    desk.replace(STATE, '"format": 1', '"format": 2')
    files = desk.everything()
    assert "update notionsync" in desk.json("repair", code=2)["advice"]
    assert desk.everything() == files


def test_s083_what_a_killed_run_left_is_deleted(desk: Desk) -> None:
    """Temporary files, wherever they are, and a base that belongs to nothing; a text that git never had is kept."""
    for path in ("answers/.notionsync-x1.tmp", ".notionsync/base/.notionsync-x2.tmp"):
        desk.write(path, "half a fi")
    desk.write(f".notionsync/base/{'a' * 32}.base", "words that only stand here")
    assert {one["what"] for one in _repair(desk, "--dry-run")["repairs"]} == {"temporary", "base"}
    assert len(_repair(desk)["repairs"]) == 3
    assert [path for path in desk.everything() if path.endswith(".tmp") or "aaaaaaaa" in path] == [
        f".notionsync/conflicts/{'a' * 32}.md"
    ]
    assert "words that only stand here" in desk.kept()
    assert desk.outcomes("sync") == {}


@pytest.mark.parametrize("finish", ["unfinished", "committed with markers"])
@pytest.mark.parametrize("older", ["ours", "theirs"])
def test_state_files_with_gits_conflict_markers(desk: Desk, older: str, finish: str) -> None:
    """Two branches synced the same question: the older agreement is taken, and every edit of anybody is on both sides."""
    first, second = ("main", "topic") if older == "ours" else ("topic", "main")
    desk.git("branch", "topic")
    desk.git("checkout", "--quiet", first)
    desk.note("one", "one alpha", "one alpha first")
    desk.run("sync", "--commit")
    desk.wait(120)
    desk.git("checkout", "--quiet", second)
    desk.note("one", "one gamma", "one gamma second")
    desk.run("sync", "--commit")
    desk.wait(120)
    desk.git("checkout", "--quiet", "main")
    with contextlib.suppress(AssertionError):
        desk.git("merge", "topic")
    assert "<<<<<<< " in _record(desk, "one").read_text("utf-8")
    if "<<<<<<< " in desk.text("one"):
        desk.git("checkout", f"--{'theirs' if older == 'ours' else 'ours'}", "--", path_of("one"))
    if finish == "committed with markers":
        desk.commit("Merge")
    assert "notionsync repair" in desk.run("sync", code=2).output
    assert {one["what"] for one in _repair(desk)["repairs"]} == {"record", "state"}
    desk.commit("Merge, repaired")
    desk.edit("one", "one beta", "one beta from the file")
    desk.run("sync")
    assert desk.both("one") == ["one alpha first", "one beta from the file", "one gamma second"]
    desk.settled_now()


# --- resync -------------------------------------------------------------------------------------------------------------


def _resync(desk: Desk, *args: str, code: int = 0) -> Any:
    """Run `resync`; return its report, after checking that neither side was written to."""
    files = desk.bytes()
    desk.requests()
    report = desk.json("resync", *args, code=code)
    assert desk.writes() == 0
    assert desk.bytes() == files
    validator("report").validate(report)
    return {Path(o["path"]).stem: o["state"] for o in report["questions"]}


@pytest.mark.parametrize("how", ["lost", "broken", "whole"])
def test_s078_what_is_equal_is_agreed_on_anew(desk: Desk, how: str) -> None:
    """Whatever became of the state: afterwards it is as it was, and an edit of either side is an edit again."""
    before = {name: (record["base"], record["blocks"], record["fields"]) for name, record in desk.records().items()}
    if how == "lost":
        shutil.rmtree(desk.root / ".notionsync")
    elif how == "broken":
        for path in (desk.root / ".notionsync").rglob("*.*"):
            if path.suffix in {".json", ".base"}:
                _cut(path)
    assert _resync(desk) == dict.fromkeys(NAMES, "done")
    assert {n: (r["base"], r["blocks"], r["fields"]) for n, r in desk.records().items()} == before
    desk.edit("one", "one beta", "one from the file")
    desk.note("one", "one gamma", "one from Notion")
    desk.remove("two")
    desk.run("sync")
    assert desk.both("one") == ["one alpha", "one from the file", "one from Notion"]
    assert len(desk.titles()) == 2


def test_s078_differences_are_reported_and_deletions_revived(desk: Desk) -> None:
    """A dry run says the same and leaves the state alone; the next sync deletes nothing and loses nothing."""
    desk.edit("one", "one beta", "one from the file")
    desk.remove("two")
    desk.trash("three")
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    state = desk.bytes(".notionsync")
    found = _resync(desk, "--dry-run", code=3)
    assert found == {"one": "conflict", "two": "pending", "three": "refused", "four": "pending"}
    assert desk.bytes(".notionsync") == state
    assert _resync(desk, code=3) == found
    assert desk.records() == {}
    page = desk.page_of(path_of("three"))
    desk.run("sync", code=3)
    assert desk.exists("three")
    assert desk.trashed(page)
    assert desk.here("one")[1] == "one from the file"
    assert desk.there("four") == ["four alpha"]
    assert "Why two?" in desk.titles()


def test_s142_another_database_is_taken_on_by_a_resync(desk: Desk) -> None:
    """A changed target stops every run until somebody says so; then what is there is compared, and nothing assumed."""
    beside = Desk(Path(desk.root.parent / "other"), desk.base_url, desk.person)
    beside.root.mkdir()
    git(beside.root, "init", "--quiet")
    beside.write(path_of("other"), answer("other", 1))
    beside.run("init", "--create", "--parent", desk.workspace_page())
    desk.write("notionsync.toml", desk.read("notionsync.toml").replace(desk.source, beside.source))
    assert "notionsync resync" in desk.json("sync", code=2)["advice"]
    assert set(_resync(desk, code=3).values()) == {"refused"}
    assert desk.records() == {}
    desk.run("sync", code=3)
    assert not any(desk.trashed(desk.page_of(path_of(name))) for name in NAMES)


def test_the_form_of_repairs_is_published(desk: Desk) -> None:
    """A broken one is told from a good one."""
    with pytest.raises(jsonschema.ValidationError):
        validator("repair").validate({"repairs": []})
    validator("repair").validate(desk.json("repair"))
