"""A commit of a repository on GitHub in a temporary folder, as the engine works on it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from notionsync.engine.leftover import Leftover
from notionsync.errors import FileError, NotionSyncError, UsageError
from notionsync.sides.git import Git
from notionsync.sides.state import FOLDER, State
from notionsync.sides.worktree import Worktree, fold

if TYPE_CHECKING:  # PyGithub takes a while to import, and most runs have a checkout
    from notionsync.sides.github import Change, GitHub, Snapshot

_NOWHERE = "notionsync-leaves-links-alone"
_PRIVATE = re.compile(rf"{re.escape(FOLDER)}/(?:collections/[^/]+/)?(?:cache/|lock$)")
"""What of the state is never committed."""


class Origin(Git):
    """What the engine asks of git, answered by the commit that a temporary folder was filled with."""

    def __init__(self, root: Path, branch: str, address: str, read: Callable[[str], bytes | None]) -> None:
        super().__init__(root)
        self._branch = branch
        self._address = address
        self._read = read

    def _run(self, *args: str, data: bytes | None = None) -> bytes:  # noqa: ARG002 - there is no git here
        raise NotionSyncError(f"git {args[0]}: there is no checkout")

    def available(self) -> bool:
        """Tell that there is a history."""
        return True

    def branch(self) -> str:
        """Return the branch that the commit was read from."""
        return self._branch

    def remote(self) -> str:
        """Return the repository's address."""
        return self._address

    def head(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Return what the commit holds at each of the paths."""
        return {path: data for path in paths if (data := self._read(path)) is not None}

    def commit(self, paths: Sequence[str], message: str) -> str:  # noqa: ARG002 - published as a whole, afterwards
        """Commit nothing: the run is published when it is over."""
        return ""


class Checkout:
    """One commit of a repository in a folder, as the engine works on it.

    Args:
        github: Where it comes from.
        snapshot: What the commit holds.
        folder: Where it was written to.
    """

    def __init__(self, github: GitHub, snapshot: Snapshot, folder: Path) -> None:
        self.github = github
        self.snapshot = snapshot
        self.folder = folder
        self.tree = Worktree(folder)
        self.state = State(self.tree)
        self._before: dict[str, bytes] = {}
        self._mark_links()
        self._check_names()

    def _mark_links(self) -> None:
        """Put a link to nowhere where the commit has a link, so that no run takes the name for free."""
        for path in self.snapshot.others:
            target = self.folder.joinpath(*path.split("/"))
            if target.parent.resolve().is_relative_to(self.folder) and not target.is_symlink():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(_NOWHERE)

    def _check_names(self) -> None:
        names: dict[str, str] = {}
        for path in self.snapshot.files:
            other = names.setdefault(fold(path), path)
            if other != path and self.now(path) != self.snapshot.files[path].sha:
                raise UsageError(
                    f"{other} and {path} are one file on this system",
                    advice="rename one of them, or run where names differ by case",
                )

    def start(self, path: str) -> bytes | None:
        """Return what the commit, with what was carried into it, holds at a path."""
        if path in self._before:
            return self._before[path]
        entry = self.snapshot.files.get(path)
        if entry is None:
            return None
        data = self.tree.read(path)
        if data is None or _blob(data) != entry.sha:
            data = self.github.read(entry.sha)
        return data

    def carry(self, left: Leftover) -> None:
        """Put what an unpublished run had done into the folder, as if the commit had held it."""
        self._before |= left.carry(self.tree, self.state, self.sha)

    def sha(self, path: str) -> str:
        """Return the hash of what the commit itself holds at a path; empty if nothing."""
        entry = self.snapshot.files.get(path)
        return entry.sha if entry else ""

    def now(self, path: str) -> str:
        """Return the hash of what the folder holds at a path; empty if nothing."""
        data = self.tree.read(path)
        return "" if data is None else _blob(data)

    def changes(self) -> dict[str, Change]:
        """Return how the folder differs from the commit.

        Raises:
            FileError: Something changed that is never ours to change.
        """
        from notionsync.sides.github import Change, blob

        found: dict[str, Change] = {}
        there = set()
        for path in _files(self.folder):
            if _PRIVATE.match(path) or path.endswith(".tmp"):
                continue
            there.add(path)
            data = self.tree.read(path) or b""
            entry = self.snapshot.files.get(path)
            if entry is None or blob(data) != entry.sha:
                found[path] = Change(data, entry.mode if entry else "100644")
        found |= {path: Change(None, e.mode) for path, e in self.snapshot.files.items() if path not in there}
        for path in found:
            if fold(path.split("/")[0]) in {".git", ".github"}:
                raise FileError(path, "is not published: it is no answer")
        return found


@contextmanager
def checked_out(github: GitHub) -> Iterator[Checkout]:
    """Yield a folder with the branch's head in it; it is kept when what lost a conflict would go with it."""
    folder = Path(tempfile.mkdtemp(prefix="notionsync-")).resolve()
    losers: set[str] = set()
    try:
        checkout = Checkout(github, github.download(github.tip(), folder), folder)
        try:
            yield checkout
        except BaseException as error:
            losers = checkout.state.kept() - checkout.snapshot.files.keys()
            if losers and isinstance(error, NotionSyncError):
                place = folder / FOLDER
                error.advice = f"{error.advice}; what lost in a conflict was not published: {place}".lstrip("; ")
            raise
    finally:
        if not losers:
            shutil.rmtree(folder, ignore_errors=True)


def _files(folder: Path) -> Iterator[str]:
    for top, _, names in os.walk(folder):
        for name in names:
            path = Path(top) / name
            if not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def _blob(data: bytes) -> str:
    from notionsync.sides.github import blob

    return blob(data)
