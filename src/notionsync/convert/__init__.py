"""Markdown, front matter and Notion's JSON into and out of the model; pure."""

from __future__ import annotations

from notionsync.convert.blocks import digest, from_api, to_api, update_payload
from notionsync.convert.dialect import Dialect
from notionsync.convert.inline import parse_inline
from notionsync.convert.links import RESERVED
from notionsync.convert.parse import parse
from notionsync.convert.richtext import rich_text_from_api, rich_text_to_api

__all__ = [
    "RESERVED",
    "Dialect",
    "digest",
    "from_api",
    "parse",
    "parse_inline",
    "rich_text_from_api",
    "rich_text_to_api",
    "to_api",
    "update_payload",
]
