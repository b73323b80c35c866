"""How an author writes, and canonical text rewritten that way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise

from notionsync.convert.dialect import Dialect
from notionsync.convert.render import Style, render_block
from notionsync.model import Block, Document, Links, Node, Run

LISTED = frozenset({"bulleted_list_item", "numbered_list_item", "to_do"})

_MARKER = re.compile(r"(?P<lead>[ \t>]*)(?P<marker>[-+*]|(?P<number>\d{1,9})(?P<end>[.)]))(?P<gap>[ \t]+|(?=[\r\n]|$))")
_STARRED = re.compile(r"(?<![\w*\\])\*(?![\s*])[^*\n]*[^\s*\\]\*(?![\w*])")
_UNDERSCORED = re.compile(r"(?<![\w_\\])_(?![\s_])[^_\n]*[^\s_\\]_(?![\w_])")
_BREAK_TAG = re.compile(r"^[ \t>]*(</?br\s*/?>)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_CELL_END = re.compile(r"(?<!\\) \| ")
ENOUGH = 50
"""Neighbours to learn from."""
_WIDEST_GAP = 4
"""More blanks behind a marker than this begin an indented code block (CommonMark 0.31.2, "List items")."""


class Styles:
    """The habits of one document.

    Attributes:
        usual: Lines between two items of a list.
    """

    def __init__(self, document: Document, lines: Sequence[str], links: Links, dialect: Dialect) -> None:
        self.lines = lines
        self.links = links
        self.dialect = dialect
        gaps: Counter[int] = Counter()
        markers: Counter[str] = Counter()
        ends: Counter[str] = Counter()
        fences: Counter[str] = Counter()
        for siblings in _families(document.nodes):
            for one, other in pairwise(siblings):
                if one.block.type in LISTED and one.block.type == other.block.type:
                    gaps[other.span.start - one.span.stop] += 1
            for node in siblings:
                first = lines[node.span.start].lstrip(" \t>") if node.span.start < len(lines) else ""
                found = self.marker(node)
                if found and found["end"]:
                    ends[found["end"]] += 1
                elif found and node.block.type in LISTED:
                    markers[found["marker"]] += 1
                elif node.block.type == "code":
                    fences[first[:1]] += 1
        self.usual = gaps.most_common(1)[0][0] if gaps else 0
        text = "".join(lines)
        break_tag = _BREAK_TAG.search(text)
        self.style = Style(
            bullet=markers.most_common(1)[0][0] if markers else "-",
            delimiter=ends.most_common(1)[0][0] if ends else ".",
            emphasis="_" if _UNDERSCORED.search(text) and not _STARRED.search(text) else "*",
            fence="~" if fences["~"] and not fences["`"] else "`",
            break_tag=break_tag[1] if break_tag else "<br>",
        )

    def canonical(self, block: Block, *, top: bool, careful: bool = False) -> str:
        """Return a block as we write it, without a line end behind it.

        Raises:
            ContentError: It is nested too deeply.
        """
        return self._written(block, Style(careful=careful), 1, top=top)

    def row(self, block: Block, *, careful: bool = False) -> str:
        """Return a row of a table as we write it."""
        width = len(block.cells)
        head = Block(type="table_row", cells=((Run(text="x"),),) * width)
        attrs = {"table_width": width, "has_column_header": True}
        table = Block(type="table", attrs=attrs, children=(head, block))
        return self._written(table, Style(careful=careful), 1, top=True).rpartition("\n")[2]

    def _written(self, block: Block, style: Style, number: int, *, top: bool) -> str:
        lines = render_block(block, style, links=self.links, dialect=self.dialect, number=number, top=top)
        return "\n".join(lines)

    # --- new blocks

    def fresh(
        self, block: Block, siblings: Sequence[Node], number: int, prefix: str, *, top: bool, careful: bool
    ) -> str:
        """Return a new block in the author's style.

        Args:
            block: What to write.
            siblings: The author's blocks beside it.
            number: How many items of its list come before it.
            prefix: What a line there begins with.
            top: Whether no list and no quote holds it.
            careful: Escape whatever the file around might give a meaning.
        """
        same = (found for node in siblings if node.block.type == block.type and (found := self.marker(node)))
        alike = list(islice(same, ENOUGH))
        style, ordinal = self.style, number + 1
        if alike and alike[0]["number"]:
            style, ordinal = replace(style, delimiter=alike[0]["end"]), _number(alike, number)
        elif alike:
            style = replace(style, bullet=alike[0]["marker"])
        text = self._written(block, replace(style, careful=careful), ordinal, top=top)
        if alike:
            return _set_in(text, alike[0])
        return "\n".join(prefix + line if line else prefix.rstrip(" \t") for line in text.split("\n"))

    def marked(self, text: str, source: str, prefix: str) -> str:
        """Return canonical lines of a list item with the marker that it had; lines of anything else as they are."""
        had, has = _MARKER.match(source), _MARKER.match(text, len(prefix))
        if not had or not has or bool(had["number"]) != bool(has["number"]):
            return text
        marker = had["marker"]
        first, *rest = text.split("\n")
        shift = len(marker) - len(has["marker"])
        inner = [line[: len(prefix)] + " " * shift + line[len(prefix) :] if line.strip("> ") else line for line in rest]
        return "\n".join([prefix + marker + first[has.end("marker") :], *(inner if shift > 0 else rest)])

    def fresh_row(self, block: Block, siblings: Sequence[Node], prefix: str, *, careful: bool) -> str:
        """Return a new row with the pipes and the padding of those beside it."""
        text = self.row(block, careful=careful)
        rows = [self.lines[node.span.start].strip() for node in siblings if node.span.start < len(self.lines)]
        cells = _CELL_END.split(text[2:-2])
        pad = " " if not rows or any(" |" in row or "| " in row for row in rows) else ""
        line = f"{pad}|{pad}".join(cells)
        bare = rows and not any(row.startswith("|") for row in rows)
        return prefix + (line if bare else f"|{pad}{line}{pad}|")

    def marker(self, node: Node) -> re.Match[str] | None:
        """Return the marker of a list item as its author wrote it."""
        if node.block.type not in LISTED or node.span.start >= len(self.lines):
            return None
        return _MARKER.match(self.lines[node.span.start])

    def renumbered(self, lines: list[str], former: Node, first: Node) -> list[str]:
        """Return the lines of an item that has become the first of its list, with the number that list began with."""
        old, new = self.marker(former), self.marker(first)
        if not old or not new or not old["number"] or not new["number"] or int(old["number"]) >= int(new["number"]):
            return lines
        head = lines[0][: new.start("number")]
        return [head + old["number"] + lines[0][new.end("number") :], *lines[1:]]


def _set_in(text: str, beside: re.Match[str]) -> str:
    """Return a list item set in as far as the one beside it, with as many blanks behind its marker."""
    lead, gap = beside["lead"], beside["gap"]
    first, *rest = text.split("\n")
    found = _MARKER.match(first)
    if found is None or not found["gap"]:
        return "\n".join(lead + line if line else lead.rstrip(" \t") for line in (first, *rest))
    gap = gap if 0 < len(gap) <= _WIDEST_GAP and "\t" not in gap else found["gap"]
    inner = lead + " " * (len(gap) - len(found["gap"]))
    lines = [lead + found["marker"] + gap + first[found.end() :]]
    lines += [inner + line if line.strip() else lead.rstrip(" \t") for line in rest]
    return "\n".join(lines)


def _number(alike: Sequence[re.Match[str]], number: int) -> int:
    """Return the number of a new item: all the same, if the author's are, else counted."""
    numbers = [int(found["number"] or 0) for found in alike]
    steady = len(numbers) > 1 and len(set(numbers)) == 1
    return numbers[0] if steady else numbers[0] + number


def _families(nodes: Sequence[Node]) -> Iterator[Sequence[Node]]:
    """Yield every sequence of siblings."""
    stack = [nodes]
    while stack:
        siblings = stack.pop()
        yield siblings
        stack.extend(node.children for node in siblings if node.children)
