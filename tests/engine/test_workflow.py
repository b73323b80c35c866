"""The workflow that `init --workflow` writes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.conftest import REPOSITORY
from tests.story.lab import Lab, git

from notionsync.config import Config, Region
from notionsync.engine.workflow import PATH, UNNAMED, minute, repository, workflow

BIN = Path(sys.executable).parent
ACTION = f"study/notionsync@{'a1' * 20}"


def parsed(data: bytes) -> Any:
    """Read a workflow; its `on` is a key like any other."""
    return YAML(typ="safe").load(data.decode())


@pytest.mark.parametrize(
    ("remote", "name"),
    [
        ("git@github.com:kim/study.git", "kim/study"),
        ("https://github.com/kim/study.group", "kim/study.group"),
        ("https://git.example.org/kim/study/", "kim/study"),
        ("ssh://git@github.com/kim/study.git", "kim/study"),
        ("../origin.git", ""),
        ("", ""),
    ],
)
def test_the_repository_is_read_from_the_remote(remote: str, name: str) -> None:
    """However it is spelled; an address that names none is none."""
    assert repository(remote) == name


@given(st.text())
def test_the_minute_is_the_repositorys_own(seed: str) -> None:
    """Always the same, and never on the hour, when everybody else's runs begin."""
    assert 3 <= minute(seed) == minute(seed) <= 56


def test_minutes_are_spread() -> None:
    """Over the whole hour."""
    assert len({minute(f"kim/{n}") for n in range(500)}) == 54


def test_what_it_says_follows_from_the_repository() -> None:
    """Its paths, its branch, its name, its folder; forks do not sync."""
    config = Config(
        folder="notes/q", assets="pictures", regions=(Region(file="README.md"), Region(name="b", file='docs/"a".md'))
    )
    data = parsed(workflow(config, remote="git@github.com:kim/study.git", branch="1.0", folder="de mo", action=ACTION))
    paths = ["de mo/notes/q/**", "de mo/pictures/**", "de mo/README.md", 'de mo/docs/"a".md', "de mo/notionsync.toml"]
    assert data["on"]["push"] == {"branches": ["1.0"], "paths": paths}
    assert data["on"]["pull_request"] == {"paths": paths}
    assert data["on"]["schedule"] == [{"cron": f"{minute('kim/study')} */6 * * *"}]
    assert data["jobs"]["sync"]["if"].endswith("&& github.repository == 'kim/study'")
    for job in data["jobs"].values():
        assert job["steps"][1]["uses"] == ACTION
        assert job["steps"][1]["with"]["working-directory"] == "de mo"
    assert data["permissions"] == {}
    assert data["jobs"]["check"]["permissions"] == {"contents": "read"}
    assert data["jobs"]["sync"]["permissions"] == {"contents": "write"}
    assert "secrets" not in str(data["jobs"]["check"])


def test_names_are_no_patterns() -> None:
    """A branch and a folder that are called like one pass their own filters, and nothing else does."""
    config = Config(folder="c++/[a]?", assets="c++/[a]?/assets", branch="true")
    pushed = parsed(workflow(config, remote="", branch="main", folder="!x"))["on"]["push"]
    assert pushed["branches"] == ["true"]
    assert pushed["paths"] == [r"\!x/c\+\+/\[a\]\?/**", r"\!x/notionsync.toml"]
    assert parsed(workflow(Config(), remote="", branch="c++"))["on"]["push"]["branches"] == [r"c\+\+"]


def test_who_starts_it_by_hand_can_let_more_through() -> None:
    """Once, with the names and the defaults of the Action's own inputs; no other run is without a brake."""
    data = parsed(workflow(Config(), remote="", branch="main"))
    action = parsed((REPOSITORY / "action.yml").read_bytes())["inputs"]
    asked, given = data["on"]["workflow_dispatch"]["inputs"], data["jobs"]["sync"]["steps"][1]["with"]
    assert set(asked) == {"dry-run", "max-changes", "allow-delete"} <= set(action) & set(given)
    assert asked["max-changes"]["default"] == action["max-changes"]["default"]
    assert given["max-changes"] == f"${{{{ inputs.max-changes || '{action['max-changes']['default']}' }}}}"


