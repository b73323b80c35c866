"""What the Action installs, against what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.conftest import REPOSITORY

LOCK = (REPOSITORY / "requirements.txt").read_text("utf-8")
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
WANTED = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]


def _locked() -> dict[str, tuple[str, list[str]]]:
    """Return version and hashes of each package."""
    entries = re.split(r"\n(?=\w)", re.sub(r"(?m)^#.*\n", "", LOCK).strip())
    found: dict[str, tuple[str, list[str]]] = {}
    for entry in entries:
        name, _, version = entry.split()[0].partition("==")
        found[canonicalize_name(name)] = version, re.findall(r"--hash=(\S+)", entry)
    return found


LOCKED = _locked()


def test_every_package_has_one_version_and_hashes() -> None:
    """Nothing else is in the file: no option, no address, no file."""
    for version, hashes in LOCKED.values():
        assert version
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes)
    rest = re.sub(
        r"(?m)^#.*\n|^[\w.-]+==[\w.]+( ; [\w' !=<>.]+)? \\\n|^ {4}--hash=sha256:[0-9a-f]{64}( \\)?\n", "", LOCK
    )
    assert rest == ""


@pytest.mark.parametrize("text", WANTED)
def test_what_is_asked_for_is_locked(text: str) -> None:
    """In a version that pyproject.toml allows; after a change there: make lock."""
    wanted = Requirement(text)
    assert wanted.specifier.contains(LOCKED[canonicalize_name(wanted.name)][0])


def test_nothing_that_is_needed_is_missing() -> None:
    """All that the locked packages need is locked, or pip would refuse to install them."""
    for name in LOCKED:
        try:
            needed = [Requirement(text) for text in requires(name) or ()]
        except PackageNotFoundError:
            continue  # needed to build only, and not installed here
        for requirement in needed:
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                version, _ = LOCKED[canonicalize_name(requirement.name)]
                assert requirement.specifier.contains(version), (name, requirement)
