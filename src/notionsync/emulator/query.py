"""Queries of a data source: order, cursors, the ten-thousand limit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from notionsync.emulator import errors, paging, properties, render
from notionsync.emulator.columns import by_key
from notionsync.emulator.cursors import Given
from notionsync.emulator.dates import instant, parse
from notionsync.emulator.filters import compiled
from notionsync.emulator.ids import canonical
from notionsync.emulator.richtext import plain
from notionsync.emulator.shapes import anything, array, boolean, nullable, obj, one_of, string
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace, fits, path_id

Json = dict[str, Any]

DIRECTION: Final = one_of("ascending", "descending")
_TIMES: Final = ("created_time", "last_edited_time")


def _sort(value: Any, path: str) -> None:
    if isinstance(value, dict) and "timestamp" in value:
        obj({"timestamp": one_of(*_TIMES), "direction": DIRECTION})(value, path)
    else:
        obj({"property": string(), "direction": DIRECTION})(value, path)


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


Sort = tuple[str, Json | None, bool]
"""A time stamp's name or a property's id, the property's configuration, and whether it descends."""


class _State(NamedTuple):
    """Which rows a query is about, apart from its filter's tests."""

    trashed: bool
    archived: bool
    since: dict[str, int]


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
    given = _given(ws, cursor) if cursor else 0
    room = max(ws.settings.query_limit - given, 0)
    state = _State(wants_trash, bool(body.get("is_archived")), _since(body.get("filter")))
    rows = _rows(ws, call, source, order, start, state=state)
    if body.get("result_type") == "data_source":
        rows = iter(())
    found = list(islice((row for row in rows if test is None or test(row)), min(size, room) + 1))
    return _answer(ws, call, source, found, size=size, room=room, given=given)


def _answer(ws: Workspace, call: Call, source: Node, found: list[Node], *, size: int, room: int, given: int) -> Json:
    shown = found[: min(size, room)]
    more = len(found) > len(shown)
    capped = more and room <= size
    cursor = None
    if more and not capped:
        cursor = f"s:{ws.ids.new('4')}:{found[len(shown)].id}"
        ws.cursors.note(cursor, Given(given + len(shown), ws.clock.milliseconds()))
    only = call.query.get("filter_properties", ())
    pages = [render.page(ws, call, node, only=only, source=source) for node in shown]
    extra: Json = {"page_or_data_source": {}}
    if capped:
        extra["request_status"] = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
    return paging.listing(pages, "page_or_data_source", cursor=cursor, **extra)


def _given(ws: Workspace, cursor: str) -> int:
    """How many results came before a cursor."""
    given = ws.cursors.get(cursor) or Given(at=ws.clock.milliseconds())
    life = ws.settings.cursor_life
    if life is not None and ws.clock.milliseconds() > given.at + life * 1000:
        raise paging.unknown_cursor(cursor)
    return given.before


def _start(ws: Workspace, source: Node, cursor: str) -> Node:
    parts = cursor.split(":")
    identifier = canonical(parts[2]) if len(parts) == 3 and parts[0] == "s" else canonical(cursor)
    node = ws.store.get(identifier) if identifier else None
    if node is None or node.parent_id != source.id:
        raise paging.unknown_cursor(cursor)
    return node


def check_sorts(source: Node, sorts: list[Json]) -> None:
    """Whether sorts fit a data source.

    Raises:
        ApiError: They do not.
    """
    fits(array(_sort), sorts, "body.sorts")
    _order(source, sorts)


def _order(source: Node, sorts: list[Json]) -> list[Sort]:
    """Sorts as (time stamp or property id, its configuration, descending)."""
    order: list[Sort] = []
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
    ws: Workspace, call: Call, source: Node, order: list[Sort], start: Node | None, *, state: _State
) -> Iterator[Node]:
    """Rows of a data source in the order asked for, from `start` on."""
    trashed = state.trashed
    if ws.in_trash(source) and ws.settings.rows_of_trashed_database == "trashed":
        if not trashed:
            return iter(())
        trashed = False  # of its own; it lies in the trash with all others
    where, values = _ROWS, [source.id, start.id if start else "", int(trashed)]
    if ws.settings.query_lag:
        where += " AND created <= ?"
        values.append(ws.known_since(ws.settings.query_lag))
    for column, bound in state.since.items():
        where += f" AND {column} >= ?"
        values.append(bound)
    if all(config is None for _, config, _ in order):
        times = [(_COLUMN[name], descending) for name, _, descending in order]
        times += [("created", True), ("seq", True)]
        rows = _by_time(ws, where, values, times, start)
    else:
        every = list(ws.store.select(f"{where} ORDER BY created DESC, seq DESC", values))
        rows = iter(_sorted(ws, call, source, every, order))
        if start is not None:
            rows = skipped(rows, start)
    return (
        row
        for row in rows
        if row.data["is_archived"] == state.archived and bool(row.trashed) == trashed and not row.hidden
    )


def _by_time(
    ws: Workspace, where: str, values: list[Any], times: list[tuple[str, bool]], start: Node | None
) -> Iterator[Node]:
    """Rows sorted by columns of time, from `start` on without reading what comes before."""
    if start is not None:
        later, equal = [], ""
        for column, descending in times:
            later.append(f"{equal}{column} {'<' if descending else '>'} ?")
            values = [*values, *(getattr(start, above) for above, _ in times[: len(later)])]
            equal += f"{column} = ? AND "
        where += f" AND ({' OR '.join(later)} OR seq = ?)"
        values = [*values, start.seq]
    ordered = ", ".join(f"{column} {'DESC' if descending else 'ASC'}" for column, descending in times)
    return ws.store.select(f"{where} ORDER BY {ordered}", values)


def _since(given: Any) -> dict[str, int]:
    """The lower bounds of time stamps that a filter sets for every row, to be looked up instead of tested."""
    bounds: dict[str, int] = {}
    parts = given.get("and", [given]) if isinstance(given, dict) else []
    for part in parts:
        column = _COLUMN.get(part.get("timestamp", ""))
        wanted = part.get(part.get("timestamp", ""), {}).get("on_or_after", "")
        if column is not None and wanted[:1].isdigit():
            milliseconds = int(instant(parse(wanted)).timestamp() // 60 * 60_000)
            bounds[column] = max(milliseconds, bounds.get(column, 0))
    return bounds


def skipped(rows: Iterator[Node], start: Node) -> Iterator[Node]:
    """Skip to the row a cursor names."""
    for row in rows:
        if row.id == start.id:
            yield row
            break
    yield from rows


def _sorted(ws: Workspace, call: Call, source: Node, rows: list[Node], order: list[Sort]) -> list[Node]:
    """Sort by properties: the last sort first, so that earlier ones win. Empty values come last either way."""
    for name, config, descending in reversed(order):

        def key(row: Node, name: str = name, config: Json | None = config) -> Any:
            if config is None:
                return row.created if name == "created_time" else row.edited
            return _key(config, properties.value_of(ws, call, row, config, source))

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
