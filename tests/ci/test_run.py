"""One run of the Action, up to where Notion begins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.ci.conftest import CONFIGURED, OUTSIDE, git

LIST = '[[region]]\nname = "questions"\nfile = "README.md"\n'
README = "# Group\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n"


def run(folder: Path, **env: str) -> tuple[int, str, dict[str, str], str]:
    """Run the step as the runner does; return exit code, log, outputs and summary."""
    outputs, summary = folder.parent / "outputs", folder.parent / "summary.md"
    outputs.write_text("")
    summary.write_text("")
    own = {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": str(folder)}
    git_config = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        [sys.executable, "-I", "-m", "notionsync.ci"],
        cwd=folder,
        env={**OUTSIDE, **own, **git_config, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = outputs.read_text().splitlines()
    pairs = {name.partition("<<")[0]: value for name, value in zip(lines[::3], lines[1::3], strict=True)}
    return done.returncode, done.stdout + done.stderr, pairs, summary.read_text()


@pytest.fixture
def listed(clone: Path) -> Path:
    """A clone with an answer that its list does not have yet."""
    (clone / "notionsync.toml").write_text(CONFIGURED + LIST)
    (clone / "README.md").write_text(README)
    (clone / "answers").mkdir()
    (clone / "answers/Why.md").write_text("---\nquestion: Why?\norder: 1\n---\n\nBecause.\n")
    git(clone, "add", ".")
    git(clone, "commit", "-q", "-m", "An answer")
    git(clone, "push", "-q", "origin", "main")
    return clone


def test_a_wrong_input_ends_the_run_before_anything_is_done(clone: Path) -> None:
    """With exit code 2, an annotation that names it, and a summary that says so."""
    code, log, outputs, summary = run(clone, INPUT_COMMAND="sync; rm -rf /")
    assert code == 2
    assert log == (
        '::error title=notionsync::command: must be one of sync, pull, push, readme, check, not "sync; rm -rf /"\n'
    )
    assert outputs == {}
    assert "nothing was done" in summary


def test_pull_request_target_is_refused(clone: Path) -> None:
    """Also where the first step was left out."""
    code, log, _, _ = run(clone, GITHUB_EVENT_NAME="pull_request_target", INPUT_COMMAND="check")
    assert code == 2
    assert "pull_request_target" in log


@pytest.mark.parametrize(
    ("event", "command", "code"),
    [
        ("pull_request", "check", 6),
        ("pull_request", "sync", 0),
        ("merge_group", "sync", 0),
        ("pull_request_review", "sync", 0),
    ],
)
def test_a_proposal_is_checked_offline(listed: Path, event: str, command: str, code: int) -> None:
    """Answers and lists, with remarks at their files; `check` fails on what it finds, a sync ends green with a notice."""
    (listed / "answers/Broken.md").write_text("---\nquestion: [\n---\n")
    found, log, outputs, summary = run(listed, GITHUB_EVENT_NAME=event, INPUT_COMMAND=command)
    assert found == code, log
    assert "::warning title=notionsync,file=answers/Broken.md" in log
    assert ("nothing was synced with Notion" in log) == (command == "sync")
    assert outputs["changed"] == "false"
    assert "#### " not in summary
    assert "| Where |" in summary
    assert git(listed, "status", "--porcelain") == "?? answers/Broken.md"


def test_a_stale_list_is_found_by_check(listed: Path) -> None:
    """The diff is in the summary, the remark at the README."""
    code, log, _, summary = run(listed, INPUT_COMMAND="check")
    assert code == 6
    assert "::warning title=notionsync,file=README.md::" in log
    assert "+1. Why? [Answer](answers/Why.md)" in summary


@pytest.mark.parametrize("inside", ["", "notes"])
def test_files_are_named_from_the_top_of_the_repository(listed: Path, inside: str) -> None:
    """Wherever notionsync.toml is in it, and wherever in the workspace it was checked out to."""
    folder = listed
    if inside:
        folder = listed / inside
        folder.mkdir()
        git(listed, "mv", "notionsync.toml", "README.md", "answers", inside)
        git(listed, "commit", "-q", "-m", "Move")
    place = {
        "GITHUB_WORKSPACE": str(listed.parent),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "o/r",
    }
    log = run(folder, INPUT_COMMAND="check", **place)[1]
    path = f"{inside}/README.md".lstrip("/")
    assert f"::warning title=notionsync,file={path}::" in log
    (folder / "answers/Broken.md").write_text("---\nquestion: [\n---\n")
    _, log, _, summary = run(folder, INPUT_COMMAND="check", GITHUB_SHA="0" * 40, **place)
    path = f"{inside}/answers/Broken.md".lstrip("/")
    assert f"::warning title=notionsync,file={path}," in log
    assert f'"https://github.com/o/r/blob/{"0" * 40}/{path}?plain=1#L' in summary


def test_lists_are_rebuilt_and_published(listed: Path) -> None:
    """One commit with the trailer; a second run makes none."""
    code, log, outputs, _ = run(listed, INPUT_COMMAND="readme", INPUT_COMMIT_MESSAGE="Lists", NOTION_TOKEN="")
    assert code == 0, log
    commit = git(listed.parent / "origin.git", "rev-parse", "main")
    assert outputs["changed"] == "true"
    assert (outputs["commit"], outputs["files-changed"]) == (commit, "1")
    message = git(listed, "log", "-1", "--format=%B%an")
    assert message == "Lists\n\nNotionsync-Run: readme\ngithub-actions[bot]"
    assert "1. Why? [Answer](answers/Why.md)" in (listed / "README.md").read_text()
    again = run(listed, INPUT_COMMAND="readme")[2]
    assert (again["changed"], again["commit"], again["files-changed"]) == ("false", "", "0")
    assert git(listed.parent / "origin.git", "rev-parse", "main") == commit


def test_what_could_not_be_published_is_told_all_the_same(listed: Path) -> None:
    """The branch refuses the push: later steps and the summary learn what was done, and that no commit holds it."""
    hook = listed.parent / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'not today' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = git(listed.parent / "origin.git", "rev-parse", "main")
    code, log, outputs, summary = run(listed, INPUT_COMMAND="readme")
    assert code == 2, log
    assert (outputs["files-changed"], outputs["commit"]) == ("1", "")
    assert "could not be published" in summary
    assert "not today" in summary
    assert git(listed.parent / "origin.git", "rev-parse", "main") == before


def test_lists_are_left_in_the_workspace(listed: Path) -> None:
    """Mode `none` publishes nothing; a dry run does not even write."""
    assert run(listed, INPUT_COMMAND="readme", INPUT_DRY_RUN="true")[0] == 6
    assert git(listed, "status", "--porcelain") == ""
    assert run(listed, INPUT_COMMAND="readme", INPUT_MODE="none")[0] == 0
    assert git(listed, "status", "--porcelain") == "M README.md"
    assert git(listed, "log", "-1", "--format=%s") == "An answer"


def test_a_run_that_cannot_begin_tells_why(clone: Path) -> None:
    """Without a token it is the program's own error, once, in annotation and summary."""
    code, log, outputs, summary = run(clone, INPUT_MODE="none", INPUT_COMMAND="pull")
    assert code == 2
    assert log.count("::error title=notionsync::NOTION_TOKEN is not set") == 1
    assert outputs["changed"] == "false"
    assert "### notionsync pull: nothing was done" in summary


