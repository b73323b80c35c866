"""pull, push, sync, resolve."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import click

from notionsync.cli.brake import Brake
from notionsync.cli.github import Place, on_github
from notionsync.cli.options import (
    ALLOW,
    COMMIT,
    DEEP,
    DRY_RUN,
    FULL,
    ON_CONFLICT,
    OPAQUE,
    OPTIONS,
    PATHS,
    SHALLOW,
    UNATTENDED,
    with_options,
)
from notionsync.cli.output import json_option, print_report, progress, report_option
from notionsync.engine import Report, Request, run
from notionsync.engine.session import Session, connect
from notionsync.plan.action import Choice, Direction
from notionsync.plan.guards import Allowed, Ceiling

_COMMON = (
    PATHS,
    DRY_RUN,
    DEEP,
    FULL,
    json_option("Print the report as JSON."),
    report_option,
    *ALLOW,
    *UNATTENDED,
    *COMMIT,
)
_GITHUB = on_github(publishes=True, issues=True)


def _run(direction: Direction, paths: tuple[str, ...], *, place: Place, as_json: bool, **options: Any) -> None:
    ceiling = options.pop("max_changes", Ceiling())
    allowed = Allowed(
        changes=ceiling, **{kind: options.pop(f"allow_{kind}", None) for kind in ("delete", "empty", "edit")}
    )
    brake = Brake(options.pop("max_minutes", None))
    request = Request(direction=direction, unattended=not sys.stdin.isatty(), allowed=allowed, **options)

    def work(session: Session) -> Report:
        with connect(session) as notion:
            return run(session, notion, replace(request, only=session.within(paths)))

    with progress(quiet=as_json) as tell, brake.fitted():
        report = place.report(
            work,
            command=request.command or direction,
            message=request.message,
            publish=not request.dry_run,
            whole=not paths,
            progress=tell,
            stopping=brake.stopping,
        )
    print_report(report, as_json=as_json)


@click.command("pull")
@with_options(*_COMMON, ON_CONFLICT, _GITHUB)
def pull_command(paths: tuple[str, ...], **options: Any) -> None:
    """Bring Notion's changes into the files. Never writes to Notion.

    A file's own edits are kept: what Notion changed is merged into them.

    Example: notionsync pull --dry-run
    """
    _run("pull", paths, **options)


@click.command("push")
@with_options(*_COMMON, OPAQUE, OPTIONS, on_github(publishes=True))
def push_command(paths: tuple[str, ...], **options: Any) -> None:
    """Bring the files' changes to Notion.

    A page that moved on in Notion since the last pull is refused. Files only get the id of the page made for them.

    Example: notionsync push answers/Dropout.md
    """
    _run("push", paths, **options)


@click.command("sync")
@with_options(*_COMMON, SHALLOW, ON_CONFLICT, OPAQUE, OPTIONS, _GITHUB)
def sync_command(paths: tuple[str, ...], **options: Any) -> None:
    """Bring both sides in step: pull and push, planned together.

    Without a terminal every page is re-read while that costs no more than 600 requests, else a part of them in each run;
    and before --commit the run waits until the minute of the last edit is over, and looks once more.

    Example: notionsync sync --commit
    """
    _run("sync", paths, **options)


@click.command("resolve")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--take",
    type=click.Choice(["local", "notion", "markers"]),
    required=True,
    help="Whose version of the conflicting text; markers writes both into the file.",
)
@with_options(DRY_RUN)
@json_option("Print the report as JSON.")
@report_option
@on_github(publishes=True, issues=True, message="Settle a conflict")
def resolve_command(paths: tuple[str, ...], take: Choice, **options: Any) -> None:
    """Settle a conflict in the file; the next push or sync brings the result to Notion.

    Only what conflicts is decided; all other edits of both sides are kept, and the losing version is put into
    .notionsync/conflicts/. If the page was edited in Notion since the conflict was reported here, nothing is decided
    until you have seen it.

    Example: notionsync resolve answers/Dropout.md --take local
    """
    _run("pull", paths, command="resolve", on_conflict=take, **options)
