"""The branch that is checked out: caught up with, published to, never forced."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from notionsync.errors import AccessError, NotionSyncError, UsageError

_BOT = "github-actions[bot]"
_BOT_MAIL = "41898282+github-actions[bot]@users.noreply.github.com"
_ASK = '!f() { test "$1" = get && echo username=x-access-token && echo "password=$GITHUB_TOKEN"; }; f'
"""Hands the token to git when git asks: it stands in no argument, address or file."""


class Checkout:
    """A checkout.

    Args:
        env: The step's environment; the token for `origin` is its `GITHUB_TOKEN`.
        root: The folder of `notionsync.toml`; the current one if None.
    """

    def __init__(self, env: Mapping[str, str], root: Path | None = None) -> None:
        self.env = env
        self.root = root or Path.cwd()
        self.branch = ""

    def prove(self) -> None:
        """Find out that the branch that is checked out can be published to.

        Raises:
            UsageError: HEAD is detached, the branch cannot be pushed to, or a rule of it forbids that.
        """
        branch = self._git("symbolic-ref", "--quiet", "--short", "HEAD", check=False).stdout.strip()
        if not branch:
            raise UsageError(
                "no branch is checked out", advice="run on a branch, with actions/checkout before this action"
            )
        self.branch = branch
        tried = self._git("push", "--dry-run", "--porcelain", "origin", self._target, check=False)
        if tried.returncode and "[rejected]" not in tried.stdout:
            raise UsageError(
                f"{branch} cannot be pushed to, so nothing was written anywhere: {tried.stderr.strip()}",
                advice="permissions: contents: write, for the job",
            )
        self._prove_by_rules()

    def _prove_by_rules(self) -> None:
        """Ask GitHub, too: a dry run of a push meets no rule of a protected branch."""
        token, name = self.env.get("GITHUB_TOKEN", ""), self.env.get("GITHUB_REPOSITORY", "")
        api, server = self.env.get("GITHUB_API_URL", ""), self.env.get("GITHUB_SERVER_URL", "")
        origin = self._git("config", "--get", "remote.origin.url", check=False).stdout.strip()
        if not (token and name and api and server) or urlsplit(origin).netloc != urlsplit(server).netloc:
            return
        from notionsync.sides.github import GitHub

        try:
            with GitHub(token, name, self.branch, base_url=api) as hub:
                hub.prove_writable()
        except AccessError as error:
            raise UsageError(
                f"{error.message}; nothing was written anywhere",
                advice="mode: pull-request, or a token that may push to the branch",
            ) from error

    @property
    def _target(self) -> str:
        return f"HEAD:refs/heads/{self.branch}"

    def catch_up(self) -> None:
        """Move to what the branch is at `origin`, without losing a commit.

        Raises:
            UsageError: There are commits here that `origin` does not have.
        """
        self._fetch()
        if self._git("merge", "--quiet", "--ff-only", "FETCH_HEAD", check=False).returncode:
            raise UsageError(
                f"{self.branch} has commits here that origin does not have", advice="push them in an earlier step"
            )

    def head(self) -> str:
        """Return the commit that is checked out."""
        return self._git("rev-parse", "HEAD").stdout.strip()

    def commit(self, paths: Sequence[str], message: str) -> None:
        """Commit some files and folders, and nothing else; make no commit where they hold nothing new."""
        if not paths or not self._git("status", "--porcelain", "--", *paths).stdout:
            return
        self._git("add", "--all", "--", *paths)
        self._git("commit", "--quiet", "--only", f"--message={message}", "--", *paths)

    def join(self, start: str) -> None:
        """Make one commit of all that were made since one, in the words and the name of the last."""
        last = self.head()
        if self._git("rev-list", "--count", f"{start}..{last}").stdout.strip() not in {"0", "1"}:
            self._git("reset", "--quiet", "--soft", start)
            self._git("commit", "--quiet", f"--reuse-message={last}")

    def changed(self, start: str) -> frozenset[str]:
        """Return the files in which the commit that is checked out differs from another, as seen from the root."""
        listed = self._git("diff", "--name-only", "--relative", "--no-renames", "-z", start, "HEAD").stdout
        return frozenset(listed.split("\0")[:-1])

    def read(self, commit: str, path: str) -> bytes | None:
        """Return what a commit holds at a path."""
        done = subprocess.run(  # noqa: S603 - git, with arguments of our own
            ["git", "cat-file", "blob", f"{commit}:./{path}"],  # noqa: S607 - the runner's git
            cwd=self.root,
            capture_output=True,
            check=False,
        )
        return None if done.returncode else done.stdout

    def blob(self, commit: str, path: str) -> str:
        """Return the hash of what a commit holds at a path; empty for nothing."""
        return self._git("rev-parse", "--quiet", "--verify", f"{commit}:./{path}", check=False).stdout.strip()

    def publish(self, start: str) -> bool:
        """Push; tell whether it landed. False means that somebody else was faster.

        Args:
            start: The commit that the branch was at.

        Raises:
            UsageError: The push was refused for another reason.
        """
        pushed = self._git("push", "--quiet", "origin", self._target, check=False)
        if not pushed.returncode:
            return True
        self._fetch()
        tip = self._git("rev-parse", "FETCH_HEAD").stdout.strip()
        if tip == self.head():
            return True  # only the reply was lost
        if tip == start:
            raise UsageError(
                f"{self.branch} refused the push: {pushed.stderr.strip()}",
                advice="mode: pull-request, or a token that may push to the branch",
            )
        return False

    def undo(self, start: str) -> None:
        """Go back to a commit, and forget what was found out meanwhile about files that are taken back."""
        self._git("reset", "--quiet", "--hard", start)
        self._git("clean", "-fdxq", "--", ".notionsync")

    def identity(self, author: str = "") -> dict[str, str]:
        """Return who commits, as git reads it from the environment.

        Args:
            author: `Name <mail>` of the author; where it is empty, whom git knows, and else the bot.
        """
        known = bool(self._git("config", "user.email", check=False).stdout.strip())
        found = {} if known else _named("COMMITTER", _BOT, _BOT_MAIL) | _named("AUTHOR", _BOT, _BOT_MAIL)
        if author:
            name, _, mail = author.removesuffix(">").rpartition(" <")
            found |= _named("AUTHOR", name, mail)
        return found

    def _fetch(self) -> None:
        self._git("fetch", "--quiet", "--no-tags", "origin", f"refs/heads/{self.branch}")

    def _git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        options = (
            ["-c", "credential.helper=", "-c", f"credential.helper={_ASK}"] if self.env.get("GITHUB_TOKEN") else []
        )
        done = subprocess.run(  # noqa: S603 - git, with arguments of our own
            ["git", *options, *arguments],  # noqa: S607 - the runner's git
            cwd=self.root,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            env={**self.env, "GIT_TERMINAL_PROMPT": "0"},
        )
        if check and done.returncode:
            raise NotionSyncError(f"git {arguments[0]}: {done.stderr.strip()}")
        return done


def _named(role: str, name: str, mail: str) -> dict[str, str]:
    return {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": mail}
