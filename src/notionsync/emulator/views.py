"""Views of databases: kept and shown, and the rows one gives. How they look is the web app's business alone.

Shapes follow recorded answers; what a request may hold follows the official SDK's types, read with tolerance.
"""

from __future__ import annotations

import json
from typing import Any, Final

from notionsync.emulator import errors, paging, query
from notionsync.emulator.clock import database_stamp
from notionsync.emulator.filters import compiled
from notionsync.emulator.ids import canonical, compact, web_url
from notionsync.emulator.settings import User
from notionsync.emulator.shapes import anything, array, nullable, obj, one_of, string, uuid
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace, path_id

Json = dict[str, Any]

_TYPES: Final = (
    "table", "board", "list", "calendar", "timeline", "gallery", "form", "chart", "map", "dashboard",
)  # fmt: skip
_SHOWN: Final = {
    "filter": nullable(anything),
    "sorts": nullable(array(anything)),
    "quick_filters": anything,
    "configuration": nullable(anything),
}
_CREATE: Final = obj(
    {"data_source_id": uuid, "name": string(), "type": one_of(*_TYPES)},
    {"database_id": uuid, "position": anything, **_SHOWN},
)
_UPDATE: Final = obj(optional={"name": string(), **_SHOWN})
_QUERY: Final = obj(optional={"page_size": anything})
_LIFE: Final = 15 * 60_000
"""Milliseconds for which the rows of a query are kept, as recorded."""


def add(ws: Workspace, user: User, source: Node, given: Json, *, version: str = "8") -> Json:
    """Keep a new view of a data source."""
    now = database_stamp(ws.clock.milliseconds())
    view: Json = {
        "id": ws.ids.new(version),
        "database": given.get("database_id", source.parent_id),
        "source": source.id,
        "by": user.id,
        "edited_by": user.id,
        "created": now,
        "edited": now,
        "name": given["name"],
        "type": given["type"],
        "configuration": given.get("configuration") or {"type": given["type"]},
        **{key: given.get(key) for key in ("filter", "sorts", "quick_filters")},
    }
    ws.store.execute(
        "INSERT INTO view (id, database, source, data) VALUES (?, ?, ?, ?)",
        (view["id"], view["database"], view["source"], json.dumps(view)),
    )
    return view


def create(ws: Workspace, call: Call) -> Json:
    """`POST /v1/views`."""
    body = call.json(_CREATE)
    source = ws.require(canonical(body["data_source_id"]) or "", call.user, "data_source")
    database = ws.require(canonical(body.get("database_id", source.parent_id)) or "", call.user, "database")
    _check(ws, call, source, body)
    return _shown(ws, add(ws, call.user, source, {**body, "database_id": database.id}))


def _check(ws: Workspace, call: Call, source: Node, body: Json) -> None:
    if body.get("filter") is not None:
        compiled(ws, call, source, body["filter"])
    query.check_sorts(source, body.get("sorts") or [])


def _require(ws: Workspace, call: Call, view_id: str) -> Json:
    identifier = path_id("view_id", view_id)
    rows = ws.store.execute("SELECT data FROM view WHERE id = ?", (identifier,))
    view: Json | None = json.loads(rows[0][0]) if rows else None
    if view is None or ws.find(view["source"], call.user, "data_source") is None:
        raise ws.missing("view", identifier, call.user)
    return view


def _shown(ws: Workspace, view: Json) -> Json:
    url = web_url(ws.settings.web_base, view["database"])
    return {
        "object": "view",
        "id": view["id"],
        "parent": {"type": "database_id", "database_id": view["database"]},
        "data_source_id": view["source"],
        "name": view["name"],
        "type": view["type"],
        "created_time": view["created"],
        "created_by": {"object": "user", "id": view["by"]},
        "last_edited_time": view["edited"],
        "last_edited_by": {"object": "user", "id": view["edited_by"]},
        "url": f"{url}?v={compact(view['id'])}",
        **{key: view[key] for key in ("filter", "sorts", "quick_filters", "configuration")},
    }


def retrieve(ws: Workspace, call: Call, view_id: str) -> Json:
    """`GET /v1/views/{view_id}`."""
    return _shown(ws, _require(ws, call, view_id))


