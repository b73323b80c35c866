"""Speeds of the emulator: small requests in process, import of a large workspace, a query by page of it, several threads at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from notionsync.emulator import BOT_TOKEN, create_app
from notionsync.emulator.http.app import Emulator

ROUNDS = 1500
PAGES = 10_000
BLOCKS = 30
THREADS = 4
HEADERS = {"Authorization": f"Bearer {BOT_TOKEN}", "Notion-Version": "2026-03-11"}


def paragraph(text: str) -> dict[str, Any]:
    """A block in a request."""
    return {"paragraph": {"rich_text": [{"text": {"content": text}}]}}


@contextmanager
def client_of(app: Emulator) -> Iterator[httpx.Client]:
    """A client in process."""
    transport = httpx.WSGITransport(app=app)
    with httpx.Client(transport=transport, base_url="http://emulator", headers=HEADERS) as client:
        yield client


def seconds(work: Callable[[], object]) -> float:
    """How long something took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def small_requests() -> Iterator[tuple[str, str]]:
    """Requests a second that one client makes in process, the client's own work included."""
    app = create_app()
    with client_of(app) as client:
        home = client.post("/v1/search", json={}).json()["results"][0]["id"]
        block = client.patch(f"/v1/blocks/{home}/children", json={"children": [paragraph("x")]}).json()["results"][0]
        requests: list[tuple[str, str, str, Any]] = [
            ("retrieve a page", "GET", f"pages/{home}", None),
            ("list children", "GET", f"blocks/{home}/children?page_size=1", None),
            ("update a block", "PATCH", f"blocks/{block['id']}", paragraph("y")),
            ("append a block", "PATCH", f"blocks/{home}/children", {"children": [paragraph("z")]}),
        ]
        for name, method, path, body in requests:

            def work(method: str = method, path: str = path, body: Any = body) -> None:
                for _ in range(ROUNDS):
                    client.request(method, f"/v1/{path}", json=body).raise_for_status()

            yield name, f"{ROUNDS / seconds(work):,.0f} requests/s"
    app.close()


def large_workspace() -> Iterator[tuple[str, str]]:
    """A database of many pages: imported, queried, read by several threads."""
    app = create_app()
    pages = [
        {
            "properties": {"Name": {"title": [{"text": {"content": f"Question {n}"}}]}, "No": {"number": n}},
            "children": [paragraph(f"Line {i} of answer {n}.") for i in range(BLOCKS)],
        }
        for n in range(PAGES)
    ]
    seed = {"databases": [{"title": [], "properties": {"Name": {"title": {}}, "No": {"number": {}}}, "pages": pages}]}
    made: list[str] = []
    took = seconds(lambda: made.extend(app.seed(seed).data_sources))
    yield f"import {PAGES:,} pages of {BLOCKS} blocks", f"{took:.1f} s"
    with client_of(app) as client:
        path = f"/v1/data_sources/{made[0]}/query"
        cursors: list[str] = []

        def walk() -> None:
            answer = client.post(path, json={"page_size": 100}).json()
            while answer["has_more"] and len(cursors) < 50:
                cursors.append(answer["next_cursor"])
                answer = client.post(path, json={"page_size": 100, "start_cursor": cursors[-1]}).json()

        yield "query, a page of 100", f"{seconds(walk) / 51 * 1000:.1f} ms"
        found = {"filter": {"property": "No", "number": {"equals": 17}}}
        yield "query, one row found by a filter", f"{seconds(lambda: client.post(path, json=found)) * 1000:.1f} ms"
        recent = {"filter": {"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": "2100-01-01"}}}
        yield "query, rows edited since", f"{seconds(lambda: client.post(path, json=recent)) * 1000:.1f} ms"
    yield from threads(app, made[0])
    app.close()


def threads(app: Emulator, source: str) -> Iterator[tuple[str, str]]:
    """Rows added by several threads at once; each must be there afterwards."""
    body = {"parent": {"data_source_id": source}, "properties": {}, "children": [paragraph("x")]}
    failed: list[int] = []

    def add() -> None:
        with client_of(app) as client:
            statuses = [client.post("/v1/pages", json=body).status_code for _ in range(250)]
        failed.extend(status for status in statuses if status != 200)

    workers = [threading.Thread(target=add) for _ in range(THREADS)]

    def work() -> None:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    took = seconds(work)
    count = app.workspace.store.count("parent_id = ? AND kind = 'page'", (source,)) - PAGES
    lost = THREADS * 250 - count + len(failed)
    yield f"create pages, {THREADS} threads", f"{count / took:,.0f} requests/s, {lost} lost"


def main() -> None:
    """Print the speeds."""
    for part in (small_requests, large_workspace):
        for name, value in part():
            print(f"{name:<40}{value:>28}")


if __name__ == "__main__":
    main()
