"""The script of the Action: when it runs, how it publishes, what it lets through."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from ruamel.yaml import YAML
from scripts import action

SCRIPT = Path(action.__file__)
CONFIGURED = '[notion]\ndata_source = "38c9ce7b60a481d29260b2f4f0f3a111"\n'


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    identity = ["-c", "user.name=Kim", "-c", "user.email=kim@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with one commit, and the bare repository it came from."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "origin.git")], check=True)
    subprocess.run(["git", "clone", "-q", str(tmp_path / "origin.git"), str(tmp_path / "clone")], check=True)
    folder = tmp_path / "clone"
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    (folder / "notionsync.toml").write_text(CONFIGURED)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Start")
    git(folder, "push", "-q", "origin", "main")
    return folder


def run(folder: Path, step: str, **env: str) -> tuple[int, str, dict[str, str]]:
    """Run a step as the runner does; return exit code, log and outputs."""
    outputs = folder.parent / "outputs"
    outputs.write_text("")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "NOTION_"))}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), step],
        cwd=folder,
        env={**clean, "GITHUB_OUTPUT": str(outputs), "NOTION_TOKEN": "ntn_x", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    pairs = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    return done.returncode, done.stdout + done.stderr, pairs


def test_ready_with_a_token_and_a_data_source(clone: Path) -> None:
    """Then, and only then, is anything installed and run."""
    code, log, outputs = run(clone, "ready", GITHUB_EVENT_NAME="schedule")
    assert (code, log, outputs["ready"]) == (0, "", "true")


@pytest.mark.parametrize(
    ("token", "config", "reason"),
    [
        ("", CONFIGURED, "there is no NOTION_TOKEN"),
        ("ntn_x", None, "there is no notionsync.toml"),
        ("ntn_x", "[files]\nfolder = 'answers'\n", "names no data source"),
        ("ntn_x", "[notion]\ndata_source = ''\n", "names no data source"),
    ],
)
def test_inert_until_there_is_a_token_and_a_data_source(
    clone: Path, token: str, config: str | None, reason: str
) -> None:
    """A copy of the workflow in a fresh repository stays green and says what is missing."""
    (clone / "notionsync.toml").unlink()
    if config is not None:
        (clone / "notionsync.toml").write_text(config)
    code, log, outputs = run(clone, "ready", NOTION_TOKEN=token)
    assert (code, outputs["ready"]) == (0, "false")
    assert log.startswith("::notice title=notionsync::Nothing to do: ")
    assert reason in log


def test_a_broken_configuration_fails(clone: Path) -> None:
    """It is not mistaken for one that is not there yet."""
    (clone / "notionsync.toml").write_text("[notion\n")
    code, log, _ = run(clone, "ready")
    assert code == 2
    assert log.startswith("::error title=notionsync::notionsync.toml: ")


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_pull_requests_are_refused(clone: Path, event: str) -> None:
    """Code from a fork never runs next to a token."""
    code, log, _ = run(clone, "ready", GITHUB_EVENT_NAME=event)
    assert code == 2
    assert "never from a pull request" in log


@pytest.mark.parametrize(("event", "ready"), [("push", "false"), ("schedule", "true"), ("workflow_dispatch", "true")])
def test_our_own_commit_starts_no_run_when_pushed(clone: Path, event: str, ready: str) -> None:
    """A token that triggers workflows does not make them run in circles; the schedule always runs."""
    git(clone, "commit", "-q", "--allow-empty", "-m", "Sync answers with Notion\n\nNotionsync-Run: sync\n")
    _, _, outputs = run(clone, "ready", GITHUB_EVENT_NAME=event)
    assert outputs["ready"] == ready


def test_nothing_runs_where_nothing_can_be_published(clone: Path) -> None:
    """Before Notion is written to, the push is tried; a detached HEAD has no branch to push."""
    hook = clone.parent / "origin.git"
    hook.rename(clone.parent / "gone.git")
    code, log, _ = run(clone, "run")
    assert code == 2
    assert "main cannot be pushed to, so nothing was written anywhere" in log
    git(clone, "checkout", "-q", "--detach")
    assert "no branch is checked out" in run(clone, "run")[1]


def test_commits_that_were_not_pushed_are_not_swept_along(clone: Path) -> None:
    """An earlier step's commit is neither pushed by us nor thrown away, once the branch has moved on."""
    git(clone, "commit", "-q", "--allow-empty", "-m", "Mine")
    mine = git(clone, "rev-parse", "HEAD")
    other = clone.parent / "other"
    git(clone.parent, "clone", "-q", "origin.git", "other")
    git(other, "commit", "-q", "--allow-empty", "-m", "Theirs")
    git(other, "push", "-q", "origin", "main")
    code, log, _ = run(clone, "run")
    assert code == 2
    assert "main has commits here that origin does not have" in log
    assert git(clone, "rev-parse", "HEAD") == mine


def test_an_unknown_command_is_refused(clone: Path) -> None:
    """The input never becomes a command line of its own."""
    code, log, _ = run(clone, "run", COMMAND="sync; rm -rf /")
    assert code == 2
    assert 'must be one of sync, pull, push, not "sync; rm -rf /"' in log


def test_the_token_reaches_git_through_the_environment_alone(clone: Path) -> None:
    """It is handed out when asked for, and stands neither in arguments nor in git's configuration."""
    options = action.credentials({"PUSH_TOKEN": "ghs_secret"})
    assert "ghs_secret" not in " ".join(options)
    done = subprocess.run(
        ["git", *options, "credential", "fill"],
        cwd=clone,
        env={**os.environ, "PUSH_TOKEN": "ghs_secret"},
        input="protocol=https\nhost=github.com\n\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "username=x-access-token\npassword=ghs_secret\n" in done.stdout
    assert action.credentials({}) == []


def test_what_was_printed_cannot_leave_its_place_in_the_summary() -> None:
    """Neither a fence, nor HTML, nor a heading of the text becomes Markdown."""
    hostile = "````\n# owned\n</details><script>\n~~~~\n```text\n"
    tokens = MarkdownIt("commonmark").parse(action.fenced("notionsync sync", hostile))
    assert [token.type for token in tokens] == ["heading_open", "inline", "heading_close", "fence"]
    assert tokens[-1].content == hostile


def test_a_long_report_is_cut() -> None:
    """A summary that is too large would be dropped as a whole."""
    text = action.fenced("notionsync sync", "line\n" * 400_000)
    assert len(text) < action.SUMMARY_LIMIT + 200
    assert "the rest is in the log" in text


WORKFLOWS = [SCRIPT.parents[1] / "action.yml", *sorted((SCRIPT.parents[1] / ".github/workflows").glob("*.yml"))]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_expression_becomes_shell_and_every_action_is_pinned(path: Path) -> None:
    """What comes from outside reaches a script through its environment; other people's actions are named by commit."""
    data = YAML(typ="safe").load(path.read_text())
    jobs = [data["runs"]] if "runs" in data else data["jobs"].values()
    steps = [step for job in jobs for step in job["steps"]]
    assert steps
    for step in steps:
        assert "${{" not in step.get("run", "")
        uses = step.get("uses", "./")
        assert uses == "./" or re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", uses), uses
    if "jobs" in data:
        assert data["permissions"] == {}
