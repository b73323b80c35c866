"""A workspace out of JSON and back: what tests are seeded with, in the shapes of the API's own requests and answers.

    {"databases": [{"title": […], "properties": {…}, "pages": [{"properties": {…}, "children": […]}]}],
     "pages": [{"properties": {"title": […]}, "children": […], "pages": […], "databases": […]}],
     "objects": […]}

`databases` and `pages` are what requests would send, without a parent: the first page of the workspace is theirs, and what
stands inside of them is below them. `objects` are answers of the API, of the real one too; they keep ids and times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Final

from notionsync.emulator import blocks, databases, errors, pages, render
from notionsync.emulator.replay.importing import Importer
from notionsync.emulator.settings import BOT_TOKEN
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace

Json = dict[str, Any]

_AT_ONCE: Final = 100
_FRAMES: Final = {"column_list": "column", "tab": "tab"}
"""Blocks that are made together with what is right below them, and what that is called."""
"""Children that one request may append, https://developers.notion.com/reference/request-limits."""
_KINDS: Final = ("user", "database", "data_source", "page", "block")
"""Objects that can be stored."""


class SeedError(ValueError):
    """A seed that does not fit; its text begins with the place in it, and nothing of it was stored."""


@dataclass(slots=True)
class Seeded:
    """What a seed made at its top level, in order.

    Attributes:
        data_sources: Ids of the data sources of its databases.
        pages: Ids of its pages.
    """

    data_sources: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)


def seed(ws: Workspace, given: Mapping[str, Any]) -> Seeded:
    """Put everything of a seed into the workspace, or nothing.

    No limit of requests holds: children may be as many and as deep as they like. Everything else is checked like a
    request, and made by the bot.

    Raises:
        SeedError: Something in it does not fit.
    """
    with ws.store.transaction():
        made = _Seeding(ws).all(given)
    # What a workspace starts with, search has known for long.
    ws.indexed = ws.store.latest()
    return made


def export(ws: Workspace) -> Json:
    """Everything that is not in the trash as a seed of `objects`: ids, times, users, schemas, values, blocks.

    Not in it: bytes of hosted files (their addresses are), comments, uploads, who may see what.
    """
    whole = copy(ws)
    # Values are shown whole, where an answer would be cut.
    whole.settings = replace(ws.settings, reference_limit=2**31, mentions_past_limit="told")
    call = Call(ws.users[ws.tokens[BOT_TOKEN]] if BOT_TOKEN in ws.tokens else next(iter(ws.users.values())))
    with ws.store.reading():
        users = [user for identifier in ws.users if (user := ws.full_user(identifier))]
        top = ws.store.select("parent_id IS NULL AND trashed = 0 ORDER BY position, seq")
        return {"objects": [*users, *(shown for node in list(top) for shown in _shown(whole, call, node))]}


def _shown(ws: Workspace, call: Call, node: Node) -> Iterator[Json]:
    show = {"page": render.page, "database": render.database, "data_source": render.data_source, "block": render.block}
    yield show[node.kind](ws, call, node)
    # Children first to last; rows oldest first, for their order is that of their creation.
    for child in list(ws.store.select("parent_id = ? AND trashed = 0 ORDER BY position, seq", (node.id,))):
        yield from _shown(ws, call, child)


