"""A GitHub for the tests that ask for one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.github.desk import HubDesk, hub_desk
from tests.github.hub import EMULATOR, Hub, serving
from tests.scenarios.desk import desk_at

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
def hub(served: Hub) -> Iterator[Hub]:
    """The hub without the trouble that an earlier test made; all that it is asked has to be described by GitHub."""
    served.faults.clear()
    served.log.clear()
    served.tokens.clear()
    served.problems.clear()
    served.prefix = ""
    served.rules = {}
    served.labelling = True
    served.archived = lambda _, data: data
    yield served
    assert served.problems == []


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two questions that were synced two minutes ago, and their Notion."""
    top = tmp_path_factory.mktemp("begun")
    with desk_at(top / "repository", database=top / "notion.sqlite") as desk:
        desk.begin(("one", "two"))
    shutil.rmtree(top / "repository" / ".git")
    return top


@pytest.fixture
def desk(hub: Hub, begun: Path, tmp_path: Path) -> Iterator[HubDesk]:
    """The same in a repository on GitHub, a while later."""
    shutil.copytree(begun, tmp_path / "begun")
    with hub_desk(
        tmp_path / "begun" / "repository", hub.repository({}), database=tmp_path / "begun" / "notion.sqlite"
    ) as opened:
        opened.wait(600)
        opened.requests()
        hub.log.clear()
        yield opened


@pytest.fixture
def bare(hub: Hub, tmp_path: Path) -> Iterator[HubDesk]:
    """A repository on GitHub with nothing of ours in it, and an empty Notion."""
    with hub_desk(tmp_path / "repository", hub.repository({})) as opened:
        yield opened
