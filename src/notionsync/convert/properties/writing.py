"""Front matter values → what Notion is asked to store."""

from __future__ import annotations

import difflib
import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from notionsync.convert import dates
from notionsync.convert.inline import parse_inline
from notionsync.convert.properties.context import PLAIN, Context, read_only
from notionsync.convert.properties.files import normal_files, normal_part, write_files, write_part
from notionsync.convert.properties.texts import number, place
from notionsync.convert.render import render_inline
from notionsync.convert.richtext import MAX_URL, canonical, rich_text_to_api
from notionsync.convert.typed import as_typed
from notionsync.errors import ContentError
from notionsync.model import FieldValue, Property, dashed_id

MAX_ITEMS: Final = 100
"""Options, people and relations in one value (developers.notion.com, "Request limits")."""
MAX_OPTION: Final = 100
"""Characters of an option's name (the same page)."""

_TRUE = frozenset({"true", "yes", "on", "x"})
_FALSE = frozenset({"false", "no", "off", ""})
_BLANK_LINES = re.compile(r"(?:\r\n|\n|\r)(?:[ \t]*(?:\r\n|\n|\r))+")
_STATES = ("verified", "unverified")


def normal(prop: Property, value: Any, context: Context = PLAIN) -> FieldValue:
    """Return a front matter value in the form in which `read` returns the same content.

    Two spellings that Notion could not tell apart become equal: `1.0` and `1`, `no` and `false` of a checkbox, one name
    and a list of one, an option in other letter case, a date with seconds.

    Args:
        prop: The property it is for.
        value: What the front matter holds.
        context: Addresses and names.

    Raises:
        ContentError: It cannot be a value of that property; names the property.
    """
    shape = _SHAPES.get(prop.type)
    if shape is None:
        return value if isinstance(value, str | int | float | tuple | None) else canonical(value)
    try:
        return shape(prop, value, context)
    except ContentError as error:
        raise ContentError(f"{prop.name}: {error.message}", advice=error.advice) from error


def write(prop: Property, value: FieldValue, context: Context = PLAIN) -> dict[str, Any]:
    """Return the request value of a property, `{kind: …}`.

    Args:
        prop: The property, with the options that its schema has now.
        value: A front matter value; need not be in normal form.
        context: Addresses, names, uploads, the present value.

    Raises:
        ContentError: Notion cannot hold it: an unknown option (names the nearest), a read-only property, a file that
            is not uploaded, a name that stands for nobody, a limit.
    """
    if read_only(prop.type):
        raise ContentError(
            f"{prop.name}: Notion computes this property ({prop.type}); it can only be pulled",
            advice=f"undo the edit of this key in the file, or take it out of [properties]; a pull restores {prop.name}",
        )
    settled = normal(prop, value, context)
    try:
        return {prop.type: _WRITERS[prop.type](prop, settled, context)}
    except ContentError as error:
        raise ContentError(f"{prop.name}: {error.message}", advice=error.advice) from error


def same(prop: Property, one: FieldValue, other: FieldValue) -> bool:
    """Tell whether two values in normal form say the same to Notion; dates are compared by instant."""
    if prop.type == "date" and isinstance(one, str) and isinstance(other, str):
        return dates.same(one, other)
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def digest_value(value: FieldValue) -> str:
    """Return the SHA-256 of a value in normal form, the same on every machine."""
    shape = [type(value).__name__, list(value)] if isinstance(value, tuple) else value
    return hashlib.sha256(canonical(shape).encode("utf-8", "surrogatepass")).hexdigest()