def test_collections_are_watched() -> None:
    """Each folder that is synced, and no other."""
    terms = Config(collection="terms", folder="terms", assets="terms/assets", data_source="a1" * 16)
    for main, folders in ((Config(), ["terms/**"]), (Config(data_source="b2" * 16), ["answers/**", "terms/**"])):
        data = parsed(workflow(replace(main, collections=(terms,)), remote="", branch="main"))
        assert data["on"]["push"]["paths"] == [*folders, "notionsync.toml"]


def test_the_configured_branch_is_synced() -> None:
    """Not the one that happens to be checked out."""
    data = parsed(workflow(Config(branch="release"), remote="", branch="topic"))
    assert data["on"]["push"]["branches"] == ["release"]


def test_it_is_this_repositorys_own_workflow() -> None:
    """Jobs, triggers and permissions are the same, so that what is tested here is what users run."""
    own = parsed((REPOSITORY / PATH).read_bytes())
    made = parsed(workflow(Config(regions=(Region(file="README.md"),)), remote="", branch="main"))
    own["on"].pop("schedule")
    made["on"].pop("schedule")
    for data in (own, made):
        for job in data["jobs"].values():
            job["steps"][1].pop("uses")
    assert made == own


@pytest.mark.parametrize("action", ["", ACTION])
def test_the_linters_have_nothing_to_say(tmp_path: Path, action: str) -> None:
    """actionlint, GitHub's schema, and zizmor at its most pedantic."""
    file = tmp_path / PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(
        workflow(
            Config(folder="c++"), remote="git@github.com:kim/study.git", branch="main", folder="a b", action=action
        )
    )
    for command in (
        ["actionlint", str(file)],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(file)],
        ["zizmor", "--offline", "--pedantic", "--quiet", str(file)],
    ):
        done = subprocess.run([str(BIN / command[0]), *command[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_written_once_and_never_over_another(empty: Lab) -> None:
    """Alone, without a database; again is nothing; one that somebody changed stays as it is."""
    git(empty.root, "remote", "add", "origin", "https://github.com/kim/study.git")
    output = empty.run("init", "--workflow").output
    assert f"{PATH}: written; syncs at minute {minute('kim/study')}" in output
    assert UNNAMED in empty.read(PATH)
    assert empty.json("init", "--workflow")["workflow"]["written"] is False
    empty.write(PATH, empty.read(PATH) + "# mine\n")
    before = empty.read(PATH)
    assert "nothing was written" in empty.run("init", "--workflow", code=2).output
    assert empty.read(PATH) == before


def test_it_goes_to_the_top_of_the_repository(empty: Lab) -> None:
    """Where GitHub looks, wherever notionsync.toml is."""
    empty.write("notes/notionsync.toml", "")
    inner = Lab(empty.root / "notes", empty.base_url, empty.person)
    inner.run("init", "--workflow", "--action", ACTION)
    data = parsed((empty.root / PATH).read_bytes())
    assert data["jobs"]["sync"]["steps"][1]["with"]["working-directory"] == "notes"
    assert not (inner.root / ".github").exists()


def test_it_comes_with_a_new_database(empty: Lab) -> None:
    """In one command."""
    made = empty.json("init", "--create", "--parent", empty.workspace(), "--workflow", "--action", ACTION)
    assert made["workflow"] == {
        "path": PATH,
        "written": True,
        "minute": made["workflow"]["minute"],
        "action_named": True,
    }
    assert made["data_source"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--workflow", "--action", "study/notionsync@v1"], "40 digits of a commit"),
        (["--action", ACTION], "--action goes with --workflow"),
        (["--workflow", "--github", "kim/study"], "--workflow writes into a checkout"),
    ],
)
def test_an_action_that_can_be_moved_is_refused(empty: Lab, arguments: list[str], said: str) -> None:
    """A tag is what its owner makes of it tomorrow."""
    assert said in empty.run("init", *arguments, code=2).output
    assert not (empty.root / PATH).exists()
