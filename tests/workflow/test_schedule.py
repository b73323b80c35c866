"""The scheduled workflow, run for real with act in host mode, against a served emulator and a bare origin."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cmarkgfm
import httpx
import pytest
from bs4 import BeautifulSoup
from cmarkgfm.cmark import Options
from tests.workflow.act import BIN, OUTSIDE, act, copy_sources, git

pytestmark = pytest.mark.act
README = "# Reading group\n\n1. Why shuffle? [Answer](answers/Shuffle.md)\n2. What is a tensor?\n\nBye.\n"


class Emulator(NamedTuple):
    """A served emulator: where it listens, the token it knows, and the page that it starts with."""

    url: str
    token: str
    page: str

    @property
    def env(self) -> dict[str, str]:
        """Where it is, for a workflow."""
        return {"NOTION_BASE_URL": self.url}

    @property
    def secrets(self) -> dict[str, str]:
        """The secret of a repository that syncs with it."""
        return {"NOTION_TOKEN": self.token}

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
def clone(request: pytest.FixtureRequest, tmp_path: Path, emulator: Emulator) -> Path:
    """A clone of a repository that has just been connected to Notion, with the sources of this one beside its answers."""
    origin, folder = tmp_path / "origin.git", tmp_path / "clone"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    subprocess.run(["git", "clone", "-q", str(origin), str(folder)], check=True)
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    copy_sources(folder, installed=getattr(request, "param", "installed") == "installed")
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


def published(folder: Path) -> str:
    """The commit that main is at, at the origin."""
    return git(folder, "ls-remote", "origin", "refs/heads/main").split()[0]


def step(folder: Path, emulator: Emulator, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the Action's last step by itself."""
    summary = folder.parent / "summary.md"
    env = {"NOTION_BASE_URL": emulator.url, "NOTION_TOKEN": emulator.token, "GITHUB_STEP_SUMMARY": str(summary)}
    env |= {name.upper() if "GITHUB" in name.upper() else f"INPUT_{name.upper()}": v for name, v in inputs.items()}
    command = [sys.executable, "-I", "-m", "notionsync.ci"]
    return subprocess.run(command, cwd=folder, env={**OUTSIDE, **env}, capture_output=True, text=True, check=False)


def data_source(folder: Path) -> str:
    """The id that `init` wrote."""
    return (folder / "notionsync.toml").read_text().split('data_source = "')[1][:32]


@pytest.mark.parametrize("clone", ["from scratch"], indirect=True)
def test_the_scheduled_workflow_commits_once_and_then_no_more(clone: Path, emulator: Emulator) -> None:
    """A question from Notion and the answers here meet in one commit with README and state; a second run adds none."""
    source = data_source(clone)
    title = {"Question": {"title": [{"text": {"content": "Who asked this in Notion?"}}]}}
    emulator.call(
        "POST", "pages", {"parent": {"type": "data_source_id", "data_source_id": source}, "properties": title}
    )
    start = git(clone, "rev-parse", "HEAD")

    log = act(clone, "schedule", env=emulator.env, secrets=emulator.secrets)
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
    act(clone, "schedule", env=emulator.env, secrets=emulator.secrets)
    assert published(clone) == first


def test_the_workflow_is_inert_without_a_token(clone: Path, emulator: Emulator) -> None:
    """A repository without the secret gets a green run that says what is missing, installs nothing and commits nothing."""
    start = git(clone, "rev-parse", "HEAD")
    log = act(clone, "schedule", env=emulator.env)
    assert "there is no NOTION_TOKEN" in log
    assert "Install notionsync" not in log
    assert published(clone) == start


def test_a_dispatched_dry_run_writes_nothing_anywhere(clone: Path, emulator: Emulator) -> None:
    """It prints what a run would do."""
    start = git(clone, "rev-parse", "HEAD")
    inputs = clone.parent / "event.json"
    inputs.write_text('{"inputs": {"dry-run": "true"}}')
    log = act(clone, "workflow_dispatch", "-e", str(inputs), env=emulator.env, secrets=emulator.secrets)
    assert "answers/Shuffle.md" in log
    assert published(clone) == start
    query = emulator.call("POST", f"data_sources/{data_source(clone)}/query", {})
    assert query["results"] == []


def test_a_pull_request_from_a_fork_is_checked(clone: Path, emulator: Emulator) -> None:
    """Without a secret, and without a word to Notion; what is wrong fails the check, at its line."""
    event = clone.parent / "event.json"
    head = {"ref": "topic", "repo": {"full_name": "stranger/fork", "fork": True}}
    event.write_text(json.dumps({"pull_request": {"number": 1, "head": head, "base": {"ref": "main"}}}))
    log = act(clone, "pull_request", "-e", str(event), env={"NOTION_BASE_URL": "http://127.0.0.1:9"})
    assert "check: 2 answers, 0 found" in log
    assert "Sync with Notion" not in log

    (clone / "answers/Shuffle.md").write_text("---\nquestion: '::error::owned\n---\n")
    git(clone, "commit", "-q", "-am", "Break it")
    log = act(clone, "pull_request", "-e", str(event), env=emulator.env, code=1)
    assert "answers/Shuffle.md" in log
    assert "::error::owned" not in [line.partition("| ")[2] for line in log.splitlines()]
    assert "exited with exit code 6" in log or "exit status 6" in log
    pages = emulator.call("POST", f"data_sources/{data_source(clone)}/query", {})["results"]
    assert pages == []


