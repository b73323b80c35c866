"""Relations between data sources: the two ends of a two-way relation, in schemas and in values."""

from __future__ import annotations

from typing import Any

from notionsync.emulator.columns import by_key
from notionsync.emulator.ids import canonical
from notionsync.emulator.settings import User
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Workspace

Json = dict[str, Any]


def configured(ws: Workspace, source: Node, column: Json, given: Json, *, old: Json, user: User) -> Json:
    """The configuration of a relation; a two-way one gets, keeps or renames its other end.

    Args:
        ws: The workspace.
        source: The data source of the column.
        column: The column itself, its `relation` not set yet.
        given: The relation as sent.
        old: The relation as it was, empty for a new one.
        user: Who asks; must be able to see the data source related to.
    """
    target_id = canonical(given["data_source_id"]) or ""
    target = source if target_id == source.id else ws.require(target_id, user, "data_source")
    both = "dual_property" in given
    known = (old.get("dual_property") or {}).get("synced_property_id")
    if known is not None and (not both or old["data_source_id"] != target.id):
        _release(ws, source, old)
        known = None
    relation: Json = {"database_id": target.parent_id, "data_source_id": target.id}
    if not both:
        return {**relation, "type": "single_property", "single_property": {}}
    end = _end(ws, source, column, target, wanted={"synced_property_id": known, **given["dual_property"]})
    return {
        **relation,
        "type": "dual_property",
        "dual_property": {"synced_property_name": end["name"], "synced_property_id": end["id"]},
    }


def _end(ws: Workspace, source: Node, column: Json, target: Node, *, wanted: Json) -> Json:
    """The column at the other end, made when it is not there."""
    columns = target.data["properties"]
    end = by_key(columns, wanted.get("synced_property_id") or "")
    name = wanted.get("synced_property_name")
    if end is None:
        name = name or f"Related to {source.title} ({column['name']})"
        identifier = ws.ids.property_id({*columns, column["id"]})
        end = {"id": identifier, "name": name, "description": None, "type": "relation"}
        columns[identifier] = end
    elif name:
        end["name"] = name
    end["relation"] = {
        "database_id": source.parent_id,
        "data_source_id": source.id,
        "type": "dual_property",
        "dual_property": {"synced_property_name": column["name"], "synced_property_id": column["id"]},
    }
    if target is not source:
        ws.store.update(target)
    return end


def _other_end(ws: Workspace, source: Node, relation: Json) -> tuple[Node, Json] | None:
    if relation["type"] != "dual_property":
        return None
    same = relation["data_source_id"] == source.id
    target = source if same else ws.store.get(relation["data_source_id"])
    if target is None:
        return None
    end = by_key(target.data["properties"], relation["dual_property"]["synced_property_id"])
    return None if end is None else (target, end)


def rename(ws: Workspace, source: Node, column: Json) -> None:
    """Tell the other end of a two-way relation that a column has a new name."""
    if column["type"] != "relation":
        return
    found = _other_end(ws, source, column["relation"])
    if found is not None:
        target, end = found
        end["relation"]["dual_property"]["synced_property_name"] = column["name"]
        if target is not source:
            ws.store.update(target)


def _release(ws: Workspace, source: Node, relation: Json) -> None:
    """Leave the other end of a two-way relation alone, as a relation of its own, which is what was recorded."""
    found = _other_end(ws, source, relation)
    if found is not None:
        target, end = found
        kept = {key: end["relation"][key] for key in ("database_id", "data_source_id")}
        end["relation"] = {**kept, "type": "single_property", "single_property": {}}
        if target is not source:
            ws.store.update(target)


def unlink(ws: Workspace, source: Node, column: Json) -> None:
    """Part a two-way relation whose one end is being removed."""
    if column["type"] == "relation":
        _release(ws, source, column["relation"])


def carry(ws: Workspace, user: User, source: Node, page: Node, before: Json) -> None:
    """Write a page's changed two-way relations at their other ends.

    Args:
        ws: The workspace.
        user: Who edits.
        source: The data source of the page.
        page: The page, its new values set.
        before: Its values before.
    """
    for identifier, column in source.data["properties"].items():
        if column["type"] != "relation" or column["relation"]["type"] != "dual_property":
            continue
        other = column["relation"]["dual_property"]["synced_property_id"]
        old, new = set(before.get(identifier) or []), set(page.data["properties"].get(identifier) or [])
        for related_id in old ^ new:
            related = page if related_id == page.id else ws.store.get(related_id)
            if related is None:
                continue
            back = [entry for entry in related.data["properties"].get(other) or [] if entry != page.id]
            related.data["properties"][other] = [*back, page.id] if related_id in new else back
            ws.touch(related, user)
            ws.store.update(related)
