"""Scenarios 140-147: scope and configuration change."""

from __future__ import annotations

import pytest
from tests.scenarios.desk import NAMES, Desk, answer, path_of

CONFIG = "notionsync.toml"


def _folder(desk: Desk, old: str, new: str) -> None:
    desk.replace(CONFIG, f'folder = "{old}"', f'folder = "{new}"')


def _property(desk: Desk, **properties: object) -> None:
    desk.api("PATCH", f"data_sources/{desk.source}", {"properties": properties})


def test_s140_leaving_the_scope_is_no_deletion(desk: Desk) -> None:
    """The folder becomes a narrower one: the files outside are reported, and their pages stay."""
    desk.write("answers/deep/four.md", answer("four", 4, "four alpha"))
    desk.run("sync")
    _folder(desk, "answers", "answers/deep")
    desk.requests()
    assert desk.outcomes("sync", code=3) == dict.fromkeys(NAMES, "refused wait")
    assert desk.writes() == 0
    assert len(desk.titles()) == 4


def test_s140_a_file_that_became_a_link(desk: Desk) -> None:
    """A symbolic link in the place of a file is not followed, and the page is not deleted."""
    (desk.root / path_of("one")).rename(desk.root / "elsewhere.md")
    (desk.root / path_of("one")).symlink_to(desk.root / "elsewhere.md")
    desk.requests()
    desk.run("sync", code=3)
    assert desk.writes() == 0


def test_s140_a_renamed_file_that_cannot_be_read(desk: Desk) -> None:
    """A file is gone, and another one cannot be read: it may be the same, so no page is deleted."""
    text = desk.text("one")
    desk.remove("one")
    desk.write("answers/uno.md", text.replace("tags: [a, b]", "tags: [a, b"))
    desk.requests()
    found = desk.outcomes("sync", code=3)
    assert found == {"one": "refused wait", "uno": "refused wait"}
    assert desk.writes() == 0
    desk.write("answers/uno.md", text)
    desk.run("sync")
    assert "uno" in desk.records()


def test_s141_entering_the_scope_again(desk: Desk) -> None:
    """The scope is widened back: everything is in step as before, edits from outside the scope included."""
    _folder(desk, "answers", "elsewhere")
    desk.run("sync", code=3)
    desk.edit("one", "one beta", "one edited meanwhile")
    desk.note("two", "two beta", "two edited meanwhile")
    desk.run("sync", code=3)
    _folder(desk, "elsewhere", "answers")
    desk.run("sync")
    assert desk.both("one")[1] == "one edited meanwhile"
    assert desk.both("two")[1] == "two edited meanwhile"
    desk.settled_now()


def test_s141_a_folder_that_moves_with_its_files(desk: Desk) -> None:
    """Files and configuration move together: renames, and no page is written."""
    (desk.root / "answers").rename(desk.root / "docs")
    _folder(desk, "answers", "docs")
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert {entry["path"] for entry in desk.records().values()} == {f"docs/{name}.md" for name in NAMES}


def _map_level(desk: Desk) -> None:
    """Map a key that stands in two files, to a property that has a value on two pages."""
    _property(desk, Level={"rich_text": {}})
    desk.edit("one", "order: 1\n", "order: 1\nlevel: easy\n")
    desk.edit("two", "order: 2\n", "order: 2\nlevel: easy\n")
    desk.run("sync")
    desk.fill("two", Level={"rich_text": [{"text": {"content": "hard"}}]})
    desk.fill("three", Level={"rich_text": [{"text": {"content": "hard"}}]})
    desk.replace(CONFIG, "[properties]\n", '[properties]\nlevel = "Level"\n')


def _level(desk: Desk, name: str) -> str:
    return "".join(run["plain_text"] for run in desk.value(name, "Level"))


def test_s142_a_key_that_is_mapped_from_now_on(desk: Desk) -> None:
    """It was never agreed on: an empty side yields to the full one, different ones are a conflict; nothing is lost."""
    _map_level(desk)
    found = desk.outcomes("sync", code=3)
    assert found == {"one": "done update", "two": "conflict update", "three": "done update"}
    assert [_level(desk, name) for name in NAMES] == ["easy", "hard", "hard"]
    assert ["level: easy" in desk.text(name) for name in NAMES] == [True, True, False]
    assert "level: hard" in desk.text("three")
    desk.run("resolve", path_of("two"), "--take", "notion")
    assert "level: hard" in desk.text("two")
    desk.run("sync")
    desk.settled_now()


