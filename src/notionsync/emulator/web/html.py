"""Rich text as HTML; everything that came from elsewhere is escaped."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup, escape

Json = dict[str, Any]

_TAGS: Final = (("bold", "b"), ("italic", "i"), ("strikethrough", "s"), ("underline", "u"), ("code", "code"))
_SAFE_SCHEMES: Final = frozenset({"http", "https", "mailto"})


def safe_link(url: str | None) -> str | None:
    """A link that a page may carry; None for `javascript:` and the like."""
    if not url:
        return None
    try:
        return url if urlsplit(url).scheme.lower() in _SAFE_SCHEMES else None
    except ValueError:
        return None


def rich_text(runs: list[Json]) -> Markup:
    """Runs as inline HTML."""
    return Markup("").join(_run(run) for run in runs)


def _run(run: Json) -> Markup:
    lines = [escape(line) for line in run["plain_text"].split("\n")]
    shown = Markup("<br>").join(lines)
    if run["type"] == "equation":
        shown = Markup('<span class="math">{}</span>').format(shown)
    elif run["type"] == "mention":
        shown = Markup('<span class="mention">{}</span>').format(shown)
    for name, tag in _TAGS:
        if run["annotations"][name]:
            shown = Markup("<{0}>{1}</{0}>").format(Markup(tag), shown)  # noqa: S704  (one of five literals)
    color = run["annotations"]["color"]
    if color != "default":
        shown = Markup('<span class="c-{}">{}</span>').format(color, shown)
    link = safe_link(run["href"])
    if link is not None:
        shown = Markup('<a href="{}" rel="noreferrer noopener">{}</a>').format(link, shown)
    return shown
