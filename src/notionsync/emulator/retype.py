"""Values of a property whose type was changed: carried over where they make sense in the new one, gone otherwise.

Source: https://www.notion.com/help/database-properties (changing a property's type keeps what fits).
"""

from __future__ import annotations

from typing import Any, Final

from notionsync.emulator.dates import parse
from notionsync.emulator.richtext import plain, text_run
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Workspace

Json = dict[str, Any]

_TEXTS: Final = frozenset({"rich_text", "url", "email", "phone_number"})
_CHOICES: Final = frozenset({"select", "multi_select", "status"})
_TRUE: Final = frozenset({"yes", "true", "1", "✓", "☑"})


def carry_over(ws: Workspace, source: Node, config: Json, old: Json) -> None:
    """Bring the rows' values of a property to its new type.

    Args:
        ws: The workspace.
        source: The data source.
        config: The property as it is now.
        old: The property as it was.
    """
    for row in list(ws.store.select("parent_id = ? AND kind = 'page'", (source.id,))):
        values = row.data["properties"]
        if config["id"] in values:
            value = _converted(ws, values.pop(config["id"]), old, config)
            if value is not None:
                values[config["id"]] = value
            ws.store.update(row)


def _converted(ws: Workspace, value: Any, old: Json, config: Json) -> Any:
    kind = config["type"]
    if kind in _CHOICES:
        return _chosen(ws, value, old, config)
    text = _text(ws, value, old)
    if kind == "rich_text":
        return [text_run(text)] if text else []
    if kind in _TEXTS:
        return text or None
    if kind == "checkbox":
        return text.casefold() in _TRUE
    try:
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "date":
            parse(text)
            return {"start": text, "end": None, "time_zone": None}
    except ValueError:
        return None
    return None


def _options(value: Any, old: Json) -> list[Json]:
    kind = old["type"]
    ids = value if isinstance(value, list) else [value]
    return [option for identifier in ids if (option := _option(old[kind]["options"], identifier))]


def _option(options: list[Json], identifier: Any) -> Json | None:
    return next((option for option in options if option["id"] == identifier), None)


def _text(ws: Workspace, value: Any, old: Json) -> str:
    kind = old["type"]
    if value is None:
        return ""
    if kind in {"title", "rich_text"}:
        return plain(value)
    if kind in _CHOICES:
        return ", ".join(option["name"] for option in _options(value, old))
    if kind == "checkbox":
        return "Yes" if value else "No"
    if kind == "date":
        return str(value["start"])
    if kind == "people":
        return ", ".join(ws.users[identifier].name for identifier in value if identifier in ws.users)
    if kind == "relation":
        return ", ".join(ws.title_of(identifier) or "" for identifier in value)
    return str(value) if isinstance(value, str | int | float) else ""


def _chosen(ws: Workspace, value: Any, old: Json, config: Json) -> Any:
    """Options of the same names; those that are missing are left out."""
    kind = config["type"]
    text = _text(ws, value, old)
    names = [option["name"] for option in _options(value, old)] if old["type"] in _CHOICES else text.split(", ")
    known = {option["name"]: option["id"] for option in config[kind]["options"]}
    ids = [known[name] for name in names if name in known]
    if kind == "multi_select":
        return ids
    return ids[0] if ids else None
