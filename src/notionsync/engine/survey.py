"""Reading both sides, as little of them as tells what changed."""

from __future__ import annotations

import calendar
import contextlib
import time
from collections import ChainMap
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from notionsync.config import FILE_NAME, ID_KEY, TITLE_KEY
from notionsync.convert.frontmatter import join, split, with_values
from notionsync.convert.properties import PLAIN, Context, read
from notionsync.engine.session import Session
from notionsync.errors import ContentError, NotFoundError, SchemaError, StateError
from notionsync.model import PAGE_PARTS, Body, FieldValue, Page, Property, Record
from notionsync.plan import guards
from notionsync.plan.answer import read_id
from notionsync.sides.heads import Records
from notionsync.sides.index import Index, sha256
from notionsync.sides.stored import Meta, Sighting
from notionsync.sides.worktree import Worktree, fold

if TYPE_CHECKING:  # what looks only at the files need not wait for the network's libraries
    from notionsync.sides.notion import DataSource, Notion

_SIDE_BY_SIDE = 4
"""How many bodies are fetched at once; the pace bounds them all."""

_COMPLETE_UP_TO = 500
"""With more questions than five listing requests return, a listing asks only for what changed since the last."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file or page that cannot take part, and why."""

    path: str
    page: str
    title: str
    message: str
    advice: str = ""


@dataclass(slots=True)
class Shelf:
    """The files of a repository, matched with the records.

    Attributes:
        records: Page id → record, read when it is asked for.
        files: Path → bytes, of every answer, read when they are asked for.
        paths: Page id → path, of every file that names a page.
        unnamed: Paths of files that name no page.
        refused: Files that cannot take part.
        adopted: Path → bytes on disk, of files that are about to get their page's id; `files` has them with it.
        coming: Page id → path, of pages that get their file in this run.
        held: Page id → path, of recorded pages whose file is refused: what it was when it was agreed on.
    """

    records: Records
    files: Texts
    paths: dict[str, str] = field(default_factory=dict)
    unnamed: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    adopted: dict[str, bytes] = field(default_factory=dict)
    coming: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)

    def adopt(self, path: str, page: str) -> None:
        """Let a file that names no page name one; on disk it changes when its action is carried out."""
        self.adopted[path] = self.files[path]
        self.files[path] = join(with_values(split(self.files[path]), {ID_KEY: page}))
        self.paths[page] = path
        self.unnamed.remove(path)

    @property
    def names(self) -> Mapping[str, str]:
        """Page id → path by which other answers call a page, whether or not its file is there yet, or can be read."""
        return ChainMap(self.paths, self.coming, self.held)

    @property
    def blocked(self) -> set[str]:
        """Pages of refused files: neither side of them is touched."""
        return {refused.page for refused in self.refused if refused.page}

    def at_home(self) -> frozenset[str]:
        """Return the files that are where they were agreed to be: a page that once had such a name has no file now."""
        heads = self.records.heads
        return frozenset(path for page, path in self.paths.items() if page in heads and heads[page].path == path)

    def changed(self, page: str) -> bool:
        """Whether the file of a recorded page differs from what was agreed, or is gone."""
        path, head = self.paths.get(page), self.records.heads[page]
        return path is None or path != head.path or self.files.digest(path) != head.base


