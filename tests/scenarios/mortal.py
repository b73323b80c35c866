"""Runs that can be killed at any step, and what is left on both sides afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from tests.scenarios.desk import Desk, plain
from tests.story.lab import START, VERSION

from notionsync.emulator import BOT_TOKEN, PERSON_TOKEN, Clock, create_app
from notionsync.emulator.http.app import Emulator
from notionsync.engine import Report, Request, run
from notionsync.engine.session import open_session
from notionsync.sides.notion import Notion

BASE_URL = "http://emulator"


class Killed(BaseException):
    """The process is gone: nothing it would do after this happens."""


@dataclass
class Life:
    """Counts the steps of a run that change something, and ends it after one of them.

    What was only read leaves no trace, so a run can be killed at as many different points as it has such steps.

    Attributes:
        last: The step that is the last, counted from 1; 0 for a run that ends by itself.
        steps: What was counted.
    """

    last: int = 0
    steps: list[str] = field(default_factory=list)
    over: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    def step(self, what: str, do: Callable[[], Any]) -> Any:
        """Do one step that changes something, unless the life is over."""
        with self.lock:
            self.check()
            done = do()
            self.steps.append(what)
            self.over = len(self.steps) == self.last
            self.check()
            return done

    def check(self) -> None:
        """Go on only while the life lasts."""
        if self.over:
            raise Killed


class MortalTransport(httpx.BaseTransport):
    """Sends requests while the life lasts.

    Args:
        inner: Sends them.
        life: Counts them.
    """

    def __init__(self, inner: httpx.BaseTransport, life: Life) -> None:
        self._inner = inner
        self._life = life

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and wait for the whole answer."""

        def send() -> httpx.Response:
            response = self._inner.handle_request(request)
            response.read()
            return response

        self._life.check()
        if not changes(request):
            return send()
        response = self._life.step(f"{request.method} {request.url.path}", send)
        assert isinstance(response, httpx.Response)
        return response


