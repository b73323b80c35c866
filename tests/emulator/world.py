"""A small emulated workspace for tests: a client, a clock that stands still, a page and a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from notionsync.emulator import BOT_TOKEN, Clock, Settings, create_app

Json = dict[str, Any]
START = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)


def text(content: str, **marks: Any) -> Json:
    """A run in a request."""
    return {"type": "text", "text": {"content": content}, **({"annotations": marks} if marks else {})}


def paragraph(content: str, children: Sequence[Json] = ()) -> Json:
    """A paragraph in a request."""
    payload: Json = {"rich_text": [text(content)]}
    return {"type": "paragraph", "paragraph": {**payload, "children": list(children)} if children else payload}


def item(content: str, children: Sequence[Json] = ()) -> Json:
    """A list item in a request."""
    payload: Json = {"rich_text": [text(content)]}
    return {
        "type": "bulleted_list_item",
        "bulleted_list_item": {**payload, "children": list(children)} if children else payload,
    }


def title(content: str) -> Json:
    """A title property in a request."""
    return {"title": [text(content)]}


class World:
    """An emulator with a client of its own."""

    def __init__(
        self, settings: Settings | None = None, *, token: str = BOT_TOKEN, version: str = "2026-03-11"
    ) -> None:
        self.clock = Clock(START, frozen=True)
        self.app = create_app(clock=self.clock, settings=settings)
        self.client = httpx.Client(
            transport=httpx.WSGITransport(app=self.app),
            base_url="http://emulator",
            headers={"Authorization": f"Bearer {token}", "Notion-Version": version},
        )
        self.home = self.app.workspace.store.select("parent_id IS NULL").__next__().id

    def close(self) -> None:
        """Close client and emulator."""
        self.client.close()
        self.app.close()

    def ask(self, method: str, path: str, body: Any = None, *, version: str | None = None) -> httpx.Response:
        """Send a request to `/v1/…`."""
        headers = {"Notion-Version": version} if version else {}
        return self.client.request(method, f"/v1/{path}", json=body, headers=headers)

    def good(self, method: str, path: str, body: Any = None, *, version: str | None = None) -> Json:
        """The answer to a request that must succeed."""
        response = self.ask(method, path, body, version=version)
        assert response.status_code == 200, response.text
        answer: Json = response.json()
        return answer

    def refused(self, method: str, path: str, body: Any = None, status: int = 400) -> str:
        """The message of a request that must be refused."""
        response = self.ask(method, path, body)
        assert response.status_code == status, response.text
        return str(response.json()["message"])

    def page(self, name: str = "A page", children: Sequence[Json] = (), parent: Json | None = None) -> Json:
        """A new page."""
        body: Json = {"parent": parent or {"page_id": self.home}, "properties": {"title": title(name)}}
        if parent is not None:
            body["properties"] = {"Name": title(name)}
        if children:
            body["children"] = list(children)
        return self.good("POST", "pages", body)

    def source(self, schema: Mapping[str, Any] | None = None) -> str:
        """Id of a new data source."""
        body = {
            "parent": {"type": "page_id", "page_id": self.home},
            "title": [text("Questions")],
            "initial_data_source": {"properties": {"Name": {"title": {}}, **(schema or {})}},
        }
        return str(self.good("POST", "databases", body)["data_sources"][0]["id"])

    def row(self, source: str, name: str = "A row", **properties: Any) -> Json:
        """A new row."""
        body = {"parent": {"data_source_id": source}, "properties": {"Name": title(name), **properties}}
        return self.good("POST", "pages", body)

    def children(self, parent: str) -> list[Json]:
        """The children of a block."""
        results: list[Json] = self.good("GET", f"blocks/{parent}/children")["results"]
        return results

    def append(self, parent: str, *blocks: Json, **more: Any) -> list[Json]:
        """Append blocks."""
        results: list[Json] = self.good("PATCH", f"blocks/{parent}/children", {"children": list(blocks), **more})[
            "results"
        ]
        return results


def said(block: Json) -> str:
    """The text of a block."""
    return "".join(run["plain_text"] for run in block[block["type"]]["rich_text"])
