"""Both sides in one process, with a clock that stands still: files in git, and an emulated Notion without a socket."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from tests.scenarios.mortal import BASE_URL, Killed, Life, MortalTransport, mortal_files
from tests.story.lab import START, git

from notionsync.emulator import BOT_TOKEN, Clock, Settings, create_app
from notionsync.emulator.http.app import Emulator
from notionsync.engine import Report, Request, run
from notionsync.engine.session import open_session
from notionsync.engine.setup import create_database
from notionsync.errors import NotionSyncError
from notionsync.sides.notion import Notion

WORD = re.compile(r"\b[fnm]w\d+\b")
"""What editors write: words that nobody else ever writes, `fw` in files, `nw` in Notion, `mw` before it all began."""
BODIES = (
    """\
mw1 alpha beta mw2 gamma delta mw3

- mw4 one
  - mw5 nested
  - mw6 nested
- mw7 two

mw8 epsilon zeta mw9
""",
    """\
## mw10 heading

| mw11 | mw12 |
|---|---|
| mw13 | mw14 |
| mw15 | mw16 |

- [ ] mw17 task
- [x] mw18 done

> mw19 quote eta theta mw20
""",
    """\
<details>
<summary>mw21 toggle</summary>

mw22 inside iota

- mw23 below

</details>

```python
mw24 = 1
mw25 = 2
```

1. mw26 first
2. mw27 second

mw28 kappa lambda mw29
""",
)


@dataclass
class StageClock:
    """Time as notion-client sees it: waiting lets the emulator's clock go on."""

    clock: Clock

    def now(self) -> float:
        """Return the emulator's time."""
        return self.clock.seconds()

    def monotonic(self) -> float:
        """Return the same."""
        return self.clock.seconds()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)


@dataclass
class Stage:
    """Both sides.

    Attributes:
        root: The checkout.
        app: Notion.
        source: The data source.
    """

    root: Path
    app: Emulator
    source: str
    _names: Iterator[int] = field(default_factory=lambda: iter(range(1, 1 << 30)))

    # -- files -------------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, str]:
        """Return the text of every answer."""
        top = self.root / "answers"
        return {p.relative_to(self.root).as_posix(): p.read_text("utf-8") for p in sorted(top.rglob("*.md"))}

    def write(self, path: str, text: str) -> None:
        """Write an answer."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="")

    def kept(self) -> str:
        """Return everything that was put aside."""
        folder = self.root / ".notionsync" / "conflicts"
        return "\n".join(p.read_text("utf-8") for p in sorted(folder.glob("*"))) if folder.is_dir() else ""

    def everything(self) -> dict[str, bytes]:
        """Return every file that could be committed."""
        left = (".git/", ".notionsync/cache/", ".notionsync/lock")
        found = {p.relative_to(self.root).as_posix(): p for p in self.root.rglob("*") if p.is_file()}
        return {path: p.read_bytes() for path, p in sorted(found.items()) if not path.startswith(left)}

    def git(self, *args: str) -> str:
        """Run git in the checkout."""
        return git(self.root, *args)

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Work")

    # -- Notion ------------------------------------------------------------------------------------------------------

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Make a request as a person; nobody counts it."""
        return self.app.events.as_person(method, f"/v1/{path}", body)

    def pages(self, *, in_trash: bool = False) -> list[Any]:
        """Return all pages, or those in the trash."""
        found: list[Any] = self.api("POST", f"data_sources/{self.source}/query", {"in_trash": in_trash})["results"]
        return found

    def children(self, block: str) -> list[Any]:
        """Return what is directly below a page or block."""
        found: list[Any] = self.api("GET", f"blocks/{block}/children")["results"]
        return found

    def blocks(self, page: str) -> list[Any]:
        """Return everything below a page or block in reading order."""
        found = []
        for block in self.children(page):
            found.append(block)
            if block["has_children"]:
                found += self.blocks(block["id"])
        return found

    def page_text(self, page: Any) -> str:
        """Return everything a page says: its values, and its blocks in reading order."""
        values = [said(page["properties"][name]) for name in sorted(page["properties"]) if name != "File"]
        return "\n".join([*values, *(said(block[block["type"]]) for block in self.blocks(page["id"]))])

    def pages_text(self) -> dict[str, str]:
        """Return what each page says, by its id."""
        return {page["id"].replace("-", ""): self.page_text(page) for page in self.pages()}

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.app.clock.advance(seconds)

    # -- runs --------------------------------------------------------------------------------------------------------

    def run(self, request: Request, life: Life | None = None) -> Report | NotionSyncError | None:
        """Run once; the error if one ended the run, None if it was killed."""
        life = life or Life()
        line = MortalTransport(httpx.WSGITransport(app=self.app), life)
        try:
            with (
                mortal_files(life, self.root),
                Notion(BOT_TOKEN, BASE_URL, transport=line, pace=1_000_000, clock=StageClock(self.app.clock)) as notion,
            ):
                return run(open_session(self.root), notion, request)
        except Killed:
            return None
        except NotionSyncError as error:
            return error

    def requests(self) -> list[tuple[str, str]]:
        """Return the method and path of every request since the last call."""
        shown = [(entry["method"], entry["path"]) for entry in self.app.log.shown()["log"]]
        self.app.log.clear()
        return shown