def test_a_push_is_synced_and_our_own_is_not(clone: Path, emulator: Emulator) -> None:
    """What a person pushed goes to Notion; the commit that this makes starts nothing, though its token could."""
    start = git(clone, "rev-parse", "HEAD")
    act(clone, "push", env=emulator.env, secrets=emulator.secrets)
    assert published(clone) != start
    git(clone, "pull", "-q", "--ff-only", "origin", "main")
    log = act(clone, "push", env=emulator.env, secrets=emulator.secrets)
    assert "this push is notionsync's own commit" in log
    assert "Install notionsync" not in log


def loses_a_race(clone: Path, other: Path) -> None:
    """Let somebody push right before our commit is; the push before that one only proves that pushing is allowed."""
    hook = clone / ".git/hooks/pre-push"
    counted = clone.parent / "pushes"
    counted.unlink(missing_ok=True)
    hook.write_text(
        f'#!/bin/sh\necho x >> "{counted}"\n'
        f'[ "$(wc -l < "{counted}")" -ne 2 ] || env -u GIT_DIR git -C "{other}" push -q origin main\n'
    )
    hook.chmod(0o755)


def first_block(emulator: Emulator, clone: Path, title: str) -> str:
    """The id of the first block of a page."""
    pages = emulator.call("POST", f"data_sources/{data_source(clone)}/query", {})["results"]
    page = next(p for p in pages if p["properties"]["Question"]["title"][0]["plain_text"] == title)
    return str(emulator.call("GET", f"blocks/{page['id']}/children")["results"][0]["id"])


def rewrite(emulator: Emulator, block: str, text: str) -> None:
    """Give a paragraph another text, as a person does in Notion."""
    content = [{"type": "text", "text": {"content": text}}]
    emulator.call("PATCH", f"blocks/{block}", {"paragraph": {"rich_text": content}})


def test_a_push_that_lost_a_race_is_recomputed(clone: Path, emulator: Emulator) -> None:
    """Somebody pushes between our commit and our push: their commit stays, ours is made anew on top, Notion gets no doubles."""
    other = clone.parent / "other"
    git(clone.parent, "clone", "-q", "origin.git", "other")
    (other / "answers/Shuffle.md").write_text((other / "answers/Shuffle.md").read_text() + "\nTheirs.\n")
    git(other, "commit", "-q", "-am", "Theirs")
    loses_a_race(clone, other)
    done = step(clone, emulator)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Somebody pushed meanwhile" in done.stdout
    summary = (clone.parent / "summary.md").read_text()
    lost, kept = summary.split("### notionsync sync")[1:]
    assert "Somebody pushed meanwhile" in html.unescape(lost)
    assert "commit " not in lost.partition("Somebody")[0]
    assert f"commit {published(clone)[:12]}" in kept
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
    assert "· answers/Shuffle.md: both sides changed body" in html.unescape((clone.parent / "summary.md").read_text())
    assert published(clone) == git(clone, "rev-parse", "HEAD") != start
    changed = git(clone, "diff", "--name-only", start).splitlines()
    assert "README.md" in changed
    assert "answers/Shuffle.md" not in changed
    assert "Order teaches little." in (clone / "answers/Shuffle.md").read_text()


@pytest.mark.parametrize("refused", [False, True])
def test_nothing_that_lost_a_conflict_goes_with_a_lost_commit(
    clone: Path, emulator: Emulator, *, refused: bool
) -> None:
    """The words that were overwritten in Notion are in the commit of the next try; if there is none, in the summary."""
    assert step(clone, emulator).returncode == 0
    rewrite(emulator, first_block(emulator, clone, "Why shuffle?"), "Their words in Notion.")
    path = clone / "answers/Shuffle.md"
    path.write_text(path.read_text().replace("Order teaches **nothing**.", "My words."))
    git(clone, "commit", "-q", "-am", "Mine")
    git(clone, "push", "-q", "origin", "main")
    other = clone.parent / "other"
    git(clone.parent, "clone", "-q", "origin.git", "other")
    text = (other / "answers/Shuffle.md").read_text()
    (other / "answers/Shuffle.md").write_text(text.replace("My words.", "My better words."))
    git(other, "commit", "-q", "-am", "Better")
    loses_a_race(clone, other)
    if refused:
        update = clone.parent / "origin.git/hooks/update"
        update.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
        update.chmod(0o755)

    outputs = clone.parent / "outputs"
    done = step(clone, emulator, on_conflict="local", github_output=str(outputs))
    summary = (clone.parent / "summary.md").read_text()
    if refused:
        assert done.returncode == 2
        assert "Their words in Notion." in summary
        assert "### notionsync: what was done is not published" in summary
        said = dict(re.findall(r"^([a-z-]+)<<\w+\n(.*)\n", outputs.read_text(), re.MULTILINE))
        assert (said["pages-updated"], said["changed"], said["commit"]) == ("1", "true", "")
        return
    assert done.returncode == 0, done.stdout + done.stderr
    assert git(clone, "log", "--format=%s", "-3", "origin/main") == "Sync answers with Notion\nBetter\nMine"
    kept = git(clone, "ls-tree", "-r", "--name-only", "origin/main", ".notionsync/conflicts").splitlines()
    assert len(kept) == 1
    assert "Their words in Notion." in git(clone, "show", f"origin/main:{kept[0]}")
    assert "My better words." in git(clone, "show", "origin/main:answers/Shuffle.md")
    page = emulator.call("GET", f"blocks/{first_block(emulator, clone, 'Why shuffle?')}")
    assert page["paragraph"]["rich_text"][0]["plain_text"] == "My better words."


