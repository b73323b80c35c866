"""The workspace's own emojis."""

from __future__ import annotations

from typing import Any

from notionsync.emulator import paging
from notionsync.emulator.workspace import Call, Workspace

Json = dict[str, Any]


def list_emojis(ws: Workspace, call: Call) -> Json:
    """`GET /v1/custom_emojis`, by name when one is asked for; `type` stands second here, as recorded."""
    size, cursor, name = paging.query_size(ws, call), paging.query_cursor(call), call.one("name")
    found = [emoji for emoji in ws.settings.emojis if name is None or emoji.name == name]
    ids = [emoji.id for emoji in found]
    if cursor is not None and cursor not in ids:
        raise paging.unknown_cursor(cursor)
    found = found[ids.index(cursor) if cursor is not None else 0 :]
    more = len(found) > size
    return {
        "object": "list",
        "type": "custom_emoji",
        "results": [ws.emoji(emoji.id) for emoji in found[:size]],
        "has_more": more,
        "next_cursor": found[size].id if more else None,
    }
