"""Scenarios 68-78: the first sync, and lost or foreign state."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest
from tests.scenarios.desk import NAMES, Desk, answer, path_of
from tests.story.lab import git


def _forget(desk: Desk) -> None:
    """Lose the state, as if it had never been there."""
    shutil.rmtree(desk.root / ".notionsync")


def _empty_beside(desk: Desk) -> Desk:
    """Return another repository that is empty, joined to the same database."""
    root = desk.root.parent / "beside"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    other = Desk(root, desk.base_url, desk.person)
    other.run("init", "--database", desk.source)
    return other


def test_s068_files_only(bare: Desk) -> None:
    """Twelve files, an empty database: all become pages, and no guard objects."""
    names = [f"q{n}" for n in range(12)]
    for order, name in enumerate(names):
        bare.write(path_of(name), answer(name, order, f"{name} alpha"))
    bare.run("init", "--create", "--parent", bare.workspace())
    bare.run("sync")
    assert len(bare.titles()) == 12
    for name in names:
        assert bare.both(name) == [f"{name} alpha"]
    bare.settled_now()


def test_s069_pages_only(desk: Desk) -> None:
    """A filled database, an empty repository: all become files; Notion is not written to."""
    other = _empty_beside(desk)
    desk.requests()
    other.run("sync")
    assert desk.writes() == 0
    for name in NAMES:
        assert other.both(name) == [f"{name} alpha", f"{name} beta", f"{name} gamma"]
    other.settled_now()


def test_s070_both_with_ids_and_equal(desk: Desk) -> None:
    """All adopted, without a write to either side."""
    _forget(desk)
    files = desk.bytes()
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert desk.bytes() == files
    assert set(desk.records()) == set(NAMES)
    desk.settled_now()


def test_s071_both_with_ids_and_different(desk: Desk) -> None:
    """A conflict each, unless a policy is given; a question with nothing on one side takes the other's."""
    _forget(desk)
    desk.edit("one", "one beta", "said in the file")
    desk.edit("two", "two alpha\n\ntwo beta\n\ntwo gamma\n", "")
    files = desk.bytes()
    desk.requests()
    assert desk.outcomes("sync", code=3)["one"] == "conflict update"
    assert desk.writes() == 0
    assert desk.bytes()[path_of("one")] == files[path_of("one")]
    assert desk.both("two") == ["two alpha", "two beta", "two gamma"]
    desk.run("sync", "--on-conflict", "local")
    assert desk.both("one")[1] == "said in the file"
    assert "one beta" in desk.kept()
    desk.settled_now()


def test_s072_without_ids_by_title_only_when_asked(desk: Desk) -> None:
    """Files that name no page are matched with pages of their title for approval; nothing is merged or doubled before."""
    _forget(desk)
    for name in NAMES:
        page = desk.page_of(path_of(name))
        desk.edit(name, f"notion_id: {page}\n", "")
        desk.api("PATCH", f"pages/{page}", {"properties": {"File": {"rich_text": []}}})
    desk.edit("one", "one beta", "said in the file")
    files = desk.bytes()
    desk.requests()
    desk.run("sync", code=3)
    assert desk.writes() == 0
    assert desk.bytes() == files
    assert len(desk.json("link")["matches"]) == 3
    desk.run("link", "--yes", code=3)
    assert len(desk.titles()) == 3
    assert desk.here("one")[1] == "said in the file"
    assert desk.says(desk.page_of(path_of("one")))[1] == "one beta"
    assert desk.both("two") == ["two alpha", "two beta", "two gamma"]


def test_s072_equal_titles_are_no_match(desk: Desk) -> None:
    """Two pages of one title, one file: left to a person."""
    desk.ask("Why four?", "four alpha")
    desk.ask("Why four?", "four beta")
    desk.write(path_of("four"), answer("four", 4, "four gamma"))
    matching = desk.json("link")
    assert matching["matches"] == []
    assert len(matching["doubtful"]) == 1


def test_s073_the_state_is_deleted(desk: Desk) -> None:
    """As a first run: nothing is deleted on either side, what one side lacks comes back."""
    _forget(desk)
    desk.remove("one")
    page = next(page["id"] for page in desk.pages(desk.source) if "one" in str(page["properties"]["File"]))
    desk.run("sync")
    assert not desk.trashed(page)
    assert desk.both("one") == ["one alpha", "one beta", "one gamma"]
    assert len(desk.titles()) == 3


@pytest.mark.parametrize("damage", ["cut", "not json", "emptied", "a list"])
@pytest.mark.parametrize("file", ["state.json", "record", "base"])
def test_s074_the_state_is_damaged(desk: Desk, file: str, damage: str) -> None:
    """The run stops and says what to do; a damaged state is never read as an empty one."""
    base = desk.root / ".notionsync" / "base"
    path = {
        "state.json": desk.root / ".notionsync" / "state.json",
        "record": base / f"{desk.page('one')}.json",
        "base": base / f"{desk.page('one')}.base",
    }[file]
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "not json": b"{oops", "emptied": b"", "a list": b"[]"}[damage])
    desk.remove("two")
    desk.requests()
    output = desk.run("sync", code=2).output
    assert "notionsync repair" in output
    assert desk.writes() == 0
    desk.git("checkout", "--", ".notionsync")
    desk.run("sync")


