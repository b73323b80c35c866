"""Blocks in requests: the rules a tree of them must fulfil, and the payloads it is stored as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from notionsync.emulator import errors, files
from notionsync.emulator.blocktypes import CREATE, HEADINGS, ONLY_HOLDS, ONLY_UNDER, TYPES, UPDATE
from notionsync.emulator.ids import canonical
from notionsync.emulator.richtext import normal, normal_url
from notionsync.emulator.shapes import UNDEFINED, Misshapen, array, missing, wrong
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Workspace

Json = dict[str, Any]

MOST_BLOCKS: Final = 1000
"""Blocks in one request."""
TIERS: Final = 3
"""A block, its children, their children; a column list and a tab have one more below their columns and titles."""


@dataclass(slots=True)
class Tree:
    """A block to be stored with what is below it."""

    type: str
    payload: Json
    children: list[Tree] = field(default_factory=list)


def check_children(value: Any, path: str, *, parent: Node | None = None) -> None:
    """Check the `children` of a request against every rule that needs no look into the workspace.

    Raises:
        Misshapen: A rule is broken.
        ApiError: The rule has a text of its own.
    """
    count = _level(value, path, tier=1, under=parent.type if parent is not None and parent.kind == "block" else None)
    if count > MOST_BLOCKS:
        raise errors.failed(f"{path} should contain ≤ `{MOST_BLOCKS}` blocks in total, instead was `{count}`.")
    if parent is not None and parent.kind == "block":
        _check_parent(parent, value)


def _check_parent(parent: Node, children: list[Json]) -> None:
    spec = TYPES.get(parent.type)
    if spec is None or not spec.nests or (parent.type in HEADINGS and not parent.data["is_toggleable"]):
        raise errors.invalid("Block does not support children.")
    if parent.type == "table":
        _check_width(parent.data["table_width"], children)


def _check_width(width: int, rows: list[Json]) -> None:
    if any(len(row["table_row"]["cells"]) != width for row in rows):
        raise errors.invalid("Number of cells in table row must match the table width of the parent table.")


def _level(value: Any, path: str, *, tier: int, under: str | None, spare: int = 0) -> int:
    """Check one array of blocks; returns how many blocks it holds in all."""
    array(lambda _entry, _path: None)(value, path)
    return sum(_block(entry, f"{path}[{i}]", tier=tier, under=under, spare=spare) for i, entry in enumerate(value))


def type_of(block: Any, path: str) -> str:
    """The kind of a block in a request."""
    if not isinstance(block, dict):
        raise wrong(path, "an object", block)
    named = block.get("type")
    kind = named if isinstance(named, str) and named in TYPES and named in block else None
    if kind is None:
        kind = next((kind for kind in TYPES if kind in block), None)
    if kind is None:
        raise missing(*(f"{path}.{kind}" for kind in TYPES))
    if "type" in block and named != kind:
        raise _among_kinds(path, kind, wrong(f"{path}.type", (f'`"{kind}"`', "`undefined`"), named))
    return kind


def _among_kinds(path: str, kind: str, finding: Misshapen) -> Misshapen:
    """A finding right below a block, which the service tells in a row with every other kind that it might have been."""
    others = {other: missing(f"{path}.{other}").findings for other in TYPES if other != kind}
    return Misshapen(*(entry for other in TYPES for entry in others.get(other, finding.findings)))


def _block(block: Any, path: str, *, tier: int, under: str | None, spare: int) -> int:
    kind = type_of(block, path)
    for key, value in block.items():
        if key == "object" and value != "block":
            raise _among_kinds(path, kind, wrong(f"{path}.object", ('`"block"`', "`undefined`"), value))
        if key not in {"object", "type", kind}:
            raise _among_kinds(path, kind, wrong(f"{path}.{key}", "not present", value))
    _check_place(kind, path, tier=tier, under=under)
    CREATE[kind](block[kind], f"{path}.{kind}")
    return 1 + _below(kind, block[kind], f"{path}.{kind}", tier=tier, spare=spare)


def _check_place(kind: str, path: str, *, tier: int, under: str | None) -> None:
    if under is not None and under in ONLY_HOLDS and ONLY_HOLDS[under] != kind:
        raise missing(f"{path}.{ONLY_HOLDS[under]}")
    # A row or column alone at the top is for an existing table or column list, which the store checks.
    wanted = ONLY_UNDER.get(kind)
    if wanted is not None and under != wanted and (tier > 1 or under is not None):
        raise errors.invalid(f"A {kind} may only be placed in a {wanted}.")


def _below(kind: str, payload: Json, path: str, *, tier: int, spare: int) -> int:
    children = payload.get("children", UNDEFINED)
    if kind == "synced_block" and payload["synced_from"] is not None and payload.get("children"):
        raise wrong(f"{path}.children", "not present", children)
    if "children" not in payload:
        # At the lowest tier, where nothing may have children, the types let a tab be empty.
        if kind in {"table", "column_list"} or (kind == "tab" and tier < TIERS + spare):
            raise missing(f"{path}.children")
        return 0
    if not TYPES[kind].nests:
        raise wrong(f"{path}.children", "not present", children)
    # A table's rows are part of the table, and columns and tab titles are frames around the tiers inside them.
    frame = kind in {"table", "column_list", "tab"}
    room = TIERS + spare + (1 if frame else 0)
    if tier >= room and kind != "table":
        raise wrong(f"{path}.children", "not present", children)
    if kind == "table":
        array(lambda _entry, _path: None, least=1)(children, f"{path}.children")
    if kind == "column_list":
        array(lambda _entry, _path: None, least=2)(children, f"{path}.children")
    if children and kind in HEADINGS and not payload.get("is_toggleable"):
        raise errors.invalid("Headings must be toggleable (`is_toggleable`) to have children.")
    count = _level(children, f"{path}.children", tier=tier + 1, under=kind, spare=spare + (1 if frame else 0))
    if kind == "table":
        _check_width(payload["table_width"], children)
    return count


def built(ws: Workspace, children: list[Json], parent: Node | None = None) -> list[Tree]:
    """Checked blocks of a request → what is stored.

    Args:
        ws: The workspace, for uploads and settings.
        children: Blocks that passed `check_children`.
        parent: The container, whose own kind decides some rules.
    """
    under = parent.type if parent is not None and parent.kind == "block" else None
    for child in children:
        kind = type_of(child, "body.children")
        if kind in ONLY_UNDER and under != ONLY_UNDER[kind]:
            raise errors.invalid(f"A {kind} may only be placed in a {ONLY_UNDER[kind]}.")
    return [_tree(ws, child, under) for child in children]


def _tree(ws: Workspace, block: Json, under: str | None) -> Tree:
    kind = type_of(block, "body")
    given = block[kind]
    if kind == "paragraph" and given.get("icon") is not None and under != "tab":
        raise errors.invalid("Paragraph icons are only supported for paragraphs that are the title of a tab.")
    tree = Tree(kind, _payload(ws, kind, given))
    tree.children = [_tree(ws, child, kind) for child in given.get("children") or []]
    return tree


def _payload(ws: Workspace, kind: str, given: Json) -> Json:
    spec = TYPES[kind]
    if kind == "link_to_page":
        target = next(key for key in ("page_id", "database_id", "comment_id") if key in given)
        return {"type": target, target: canonical(given[target])}
    payload: Json = {}
    for name, default in spec.fields.items():
        if name in given:
            payload[name] = _field(ws, kind, name, given[name])
        elif default is not ...:
            payload[name] = list(default) if isinstance(default, list) else default
    if kind == "callout" and payload["icon"] is None and ws.settings.callout_icon:
        payload["icon"] = {"type": "emoji", "emoji": ws.settings.callout_icon}
    if spec.media:
        payload.update(files.media(ws, given, kind, given.get("name")))
    return payload


def _field(ws: Workspace, kind: str, name: str, value: Any) -> Any:
    if name in {"rich_text", "caption"}:
        return normal(value, ws.settings)
    if name == "cells":
        return [normal(cell, ws.settings) for cell in value]
    if name == "icon":
        return files.icon(ws, value)
    if name == "synced_from" and value is not None:
        return _synced_from(ws, value)
    if name == "url" and kind in {"bookmark", "embed"} and value:
        return normal_url(value)
    return value


def _synced_from(ws: Workspace, value: Json) -> Json:
    identifier = canonical(value["block_id"]) or ""
    source = ws.store.get(identifier)
    if source is None or source.type != "synced_block" or source.data["synced_from"] is not None:
        raise errors.invalid(f"Block with ID {identifier} is not a synced block that can be copied.")
    return {"type": "block_id", "block_id": identifier}


def updated(ws: Workspace, node: Node, given: Any) -> Json:
    """The payload of a block after an update.

    Raises:
        Misshapen: The update does not fit the kind.
        ApiError: It breaks a rule.
    """
    kind = node.type
    path = f"body.{kind}"
    # An empty list of children was accepted in recordings, though the types know no such field.
    if isinstance(given, dict) and given.get("children") == []:
        given = {key: value for key, value in given.items() if key != "children"}
    UPDATE[kind](given, path)
    if kind == "link_to_page":
        return _payload(ws, kind, given)
    payload = dict(node.data)
    for name in TYPES[kind].fields:
        if name in given:
            payload[name] = _field(ws, kind, name, given[name])
    if TYPES[kind].media:
        payload = files.media_update(ws, payload, given, kind)
    _check_update(ws, node, given, payload)
    return payload


def _check_update(ws: Workspace, node: Node, given: Json, payload: Json) -> None:
    parent = ws.store.get(node.parent_id) if node.parent_id else None
    if node.type == "table_row" and parent is not None and len(payload["cells"]) != parent.data["table_width"]:
        raise errors.invalid("Number of cells in table row must match the table width of the parent table.")
    if node.type == "paragraph" and given.get("icon") is not None and (parent is None or parent.type != "tab"):
        raise errors.invalid("Paragraph icons are only supported for paragraphs that are the title of a tab.")
    turned_off = node.type in HEADINGS and node.data["is_toggleable"] and not payload["is_toggleable"]
    if turned_off and ws.store.parents_among([node.id]):
        raise errors.invalid("A toggleable heading that has children cannot be made an ordinary heading.")
