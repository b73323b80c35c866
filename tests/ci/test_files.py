"""The files that GitHub reads: nothing that comes from outside becomes a program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.conftest import REPOSITORY

FILES = [REPOSITORY / "action.yml", *sorted((REPOSITORY / ".github/workflows").glob("*.yml"))]


def _steps(data: Any) -> list[Any]:
    jobs = [data["runs"]] if "runs" in data else data["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_expression_becomes_shell_and_every_action_is_pinned(path: Path) -> None:
    """What comes from outside reaches a script through its environment; other people's actions are named by commit."""
    steps = _steps(YAML(typ="safe").load(path.read_text()))
    assert steps
    for step in steps:
        assert "${{" not in step.get("run", "")
        uses = step.get("uses", "./")
        assert uses == "./" or re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", uses), uses


@pytest.mark.parametrize("path", FILES[1:], ids=lambda path: path.name)
def test_a_workflow_has_no_permission_that_its_jobs_do_not_name(path: Path) -> None:
    """None at the top, a few for each job, and none that would be passed on to a program by git's configuration."""
    data = YAML(typ="safe").load(path.read_text())
    assert data["permissions"] == {}
    for job in data["jobs"].values():
        assert isinstance(job["permissions"], dict)
        assert job["timeout-minutes"] <= 30
    for step in _steps(data):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_the_version_of_an_action_is_written_beside_its_hash() -> None:
    """So that people, and tools that update it, know what it is."""
    for path in FILES:
        for line in path.read_text().splitlines():
            if re.match(r"[ -]*uses: [\w-]+/", line):
                assert re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line
