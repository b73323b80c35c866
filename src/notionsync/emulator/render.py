"""Stored nodes → answers, keys in the order of the real service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from notionsync.emulator import properties
from notionsync.emulator.clock import database_stamp, stamp
from notionsync.emulator.columns import ordered
from notionsync.emulator.files import signed
from notionsync.emulator.ids import web_url
from notionsync.emulator.richtext import completed, text_run
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace

Json = dict[str, Any]


UNTITLED: Final = "New database"
"""What a database without a title is called."""


def name_of(node: Node) -> str:
    """The plain title of a page, database or data source, as containers show it."""
    return node.title or ("" if node.kind == "page" else UNTITLED)


def partial_user(identifier: str) -> Json:
    """A user as `created_by` shows one."""
    return {"object": "user", "id": identifier}


def parent_of(ws: Workspace, node: Node) -> Json:
    """The `parent` of an answer."""
    kind = node.parent_kind
    if kind == "workspace":
        return {"type": "workspace", "workspace": True}
    parent: Json = {"type": kind, kind: node.parent_id}
    if kind == "data_source_id" and node.parent_id is not None:
        source = ws.store.get(node.parent_id)
        if source is not None:
            parent["database_id"] = source.parent_id
    return parent


def payload(ws: Workspace, call: Call, node: Node) -> Any:
    """A node's payload with mentions completed and hosted files signed, which most payloads need not be."""
    data = node.data
    if '"mention"' in node.raw:
        data = completed(data, ws.names)
    if '"hosted"' in node.raw:
        data = signed(ws, call, data)
    return data


def _legacy(call: Call, answer: Json, trashed: bool) -> Json:
    if call.legacy:
        answer["archived"] = trashed
    return answer


def block(
    ws: Workspace, call: Call, node: Node, *, has_children: bool | None = None, trashed: bool | None = None
) -> Json:
    """A block; a page or database reads as `child_page` or `child_database`."""
    if has_children is None:
        has_children = has_content(ws, [node])[node.id]
    in_trash = ws.in_trash(node) if trashed is None else trashed
    content = payload(ws, call, node) if node.kind == "block" else {"title": name_of(node)}
    edited = node.edited - node.edited % 60_000
    created = node.created - node.created % 60_000
    answer = {
        "object": "block",
        "id": node.id,
        "parent": parent_of(ws, node),
        "created_time": stamp(created),
        "last_edited_time": stamp(edited),
        "created_by": partial_user(node.created_by),
        "last_edited_by": partial_user(node.edited_by),
        "has_children": has_children,
        "in_trash": in_trash,
        "type": node.type,
        node.type: content,
    }
    return _legacy(call, answer, in_trash)


def blocks(ws: Workspace, call: Call, nodes: Sequence[Node], *, trashed: bool = False) -> list[Json]:
    """Siblings."""
    content = has_content(ws, nodes)
    return [block(ws, call, node, has_children=content[node.id], trashed=trashed) for node in nodes]


def has_content(ws: Workspace, nodes: Sequence[Node]) -> dict[str, bool]:
    """Which of the nodes have children to list; a copy of a synced block has its original's."""
    sources = {node.id: synced_source(node) or node.id for node in nodes}
    full = ws.store.parents_among(list(set(sources.values()))) if nodes else set()
    return {node.id: node.kind != "database" and sources[node.id] in full for node in nodes}


def synced_source(node: Node) -> str | None:
    """The original a synced block copies."""
    if node.type != "synced_block" or not node.data["synced_from"]:
        return None
    return str(node.data["synced_from"]["block_id"])


def page(
    ws: Workspace,
    call: Call,
    node: Node,
    *,
    trashed: bool | None = None,
    only: Sequence[str] = (),
    source: Node | None = None,
) -> Json:
    """A page with its properties.

    Args:
        ws: The workspace.
        call: Who asks, in which version.
        node: The page.
        trashed: Whether it is in the trash, when the caller knows.
        only: Ids or names of the properties wanted; all when empty.
        source: The data source the page lies in, when the caller has it at hand.
    """
    in_trash = ws.in_trash(node) if trashed is None else trashed
    if source is None and node.parent_kind == "data_source_id" and node.parent_id is not None:
        source = ws.store.get(node.parent_id)
    data = node.data
    answer: Json = {
        "object": "page",
        "id": node.id,
        "created_time": stamp(node.created),
        "last_edited_time": stamp(node.edited),
        "created_by": partial_user(node.created_by),
        "last_edited_by": partial_user(node.edited_by),
        "cover": _file(ws, call, data["cover"]),
        "icon": _file(ws, call, data["icon"]),
        "parent": parent_of(ws, node),
        "in_trash": in_trash,
        "is_archived": data["is_archived"],
        "is_locked": data["is_locked"],
        "properties": properties.shown(ws, call, node, source, only=only),
        "url": web_url(ws.settings.web_base, node.id, node.title),
        "public_url": None,
    }
    return _legacy(call, answer, in_trash)


def _file(ws: Workspace, call: Call, value: Json | None) -> Json | None:
    return signed(ws, call, value) if value and "hosted" in str(value) else value


def database(ws: Workspace, call: Call, node: Node) -> Json:
    """A database: a container of data sources."""
    in_trash = ws.in_trash(node)
    data = node.data
    sources = ws.store.select(
        "parent_id = ? AND kind = 'data_source' AND trashed = 0 ORDER BY position, seq", (node.id,)
    )
    answer: Json = {
        "object": "database",
        "id": node.id,
        "title": completed(data["title"], ws.names) or [text_run(UNTITLED)],
        "description": completed(data["description"], ws.names),
        "parent": parent_of(ws, node),
        "is_inline": data["is_inline"],
        "in_trash": in_trash,
        "is_locked": data["is_locked"],
        "created_time": database_stamp(node.created),
        "last_edited_time": database_stamp(node.edited),
        "data_sources": [
            {"id": source.id, "name": name_of(source)} for source in sources if ws.visible(source, call.user)
        ],
        "icon": _file(ws, call, data["icon"]),
        "cover": _file(ws, call, data["cover"]),
        "url": web_url(ws.settings.web_base, node.id),
        "public_url": None,
    }
    return _legacy(call, answer, in_trash)


def data_source(ws: Workspace, call: Call, node: Node) -> Json:
    """A data source with its schema."""
    in_trash = ws.in_trash(node)
    data = node.data
    container = ws.store.get(node.parent_id) if node.parent_id else None
    answer: Json = {
        "object": "data_source",
        "id": node.id,
        "cover": _file(ws, call, data["cover"]),
        "icon": _file(ws, call, data["icon"]),
        "created_time": stamp(node.created),
        "created_by": partial_user(node.created_by),
        "last_edited_by": partial_user(node.edited_by),
        "last_edited_time": stamp(node.edited),
        "title": completed(data["title"], ws.names),
        "description": completed(data["description"], ws.names),
        "is_inline": container.data["is_inline"] if container else False,
        "properties": {config["name"]: config for config in ordered(data["properties"]).values()},
        "parent": parent_of(ws, node),
        "database_parent": parent_of(ws, container) if container else {"type": "workspace", "workspace": True},
        "url": web_url(ws.settings.web_base, node.parent_id or node.id),
        "public_url": None,
        "in_trash": in_trash,
    }
    return _legacy(call, answer, in_trash)
