"""Carrying out a plan, and looking once more before what was done is committed.

A page's time has whole minutes: what somebody edits within that of our reading or writing would be found by the next run
alone, and a runner without a cache would read such pages in every run until something else is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from notionsync.engine.apply import Applier
from notionsync.engine.plan import Plan, Planner
from notionsync.engine.report import Outcome
from notionsync.engine.session import Session
from notionsync.engine.survey import minute_end
from notionsync.errors import NotionSyncError
from notionsync.sides.notion import Notion


@dataclass(frozen=True, slots=True)
class Done:
    """What was carried out.

    Attributes:
        planner: Made the plan.
        plan: The plan.
        outcomes: What became of it.
        recorded: Pages whose record was written or dropped.
        stopped: What ended it early.
    """

    planner: Planner
    plan: Plan
    outcomes: Sequence[Outcome]
    recorded: frozenset[str]
    stopped: NotionSyncError | None


def carry_out(
    session: Session, notion: Notion, planner: Planner, plan: Plan, *, allow_new_options: bool, exact: bool
) -> Done:
    """Do what is planned; see `Applier`."""
    applier = Applier(session, notion, planner, plan, allow_new_options=allow_new_options, exact=exact)
    stopped = applier.run()
    return Done(planner, plan, applier.outcomes, frozenset(applier.recorded), stopped)


def settle(
    session: Session,
    notion: Notion,
    first: Done,
    plan_again: Callable[[Collection[str]], tuple[Planner, Plan]],
    *,
    allow_new_options: bool,
) -> Done:
    """Wait until the minute of the last recorded edit is over, look once more, and do what there is to do.

    Args:
        session: The repository.
        notion: The way to Notion.
        first: What was done.
        plan_again: Plans anew, and reads some pages whatever their times say.
        allow_new_options: Whether select properties may get options that Notion does not have.

    Returns:
        All that was done.
    """
    records = session.state.records_of(first.recorded)
    ends = {page: minute_end(one.last_edited_time) for page, one in records.items() if one.reading != "after"}
    if first.stopped is not None or not ends:
        return first
    notion.outlast(max(ends.values()), session.stopping)
    if session.stopping():
        return first
    try:
        planner, plan = plan_again(ends)
        if any(action.writes_page for action in plan.actions):
            session.proof()
    except NotionSyncError:
        return first  # what was done is as good as without a second look
    plan.unchanged = first.plan.unchanged
    second = carry_out(session, notion, planner, plan, allow_new_options=allow_new_options, exact=False)
    recorded = first.recorded | second.recorded | _fold(session, plan, second.recorded)
    kept = [outcome for outcome in first.outcomes if outcome.state == "done" and outcome.verb != "wait"]
    return replace(second, outcomes=[*kept, *second.outcomes], recorded=recorded)


def _fold(session: Session, plan: Plan, recorded: Collection[str]) -> frozenset[str]:
    """Write into records what was seen of their pages since, because they are committed anyway; return the pages."""
    folded = set()
    for page, seen in plan.sightings.items():
        record = session.state.records_of([page]).get(page) if page not in recorded else None
        if record is None:
            continue
        times = seen.last_edited_time, seen.last_edited_by
        session.state.save_record(
            replace(record, last_edited_time=times[0], last_edited_by=times[1], reading=seen.reading)
        )
        folded.add(page)
    return frozenset(folded)
