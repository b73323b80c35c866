"""The scheduled workflow, run for real with act in host mode, against a served emulator and a bare origin."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
CHECKED_OUT = (
    "action.yml",
    ".github",
    "scripts",
    "src",
    "pyproject.toml",
    "requirements.txt",
    "LICENSE",
    ".gitignore",
    ".gitattributes",
)
OUTSIDE = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
"""The environment without that of a workflow which runs these tests."""
README = "# Reading group\n\n1. Why shuffle? [Answer](answers/Shuffle.md)\n2. What is a tensor?\n\nBye.\n"


class Emulator(NamedTuple):
    """A served emulator: where it listens, the token it knows, and the page that it starts with."""

    url: str
    token: str
    page: str

    def call(self, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
        """Do something in Notion, as a person would."""
        headers = {"Authorization": f"Bearer {self.token}", "Notion-Version": "2026-03-11"}
        answer = httpx.request(method, f"{self.url}/v1/{path}", json=body, headers=headers).raise_for_status()
        data: dict[str, Any] = answer.json()
        return data


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """Serve a Notion for as long as a test runs."""
    command = [str(BIN / "notionsync"), "emulator", "--port", "0", "--db", str(tmp_path / "notion.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, token, page = (process.stdout.readline().split("=")[-1].split()[-2:] for _ in range(3))
        yield Emulator(url[-1], token[-1], page[0])
        process.terminate()


@pytest.fixture
def clone(tmp_path: Path, emulator: Emulator) -> Path:
    """A clone of a repository that has just been connected to Notion, with the sources of this one beside its answers."""
    origin, folder = tmp_path / "origin.git", tmp_path / "clone"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    subprocess.run(["git", "clone", "-q", str(origin), str(folder)], check=True)
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *CHECKED_OUT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
            (folder / name).chmod((ROOT / name).stat().st_mode)
    (folder / "README.md").write_text(README)
    (folder / "answers").mkdir()
    (folder / "answers/Shuffle.md").write_text("Order teaches **nothing**.\n")
    env = {**OUTSIDE, "NOTION_BASE_URL": emulator.url, "NOTION_TOKEN": emulator.token}
    for command in (["readme", "init"], ["init", "--create", "--parent", emulator.page]):
        subprocess.run([BIN / "notionsync", *command], cwd=folder, env=env, check=True, capture_output=True)
    settings = folder / "notionsync.toml"
    settings.write_text(settings.read_text().replace("[notion]\n", "[notion]\nrequests_per_minute = 6000\n"))
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Start")
    git(folder, "push", "-q", "origin", "main")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    identity = ["-c", "user.name=Kim", "-c", "user.email=kim@example.org", "-c", "core.quotePath=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def act(folder: Path, event: str, emulator: Emulator, *options: str) -> str:
    """Run the workflow on this machine, without Docker and without an identity for git; return its log."""
    pip = [
        option for key, value in os.environ.items() if key.startswith("PIP_") for option in ("--env", f"{key}={value}")
    ]
    command = [
        str(BIN / "act"), event, "-W", ".github/workflows/notionsync.yml", "-P", "ubuntu-latest=-self-hosted",
        "--no-cache-server", "--action-offline-mode", "--env", f"NOTION_BASE_URL={emulator.url}",
        "--env", "GIT_CONFIG_GLOBAL=/dev/null", "--env", "GIT_CONFIG_NOSYSTEM=1", *pip, *options,
    ]  # fmt: skip
    env = {
        **OUTSIDE,
        "XDG_CACHE_HOME": str(folder.parent / "cache"),
        "XDG_CONFIG_HOME": str(folder.parent / "config"),
    }
    done = subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def published(folder: Path) -> str:
    """The commit that main is at, at the origin."""
    return git(folder, "ls-remote", "origin", "refs/heads/main").split()[0]


def step(folder: Path, emulator: Emulator) -> subprocess.CompletedProcess[str]:
    """Run the Action's last step by itself."""
    summary = folder.parent / "summary.md"
    env = {"NOTION_BASE_URL": emulator.url, "NOTION_TOKEN": emulator.token, "GITHUB_STEP_SUMMARY": str(summary)}
    command = [sys.executable, "-I", "-m", "notionsync.ci"]
    return subprocess.run(command, cwd=folder, env={**OUTSIDE, **env}, capture_output=True, text=True, check=False)


def data_source(folder: Path) -> str:
    """The id that `init` wrote."""
    return (folder / "notionsync.toml").read_text().split('data_source = "')[1][:32]


