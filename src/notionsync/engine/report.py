"""What a run did, or would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from notionsync.model import Append, Delete, Update, walk
from notionsync.plan.action import Action, Conflict

State = Literal["done", "planned", "pending", "refused", "conflict", "failed"]

_DIRECTIONS = {
    "create-page": "to-notion",
    "trash-page": "to-notion",
    "restore-page": "to-notion",
    "create-file": "from-notion",
    "delete-file": "from-notion",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one question.

    Attributes:
        state: `done` or `planned`; `pending` when it waits for a run in the other direction; `refused`, `conflict`
            and `failed` when something is left for a person or for the next run.
        verb: The kind of action, such as `update` or `create-page`.
        direction: `to-notion`, `from-notion`, `both`, or empty when only the state changed.
        path: The file.
        page: The page's id; empty before it exists.
        title: The question.
        details: What changed, for people: `2 blocks updated`, `status`.
        message: Why something is left, or what a person should know.
        advice: What to type next.
        conflicts: What is left for a person to decide, in both versions.
    """

    state: State
    verb: str
    direction: str
    path: str
    page: str
    title: str
    details: tuple[str, ...] = ()
    message: str = ""
    advice: str = ""
    notices: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @classmethod
    def of(cls, action: Action, state: State, *, page: str | None = None) -> Outcome:
        """Tell what an action comes to."""
        return cls(
            state=_state(action, state),
            verb=action.verb,
            direction=_direction(action),
            path=action.path,
            page=page or action.page or "",
            title=action.title,
            details=_details(action),
            message=action.refusal or action.pending,
            advice=action.advice,
            notices=tuple(notice.message for notice in action.notices),
            conflicts=action.conflicts,
        )


@dataclass(frozen=True, slots=True)
class Thread:
    """A pull request or an issue on GitHub.

    Attributes:
        number: Its number in the repository.
        url: Where a person reads it.
        state: What this run did with it: `opened`, `updated`, `closed` or `unchanged`.
    """

    number: int
    url: str
    state: str

    def to_json(self) -> Mapping[str, Any]:
        """Return it as `schemas/report.schema.json` describes it."""
        return {"number": self.number, "url": self.url, "state": self.state}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did, or would do.

    Attributes:
        command: `pull`, `push`, `sync`, …
        dry_run: Whether everything was left as it is.
        outcomes: One for each question that something happened to, or that needs a person.
        unchanged: How many questions needed nothing.
        regions: Files whose README region was rebuilt.
        taken: What was edited by hand inside a region and went into the answers, each with file and line.
        requests: How many requests were sent to Notion.
        waited: How many seconds the run waited because Notion asked for it, or was not there.
        stopped: The error that ended the run early, if one did, and what to type next.
        commit: Hash of the commit that was made.
        pull_request: The pull request that holds the commit, or that was closed because there is none to hold.
        issues: Issues about conflicts.
    """

    command: str
    dry_run: bool = False
    outcomes: tuple[Outcome, ...] = ()
    unchanged: int = 0
    regions: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    requests: int = 0
    waited: int = 0
    stopped: str = ""
    stopped_advice: str = ""
    stopped_code: int = 0
    commit: str = ""
    pull_request: Thread | None = None
    issues: tuple[Thread, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 clean, 3 when something is left for a person, or the code of what ended the run."""
        if self.stopped_code:
            return self.stopped_code
        return 3 if any(outcome.state in {"refused", "conflict", "failed"} for outcome in self.outcomes) else 0

    @property
    def changed(self) -> bool:
        """Whether anything was, or would be, written to a file or to Notion."""
        return bool(self.regions or self.taken) or any(
            o.state in {"done", "planned"} and o.direction for o in self.outcomes
        )

    def to_json(self) -> Mapping[str, Any]:
        """Return the report as `schemas/report.schema.json` describes it."""
        return {
            "command": self.command,
            "dry_run": self.dry_run,
            "changed": self.changed,
            "exit_code": self.exit_code,
            "unchanged": self.unchanged,
            "requests": self.requests,
            "waited": self.waited,
            "regions": list(self.regions),
            "taken": list(self.taken),
            "commit": self.commit,
            "pull_request": self.pull_request.to_json() if self.pull_request else None,
            "issues": [issue.to_json() for issue in self.issues],
            "stopped": self.stopped,
            "questions": [
                {
                    "state": o.state,
                    "verb": o.verb,
                    "direction": o.direction,
                    "path": o.path,
                    "page": o.page,
                    "title": o.title,
                    "details": list(o.details),
                    "message": o.message,
                    "advice": o.advice,
                    "notices": list(o.notices),
                }
                for o in self.outcomes
            ],
        }


def _state(action: Action, state: State) -> State:
    if action.conflicts:
        return "conflict"
    if action.refusal:
        return "refused"
    return "pending" if action.pending else state


def _direction(action: Action) -> str:
    if action.verb in _DIRECTIONS:
        return _DIRECTIONS[action.verb]
    match action.writes_file, action.writes_page:
        case True, True:
            return "both"
        case True, False:
            return "from-notion"
        case False, True:
            return "to-notion"
        case _:
            return ""


def _details(action: Action) -> tuple[str, ...]:
    found = []
    if action.verb in {"update", "restore-page"}:
        found = sorted(action.fields or {})
    if action.move not in {"", action.path}:
        found.append(f"renamed to {action.move}")
    updated = sum(isinstance(edit, Update) for edit in action.edits)
    added = sum(len(walk(edit.blocks)) for edit in action.edits if isinstance(edit, Append))
    deleted = sum(len(walk((edit.before,))) for edit in action.edits if isinstance(edit, Delete))
    for count, what in ((updated, "updated"), (added, "added"), (deleted, "deleted")):
        if count:
            found.append(f"{count} block{'s' * (count != 1)} {what}")
    return tuple(found)
