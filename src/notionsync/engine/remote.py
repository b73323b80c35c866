"""Runs over a repository on GitHub without a checkout: a commit in a temporary folder, then one commit of what changed.

The branch may move while a run is at work. Then its commit is not published: the run is made once more, over the new
head, and told what the lost one had already written to Notion (see `leftover`). Nothing is rebased, nothing forced.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from notionsync.config import FILE_NAME, Config
from notionsync.engine.leftover import Leftover
from notionsync.engine.report import Report, Thread
from notionsync.engine.session import Progress, Session, read_config, silent
from notionsync.errors import ConfigError, FileError, MovedError, NotionSyncError, TransientError, UsageError
from notionsync.sides.git import Git
from notionsync.sides.state import FOLDER, State
from notionsync.sides.worktree import Worktree, fold

if TYPE_CHECKING:  # PyGithub takes a while to import, and most runs have a checkout
    from notionsync.sides.github import Change, GitHub, Snapshot

T = TypeVar("T")

UPDATE_BRANCH = "notionsync/update"
"""The branch that pull requests are made from unless another is named."""
TRAILER = "Notionsync-Run"
_TRIES = 5
_NOWHERE = "notionsync-leaves-links-alone"
_PRIVATE = (f"{FOLDER}/cache/", f"{FOLDER}/lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A repository on GitHub, and how to publish to it.

    Attributes:
        repository: `OWNER/NAME`.
        branch: What is read and published to; the repository's default branch if empty.
        update_branch: The branch to publish to in a pull request; empty to commit to `branch` itself.
        issues: Whether each open conflict gets an issue.
    """

    repository: str
    branch: str = ""
    update_branch: str = ""
    issues: bool = False

    @classmethod
    def of(cls, text: str, *, update_branch: str = "", issues: bool = False) -> Target:
        """Read `OWNER/REPO[@BRANCH]`."""
        repository, _, branch = text.partition("@")
        return cls(repository=repository, branch=branch, update_branch=update_branch, issues=issues)


@dataclass(frozen=True, slots=True)
class Published(Generic[T]):
    """What came of a run over a repository.

    Attributes:
        result: What the last of its tries returned.
        earlier: What those before it returned, whose commits were not published.
        commit: The commit that was made; empty when nothing changed.
        pull_request: The pull request that holds it.
    """

    result: T
    earlier: tuple[T, ...] = ()
    commit: str = ""
    pull_request: Thread | None = None


def told(done: Published[Report]) -> Report:
    """Return the report of a run with what was published, and with what its unpublished tries had done in Notion."""
    report = done.result
    found = {outcome.path: outcome for outcome in report.outcomes}
    requests = report.requests
    for before in done.earlier:
        requests += before.requests
        for outcome in before.outcomes:
            now = found.get(outcome.path)
            if outcome.state != "done" or outcome.direction not in {"to-notion", "both"}:
                continue
            if now is None or (now.state == "done" and not now.direction):
                found[outcome.path] = replace(outcome, direction="to-notion")
            elif now.direction == "from-notion":
                found[outcome.path] = replace(now, direction="both")
    return replace(
        report,
        outcomes=tuple(found.values()) if done.earlier else report.outcomes,
        requests=requests,
        commit=done.commit or report.commit,
        pull_request=done.pull_request,
    )


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
            if path.startswith(_PRIVATE) or path.endswith(".tmp"):
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


def over(
    target: Target,
    work: Callable[[Session], T],
    *,
    message: str,
    publish: bool = True,
    required: bool = True,
    readable: bool = True,
    progress: Progress | None = None,
    stopping: Callable[[], bool] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Published[T]:
    """Work on a repository, and publish what changed.

    Args:
        target: The repository.
        work: Does the work; done again from the new head when the branch has moved meanwhile.
        message: The commit message, with its trailer.
        publish: Whether anything is published at all.
        required: Whether the repository must hold `notionsync.toml`.
        readable: Whether that must be right; else the work gets the defaults, and reads it by itself.
        progress: Told about long work.
        stopping: Asked before each question that is written whether to stop.
        environ: Where token and address are read from; the program's environment if None.

    Raises:
        AccessError: The token is missing or refused, or may not publish what has to be published.
        TransientError: GitHub cannot be reached, or others were always faster.
        NotionSyncError: As `work`.
    """
    from notionsync.sides.github import connected

    left = Leftover()
    earlier: list[T] = []
    with connected(target.repository, target.branch, os.environ if environ is None else environ) as github:
        while True:
            github.pause(len(earlier))
            with _checked_out(github, left) as checkout:
                config = _config(checkout, required=required) if readable else Config()
                session = _session(checkout, config, progress=progress, stopping=stopping)
                result = work(session)
                if not publish:
                    return Published(result)
                try:
                    changes = checkout.changes()
                    commit = github.commit(checkout.snapshot.commit, changes, message) if changes else ""
                except MovedError as error:
                    earlier.append(result)
                    if len(earlier) == _TRIES:
                        raise _outrun(github) from error
                    left = left.and_of(checkout.tree, checkout.state, checkout.start, checkout.sha, result)
                else:
                    return Published(result, tuple(earlier), commit)


def _outrun(github: GitHub) -> TransientError:
    return TransientError(
        f"{github.branch} of {github.name} moved on {_TRIES} times while the run was at work; nothing was published",
        advice="run the same command again: it finds what was written to Notion",
    )


@contextmanager
def _checked_out(github: GitHub, left: Leftover) -> Iterator[Checkout]:
    """Yield a folder with the branch's head in it; it is kept when what lost a conflict would go with it."""
    folder = Path(tempfile.mkdtemp(prefix="notionsync-")).resolve()
    losers: set[str] = set()
    try:
        checkout = Checkout(github, github.download(github.tip(), folder), folder)
        checkout.carry(left)
        try:
            yield checkout
        except BaseException as error:
            losers = checkout.state.kept() - checkout.snapshot.files.keys()
            if losers and isinstance(error, NotionSyncError):
                place = folder / FOLDER / "conflicts"
                error.advice = f"{error.advice}; what lost in a conflict was not published: {place}".lstrip("; ")
            raise
    finally:
        if not losers:
            shutil.rmtree(folder, ignore_errors=True)


def _config(checkout: Checkout, *, required: bool) -> Config:
    github = checkout.github
    if required and FILE_NAME not in checkout.snapshot.files:
        raise ConfigError(
            f"{github.name}@{github.branch}: there is no {FILE_NAME}",
            advice=f"notionsync init --github {github.name}@{github.branch} --database URL",
        )
    return read_config(checkout.tree, required=required)


def _session(
    checkout: Checkout, config: Config, *, progress: Progress | None, stopping: Callable[[], bool] | None
) -> Session:
    github = checkout.github
    options = {} if stopping is None else {"stopping": stopping}
    return Session(
        tree=checkout.tree,
        config=config,
        state=checkout.state,
        git=Origin(checkout.folder, github.branch, github.repo.html_url, checkout.start),
        progress=progress or silent,
        proof=github.prove_writable,
        start=checkout.folder,
        **options,
    )


def _files(folder: Path) -> Iterator[str]:
    for top, _, names in os.walk(folder):
        for name in names:
            path = Path(top) / name
            if not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def _blob(data: bytes) -> str:
    from notionsync.sides.github import blob

    return blob(data)
