"""What the pages show: databases with their questions, pages with their blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup, escape

from notionsync.emulator import properties, render
from notionsync.emulator.richtext import plain
from notionsync.emulator.settings import User
from notionsync.emulator.store import Node
from notionsync.emulator.web.html import rich_text, safe_link
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
            columns = list(node.data["properties"].values())
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
        if kind == "url":
            link = safe_link(value)
            return (
                Markup('<a href="{}" rel="noreferrer noopener">{}</a>').format(link, value) if link else escape(value)
            )
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
            above = self._ws.store.get(node.parent_id) if node.parent_id else None
            blocks = self._blocks(node)
            return {
                "node": node,
                "icon": self._icon(shown["icon"]),
                "cover": safe_link(_address(shown["cover"])),
                "fields": self._fields(above, shown["properties"]),
                "above": above,
                "path": [parent.title for parent in reversed([node, *self._ws.ancestors(node)])],
                "trashed": self._ws.in_trash(node),
                "blocks": blocks,
                "headings": list(_headings(blocks)),
            }

    def _fields(self, above: Node | None, shown: Json) -> list[tuple[str, Markup]]:
        """Every property but the title, in the order in which they were made."""
        columns = above.data["properties"].values() if above is not None and above.kind == "data_source" else ()
        return [
            (column["name"], self.value(column["type"], shown[column["name"]][column["type"]]))
            for column in columns
            if column["type"] != "title" and column["name"] in shown
        ]

    def _icon(self, icon: Json | None) -> Markup:
        if icon is None:
            return Markup("")
        if icon["type"] == "emoji":
            return escape(icon["emoji"])
        url = safe_link(_address(icon))
        return Markup('<img src="{}" alt="">').format(url) if url else escape(icon.get("icon", {}).get("name", ""))

    def _blocks(self, node: Node) -> list[Json]:
        container = render.synced_source(node) or node.id
        children = self._ws.store.children(container)
        blocks = render.blocks(self._ws, self._call, children)
        number = 0
        for block, child in zip(blocks, children, strict=True):
            number = number + 1 if block["type"] == "numbered_list_item" else 0
            block["number"] = number
            block["content"] = block[block["type"]]
            block["in_tab"] = node.type == "tab"
            block["source"] = self._source_of(child)
            block["target"] = self._target(block["content"]) if child.type == "link_to_page" else None
            nested = block["has_children"] and child.kind == "block"
            block["children"] = self._blocks(child) if nested else []
        return blocks

    def _source_of(self, database: Node) -> str | None:
        """The first data source of a database."""
        if database.kind != "database":
            return None
        where = "parent_id = ? AND kind = 'data_source' AND trashed = 0 ORDER BY position LIMIT 1"
        return next((source.id for source in self._ws.store.select(where, (database.id,))), None)

    def _target(self, content: Json) -> str | None:
        return self._ws.title_of(content[content["type"]])


def _address(image: Json | None) -> str | None:
    """The address of an icon or a cover that is a file."""
    value = image[image["type"]] if image else None
    return value.get("url") if isinstance(value, dict) else None


def _headings(blocks: list[Json]) -> Iterator[Json]:
    """What a table of contents lists: headings at the top and in what folds."""
    for block in blocks:
        if block["type"].startswith("heading_"):
            yield {"id": block["id"], "level": int(block["type"][-1]), "text": plain(block["content"]["rich_text"])}
        yield from _headings(block["children"])
