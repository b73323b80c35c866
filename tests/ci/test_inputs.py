"""The Action's inputs."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.conftest import REPOSITORY

from notionsync.ci.inputs import Inputs, Mode, read_inputs
from notionsync.errors import UsageError


def _env(**given: str) -> dict[str, str]:
    return {f"INPUT_{name.upper()}": value for name, value in given.items()}


def test_nothing_given_is_a_sync_that_commits() -> None:
    """What the description of the Action says; empty inputs are inputs that were not given."""
    assert read_inputs({}) == read_inputs(_env(command="", mode=" ", author="", max_minutes="")) == Inputs()


def test_everything_given() -> None:
    """Each input arrives; a message is one line, whatever it was."""
    inputs = read_inputs(
        _env(
            command="pull",
            mode="commit",
            pr_branch="bot/notion",
            commit_message="Bring\nit  here",
            author="Ada L. <ada@example.org>",
            dry_run="True",
            on_conflict="markers",
            max_changes="50,50%",
            allow_delete="7",
            max_minutes="12",
            issues="false",
        )
    )
    assert inputs == Inputs(
        command="pull",
        mode="commit",
        pr_branch="bot/notion",
        message="Bring it here",
        author="Ada L. <ada@example.org>",
        dry_run=True,
        on_conflict="markers",
        max_changes="50,50%",
        allow_delete="7",
        max_minutes=12.0,
        issues=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("command", "sync; rm -rf /"),
        ("command", "--help"),
        ("mode", "force"),
        ("pr-branch", "--delete"),
        ("pr-branch", "a..b"),
        ("pr-branch", "refs/heads/x.lock"),
        ("pr-branch", "a b"),
        ("pr-branch", "trailing/"),
        ("author", "Ada"),
        ("author", "<ada@example.org>"),
        ("author", "Ada\n <ada@example.org>"),
        ("author", "Ada <ada@example.org> <x@y>"),
        ("dry-run", "yes"),
        ("on-conflict", "theirs"),
        ("max-changes", "--allow-edit 9"),
        ("max-changes", "many"),
        ("allow-delete", "-1"),
        ("max-minutes", "1.5"),
        ("max-minutes", "soon"),
        ("issues", "1"),
    ],
)
def test_a_wrong_input_is_named(name: str, value: str) -> None:
    """It never becomes an option, a branch or a person of its own."""
    with pytest.raises(UsageError, match=f"^{name}: "):
        read_inputs(_env(**{name.replace("-", "_"): value}))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"command": "push", "on_conflict": "local"}, "on-conflict"),
        ({"mode": "api", "author": "Ada <ada@example.org>"}, "author"),
        ({"command": "readme", "mode": "pull-request"}, "mode"),
        ({"issues": "true"}, "issues"),
    ],
)
def test_inputs_that_do_not_go_together(given: dict[str, str], name: str) -> None:
    """Rather than being passed over in silence."""
    with pytest.raises(UsageError, match=f"^{name}: ") as caught:
        read_inputs(_env(**given))
    assert caught.value.advice


@given(st.text())
def test_no_text_becomes_an_option(text: str) -> None:
    """Whatever is given for a value that gets onto a command line does not begin with a dash."""
    for name in ("pr_branch", "author", "max_changes", "allow_delete"):
        try:
            inputs = read_inputs(_env(**{name: text}))
        except UsageError:
            continue
        assert not str(getattr(inputs, name)).startswith("-")


def test_every_input_reaches_the_program() -> None:
    """What action.yml declares is passed on, with the program's own default, and nothing is read that it does not declare."""
    action = YAML(typ="safe").load((REPOSITORY / "action.yml").read_text("utf-8"))
    declared = set(action["inputs"]) - {"working-directory", "notion-token", "github-token"}
    passed = next(step for step in action["runs"]["steps"] if step.get("id") == "run")["env"]
    assert {key: value for key, value in passed.items() if key.startswith("INPUT_")} == {
        f"INPUT_{name.replace('-', '_').upper()}": f"${{{{ inputs.{name} }}}}" for name in declared
    }
    defaults = {f"INPUT_{name.replace('-', '_').upper()}": action["inputs"][name]["default"] for name in declared}
    assert read_inputs(defaults) == Inputs(max_changes="50,50%")


def test_the_page_about_the_action_tells_all_of_it() -> None:
    """Every input with its default, every output, every mode."""
    action = YAML(typ="safe").load((REPOSITORY / "action.yml").read_text("utf-8"))
    page = (REPOSITORY / "docs/action.md").read_text("utf-8")
    inputs, outputs = page.split("## Inputs")[1].split("## Outputs")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", inputs, re.MULTILINE))
    assert list(rows) == list(action["inputs"])
    for name, default in rows.items():
        if default.startswith("`"):
            assert default == f"`{action['inputs'][name]['default']}`"
        else:
            assert action["inputs"][name]["default"] in {"", "${{ github.token }}"}
    assert set(action["outputs"]) == set(re.findall(r"`([a-z-]+)`", outputs.split("##")[0]))
    assert set(get_args(Mode)) <= set(re.findall(r"^\| `([a-z-]+)` \|", outputs, re.MULTILINE))
