"""Single properties of a page, whole where the page itself cuts them short."""

from __future__ import annotations

from typing import Any, Final

from notionsync.emulator import errors, paging, properties, rollups
from notionsync.emulator.columns import by_key
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace, path_id

Json = dict[str, Any]

LISTS: Final = frozenset({"title", "rich_text", "relation", "people"})
_TITLE: Final[Json] = {"title": {"id": "title", "name": "title", "type": "title"}}


def retrieve(ws: Workspace, call: Call, page_id: str, property_id: str) -> Json:
    """`GET /v1/pages/{page_id}/properties/{property_id}`.

    Texts, relations and people come as a list with one run, page or person in each item; a rollup as a list of what it is
    made from, https://developers.notion.com/reference/retrieve-a-page-property.
    """
    node = ws.require(path_id("page_id", page_id), call.user, "page")
    source = ws.store.get(node.parent_id) if node.parent_kind == "data_source_id" and node.parent_id else None
    config = by_key(source.data["properties"] if source else _TITLE, property_id)
    if config is None:
        raise errors.ApiError(404, "object_not_found", f"Could not find property with ID: {property_id}.")
    kind, identifier = config["type"], config["id"]
    value = properties.value_of(ws, call, node, config, source)
    if kind == "rollup" and source is not None:
        return _listed(
            ws, call, node, config, items=_ingredients(ws, source, node, config, value), value={"rollup": value}
        )
    if kind not in LISTS:
        return {"object": "property_item", "type": kind, "id": identifier, kind: value}
    return _listed(ws, call, node, config, items=[_item(kind, identifier, entry) for entry in value], value={kind: {}})


def _item(kind: str, identifier: str, value: Any) -> Json:
    return {"object": "property_item", "type": kind, "id": identifier, kind: value}


def _ingredients(ws: Workspace, source: Node, node: Node, config: Json, value: Json) -> list[Json]:
    """What a rollup is made from: the values it shows, or the pages it counts."""
    found = rollups.rolled(ws, source, config["rollup"])
    if value["type"] == "array" and found is not None:
        identifier = found[1]["id"]
        return [
            _item(kind, identifier, single)
            for entry in value["array"]
            for kind in [entry["type"]]
            for single in (entry[kind] if kind in LISTS else [entry[kind]])
        ]
    relation = by_key(source.data["properties"], config["rollup"].get("relation_property_id", ""))
    pages = rollups.related(source, config["rollup"], node)
    return [_item("relation", relation["id"], {"id": page}) for page in pages] if relation is not None else []


def _listed(ws: Workspace, call: Call, node: Node, config: Json, *, items: list[Json], value: Json) -> Json:
    size = paging.query_size(ws, call)
    start = _offset(call.one("start_cursor") or "")
    more = len(items) > start + size
    cursor = f"{str(ws.ids.new())[:24]}{start + size:012x}" if more else None
    next_url = None
    if more:
        next_url = f"{call.base}/v1/pages/{node.id}/properties/{config['id']}?start_cursor={cursor}"
        if "rollup" in value and value["rollup"]["type"] != "array":
            # The result is told with the last page only.
            value = {"rollup": {"type": "incomplete", "incomplete": {}, "function": value["rollup"]["function"]}}
    if "rollup" in value and value["rollup"]["type"] == "array":
        value = {"rollup": {**value["rollup"], "array": []}}
    about = {"id": config["id"], "next_url": next_url, "type": config["type"], **value}
    return paging.listing(items[start : start + size], "property_item", cursor=cursor, property_item=about)


def _offset(cursor: str) -> int:
    """Where a property's next page starts; its cursor is opaque and carries the place in its last digits."""
    if not cursor:
        return 0
    return int(paging.uuid_cursor(cursor, "query")[24:], 16)
