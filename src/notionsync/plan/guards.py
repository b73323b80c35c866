"""Rules that stop a plan that looks like an accident, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence

from notionsync.errors import GuardError
from notionsync.plan.action import Action


def check(actions: Sequence[Action], *, known: int, most: int, allowed: int | None) -> None:
    """Stop a plan that deletes more than a person would.

    Args:
        actions: The plan.
        known: How many questions were agreed on before this run.
        most: How many deletions on one side are ordinary.
        allowed: How many the user allowed for this run; None if nothing was said.

    Raises:
        GuardError: Too many pages would be trashed, or too many files deleted; or all of them.
    """
    for verb, what, where in (("trash-page", "pages", "in Notion"), ("delete-file", "files", "here")):
        doomed = [action.title for action in actions if action.verb == verb]
        limit = most if allowed is None else allowed
        if len(doomed) > limit or (allowed is None and known > 1 and len(doomed) == known):
            shown = "".join(f"\n  - {title}" for title in doomed[:10])
            more = f"\n  … and {len(doomed) - 10} more" if len(doomed) > 10 else ""
            raise GuardError(
                f"the run would delete {len(doomed)} of {known} {what} {where}; nothing was done:{shown}{more}",
                advice=f"if that is what you want: --allow-delete {len(doomed)}",
            )


def check_missing(missing: int, known: int, *, most: int) -> None:
    """Stop when a listing lacks so many pages that it is likelier cut short, or of another place, than true.

    Raises:
        GuardError: More pages are missing than a person moves away by hand.
    """
    if missing > max(most, known // 2):
        raise GuardError(
            f"{missing} of {known} pages are missing from the database and not in its trash; nothing was done",
            advice="notionsync doctor shows whether the integration still sees the database",
        )
