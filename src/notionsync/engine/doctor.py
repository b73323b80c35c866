"""Looking at everything a run depends on, one thing after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from notionsync.config import FILE_NAME, Config
from notionsync.engine.schema import is_stale
from notionsync.engine.session import Session
from notionsync.engine.shelf import read_shelf
from notionsync.engine.survey import map_properties
from notionsync.engine.validation import schema_of
from notionsync.errors import AccessError, ConfigError, NotionSyncError
from notionsync.model import Property
from notionsync.sides.notion import DataSource, Notion

_NEVER = "2999-01-01T00:00:00.000Z"
"""A listing since then has no pages, and still shows whether pages may be listed."""
_PEOPLE = frozenset({"people", "created_by", "last_edited_by"})

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
    scheduled = [path for path in sorted(session.git.top().glob(_WORKFLOWS)) if _SCHEDULE.search(_text(path))]
    warning = ending_schedule(scheduled[0].name, session.git.committed_at(), now) if scheduled else None
    return [Finding("schedule", ok=False, message=warning[0], advice=warning[1])] if warning else []


def ending_schedule(workflow: str, committed: float | None, now: float) -> tuple[str, str] | None:
    """Return a warning and an advice if a schedule is about to be switched off for want of commits.

    Args:
        workflow: The name of the workflow's file.
        committed: When the newest commit was made, in seconds since the epoch; None if nobody knows.
        now: The same of now.
    """
    days = int((now - committed) / 86_400) if committed is not None else 0
    if days <= _QUIET_DAYS:
        return None
    message = (
        f"the newest commit is {days} days old; after {_LAST_DAY} GitHub switches the schedules of a public repository off, "
        f"that of {workflow} too"
    )
    return (
        message,
        f"any commit keeps them; on again with: gh workflow enable {workflow}, or Enable workflow on the Actions page",
    )


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
        findings.append(_database(source))
        properties, lost = map_properties(source, config.properties, session.state.meta())
        findings += [Finding("properties", ok=False, message=r.message, advice=r.advice, exit_code=3) for r in lost]
        mapped = ", ".join(f"{key} = {prop.name} ({prop.type})" for key, prop in properties.items())
        findings.append(Finding("properties", ok=True, message=mapped))
        findings += [*_names(config, source, properties), *_rights(notion, config.data_source, properties)]
        findings += _schema(session, properties)
    except NotionSyncError as error:
        findings.append(_problem("database", error))
    return findings


def _database(source: DataSource) -> Finding:
    said = f'"{source.title}" {source.url}'
    if not source.in_trash:
        return Finding("database", ok=True, message=said)
    advice = "in Notion, open Trash in the sidebar, and restore the database"
    return Finding("database", ok=False, message=f"{said} is in Notion's trash", advice=advice, exit_code=2)


def _names(config: Config, source: DataSource, properties: Mapping[str, Property]) -> list[Finding]:
    """Tell of properties that are called otherwise than the configuration says."""
    found = [
        Finding(
            "properties",
            ok=False,
            message=f'{key}: "{config.properties[key]}" is called "{prop.name}" now',
            advice=f'in {FILE_NAME}, write {key} = "{prop.name}"; until then it is found by its id',
        )
        for key, prop in properties.items()
        if config.properties[key] != prop.name
    ]
    if config.name_property and config.name_property not in {prop.name for prop in source.properties}:
        message = (
            f'there is no "{config.name_property}" for the names of files: what a killed run created is found by title'
        )
        advice = f'in Notion, name it so again or add a text property "{config.name_property}"; or correct {FILE_NAME}'
        found.append(Finding("properties", ok=False, message=message, advice=advice))
    return found


def _rights(notion: Notion, data_source: str, properties: Mapping[str, Property]) -> list[Finding]:
    """Try what reading needs; what writing needs shows only in writing, and a refusal names it."""
    found = []
    try:
        notion.pages(data_source, since=_NEVER)
    except AccessError as error:
        found.append(_problem("rights", error))
    if any(prop.type in _PEOPLE for prop in properties.values()):
        try:
            notion.people()
        except AccessError as error:
            message = f"{error.message}; people are called by their ids"
            found.append(Finding("rights", ok=False, message=message, advice=error.advice))
    return found


def _schema(session: Session, properties: Mapping[str, Property]) -> list[Finding]:
    """Tell of a generated schema that knows other kinds or options than the database has."""
    if not is_stale(session, properties):
        return []
    return [
        Finding(
            "schema",
            ok=False,
            message=f"{schema_of(session.config)} is not what the database says now",
            advice="notionsync schema",
        )
    ]
