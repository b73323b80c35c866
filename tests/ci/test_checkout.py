"""The branch that is checked out: proven, caught up with, published to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.ci.conftest import OUTSIDE, git

from notionsync.ci.checkout import Checkout
from notionsync.errors import UsageError


@pytest.fixture
def checkout(clone: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """The clone as the Action sees it, proven to be publishable."""
    monkeypatch.chdir(clone)
    found = Checkout({**OUTSIDE, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"})
    found.prove()
    return found


def pushed_by_somebody(clone: Path) -> str:
    """Have somebody push; return their commit."""
    other = clone.parent / "other"
    git(clone.parent, "clone", "-q", "origin.git", "other")
    git(other, "commit", "-q", "--allow-empty", "-m", "Theirs")
    git(other, "push", "-q", "origin", "main")
    return git(other, "rev-parse", "HEAD")


def test_nothing_runs_where_nothing_can_be_published(checkout: Checkout, clone: Path) -> None:
    """Before Notion is written to, the push is tried; a detached HEAD has no branch to push."""
    (clone.parent / "origin.git").rename(clone.parent / "gone.git")
    with pytest.raises(UsageError, match="main cannot be pushed to, so nothing was written anywhere") as caught:
        checkout.prove()
    assert "contents: write" in caught.value.advice
    git(clone, "checkout", "-q", "--detach")
    with pytest.raises(UsageError, match="no branch is checked out"):
        checkout.prove()


def test_commits_that_were_not_pushed_are_not_swept_along(checkout: Checkout, clone: Path) -> None:
    """An earlier step's commit is neither pushed by us nor thrown away, once the branch has moved on."""
    git(clone, "commit", "-q", "--allow-empty", "-m", "Mine")
    mine = git(clone, "rev-parse", "HEAD")
    pushed_by_somebody(clone)
    with pytest.raises(UsageError, match="main has commits here that origin does not have"):
        checkout.catch_up()
    assert git(clone, "rev-parse", "HEAD") == mine


def test_a_lost_race_is_told_and_undone(checkout: Checkout, clone: Path) -> None:
    """Nothing is forced: their commit is the branch, ours is taken back with what it left beside it."""
    start = checkout.head()
    theirs = pushed_by_somebody(clone)
    (clone / ".notionsync/cache").mkdir(parents=True)
    (clone / ".notionsync/cache/sightings.json").write_text("{}")
    (clone / "mine.txt").write_text("not ours")
    git(clone, "commit", "-q", "--allow-empty", "-m", "Ours")
    assert checkout.publish(start) is False
    checkout.undo(start)
    checkout.catch_up()
    assert checkout.head() == theirs == git(clone.parent / "origin.git", "rev-parse", "main")
    assert not (clone / ".notionsync").exists()
    assert (clone / "mine.txt").exists()


def test_a_push_whose_reply_was_lost_has_landed(
    checkout: Checkout, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The branch is where we wanted it; it is not published twice."""
    start = checkout.head()
    git(clone, "commit", "-q", "--allow-empty", "-m", "Ours")
    git(clone, "push", "-q", "origin", "main")
    real = subprocess.run

    def lost(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        if "push" in command:
            return subprocess.CompletedProcess(command, 128, "", "the remote end hung up")
        return real(command, **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(subprocess, "run", lost)
    assert checkout.publish(start) is True


def test_a_refused_push_says_what_to_do(checkout: Checkout, clone: Path) -> None:
    """A rule of the branch is no race."""
    hook = clone.parent / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho GH006: Protected branch update failed >&2\nexit 1\n")
    hook.chmod(0o755)
    start = checkout.head()
    git(clone, "commit", "-q", "--allow-empty", "-m", "Ours")
    with pytest.raises(UsageError, match="GH006") as caught:
        checkout.publish(start)
    assert "mode: pull-request" in caught.value.advice


def test_only_the_named_files_are_committed_by_whom_it_is_said(checkout: Checkout, clone: Path) -> None:
    """The author is the given one, the committer the bot; what else changed, or is staged, stays as it is."""
    (clone / "README.md").write_text("list")
    (clone / "other.md").write_text("other")
    git(clone, "add", "other.md")
    named = Checkout({**checkout.env, **checkout.identity("Ada <ada@example.org>")})
    named.commit(["README.md"], "Lists\n\nNotionsync-Run: readme\n")
    named.commit([], "Nothing")
    assert git(clone, "log", "-1", "--format=%an <%ae> %cn") == "Ada <ada@example.org> github-actions[bot]"
    assert git(clone, "show", "--name-only", "--format=") == "README.md"


def test_whom_git_knows_commits(checkout: Checkout, clone: Path) -> None:
    """The bot only steps in where nobody is set up."""
    assert checkout.identity()["GIT_AUTHOR_NAME"] == "github-actions[bot]"
    git(clone, "config", "user.email", "kim@example.org")
    assert checkout.identity() == {}


def test_the_token_reaches_git_through_the_environment_alone(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is handed out when asked for, and stands neither in arguments nor in git's configuration."""
    monkeypatch.chdir(clone)
    seen: list[list[str]] = []
    real = subprocess.run

    def spy(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        if "push" in command:
            ask = [*command[: command.index("push")], "credential", "fill"]
            given = {**options, "input": "protocol=https\nhost=github.com\n\n"}
            done: subprocess.CompletedProcess[str] = real(ask, **given)  # type: ignore[call-overload]
            filled.append(done.stdout)
        return real(command, **options)  # type: ignore[call-overload,no-any-return]

    filled: list[str] = []
    monkeypatch.setattr(subprocess, "run", spy)
    Checkout({**OUTSIDE, "GITHUB_TOKEN": "ghs_secret"}).prove()
    assert "username=x-access-token\npassword=ghs_secret\n" in filled[0]
    assert not any("ghs_secret" in word for command in seen for word in command)
    assert "ghs_secret" not in (clone / ".git/config").read_text()
