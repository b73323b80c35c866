"""Answers of the API → stored nodes with the same ids: how a workspace is rebuilt from what was said about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from notionsync.emulator.render import UNTITLED
from notionsync.emulator.richtext import plain, text_run
from notionsync.emulator.settings import User
from notionsync.emulator.store import STEP, Node
from notionsync.emulator.workspace import Workspace

Json = dict[str, Any]

COMPUTED = frozenset({"created_time", "created_by", "last_edited_time", "last_edited_by", "button"})


def milliseconds(text: str) -> int:
    """A time stamp as a number."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


class Importer:
    """Puts objects, as the API shows them, into a workspace."""

    def __init__(self, workspace: Workspace, titles: Mapping[str, str] | None = None) -> None:
        self.ws = workspace
        self._titles = titles or {}
        self.stubs: set[str] = set()

    def add(self, shown: Json) -> None:
        """Store one object, and a stub of the container it names when that is unknown."""
        if shown["object"] == "user":
            self.user(shown)
        elif shown["id"] in self.stubs:
            self.ws.store.execute("DELETE FROM node WHERE id = ?", (shown["id"],))
            self.stubs.discard(shown["id"])
            self._node(shown)
        elif self.ws.store.get(shown["id"]) is None:
            self._node(shown)

    def user(self, shown: Json) -> None:
        """Store a user."""
        self.ws.users.setdefault(
            shown["id"],
            User(
                shown["id"],
                shown.get("name") or "",
                shown.get("type", "person"),
                (shown.get("person") or {}).get("email"),
                shown.get("avatar_url"),
            ),
        )

    def placed(self, database: Node, parent: Json) -> None:
        """Hang a database where an answer says it lies."""
        home = self.parent_of(parent)
        database.parent_id, database.parent_kind = (home.id, parent["type"]) if home else (None, "workspace")
        self.ws.store.update(database)

    def order(self, identifiers: list[str]) -> None:
        """Put siblings in this order."""
        for index, identifier in enumerate(identifiers):
            self.ws.store.execute("UPDATE node SET position = ? WHERE id = ?", (STEP * (index + 1), identifier))

    def upload(self, shown: Json) -> None:
        """Store a file upload."""
        created = milliseconds(shown["created_time"])
        upload = {
            "id": shown["id"],
            "by": shown["created_by"]["id"],
            "bot": shown["created_by"]["type"],
            "mode": "multi_part" if "number_of_parts" in shown else "single_part",
            "status": shown["status"],
            "filename": shown["filename"],
            "content_type": shown["content_type"],
            "content_length": shown["content_length"],
            "created": created,
            "edited": milliseconds(shown["last_edited_time"]),
            "import": shown.get("file_import_result"),
            "expires": milliseconds(shown["expiry_time"]) if shown["expiry_time"] else None,
            "parts": (shown.get("number_of_parts") or {}).get("total"),
            "sent": [],
            "path": None,
        }
        self.ws.store.execute(
            "INSERT INTO upload (id, data, created) VALUES (?, ?, ?)", (shown["id"], json.dumps(upload), created)
        )

    def comment(self, shown: Json) -> None:
        """Store a comment."""
        comment = {
            "id": shown["id"],
            "parent": shown["parent"],
            "discussion_id": shown["discussion_id"],
            "created": milliseconds(shown["created_time"]),
            "edited": milliseconds(shown["last_edited_time"]),
            "by": shown["created_by"]["id"],
            "rich_text": mentions(shown["rich_text"]),
            "display_name": shown["display_name"],
        }
        about = shown["parent"][shown["parent"]["type"]]
        self.ws.store.execute(
            "INSERT INTO comment (id, about, data) VALUES (?, ?, ?)", (shown["id"], about, json.dumps(comment))
        )

    def stub(self, kind: str, identifier: str, *, parent: Node | None = None) -> Node:
        """An otherwise unknown page, database, data source or block."""
        found = self.ws.store.get(identifier)
        if found is not None:
            return found
        types = {"page": "child_page", "database": "child_database", "data_source": "data_source", "block": "toggle"}
        if kind == "data_source" and parent is None:
            parent = self.stub("database", self.ws.ids.new("4"))
        user = next(iter(self.ws.users.values()))
        stored = "block" if kind == "synced_block" else kind
        node = self.ws.new_node(stored, types.get(kind, kind), parent, user, 0.0, id=identifier)
        node.created = node.edited = 0
        node.title = self._titles.get(identifier, "")
        node.data = _stub_data(kind)
        self.ws.store.insert(node)
        self.stubs.add(identifier)
        if kind == "synced_block":
            self.stub("block", self.ws.ids.new(), parent=node)
        return node

    def _node(self, shown: Json) -> None:
        kind = shown["object"]
        if kind == "block" and shown["type"] in {"child_page", "child_database"}:
            kind = "page" if shown["type"] == "child_page" else "database"
            title = [text_run(shown[shown["type"]]["title"])]
            shown = {**shown, "title": title, "properties": {"title": {"id": "title", "type": "title", "title": title}}}
        parent = self.parent_of(shown["parent"])
        if parent is not None and parent.id in self.stubs and kind == "block":
            self.guess(parent, shown)
        position = self.ws.store.gap(parent.id, 1)[0] if parent is not None else 0.0
        types = {"page": "child_page", "database": "child_database", "data_source": "data_source"}
        type_ = types.get(kind) or str(shown["type"])
        user = next(iter(self.ws.users.values()))
        node = self.ws.new_node(kind, type_, parent, user, position, id=shown["id"])
        node.created, node.edited = milliseconds(shown["created_time"]), milliseconds(shown["last_edited_time"])
        node.created_by = (shown.get("created_by") or {"id": user.id})["id"]
        node.edited_by = (shown.get("last_edited_by") or {"id": user.id})["id"]
        node.trashed = int(bool(shown.get("in_trash")))
        node.data = getattr(self, f"_{kind}")(shown, parent)
        node.title = self._title(kind, shown)
        self.ws.store.insert(node)

    def guess(self, stub: Node, child: Json) -> None:
        """What kind of block an unknown container must be, by what it holds."""
        held = {"table_row": "table", "column": "column_list"}.get(child["type"])
        if (child.get("paragraph") or {}).get("icon"):
            held = "tab"
        if held is None or stub.kind != "block":
            return
        width = len(child["table_row"]["cells"]) if held == "table" else 0
        stub.data = {"table_width": width, "has_column_header": False, "has_row_header": False} if width else {}
        self.ws.store.execute("UPDATE node SET type = ? WHERE id = ?", (held, stub.id))
        self.ws.store.update(stub)

    def _title(self, kind: str, shown: Json) -> str:
        if kind == "page":
            title = next((value for value in shown["properties"].values() if value["type"] == "title"), None)
            return plain(title["title"]) if title else ""
        return plain(shown.get("title", []))

    def parent_of(self, parent: Json) -> Node | None:
        """The container that a `parent` names, a stub of it when it is unknown; None for the workspace."""
        kind = parent["type"]
        if kind == "workspace":
            return None
        node = self.ws.store.get(parent[kind])
        if node is not None:
            return node
        if kind == "data_source_id" and "database_id" in parent:
            database = self.stub("database", parent["database_id"])
            return self.stub("data_source", parent[kind], parent=database)
        return self.stub(kind.removesuffix("_id"), parent[kind])

    def _page(self, shown: Json, parent: Node | None) -> Json:
        values = {}
        for name, value in shown["properties"].items():
            if parent is not None and parent.kind == "data_source":
                self.column(parent, name, value)
            if value["type"] not in COMPUTED:
                values[value["id"]] = stored_value(value["type"], value[value["type"]])
        return {
            "properties": values,
            "icon": _hosted(shown.get("icon")),
            "cover": _hosted(shown.get("cover")),
            "is_locked": shown.get("is_locked", False),
            "is_archived": shown.get("is_archived", False),
        }

    def column(self, source: Node, name: str, value: Json) -> None:
        """Learn of a column, or of an option, from a value."""
        columns = source.data["properties"]
        kind = value["type"]
        if value["id"] == "title":
            columns["title"]["name"] = name
        elif value["id"] not in columns:
            columns[value["id"]] = {
                "id": value["id"],
                "name": name,
                "description": None,
                "type": kind,
                kind: _config(kind, value[kind]),
            }
        chosen = value[kind] if kind == "multi_select" else [value[kind]] if kind in {"select", "status"} else []
        for option in filter(None, chosen):
            options = columns[value["id"]][kind]["options"]
            if all(known["id"] != option["id"] for known in options):
                options.append({**option, "description": None})
        self.ws.store.update(source)

    def _database(self, shown: Json, _parent: Node | None) -> Json:
        data = _stub_data("database")
        for key in ("title", "description", "is_inline", "is_locked"):
            data[key] = shown.get(key, data[key])
        if plain(data["title"]) == UNTITLED:
            data["title"] = []  # which is what it is called when it has none
        data["icon"], data["cover"] = _hosted(shown.get("icon")), _hosted(shown.get("cover"))
        return data

    def _data_source(self, shown: Json, parent: Node | None) -> Json:
        if parent is not None and shown.get("database_parent"):
            if not parent.title:
                parent.title, parent.data["title"] = plain(shown["title"]), shown["title"]
            self.placed(parent, shown["database_parent"])
        return {
            "title": shown["title"],
            "description": shown.get("description", []),
            "icon": _hosted(shown.get("icon")),
            "cover": _hosted(shown.get("cover")),
            "properties": {config["id"]: config for config in shown["properties"].values()},
        }

    def _block(self, shown: Json, _parent: Node | None) -> Json:
        payload = _hosted(mentions(shown[shown["type"]]))
        return payload if isinstance(payload, dict) else {}


