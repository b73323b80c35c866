"""Markdown as comments take it: inline formatting and nothing else.

Source: https://developers.notion.com/reference/create-a-comment (fenced code, headings, lists and quotes stay text).
"""

from __future__ import annotations

from typing import Any, Final

from markdown_it import MarkdownIt

Json = dict[str, Any]

_STYLES: Final = {"strong": "bold", "em": "italic", "s": "strikethrough"}
_PARSER: Final = MarkdownIt("commonmark").enable("strikethrough")


def runs(text: str) -> list[Json]:
    """Inline Markdown → runs as a request would hold them."""
    made: list[Json] = []
    marks: dict[str, bool] = {}
    link: Json | None = None
    for token in _PARSER.parseInline(text)[0].children or ():
        kind, _, edge = token.type.rpartition("_")
        if kind in _STYLES:
            marks = {**marks, _STYLES[kind]: edge == "open"}
        elif kind == "link":
            link = {"url": token.attrs["href"]} if edge == "open" else None
        else:
            content = "\n" if token.type in {"softbreak", "hardbreak"} else token.content
            style = {**marks, "code": True} if token.type == "code_inline" else marks
            made.append({"type": "text", "text": {"content": content, "link": link}, "annotations": style})
    return made
