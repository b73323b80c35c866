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
        if not paths:
            return {}
        request = "".join(f"HEAD:./{path}\n" for path in paths if "\n" not in path)
        try:
            answer = self._run("cat-file", "--batch", data=request.encode())
        except NotionSyncError:
            return {}
        found: dict[str, bytes] = {}
        position = 0
        for path in paths:
            line, _, _ = answer[position:].partition(b"\n")
            position += len(line) + 1
            words = line.rsplit(b" ", 2)
            if len(words) == 3 and words[1] == b"blob":
                size = int(words[2])
                found[path] = answer[position : position + size]
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
