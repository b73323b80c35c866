"""One issue on GitHub for each open conflict: opened, kept up to date, closed when it is settled, opened again when it is back.

An issue is known by a hidden marker with the page's id and what conflicts, and by its label, which only people who may
triage can give. One that a person closes stays closed while the conflict is the same.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator
from difflib import unified_diff
from itertools import islice
from typing import TYPE_CHECKING

from notionsync.engine.report import Outcome, Report, Thread
from notionsync.plan.action import Conflict
from notionsync.plan.quoting import block, plain, quoted

if TYPE_CHECKING:
    from notionsync.sides.github import GitHub, Threads, Ticket

LABEL = "notionsync"
_MARKER = re.compile(r"<!-- notionsync:conflict ([0-9a-f]{32}) ([0-9a-f]{16}|settled) -->\s*\Z")
_SETTLED = "settled"
_UNITS = 10
"""Conflicting units of one question that are shown."""
_LINES = 20
"""Lines up to which both versions are shown as they are; of longer ones only what differs."""
_ROOM = 48_000
"""Characters for all versions together; GitHub takes 65,536 in the text of an issue, and refuses more."""


def keep_issues(github: GitHub, report: Report, *, whole: bool) -> tuple[Thread, ...]:
    """Bring the issues in step with the conflicts of a run.

    Args:
        github: The repository.
        report: What the run found.
        whole: Whether it looked at every question; else no issue is closed.

    Returns:
        The issues of open conflicts, and those that were closed.

    Raises:
        AccessError: The token may not write issues, or the repository has none.
        TransientError: GitHub does not answer.
    """
    from notionsync.sides.github import Threads

    threads = Threads(github)
    known = _known(threads.issues(LABEL))
    conflicts = {outcome.page: outcome for outcome in report.outcomes if outcome.state == "conflict" and outcome.page}
    found = [_keep(threads, github, outcome, known.get(page)) for page, outcome in conflicts.items()]
    if whole and not report.stopped:
        unsure = {outcome.page for outcome in report.outcomes if outcome.state in {"refused", "failed"}}
        found += _settle(threads, {page: one for page, one in known.items() if page not in unsure | conflicts.keys()})
    return tuple(found)


def _known(tickets: list[Ticket]) -> dict[str, Ticket]:
    """Return the issue of each page: the newest that is open, else the newest."""
    found: dict[str, Ticket] = {}
    for ticket in sorted(tickets, key=lambda one: (not one.open, -one.number)):
        if mark := _MARKER.search(ticket.body):
            found.setdefault(mark[1], ticket)
    return found


def _keep(threads: Threads, github: GitHub, outcome: Outcome, ticket: Ticket | None) -> Thread:
    digest = _digest(outcome.conflicts)
    body = f"{_body(outcome, github)}\n<!-- notionsync:conflict {outcome.page} {digest} -->\n"
    if ticket is None:
        made = threads.open_issue(
            _title(outcome.path), body, LABEL, find=lambda one: one.open and _page(one) == outcome.page
        )
        return Thread(made.number, made.url, "opened")
    if _digest_in(ticket) == digest:
        return Thread(ticket.number, ticket.url, "unchanged")
    threads.edit_issue(ticket.number, body=body, title=ticket.title, state="open")
    return Thread(ticket.number, ticket.url, "updated" if ticket.open else "opened")


def _settle(threads: Threads, tickets: dict[str, Ticket]) -> Iterator[Thread]:
    for page, ticket in tickets.items():
        if not ticket.open:
            continue
        body = f"Settled: both sides agree again.\n\n<!-- notionsync:conflict {page} {_SETTLED} -->\n"
        threads.edit_issue(ticket.number, body=body, title=ticket.title, state="closed")
        yield Thread(ticket.number, ticket.url, "closed")


def _page(ticket: Ticket) -> str:
    mark = _MARKER.search(ticket.body)
    return mark[1] if mark else ""


def _digest_in(ticket: Ticket) -> str:
    mark = _MARKER.search(ticket.body)
    return mark[2] if mark else ""


def _digest(conflicts: tuple[Conflict, ...]) -> str:
    found = hashlib.sha256()
    for one in conflicts:
        for part in (one.unit, one.local, one.remote):
            found.update(b"%d:" % len(part.encode()) + part.encode())
    return found.hexdigest()[:16]


def _title(path: str) -> str:
    return f"Both sides changed {plain(path)}"


def _body(outcome: Outcome, github: GitHub) -> str:
    """Return what an issue says. Everything from Notion, and from files, is quoted."""
    where = f"--github {github.name}@{github.branch}"
    path, shown = shlex.quote(outcome.path), outcome.conflicts[:_UNITS]
    parts = [
        f"Notion and the repository both changed the same text of {quoted(outcome.path)}: {quoted(outcome.title)}.",
        "Neither was overwritten, and everything else is synced.",
        f"The page: https://www.notion.so/{outcome.page}",
        *(_unit(one, _ROOM // len(shown)) for one in shown),
        "Make both sides equal by hand, or name the one whose text shall stay (`local`, `notion`, or `markers` for both):",
        block(f"notionsync resolve {path} --take local {where}\nnotionsync sync {where}", exact=True),
        "This issue is closed when both sides agree again.",
    ]
    return "\n\n".join(parts)


def _unit(conflict: Conflict, room: int) -> str:
    name = "The text" if conflict.unit == "body" else quoted(conflict.unit)
    file, page = conflict.local, conflict.remote
    if max(file.count("\n"), page.count("\n")) > _LINES or len(file) + len(page) > room:
        differs = unified_diff(file.splitlines(), page.splitlines(), n=1, lineterm="")
        lines = "\n".join(islice(differs, 2, None))  # after the names of the two
        return f"{name}; `-` is in the file, `+` in Notion:\n\n{block(lines, language='diff', longest=room)}"
    return f"{name}, in the file:\n\n{block(file, longest=room // 2)}\n\nand in Notion:\n\n{block(page, longest=room // 2)}"
