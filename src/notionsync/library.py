"""What a program calls: the same runs as the commands, without a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from notionsync.engine import Report, Request, run
from notionsync.engine.session import Progress, connect, open_session
from notionsync.plan.action import Choice, Direction
from notionsync.plan.guards import Allowed


def sync(
    folder: str | Path = ".",
    *,
    direction: Direction = "sync",
    token: str | None = None,
    base_url: str | None = None,
    dry_run: bool = False,
    deep: bool = False,
    on_conflict: Choice = "fail",
    only: Iterable[str] = (),
    allowed: Allowed = Allowed(),  # noqa: B008 - frozen
    progress: Progress | None = None,
) -> Report:
    """Bring a repository and its Notion database in step.

    Args:
        folder: A folder in the repository; `notionsync.toml` is looked for there and above.
        direction: "pull" writes files only, "push" writes Notion only, "sync" both.
        token: The integration's secret; `NOTION_TOKEN` if None.
        base_url: Where the API is; `NOTION_BASE_URL` if None.
        dry_run: Report what would be done, and do nothing.
        deep: Re-read every page, for edits of nested blocks that move no page's time.
        on_conflict: Who wins where both sides changed the same text; "fail" leaves it for a person.
        only: Paths of answers relative to the repository; empty for all.
        allowed: What the guards let through, this once.
        progress: Told what is being done, how many steps of it are finished, and how many there are.

    Returns:
        What was done to each question, and what is left for a person; `exit_code` sums it up.

    Raises:
        NotionSyncError: Nothing could be done: see `notionsync.errors` for the tree.
    """
    session = open_session(Path(folder), progress=progress)
    environ = {
        "NOTION_TOKEN": token if token is not None else os.environ.get("NOTION_TOKEN", ""),
        "NOTION_BASE_URL": base_url if base_url is not None else os.environ.get("NOTION_BASE_URL", ""),
    }
    request = Request(
        direction=direction,
        dry_run=dry_run,
        deep=deep,
        on_conflict=on_conflict,
        only=frozenset(only),
        allowed=allowed,
    )
    with connect(session, environ) as notion:
        return run(session, notion, request)


def plan(
    folder: str | Path = ".",
    *,
    direction: Direction = "sync",
    token: str | None = None,
    base_url: str | None = None,
    deep: bool = False,
    on_conflict: Choice = "fail",
    only: Iterable[str] = (),
    allowed: Allowed = Allowed(),  # noqa: B008 - frozen
) -> Report:
    """Report what `sync` would do with the same arguments; nothing is written anywhere.

    Raises:
        NotionSyncError: As `sync`.
    """
    return sync(
        folder,
        direction=direction,
        token=token,
        base_url=base_url,
        dry_run=True,
        deep=deep,
        on_conflict=on_conflict,
        only=only,
        allowed=allowed,
    )
