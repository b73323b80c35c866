"""Rich text between Notion's JSON and runs in normal form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from notionsync.errors import ContentError
from notionsync.model import RichText, Run, dashed_id

MAX_UNITS = 2000
"""UTF-16 code units in one text item (developers.notion.com, "Request limits")."""
MAX_ITEMS = 100
"""Items in one rich text array (the same page)."""
MAX_EXPRESSION = 1000
"""Characters of an equation (the same page)."""
MAX_URL = 2000
"""Characters of an address (the same page)."""

_FOREIGN = re.compile(r"[\r\0\ud800-\udfff]")
_FLAGS = (
    ("bold", "bold"),
    ("italic", "italic"),
    ("strike", "strikethrough"),
    ("underline", "underline"),
    ("code", "code"),
)


def normal(runs: Iterable[Run]) -> RichText:
    """Return runs without empty ones and with equal neighbours merged, as Notion stores them."""
    out: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if out and run.kind == "text" and same_look(out[-1], run):
            out[-1] = replace(out[-1], text=out[-1].text + run.text)
        else:
            out.append(run)
    return tuple(out)


def same_look(a: Run, b: Run) -> bool:
    """Tell whether two text runs differ in nothing but their characters."""
    return (
        a.kind == b.kind == "text"
        and a.bold == b.bold
        and a.italic == b.italic
        and a.strike == b.strike
        and a.underline == b.underline
        and a.code == b.code
        and a.color == b.color
        and a.link == b.link
    )


def plain(text: RichText) -> str:
    """Return the characters alone."""
    return "".join(run.text for run in text)


def canonical(value: Any) -> str:
    """Return JSON with sorted keys and without spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def notion_path(url: str) -> str:
    """Return the stable form of an expiring file address: `notion:` and its path, without host and query."""
    return "notion:" + (urlsplit(url).path or "/")


def rich_text_from_api(items: Sequence[Mapping[str, Any]] | None) -> RichText:
    """Return runs in normal form for a rich text array of a request or of a response."""
    if not items:
        return ()
    if len(items) == 1:
        run = _run(items[0])
        return (run,) if run.text else ()
    return normal(_run(item) for item in items)


def _run(item: Mapping[str, Any]) -> Run:
    kind = item.get("type") or next((k for k in ("equation", "mention") if k in item), "text")
    marks = item.get("annotations") or {}
    look: dict[str, Any] = {}
    if True in marks.values():
        look = {ours: True for ours, theirs in _FLAGS if marks.get(theirs)}
    color = marks.get("color") or "default"
    if color != "default":
        look["color"] = color
    if kind == "equation":
        return Run(text=lines((item.get("equation") or {}).get("expression") or ""), kind="equation", **look)
    if kind == "mention":
        mention = normal_mention(item.get("mention") or {})
        text = " ".join(lines(item.get("plain_text") or "").split("\n")).strip(" \t") or mention_text(mention)
        return Run(text=text, kind="mention", mention=canonical(mention), **look)
    body = item.get("text") or {}
    link = (body.get("link") or {}).get("url") or None
    content = body.get("content")
    return Run(text=lines(content if content is not None else item.get("plain_text") or ""), link=link, **look)