def test_s142_a_key_that_is_mapped_to_another_property(desk: Desk) -> None:
    """What was agreed on with the old property says nothing about the new one."""
    _property(desk, State={"rich_text": {}})
    desk.fill("one", State={"rich_text": [{"text": {"content": "Done"}}]})
    desk.fill("two", State={"rich_text": [{"text": {"content": "Open"}}]})
    desk.replace(CONFIG, 'status = "Status"', 'status = "State"')
    assert desk.outcomes("sync", code=3)["one"] == "conflict update"
    assert "status: Open" in desk.text("one")
    assert desk.value("one", "State")[0]["plain_text"] == "Done"
    assert desk.value("three", "State")[0]["plain_text"] == "Open"


def test_s142_a_change_that_would_touch_every_question_stops(desk: Desk) -> None:
    """A newly mapped key that every file would get: stopped once, shown, and done when asked for."""
    _property(desk, Level={"rich_text": {}})
    for name in NAMES:
        desk.fill(name, Level={"rich_text": [{"text": {"content": "hard"}}]})
    desk.replace(CONFIG, "[properties]\n", '[guards]\nmax_delete = 1\n\n[properties]\nlevel = "Level"\n')
    assert "change all 3 files" in desk.run("sync", code=4).stderr
    assert desk.run("diff").output.count("+level: hard") == 3
    desk.run("sync", "--allow-edit", "3")
    assert "level: hard" in desk.text("three")
    desk.settled_now()


def test_s142_a_key_that_is_not_mapped_any_more(desk: Desk) -> None:
    """It stays where it is on both sides, and goes its own way on each."""
    desk.replace(CONFIG, 'status = "Status"\n', "")
    desk.run("sync")
    desk.edit("one", "status: Open", "status: Mine")
    desk.fill("two", Status={"select": {"name": "Theirs"}})
    desk.run("sync")
    assert "status: Open" in desk.text("two")
    assert desk.value("one", "Status")["name"] == "Open"
    desk.replace(CONFIG, "[properties]\n", '[properties]\nstatus = "Status"\n')
    desk.run("sync", code=3)
    assert "status: Mine" in desk.text("one")
    assert desk.value("two", "Status")["name"] == "Theirs"


@pytest.mark.parametrize("command", [("sync", "--dry-run"), ("diff",), ("status", "--remote")])
def test_s143_looking_records_nothing(desk: Desk, command: tuple[str, ...]) -> None:
    """A dry run with a new scope and a new mapping leaves the state as it is."""
    _map_level(desk)
    _folder(desk, "answers", "answers/none")
    before = desk.everything()
    desk.run(*command, code=0 if command == ("diff",) else 3)
    assert desk.everything() == before


def test_s144_a_renamed_property_is_followed(desk: Desk) -> None:
    """Its id stays the same."""
    _property(desk, Status={"name": "State of things"})
    desk.edit("one", "status: Open", "status: Answered")
    desk.run("sync", "--allow-new-options")
    assert desk.value("one", "State of things")["name"] == "Answered"


@pytest.mark.parametrize("change", [None, {"rich_text": {}}], ids=["deleted", "retyped"])
def test_s144_a_lost_property_stops_its_key_only(desk: Desk, change: object) -> None:
    """Named; the rest goes on; when it is back, what was edited meanwhile is still there, as a conflict at worst."""
    _property(desk, Status=change)
    desk.edit("one", "status: Open", "status: Answered")
    desk.edit("one", "one beta", "one BETA")
    desk.note("two", "two beta", "two BETA")
    for _ in range(2):
        found = desk.outcomes("sync", code=3)
        assert found.pop("notionsync") == "refused wait"
        assert set(found.values()) <= {"done update"}
        desk.wait(120)
    assert desk.both("one")[1] == "one BETA"
    assert desk.both("two")[1] == "two BETA"
    assert "status: Answered" in desk.text("one")
    assert "status: Open" in desk.text("two")


