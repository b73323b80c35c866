"""Our metadata in Markdown: HTML comments `<!--notion word key="value"-->`.

GitHub drops comments, both parsers keep them. A value is percent-encoded where a character would end the comment, the
attribute or the line.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from notionsync.convert.dialect import COLORS, api_color, attr_color
from notionsync.convert.richtext import canonical

META = re.compile(
    r"<!--(?P<end>/?)notion(?: +(?P<word>[a-z_]+)(?= |-->))?(?P<pairs>(?: +[a-z_-]+=\"[^\"\n<>]*\")*) *-->"
)
_PAIR = re.compile(r"([a-z_-]+)=\"([^\"]*)\"")
_UNSAFE = re.compile(r'[%"<>\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff]|-(?=-)|-\Z')


@dataclass(frozen=True, slots=True)
class Meta:
    """One metadata comment.

    Attributes:
        word: What it is about: a block type, a region, or empty.
        attrs: Its keys and values, decoded.
        end: Whether it closes a region.
    """

    word: str = ""
    attrs: Mapping[str, str] = field(default_factory=dict)
    end: bool = False


def read_meta(comment: str) -> Meta | None:
    """Return what a comment says, or None if it is not one of ours."""
    match = META.fullmatch(comment)
    if match is None:
        return None
    pairs = {key: unquote(value, errors="surrogatepass") for key, value in _PAIR.findall(match["pairs"] or "")}
    return Meta(match["word"] or "", pairs, match["end"] == "/")


def write_meta(word: str = "", attrs: Mapping[str, str] | None = None) -> str:
    """Return a comment; `read_meta` undoes it.

    >>> write_meta("callout", {"color": "red_bg", "icon": 'a"-->'})
    '<!--notion callout color="red_bg" icon="a%22%2D-%3E"-->'
    """
    pairs = "".join(f' {key}="{_UNSAFE.sub(_encode, value)}"' for key, value in (attrs or {}).items())
    return f"<!--notion{' ' + word if word else ''}{pairs}-->"


def _encode(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


# --- attributes of blocks --------------------------------------------------------------------------------------------

_FLAGS = {"has_column_header": "header-row", "has_row_header": "header-column", "is_toggleable": "toggleable"}
_NAMES = {"list_start_index": "start", "width_ratio": "width"}


def write_attrs(attrs: Mapping[str, Any]) -> dict[str, str]:
    """Return block attributes as they stand in a comment; those without a spelling of their own go into `data`."""
    out: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for key, value in attrs.items():
        if key == "color" and value in COLORS:
            out["color"] = attr_color(value)
        elif key == "icon" and (icon := write_icon(value)) is not None:
            out["icon"] = icon
        elif key in _FLAGS and isinstance(value, bool):
            out[_FLAGS[key]] = "true" if value else "false"
        elif key in _NAMES and type(value) in (int, float):
            out[_NAMES[key]] = json.dumps(value)
        elif key == "list_format" and isinstance(value, str):
            out["format"] = value
        else:
            rest[key] = value
    if rest:
        out["data"] = canonical(rest)
    return out


def read_attrs(pairs: Mapping[str, str]) -> dict[str, Any]:
    """Undo `write_attrs`; what is not understood is left out."""
    return dict(_read_pairs(pairs))


def _read_pairs(pairs: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    flags = {theirs: ours for ours, theirs in _FLAGS.items()}
    names = {theirs: ours for ours, theirs in _NAMES.items()}
    for key, value in pairs.items():
        if key == "color" and api_color(value) in COLORS:
            yield "color", api_color(value)
        elif key == "icon" and (icon := read_icon(value)) is not None:
            yield "icon", icon
        elif key in flags and value in ("true", "false"):
            yield flags[key], value == "true"
        elif key in names and isinstance(number := load(value), int | float):
            yield names[key], number
        elif key == "format":
            yield "list_format", value
        elif key == "data" and isinstance(data := load(value), dict):
            yield from ((name, inner) for name, inner in data.items() if _is_sound(name, inner))


def _is_sound(name: str, value: Any) -> bool:
    """Tell whether hand-made data can stand in a payload: it must not take the place of texts or children."""
    if name == "color":
        return value in COLORS if isinstance(value, str) else False
    if name == "icon":
        return isinstance(value, dict)
    return name not in ("rich_text", "caption", "cells", "children")


def load(text: str) -> Any:
    """Return the JSON value of a text, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


_EMOJI = re.compile(r"[^\x00-\x7f\s]+")


def is_emoji(text: str) -> bool:
    """Tell whether an icon can stand in running text as it is: no ASCII, no white space."""
    return _EMOJI.fullmatch(text) is not None


def looks_like_emoji(text: str) -> bool:
    """Tell whether a word can only be an icon: no letters but those that a variation selector makes a picture."""
    return is_emoji(text) and ("\ufe0f" in text or any(unicodedata.category(char) == "So" for char in text))


def write_icon(icon: Any) -> str | None:
    """Return an icon as a text; None for a kind that has no spelling of its own, such as a hosted file."""
    if not isinstance(icon, Mapping):
        return None
    text = None
    match icon:
        case {"type": "emoji", "emoji": str(emoji)}:
            text = emoji if is_emoji(emoji) else f"emoji:{emoji}"
        case {"type": "external", "external": {"url": str(url)}}:
            text = f"external:{url}"
        case {"type": "custom_emoji", "custom_emoji": {"id": str(id_)}}:
            text = f"custom_emoji:{id_}"
        case {"type": "icon", "icon": {"name": str(name), "color": str(color)}}:
            text = f"icon:{name}/{color}"
        case _:
            pass
    return text if text is not None and read_icon(text) == icon else None


def read_icon(text: str) -> dict[str, Any] | None:
    """Undo `write_icon`; None for a text that is no icon."""
    if is_emoji(text):
        return {"type": "emoji", "emoji": text}
    kind, colon, value = text.partition(":")
    if not colon:
        return None
    if kind == "emoji":
        return {"type": "emoji", "emoji": value}
    if kind == "external":
        return {"type": "external", "external": {"url": value}}
    if kind == "custom_emoji":
        return {"type": "custom_emoji", "custom_emoji": {"id": value}}
    if kind == "icon" and "/" in value:
        name, _, color = value.rpartition("/")
        return {"type": "icon", "icon": {"name": name, "color": color}}
    return None
