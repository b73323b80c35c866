"""Adoption: question lists that were kept by hand become front matter and marked regions, and nothing gets lost."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from notionsync.config import ORDER_KEY, TITLE_KEY, Region
from notionsync.convert import frontmatter
from notionsync.errors import FileError
from notionsync.readme import anchors, layout, listing, markers, style
from notionsync.readme.binding import Item, Reader, Slip
from notionsync.readme.lists import FoundList, find_lists, target
from notionsync.readme.naming import fold
from notionsync.readme.proof import one_line
from notionsync.readme.tables import FoundTable, find_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What adopting lists found and would write.

    Attributes:
        regions: How each list is written, for `notionsync.toml`.
        items: The questions in order.
        slips: What was wrong, by line.
        readme: The new bytes of the file that holds the list.
        files: Path → new bytes of the answers that change or are made.
    """

    regions: tuple[Region, ...]
    items: tuple[Item, ...]
    slips: tuple[Slip, ...]
    readme: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def region(self) -> Region:
        """The first list."""
        return self.regions[0]

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
    taken: Collection[str] = (),
    key: str = TITLE_KEY,
    collection: str = "",
) -> Adoption:
    """Turn the lists whose items link into a folder into regions; where there is no list, the table whose rows do.

    Where there are several lists, a key of the front matter says in which one a question stands: `section`, the heading or
    the item that a list stands under. Each region lists its own.

    Args:
        data: The bytes of the file that holds the lists.
        files: Path → bytes of the answers there are.
        readme: That file's path, relative to the repository.
        folder: The answers' folder.
        name: The name of the new region; further ones get numbers.
        region: How to write the list; read off the list itself if not given. Then only the longest list is taken.
        taken: Names that other regions have.
        key: The front matter key that gets the items' words: another one than `question` for a list in another language, whose
            questions are known already. Then only the longest list is taken.
        collection: The collection whose folder it is.

    Raises:
        FileError: There is no such list; an item holds more than one paragraph; an answer's front matter is broken.
        MarkerError: The file is not UTF-8, or its markers are wrong.
    """
    _, lines = markers.decode(readme, data)
    kept = [range(marked.begin, marked.end) for marked in markers.find(readme, data) if marked.name != name]
    lists = [found for found in _lists(lines, folder) if not any(found.start in inside for inside in kept)]
    if not lists and key == TITLE_KEY and (table := find_table(lines, folder)):
        return _adopt_table(
            data,
            files,
            table,
            readme=readme,
            folder=folder,
            region=region or Region(name=name, file=readme, collection=collection),
        )
    chosen, left = _choose(readme, lines, folder, lists, alone=region is not None or key != TITLE_KEY)
    reader = Reader(readme, folder, files, key)
    reader.free([item for found in chosen for item in found.items])
    for found, reason in left:
        reader.slip("other-list", found.start, reason)
    names = [name, *(new for n in range(2, 1000) if (new := f"{name}-{n}") not in taken)]
    titles = _titles(lines, chosen) if len(chosen) > 1 else [""]
    section = _free_key(files)
    regions: list[Region] = []
    sections: dict[str, str] = {}
    for found, own, title in zip(chosen, names, titles, strict=False):
        written = style.infer(found, lines, folder)
        start = _start(found, written)
        begin = len(reader.items)
        reader.take(found, written, start)
        bare = Region(name=own, file=readme, collection=collection, start=start, question_key=key)
        each = region or _region(bare, found, written, reader.prefix(), folder)
        regions.append(replace(each, filter={section: (title,)}) if title else each)
        sections |= {item.path: title for item in reader.items[begin:] if title}
    changed = reader.front_matter(section, sections)
    reader.unlisted((TITLE_KEY, section) if sections else (TITLE_KEY,))
    entries = listing.read({**files, **changed}, collection=collection)
    for found, each in reversed(list(zip(chosen, regions, strict=True))):
        text = layout.build(entries, each)
        reader.rewritten(found, lines, text)
        data = _marked(readme, data, found, each.name, text, indent=_indent(readme, found, lines))
    return Adoption(
        regions=tuple(regions), items=tuple(reader.items), slips=reader.sorted(), readme=data, files=changed
    )


