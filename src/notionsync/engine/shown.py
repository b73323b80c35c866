"""Which version of a page a person saw when a conflict was reported: to decide for or against it is to decide about that.

Kept on this machine, beside what else can be lost. Where nothing was shown here, as in a fresh clone, nothing is refused:
the losing version is kept in any case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from notionsync.convert.properties import digest_value
from notionsync.engine.document import tree_digest
from notionsync.engine.plan import Plan, Planner
from notionsync.engine.report import Outcome
from notionsync.engine.session import Session
from notionsync.plan.action import Action

_SHOWN = "shown"
_REFUSAL = "its page was edited in Notion since the conflict was reported; nothing was decided"


def note_shown(session: Session, planner: Planner, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """Remember what the pages of reported conflicts say; those of questions that are settled are forgotten.

    What this run wrote of such a page, and be it another property, is no edit that nobody saw.
    """
    before = session.state.cache(_SHOWN)
    paths = {outcome.page: outcome.path for outcome in outcomes if outcome.page}
    open_ = {o.page for o in outcomes if o.state == "conflict" or o.message == _REFUSAL}
    written = {action.page: {*(action.fields or {}), *(["body"] if action.edits else [])} for action in plan.actions}
    shown = {page: seen for page, seen in before.items() if page not in paths}
    for page in sorted(open_):
        told = _version(planner, plan, page, paths[page])
        shown[page] = {unit: seen for unit, seen in told.items() if unit not in written.get(page, set())}
    if shown != before:
        session.state.save_cache(_SHOWN, shown)


def refuse_unseen(session: Session, planner: Planner, plan: Plan) -> None:
    """Let a resolution decide nothing about a version of a page that nobody was shown."""
    shown = session.state.cache(_SHOWN)
    plan.actions[:] = [
        _refused(action)
        if action.kept and action.page in shown and _moved_on(planner, plan, action, shown[action.page])
        else action
        for action in plan.actions
    ]


def _moved_on(planner: Planner, plan: Plan, action: Action, shown: Mapping[str, str]) -> bool:
    now = _version(planner, plan, action.page or "", action.path)
    return any(unit in now and now[unit] != seen for unit, seen in shown.items())


def _version(planner: Planner, plan: Plan, page: str, path: str) -> dict[str, str]:
    """Return what tells a version of each mapped property, and of the body, from any other."""
    found = plan.listing.pages.get(page) or plan.listing.trashed.get(page)
    if found is None:
        return {}
    values = planner.versions.fields(found, path)
    told = {key: digest_value(values.get(key)) for key in sorted(planner.listing.properties)}
    body = planner.bodies.get(page)
    return told if body is None else {**told, "body": tree_digest(body)}


def _refused(action: Action) -> Action:
    advice = f"notionsync diff {action.path} shows what Notion says now; then type the same command again"
    return replace(
        action, verb="wait", file=None, fields={}, edits=(), base=None, kept={}, refusal=_REFUSAL, advice=advice
    )
