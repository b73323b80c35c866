"""What a conversation tells of the workspace it was held in without showing it: from requests, and between the lines."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from typing import Any
from urllib.parse import parse_qs, quote, unquote
from uuid import NAMESPACE_OID, uuid5

from notionsync.emulator.columns import by_key
from notionsync.emulator.ids import canonical
from notionsync.emulator.replay.before import target
from notionsync.emulator.replay.importing import COMPUTED, Importer, mentions, stored_value
from notionsync.emulator.replay.recording import Exchange, objects
from notionsync.emulator.richtext import plain
from notionsync.emulator.schema import CONFIGS
from notionsync.emulator.store import Node
from notionsync.emulator.views import add
from notionsync.emulator.workspace import Workspace

Json = dict[str, Any]


class Learner(Importer):
    """An importer that also reads between the lines."""

    def __init__(self, workspace: Workspace, titles: dict[str, str]) -> None:
        super().__init__(workspace, titles)
        self._discussions: set[str] = set()

    def complete(self, answer: Any, created: AbstractSet[str]) -> None:
        """Add what an answer tells to be there without showing it.

        Data sources of a database, something inside a block that has children, the row that a cursor names.

        Args:
            answer: An answer of the API.
            created: Ids of what was not there before.
        """
        for shown in objects(answer):
            node = self.ws.store.get(shown["id"])
            if node is None or shown["id"] in created:
                continue
            for entry in shown.get("data_sources", ()):
                if entry["id"] not in created and self.ws.store.get(entry["id"]) is None:
                    source = self.stub("data_source", entry["id"], parent=node)
                    source.title = entry["name"]
                    if plain(shown["title"]) == entry["name"]:
                        source.data["title"] = shown["title"]
                    self.ws.store.update(source)
            original = (shown.get("synced_block") or {}).get("synced_from") or {}
            if original.get("block_id") not in {None, *created}:
                self.stub("synced_block", original["block_id"])
            inside = shown["object"] == "block" and shown.get("has_children")
            if inside and not self.ws.store.children(node.id) and not original:
                self.stub("block", self.ws.ids.new(), parent=node)
        self._next_row(answer, created)

    def _next_row(self, answer: Json, created: AbstractSet[str]) -> None:
        cursor = str(answer.get("next_cursor") or "").split(":")
        if len(cursor) == 3 and cursor[2] not in created and answer["results"]:
            last = self.ws.store.get(answer["results"][-1]["id"])
            source = self.ws.store.get(last.parent_id or "") if last is not None else None
            self.stub("page", cursor[2], parent=source)

    def learn(self, exchange: Exchange, created: AbstractSet[str]) -> None:
        """Add what only a request, or the answer to one that makes something, tells of what must have been there."""
        if exchange.status != 200:
            return
        answer = exchange.response
        for shown in objects(answer):
            if shown["object"] == "page" and shown["parent"].get("data_source_id") not in {None, *created}:
                self._row(shown, new=shown["id"] in created)
            elif shown["object"] == "data_source" and shown["parent"]["database_id"] not in created:
                database = self.stub("database", shown["parent"]["database_id"])
                if database.id in self.stubs:
                    self.placed(database, shown["database_parent"])
        if exchange.method == "POST" and exchange.path == "/v1/views":
            source, parent = canonical(exchange.request["data_source_id"]) or "", answer["parent"]["database_id"]
            if source not in created and parent not in created:
                self.stub("data_source", source, parent=self.stub("database", parent))
        if "/properties/" in exchange.path and target(exchange) not in created:
            self._single(exchange)

    def learn_asked(self, exchange: Exchange, created: AbstractSet[str]) -> None:
        """Add what only a request tells: discussions, and columns of a data source that is not shown."""
        if exchange.status != 200:
            return
        answer = exchange.response
        if exchange.endpoint == "POST /v1/comments":
            self._discussion(exchange.request.get("discussion_id"), answer, created)
        if exchange.path.startswith("/v1/views"):
            self._views(exchange, created)
        if exchange.endpoint == "POST /v1/data_sources/{id}/query" and target(exchange) in self.stubs:
            self._asked(target(exchange) or "", exchange.request or {})

    def _discussion(self, identifier: str | None, shown: Json, created: AbstractSet[str]) -> None:
        """Learn of a page or block from a comment on it, and of a discussion from a comment that is added to it."""
        kind = shown["parent"]["type"]
        if shown["parent"][kind] not in created:
            self.stub(kind.removesuffix("_id"), shown["parent"][kind])
        known = {json.loads(row[0])["discussion_id"] for row in self.ws.store.execute("SELECT data FROM comment")}
        if identifier is not None and identifier not in known | self._discussions:
            self.comment({**shown, "id": self.ws.ids.new(), "rich_text": []})
        self._discussions.add(shown["discussion_id"])

    def _asked(self, source: str, request: Json) -> None:
        """Learn of columns that only a filter or a sort names."""
        node = self.ws.store.get(source)

        def walk(given: Any) -> None:
            if isinstance(given, list):
                for entry in given:
                    walk(entry)
            elif isinstance(given, dict) and node is not None:
                name = given.get("property")
                if isinstance(name, str) and by_key(node.data["properties"], name) is None:
                    kind = next((key for key in given if key in CONFIGS), "rich_text")
                    empty = {"prefix": None, "function": "show_original"} if kind in {"unique_id", "rollup"} else []
                    self.column(node, name, {"id": quote(name, safe=""), "type": kind, kind: empty})
                for entry in (given.get("and"), given.get("or")):
                    walk(entry)

        walk(request.get("filter"))
        walk(request.get("sorts"))

    def _row(self, shown: Json, *, new: bool) -> None:
        """Learn of the columns of a data source that is not shown itself."""
        source = self.parent_of(shown["parent"])
        if source is None or source.id not in self.stubs:
            return
        for name, value in shown["properties"].items():
            self.column(source, name, value)
            if new and value["type"] == "unique_id":
                source.data["next_id"] = min(value["unique_id"]["number"], source.data.get("next_id", 2**53))
                self.ws.store.update(source)

    def _single(self, exchange: Exchange) -> None:
        """Learn of a property, and of its value, from the endpoint for single ones."""
        answer, page = exchange.response, self.ws.store.get(target(exchange) or "")
        about = answer.get("property_item", answer)
        kind, identifier = about["type"], about["id"]
        if page is not None and page.id not in self.stubs:
            return
        if identifier == "title":
            page = self.stub("page", target(exchange) or "")
            page.data["properties"]["title"] = mentions([entry["title"] for entry in answer["results"]])
            self.ws.store.update(page)
            return
        if page is None:
            source = self.stub("data_source", self.ws.ids.new("4"))
            page = self.stub("page", target(exchange) or "", parent=source)
        source_of = self.ws.store.get(page.parent_id or "")
        if source_of is None or source_of.kind != "data_source":
            return
        value = about[kind]
        if answer["object"] == "list" and kind != "rollup":
            value = [entry[kind] for entry in answer["results"]]
        self.column(source_of, unquote(identifier), {"id": identifier, "type": kind, kind: value})
        if kind not in COMPUTED:
            page.data["properties"][identifier] = stored_value(kind, value)
            self.ws.store.update(page)

    def held(self, container: Node, children: list[Json]) -> None:
        """Learn what kind of block an unknown container is from what is put into it."""
        if container.id in self.stubs and children:
            self.guess(container, children[0])

    def _views(self, exchange: Exchange, created: AbstractSet[str]) -> None:
        """Learn of views, and of the rows that a view's query had found."""
        answer, named = exchange.response, parse_qs(exchange.query)
        if exchange.method == "POST" and exchange.path == "/v1/views":
            return
        if exchange.path == "/v1/views":
            lies_in = canonical(named.get("database_id", [""])[0])
            for entry in answer["results"]:
                if lies_in is not None and lies_in not in created:
                    self._view({**entry, "parent": {"type": "database_id", "database_id": lies_in}})
            return
        view = target(exchange) or ""
        if view in created:
            return
        database = {"type": "database_id", "database_id": str(uuid5(NAMESPACE_OID, view))}
        self._view({"parent": database, **(answer if answer["object"] == "view" else {"id": view})})
        if "/queries/" in exchange.path:
            rows = [row["id"] for row in answer.get("results", ())]
            query = canonical(exchange.path.rsplit("/", 1)[-1]) or ""
            self.ws.view_queries.setdefault(query, (view, 2**62, rows))

    def _view(self, shown: Json) -> None:
        if self.ws.store.execute("SELECT 1 FROM view WHERE id = ?", (shown["id"],)):
            return
        database = self.stub("database", shown["parent"]["database_id"])
        where = "parent_id = ? AND kind = 'data_source'"
        source = next(self.ws.store.select(where, (database.id,)), None)
        if "data_source_id" in shown or source is None:
            source = self.stub("data_source", shown.get("data_source_id") or self.ws.ids.new(), parent=database)
        user = next(iter(self.ws.users.values()))
        view = add(self.ws, user, source, {"name": "", "type": "table", **shown})
        view |= {"id": shown["id"], "created": shown.get("created_time"), "edited": shown.get("last_edited_time")}
        view |= {"by": (shown.get("created_by") or {"id": user.id})["id"]}
        self.ws.store.execute(
            "UPDATE view SET id = ?, data = ? WHERE seq = (SELECT max(seq) FROM view)", (view["id"], json.dumps(view))
        )