def list_views(ws: Workspace, call: Call) -> Json:
    """`GET /v1/views?database_id=…` or `?data_source_id=…`: ids alone."""
    for name, kind, column in (("database_id", "database", "database"), ("data_source_id", "data_source", "source")):
        if call.one(name) is not None:
            identifier = canonical(call.one(name))
            if identifier is None:
                raise errors.failed(f"query.{name} should be a valid uuid.", part="query")
            ws.require(identifier, call.user, kind)
            rows = ws.store.execute(f"SELECT id FROM view WHERE {column} = ? ORDER BY seq", (identifier,))  # noqa: S608
            return _portion(ws, call, [row[0] for row in rows], "view")
    raise errors.failed("query.database_id should be defined, instead was `undefined`.", part="query")


def _portion(ws: Workspace, call: Call, ids: list[str], kind: str) -> Json:
    size, cursor = paging.query_size(ws, call), paging.query_cursor(call)
    if cursor is not None and cursor not in ids:
        raise paging.unknown_cursor(cursor)
    ids = ids[ids.index(cursor) if cursor is not None else 0 :]
    following = ids[size] if len(ids) > size else None
    return paging.listing([{"object": kind, "id": identifier} for identifier in ids[:size]], kind, cursor=following)


def update(ws: Workspace, call: Call, view_id: str) -> Json:
    """`PATCH /v1/views/{view_id}`: name, filter, sorts, configuration."""
    body = call.json(_UPDATE)
    view = _require(ws, call, view_id)
    source = ws.require(view["source"], call.user, "data_source")
    _check(ws, call, source, body)
    view |= {**body, "edited": database_stamp(ws.clock.milliseconds()), "edited_by": call.user.id}
    ws.store.execute("UPDATE view SET data = ? WHERE id = ?", (json.dumps(view), view["id"]))
    return _shown(ws, view)


def delete(ws: Workspace, call: Call, view_id: str) -> Json:
    """`DELETE /v1/views/{view_id}`: for good; a view has no trash."""
    view = _require(ws, call, view_id)
    ws.store.execute("DELETE FROM view WHERE id = ?", (view["id"],))
    return {key: value for key, value in _shown(ws, view).items() if key in {"object", "id", "parent", "type"}}


# -- queries ----------------------------------------------------------------------------------------------------------


def create_query(ws: Workspace, call: Call, view_id: str) -> Json:
    """`POST /v1/views/{view_id}/queries`: the rows of a view as they are now, kept for a quarter of an hour."""
    body = call.json(_QUERY)
    view = _require(ws, call, view_id)
    ids = _rows(ws, call, view)
    identifier, expires = ws.ids.new("4"), ws.clock.milliseconds() + _LIFE
    ws.view_queries[identifier] = (view["id"], expires, ids)
    size = paging.body_size(ws, body)
    return {
        "object": "view_query",
        "id": identifier,
        "view_id": view["id"],
        "expires_at": database_stamp(expires),
        "total_count": len(ids),
        "results": [{"object": "page", "id": row} for row in ids[:size]],
        "next_cursor": ids[size] if len(ids) > size else None,
        "has_more": len(ids) > size,
    }


def _rows(ws: Workspace, call: Call, view: Json) -> list[str]:
    body: Json = {key: view[key] for key in ("filter", "sorts") if view[key]}
    ids: list[str] = []
    while True:
        answer = query.query(ws, Call(call.user, call.version, body=body, base=call.base), view["source"])
        ids += [row["id"] for row in answer["results"]]
        if not answer["has_more"]:
            return ids
        body["start_cursor"] = answer["next_cursor"]


def _kept(ws: Workspace, call: Call, view_id: str, query_id: str) -> tuple[str, list[str]]:
    view = _require(ws, call, view_id)
    identifier = path_id("query_id", query_id)
    found = ws.view_queries.get(identifier)
    if found is None or found[0] != view["id"] or found[1] <= ws.clock.milliseconds():
        raise ws.missing("view_query", identifier, call.user)
    return identifier, found[2]


def query_results(ws: Workspace, call: Call, view_id: str, query_id: str) -> Json:
    """`GET /v1/views/{view_id}/queries/{query_id}`: a portion of the rows."""
    return _portion(ws, call, _kept(ws, call, view_id, query_id)[1], "page")


def delete_query(ws: Workspace, call: Call, view_id: str, query_id: str) -> Json:
    """`DELETE /v1/views/{view_id}/queries/{query_id}`."""
    identifier, _ = _kept(ws, call, view_id, query_id)
    del ws.view_queries[identifier]
    return {"object": "view_query", "id": identifier, "deleted": True}
