"""A plan as data: what a run would do and what it expects to find, as text that is the same for the same sides.

`notionsync plan --json` prints it, `notionsync apply` reads it. To apply a plan both sides are read and planned again with
the options that it names: when that gives the very same text, nothing moved, and what is carried out is what was read by
whoever approved the plan. So a plan need hold no more than people and programs want to see.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from notionsync.config import FILE_NAME
from notionsync.convert import digest
from notionsync.convert.blocks import to_json
from notionsync.convert.properties import digest_value
from notionsync.engine.plan import Plan, Planner
from notionsync.engine.report import Outcome
from notionsync.errors import StaleError, UsageError
from notionsync.model import Append, Body, Delete, Edit, Page, Record, Update, walk
from notionsync.plan.action import Action
from notionsync.sides.index import sha256

FORMAT = 1
"""Version of the text, as `schemas/plan.schema.json` describes it."""


def document(planner: Planner, plan: Plan, *, allow_new_options: bool) -> dict[str, Any]:
    """Return a plan as `schemas/plan.schema.json` describes it."""
    options = planner.options
    policy, allowed = options.policy, options.allowed
    config = planner.session.tree.read(FILE_NAME) or b""
    return {
        "format": FORMAT,
        "direction": policy.direction,
        "data_source": planner.session.config.data_source,
        "config": sha256(config),
        "options": {
            "on_conflict": policy.on_conflict,
            "deep": options.deep,
            "full": options.full,
            "only": sorted(options.only),
            "allow_delete": allowed.delete,
            "allow_empty": allowed.empty,
            "allow_edit": allowed.edit,
            "allow_delete_opaque": policy.allow_delete_opaque,
            "allow_new_options": allow_new_options,
        },
        "unchanged": plan.unchanged,
        "questions": [_question(planner, plan, action) for action in plan.actions],
        "refused": [
            {"path": one.path, "page": one.page, "title": one.title, "message": one.message, "advice": one.advice}
            for one in plan.refused
        ],
    }


def read_document(text: str | bytes) -> dict[str, Any]:
    """Read a plan.

    Raises:
        UsageError: It is no plan, or of a version that this program does not know.
    """
    advice = "notionsync plan --json > plan.json"
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UsageError(f"the plan is not JSON: {error}", advice=advice) from error
    if not isinstance(data, dict) or not isinstance(data.get("questions"), list):
        raise UsageError("this is no plan of notionsync", advice=advice)
    if data.get("format") != FORMAT:
        raise UsageError(f"the plan has format {data.get('format')}; this program knows {FORMAT}", advice=advice)
    return data


def require_same(planned: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Make sure that a plan is still what would be done.

    Raises:
        StaleError: Something moved since, or the plan was edited; the message says which questions.
    """
    moved = [
        f"{key}: {value!r} in the plan, {now[key]!r} now"
        for key, value in planned.items()
        if key in {"direction", "data_source", "options"} and value != now[key]
    ]
    if planned.get("config") != now["config"]:
        moved.append(f"{FILE_NAME} changed")
    before, after = (_by_question(document) for document in (planned, now))
    moved += [_moved(key, before.get(key), after.get(key)) for key in sorted({*before, *after})]
    moved = [one for one in moved if one]
    if moved or planned != now:
        shown = "".join(f"\n  - {one}" for one in moved[:10]) or "\n  - questions that need nothing came or went"
        more = f"\n  … and {len(moved) - 10} more" if len(moved) > 10 else ""
        raise StaleError(
            f"the plan is not what would be done now; nothing was done:{shown}{more}",
            advice="notionsync plan --json > plan.json, and look at it again",
        )


