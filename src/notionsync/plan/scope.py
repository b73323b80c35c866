"""Pages that may not be written: locked ones, and those that were archived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from notionsync.config import ID_KEY
from notionsync.model import Page
from notionsync.plan.action import Action
from notionsync.plan.reconcile import Question

LOCKED = "edited here, but the page is locked in Notion; nothing was written to it"
UNLOCK = "in Notion, open the page, ••• → Lock page to unlock it, then run the same command again"
ARCHIVED = "archived in Notion; the file is kept as it is"
UNARCHIVE = f"restore the page from Notion's archive, or take the {ID_KEY} line out to begin anew"


def decide_unlocked(question: Question, page: Page, decide: Callable[[Question], Action]) -> Action:
    """Return what happens to a question whose page may be locked: what is locked can be read, and is never written to.

    The API would let us write to it (`is_locked` stops people in the app only), but whoever locked a page meant
    everybody.

    Args:
        question: Everything that is known of it.
        page: Its page.
        decide: Decides the question.
    """
    action = decide(question)
    if not page.is_locked or not action.writes_page:
        return action
    if question.policy.direction == "push":
        return replace(
            action, verb="wait", file=None, fields=None, edits=(), base=None, kept={}, refusal=LOCKED, advice=UNLOCK
        )
    pulling = question.under(replace(question.policy, direction="pull"))
    return replace(decide(pulling), refusal=LOCKED, advice=UNLOCK)


def archived(page: Page, path: str, *, edited: bool) -> Action:
    """Return what happens to a question whose page was archived: neither side is touched.

    Args:
        page: The page.
        path: Its file.
        edited: Whether the file says something that was never agreed on.
    """
    action = Action(verb="wait", path=path, title=page.title or path, page=page.id)
    if not edited:
        return replace(action, pending=ARCHIVED)
    return replace(action, refusal=f"edited here, but {ARCHIVED}", advice=UNARCHIVE)
