"""What a sync costs: requests, the time they take at Notion's pace, and the client's own CPU and memory.

Requests are counted by the emulator. The time is computed from them: three a second where pages are read side by side, else
one after the other with 350 ms each. The naive way is beside: to read every page again before anything is known. The client
runs in a process of its own, with its imports; `QUESTIONS=1000 make bench` takes fewer of them than 10,000.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from notionsync.emulator import BOT_TOKEN, PERSON_TOKEN, Clock, create_app
from notionsync.emulator.http.app import Emulator
from notionsync.emulator.server import HOST, listen

MANY = int(os.environ.get("QUESTIONS", "10000"))
FEW = min(300, MANY)
PACE = 3.0
LATENCY = 0.35
PARAGRAPH = "Why does it work? Because the gradient of a sum is the sum of the gradients, and nobody minds. " * 17
CLIENT = """
import json, resource, sys
from pathlib import Path
from notionsync.engine import Request, run
from notionsync.engine.session import connect, open_session
session = open_session(Path.cwd())
with connect(session) as notion:
    report = run(session, notion, Request(direction="sync"))
used = resource.getrusage(resource.RUSAGE_SELF)
status = Path("/proc/self/status")  # what getrusage says on Linux begins with the peak of the process that started this one
peak = int(status.read_text().partition("VmHWM:")[2].split()[0]) if status.exists() else used.ru_maxrss
print(json.dumps([report.exit_code, used.ru_utime + used.ru_stime, peak / 1024]))
"""


@dataclass
class World:
    """A database of questions of 5 KB, and a folder.

    Attributes:
        app: The emulated Notion.
        url: Where it answers.
        root: The folder.
        pages: Ids of the pages, oldest first.
    """

    app: Emulator
    url: str
    root: Path
    pages: list[str]

    def sync(self) -> tuple[list[str], float, float]:
        """Sync in a process of its own; return the kinds of its requests, its CPU seconds and its megabytes."""
        self.app.clock.advance(600)
        self.app.log.clear()
        environment = {**os.environ, "NOTION_TOKEN": BOT_TOKEN, "NOTION_BASE_URL": self.url}
        done = subprocess.run(
            [sys.executable, "-c", CLIENT], cwd=self.root, env=environment, capture_output=True, check=True
        )
        code, cpu, memory = json.loads(done.stdout)
        if code:
            raise SystemExit(f"a sync ended with {code}")
        by_kind = self.app.log.shown()["by_kind"]
        return [kind for kind, count in by_kind.items() for _ in range(count)], cpu, memory

    def edit_there(self, page: str) -> None:
        """Change a paragraph in Notion."""
        block = self.app.workspace.store.children(page)[0]
        text = {"paragraph": {"rich_text": [{"text": {"content": f"Edited there. {PARAGRAPH}"}}]}}
        headers = {"Authorization": f"Bearer {PERSON_TOKEN}", "Notion-Version": "2026-03-11"}
        httpx.patch(f"{self.url}/v1/blocks/{block.id}", json=text, headers=headers).raise_for_status()

    def edit_here(self, number: int) -> None:
        """Change a word in a file."""
        path = self.root / "answers" / f"Why_{number}.md"
        path.write_text(path.read_text("utf-8").replace("nobody minds", "nobody cares", 1), "utf-8")


@contextmanager
def world(count: int) -> Iterator[World]:
    """Make one."""
    app = create_app(clock=Clock(datetime(2026, 1, 5, 10, tzinfo=UTC), frozen=True))
    server = listen(app, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with tempfile.TemporaryDirectory() as top:
            [source] = app.seed({"databases": [_database(count)]}).data_sources
            config = f'[notion]\ndata_source = "{source.replace("-", "")}"\n[properties]\nquestion = "Question"\n'
            (Path(top) / "notionsync.toml").write_text(config)
            store = app.workspace.store
            pages = [node.id for node in store.select("kind = 'page' AND parent_id = ? ORDER BY seq", (source,))]
            yield World(app, f"http://{HOST}:{server.port}", Path(top), pages)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.close()


def _database(count: int) -> dict[str, Any]:
    def said(text: str) -> list[Any]:
        return [{"text": {"content": text}}]

    blocks = [{"paragraph": {"rich_text": said(PARAGRAPH)}} for _ in range(3)]
    pages = [{"properties": {"Question": {"title": said(f"Why {n}?")}}, "children": blocks} for n in range(count)]
    return {"title": said("Many"), "properties": {"Question": {"title": {}}}, "pages": pages}


def wall(kinds: list[str]) -> float:
    """Return how many seconds these requests take."""
    side_by_side = kinds.count("GET /v1/blocks/{id}/children")
    return side_by_side / PACE + (len(kinds) - side_by_side) * LATENCY


def row(name: str, found: tuple[list[str], float, float], count: int) -> None:
    """Print one line."""
    kinds, cpu, memory = found
    naive = 2 + -(-count // 100) + count
    print(
        f"{name:<34} {len(kinds):>6} requests {wall(kinds):>8.1f} s at Notion's pace {cpu:>7.2f} s CPU {memory:>5.0f} MB"
        f"   1/{naive / max(1, len(kinds)):.0f} of reading everything"
    )


def main() -> None:
    """Print the table."""
    with world(FEW) as few:
        row(f"first pull, {FEW} questions", few.sync(), FEW)
        few.sync()
        row("nothing changed", few.sync(), FEW)
        few.edit_there(few.pages[0])
        row("one word changed in Notion", few.sync(), FEW)
        few.edit_here(1)
        row("one word changed in a file", few.sync(), FEW)
        for number in range(2, 102):
            few.edit_there(few.pages[number]) if number % 2 else few.edit_here(number)
        row("100 edits, half of them each way", few.sync(), FEW)
    with world(MANY) as many:
        row(f"first pull, {MANY} questions", many.sync(), MANY)
        row("nothing changed, the first time", many.sync(), MANY)
        row("nothing changed", many.sync(), MANY)
        many.edit_here(1)
        row("one word changed in a file", many.sync(), MANY)


if __name__ == "__main__":
    main()
