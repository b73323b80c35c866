"""When the Action runs, and when it says why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scripts import ready

SCRIPT = Path(ready.__file__)
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


def run(folder: Path, **env: str) -> tuple[int, str, dict[str, str]]:
    """Run the step as the runner does; return exit code, log and outputs."""
    outputs = folder.parent / "outputs"
    outputs.write_text("")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "NOTION_", "INPUT_"))}
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT)],
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
    code, log, outputs = run(clone, GITHUB_EVENT_NAME="schedule")
    assert (code, log, outputs["ready"]) == (0, "", "true")


@pytest.mark.parametrize(
    ("token", "config", "reason"),
    [
        ("", CONFIGURED, "there is no NOTION_TOKEN"),
        ("ntn_x", None, "there is no notionsync.toml"),
        ("ntn_x", "[files]\nfolder = 'answers'\n", "names no data source"),
        ("ntn_x", "[notion]\ndata_source = ''\n", "names no data source"),
        ("ntn_x", "[[collection]]\nname = 'terms'\n", "names no data source"),
    ],
)
def test_inert_until_there_is_a_token_and_a_data_source(
    clone: Path, token: str, config: str | None, reason: str
) -> None:
    """A copy of the workflow in a fresh repository stays green and says what is missing."""
    (clone / "notionsync.toml").unlink()
    if config is not None:
        (clone / "notionsync.toml").write_text(config)
    code, log, outputs = run(clone, NOTION_TOKEN=token)
    assert (code, outputs["ready"]) == (0, "false")
    assert log.startswith("::notice title=notionsync::Nothing to do: ")
    assert reason in log


@pytest.mark.parametrize(("mode", "ready"), [("api", "true"), ("pull-request", "true"), ("commit", "false")])
def test_without_a_checkout_github_is_asked(tmp_path: Path, mode: str, ready: str) -> None:
    """With the modes that need none; the program says what is missing there."""
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty", INPUT_MODE=mode)[2]["ready"] == ready
    assert run(tmp_path / "empty", INPUT_MODE=mode, NOTION_TOKEN="")[2]["ready"] == "false"


@pytest.mark.parametrize(
    ("system", "machine", "code"),
    [("Linux", "X64", 0), ("Linux", "ARM64", 0), ("macOS", "ARM64", 0), ("macOS", "X64", 2), ("Windows", "X64", 2)],
)
def test_a_runner_that_cannot_run_it_is_told_so(clone: Path, system: str, machine: str, code: int) -> None:
    """Before pip says something about a package that nobody asked for."""
    found, log, _ = run(clone, RUNNER_OS=system, RUNNER_ARCH=machine)
    assert found == code
    assert ("ubuntu-latest" in log) == bool(code)


def test_a_broken_configuration_fails(clone: Path) -> None:
    """It is not mistaken for one that is not there yet."""
    (clone / "notionsync.toml").write_text("[notion\n")
    code, log, _ = run(clone)
    assert code == 2
    assert log.startswith("::error title=notionsync::notionsync.toml: ")


def test_runs_beside_strangers_code_are_refused(clone: Path) -> None:
    """`pull_request_target` has secrets, and what it looks at comes from anybody."""
    code, log, outputs = run(clone, GITHUB_EVENT_NAME="pull_request_target", INPUT_COMMAND="check")
    assert (code, outputs) == (2, {})
    assert log.startswith("::error title=notionsync::pull_request_target runs next to secrets")


@pytest.mark.parametrize(
    ("event", "command"),
    [
        ("pull_request", "sync"),
        ("pull_request", "check"),
        ("push", "check"),
        ("schedule", "readme"),
        ("merge_group", "sync"),
    ],
)
def test_what_needs_no_token_runs_without_one(clone: Path, event: str, command: str) -> None:
    """Pull requests from forks are checked, and lists are rebuilt."""
    code, log, outputs = run(clone, GITHUB_EVENT_NAME=event, INPUT_COMMAND=command, NOTION_TOKEN="")
    assert (code, log, outputs["ready"]) == (0, "", "true")


def ours(clone: Path, **files: str) -> None:
    """Commit some files in our name."""
    for name, text in files.items():
        path = clone / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    git(clone, "add", ".")
    git(clone, "commit", "-q", "--allow-empty", "-m", "Sync answers with Notion\n\nNotionsync-Run: sync\n")


@pytest.mark.parametrize(("event", "ready"), [("push", "false"), ("schedule", "true"), ("workflow_dispatch", "true")])
def test_our_own_commit_starts_no_run_when_pushed(clone: Path, event: str, ready: str) -> None:
    """A token that triggers workflows does not make them run in circles; the schedule always runs."""
    ours(clone, answers__A="a", README="list", **{".notionsync__state.json": "{}"})
    (clone / "notionsync.toml").write_text(CONFIGURED + '[[region]]\nname = "questions"\nfile = "README"\n')
    _, _, outputs = run(clone, GITHUB_EVENT_NAME=event)
    assert outputs["ready"] == ready


@pytest.mark.parametrize(("told", "ready"), [("HEAD^", "false"), ("HEAD^^", "true"), ("", "false")])
def test_commits_that_were_pushed_with_ours_start_a_run(clone: Path, told: str, ready: str) -> None:
    """The event tells what the branch was at; an event that does not leaves it at what the commit says."""
    (clone / "answers").mkdir()
    (clone / "answers/Mine.md").write_text("mine")
    git(clone, "add", ".")
    git(clone, "commit", "-q", "-m", "Mine")
    ours(clone, answers__A="a")
    event = clone.parent / "event.json"
    event.write_text(json.dumps({"before": git(clone, "rev-parse", told)} if told else {}))
    assert run(clone, GITHUB_EVENT_NAME="push", GITHUB_EVENT_PATH=str(event))[2]["ready"] == ready


COLLECTION = '[[collection]]\nname = "weeks"\ndata_source = "38c9ce7b60a481d29260b2f4f0f3a111"\nassets = "pictures"\n'


@pytest.mark.parametrize(
    ("config", "files", "ready"),
    [
        (COLLECTION, {"other__A": "a"}, "true"),
        (COLLECTION, {"weeks__A": "a", "pictures__p": "p", ".notionsync__x": "{}"}, "false"),
        (CONFIGURED + COLLECTION + 'folder = "plan"\n', {"plan__A": "a", "answers__B": "b"}, "false"),
        (CONFIGURED + COLLECTION + 'folder = "plan"\n', {"weeks__A": "a"}, "true"),
    ],
)
def test_the_folders_of_all_collections_are_ours(clone: Path, config: str, files: dict[str, str], ready: str) -> None:
    """A repository may have named collections alone; their data sources count, too."""
    (clone / "notionsync.toml").write_text(config)
    git(clone, "add", ".")
    git(clone, "commit", "-q", "-m", "Configure")
    ours(clone, **files)
    assert run(clone, GITHUB_EVENT_NAME="push")[2]["ready"] == ready


@pytest.mark.parametrize("files", [{}, {"answers__A": "a", "src": "x"}, {"README": "not a list of ours"}])
def test_a_commit_that_holds_more_than_ours_starts_a_run(clone: Path, files: dict[str, str]) -> None:
    """The trailer alone proves nothing: a squashed commit may carry it next to somebody's work."""
    ours(clone, **files)
    assert run(clone, GITHUB_EVENT_NAME="push")[2]["ready"] == "true"


def test_our_own_commit_is_known_in_a_shallow_clone(clone: Path) -> None:
    """As actions/checkout makes it; where the parent cannot be fetched, the run takes place."""
    ours(clone, answers__A="a")
    git(clone, "push", "-q", "origin", "main")
    origin = clone.parent / "origin.git"
    for name, told in (("near", "false"), ("cut", "true")):
        folder = clone.parent / name
        git(clone.parent, "clone", "-q", "--depth=1", origin.as_uri(), name)
        if name == "cut":
            git(folder, "remote", "remove", "origin")
        assert run(folder, GITHUB_EVENT_NAME="push")[2]["ready"] == told


def test_a_runner_without_git_gets_as_far_as_the_step_that_says_so(clone: Path, tmp_path: Path) -> None:
    """As a slim container; it is no reason to break off with a traceback."""
    (tmp_path / "bin").mkdir()
    assert run(clone, GITHUB_EVENT_NAME="push", PATH=str(tmp_path / "bin")) == (0, "", {"ready": "true"})