def said(value: Any) -> str:
    """Return the words in a part of an answer of the API."""
    if isinstance(value, dict):
        if "plain_text" in value:
            return str(value["plain_text"])
        named = [str(value["name"])] if "name" in value and "color" in value else []
        return " ".join([*named, *(said(inner) for inner in value.values())])
    if isinstance(value, list):
        return " ".join(said(inner) for inner in value)
    return ""


def words(text: str) -> list[str]:
    """Return the words that editors wrote, in order."""
    return WORD.findall(text)


def prepare(top: Path) -> None:
    """Make a repository with three questions that were synced and committed a while ago, and its Notion."""
    root = top / "repository"
    root.mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "A person"), ("user.email", "person@example.invalid"), ("gc.auto", "0")):
        git(root, "config", key, value)
    (root / "answers").mkdir()
    for number, body in enumerate(BODIES, 1):
        head = f"question: Why mw{100 + number}?\norder: {number}\ntags: [a, mw{200 + number}]\nstatus: Open\n"
        text = f"---\n{head}notes: mw{300 + number} and more\n---\n\n{body}"
        (root / "answers" / f"q{number}.md").write_text(text, "utf-8", newline="")
    (root / "notionsync.toml").write_text("", "utf-8")
    app = create_app(top / "notion.sqlite", clock=Clock(START, frozen=True), settings=Settings(seed=1))
    with contextlib.closing(app), _quick():
        line = httpx.WSGITransport(app=app)
        with Notion(BOT_TOKEN, BASE_URL, transport=line, pace=1_000_000, clock=StageClock(app.clock)) as notion:
            workspace = notion.search(kind="page")[0].id
            source, mapping = create_database(open_session(root), notion, workspace, "Questions")
        lines = ["[notion]", f'data_source = "{source.id}"', "[files]", 'name_property = "File"', "[properties]"]
        lines += [f'{key} = "{name}"' for key, name in mapping.items()]
        (root / "notionsync.toml").write_text("\n".join(lines) + "\n", "utf-8")
        stage = Stage(root, app, source.id)
        stage.run(Request(direction="sync"))
        stage.wait(120)
        stage.run(Request(direction="sync"))
        stage.commit()
    (top / "source").write_text(source.id, "utf-8")


@contextlib.contextmanager
def opened(template: Path, target: Path) -> Iterator[Stage]:
    """Open a copy of what was prepared; it is gone afterwards."""
    shutil.copytree(template, target)
    clock = Clock(START + timedelta(hours=1), frozen=True)
    app = create_app(target / "notion.sqlite", clock=clock, settings=Settings(seed=2))
    try:
        with _quick():
            yield Stage(target / "repository", app, (target / "source").read_text("utf-8"))
    finally:
        app.close()
        shutil.rmtree(target)


@contextlib.contextmanager
def _quick() -> Iterator[None]:
    """Spare the disk: these files need not outlive a power cut."""
    with patch.object(os, "fsync", lambda _: None):
        yield
