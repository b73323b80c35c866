"""What an object was before the request whose answer is the first to show it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from urllib.parse import quote, unquote
from uuid import NAMESPACE_OID, uuid5

from notionsync.emulator.ids import canonical
from notionsync.emulator.replay.recording import Exchange

Json = dict[str, Any]


class Trash:
    """What a conversation has thrown away so far."""

    def __init__(self) -> None:
        self._any = False

    def note(self, exchange: Exchange) -> None:
        """Follow the conversation."""
        self._any = self._any or trashing(exchange) is True

    def before(self, exchange: Exchange, shown: Json) -> Json:
        """An object as it must have been, when this exchange is the first to show it."""
        was = deepcopy(shown)
        own = target(exchange) == shown["id"]
        flag = trashing(exchange) if own else None
        if flag is not None:
            was["in_trash"] = not flag
        elif self._any and was.get("in_trash"):
            # With something of the conversation's own that it lies in, most likely.
            was["in_trash"] = False
        if own and _moving(exchange):
            was["parent"] = _elsewhere(shown)
        if own and shown["object"] == "data_source" and isinstance(exchange.request, dict):
            was["properties"] = _columns_before(exchange.request.get("properties") or {}, was["properties"])
        return was


def target(exchange: Exchange) -> str | None:
    """The id in a path."""
    parts = exchange.path.split("/")
    return canonical(parts[3]) if len(parts) > 3 else None


def trashing(exchange: Exchange) -> bool | None:
    """Whether a request moves something to the trash (True) or back (False)."""
    if exchange.status != 200:
        return None
    if exchange.method == "DELETE":
        return True
    body = exchange.request if isinstance(exchange.request, dict) else {}
    flag = body.get("in_trash", body.get("archived"))
    return flag if exchange.method == "PATCH" and isinstance(flag, bool) else None


def _moving(exchange: Exchange) -> bool:
    body = exchange.request if isinstance(exchange.request, dict) else {}
    return exchange.status == 200 and exchange.method in {"POST", "PATCH"} and "parent" in body


def _elsewhere(shown: Json) -> Json:
    """A place that something may have been moved from."""
    if shown["object"] != "data_source":
        return {"type": "workspace", "workspace": True}
    return {"type": "database_id", "database_id": str(uuid5(NAMESPACE_OID, shown["id"]))}


def _columns_before(changes: Json, columns: Json) -> Json:
    """The schema that a change led from: renamed columns under their old names, removed ones still there."""
    was = dict(columns)
    for key, change in changes.items():
        if any(name == key or unquote(column["id"]) == unquote(key) for name, column in columns.items()):
            continue
        if change is None:
            was[key] = {
                "id": quote(key, safe=""),
                "name": key,
                "description": None,
                "type": "rich_text",
                "rich_text": {},
            }
        elif isinstance(change, dict) and change.get("name") in columns:
            renamed = was.pop(change["name"])
            was[key] = {**renamed, "name": key}
    return was
