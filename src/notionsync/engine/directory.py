"""Who and what the ids in property values are: people by name, questions by file name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from notionsync.engine.shelf import Shelf
from notionsync.engine.survey import Listing
from notionsync.errors import AccessError
from notionsync.model import compact_id, find_id
from notionsync.sides.notion import Notion
from notionsync.sides.worktree import fold

_PEOPLE = frozenset({"people", "created_by", "last_edited_by"})


class Directory:
    """`Names` of one run.

    A person is called by name where nobody else has it, a question of the database by its file's name below the folder of
    the answers; anybody and anything else by id.

    Args:
        notion: Asked for the people of the workspace, once, when the first one is met.
        shelf: The files.
        listing: The pages.
        folder: The folder of the answers.
    """

    def __init__(self, notion: Notion, shelf: Shelf, listing: Listing, folder: str) -> None:
        self._notion = notion
        self._shelf = shelf
        self._listing = listing
        self._folder = f"{folder}/"
        self._ids: dict[str, set[str]] | None = None
        self._names: dict[str, str] = {}
        self._by_path: dict[str, str] = {}
        self._counted = -1

    def to_text(self, kind: Literal["people", "relation"], id: str, name: str) -> str:  # noqa: A002 - the protocol's name
        """Return what the front matter says for a compact id."""
        if kind == "people":
            known = self._people()
            called = name or self._names.get(id, "")
            usable = called == called.strip() != "" and find_id(called) is None
            return called if usable and known.get(called, {id}) == {id} else id
        path = self._shelf.names.get(id)
        return id if path is None else path.removeprefix(self._folder)

    def to_id(self, kind: Literal["people", "relation"], text: str) -> str | None:
        """Return the compact id that a text in the front matter stands for, or None."""
        if kind == "people":
            ids = self._people().get(text, set())
            return next(iter(ids)) if len(ids) == 1 else find_id(text)
        known = self._pages()
        return next((known[path] for path in map(fold, self._paths(text)) if path in known), None) or find_id(text)

    def is_pending(self, text: str) -> bool:
        """Tell whether a text in a relation names a file that has no page yet."""
        return self.to_id("relation", text) is None and any(path in self._shelf.files for path in self._paths(text))

    def _paths(self, text: str) -> tuple[str, ...]:
        """Return what a person may have meant by a file's name."""
        return text, f"{self._folder}{text}"

    def _pages(self) -> Mapping[str, str]:
        """Return the page of each file that has one; a run gives pages to files."""
        if self._counted != len(self._shelf.paths):
            self._counted = len(self._shelf.paths)
            self._by_path = {fold(path): page for page, path in self._shelf.names.items()}
        return self._by_path

    def _people(self) -> Mapping[str, set[str]]:
        if self._ids is None:
            self._ids = {}
            for id_, name in (*self._members(), *self._seen()):
                self._ids.setdefault(name, set()).add(id_)
                self._names.setdefault(id_, name)
        return self._ids

    def _members(self) -> list[tuple[str, str]]:
        """Return the people of the workspace; none if the integration may not know them."""
        try:
            return [(person.id, person.name) for person in self._notion.people() if person.name]
        except AccessError:
            return []

    def _seen(self) -> list[tuple[str, str]]:
        """Return the people in the values of the listed pages: guests are no members."""
        found = []
        for page in self._listing.pages.values():
            for prop in self._listing.properties.values():
                value = page.properties.get(prop.id)
                if prop.type in _PEOPLE and value is not None:
                    inner = value.get(prop.type)
                    found += [_person(user) for user in (inner if isinstance(inner, list) else [inner]) if user]
        return [(id_, name) for id_, name in found if name]


def _person(user: Mapping[str, Any]) -> tuple[str, str]:
    return compact_id(str(user.get("id", ""))), str(user.get("name") or "")