def test_the_brake_stops_a_run_until_a_person_lets_it_through(clone: Path, emulator: Emulator) -> None:
    """Nothing is published, and the run is red; whoever starts it by hand sets how much may change."""
    assert step(clone, emulator).returncode == 0
    rewrite(emulator, first_block(emulator, clone, "Why shuffle?"), "Rewritten in Notion.")
    start = published(clone)
    event = clone.parent / "event.json"
    for most, code in (("0", 1), ("1", 0)):
        event.write_text(json.dumps({"inputs": {"max-changes": most}}))
        log = act(clone, "workflow_dispatch", "-e", str(event), env=emulator.env, secrets=emulator.secrets, code=code)
        assert ("the run would change 1 of 2 files here; nothing was done" in log) == bool(code)
        assert (published(clone) == start) == bool(code)
    git(clone, "pull", "-q", "--ff-only", "origin", "main")
    assert "Rewritten in Notion." in (clone / "answers/Shuffle.md").read_text()


TITLES = [
    "::set-output name=changed::owned",
    "::error::owned %0A::warning::owned",
    "##[command]owned",
    "@user fixes #1",
    "</td><script>alert(1)</script> | x | <!-- notionsync:end questions -->",
    "](https://evil.example) ![x](javascript:alert(1))",
    "../../.github/workflows/owned",
    "CON",
    "\u202egnp.exe\u2066",
    "가" * 300,
    "${{ secrets.NOTION_TOKEN }} $(id) `id`",
]


def obeyed(log: str) -> list[str]:
    """The commands that GitHub's runner takes from a log: as it reads them, until it is told to stop, and again."""
    found, bell = [], ""
    for line in log.splitlines():
        command = re.match(r"\s*::([^:\s]+).*?::(.*)", line)
        if command and bell:
            bell = "" if command[1] == bell else bell
        elif command:
            bell = command[2] if command[1] == "stop-commands" else ""
            found.append(line)
        elif line.strip() == f"::{bell}::":
            bell = ""
        assert bell or "##[" not in line
    return found


def test_what_comes_from_notion_stays_text(clone: Path, emulator: Emulator, tmp_path: Path) -> None:
    """In logs, annotations, outputs, summaries, commit messages and file names, whatever a page is called and says."""
    source = {"type": "data_source_id", "data_source_id": data_source(clone)}
    for title in TITLES:
        content = {"rich_text": [{"text": {"content": f"{title}\n::error::owned"}}]}
        emulator.call(
            "POST",
            "pages",
            {
                "parent": source,
                "properties": {"Question": {"title": [{"text": {"content": title}}]}},
                "children": [{"type": "paragraph", "paragraph": content}],
            },
        )
    outputs = tmp_path / "outputs"
    done = step(clone, emulator, github_output=str(outputs))
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(line.startswith(("::add-mask::", "::stop-commands::")) for line in obeyed(done.stdout))
    assert "owned" not in outputs.read_text()

    message = git(clone, "log", "-1", "--format=%B", "origin/main")
    assert message == "Sync answers with Notion\n\nNotionsync-Run: sync"
    changed = git(clone, "diff", "--name-only", "--diff-filter=A", "HEAD^", "HEAD").splitlines()
    answers = [name for name in changed if not name.startswith(".notionsync/")]
    assert len(answers) == len(TITLES)
    for name in answers:
        folder, _, file = name.rpartition("/")
        assert folder == "answers"
        assert len(file.encode()) <= 255
        assert not re.search(r"[<>:\"|?*\x00-\x1f\u202e\u2066\\]|^\.|^con\.md$", file, re.IGNORECASE)
    summary = (clone.parent / "summary.md").read_text()
    page = BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html(summary, Options.CMARK_OPT_UNSAFE), "html5lib")
    assert len(page.find_all("h3")) == 1
    assert page.find("script") is None
    assert {len(row.find_all("td")) for row in page.find_all("tr")[1:]} == {4}
    assert not re.search(r"@user|#1\b", page.get_text())
    assert (clone / "README.md").read_text().endswith("\n\nBye.\n")
