"""What is put beside the files on GitHub: at most nine remarks, and how many more there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from notionsync.ci.runner import Kind, Runner
from notionsync.ci.summary import Place

MOST = 9
"""GitHub shows ten annotations of a kind and step; the tenth says how many more there are."""
_LINE = re.compile(r":(\d{1,7}):")
_KINDS: Mapping[str, Kind] = {"conflict": "warning", "refused": "warning", "failed": "error"}

Remark = tuple[Kind, str, str, int]
"""Kind, message, file, line."""


def annotate(runner: Runner, report: Mapping[str, Any], place: Place) -> int:
    """Write the annotations of a report; return how many remarks it holds."""
    remarks = list(_of(report))
    for kind, message, path, line in remarks[:MOST]:
        runner.say(kind, message, file=place.of(path) if path else "", line=line)
    if len(remarks) > MOST:
        runner.say("warning", f"{len(remarks) - MOST} more in the summary")
    return len(remarks)


def _of(report: Mapping[str, Any]) -> Iterator[Remark]:
    if "findings" in report:
        yield from _of_findings(report["findings"])
        return
    for question in questions(report):
        if question["state"] in _KINDS:
            path, message = str(question["path"]), str(question["message"])
            where = "" if path and message.startswith(path) else f"{path or question['title']}: "
            advice = f"\n{question['advice']}" if question["advice"] else ""
            yield _KINDS[question["state"]], f"{where}{message}{advice}", path, _line(path, message)


def questions(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a run reports of single questions; `readme` only counts them."""
    found = report.get("questions")
    return found if isinstance(found, list) else []


def _of_findings(findings: Sequence[Mapping[str, Any]]) -> Iterator[Remark]:
    for one in findings:
        advice = f"\n{one['advice']}" if one["advice"] else ""
        yield "warning", f"{one['code']} {one['message']}{advice}", str(one["path"]), int(one["line"])


def _line(path: str, message: str) -> int:
    found = _LINE.match(message, len(path)) if path and message.startswith(path) else None
    return int(found[1]) if found else 0