# --- normal form -------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    """Return one text; what YAML took for a number or a truth value was typed as text."""
    if isinstance(value, tuple):
        raise ContentError(
            f"a list {list(value)!r} where one value belongs", advice="write one value, without brackets"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else as_typed(value)


def _list(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, tuple) else (_text(value),)
    return tuple(dict.fromkeys(stripped for item in items if (stripped := str(item).strip())))


def _shape_text(_prop: Property, value: Any, context: Context) -> FieldValue:
    """Lines of a block text are one line, as in a paragraph; a blank line between them is one."""
    text = _BLANK_LINES.sub("<br><br>", _text(value).strip("\r\n"))
    return render_inline(parse_inline(text, links=context.links), links=context.links) or None


def _shape_number(_prop: Property, value: Any, _context: Context) -> FieldValue:
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            value = float(value) if re.search(r"[.eE]", value) else int(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return number(value)
    except (ValueError, OverflowError):  # no digits, or more than a float holds
        pass
    raise ContentError(f"{_text(value)!r} is no number", advice="write digits, as in 12 or 1.5")


def _shape_option(prop: Property, value: Any, _context: Context) -> FieldValue:
    return _option(prop, _text(value).strip()) or None


def _shape_options(prop: Property, value: Any, _context: Context) -> FieldValue:
    """Options cannot hold commas, so one text with commas is a list of them."""
    names = value if isinstance(value, tuple) else tuple(_text(value).split(","))
    return tuple(dict.fromkeys(_option(prop, name) for name in _list(names)))


def _shape_date(_prop: Property, value: Any, _context: Context) -> FieldValue:
    text = _text(value).strip()
    return dates.normal(text) if text else None


def _shape_people(prop: Property, value: Any, context: Context) -> FieldValue:
    kind: Literal["people", "relation"] = "people" if prop.type == "people" else "relation"
    found = ((text, context.names.to_id(kind, text)) for text in _list(value))
    return tuple(dict.fromkeys(context.names.to_text(kind, id_, "") if id_ else text for text, id_ in found))


def _shape_files(_prop: Property, value: Any, context: Context) -> FieldValue:
    return normal_files(_list(value), context)


def _shape_part(prop: Property, value: Any, context: Context) -> FieldValue:
    text = _text(value).strip()
    return normal_part(text, prop.type, context) if text else None


def _shape_flag(_prop: Property, value: Any, _context: Context) -> FieldValue:
    text = _text(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise ContentError(f"{_text(value)!r} is neither true nor false", advice="write true or false")
    return text in _TRUE


def _shape_string(_prop: Property, value: Any, _context: Context) -> FieldValue:
    return _text(value).strip() or None


def _shape_place(_prop: Property, value: Any, _context: Context) -> FieldValue:
    text = _text(value).strip()
    if text and _said_place(text) is None:
        raise ContentError(f"{text!r} is no place", advice="write it as: name · address (52.52, 13.405)")
    return text or None


def _shape_verification(_prop: Property, value: Any, _context: Context) -> FieldValue:
    state, _, date = _text(value).strip().partition(" ")
    if not state:
        return None
    return f"{state} {dates.normal(date)}" if date.strip() else state


_SHAPES: Final[Mapping[str, Callable[[Property, Any, Context], FieldValue]]] = {
    "title": _shape_text,
    "rich_text": _shape_text,
    "number": _shape_number,
    "select": _shape_option,
    "status": _shape_option,
    "multi_select": _shape_options,
    "date": _shape_date,
    "people": _shape_people,
    "relation": _shape_people,
    "files": _shape_files,
    "page_icon": _shape_part,
    "page_cover": _shape_part,
    "checkbox": _shape_flag,
    "url": _shape_string,
    "email": _shape_string,
    "phone_number": _shape_string,
    "place": _shape_place,
    "verification": _shape_verification,
}


def _option(prop: Property, name: str) -> str:
    """Return the schema's own spelling of an option, or the name itself."""
    if name in prop.options:
        return name
    alike = [option for option in prop.options if _folded(option) == _folded(name)]
    return alike[0] if len(alike) == 1 else name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


# --- requests ----------------------------------------------------------------------------------------------------------


def _write_text(_prop: Property, value: Any, context: Context) -> Any:
    return rich_text_to_api(parse_inline(value or "", links=context.links))


def _write_plain(_prop: Property, value: Any, _context: Context) -> Any:
    return value


def _write_url(_prop: Property, value: Any, _context: Context) -> Any:
    if value and len(value) > MAX_URL:
        raise ContentError(f"an address of {len(value)} characters; Notion takes {MAX_URL}")
    return value


def _write_option(prop: Property, value: Any, context: Context) -> Any:
    if value is None:
        return None
    _check_option(prop, value, new=prop.type == "select" and context.allow_new_options)
    return {"name": value}


def _write_options(prop: Property, value: Any, context: Context) -> Any:
    for name in value:
        _check_option(prop, name, new=context.allow_new_options)
    return [{"name": name} for name in _few(value)]


def _check_option(prop: Property, name: str, *, new: bool) -> None:
    if name in prop.options:
        return
    near = difflib.get_close_matches(_folded(name), {_folded(option): option for option in prop.options}, n=1)
    known = {_folded(option): option for option in prop.options}
    hint = f'; did you mean "{known[near[0]]}"?' if near else f"; known are {', '.join(prop.options)}"
    if not new:
        advice = (
            "write one of the known ones, or add it to the property in Notion"
            if prop.type == "status"
            else "write one of the known ones, or allow new ones with --allow-new-options"
        )
        raise ContentError(f'no option "{name}"{hint if prop.options else "; it has none"}', advice=advice)
    if "," in name:
        raise ContentError(f'the option "{name}" has a comma, which Notion refuses', advice="write it without commas")
    if len(name) > MAX_OPTION:
        raise ContentError(f'the option "{name[:20]}…" has {len(name)} characters; Notion takes {MAX_OPTION}')


def _few(items: Sequence[str]) -> Sequence[str]:
    if len(items) > MAX_ITEMS:
        raise ContentError(f"a list of {len(items)}; Notion takes {MAX_ITEMS} at once")
    return items


def _write_date(_prop: Property, value: Any, _context: Context) -> Any:
    return None if value is None else dates.to_api(value)


def _write_people(_prop: Property, value: Any, context: Context) -> Any:
    return [{"id": _known(context, "people", name)} for name in _few(value)]  # of a person or of a group


def _write_relation(_prop: Property, value: Any, context: Context) -> Any:
    return [{"id": _known(context, "relation", name)} for name in _few(value)]


def _known(context: Context, kind: Literal["people", "relation"], name: str) -> str:
    found = context.names.to_id(kind, name)
    if found is None:
        who = "nobody" if kind == "people" else "no question"
        advice = (
            "write the id, or a name that only one person has" if kind == "people" else "write a file name or an id"
        )
        raise ContentError(f'"{name}" stands for {who}', advice=advice)
    return dashed_id(found)


def _write_files(_prop: Property, value: Any, context: Context) -> Any:
    return write_files(value, context)


def _write_part(prop: Property, value: Any, context: Context) -> Any:
    return write_part(value, prop.type, context)


def _write_place(prop: Property, value: Any, context: Context) -> Any:
    if value is None:
        return None
    said = _said_place(value) or {}
    now = context.current.get(prop.type) or {}
    if all(now.get(key) == said[key] for key in said):
        return {**said, **{key: now[key] for key in ("aws_place_id", "google_place_id") if now.get(key)}}
    return said


def _said_place(text: str) -> dict[str, Any] | None:
    """Return what a place's text says: one that cannot be spelled in words is JSON."""
    words = place(text)
    if words is not None:
        return words
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said if isinstance(said, dict) and {"lat", "lon"} <= said.keys() else None


def _write_verification(_prop: Property, value: Any, _context: Context) -> Any:
    state, _, date = (value or "unverified").partition(" ")
    if state not in _STATES or (date and state != "verified"):
        raise ContentError(
            f"{value!r} is no verification", advice="write verified, verified 2026-07-01/2026-10-01 or unverified"
        )
    return {"state": state, "date": dates.to_api(date)} if date else {"state": state}


_WRITERS: Final[Mapping[str, Callable[[Property, Any, Context], Any]]] = {
    "title": _write_text,
    "rich_text": _write_text,
    "number": _write_plain,
    "select": _write_option,
    "status": _write_option,
    "multi_select": _write_options,
    "date": _write_date,
    "people": _write_people,
    "relation": _write_relation,
    "files": _write_files,
    "page_icon": _write_part,
    "page_cover": _write_part,
    "checkbox": _write_plain,
    "url": _write_url,
    "email": _write_plain,
    "phone_number": _write_plain,
    "place": _write_place,
    "verification": _write_verification,
}
