"""Scenarios 106-113: two at work at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.scenarios.desk import Desk, answer, path_of

import notionsync.engine.apply as applying
from notionsync.engine.plan import Planner
from notionsync.sides.notion import Notion

HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def _holder(desk: Desk) -> subprocess.Popen[bytes]:
    lock = desk.root / ".notionsync" / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    return holder


def _end(holder: subprocess.Popen[bytes], how: signal.Signals) -> None:
    os.kill(holder.pid, how)
    holder.communicate()


def test_s106_the_second_run_leaves_at_once(desk: Desk) -> None:
    """Another process is at work here: a message and a code of its own, and no request."""
    desk.edit("one", "one beta", "one BETA")
    holder = _holder(desk)
    try:
        desk.requests()
        said = desk.run("sync", code=7).stderr
        assert "another notionsync run" in said
        assert desk.requests()["total"] == 0
        desk.run("sync", "--dry-run")
        desk.run("status")
    finally:
        _end(holder, signal.SIGTERM)


def test_s107_a_killed_holder_holds_nothing(desk: Desk) -> None:
    """The system frees the lock with the process; its file may stay."""
    _end(_holder(desk), signal.SIGKILL)
    assert (desk.root / ".notionsync" / "lock").exists()
    desk.edit("one", "one beta", "one BETA")
    desk.run("sync")
    assert desk.both("one")[1] == "one BETA"


@pytest.mark.parametrize("content", [b"", b"\xff\x00half", b"12345"])
def test_s108_what_the_lock_file_says_means_nothing(desk: Desk, content: bytes) -> None:
    """Only the system's lock counts, whatever is in the file."""
    (desk.root / ".notionsync" / "lock").write_bytes(content)
    desk.run("sync")


def test_s108_a_lock_that_cannot_be_opened(desk: Desk) -> None:
    """Something else stands in its place: a message, no traceback."""
    lock = desk.root / ".notionsync" / "lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    assert ".notionsync/lock" in desk.run("sync", code=2).stderr


def _meanwhile(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, do: Callable[[], None]) -> None:
    """Let something happen right after a step of the run, once."""
    step = getattr(owner, name)
    done: list[bool] = []

    def stepped(self: Any, *args: Any, **options: Any) -> Any:
        answered = step(self, *args, **options)
        if not done:
            done.append(True)
            do()
        return answered

    monkeypatch.setattr(owner, name, stepped)


def test_s109_edited_while_the_run_lists(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit behind the listing arrives with this run or the next, whole."""
    desk.edit("two", "two beta", "two from the file")
    with monkeypatch.context() as patch:
        _meanwhile(patch, Notion, "pages", lambda: desk.note("one", "one beta", "one edited there"))
        desk.run("sync")
    desk.wait(120)
    desk.run("sync")
    assert desk.both("one") == ["one alpha", "one edited there", "one gamma"]
    assert desk.both("two")[1] == "two from the file"


def test_s110_edited_in_notion_between_reading_and_writing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that moved on since it was read for the plan is read again before it is written: the edit survives."""
    monkeypatch.setattr(applying, "_FRESH", -1.0)
    desk.edit("one", "one beta", "one from the file")
    with monkeypatch.context() as patch:
        _meanwhile(patch, Planner, "plan", lambda: desk.note("one", "one beta", "one from Notion"))
        assert desk.outcomes("sync", code=3)["one"].startswith("failed")
    assert desk.there("one")[1] == "one from Notion"
    desk.wait(120)
    assert desk.outcomes("sync", code=3) == {"one": "conflict update"}
    assert (desk.here("one")[1], desk.there("one")[1]) == ("one from the file", "one from Notion")


def test_s110_another_block_edited_between_reading_and_writing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit elsewhere on the page is neither overwritten nor lost sight of."""
    desk.edit("one", "one alpha", "one from the file")
    with monkeypatch.context() as patch:
        _meanwhile(patch, Planner, "plan", lambda: desk.note("one", "one gamma", "one from Notion"))
        desk.run("sync")
    desk.wait(120)
    desk.run("sync")
    assert desk.both("one") == ["one from the file", "one beta", "one from Notion"]


def test_s111_edited_here_between_plan_and_write(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor saves while the run is at work: its text stays, and is merged by the next run."""
    desk.note("one", "one alpha", "one from Notion")
    with monkeypatch.context() as patch:
        _meanwhile(patch, Planner, "plan", lambda: desk.edit("one", "one gamma", "one saved just now"))
        assert desk.outcomes("sync", code=3)["one"] == "failed update"
    assert desk.here("one")[2] == "one saved just now"
    desk.wait(120)
    desk.run("sync")
    assert desk.both("one") == ["one from Notion", "one beta", "one saved just now"]


def test_s112_what_is_new_during_the_run_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions that appear on either side behind the plan are found by the next run."""
    desk.note("one", "one beta", "one BETA")

    def both() -> None:
        desk.write(path_of("four"), answer("four", 4, "four alpha"))
        desk.ask("Why five?", "five alpha")

    with monkeypatch.context() as patch:
        _meanwhile(patch, Planner, "plan", both)
        assert desk.outcomes("sync") == {"one": "done update"}
    desk.wait(120)
    assert sorted(desk.outcomes("sync").values()) == ["done create-file", "done create-page"]
    assert "Why four?" in desk.titles()
    desk.settled_now()


def test_s113_the_loser_of_a_race_starts_over(desk: Desk, tmp_path: Path) -> None:
    """Two clones sync the same edit; the one whose commit comes second drops it, and finds everything done."""
    hub = tmp_path / "hub.git"
    desk.git("clone", "--quiet", "--bare", ".", str(hub))
    desk.git("remote", "add", "origin", str(hub))
    desk.git("clone", "--quiet", str(hub), str(tmp_path / "other"))
    other = Desk(tmp_path / "other", desk.base_url, desk.person)
    other.git("config", "user.name", "Another")
    other.git("config", "user.email", "another@example.invalid")
    desk.note("one", "one beta", "one from Notion")
    desk.ask("Why four?", "four alpha")
    for clone in (desk, other):
        clone.run("sync", "--commit")
    desk.git("push", "--quiet", "origin", "main")
    with pytest.raises(AssertionError, match="rejected"):
        other.git("push", "--quiet", "origin", "main")
    other.git("fetch", "--quiet")
    other.git("checkout", "--quiet", "-B", "main", "origin/main")
    other.settled_now()
    assert desk.everything() == other.everything()
    assert len(desk.titles()) == 4
