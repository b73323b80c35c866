"""Time and trouble for tests of the Notion side."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from notionsync.emulator import BOT_TOKEN, PERSON_TOKEN, Settings, create_app
from notionsync.model import Block, Run
from notionsync.sides.notion import Notion

Trouble = Callable[[httpx.Request, httpx.BaseTransport], httpx.Response]


START = 1_800_000_000.0


class VirtualClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []

    def now(self) -> float:
        """Return seconds."""
        return self.time

    def monotonic(self) -> float:
        """Return the same seconds."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.time += seconds


def answer(status: int, body: object = None, **headers: str) -> httpx.Response:
    """Return an answer: JSON for an object, else the text as it is."""
    if isinstance(body, str):
        return httpx.Response(status, text=body, headers=headers)
    return httpx.Response(status, json=body, headers=headers)


def error(status: int, code: str, message: str = "", **data: Any) -> httpx.Response:
    """Return an error as Notion prints it."""
    body: dict[str, Any] = {"object": "error", "status": status, "code": code, "message": message}
    return answer(status, body | ({"additional_data": data} if data else {}))


def instead(response: httpx.Response) -> Trouble:
    """The service answers this and does nothing."""
    return lambda _request, _inner: response


def applied(response: httpx.Response) -> Trouble:
    """The service does as asked, and answers this."""

    def trouble(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        inner.handle_request(request).close()
        return response

    return trouble


def dropped(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:  # noqa: ARG001
    """The connection breaks before the service got the request."""
    raise httpx.ReadError("connection reset", request=request)


def reply_lost(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
    """The service does as asked, and the connection breaks before its answer arrives."""
    inner.handle_request(request).close()
    raise httpx.ReadTimeout("timed out", request=request)


def refused(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:  # noqa: ARG001
    """Nobody listens."""
    raise httpx.ConnectError("[Errno 111] Connection refused", request=request)


@dataclass
class Line(httpx.BaseTransport):
    """A transport that remembers what went through it and makes trouble on demand.

    Attributes:
        inner: Where requests go.
        sent: Method, path and body of each request.
        troubles: For the n-th request that matches `METHOD path-pattern`, what happens.
    """

    inner: httpx.BaseTransport
    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    troubles: list[tuple[str, list[Trouble | None]]] = field(default_factory=list)

    def trouble(self, pattern: str, *troubles: Trouble | None) -> None:
        """Let the next requests that match meet these, one each; None lets one pass."""
        self.troubles.append((pattern, list(troubles)))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Note the request, and send it on or make trouble."""
        body = request.read()
        is_json = request.headers.get("content-type") == "application/json"
        self.sent.append((request.method, request.url.path, json.loads(body) if is_json and body else body))
        for pattern, troubles in self.troubles:
            if troubles and re.fullmatch(pattern, f"{request.method} {request.url.path}"):
                trouble = troubles.pop(0)
                if trouble is not None:
                    return trouble(request, self.inner)
                break
        return self.inner.handle_request(request)

    def lines(self, methods: Iterable[str] = ("POST", "PATCH", "DELETE", "GET")) -> list[str]:
        """Return method and path of the requests so far."""
        return [f"{method} {path}" for method, path, _ in self.sent if method in methods]


class World:
    """An emulated workspace with one database, our side of it, and a person who edits there, too.

    Attributes:
        notion: We.
        line: What we send passes here.
        person: Somebody else; no request of theirs shows on the line.
        api: The same, in the API's own words.
        home: The page that holds the database.
        source: The database's data source.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.clock = VirtualClock()
        self.app = create_app(clock=self.clock.now, settings=settings or Settings(seed=7))
        self.line = Line(httpx.WSGITransport(app=self.app))
        self.notion = Notion(BOT_TOKEN, "http://emulator", transport=self.line, clock=self.clock)
        self.person = Notion(PERSON_TOKEN, "http://emulator", transport=httpx.WSGITransport(app=self.app), pace=100_000)
        self.home = self.notion.search(kind="page")[0].id
        self.api: Any = self.person._client.api
        self.source = self.notion.create_database(
            self.home, "Questions", {"Question": {"title": {}}, "Order": {"number": {}}}
        )
        self.line.sent.clear()

    def close(self) -> None:
        """End the workspace."""
        self.notion.close()
        self.person.close()
        self.app.close()

    def page(self, *body: Block, title: str = "Why?") -> str:
        """Create a page a while ago and return its id; the requests do not show."""
        page = self.notion.create_page(self.source.id, titled(title), body)
        self.clock.sleep(120)
        self.line.sent.clear()
        return page.id


def titled(title: str) -> dict[str, Any]:
    """Property values of a page with this title."""
    return {"title": {"title": [{"type": "text", "text": {"content": title}}]}}


def paragraph(text: str, *children: Block, id_: str | None = None) -> Block:
    """A paragraph."""
    return Block(type="paragraph", text=(Run(text=text),) if text else (), children=children, id=id_)


def uploaded(notion: Notion, name: str, mime: str, data: bytes) -> str:
    """Upload bytes and return the id of the upload."""
    return notion.upload(name, mime, io.BytesIO(data))


def downloaded(notion: Notion, address: str, *, block: str = "", limit: int = 1_000_000_000) -> bytes:
    """Download a file and return its bytes."""
    into = io.BytesIO()
    notion.download(address, into, block=block, limit=limit)
    return into.getvalue()