class Texts(MutableMapping[str, bytes]):
    """The files of a repository by path, each read when it is asked for.

    Args:
        tree: The repository.
        index: What its files were found to hold.
    """

    def __init__(self, tree: Worktree, index: Index) -> None:
        self._tree = tree
        self._index = index
        self._paths: dict[str, None] = {}
        self._texts: dict[str, bytes] = {}

    def add(self, path: str) -> None:
        """Note that there is a file."""
        self._paths[path] = None

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a file."""
        if path in self._texts or self._tree.unwritten(path) is not None:
            return sha256(self[path])
        return self._index.digest(path) or sha256(b"")

    def __getitem__(self, path: str) -> bytes:
        if path not in self._texts:
            if path not in self._paths:
                raise KeyError(path)
            self._texts[path] = self._tree.read(path) or b""
        return self._texts[path]

    def __setitem__(self, path: str, data: bytes) -> None:
        self._paths[path] = None
        self._texts[path] = data

    def __delitem__(self, path: str) -> None:
        del self._paths[path]
        self._texts.pop(path, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, path: object) -> bool:
        return path in self._paths


def read_shelf(session: Session) -> Shelf:
    """Read all answers and match them with the records, by the id in their front matter.

    A file that equals its base is not taken apart: it says what was agreed.
    """
    shelf = Shelf(session.state.records(), Texts(session.tree, session.state.index))
    folder = session.config.folder
    expected = {head.path: head for head in shelf.records.heads.values()}
    named: dict[str, list[str]] = {}
    unmerged = session.git.unmerged()
    for path in session.tree.answers(folder):
        if path.startswith(f"{session.config.assets}/") or path.rpartition("/")[2].lower() == "readme.md":
            continue
        shelf.files.add(path)
        head = expected.get(path)
        if path in unmerged:
            shelf.refused.append(_unmerged(shelf, path, head.id if head is not None else ""))
            continue
        try:
            same = head is not None and head.base == shelf.files.digest(path)
            page = head.id if head is not None and same else read_id(shelf.files[path])
        except ContentError as error:
            line = f":{error.line}" if error.line else ""
            held = head.id if head else ""
            shelf.refused.append(Refused(path, held, path, f"{path}{line}: {error.message}", error.advice))
            continue
        if page is None:
            shelf.unnamed.append(path)
        else:
            named.setdefault(page, []).append(path)
    for page, paths in named.items():
        if len(paths) == 1:
            shelf.paths[page] = paths[0]
        else:
            _refuse_copies(shelf, page, paths)
    at_home = shelf.at_home()
    _refuse_lost_ids(shelf, at_home)
    _refuse_unseen(session, shelf, at_home)
    for path in unmerged & expected.keys() - shelf.files.keys():
        shelf.refused.append(_unmerged(shelf, path, expected[path].id))
    shelf.refused += [
        Refused(path, "", path, f"{path}: is a symbolic link and is left alone") for path in session.tree.links(folder)
    ]
    _hold_names(shelf)
    return shelf


def _hold_names(shelf: Shelf) -> None:
    """Keep the names of pages whose files are refused: what is wrong with one file changes nothing in others."""
    used = {fold(path) for path in shelf.paths.values()}
    for page in sorted(shelf.blocked - shelf.paths.keys()):
        head = shelf.records.heads.get(page)
        if head is not None and fold(head.path) not in used:
            shelf.held[page] = head.path


def _unmerged(shelf: Shelf, path: str, page: str) -> Refused:
    """Refuse a file with a conflict of git's: what is in it, or that it is gone, nobody has decided."""
    if path in shelf.files:
        with contextlib.suppress(ContentError):
            page = read_id(shelf.files[path]) or page
    return Refused(path, page, path, f"{path}: git has not finished merging it", f"settle it, then: git add {path}")


def _refuse_copies(shelf: Shelf, page: str, paths: list[str]) -> None:
    message = f"{' and '.join(paths)} name the same page"
    advice = f"take the {ID_KEY} line out of the copy, or: notionsync repair"
    shelf.refused += [Refused(path, page, path, message, advice) for path in paths]


def _refuse_lost_ids(shelf: Shelf, at_home: Collection[str]) -> None:
    """Refuse files that were agreed on and no longer name their page: that is no deletion, and no new question."""
    blocked = shelf.blocked
    for page, record in shelf.records.heads.items():
        if page in shelf.paths or record.path not in shelf.files or page in blocked or record.path in at_home:
            continue
        others = [other for other, path in shelf.paths.items() if path == record.path]
        for other in others:
            del shelf.paths[other]
        known = [other for other in others if other in shelf.records.heads]
        before = shelf.records.heads[known[0]].path if known else record.path
        for path in {record.path, before} & {*shelf.unnamed}:
            shelf.unnamed.remove(path)
        blocked |= {*known}
        if known:
            shelf.refused += _displaced(shelf, record.path, page, before, known[0])
            continue
        message = f"{record.path}: its {ID_KEY} line was changed or removed"
        advice = f"put it back: {ID_KEY}: {page}, or: notionsync repair"
        shelf.refused.append(Refused(record.path, page, record.path, message, advice))


