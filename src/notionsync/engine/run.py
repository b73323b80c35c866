"""One run from start to end."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from notionsync.convert import blocks
from notionsync.engine import undone
from notionsync.engine.document import document, read_document, require_same
from notionsync.engine.plan import Options, Plan, Planner
from notionsync.engine.regions import Taken, keep_regions, planned_regions, take_edits
from notionsync.engine.report import Outcome, Report
from notionsync.engine.rereading import parts, turn
from notionsync.engine.schema import refresh_schema
from notionsync.engine.session import Session
from notionsync.engine.settling import carry_out, settle
from notionsync.engine.shown import note_shown, refuse_unseen
from notionsync.engine.survey import is_settled, minute_end
from notionsync.engine.validation import schema_of
from notionsync.engine.values import refuse_values
from notionsync.errors import ConfigError, UsageError
from notionsync.plan.action import Action, Choice, Direction, Policy
from notionsync.plan.guards import Allowed
from notionsync.sides.notion import Notion
from notionsync.sides.state import FOLDER
from notionsync.sides.stored import Meta

MESSAGE = "Sync answers with Notion"
"""What a commit says unless it is told otherwise."""

_LATE = 300.0
"""Seconds after which an edit is sure to be listed, should listings lag behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a run is asked to do.

    Attributes:
        direction: `pull`, `push` or `sync`.
        command: What to call it in the report; the direction if empty.
        dry_run: Plan only; neither side, nor the state, nor the lock is touched.
        deep: Re-read every body.
        full: List every page.
        unattended: Nobody is watching: a sync is deep while that is cheap, else it re-reads some pages each time.
        shallow: Re-read only what may have changed, although nobody is watching.
        on_conflict: Who wins a conflict.
        only: Files to look at; empty for all.
        allowed: What the guards let through.
        allow_delete_opaque: Whether blocks that Markdown cannot say may be deleted.
        allow_new_options: Whether select properties may get options that Notion does not have.
        commit: Commit what the run wrote, and nothing else.
        message: The commit message.
        collection: The one collection to look at; empty for all.
        planned: A plan as `document` wrote it: it is carried out to the letter, or not at all.
    """

    direction: Direction
    command: str = ""
    dry_run: bool = False
    deep: bool = False
    full: bool = False
    unattended: bool = False
    shallow: bool = False
    on_conflict: Choice = "fail"
    only: frozenset[str] = frozenset()
    allowed: Allowed = field(default_factory=Allowed)
    allow_delete_opaque: bool = False
    allow_new_options: bool = False
    commit: bool = False
    message: str = MESSAGE
    collection: str = ""
    planned: Mapping[str, Any] | None = None


def applying(text: str | bytes, *, commit: bool = False, message: str = MESSAGE) -> Request:
    """Return the request to carry out a plan that `notionsync plan --json` printed.

    Raises:
        UsageError: The text is no plan, or of a version that this program does not know.
    """
    planned = read_document(text)
    try:
        options = dict(planned["options"])
        return Request(
            direction=planned["direction"],
            command="apply",
            allowed=Allowed(**{kind: options.pop(f"allow_{kind}") for kind in ("delete", "empty", "edit")}),
            only=frozenset(options.pop("only")),
            commit=commit,
            message=message,
            planned=planned,
            **options,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"the plan lacks something: {error}", advice="notionsync plan --json > plan.json") from error


def run(session: Session, notion: Notion, request: Request) -> Report:
    """Bring the sides in step, as far as the request allows.

    Returns:
        What was done, and what is left; its `exit_code` says which.

    Raises:
        UsageError: Something is missing before anything can be read.
        GuardError: The plan looks like an accident, or is not the given one; nothing was written.
        LockedError: Another run is at work.
        TransientError: Notion could not be read; nothing was written.
    """
    session, request = _admitted(session, request)
    with contextlib.nullcontext() if request.dry_run else session.state.locked():
        taken = take_edits(session)
        session = taken.over(session)
        # All is planned before anything is written: a guard that stops one collection stops the run.
        plans = [(part, *make_plan(part, notion, _narrowed(request, part))) for part in _parts(session, request)]
        if request.planned is not None:
            _only_one([part for part, _, _ in plans])
            _, planner, plan = plans[0]
            require_same(request.planned, document(planner, plan, allow_new_options=request.allow_new_options))
        if request.dry_run:
            return _planned(session, request, taken, [plan for _, _, plan in plans], notion)
        if any(action.writes_page for _, _, plan in plans for action in plan.actions):
            session.proof()
        taken.write(session.tree)
        reports = [_carried_out(part, notion, request, planner, plan) for part, planner, plan in plans]
        regions, trouble = keep_regions(session, taken, busy=any(plan.actions for _, _, plan in plans))
        for part, _, _ in plans:
            part.state.save_index(part.tree.answers(part.config.folder))
        if session.state not in {part.state for part, _, _ in plans}:
            session.state.save_index()
        report = joined(reports)
        report = replace(report, outcomes=(*report.outcomes, *trouble), regions=regions, taken=taken.notes)
        return replace(report, commit=_commit(session, request)) if request.commit else report


def _carried_out(session: Session, notion: Notion, request: Request, planner: Planner, plan: Plan) -> Report:
    """Do what was planned for one collection."""
    for folder in (session.config.folder, session.config.assets, session.state.folder):
        session.tree.tidy(folder)
    options, exact = request.allow_new_options, request.planned is not None
    done = carry_out(session, notion, planner, plan, allow_new_options=options, exact=exact)
    if request.unattended and request.commit and not exact and not notion.here:
        again = _narrowed(replace(request, unattended=False, deep=False, full=False), session)
        done = settle(
            session,
            notion,
            done,
            lambda pages: make_plan(session, notion, again, reread=pages),
            allow_new_options=options,
        )
    remember(session, done.plan, done.recorded)
    note_shown(session, done.planner, done.plan, done.outcomes)
    refresh_schema(session, notion, done.plan)
    report = report_of(request, done.plan, done.outcomes, notion)
    stopped = done.stopped
    if stopped is None:
        return report
    return replace(report, stopped=stopped.message, stopped_advice=stopped.advice, stopped_code=stopped.exit_code)


def _admitted(session: Session, request: Request) -> tuple[Session, Request]:
    """Make sure that a run can begin for each of its collections; return the whole repository, and the request as it is run."""
    if session.whole is not None:
        session, request = session.whole, replace(request, collection=session.config.collection)
    for part in _parts(session, request):
        request = admit(part, request)
    return session, request


def _parts(session: Session, request: Request) -> tuple[Session, ...]:
    """Return a session for each collection that a run is about."""
    if request.collection:
        return (session.part(request.collection),)
    parts = session.parts()
    if not request.only:
        return parts
    return tuple(part for part in parts if _narrowed(request, part).only) or parts[:1]


def _narrowed(request: Request, part: Session) -> Request:
    """Return the request for one of several collections, with the files that are its own."""
    config = part.config
    if config.collection:
        return replace(request, only=frozenset(path for path in request.only if path.startswith(f"{config.folder}/")))
    others = tuple(f"{other.folder}/" for other in config.collections)
    return replace(request, only=frozenset(path for path in request.only if not path.startswith(others)))


def _only_one(parts: Sequence[Session]) -> Session:
    if len(parts) > 1:
        names = [part.config.collection or "the one without a name" for part in parts]
        raise UsageError(
            f"a plan that is printed and applied is of one collection; there are {', '.join(names)}",
            advice="notionsync --collection NAME plan --json > plan.json",
        )
    return parts[0]


def joined(reports: Sequence[Report]) -> Report:
    """Return the reports of several collections as one."""
    stopped = next((report for report in reports if report.stopped_code), reports[-1])
    return replace(
        stopped,
        outcomes=tuple(outcome for report in reports for outcome in report.outcomes),
        unchanged=sum(report.unchanged for report in reports),
        requests=reports[-1].requests,
        waited=reports[-1].waited,
    )


def propose(session: Session, notion: Notion, request: Request) -> tuple[Report, Mapping[str, Any]]:
    """Plan a run and do nothing; return the report of it, and the plan for `applying`.

    Raises:
        NotionSyncError: As `run`.
    """
    session, request = _admitted(session, request)
    taken = take_edits(session)
    part = _only_one(_parts(taken.over(session), request))
    planner, plan = make_plan(part, notion, _narrowed(request, part))
    report = _planned(taken.over(session), replace(request, dry_run=True), taken, [plan], notion)
    return report, document(planner, plan, allow_new_options=request.allow_new_options)


def describe(session: Session, notion: Notion, request: Request) -> Sequence[Action]:
    """Return what a run would do, with the bytes and blocks that it would write.

    Raises:
        NotionSyncError: As `run`.
    """
    session, request = _admitted(session, request)
    parts = _parts(take_edits(session).over(session), request)
    return [action for part in parts for action in make_plan(part, notion, _narrowed(request, part))[1].actions]


def make_plan(
    session: Session, notion: Notion, request: Request, *, reread: Collection[str] = ()
) -> tuple[Planner, Plan]:
    """Read both sides and plan the run; some pages are read whatever their times say."""
    policy = Policy(
        direction=request.direction,
        on_conflict=request.on_conflict,
        allow_delete_opaque=request.allow_delete_opaque,
        whole=session.config.whole,
    )
    thorough = request.unattended and request.direction == "sync" and not request.shallow
    heads = session.state.records().heads if thorough and not request.deep else {}
    slices = parts(heads.values())
    slot = int(notion.now // 3600) % slices
    options = Options(
        policy=policy,
        deep=request.deep or (thorough and slices == 1),
        full=request.full or (slices > 1 and slot == 0),
        only=request.only,
        allowed=request.allowed,
        reread=frozenset(reread) | turn(heads, slot, slices),
    )
    planner = Planner(session, notion, options)
    if request.direction == "pull":
        undone.redo(session, planner)
    plan = planner.plan()
    if request.direction != "pull":
        plan.refused += refuse_values(planner.versions, plan.actions, new_options=request.allow_new_options)
        undone.refuse(session, plan)
    if request.command == "resolve":
        refuse_unseen(session, planner, plan)
    return planner, plan


def require_database(session: Session) -> None:
    """Make sure that a database is configured.

    Raises:
        ConfigError: No data source is named.
    """
    config = session.config
    if config.data_source:
        return
    where = f' for the collection "{config.collection}"' if config.collection else ""
    advice = "write data_source into its [[collection]]" if where else "notionsync init --database URL"
    if config.collections:
        advice = "notionsync --collection NAME COMMAND"
    raise ConfigError(f"notionsync.toml names no data source{where}", advice=advice)


def admit(session: Session, request: Request) -> Request:
    """Make sure that a run can begin; return it as it is run, where one side is never written to.

    Raises:
        ConfigError: No data source is named.
        UsageError: Another branch is checked out than the one that is synced, or the run would write to a read-only side.
    """
    require_database(session)
    config = session.config
    if config.branch and request.direction != "pull" and session.git.available():
        branch = session.git.branch()
        if branch != config.branch:
            raise UsageError(
                f'[git] branch in notionsync.toml is "{config.branch}", but "{branch or "a detached HEAD"}" is checked out',
                advice=f"git switch {config.branch}",
            )
    if not config.fixed:
        return request
    allowed: Direction = "pull" if config.fixed == "notion" else "push"
    if request.direction not in {"sync", allowed}:
        raise UsageError(
            f"{request.command or request.direction} would write to a side that notionsync.toml calls read-only "
            f"([{config.fixed}] read_only)",
            advice=f"notionsync {allowed}",
        )
    return replace(request, command=request.command or request.direction, direction=allowed)


def _planned(session: Session, request: Request, taken: Taken, plans: Sequence[Plan], notion: Notion) -> Report:
    """Return the report of a run that only says what it would do."""
    told = [
        report_of(request, plan, [Outcome.of(action, "planned") for action in plan.actions], notion) for plan in plans
    ]
    regions, trouble = planned_regions(session, taken, [action for plan in plans for action in plan.actions])
    report = joined(told)
    return replace(report, outcomes=(*report.outcomes, *trouble), regions=regions, taken=taken.notes)


def report_of(request: Request, plan: Plan, outcomes: Iterable[Outcome], notion: Notion) -> Report:
    """Return the report of a run: what became of the plan, and what could not take part in it."""
    refused = [
        Outcome(
            state="refused",
            verb="wait",
            direction="",
            path=entry.path,
            page=entry.page,
            title=entry.title,
            message=entry.message,
            advice=entry.advice,
        )
        for entry in plan.refused
    ]
    return Report(
        command=request.command or request.direction,
        dry_run=request.dry_run,
        outcomes=(*outcomes, *refused),
        unchanged=plan.unchanged,
        requests=notion.requests,
        waited=round(notion.waited),
    )


def remember(session: Session, plan: Plan, recorded: Collection[str]) -> None:
    """Write what the next run needs; a run that recorded nothing leaves everything committed as it is.

    Args:
        session: The repository.
        plan: What was planned.
        recorded: Pages whose record was written or dropped.
    """
    kept = {page: seen for page, seen in plan.sightings.items() if page not in recorded}
    session.state.save_sightings(kept, plan.shelf.records)
    meta = session.state.meta()
    if not recorded and meta.data_source:
        return
    session.state.save_meta(
        Meta(
            data_source=session.config.data_source,
            mapping=_mapping(session, plan, meta),
            converter=blocks.CONVERTER,
            listed_at=_listed_at(plan, recorded) or meta.listed_at,
        )
    )


def _mapping(session: Session, plan: Plan, meta: Meta) -> dict[str, tuple[str, str]]:
    """Return what each key was synced with; of one that is left alone now, what it was synced with last."""
    before = {key: known for key, known in meta.mapping.items() if key in session.config.properties}
    return before | {key: (prop.id, prop.type) for key, prop in plan.listing.properties.items()}


def _listed_at(plan: Plan, written: Collection[str]) -> str:
    """Return the time from which on the next listing has to show edits: never past one that may not be recorded.

    What was listed and is surely as it was recorded needs no second look. When that is everything, the last minute in
    which anything was edited need not be listed again either, if it was over for a while when the listing began.
    """
    left, newest = [], ""
    for page in plan.listing.pages.values():
        record = plan.shelf.records.get(page.id)
        seen = plan.sightings.get(page.id) or record
        newest = max(newest, page.last_edited_time)
        if not page.is_archived and not is_settled(page, seen):
            ours = record.last_edited_time if record is not None and page.id in written else ""
            left.append(max(page.last_edited_time, ours))
    if left or not newest or plan.listing.seen_at < minute_end(newest) + _LATE:
        return min(left, default=newest)
    return datetime.fromtimestamp(minute_end(newest), UTC).strftime("%Y-%m-%dT%H:%M:00.000Z")


def _commit(session: Session, request: Request) -> str:
    config = session.config
    every = (config, *config.collections)
    own = [path for one in every for path in (one.folder, one.assets, schema_of(one))]
    paths = [*own, FOLDER, *dict.fromkeys(region.file for region in config.regions)]
    return session.git.commit(list(dict.fromkeys(paths)), f"{request.message}\n\nNotionsync-Run: {request.direction}\n")
