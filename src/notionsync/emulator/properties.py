"""Property values of pages: what may be written, what is stored, and what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from notionsync.emulator import errors, files, formulas, rollups, schema
from notionsync.emulator.clock import stamp
from notionsync.emulator.columns import by_key, ordered
from notionsync.emulator.dates import date_request, normal_date
from notionsync.emulator.ids import canonical
from notionsync.emulator.richtext import COLORS, Names, completed, normal, plain, rich_text
from notionsync.emulator.settings import User
from notionsync.emulator.shapes import (
    Check,
    anything,
    array,
    boolean,
    missing,
    nullable,
    number,
    obj,
    one_of,
    string,
    tagged,
    uuid,
)
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace, fits

Json = dict[str, Any]

READ_ONLY: Final = frozenset({
    "formula", "rollup", "created_time", "created_by", "last_edited_time", "last_edited_by", "unique_id", "button",
})  # fmt: skip
_UNTOLD: Final = frozenset({"location", "last_visited_time"})
"""Kinds that a schema may have and no page shows, by the official types."""
_DEEPEST: Final = 15
"""Formulas and rollups that may look at each other, https://www.notion.com/help/formulas (references up to 15 levels)."""
LISTS: Final = frozenset({"multi_select", "people", "files", "relation", "title", "rich_text"})


def _option(value: Any, path: str) -> None:
    obj(
        optional={
            "id": string(least=1, most=200),
            "name": string(least=1, most=100),
            "color": one_of(*COLORS),
            "description": nullable(string()),
        }
    )(value, path)
    if "id" not in value and "name" not in value:
        raise missing(f"{path}.name")


_hosted = obj({"url": string(most=2000)}, {"expiry_time": string()})
_file = tagged(
    {"external": obj({"url": string(least=1, most=2000)}), "file_upload": obj({"id": uuid}), "file": _hosted},
    {"name": string(least=1, most=900)},
)


def _named_file(value: Any, path: str) -> None:
    _file(value, path)
    if "file_upload" not in value and "name" not in value:
        raise missing(f"{path}.name")


_PLACE = obj(
    {"lat": number(), "lon": number()},
    dict.fromkeys(("name", "address", "aws_place_id", "google_place_id"), nullable(string())),
)
VALUES: Final[dict[str, Check]] = {
    "title": rich_text,
    "rich_text": rich_text,
    "number": nullable(number()),
    "url": nullable(string(least=1, most=2000)),
    "select": nullable(_option),
    "multi_select": array(_option, most=100),
    "people": array(
        obj(
            {"id": uuid},
            {
                "object": one_of("user", "group"),
                **dict.fromkeys(("name", "avatar_url", "type", "person", "bot"), anything),
            },
        )
    ),
    "email": nullable(string(least=1)),
    "phone_number": nullable(string(least=1)),
    "date": nullable(date_request),
    "checkbox": boolean,
    "relation": array(obj({"id": uuid})),
    "files": array(_named_file),
    "status": nullable(_option),
    "place": nullable(_PLACE),
    "verification": nullable(
        obj({"state": one_of("verified", "unverified")}, {"date": nullable(date_request), "verified_by": anything})
    ),
}
"""What may be written, in the order in which an error names the kinds that a value might have been."""
_VALUE: Final = tagged(VALUES, {"id": string(), "name": string(), "has_more": boolean})


def default(kind: str) -> Any:
    """What a new row holds of a property nobody set."""
    if kind == "checkbox":
        return False
    return [] if kind in LISTS else None


def write(ws: Workspace, user: User, source: Node | None, given: Any, stored: Json) -> bool:
    """Apply `properties` of a request to a page's stored values.

    Args:
        ws: The workspace.
        user: Who writes.
        source: The data source the page lies in; None for a page outside, which has nothing but a title.
        given: `properties` as sent.
        stored: Values by property id; changed in place.

    Returns:
        Whether the data source changed with it, by a new option.
    """
    if not isinstance(given, dict):
        raise errors.failed(f"body.properties should be an object, instead was `{given!r}`.")
    columns: Json = (
        source.data["properties"] if source else {"title": {"id": "title", "name": "title", "type": "title"}}
    )
    grew = False
    if given:
        for config in columns.values():
            # A value that cannot be computed here, since an import did not tell how, is the best there is.
            if "expression" in config.get("formula", ()) or "rollup_property_id" in config.get("rollup", ()):
                stored.pop(config["id"], None)
    for key, value in given.items():
        fits(_shape, value, f"body.properties.{key}")
        config = by_key(columns, key)
        if config is None:
            if ws.settings.unknown_property == "ignore":
                continue
            raise errors.invalid(f"{key} is not a property that exists.")
        sent = _sent(key, value, config)
        kind = config["type"]
        if kind in {"select", "multi_select", "status"}:
            stored[config["id"]], new = _choose(ws, config, sent)
            grew = grew or new
        else:
            stored[config["id"]] = _stored(ws, user, key, kind, sent)
    return grew