class _Seeding:
    """One seed on its way into a workspace, with the place in it for what goes wrong."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        identifier = ws.tokens.get(BOT_TOKEN)
        self._user = ws.users[identifier] if identifier in ws.users else next(iter(ws.users.values()))

    def all(self, given: Mapping[str, Any]) -> Seeded:
        entries = {name: _entries(given, name, name) for name in ("objects", "databases", "pages")}
        _known(given, entries, "the seed")
        self._objects(entries["objects"])
        if not entries["databases"] and not entries["pages"]:
            return Seeded()
        home = next(self._ws.store.select("kind = 'page' AND parent_id IS NULL AND trashed = 0 ORDER BY seq"), None)
        if home is None:
            raise SeedError("databases and pages need a page of the workspace to stand on, and there is none")
        parent = {"type": "page_id", "page_id": home.id}
        return Seeded(
            [self._database(entry, parent, f"databases[{i}]") for i, entry in enumerate(entries["databases"])],
            [self._page(entry, parent, f"pages[{i}]") for i, entry in enumerate(entries["pages"])],
        )

    def _objects(self, shown: Sequence[Any]) -> None:
        importer = Importer(self._ws)
        for i, entry in enumerate(shown):
            kind = entry.get("object") if isinstance(entry, dict) else None
            if kind not in _KINDS:
                raise SeedError(f"objects[{i}]: {kind!r} cannot be stored; these can: {', '.join(_KINDS)}")
            try:
                importer.add(entry)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise SeedError(f"objects[{i}]: is no {kind} as the API shows one ({error!r})") from None

    def _database(self, given: Json, parent: Json, place: str) -> str:
        rows = _entries(given, "pages", f"{place}.pages")
        body = {key: value for key, value in given.items() if key not in {"pages", "properties"}}
        if "properties" in given:
            body["initial_data_source"] = {"properties": given["properties"]}
        made = self._asked(databases.create, {**body, "parent": parent}, place)
        source = str(made["data_sources"][0]["id"])
        for i, row in enumerate(rows):
            self._page(row, {"type": "data_source_id", "data_source_id": source}, f"{place}.pages[{i}]")
        return source

    def _page(self, given: Json, parent: Json, place: str) -> str:
        inside = {name: _entries(given, name, f"{place}.{name}") for name in ("children", "databases", "pages")}
        body = {key: value for key, value in given.items() if key not in inside}
        identifier = str(self._asked(pages.create, {**body, "parent": parent}, place)["id"])
        self._blocks(identifier, inside["children"], f"{place}.children")
        below = {"type": "page_id", "page_id": identifier}
        for i, entry in enumerate(inside["databases"]):
            self._database(entry, below, f"{place}.databases[{i}]")
        for i, entry in enumerate(inside["pages"]):
            self._page(entry, below, f"{place}.pages[{i}]")
        return identifier

    def _blocks(self, parent: str, given: Sequence[Any], place: str) -> None:
        for at in range(0, len(given), _AT_ONCE):
            portion = [_parted(block) for block in given[at : at + _AT_ONCE]]
            body = {"children": [block for block, _ in portion]}
            made = self._asked(blocks.append, body, f"{place}[{at}…]", parent)["results"]
            for i, (block, (_, rest)) in enumerate(zip(made, portion, strict=True), at):
                self._below(block, rest, f"{place}[{i}]")

    def _below(self, block: Json, rest: Sequence[Any], place: str) -> None:
        """What a block still lacks: children of its own, or of the columns or titles that were made with it."""
        if block["type"] not in _FRAMES:
            self._blocks(block["id"], rest, place)
            return
        made = self._ws.store.children(block["id"])
        for i, (below, children) in enumerate(zip(made, rest, strict=True)):
            self._blocks(below.id, children, f"{place}.{_FRAMES[block['type']]}[{i}]")

    def _asked(self, operation: Any, body: Json, place: str, *ids: str) -> Json:
        try:
            answer: Json = operation(self._ws, Call(self._user, body=body), *ids)
        except errors.ApiError as error:
            raise SeedError(f"{place}: {error.message}") from None
        return answer


def _parted(block: Any) -> tuple[Any, Sequence[Any]]:
    """A block as one request can hold it, and the children that must follow (of a frame: of each thing inside it)."""
    kind = next((key for key in block if key not in {"object", "type"}), "") if isinstance(block, dict) else ""
    kind = block.get("type", kind) if isinstance(block, dict) else kind
    payload = block.get(kind) if isinstance(block, dict) else None
    children = payload.get("children") if isinstance(payload, dict) else None
    if not isinstance(children, list) or not isinstance(payload, dict):
        return block, ()
    if kind == "table":
        return {**block, kind: {**payload, "children": children[:_AT_ONCE]}}, children[_AT_ONCE:]
    if kind in _FRAMES:
        parts = [_parted(below) for below in children]
        return {**block, kind: {**payload, "children": [below for below, _ in parts]}}, [rest for _, rest in parts]
    if kind == "column":
        return {**block, kind: {**payload, "children": []}}, children
    return {**block, kind: {key: value for key, value in payload.items() if key != "children"}}, children


def _entries(given: Mapping[str, Any], name: str, place: str) -> list[Any]:
    if not isinstance(given, Mapping):
        raise SeedError(f"{place.rpartition('.')[0] or 'the seed'}: is no object")
    found = given.get(name, [])
    if not isinstance(found, list):
        raise SeedError(f"{place}: is no list")
    return found


def _known(given: Mapping[str, Any], names: Mapping[str, Any], place: str) -> None:
    unknown = [key for key in given if key not in names]
    if unknown:
        raise SeedError(f"{place}: has no place for {', '.join(map(repr, unknown))}; only for {', '.join(names)}")
