"""Rich text: what may be sent, the normal form it is stored in, and what is filled in when it is read.

Stored runs have the shape of the answer already; only mentions are completed on reading, because a person's or page's
name may have changed since.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlsplit

from notionsync.emulator.dates import date_request, normal_date
from notionsync.emulator.errors import invalid
from notionsync.emulator.ids import canonical, compact
from notionsync.emulator.settings import Settings
from notionsync.emulator.shapes import Check, array, boolean, nullable, obj, one_of, string, tagged, uuid

Json = dict[str, Any]
Runs = list[Json]

COLORS = ("default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
ALL_COLORS = (*COLORS, *(f"{name}_background" for name in COLORS))
_STYLES = ("bold", "italic", "strikethrough", "underline", "code")

color: Check = one_of(*ALL_COLORS)
_template_mention = tagged(
    {
        "template_mention_date": one_of("today", "now"),
        "template_mention_user": one_of("me"),
    }
)
_mention = tagged(
    {
        "user": obj({"id": uuid}, {"object": one_of("user")}),
        "date": date_request,
        "page": obj({"id": uuid}),
        "database": obj({"id": uuid}),
        "template_mention": _template_mention,
        "custom_emoji": obj({"id": uuid}, {"name": string(), "url": string(most=2000)}),
    }
)
run = tagged(
    {
        "text": obj(
            {"content": string(most=2000)}, {"link": nullable(obj({"url": string(most=2000)}, {"type": one_of("url")}))}
        ),
        "mention": _mention,
        "equation": obj({"expression": string(most=1000)}),
    },
    {
        "annotations": obj(optional={**dict.fromkeys(_STYLES, boolean), "color": color}),
        # Tolerated and without effect, as in hundreds of recorded requests that carry them.
        "plain_text": string(),
        "href": nullable(string()),
    },
)
rich_text: Check = array(run, most=100)

_BARE_HOST = re.compile(r"(https?://[^/?#\s]+)\Z", re.IGNORECASE)
_INTERNAL = re.compile(r"/[0-9a-fA-F]{32}(?:[?#].*)?\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def normal_url(url: str, *, invalid_link: Literal["refuse", "drop"] = "refuse") -> str | None:
    """A link as it is stored: a bare host gains its slash; None for one that is dropped.

    Raises:
        ApiError: It is no URL and such links are refused.
    """
    match = _BARE_HOST.match(url)
    if match:
        return f"{match[1]}/"
    if _INTERNAL.match(url) or url.startswith("#"):
        return url
    if _SCHEME.match(url) and not any(c.isspace() for c in url.strip()):
        try:
            split = urlsplit(url)
        except ValueError:
            split = None
        if split is not None and (split.netloc or split.scheme.lower() not in {"http", "https"}):
            return url
    if invalid_link == "drop":
        return None
    raise invalid("Invalid URL for link.")


def _annotations(given: Json | None) -> Json:
    given = given or {}
    return {**{style: given.get(style, False) for style in _STYLES}, "color": given.get("color", "default")}


def _stored_mention(mention: Json) -> Json:
    kind = mention.get("type") or next(iter(mention))
    value = mention[kind]
    if kind == "date":
        return {"type": "date", "date": normal_date(value)}
    if kind == "user":
        return {"type": "user", "user": {"object": "user", "id": canonical(value["id"])}}
    if kind in {"page", "database"}:
        return {"type": kind, kind: {"id": canonical(value["id"])}}
    if kind == "template_mention":
        return {"type": kind, kind: {"type": next(key for key in value if key != "type"), **value}}
    return {"type": kind, kind: value}


def normal(runs: Runs, settings: Settings) -> Runs:
    """Checked request runs → stored runs; equal neighbours are merged, whatever length that gives."""
    stored: Runs = []
    for given in runs:
        kind = given.get("type")
        if kind not in {"text", "mention", "equation"}:
            kind = next(key for key in ("text", "mention", "equation") if key in given)
        marks = _annotations(given.get("annotations"))
        if kind == "text":
            content = given["text"]["content"]
            if settings.unicode == "composed":
                content = unicodedata.normalize("NFC", content)
            if not content and settings.empty_runs == "drop":
                continue
            link = given["text"].get("link")
            url = normal_url(link["url"], invalid_link=settings.invalid_link) if link and link["url"] else None
            previous = stored[-1] if stored else None
            if previous and previous["type"] == "text" and previous["href"] == url and previous["annotations"] == marks:
                previous["text"]["content"] += content
                previous["plain_text"] += content
                continue
            stored.append(
                {
                    "type": "text",
                    "text": {"content": content, "link": {"url": url} if url else None},
                    "annotations": marks,
                    "plain_text": content,
                    "href": url,
                }
            )
        elif kind == "equation":
            expression = given["equation"]["expression"]
            stored.append(
                {
                    "type": "equation",
                    "equation": {"expression": expression},
                    "annotations": marks,
                    "plain_text": expression,
                    "href": None,
                }
            )
        else:
            stored.append(
                {
                    "type": "mention",
                    "mention": _stored_mention(given["mention"]),
                    "annotations": marks,
                    "plain_text": "",
                    "href": None,
                }
            )
    return stored


def plain(runs: Runs) -> str:
    """The text alone."""
    return "".join(run["plain_text"] for run in runs)


def text_run(content: str) -> Json:
    """One run of plain text in stored form."""
    return {
        "type": "text",
        "text": {"content": content, "link": None},
        "annotations": _annotations(None),
        "plain_text": content,
        "href": None,
    }


class Names:
    """What mentions need to know: users in full, titles of pages and databases, and their addresses."""

    def __init__(
        self,
        user: Callable[[str], Json | None],
        title: Callable[[str], str | None],
        notion_base: str,
        emoji: Callable[[str, Json], Json],
    ) -> None:
        self.user = user
        self.title = title
        self.notion_base = notion_base
        self.emoji = emoji


def completed(value: Any, names: Names) -> Any:
    """A copy of a stored payload in which every mention shows what it stands for now."""
    if isinstance(value, list):
        return [completed(entry, names) for entry in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "mention" and "annotations" in value:
        return _completed_mention(value, names)
    return {key: completed(entry, names) for key, entry in value.items()}


def _completed_mention(run: Json, names: Names) -> Json:
    mention = run["mention"]
    kind = mention["type"]
    value = mention[kind]
    text, href = run["plain_text"], run["href"]
    if kind == "user":
        user = names.user(value["id"])
        text = f"@{user['name']}" if user else "@Anonymous"
        mention = {"type": "user", "user": user or value}
    elif kind in {"page", "database"}:
        title = names.title(value["id"])
        text = title if title is not None else "Untitled"
        href = f"{names.notion_base}/{compact(value['id'])}"
    elif kind == "date":
        text = value["start"] + (f" → {value['end']}" if value["end"] else "")
    elif kind == "template_mention":
        text = "@Today" if "template_mention_date" in value else "@Me"
    elif kind == "custom_emoji":
        emoji = names.emoji(value["id"], value)
        mention, text = {"type": "custom_emoji", "custom_emoji": emoji}, f":{emoji['name']}:"
    return {
        "type": "mention",
        "mention": mention,
        "annotations": run["annotations"],
        "plain_text": text,
        "href": href,
    }
