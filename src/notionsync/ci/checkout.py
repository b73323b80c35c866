"""The branch that is checked out: caught up with, published to, never forced."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from notionsync.errors import AccessError, NotionSyncError, TransientError, UsageError

_BOT = "github-actions[bot]"
_BOT_MAIL = "41898282+github-actions[bot]@users.noreply.github.com"
_SERVER = "https://github.com"
_ASK = '!f() { test "$1" = get && echo username=x-access-token && echo "password=$GITHUB_TOKEN"; }; f'
"""Hands the token to git when git asks: it stands in no argument, address or file."""
_LOST = re.compile(
    r"unable to access|unable to connect|could not resolve|timed out|connection (?:reset|refused|closed)|rpc failed|early eof"
    r"|unexpected disconnect|hung up unexpectedly|internal server error",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"returned error: 4(?!29)\d\d")
"""What git says when the way to the server, or the server itself, is at fault; and when all the same it is what was asked."""
_TRIES = 4
_PAUSE = 5.0
"""Seconds before the second try to reach the server; doubled for each further one."""


class Checkout:
    """A checkout.

    Args:
        env: The step's environment; the token for `origin` is its `GITHUB_TOKEN`.
        root: The folder of `notionsync.toml`; the current one if None.
        sleep: Waits, before the server is asked again that could not be reached.
    """

    def __init__(
        self, env: Mapping[str, str], root: Path | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.env = env
        self.root = root or Path.cwd()
        self.branch = ""
        self._sleep = sleep

    def prove(self) -> None:
        """Find out that the branch that is checked out can be published to.

        Raises:
            TransientError: The server cannot be reached.
            UsageError: HEAD is detached, the branch cannot be pushed to, or a rule of it forbids that.
        """
        found = self._git("symbolic-ref", "--quiet", "--short", "HEAD", check=False)
        if "dubious ownership" in found.stderr:  # a job in a container, whose user is not the one that checked out
            raise UsageError(
                f"git does not trust the checkout, which belongs to another user: {self.root}",
                advice='a step before this one: git config --global --add safe.directory "$GITHUB_WORKSPACE"',
            )
        self.branch = found.stdout.strip()
        if not self.branch:
            raise UsageError(
                "no branch is checked out", advice="run on a branch, with actions/checkout before this action"
            )
        branch = self.branch
        tried = self._asked("push", "--dry-run", "--porcelain", "origin", self._target)
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
            TransientError: The server cannot be reached.
            UsageError: There are commits here that `origin` does not have, or files that would be overwritten.
        """
        self._fetch()
        moved = self._git("merge", "--quiet", "--ff-only", "FETCH_HEAD", check=False)
        if moved.returncode and "would be overwritten" in moved.stderr:
            raise UsageError(
                f"{self.branch} moved on, and what an earlier step left uncommitted is in the way: {moved.stderr.strip()}",
                advice="commit and push it in that step",
            )
        if moved.returncode:
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
        """Make one commit of all that were made since one, in the words and the name of the last; what is staged stays out."""
        last = self.head()
        if self._git("rev-list", "--count", f"{start}..{last}").stdout.strip() in {"0", "1"}:
            return
        with tempfile.TemporaryDirectory() as folder:
            beside = Checkout({**self.env, "GIT_INDEX_FILE": str(Path(folder, "index"))}, self.root)
            beside._git("read-tree", last)
            beside._git("reset", "--quiet", "--soft", start)
            beside._git("commit", "--quiet", f"--reuse-message={last}")

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
            TransientError: The server cannot be reached.
            UsageError: The push was refused for another reason.
        """
        said = ""
        for attempt in range(_TRIES):
            self._pause(attempt)
            pushed = self._git("push", "--quiet", "origin", self._target, check=False)
            if not pushed.returncode:
                return True
            self._fetch()
            tip = self._git("rev-parse", "FETCH_HEAD").stdout.strip()
            if tip == self.head():
                return True  # only the reply was lost
            if tip != start:
                return False
            said = pushed.stderr.strip()
            if not _lost(said):
                raise UsageError(
                    f"{self.branch} refused the push: {said}",
                    advice="mode: pull-request, or a token that may push to the branch",
                )
        raise _unreached("push", said)

    def undo(self, start: str) -> None:
        """Go back to a commit, and forget what was found out meanwhile about files that are taken back.

        What earlier steps of the job changed, and did not commit, stays as it is.
        """
        self._git("reset", "--quiet", "--keep", start)
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
        done = self._asked("fetch", "--quiet", "--no-tags", "origin", f"refs/heads/{self.branch}")
        if done.returncode:
            raise NotionSyncError(f"git fetch: {done.stderr.strip()}")

    def _asked(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run git until it reaches the server.

        Raises:
            TransientError: It does not.
        """
        said = ""
        for attempt in range(_TRIES):
            self._pause(attempt)
            done = self._git(*arguments, check=False)
            said = done.stderr.strip()
            if not done.returncode or not _lost(said):
                return done
        raise _unreached(arguments[0], said)

    def _pause(self, attempt: int) -> None:
        if attempt:
            self._sleep(_PAUSE * 2 ** (attempt - 1))

    def _by_token(self) -> list[str]:
        """Return the options that let git show the token to GitHub, and to nobody else.

        A header that actions/checkout has left for the job's own token would come before any other
        (github.com/actions/checkout/issues/162); an empty one takes it back (git-config(1), `http.extraHeader`).
        """
        if not self.env.get("GITHUB_TOKEN"):
            return []
        server = self.env.get("GITHUB_SERVER_URL") or _SERVER
        helper = f"credential.{server}.helper"
        return ["-c", f"{helper}=", "-c", f"{helper}={_ASK}", "-c", f"http.{server}/.extraHeader="]

    def _git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(  # noqa: S603 - git, with arguments of our own
            ["git", *self._by_token(), *arguments],  # noqa: S607 - the runner's git
            cwd=self.root,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            env={**self.env, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )
        if check and done.returncode:
            raise NotionSyncError(f"git {arguments[0]}: {done.stderr.strip()}")
        return done


def _lost(said: str) -> bool:
    return _LOST.search(said) is not None and _REFUSED.search(said) is None


def _unreached(command: str, said: str) -> TransientError:
    return TransientError(
        f"git {command}: the server cannot be reached: {said}", advice="run the workflow again, later"
    )


def _named(role: str, name: str, mail: str) -> dict[str, str]:
    return {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": mail}
