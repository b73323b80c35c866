"""A GitHub for the tests that ask for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.github.hub import EMULATOR, Hub, serving

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("github")


@pytest.fixture(scope="session")
def served() -> Iterator[Hub]:
    """One emulator for all tests; each makes a repository of its own."""
    if not EMULATOR.is_file():
        pytest.skip("the GitHub emulator is not installed: make test-github")
    with serving() as hub:
        yield hub


@pytest.fixture
def hub(served: Hub) -> Hub:
    """The hub without the trouble that an earlier test made."""
    served.faults.clear()
    served.log.clear()
    served.tokens.clear()
    served.archived = lambda _, data: data
    return served
