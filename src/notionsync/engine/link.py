"""Joining files that name no page with the pages they belong to."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from notionsync.config import ID_KEY
from notionsync.convert.frontmatter import join, split, with_values
from notionsync.convert.properties import read
from notionsync.engine.plan import Options, Planner
from notionsync.engine.session import Session
from notionsync.engine.shelf import file_name
from notionsync.errors import UsageError
from notionsync.model import Page, Property
from notionsync.plan import names
from notionsync.plan.action import Policy
from notionsync.sides.notion import Notion


@dataclass(frozen=True, slots=True)
class Match:
    """A file and the page that seems to be the same question."""

    path: str
    page: str
    title: str
    by: str


@dataclass(frozen=True, slots=True)
class Matching:
    """What can be joined.

    Attributes:
        matches: Pairs that nothing else competes with.
        doubtful: Files that several pages, or pages that several files, could belong to, and why.
        files: Files without a page of their title.
        pages: Pages without a file of their title.
    """

    matches: tuple[Match, ...]
    doubtful: tuple[str, ...]
    files: tuple[str, ...]
    pages: tuple[Page, ...]


def match_files(session: Session, notion: Notion) -> Matching:
    """Match files that name no page with pages that no file names: by title, else by file name."""
    planner = Planner(session, notion, Options(policy=Policy(direction="pull")))
    pages = [page for page in planner.listing.pages.values() if planner.naming.is_unbound(page.id)]
    matches: list[Match] = []
    doubtful: list[str] = []
    for by in ("title", "file name"):
        left = [path for path in planner.shelf.unnamed if path not in {match.path for match in matches}]
        there = [page for page in pages if page.id not in {match.page for match in matches}]
        mine: dict[str, list[str]] = {}
        for path in left:
            mine.setdefault(_fold(planner.naming.file_title(path) if by == "title" else file_name(path)), []).append(
                path
            )
        theirs: dict[str, list[Page]] = {}
        for page in there:
            for label in _labels(page, by, planner.listing.name_property):
                theirs.setdefault(label, []).append(page)
        for label, paths in mine.items():
            found = theirs.get(label, [])
            if len(paths) == len(found) == 1:
                matches.append(Match(paths[0], found[0].id, found[0].title, by))
            elif found and label:
                doubtful.append(f"{' and '.join(paths)}: {len(found)} pages of this {by} ({found[0].title})")
    bound = {match.path for match in matches}, {match.page for match in matches}
    return Matching(
        matches=tuple(matches),
        doubtful=tuple(dict.fromkeys(doubtful)),
        files=tuple(path for path in planner.shelf.unnamed if path not in bound[0]),
        pages=tuple(page for page in pages if page.id not in bound[1]),
    )


def _labels(page: Page, by: str, name_property: Property | None) -> set[str]:
    if by == "title":
        return {_fold(page.title)} if page.title.strip() else set()
    found = {_fold(names.stem(page.title))}
    value = page.properties.get(name_property.id) if name_property else None
    if name_property and value:
        found.add(_fold(str(read(name_property.type, value) or "")))
    return found - {""}


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def bind(session: Session, matches: Sequence[Match]) -> None:
    """Write the page's id into each matched file; nothing else of it changes."""
    for match in matches:
        data = session.tree.read(match.path)
        if data is None:
            raise UsageError(f"{match.path}: gone meanwhile", advice="notionsync link")
        session.tree.write(match.path, join(with_values(split(data), {ID_KEY: match.page})), expect=data)
