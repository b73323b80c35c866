"""One repository on GitHub: read a commit, publish a commit."""

from __future__ import annotations

import base64
import logging
import random
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote, urlsplit

import httpx
import tenacity
from github.Repository import Repository

from github import Auth, Github
from notionsync.errors import AccessError, MovedError, NotFoundError, TransientError, UsageError
from notionsync.sides.github import commits
from notionsync.sides.github.archive import REGULAR, Entry, Snapshot, place, safe, unpack
from notionsync.sides.github.commits import Change, Commit
from notionsync.sides.github.faults import Patience, translated
from notionsync.sides.github.rules import forbidden

API = "https://api.github.com"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+")
"""Names of people that an enterprise manages end with `_` and its short name (docs.github.com, username considerations)."""
_SINGLY = 200
"""Files that may be read one by one because the archive does not hold them as they are."""
_UPDATES = 3
"""How often a branch is asked to move when the answer is lost."""


class GitHub:
    """A branch of a repository.

    Args:
        token: A token, or another proof of who we are, that may read the repository, and write to it for anything to
            be published.
        repository: `OWNER/NAME`.
        branch: The branch; the repository's default branch if empty.
        base_url: The API's address; `https://HOST/api/v3` on GitHub Enterprise Server.

    Raises:
        UsageError: The name is not one of a repository.
    """

    def __init__(self, token: str | Auth.Auth, repository: str, branch: str = "", *, base_url: str = API) -> None:
        if not _NAME.fullmatch(repository):
            raise UsageError(f'"{repository}" is not OWNER/REPO', advice="--github OWNER/REPO")
        here = urlsplit(base_url).hostname in {"127.0.0.1", "::1", "localhost"}
        # GitHub asks for a pause between requests, and a longer one between writes (docs.github.com, best practices
        # for using the REST API); a server on this machine needs none.
        _unheard()
        self.name = repository
        self._branch = branch
        self._near = here
        self._api = Github(
            auth=Auth.Token(token) if isinstance(token, str) else token,
            base_url=base_url.rstrip("/"),
            retry=Patience(pause=0.0 if here else 1.0),
            timeout=30,
            per_page=100,
            user_agent="notionsync",
            seconds_between_requests=0.0 if here else 0.25,
            seconds_between_writes=0.0 if here else 1.0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def pause(self, attempt: int) -> None:
        """Wait before a run is made again, longer each time and never for as long as others do."""
        if attempt and not self._near:
            time.sleep(random.uniform(1, 4) * attempt)  # noqa: S311 - spreads runs, guards nothing

    @cached_property
    def repo(self) -> Repository:
        """The repository, as PyGithub speaks to it.

        Raises:
            NotFoundError: There is none of that name, or the token does not see it.
        """
        with translated(f"the repository {self.name}"):
            return self._api.get_repo(self.name)

    @property
    def branch(self) -> str:
        """The branch that is read and published to."""
        return self._branch or self.repo.default_branch

    def tip(self, branch: str = "") -> str:
        """Return the commit that a branch is at.

        Raises:
            NotFoundError: There is no such branch.
            UsageError: The repository is empty.
        """
        name = branch or self.branch
        with translated(f"the branch {name} of {self.name}"):
            return self.repo.get_git_ref(f"heads/{name}").object.sha

    def prove_writable(self, branch: str | None = "") -> None:
        """Find out that a commit can be published, before anything is written that would have to be recorded.

        A blob that no commit holds is made, which needs the same permission and leaves nothing to see. The rules of a
        protected branch are read, and it is asked to move to where it is: they may forbid what the token may do elsewhere.

        Args:
            branch: Another branch than this side's; None for one that is not there yet.

        Raises:
            AccessError: It cannot.
        """
        if self.repo.archived:
            raise AccessError(f"{self.name} is archived", advice="unarchive it, or sync a copy")
        with translated(f"writing to {self.name}"):
            self.repo.create_git_blob("", "utf-8")
        if branch is None:
            return
        name = branch or self.branch
        with translated(f"publishing to {name} of {self.name}"):
            if not self.repo.get_branch(name).protected:
                return
            if why := forbidden(self.repo, name):
                raise AccessError(
                    f"publishing to {name} of {self.name}: {why}",
                    advice="publish through a pull request: --pull-request",
                )
        self._rehearse(name)

    def _rehearse(self, branch: str) -> None:
        try:
            self._move(branch, self.tip(branch))
        except MovedError:
            return  # somebody else could publish in this very moment, and so the rules let us try

    def download(self, commit: str, folder: Path) -> Snapshot:
        """Write a commit's files to a folder: one tarball, checked against the commit.

        Links and submodules are left out.

        Raises:
            TransientError: The tarball cannot be had.
            UsageError: The repository is too large, or keeps too many files out of its archives.
        """
        snapshot = self._listing(commit)
        with tempfile.TemporaryFile() as stream:
            self._tarball(commit, stream)
            stream.seek(0)
            found = unpack(stream, folder, snapshot.files)
        missing = [path for path in snapshot.files if path not in found]
        if len(missing) > _SINGLY:
            raise UsageError(
                f"{self.name}: {len(missing)} files are not in its archives as they are; .gitattributes keeps them out",
                advice="use a clone, without --github",
            )
        for path in missing:
            entry = snapshot.files[path]
            place(folder, path, self.read(entry.sha), entry.mode)
        return snapshot

    def _listing(self, commit: str) -> Snapshot:
        entries = self._entries(commit)
        files = {path: entry for path, entry in entries.items() if entry.mode in REGULAR and safe(path)}
        return Snapshot(commit, files, frozenset(entries.keys() - files.keys()))

    def _entries(self, commit: str) -> dict[str, Entry]:
        with translated(f"the files of {self.name}"):
            tree = self.repo.get_git_tree(commit, recursive=True)
            entries = {one.path: Entry(one.mode, one.sha) for one in tree.tree if one.type != "tree"}
        if tree.raw_data.get("truncated"):
            raise UsageError(f"{self.name} holds too many files to list", advice="use a clone, without --github")
        return entries

    def only_joins(self, merge: str, *parents: str) -> bool:
        """Tell whether each file of a merge is what one of its parents holds at that path, or what one of them lacks."""
        sides = [self._entries(parent) for parent in parents]
        merged = self._entries(merge)
        paths = merged.keys() | {path for side in sides for path in side}
        return all(any(side.get(path) == merged.get(path) for side in sides) for path in paths)

    def _tarball(self, commit: str, stream: IO[bytes]) -> None:
        for attempt in tenacity.Retrying(
            stop=tenacity.stop_after_attempt(3), retry=tenacity.retry_if_exception_type(TransientError), reraise=True
        ):
            with attempt, self._fetching(commit) as answer:
                stream.seek(0)
                stream.truncate()
                for part in answer.iter_bytes():
                    stream.write(part)

    @contextmanager
    def _fetching(self, commit: str) -> Iterator[httpx.Response]:
        what = f"the tarball of {self.name}"
        with translated(what):
            # The address carries a permission of its own for a few minutes: our token does not travel there, and it
            # is put into no message.
            address = self.repo.get_archive_link("tarball", commit)
        try:
            with httpx.stream("GET", address, follow_redirects=True, timeout=60) as answer:
                if not answer.is_success:
                    raise TransientError(f"{what}: GitHub answered {answer.status_code}")
                yield answer
        except httpx.HTTPError as error:
            raise TransientError(f"{what}: {type(error).__name__}") from error

    def commit(self, parent: str, changes: Mapping[str, Change], message: str, *, branch: str = "") -> str:
        """Publish changes as one commit on top of the one they were made from, or not at all.

        Args:
            parent: The commit that the branch has to be at.
            changes: Path → what it becomes.
            message: The commit message.
            branch: Another branch than this side's.

        Returns:
            The commit's hash; empty when the files are what they were.

        Raises:
            MovedError: The branch is somewhere else by now; nothing was published.
            AccessError: The token may not write, or the branch's rules forbid it.
            TransientError: GitHub cannot be reached. If the commit has landed all the same, the next run finds it.
        """
        with translated(f"a commit in {self.name}"):
            made = commits.make(self.repo, (parent,), changes, message)
        if made:
            self.advance(branch or self.branch, parent, made)
        return made

    def propose(self, branch: str, at: str, parent: str, changes: Mapping[str, Change], message: str) -> str:
        """Make one commit of changes to a commit, and let a branch of our own be there; never by force.

        The branch's old tip becomes the second parent, so that the branch moves forward although its files are made
        anew: a commit that somebody added in between cannot be overwritten.

        Args:
            branch: The branch.
            at: Where it is; empty if there is none yet.
            parent: The commit that the changes are made to.
            changes: Path → what it becomes.
            message: The commit message.

        Raises:
            MovedError: The branch is somewhere else by now.
        """
        with translated(f"a commit in {self.name}"):
            parents = (parent, at) if at and at != parent else (parent,)
            made = commits.make(self.repo, parents, changes, message, seal=True)
        if made and at:
            self.advance(branch, at, made)
        elif made:
            self._create(branch, made)
        return made

    def _create(self, branch: str, commit: str) -> None:
        for attempt in range(_UPDATES):
            try:
                with translated(f"the branch {branch} of {self.name}"):
                    self.repo.create_git_ref(f"refs/heads/{branch}", commit)
                return
            except (TransientError, UsageError) as error:
                there = self.find(branch)
                if there == commit:
                    return
                if there:
                    raise MovedError(f"{branch} of {self.name} was made by somebody else") from error
                if isinstance(error, UsageError) or attempt == _UPDATES - 1:
                    raise

    def descends(self, ancestor: str, commit: str) -> bool:
        """Tell whether a commit has another among its ancestors, or is the same."""
        if ancestor == commit:
            return True
        try:
            with translated(f"the commits of {self.name}"):
                return self.repo.compare(ancestor, commit).status in {"ahead", "identical"}
        except NotFoundError:
            return False

    def look(self, commit: str) -> Commit:
        """Return a commit."""
        with translated(f"the commit {commit[:12]} of {self.name}"):
            return commits.read(self.repo, commit)

    def advance(self, branch: str, expected: str, commit: str) -> None:
        """Move a branch forward if it is where it is expected: compare and swap, never force.

        GitHub moves a branch only to a descendant of where it is (`force` is off), which is the comparison. PyGithub
        repeats no PATCH whose answer is lost, so the branch is read again, which tells whether it has moved.

        Raises:
            MovedError: It is somewhere else.
            TransientError: GitHub does not answer.
        """
        lost: TransientError | None = None
        for _ in range(_UPDATES):
            tip = self.tip(branch)
            if tip == commit:
                return
            if tip != expected:
                raise MovedError(f"{branch} of {self.name} moved on to {tip[:12]}", advice="run the same command again")
            try:
                self._move(branch, commit)
                return
            except TransientError as error:
                lost = error
        raise lost or TransientError(f"publishing to {branch} of {self.name}: no answer")

    def _move(self, branch: str, commit: str) -> None:
        # Not through PyGithub's `GitRef.edit`, which asks at an address out of an answer: in the name of a branch, `#` ends it.
        with translated(f"publishing to {branch} of {self.name}"):
            where = f"{self.repo.url}/git/refs/heads/{quote(branch)}"
            self.repo.requester.requestJsonAndCheck("PATCH", where, input={"sha": commit, "force": False})

    def read(self, sha: str) -> bytes:
        """Return the bytes that have a hash.

        Raises:
            NotFoundError: There are none.
        """
        with translated(f"a file of {self.name}"):
            return base64.b64decode(self.repo.get_git_blob(sha).content)

    def find(self, branch: str) -> str:
        """Return the commit that a branch is at; empty if there is no such branch."""
        try:
            return self.tip(branch)
        except NotFoundError:
            return ""


def _unheard() -> None:
    """Let PyGithub log where the program wants it; on import it puts itself on stderr (github/__init__.py)."""
    log = logging.getLogger("github")
    log.setLevel(logging.NOTSET)
    for handler in tuple(log.handlers):
        log.removeHandler(handler)
