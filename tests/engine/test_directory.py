from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from notionsync.engine.directory import Directory
from notionsync.engine.shelf import Shelf, Texts
from notionsync.engine.survey import Listing
from notionsync.errors import AccessError
from notionsync.model import Page, Property
from notionsync.sides.heads import Records
from notionsync.sides.index import Index
from notionsync.sides.notion import DataSource, Notion, Person
from notionsync.sides.state import State
from notionsync.sides.worktree import Worktree

KIM, LEE, LEE_TOO, GUEST = (digit * 32 for digit in "1234")
PAGE, OTHER = "a" * 32, "b" * 32


class Workspace:
    """The people of a workspace, counted how often they are asked for."""

    def __init__(self, *people: Person, closed: bool = False) -> None:
        self.known, self.closed, self.asked = people, closed, 0

    def people(self) -> tuple[Person, ...]:
        """Answer as Notion does."""
        self.asked += 1
        if self.closed:
            raise AccessError("no user capability")
        return self.known


def page(id_: str, **properties: Any) -> Page:
    """Return a listed page."""
    return Page(
        id=id_, title="T", properties=properties, parent="", created_time="", created_by="",
        last_edited_time="", last_edited_by="",
    )  # fmt: skip


def directory(workspace: Workspace, *pages: Page, coming: str = "") -> Directory:
    """Return a run's directory with one file that has a page and one that has none."""
    listing = Listing(
        source=DataSource(id="", database="", title="", url="", properties=()),
        properties={"by": Property(id="p", name="By", type="people")},
        name_property=None,
        pages={one.id: one for one in pages},
        trashed={},
        complete=True,
        seen_at=0.0,
    )
    tree = Worktree(Path("nowhere"))
    files = Texts(tree, Index(tree))
    files.update({"answers/가.md": b"", "answers/sub/New.md": b""})
    shelf = Shelf(Records({}, State(tree).record), files, paths={PAGE: "answers/가.md"})
    shelf.coming = {OTHER: coming} if coming else {}
    return Directory(cast("Notion", workspace), shelf, listing, "answers")


MEMBERS = (Person(KIM, "Kim"), Person(LEE, "Lee"), Person(LEE_TOO, "Lee"))


def test_a_name_stands_for_a_person_only_if_nobody_shares_it() -> None:
    """A shared name is written as the id, and means nobody when it is typed; the workspace is asked once."""
    workspace = Workspace(*MEMBERS)
    names = directory(workspace)
    assert names.to_text("people", KIM, "Kim") == "Kim"
    assert names.to_id("people", "Kim") == KIM
    assert names.to_text("people", LEE, "Lee") == LEE
    assert names.to_id("people", "Lee") is None
    assert names.to_id("people", LEE) == LEE
    assert workspace.asked == 1


def test_guests_are_known_by_the_pages_that_name_them() -> None:
    """They are no members of the workspace; one who is called like a member makes the name ambiguous."""
    guest = page(OTHER, p={"type": "people", "people": [{"id": GUEST, "name": "Park"}]})
    assert directory(Workspace(*MEMBERS), guest).to_id("people", "Park") == GUEST
    namesake = page(OTHER, p={"type": "people", "people": [{"id": GUEST, "name": "Kim"}]})
    names = directory(Workspace(*MEMBERS), namesake)
    assert (names.to_text("people", KIM, "Kim"), names.to_id("people", "Kim")) == (KIM, None)


@pytest.mark.parametrize("name", ["", " Kim", KIM, f"x {LEE}"])
def test_a_name_that_cannot_be_read_back_is_not_written(name: str) -> None:
    """No name, blanks around it, or an id in it: the id is said instead."""
    names = directory(Workspace(Person(GUEST, name)))
    assert names.to_text("people", GUEST, name) == GUEST


def test_without_the_capability_values_tell_the_names() -> None:
    """An integration that may not read users still sees what the pages say, or ids."""
    seen = page(OTHER, p={"type": "people", "people": [{"id": KIM, "name": "Kim"}]})
    names = directory(Workspace(closed=True), seen)
    assert names.to_text("people", KIM, "") == "Kim"
    assert names.to_text("people", LEE, "") == LEE


def test_questions_are_called_by_their_files() -> None:
    """Below the folder of the answers, with or without it when typed, composed or not; all else by id."""
    names = directory(Workspace())
    assert names.to_text("relation", PAGE, "") == "가.md"
    for typed in ("가.md", "answers/가.md", "\u1100\u1161.md", PAGE):
        assert names.to_id("relation", typed) == PAGE
    assert names.to_id("relation", "sub/New.md") is None
    assert names.is_pending("sub/New.md")
    assert not names.is_pending("sub/Never.md")
    assert not names.is_pending("가.md")
    assert names.to_text("relation", OTHER, "") == OTHER


def test_a_page_that_is_about_to_get_a_file_is_called_by_it() -> None:
    """Pages that arrive in the same run name each other by file; where none is made, by id."""
    assert directory(Workspace(), page(OTHER), coming="answers/T.md").to_text("relation", OTHER, "") == "T.md"
    assert directory(Workspace(), page(OTHER)).to_text("relation", OTHER, "") == OTHER
