"""Blocks: retrieve, list, append, update, trash and restore."""

from __future__ import annotations

from typing import Any, Final

from notionsync.emulator import blocktypes, errors, paging, render
from notionsync.emulator.blockinput import Tree, built, check_children, updated
from notionsync.emulator.settings import User
from notionsync.emulator.shapes import Misshapen, anything, boolean, missing, obj, one_of, uuid, wrong
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace, fits, path_id

Json = dict[str, Any]


def _position_check(value: Any, path: str) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind in ("start", "end"):  # a tuple: what was sent may be anything, a list too
        obj({"type": one_of("start", "end")})(value, path)
    else:
        obj({"type": one_of("after_block", "start", "end"), "after_block": obj({"id": uuid})})(value, path)


_APPEND: Final = {
    "2025-09-03": obj({"children": anything}, {"after": uuid, "position": _position_check}),
    "2026-03-11": obj({"children": anything}, {"position": _position_check}),
}


def retrieve(ws: Workspace, call: Call, block_id: str) -> Json:
    """`GET /v1/blocks/{block_id}`; also of something in the trash."""
    return render.block(ws, call, _require(ws, call, block_id))


def _require(ws: Workspace, call: Call, block_id: str) -> Node:
    identifier = path_id("block_id", block_id)
    return ws.require(identifier, call.user, "block", "page", "database")


def list_children(ws: Workspace, call: Call, block_id: str) -> Json:
    """`GET /v1/blocks/{block_id}/children`: one level, in document order."""
    node = _require(ws, call, block_id)
    size = paging.query_size(ws, call)
    cursor = paging.query_cursor(call)
    container = render.synced_source(node) or node.id
    start = None
    if cursor is not None:
        start = ws.store.get(cursor)
        if start is None or start.parent_id != container:
            raise paging.unknown_cursor(cursor)
    if node.kind == "database":
        return paging.listing([], "block")
    found = ws.store.children(container, start=start, limit=size + 1)
    next_cursor = found[size].id if len(found) > size else None
    trashed = ws.in_trash(node)
    return paging.listing(render.blocks(ws, call, found[:size], trashed=trashed), "block", cursor=next_cursor)


def append(ws: Workspace, call: Call, block_id: str) -> Json:
    """`PATCH /v1/blocks/{block_id}/children`.

    Answers the new blocks; with a position, followed by every later sibling, as recorded.
    """
    body = call.json(_APPEND[call.version])
    node = _require(ws, call, block_id)
    children = body["children"]
    try:
        fits(lambda value, path: check_children(value, path, parent=node), children, "body.children")
    except errors.ApiError as refusal:
        if ws.settings.refused_append == "partial" and isinstance(children, list) and not ws.in_trash(node):
            _keep_beginning(ws, call, node, children)
            refusal.applied = True
        raise
    ws.editable(node)
    if node.kind == "database":
        raise errors.invalid("Block does not support children.")
    container = _container(ws, call, node)
    trees = built(ws, children, container)
    after, first = _place(ws, container, body)
    new = insert(ws, call.user, container, trees, after=after, first=first)
    ws.touch_container(container.id, container, call.user)
    if not new or (after is None and not first):
        return paging.listing(render.blocks(ws, call, new), "block")
    following = ws.store.children(container.id, start=new[0], limit=paging.LARGEST)
    return paging.listing(render.blocks(ws, call, following), "block")


def _keep_beginning(ws: Workspace, call: Call, node: Node, children: list[Json]) -> None:
    """Store the blocks before the first that does not fit."""
    kept = 0
    for child in children:
        try:
            fits(lambda value, path: check_children(value, path, parent=node), [child], "body.children")
        except errors.ApiError:
            break
        kept += 1
    container = _container(ws, call, node)
    insert(ws, call.user, container, built(ws, children[:kept], container))
    ws.touch_container(container.id, container, call.user)


def _container(ws: Workspace, call: Call, node: Node) -> Node:
    """Where children of a node really lie: those of a synced copy in its original."""
    source = render.synced_source(node)
    return ws.require(source, call.user, "block") if source else node


