"""status, diff."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass

import click

from notionsync.cli.github import Place, on_github
from notionsync.cli.output import clean, json_option, print_json, print_report, progress, say
from notionsync.engine import Report, Request, run
from notionsync.engine.document import diff
from notionsync.engine.plan import Plan
from notionsync.engine.run import make_plan
from notionsync.engine.session import Session, connect
from notionsync.engine.status import Status, local_status
from notionsync.plan.action import Action, Conflict
from notionsync.plan.guards import ANYTHING

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command("status")
@click.option("--remote", is_flag=True, help="Ask Notion as well: what a sync would do.")
@json_option("Print the result as JSON.")
@on_github()
def status_command(*, place: Place, remote: bool, as_json: bool) -> None:
    """Show which questions changed since the last sync. Offline, unless asked otherwise; writes nothing.

    Example: notionsync status --remote
    """
    if remote:
        request = Request(direction="sync", command="status", dry_run=True)

        def ask(session: Session) -> Report:
            with connect(session) as notion, progress(quiet=as_json):
                return run(session, notion, request)

        print_report(place.report(ask, command="status"), as_json=as_json)
        return
    status = place.run(_status_of_all, command="status").result
    if as_json:
        print_json(
            {
                "known": status.known,
                "changes": [{"what": c.what, "path": c.path, "page": c.page} for c in status.changes],
                "refused": [{"path": r.path, "message": r.message, "advice": r.advice} for r in status.refused],
            }
        )
    else:
        for change in status.changes:
            say(f"  {change.what:<9} {clean(change.path)}")
        for refused in status.refused:
            say(f"  refused   {clean(refused.message)}", fg="red")
            if refused.advice:
                say(f"      try:  {clean(refused.advice)}")
        say(f"{status.known} questions synced before, {len(status.changes)} changed here since", bold=True)
    if status.refused:
        sys.exit(3)


def _status_of_all(session: Session) -> Status:
    found = [local_status(part) for part in session.parts()]
    return Status(
        known=sum(one.known for one in found),
        changes=tuple(change for one in found for change in one.changes),
        refused=tuple(refused for one in found for refused in one.refused),
    )


@click.command("diff")
@click.argument("paths", nargs=-1, metavar="[FILE]...")
@click.option("--deep", is_flag=True, help="Re-read every page: finds edits that move no page's time.")
@json_option("Print the differences as JSON.")
@on_github()
def diff_command(paths: tuple[str, ...], *, place: Place, deep: bool, as_json: bool) -> None:
    """Show what a sync would change, line by line, in the files and in Notion. Writes nothing.

    Of a conflict it shows what stands in Notion (-) and what the file says instead (+).

    Example: notionsync diff answers/Dropout.md
    """

    def work(session: Session) -> Plan:
        only = session.within(paths)
        with connect(session) as notion:
            return make_plan(session, notion, Request(direction="sync", deep=deep, only=only, allowed=ANYTHING))[1]

    with progress(quiet=as_json) as tell:
        plan = place.run(work, command="diff", progress=tell).result
    bases = {page: record.base for page, record in plan.shelf.records.items()}
    found = [_difference(action, bases.get(action.page or "", b"")) for action in plan.actions]
    if as_json:
        print_json({"differences": [asdict(difference) for difference in found]})
        return
    for difference in found:
        if difference.message:
            say(f"# {clean(difference.path)}: {clean(difference.message)}", fg="yellow")
        versions = [line for conflict in difference.conflicts for line in conflict.diff]
        for line in (*difference.file, *difference.page, *versions):
            say(clean(line), fg=_COLOURS.get(line[:1]))


@dataclass(frozen=True, slots=True)
class _Versions:
    """The two versions of a front matter key or of the body that a person has to choose between."""

    unit: str
    local: str
    notion: str
    diff: list[str]


@dataclass(frozen=True, slots=True)
class _Difference:
    """What a sync would change of one question, as unified diffs, and what it leaves for a person to decide."""

    path: str
    page_id: str
    verb: str
    file: list[str]
    page: list[str]
    conflicts: list[_Versions]
    message: str


def _difference(action: Action, base: bytes) -> _Difference:
    file: list[str] = []
    page: list[str] = []
    if action.verb == "delete-file":
        file = diff(action.expect or b"", b"", f"a/{action.path}", "/dev/null")
    elif action.file is not None:
        file = diff(action.expect or b"", action.file, f"a/{action.path}", f"b/{action.path}")
    if action.verb == "trash-page":
        page = diff(base, b"", f"notion/{action.path}", "/dev/null")
    elif action.writes_page and action.base is not None:
        page = diff(base, action.base, f"notion/{action.path}", f"notion/{action.path}")
    return _Difference(
        path=action.path,
        page_id=action.page or "",
        verb=action.verb,
        file=file,
        page=page,
        conflicts=[_versions(conflict, action.path) for conflict in action.conflicts],
        message=action.refusal or action.pending,
    )


def _versions(conflict: Conflict, path: str) -> _Versions:
    unit, local, notion = conflict.unit, conflict.local, conflict.remote
    before, after = (text.strip("\n").encode() for text in (notion, local))
    lines = diff(before, after, f"notion/{path} ({unit})", f"local/{path} ({unit})")
    return _Versions(unit, local, notion, lines)
