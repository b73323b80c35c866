"""Reports as Markdown for a step's summary. Everything that a report holds is hostile text: a title can be anything.

Each character that means something to Markdown or HTML is written as a reference to its number, which stands for the
character and never for structure (spec.commonmark.org, entity and numeric character references). GitHub looks for names
and numbers of issues in the finished page; a word joiner behind `@` and `#` keeps it from finding any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from notionsync.cli.output import clean

Report = Mapping[str, Any]

_LONGEST = 600
"""Characters of one title or message."""
_ID = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{40}")
_JOINER = "\u2060"
_ARROWS = {"to-notion": "→ Notion", "from-notion": "← Notion", "both": "↔ both", "": "state only"}
_VERBS = {
    "create-page": "new page", "create-file": "new file", "update": "updated", "trash-page": "page trashed",
    "restore-page": "page restored", "delete-file": "file deleted", "forget": "forgotten", "wait": "waiting",
}  # fmt: skip
_LEFT = ("conflict", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Place:
    """Where links to files lead.

    Attributes:
        repository: Address of the repository; empty for none.
        at: The branch or commit whose files are shown.
        folder: Where the repository's folder is that paths are seen from.
    """

    repository: str = ""
    at: str = ""
    folder: str = ""

    def of(self, path: str) -> str:
        """Return a file's path as seen from the top of the repository."""
        return f"{self.folder}/{path}" if self.folder else path

    def link(self, path: str, text: str = "", line: int = 0) -> str:
        """Return a link to a file, or to a line of it, for which GitHub has to show its source."""
        shown = escaped(text or path)
        if not (self.repository and self.at and path):
            return shown
        at = f"?plain=1#L{line}" if line else ""
        return f'<a href="{self.repository}/blob/{quote(self.at)}/{quote(self.of(path))}{at}">{shown}</a>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What there is to know about a run beside its report.

    Attributes:
        title: The command, with what matters of its options.
        seconds: How long it took.
        place: Where links to files lead.
        note: What became of the run, if that needs a word.
    """

    title: str
    seconds: float
    place: Place = Place()
    note: str = ""


def escaped(text: str) -> str:
    """Return text as one line of Markdown that shows it and means nothing."""
    line = " ".join(clean(text).split())
    line = line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
    return "".join(_reference(c) for c in line)


def _reference(c: str) -> str:
    if c.isalnum() or c == " " or not c.isascii():
        return c
    return f"&#{ord(c)};{_JOINER if c in '@#' else ''}"


def code(text: str) -> str:
    """Return text as code, to be copied as it is."""
    return f"<code>{escaped(text).replace(_JOINER, '')}</code>"


def page_link(page: str, title: str) -> str:
    """Return a link to a page in Notion; its title alone if it has no address yet."""
    shown = escaped(title) or "(untitled)"
    return f'<a href="https://www.notion.so/{page}">{shown}</a>' if _ID.fullmatch(page) else shown


def of_run(report: Report, told: Told, *, most: int) -> str:
    """Return the section for a pull, push or sync.

    Args:
        report: As `schemas/report.schema.json` describes it, or an error as `schemas/error.schema.json` does.
        told: What else there is to know.
        most: How many bytes it may take.
    """
    if "error" in report:
        return of_error(report, told)
    questions = [q for q in report["questions"] if isinstance(q, dict)]
    left = [q for q in questions if q["state"] in _LEFT]
    parts = [f"### {escaped(told.title)}\n\n{_counted(report, questions, told)}\n\n"]
    if told.note:
        parts.append(f"{escaped(told.note)}\n\n")
    if report.get("stopped"):
        parts.append(f"**Ended early:** {escaped(report['stopped'])}\n\n")
    budget = _Budget(most)
    parts.append(budget.section("Left for a person", "", (_decision(q, told.place) for q in left), len(left)))
    changed = [q for q in questions if q["state"] in {"done", "planned"} and q["verb"] != "wait"]
    rows = [_row(q, told.place) for q in changed]
    rows += [f"| {told.place.link(file)} | | question list rebuilt | |\n" for file in report["regions"]]
    head = "| Page | Direction | Action | Changed |\n|---|---|---|---|\n"
    parts.append(budget.section("", head, rows, len(rows)))
    waiting = [q for q in questions if q["state"] == "pending"]
    parts.append(budget.section("Waiting", "", (_waiting(q, told.place) for q in waiting), len(waiting)))
    notes = [(q, notice) for q in questions for notice in q["notices"]]
    lines = (f"- {_names(q, told.place)}: {escaped(notice)}\n" for q, notice in notes)
    parts.append(budget.section("Left out, or not the same on both sides", "", lines, len(notes)))
    return "".join(parts)


def _counted(report: Report, questions: Sequence[Mapping[str, Any]], told: Told) -> str:
    states = [str(q["state"]) for q in questions]
    would = "would be " if report["dry_run"] else ""
    counts = [(states.count("done") + states.count("planned"), f"{would}done"), (report["unchanged"], "unchanged")]
    counts += [(states.count(state), word) for state, word in (("pending", "waiting"), ("conflict", "in conflict"))]
    counts += [(states.count(state), state) for state in ("refused", "failed")]
    waited = f", {report['waited']} s of them waiting for Notion" if report.get("waited") else ""
    words = [f"**{count}** {word}" for count, word in counts if count] or ["nothing to do"]
    words.append(f"{report['requests']} requests to Notion, {told.seconds:.0f} s{waited}")
    if _HASH.fullmatch(report.get("commit") or ""):
        shown = report["commit"][:12]
        where = told.place.repository
        words.append(f'commit <a href="{where}/commit/{report["commit"]}">{shown}</a>' if where else f"commit {shown}")
    threads = [("pull request", "pull", report.get("pull_request") or {})]
    threads += [("issue", "issues", issue) for issue in report.get("issues") or ()]
    words += [_thread(told.place, name, folder, thread) for name, folder, thread in threads if thread]
    return " · ".join(words)


def _thread(place: Place, name: str, folder: str, thread: Mapping[str, Any]) -> str:
    text, state = f"{name} {int(thread['number'])}", escaped(str(thread["state"]))
    if not place.repository:
        return f"{text} {state}"
    return f'<a href="{place.repository}/{folder}/{int(thread["number"])}">{text}</a> {state}'


def _names(question: Mapping[str, Any], place: Place) -> str:
    file = place.link(question["path"]) if question["path"] else ""
    page = page_link(question["page"], question["title"]) if question["page"] or not file else ""
    return " · ".join(part for part in (page, file) if part)


def _row(question: Mapping[str, Any], place: Place) -> str:
    details = ", ".join(escaped(detail) for detail in question["details"])
    arrow, verb = _ARROWS.get(question["direction"], ""), _VERBS.get(question["verb"], "")
    return f"| {_names(question, place)} | {arrow} | {verb} | {details} |\n"


def _decision(question: Mapping[str, Any], place: Place) -> str:
    advice = f"<br>Next: {code(question['advice'])}" if question["advice"] else ""
    message = str(question["message"]).removeprefix(f"{question['path']}: ")
    return f"- **{question['state']}** {_names(question, place)}: {escaped(message)}{advice}\n"


def _waiting(question: Mapping[str, Any], place: Place) -> str:
    return f"- {_names(question, place)}: {escaped(question['message'])}\n"


def of_error(error: Report, told: Told, ended: str = "nothing was done") -> str:
    """Return the section for a run that ended before it had a report, or before that was published."""
    lines = "<br>".join(escaped(line) for line in str(error["error"]).splitlines() if line.strip())
    advice = f"Next: {code(str(error['advice']))}\n\n" if error.get("advice") else ""
    return f"### {escaped(told.title)}: {ended}\n\n{lines}\n\n{advice}"


def of_findings(report: Report, told: Told, *, most: int) -> str:
    """Return the section for `check`."""
    if "error" in report:
        return of_error(report, told)
    found = report["findings"]
    head = f"### {escaped(told.title)}\n\n**{len(found)}** found in {int(report['files'])} answers\n\n"
    rows = (
        f"| {told.place.link(one['path'], _where(one), int(one['line']))} | {code(one['code'])} | {escaped(one['message'])} |\n"
        for one in found
    )
    return head + _Budget(most).section("", "| Where | | What |\n|---|---|---|\n", rows, len(found))


def _where(finding: Mapping[str, Any]) -> str:
    return f"{finding['path']}:{finding['line']}" if finding["line"] else str(finding["path"])


def fenced(title: str, text: str, *, most: int, note: str = "") -> str:
    """Return a section that shows what was printed, between fences that nothing in it can close."""
    printed = clean(text).rstrip()
    if len(printed) > most // 4:
        printed = "…\n" + printed[-(most // 4) :]
    fence = "`" * (max((len(run) for run in re.findall("`+", printed)), default=2) + 1)
    fence = fence.rjust(3, "`")
    said = f"{escaped(note)}\n\n" if note else ""
    return f"### {escaped(title)}\n\n{said}{fence}text\n{printed}\n{fence}\n\n"


class _Budget:
    """Bytes that are left for lists; what has no room is counted, not shown."""

    def __init__(self, most: int) -> None:
        self._left = most - 4_000  # for headings, and for what is said about the rest

    def section(self, title: str, head: str, rows: Iterable[str], count: int) -> str:
        if not count:
            return ""
        shown: list[str] = []
        for row in rows:
            self._left -= len(row.encode("utf-8", "replace"))
            if self._left < 0:
                break
            shown.append(row)
        rest = count - len(shown)
        more = f"\n… and {rest} more; the log has all of them\n" if rest else ""
        heading = f"#### {title}\n\n" if title else ""
        return f"{heading}{head if shown else ''}{''.join(shown)}{more}\n"
