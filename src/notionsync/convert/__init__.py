"""Markdown, front matter and Notion's JSON into and out of the model; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from notionsync.convert.blocks import digest, from_api, to_api, to_json, update_payload
from notionsync.convert.dialect import Dialect
from notionsync.convert.inline import parse_inline
from notionsync.convert.links import RESERVED
from notionsync.convert.parse import parse
from notionsync.convert.render import Style, gap, render, render_block, render_inline, render_with_notices
from notionsync.convert.richtext import rich_text_from_api, rich_text_to_api
from notionsync.model import Links

__all__ = [
    "RESERVED",
    "Dialect",
    "Style",
    "blocks_to_markdown",
    "digest",
    "from_api",
    "gap",
    "markdown_to_blocks",
    "parse",
    "parse_inline",
    "render",
    "render_block",
    "render_inline",
    "render_with_notices",
    "rich_text_from_api",
    "rich_text_to_api",
    "to_api",
    "update_payload",
]


def markdown_to_blocks(text: str, *, links: Links | None = None) -> list[dict[str, Any]]:
    """Return a Markdown body as blocks in the API's own JSON, children nested in their payloads.

    Args:
        text: The body, without front matter.
        links: Makes addresses absolute. Without it, relative ones travel under `https://notionsync.invalid/`, from where
            `blocks_to_markdown` brings them back as they were.

    Raises:
        ContentError: The text is nested too deeply.
    """
    return [to_json(block) for block in parse(text, links=links or RESERVED).body]


def blocks_to_markdown(blocks: Sequence[Mapping[str, Any]], *, links: Links | None = None) -> str:
    """Return blocks in the API's JSON, as requests or as responses have it, as Markdown that GitHub shows.

    Args:
        blocks: The blocks; children in their payloads or beside them.
        links: Undoes what the resolver of `markdown_to_blocks` did.

    Raises:
        ContentError: The blocks are nested too deeply.
    """
    return render(from_api(blocks), links=links or RESERVED)
