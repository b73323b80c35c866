"""How an author writes: what a new or changed block copies from its neighbours."""

from __future__ import annotations

from dataclasses import dataclass

from notionsync.model import Block

LIST_ITEMS = frozenset({"bulleted_list_item", "numbered_list_item", "to_do"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Spellings that say the same.

    Attributes:
        bullet: `-`, `*` or `+`.
        delimiter: `.` or `)` behind the number of an ordered list's item.
        indent: Columns by which what is inside a list item is set in; 0 takes the width of the marker. What is too
            narrow for the marker is widened.
        emphasis: `*` or `_` for italics.
        fence: The character that code is fenced with: a backtick or `~`.
        break_tag: What an empty paragraph looks like.
        hard_break: What stands at the end of a line that is broken by hand: a backslash, two blanks or `<br>`.
        rule: What a divider looks like.
        careful: Escape whatever might be taken for Markdown, because the file around defines things, such as `[1]: …`.
    """

    bullet: str = "-"
    delimiter: str = "."
    indent: int = 0
    emphasis: str = "*"
    fence: str = "`"
    break_tag: str = "<br>"
    hard_break: str = "\\"
    rule: str = "---"
    careful: bool = False


def gap(before: Block | None, after: Block) -> list[str]:
    """Return the lines that stand between two rendered siblings: none, or one that is empty.

    Args:
        before: The sibling above; None for the own text of a list item or quote.
        after: The block below.
    """
    if before is None:
        return [] if after.type in LIST_ITEMS and _compact(after) else [""]
    if after.type in LIST_ITEMS and _family(before) == _family(after) and _compact(before):
        return []
    return [""]


def _family(block: Block) -> str:
    return "bullet" if block.type in ("bulleted_list_item", "to_do") else block.type


def _compact(block: Block) -> bool:
    """Tell whether a list item holds nothing but a line and more such items."""
    return block.type in LIST_ITEMS and all(_compact(child) for child in block.children)
