"""Pages: create, retrieve, update, trash and restore, move, single properties."""

from __future__ import annotations

from typing import Any, Final

from notionsync.emulator import blocks, errors, files, properties, relations, render
from notionsync.emulator.blockinput import built, check_children
from notionsync.emulator.blocktypes import cover, icon
from notionsync.emulator.ids import canonical
from notionsync.emulator.settings import User
from notionsync.emulator.shapes import Check, anything, boolean, nullable, obj, one_of, string, tagged, uuid
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace, fits, page_data, parent_kind, path_id

Json = dict[str, Any]

_PARENT: Check = tagged({
    "page_id": uuid,
    "database_id": uuid,
    "data_source_id": uuid,
    "workspace": one_of(True),
}, {"database_id": uuid})  # fmt: skip


def _position(value: Any, path: str) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "after_block":
        obj({"type": one_of(kind), "after_block": obj({"id": uuid})})(value, path)
    else:
        obj({"type": one_of("after_block", "page_start", "page_end")})(value, path)


_CREATE: Final = obj(
    optional={
        "parent": _PARENT,
        "properties": anything,
        "icon": nullable(icon),
        "cover": nullable(cover),
        "children": anything,
        "content": anything,
        "markdown": string(),
        "allow_async": boolean,
        "template": anything,
        "position": _position,
    }
)
_FLAGS: Final[dict[str, Check]] = {"in_trash": boolean, "archived": boolean}
_UPDATE: Final = obj(
    optional={
        **_FLAGS,
        "properties": anything,
        "icon": nullable(icon),
        "cover": nullable(cover),
        "is_locked": boolean,
        "is_archived": boolean,
        "erase_content": boolean,
        "template": anything,
    }
)
_MOVE: Final = obj({"parent": tagged({"page_id": uuid, "data_source_id": uuid})})


def retrieve(ws: Workspace, call: Call, page_id: str) -> Json:
    """`GET /v1/pages/{page_id}`; also of something in the trash."""
    node = ws.require(path_id("page_id", page_id), call.user, "page")
    return render.page(ws, call, node, only=call.query.get("filter_properties", ()))


def create(ws: Workspace, call: Call) -> Json:
    """`POST /v1/pages`: below a page, or as a row of a data source."""
    body = call.json(_CREATE)
    if "markdown" in body:
        raise errors.not_emulated("pages made of Markdown; send children")
    if body.get("template", {"type": "none"}) != {"type": "none"}:
        raise errors.not_emulated("page templates")
    for key in ("children", "content"):
        fits(check_children, body.get(key, []), f"body.{key}")
    children: list[Json] = body.get("children") or body.get("content") or []
    parent = _parent(ws, call, body.get("parent"))
    if parent is not None:
        ws.editable(parent)
    trees = built(ws, children)
    node = _new(ws, call, parent, body)
    blocks.insert(ws, call.user, node, trees)
    if parent is not None and parent.kind == "page":
        ws.store.touch(parent.id, ws.minute(), call.user.id)
    return render.page(ws, call, node, trashed=False, only=call.query.get("filter_properties", ()))


def _parent(ws: Workspace, call: Call, given: Json | None) -> Node | None:
    """The container a new page goes to."""
    if given is None:
        if call.user.type == "bot":
            raise errors.failed("body.parent should be defined, instead was `undefined`.")
        return None
    if "data_source_id" in given:
        return ws.require(canonical(given["data_source_id"]) or "", call.user, "data_source")
    if "page_id" in given:
        identifier = canonical(given["page_id"]) or ""
        node = ws.find(identifier, call.user, "page", "block")
        if node is None:
            raise ws.missing("page", identifier, call.user)
        return node
    if "database_id" in given:
        return _only_source(ws, call, canonical(given["database_id"]) or "")
    return None


def _only_source(ws: Workspace, call: Call, identifier: str) -> Node:
    database = ws.require(identifier, call.user, "database")
    sources = list(ws.store.select("parent_id = ? AND kind = 'data_source' AND trashed = 0", (database.id,)))
    if len(sources) != 1:
        raise errors.invalid(
            f"Database with ID {identifier} has {len(sources)} data sources. Use `data_source_id` as the parent."
        )
    return sources[0]


