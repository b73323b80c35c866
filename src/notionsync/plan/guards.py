"""Rules that stop a plan that looks like an accident, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from notionsync.convert.frontmatter import split
from notionsync.errors import GuardError
from notionsync.plan.action import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """How many questions that were synced before one run may change on one side; new ones do not count.

    Attributes:
        count: At most so many; None for any number.
        percent: At most so many of a hundred, where that is more than an ordinary number of deletions; None for all.
    """

    count: int | None = None
    percent: int | None = None

    def most(self, known: int, ordinary: int) -> int:
        """Return how many of the known questions may change."""
        limits = [] if self.count is None else [self.count]
        if self.percent is not None:
            limits.append(max(ordinary, known * self.percent // 100))
        return min(limits, default=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What the user let through for this one run, by kind of guard; None where nothing was said.

    Attributes:
        delete: Pages trashed, or files deleted.
        empty: Answers that lose all of their text.
        edit: Questions changed when all of them are.
        changes: How many questions may change at all.
    """

    delete: int | None = None
    empty: int | None = None
    edit: int | None = None
    changes: Ceiling = Ceiling()


_NO_LIMIT = 1_000_000_000
ANYTHING = Allowed(delete=_NO_LIMIT, empty=_NO_LIMIT, edit=_NO_LIMIT)
"""For those who only want to look."""


def check(actions: Sequence[Action], *, known: Collection[str], most: int, allowed: Allowed) -> None:
    """Stop a plan that deletes, empties or changes more than a person would.

    Args:
        actions: The plan.
        known: The pages of all questions that were agreed on before this run.
        most: How many deletions, or emptied answers, on one side are ordinary.
        allowed: What the user let through.

    Raises:
        GuardError: Too many pages would be trashed or emptied, or too many files; or all of them, or all be changed.
    """
    count = len(known)
    for verb, what in (("trash-page", "pages in Notion"), ("delete-file", "files here")):
        doomed = [action for action in actions if action.verb == verb]
        _stop(_over(doomed, count, most, allowed.delete), f"delete {{}} of {count} {what}", "--allow-delete")
    updates = [action for action in actions if action.verb == "update" and action.page in known]
    for empties, what in ((_empties_page, "pages in Notion"), (_empties_file, "files here")):
        emptied = [action for action in updates if empties(action)]
        _stop(_over(emptied, count, most, allowed.empty), f"empty {{}} of {count} {what}", "--allow-empty")
    everything = max(count, most + 1) if allowed.edit is None else allowed.edit + 1
    for writes, what in (
        ([action for action in updates if action.writes_page], "pages in Notion"),
        ([action for action in updates if action.writes_file], "files here"),
    ):
        changed = writes if len(writes) >= everything else []
        _stop(changed, f"change all {{}} {what} that were synced before", "--allow-edit")
    _check_ceiling(actions, known, allowed.changes.most(count, most))


def _check_ceiling(actions: Sequence[Action], known: Collection[str], most: int) -> None:
    """Stop a run that changes more questions on one side than somebody who is not watching wants changed."""
    before = [action for action in actions if action.page in known]
    for changed, what in (
        ([action for action in before if action.writes_page], "pages in Notion"),
        ([action for action in before if action.writes_file], "files here"),
    ):
        _stop(changed if len(changed) > most else (), f"change {{}} of {len(known)} {what}", "--max-changes")


def _over(found: Sequence[Action], known: int, most: int, allowed: int | None) -> Sequence[Action]:
    """Return what was found if it is too much; the only question there is may go without asking."""
    limit = most if allowed is None else allowed
    return found if len(found) > limit or (allowed is None and len(found) == known > 1) else ()


def _stop(found: Sequence[Action], what: str, option: str) -> None:
    if not found:
        return
    shown = "".join(f"\n  - {action.path}: {action.title}" for action in found[:10])
    more = f"\n  … and {len(found) - 10} more" if len(found) > 10 else ""
    raise GuardError(
        f"the run would {what.format(len(found))}; nothing was done:{shown}{more}",
        advice=f"notionsync diff shows it all; if that is what you want: {option} {len(found)}",
    )


def _empties_file(action: Action) -> bool:
    return action.file is not None and bool(_text(action.expect)) and not _text(action.file)


def _empties_page(action: Action) -> bool:
    return bool(action.edits) and action.body == ()


def _text(data: bytes | None) -> str:
    return split(data).text.strip() if data else ""


def check_missing(missing: int, known: int, *, most: int, allowed: Allowed) -> None:
    """Stop when a listing lacks so many pages that it is likelier cut short, or of another place, than true.

    Raises:
        GuardError: More pages are missing than a person moves away by hand, or all of them.
    """
    everything = allowed.delete is None and missing == known > 1
    if everything or missing > max(most, known // 2, allowed.delete or 0):
        raise GuardError(
            f"{missing} of {known} pages are missing from the database and not in its trash; nothing was done",
            advice="notionsync doctor shows whether the integration still sees the database; "
            f"if they were moved away on purpose: --allow-delete {missing}",
        )
