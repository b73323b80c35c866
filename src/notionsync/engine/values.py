"""Property values of pages as their files say them, and those that could not be sent at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from notionsync.convert.properties import Context
from notionsync.engine.assets import Assets, arrived_value
from notionsync.engine.directory import Directory
from notionsync.engine.survey import Listing, Shelf, is_cut, read_fields
from notionsync.model import FieldValue, Page
from notionsync.plan.action import Local
from notionsync.sides.notion import Notion

_LEADING = frozenset({"relation", "rich_text", "title"})
"""Kinds of properties whose values can lead to other answers."""


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
        if is_cut(prop.type, page.properties.get(prop.id, {})):
            value = run.notion.value(page.id, prop.id)
            whole = replace(whole, properties={**whole.properties, prop.id: value})
    if whole is not page and run.listing.pages.get(page.id) is page:
        run.listing.pages[page.id] = whole
    links = run.assets.links(path, run.shelf.records.get(page.id), page.id)
    kinds = {prop.id: prop.type for prop in properties.values()}
    values = {id_: arrived_value(kinds.get(id_, ""), value, links) for id_, value in whole.properties.items()}
    return read_fields(replace(whole, properties=values), properties, Context(links=links, names=run.names))


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
