"""plan, apply."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from notionsync.cli.brake import Brake
from notionsync.cli.github import Place, on_github
from notionsync.cli.options import ALLOW, COMMIT, DEEP, FULL, ON_CONFLICT, OPAQUE, OPTIONS, PATHS, with_options
from notionsync.cli.output import json_option, print_json, print_report, progress, report_option
from notionsync.engine import Report, Request, applying, propose, run
from notionsync.engine.session import Session, connect
from notionsync.errors import UsageError
from notionsync.plan.action import Direction
from notionsync.plan.guards import Allowed


@click.command("plan")
@with_options(PATHS)
@click.option(
    "--direction",
    type=click.Choice(["pull", "push", "sync"]),
    default="sync",
    show_default=True,
    help="Which command to plan.",
)
@with_options(DEEP, FULL, json_option("Print the plan as JSON, for apply."), *ALLOW, ON_CONFLICT, OPAQUE, OPTIONS)
@on_github()
def plan_command(paths: tuple[str, ...], direction: Direction, *, place: Place, as_json: bool, **options: Any) -> None:
    """Print what pull, push or sync would do; write nothing anywhere.

    The same files, pages and options give the same text, byte for byte. With --json it is what `apply` takes: every
    change in full, and what each expects to find (schemas/plan.schema.json describes it).

    \b
    Example:
      notionsync plan --json > plan.json
      notionsync apply plan.json
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    allowed = Allowed(**{kind: options.pop(f"allow_{kind}") for kind in ("delete", "empty", "edit")})
    request = Request(
        direction=direction, command="plan", unattended=not sys.stdin.isatty(), allowed=allowed, **options
    )

    def work(session: Session) -> tuple[Report, Mapping[str, Any]]:
        with connect(session) as notion:
            return propose(session, notion, replace(request, only=session.within(paths)))

    with progress(quiet=as_json) as tell:
        report, document = place.run(work, command="plan", progress=tell).result
    if as_json:
        print_json(document)
        sys.exit(report.exit_code)
    print_report(report, as_json=False)


@click.command("apply")
@click.argument("plan", metavar="PLAN", type=click.Path(allow_dash=True, dir_okay=False))
@json_option("Print the report as JSON.")
@report_option
@with_options(*COMMIT)
@on_github(publishes=True)
def apply_command(plan: str, *, place: Place, as_json: bool, commit: bool, message: str) -> None:
    """Carry out PLAN, as `plan --json` printed it; - reads it from the standard input.

    Both sides are read and planned again first. If that is not the same plan, because a file, a page or the state
    changed, nothing is written, and the exit code is 4.

    Example: notionsync apply plan.json --commit
    """
    brake = Brake()
    request = applying(_read(plan), commit=commit, message=message)

    def work(session: Session) -> Report:
        with connect(session) as notion:
            return run(session, notion, request)

    with progress(quiet=as_json) as tell, brake.fitted():
        report = place.report(
            work, command="apply", message=message, publish=True, progress=tell, stopping=brake.stopping
        )
    print_report(report, as_json=as_json)


def _read(plan: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if plan == "-" else Path(plan).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{plan}: cannot be read: {error.strerror}", advice="notionsync plan --json > plan.json"
        ) from error