def _stub_data(kind: str) -> Json:
    if kind == "page":
        return {"properties": {}, "icon": None, "cover": None, "is_locked": False, "is_archived": False}
    if kind == "block":
        return {"rich_text": [], "color": "default"}
    if kind == "synced_block":
        return {"synced_from": None}
    data: Json = {"title": [], "description": [], "icon": None, "cover": None}
    if kind == "database":
        return {**data, "is_inline": False, "is_locked": False}
    name: Json = {"id": "title", "name": "Name", "description": None, "type": "title", "title": {}}
    return {**data, "properties": {"title": name}}


def _config(kind: str, value: Any) -> Json:
    if kind in {"select", "multi_select"}:
        return {"options": []}
    if kind == "status":
        return {"options": [], "groups": []}
    if kind == "unique_id":
        return {"prefix": value["prefix"]}
    if kind == "relation":
        return {"type": "single_property", "single_property": {}}
    if kind == "rollup":
        return {"function": value["function"], "relation_property_id": ""}
    return {}


def stored_value(kind: str, value: Any) -> Any:
    """A property's value, as it is shown, in stored form."""
    if kind in {"select", "status"}:
        return value["id"] if value else None
    if kind in {"multi_select", "people", "relation"}:
        return [entry["id"] for entry in value]
    if kind == "unique_id":
        return value["number"]
    if kind in {"title", "rich_text"}:
        return mentions(value)
    return _hosted(value)


def mentions(value: Any) -> Any:
    """Mentions as they are stored: of a user, the id alone."""
    if isinstance(value, list):
        return [mentions(entry) for entry in value]
    if isinstance(value, dict):
        if value.get("type") == "user" and isinstance(value.get("user"), dict):
            return {"type": "user", "user": {"object": "user", "id": value["user"]["id"]}}
        return {key: mentions(entry) for key, entry in value.items()}
    return value


def _hosted(value: Any) -> Any:
    """Hosted files as they are stored: by the path of their address."""
    if isinstance(value, list):
        return [_hosted(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if "expiry_time" in value and "url" in value:
        return {"hosted": urlsplit(value["url"]).path}
    return {key: _hosted(entry) for key, entry in value.items()}