class TroubledTransport(httpx.BaseTransport):
    """Sends requests, and loses the reply to one that changes something, or every request from that one on.

    Args:
        inner: Sends them.
        at: Which of the requests that change something, counted from 1.
        away: Whether nothing gets through any more from there on; else that one reply is lost.
    """

    def __init__(self, inner: httpx.BaseTransport, at: int, *, away: bool) -> None:
        self._inner = inner
        self._left = at
        self._away = away
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, if it gets through."""
        with self._lock:
            if self._away and self._left <= 0:
                raise httpx.ConnectError("Connection refused.", request=request)
            if changes(request):
                self._left -= 1
            hit = self._left == 0 and changes(request)
        if hit and self._away:
            raise httpx.ConnectError("Connection refused.", request=request)
        response = self._inner.handle_request(request)
        response.read()
        if hit:
            raise httpx.ReadTimeout("The read operation timed out.", request=request)
        return response


def changes(request: httpx.Request) -> bool:
    """Tell whether a request changes something."""
    return request.method != "GET" and not request.url.path.endswith(("/query", "/search"))


@contextlib.contextmanager
def mortal_files(life: Life, root: Path) -> Iterator[None]:
    """Let changes of files below a folder happen only while a life lasts.

    Whether the index is written hangs on how long ago files changed, so it is no step of the same number in every life.
    """
    replace, unlink = os.replace, os.unlink

    def counts(path: Any) -> bool:
        return Path(path).is_relative_to(root) and Path(path).name != "index.json"

    def mortal_replace(source: Any, target: Any) -> None:
        if counts(target):
            life.step(f"replace {Path(target).name}", lambda: replace(source, target))
        else:
            replace(source, target)

    def mortal_unlink(path: Any, **options: Any) -> None:
        if counts(path):
            life.step(f"unlink {Path(path).name}", lambda: unlink(path, **options))
        else:
            unlink(path, **options)

    with patch.object(os, "replace", mortal_replace), patch.object(os, "unlink", mortal_unlink):
        yield


@dataclass
class World:
    """Both sides in one process.

    Attributes:
        desk: The files, and a person at Notion.
        transport: The way to Notion.
        app: Notion itself.
    """

    desk: Desk
    transport: httpx.BaseTransport
    app: Emulator

    def run_in_trouble(self, at: int, *, away: bool) -> int:
        """Sync once over a bad line; return the exit code."""
        session = open_session(self.desk.root)
        line = TroubledTransport(self.transport, at, away=away)
        with Notion(BOT_TOKEN, BASE_URL, transport=line, pace=1_000_000) as notion:
            return run(session, notion, Request(direction="sync")).exit_code

    def run(self, life: Life | None = None) -> Report | None:
        """Sync once; None if the run was killed."""
        life = life or Life()
        session = open_session(self.desk.root)
        try:
            with (
                mortal_files(life, session.root),
                Notion(BOT_TOKEN, BASE_URL, transport=MortalTransport(self.transport, life), pace=1_000_000) as notion,
            ):
                return run(session, notion, Request(direction="sync"))
        except Killed:
            return None

    def sides(self) -> dict[str, Any]:
        """Return what both sides hold, pages called by their titles instead of their ids."""
        names = {page["id"]: plain(page["properties"]["Question"]["title"]) for page in self._all_pages()}
        pages = [self._page(page, names) for page in self._all_pages()]
        files = {path: data for path, data in self.desk.bytes().items() if ".notionsync-" not in path}
        return {"files": {path: _named(data, names) for path, data in files.items()}, "pages": sorted(pages)}

    def _all_pages(self) -> list[Any]:
        there = self.desk.pages(self.desk.source)
        gone = self.desk.api("POST", f"data_sources/{self.desk.source}/query", {"in_trash": True})["results"]
        return [*there, *gone]

    def _page(self, page: Any, names: dict[str, str]) -> tuple[str, ...]:
        values = {name: _value(value) for name, value in page["properties"].items()}
        blocks = [] if page["in_trash"] else _told(self.desk.tree(page["id"]), names)
        return (str(values.pop("Question")), str(sorted(values.items())), str(page["in_trash"]), *blocks)

    def wait(self, seconds: float) -> None:
        """Let time pass in Notion."""
        self.desk.wait(seconds)


def _value(value: Any) -> Any:
    inner = value[value["type"]]
    if isinstance(inner, list):
        return [item.get("plain_text") or item.get("name") for item in inner]
    return inner.get("name") if isinstance(inner, dict) else inner


def _told(tree: list[Any], names: dict[str, str], depth: int = 0) -> list[str]:
    lines = []
    for block, below in tree:
        payload = block[block["type"]]
        links = [_named(run["href"].encode(), names) for run in payload.get("rich_text", ()) if run.get("href")]
        cells = [plain(cell) for cell in payload.get("cells", ())]
        lines.append(f"{'  ' * depth}{block['type']}: {plain(payload.get('rich_text', ()))}{links or ''}{cells or ''}")
        lines += _told(below, names, depth + 1)
    return lines


def _named(data: bytes, names: dict[str, str]) -> bytes:
    for page, title in names.items():
        data = data.replace(page.encode(), title.encode()).replace(page.replace("-", "").encode(), title.encode())
    return data


@contextlib.contextmanager
def world_at(root: Path, database: Path) -> Iterator[World]:
    """Open both sides, a while after everything in them happened."""
    app = create_app(database, clock=Clock(START + timedelta(hours=1), frozen=True))
    transport = httpx.WSGITransport(app=app)
    headers = {**VERSION, "Authorization": f"Bearer {PERSON_TOKEN}"}
    try:
        with httpx.Client(transport=transport, base_url=BASE_URL, headers=headers) as person:
            yield World(Desk(root, BASE_URL, person), transport, app)
    finally:
        app.close()


@contextlib.contextmanager
def copied(template: Path, target: Path) -> Iterator[World]:
    """Open a copy of a world."""
    shutil.copytree(template, target)
    with world_at(target / "repository", target / "notion.sqlite") as world:
        yield world
    shutil.rmtree(target)
