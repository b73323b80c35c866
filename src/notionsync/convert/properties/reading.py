"""Notion property values → front matter values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from notionsync.convert import dates
from notionsync.convert.properties.context import PLAIN, Context
from notionsync.convert.properties.files import read_files, read_part
from notionsync.convert.properties.texts import number, place
from notionsync.convert.render import render_inline
from notionsync.convert.richtext import canonical, rich_text_from_api
from notionsync.model import FieldValue, compact_id


def read(kind: str, value: Mapping[str, Any], context: Context = PLAIN) -> FieldValue:
    """Return a Notion property value in normal form.

    Args:
        kind: Notion's type name.
        value: The value as a page holds it, `{"type": kind, kind: …}`.
        context: Addresses and names.
    """
    inner = value.get(kind)
    reader = _READERS.get(kind)
    if reader is None:
        return None if inner in (None, {}, []) else canonical(inner)
    return reader(inner, context)


def _read_text(inner: Any, context: Context) -> FieldValue:
    return render_inline(rich_text_from_api(inner), links=context.links) or None


def _read_number(inner: Any, _context: Context) -> FieldValue:
    return None if inner is None else number(inner)


def _read_option(inner: Any, _context: Context) -> FieldValue:
    return str(inner["name"]) if inner else None


def _read_options(inner: Any, _context: Context) -> FieldValue:
    return tuple(str(option["name"]) for option in inner or ())


def _read_date(inner: Any, _context: Context) -> FieldValue:
    return dates.from_api(inner)


def _person(user: Mapping[str, Any], context: Context) -> str:
    return context.names.to_text("people", compact_id(str(user.get("id", ""))), str(user.get("name") or ""))


def _read_people(inner: Any, context: Context) -> FieldValue:
    return tuple(_person(user, context) for user in inner or ())


def _read_relation(inner: Any, context: Context) -> FieldValue:
    return tuple(context.names.to_text("relation", compact_id(str(page["id"])), "") for page in inner or ())


def _read_user(inner: Any, context: Context) -> FieldValue:
    return _person(inner, context) if inner else None


def _read_flag(inner: Any, _context: Context) -> FieldValue:
    return bool(inner)


def _read_string(inner: Any, _context: Context) -> FieldValue:
    return str(inner) if inner else None


def _read_time(inner: Any, _context: Context) -> FieldValue:
    return dates.normal(str(inner)) if inner else None


def _read_place(inner: Any, _context: Context) -> FieldValue:
    if not inner:
        return None
    name, address = inner.get("name"), inner.get("address")
    words = f"{name} · {address or ''}".rstrip() if name else address or ""
    text = f"{words} ({number(inner['lat'])}, {number(inner['lon'])})".lstrip()
    said = {key: inner.get(key) for key in ("lat", "lon", "name", "address")}
    return text if place(text) == said else canonical(said)


def _read_verification(inner: Any, context: Context) -> FieldValue:
    if not inner:
        return None
    date = _read_date(inner.get("date"), context)
    return f"{inner['state']} {date}" if date else str(inner["state"])


def _read_formula(inner: Any, context: Context) -> FieldValue:
    kind = (inner or {}).get("type", "")
    value = (inner or {}).get(kind)
    if kind == "string":
        return value or None
    if kind == "boolean":
        return value if value is None else bool(value)
    return _READERS[kind](value, context) if kind in {"number", "date"} else None


def _read_rollup(inner: Any, context: Context) -> FieldValue:
    kind = (inner or {}).get("type", "")
    value = (inner or {}).get(kind)
    if kind == "array":
        shown = (read(str(item.get("type")), item, context) for item in value or ())
        return tuple(text for part in shown for text in _texts(part))
    return _READERS[kind](value, context) if kind in {"number", "date"} else None


def _texts(value: FieldValue) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return () if value is None else (str(value),)


def _read_unique_id(inner: Any, _context: Context) -> FieldValue:
    if not inner or inner.get("number") is None:
        return None
    return f"{inner['prefix']}-{inner['number']}" if inner.get("prefix") else int(inner["number"])


_READERS: Final[Mapping[str, Callable[[Any, Context], FieldValue]]] = {
    "title": _read_text,
    "rich_text": _read_text,
    "number": _read_number,
    "select": _read_option,
    "status": _read_option,
    "multi_select": _read_options,
    "date": _read_date,
    "people": _read_people,
    "relation": _read_relation,
    "files": read_files,
    "page_icon": read_part,
    "page_cover": read_part,
    "checkbox": _read_flag,
    "url": _read_string,
    "email": _read_string,
    "phone_number": _read_string,
    "place": _read_place,
    "verification": _read_verification,
    "formula": _read_formula,
    "rollup": _read_rollup,
    "created_time": _read_time,
    "last_edited_time": _read_time,
    "created_by": _read_user,
    "last_edited_by": _read_user,
    "unique_id": _read_unique_id,
}
