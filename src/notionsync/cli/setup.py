"""init, link, doctor."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from notionsync.cli.github import Place, on_github, say_published
from notionsync.cli.output import clean, json_option, print_json, print_report, progress, say
from notionsync.config import FILE_NAME, Config
from notionsync.convert.properties import read_only
from notionsync.engine import Report, Request, run
from notionsync.engine.doctor import Finding, examine_files, examine_notion
from notionsync.engine.link import Matching, bind, match_files
from notionsync.engine.remote import Published
from notionsync.engine.schema import write_schema
from notionsync.engine.session import Session, connect, open_session, read_config
from notionsync.engine.setup import NAME_PROPERTY, Joined, configured, create_database, join_database
from notionsync.engine.workflow import ACTION, Workflow, write_workflow
from notionsync.errors import NotionSyncError, UsageError


@click.command("init")
@click.option("--database", metavar="URL", help="Join this database: its link, or its id.")
@click.option("--create", is_flag=True, help="Make a new database with properties that match the files' front matter.")
@click.option("--parent", metavar="PAGE", help="With --create: the page to put it on, by link, id or exact title.")
@click.option("--add-properties", is_flag=True, help="With --database: make the properties that the files could use.")
@click.option("--title", default="Questions", show_default=True, help="With --create: the database's name.")
@click.option(
    "--workflow", is_flag=True, help="Write the GitHub workflow that syncs by itself; alone, or with the others."
)
@click.option(
    "--action",
    metavar="OWNER/NAME@HASH",
    default="",
    help="With --workflow: notionsync's repository and a commit of it.",
)
@json_option("Print the result as JSON.")
@on_github(publishes=True, message="Connect to Notion")
def init_command(
    database: str | None,
    *,
    workflow: bool,
    action: str,
    place: Place,
    create: bool,
    parent: str | None,
    add_properties: bool,
    title: str,
    message: str,
    as_json: bool,
) -> None:
    """Connect this repository to a Notion database.

    Writes notionsync.toml and the schemas that editors complete by, then shows what a first sync would do; replaces
    nothing on either side. A database that exists gets new properties only with --add-properties.

    \b
    Example:
      notionsync init --database https://www.notion.so/…
      notionsync init --create --parent "Study notes"
      notionsync init --workflow
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    _check_workflow(place, action, wanted=workflow)
    if workflow and not (create or database or parent):
        _print_workflow(write_workflow(open_session(Path.cwd(), required=False), action), as_json=as_json)
        return
    if create == bool(database) or create != bool(parent) or (add_properties and create):
        raise UsageError(
            "name a database to join, or make one",
            advice="notionsync init --database URL, init --create --parent PAGE, or init --workflow",
        )
    made: list[Joined] = []  # once, however often a branch on GitHub moves meanwhile

    def work(session: Session) -> _Connected:
        if session.whole is not None:
            raise UsageError(
                "init connects the collection without a name",
                advice=f"write data_source into the [[collection]] in {FILE_NAME}, then: notionsync sync",
            )
        if session.config.data_source and create:
            raise UsageError(
                f"{FILE_NAME} names data source {session.config.data_source} already",
                advice="notionsync push, to fill it",
            )
        with connect(session) as notion:
            if not made and database:
                if add_properties:
                    session.proof()
                made.append(join_database(session, notion, database, add=add_properties))
            elif not made:
                session.proof()
                source, mapping = create_database(session, notion, parent or "", title)
                made.append(Joined(source, mapping, NAME_PROPERTY))
            _configure(session, made[0])
            now = replace(session, config=read_config(session.tree, required=True))
            write_schema(now, notion)
            report = run(now, notion, Request(direction="sync", command="init", dry_run=True))
        return _Connected(made[0], now.config, report)

    done = place.run(work, command="init", message=message, publish=True, required=False)
    written = write_workflow(open_session(Path.cwd()), action) if workflow else None
    _print_init(done, place, written, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Connected:
    """A database, what the repository says of it now, and what a first sync would do."""

    joined: Joined
    config: Config
    report: Report


def _configure(session: Session, joined: Joined) -> None:
    before = session.tree.read(FILE_NAME)
    after = configured(before, joined, session.config.folder)
    session.tree.write(FILE_NAME, after, expect=before)


def _check_workflow(place: Place, action: str, *, wanted: bool) -> None:
    if action and not wanted:
        raise UsageError("--action goes with --workflow", advice="notionsync init --workflow --action OWNER/NAME@HASH")
    if action and not ACTION.fullmatch(action):
        raise UsageError(
            f"--action: {action} is not OWNER/NAME@HASH with the 40 digits of a commit",
            advice="a tag or a branch can be moved by others; the full hash cannot",
        )
    if wanted and place.target is not None:
        raise UsageError("--workflow writes into a checkout", advice="notionsync init --workflow, without --github")


def _print_workflow(written: Workflow, *, as_json: bool) -> None:
    if as_json:
        print_json({"workflow": _workflow_data(written)})
        return
    say(f"{written.path}: {'written' if written.changed else 'is there already'}; syncs at minute {written.minute}")
    if not written.named:
        say("next: name notionsync's repository and a commit of it where the workflow says so")
    say("then: add the secret NOTION_TOKEN to the repository on GitHub, and commit the workflow")


def _workflow_data(written: Workflow) -> dict[str, Any]:
    return {"path": written.path, "written": written.changed, "minute": written.minute, "action_named": written.named}


def _print_init(done: Published[_Connected], place: Place, written: Workflow | None, *, as_json: bool) -> None:
    config, report = done.result.config, done.result.report
    source, lacking = done.result.joined.source, done.result.joined.lacking
    if as_json:
        print_json(
            {
                "data_source": source.id,
                "title": source.title,
                "url": source.url,
                "properties": dict(config.properties),
                "lacking": list(lacking),
                "first_sync": report.to_json(),
                **place.facts(done),
                **({"workflow": _workflow_data(written)} if written else {}),
            }
        )
        return
    say(f'connected to "{clean(source.title)}"  {source.url}')
    for key, name in config.properties.items():
        say(f"  {key:<16} ⇄  {clean(name)}")
    told = [prop for prop in source.properties if read_only(prop.type) and prop.name not in config.properties.values()]
    if told:
        named = ", ".join(f"{prop.name} ({prop.type})" for prop in told)
        say(f"computed by Notion, and shown in the files where you add them to [properties]: {clean(named)}")
    if lacking:
        say(f"the database has no property for: {clean(', '.join(lacking))}", fg="yellow")
        say("  try: notionsync init --database URL --add-properties, or add them in Notion and run init again")
    say(f"written to {FILE_NAME}; correct it as you like. A first sync would do this:")
    _print_first(report)
    unlinked = any(outcome.advice == "notionsync link" for outcome in report.outcomes)
    say_published(done)
    if written:
        _print_workflow(written, as_json=False)
    say(f"next: notionsync {'link' if unlinked else 'sync'}")


def _print_first(report: Report) -> None:
    """Print how often a first sync would do what, and one of the files that it would refuse."""
    own = [outcome for outcome in report.outcomes if outcome.path and outcome.message.startswith(outcome.path)]
    counts: dict[str, int] = {}
    for outcome in report.outcomes:
        what = _REFUSED if outcome in own else _FIRST.get(outcome.verb, outcome.message or outcome.verb)
        counts[what] = counts.get(what, 0) + 1
    for what, count in counts.items():
        say(f"  {count:>4} {clean(what.replace('{s}', '' if count == 1 else 's'))}")
    for outcome in own[:1]:
        say(f"       {clean(outcome.message)}", fg="yellow")
        say(f"       try: {clean(outcome.advice)}")
    if not counts:
        say("     nothing: both sides are empty, or in step")


_FIRST = {"create-page": "new page{s} in Notion", "create-file": "new file{s} here"}
_REFUSED = "question{s} left out, such as"


@click.command("link")
@click.option("--yes", "-y", is_flag=True, help="Write the ids into the files, and bring the pairs in step.")
@json_option("Print the result as JSON.")
@on_github(publishes=True, message="Bind answers to their pages")
def link_command(*, place: Place, yes: bool, message: str, as_json: bool) -> None:
    """Match files without an id with the pages they belong to, by title and by file name.

    Where only one side of a pair has an answer, the other gets it; equal answers are adopted; different ones are
    conflicts and stay as they are. Nothing is concatenated and nothing is doubled.

    Example: notionsync link --yes
    """

    def work(session: Session) -> tuple[Matching, Report | None]:
        with connect(session) as notion:
            if not yes:
                return match_files(session, notion), None
            with session.state.locked():
                matching = match_files(session, notion)
                bind(session, matching.matches)
            if not matching.matches:
                return matching, None
            paths = frozenset(match.path for match in matching.matches)
            return matching, run(session, notion, Request(direction="sync", command="link", only=paths))

    with progress(quiet=as_json) as tell:
        done = place.run(work, command="link", message=message, publish=yes, progress=tell)
    matching, report = done.result
    if report is None:
        _print_matching(matching, as_json=as_json)
    else:
        print_report(replace(report, commit=done.commit, pull_request=done.pull_request), as_json=as_json)


def _print_matching(matching: Matching, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "matches": [{"path": m.path, "page": m.page, "title": m.title, "by": m.by} for m in matching.matches],
                "doubtful": list(matching.doubtful),
                "files": list(matching.files),
                "pages": [{"page": page.id, "title": page.title} for page in matching.pages],
            }
        )
        return
    for match in matching.matches:
        say(f"  {clean(match.path)}  =  {clean(match.title)}  (by {match.by})")
    for doubt in matching.doubtful:
        say(f"  ?  {clean(doubt)}", fg="yellow")
    say(
        f"{len(matching.matches)} matches; {len(matching.files)} files and {len(matching.pages)} pages without one",
        bold=True,
    )
    if matching.matches:
        say("next: notionsync link --yes")


