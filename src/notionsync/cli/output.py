"""What people see: reports, errors, progress."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from notionsync.errors import NotionSyncError, UsageError

if TYPE_CHECKING:  # offline commands print too, and need not wait for the engine
    from notionsync.engine.report import Outcome, Report, Thread
    from notionsync.engine.session import Progress

F = TypeVar("F", bound=Callable[..., Any])

_AS_JSON = f"{__name__}.as_json"
_REPORT = f"{__name__}.report"
_COMMAND = re.compile(r"^([ ]*)::", re.MULTILINE)
_ARROWS = {"to-notion": "→ Notion", "from-notion": "← Notion", "both": "↔ both  ", "": "· state "}
_VERBS = {
    "create-page": "new page",
    "create-file": "new file",
    "update": "updated",
    "trash-page": "page trashed",
    "restore-page": "page restored",
    "delete-file": "file deleted",
    "forget": "forgotten",
    "wait": "waiting",
}
_PROBLEMS = {"refused": "refused", "conflict": "conflict", "failed": "failed"}


def clean(text: str) -> str:
    """Return text that came from elsewhere without what a terminal, or a workflow log, would act on.

    Control and direction-changing characters are dropped. GitHub's runner reads a command from a line that begins with
    `::`, white space left aside, and from `##[` anywhere in it (github.com/actions/runner, ActionCommand.cs): both are
    parted by a space.
    """
    kept = "".join(c for c in text if c.isprintable() or c == "\n")
    return _COMMAND.sub(r"\1: :", kept).replace("##[", "## [")


def say(text: str = "", *, err: bool = False, **style: Any) -> None:
    """Print one line. Colour goes to terminals only, and not at all when NO_COLOR is set."""
    bare = bool(os.environ.get("NO_COLOR"))  # no-color.org: set, and not empty
    click.echo(text if bare or not style else click.style(text, **style), err=err, color=False if bare else None)


def say_error(error: NotionSyncError) -> None:
    """Print an error and what to do about it, on stderr."""
    say(f"error: {clean(error.message)}", err=True, fg="red")
    if error.advice:
        say(f"  try: {clean(error.advice)}", err=True)


def json_option(text: str) -> Callable[[F], F]:
    """Return the option `--json` of a command; where it is given, an error is printed as JSON, too.

    Args:
        text: What the help says.
    """
    return click.option("--json", "as_json", is_flag=True, is_eager=True, callback=_remember, help=text)


def _remember(context: click.Context, _: click.Parameter, value: bool) -> bool:
    context.meta[_AS_JSON] = value
    return value


def report_option(function: F) -> F:
    """Give a command the option `--report`: the JSON report, or the error, goes to a file besides what is printed."""
    return click.option(
        "--report",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        is_eager=True,
        expose_value=False,
        callback=_remember_report,
        help="Write the report as JSON to FILE, besides what is printed.",
    )(function)


def _remember_report(context: click.Context, _: click.Parameter, value: str | None) -> None:
    # As seen from here: the command may go elsewhere while it works.
    context.meta[_REPORT] = Path(value).absolute() if value else None


def save_report(value: Mapping[str, Any], context: click.Context | None = None) -> None:
    """Write a report where `--report` says, if it does.

    Raises:
        UsageError: It cannot be written there.
    """
    path = (context or click.get_current_context()).meta.pop(_REPORT, None)
    if path is None:  # not asked for, or written already: what comes first says more
        return
    try:
        path.write_text(_json(value) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}", advice="--report FILE") from error


def report_error(context: click.Context, error: NotionSyncError) -> None:
    """Print an error as the command that failed was asked to: for people on stderr, for programs on stdout."""
    value = {"error": error.message, "advice": error.advice, "exit_code": error.exit_code}
    if context.meta.get(_AS_JSON):
        print_json(value)
    else:
        say_error(error)
    with suppress(UsageError):  # the error that is being told may be this one
        save_report(value, context)


def print_json(value: Mapping[str, Any]) -> None:
    """Print JSON for a program to read."""
    click.echo(_json(value))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def print_report(report: Report, *, as_json: bool) -> None:
    """Print what a run did, or would do, and leave with its exit code."""
    save_report(report.to_json())
    if as_json:
        print_json(report.to_json())
    else:
        for note in report.taken:
            say(f"  README    {clean(note)}")
        for outcome in report.outcomes:
            _print_outcome(outcome)
        for file in report.regions:
            say(f"  README    {file}: question list rebuilt")
        _print_summary(report)
    if report.exit_code:
        sys.exit(report.exit_code)


def _print_outcome(outcome: Outcome) -> None:
    where = outcome.path or outcome.title
    details = f"  ({', '.join(outcome.details)})" if outcome.details else ""
    if outcome.state in _PROBLEMS:
        message = outcome.message if outcome.message.startswith(where) else f"{where}: {outcome.message}"
        say(f"  {_PROBLEMS[outcome.state]:<9} {clean(message)}", fg="red")
        _print_advice(outcome)
    elif outcome.state == "pending":
        say(f"  waiting   {clean(where)}: {clean(outcome.message)}", fg="yellow")
    else:
        say(f"  {_ARROWS[outcome.direction]}  {_VERBS[outcome.verb]:<12} {clean(where)}{clean(details)}")
    for notice in outcome.notices:
        say(f"      note: {clean(notice)}", fg="yellow")


def _print_advice(outcome: Outcome) -> None:
    if outcome.page and outcome.path:
        say(f"      page: https://www.notion.so/{outcome.page}")
    if outcome.advice:
        say(f"      try:  {clean(outcome.advice)}")


def _print_summary(report: Report) -> None:
    counts: dict[str, int] = {}
    for outcome in report.outcomes:
        counts[outcome.state] = counts.get(outcome.state, 0) + 1
    parts = [f"{report.unchanged} unchanged"] if report.unchanged else []
    parts += [f"{count} {state}" for state, count in counts.items()]
    parts.append(f"{report.requests} requests")
    would = "would: " if report.dry_run else ""
    say(f"{report.command}: {would}{', '.join(parts)}", bold=True)
    if report.commit:
        say(f"committed {report.commit[:12]}")
    if report.pull_request:
        say_thread("pull request", report.pull_request)
    for issue in report.issues:
        say_thread("issue", issue)
    if report.stopped:
        say(f"error: {clean(report.stopped)}", err=True, fg="red")
        advice = report.stopped_advice or "run the same command again: what was finished is recorded"
        say(f"  try: {clean(advice)}", err=True)


def say_thread(what: str, thread: Thread) -> None:
    """Print what became of a pull request or an issue."""
    say(f"{what} #{thread.number} {thread.state}: {clean(thread.url)}")


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress | None]:
    """Show long work on stderr while it lasts; only on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield tell