def _shape(value: Any, path: str) -> None:
    """Whether a value could be one of any property; the schema is looked at only afterwards."""
    if isinstance(value, list) and value:
        rich_text(value, path)  # the shorthand without the inner key
    else:
        _VALUE(value, path)


def _sent(key: str, value: Any, config: Json) -> Any:
    """What is in a well-shaped value, when it is one of this property."""
    kind = config["type"]
    if kind in READ_ONLY:
        raise errors.invalid(f"{key} is a {kind} property, which cannot be written.")
    if isinstance(value, list) and kind in {"title", "rich_text"}:
        return value
    if isinstance(value, list) or kind not in value:
        raise errors.invalid(f"{key} is expected to be {kind}.")
    return value[kind]


def _stored(ws: Workspace, user: User, key: str, kind: str, value: Any) -> Any:
    settings = ws.settings
    if kind in {"title", "rich_text"}:
        return normal(value, settings)
    if kind == "date":
        return normal_date(value)
    if kind == "people":
        return _people(ws, value)
    if kind == "relation":
        return _related(ws, user, value)
    if kind == "files":
        return [files.listed(ws, entry) for entry in value]
    if kind in {"email", "phone_number"}:
        fits(nullable(string(most=settings.email_limit)), value, f"body.properties.{key}.{kind}")
    if kind == "place" and value is not None:
        return {key: value.get(key) for key in ("lat", "lon", "name", "address", "aws_place_id", "google_place_id")}
    if kind == "verification":
        return _verified(ws, user, value)
    return value


def _people(ws: Workspace, value: list[Json]) -> list[str]:
    people = []
    for entry in value:
        identifier = canonical(entry["id"]) or ""
        if identifier not in ws.users:
            raise errors.invalid(f"Could not find user with ID: {identifier}.")
        if identifier not in people:
            people.append(identifier)
    return people


def _related(ws: Workspace, user: User, value: list[Json]) -> list[str]:
    related = []
    for entry in value:
        identifier = canonical(entry["id"]) or ""
        ws.require(identifier, user, "page")
        if identifier not in related:
            related.append(identifier)
    return related


def _verified(ws: Workspace, user: User, value: Json | None) -> Json | None:
    if value is None or value["state"] == "unverified":
        return {"state": "unverified", "verified_by": None, "date": None}
    when = normal_date(value.get("date")) or {"start": ws.now_iso(), "end": None, "time_zone": None}
    return {"state": "verified", "verified_by": user.id, "date": when}


def _choose(ws: Workspace, config: Json, sent: Any) -> tuple[Any, bool]:
    """Ids of chosen options; unknown names become options, except of a status."""
    if sent is None:
        return None, False
    grew = False
    chosen = []
    kind = config["type"]
    options = config[kind]["options"]
    for wanted in sent if kind == "multi_select" else [sent]:
        option = next((o for o in options if o["id"] == wanted.get("id") or o["name"] == wanted.get("name")), None)
        if option is None:
            option = _new_choice(ws, config, wanted, options)
            grew = True
        if option["id"] not in chosen:
            chosen.append(option["id"])
    return (chosen if kind == "multi_select" else chosen[0]), grew


def _new_choice(ws: Workspace, config: Json, wanted: Json, options: list[Json]) -> Json:
    kind = config["type"]
    if "name" not in wanted:
        raise errors.invalid(f"Could not find {kind} option with ID: {wanted['id']}.")
    if kind == "status":
        raise errors.invalid(f'Invalid status option. Status option "{wanted["name"]}" does not exist.')
    option = schema.new_option(ws, wanted["name"], wanted.get("color") or schema.automatic_color(options))
    options.append(option)
    return option


# -- showing ----------------------------------------------------------------------------------------------------------


def shown(ws: Workspace, call: Call, node: Node, source: Node | None, *, only: Sequence[str] = ()) -> Json:
    """`properties` of a page, by name."""
    values = node.data["properties"]
    if source is None:
        return {"title": {"id": "title", "type": "title", "title": _told(ws, values.get("title", []))}}
    answer: Json = {}
    for identifier, config in ordered(source.data["properties"]).items():
        if only and identifier not in only and config["name"] not in only:
            continue
        kind = config["type"]
        if kind in _UNTOLD:
            continue
        text = kind in {"title", "rich_text"}
        value = _told(ws, values.get(identifier) or []) if text else value_of(ws, call, node, config, source)
        entry: Json = {"id": identifier, "type": kind, kind: value}
        if kind == "relation":
            entry["has_more"] = len(value) > ws.settings.reference_limit
        if kind in {"relation", "people"}:
            entry[kind] = value[: ws.settings.reference_limit]
        answer[config["name"]] = entry
    return answer


