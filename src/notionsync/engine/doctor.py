"""Looking at everything a run depends on, one thing after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from notionsync.config import FILE_NAME
from notionsync.engine.session import Session
from notionsync.engine.survey import map_properties, read_shelf
from notionsync.errors import ConfigError, NotionSyncError
from notionsync.sides.notion import Notion

_QUIET_DAYS = 45
_LAST_DAY = 60
"""Days without activity after which schedules end (docs.github.com, disabling and enabling a workflow)."""
_WORKFLOWS = ".github/workflows/*.y*ml"
_SCHEDULE = re.compile(r"^\s*[\"']?schedule[\"']?\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    message: str
    advice: str = ""
    exit_code: int = 0


def _problem(what: str, error: NotionSyncError) -> Finding:
    return Finding(what, ok=False, message=error.message, advice=error.advice, exit_code=error.exit_code)


def examine_files(session: Session, *, now: float) -> list[Finding]:
    """Look at what is here: git, schedules, configuration, files, state.

    Args:
        session: The repository.
        now: Seconds since the epoch.
    """
    findings = []
    if session.git.available():
        findings.append(Finding("git", ok=True, message=f"on branch {session.git.branch() or '(detached)'}"))
    else:
        findings.append(
            Finding(
                "git", ok=False, message="not a git checkout: there is no history to fall back on", advice="git init"
            )
        )
    findings += _examine_schedule(session, now)
    try:
        shelf = read_shelf(session)
    except NotionSyncError as error:
        return [*findings, _problem("state", error)]
    count = f"{len(shelf.files)} in {session.config.folder}/, {len(shelf.records)} synced before"
    findings.append(Finding("files", ok=True, message=count))
    findings += [Finding("files", ok=False, message=r.message, advice=r.advice, exit_code=3) for r in shelf.refused]
    return findings


def _examine_schedule(session: Session, now: float) -> list[Finding]:
    """Look whether a schedule is about to be switched off for want of commits."""
    committed = session.git.committed_at()
    scheduled = [path for path in sorted(session.git.top().glob(_WORKFLOWS)) if _SCHEDULE.search(_text(path))]
    days = int((now - committed) / 86_400) if committed is not None else 0
    if not scheduled or days <= _QUIET_DAYS:
        return []
    name = scheduled[0].name
    return [
        Finding(
            "schedule",
            ok=False,
            message=f"the newest commit is {days} days old; after {_LAST_DAY} GitHub switches the schedules of a public "
            f"repository off, that of {name} too",
            advice=f"any commit keeps them; on again with: gh workflow enable {name}, or Enable workflow on the Actions page",
        )
    ]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def examine_notion(session: Session, notion: Notion) -> list[Finding]:
    """Look at what the token reaches: the workspace, the database, its schema."""
    config = session.config
    try:
        bot = notion.me()
    except NotionSyncError as error:
        return [_problem("token", error)]
    findings = [Finding("token", ok=True, message=f'integration "{bot.name}" in workspace "{bot.workspace}"')]
    if not config.data_source:
        return [*findings, _problem("database", ConfigError("none is configured", advice="notionsync init"))]
    try:
        source = notion.data_source(config.data_source)
        findings.append(Finding("database", ok=True, message=f'"{source.title}" {source.url}'))
        properties, lost = map_properties(source, config.properties, session.state.meta())
        findings += [Finding("properties", ok=False, message=r.message, advice=r.advice, exit_code=3) for r in lost]
        mapped = ", ".join(f"{key} = {prop.name} ({prop.type})" for key, prop in properties.items())
        findings.append(Finding("properties", ok=True, message=mapped))
        renamed = [
            f'{key}: "{config.properties[key]}" is called "{p.name}" now'
            for key, p in properties.items()
            if config.properties[key] != p.name
        ]
        findings += [Finding("properties", ok=False, message=r, advice=f"correct {FILE_NAME}") for r in renamed]
    except NotionSyncError as error:
        findings.append(_problem("database", error))
    return findings