def _by_question(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    entries = [entry for key in ("questions", "refused") for entry in document.get(key, ()) if isinstance(entry, dict)]
    return {str(entry.get("path") or entry.get("page")): entry for entry in entries}


def _moved(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    if before == after:
        return ""
    if before is None:
        return f"{name}: changed since"
    if after is None:
        return f"{name}: needs nothing any more"
    old, new = before.get("expects", {}), after.get("expects", {})
    found = [what for what in ("file", "page", "record") if old.get(what) != new.get(what)]
    return f"{name}: {', '.join(f'its {what} changed' for what in found) or 'something else would be done'}"


# --- one question -------------------------------------------------------------------------------------------------------


def _question(planner: Planner, plan: Plan, action: Action) -> dict[str, Any]:
    outcome = Outcome.of(action, "planned")
    page = action.page or ""
    record = plan.shelf.records.get(page)
    return {
        "state": outcome.state,
        "verb": action.verb,
        "direction": outcome.direction,
        "path": action.path,
        "page": page,
        "title": action.title,
        "details": list(outcome.details),
        "message": outcome.message,
        "advice": outcome.advice,
        "notices": list(outcome.notices),
        "expects": {
            "file": None if action.expect is None else sha256(action.expect),
            "page": _page_version(planner, plan, page, action.path),
            "record": None if record is None else _record(record),
        },
        "file": _file(action),
        "rename": action.move if action.move != action.path else "",
        "fields": {key: list(v) if isinstance(v, tuple) else v for key, v in sorted((action.fields or {}).items())},
        "blocks": [to_json(block, shown=True) for block in action.body or ()] if action.verb == "create-page" else [],
        "edits": [_edit(edit) for edit in action.edits],
        "agreed": None if action.base is None else sha256(action.base),
        "conflicts": [{"unit": c.unit, "local": c.local, "notion": c.remote} for c in action.conflicts],
        "keeps": {side: sha256(data) for side, data in sorted(action.kept.items())},
    }


def _page_version(planner: Planner, plan: Plan, page: str, path: str) -> dict[str, Any] | None:
    """Return what tells a version of a page from any other; None for a page that is not of this database."""
    found = plan.listing.pages.get(page) or plan.listing.trashed.get(page)
    if found is None:
        return None
    body = planner.bodies.get(page)
    return {
        "last_edited_time": found.last_edited_time,
        "in_trash": found.in_trash,
        "properties": _properties(planner, found, path),
        "blocks": None if body is None else tree_digest(body),
    }


def _properties(planner: Planner, page: Page, path: str) -> str:
    values = planner.versions.fields(page, path)
    told = [f"{key}:{digest_value(values.get(key))}" for key in sorted(planner.listing.properties)]
    return sha256("\n".join(told).encode())


def tree_digest(body: Body) -> str:
    """Return the digest of a page's blocks: which there are, where, and what they say."""
    return _digest([[block.id, digest(block), len(block.children)] for block in walk(body)])


def _record(record: Record) -> str:
    told = [record.path, sha256(record.base), record.last_edited_time, dict(sorted(record.fields.items()))]
    return _digest([*told, repr(record.blocks), [[a.path, a.sha256, a.notion] for a in record.assets]])


def _digest(data: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def _file(action: Action) -> dict[str, Any] | None:
    if not action.writes_file:
        return None
    gone = action.verb == "delete-file"
    data = b"" if gone else action.file or b""
    names = (
        f"a/{action.path}" if action.expect is not None else "/dev/null",
        "/dev/null" if gone else f"b/{action.path}",
    )
    return {"sha256": None if gone else sha256(data), "diff": diff(action.expect or b"", data, *names)}


def diff(old: bytes, new: bytes, before: str, after: str) -> list[str]:
    """Return a unified diff of two texts, line by line."""
    lines = (old.decode(errors="replace").splitlines(), new.decode(errors="replace").splitlines())
    return list(difflib.unified_diff(*lines, before, after, lineterm=""))


def _edit(edit: Edit) -> dict[str, Any]:
    match edit:
        case Update():
            before, after = (to_json(block, shown=True) for block in (edit.before, edit.after))
            return {"do": "update", "block": edit.id, "before": before, "after": after}
        case Append():
            blocks = [to_json(block, shown=True) for block in edit.blocks]
            return {"do": "append", "parent": edit.parent, "after": edit.after, "last": edit.last, "blocks": blocks}
        case Delete():
            return {"do": "delete", "block": edit.id, "before": to_json(edit.before, shown=True)}
