"""A scratch repository, an emulated Notion on a socket, and the commands: what a user has."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from click.testing import CliRunner, Result
from tests.published import held_state, hold_output

from notionsync.cli import main
from notionsync.emulator import BOT_TOKEN, PERSON_TOKEN, Clock, create_app
from notionsync.emulator.http.app import Emulator
from notionsync.emulator.server import HOST, listen

VERSION = {"Notion-Version": "2026-03-11"}
START = datetime(2026, 1, 5, 10, 0, 20, tzinfo=UTC)
"""When every story begins: inside a minute, as most things do."""


@dataclass
class Lab:
    """One user's desk.

    Attributes:
        root: The scratch repository.
        base_url: Where the emulated Notion answers.
        person: Writes to Notion as a person does, in another name than the integration's.
    """

    root: Path
    base_url: str
    person: httpx.Client

    # -- commands ----------------------------------------------------------------------------------------------------

    def run(self, *args: str, code: int | None = 0, token: str = BOT_TOKEN, url: str | None = None) -> Result:
        """Run a command in the repository and check its exit code, unless that is None."""
        environment = {"NOTION_TOKEN": token, "NOTION_BASE_URL": url or self.base_url, "NO_COLOR": "1"}
        with contextlib.chdir(self.root), held_state(self.root):
            result = CliRunner().invoke(main, list(args), env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert code in {None, result.exit_code}, result.output
        hold_output(args, result.stdout)
        return result

    def json(self, *args: str, code: int = 0) -> Any:
        """Run a command with --json and return what it printed."""
        return json.loads(self.run(*args, "--json", code=code).stdout)

    def git(self, *args: str) -> str:
        """Run git in the repository."""
        return git(self.root, *args)

    def commit(self, message: str = "Work") -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def changed(self) -> set[str]:
        """Return the files that differ from HEAD, those of the state left out."""
        lines = self.git("status", "--porcelain", "--untracked-files=all", "-z").split("\0")
        return {line[3:] for line in lines if line and not line[3:].startswith(".notionsync/")}

    def diff(self, path: str) -> tuple[list[str], list[str]]:
        """Return the lines taken out of and put into a file since HEAD."""
        lines = self.git("diff", "--unified=0", "--", path).splitlines()
        body = [line for line in lines if not line.startswith(("+++", "---", "@@", "diff", "index", "\\"))]
        return [line[1:] for line in body if line[0] == "-"], [line[1:] for line in body if line[0] == "+"]

    # -- files -------------------------------------------------------------------------------------------------------

    def read(self, path: str) -> str:
        """Return a file's text."""
        return (self.root / path).read_text("utf-8")

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="")

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a text that stands once in a file."""
        text = self.read(path)
        assert text.count(old) == 1, (path, old, text.count(old))
        self.write(path, text.replace(old, new))

    def bytes(self, folder: str = "answers") -> dict[str, bytes]:
        """Return every file of a folder."""
        top = self.root / folder
        return {p.relative_to(self.root).as_posix(): p.read_bytes() for p in sorted(top.rglob("*")) if p.is_file()}

    def page_of(self, path: str) -> str:
        """Return the id in a file's front matter."""
        line = next(line for line in self.read(path).splitlines() if line.startswith("notion_id:"))
        return line.split(":")[1].strip()

    # -- Notion ------------------------------------------------------------------------------------------------------

    def api(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request as a person and return the answer."""
        answer = self.person.request(method, f"/v1/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def children(self, block: str) -> list[Any]:
        """Return what is directly below a page or block."""
        results = self.api("GET", f"blocks/{block}/children?page_size=100")["results"]
        assert isinstance(results, list)
        return results

    def tree(self, block: str) -> list[Any]:
        """Return everything below a page or block, its children beside it."""
        return [(child, self.tree(child["id"]) if child["has_children"] else []) for child in self.children(block)]

    def ids(self, block: str) -> list[str]:
        """Return the ids of everything below a page or block, in reading order."""
        return [i for child, below in self.tree(block) for i in (child["id"], *_ids(below))]

    def pages(self, data_source: str) -> list[Any]:
        """Return all pages of a database."""
        found: list[Any] = []
        body: dict[str, Any] = {}
        while True:
            answer = self.api("POST", f"data_sources/{data_source}/query", body)
            found += answer["results"]
            if not answer["has_more"]:
                return found
            body = {"start_cursor": answer["next_cursor"]}

    def workspace(self) -> str:
        """Return the id of the page that every emulated workspace begins with."""
        return str(self.api("POST", "search", {})["results"][0]["id"])

    def say(self, block: str, kind: str, text: str) -> None:
        """Replace a block's text, as a person."""
        self.api("PATCH", f"blocks/{block}", {kind: {"rich_text": [{"type": "text", "text": {"content": text}}]}})

    # -- the emulator's own ------------------------------------------------------------------------------------------

    def requests(self) -> Any:
        """Return what was asked since the last call, and begin to count anew."""
        counted = self.person.get("/_emulator/requests").json()
        self.person.delete("/_emulator/requests")
        return counted

    def wait(self, seconds: float) -> None:
        """Let time pass in Notion."""
        self.person.post("/_emulator/clock", json={"advance": seconds}).raise_for_status()


def _ids(tree: list[Any]) -> list[str]:
    return [i for child, below in tree for i in (child["id"], *_ids(below))]


def git(root: Path, *args: str) -> str:
    """Run git in a folder, as nobody in particular."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _WHO}
    done = subprocess.run(["git", *args], cwd=root, capture_output=True, env={**os.environ, **who}, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


_WHO = (("NAME", "A person"), ("EMAIL", "person@example.invalid"))


@contextlib.contextmanager
def emulated(database: Path | str = ":memory:") -> Iterator[str]:
    """Serve an emulated Notion on a free port for a while; yields its address."""
    with served(create_app(database, clock=Clock(START, frozen=True))) as url:
        yield url


@contextlib.contextmanager
def served(app: Emulator) -> Iterator[str]:
    """Serve an emulated Notion on a free port for a while, and close it; yields its address."""
    server = listen(app, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.close()


@contextlib.contextmanager
def lab(root: Path, *, database: Path | str = ":memory:") -> Iterator[Lab]:
    """Give a user a repository and a Notion of their own, whose clock stands until told otherwise."""
    root.mkdir(parents=True, exist_ok=True)
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "config", "user.name", "A person")
    git(root, "config", "user.email", "person@example.invalid")
    headers = {**VERSION, "Authorization": f"Bearer {PERSON_TOKEN}"}
    with emulated(database) as url, httpx.Client(base_url=url, headers=headers, trust_env=False) as person:
        yield Lab(root, url, person)


def hand_kept(answers: Path, target: Path) -> None:
    """Make a repository as people keep it by hand: bare answers, and a README that lists them.

    Answers that are open are linked all the same, which is a dead link, and one item is numbered twice.
    """
    lines = ["# A study group", "", "Some words before the list.", "", "</br>", "", "## Questions", ""]
    (target / "answers").mkdir(parents=True)
    copy_tree(answers / "assets", target / "answers" / "assets")
    entries = sorted((_question(path), path) for path in answers.glob("*.md"))
    for number, ((_, question, body), path) in enumerate(entries, 1):
        text = f"{number}. {'24. ' if number == 23 else ''}{question}"
        if body.strip():
            (target / "answers" / path.name).write_text(body.lstrip("\n"), "utf-8", newline="")
        link = f" [Answer](https://github.com/someone/study/blob/main/answers/{path.name})"
        lines.append(text + link)
    lines += ["", "## After", "", "| a | b |", "|:-:|---|", "| 1 | 2 |", ""]
    (target / "README.md").write_text("\n".join(lines), "utf-8", newline="")


def _question(path: Path) -> tuple[int, str, str]:
    _, head, body = path.read_text("utf-8").split("---\n", 2)
    values = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    question = values["question"]
    if question[0] in "\"'":
        question = str(json.loads(question)) if question[0] == '"' else question[1:-1].replace("''", "'")
    return int(values["order"]), question, body


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder into one that may exist."""
    shutil.copytree(source, target, dirs_exist_ok=True)
