"""Scenarios 37-49: deletions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.scenarios.desk import Desk, answer, path_of

from notionsync.model import dashed_id
from notionsync.sides.state import State
from notionsync.sides.worktree import Worktree


def test_s037_deleted_here(desk: Desk) -> None:
    """The page goes to the trash, and the question out of the state."""
    page = desk.page("one")
    desk.remove("one")
    assert desk.outcomes("sync") == {"one": "done trash-page"}
    assert desk.trashed(page)
    assert set(desk.records()) == {"two", "three"}
    desk.settled_now()


def test_s038_deleted_there(desk: Desk) -> None:
    """The file goes, and the question out of the state; nothing is written to Notion."""
    desk.trash("one")
    desk.requests()
    assert desk.outcomes("sync") == {"one": "done delete-file"}
    assert desk.writes() == 0
    assert not desk.exists("one")
    assert set(desk.records()) == {"two", "three"}
    desk.settled_now()


def test_s039_deleted_on_both(desk: Desk) -> None:
    """Forgotten, without an error."""
    desk.trash("one")
    desk.remove("one")
    desk.requests()
    assert desk.outcomes("sync") == {"one": "done forget"}
    assert desk.writes() == 0
    assert set(desk.records()) == {"two", "three"}
    desk.settled_now()


@pytest.mark.parametrize("edit", ["body", "property", "title"])
def test_s040_deleted_here_edited_there(desk: Desk, edit: str) -> None:
    """The edit survives: the file is back with it, and the run says so."""
    desk.remove("one")
    if edit == "body":
        desk.note("one", "one beta", "one better")
    elif edit == "property":
        desk.fill("one", Order={"number": 7})
    else:
        desk.retitle("one", "Why only one?")
    report = desk.json("sync")["questions"]
    assert [(o["verb"], o["state"]) for o in report] == [("create-file", "done")]
    assert "deleted here, but edited in Notion" in report[0]["notices"][0]
    expected = {"body": "one better", "property": "order: 7\n", "title": "question: Why only one?\n"}[edit]
    assert expected in desk.text("one")
    assert not desk.trashed(desk.page("one"))
    desk.settled_now()


@pytest.mark.parametrize("edit", ["body", "property"])
def test_s041_deleted_there_edited_here(desk: Desk, edit: str) -> None:
    """The edit survives: the page is back with it, under its old id, and the run says so."""
    page = desk.page("one")
    desk.trash("one")
    if edit == "body":
        desk.edit("one", "one beta", "one better")
    else:
        desk.edit("one", "order: 1", "order: 7")
    report = desk.json("sync")["questions"]
    assert [(o["verb"], o["state"]) for o in report] == [("restore-page", "done")]
    assert "trashed in Notion, but edited here" in report[0]["notices"][0]
    assert not desk.trashed(page)
    assert desk.page("one") == page
    assert desk.both("one")[1] == ("one better" if edit == "body" else "one beta")
    assert desk.value("one", "Order") == (7 if edit == "property" else 1)
    desk.settled_now()


@pytest.mark.parametrize(
    ("command", "there", "left"),
    [
        ("sync", "", ""),
        ("sync", "one gamma", ""),
        ("sync", "one beta", "conflict restore-page"),
        ("sync --on-conflict markers", "one beta", "refused restore-page"),
        ("push", "", ""),
        ("push", "one gamma", "refused wait"),
    ],
    ids=["edited-here", "edited-apart", "edited-both", "markers", "pushed", "pushed-stale"],
)
def test_s041_s148_what_a_restored_page_needs_is_said_before(desk: Desk, command: str, there: str, left: str) -> None:
    """A dry run says what becomes of the edits of both sides; a page that a push refuses stays in the trash."""
    desk.edit("one", "one beta", "one better")
    desk.edit("one", "order: 1", "order: 7")
    if there:
        desk.note("one", there, "one other")
    desk.trash("one")
    code = 3 if left else 0
    planned = desk.json(*command.split(), "--dry-run", code=code)["questions"]
    done = desk.json(*command.split(), code=code)["questions"]
    assert [replaced(o) for o in planned] == [replaced(o) for o in done]
    assert [f"{o['state']} {o['verb']}" for o in done] == [left or "done restore-page"]
    assert desk.trashed(desk.page("one")) == (left == "refused wait")
    said = "\n".join((desk.text("one"), *desk.there("one")))
    assert "one better" in said
    assert not there or "one other" in said


def replaced(outcome: dict[str, str]) -> dict[str, str]:
    """Return an outcome that was planned as one that was done."""
    return {**outcome, "state": outcome["state"].replace("planned", "done")}


def test_s042_deleted_and_made_again(desk: Desk) -> None:
    """A new file of the old name is a new question, with a page of its own."""
    old = desk.page("one")
    desk.remove("one")
    desk.run("sync")
    desk.write(path_of("one"), answer("one", 1, "said anew"))
    desk.run("sync")
    assert desk.page("one") != old
    assert desk.trashed(old)
    assert desk.both("one") == ["said anew"]
    desk.settled_now()


def test_s043_deletion_in_notion_is_its_trash(desk: Desk) -> None:
    """A person takes the page out of the trash: the question is back, with all it said."""
    page = desk.page("one")
    desk.remove("one")
    desk.run("sync")
    desk.api("PATCH", f"pages/{page}", {"in_trash": False})
    desk.run("sync")
    assert desk.both("one") == ["one alpha", "one beta", "one gamma"]
    assert desk.page("one") == page
    desk.settled_now()


def test_s044_a_text_that_git_never_saw_is_put_aside(desk: Desk) -> None:
    """A file that was synced, but never committed, is deleted in Notion: its text is kept."""
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    desk.run("sync")
    text = desk.text("four")
    desk.trash("four")
    desk.trash("one")
    desk.run("sync")
    assert not desk.exists("four")
    assert text in desk.kept()
    assert "one alpha" not in desk.kept(), "git has it"


def test_s045_a_side_that_is_not_written_does_not_flip_flop(desk: Desk) -> None:
    """Pull alone never trashes pages, push alone never deletes files; neither makes them anew, however often it runs."""
    desk.remove("one")
    desk.trash("two")
    for _ in range(2):
        desk.requests()
        assert desk.outcomes("pull").get("one") == "pending trash-page" or not desk.exists("one")
        assert desk.writes() == 0
    assert (desk.exists("one"), desk.exists("two")) == (False, False)
    desk.trash("three")
    for _ in range(2):
        desk.run("push")
    assert desk.exists("three")
    assert desk.titles() == []


def _moved(desk: Desk, page: str, *, back: bool) -> None:
    above = {"type": "data_source_id", "data_source_id": desk.source}
    elsewhere = {"type": "page_id", "page_id": desk.workspace_page()}
    desk.api("POST", f"pages/{page}/move", {"parent": above if back else elsewhere})


def _unshared(desk: Desk, page: str, *, back: bool) -> None:
    desk.fault("share" if back else "unshare", id=page)


def _archived(desk: Desk, page: str, *, back: bool) -> None:
    desk.api("PATCH", f"pages/{page}", {"is_archived": not back})


@pytest.mark.parametrize(
    ("leave", "says"), [(_moved, "moved out"), (_unshared, "no longer shared"), (_archived, "archived in Notion")]
)
@pytest.mark.parametrize("edited", [False, True], ids=["untouched", "edited"])
def test_s046_leaving_the_scope_is_no_deletion(
    desk: Desk, leave: Callable[..., None], says: str, *, edited: bool
) -> None:
    """A page that was moved away, unshared or archived: its file is kept and that is reported; back, all goes on."""
    page = desk.page("one")
    leave(desk, page, back=False)
    if edited:
        desk.edit("one", "one beta", "one from the file")
    desk.edit("two", "two beta", "two from the file")
    text = desk.text("one")
    told = "pending" if leave is _archived and not edited else "refused"
    for _ in range(2):
        report = desk.json("sync", code=0 if told == "pending" else 3)["questions"]
        assert [(o["state"], says in o["message"]) for o in report if o["path"] == path_of("one")] == [(told, True)]
        assert desk.text("one") == text
        desk.wait(120)
    assert desk.there("two")[1] == "two from the file"
    leave(desk, page, back=True)
    desk.run("sync")
    assert desk.both("one")[1] == ("one from the file" if edited else "one beta")
    desk.settled_now()


def test_s047_equal_and_unrecorded_is_adopted(desk: Desk) -> None:
    """A question that the state forgot is recorded by the first run that sees it, so that a later deletion is one."""
    page = desk.page("one")
    for suffix in ("json", "base"):
        (desk.root / ".notionsync" / "base" / f"{page}.{suffix}").unlink()
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert desk.records()["one"]["id"] == page
    desk.remove("one")
    desk.run("sync")
    assert desk.trashed(page)
    assert not desk.exists("one")


def _edit_before(desk: Desk, name: str, **request: Any) -> None:
    """Let a person edit a page in the middle of the next run, before one of its requests."""
    block = desk.children(desk.page(name))[1]["id"]
    edit = {"paragraph": {"rich_text": [{"text": {"content": f"{name} edited meanwhile"}}]}}
    desk.fault("person", requests=[{"method": "PATCH", "path": f"/v1/blocks/{block}", "body": edit}], **request)


def test_s048_a_page_that_moved_on_is_not_trashed(desk: Desk) -> None:
    """A person edits the page after it was listed: the edit survives, and comes back as a file."""
    page = desk.page("one")
    desk.remove("one")
    desk.wait(120)
    _edit_before(desk, "one", method="GET", path=f"/v1/pages/{dashed_id(page)}")
    assert desk.outcomes("sync", code=3) == {"one": "failed trash-page"}
    assert not desk.trashed(page)
    assert desk.outcomes("sync") == {"one": "done create-file"}
    assert "one edited meanwhile" in desk.text("one")


def test_s048_a_page_edited_in_the_moment_it_is_trashed(desk: Desk) -> None:
    """What was trashed is read: it is not what the plan saw, so it is back, and comes as a file."""
    page = desk.page("one")
    desk.remove("one")
    desk.wait(120)
    _edit_before(desk, "one", method="PATCH", path=f"/v1/pages/{dashed_id(page)}")
    assert desk.outcomes("sync", code=3) == {"one": "failed trash-page"}
    assert not desk.trashed(page)
    assert desk.outcomes("sync") == {"one": "done create-file"}
    assert "one edited meanwhile" in desk.text("one")


def test_s048_a_file_that_moved_on_is_not_deleted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor saves the file between plan and deletion: it stays."""
    desk.trash("one")
    text = desk.text("one") + "\nA word saved just now.\n"
    delete = Worktree.delete

    def late(tree: Worktree, path: str, *, expect: bytes) -> None:
        desk.write(path, text)
        delete(tree, path, expect=expect)

    monkeypatch.setattr(Worktree, "delete", late)
    assert desk.outcomes("sync", code=3) == {"one": "failed delete-file"}
    assert desk.text("one") == text


def test_s049_a_deletion_is_forgotten_with_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run killed between the deletion and the state deletes nothing else, and revives nothing, next time."""
    desk.trash("one")

    def killed(_: State, __: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "drop_record", killed)
        desk.run("sync", code=5)
    assert not desk.exists("one")
    assert desk.outcomes("sync") == {"one": "done forget"}
    assert sorted(desk.records()) == ["three", "two"]
    desk.settled_now()
