"""Workflows run for real, with act in host mode: no Docker, no network beyond this machine but for what pip installs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SOURCES = (
    "action.yml", ".github", "scripts", "src", "pyproject.toml", "requirements.txt", "LICENSE", ".gitignore", ".gitattributes",
)  # fmt: skip
OUTSIDE = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "INPUT_", "NOTION_"))}
"""The environment without that of a workflow which runs these tests."""
_INSTALLED = f"#!/bin/sh\n# The environment of these tests stands for the one that the Action would make.\nln -sfn '{sys.prefix}' \"$1\"\n"


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody."""
    identity = ["-c", "user.name=Kim", "-c", "user.email=kim@example.org", "-c", "core.quotePath=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def copy_sources(folder: Path, *, installed: bool) -> None:
    """Copy what the Action is made of.

    Args:
        folder: Where to.
        installed: Whether the step that installs takes what is installed here; it takes a while otherwise.
    """
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *SOURCES)
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
            (folder / name).chmod((ROOT / name).stat().st_mode)
    if installed:
        (folder / "scripts/install.sh").write_text(_INSTALLED)


def act(
    folder: Path,
    event: str,
    *options: str,
    workflow: str = "notionsync",
    env: Mapping[str, str] = {},
    secrets: Mapping[str, str] = {},
    code: int = 0,
) -> str:
    """Run a workflow, without an identity for git, and return its log.

    Args:
        folder: The repository.
        event: What starts it.
        options: More for act.
        workflow: Name of the workflow's file.
        env: More of the environment.
        secrets: The repository's secrets.
        code: The expected exit code: 1 when a job fails.
    """
    pip = {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
    everything = {**pip, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **env}
    given: Sequence[str] = [
        *(part for key, value in everything.items() for part in ("--env", f"{key}={value}")),
        *(part for key, value in secrets.items() for part in ("-s", f"{key}={value}")),
    ]
    command = [
        str(BIN / "act"), event, "-W", f".github/workflows/{workflow}.yml", "-P", "ubuntu-latest=-self-hosted",
        "--no-cache-server", "--action-offline-mode", *given, *options,
    ]  # fmt: skip
    around = {key: str(folder.parent / key.lower()) for key in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    done = subprocess.run(
        command, cwd=folder, env={**OUTSIDE, **around}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout
    return done.stdout