def _place(ws: Workspace, container: Node, body: Json) -> tuple[Node | None, bool]:
    position = body.get("position") or {}
    if position.get("type") == "start":
        return None, True
    wanted = (position.get("after_block") or {}).get("id") or body.get("after")
    if wanted is None:
        return None, False
    identifier = wanted.lower() if "-" in wanted else None
    sibling = ws.store.get(identifier or path_id("after", wanted))
    if sibling is None or sibling.parent_id != container.id or sibling.trashed:
        raise errors.invalid(f"Block with ID {wanted} to append children after is not parented by {container.id}.")
    return sibling, False


def insert(
    ws: Workspace, user: User, parent: Node, trees: list[Tree], *, after: Node | None = None, first: bool = False
) -> list[Node]:
    """Store checked blocks with all that is below them; returns the top ones.

    Raises:
        ApiError: The workspace has had all the blocks it may have.
    """
    limit = ws.settings.block_limit
    if limit is not None and ws.store.count("kind = 'block'") + len(trees) > limit:
        # That it is a 403 and what data it carries is told in the changelog of September 2026; the words are ours.
        raise errors.restricted("The workspace has reached its limit of blocks.", {"block_limit": limit})
    positions = ws.store.gap(parent.id, len(trees), after=after, first=first)
    nodes = []
    for tree, position in zip(trees, positions, strict=True):
        node = ws.new_node("block", tree.type, parent, user, position)
        node.data = tree.payload
        ws.store.insert(node)
        if tree.children:
            insert(ws, user, node, tree.children)
        nodes.append(node)
    return nodes


def update(ws: Workspace, call: Call, block_id: str) -> Json:
    """`PATCH /v1/blocks/{block_id}`: each field that is given is replaced whole; the type never changes."""
    body = call.body if isinstance(call.body, dict) else {}
    node = _require(ws, call, block_id)
    flags = {key: body[key] for key in ("in_trash", "archived") if key in body}
    fits(obj(optional={"in_trash": boolean, "archived": boolean}), flags)
    kinds = [key for key in body if key not in {"in_trash", "archived", "type", "object", "id"}]
    trash = call.trash_flag(flags)
    if kinds:
        if "type" in body and body["type"] != kinds[0]:
            raise errors.failed(*wrong("body.type", (f'`"{kinds[0]}"`', "`undefined`"), body["type"]).problems)
        if trash is not False:
            ws.editable(node)
        _edit(ws, call, node, body, kinds)
    elif "type" in body:
        raise errors.failed(*missing(*(f"body.{kind}" for kind in blocktypes.UPDATE)).problems)
    if trash is not None:
        set_trashed(ws, call.user, node, trash)
    return render.block(ws, call, node)


def _edit(ws: Workspace, call: Call, node: Node, body: Json, kinds: list[str]) -> None:
    if kinds != [node.type]:
        known = [kind for kind in kinds if kind in blocktypes.UPDATE]
        if not known:
            raise errors.failed(*wrong(f"body.{kinds[0]}", "not present", body[kinds[0]]).problems)
        raise errors.invalid(f"Expected block type {node.type} in request body.")
    if node.kind != "block" or blocktypes.TYPES.get(node.type) is None or blocktypes.TYPES[node.type].update is None:
        raise errors.invalid(f"Block type {node.type} does not support updates via the API.")
    try:
        node.data = updated(ws, node, body[node.type])
    except Misshapen as finding:
        raise errors.failed(*finding.problems) from None
    ws.touch(node, call.user)
    ws.store.update(node)
    ws.touch_parent(node, call.user)


def delete(ws: Workspace, call: Call, block_id: str) -> Json:
    """`DELETE /v1/blocks/{block_id}`: to the trash; of a page or database as well."""
    node = _require(ws, call, block_id)
    ws.editable(node)
    set_trashed(ws, call.user, node, True)
    return render.block(ws, call, node)


def set_trashed(ws: Workspace, user: User, node: Node, trashed: bool) -> None:
    """Move to the trash or back; the parent's time stays, as recorded."""
    if bool(node.trashed) == trashed:
        return
    node.trashed = int(trashed)
    if not trashed and node.kind == "block" and ws.settings.restored_block == "end" and node.parent_id:
        node.position = ws.store.gap(node.parent_id, 1)[0]
    ws.touch(node, user)
    ws.store.update(node)
