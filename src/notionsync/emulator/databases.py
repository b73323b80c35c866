"""Databases and their data sources: create, retrieve, update, trash and restore."""

from __future__ import annotations

from typing import Any, Final

from notionsync.emulator import blocks, files, render, schema, views
from notionsync.emulator.blocktypes import cover, icon
from notionsync.emulator.ids import canonical
from notionsync.emulator.richtext import Runs, normal, plain, rich_text
from notionsync.emulator.shapes import boolean, missing, nullable, obj, one_of, tagged, uuid
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace, parent_kind, path_id

Json = dict[str, Any]


def _parent_check(value: Any, path: str) -> None:
    tagged({"page_id": uuid, "workspace": one_of(True)})(value, path)
    if "type" not in value:
        raise missing(f"{path}.type")


_CREATE: Final = obj(
    {"parent": _parent_check},
    {
        "title": rich_text,
        "description": rich_text,
        "is_inline": boolean,
        "initial_data_source": obj(optional={"properties": schema.new_schema}),
        # Neither can be cleared: `null` is refused, as the types have it.
        "icon": icon,
        "cover": cover,
    },
)
_UPDATE: Final = obj(
    optional={
        "parent": _parent_check,
        "title": rich_text,
        "description": rich_text,
        "is_inline": boolean,
        # Neither can be cleared: `null` is refused, as the types have it.
        "icon": icon,
        "cover": cover,
        "in_trash": boolean,
        "archived": boolean,
        "is_locked": boolean,
    }
)
_CREATE_SOURCE: Final = obj(
    {"parent": tagged({"database_id": uuid}), "properties": schema.new_schema},
    {"title": rich_text, "icon": nullable(icon), "description": rich_text},
)
_UPDATE_SOURCE: Final = obj(
    optional={
        "parent": tagged({"database_id": uuid}),
        "title": rich_text,
        "description": rich_text,
        "icon": nullable(icon),
        "properties": schema.changed_schema,
        "in_trash": boolean,
        "archived": boolean,
    }
)
_DEFAULT_SCHEMA: Final = {"Name": {"type": "title", "title": {}}}


def retrieve(ws: Workspace, call: Call, database_id: str) -> Json:
    """`GET /v1/databases/{database_id}`."""
    node = ws.require(path_id("database_id", database_id), call.user, "database")
    return render.database(ws, call, node)


def create(ws: Workspace, call: Call) -> Json:
    """`POST /v1/databases`: a database with one data source of the same title."""
    body = call.json(_CREATE)
    parent = _page(ws, call, body["parent"])
    node = ws.new_node("database", "child_database", parent, call.user, ws.store.gap(parent.id, 1)[0] if parent else 0)
    node.data = {
        "title": _runs(ws, body.get("title", [])),
        "description": _runs(ws, body.get("description", [])),
        "icon": files.icon(ws, body.get("icon")),
        "cover": files.icon(ws, body.get("cover")),
        "is_inline": body.get("is_inline", False),
        "is_locked": False,
    }
    node.title = plain(node.data["title"])
    ws.store.insert(node)
    given = (body.get("initial_data_source") or {}).get("properties") or _DEFAULT_SCHEMA
    _new_source(ws, call, node, given, title=node.data["title"])
    if parent is not None:
        ws.store.touch(parent.id, ws.minute(), call.user.id)
    return render.database(ws, call, node)


def _page(ws: Workspace, call: Call, given: Json) -> Node | None:
    if "page_id" not in given:
        return None
    parent = ws.require(canonical(given["page_id"]) or "", call.user, "page")
    ws.editable(parent)
    return parent


def _runs(ws: Workspace, given: Runs) -> Runs:
    return normal(given, ws.settings)


def _new_source(
    ws: Workspace, call: Call, database: Node, given: Json, *, title: Runs, image: Json | None = None
) -> Node:
    node = ws.new_node("data_source", "data_source", database, call.user, ws.store.gap(database.id, 1)[0])
    node.data = {"title": title, "description": [], "icon": image, "cover": None, "properties": {}}
    node.title = plain(title)
    # The node must be there before its properties: a relation may point at itself.
    ws.store.insert(node)
    schema.create(ws, node, given, call.user)
    ws.store.update(node)
    if ws.store.count("parent_id = ? AND kind = 'data_source'", (database.id,)) == 1:
        views.add(ws, call.user, node, {"name": "Default view", "type": "table"}, version="4")
    return node


