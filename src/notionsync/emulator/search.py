"""Search: titles that hold a word, across the workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from notionsync.emulator import paging, render
from notionsync.emulator.query import DIRECTION, skipped
from notionsync.emulator.shapes import anything, boolean, nullable, obj, one_of, string
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace

Json = dict[str, Any]

_OBJECT_FILTER: Final = obj(
    {"property": one_of("object"), "value": one_of("page", "data_source")}, {"in_trash": boolean}
)


def _search_filter(value: Any, path: str) -> None:
    alone = isinstance(value, dict) and set(value) == {"in_trash"}
    (obj({"in_trash": boolean}) if alone else _OBJECT_FILTER)(value, path)


def _search_sort(value: Any, path: str) -> None:
    if isinstance(value, dict) and "property" in value:
        obj({"property": one_of("relevance")})(value, path)
    else:
        obj({"timestamp": one_of("last_edited_time"), "direction": DIRECTION})(value, path)


_SEARCH: Final = obj(
    optional={
        "query": string(),
        "filter": _search_filter,
        "sort": _search_sort,
        "start_cursor": nullable(string()),
        "page_size": anything,
    }
)


def _words(text: str) -> list[str]:
    """Words as search compares them, a plural like its singular."""
    return [word.removesuffix("s") or word for word in re.findall(r"\w+", text.casefold())]


def _matches(words: list[str], title: str) -> bool:
    """Whether any word of a query begins a word of a title; titles in scripts without spaces may hold it anywhere."""
    if not words:
        return True
    having = _words(title)
    return any(have.startswith(word) or (not word.isascii() and word in have) for word in words for have in having)


def _wanted_trash(ws: Workspace, node: Node, asked: bool | None) -> bool:
    """Without a word about the trash, pages in it are left out; data sources were recorded to come all the same."""
    if asked is None:
        return node.kind == "data_source" or not ws.in_trash(node)
    return ws.in_trash(node) == asked


def search(ws: Workspace, call: Call) -> Json:
    """`POST /v1/search`: titles that hold any of the words, most recently edited first, as recorded."""
    body = call.json(_SEARCH)
    size = paging.body_size(ws, body)
    wanted = body.get("filter") or {}
    words = _words(body.get("query") or "")
    kinds = [wanted["value"]] if "value" in wanted else ["page", "data_source"]
    latest = ws.known_since(ws.settings.search_lag)
    marks = ",".join("?" * len(kinds))
    ascending = (body.get("sort") or {}).get("direction") == "ascending"
    direction = "ASC" if ascending else "DESC"
    nodes = ws.store.select(
        f"kind IN ({marks}) AND (created <= ? OR seq <= ?) ORDER BY edited {direction}, seq {direction}",
        [*kinds, latest, ws.indexed],
    )
    hits: Iterator[Node] = (
        node
        for node in nodes
        if _matches(words, node.title)
        and ws.visible(node, call.user)
        and _wanted_trash(ws, node, wanted.get("in_trash"))
    )
    cursor = body.get("start_cursor")
    if cursor:
        start = ws.store.get(paging.uuid_cursor(cursor, "body"))
        if start is None:
            raise paging.unknown_cursor(cursor)
        hits = skipped(hits, start)
    found = list(islice(hits, size + 1))
    following = found[size].id if len(found) > size else None
    results = [
        render.page(ws, call, node) if node.kind == "page" else render.data_source(ws, call, node)
        for node in found[:size]
    ]
    return paging.listing(results, "page_or_data_source", cursor=following)
