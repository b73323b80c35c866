"""A clone, and the bare repository it came from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

OUTSIDE = {
    key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "NOTION_", "INPUT_", "RUNNER_"))
}
"""The environment without that of a workflow which runs these tests."""
CONFIGURED = '[notion]\ndata_source = "38c9ce7b60a481d29260b2f4f0f3a111"\n'


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    identity = ["-c", "user.name=Kim", "-c", "user.email=kim@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with one commit."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "origin.git")], check=True)
    subprocess.run(["git", "clone", "-q", str(tmp_path / "origin.git"), str(tmp_path / "clone")], check=True)
    folder = tmp_path / "clone"
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    (folder / "notionsync.toml").write_text(CONFIGURED)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Start")
    git(folder, "push", "-q", "origin", "main")
    return folder
