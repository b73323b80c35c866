"""What a recorded conversation presupposes: users, pages, databases and uploads that were there before it began."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs

from notionsync.emulator.clock import Clock
from notionsync.emulator.http.app import Emulator, create_app
from notionsync.emulator.ids import canonical
from notionsync.emulator.replay.before import Trash, target
from notionsync.emulator.replay.learning import Learner
from notionsync.emulator.replay.recording import Exchange, objects
from notionsync.emulator.settings import Settings, User

Json = dict[str, Any]

TOKEN: Final = "ntn_replay"  # noqa: S105  (of a stand-in)
_SEARCH_LAG: Final = 3600.0
"""Seconds before search finds something new, longer than any conversation: in no recording does it find what the same
conversation has made."""
_CREATING: Final = ("POST /v1/pages", "POST /v1/databases", "POST /v1/data_sources")
_OURS: Final = (*_CREATING, "POST /v1/file_uploads")


def prepared(exchanges: list[Exchange]) -> Emulator:
    """A fresh emulator in which a conversation can be held; the bot of the conversation has the token `TOKEN`."""
    exchanges = [exchange for exchange in exchanges if exchange.response and not exchange.troubled]
    me = _self(exchanges)
    settings = Settings(
        users=tuple(_users(exchanges, me)),
        tokens={TOKEN: me.id},
        workspace_page=None,
        web_base=_web_base(exchanges),
        integration_named=_named(exchanges),
        search_lag=_SEARCH_LAG,
        **_workspace(exchanges),
    )
    app = create_app(clock=Clock(datetime.fromtimestamp(0, UTC), frozen=True), settings=settings)
    titles = dict(_titles([exchange.response for exchange in exchanges]))
    importer = Learner(app.workspace, titles)
    with app.workspace.store.transaction():
        created = _created(exchanges)
        for shown in _presupposed(exchanges, created):
            importer.add(shown)
        for exchange in exchanges:
            importer.learn(exchange, created)
        for upload in _uploads(exchanges, created):
            importer.upload(upload)
        for comment in _comments(exchanges, created):
            importer.comment(comment)
            about = comment["parent"]["type"]
            if comment["parent"][about] not in created:
                importer.stub(about.removesuffix("_id"), comment["parent"][about])
        for order in _orders(exchanges):
            importer.order(order)
        for exchange in exchanges:
            importer.complete(exchange.response, created)
        for kind, identifier in _mentioned(exchanges, created):
            importer.stub(kind, identifier)
        for kind, parent, sibling, children in _targets(exchanges):
            if parent not in created:
                container = importer.stub(kind, parent)
                importer.held(container, children)
                if sibling is not None and sibling not in created:
                    importer.stub("block", sibling, parent=container)
        for identifier in _listed(exchanges, created):
            importer.stub("block", identifier)
        for exchange in exchanges:
            importer.learn_asked(exchange, created)
    # Others have found long ago what was there before.
    app.workspace.indexed = app.workspace.store.latest()
    return app


def _self(exchanges: list[Exchange]) -> User:
    """The bot that held the conversation."""
    identifier, name = "00000000-0000-4000-8000-0000000000f1", "Integration"
    for exchange in exchanges:
        response = exchange.response
        if exchange.path.endswith("/users/me") and exchange.status == 200:
            return User(response["id"], response["name"], "bot", avatar_url=response["avatar_url"])
        if exchange.endpoint in _OURS and "created_by" in response:
            identifier = response["created_by"]["id"]
        elif exchange.method != "GET" and "last_edited_by" in response:
            identifier = response["last_edited_by"]["id"]
        data = response.get("additional_data") or {} if isinstance(response, dict) else {}
        if "integration_id" in data:
            identifier = data["integration_id"]
        for shown in [response, *response.get("results", ())]:
            signed = shown.get("display_name") or {}
            if signed.get("type") == "integration":
                identifier, name = shown["created_by"]["id"], signed["resolved_name"]
        if 'your integration "' in str(response.get("message")):
            name = response["message"].rsplit('"', 2)[1]
    for exchange in exchanges:
        for shown in objects(exchange.response):
            if (shown.get("bot") or {}).get("owner"):
                return User(shown["id"], shown["name"], "bot", avatar_url=shown.get("avatar_url"))
    for exchange in exchanges:
        for shown in objects(exchange.response):
            if shown["object"] == "user" and shown["id"] == identifier and shown.get("name"):
                return User(identifier, shown["name"], "bot", avatar_url=shown.get("avatar_url"))
    return User(identifier, name, "bot")


def _users(exchanges: list[Exchange], me: User) -> Iterator[User]:
    """Everyone who appears with a name; in the order of a list of users when there is one."""
    seen: dict[str, User] = {}
    listed = [shown for exchange in exchanges if exchange.path == "/v1/users" for shown in objects(exchange.response)]
    for shown in [*listed, *(shown for exchange in exchanges for shown in objects(exchange.response))]:
        if shown["object"] == "user" and shown["id"] not in seen and shown.get("type"):
            person = shown.get("person") or {}
            seen[shown["id"]] = User(
                shown["id"],
                shown.get("name") or "",
                shown["type"],
                person.get("email"),
                shown.get("avatar_url"),
                person.get("email_verified"),
            )
    seen[me.id] = me
    yield from seen.values()


def _workspace(exchanges: list[Exchange]) -> Json:
    found: Json = {}
    for exchange in exchanges:
        references = re.findall(r"notion:block_property:[^:]+:[^:]+:([0-9a-f-]{36})", str(exchange.response))
        if references:
            found.setdefault("workspace_id", references[0])
        for shown in objects(exchange.response):
            bot = shown.get("bot") or {} if shown["object"] == "user" else {}
            if "workspace_id" in bot:
                most = bot["workspace_limits"]["max_file_upload_size_in_bytes"]
                return {
                    "workspace_id": bot["workspace_id"],
                    "workspace_name": bot["workspace_name"],
                    "max_upload": most,
                }
    return found


def _web_base(exchanges: list[Exchange]) -> str:
    text = str([exchange.response for exchange in exchanges])
    return "https://app.notion.com/p" if "https://app.notion.com/p/" in text else "https://www.notion.so"


def _named(exchanges: list[Exchange]) -> bool:
    """Whether errors name the integration, as they do unless an answer shows otherwise."""
    return all("with your integration." not in str(exchange.response.get("message")) for exchange in exchanges)


def _created(exchanges: list[Exchange]) -> set[str]:
    """Ids of what the conversation itself brings into being."""
    created: set[str] = set()
    known: set[str] = set()
    for exchange in exchanges:
        if exchange.status != 200:
            continue
        known.add(target(exchange) or "")
        if exchange.endpoint in _CREATING:
            created.add(exchange.response["id"])
            created |= {source["id"] for source in exchange.response.get("data_sources", ())}
        elif exchange.endpoint == "PATCH /v1/blocks/{id}/children":
            count = len(exchange.request["children"])
            created |= {shown["id"] for shown in exchange.response["results"][:count]}
        elif exchange.path in {"/v1/file_uploads", "/v1/comments", "/v1/views"} and exchange.method == "POST":
            created.add(exchange.response["id"])
        # What lies in something new is new, unless it was moved there.
        for shown in objects(exchange.response):
            parent = shown.get("parent", {})
            if parent.get(parent.get("type")) in created and shown["id"] not in known:
                created.add(shown["id"])
        known |= {shown["id"] for shown in objects(exchange.response)}
    return created


def _newest_first(exchanges: list[Exchange]) -> dict[str, int]:
    """The place of each row in the longest listing that no sort has ordered."""
    rank: dict[str, int] = {}
    listings = [
        [row["id"] for row in exchange.response["results"]]
        for exchange in exchanges
        if exchange.endpoint == "POST /v1/data_sources/{id}/query"
        and exchange.status == 200
        and not (exchange.request or {}).get("sorts")
    ]
    for listing in sorted(listings, key=len, reverse=True):
        for place, identifier in enumerate(listing):
            rank.setdefault(identifier, place)
    return rank


def _presupposed(exchanges: list[Exchange], created: set[str]) -> Iterator[Json]:
    """Objects that were there before, as they were first shown; containers before what they contain."""
    first: dict[str, Json] = {}
    trash = Trash()
    for exchange in exchanges:
        for shown in objects(exchange.response):
            if shown["object"] == "user" or "parent" not in shown or shown["id"] in created:
                continue
            if shown["id"] not in first:
                first[shown["id"]] = trash.before(exchange, shown)
            elif first[shown["id"]]["object"] == "block" and shown["object"] != "block":
                # It tells more than its parent's listing did, except who made it, and where it was.
                known = {"in_trash": first[shown["id"]].get("in_trash", False)}
                first[shown["id"]] = {**first[shown["id"]], "type": "", **shown, **known}
        trash.note(exchange)
    order = {"database": 0, "data_source": 1, "page": 2, "block": 3}
    # Blocks are listed in document order, everything else newest first.
    places = {identifier: index for index, identifier in enumerate(first)}
    rank = _newest_first(exchanges)
    yield from sorted(
        first.values(),
        key=lambda shown: (
            order[shown["object"]],
            shown["created_time"] if shown["id"] in rank else "",
            -rank.get(shown["id"], 0),
            places[shown["id"]] if shown["object"] == "block" else -places[shown["id"]],
        ),
    )


def _titles(value: Any) -> Iterator[tuple[str, str]]:
    """Titles of pages and databases that only mentions tell."""
    if isinstance(value, list):
        for entry in value:
            yield from _titles(entry)
    elif isinstance(value, dict):
        mention = value.get("mention")
        if isinstance(mention, dict) and mention.get("type") in {"page", "database"}:
            yield mention[mention["type"]]["id"], value["plain_text"]
        for entry in value.values():
            yield from _titles(entry)


def _uploads(exchanges: list[Exchange], created: set[str]) -> list[Json]:
    """Uploads that were there before, oldest first."""
    before: dict[str, Json] = {}
    for exchange in exchanges:
        if not exchange.path.startswith("/v1/file_uploads") or exchange.status != 200:
            continue
        for shown in exchange.response.get("results", [exchange.response]):
            was = shown if exchange.method == "GET" else {**shown, "status": "pending", "content_length": None}
            if shown["id"] not in created:
                before.setdefault(shown["id"], was)
        # A cursor names an upload that no page of the listing shows.
        cursor = exchange.response.get("next_cursor")
        if cursor is not None and cursor not in created:
            before.setdefault(cursor, {**exchange.response["results"][-1], "id": cursor})
    return list(reversed(before.values()))


def _comments(exchanges: list[Exchange], created: set[str]) -> list[Json]:
    """Comments that were there before."""
    listed = [
        entry
        for exchange in exchanges
        if exchange.path.startswith("/v1/comments")
        for entry in [exchange.response, *exchange.response.get("results", ())]
        if entry.get("object") == "comment" and entry["id"] not in created
    ]
    return list({entry["id"]: entry for entry in listed}.values())


def _orders(exchanges: list[Exchange]) -> Iterator[list[str]]:
    """Ids of siblings in the order they were first listed."""
    seen: set[str] = set()
    for exchange in exchanges:
        if exchange.endpoint == "GET /v1/blocks/{id}/children" and exchange.path not in seen:
            seen.add(exchange.path)
            yield [shown["id"] for shown in exchange.response["results"]]


def _mentioned(exchanges: list[Exchange], created: set[str]) -> Iterator[tuple[str, str]]:
    """Kind and id of what requests name although no answer shows it."""
    kinds = {"page_id": "page", "database_id": "database", "data_source_id": "data_source", "block_id": "block"}
    mentions = {"relation": "page", "page": "page", "database": "database"}

    def walk(value: Any, key: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for name, entry in value.items():
                identifier = canonical(entry)
                if name in kinds and identifier:
                    yield "synced_block" if key == "synced_from" else kinds[name], identifier
                elif name == "id" and key in mentions and identifier:
                    yield mentions[key], identifier
                else:
                    yield from walk(entry, name)
        elif isinstance(value, list):
            for entry in value:
                yield from walk(entry, key)

    for exchange in exchanges:
        if exchange.status != 200:
            continue
        for kind, identifier in [*walk(exchange.request, ""), *_in_path(exchange.path)]:
            if identifier not in created:
                yield kind, identifier


def _targets(exchanges: list[Exchange]) -> Iterator[tuple[str, str, str | None, list[Json]]]:
    """Kind and id of what blocks are appended to, the sibling they are put after, and the blocks."""
    for exchange in exchanges:
        if exchange.endpoint == "PATCH /v1/blocks/{id}/children" and exchange.status == 200:
            parent = exchange.response["results"][0]["parent"]
            kind = parent["type"].removesuffix("_id")
            after = (exchange.request.get("position") or {}).get("after_block") or {}
            sibling = canonical(after.get("id", exchange.request.get("after")))
            yield kind, parent[parent["type"]], sibling, exchange.response["results"]


def _listed(exchanges: list[Exchange], created: set[str]) -> Iterator[str]:
    """Ids whose children or comments were asked for, when nothing else tells what they are."""
    for exchange in exchanges:
        identifier = None
        if exchange.endpoint == "GET /v1/blocks/{id}/children":
            identifier = target(exchange)
        elif exchange.endpoint == "GET /v1/comments":
            identifier = canonical((parse_qs(exchange.query).get("block_id") or [""])[0])
        if identifier is not None and exchange.status == 200 and identifier not in created:
            yield identifier


def _in_path(path: str) -> Iterator[tuple[str, str]]:
    parts = path.split("/")
    kinds = {"pages": "page", "databases": "database", "data_sources": "data_source"}
    identifier = canonical(parts[3]) if len(parts) > 3 else None
    if identifier and parts[2] in kinds:
        yield kinds[parts[2]], identifier
