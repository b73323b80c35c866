"""Addresses of files in property values, and the icons and covers of pages.

In normal form an address is in Notion form (see `notionsync.model`), so that two spellings of one file are equal and other
bytes under the same name are not. `to_file` gives a value the form that stands in front matter.

    files         `address`, or `[name](address)` where the name says more than the address
    page_icon     an emoji, an address, `custom_emoji:<id>` or `icon:<name>/<color>`
    page_cover    an address
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from notionsync.convert.links import BASE
from notionsync.convert.meta import read_icon, write_icon
from notionsync.convert.properties.context import FILE_KINDS, Context
from notionsync.convert.properties.texts import LINK
from notionsync.convert.richtext import MAX_URL, notion_path
from notionsync.errors import ContentError
from notionsync.model import FieldValue, Links

_MARKS = ("emoji:", "custom_emoji:", "icon:")
_SHOWN_WITH = "\ufe0f\u20e3"
"""What makes a picture of a character that is none by itself: a variation selector, a keycap."""


def entry(name: str, url: str) -> str:
    """Return one file as a text: its address, with its name where that says more."""
    path = urlsplit(url).path if "://" in url else url.partition("?")[0]
    if name in {"", unquote(path.rpartition("/")[2]), url} and not LINK.fullmatch(url):
        return url
    shown = re.sub(r"([\\\]\[])", r"\\\1", name)
    return f"[{shown}](<{url}>)" if re.search(r"[\s()]", url) else f"[{shown}]({url})"


def taken_apart(text: str) -> tuple[str, str]:
    """Return name and address of a file; the name is empty where there is none."""
    found = LINK.fullmatch(text)
    return (re.sub(r"\\(.)", r"\1", found["name"]), found["url"]) if found else ("", text)


def read_files(inner: Any, context: Context) -> FieldValue:
    """Return the value of a files property."""
    return tuple(entry(str(file.get("name") or ""), _address(file, context)) for file in inner or ())


def read_part(inner: Any, context: Context) -> FieldValue:
    """Return the icon or the cover of a page."""
    if not inner:
        return None
    address = _address(inner, context)
    if address:
        return address
    emoji = inner.get("emoji")
    return str(emoji) if isinstance(emoji, str) and is_emoji(emoji) else _spelled(inner)


def _address(file: Mapping[str, Any], context: Context) -> str:
    if isinstance(file.get("external"), Mapping):
        return str(file["external"].get("url") or "")
    url = str((file.get("file") or {}).get("url") or "")
    return _in_notion(notion_path(url), context.links) if url else ""


def is_emoji(text: str) -> bool:
    """Tell whether a text is an emoji, and not a name of a file without an extension.

    >>> is_emoji("🎯"), is_emoji("1️⃣"), is_emoji("그림")
    (True, True, False)
    """
    pictures = any(unicodedata.category(char) == "So" or char in _SHOWN_WITH for char in text)
    return pictures and not re.search(r"[\s./:]", text)


def normal_files(items: tuple[str, ...], context: Context) -> tuple[str, ...]:
    """Return entries of a files property in normal form."""
    parts = (taken_apart(text) for text in items)
    return tuple(dict.fromkeys(entry(name, _in_notion(url, context.links)) for name, url in parts))


def normal_part(text: str, kind: str, context: Context) -> str:
    """Return an icon or a cover in normal form."""
    if kind == "page_icon" and (is_emoji(text) or text.startswith(_MARKS)):
        icon = read_icon(text)
        emoji = (icon or {}).get("emoji", "")
        return emoji if is_emoji(emoji) else text
    return _in_notion(text, context.links)


def _in_notion(url: str, links: Links) -> str:
    return url if url.startswith(("asset:", BASE)) else links.to_notion(url, "media")


def to_file(kind: str, value: FieldValue, links: Links) -> FieldValue:
    """Return a value in normal form as it stands in front matter."""
    if kind not in FILE_KINDS:
        return value
    if isinstance(value, tuple):
        parts = (taken_apart(text) for text in value)
        return tuple(_named(name, url, links) for name, url in parts)
    if not isinstance(value, str) or is_emoji(value) or value.startswith(_MARKS):
        return value
    return links.to_file(value, "media")


def _named(name: str, url: str, links: Links) -> str:
    address = links.to_file(url, "media")
    return entry(name, address) if name else address


def addresses(kind: str, value: FieldValue) -> tuple[str, ...]:
    """Return the addresses in a value, in normal form or as it stands in front matter."""
    if kind not in FILE_KINDS:
        return ()
    texts = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
    urls = (taken_apart(text)[1] for text in texts)
    return tuple(url for url in urls if url and not (is_emoji(url) or url.startswith(_MARKS)))


def write_files(value: tuple[str, ...], context: Context) -> list[dict[str, Any]]:
    """Return the request value of a files property: the list is replaced, so what Notion hosts is sent back."""
    hosted = {
        notion_path(str(file["file"].get("url"))): file
        for file in context.current.get("files") or ()
        if isinstance(file.get("file"), Mapping)
    }
    return [_request(*taken_apart(text), hosted, context) for text in value]


def _request(name: str, url: str, hosted: Mapping[str, Mapping[str, Any]], context: Context) -> dict[str, Any]:
    if url in context.uploads:
        named = {"name": name} if name else {}
        return {"type": "file_upload", "file_upload": {"id": context.uploads[url]}, **named}
    known = next((file for path, file in hosted.items() if _in_notion(path, context.links) == url), None)
    if known is not None:
        return {"type": "file", "name": name or known.get("name", ""), "file": {"url": known["file"]["url"]}}
    shown = name or unquote(url.rpartition("/")[2]) or url
    return {"type": "external", "name": shown, "external": {"url": _far(url, context.links)}}


def _far(url: str, links: Links) -> str:
    if url.startswith(("asset:", "notion:")):
        written = links.to_file(url, "media")
        raise ContentError(f"the file {written} has not been uploaded to Notion", advice="check that the file exists")
    if len(url) > MAX_URL:
        raise ContentError(f"an address of {len(url)} characters; Notion takes {MAX_URL}")
    return url


def write_part(value: str | None, kind: str, context: Context) -> dict[str, Any] | None:
    """Return the request value of an icon or a cover; None takes it away."""
    if value is None:
        return None
    if kind == "page_icon" and is_emoji(value):
        return {"type": "emoji", "emoji": value}
    if kind == "page_icon" and value.startswith(_MARKS):
        return _mark(value, context)
    if value in context.uploads:
        return {"type": "file_upload", "file_upload": {"id": context.uploads[value]}}
    if value.startswith(BASE):  # the one that Notion shows must not give way to nothing
        written = context.links.to_file(value, "media")
        kinds = (
            "an emoji, the address of an image, or a file"
            if kind == "page_icon"
            else "the address of an image, or a file"
        )
        raise ContentError(f"{written!r} is not there", advice=f"write {kinds} of this repository")
    return {"type": "external", "external": {"url": _far(value, context.links)}}


def _spelled(icon: Any) -> str | None:
    """Return a page's icon as a text: a custom emoji by its id alone, for its name and address may change."""
    if isinstance(icon, Mapping) and icon.get("type") == "custom_emoji":
        icon = {"type": "custom_emoji", "custom_emoji": {"id": icon["custom_emoji"]["id"]}}
    return write_icon(icon)


def _mark(value: str, context: Context) -> dict[str, Any]:
    icon = read_icon(value)
    if icon is None:
        raise ContentError(f"{value!r} is no icon", advice="write an emoji, or the address of an image")
    if icon["type"] == "custom_emoji" and _spelled(context.current.get("page_icon")) != value:
        raise ContentError(
            "a custom emoji can only be chosen in Notion",
            advice="write an emoji, or the address of an image; or choose it in Notion and pull",
        )
    return icon