def test_s075_a_state_of_a_newer_version(desk: Desk) -> None:
    """Stopped, both versions named."""
    path = desk.root / ".notionsync" / "state.json"
    state = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**state, "format": 99}), "utf-8")
    desk.requests()
    output = desk.run("sync", code=2).output
    assert "99" in output
    assert "up to 1" in output
    assert desk.requests()["total"] == 0


@pytest.mark.parametrize("what", ["state", "all"])
def test_s076_an_older_state(desk: Desk, what: str) -> None:
    """Restored from a backup, or an old branch checked out: what both have is adopted, nothing is undone."""
    old = desk.git("rev-parse", "HEAD").strip()
    desk.edit("one", "one beta", "one better")
    desk.note("two", "two beta", "two better")
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    desk.run("sync")
    desk.commit()
    desk.wait(120)
    if what == "state":
        shutil.rmtree(desk.root / ".notionsync")
        desk.git("checkout", old, "--", ".notionsync")
    else:
        desk.git("checkout", "--quiet", old)
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert desk.both("one")[1] == "one better"
    assert desk.both("two")[1] == "two better"
    assert desk.both("four") == ["four alpha"]
    desk.settled_now()


def test_s076_an_older_state_and_a_real_difference(desk: Desk) -> None:
    """An old branch with an edit of its own in the same place: a conflict."""
    old = desk.git("rev-parse", "HEAD").strip()
    desk.edit("one", "one beta", "one better")
    desk.run("sync")
    desk.commit()
    desk.git("checkout", "--quiet", old)
    desk.edit("one", "one beta", "one otherwise")
    assert desk.outcomes("sync", code=3) == {"one": "conflict update"}
    assert desk.there("one")[1] == "one better"


def test_s077_a_state_of_another_database(desk: Desk) -> None:
    """Stopped before anything is planned."""
    config = desk.read("notionsync.toml")
    other = Path(desk.root.parent / "other")
    other.mkdir()
    git(other, "init", "--quiet")
    beside = Desk(other, desk.base_url, desk.person)
    beside.run("init", "--create", "--parent", desk.workspace_page())
    desk.write("notionsync.toml", config.replace(desk.source, beside.source))
    files = desk.bytes()
    desk.requests()
    output = desk.run("sync", code=2).output
    assert ".notionsync/" in output
    assert desk.writes() == 0
    assert desk.bytes() == files


def test_s078_beginning_anew_only_copies(desk: Desk) -> None:
    """Moving the state away is explicit, deletes nothing, and revives what was deleted on one side."""
    desk.remove("one")
    desk.trash("two")
    _forget(desk)
    desk.requests()
    desk.run("sync", code=3)
    assert desk.writes() == 0
    assert desk.exists("one") or len(desk.records()) >= 1
    assert desk.exists("two")


def test_s076_a_pull_that_was_undone_is_not_pushed(desk: Desk) -> None:
    """The file is checked out again after a pull: what was written in Notion stays there until a person decides."""
    desk.note("one", "one beta", "said in Notion")
    desk.run("pull")
    desk.git("checkout", "--", path_of("one"))
    for command in ("push", "sync"):
        (outcome,) = desk.json(command, code=3)["questions"]
        assert "was the pull undone?" in outcome["message"]
    assert desk.there("one")[1] == "said in Notion"


@pytest.mark.parametrize("wait", [0, 120])
def test_s076_a_pull_that_was_undone_is_done_again(desk: Desk, wait: float) -> None:
    """By another pull, which keeps the file's own edits, whether the page's time moved since or not."""
    desk.edit("one", "one alpha", "said here")
    desk.commit()
    desk.note("one", "one beta", "said in Notion")
    desk.run("pull")
    desk.wait(wait)
    desk.git("checkout", "--", path_of("one"))
    desk.run("pull")
    assert desk.here("one") == ["said here", "said in Notion", "one gamma"]
    desk.run("sync")
    assert desk.both("one") == ["said here", "said in Notion", "one gamma"]
    desk.settled_now()


def test_s076_a_pull_undone_in_notion_as_well(desk: Desk) -> None:
    """The advice of the refusal, typed."""
    desk.note("one", "one beta", "said in Notion")
    desk.run("pull")
    desk.git("checkout", "--", path_of("one"))
    (outcome,) = desk.json("sync", code=3)["questions"]
    _, _, command = outcome["advice"].partition(": git ")
    desk.git(*shlex.split(command))
    desk.run("sync")
    assert desk.both("one")[1] == "one beta"
    desk.settled_now()
