"""Property values of pages: as their files say them, as Notion is asked to hold them, and those that are sent late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import unquote

from notionsync.convert.frontmatter import split
from notionsync.convert.properties import Context, addresses, write
from notionsync.engine.assets import Assets, arrived_value
from notionsync.engine.directory import Directory
from notionsync.engine.shelf import Refused, Shelf
from notionsync.engine.survey import Listing, read_fields
from notionsync.errors import ContentError
from notionsync.model import FieldValue, Page, Property
from notionsync.plan.action import Action, Local
from notionsync.sides.notion import Notion

_LEADING = frozenset({"relation", "rich_text", "title"})
"""Kinds of properties whose values can lead to other answers."""
_REFERENCES = 25
"""How many references of a value a page holds (developers.notion.com/reference/retrieve-a-page)."""


class Run(Protocol):
    """What a run knows that values are read with."""

    notion: Notion
    shelf: Shelf
    listing: Listing
    assets: Assets
    names: Directory


def read_values(run: Run, page: Page, path: str) -> dict[str, FieldValue]:
    """Return the values of a page's mapped properties, as its file says them.

    A page holds only the first 25 references of a value; what may have more is read whole: 1 request per 100.
    """
    properties = run.listing.properties
    whole = page
    for prop in properties.values():
        if is_cut(prop, page.properties):
            value = run.notion.value(page.id, prop.id)
            whole = replace(whole, properties={**whole.properties, prop.id: value})
    if whole is not page and run.listing.pages.get(page.id) is page:
        run.listing.pages[page.id] = whole
    links = run.assets.links(path, run.shelf.records.get(page.id), page.id)
    kinds = {prop.id: prop.type for prop in properties.values()}
    values = {id_: arrived_value(kinds.get(id_, ""), value, links) for id_, value in whole.properties.items()}
    return read_fields(replace(whole, properties=values), properties, Context(links=links, names=run.names))


def is_cut(prop: Property, properties: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether a page may hold only the first part of a property's value, or a rollup of the first part.

    Args:
        prop: The property.
        properties: The values that the page holds, by the ids of their properties.
    """
    value = properties.get(prop.id, {})
    if value.get("has_more") is False:
        return False
    if prop.type == "rollup":
        relation = next((one for id_, one in properties.items() if prop.via and unquote(id_) == prop.via), {})
        return bool(relation.get("has_more"))
    inner = value.get(prop.type)
    if not isinstance(inner, list):
        return False
    if prop.type == "relation":
        return bool(value.get("has_more"))
    if prop.type in {"title", "rich_text"}:
        return len([item for item in inner if item.get("type") == "mention"]) >= _REFERENCES
    return prop.type == "people" and len(inner) >= _REFERENCES


def late_values(run: Run, page: str, path: str, local: Local) -> Mapping[str, FieldValue]:
    """Return what a page has only in part: relations, and links in texts, to files that had no page when they were sent.

    The page is read again where its file says anything of the kind.
    """
    properties, fields = run.listing.properties, local.answer.fields
    mine = [key for key, prop in properties.items() if prop.type in _LEADING and ".md" in str(fields.get(key))]
    if not mine:
        return {}
    listed = run.listing.pages[page] = run.notion.page(page)
    there = read_values(run, listed, path)
    links = run.assets.links(path, run.shelf.records.get(page), page)
    late: dict[str, FieldValue] = {}
    for key in mine:
        prop, wanted, now = properties[key], fields[key], there.get(key, ())
        value = listed.properties.get(prop.id, {})
        if isinstance(wanted, tuple) and isinstance(now, tuple):
            behind = set(now) < set(wanted)
        else:
            behind = wanted == now and arrived_value(prop.type, value, links) is not value
        if behind:
            late[key] = wanted
    return late


def requested(
    run: Run, action: Action, now: Page | None, uploads: Mapping[str, str], *, new_options: bool
) -> dict[str, Any]:
    """Return the values that an action sends as a request holds them, by the ids of their properties.

    Args:
        run: What is known of both sides.
        action: What is done.
        now: The page as it is; None for one that is made.
        uploads: Address → id of the upload that holds its bytes.
        new_options: Whether select properties may get options that Notion does not have.

    Raises:
        ContentError: Notion cannot hold one of them; `line` is that of the file.
    """
    found: dict[str, Any] = {}
    record = run.shelf.records.get(action.page or "")
    for key, value in (action.fields or {}).items():
        prop = run.listing.properties[key]
        if prop.type == "relation" and isinstance(value, tuple):
            # A file that gets its page later in this run is added when it has one.
            value = tuple(text for text in value if not run.names.is_pending(text))  # noqa: PLW2901
        context = Context(
            links=run.assets.links(action.path, record, action.page or ""),
            names=run.names,
            allow_new_options=new_options,
            uploads=uploads,
            current=now.properties.get(prop.id, {}) if now is not None else {},
        )
        try:
            found[prop.id] = write(prop, value, context)
        except ContentError as error:
            line = split(action.expect or b"").line(key)
            raise ContentError(error.message, line=line, advice=error.advice) from error
    return found


def refuse_values(run: Run, actions: list[Action], *, new_options: bool) -> list[Refused]:
    """Take the questions out of a plan that have a value which Notion cannot hold, and return why.

    Files count as uploaded.
    """
    refused: list[Refused] = []
    for action in list(actions):
        fields = action.fields or {}
        kinds = {key: run.listing.properties[key].type for key in fields}
        uploads = {address: "" for key, value in fields.items() for address in addresses(kinds[key], value)}
        now = run.listing.pages.get(action.page or "")
        try:
            requested(run, action, now, uploads, new_options=new_options)
        except ContentError as error:
            actions.remove(action)
            line = f":{error.line}" if error.line else ""
            message = f"{action.path}{line}: {error.message}"
            refused.append(Refused(action.path, action.page or "", action.title, message, error.advice))
    return refused