def _new(ws: Workspace, call: Call, parent: Node | None, body: Json) -> Node:
    source = parent if parent is not None and parent.kind == "data_source" else None
    values: Json = {}
    grew = properties.write(ws, call.user, source, body.get("properties", {}), values)
    if source is not None:
        _fill(source, values)
        if grew or "next_id" in source.data:
            ws.store.update(source)
    node = ws.new_node("page", "child_page", parent, call.user, _where(ws, parent, body.get("position")))
    node.title = properties.title_text(values)
    node.data = page_data(values, icon=files.icon(ws, body.get("icon")), cover=files.icon(ws, body.get("cover")))
    ws.store.insert(node)
    if source is not None:
        relations.carry(ws, call.user, source, node, {})
    return node


def _fill(source: Node, values: Json) -> None:
    """What a new row gets by itself: its number, the first status."""
    for identifier, config in source.data["properties"].items():
        if config["type"] == "unique_id":
            values[identifier] = source.data.get("next_id", 1)
            source.data["next_id"] = values[identifier] + 1
        elif config["type"] == "status" and identifier not in values:
            options = config["status"]["options"]
            values[identifier] = options[0]["id"] if options else None


def _where(ws: Workspace, parent: Node | None, position: Json | None) -> float:
    if parent is None or parent.kind == "data_source":
        return 0.0
    kind = (position or {}).get("type", "page_end")
    if kind == "after_block" and position is not None:
        wanted = canonical(position["after_block"]["id"]) or ""
        sibling = ws.store.get(wanted)
        if sibling is None or sibling.parent_id != parent.id:
            raise errors.invalid(f"Block with ID {wanted} is not parented by {parent.id}.")
        return ws.store.gap(parent.id, 1, after=sibling)[0]
    return ws.store.gap(parent.id, 1, first=kind == "page_start")[0]


def update(ws: Workspace, call: Call, page_id: str) -> Json:
    """`PATCH /v1/pages/{page_id}`: properties, icon, cover, lock, trash."""
    body = call.json(_UPDATE)
    node = ws.require(path_id("page_id", page_id), call.user, "page")
    trash = call.trash_flag(body)
    if trash is not False and set(body) - set(_FLAGS):
        ws.editable(node)
    if "template" in body:
        raise errors.not_emulated("page templates")
    if trash is not None:
        set_trashed(ws, call.user, node, trash)
    if set(body) - set(_FLAGS):
        _edit(ws, call, node, body)
    return render.page(ws, call, node, only=call.query.get("filter_properties", ()))


def set_trashed(ws: Workspace, user: User, node: Node, trashed: bool) -> None:
    """Move a page to the trash, or back."""
    blocks.set_trashed(ws, user, node, trashed)


def _edit(ws: Workspace, call: Call, node: Node, body: Json) -> None:
    source = ws.store.get(node.parent_id) if node.parent_kind == "data_source_id" and node.parent_id else None
    data = node.data
    if "properties" in body:
        before = dict(data["properties"])
        if properties.write(ws, call.user, source, body["properties"], data["properties"]) and source is not None:
            ws.store.update(source)
        node.title = properties.title_text(data["properties"])
        if source is not None:
            relations.carry(ws, call.user, source, node, before)
    for key in ("icon", "cover"):
        if key in body:
            data[key] = files.icon(ws, body[key])
    for key in ("is_locked", "is_archived"):
        if key in body:
            data[key] = body[key]
    if body.get("erase_content"):
        for child in ws.store.children(node.id):
            blocks.set_trashed(ws, call.user, child, True)
    ws.touch(node, call.user)
    ws.store.update(node)


def move(ws: Workspace, call: Call, page_id: str) -> Json:
    """`POST /v1/pages/{page_id}/move`: below another page, or into a data source."""
    parent = call.json(_MOVE)["parent"]
    node = ws.require(path_id("page_id", page_id), call.user, "page")
    ws.editable(node)
    target = _parent(ws, call, parent)
    if target is None or target.id == node.id or any(above.id == node.id for above in ws.ancestors(target)):
        raise errors.invalid("A page cannot be moved into itself.")
    relocate(ws, node, target)
    ws.touch(node, call.user)
    ws.store.update(node)
    return render.page(ws, call, node)


def relocate(ws: Workspace, node: Node, target: Node | None) -> None:
    """Hang a page somewhere else; what the new place has no property for is kept out of sight."""
    node.parent_kind = parent_kind(target)
    node.parent_id = target.id if target is not None else None
    node.position = ws.store.gap(target.id, 1)[0] if target is not None and target.kind != "data_source" else 0.0
