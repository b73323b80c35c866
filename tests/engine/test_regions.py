"""Where absolute links of the question lists begin."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from notionsync.config import Config, Region
from notionsync.engine.regions import placed
from notionsync.errors import ConfigError
from notionsync.sides.git import Git

ABSOLUTE = Config(regions=(Region(links="absolute"), Region(name="other")))


def prefix(config: Config, root: Path, environ: dict[str, str]) -> str:
    """What the links of the first region begin with; the second one stays relative."""
    first, second = placed(config, Git(root), environ)
    assert second.url_prefix == ""
    return first.url_prefix


@pytest.mark.parametrize(
    ("remote", "wanted"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r/blob/HEAD/"),
        ("https://user:ghp_secret@github.com/o/r", "https://github.com/o/r/blob/HEAD/"),
        ("git@github.example.org:o/r.git", "https://github.example.org/o/r/blob/HEAD/"),
        ("ssh://git@github.com:22/o/r.git", "https://github.com/o/r/blob/HEAD/"),
    ],
)
def test_the_remote_says_where_the_repository_is(tmp_path: Path, remote: str, wanted: str) -> None:
    """In every form that git knows, and never with the token in it."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "remote", "add", "origin", remote], cwd=tmp_path, check=True)
    assert prefix(ABSOLUTE, tmp_path, {}) == wanted


def test_the_configuration_comes_first_then_the_environment(tmp_path: Path) -> None:
    """Also on a server of one's own."""
    environ = {"GITHUB_REPOSITORY": "a/b", "GITHUB_SERVER_URL": "https://git.example.org"}
    assert prefix(ABSOLUTE, tmp_path, environ) == "https://git.example.org/a/b/blob/HEAD/"
    config = Config(regions=ABSOLUTE.regions, repository="o/r", branch="main")
    assert prefix(config, tmp_path, {"GITHUB_REPOSITORY": "a/b"}) == "https://github.com/o/r/blob/main/"


def test_a_folder_of_a_repository_and_an_odd_branch(tmp_path: Path) -> None:
    """The address is that of the file on GitHub, percent-encoded."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    below = tmp_path / "our docs" / "kb"
    below.mkdir(parents=True)
    config = Config(regions=ABSOLUTE.regions, repository="o/r", branch="fix/#1 (b)")
    assert prefix(config, below, {}) == "https://github.com/o/r/blob/fix/%231%20%28b%29/our%20docs/kb/"
    assert prefix(config, tmp_path, {}) == "https://github.com/o/r/blob/fix/%231%20%28b%29/"


@pytest.mark.parametrize("remote", ["", "../elsewhere"])
def test_a_repository_that_nothing_names_is_asked_for(tmp_path: Path, remote: str) -> None:
    """No link is guessed."""
    if remote:
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
        subprocess.run(["git", "remote", "add", "origin", remote], cwd=tmp_path, check=True)
    with pytest.raises(ConfigError, match="where the repository is") as caught:
        prefix(ABSOLUTE, tmp_path, {})
    assert "[git] repository" in caught.value.advice