def _displaced(shelf: Shelf, path: str, page: str, before: str, other: str) -> tuple[Refused, Refused]:
    """Refuse a file that says it is another known question, and that one too: its file is here, not deleted."""
    advice = (
        f"put the line {ID_KEY}: {page} into the one of {path} and {before} that is this question"
        if before in shelf.files
        else f"git mv {path} {before}, and the question that was here is deleted; or put the line back: {ID_KEY}: {page}"
    )
    return (
        Refused(path, page, path, f"{path}: is what was {before}, by its {ID_KEY} line", advice),
        Refused(before, other, before, f"{before}: is now where {path} was", advice),
    )


def _refuse_unseen(session: Session, shelf: Shelf, at_home: Collection[str]) -> None:
    """Refuse questions whose file may only have left our sight: that is no deletion either.

    The configured folder became another, a link stands in the file's place, or a file that cannot be read may be it
    under another name.
    """
    strange = [refused.path for refused in shelf.refused if not refused.page]
    blocked = shelf.blocked
    for page, record in shelf.records.heads.items():
        if page in shelf.paths or page in blocked or record.path in at_home:
            continue
        if session.tree.occupied(record.path):
            message = f"{record.path}: is there, but not one of the answers in {session.config.folder}/ any more"
            advice = f"make it one again: [files] folder in {FILE_NAME} says where answers are"
        elif strange:
            message = f"{record.path}: is gone, and {', '.join(strange)} cannot be read and may be the same question"
            advice = f"mend {strange[0]} first"
        else:
            continue
        shelf.refused.append(Refused(record.path, page, record.path, message, advice))


# --- Notion ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a listing of the database showed.

    Attributes:
        source: The data source and its schema.
        properties: Front matter key → property.
        name_property: The property that holds a question's file name, if there is one.
        pages: Page id → page, of those listed.
        trashed: Page id → page, of those in the trash.
        complete: Whether `pages` holds all pages; else only those changed since the last listing.
        seen_at: Notion's own clock when the listing began, in seconds since the epoch.
    """

    source: DataSource
    properties: Mapping[str, Property]
    name_property: Property | None
    pages: dict[str, Page]
    trashed: Mapping[str, Page]
    complete: bool
    seen_at: float


def list_pages(session: Session, notion: Notion, shelf: Shelf, *, full: bool = False) -> Listing:
    """List the database: its schema, its pages, and its trash, in three requests for up to a hundred pages.

    Raises:
        StateError: The state belongs to another data source.
        SchemaError: A property was never there, or not of a kind that its key can be mapped to.
    """
    config, meta = session.config, session.state.meta()
    if meta.data_source and meta.data_source != config.data_source:
        raise StateError(
            f"notionsync.toml names data source {config.data_source}, but .notionsync/ belongs to {meta.data_source}",
            advice="put the old id back, or begin anew with this database: notionsync resync",
        )
    source = notion.data_source(config.data_source)
    properties, lost = map_properties(source, config.properties, meta)
    shelf.refused += lost
    name = next((p for p in source.properties if p.name == config.name_property), None)
    full = full or any(meta.mapping.get(key) != (prop.id, prop.type) for key, prop in properties.items())
    since = meta.listed_at if len(shelf.records) > _COMPLETE_UP_TO and not full else None
    listing = notion.pages(config.data_source, since=since or None)
    trash = notion.pages(config.data_source, in_trash=True)
    return Listing(
        source=source,
        properties=properties,
        name_property=name,
        pages={page.id: page for page in listing.pages},
        trashed={page.id: page for page in trash.pages},
        complete=since is None and listing.complete,
        seen_at=min((page.read_at for page in listing.pages), default=0.0),
    )


def map_properties(
    source: DataSource, wanted: Mapping[str, str], meta: Meta
) -> tuple[dict[str, Property], list[Refused]]:
    """Return the property of each front matter key: by its name, else by the id it had, so that a rename is followed.

    A property that was synced before and is gone, or of another kind now, is refused: its key is left alone on both
    sides, and everything else goes on.

    Raises:
        SchemaError: There never was one of this name, or it is of a kind that the key cannot be mapped to.
    """
    by_id = {prop.id: prop for prop in source.properties}
    by_name = {prop.name: prop for prop in source.properties}
    title = next((prop for prop in source.properties if prop.type == "title"), None)
    found: dict[str, Property] = {}
    refused: list[Refused] = []
    for key, name in wanted.items():
        known, kind = meta.mapping.get(key, ("", ""))
        prop = PAGE_PARTS.get(name) or by_name.get(name) or by_id.get(known) or (title if key == TITLE_KEY else None)
        if prop is None and known:
            refused.append(_lost(key, f'the database "{source.title}" has no property "{name}" any more'))
        elif prop is None:
            raise SchemaError(
                f'the database "{source.title}" has no property "{name}" (mapped from {key})',
                advice=f"known are: {', '.join(by_name)}. Correct [properties] in notionsync.toml",
            )
        elif prop.id == known and prop.type != kind:
            refused.append(_lost(key, f'property "{prop.name}" was a {kind} and is a {prop.type} now'))
        elif (prop.type == "title") != (key == TITLE_KEY):
            raise SchemaError(
                f'"{prop.name}" is of type {prop.type}; {TITLE_KEY}, and only it, is mapped to the title',
                advice="correct [properties] in notionsync.toml",
            )
        else:
            found[key] = prop
    return found, refused


def _lost(key: str, message: str) -> Refused:
    return Refused(
        FILE_NAME,
        "",
        key,
        f"{message}; {key} is left alone on both sides",
        f"change it back in Notion, or take the line of {key} out of [properties] in {FILE_NAME}",
    )


def read_fields(page: Page, properties: Mapping[str, Property], context: Context = PLAIN) -> dict[str, FieldValue]:
    """Return the values of a page's mapped properties; one without a value is left out."""
    found: dict[str, FieldValue] = {}
    for key, prop in properties.items():
        value = page.properties.get(prop.id)
        if value is None:
            continue
        field_value = read(prop.type, value, context)
        if field_value not in (None, ()):
            found[key] = field_value
    return found