def lines(text: str) -> str:
    """Return text with line feeds as its only line ends, and without what UTF-8 or Markdown cannot hold."""
    if _FOREIGN.search(text) is None:
        return text
    return _FOREIGN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def normal_mention(mention: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mention as it can be requested: ids with dashes, nothing that only a response says of a person."""
    kind = mention.get("type") or next(iter(mention), "unknown")
    value = mention.get(kind)
    if not isinstance(value, Mapping):
        return {"type": kind, kind: value}
    if kind == "user":
        value = {"id": value.get("id", "")}
    if len(str(value.get("id", "")).replace("-", "")) == 32:
        value = {**value, "id": dashed_id(str(value["id"]))}
    return {"type": kind, kind: dict(value)}


def mention_text(mention: Mapping[str, Any]) -> str:
    """Return what a reader sees of a mention whose text is not known."""
    kind = str(mention.get("type"))
    value = mention.get(kind)
    value = value if isinstance(value, Mapping) else {}
    if kind == "date":
        end = value.get("end")
        return f"{value.get('start')} → {end}" if end else str(value.get("start"))
    if kind == "custom_emoji":
        return f":{value.get('name') or 'emoji'}:"
    if kind == "user":
        return "@user"
    return str(value.get("title") or value.get("href") or value.get("url") or kind)


def rich_text_to_api(text: RichText, *, shown: bool = False, limited: bool = True) -> list[dict[str, Any]]:
    """Return a rich text array for a request, long runs split at Notion's limit.

    Args:
        text: Runs in normal form.
        shown: Say also what a reader sees of a mention, as responses do.
        limited: Refuse what a request may not hold.

    Raises:
        ContentError: More than 100 items, or an equation longer than 1000 characters.
    """
    out: list[dict[str, Any]] = []
    for run in text:
        out.extend(_items(run, limited=limited))
        if shown and run.kind == "mention":
            out[-1]["plain_text"] = run.text
    if len(out) > MAX_ITEMS and limited:
        raise ContentError(
            f"a text has {len(out)} differently formatted pieces; Notion takes {MAX_ITEMS}: {plain(text)[:40]!r}…",
            advice="split it into two paragraphs",
        )
    return out


def _items(run: Run, *, limited: bool) -> Iterable[dict[str, Any]]:
    marks: dict[str, Any] = {theirs: True for ours, theirs in _FLAGS if getattr(run, ours)}
    if run.color != "default":
        marks["color"] = run.color
    tail: dict[str, Any] = {"annotations": marks} if marks else {}
    if run.kind == "equation":
        if len(run.text) > MAX_EXPRESSION and limited:
            raise ContentError(f"an equation has {len(run.text)} characters; Notion takes {MAX_EXPRESSION}")
        yield {"type": "equation", "equation": {"expression": run.text}, **tail}
    elif run.kind == "mention":
        yield {"type": "mention", "mention": json.loads(run.mention), **tail}
    else:
        for piece in pieces(run.text):
            body: dict[str, Any] = {"content": piece}
            if run.link is not None:
                body["link"] = {"url": run.link}
            yield {"type": "text", "text": body, **tail}


def units(text: str) -> int:
    """Return the length in UTF-16 code units."""
    return len(text) + sum(1 for char in text if char > "\uffff") if not text.isascii() else len(text)


def pieces(text: str, limit: int = MAX_UNITS) -> list[str]:
    """Cut text into pieces of at most `limit` UTF-16 units.

    After a line end, else after a space, if the second half of a piece holds one; else between characters.

    >>> pieces("one two three", 9)
    ['one two ', 'three']
    """
    if len(text) * 2 <= limit or units(text) <= limit:
        return [text]
    out: list[str] = []
    start = 0
    while start < len(text):
        stop = _fits(text, start, limit)
        if stop < len(text):
            stop = _boundary(text, start, stop)
        out.append(text[start:stop])
        start = stop
    return out


def _fits(text: str, start: int, limit: int) -> int:
    stop = start
    room = limit
    while stop < len(text):
        room -= 2 if text[stop] > "\uffff" else 1
        if room < 0:
            break
        stop += 1
    return max(stop, start + 1)


def _boundary(text: str, start: int, stop: int) -> int:
    for mark in ("\n", " "):
        at = text.rfind(mark, start + 1, stop)
        if at > start + (stop - start) // 2:
            return at + 1
    return next((at for at in range(stop, max(start, stop - 32), -1) if not _joins(text, at)), stop)


_JOINERS = frozenset(
    [0x200D, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400), *range(0x300, 0x370), *range(0x20D0, 0x2100)]
)


def _joins(text: str, at: int) -> bool:
    """Tell whether the character at a place belongs to the one before it: combining marks, joiners, skin tones."""
    return ord(text[at]) in _JOINERS or text[at - 1] == "\u200d"
