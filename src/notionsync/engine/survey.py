"""Reading Notion's side, as little of it as tells what changed."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notionsync.config import FILE_NAME, TITLE_KEY
from notionsync.convert.properties import PLAIN, Context, read
from notionsync.engine.session import Session
from notionsync.engine.shelf import Refused, Shelf
from notionsync.errors import NotFoundError, SchemaError, StateError
from notionsync.model import PAGE_PARTS, Body, FieldValue, Page, Property, Record
from notionsync.plan import guards
from notionsync.sides.stored import Meta, Sighting

if TYPE_CHECKING:  # what looks only at the files need not wait for the network's libraries
    from notionsync.sides.notion import DataSource, Notion

_SIDE_BY_SIDE = 4
"""How many bodies are fetched at once; the pace bounds them all."""

_COMPLETE_UP_TO = 500
"""With more questions than five listing requests return, a listing asks only for what changed since the last."""


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
