"""Comments on pages and blocks. They are no blocks, and leave the time of what they are about alone."""

from __future__ import annotations

import json
from typing import Any, Final

from notionsync.emulator import errors, files, inlinemarkdown, paging
from notionsync.emulator.clock import stamp
from notionsync.emulator.ids import canonical
from notionsync.emulator.richtext import completed, normal, rich_text
from notionsync.emulator.shapes import UNDEFINED, Check, array, missing, obj, one_of, string, tagged, uuid, wrong
from notionsync.emulator.workspace import Call, Workspace, path_id

Json = dict[str, Any]

_NAME: Final = obj({"type": one_of("integration", "user", "custom")}, {"custom": obj({"name": string()})})
_TEXT: Final[dict[str, Check]] = {"rich_text": rich_text, "markdown": string()}
_ATTACHMENT: Final = obj({"file_upload_id": string()}, {"type": one_of("file_upload")})
_CREATE: Final = tagged(
    {"parent": tagged({"page_id": uuid, "block_id": uuid}), "discussion_id": uuid},
    {**_TEXT, "attachments": array(_ATTACHMENT, most=3), "display_name": _NAME},
)
_UPDATE: Final = obj(optional=_TEXT)


def create(ws: Workspace, call: Call) -> Json:
    """`POST /v1/comments`: on a page or block, or in a discussion."""
    body = call.json(_CREATE)
    text = _text(ws, body)
    parent, discussion = _place(ws, call, body)
    now = ws.minute()
    comment: Json = {
        "id": ws.ids.new(),
        "parent": parent,
        "discussion_id": discussion,
        "created": now,
        "edited": now,
        "by": call.user.id,
        "rich_text": text,
        "display_name": _display(call, body.get("display_name")),
        "attachments": [files.enclosed(ws, entry["file_upload_id"]) for entry in body.get("attachments", ())],
    }
    about = parent[parent["type"]]
    ws.store.execute(
        "INSERT INTO comment (id, about, data) VALUES (?, ?, ?)", (comment["id"], about, json.dumps(comment))
    )
    if ws.settings.comment_moves_page:
        node = ws.store.get(about)
        page = ws.page_of(node) if node is not None else None
        if page is not None:
            ws.store.touch(page.id, now, call.user.id)
    return _shown(ws, call, comment)


def _place(ws: Workspace, call: Call, body: Json) -> tuple[Json, str]:
    """What a new comment is about, and the discussion it belongs to."""
    if "discussion_id" in body:
        discussion = canonical(body["discussion_id"]) or ""
        for comment in _select(ws):
            if comment["discussion_id"] == discussion:
                return comment["parent"], discussion
        raise ws.missing("discussion", discussion, call.user)
    kind = "page_id" if "page_id" in body["parent"] else "block_id"
    node = ws.require(canonical(body["parent"][kind]) or "", call.user, kind.removesuffix("_id"))
    return {"type": kind, kind: node.id}, ws.ids.new()


def _text(ws: Workspace, body: Json) -> list[Json]:
    """The text of a comment, told in one of two ways."""
    told = body.keys() & _TEXT
    if not told:
        raise errors.failed(*missing(*(f"body.{key}" for key in _TEXT)).problems)
    if len(told) > 1:
        raise errors.failed(*wrong("body.markdown", "not present", body["markdown"]).problems)
    given = inlinemarkdown.runs(body["markdown"]) if "markdown" in body else body["rich_text"]
    return normal(given, ws.settings)


def _display(call: Call, given: Json | None) -> Json:
    if given is not None and given["type"] == "custom":
        return {"type": "custom", "resolved_name": given.get("custom", {}).get("name")}
    kind = given["type"] if given else "integration" if call.user.type == "bot" else "user"
    return {"type": kind, "resolved_name": call.user.name}


def _select(ws: Workspace, where: str = "TRUE", *values: str) -> list[Json]:
    rows = ws.store.execute(f"SELECT data FROM comment WHERE {where} ORDER BY seq", values)  # noqa: S608  (ours)
    return [json.loads(row[0]) for row in rows]


def _require(ws: Workspace, call: Call, comment_id: str) -> Json:
    identifier = path_id("comment_id", comment_id)
    found = _select(ws, "id = ?", identifier)
    if not found:
        raise ws.missing("comment", identifier, call.user)
    return found[0]


def _shown(ws: Workspace, call: Call, comment: Json) -> Json:
    shown: Json = {
        "object": "comment",
        "id": comment["id"],
        "parent": comment["parent"],
        "discussion_id": comment["discussion_id"],
        "created_time": stamp(comment["created"]),
        "last_edited_time": stamp(comment["edited"]),
        "created_by": {"object": "user", "id": comment["by"]},
        "rich_text": completed(comment["rich_text"], ws.names),
        "display_name": comment["display_name"],
    }
    if comment.get("attachments"):
        shown["attachments"] = files.signed(ws, call, comment["attachments"])
    return shown


def retrieve(ws: Workspace, call: Call, comment_id: str) -> Json:
    """`GET /v1/comments/{comment_id}`."""
    return _shown(ws, call, _require(ws, call, comment_id))


def list_comments(ws: Workspace, call: Call) -> Json:
    """`GET /v1/comments?block_id=…`: those about one page or block, oldest first."""
    about = canonical(call.one("block_id"))
    if about is None:
        raise errors.failed(
            *wrong("query.block_id", "a valid uuid", call.one("block_id") or UNDEFINED).problems, part="query"
        )
    ws.require(about, call.user, "block", "page")
    size, cursor = paging.query_size(ws, call, least=1), paging.query_cursor(call)
    found = _select(ws, "about = ?", about)
    ids = [comment["id"] for comment in found]
    if cursor is not None and cursor not in ids:
        raise paging.unknown_cursor(cursor)
    found = found[ids.index(cursor) if cursor is not None else 0 :]
    following = found[size]["id"] if len(found) > size else None
    return paging.listing([_shown(ws, call, comment) for comment in found[:size]], "comment", cursor=following)


def _own(ws: Workspace, call: Call, comment_id: str) -> Json:
    comment = _require(ws, call, comment_id)
    if comment["by"] != call.user.id:
        raise errors.restricted("Only the author of a comment may change it.")
    return comment


def update(ws: Workspace, call: Call, comment_id: str) -> Json:
    """`PATCH /v1/comments/{comment_id}`: of one's own."""
    text = _text(ws, call.json(_UPDATE))
    comment = _own(ws, call, comment_id)
    comment |= {"rich_text": text, "edited": ws.minute()}
    ws.store.execute("UPDATE comment SET data = ? WHERE id = ?", (json.dumps(comment), comment["id"]))
    return _shown(ws, call, comment)


def delete(ws: Workspace, call: Call, comment_id: str) -> Json:
    """`DELETE /v1/comments/{comment_id}`: of one's own."""
    comment = _own(ws, call, comment_id)
    ws.store.execute("DELETE FROM comment WHERE id = ?", (comment["id"],))
    return _shown(ws, call, comment)
