"""The Notion of the demonstration: an emulator on this machine, and a person who writes there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from notionsync.errors import UsageError

WORKSPACE = "Workspace"
"""The page every emulated workspace begins with."""
_VERSION = "2026-03-11"


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests that a command sent.

    Attributes:
        total: All of them.
        writes: Those that change something.
        kinds: `PATCH /v1/blocks/{id}` → how many.
    """

    total: int
    writes: int
    kinds: Mapping[str, int]

    def since(self, earlier: Asked) -> Asked:
        """Return what came after an earlier count."""
        kinds = {kind: count - earlier.kinds.get(kind, 0) for kind, count in self.kinds.items()}
        return Asked(
            total=self.total - earlier.total,
            writes=self.writes - earlier.writes,
            kinds={kind: count for kind, count in kinds.items() if count},
        )


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a page that is plain text."""

    id: str
    text: str


class Notion:
    """An emulated workspace as a person uses it, over HTTP.

    Args:
        base_url: Where it answers.
        token: What the integration signs in with.
        client: Signs in as the person.
    """

    def __init__(self, base_url: str, token: str, client: httpx.Client) -> None:
        self.base_url = base_url
        self.token = token
        self._client = client

    def page(self, page: str) -> Any:
        """Return a page with its properties."""
        return self._ask("GET", f"/v1/pages/{page}")

    def rows(self, data_source: str) -> list[str]:
        """Return the ids of the pages of a database."""
        found: list[str] = []
        body: dict[str, Any] = {"page_size": 100}
        while True:
            answer = self._ask("POST", f"/v1/data_sources/{data_source}/query", body)
            found += [str(row["id"]) for row in answer["results"]]
            if not answer["has_more"]:
                return found
            body["start_cursor"] = answer["next_cursor"]

    def blocks(self, page: str) -> list[Any]:
        """Return what is directly on a page, as far as a first reading gives it."""
        results = self._ask("GET", f"/v1/blocks/{page}/children?page_size=100")["results"]
        return list(results)

    def paragraphs(self, page: str) -> list[Paragraph]:
        """Return the paragraphs of a page that consist of one run of plain text."""
        found = []
        for block in self.blocks(page):
            runs = block[block["type"]].get("rich_text", [])
            if block["type"] == "paragraph" and len(runs) == 1 and _plain(runs[0]):
                found.append(Paragraph(str(block["id"]), str(runs[0]["plain_text"])))
        return found

    def text(self, block: str) -> str:
        """Return a paragraph's text."""
        runs = self._ask("GET", f"/v1/blocks/{block}")["paragraph"]["rich_text"]
        return "".join(run["plain_text"] for run in runs)

    def rewrite(self, block: str, text: str) -> None:
        """Give a paragraph another text."""
        self._ask("PATCH", f"/v1/blocks/{block}", {"paragraph": {"rich_text": [{"text": {"content": text}}]}})

    def add_row(self, data_source: str, title: str) -> str:
        """Add a page with a title to a database; return its id."""
        schema = self._ask("GET", f"/v1/data_sources/{data_source}")["properties"]
        name = next(name for name, prop in schema.items() if prop["type"] == "title")
        properties = {name: {"title": [{"text": {"content": title}}]}}
        body = {"parent": {"type": "data_source_id", "data_source_id": data_source}, "properties": properties}
        return str(self._ask("POST", "/v1/pages", body)["id"])

    def asked(self) -> Asked:
        """Return what was asked since the beginning, by everybody."""
        counted = self._ask("GET", "/_emulator/requests")
        return Asked(counted["total"], counted["writes"], counted["by_kind"])

    def wait(self, seconds: int) -> None:
        """Let time pass in Notion, at once."""
        self._ask("POST", "/_emulator/clock", {"advance": seconds})

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self._client.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()


def _plain(run: Mapping[str, Any]) -> bool:
    marks = {key: value for key, value in run["annotations"].items() if key != "color"}
    return run["type"] == "text" and run["href"] is None and not any(marks.values())


@contextlib.contextmanager
def serve(database: Path, *, seed: int | None = None) -> Iterator[Notion]:
    """Serve an emulated Notion on a free port of this machine for a while.

    Args:
        database: The file that keeps it.
        seed: Makes its ids repeatable.

    Raises:
        UsageError: Flask is not installed.
    """
    try:
        from notionsync.emulator import BOT_TOKEN, PERSON_TOKEN, Settings, create_app
        from notionsync.emulator.server import HOST, listen

        app = create_app(database, settings=Settings(seed=seed))
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the demonstration serves a Notion of its own, which needs Flask (no module {error.name})",
            advice='pip install "notionsync[emulator]"',
        ) from error
    server = listen(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    base_url = f"http://{HOST}:{server.port}"
    headers = {"Authorization": f"Bearer {PERSON_TOKEN}", "Notion-Version": _VERSION}
    try:
        with httpx.Client(base_url=base_url, headers=headers, trust_env=False) as client:
            yield Notion(base_url, BOT_TOKEN, client)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.close()
