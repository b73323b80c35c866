"""Rebuilding the state from both sides: what is equal is agreed on anew, what differs is reported, nothing is written to either.

All that was agreed before is forgotten. So an edit that waited on one side is a difference afterwards, and what was deleted
on one side is back with the next sync: that is why it is a command of its own, for a state that is lost or doubtful.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace

from notionsync.engine.apply import Applier
from notionsync.engine.plan import Options, Plan, Planner
from notionsync.engine.report import Outcome, Report
from notionsync.engine.run import Request, joined, remember, report_of, require_database
from notionsync.engine.session import Session
from notionsync.model import Record
from notionsync.plan.action import Action, Policy
from notionsync.plan.guards import ANYTHING
from notionsync.sides.heads import Records
from notionsync.sides.notion import Notion
from notionsync.sides.state import State
from notionsync.sides.stored import Meta, Sighting

_APART = {
    "create-page": ("in the files only", "notionsync push makes its page"),
    "create-file": ("in Notion only", "notionsync pull makes its file"),
}


class _Forgotten(State):
    """A state of which nothing is believed; what is written to it counts."""

    def meta(self) -> Meta:
        return Meta()

    def records(self) -> Records:
        return Records({}, self.record)

    def records_of(self, pages: Iterable[str]) -> dict[str, Record]:  # noqa: ARG002 - nothing is known
        return {}

    def sightings(self, records: Records) -> dict[str, Sighting]:  # noqa: ARG002 - as above
        return {}


def resync(session: Session, notion: Notion, *, dry_run: bool = False) -> Report:
    """Rebuild the state.

    Returns:
        What is agreed on now, and what is not: differences are `refused`, questions of one side only are `pending`.

    Raises:
        LockedError: Another run is at work.
        NotionSyncError: Notion cannot be read; the state is as it was.
    """
    parts = session.parts()
    for part in parts:
        require_database(part)
    with contextlib.nullcontext() if dry_run else session.state.locked():
        return joined([_rebuilt(part, notion, dry_run=dry_run) for part in parts])


def _rebuilt(session: Session, notion: Notion, *, dry_run: bool) -> Report:
    """Rebuild the state of one collection."""
    request = Request(direction="pull", command="resync", dry_run=dry_run)
    anew = replace(session, state=_Forgotten(session.tree, session.state.folder))
    planner, plan = _compare(anew, notion)
    equal = [action for action in plan.actions if _is_equal(action)]
    apart = [_told(action) for action in plan.actions if not _is_equal(action)]
    if dry_run:
        return report_of(request, plan, [*(Outcome.of(action, "planned") for action in equal), *apart], notion)
    applier = Applier(anew, notion, planner, replace(plan, actions=equal))
    stopped = applier.run()
    if stopped is not None:
        raise stopped
    for page in session.state.known() - {action.page for action in equal}:
        session.state.drop_record(page)
    remember(anew, plan, applier.recorded)
    return report_of(request, plan, [*applier.outcomes, *apart], notion)


def _compare(session: Session, notion: Notion) -> tuple[Planner, Plan]:
    """Plan what a first sync would do; what is carried out of it is a pull: nothing is sent."""
    options = Options(policy=Policy(direction="sync"), full=True, deep=True, allowed=ANYTHING)
    planner = Planner(session, notion, options)
    plan = planner.plan()
    planner.options = replace(options, policy=Policy(direction="pull"))
    return planner, plan


def _is_equal(action: Action) -> bool:
    """Tell whether both sides have a question and say the same."""
    writes = action.writes_page or action.writes_file
    return action.base is not None and not (writes or action.refusal or action.conflicts or action.held)


def _told(action: Action) -> Outcome:
    outcome = replace(Outcome.of(action, "planned"), verb="wait", direction="")
    if action.refusal or action.conflicts or action.pending:
        return outcome
    if action.verb in _APART:
        message, advice = _APART[action.verb]
        return replace(outcome, state="pending", message=message, advice=advice)
    return replace(
        outcome,
        state="refused",
        message=f"the sides differ ({', '.join(outcome.details) or 'the file'})",
        advice="notionsync diff shows how, notionsync sync brings them together",
    )
