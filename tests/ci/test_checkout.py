"""The branch that is checked out: proven, caught up with, published to."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from tests.ci.conftest import CONFIGURED, OUTSIDE, git

from notionsync.ci.checkout import Checkout
from notionsync.errors import TransientError, UsageError

DOWN = "ssh: connect to host far port 22: Connection timed out"


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


@pytest.fixture
def far(checkout: Checkout, clone: Path) -> Path:
    """Let origin be behind a line; in the file that is returned, each line is what one call says that does not get through."""
    faults, line = clone.parent / "faults", clone.parent / "line"
    faults.write_text("")
    line.write_text(
        f'#!/bin/sh\nsaid=$(head -n 1 "{faults}"); rest=$(tail -n +2 "{faults}"); printf "%s\\n" "$rest" >"{faults}"\n'
        'if [ -n "$said" ]; then echo "$said" >&2; exit 128; fi\nexec sh -c "$2"\n'
    )
    line.chmod(0o755)
    git(clone, "remote", "set-url", "origin", f"ssh://far{clone.parent}/origin.git")
    checkout.env = {**checkout.env, "GIT_SSH_COMMAND": str(line), "GIT_SSH_VARIANT": "simple"}
    return faults


@pytest.fixture
def slept(checkout: Checkout) -> list[float]:
    """How long was waited."""
    found: list[float] = []
    checkout._sleep = found.append
    return found


def test_a_server_that_does_not_answer_is_asked_again(
    checkout: Checkout, clone: Path, far: Path, slept: list[float]
) -> None:
    """For the proof, for catching up and for the push, which may have landed or not; waiting longer each time."""
    far.write_text(f"{DOWN}\nfatal: unable to access 'https://far/': The requested URL returned error: 502\n")
    checkout.prove()
    far.write_text(f"{DOWN}\n")
    checkout.catch_up()
    assert slept == [5.0, 10.0, 5.0]
    start = checkout.head()
    git(clone, "commit", "-q", "--allow-empty", "-m", "Ours")
    far.write_text(f"{DOWN}\n{DOWN}\n")  # the push, and the look whether it has landed
    assert checkout.publish(start) is True
    assert git(clone.parent / "origin.git", "log", "-1", "--format=%s", "main") == "Ours"


def test_a_server_that_stays_away_is_no_mistake_of_the_workflow(
    checkout: Checkout, clone: Path, far: Path, slept: list[float]
) -> None:
    """The exit code asks for another run, and the message says what git said."""
    for ask in (checkout.prove, checkout.catch_up, lambda: checkout.publish("")):
        far.write_text(f"{DOWN}\n" * 9)
        with pytest.raises(TransientError, match=r"cannot be reached: .*timed out"):
            ask()
    assert len(slept) == 9
    git(clone, "commit", "-q", "--allow-empty", "-m", "Ours")
    start = git(clone, "rev-parse", "HEAD^")
    far.write_text(f"{DOWN}\n\n" * 4)  # only what is pushed does not get through
    with pytest.raises(TransientError, match="git push"):
        checkout.publish(start)


@pytest.mark.parametrize(
    "said",
    [
        "remote: Permission to o/r.git denied to github-actions[bot].",
        "error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403",
        "fatal: unable to access 'https://far/': The requested URL returned error: 403",
        "ERROR: Repository not found.",
    ],
)
def test_a_refusal_is_not_asked_for_again(checkout: Checkout, far: Path, slept: list[float], said: str) -> None:
    """Nobody waits for what will not change, and the message says what it was."""
    far.write_text(f"{said}\n")
    with pytest.raises(UsageError, match="cannot be pushed to") as caught:
        checkout.prove()
    assert said in caught.value.message
    assert slept == []


def test_a_checkout_of_another_user_is_named(checkout: Checkout) -> None:
    """As in a job that runs in a container: what helps is said, and not that no branch is checked out."""
    checkout.env = {**checkout.env, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    with pytest.raises(UsageError, match="does not trust the checkout") as caught:
        checkout.prove()
    assert "safe.directory" in caught.value.advice


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


def test_what_an_earlier_step_left_is_not_overwritten(checkout: Checkout, clone: Path) -> None:
    """A file that it changed and did not commit, and that somebody pushed meanwhile, stops the run and stays as it is."""
    other = clone.parent / "other"
    git(clone.parent, "clone", "-q", "origin.git", "other")
    (other / "notionsync.toml").write_text("# theirs\n")
    git(other, "commit", "-q", "-am", "Theirs")
    git(other, "push", "-q", "origin", "main")
    (clone / "notionsync.toml").write_text("# a step before this one\n")
    with pytest.raises(UsageError, match="an earlier step left uncommitted is in the way"):
        checkout.catch_up()
    assert (clone / "notionsync.toml").read_text() == "# a step before this one\n"


def test_a_lost_race_is_told_and_undone(checkout: Checkout, clone: Path) -> None:
    """Nothing is forced: their commit is the branch, ours is taken back with what it left beside it."""
    start = checkout.head()
    theirs = pushed_by_somebody(clone)
    (clone / ".notionsync/cache").mkdir(parents=True)
    (clone / ".notionsync/cache/sightings.json").write_text("{}")
    (clone / "mine.txt").write_text("not ours")
    (clone / "ours.md").write_text("ours")
    checkout.env = {**checkout.env, **checkout.identity()}
    checkout.commit(["ours.md"], "Ours")
    (clone / "notionsync.toml").write_text(f"{CONFIGURED}# a step before this one\n")
    assert checkout.publish(start) is False
    checkout.undo(start)
    assert not (clone / "ours.md").exists()
    assert "a step before" in (clone / "notionsync.toml").read_text()
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


def test_several_commits_become_one_of_the_same_files(checkout: Checkout, clone: Path) -> None:
    """In the words of the last; what an earlier step staged is still staged, and in no commit of ours."""
    start = checkout.head()
    ours = Checkout({**checkout.env, **checkout.identity("Ada <ada@example.org>")})
    (clone / "other.md").write_text("other")
    git(clone, "add", "other.md")
    for name in ("a.md", "b.md"):
        (clone / name).write_text(name)
        ours.commit([name], f"Add {name}")
    ours.join(start)
    assert git(clone, "log", "--format=%s %an", f"{start}..HEAD") == "Add b.md Ada"
    assert git(clone, "show", "--name-only", "--format=").split() == ["a.md", "b.md"]
    assert git(clone, "status", "--porcelain") == "A  other.md"
    last = ours.head()
    ours.join(start)
    assert ours.head() == last


def test_whom_git_knows_commits(checkout: Checkout, clone: Path) -> None:
    """The bot only steps in where nobody is set up."""
    assert checkout.identity()["GIT_AUTHOR_NAME"] == "github-actions[bot]"
    git(clone, "config", "user.email", "kim@example.org")
    assert checkout.identity() == {}


def test_the_token_reaches_git_through_the_environment_alone(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is handed to GitHub when it asks, and to nobody else; it stands neither in arguments nor in git's configuration."""
    monkeypatch.chdir(clone)
    seen: list[list[str]] = []
    real = subprocess.run

    def spy(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        if "push" in command:
            ask = [*command[: command.index("push")], "credential", "fill"]
            for host in ("github.example.com", "github.com", "elsewhere.example"):
                given = {**options, "input": f"protocol=https\nhost={host}\n\n"}
                done: subprocess.CompletedProcess[str] = real(ask, **given)  # type: ignore[call-overload]
                filled.append(done.stdout)
        return real(command, **options)  # type: ignore[call-overload,no-any-return]

    filled: list[str] = []
    monkeypatch.setattr(subprocess, "run", spy)
    token = {**OUTSIDE, "GIT_CONFIG_GLOBAL": os.devnull, "GITHUB_TOKEN": "ghs_secret"}
    Checkout({**token, "GITHUB_SERVER_URL": "https://github.example.com"}).prove()
    Checkout(token).prove()
    given = ["username=x-access-token\npassword=ghs_secret\n" in said for said in filled]
    assert given == [True, False, False, False, True, False]
    assert not any("ghs_secret" in said for said, ours in zip(filled, given, strict=True) if not ours)
    assert not any("ghs_secret" in word for command in seen for word in command)
    assert "ghs_secret" not in (clone / ".git/config").read_text()


class _Server(BaseHTTPRequestHandler):
    """Asks for a password, notes what it is shown, and has nothing."""

    shown: ClassVar[list[str]] = []

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        self.shown.append(given)
        self.send_response(404 if given else 401)
        self.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_the_given_token_publishes_and_not_the_one_that_checked_out(checkout: Checkout, clone: Path) -> None:
    """actions/checkout leaves a header for the job's own token, which may not do what that of an App may."""
    _Server.shown.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        git(clone, "remote", "set-url", "origin", f"{url}/o/r.git")
        git(clone, "config", f"http.{url}/.extraheader", "AUTHORIZATION: basic cGVyc2lzdGVk")
        checkout.env = {**checkout.env, "GITHUB_TOKEN": "ghs_secret", "GITHUB_SERVER_URL": url}
        with pytest.raises(UsageError, match="cannot be pushed to"):
            checkout.prove()
        server.shutdown()
    given = base64.b64encode(b"x-access-token:ghs_secret").decode()
    assert _Server.shown == ["", f"Basic {given}"]
