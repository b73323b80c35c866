"""The workflow that `init --workflow` writes: a sync on a schedule, on pushes and by hand, and a check of pull requests."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from notionsync.config import FILE_NAME, Config
from notionsync.engine.session import Session
from notionsync.errors import FileError
from notionsync.sides.worktree import Worktree

PATH = ".github/workflows/notionsync.yml"
UNNAMED = f"OWNER/notionsync@{'0' * 40}"
"""Stands where the Action has to be named."""
ACTION = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+@[0-9a-f]{40}")
"""An action as it may be used: by the full hash of a commit, which nobody can move, as a tag could be."""
_CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
_REMOTE = re.compile(r"[:/]([A-Za-z0-9][\w.-]*)/([\w.-]+?)(?:\.git)?/?$")

_TEMPLATE = """\
# Keeps answers, question lists and the Notion database in step. Written by: notionsync init --workflow
# It does nothing, and says so, until the repository has a secret NOTION_TOKEN.
name: notionsync

on:
  schedule:
    - cron: "@minute@ */6 * * *" # not on the hour, when GitHub starts most runs late or drops them
  workflow_dispatch:
    inputs:
      dry-run:
        description: Show what would be done and write nothing
        type: boolean
        default: false
      max-changes:
        description: "Let up to so many questions change on one side, this once: a number, a share, or both"
        type: string
        default: 50,50%
      allow-delete:
        description: "Let up to so many deletions through, this once"
        type: string
  push:
    branches: [@branch@]
    paths: [@paths@]
  pull_request:
    paths: [@paths@]

permissions: {}

concurrency:
  group: notionsync-${{ github.ref }}
  cancel-in-progress: false

jobs:
  check:
    name: Check the answers
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read # checks the proposed files out; there are no secrets in this job
    steps:
      - name: Check out what is proposed
        uses: @checkout@
        with:
          persist-credentials: false

      - name: Check
        uses: @action@
        with:
          command: check@folder@

  sync:
    name: Sync with Notion
    if: @condition@
    runs-on: ubuntu-latest
    timeout-minutes: 30
    permissions:
      contents: write # pushes the one commit of a run
    steps:
      - name: Check out the branch
        uses: @checkout@
        with:
          persist-credentials: false

      - name: Sync
        uses: @action@
        with:
          notion-token: ${{ secrets.NOTION_TOKEN }}
          dry-run: ${{ inputs.dry-run || false }}
          max-changes: ${{ inputs.max-changes || '50,50%' }}
          allow-delete: ${{ inputs.allow-delete }}
          max-minutes: 25@folder@
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A workflow that is there now.

    Attributes:
        path: The file, from the top of the repository.
        changed: Whether it was written; it was there already else.
        minute: The minute of the hour at which it syncs.
        named: Whether it names the Action.
    """

    path: str
    changed: bool
    minute: int
    named: bool


def write_workflow(session: Session, action: str = "") -> Workflow:
    """Write the workflow of a repository, unless there is one.

    Args:
        session: The repository.
        action: As `workflow` takes it.

    Raises:
        FileError: There is another one, which may hold somebody's work.
    """
    top = Worktree(session.git.top())
    remote, folder = session.git.remote(), session.root.resolve().relative_to(top.root.resolve()).as_posix()
    text = workflow(
        session.config,
        remote=remote,
        branch=session.git.branch(),
        folder="" if folder == "." else folder,
        action=action,
    )
    before = top.read(PATH)
    if before not in {None, text}:
        raise FileError(PATH, "is there, and says something else; nothing was written", advice=f"git mv {PATH} old.yml")
    top.write(PATH, text, expect=before)
    seed = repository(remote) or remote or _data_source(session.config)
    return Workflow(path=PATH, changed=before is None, minute=minute(seed), named=UNNAMED.encode() not in text)


def repository(remote: str) -> str:
    """Return `OWNER/NAME` from the address of a remote; empty if it names none."""
    found = _REMOTE.search(remote)
    return f"{found[1]}/{found[2]}" if found else ""


def minute(seed: str) -> int:
    """Return the minute of the hour at which a repository syncs: always the same, and not that of all the others."""
    return 3 + int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) % 54


def workflow(config: Config, *, remote: str, branch: str, folder: str = "", action: str = "") -> bytes:
    """Return the workflow of a repository.

    Args:
        config: What `notionsync.toml` says.
        remote: The address of `origin`; empty if there is none.
        branch: The branch that is synced.
        folder: The folder of `notionsync.toml` as seen from the top of the repository; empty for the top.
        action: The Action and its commit, `OWNER/NAME@HASH`; empty leaves a marked place for it.
    """
    name = repository(remote)
    prefix = f"{folder}/" if folder else ""
    synced = [one for one in (config, *config.collections) if one.data_source or not config.collections]
    folders = [one.folder for one in synced]
    folders += [one.assets for one in synced if not one.assets.startswith(f"{one.folder}/")]
    watched = [
        *(_exactly(prefix + folder) + "/**" for folder in dict.fromkeys(folders)),
        *(_exactly(prefix + file) for file in dict.fromkeys(region.file for region in config.regions)),
        _exactly(prefix + FILE_NAME),
    ]
    condition = "github.event_name != 'pull_request'"
    used = action or f"{UNNAMED} # <- name the repository of notionsync here, and the full hash of a commit of it"
    values = {
        "minute": str(minute(name or remote or _data_source(config))),
        "branch": _quoted(_exactly(config.branch or branch or "main")),
        "paths": ", ".join(map(_quoted, watched)),
        "checkout": _CHECKOUT,
        "action": used,
        "condition": f"{condition} && github.repository == '{name}'" if name else condition,
        "folder": f"\n          working-directory: {_quoted(folder)}" if folder else "",
    }
    return re.sub(r"@(\w+)@", lambda found: values.get(found[1], found[0]), _TEMPLATE).encode()


def _data_source(config: Config) -> str:
    return next((one.data_source for one in (config, *config.collections) if one.data_source), "")


def _exactly(name: str) -> str:
    """Return the filter that a name alone passes (docs.github.com, filter pattern cheat sheet)."""
    return re.sub(r"[*?+\[\]\\]|^!", r"\\\g<0>", name)


def _quoted(text: str) -> str:
    """Return text in YAML's quoted form."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
