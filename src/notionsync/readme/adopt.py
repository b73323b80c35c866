"""Adoption: a question list that was kept by hand becomes front matter and a marked region, and nothing gets lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from notionsync.config import ORDER_KEY, TITLE_KEY, Region
from notionsync.convert import frontmatter
from notionsync.errors import FileError
from notionsync.readme import layout, listing, markers, style
from notionsync.readme.binding import Item, Reader, Slip
from notionsync.readme.lists import FoundList, find_lists
from notionsync.readme.tables import FoundTable, find_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What adopting a list found and would write.

    Attributes:
        region: How the list is written, for `notionsync.toml`.
        items: The questions in order.
        slips: What was wrong, by line.
        readme: The new bytes of the file that holds the list.
        files: Path → new bytes of the answers that change or are made.
    """

    region: Region
    items: tuple[Item, ...]
    slips: tuple[Slip, ...]
    readme: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many questions have an answer."""
        return sum(item.answered for item in self.items)


def adopt(
    data: bytes,
    files: Mapping[str, bytes],
    *,
    readme: str = "README.md",
    folder: str = "answers",
    name: str = "questions",
    region: Region | None = None,
) -> Adoption:
    """Turn the list whose items link into a folder into a region; where there is no list, the table whose rows do.

    Args:
        data: The bytes of the file that holds the list.
        files: Path → bytes of the answers there are.
        readme: That file's path, relative to the repository.
        folder: The answers' folder.
        name: The name of the new region.
        region: How to write the list; read off the list itself if not given.

    Raises:
        FileError: There is no such list; an item holds more than one paragraph; an answer's front matter is broken.
        MarkerError: The file is not UTF-8, or its markers are wrong.
    """
    _, lines = markers.decode(readme, data)
    if not _lists(lines, folder) and (table := find_table(lines, folder)):
        return _adopt_table(
            data, files, table, readme=readme, folder=folder, region=region or Region(name=name, file=readme)
        )
    found, others = _choose(readme, lines, folder)
    indent = _indent(readme, found, lines)
    written = style.infer(found, lines, folder)
    reader = Reader(readme, folder, files, written)
    reader.free(found.items)
    for at, item in enumerate(found.items):
        if item.text:
            reader.read(at, item, found)
        else:
            reader.slip("empty-item", item.line, "an item without text was left out")
    for other in others:
        reader.slip("other-list", other.start, "another list links into the folder too; only the longest was adopted")
    region = region or _region(Region(name=name, file=readme), found, written, reader.prefix(), folder)
    changed = reader.front_matter()
    reader.unlisted()
    text = layout.build(listing.read({**files, **changed}), region)
    reader.rewritten(found, lines, text)
    result = _marked(readme, data, found, region.name, text, indent=indent)
    return Adoption(region=region, items=tuple(reader.items), slips=reader.sorted(), readme=result, files=changed)


def _adopt_table(
    data: bytes, files: Mapping[str, bytes], table: FoundTable, *, readme: str, folder: str, region: Region
) -> Adoption:
    """Turn a table into a region; a column without a meaning of its own becomes a key of the front matter."""
    _, lines = markers.decode(readme, data)
    reader = Reader(readme, folder, files, table.style)
    reader.free(table.found.items)
    for line, message in table.slips:
        reader.slip("numbering", line, message)
    fields: dict[str, Mapping[str, str]] = {}
    for at, item in enumerate(table.found.items):
        reader.read(at, item, table.found)
        fields[reader.items[-1].path] = table.fields[at]
    if region.format != "table":
        region = replace(
            region,
            format="table",
            item="",
            open_item="",
            columns=table.columns,
            start=table.start,
            digits=table.digits,
            empty=table.empty,
            pad=table.pad,
            url_prefix=_prefix(reader.prefix(), region, folder),
        )
    changed = dict(reader.front_matter())
    for path, values in fields.items():
        parts = frontmatter.split(changed.get(path, files.get(path, b"")))
        kept = parts.values()
        for key, value in values.items():
            if kept.get(key, value) != value:
                reader.slip(
                    "kept-question",
                    next(item.line for item in reader.items if item.path == path) - 1,
                    f"{path} says {key}: {kept[key]}, which was kept",
                )
        new = {key: value for key, value in values.items() if key not in kept}
        order = (TITLE_KEY, ORDER_KEY, *(key for key in values))
        changed[path] = frontmatter.join(frontmatter.with_values(parts, new, order=order))
    reader.unlisted()
    text = layout.build(listing.read({**files, **changed}), region)
    if not region.pad:
        reader.rewritten(table.found, lines, text.split("\n", 2)[2])
    result = _marked(readme, data, table.found, region.name, text, indent="")
    return Adoption(region=region, items=tuple(reader.items), slips=reader.sorted(), readme=result, files=changed)


def _marked(readme: str, data: bytes, found: FoundList, name: str, text: str, *, indent: str) -> bytes:
    """Return the file with its list, as it is built from now on, between markers."""
    bom, lines = markers.decode(readme, data)
    start, stop = _replaced(readme, data, found, lines, name)
    eol = markers.ending(lines[found.start]) or "\n"
    block = markers.wrap(name, text, indent=indent, eol=eol, last=markers.ending(lines[stop - 1]))
    result = (bom + "".join([*lines[:start], block, *lines[stop:]])).encode()
    markers.find(readme, result)
    return result


_BLANK: Final = re.compile(r"[ \t]*")


def _links(found: FoundList, folder: str) -> int:
    return sum(style.answer_link(item, folder) is not None for item in found.items)


def _lists(lines: Sequence[str], folder: str) -> list[FoundList]:
    return [found for found in find_lists(lines) if _links(found, folder)]


def _choose(readme: str, lines: Sequence[str], folder: str) -> tuple[FoundList, list[FoundList]]:
    candidates = _lists(lines, folder)
    if not candidates:
        raise FileError(
            readme,
            f"no list whose items link into {folder}/, nor a table whose rows do",
            advice="put <!-- notionsync:begin questions --> and <!-- notionsync:end questions --> where the list "
            "belongs, each on a line of its own, and type notionsync readme init again",
        )
    best = max(candidates, key=lambda found: _links(found, folder))
    for item in best.items:
        if item.more is not None:
            raise FileError(
                readme,
                f"the item of line {item.line + 1} holds more than a question",
                line=item.more + 1,
                advice="move what belongs to the answer into its file; each item becomes one line",
            )
    return best, [found for found in candidates if found is not best]


def _replaced(readme: str, data: bytes, found: FoundList, lines: Sequence[str], name: str) -> tuple[int, int]:
    """Return the lines that the region takes: those of the list, and of markers that somebody put around it."""
    for marked in markers.find(readme, data):
        if marked.name != name:
            continue
        inside = range(marked.begin + 1, marked.end)
        listed = range(found.start, found.stop)
        if found.start not in inside or any(lines[n].strip() for n in inside if n not in listed):
            raise FileError(
                readme,
                f'between the markers of "{name}" stands something else than the list',
                line=marked.begin + 1,
                advice="put the markers right around the list",
            )
        return marked.begin, marked.end + 1
    return found.start, found.stop


def _indent(readme: str, found: FoundList, lines: Sequence[str]) -> str:
    indent = _BLANK.match(lines[found.start])
    width = indent.end() if indent else 0
    if found.shared or lines[found.start][width : width + 1] not in "0123456789-+*":
        raise FileError(
            readme,
            "the list stands inside a quotation, or on the line of another item",
            line=found.start + 1,
            advice="let it begin at the start of a line",
        )
    return lines[found.start][:width]


def _region(bare: Region, found: FoundList, written: style.Style, prefix: str, folder: str) -> Region:
    return replace(
        bare,
        format="ordered" if found.ordered else "bulleted",
        item=written.item,
        open_item=written.open_item,
        url_prefix=_prefix(prefix, bare, folder),
    )


def _prefix(prefix: str, region: Region, folder: str) -> str:
    """Return what links begin with; nothing where it is what they begin with anyway."""
    usual = listing.relative(f"{folder}/x", region.file).removesuffix(f"{folder}/x")
    return "" if prefix == usual else prefix
