from __future__ import annotations

import re
from pathlib import Path

from tests.scenarios.table import TITLES, where_tested


def test_every_scenario_has_a_title_of_its_own() -> None:
    """From the first to the last."""
    assert list(TITLES) == list(range(1, 162))
    assert len(set(TITLES.values())) == len(TITLES)


def test_tests_are_found_by_the_numbers_in_their_names() -> None:
    """One test may be about several; its cases are one test."""
    found = where_tested(
        ["a.py::test_s001_x[a-s009_b]", "a.py::test_s001_x[b]", "b.py::test_s001_s003", "b.py::test_s0021_x"]
    )
    assert found == {1: ["a.py::test_s001_x", "b.py::test_s001_s003"], 3: ["b.py::test_s001_s003"]}


def test_every_scenario_is_tested() -> None:
    """Whatever tests this run is of: by the names in the sources."""
    top = Path(__file__).resolve().parents[1]
    names = [name for path in top.rglob("test_*.py") for name in re.findall(r"(?m)^def (test_\w+)", path.read_text())]
    assert TITLES.keys() == where_tested(names).keys()
