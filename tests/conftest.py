"""Desks to begin a story at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.shared import shared, shared_folder
from tests.story.lab import Lab, git, hand_kept, lab
from tests.witness import Witness

# How long an example takes says how busy the machine is, and nothing about what is tested.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCES = ["own", pytest.param("corpus", marks=pytest.mark.corpus)]


@pytest.fixture(scope="session")
def witness() -> Witness | None:
    """Who holds all exchanges to the official types; nobody where there are none, or no fast validator."""
    folder = shared_folder("notion", "schemas")
    try:
        return Witness(folder) if folder is not None else None
    except ModuleNotFoundError:
        return None


@pytest.fixture(autouse=True)
def _held_to_the_official_types(witness: Witness | None) -> Iterator[None]:
    """In every test, whatever it is about."""
    with witness.listening() if witness is not None else nullcontext():
        yield


@pytest.fixture(scope="session", params=SOURCES)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a hand-kept list: made of this repository's answers, and the corpus where it is there."""
    top = tmp_path_factory.mktemp(f"{request.param}-source")
    if request.param == "own":
        hand_kept(REPOSITORY / "answers", top)
    else:
        shutil.copy(shared("corpus", "README.md"), top / "README.md")
        shutil.copytree(shared("corpus", "answers"), top / "answers")
    git(top, "init", "--quiet", "--initial-branch=main")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message", "What was kept by hand")
    return top


@pytest.fixture
def kept(source: Path, tmp_path: Path) -> Iterator[Lab]:
    """The hand-kept repository, and an empty Notion."""
    shutil.copytree(source, tmp_path / "repository")
    with lab(tmp_path / "repository") as desk:
        yield desk


@pytest.fixture(scope="session")
def pushed_template(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after `readme init`, `init --create` and the first `push`, with the Notion it filled."""
    top = tmp_path_factory.mktemp("pushed")
    shutil.copytree(source, top / "repository")
    with lab(top / "repository", database=top / "notion.sqlite") as desk:
        desk.run("readme", "init")
        desk.run("init", "--create", "--parent", desk.workspace())
        desk.run("push")
        desk.commit("Push")
    return top


@pytest.fixture
def pushed(pushed_template: Path, tmp_path: Path) -> Iterator[Lab]:
    """A pushed repository, in the minute of the push."""
    shutil.copytree(pushed_template, tmp_path / "desk")
    with lab(tmp_path / "desk" / "repository", database=tmp_path / "desk" / "notion.sqlite") as desk:
        yield desk


@pytest.fixture
def settled(pushed: Lab) -> Lab:
    """A pushed repository, a while later."""
    pushed.wait(120)
    return pushed


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Lab]:
    """An empty repository and an empty Notion."""
    with lab(tmp_path / "repository") as desk:
        yield desk