def test_s144_an_option_that_is_not_there(desk: Desk) -> None:
    """A value that Notion does not have is reported with the file; the other questions go on."""
    desk.edit("one", "status: Open", "status: Opne")
    desk.edit("two", "two beta", "two BETA")
    report = desk.json("sync", code=3)
    found = {o["path"]: o for o in report["questions"]}
    assert found[path_of("two")]["state"] == "done"
    assert "Opne" in found[path_of("one")]["message"]
    assert "Open" in found[path_of("one")]["message"] + found[path_of("one")]["advice"]
    assert desk.value("one", "Status")["name"] == "Open"


def test_s145_what_is_no_answer_is_left_alone(desk: Desk) -> None:
    """A README in the folder, hidden files, other kinds of files, images: untouched, and never pages."""
    others = {
        "answers/README.md": "# About\n",
        "answers/.draft.md": "not yet",
        "answers/.obsidian/x.md": "settings",
        "answers/notes.txt": "notes",
        "answers/assets/about.md": "images",
    }
    for path, text in others.items():
        desk.write(path, text)
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert {path: desk.read(path) for path in others} == others


def test_s146_pull_and_push_do_not_go_to_and_fro(desk: Desk) -> None:
    """With one side never written, its counterpart's edits wait, run after run, and nothing is undone."""
    desk.edit("one", "one beta", "one from the file")
    desk.note("two", "two beta", "two from Notion")
    desk.run("pull")
    for _ in range(3):
        before = desk.everything()
        desk.wait(120)
        desk.requests()
        assert desk.outcomes("pull") == {}
        assert desk.writes() == 0
        assert desk.everything() == before
    desk.note("three", "three beta", "three from Notion")
    for _ in range(3):
        assert desk.outcomes("push")["three"] == "pending wait"
        assert desk.here("three")[1] == "three beta"
        desk.wait(120)
    desk.run("sync")
    assert desk.both("one")[1] == "one from the file"
    assert desk.both("three")[1] == "three from Notion"


def _read_only(desk: Desk, *sides: str) -> None:
    """Say in the configuration that sides are never written to."""
    config = desk.read(CONFIG)
    for side in sides:
        config = config.replace(f"[{side}]\n", f"[{side}]\nread_only = true\n")
    desk.write(CONFIG, config)


@pytest.mark.parametrize("command", ["sync", "pull", "push", "status"])
def test_s147_both_sides_read_only(desk: Desk, command: str) -> None:
    """Refused before any work, with both settings named: nothing could ever be done."""
    _read_only(desk, "notion", "files")
    desk.requests()
    error = desk.run(command, code=2).stderr
    assert "[files] read_only" in error
    assert "[notion]" in error
    assert desk.requests()["total"] == 0


def test_s146_a_mirror_of_notion(desk: Desk) -> None:
    """Notion is read-only: sync is a pull, push is refused, and edits of the files wait, run after run."""
    _read_only(desk, "notion")
    desk.edit("one", "one beta", "one from the file")
    desk.note("two", "two beta", "two from Notion")
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    desk.requests()
    assert desk.outcomes("sync") == {"two": "done update", "four": "pending wait"}
    assert "[notion] read_only" in desk.json("push", code=2)["error"]
    assert desk.both("two")[1] == "two from Notion"
    for _ in range(2):
        before = desk.everything()
        desk.wait(120)
        assert desk.outcomes("sync") == {"four": "pending wait"}
        assert desk.everything() == before
    assert desk.writes() == 0
    plan = desk.json("plan")
    assert plan["direction"] == "pull"


def test_s146_a_mirror_of_the_files(desk: Desk) -> None:
    """Files are read-only: sync is a push, pull and resolve are refused; a new file only gets the id of its page."""
    _read_only(desk, "files")
    desk.edit("one", "one beta", "one from the file")
    desk.note("two", "two beta", "two from Notion")
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    files = desk.bytes()
    assert desk.outcomes("sync") == {
        "one": "done update",
        "two": "pending wait",
        "four": "done create-page",
    }
    line = f"notion_id: {desk.page('four')}\n".encode()
    assert {p: data.replace(line, b"") for p, data in desk.bytes().items()} == files
    assert "[files] read_only" in desk.json("pull", code=2)["error"]
    desk.json("resolve", path_of("two"), "--take", "local", code=2)
    assert desk.both("one")[1] == "one from the file"
