"""Desks to try a scenario at."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scenarios.desk import Desk, desk_at

from notionsync.sides.notion.pace import SystemClock


@pytest.fixture(scope="session")
def begun_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with three questions that were synced and committed two minutes ago, and its Notion."""
    top = tmp_path_factory.mktemp("begun")
    with desk_at(top / "repository", database=top / "notion.sqlite") as desk:
        desk.begin()
    return top


@pytest.fixture
def desk(begun_template: Path, tmp_path: Path) -> Iterator[Desk]:
    """Three questions in step: `one`, `two` and `three`, of the paragraphs `alpha`, `beta` and `gamma`."""
    shutil.copytree(begun_template, tmp_path / "begun")
    with desk_at(tmp_path / "begun" / "repository", database=tmp_path / "begun" / "notion.sqlite") as opened:
        opened.wait(600)
        opened.requests()
        yield opened


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Desk]:
    """An empty repository and an empty Notion."""
    with desk_at(tmp_path / "repository") as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run wait for Notion without any time going by."""
    slept = 0.0

    def sleep(_: SystemClock, seconds: float) -> None:
        nonlocal slept
        slept += seconds

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    monkeypatch.setattr(SystemClock, "monotonic", lambda _: time.monotonic() + slept)
