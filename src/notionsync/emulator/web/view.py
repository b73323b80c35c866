"""What the pages show: databases with their questions, pages with their blocks."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from notionsync.emulator import properties, render
from notionsync.emulator.columns import ordered
from notionsync.emulator.settings import User
from notionsync.emulator.store import Node
from notionsync.emulator.web.html import rich_text
from notionsync.emulator.workspace import Call, Workspace

Json = dict[str, Any]


class View:
    """Reads a workspace for one person.

    Args:
        workspace: The workspace.
        person: Who looks.
        base: Scheme and host of the request, for the addresses of files.
    """

    def __init__(self, workspace: Workspace, person: User, base: str) -> None:
        self._ws = workspace
        self._call = Call(person, base=base)

    def home(self) -> Json:
        """Data sources and pages of the top."""
        with self._ws.store.reading():
            sources = list(self._ws.store.select("kind = 'data_source' ORDER BY seq"))
            tops = list(self._ws.store.select("parent_id IS NULL AND trashed = 0 ORDER BY seq"))
            return {
                "sources": [(node, self._count(node)) for node in sources if not self._ws.in_trash(node)],
                "tops": tops,
            }

    def _count(self, source: Node) -> int:
        return self._ws.store.count("parent_id = ? AND kind = 'page' AND trashed = 0", (source.id,))

    def source(self, identifier: str) -> Json | None:
        """A data source as a table."""
        with self._ws.store.reading():
            node = self._ws.find(identifier, self._call.user, "data_source")
            if node is None:
                return None
            columns = list(ordered(node.data["properties"]).values())
            columns.sort(key=lambda column: column["type"] != "title")
            where = "parent_id = ? AND kind = 'page' AND trashed = 0 ORDER BY created, seq LIMIT 500"
            rows = [
                (row, [self._cell(row, column) for column in columns])
                for row in self._ws.store.select(where, (node.id,))
            ]
            return {"node": node, "name": render.name_of(node), "columns": columns, "rows": rows}

    def _cell(self, row: Node, column: Json) -> Markup:
        return self.value(column["type"], properties.value_of(self._ws, self._call, row, column))

    def value(self, kind: str, value: Any) -> Markup:
        """A property's value as HTML."""
        if value is None or value == []:
            return Markup("")
        if kind in {"title", "rich_text"}:
            return rich_text(value)
        if kind in {"select", "status"}:
            return Markup('<span class="tag c-{}">{}</span>').format(value["color"], value["name"])
        if kind == "multi_select":
            return Markup(" ").join(self.value("select", option) for option in value)
        if kind == "checkbox":
            return escape("☑" if value else "☐")
        if kind == "date":
            return escape(value["start"] + (f" → {value['end']}" if value["end"] else ""))
        if kind in {"people", "files"}:
            return escape(", ".join(entry.get("name") or "" for entry in value))
        if kind == "relation":
            return escape(", ".join(self._ws.title_of(entry["id"]) or "Untitled" for entry in value))
        if kind == "unique_id":
            return escape(f"{value['prefix']}-{value['number']}" if value["prefix"] else value["number"])
        if isinstance(value, dict):
            shown = value.get(value.get("type", ""), value.get("name", ""))
            return escape("" if shown is None else shown)
        return escape(value)

    def page(self, identifier: str) -> Json | None:
        """A page with its properties and blocks."""
        with self._ws.store.reading():
            node = self._ws.find(identifier, self._call.user, "page")
            if node is None:
                return None
            shown = render.page(self._ws, self._call, node)
            fields = [
                (name, self.value(entry["type"], entry[entry["type"]]))
                for name, entry in shown["properties"].items()
                if entry["type"] != "title"
            ]
            above = self._ws.store.get(node.parent_id) if node.parent_id else None
            return {
                "node": node,
                "shown": shown,
                "fields": fields,
                "above": above,
                "trashed": self._ws.in_trash(node),
                "blocks": self._blocks(node),
            }

    def _blocks(self, node: Node) -> list[Json]:
        container = render.synced_source(node) or node.id
        children = self._ws.store.children(container)
        blocks = render.blocks(self._ws, self._call, children)
        number = 0
        for block, child in zip(blocks, children, strict=True):
            number = number + 1 if block["type"] == "numbered_list_item" else 0
            block["number"] = number
            block["content"] = block[block["type"]]
            nested = block["has_children"] and child.kind == "block"
            block["children"] = self._blocks(child) if nested else []
        return blocks
