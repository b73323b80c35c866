"""Requests made up from the types: every shape that the official SDK lets through, known to recordings or not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Self
from urllib.parse import unquote

import httpx

from notionsync.emulator.blocktypes import TYPES
from notionsync.emulator.http.app import Emulator, create_app
from notionsync.emulator.replay.mutants import spoilt
from notionsync.emulator.replay.schemas import REQUESTS, Schemas
from notionsync.emulator.settings import BOT_TOKEN, PERSON

Json = dict[str, Any]

_DEEP: Final = 8
"""Nesting from which on a request is not made any larger than it must be."""
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "start": ("2026-01-02", "2026-01-02T10:00:00Z"),
    "end": ("2026-01-03",),
    "time_zone": ("Europe/Berlin",),
    "url": ("https://example.org/a.png",),
    "external_url": ("https://example.org/a.png",),
    "filename": ("a.png",),
    **dict.fromkeys(("id", "start_cursor"), (PERSON.id,)),
    **dict.fromkeys(("equals", "before", "after", "on_or_before", "on_or_after"), ("2026-01-02", "today")),
}
_KINDS: Final = [
    "rich_text",
    "number",
    "select",
    "multi_select",
    "status",
    "date",
    "people",
    "files",
    "checkbox",
    "url",
    "email",
    "phone_number",
    "place",
    "verification",
    "created_time",
    "last_edited_time",
    "created_by",
    "last_edited_by",
    "unique_id",
]
_RULES: Final = (
    *(f"body.{key} should be defined" for key in ("parent", "external_url", "filename", "number_of_parts")),
    "synced_block.children should be not present",
    "start_cursor should be a valid uuid",
    "file_upload.id should be a valid uuid",
    "should be a valid ISO 8601 date string",
    "length should be ≤",
)
"""What is required beyond the types: a place for an integration's page, what each way of uploading needs, a copy without
children of its own, ids, cursors and dates that are some, and documented limits."""


def _example(kind: str) -> Json:
    """A block of a kind, to be updated."""
    url, held = "https://example.org/a.png", {"table": "table_row", "column_list": "column", "tab": "paragraph"}
    spec = TYPES[kind]
    values: Json = {"rich_text": [], "language": "c", "url": url, "expression": "x", "cells": [[]], "synced_from": None}
    payload: Json = {name: values[name] for name in values if name in spec.required}
    if spec.media:
        payload["external"] = {"url": url}
    if kind == "table":
        payload["table_width"] = 1
    if kind in held:
        payload["children"] = [_example(held[kind]) for _ in range(2)]
    return {kind: payload}


_SEED: Final[Json] = {
    "databases": [
        {
            "title": [],
            "properties": {"title": {"title": {}}, **{kind: {kind: {}} for kind in _KINDS}},
            "pages": [{"properties": {}}],
        }
    ],
    "pages": [
        {
            "properties": {},
            "children": [_example(kind) for kind in TYPES if kind not in {"table_row", "column", "link_to_page"}],
        }
    ],
}


class Maker:
    """Makes up requests by one schema.

    Args:
        schema: A JSON Schema as the official types were turned into: objects, alternatives, constants, arrays.
        ids: What each key that names an object may hold.
        chance: Where chance comes from.
    """

    def __init__(self, schema: Json, ids: Mapping[str, str], chance: Random) -> None:
        self._definitions: Json = schema["definitions"]
        self._root = schema["$ref"]
        self._ids = ids
        self._chance = chance

    def request(self) -> Any:
        """A request that the schema lets through."""
        return self._made({"$ref": self._root}, "", "", 0)

    def _made(self, schema: Json, key: str, above: str, depth: int) -> Any:
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            if name == "IdRequest":
                return self._ids.get(above if key == "id" else key, self._ids["page_id"])
            return self._made(self._definitions.get(name) or self._definitions[unquote(name)], key, above, depth)
        for word in ("anyOf", "enum"):
            if word in schema:
                chosen = self._chance.choice(schema[word])
                return self._made(chosen, key, above, depth) if word == "anyOf" else chosen
        if "const" in schema:
            return schema["const"]
        kind = schema.get("type", "object")
        return self._of_type(self._chance.choice(kind) if isinstance(kind, list) else kind, schema, key, above, depth)

    def _of_type(self, kind: str, schema: Json, key: str, above: str, depth: int) -> Any:
        if kind == "object":
            return self._object(schema, key, depth)
        if kind == "array":
            count = max(self._chance.choice((0, 1, 2)) if depth < _DEEP else 0, schema.get("minItems", 0))
            return [self._made(schema["items"], key, above, depth + 1) for _ in range(count)]
        if kind == "string":
            return self._chance.choice(_TEXTS.get(key, ("text",)))
        if kind == "boolean":
            return self._chance.random() < 0.5
        return None if kind == "null" else max(schema.get("minimum", 1), 1)

    def _object(self, schema: Json, key: str, depth: int) -> Json:
        made: Json = {}
        needed = schema.get("required", ())
        share = 0.4 if depth < _DEEP else 0.1
        for name, inner in schema.get("properties", {}).items():
            if "not" not in inner and (name in needed or self._chance.random() < share):
                made[name] = self._made(inner, name, key, depth + 1)
        others = schema.get("additionalProperties")
        if isinstance(others, dict) and "not" not in others:
            for name in self._chance.sample(_KINDS, self._chance.randrange(3)):
                made[name] = self._made(others, name, name, depth + 1)
        return made


@dataclass(slots=True)
class MadeUp:
    """What became of requests that were made up from the types.

    Attributes:
        counts: How many were answered, refused for a rule beside the types, left out, and refused for their shape as they
            should be.
        findings: Requests that the types let through and that were not understood, spoilt ones that were, and answers that
            do not fit the types; each as a line of text.
    """

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


def judge_made_up(schemas: Schemas, chance: Random, *, count: int) -> MadeUp:
    """Send made-up requests to every endpoint that takes a body, each to a workspace of its own, and spoilt ones.

    Args:
        schemas: The schemas of requests and answers.
        chance: Where chance comes from.
        count: Requests for each endpoint.
    """
    result = MadeUp()
    with _Place() as place:
        for endpoint, name in REQUESTS.items():
            maker = Maker(schemas.document(name), place.ids, chance)
            for _ in range(count):
                body = maker.request()
                _judge(place, endpoint, body, schemas, result)
                _judge(place, endpoint, spoilt(body, chance), schemas, result)
    return result


def _judge(place: _Place, endpoint: str, body: Json, schemas: Schemas, result: MadeUp) -> None:
    if place.path(endpoint, body) is None:
        return
    problem = schemas.request(endpoint, body)
    version = "2025-09-03" if body.keys() & {"archived", "after"} else "2026-03-11"
    status, answer = place.ask(endpoint, body, version)
    message = "" if status == 200 else answer["message"]
    if problem is not None:
        result.counts["does not fit the types, " + ("accepted" if status == 200 else "refused")] += 1
        if status == 200:
            result.findings.append(f"{endpoint} takes {_short(body)}: {problem}")
    elif status == 200:
        result.counts["fits the types, answered"] += 1
        wrong = schemas.answer(endpoint, version, answer)
        if wrong is not None:
            result.findings.append(f"{endpoint} answers {_short(body)}: {wrong}")
    elif status == 501:
        result.counts["fits the types, not emulated"] += 1
    else:
        result.counts["fits the types, refused for a rule beside them"] += 1
        if "failed validation" in message and not any(rule in message for rule in _RULES):
            result.findings.append(f"{endpoint} refuses {_short(body)}: {message}")


def _short(body: Json) -> str:
    text = json.dumps(body, ensure_ascii=False)
    return text if len(text) <= 500 else f"{text[:499]}…"


class _Place:
    """A furnished workspace, of which every request gets a copy."""

    def __init__(self) -> None:
        self._app = create_app()
        made = self._app.seed(_SEED)
        page, source = made.pages[0], made.data_sources[0]
        with _client(self._app) as client:
            database = client.get(f"/v1/data_sources/{source}").json()["parent"]["database_id"]
            row = client.post(f"/v1/data_sources/{source}/query").json()["results"][0]["id"]
            blocks = _blocks(client, page)
        self._blocks = {block["type"]: block["id"] for block in blocks}
        self.ids = {
            "page_id": page,
            "page": page,
            "block_id": page,
            "relation": row,
            "database_id": database,
            "database": database,
            "data_source_id": source,
            "user": PERSON.id,
            "people": PERSON.id,
        }
        self._targets = {"pages": row, "databases": database, "data_sources": source}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._app.close()

    def path(self, endpoint: str, body: Json) -> str | None:
        """Where a request goes; None when there is nothing that it could be about."""
        pattern = endpoint.partition(" ")[2]
        kind = pattern.split("/")[2]
        if endpoint == "PATCH /v1/blocks/{id}":
            target = next((self._blocks[key] for key in body if key in self._blocks), None)
            return None if target is None else pattern.replace("{id}", target)
        if pattern.endswith(("/children", "/move")):
            return pattern.replace("{id}", self.ids["page_id"])
        return pattern.replace("{id}", self._targets.get(kind, ""))

    def ask(self, endpoint: str, body: Json, version: str) -> tuple[int, Json]:
        """Status and answer of a request."""
        copy = Emulator(self._app.workspace.snapshot())
        with _client(copy) as client:
            method, path = endpoint.partition(" ")[0], self.path(endpoint, body) or ""
            answer = client.request(method, path, json=body, headers={"Notion-Version": version})
        copy.close()
        return answer.status_code, answer.json()


def _client(app: Emulator) -> httpx.Client:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}", "Notion-Version": "2026-03-11"}
    return httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://emulator", headers=headers)


def _blocks(client: httpx.Client, parent: str) -> list[Json]:
    """All blocks below a page or block."""
    found: list[Json] = client.get(f"/v1/blocks/{parent}/children").json()["results"]
    return [*found, *(below for block in found if block["has_children"] for below in _blocks(client, block["id"]))]
