"""resync, repair."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click

from notionsync.cli.brake import Brake
from notionsync.cli.options import DRY_RUN, with_options
from notionsync.cli.output import clean, json_option, print_json, print_report, progress, say
from notionsync.engine.repair import Repaired, repair
from notionsync.engine.resync import resync
from notionsync.engine.session import connect, open_session
from notionsync.errors import ConflictError


@click.command("resync")
@with_options(DRY_RUN)
@json_option("Print the report as JSON.")
def resync_command(*, dry_run: bool, as_json: bool) -> None:
    """Rebuild the state from both sides, when .notionsync/ is lost, doubtful, or of another database.

    Every question is read on both sides. What is equal is agreed on anew; what differs is listed; neither side is
    written to. What was agreed before is forgotten, so that the next sync brings back what was deleted on one side,
    and reports edits of one side as conflicts where the other side has something else: use it when you must.

    \b
    Example:
      notionsync resync --dry-run
      notionsync resync
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    brake = Brake()
    with progress(quiet=as_json) as tell, brake.fitted():
        session = open_session(Path.cwd(), progress=tell, stopping=brake.stopping)
        with connect(session) as notion:
            report = resync(session, notion, dry_run=dry_run)
    print_report(report, as_json=as_json)


@click.command("repair")
@with_options(DRY_RUN)
@click.option("--remote", is_flag=True, help="Ask Notion about ids of files that were never synced.")
@click.option(
    "--drop-foreign", is_flag=True, help="Take ids of pages of other databases out of the files; asks Notion."
)
@json_option("Print the result as JSON.")
def repair_command(*, dry_run: bool, remote: bool, drop_foreign: bool, as_json: bool) -> None:
    """Put right what keeps a repository from being synced. Offline, unless asked otherwise; Notion is not written to.

    Broken records, missing bases, and state files with git's conflict markers get the version that git has whole: of
    two that could not be merged, the older, which is always safe. Lost notion_id lines are put back, those of copied
    files are taken out, and what killed runs left behind is deleted. What is left for you is listed, with exit code 3.

    \b
    Example:
      notionsync repair --dry-run
      notionsync repair
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    session = open_session(Path.cwd())
    with connect(session) if remote or drop_foreign else contextlib.nullcontext() as notion:
        result = repair(session, notion, drop_foreign=drop_foreign, dry_run=dry_run)
    if as_json:
        print_json(
            {
                "dry_run": dry_run,
                "repairs": [{"what": one.what, "path": one.path, "message": one.message} for one in result.repairs],
                "left": [
                    {"path": one.path, "page": one.page, "message": one.message, "advice": one.advice}
                    for one in result.left
                ],
            }
        )
    else:
        _print(result, dry_run=dry_run)
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