def update(ws: Workspace, call: Call, database_id: str) -> Json:
    """`PATCH /v1/databases/{database_id}`: title, description, icon, cover, place, lock, trash."""
    body = call.json(_UPDATE)
    node = ws.require(path_id("database_id", database_id), call.user, "database")
    trash = call.trash_flag(body)
    if trash is not None:
        blocks.set_trashed(ws, call.user, node, trash)
    if set(body) <= {"in_trash", "archived"}:
        return render.database(ws, call, node)
    ws.editable(node)
    data = node.data
    for key in ("title", "description"):
        if key in body:
            data[key] = _runs(ws, body[key])
    for key in ("icon", "cover"):
        if key in body:
            data[key] = files.icon(ws, body[key])
    for key in ("is_inline", "is_locked"):
        if key in body:
            data[key] = body[key]
    if "parent" in body:
        target = _page(ws, call, body["parent"])
        node.parent_kind, node.parent_id = parent_kind(target), target.id if target else None
        node.position = ws.store.gap(target.id, 1)[0] if target else 0.0
    ws.touch(node, call.user)
    _save(ws, node)
    _share(ws, node, sources(ws, node))
    return render.database(ws, call, node)


def sources(ws: Workspace, database: Node) -> list[Node]:
    """The living data sources of a database, in order."""
    return list(
        ws.store.select("parent_id = ? AND kind = 'data_source' AND trashed = 0 ORDER BY position, seq", (database.id,))
    )


def _save(ws: Workspace, node: Node) -> None:
    node.title = plain(node.data["title"])
    ws.store.update(node)


def _share(ws: Workspace, changed: Node, others: list[Node]) -> None:
    """A database with one data source shares title, description, icon and cover with it."""
    if len(others) == 1:
        for key in ("title", "description", "icon", "cover"):
            others[0].data[key] = changed.data[key]
        _save(ws, others[0])


def retrieve_source(ws: Workspace, call: Call, data_source_id: str) -> Json:
    """`GET /v1/data_sources/{data_source_id}`."""
    node = ws.require(path_id("data_source_id", data_source_id), call.user, "data_source")
    return render.data_source(ws, call, node)


def create_source(ws: Workspace, call: Call) -> Json:
    """`POST /v1/data_sources`: one more in a database."""
    body = call.json(_CREATE_SOURCE)
    database = ws.require(canonical(body["parent"]["database_id"]) or "", call.user, "database")
    ws.editable(database)
    title = _runs(ws, body.get("title", []))
    node = _new_source(ws, call, database, body["properties"], title=title, image=files.icon(ws, body.get("icon")))
    return render.data_source(ws, call, node)


def update_source(ws: Workspace, call: Call, data_source_id: str) -> Json:
    """`PATCH /v1/data_sources/{data_source_id}`: schema, title, icon, trash."""
    body = call.json(_UPDATE_SOURCE)
    node = ws.require(path_id("data_source_id", data_source_id), call.user, "data_source")
    trash = call.trash_flag(body)
    if trash is not None:
        blocks.set_trashed(ws, call.user, node, trash)
    if set(body) <= {"in_trash", "archived"}:
        return render.data_source(ws, call, node)
    ws.editable(node)
    if "properties" in body:
        schema.update(ws, node, body["properties"], call.user)
    for key in ("title", "description"):
        if key in body:
            node.data[key] = _runs(ws, body[key])
    if "icon" in body:
        node.data["icon"] = files.icon(ws, body["icon"])
    if "parent" in body:
        target = ws.require(canonical(body["parent"]["database_id"]) or "", call.user, "database")
        node.parent_id = target.id
        node.position = ws.store.gap(target.id, 1)[0]
    ws.touch(node, call.user)
    _save(ws, node)
    database = ws.store.get(node.parent_id or "")
    if database is not None and len(sources(ws, database)) == 1:
        _share(ws, node, [database])
    return render.data_source(ws, call, node)


def templates(ws: Workspace, call: Call, data_source_id: str) -> Json:
    """`GET /v1/data_sources/{data_source_id}/templates`: a stand-in's data sources have none."""
    ws.require(path_id("data_source_id", data_source_id), call.user, "data_source")
    return {"templates": [], "has_more": False, "next_cursor": None}
