"""Edits that hide behind something else: behind a conflict in another unit, behind our own write in the same minute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.story.lab import Lab

from notionsync.sides.notion import Notion


def _question(desk: Lab, body: str = "One.\n\nTwo.\n\nThree.\n") -> tuple[str, str]:
    """Push one question and let a while pass; return its file and page."""
    path = "answers/A.md"
    desk.write(path, f"---\nquestion: A?\nnote: old\n---\n\n{body}")
    desk.run("init", "--create", "--parent", desk.workspace())
    desk.run("push")
    desk.commit()
    desk.wait(120)
    return path, desk.page_of(path)


def _note(desk: Lab, page: str, text: str) -> None:
    value: dict[str, Any] = {"rich_text": [{"text": {"content": text}}]}
    desk.api("PATCH", f"pages/{page}", {"properties": {"Note": value}})


def _texts(desk: Lab, page: str) -> list[str]:
    return ["".join(r["plain_text"] for r in b[b["type"]]["rich_text"]) for b in desk.children(page)]


@pytest.mark.parametrize("command", ["pull", "sync"])
def test_a_field_that_arrives_does_not_hide_a_body_in_conflict(empty: Lab, command: str) -> None:
    """A clean edit of a field advances the base of that field only; the body's conflict is found again by every run."""
    path, page = _question(empty)
    empty.say(empty.children(page)[0]["id"], "paragraph", "One in Notion.")
    _note(empty, page, "new")
    empty.replace(path, "One.", "One in the file.")
    for _ in range(3):
        empty.run(command, code=3)
        assert "note: new" in empty.read(path)
        assert "One in the file." in empty.read(path)
        assert _texts(empty, page)[0] == "One in Notion."
        empty.wait(120)
    empty.run("push", code=3)
    assert _texts(empty, page)[0] == "One in Notion."


@pytest.mark.parametrize("command", ["pull", "sync"])
def test_a_body_that_arrives_does_not_hide_a_field_in_conflict(empty: Lab, command: str) -> None:
    """The mirror: the body is merged, the field's conflict stays one."""
    path, page = _question(empty)
    empty.say(empty.children(page)[0]["id"], "paragraph", "One in Notion.")
    _note(empty, page, "theirs")
    empty.replace(path, "note: old", "note: mine")
    for _ in range(3):
        empty.run(command, code=3)
        assert "One in Notion." in empty.read(path)
        assert "note: mine" in empty.read(path)
        shown = empty.api("GET", f"pages/{page}")["properties"]["Note"]["rich_text"][0]["plain_text"]
        assert shown == "theirs"
        empty.wait(120)
    empty.run("push", code=3)
    assert empty.api("GET", f"pages/{page}")["properties"]["Note"]["rich_text"][0]["plain_text"] == "theirs"


Edit = Callable[[Lab, str], None]


def _edits_another(desk: Lab, page: str) -> None:
    desk.say(desk.children(page)[2]["id"], "paragraph", "Three in Notion.")


def _adds_one(desk: Lab, page: str) -> None:
    run = {"type": "text", "text": {"content": "Four in Notion."}}
    desk.api("PATCH", f"blocks/{page}/children", {"children": [{"paragraph": {"rich_text": [run]}}]})


def _deletes_one(desk: Lab, page: str) -> None:
    desk.api("DELETE", f"blocks/{desk.children(page)[2]['id']}")


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (_edits_another, ["One in the file.", "Two.", "Three in Notion."]),
        (_adds_one, ["One in the file.", "Two.", "Three.", "Four in Notion."]),
        (_deletes_one, ["One in the file.", "Two."]),
    ],
)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_edit_in_the_minute_of_our_write_arrives(
    empty: Lab, monkeypatch: pytest.MonkeyPatch, edit: Edit, expected: list[str], moment: str
) -> None:
    """A person edits the page just before or after our write, before it is read back: the next pull brings the edit."""
    path, page = _question(empty)
    empty.replace(path, "One.", "One in the file.")
    apply = Notion.apply

    def interrupted(self: Notion, *args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            edit(empty, page)
        answer = apply(self, *args, **kwargs)
        if moment == "after":
            edit(empty, page)
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(Notion, "apply", interrupted)
        empty.run("push")
    assert _texts(empty, page) == expected
    empty.wait(120)
    empty.run("pull")
    assert [line for line in empty.read(path).split("---\n")[2].splitlines() if line] == expected
    empty.run("push")
    assert _texts(empty, page) == expected


NESTED = "One.\n\n- a\n  - b\n- c\n\nThree.\n"


def _edits_a_property(desk: Lab, page: str) -> None:
    _note(desk, page, "new")


def _edits_below(desk: Lab, page: str) -> None:
    inner = desk.children(desk.children(page)[1]["id"])[0]["id"]
    desk.say(inner, "bulleted_list_item", "b in Notion")


def _edits_the_top(desk: Lab, page: str) -> None:
    desk.say(desk.children(page)[0]["id"], "paragraph", "One in Notion.")


@pytest.mark.parametrize(
    ("ours", "edit", "expected"),
    [
        (("One.", "One in the file."), _edits_a_property, "note: new"),
        (("One.", "One in the file."), _edits_below, "  - b in Notion"),
        (("- b", "- b in the file"), _edits_the_top, "One in Notion."),
        (("- b", "- b in the file"), _edits_a_property, "note: new"),
        (("note: old", "note: newer"), _edits_the_top, "One in Notion."),
        (("note: old", "note: newer"), _edits_below, "  - b in Notion"),
    ],
)
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("later", [0, 120])
def test_an_edit_that_our_write_covers_arrives(  # noqa: PLR0917 - a table
    empty: Lab,
    monkeypatch: pytest.MonkeyPatch,
    ours: tuple[str, str],
    edit: Edit,
    expected: str,
    moment: str,
    later: int,
) -> None:
    """Somebody edits what we do not read back, in the moment of our write, whose time covers theirs: the next pull brings it."""
    path, page = _question(empty, NESTED)
    empty.replace(path, *ours)
    name = "update_page" if ours[0].startswith("note") else "apply"
    write = getattr(Notion, name)

    def interrupted(self: Notion, *args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            edit(empty, page)
        answer = write(self, *args, **kwargs)
        if moment == "after":
            edit(empty, page)
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(Notion, name, interrupted)
        empty.run("push")
    empty.wait(later)
    empty.run("pull")
    assert expected in empty.read(path).splitlines()
    assert ours[1] in empty.read(path)
    empty.wait(120)
    empty.run("pull")
    empty.requests()
    empty.run("pull")
    assert empty.requests()["total"] == 3
