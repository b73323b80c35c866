"""Scenario 75: a state that an older version wrote, as real files of it; and one of a newer version.

`tests/fixtures/format-1` is what version 0.1.0 left of a first sync, and Notion as it was then.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.scenarios.desk import Desk, path_of
from tests.story.lab import START, VERSION, git, served
from tests.test_schemas import validator

from notionsync.emulator import PERSON_TOKEN, Clock, Settings, create_app
from notionsync.sides.stored import FORMAT

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
FORMATS = sorted(path.name for path in FIXTURES.glob("format-*"))


@pytest.fixture(params=FORMATS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A repository, and a Notion, as an older version left them an hour ago."""
    shutil.copytree(FIXTURES / request.param / "repository", tmp_path / "repository")
    git(tmp_path / "repository", "init", "--quiet", "--initial-branch=main")
    git(tmp_path / "repository", "config", "user.name", "A person")
    git(tmp_path / "repository", "config", "user.email", "person@example.invalid")
    app = create_app(clock=Clock(START, frozen=True), settings=Settings(workspace_page=None))
    app.seed(json.loads((FIXTURES / request.param / "notion.json").read_text("utf-8")))
    headers = {**VERSION, "Authorization": f"Bearer {PERSON_TOKEN}"}
    with served(app) as url, httpx.Client(base_url=url, headers=headers, trust_env=False) as person:
        desk = Desk(tmp_path / "repository", url, person)
        desk.wait(3600)
        desk.commit()
        yield desk


def test_s075_there_are_files_of_every_format() -> None:
    """A format that was ever released is kept for good."""
    assert [f"format-{number}" for number in range(1, FORMAT + 1)] == FORMATS


def test_s075_an_older_state_says_that_nothing_changed(old: Desk) -> None:
    """It is read as it was meant: nothing is fetched twice, written or reported, and it stays as it is."""
    before = old.everything()
    old.requests()
    assert old.outcomes("sync") == {}
    assert old.outcomes("sync", "--deep") == {}
    assert old.writes() == 0
    assert old.everything() == before
    assert old.json("check", "--sides")["differences"] == []


def test_s075_an_older_state_is_gone_on_from(old: Desk) -> None:
    """Edits of both sides arrive; what is written is of the newest format, and what is not is still read."""
    ids = old.ids(old.page("one"))
    old.edit("one", "The last words.", "The last words, in the file.")
    item = old.children(old.page("one"))[1]
    old.say(item["id"], "bulleted_list_item", "an item in Notion")
    old.edit("two", "| 1 | 2 |", "| 1 | 3 |")
    old.retitle("three", "Why three now?")
    assert old.outcomes("sync") == dict.fromkeys(("one", "two", "three"), "done update")
    assert old.diff(path_of("one")) == (
        ["- an item", "The last words."],
        ["- an item in Notion", "The last words, in the file."],
    )
    assert old.ids(old.page("one")) == ids
    assert "question: Why three now?" in old.text("three")
    for path in (old.root / ".notionsync").rglob("*.json"):
        if "cache" not in path.parts:
            validator("state").validate(json.loads(path.read_text("utf-8")))
    old.settled_now()


@pytest.mark.parametrize("command", ["sync", "pull", "push", "plan", "resolve", "repair", "check --sides", "diff"])
def test_s075_a_newer_state_is_refused(old: Desk, command: str) -> None:
    """With both versions named, and what to do; nothing is asked of Notion, and nothing written."""
    old.replace(".notionsync/state.json", '"format": 1', '"format": 99')
    before = old.everything()
    old.requests()
    files = [path_of("one"), "--take", "local"] if command == "resolve" else []
    error = old.json(*command.split(), *files, code=2)
    assert "99" in error["error"]
    assert f"up to {FORMAT}" in error["error"]
    assert error["advice"] == "update notionsync"
    assert old.requests()["total"] == 0
    assert old.everything() == before
