"""A recorded conversation, and what it tells about the workspace it was held in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

Json = dict[str, Any]

UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ANY_ID: Final = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
_OBJECTS: Final = frozenset({"page", "database", "data_source", "block", "user"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the real service's answer."""

    index: int
    version: str
    method: str
    path: str
    query: str
    request: Any
    status: int
    response: Any

    @property
    def troubled(self) -> bool:
        """Whether the service was in trouble, which no request foretells: busy, overloaded, down."""
        return self.status == 429 or self.status >= 500

    @property
    def endpoint(self) -> str:
        """Method and path, ids and property ids replaced: `PATCH /v1/blocks/{id}`."""
        return f"{self.method} {_property(ANY_ID.sub('{id}', self.path))}"


def _property(path: str) -> str:
    head, mark, _ = path.partition("/properties/")
    return f"{head}/properties/{{id}}" if mark else path


def read(path: Path) -> list[Exchange]:
    """The exchanges of a recording."""
    with path.open(encoding="utf-8") as lines:
        return [exchange_of(index, json.loads(line)) for index, line in enumerate(lines) if line.strip()]


def exchange_of(index: int, line: Json) -> Exchange:
    """One exchange of a recording; an answer that is no object (a gateway's page, nothing at all) is read as an empty one."""
    response = line["response"] if isinstance(line["response"], dict) else {}
    _tell_bots_apart(response.get("results"))
    return Exchange(
        index,
        line["notion_version"],
        line["method"],
        line["path"],
        line.get("query") or "",
        line.get("request"),
        line["status"],
        response,
    )


def _tell_bots_apart(listed: Any) -> None:
    """Give bots that were given one id, when the recording was made anonymous, an id each; the asking one keeps it."""
    users = [entry for entry in listed or () if isinstance(entry, dict) and entry.get("object") == "user"]
    ids = [user.get("id") for user in users]
    for user in users:
        if ids.count(user["id"]) > 1 and user.get("bot") == {}:
            user["id"] = str(uuid5(NAMESPACE_OID, str(user.get("name"))))


def objects(value: Any) -> Iterator[Json]:
    """Every whole object inside an answer, containers first."""
    if isinstance(value, list):
        for entry in value:
            yield from objects(entry)
    elif isinstance(value, dict):
        kind = value.get("object")
        if kind in _OBJECTS and "id" in value and len(value) > 2:
            yield value
        for entry in value.values():
            yield from objects(entry)


def stamps(value: Any) -> Iterator[str]:
    """Every time stamp of creation or edit inside an answer."""
    if isinstance(value, list):
        for entry in value:
            yield from stamps(entry)
    elif isinstance(value, dict):
        for key, entry in value.items():
            if key in {"created_time", "last_edited_time"} and isinstance(entry, str):
                yield entry
            else:
                yield from stamps(entry)
