"""The Action as workflows use it, with act, over repositories on the GitHub emulator: no checkout, no git."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.github.desk import HubDesk
from tests.github.hub import TOKEN, Fault
from tests.scenarios.desk import path_of
from tests.workflow.act import act, copy_sources, git

from notionsync.emulator import BOT_TOKEN

pytestmark = pytest.mark.act
ACTION = f"study/notionsync@{'a1' * 20}"
WORKFLOW = """\
name: remote
on: [workflow_dispatch]
permissions: {}
jobs:
  sync:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions: {contents: write, pull-requests: write, issues: write}
    steps:
      - id: sync
        uses: @action@
        with:
          mode: @mode@
          issues: "true"
          notion-token: ${{ secrets.NOTION_TOKEN }}
      - if: always()
        env:
          RESULT: ${{ toJSON(steps.sync.outputs) }}
          SUMMARY: ${{ steps.sync.outputs.summary-path }}
        run: |
          printf '%s\\n' "$RESULT" > "$KEEP/outputs.json"
          cp "$SUMMARY" "$KEEP/summary.md"
"""


class Runner:
    """Runs the workflow over a desk's repository."""

    def __init__(self, desk: HubDesk, folder: Path, mode: str) -> None:
        self.desk = desk
        self.folder = folder
        self.action = folder.parent / "action"
        self.action.mkdir()
        copy_sources(self.action, installed=True)
        file = folder / ".github/workflows/remote.yml"
        file.parent.mkdir(parents=True)
        file.write_text(WORKFLOW.replace("@action@", ACTION).replace("@mode@", mode))
        git(folder, "init", "-q", "-b", "main")
        git(folder, "remote", "add", "origin", f"https://github.com/{desk.repo.name}.git")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", "Workflow")

    def run(self, code: int = 0) -> tuple[dict[str, str], str]:
        """Run it once; return outputs and summary."""
        env = {
            "NOTION_BASE_URL": self.desk.base_url,
            "GITHUB_API_URL": self.desk.repo.hub.url,
            "GITHUB_REPOSITORY": self.desk.repo.name,
            "KEEP": str(self.folder.parent),
        }
        secrets = {"NOTION_TOKEN": BOT_TOKEN, "GITHUB_TOKEN": TOKEN}
        local = f"{ACTION}={self.action}"
        self.desk.publish()
        self.log = act(
            self.folder, "workflow_dispatch", "--local-repository", local, workflow="remote", env=env, secrets=secrets,
            code=code,
        )  # fmt: skip
        assert BOT_TOKEN not in self.log
        assert TOKEN not in self.log
        self.desk.fetch()
        return json.loads((self.folder.parent / "outputs.json").read_text()), (
            self.folder.parent / "summary.md"
        ).read_text()


@pytest.fixture
def runner(request: pytest.FixtureRequest, desk: HubDesk, tmp_path: Path) -> Runner:
    """A runner with an empty workspace but for the workflow."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Runner(desk, folder, request.param)


def issues(desk: HubDesk) -> list[Any]:
    """Return state and title of the issues, pull requests left aside."""
    found = desk.repo.api("GET", "issues?state=all")
    return [(issue["state"], issue["title"]) for issue in found if "pull_request" not in issue]


@pytest.mark.parametrize("runner", ["api"], indirect=True)
def test_one_commit_then_none_and_a_conflict_becomes_an_issue(runner: Runner) -> None:
    """A lost race is recomputed on top of what won it; a conflict opens an issue, which is closed when it is settled."""
    desk = runner.desk
    desk.note("one", "one beta", "from Notion")
    hub = desk.repo.hub
    hub.faults.append(
        Fault("PATCH", "/git/refs/heads/main", before=lambda: desk.repo.commit("Theirs", {"other.md": b"x\n"}))
    )
    outputs, summary = runner.run()
    assert desk.repo.messages()[:2] == ["Sync answers with Notion\n\nNotionsync-Run: sync\n", "Theirs"]
    assert desk.repo.files()["other.md"] == b"x\n"
    assert b"from Notion" in desk.repo.files()[path_of("one")]
    assert (outputs["changed"], outputs["commit"], outputs["files-changed"]) == ("true", desk.repo.tip(), "1")
    assert "← Notion" in summary
    assert f"/commit/{desk.repo.tip()}" in summary

    again, summary = runner.run()
    assert (again["changed"], again["commit"], again["conflicts"]) == ("false", "", "0")
    assert "nothing to do" in summary or "unchanged" in summary

    desk.note("two", "two beta", "Notion's words")
    desk.commit("Edit")
    text = desk.repo.files()[path_of("two")].decode()
    desk.repo.commit("Mine", {path_of("two"): text.replace("two beta", "my words").encode()})
    desk.fetch()
    tip = desk.repo.tip()
    outputs, summary = runner.run(code=1)
    assert (outputs["conflicts"], outputs["commit"]) == ("1", "")
    assert desk.repo.tip() == tip
    assert "Left for a person" in summary
    assert [state for state, _ in issues(desk)] == ["open"]

    desk.repo.commit("Settle", {path_of("two"): text.replace("two beta", "Notion's words").encode()})
    desk.fetch()
    runner.run()
    assert [state for state, _ in issues(desk)] == ["closed"]


@pytest.mark.parametrize("runner", ["pull-request"], indirect=True)
def test_a_pull_request_is_opened_updated_and_closed(runner: Runner) -> None:
    """One, however many runs; its number and address are outputs, and the summary leads to it."""
    desk = runner.desk
    desk.note("one", "one beta", "from Notion")
    tip = desk.repo.tip()
    opened, summary = runner.run()
    number = opened["pull-request-number"]
    assert desk.repo.tip() == tip
    assert re.search(rf"/pull/{number}$", opened["pull-request-url"])
    assert f"pull request {number}" in summary
    assert desk.repo.api("GET", f"pulls/{number}")["state"] == "open"

    desk.note("two", "two beta", "from Notion, too")
    updated, _ = runner.run()
    assert updated["pull-request-number"] == number
    files = desk.repo.files("notionsync/update")
    assert b"from Notion, too" in files[path_of("two")]

    desk.repo.commit("By hand", dict(files))
    desk.fetch()
    runner.run()
    assert desk.repo.api("GET", f"pulls/{number}")["state"] == "closed"
    assert len(desk.repo.api("GET", "pulls?state=all")) == 1