@click.command("doctor")
@json_option("Print the findings as JSON.")
@on_github()
def doctor_command(*, place: Place, as_json: bool) -> None:
    """Check token, access, schema, files and state, and say what to do. Writes nothing.

    Example: notionsync doctor
    """
    findings: list[Finding] = []

    def work(session: Session) -> None:
        for part in session.parts():
            findings.extend(examine_files(part, now=time.time()))
        with connect(session) as notion:
            for part in session.parts():
                findings.extend(examine_notion(part, notion))

    try:
        place.run(work, command="doctor", required=False)
    except NotionSyncError as error:
        findings.append(
            Finding("setup", ok=False, message=error.message, advice=error.advice, exit_code=error.exit_code)
        )
    code = max((finding.exit_code for finding in findings), default=0)
    if as_json:
        print_json({"exit_code": code, "findings": [_data(finding) for finding in findings]})
    else:
        for finding in findings:
            say(f"{'ok ' if finding.ok else 'NO '} {finding.what:<11} {clean(finding.message)}", fg=_colour(finding))
            if finding.advice:
                say(f"                try: {clean(finding.advice)}")
    sys.exit(code)


def _data(finding: Finding) -> dict[str, Any]:
    return {"what": finding.what, "ok": finding.ok, "message": finding.message, "advice": finding.advice}


def _colour(finding: Finding) -> str:
    return "green" if finding.ok else "red" if finding.exit_code else "yellow"
