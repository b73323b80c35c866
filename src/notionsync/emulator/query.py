"""Queries of a data source and search: order, cursors, the ten-thousand limit."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from notionsync.emulator import errors, paging, properties, render
from notionsync.emulator.columns import by_key
from notionsync.emulator.filters import compiled
from notionsync.emulator.ids import canonical
from notionsync.emulator.richtext import plain
from notionsync.emulator.shapes import anything, array, boolean, nullable, obj, one_of, string
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace, path_id

Json = dict[str, Any]

_DIRECTION: Final = one_of("ascending", "descending")
_TIMES: Final = ("created_time", "last_edited_time")


def _sort(value: Any, path: str) -> None:
    if isinstance(value, dict) and "timestamp" in value:
        obj({"timestamp": one_of(*_TIMES), "direction": _DIRECTION})(value, path)
    else:
        obj({"property": string(), "direction": _DIRECTION})(value, path)


_QUERY: Final = obj(
    optional={
        "filter": anything,
        "sorts": array(_sort),
        "start_cursor": nullable(string()),
        "page_size": anything,
        "in_trash": boolean,
        "archived": boolean,
        "is_archived": boolean,
        "result_type": one_of("page", "data_source"),
        "filter_properties": anything,
    }
)
# The row that a cursor names is read in any state: it is the place to go on from, even when it is gone since.
_ROWS: Final = "parent_id = ? AND kind = 'page' AND (id = ? OR hidden = 0 AND trashed = ?)"
_COLUMN: Final = {"created_time": "created", "last_edited_time": "edited"}


class Cursors:
    """How many results came before each cursor, for the limit; the oldest are forgotten."""

    def __init__(self, most: int = 4096) -> None:
        self._before: OrderedDict[str, int] = OrderedDict()
        self._most = most

    def note(self, cursor: str, count: int) -> None:
        """Remember a cursor that is handed out."""
        self._before[cursor] = count
        if len(self._before) > self._most:
            self._before.popitem(last=False)

    def before(self, cursor: str) -> int:
        """Results before it."""
        return self._before.get(cursor, 0)


def query(ws: Workspace, call: Call, data_source_id: str) -> Json:
    """`POST /v1/data_sources/{data_source_id}/query`: newest first unless sorted."""
    body = call.json(_QUERY)
    source = ws.require(path_id("data_source_id", data_source_id), call.user, "data_source")
    size = paging.body_size(ws, body)
    test = compiled(ws, call, source, body["filter"]) if "filter" in body else None
    order = _order(source, body.get("sorts") or [])
    wants_trash = bool(call.trash_flag(body))
    cursor = body.get("start_cursor")
    start = _start(ws, source, cursor) if cursor else None
    given = CURSORS.before(cursor) if cursor else 0
    room = max(ws.settings.query_limit - given, 0)
    rows = _rows(ws, call, source, order, start, trashed=wants_trash, archived=bool(body.get("is_archived")))
    if body.get("result_type") == "data_source":
        rows = iter(())
    found = list(islice((row for row in rows if test is None or test(row)), min(size, room) + 1))
    return _answer(ws, call, source, found, size=size, room=room, given=given)


CURSORS: Final = Cursors()


def _answer(ws: Workspace, call: Call, source: Node, found: list[Node], *, size: int, room: int, given: int) -> Json:
    shown = found[: min(size, room)]
    more = len(found) > len(shown)
    capped = more and room <= size
    cursor = None
    if more and not capped:
        cursor = f"s:{ws.ids.new('4')}:{found[len(shown)].id}"
        CURSORS.note(cursor, given + len(shown))
    only = call.query.get("filter_properties", ())
    pages = [render.page(ws, call, node, only=only, source=source) for node in shown]
    extra: Json = {"page_or_data_source": {}}
    if capped:
        extra["request_status"] = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
    return paging.listing(pages, "page_or_data_source", cursor=cursor, **extra)


def _start(ws: Workspace, source: Node, cursor: str) -> Node:
    parts = cursor.split(":")
    identifier = canonical(parts[2]) if len(parts) == 3 and parts[0] == "s" else canonical(cursor)
    node = ws.store.get(identifier) if identifier else None
    if node is None or node.parent_id != source.id:
        raise paging.unknown_cursor(cursor)
    return node


def _order(source: Node, sorts: list[Json]) -> list[tuple[str, Json | None, bool]]:
    """Sorts as (time stamp or property id, its configuration, descending)."""
    order: list[tuple[str, Json | None, bool]] = []
    for entry in sorts:
        descending = entry["direction"] == "descending"
        if "timestamp" in entry:
            order.append((entry["timestamp"], None, descending))
            continue
        config = by_key(source.data["properties"], entry["property"])
        if config is None:
            raise errors.invalid(f"Could not find sort property with name or id: {entry['property']}")
        order.append((config["id"], config, descending))
    return order


def _rows(
    ws: Workspace,
    call: Call,
    source: Node,
    order: list[tuple[str, Json | None, bool]],
    start: Node | None,
    *,
    trashed: bool,
    archived: bool,
) -> Iterator[Node]:
    """Rows of a data source in the order asked for, from `start` on."""
    if ws.in_trash(source) and ws.settings.rows_of_trashed_database == "trashed":
        if not trashed:
            return iter(())
        trashed = False  # of its own; it lies in the trash with all others
    where, values = _ROWS, [source.id, start.id if start else "", int(trashed)]
    if ws.settings.query_lag:
        where += f" AND created <= {ws.clock.milliseconds() - int(ws.settings.query_lag * 1000)}"
    if all(config is None for _, config, _ in order):
        rows = ws.store.select(f"{where} ORDER BY {_times(order)}", values)
    else:
        rows = iter(_sorted(ws, call, list(ws.store.select(f"{where} ORDER BY created DESC, seq DESC", values)), order))
    if start is not None:
        rows = _from(rows, start)
    return (
        row for row in rows if row.data["is_archived"] == archived and bool(row.trashed) == trashed and not row.hidden
    )


def _times(order: list[tuple[str, Json | None, bool]]) -> str:
    """An ORDER BY of time stamps; ties by creation, newest first."""
    parts = [f"{_COLUMN[name]} {'DESC' if descending else 'ASC'}" for name, _, descending in order]
    return ", ".join([*parts, "created DESC", "seq DESC"])


def _from(rows: Iterator[Node], start: Node) -> Iterator[Node]:
    """Skip to the row a cursor names."""
    for row in rows:
        if row.id == start.id:
            yield row
            break
    yield from rows


def _sorted(ws: Workspace, call: Call, rows: list[Node], order: list[tuple[str, Json | None, bool]]) -> list[Node]:
    """Sort by properties: the last sort first, so that earlier ones win. Empty values come last either way."""
    for name, config, descending in reversed(order):

        def key(row: Node, name: str = name, config: Json | None = config) -> Any:
            if config is None:
                return row.created if name == "created_time" else row.edited
            return _key(config, properties.value_of(ws, call, row, config))

        full = [(key(row), row) for row in rows]
        some = [(value, row) for value, row in full if value is not None]
        some.sort(key=lambda pair: pair[0], reverse=descending)
        rows = [row for _, row in some] + [row for value, row in full if value is None]
    return rows


def _key(config: Json, value: Any) -> Any:
    kind = config["type"]
    if value is None or value == []:
        return None
    if kind in {"title", "rich_text"}:
        return plain(value).casefold() or None
    if kind in {"select", "status"}:
        return [option["id"] for option in config[kind]["options"]].index(value["id"])
    if kind == "multi_select":
        return [option["name"].casefold() for option in value]
    if kind == "date":
        return value["start"]
    if kind in {"people", "relation"}:
        return [entry.get("name") or entry["id"] for entry in value]
    if kind == "unique_id":
        return value["number"]
    if kind in {"created_by", "last_edited_by"}:
        return value.get("name", "")
    if kind == "files":
        return [entry["name"] for entry in value]
    if isinstance(value, dict):
        return str(value)
    return value.casefold() if isinstance(value, str) else value


# -- search -----------------------------------------------------------------------------------------------------------

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
        obj({"timestamp": one_of("last_edited_time"), "direction": _DIRECTION})(value, path)


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
    latest = ws.clock.milliseconds() - int(ws.settings.search_lag * 1000)
    marks = ",".join("?" * len(kinds))
    ascending = (body.get("sort") or {}).get("direction") == "ascending"
    direction = "ASC" if ascending else "DESC"
    nodes = ws.store.select(
        f"kind IN ({marks}) AND created <= ? ORDER BY edited {direction}, seq {direction}", [*kinds, latest]
    )
    hits = (
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
        hits = _from(hits, start)  # type: ignore[assignment]
    found = list(islice(hits, size + 1))
    following = found[size].id if len(found) > size else None
    results = [
        render.page(ws, call, node) if node.kind == "page" else render.data_source(ws, call, node)
        for node in found[:size]
    ]
    return paging.listing(results, "page_or_data_source", cursor=following)
