"""The lines of a region: headings, items, rows, and which question each line is about."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from notionsync.config import TITLE_KEY, Column, Region
from notionsync.readme import anchors, templates
from notionsync.readme.addresses import moved
from notionsync.readme.choosing import Group, choose, group, is_answered, order_of
from notionsync.readme.listing import URL_SAFE, Entry, link
from notionsync.readme.proof import fill, markup, one_line
from notionsync.readme.wording import shown

_RULES = {"none": "--", "left": ":--", "center": ":--:", "right": "--:"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a region.

    Attributes:
        text: The line, without its end.
        entry: The question it says; None for a line that only lays out.
        n: What `{n}` is on it.
        heading: Whether it is a group's heading, which links may lead to.
    """

    text: str
    entry: Entry | None = None
    n: str = ""
    heading: bool = False


def rows(entries: Iterable[Entry], region: Region, *, slugs: Sequence[str] = ()) -> tuple[Row, ...]:
    """Return the lines of a region.

    Args:
        entries: The questions there are.
        region: How to list them.
        slugs: The anchors of the groups' headings in their file; what they would be in a file of their own if not given.

    Raises:
        ContentError: A template leaves no safe place for a text.
    """
    chosen = choose(entries, region)
    groups = group(chosen, region)
    counts = templates.numbers(sum(is_answered(entry, region) for entry in chosen), len(chosen))
    blocks = [_plain(region.header, counts)]
    if region.contents:
        blocks.append(_contents(groups, region, slugs))
    n = region.start
    for found in groups:
        n = region.start if region.restart else n
        blocks += _group(found, region, n)
        n += len(found.entries)
    blocks.append(_plain(region.footer, counts))
    lines = [row for block in blocks if block for row in (*block, Row(""))][:-1]
    # A block of HTML goes on until a blank line: without one it would take in what follows the region.
    return (*lines, Row("")) if lines and lines[-1].text == "</details>" else tuple(lines)


def build(entries: Iterable[Entry], region: Region, *, keys: Iterable[str] = (), slugs: Sequence[str] = ()) -> str:
    r"""Return the lines of a region, each ended by LF.

    Sorted by `sort_by` if the region has it, by `order` (numbers; entries without one last), then by question without
    regard to case, then by page and path.

    >>> build([Entry(path="answers/RNN.md", question="Why tanh?", answered=True)], Region())
    '1. Why tanh? [Answer](answers/RNN.md)\n'

    Args:
        entries: The questions.
        region: Where and how to list them.
        keys: Front matter keys that a template may name although no entry has them.
        slugs: The anchors of the groups' headings in the region's file.

    Raises:
        ConfigError: A template names a key that there is not.
        ContentError: A template leaves no safe place for a question.
    """
    listed = tuple(entries)
    if listed:
        templates.check(region, {*keys, *(key for entry in listed for key in entry.fields)})
    return "".join(row.text + "\n" for row in rows(listed, region, slugs=slugs))


def said(entry: Entry, n: str, region: Region) -> str:
    """Return the line that says a question, by itself."""
    if region.format == "table":
        return _line([_cell(column, entry, n, region) for column in region.columns], [])
    if region.format == "details":
        return _summary(entry, n, region)
    return _item(entry, n, region).text


def _plain(template: str, counts: Mapping[str, str]) -> list[Row]:
    return [Row(line.rstrip()) for line in templates.counting(template, counts).strip("\n").splitlines()]


def _contents(groups: Sequence[Group], region: Region, slugs: Sequence[str]) -> list[Row]:
    titled = [found for found in groups if found.title is not None]
    known = slugs or [head.slug for head in anchors.headings("\n\n".join(_heading(found, region) for found in titled))]
    return [
        # A heading of signs alone has no anchor of its own.
        Row(_titled("- [" if slug else "- ", found, f"](#{slug})" if slug else "", region))
        for found, slug in zip(titled, known, strict=True)
    ]


def _heading(found: Group, region: Region) -> str:
    return _titled(f"{'#' * region.group_level} ", found, "", region)


def _titled(before: str, found: Group, after: str, region: Region) -> str:
    """Return a line with a group's title between what stands around it."""
    counts = templates.numbers(found.answered, found.total)
    template = f"{before}{_title(found, region)}{after}"
    return fill(template, counts, {"group": found.title or ""}, item=f"group {found.title}")


def _title(found: Group, region: Region) -> str:
    return _literal(region.open_title) if found.late else region.group


def _group(found: Group, region: Region, start: int) -> list[list[Row]]:
    """Return the blocks of a group: its heading and its list, or the list between tags that fold it."""
    listed = _listed(found.entries, region, start)
    if found.title is None:
        return listed
    if not region.collapsible:
        return [[Row(_heading(found, region), heading=True)], *listed]
    values = {**templates.numbers(found.answered, found.total), "group": markup(found.title)}
    opening = templates.put(_title(found, region), lambda key: values[key])
    return [[Row("<details>"), Row(f"<summary>{opening}</summary>")], *listed, [Row("</details>")]]


