"""Scenarios 97-105: guards against accidents."""

from __future__ import annotations

import pytest
from tests.scenarios.desk import NAMES, Desk, answer, path_of

from notionsync.sides.notion import Notion


def _limit(desk: Desk, most: int) -> None:
    desk.write("notionsync.toml", f"{desk.read('notionsync.toml')}\n[guards]\nmax_delete = {most}\n")


def _stopped(desk: Desk, *args: str, command: str = "sync") -> str:
    """Check that a run is stopped with nothing written anywhere; return what it says."""
    before = desk.everything()
    desk.requests()
    said = desk.run(command, *args, code=4).stderr
    assert desk.writes() == 0
    assert desk.everything() == before
    return said


def test_s097_all_files_gone(desk: Desk) -> None:
    """An empty folder trashes no page, in any direction that could."""
    for name in NAMES:
        desk.remove(name)
    for command in ("sync", "push"):
        assert "delete 3 of 3 pages in Notion" in _stopped(desk, command=command)


def test_s097_all_pages_trashed(desk: Desk) -> None:
    """An emptied database deletes no file, in any direction that could."""
    for name in NAMES:
        desk.trash(name)
    for command in ("sync", "pull"):
        assert "delete 3 of 3 files here" in _stopped(desk, command=command)


def test_s097_all_pages_out_of_sight(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing that shows nothing at all is doubted, even where each page alone would only be reported."""
    pages = Notion.pages

    def nothing(self: Notion, source: str, **options: object) -> object:
        found = pages(self, source, **options)  # type: ignore[arg-type]
        return type(found)(pages=(), complete=True)

    monkeypatch.setattr(Notion, "pages", nothing)
    assert "3 of 3 pages are missing" in _stopped(desk)


def test_s098_more_than_the_limit(desk: Desk) -> None:
    """The doomed are listed by file and title; a flag with their number lets them through, once."""
    _limit(desk, 1)
    desk.remove("one")
    desk.remove("two")
    said = _stopped(desk)
    assert "answers/one.md: Why one?" in said
    assert "answers/two.md: Why two?" in said
    assert "--allow-delete 2" in said
    _stopped(desk, "--allow-delete", "1")
    desk.run("sync", "--allow-delete", "2")
    assert desk.titles() == ["Why three?"]


@pytest.mark.parametrize(("most", "code"), [(2, 0), (1, 4)])
def test_s099_at_the_limit_and_one_over(desk: Desk, most: int, code: int) -> None:
    """The limit itself is allowed."""
    _limit(desk, most)
    desk.trash("one")
    desk.trash("two")
    desk.run("sync", code=code)
    assert desk.exists("one") is bool(code)


def test_s099_one_of_two_and_the_only_one(bare: Desk) -> None:
    """Tiny collections can be cleared one by one."""
    bare.begin(("one", "two"))
    for name in ("one", "two"):
        bare.remove(name)
        bare.run("sync")
    assert bare.titles() == []


@pytest.mark.parametrize("side", ["file", "notion"])
def test_s100_everything_changed_on_one_side(desk: Desk, side: str) -> None:
    """A tool that rewrites every answer is likelier an accident than a wish; edits of all but one are not stopped."""
    _limit(desk, 2)

    def edit(name: str) -> None:
        if side == "file":
            desk.edit(name, f"{name} beta", f"{name} BETA")
        else:
            desk.note(name, f"{name} beta", f"{name} BETA")

    for name in NAMES:
        edit(name)
    said = _stopped(desk)
    assert ("change all 3 pages" if side == "file" else "change all 3 files") in said
    assert "--allow-edit 3" in said
    shown = desk.run("diff").output
    assert all(f"+{name} BETA" in shown for name in NAMES)
    desk.run("sync", "--allow-edit", "3")
    assert [desk.both(name)[1] for name in NAMES] == [f"{name} BETA" for name in NAMES]


def test_s100_all_but_one_changed(desk: Desk) -> None:
    """What is left as it was shows that this is work, not an accident."""
    _limit(desk, 1)
    for name in ("one", "two"):
        desk.edit(name, f"{name} beta", f"{name} BETA")
    desk.run("sync")
    assert desk.both("two")[1] == "two BETA"


@pytest.mark.parametrize("side", ["file", "notion"])
def test_s101_bodies_that_come_back_empty(desk: Desk, side: str) -> None:
    """Answers that lose all of their text count like deletions."""
    _limit(desk, 1)
    for name in ("one", "two"):
        if side == "file":
            desk.write(path_of(name), desk.text(name).split("---\n", 2)[1].join(("---\n", "---\n")))
        else:
            for part in ("alpha", "beta", "gamma"):
                desk.drop(name, f"{name} {part}")
    said = _stopped(desk)
    assert ("empty 2 of 3 pages" if side == "file" else "empty 2 of 3 files") in said
    desk.run("sync", "--allow-empty", "2")
    assert (desk.both("one"), desk.both("two")) == ([], [])
    desk.settled_now()


def test_s102_not_the_place_it_was(desk: Desk) -> None:
    """State and configuration carry the database's id: where they differ, or the state is another's, nothing is done."""
    source = desk.source
    desk.replace("notionsync.toml", source, "0" * 32)
    said = desk.run("sync", code=2).stderr
    assert source in said
    assert "0" * 32 in said


def test_s102_the_folder_is_not_there(desk: Desk) -> None:
    """A folder that is not mounted, or called otherwise now, looks like many deletions, and is stopped like them."""
    (desk.root / "answers").rename(desk.root / "elsewhere")
    _stopped(desk)


def test_s103_a_stopped_run_changes_nothing_that_would_let_the_next_through(desk: Desk) -> None:
    """However often it is repeated."""
    for name in NAMES:
        desk.remove(name)
    for _ in range(3):
        _stopped(desk)
        desk.wait(120)


@pytest.mark.parametrize("empty_side", ["files", "pages"])
def test_s103_a_first_sync_deletes_nothing(desk: Desk, empty_side: str) -> None:
    """Without a state there is nothing to delete: the empty side is filled from the other."""
    desk.git("rm", "-r", "--quiet", "--cached", ".notionsync")
    for path in (desk.root / ".notionsync" / "base").iterdir():
        path.unlink()
    (desk.root / ".notionsync" / "state.json").unlink()
    if empty_side == "files":
        for name in NAMES:
            desk.remove(name)
        desk.run("sync")
        assert len(list((desk.root / "answers").glob("*.md"))) == 3
    else:
        for name in NAMES:
            page = desk.page_of(path_of(name))
            desk.api("PATCH", f"pages/{page}", {"in_trash": True})
        desk.run("sync", code=3)
        assert all(desk.exists(name) for name in NAMES)


def test_s104_a_way_through_is_for_one_run(desk: Desk) -> None:
    """The flag is not stored."""
    _limit(desk, 1)
    for order, name in enumerate(("four", "five"), 4):
        desk.write(path_of(name), answer(name, order, "text"))
    desk.run("sync")
    for name in ("one", "two"):
        desk.remove(name)
    desk.run("sync", "--allow-delete", "2")
    for name in ("four", "five"):
        desk.remove(name)
    _stopped(desk)


def test_s104_a_way_through_is_for_one_kind(desk: Desk) -> None:
    """Letting deletions through lets no emptied answers through, nor the other way round."""
    _limit(desk, 1)
    for name in ("one", "two"):
        desk.write(path_of(name), desk.text(name).split("\none alpha")[0].split("\ntwo alpha")[0])
    _stopped(desk, "--allow-delete", "9", "--allow-edit", "9")
    desk.git("checkout", "--", "answers")
    for name in ("one", "two"):
        desk.remove(name)
    _stopped(desk, "--allow-empty", "9", "--allow-edit", "9")


def test_s105_renames_are_no_deletions(desk: Desk) -> None:
    """All files get other names and another folder below: no guard, and no page is touched."""
    _limit(desk, 1)
    for name in NAMES:
        desk.move(name, f"topic/{name}_renamed")
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert sorted(desk.records()) == sorted(f"{name}_renamed" for name in NAMES)