def _adopt_table(
    data: bytes, files: Mapping[str, bytes], table: FoundTable, *, readme: str, folder: str, region: Region
) -> Adoption:
    """Turn a table into a region; a column without a meaning of its own becomes a key of the front matter."""
    _, lines = markers.decode(readme, data)
    reader = Reader(readme, folder, files)
    reader.style = table.style
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
    text = layout.build(listing.read({**files, **changed}, collection=region.collection), region)
    if not region.pad:
        reader.rewritten(table.found, lines, text.split("\n", 2)[2])
    result = _marked(readme, data, table.found, region.name, text, indent="")
    return Adoption(regions=(region,), items=tuple(reader.items), slips=reader.sorted(), readme=result, files=changed)


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


def _choose(
    readme: str, lines: Sequence[str], folder: str, lists: Sequence[FoundList], *, alone: bool
) -> tuple[list[FoundList], list[tuple[FoundList, str]]]:
    """Return the lists to adopt, and those that are left as they are, with the reason.

    The longest one has to be whole. Others are taken, too, where they are whole, written in the same way and about other
    questions: neither a list of the newest answers nor some advice with a link is a list of questions.
    """
    if not lists:
        raise FileError(
            readme,
            f"no list whose items link into {folder}/, nor a table whose rows do",
            advice="put <!-- notionsync:begin questions --> and <!-- notionsync:end questions --> where the list "
            "belongs, each on a line of its own, and type notionsync readme init again",
        )
    best = max(lists, key=lambda found: _links(found, folder))
    _check_whole(readme, best, lines)
    chosen, left, known = [best], [], _aims(best, folder)
    item = style.infer(best, lines, folder).item
    for found in lists:
        if found is best:
            continue
        try:
            _check_whole(readme, found, lines)
        except FileError as error:
            left.append((found, f"another list links into the folder too, and is left: {error.message}"))
            continue
        if alone:
            left.append((found, "another list links into the folder too; only the longest was adopted"))
        elif known & _aims(found, folder):
            left.append((found, "another list links to the same answers, and is left"))
        elif style.infer(found, lines, folder).item != item:
            left.append((found, "another list links into the folder too, is written otherwise, and is left"))
        else:
            chosen.append(found)
            known |= _aims(found, folder)
    return sorted(chosen, key=lambda found: found.start), left


def _aims(found: FoundList, folder: str) -> frozenset[str]:
    links = (style.answer_link(item, folder) for item in found.items)
    aims = (target(link.url, folder) for link in links if link)
    return frozenset(fold(aim.path) for aim in aims if aim)


def _check_whole(readme: str, found: FoundList, lines: Sequence[str]) -> None:
    for item in found.items:
        if item.more is not None:
            raise FileError(
                readme,
                f"the item of line {item.line + 1} holds more than a question",
                line=item.more + 1,
                advice="move what belongs to the answer into its file; each item becomes one line",
            )
    _indent(readme, found, lines)


def _titles(lines: Sequence[str], chosen: Sequence[FoundList]) -> list[str]:
    """Return a name of its own for each list: what it stands under."""
    below = {item.more: item.text for found in find_lists(lines) for item in found.items if item.more is not None}
    heads = anchors.titles("".join(lines))
    titles: list[str] = []
    for number, found in enumerate(chosen, 1):
        above = [title for line, title in heads if line < found.start]
        title = one_line(below.get(found.start, "")) or (above[-1] if above else "") or f"List {number}"
        titles.append(title if title not in titles else f"{title} ({number})")
    return titles


def _free_key(files: Mapping[str, bytes]) -> str:
    """Return a key that no answer has yet."""
    used = {key for entry in listing.read(files) for key in entry.fields}
    return next(key for key in ("section", *(f"section_{n}" for n in range(2, len(used) + 3))) if key not in used)


def _start(found: FoundList, written: style.Style) -> int:
    """Return the number that a list begins with: its first one, if the second one goes on from there."""
    numbers = [int(item.number) for item in found.items[:2] if item.number]
    goes_on = len(numbers) == 2 and numbers[1] == numbers[0] + 1
    return numbers[0] if found.ordered and "{n}" in written.marker and goes_on else 1


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
