"""The scratch repository of the demonstration: files, git, and the commands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from notionsync.cli.demo.notion import Asked, Notion
from notionsync.cli.demo.screen import Screen
from notionsync.config import FILE_NAME, ID_KEY
from notionsync.convert.frontmatter import split
from notionsync.errors import NotionSyncError, UsageError

NAME = "A person"
_SETTLED = 120
"""Seconds after which a page's minute has surely ended: Notion's times have no seconds."""


@dataclass(frozen=True, slots=True)
class Told:
    """A command that was run."""

    line: str
    code: int
    asked: Asked


class Desk:
    """A repository whose owner types the real commands.

    Args:
        root: The repository.
        notion: What the commands talk to.
        screen: Where all of it is shown.
    """

    def __init__(self, root: Path, notion: Notion, screen: Screen) -> None:
        self.root = root
        self.notion = notion
        self.screen = screen
        self.told: list[Told] = []
        """Every command so far, in order."""

    def run(self, *args: str, code: int = 0) -> Told:
        """Show and run one notionsync command, as a process of its own.

        Raises:
            NotionSyncError: It ended with another exit code than the story has.
        """
        line = shlex.join(["notionsync", *args])
        self.screen.command(line)
        self.notion.wait(_SETTLED)
        before = self.notion.asked()
        done = subprocess.run(  # noqa: S603 - this very program
            [sys.executable, "-P", "-m", "notionsync", *args],
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        self.screen.printed(done.stdout)
        if done.returncode != code:
            raise NotionSyncError(
                f"`{line}` ended with exit code {done.returncode}; the story has {code}",
                advice=f"look around in {self.root}",
            )
        told = Told(line, done.returncode, self.notion.asked().since(before))
        self.told.append(told)
        return told

    def git(self, *args: str, show: bool = False) -> str:
        """Run git, as nobody in particular and without anybody's configuration.

        Raises:
            UsageError: git is not installed.
            NotionSyncError: git failed.
        """
        if show:
            self.screen.command(shlex.join(["git", *args]))
        try:
            done = subprocess.run(  # noqa: S603 - git, with arguments of our own
                ["git", *args],  # noqa: S607 - the user's git
                cwd=self.root,
                env=self._environment(),
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except FileNotFoundError as error:
            raise UsageError("git is not installed", advice="install the package git") from error
        if done.returncode:
            raise NotionSyncError(f"git {args[0]}: {done.stderr.strip()}")
        return done.stdout

    def commit(self, message: str) -> None:
        """Commit everything that is in the folder."""
        self.screen.command(f"git add --all && git commit -m {shlex.quote(message)}")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def changes(self, *paths: str) -> None:
        """Show the lines that differ from the last commit, in new files too."""
        self.git("add", "--all", "--intent-to-add")
        self.screen.command(shlex.join(["git", "diff", "--", *paths]))
        self.screen.changes(self.git("diff", "--unified=0", "--no-color", "--", *paths))

    def read(self, path: str) -> str:
        """Return a file's text."""
        return (self.root / path).read_bytes().decode()

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file, byte for byte."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def data_source(self) -> str:
        """Return the data source that notionsync.toml names."""
        return str(tomllib.loads(self.read(FILE_NAME))["notion"]["data_source"])

    def pages(self) -> Mapping[str, str]:
        """Return path → page id of every answer that has one, in the order of their names."""
        found = {}
        for file in sorted((self.root / "answers").rglob("*.md")):
            page = split(file.read_bytes()).values().get(ID_KEY)
            if page:
                found[file.relative_to(self.root).as_posix()] = str(page)
        return found

    def _environment(self) -> dict[str, str]:
        own = {
            "NOTION_TOKEN": self.notion.token,
            "NOTION_BASE_URL": self.notion.base_url,
            "NO_COLOR": "1",
            "NO_PROXY": "127.0.0.1",
            "PYTHONUTF8": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": NAME,
            "GIT_AUTHOR_EMAIL": "person@example.invalid",
            "GIT_COMMITTER_NAME": NAME,
            "GIT_COMMITTER_EMAIL": "person@example.invalid",
        }
        # A hook, or a shell inside another checkout, may point git elsewhere.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        return {**inherited, **own}