def _told(ws: Workspace, runs: list[Json]) -> list[Json]:
    """A text as a page shows it, where only so many different mentions are told in full."""
    told: dict[str, None] = {}
    for run in runs:
        mention = run["mention"] if run["type"] == "mention" else {}
        if mention.get("type") in {"user", "page", "database"} and len(told) < ws.settings.reference_limit:
            told[mention[mention["type"]]["id"]] = None
    if len(told) < ws.settings.reference_limit or ws.settings.mentions_past_limit == "told":
        return list(completed(runs, ws.names))
    names = Names(
        lambda identifier: ws.full_user(identifier) if identifier in told else None,
        lambda identifier: ws.title_of(identifier) if identifier in told else None,
        ws.settings.web_base,
        ws.emoji,
    )
    return list(completed(runs, names))


def value_of(ws: Workspace, call: Call, node: Node, config: Json, source: Node | None = None) -> Any:
    """One property's whole value, as it is shown inside its type's key.

    Args:
        ws: The workspace.
        call: Who asks.
        node: The page.
        config: The property.
        source: The data source the page lies in, when the caller has it at hand.
    """
    kind = config["type"]
    if kind in {"created_time", "last_edited_time"}:
        return stamp(node.created if kind == "created_time" else node.edited)
    if kind in {"created_by", "last_edited_by"}:
        identifier = node.created_by if kind == "created_by" else node.edited_by
        return ws.full_user(identifier) or {"object": "user", "id": identifier}
    value = node.data["properties"].get(config["id"], default(kind))
    if kind in {"select", "status", "multi_select"}:
        return _options(config[kind]["options"], value, kind)
    if kind in {"title", "rich_text"}:
        return completed(value or [], ws.names)
    if kind == "people":
        return [ws.full_user(identifier) or {"object": "user", "id": identifier} for identifier in value or []]
    if kind == "relation":
        return [{"id": identifier} for identifier in value or []]
    if kind == "files":
        return files.signed(ws, call, value or [])
    if kind == "unique_id":
        return {"prefix": config["unique_id"]["prefix"], "number": value}
    if kind == "verification":
        return _verification(ws, value)
    if kind in {"formula", "rollup"}:
        # What an import brought is shown until the row is edited; everything else is computed.
        return value or computed(ws, call, node, config, source)
    return {} if kind == "button" else value


def _options(options: list[Json], value: Any, kind: str) -> Any:
    def pick(identifier: Any) -> Json | None:
        option = next((o for o in options if o["id"] == identifier), None)
        return {key: option[key] for key in ("id", "name", "color")} if option else None

    if kind == "multi_select":
        wanted = value if isinstance(value, list) else [value]
        return [option for option in map(pick, wanted) if option]
    return pick(value[0] if isinstance(value, list) and value else value)


def _verification(ws: Workspace, value: Json | None) -> Json:
    if not value:
        return {"state": "unverified", "verified_by": None, "date": None}
    by = value["verified_by"]
    return {**value, "verified_by": (ws.full_user(by) or {"object": "user", "id": by}) if by else None}


def computed(ws: Workspace, call: Call, node: Node, config: Json, source: Node | None, *, depth: int = 0) -> Json:
    """The value of a formula or a rollup; nothing where they go round in circles."""
    source = source or ws.store.get(node.parent_id or "")
    kind = config["type"]
    if source is None or depth > _DEEPEST:
        return (
            dict(formulas.UNSUPPORTED) if kind == "formula" else rollups.computed(config["rollup"]["function"], "", [])
        )

    def show(page: Node, column: Json, lies_in: Node) -> Any:
        if column["type"] in {"formula", "rollup"} and column["id"] not in page.data["properties"]:
            return computed(ws, call, page, column, lies_in, depth=depth + 1)
        return value_of(ws, call, page, column, lies_in)

    if kind == "rollup":
        return rollups.value(ws, source, config["rollup"], node, show)
    columns = source.data["properties"]

    def read(identifier: str) -> formulas.Value:
        column = by_key(columns, identifier)
        return None if column is None else _operand(ws, column, show(node, column, source))

    return formulas.value(config["formula"].get("expression", ""), columns, read, ws.clock.now())


def _operand(ws: Workspace, column: Json, value: Any) -> formulas.Value:
    if column["type"] in {"people", "created_by", "last_edited_by"}:
        users = value if isinstance(value, list) else [value]
        people = [formulas.Thing(user["id"], user.get("name") or "", _email(user)) for user in users]
        return people if column["type"] == "people" else people[0]
    if column["type"] == "relation":
        return [formulas.Thing(entry["id"], ws.title_of(entry["id"]) or "") for entry in value]
    return formulas.operand(column, value)


def _email(user: Json) -> str:
    return (user.get("person") or {}).get("email") or ""


def title_text(values: Json) -> str:
    """The plain title among stored values."""
    return plain(values.get("title") or [])
