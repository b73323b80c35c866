"""Whether a schedule is about to be switched off for want of commits: who owns it may never call `notionsync doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from notionsync.ci.runner import Runner
from notionsync.engine.doctor import ending_schedule
from notionsync.errors import NotionSyncError
from notionsync.sides.git import Git


def warn_of_end(runner: Runner, env: Mapping[str, str], now: float) -> None:
    """Write a warning if a scheduled run is one of the last of its kind.

    Args:
        runner: Who is told.
        env: The step's environment.
        now: Seconds since the epoch.
    """
    if env.get("GITHUB_EVENT_NAME") != "schedule":
        return
    name = env.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].rpartition("/")[2] or "notionsync.yml"
    if warning := ending_schedule(name, _changed_at(env), now):
        runner.say("warning", "\n".join(warning))


def _changed_at(env: Mapping[str, str]) -> float | None:
    """Return when the repository last changed, from the checkout, or else from GitHub; None if neither tells."""
    token, name = env.get("GITHUB_TOKEN", ""), env.get("GITHUB_REPOSITORY", "")
    if (committed := Git(Path.cwd()).committed_at()) is not None or not (token and name):
        return committed
    from notionsync.sides.github import API, GitHub

    try:
        with GitHub(token, name, base_url=env.get("GITHUB_API_URL") or API) as hub:
            return hub.repo.pushed_at.timestamp()
    except NotionSyncError:
        return None  # the run itself has said so, or did not need it
