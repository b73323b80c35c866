"""What every run needs: the repository, its configuration and state, the way to Notion, and who to tell."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from notionsync import config as configuration
from notionsync.config import FILE_NAME, Config
from notionsync.errors import AccessError, ConfigError, UsageError
from notionsync.sides.git import Git
from notionsync.sides.notion import Notion
from notionsync.sides.state import State
from notionsync.sides.worktree import Worktree, find_root

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are finished, and how many there are."""

BASE_URL = "https://api.notion.com"
PER_MINUTE = 180
"""What every integration may send (developers.notion.com/reference/request-limits)."""
_UNPACED = 1_000_000
"""A server on this machine shares its budget with nobody."""


def never() -> bool:
    """Go on."""
    return False


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def proven() -> None:
    """Promise that what is written to Notion can be recorded: the files are here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One repository, ready for runs.

    Attributes:
        tree: The files.
        config: What `notionsync.toml` says.
        state: What was agreed.
        git: The checkout the files belong to, if they do.
        progress: Told about long work.
        stopping: Asked before each question that is written whether to stop.
        proof: Called before the first write to Notion; raises when it could not be published what was done.
        start: Where files that a person names are looked for; the current folder if None.
        whole: The repository with all its collections, where this is one of them by itself.
    """

    tree: Worktree
    config: Config
    state: State
    git: Git
    progress: Progress = field(default=silent)
    stopping: Callable[[], bool] = field(default=never)
    proof: Callable[[], None] = field(default=proven)
    start: Path | None = None
    whole: Session | None = None

    @property
    def root(self) -> Path:
        """The folder that holds `notionsync.toml`."""
        return self.tree.root

    def parts(self) -> tuple[Session, ...]:
        """Return a session for each collection that a run is about: those that are connected to a data source."""
        named = tuple(self.part(config.collection) for config in self.config.collections)
        return named if named and not self.config.data_source else (self, *named)

    def part(self, collection: str) -> Session:
        """Return the session of one collection.

        Raises:
            UsageError: There is none of that name.
        """
        if collection == self.config.collection:
            return self
        for config in self.config.collections:
            if config.collection == collection:
                state = self.state.below(collection)
                return replace(self, config=replace(config, collections=()), state=state, whole=self)
        known = ", ".join(config.collection for config in self.config.collections) or "none"
        raise UsageError(f'{FILE_NAME}: there is no collection "{collection}"; known are {known}')

    def within(self, paths: Iterable[str]) -> frozenset[str]:
        """Return files as a person names them, relative to the repository.

        Raises:
            UsageError: One is outside of it.
        """
        found = set()
        for path in paths:
            try:
                found.add(((self.start or Path.cwd()) / path).resolve().relative_to(self.root).as_posix())
            except ValueError as error:
                raise UsageError(
                    f"{path}: not inside {self.start or self.root}", advice="name files of this repository"
                ) from error
        return frozenset(found)


def open_session(
    start: Path,
    *,
    progress: Progress | None = None,
    stopping: Callable[[], bool] | None = None,
    required: bool = True,
    readable: bool = True,
    collection: str = "",
) -> Session:
    """Find the repository around a folder and read its configuration.

    Args:
        start: A folder in the repository.
        progress: Told about long work.
        stopping: Asked before each question that is written whether to stop.
        required: Whether a missing `notionsync.toml` is an error; else the defaults hold.
        readable: Whether one that is wrong is an error; else the defaults hold, and the caller reads it.
        collection: The collection to open; the one without a name if empty, which knows the others.

    Raises:
        UsageError: Not in a repository, or there is no such collection.
        ConfigError: `notionsync.toml` is missing or wrong.
    """
    tree = Worktree(find_root(start.resolve()))
    session = Session(
        tree=tree,
        config=read_config(tree, required=required) if readable else Config(),
        state=State(tree),
        git=Git(tree.root),
        progress=progress or silent,
        stopping=stopping or never,
    )
    return session.part(collection) if collection else session


def read_config(tree: Worktree, *, required: bool) -> Config:
    """Read `notionsync.toml`.

    Raises:
        ConfigError: It is missing although required, or wrong.
    """
    data = tree.read(FILE_NAME)
    if data is None:
        if not required:
            return Config()
        raise ConfigError(f"{tree.root / FILE_NAME}: there is none", advice="notionsync init")
    try:
        return configuration.parse(data.decode())
    except UnicodeDecodeError as error:
        raise ConfigError(f"{FILE_NAME}: not UTF-8 text") from error


@contextmanager
def connect(session: Session, environ: Mapping[str, str] | None = None) -> Iterator[Notion]:
    """Open the way to Notion with the token from the environment.

    Raises:
        AccessError: `NOTION_TOKEN` is not set.
    """
    values = os.environ if environ is None else environ
    token = values.get("NOTION_TOKEN", "").strip()
    if not token:
        raise AccessError(
            "NOTION_TOKEN is not set",
            advice="create an integration on notion.so/profile/integrations, then: export NOTION_TOKEN=ntn_…",
        )
    base_url = values.get("NOTION_BASE_URL", "").strip() or BASE_URL
    here = urlsplit(base_url).hostname in {"127.0.0.1", "::1", "localhost"}
    pace = session.config.requests_per_minute or (_UNPACED if here else PER_MINUTE)
    notion = Notion(token, base_url, pace=pace)
    try:
        yield notion
    finally:
        notion.close()
