"""Schemas of data sources: property configurations in requests and as they are stored."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

from notionsync.emulator import errors, formulas, relations
from notionsync.emulator.columns import by_key
from notionsync.emulator.retype import carry_over
from notionsync.emulator.richtext import COLORS
from notionsync.emulator.settings import User
from notionsync.emulator.shapes import (
    Check,
    anything,
    array,
    empty,
    missing,
    nullable,
    obj,
    one_of,
    string,
    tagged,
    uuid,
    wrong,
)
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Workspace

Json = dict[str, Any]

ROLLUP_FUNCTIONS: Final = [
    "count",
    "count_values",
    "empty",
    "not_empty",
    "unique",
    "show_unique",
    "percent_empty",
    "percent_not_empty",
    "sum",
    "average",
    "median",
    "min",
    "max",
    "range",
    "earliest_date",
    "latest_date",
    "date_range",
    "checked",
    "unchecked",
    "percent_checked",
    "percent_unchecked",
    "count_per_group",
    "percent_per_group",
    "show_original",
]
_GROUPS: Final = (("To-do", "gray"), ("In progress", "blue"), ("Complete", "green"))
_STATUSES: Final = (("Not started", "default"), ("In progress", "blue"), ("Done", "green"))
_CHOICES: Final = frozenset({"select", "multi_select"})
_OPTION_COLORS: Final = COLORS[1:]
MOST_OPTIONS: Final = 100
_AFTER_OTHERS: Final = {"relation": 1, "rollup": 2, "formula": 3}

_select_color = one_of(*COLORS)
_option = obj(
    optional={
        "name": string(least=1, most=100),
        "id": string(),
        "color": _select_color,
        "description": nullable(string()),
        "group": string(),
    }
)


def _named_option(value: Any, path: str) -> None:
    _option(value, path)
    if "name" not in value and "id" not in value:
        raise missing(f"{path}.name")


_options: Check = obj(optional={"options": array(_named_option, most=MOST_OPTIONS), "groups": anything})


def _relation(value: Any, path: str) -> None:
    if isinstance(value, dict) and "data_source_id" not in value:
        raise missing(f"{path}.data_source_id")
    dual = obj(
        optional={"synced_property_id": string(), "synced_property_name": string()},
    )
    tagged(
        {"single_property": empty, "dual_property": dual},
        {"data_source_id": uuid, "database_id": uuid},
    )(value, path)


_ROLLUP = obj(
    {"function": one_of(*ROLLUP_FUNCTIONS)},
    {
        "relation_property_name": string(),
        "relation_property_id": string(),
        "rollup_property_name": string(),
        "rollup_property_id": string(),
    },
)

CONFIGS: Final[dict[str, Check]] = {
    "title": empty,
    "rich_text": empty,
    "number": obj(optional={"format": string()}),
    "select": _options,
    "multi_select": _options,
    "status": _options,
    "date": empty,
    "people": empty,
    "files": empty,
    "checkbox": empty,
    "url": empty,
    "email": empty,
    "phone_number": empty,
    "formula": obj(optional={"expression": string()}),
    "relation": _relation,
    "rollup": _ROLLUP,
    "created_time": empty,
    "created_by": empty,
    "last_edited_time": empty,
    "last_edited_by": empty,
    "button": empty,
    "place": empty,
    "location": empty,
    "last_visited_time": empty,
    "verification": empty,
    "unique_id": obj(optional={"prefix": nullable(string())}),
}


_COMMON: Final[dict[str, Check]] = {
    "name": string(least=1),
    "id": string(),
    "description": nullable(string(most=280)),
}
new_property: Check = tagged(CONFIGS, _COMMON)


def changed_property(value: Any, path: str) -> None:
    """A property in an update: null removes it, a bare name renames it, a type replaces or extends its configuration."""
    if value is None:
        return
    if isinstance(value, dict) and not any(kind in value for kind in CONFIGS):
        # A description is told only together with a type or a name.
        obj({"name": _COMMON["name"]}, _COMMON)(value, path)
        return
    new_property(value, path)


def new_schema(value: Any, path: str) -> None:
    """`properties` of a new data source."""
    if not isinstance(value, dict):
        raise wrong(path, "an object", value)
    for name, config in value.items():
        new_property(config, f"{path}.{name}")


def changed_schema(value: Any, path: str) -> None:
    """`properties` of an updated data source."""
    if not isinstance(value, dict):
        raise wrong(path, "an object", value)
    for name, config in value.items():
        changed_property(config, f"{path}.{name}")


def kind_of(config: Json) -> str | None:
    """The type of a configuration in a request."""
    return config.get("type") or next((kind for kind in CONFIGS if kind in config), None)


def create(ws: Workspace, source: Node, given: Json, user: User) -> None:
    """Give a new data source its properties; exactly one must be the title."""
    titles = [name for name, config in given.items() if kind_of(config) == "title"]
    if len(titles) != 1:
        raise errors.invalid("A data source must have exactly one title property.")
    source.data["properties"] = {}
    _add(ws, source, given, user)


def _add(ws: Workspace, source: Node, given: Json, user: User) -> None:
    """Add columns; those that name others come after all are known."""
    schema = source.data["properties"]
    columns = []
    for name, config in given.items():
        kind = kind_of(config) or ""
        identifier = "title" if kind == "title" else ws.ids.property_id(set(schema))
        column = {"id": identifier, "name": name, "description": config.get("description"), "type": kind}
        schema[identifier] = column
        columns.append((column, config))
    columns.sort(key=lambda pair: _AFTER_OTHERS.get(pair[0]["type"], 0))
    for column, config in columns:
        column[column["type"]] = _config(ws, source, column, config[column["type"]], old={}, user=user)


def update(ws: Workspace, source: Node, given: Json, user: User) -> None:
    """Apply a schema change."""
    schema = source.data["properties"]
    for key, change in given.items():
        config = by_key(schema, key)
        if change is None:
            _remove(ws, source, config, key)
        elif config is None:
            if kind_of(change) is None:
                raise errors.invalid(f"{key} is not a property that exists.")
            if kind_of(change) == "title":
                raise errors.invalid("Cannot create new title property")
            _add(ws, source, {change.get("name", key): change}, user)
        else:
            _change(ws, source, config, change, user)


def _remove(ws: Workspace, source: Node, config: Json | None, key: str) -> None:
    if config is None:
        raise errors.invalid(f"{key} is not a property that exists.")
    if config["type"] == "title":
        raise errors.invalid("Title property cannot be deleted")
    relations.unlink(ws, source, config)
    source.data["properties"].pop(config["id"], None)


def _change(ws: Workspace, source: Node, config: Json, change: Json, user: User) -> None:
    if change.get("name") is not None:
        taken = by_key(source.data["properties"], change["name"])
        if taken is not None and taken["id"] != config["id"]:
            raise errors.invalid(f"There is already a property named {change['name']}.")
        config["name"] = change["name"]
        relations.rename(ws, source, config)
    if "description" in change:
        config["description"] = change["description"]
    kind = kind_of(change)
    if kind is None or kind not in change:
        return
    if "title" in {kind, config["type"]} and kind != config["type"]:
        raise errors.invalid("Cannot change the type of the title property")
    before = dict(config)
    same = config["type"] == kind
    old = config[config["type"]] if same or {kind, config["type"]} <= _CHOICES else {}
    if config["type"] == "relation" and kind != "relation":
        relations.unlink(ws, source, config)
    del config[config["type"]]
    config["type"] = kind
    config[kind] = _config(ws, source, config, change[kind], old=old, user=user)
    if not same:
        carry_over(ws, source, config, before)


def _config(ws: Workspace, source: Node, column: Json, given: Json, *, old: Json, user: User) -> Json:
    kind = column["type"]
    if kind == "number":
        return {"format": given.get("format", old.get("format", "number"))}
    if kind in {"select", "multi_select"}:
        known: list[Json] = old.get("options", [])
        return {"options": _merged_options(ws, given.get("options", known), known)}
    if kind == "status":
        return _status(ws, given, old)
    if kind == "unique_id":
        return {"prefix": given.get("prefix", old.get("prefix"))}
    if kind == "relation":
        return relations.configured(ws, source, column, given, old=old, user=user)
    if kind == "rollup":
        return _rollup(ws, source, given)
    if kind == "formula":
        expression, columns = given.get("expression", ""), source.data["properties"]
        return {"expression": formulas.stored(expression, columns, source.id, ws.settings.workspace_id)}
    return {}


def new_option(ws: Workspace, name: str, color: str | None = None, description: str | None = None) -> Json:
    """A select option."""
    if "," in name:
        raise errors.invalid(f"Invalid select option, commas not allowed: {name}")
    return {"id": ws.ids.new("4"), "name": name, "color": color or "default", "description": description}


def automatic_color(options: list[Json]) -> str:
    """The colour of an option that a value brought with it."""
    return _OPTION_COLORS[len(options) % len(_OPTION_COLORS)]


def _merged_options(ws: Workspace, given: list[Json], old: list[Json]) -> list[Json]:
    """Options after a change: those listed, known ones keeping id and colour."""
    merged: list[Json] = []
    for option in given:
        known = next(
            (have for have in old if have["id"] == option.get("id") or have["name"] == option.get("name")), None
        )
        if known is None:
            if "name" not in option:
                raise errors.invalid(f"Could not find select option with ID: {option['id']}.")
            known = new_option(ws, option["name"], option.get("color"), option.get("description"))
        elif option.get("color") not in {None, known["color"]}:
            raise errors.invalid(f"Cannot update color of select with name: {known['name']}.")
        else:
            known = {**known, "name": option.get("name", known["name"])}
            known["description"] = option.get("description", known["description"])
        merged.append(known)
    return merged


def _status(ws: Workspace, given: Json, old: Json) -> Json:
    if not old and not given.get("options"):
        options = [new_option(ws, name, color) for name, color in _STATUSES]
        groups = [[option["id"]] for option in options]
    else:
        known: list[Json] = old.get("options", [])
        options = _merged_options(ws, given.get("options") or known, known)
        first = [option["id"] for option in options]
        placed = {option_id for group in old.get("groups", []) for option_id in group["option_ids"]}
        groups = [list(group["option_ids"]) for group in old.get("groups", [])] or [[], [], []]
        groups = [[option_id for option_id in ids if option_id in first] for ids in groups]
        groups[0] += [option_id for option_id in first if option_id not in placed]
        _regroup(groups, given.get("options", []), options)
    old_ids = [group["id"] for group in old.get("groups", [])]
    return {
        "options": options,
        "groups": [
            {
                "id": old_ids[index] if index < len(old_ids) else ws.ids.new("4"),
                "name": name,
                "color": color,
                "option_ids": groups[index],
            }
            for index, (name, color) in enumerate(_GROUPS)
        ],
    }


def _regroup(groups: list[list[str]], given: list[Json], options: list[Json]) -> None:
    names = [name for name, _ in _GROUPS]
    for option, stored in zip(given, options, strict=False):
        if option.get("group") in names:
            for ids in groups:
                if stored["id"] in ids:
                    ids.remove(stored["id"])
            groups[names.index(option["group"])].append(stored["id"])


def _rollup(ws: Workspace, source: Node, given: Json) -> Json:
    relation = by_key(
        source.data["properties"], given.get("relation_property_id") or given.get("relation_property_name") or ""
    )
    if relation is None or relation["type"] != "relation":
        raise errors.invalid("A rollup needs a relation property of the same data source.")
    target = ws.store.get(relation["relation"]["data_source_id"])
    columns = target.data["properties"] if target is not None and target.id != source.id else source.data["properties"]
    wanted = given.get("rollup_property_id") or given.get("rollup_property_name") or ""
    rolled = by_key(columns, wanted)
    if rolled is None:
        raise errors.invalid(f"Could not find property with name or id: {wanted}")
    return {
        "rollup_property_name": rolled["name"],
        "relation_property_name": relation["name"],
        "rollup_property_id": unquote(rolled["id"]),
        "relation_property_id": unquote(relation["id"]),
        "function": given["function"],
    }
