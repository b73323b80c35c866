"""What Notion's API can create, change and nest.

Facts: developers.notion.com/reference/block, /reference/patch-block-children, /reference/update-a-block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from notionsync.convert.richtext import plain
from notionsync.errors import ContentError
from notionsync.model import Block, Body, walk

HEADINGS = frozenset({"heading_1", "heading_2", "heading_3", "heading_4"})
_NESTING = frozenset(
    {
        "paragraph",
        "bulleted_list_item",
        "numbered_list_item",
        "to_do",
        "toggle",
        "quote",
        "callout",
        "column",
        "synced_block",
    }
)
"""Types that take children of any kind."""
_SOLE_CHILD = {"table": "table_row", "column_list": "column", "tab": "paragraph"}
"""Types whose children are all of one type."""
_FLAT = frozenset(
    {
        "audio",
        "bookmark",
        "breadcrumb",
        "code",
        "divider",
        "embed",
        "equation",
        "file",
        "image",
        "link_to_page",
        "pdf",
        "table_of_contents",
        "table_row",
        "video",
    }
)
"""Types that can be created and never have children."""
_ONLY_BELOW = {"table_row": "table", "column": "column_list"}
"""Types that stand below one type only."""
CREATABLE = HEADINGS | _NESTING | _SOLE_CHILD.keys() | _FLAT

_FIXED_AT_CREATION = {"table": ("table_width",), "synced_block": ("synced_from",)}
"""Attributes that no request changes."""
_READ_ONLY = {"numbered_list_item": ("list_start_index", "list_format")}
"""Attributes that only responses have; a difference in them cannot be sent, and is none."""


def is_pinned(block: Block) -> bool:
    """Tell whether a block cannot be created through the API, so that deleting it would be for good.

    That holds for pages, databases, link previews, meeting notes, retired templates and every type we do not know.
    A copy of a synced block counts as pinned as well: what is below it lives elsewhere.
    """
    return block.type not in CREATABLE or is_synced_copy(block)


def is_synced_copy(block: Block) -> bool:
    """Tell whether what is below a block belongs to another block, and is only shown here."""
    return block.type == "synced_block" and bool(block.attrs.get("synced_from"))


def pinned_in(block: Block) -> Block | None:
    """Return the first block of a tree whose deletion would be for good, or None.

    That is a pinned block, or the original of a synced block, without which its copies on other pages are empty.
    """
    return next((inner for inner in walk((block,)) if is_pinned(inner) or _is_original(inner)), None)


def _is_original(block: Block) -> bool:
    return block.type == "synced_block" and block.id is not None and not is_synced_copy(block)


def can_become(before: Block, after: Block) -> bool:
    """Tell whether updates, appends and deletes below it can turn a block into another one.

    They cannot change a type, a table's width or the source of a synced block, nor make a heading with children
    one that does not fold.
    """
    if before.type != after.type:
        return False
    if before.type in HEADINGS and before.children and not after.attrs.get("is_toggleable"):
        return not before.attrs.get("is_toggleable")
    fixed = _FIXED_AT_CREATION.get(before.type, ())
    return all(before.attrs.get(key) == after.attrs.get(key) for key in fixed)


def has_update(before: Block, after: Block) -> bool:
    """Tell whether a request can and must change what a block says by itself.

    An icon cannot be taken away, so its absence asks for nothing.
    """
    return not _sendable(before, after).same_own(_sendable(after, after))


def _sendable(block: Block, after: Block) -> Block:
    ignored = {*_READ_ONLY.get(block.type, ()), *(() if "icon" in after.attrs else ("icon",))}
    return replace(block, children=(), attrs={key: v for key, v in block.attrs.items() if key not in ignored})


def check_top(body: Body) -> None:
    """Check that a page can hold blocks, those below them left aside.

    Raises:
        ContentError: A table row or a column by itself.
    """
    for block in body:
        if block.type in _ONLY_BELOW:
            raise ContentError(f"{describe(block)} can only stand below a {_ONLY_BELOW[block.type]} block")


def check_children(block: Block) -> None:
    """Check that Notion takes the children of a block, those below them left aside.

    Raises:
        ContentError: Children where none can be, of the wrong type, or too few of them.
    """
    types = {child.type for child in block.children}
    sole = _SOLE_CHILD.get(block.type)
    folds = block.type in HEADINGS and bool(block.attrs.get("is_toggleable"))
    if types and not (block.type in _NESTING or folds or types == {sole}):
        raise ContentError(f"{describe(block)} cannot hold {_list(types - {sole})}", advice="move it out of the block")
    if stray := {child for child, home in _ONLY_BELOW.items() if child in types and block.type != home}:
        raise ContentError(f"{describe(block)} cannot hold {_list(stray)}")
    if block.type == "column_list" and len(block.children) < 2:
        raise ContentError(f"{describe(block)} needs two columns or more")
    if block.type == "table":
        _check_table(block)


def _check_table(table: Block) -> None:
    if not table.children:
        raise ContentError(f"{describe(table)} needs a row")
    width = table.attrs.get("table_width")
    for row in table.children:
        if len(row.cells) != width:
            raise ContentError(f"{describe(row)} has {len(row.cells)} cells; its table is {width} wide")


def check_new(block: Block) -> None:
    """Check that the API can create a block with everything below it.

    Raises:
        ContentError: Some block cannot be created, or not where it is.
    """
    for inner in walk((block,)):
        if is_pinned(inner):
            raise ContentError(
                f"{describe(inner)} cannot be created or moved through Notion's API",
                advice="put it back where it was, or move it in Notion",
            )
        check_children(inner)


def describe(block: Block) -> str:
    """Return how a message names a block: its type and the beginning of what it says."""
    said = " | ".join(plain(text) for text in (block.text, block.caption, *block.cells) if text)
    said = said or str(block.attrs.get("title") or block.attrs.get("url") or "")
    return f"the {block.type} block {said[:40]!r}" if said else f"the {block.type} block"


def _list(types: Iterable[str]) -> str:
    return ", ".join(f"a {type_} block" for type_ in sorted(types))
