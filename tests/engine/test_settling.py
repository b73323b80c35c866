"""A run that nobody watches looks once more before it commits: edits share a minute, and so its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.scenarios.desk import Desk, path_of
from tests.story.lab import START, VERSION, git

from notionsync.emulator import BOT_TOKEN, PERSON_TOKEN, Clock, create_app
from notionsync.engine import Report, Request, run
from notionsync.engine.session import open_session
from notionsync.sides.notion import Notion

URL = "http://emulator"


class Passing:
    """Notion's own time, which passes while somebody sleeps.

    Attributes:
        clock: The emulator's clock.
        slept: How long.
        meanwhile: Done once, when the sleeper falls asleep.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.slept = 0.0
        self.meanwhile: Callable[[], object] = list

    def now(self) -> float:
        """Return seconds."""
        return self.clock.seconds()

    def monotonic(self) -> float:
        """Return the same."""
        return self.clock.seconds()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        meanwhile, self.meanwhile = self.meanwhile, list
        meanwhile()
        self.slept += seconds
        self.clock.advance(seconds)


class Watchless(Desk):
    """A desk, and a way to run where nobody watches."""

    passing: Passing
    transport: httpx.BaseTransport

    def unattended(self, *, commit: bool = True, token: str = BOT_TOKEN) -> Report:
        """Sync, and commit."""
        with Notion(token, URL, transport=self.transport, clock=self.passing, pace=1_000_000) as notion:
            return run(open_session(self.root), notion, Request(direction="sync", unattended=True, commit=commit))

    def clock_on(self, seconds: float) -> None:
        """Let time pass."""
        self.passing.clock.advance(seconds)

    def listed(self) -> int:
        """Return how many requests a shallow run takes now."""
        with Notion(BOT_TOKEN, URL, transport=self.transport, clock=self.passing, pace=1_000_000) as notion:
            assert not run(open_session(self.root), notion, Request(direction="sync")).changed
            return notion.requests


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Watchless]:
    """One question in step, committed, and an hour later."""
    clock = Clock(START, frozen=True)
    app = create_app(clock=clock)
    transport = httpx.WSGITransport(app=app)
    headers = {**VERSION, "Authorization": f"Bearer {PERSON_TOKEN}"}
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "config", "user.name", "A person")
    git(tmp_path, "config", "user.email", "person@example.invalid")
    try:
        with httpx.Client(transport=transport, base_url=URL, headers=headers) as person:
            made = Watchless(tmp_path, URL, person)
            made.passing, made.transport = Passing(clock), transport
            [source] = app.seed(
                {
                    "databases": [
                        {
                            "title": [{"text": {"content": "Q"}}],
                            "properties": {"Question": {"title": {}}},
                            "pages": [
                                {
                                    "properties": {"Question": {"title": [{"text": {"content": "one"}}]}},
                                    "children": [
                                        {"paragraph": {"rich_text": [{"text": {"content": f"one {part}"}}]}}
                                        for part in ("alpha", "beta", "gamma")
                                    ],
                                }
                            ],
                        }
                    ]
                }
            ).data_sources
            config = f'[notion]\ndata_source = "{source.replace("-", "")}"\n[properties]\nquestion = "Question"\n'
            made.write("notionsync.toml", config)
            clock.advance(3600)
            made.commit()
            made.unattended()
            assert made.exists("one")
            made.passing.slept = 0.0
            yield made
    finally:
        app.close()


def test_nothing_to_commit_is_not_waited_for(desk: Watchless) -> None:
    """A run that finds nothing ends at once; so does one that pulls what was edited in a minute that is over."""
    desk.unattended()
    desk.note("one", "one beta", "one better")
    desk.clock_on(120)
    assert desk.unattended().commit
    assert desk.passing.slept == 0


def test_a_second_edit_in_the_minute_of_the_pull_is_in_the_commit(desk: Watchless) -> None:
    """It came after the page was read and moves no time: the run waits out the minute and finds it."""
    desk.note("one", "one beta", "one better")
    desk.passing.meanwhile = lambda: desk.note("one", "one gamma", "one great")
    report = desk.unattended()
    assert 0 < desk.passing.slept <= 60
    assert desk.here("one") == ["one alpha", "one better", "one great"]
    assert report.commit
    assert desk.git("status", "--porcelain") == ""
    assert desk.listed() == 3


@pytest.mark.parametrize("editor", [BOT_TOKEN, PERSON_TOKEN], ids=["bot", "person"])
def test_an_edit_in_the_minute_of_our_write_is_in_the_commit(desk: Watchless, editor: str) -> None:
    """Also one that bears our own name: another program uses the same token."""
    desk.edit("one", "one alpha", "one written here")

    def edit() -> None:
        desk.person.headers["Authorization"] = f"Bearer {editor}"
        desk.note("one", "one gamma", "one written by another")

    desk.passing.meanwhile = edit
    desk.unattended()
    assert desk.here("one") == ["one written here", "one beta", "one written by another"]
    assert desk.records()["one"]["reading"] == "after"
    assert desk.git("status", "--porcelain") == ""
    assert desk.listed() == 3


def test_a_clone_without_a_cache_reads_nothing_again(desk: Watchless) -> None:
    """What was seen stands in the commit: a runner that begins anew need not look."""
    desk.edit("one", "one alpha", "one written here")
    desk.unattended()
    desk.git("clean", "--quiet", "-fdx", "--", ".notionsync")
    assert desk.listed() == 3


def test_trouble_at_the_second_look_takes_nothing_back(desk: Watchless) -> None:
    """What was done is committed; the next run looks."""
    desk.edit("one", "one alpha", "one written here")
    desk.passing.meanwhile = lambda: desk.fault("internal_error", path="/v1/data_sources/{id}/query", times=None)
    report = desk.unattended()
    assert (report.exit_code, bool(report.commit)) == (0, True)
    assert desk.there("one")[0] == "one written here"
    desk.person.delete("/_emulator/faults")
    desk.clock_on(120)
    desk.unattended()
    assert desk.here("one")[0] == "one written here"


def test_edits_that_move_no_time_are_found_part_by_part(desk: Watchless, monkeypatch: pytest.MonkeyPatch) -> None:
    """With too many pages for one run each is read again within as many hours as there are parts."""
    for n in range(12):
        desk.ask(f"Why {n}?", f"{n} alpha", f"{n} beta")
    desk.clock_on(600)
    desk.unattended()
    monkeypatch.setattr("notionsync.engine.rereading.AT_ONCE", 6)
    monkeypatch.setattr("notionsync.engine.survey._COMPLETE_UP_TO", 5)
    for n in range(12):
        block = desk.children(desk.page(f"Why_{n}"))[0]["id"]
        desk.api("DELETE", f"blocks/{block}")  # which moves no page's time
    desk.clock_on(600)
    assert desk.listed() == 3
    read = []
    for _ in range(5):
        desk.requests()
        desk.unattended()
        read.append(desk.requests()["by_kind"].get("GET /v1/blocks/{id}/children", 0))
        desk.clock_on(3600)
    assert sum(read) == 13
    assert max(read) < 13
    for n in range(12):
        assert desk.here(f"Why_{n}") == [f"{n} beta"]


def test_who_does_not_commit_does_not_wait(desk: Watchless) -> None:
    """At a terminal, and in scripts that commit themselves, it is left to the next run."""
    desk.note("one", "one beta", "one better")
    desk.unattended(commit=False)
    assert desk.passing.slept == 0
    assert path_of("one") in desk.changed()