def _listed(entries: Sequence[Entry], region: Region, start: int) -> list[list[Row]]:
    numbered = [(entry, _number(entry, region, at)) for at, entry in enumerate(entries, start)]
    if region.format == "table":
        return [_table(numbered, region)]
    if region.format == "details":
        return [block for entry, n in numbered for block in _details(entry, n, region)]
    return [[_item(entry, n, region) for entry, n in numbered]]


def _number(entry: Entry, region: Region, counted: int) -> str:
    number: float = 1 if region.numbering == "ones" else counted
    if region.numbering == "property":
        order = order_of(entry)
        number = counted if order is None else order
    return f"{number:0{region.digits}}"


def _item(entry: Entry, n: str, region: Region) -> Row:
    return Row(_filled(_template(entry, region), entry, n, region).rstrip(" \t"), entry, n)


def _template(entry: Entry, region: Region) -> str:
    return region.item if is_answered(entry, region) else region.open_item + _suffix(region)


def _suffix(region: Region) -> str:
    return f" {_literal(region.open_suffix)}" if region.open_suffix else ""


def _details(entry: Entry, n: str, region: Region) -> Iterator[list[Row]]:
    yield [Row("<details>"), Row(_summary(entry, n, region), entry, n)]
    inside = _filled(region.item if is_answered(entry, region) else region.open_item, entry, n, region).strip()
    if inside:
        yield [Row(inside)]
    yield [Row("</details>")]


def _summary(entry: Entry, n: str, region: Region) -> str:
    template = region.summary + ("" if is_answered(entry, region) else _suffix(region))
    fixed, texts = _values(template, entry, n, region)
    said = templates.put(template, lambda key: fixed[key] if key in fixed else markup(texts[key]))
    return f"<summary>{said}</summary>"


def _filled(template: str, entry: Entry, n: str, region: Region, *, cell: bool = False) -> str:
    fixed, texts = _values(template, entry, n, region)
    return fill(template, fixed, texts, item=entry.path, cell=cell)


def _values(template: str, entry: Entry, n: str, region: Region) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values that are safe by themselves, and the texts of unknown origin."""
    fixed = {
        "n": n,
        "url": link(entry.path, region),
        "path": quote(entry.path, safe=URL_SAFE),
        "slug": quote(entry.path.rpartition("/")[2].removesuffix(".md"), safe=URL_SAFE),
        "answered": "✓" if is_answered(entry, region) else "",
    }
    if "{anchor}" in template:
        fixed["anchor"] = quote(anchors.slug(one_line(entry.question)), safe=URL_SAFE)
    named = templates.names(template) - set(fixed)
    texts = {key: shown(entry.fields.get(key), region) for key in named}
    texts[TITLE_KEY] = one_line(entry.question) or entry.path
    return fixed, {key: moved(text, entry.path, region.file) for key, text in texts.items()}


def _literal(words: str) -> str:
    """Return a template that says just these words."""
    return words.replace("{", "{{").replace("}", "}}")


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(numbered: Sequence[tuple[Entry, str]], region: Region) -> list[Row]:
    heads = [fill(_literal(column.title), {}, {}, item="column", cell=True) for column in region.columns]
    body = [[_cell(column, entry, n, region) for column in region.columns] for entry, n in numbered]
    widths = [max(4, *map(_width, cells)) for cells in zip(heads, *body, strict=True)] if region.pad else []
    rules = [_RULES[column.align] for column in region.columns]
    head, *lines = (_line(cells, widths) for cells in (heads, *body))
    return [
        Row(head),
        Row(_rule(rules, widths)),
        *(Row(line, e, n) for line, (e, n) in zip(lines, numbered, strict=True)),
    ]


def _cell(column: Column, entry: Entry, n: str, region: Region) -> str:
    template = column.value
    if not is_answered(entry, region):
        if column.open_value is not None:
            template = column.open_value
        elif "url" in templates.names(template):
            template = ""
    fixed, texts = _values(template, entry, n, region)
    said = {key: (fixed | texts)[key] for key in templates.names(template)}
    if not template.strip() or (said and not any(value.strip() for value in said.values())):
        return region.empty
    return fill(template, fixed, texts, item=entry.path, cell=True).strip() or region.empty


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    if not widths:
        return f"|{'|'.join(cells)}|"
    return f"| {' | '.join(cell + ' ' * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))} |"


def _rule(rules: Sequence[str], widths: Sequence[int]) -> str:
    """Return the line under the head; its hyphens fill the column where columns have a width."""
    if not widths:
        return f"|{'|'.join(rules)}|"
    filled = (rule.replace("--", "-" * (width - len(rule) + 2), 1) for rule, width in zip(rules, widths, strict=True))
    return f"| {' | '.join(filled)} |"


def _width(cell: str) -> int:
    """Return how wide a text is where every letter has one place, and those of East Asia two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in cell
    )
