"""resync, repair."""

from __future__ import annotations

import contextlib
import sys

import click

from notionsync.cli.brake import Brake
from notionsync.cli.github import Place, on_github, say_published
from notionsync.cli.options import DRY_RUN, with_options
from notionsync.cli.output import clean, json_option, print_json, print_report, progress, report_option, say
from notionsync.engine.repair import Repaired, repair
from notionsync.engine.report import Report
from notionsync.engine.resync import resync
from notionsync.engine.session import Session, connect
from notionsync.errors import ConflictError


@click.command("resync")
@with_options(DRY_RUN)
@json_option("Print the report as JSON.")
@report_option
@on_github(publishes=True, message="Rebuild the state from both sides")
def resync_command(*, place: Place, dry_run: bool, message: str, as_json: bool) -> None:
    """Rebuild the state from both sides, when .notionsync/ is lost, doubtful, or of another database.

    Every question is read on both sides. What is equal is agreed on anew; what differs is listed; neither side is
    written to. What was agreed before is forgotten, so that the next sync brings back what was deleted on one side,
    and reports edits of one side as conflicts where the other side has something else: use it when you must.

    \b
    Example:
      notionsync resync --dry-run
      notionsync resync
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"

    def work(session: Session) -> Report:
        with connect(session) as notion:
            return resync(session, notion, dry_run=dry_run)

    brake = Brake()
    with progress(quiet=as_json) as tell, brake.fitted():
        report = place.report(
            work, command="resync", message=message, publish=not dry_run, progress=tell, stopping=brake.stopping
        )
    print_report(report, as_json=as_json)


@click.command("repair")
@with_options(DRY_RUN)
@click.option("--remote", is_flag=True, help="Ask Notion about ids of files that were never synced.")
@click.option(
    "--drop-foreign", is_flag=True, help="Take ids of pages of other databases out of the files; asks Notion."
)
@json_option("Print the result as JSON.")
@on_github(publishes=True, message="Put the state right")
def repair_command(
    *, place: Place, dry_run: bool, remote: bool, drop_foreign: bool, message: str, as_json: bool
) -> None:
    """Put right what keeps a repository from being synced. Offline, unless asked otherwise; Notion is not written to.

    Broken records, missing bases, and state files with git's conflict markers get the version that git has whole: of
    two that could not be merged, the older, which is always safe. Lost notion_id lines are put back, those of copied
    files are taken out, and what killed runs left behind is deleted. What is left for you is listed, with exit code 3.

    \b
    Example:
      notionsync repair --dry-run
      notionsync repair
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"

    def work(session: Session) -> Repaired:
        with connect(session) if remote or drop_foreign else contextlib.nullcontext() as notion:
            return repair(session, notion, drop_foreign=drop_foreign, dry_run=dry_run)

    done = place.run(work, command="repair", message=message, publish=not dry_run)
    result = done.result
    if as_json:
        print_json(
            {
                "dry_run": dry_run,
                "repairs": [{"what": one.what, "path": one.path, "message": one.message} for one in result.repairs],
                "left": [
                    {"path": one.path, "page": one.page, "message": one.message, "advice": one.advice}
                    for one in result.left
                ],
                **place.facts(done),
            }
        )
    else:
        _print(result, dry_run=dry_run)
        say_published(done)
    if result.left:
        sys.exit(ConflictError.exit_code)


def _print(result: Repaired, *, dry_run: bool) -> None:
    for one in result.repairs:
        say(f"  {'would' if dry_run else 'done '}  {clean(one.path)}: {clean(one.message)}", fg="green")
    for left in result.left:
        message = left.message if left.message.startswith(left.path) else f"{left.path}: {left.message}"
        say(f"  left   {clean(message)}", fg="red")
        if left.advice:
            say(f"      try:  {clean(left.advice)}")
    verb = "would repair" if dry_run else "repaired"
    say(f"repair: {verb} {len(result.repairs)}, left {len(result.left)}", bold=True)
