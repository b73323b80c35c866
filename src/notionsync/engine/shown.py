"""Which version of a page a person saw when a conflict was reported: to decide for or against it is to decide about that.

Kept on this machine, beside what else can be lost. Where nothing was shown here, as in a fresh clone, nothing is refused:
the losing version is kept in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from notionsync.engine.document import page_version
from notionsync.engine.plan import Plan, Planner
from notionsync.engine.report import Outcome
from notionsync.engine.session import Session
from notionsync.plan.action import Action

_SHOWN = "shown"
_REFUSAL = "its page was edited in Notion since the conflict was reported; nothing was decided"


def note_shown(session: Session, planner: Planner, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """Remember what the pages of reported conflicts say; those of questions that are settled are forgotten."""
    before = session.state.cache(_SHOWN)
    paths = {outcome.page: outcome.path for outcome in outcomes if outcome.page}
    open_ = {o.page for o in outcomes if o.state == "conflict" or o.message == _REFUSAL}
    shown = {page: seen for page, seen in before.items() if page not in paths}
    for page in sorted(open_):
        shown[page] = page_version(planner, plan, page, paths[page])
    if shown != before:
        session.state.save_cache(_SHOWN, shown)


def refuse_unseen(session: Session, planner: Planner, plan: Plan) -> None:
    """Let a resolution decide nothing about a version of a page that nobody was shown."""
    shown = session.state.cache(_SHOWN)
    plan.actions[:] = [
        _refused(action)
        if action.kept
        and action.page in shown
        and page_version(planner, plan, action.page, action.path) != shown[action.page]
        else action
        for action in plan.actions
    ]


def _refused(action: Action) -> Action:
    advice = f"notionsync diff {action.path} shows what Notion says now; then type the same command again"
    return replace(
        action, verb="wait", file=None, fields={}, edits=(), base=None, kept={}, refusal=_REFUSAL, advice=advice
    )
