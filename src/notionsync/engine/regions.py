"""The README's question lists, as a run and the commands need them: read from the files, written back."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from notionsync import readme
from notionsync.config import Config, Region
from notionsync.engine.report import Outcome
from notionsync.engine.session import Session
from notionsync.errors import ConfigError, NotionSyncError, UsageError
from notionsync.sides.git import Git
from notionsync.sides.worktree import Worktree

_REMOTE: Final = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|(?:[^@/:]*@))(?P<host>[^/:@]+)(?::\d+)?[:/](?P<name>[^/]+/[^/]+?)(?:\.git)?/?"
)


def placed(config: Config, git: Git, environ: Mapping[str, str] | None = None) -> tuple[Region, ...]:
    """Return the regions with the address that their absolute links begin with.

    The repository is what `[git] repository` says, else `GITHUB_REPOSITORY`, else the checkout's remote; the branch is what
    `[git] branch` says, else `HEAD`, which GitHub takes for the default branch.

    Args:
        config: The configuration.
        git: The checkout.
        environ: The environment, if not the process's own.

    Raises:
        ConfigError: A region wants absolute links and nothing says where the repository is.
    """
    if all(region.links == "relative" for region in config.regions):
        return config.regions
    prefix = f"{_repository(config, git, os.environ if environ is None else environ)}/blob/{config.branch or 'HEAD'}/"
    return tuple(
        replace(region, url_prefix=prefix) if region.links == "absolute" else region for region in config.regions
    )


def read_entries(tree: Worktree, config: Config) -> tuple[readme.Entry, ...]:
    """Return the questions of the repository, as the lists need them.

    Raises:
        FileError: A file cannot be read as an answer.
    """
    targets = any(map(readme.asks_for_anchors, config.regions))
    entries: list[readme.Entry] = []
    for path in tree.answers(config.folder):
        if path.rpartition("/")[2].lower() != "readme.md":
            entries += readme.read({path: tree.read(path) or b""}, targets=targets)
    return tuple(entries)


def rebuild_regions(session: Session) -> tuple[tuple[str, ...], list[Outcome]]:
    """Rebuild the README regions from the files; return the files that changed, and what could not be rebuilt."""
    config, tree = session.config, session.tree
    if not config.regions:
        return (), []
    changed: list[str] = []
    trouble: list[Outcome] = []
    try:
        entries = read_entries(tree, config)
    except NotionSyncError:
        return (), []  # the run reported the file; without it the list would lose a question, so it waits
    for file in dict.fromkeys(region.file for region in config.regions):
        try:
            data = tree.read(file)
            if data is None:
                raise UsageError(f"{file}: there is none, but notionsync.toml has a [[region]] for it")
            built = readme.rebuild(file, data, placed(config, session.git), entries, keys=config.properties)
            tree.write(file, built, expect=data)
        except NotionSyncError as error:
            trouble.append(_unbuilt(file, error))
        else:
            if built != data:
                changed.append(file)
    return tuple(changed), trouble


def _repository(config: Config, git: Git, environ: Mapping[str, str]) -> str:
    """Return the address of the repository on GitHub."""
    server = environ.get("GITHUB_SERVER_URL", "").strip().rstrip("/") or "https://github.com"
    name = config.repository or environ.get("GITHUB_REPOSITORY", "").strip()
    if name:
        return f"{server}/{name}"
    found = _REMOTE.fullmatch(git.remote()) if git.available() else None
    if found is None:
        raise ConfigError(
            'notionsync.toml: a [[region]] has links = "absolute", but nothing says where the repository is',
            advice='write [git] repository = "OWNER/REPO"',
        )
    return f"https://{found['host']}/{found['name']}"


def _unbuilt(file: str, error: NotionSyncError) -> Outcome:
    return Outcome(
        state="refused",
        verb="wait",
        direction="",
        path=file,
        page="",
        title=file,
        message=error.message,
        advice=error.advice,
    )