def file_name(path: str) -> str:
    """Return what the file-name property of a question holds: the name without folder and ending."""
    return path.rpartition("/")[2].removesuffix(".md")


def minute_end(iso: str) -> float:
    """Return the moment a page's time may move again: the end of the minute it names, in seconds since the epoch."""
    try:
        parsed = time.strptime(iso[:16], "%Y-%m-%dT%H:%M")
    except ValueError:
        return float("inf")
    return calendar.timegm(parsed) + 60.0


def is_settled(page: Page, seen: Record | Sighting | None) -> bool:
    """Tell whether a listed page surely is as it was when it was read for its record.

    `last_edited_time` has whole minutes, so an equal time proves nothing while a second edit could share the minute:
    either we read the page after that minute, or ours was the last edit and the minute is over now.
    """
    if seen is None or (page.last_edited_time, page.last_edited_by) != (seen.last_edited_time, seen.last_edited_by):
        return False
    if seen.reading == "own":
        return page.read_at >= minute_end(page.last_edited_time)
    return seen.reading == "after"


def fetch_bodies(session: Session, notion: Notion, pages: Iterable[str]) -> dict[str, Body]:
    """Read the bodies of pages, side by side. A page that is gone meanwhile is left out."""
    wanted = list(pages)
    found: dict[str, Body] = {}

    def fetch(page: str) -> tuple[str, Body | None]:
        try:
            return page, notion.body(page)
        except NotFoundError:
            return page, None

    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE) as pool:
        try:
            for done, (page, body) in enumerate(pool.map(fetch, wanted), 1):
                if body is not None:
                    found[page] = body
                session.progress("reading pages", done, len(wanted))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # what was not asked for yet is not worth waiting for
            raise
    return found


def classify_missing(
    notion: Notion, shelf: Shelf, listing: Listing, *, most: int, allowed: guards.Allowed
) -> dict[str, Page | None]:
    """Find out what became of recorded pages that the listing lacks: a page, or None when it cannot be reached.

    Raises:
        GuardError: So many are missing that the listing itself is doubtful.
    """
    if not listing.complete:
        return {}
    missing = [page for page in shelf.records if page not in listing.pages and page not in listing.trashed]
    guards.check_missing(len(missing), len(shelf.records), most=most, allowed=allowed)
    found: dict[str, Page | None] = {}
    for page in missing:
        try:
            found[page] = notion.page(page)
        except NotFoundError:
            found[page] = None
    return found
