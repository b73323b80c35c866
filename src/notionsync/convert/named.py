"""Blocks that are a link and a comment that says what they are.

[caption](url)<!--notion video-->        media, bookmark, embed; no caption where the text is the address
[name](url)<!--notion file-->            a file: its name; the caption follows as a paragraph of its own
[Title](https://www.notion.so/…)<!--notion link_to_page-->, child_page, child_database
*[Notion: button](https://…)*<!--notion block id="…" type="button" data="…"-->     anything that Markdown cannot say
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from notionsync.convert.blocks import from_api
from notionsync.convert.inline import Inline
from notionsync.convert.meta import Meta, load, read_attrs
from notionsync.convert.richtext import plain
from notionsync.errors import ContentError
from notionsync.model import Block, Links, compact_id, dashed_id, find_id

LINKED = frozenset({"video", "audio", "pdf", "bookmark", "embed", "link_preview"})
MEDIA_USE = frozenset({"video", "audio", "pdf", "file"})
PAGE_SIGN: Mapping[str, str] = {"child_page": "📄 ", "child_database": "🗃️ "}


def named_block(meta: Meta, inline: Inline, links: Links) -> Block | None:
    """Return the block that a paragraph with a comment stands for, or None if it is a paragraph all the same."""
    if meta.word == "block":
        return _opaque(meta)
    if inline.link is None:
        return None
    href, text = inline.link
    if meta.word in LINKED:
        url = links.to_notion(href, "media" if meta.word in MEDIA_USE else "link")
        caption = () if plain(text) in (href, url) else text
        return Block(type=meta.word, attrs={"url": url, **read_attrs(meta.attrs)}, caption=caption)
    if meta.word == "file":
        name = {} if plain(text) == href else {"name": plain(text)}
        return Block(type="file", attrs={"url": links.to_notion(href, "media"), **name, **read_attrs(meta.attrs)})
    id_ = find_id(links.to_notion(href, "link"))
    if meta.word == "link_to_page" and id_ is not None:
        kind = meta.attrs.get("kind", "page_id")
        return Block(type="link_to_page", attrs={"type": kind, kind: dashed_id(id_)})
    if meta.word in PAGE_SIGN:
        title = plain(text).removeprefix(PAGE_SIGN[meta.word])
        return Block(type=meta.word, attrs={"title": title, **read_attrs(meta.attrs)}, id=id_)
    return None


def _opaque(meta: Meta) -> Block | None:
    """A block that is carried whole; `data` is its payload, `tree` its children, both as the API prints them."""
    type_ = meta.attrs.get("type") or "unsupported"
    payload = load(meta.attrs.get("data", "{}"))
    if not isinstance(payload, dict) or not _sound(payload):
        return None
    try:
        (block,) = from_api([{"type": type_, type_: payload, "id": compact_id(meta.attrs.get("id", ""))}])
    except (ContentError, AttributeError, TypeError, ValueError):
        return None
    return block


def _sound(payload: Mapping[str, Any]) -> bool:
    """Tell whether arrays hold objects where the API has them, so that hand-made data cannot break the reader."""
    return all(
        _objects(value) for key, value in payload.items() if key in ("rich_text", "caption", "children") and value
    ) and all(_objects(cell) for cell in payload.get("cells") or () if isinstance(cell, Sequence))


def _objects(value: Any) -> bool:
    return not isinstance(value, list) or all(isinstance(item, dict) for item in value)
