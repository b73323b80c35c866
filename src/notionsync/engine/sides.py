"""Comparing both sides with what was agreed, question by question; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from notionsync.engine.plan import Options, Planner
from notionsync.engine.run import require_database
from notionsync.engine.session import Session
from notionsync.engine.status import local_status
from notionsync.plan.action import Action, Policy
from notionsync.plan.guards import ANYTHING
from notionsync.sides.notion import Notion

_THERE = {"delete-file": "trashed", "restore-page": "trashed", "forget": "gone"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A question of which a side is not as it was agreed.

    Attributes:
        path: The file; empty when there is none.
        page: The page; empty when there is none.
        title: The question.
        here: What became of the file: `same`, `new`, `edited`, `moved`, `deleted`, `conflict` (our markers are in it),
            `none` when there never was one, or `refused` when it cannot take part.
        there: What became of the page: `same`, `new`, `edited`, `trashed`, `gone`, `none`; empty of what is refused.
        message: What a sync could not do about it.
        advice: What to type next.
    """

    path: str
    page: str
    title: str
    here: str
    there: str
    message: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """What both sides are to the state.

    Attributes:
        known: How many questions were agreed on.
        differences: Those that are not as they were, and what is on one side only.
        requests: How many requests were sent to Notion.
    """

    known: int
    differences: tuple[Difference, ...]
    requests: int


def compare_sides(session: Session, notion: Notion, *, only: Iterable[str] = ()) -> Compared:
    """Read both sides whole, and compare them with the state.

    Args:
        session: The repository.
        notion: The way to Notion.
        only: Files to look at; empty for all.

    Raises:
        NotionSyncError: The state, or Notion, cannot be read.
    """
    parts = session.parts()
    for part in parts:
        require_database(part)
    wanted = frozenset(only)
    results = [_compared(part, notion, wanted) for part in parts]
    found = sorted((one for _, differences in results for one in differences), key=lambda one: (one.path, one.page))
    return Compared(sum(known for known, _ in results), tuple(found), notion.requests)


def _compared(session: Session, notion: Notion, only: frozenset[str]) -> tuple[int, list[Difference]]:
    """Compare one collection; return how many questions it has, and what differs."""
    options = Options(policy=Policy(direction="sync"), deep=True, full=True, only=only, allowed=ANYTHING)
    planner = Planner(session, notion, options)
    plan = planner.plan()
    here = {change.path: change.what for change in local_status(session).changes}
    found = {action.path or action.page: _difference(planner, action, here) for action in plan.actions}
    for one in plan.refused:
        if not options.only or one.path in options.only:
            found[one.path or one.page] = Difference(
                one.path, one.page, one.title, "refused", "", one.message, one.advice
            )
    return len(planner.shelf.records), list(found.values())


def _difference(planner: Planner, action: Action, here: Mapping[str, str]) -> Difference:
    page = action.page or ""
    known = page in planner.shelf.records
    there = _THERE.get(action.verb, "same")
    if known and page in planner.bodies:
        there = "edited" if planner.versions.moved_on(planner.listing.pages[page], planner.bodies[page]) else "same"
    on_disk = planner.session.tree.read(action.path) is not None if action.path else False
    absent = "deleted" if known else "none"
    return Difference(
        action.path,
        page,
        action.title,
        here.get(action.path, "same") if on_disk else absent,
        "none" if not page else there if known or there == "trashed" else "new",
        action.refusal,
        action.advice,
    )
