"""git, as far as a sync needs it: what HEAD holds, and one commit of our own paths."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from notionsync.errors import NotionSyncError


class Git:
    """The git checkout that a folder belongs to.

    Args:
        root: A folder; it need not be the top of the checkout, nor be in one.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def _run(self, *args: str, data: bytes | None = None) -> bytes:
        done = subprocess.run(  # noqa: S603 - git, with arguments of our own
            ["git", *args],  # noqa: S607 - the user's git
            cwd=self.root,
            input=data,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise NotionSyncError(f"git {args[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def available(self) -> bool:
        """Tell whether the folder is in a checkout, and git is there to read it."""
        try:
            return self._run("rev-parse", "--is-inside-work-tree").strip() == b"true"
        except (NotionSyncError, OSError):
            return False

    def top(self) -> Path:
        """Return the top folder of the checkout; the folder itself outside of one."""
        try:
            return Path(self._run("rev-parse", "--show-toplevel").decode().rstrip("\n"))
        except (NotionSyncError, OSError):
            return self.root

    def committed_at(self) -> float | None:
        """Return when the newest commit was made, in seconds since the epoch; None if there is none."""
        try:
            return float(self._run("log", "-1", "--format=%ct").decode().strip() or "nan")
        except (NotionSyncError, OSError):
            return None

    def branch(self) -> str:
        """Return the branch that is checked out; empty when HEAD is detached."""
        try:
            return self._run("symbolic-ref", "--quiet", "--short", "HEAD").decode().strip()
        except NotionSyncError:
            return ""

    def remote(self) -> str:
        """Return the address of `origin`; empty when there is none."""
        try:
            return self._run("remote", "get-url", "origin").decode().strip()
        except NotionSyncError:
            return ""

    def head(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Return what HEAD holds at each of the paths; paths it does not have are left out."""
        named = {path: f"HEAD:./{path}" for path in paths}
        found = self._blobs(list(named.values()))
        return {path: found[name] for path, name in named.items() if name in found}

    def versions(self, path: str, *, everywhere: bool = False) -> tuple[bytes, ...]:
        """Return what a path held, newest first; nothing outside of a checkout.

        Args:
            path: The file.
            everywhere: On every branch, and on both sides of a merge that is not finished; else up to HEAD.
        """
        try:
            log = self._run("log", *(["--all"] if everywhere else []), "--full-history", "--format=%H", "--", path)
        except (NotionSyncError, OSError):
            return ()
        names = [f":{stage}:./{path}" for stage in (2, 3, 1)] if everywhere else []
        names += [f"{commit}:./{path}" for commit in log.decode().split()]
        return tuple(dict.fromkeys(self._blobs(names).values()))

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the files that HEAD holds directly in a folder; nothing outside of a checkout."""
        return tuple(path.rpartition("/")[2] for path in self._listed(f"./{folder}/"))

    def below(self, folder: str) -> tuple[str, ...]:
        """Return the paths of all files that HEAD holds below a folder; nothing outside of a checkout."""
        return self._listed("-r", f"./{folder}/")

    def _listed(self, *args: str) -> tuple[str, ...]:
        try:
            listed = self._run("ls-tree", "-z", "--name-only", *args[:-1], "HEAD", args[-1])
        except (NotionSyncError, OSError):
            return ()
        return tuple(path for path in listed.decode(errors="replace").split("\0") if path)

    def unmerged(self) -> frozenset[str]:
        """Return the files of a merge that is not finished, below the root."""
        try:
            listed = self._run("ls-files", "--unmerged", "-z")
        except (NotionSyncError, OSError):
            return frozenset()
        return frozenset(line.partition("\t")[2] for line in listed.decode(errors="replace").split("\0") if line)

    def _blobs(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return the contents of blobs by the names git knows them under; those that are none are left out."""
        asked = [name for name in names if "\n" not in name]
        if not asked:
            return {}
        try:
            answer = self._run("cat-file", "--batch", data="".join(f"{name}\n" for name in asked).encode())
        except NotionSyncError:
            return {}
        found: dict[str, bytes] = {}
        position = 0
        for name in asked:
            line, _, _ = answer[position:].partition(b"\n")
            position += len(line) + 1
            words = line.rsplit(b" ", 2)
            if len(words) == 3 and words[2].isdigit():  # else it says that there is none
                size = int(words[2])
                if words[1] == b"blob":
                    found[name] = answer[position : position + size]
                position += size + 1
        return found

    def commit(self, paths: Sequence[str], message: str) -> str:
        """Commit the given paths, and nothing else that is staged or changed.

        Args:
            paths: Files and folders relative to the root; those that neither exist nor are tracked are left out.
            message: The commit message.

        Returns:
            The new commit's hash, or an empty string when the paths hold nothing new.
        """
        known = [path for path in paths if (self.root / path).exists() or self._run("ls-files", "--", path)]
        if not known or not self._run("status", "--porcelain", "--", *known):
            return ""
        self._run("add", "--all", "--", *known)
        if not self._run("diff", "--cached", "--name-only", "--", *known):
            return ""
        self._run("commit", "--quiet", "--only", f"--message={message}", "--", *known)
        return self._run("rev-parse", "HEAD").decode().strip()
