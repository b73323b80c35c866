"""`notionsync check`: lint the answers, the question lists and the configuration, offline; or compare both sides."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import click

from notionsync.cli.github import Place, on_github, say_published
from notionsync.cli.output import clean, json_option, print_json, progress, report_option, save_report, say
from notionsync.engine.check import Checked, check
from notionsync.engine.session import Session
from notionsync.errors import DifferenceError, UsageError
from notionsync.plan.lint import Finding


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[FILE]...", type=click.Path())
@click.option("--fix", is_flag=True, help="Make the repairs that are proven to change nothing else.")
@click.option("--sides", is_flag=True, help="Compare both sides with what was agreed instead; asks Notion.")
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave findings of this code out; can be repeated.")
@json_option("Print the findings as JSON.")
@report_option
@on_github(publishes=True, message="Mend what notionsync check found")
def check_command(
    *,
    place: Place,
    paths: tuple[str, ...],
    fix: bool,
    sides: bool,
    ignore: tuple[str, ...],
    message: str,
    as_json: bool,
) -> None:
    """Find what is broken, or will not look the same on GitHub and in Notion. Offline; writes nothing without --fix.

    Looks at front matter, ids, images, links between answers, unanswered questions, conflict markers, and Markdown that
    GitHub or Notion show otherwise than it was meant; without FILE also at the question lists and notionsync.toml.
    With --sides every file and every page is read and compared with the state, and what is not as it was agreed is
    listed. Exits with 6 when something is found.

    \b
    Example:
      notionsync check
      notionsync check --sides
      notionsync check answers/Dropout.md --fix
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    if sides:
        if fix or ignore:
            raise UsageError("--sides only compares: it takes neither --fix nor --ignore", advice="notionsync sync")
        _check_sides(place, paths, as_json=as_json)
        return
    unwanted = {code.strip().upper() for given in ignore for code in given.split(",")}

    def work(session: Session) -> Checked:
        only = sorted(session.within(paths))
        return check(session.tree, only=only, mend=fix, ignore=unwanted, git=session.git)

    done = place.run(work, command="check", message=message, publish=fix, readable=False)
    result = done.result
    found = {
        "files": result.files,
        "findings": [_data(one) for one in result.findings],
        "fixed": [_data(one) for one in result.fixed],
        **place.facts(done),
    }
    save_report(found)
    if as_json:
        print_json(found)
    else:
        _print(result)
        say_published(done)
    if result.findings:
        sys.exit(DifferenceError.exit_code)


def _check_sides(place: Place, paths: tuple[str, ...], *, as_json: bool) -> None:
    from notionsync.engine.session import connect
    from notionsync.engine.sides import Compared, compare_sides

    def work(session: Session) -> Compared:
        with connect(session) as notion:
            return compare_sides(session, notion, only=session.within(paths))

    with progress(quiet=as_json) as tell:
        result = place.run(work, command="check", progress=tell).result
    save_report(asdict(result))
    if as_json:
        print_json(asdict(result))
    else:
        for one in result.differences:
            where = clean(one.path or one.title)
            say(f"{where}: {one.message or f'file {one.here}, page {one.there}'}", fg="red")
            if one.advice:
                say(f"    try: {clean(one.advice)}")
        say(f"check: {result.known} agreed on, {len(result.differences)} not as agreed", bold=True)
    if result.differences:
        sys.exit(DifferenceError.exit_code)


def _print(result: Checked) -> None:
    for one in result.fixed:
        say(f"{_where(one)}: {one.code} fixed: {clean(one.message)}", fg="green")
    for one in result.findings:
        say(f"{_where(one)}: {one.code} {clean(one.message)}", fg="red")
        if one.advice:
            say(f"    try: {clean(one.advice)}")
    counts = [f"{result.files} {'answer' if result.files == 1 else 'answers'}", f"{len(result.findings)} found"]
    if result.fixed:
        counts.append(f"{len(result.fixed)} fixed")
    fixable = sum(one.fixable for one in result.findings)
    if fixable:
        counts.append(f"{fixable} can be fixed with --fix")
    say(f"check: {', '.join(counts)}", bold=True)


def _where(one: Finding) -> str:
    return f"{clean(one.path)}:{one.line}" if one.line else clean(one.path)


def _data(one: Finding) -> dict[str, Any]:
    return {
        "path": one.path,
        "line": one.line,
        "code": one.code,
        "message": one.message,
        "advice": one.advice,
        "fixable": one.fixable,
    }
