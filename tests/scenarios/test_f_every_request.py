"""Scenarios 88-90: every fault of the emulator at every request of a run that does a bit of everything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from tests.scenarios.desk import Desk, answer, desk_at, path_of
from tests.scenarios.mortal import BASE_URL, World, copied
from tests.scenarios.test_f_crash import PIXEL
from tests.sides.notion_world import VirtualClock

from notionsync.emulator import BOT_TOKEN
from notionsync.emulator.server import HOST, listen
from notionsync.engine import Request, run
from notionsync.engine.session import open_session
from notionsync.errors import TransientError
from notionsync.sides.notion import Notion

REFUSED = ("rate_limited", "conflict", "overloaded")
LOST = ("internal_error", "bad_gateway", "unavailable", "gateway_timeout", "dropped", "timeout")
"""Faults after which nobody knows whether the change was made."""
FAULTS = (*REFUSED, *LOST)


def _work(desk: Desk) -> None:
    """A new file with an image; an update, an append and a deletion; a merge; a page to trash, one to pull."""
    (desk.root / "answers" / "dot.png").write_bytes(PIXEL)
    desk.write(path_of("four"), answer("four", 4, "four alpha", "![A dot](dot.png)"))
    desk.edit("one", "one alpha\n\n", "one ALPHA\n\none new\n\n")
    desk.edit("one", "order: 1", "order: 9")
    desk.edit("one", "one gamma\n", "")
    desk.note("one", "one beta", "one edited there")
    desk.remove("two")
    desk.note("three", "three beta", "three edited there")
    desk.wait(120)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world in which a bit of everything is to be done."""
    top = tmp_path_factory.mktemp("everything")
    with desk_at(top / "repository", database=top / "notion.sqlite") as desk:
        desk.begin()
        _work(desk)
    return top


@dataclass
class Whole:
    """What an uninterrupted run does.

    Attributes:
        sides: What both sides hold afterwards.
        requests: Kind of each of its requests.
    """

    sides: dict[str, Any]
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def whole(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The run without trouble."""
    with copied(template, tmp_path_factory.mktemp("whole") / "world") as world:
        world.desk.requests()
        assert _run(world) == 0
        requests = [entry["kind"] for entry in world.desk.requests()["log"]]
        return Whole(world.sides(), requests)


def _run(world: World) -> int:
    """Sync, waiting only in a time of its own; return the exit code."""
    try:
        with Notion(BOT_TOKEN, BASE_URL, transport=world.transport, clock=VirtualClock(), pace=1_000_000) as notion:
            return run(open_session(world.desk.root), notion, Request(direction="sync")).exit_code
    except TransientError as error:
        return error.exit_code


def _is_write(kind: str) -> bool:
    return not kind.startswith("GET") and not kind.endswith("/query")


def _not_repeated_blindly(log: list[dict[str, Any]], *, fault: str) -> None:
    """Check that after a write of unknown outcome something else is asked first.

    An upload may be begun anew: one that nobody attaches is gone after an hour.
    """
    for entry, following in pairwise(log):
        lost = fault in LOST and entry["status"] in {0, 500, 502, 503, 504} and _is_write(entry["kind"])
        lost = lost and entry["kind"] != "POST /v1/file_uploads"
        assert not lost or (entry["method"], entry["path"]) != (following["method"], following["path"]), log


def _ends_right(world: World, whole: Whole, where: str, *, fault: str) -> int:
    """Run into trouble, then without; check that both sides end as they should. Return how the first run ended."""
    world.desk.requests()
    code = _run(world)
    _not_repeated_blindly(world.desk.requests()["log"], fault=fault)
    assert code in {0, 5}, where
    world.desk.person.delete("/_emulator/faults")
    if code:
        assert _run(world) == 0, where
    assert world.sides() == whole.sides, where
    return code


@pytest.mark.parametrize("fault", FAULTS)
def test_s089_a_fault_at_any_request(template: Path, whole: Whole, tmp_path: Path, fault: str) -> None:
    """Once: waited for, repeated, or looked after; the run ends right, or as transient, and then the next one does."""
    kinds = {kind: at for at, kind in reversed(list(enumerate(whole.requests, 1)))}
    for at in sorted(kinds.values()):  # the first request of each kind; of those that only read, some for each fault
        if not _is_write(whole.requests[at - 1]) and at % 3 != FAULTS.index(fault) % 3:
            continue
        with copied(template, tmp_path / "troubled") as world:
            world.desk.fault(fault, nth=at)
            code = _ends_right(world, whole, f"{fault} at {at}, {whole.requests[at - 1]}", fault=fault)
            assert code == 0 or _is_write(whole.requests[at - 1])


@pytest.mark.parametrize("shift", [0, 3])
def test_s089_a_lost_reply_at_any_write(template: Path, whole: Whole, tmp_path: Path, shift: int) -> None:
    """The change was made: it is found, by this run or the next, and not made twice."""
    writes = [at for at, kind in enumerate(whole.requests, 1) if _is_write(kind)]
    for at in writes:
        fault = LOST[(at + shift) % len(LOST)]
        with copied(template, tmp_path / "troubled") as world:
            world.desk.fault(fault, nth=at, applied=True)
            _ends_right(world, whole, f"{fault} after {at}, {whole.requests[at - 1]}", fault=fault)


def test_s090_away_from_any_request_on(template: Path, whole: Whole, tmp_path: Path) -> None:
    """For good: the run ends as transient, and nothing is lost; later everything is as it should be."""
    for at in range(1, len(whole.requests) + 1):
        fault = FAULTS[at % len(FAULTS)]
        with copied(template, tmp_path / "troubled") as world:
            world.desk.fault(fault, nth=at, times=None)
            assert _ends_right(world, whole, f"{fault} from {at} on, {whole.requests[at - 1]}", fault=fault) == 5


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_s079_a_process_killed_at_any_request(template: Path, whole: Whole, tmp_path: Path, *, applied: bool) -> None:
    """SIGKILL from the service's own hand, before it makes a change or after: the next run ends as if nothing had happened."""
    writes = [at for at, kind in enumerate(whole.requests, 1) if _is_write(kind)]
    for at in writes if applied else writes[::3]:
        with copied(template, tmp_path / "killed") as world:
            assert _killed(world, at, applied=applied) == -signal.SIGKILL
            assert _run(world) == 0
            assert world.sides() == whole.sides, f"killed at {at}, {whole.requests[at - 1]}"


def _killed(world: World, at: int, *, applied: bool) -> int:
    """Sync in a process of its own that is killed by its n-th request; return how it ended."""
    app = world.app
    server = listen(app, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    environment = {**os.environ, "NOTION_TOKEN": BOT_TOKEN, "NOTION_BASE_URL": f"http://{HOST}:{server.port}"}
    command = [sys.executable, "-m", "notionsync", "sync", "--shallow"]
    started: Queue[subprocess.Popen[bytes]] = Queue()

    def kill() -> None:
        process = started.get(timeout=60)
        process.kill()
        process.wait()

    app.faults.add("call", nth=at, applied=applied, call=kill)
    with subprocess.Popen(command, cwd=world.desk.root, env=environment, stdout=-3, stderr=-3) as process:
        started.put(process)
        code = process.wait()
    server.shutdown()
    thread.join()
    server.server_close()
    app.faults.clear()
    return code
