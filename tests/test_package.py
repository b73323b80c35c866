"""What users import."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import notionsync


def test_the_public_names_are_these_and_no_others() -> None:
    """`__all__` is a promise: a name is added or taken out on purpose only, and each one can be had."""
    assert notionsync.__all__ == [
        "Allowed",
        "Config",
        "Outcome",
        "Report",
        "__version__",
        "blocks_to_markdown",
        "errors",
        "markdown_to_blocks",
        "plan",
        "sync",
    ]
    for name in notionsync.__all__:
        assert getattr(notionsync, name) is not None


def test_plan_is_a_function_whatever_was_imported() -> None:
    """The package that plans does not get in the way of the function of that name."""
    importlib.import_module("notionsync.plan.align")
    assert callable(notionsync.plan)


def test_every_example_in_a_docstring_holds() -> None:
    """What the docstrings of all modules show is what comes out."""
    names = [one.name for one in pkgutil.walk_packages(notionsync.__path__, "notionsync.")]
    results = [doctest.testmod(importlib.import_module(name)) for name in names if not name.endswith("__main__")]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) > len(results) / 10


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A misspelt name fails as in any module."""
    with pytest.raises(AttributeError, match="syncs"):
        _ = notionsync.syncs


@pytest.mark.parametrize(
    "heavy", ["markdown_it", "notion_client", "httpx", "rich", "ruamel", "flask", "tomlkit", "github"]
)
def test_help_imports_nothing_heavy(heavy: str) -> None:
    """`notionsync --help` answers at once, so it may not load what only a run needs."""
    code = f"import sys; from notionsync.cli import main; main(['--help'], standalone_mode=False); sys.exit('{heavy}' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0


def test_github_is_imported_by_those_who_use_it() -> None:
    """Commands over a checkout do not wait for PyGithub."""
    code = (
        "import sys, notionsync.cli.sync, notionsync.cli.inspect, notionsync.cli.check, notionsync.cli.setup\n"
        "print(*(name for name in sys.modules if name.partition('.')[0] in {'github', 'requests'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