@pytest.mark.act
def test_the_scheduled_workflow_commits_once_and_then_no_more(clone: Path, emulator: Emulator) -> None:
    """A question from Notion and the answers here meet in one commit with README and state; a second run adds none."""
    source = data_source(clone)
    title = {"Question": {"title": [{"text": {"content": "Who asked this in Notion?"}}]}}
    emulator.call(
        "POST", "pages", {"parent": {"type": "data_source_id", "data_source_id": source}, "properties": title}
    )
    start = git(clone, "rev-parse", "HEAD")

    log = act(clone, "schedule", emulator, "-s", f"NOTION_TOKEN={emulator.token}")
    assert published(clone) != start, log
    git(clone, "pull", "-q", "--ff-only", "origin", "main")
    assert git(clone, "rev-list", "--count", f"{start}..HEAD") == "1"
    changed = set(git(clone, "diff", "--name-only", start).splitlines())
    assert {"README.md", "answers/Shuffle.md", ".notionsync/state.json"} <= changed
    assert all(path == "README.md" or path.startswith(("answers/", ".notionsync/")) for path in changed)
    assert "Notionsync-Run: sync" in git(clone, "log", "-1", "--format=%B")
    assert "github-actions[bot]" in git(clone, "log", "-1", "--format=%an")
    assert "\n3. Who asked this in Notion?\n" in (clone / "README.md").read_text()
    assert emulator.token not in log

    first = git(clone, "rev-parse", "HEAD")
    act(clone, "schedule", emulator, "-s", f"NOTION_TOKEN={emulator.token}")
    assert published(clone) == first


@pytest.mark.act
def test_the_workflow_is_inert_without_a_token(clone: Path, emulator: Emulator) -> None:
    """A repository without the secret gets a green run that says what is missing, installs nothing and commits nothing."""
    start = git(clone, "rev-parse", "HEAD")
    log = act(clone, "schedule", emulator)
    assert "there is no NOTION_TOKEN" in log
    assert "Install notionsync" not in log
    assert published(clone) == start


@pytest.mark.act
def test_a_dispatched_dry_run_writes_nothing_anywhere(clone: Path, emulator: Emulator) -> None:
    """It prints what a run would do."""
    start = git(clone, "rev-parse", "HEAD")
    inputs = clone.parent / "event.json"
    inputs.write_text('{"inputs": {"dry-run": "true"}}')
    log = act(clone, "workflow_dispatch", emulator, "-s", f"NOTION_TOKEN={emulator.token}", "-e", str(inputs))
    assert "answers/Shuffle.md" in log
    assert published(clone) == start
    query = emulator.call("POST", f"data_sources/{data_source(clone)}/query", {})
    assert query["results"] == []


def test_a_push_that_lost_a_race_is_recomputed(clone: Path, emulator: Emulator) -> None:
    """Somebody pushes between our commit and our push: their commit stays, ours is made anew on top, Notion gets no doubles."""
    other = clone.parent / "other"
    git(clone.parent, "clone", "-q", "origin.git", "other")
    (other / "answers/Shuffle.md").write_text((other / "answers/Shuffle.md").read_text() + "\nTheirs.\n")
    git(other, "commit", "-q", "-am", "Theirs")
    # The first push is the one that only proves that pushing is allowed.
    hook = clone / ".git/hooks/pre-push"
    hook.write_text(
        f'#!/bin/sh\necho x >> "{clone.parent}/pushes"\n'
        f'[ "$(wc -l < "{clone.parent}/pushes")" -ne 2 ] || env -u GIT_DIR git -C "{other}" push -q origin main\n'
    )
    hook.chmod(0o755)

    done = step(clone, emulator)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Somebody pushed meanwhile" in done.stdout
    git(clone, "fetch", "-q", "origin")
    assert git(clone, "log", "--format=%s", "origin/main") == "Sync answers with Notion\nTheirs\nStart"
    assert "Theirs." in git(clone, "show", "origin/main:answers/Shuffle.md")
    assert "notion_id" in git(clone, "show", "origin/main:answers/Shuffle.md")
    pages = emulator.call("POST", f"data_sources/{data_source(clone)}/query", {})["results"]
    assert len(pages) == 2


def test_a_conflict_is_published_around_and_reported(clone: Path, emulator: Emulator) -> None:
    """Exit code 3, a warning, the report in the summary; everything else is synced, both versions stay."""
    assert step(clone, emulator).returncode == 0
    pages = emulator.call("POST", f"data_sources/{data_source(clone)}/query", {})["results"]
    page = next(p for p in pages if p["properties"]["Question"]["title"][0]["plain_text"] == "Why shuffle?")
    block = emulator.call("GET", f"blocks/{page['id']}/children")["results"][0]
    text = [{"type": "text", "text": {"content": "::error::Order teaches a lot."}}]
    emulator.call("PATCH", f"blocks/{block['id']}", {"paragraph": {"rich_text": text}})
    for name, old, new in (("Shuffle", "**nothing**", "little"), ("What_is_a_tensor", "---\n", "---\n")):
        path = clone / f"answers/{name}.md"
        path.write_text(path.read_text().replace(old, new) + ("An array.\n" if name != "Shuffle" else ""))
    git(clone, "commit", "-q", "-am", "Edit both")
    git(clone, "push", "-q", "origin", "main")
    start = git(clone, "rev-parse", "HEAD")

    done = step(clone, emulator)
    assert done.returncode == 3, done.stdout + done.stderr
    assert (
        "\n::warning title=notionsync,file=answers/Shuffle.md::answers/Shuffle.md: both sides changed body"
        in done.stdout
    )
    assert "\n::error" not in done.stdout
    assert "answers/Shuffle.md" in (clone.parent / "summary.md").read_text()
    assert published(clone) == git(clone, "rev-parse", "HEAD") != start
    changed = git(clone, "diff", "--name-only", start).splitlines()
    assert "README.md" in changed
    assert "answers/Shuffle.md" not in changed
    assert "Order teaches little." in (clone / "answers/Shuffle.md").read_text()
