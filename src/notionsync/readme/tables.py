"""The tables of a Markdown file whose rows link into a folder, and what their columns hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt

from notionsync.config import ID_KEY, ORDER_KEY, TITLE_KEY, Column
from notionsync.readme.lists import FoundList, Link, ListItem, target
from notionsync.readme.style import Style

_MD: Final = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
_BAR: Final = re.compile(r"(?<!\\)\|")
_LINK: Final = re.compile(r"\[((?:\\.|[^\[\]\\])*)\]\(<?([^\s<>()]*)>?\)")
_MARKS: Final = frozenset({"", "✖", "✗", "✘", "❌", "×", "-", "–", "—", "N/A", "n/a", "TBD"})
"""What people write where nothing is."""
_ALIGNED: Final = {(True, True): "center", (True, False): "left", (False, True): "right", (False, False): "none"}


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table whose rows are questions.

    Attributes:
        found: Its rows, as the items of a list.
        style: How a row says its question and its link.
        columns: What its columns hold, as templates.
        fields: For each row, what the columns without a meaning of their own hold: key → text.
        start: The first number.
        digits: How many digits numbers have.
        empty: What an empty cell holds.
        pad: Whether blanks stand around what is in the cells.
        slips: Lines whose number is not the next one.
    """

    found: FoundList
    style: Style
    columns: tuple[Column, ...]
    fields: tuple[dict[str, str], ...]
    start: int
    digits: int
    empty: str
    pad: bool
    slips: tuple[tuple[int, str], ...]


def find_table(lines: Sequence[str], folder: str) -> FoundTable | None:
    """Return the table with the most links into a folder; None if there is none that begins at the start of a line."""
    tables = [_read(lines, start, stop, folder) for start, stop in _tables(lines)]
    known = [table for table in tables if table is not None]
    return max(known, key=lambda table: sum(bool(item.links) for item in table.found.items), default=None)


def _tables(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    for token in _MD.parse("".join(lines)):
        if token.type == "table_open" and token.level == 0 and token.map is not None:
            start, stop = token.map
            if all(line.startswith("|") and line.rstrip().endswith("|") for line in lines[start:stop]):
                yield start, stop


def _read(lines: Sequence[str], start: int, stop: int, folder: str) -> FoundTable | None:
    head, rule, *rows = (_BAR.split(line.strip()[1:-1]) for line in lines[start:stop])
    if any(len(row) != len(head) for row in rows) or not rows:
        return None
    pad = any(cell != cell.strip() for row in rows for cell in row)
    rows = [[cell.strip() for cell in row] for row in rows]
    links = [_linked(row, folder) for row in rows]
    known = [link for link in links if link is not None]
    if not known:
        return None
    linking = Counter(at for at, _, _ in known).most_common(1)[0][0]
    label, count = Counter(label for at, label, _ in known if at == linking).most_common(1)[0]
    numbers = _numbers(rows, linking)
    asking = linking if count * 2 <= len(known) and len(known) > 1 else _asking(rows, {linking, numbers})
    if asking is None:
        asking = linking
    aligns = [_ALIGNED[cell.strip().startswith(":"), cell.strip().endswith(":")] for cell in rule]
    keys = _keys([cell.strip() for cell in head], {linking, numbers, asking})
    empty = Counter(row[at] for row in rows for at in (*keys, linking) if row[at] in _MARKS and at != asking)
    mark = empty.most_common(1)[0][0] if empty else ""
    values: dict[int, str] = {at: f"{{{key}}}" for at, key in keys.items()}
    values[linking] = f"[{_literal(label)}]({{url}})"
    if numbers is not None:
        values[numbers] = "{n}"
    values[asking] = "[{question}]({url})" if asking == linking else "{question}"
    columns = tuple(
        Column(
            title=title.strip(),
            value=values[at],
            open_value=None if at != linking else "{question}" if asking == linking else "",
            align=aligns[at],  # type: ignore[arg-type] # one of the four
        )
        for at, title in enumerate(head)
    )
    items = tuple(
        _item(start + 2 + at, row[asking], link if link and link[0] == linking else None, asking == linking)
        for at, (row, link) in enumerate(zip(rows, links, strict=True))
    )
    first = [row[numbers] for row in rows] if numbers is not None else ["1"]
    return FoundTable(
        FoundList(start, stop, False, items, False),
        Style("", label=None if asking == linking else label, before="" if asking == linking else " "),
        columns,
        tuple({key: row[at].replace(r"\|", "|") for at, key in keys.items() if row[at] != mark} for row in rows),
        int(first[0]),
        len(first[0]) if first[0].startswith("0") else 1,
        mark,
        pad,
        tuple(_misnumbered(first, start + 2)) if numbers is not None else (),
    )


def _linked(row: Sequence[str], folder: str) -> tuple[int, str, str] | None:
    """Return the cell that is a link into the folder, with its text and address."""
    for at, cell in enumerate(row):
        match = _LINK.fullmatch(cell)
        if match and target(match[2], folder):
            return at, match[1], match[2]
    return None


def _numbers(rows: Sequence[Sequence[str]], linking: int) -> int | None:
    """Return the column whose cells count, all but a slip or two."""
    for at in range(len(rows[0])):
        cells = [row[at] for row in rows]
        if at == linking or not all(cell.isascii() and cell.isdigit() for cell in cells):
            continue
        right = sum(int(cell) == int(cells[0]) + n for n, cell in enumerate(cells))
        if right * 2 > len(cells) and int(cells[0]) in {0, 1}:
            return at
    return None


def _asking(rows: Sequence[Sequence[str]], taken: set[int | None]) -> int | None:
    """Return the column of the questions: the one with the most text, where every row has some."""
    columns = [at for at in range(len(rows[0])) if at not in taken and all(row[at] not in _MARKS for row in rows)]
    return max(columns, key=lambda at: sum(len(row[at]) for row in rows), default=None)


def _keys(heads: Sequence[str], taken: set[int | None]) -> dict[int, str]:
    """Return front matter keys for the columns that have no meaning of their own."""
    used = {ID_KEY, TITLE_KEY, ORDER_KEY, "n", "url", "path", "slug", "anchor", "answered"}
    keys: dict[int, str] = {}
    for at, head in enumerate(heads):
        if at in taken:
            continue
        key = re.sub(r"\W+", "_", head.casefold()).strip("_")
        key = key if key and not key[0].isdigit() else f"column_{at + 1}"
        while key in used:
            key += "_"
        used.add(key)
        keys[at] = key
    return keys


def _item(line: int, cell: str, link: tuple[int, str, str] | None, inside: bool) -> ListItem:
    """Return a row as the item of a list that says its question, and its link behind it or around it."""
    cell = cell.replace(r"\|", "|")
    if link is None:
        return ListItem(line, "", "", cell, (), None)
    _, label, url = link
    source = f"[{label}]({url})"
    begin = 0 if inside else len(cell) + 1
    text = source if inside else f"{cell} {source}"
    return ListItem(line, "", "", text, (Link(begin, begin + len(source), label, url),), None)


def _misnumbered(numbers: Sequence[str], first: int) -> Iterator[tuple[int, str]]:
    for at, number in enumerate(numbers):
        wanted = int(numbers[0]) + at
        if int(number) != wanted:
            yield first + at, f"numbered {number} where {wanted} was to be expected"


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
