"""Which file belongs to which page, and what a page's file is to be called, before either knows the other."""

from __future__ import annotations

import unicodedata

from notionsync.config import TITLE_KEY
from notionsync.convert import parse_inline
from notionsync.convert.frontmatter import split
from notionsync.convert.properties import read
from notionsync.convert.typed import as_typed
from notionsync.engine.session import Session
from notionsync.engine.shelf import Shelf, file_name
from notionsync.engine.survey import Listing
from notionsync.model import Page
from notionsync.plan import names
from notionsync.sides.notion import Notion
from notionsync.sides.worktree import fold


class Naming:
    """Titles and file names of one run.

    Args:
        session: The repository.
        notion: The way to Notion.
        shelf: The files.
        listing: The pages.
    """

    def __init__(self, session: Session, notion: Notion, shelf: Shelf, listing: Listing) -> None:
        self._session = session
        self._notion = notion
        self._shelf = shelf
        self._listing = listing
        self._promised: dict[str, str] = {}

    def is_unbound(self, page: str) -> bool:
        """Tell whether neither a record nor a file knows a page."""
        return page not in self._shelf.records and page not in self._shelf.paths

    def file_title(self, path: str) -> str:
        """Return a file's question as plain text, or what its name says."""
        value = split(self._shelf.files[path]).values().get(TITLE_KEY)
        if value in (None, ""):
            return unicodedata.normalize("NFC", file_name(path).replace("_", " "))
        return "".join(run.text for run in parse_inline(as_typed(value))).strip()

    def shares_title(self, page: Page) -> bool:
        """Tell whether a file that names no page asks what a page asks."""
        title = page.title.strip()
        return title != "" and any(self.file_title(path) == title for path in self._shelf.unnamed)

    def adopt_orphans(self) -> None:
        """Join files that name no page with the pages that a killed run created for them and did not record.

        Such a page carries the file's name in its file-name property, which nobody fills in by hand; where the database
        has no such property it carries the file's title, and our integration made it.
        """
        if not self._shelf.unnamed:
            return
        by_name = self._listing.name_property is not None
        orphans: dict[str, list[Page]] = {}
        for page in self._listing.pages.values():
            label = self._name_of(page) if by_name else page.title.strip()
            if label and self.is_unbound(page.id):
                orphans.setdefault(label, []).append(page)
        for path in list(self._shelf.unnamed):
            pages = orphans.get(file_name(path) if by_name else self.file_title(path), [])
            if len(pages) == 1 and (by_name or pages[0].created_by == self._notion.me().id):
                self._shelf.adopt(path, pages[0].id)

    def _name_of(self, page: Page) -> str:
        """Return what a page's file-name property says."""
        name = self._listing.name_property
        value = page.properties.get(name.id) if name is not None else None
        return str(read(name.type, value) or "") if name is not None and value else ""

    def promised(self, page: Page) -> str:
        """Return the path that a page's new file gets in this run, the same each time it is asked for."""
        return self._promised.get(page.id) or self.new_path(page)

    def new_path(self, page: Page) -> str:
        """Choose a free path for a page's new file."""
        wanted = (self._name_of(page), page.title)
        folder = self._session.config.folder
        path = names.choose(page.id, wanted, folder, lambda path: self._taken(page.id, path))
        self._promised[page.id] = path
        return path

    def followed_path(self, page: Page, path: str) -> str:
        """Return the path that a file gets when it follows its page's title; its own name is free to it."""

        def taken(candidate: str) -> bool:
            return fold(candidate) != fold(path) and self._taken(page.id, candidate)

        if not names.stem(page.title):
            return path
        found = names.choose(page.id, (page.title,), path.rpartition("/")[0], taken)
        self._promised[page.id] = found
        return found

    def _taken(self, page: str, path: str) -> bool:
        promised = {fold(other) for owner, other in self._promised.items() if owner != page}
        return fold(path) in promised | {fold(other) for other in self._shelf.files} or self._session.tree.taken(path)