def test_the_program_does_not_get_what_it_has_no_use_for(clone: Path, tmp_path: Path) -> None:
    """Neither GitHub's token nor the inputs, while git publishes."""
    seen = tmp_path / "bin"
    seen.mkdir()
    (seen / "python").symlink_to(sys.executable)
    program = seen / "notionsync"
    program.write_text(
        f"#!{sys.executable}\nimport os, json\nopen({str(tmp_path / 'env')!r}, 'w').write(json.dumps(dict(os.environ)))\n"
    )
    program.chmod(0o755)
    code = (
        "import sys, os; sys.executable = sys.argv[1]; from notionsync.ci.run import main; sys.exit(main(os.environ))"
    )
    tokens = {"GITHUB_TOKEN": "ghs_0123456789", "NOTION_TOKEN": "ntn_0123456789", "INPUT_MODE": "none"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(seen / "python")], cwd=clone, env={**OUTSIDE, **tokens}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    env = json.loads((tmp_path / "env").read_text())
    assert env["NOTION_TOKEN"] == tokens["NOTION_TOKEN"]
    assert not [key for key in env if key.startswith(("INPUT_", "GITHUB_"))]
    assert done.stdout.startswith("::add-mask::ntn_0123456789\n::add-mask::ghs_0123456789\n::stop-commands::")


@pytest.mark.parametrize(
    ("event", "old", "warned"), [("schedule", True, True), ("schedule", False, False), ("push", True, False)]
)
def test_a_schedule_tells_when_it_is_about_to_end(listed: Path, event: str, *, old: bool, warned: bool) -> None:
    """GitHub switches it off where nothing is committed for long, and nobody would see that it no longer runs."""
    assert run(listed, INPUT_COMMAND="readme")[0] == 0
    if old:
        at = {"GIT_COMMITTER_DATE": "2001-01-01T00:00:00Z"}
        subprocess.run(
            ["git", "-c", "user.name=K", "-c", "user.email=k@example.org", "commit", "-q", "--amend", "-C", "HEAD"],
            cwd=listed, check=True, env={**os.environ, **at},
        )  # fmt: skip
        git(listed, "push", "-q", "--force", "origin", "main")
    workflow = "o/r/.github/workflows/nightly.yml@refs/heads/main"
    code, log, _, _ = run(listed, INPUT_COMMAND="readme", GITHUB_EVENT_NAME=event, GITHUB_WORKFLOW_REF=workflow)
    assert code == 0
    assert ("::warning title=notionsync::the newest commit is " in log) == warned
    assert ("gh workflow enable nightly.yml" in log) == warned
