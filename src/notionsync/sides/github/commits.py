"""One commit of many files through the Git Data API, made beside the branch and joined to it at once."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from github.GitCommit import GitCommit
from github.InputGitTreeElement import InputGitTreeElement
from github.Repository import Repository

_PORTION = 2_000_000
"""Bytes of text in one request that makes a tree; a first sync of a few hundred questions fits into one."""
_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """What a file is to become.

    Attributes:
        data: Its bytes; None deletes it.
        mode: git's mode for it, as it was; `100644` for a new one.
    """

    data: bytes | None
    mode: str = "100644"


SEAL = "Notionsync-Tree"
"""The trailer that names a commit's own tree: a commit that was amended no longer carries its seal."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit.

    Attributes:
        sha: Its hash.
        parents: Those of its parents.
        message: Its message.
        tree: The hash of its files.
    """

    sha: str
    parents: tuple[str, ...]
    message: str
    tree: str

    @property
    def sealed(self) -> bool:
        """Whether it is as we made it."""
        return self.trailer(SEAL) == self.tree

    def trailer(self, name: str) -> str:
        """Return what one of its trailers says; empty if it has none of that name."""
        lines = self.message.rstrip().rpartition("\n\n")[2].splitlines()
        return next((line.partition(": ")[2] for line in reversed(lines) if line.startswith(f"{name}: ")), "")


def read(repo: Repository, sha: str) -> Commit:
    """Return a commit."""
    found = repo.get_git_commit(sha)
    return Commit(found.sha, tuple(parent.sha for parent in found.parents), found.message, found.tree.sha)


def make(
    repo: Repository, parents: tuple[str, ...], changes: Mapping[str, Change], message: str, *, seal: bool = False
) -> str:
    """Make a commit that no branch holds yet.

    Args:
        repo: Where.
        parents: The first one's files are what the changes are made to.
        changes: Path → what it becomes; deleting a path that is not there is refused by GitHub.
        message: The commit message. Author and signature are the token's, which GitHub sees to.
        seal: Whether the message ends with the hash of the commit's files.

    Returns:
        The commit's hash; an empty string when its files would be those of its first parent, and there is no other.
    """
    commits = [repo.get_git_commit(parent) for parent in parents]
    tree = commits[0].tree
    for portion in _portions(changes):
        tree = repo.create_git_tree([_element(repo, path, change) for path, change in portion], base_tree=tree)
    if tree.sha == commits[0].tree.sha and len(commits) == 1:
        return ""
    if seal:
        message = f"{message.rstrip()}\n{SEAL}: {tree.sha}\n"
    made: GitCommit = repo.create_git_commit(message, tree, commits)
    return made.sha


def _portions(changes: Mapping[str, Change]) -> Iterator[list[tuple[str, Change]]]:
    portion: list[tuple[str, Change]] = []
    size = 0
    for path, change in sorted(changes.items()):
        weight = len(change.data or b"")
        if portion and (size + weight > _PORTION or len(portion) == _ENTRIES):
            yield portion
            portion, size = [], 0
        portion.append((path, change))
        size += weight
    if portion:
        yield portion


def _element(repo: Repository, path: str, change: Change) -> InputGitTreeElement:
    if change.data is None:
        return InputGitTreeElement(path, change.mode, "blob", sha=None)
    text = _text(change.data)
    if text is not None:
        return InputGitTreeElement(path, change.mode, "blob", content=text)
    made = repo.create_git_blob(base64.b64encode(change.data).decode(), "base64")
    return InputGitTreeElement(path, change.mode, "blob", sha=made.sha)


def _text(data: bytes) -> str | None:
    """Return bytes as the text that JSON carries unchanged; None for what is safer as base64."""
    if not data or b"\0" in data or data.startswith(b"\xef\xbb\xbf") or len(data) > _PORTION:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
