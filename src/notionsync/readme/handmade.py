"""Edits that somebody made by hand inside a region: what they say about the questions.

A list is rebuilt from the files, but people correct a title where they read it, and move a line where it belongs. Such an
edit is taken: the question's new text, or its new place. It is taken only when all of it is understood, that is, when
the list built from the edited questions says line by line what stands in the region. The rest is left to the person.
"""

from __future__ import annotations

import difflib
import html
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from markdown_it import MarkdownIt

from notionsync.config import ID_KEY, ORDER_KEY, Region
from notionsync.errors import ContentError, MarkerError
from notionsync.model import FieldValue
from notionsync.readme.addresses import moved
from notionsync.readme.choosing import asked, order_of
from notionsync.readme.layout import Row, rows, said
from notionsync.readme.listing import Entry, link
from notionsync.readme.markers import Marked
from notionsync.readme.places import places

_QUESTION: Final = "Qzxq"
"""Stands for a question while its line is turned into a pattern."""
_NUMBER: Final = "987654321"
"""Stands for a line's number."""
_TAGS: Final = ((r"</?code>", "`"), (r"</?strong>", "**"), (r"</?em>", "*"), (r"</?s>", "~~"))
_MD: Final = MarkdownIt("commonmark", {"maxNesting": 100})
_WEB: Final = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_RULE: Final = re.compile(r"\|(?::?-+:?\|)+")
_HYPHENS: Final = re.compile(r"-+")
_BAR: Final = re.compile(r"[ \t]*(?<!\\)\|[ \t]*")


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit by hand says about one question.

    Attributes:
        path: The question's file.
        line: The 1-based line of the edit in the file that holds the list.
        changes: Front matter key → new value: `question` or the region's own key for it, `order`, or both.
    """

    path: str
    line: int
    changes: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the region that is not blank, with its 1-based number in the file."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class _Mold:
    """What a question's line looks like whatever its number and its text are.

    Attributes:
        entry: The question.
        pattern: Matches such lines; the group holds the text.
        shown: The text of the line as it was.
    """

    entry: Entry
    pattern: re.Pattern[str]
    shown: str

    def read(self, line: str) -> str | None:
        """Return the text in a line, or None if it is no line of this question."""
        match = self.pattern.fullmatch(line)
        return match[1] if match else None


@dataclass(frozen=True, slots=True)
class _Said:
    """A question that a line says, and the text it has there; None if the text is as it was."""

    line: int
    entry: Entry
    text: str | None


def take(path: str, marked: Marked, region: Region, base: Sequence[Row], now: Sequence[Entry]) -> tuple[Edit, ...]:
    """Return what the edits inside a region say.

    Args:
        path: The file that holds the list, for errors.
        marked: The region as it stands there.
        region: How it is written.
        base: The lines that were edited.
        now: The questions as the files have them now.

    Raises:
        MarkerError: Something was edited that is neither the text nor the place of a question, or that the files say
            otherwise meanwhile; names file and line.
    """
    reader = _Reader(path, region, _lines(marked), marked.end + 1)
    before = [row for row in base if row.text.strip()]
    found = reader.read(before)
    texts = reader.texts(found)
    orders = reader.orders(before, found)
    reader.prove(before, found, texts, orders)
    return reader.edits(found, texts, orders, now)


def says(built: Sequence[Row], marked: Marked, region: Region) -> bool:
    """Tell whether a region says line by line what a list says, whatever numbers the lines have."""
    before, lines = [row for row in built if row.text.strip()], _lines(marked)
    return len(before) == len(lines) and all(
        _same(row, line.text, region) for row, line in zip(before, lines, strict=True)
    )


class _Reader:
    """Reads one edited region."""

    def __init__(self, path: str, region: Region, lines: Sequence[_Line], end: int) -> None:
        self.path = path
        self.region = region
        self.lines = lines
        self.end = end
        self._molds: dict[int, _Mold | None] = {}

    def refuse(self, line: int, message: str) -> MarkerError:
        return MarkerError(
            self.path,
            f'the region "{self.region.name}" was edited by hand, and {message}',
            line=line,
            advice="here only the text of a question and its place can be edited. Take the rest back, edit the answers, "
            "and type notionsync readme; or to drop all edits of the list: notionsync readme --force",
        )

    def read(self, before: Sequence[Row]) -> list[_Said]:
        """Return the questions that the lines say, in order."""
        self._compare_others(before)
        runs = _runs(before)
        return [one for run in runs for one in self._read_run([before[n] for n in run], [self.lines[n] for n in run])]

    def _compare_others(self, before: Sequence[Row]) -> None:
        """Refuse lines that were added or taken away, and changes of those that are no question."""
        if len(self.lines) > len(before):
            extra = next((line for line in self.lines if not self._known(before, line)), self.lines[-1])
            raise self.refuse(extra.number, f"the line {extra.text.strip()!r} was added; a new question is a new file")
        if len(self.lines) < len(before):
            gone = (n for n, row in enumerate(before) if not any(self._is(row, line) for line in self.lines))
            at = next(gone, len(before) - 1)
            number = self.lines[at].number if at < len(self.lines) else self.end
            raise self.refuse(number, f"the line {before[at].text.strip()!r} was taken away")
        for row, line in zip(before, self.lines, strict=True):
            if row.entry is None and not self._is(row, line):
                raise self.refuse(line.number, f"{row.text.strip()!r} became {line.text.strip()!r}")

    def _mold(self, row: Row) -> _Mold | None:
        if id(row) not in self._molds:
            self._molds[id(row)] = _mold(row, self.region)
        return self._molds[id(row)]

    def _is(self, row: Row, line: _Line) -> bool:
        return _equal(row, line.text, self.region) or _fits(self._mold(row), line.text, self.region)

    def _known(self, before: Sequence[Row], line: _Line) -> bool:
        return any(self._is(row, line) for row in before)

    def _read_run(self, before: Sequence[Row], lines: Sequence[_Line]) -> list[_Said]:
        """Return the questions of lines that have nothing but questions between them."""
        found: list[_Said | None] = [None] * len(lines)
        free = list(before)
        # What stands where it stood comes first: two questions may have the same words.
        for at, (row, line) in enumerate(zip(before, lines, strict=True)):
            if row.entry and self._is(row, line):
                found[at] = _Said(line.number, row.entry, None)
                free.remove(row)
        for at, line in enumerate(lines):
            same = next((row for row in free if found[at] is None and self._is(row, line)), None)
            if same is not None and same.entry:
                found[at] = _Said(line.number, same.entry, None)
                free.remove(same)
        for at, line in enumerate(lines):
            if found[at] is None:
                mold = self._nearest(free, before[at], line)
                free = [row for row in free if row.entry is not mold.entry]
                text = _decoded(mold.read(_plain(line.text, self.region)) or "", self.region)
                self._refuse_links(line, text, mold.entry, before)
                found[at] = _Said(line.number, mold.entry, moved(text, self.region.file, mold.entry.path))
        return [known for known in found if known]

    def _nearest(self, free: Sequence[Row], here: Row, line: _Line) -> _Mold:
        """Return the question whose line was reworded: the one with the same link, else the one that stood here."""
        text = _plain(line.text, self.region)
        molds = [mold for row in free if (mold := self._mold(row)) and mold.read(text)]
        if not molds:
            raise self.refuse(line.number, f"{line.text.strip()!r} changes more than the text of a question")
        telling = max(len(mold.pattern.pattern) for mold in molds)
        molds = [mold for mold in molds if len(mold.pattern.pattern) == telling]
        if len(molds) == 1:
            return molds[0]
        alike = {mold.entry.path: _likeness(mold.shown, mold.read(text) or "") for mold in molds}
        own = next((mold for mold in molds if mold.entry is here.entry), None)
        if own is None or alike[own.entry.path] < max(alike.values()):
            raise self.refuse(line.number, "questions without a link were moved and reworded at once: which is which?")
        return own

    def _refuse_links(self, line: _Line, text: str, entry: Entry, before: Sequence[Row]) -> None:
        """Refuse a link to an answer that was typed behind a question: it would become part of the question."""
        ours = {link(row.entry.path, self.region) for row in before if row.entry}
        for address in _addresses(text) - _addresses(moved(entry.question, entry.path, self.region.file)):
            if address in ours or not _WEB.match(address):
                message = f"a link to {address} was added; a question gets its link when its file holds an answer"
                raise self.refuse(line.number, message)

    def texts(self, found: Iterable[_Said]) -> dict[str, str]:
        """Return the new text of each question that has one."""
        texts: dict[str, str] = {}
        for one in found:
            if one.text is not None and texts.setdefault(one.entry.path, one.text) != one.text:
                raise self.refuse(one.line, "the question has two texts now")
        return texts

    def orders(self, before: Sequence[Row], found: Sequence[_Said]) -> dict[str, FieldValue]:
        """Return the new `order` of each question that has one."""
        orders: dict[str, FieldValue] = {}
        listed = [row.entry for row in before if row.entry]
        twice = len({entry.path for entry in listed}) < len(listed)
        for length in map(len, _runs(before)):
            was, listed = listed[:length], listed[length:]
            run, found = found[:length], found[length:]
            at = {id(entry): n for n, entry in enumerate(was)}
            sequence = [at[id(one.entry)] for one in run]
            if sequence == sorted(sequence):
                continue
            if twice:
                moved = next(one for n, one in enumerate(run) if sequence[n] != n)
                raise self.refuse(moved.line, "questions that are listed more than once cannot be moved here")
            given = places([order_of(entry) for entry in was], sequence)
            orders |= {
                one.entry.path: place for one, place in zip(run, given, strict=True) if place != order_of(one.entry)
            }
        return orders

    def prove(
        self, before: Sequence[Row], found: Sequence[_Said], texts: Mapping[str, str], orders: Mapping[str, FieldValue]
    ) -> None:
        """Refuse unless the list built from the edited questions says what stands in the region."""
        edited = [
            replace(
                entry,
                question=(text := texts.get(path, entry.question)),
                fields={
                    **entry.fields,
                    self.region.question_key: text,
                    ORDER_KEY: orders.get(path, entry.fields.get(ORDER_KEY)),
                },
            )
            for path, entry in {one.entry.path: one.entry for one in found}.items()
        ]
        try:
            built = [row for row in rows(edited, replace(self.region, limit=0)) if row.entry]
        except ContentError as error:
            raise self.refuse(self.lines[0].number, error.message) from error
        lines = [line for row, line in zip(before, self.lines, strict=True) if row.entry]
        for row, line in zip(built, lines, strict=True):
            if not _same(row, line.text, self.region):
                message = f"{line.text.strip()!r} cannot be kept: the list would say {row.text.strip()!r}"
                raise self.refuse(line.number, message)

    def edits(
        self,
        found: Sequence[_Said],
        texts: Mapping[str, str],
        orders: Mapping[str, FieldValue],
        now: Sequence[Entry],
    ) -> tuple[Edit, ...]:
        """Return what has to be written into the files, which may have changed or been renamed since the list was built."""
        edits = []
        for one in {one.entry.path: one for one in reversed(found)}.values():
            path, base, changes = one.entry.path, one.entry, {}
            current = _found_again(base, now)
            for key, new, was in (
                (self.region.question_key, texts.get(path), base.question),
                (ORDER_KEY, orders.get(path), base.fields.get(ORDER_KEY)),
            ):
                if new is None:
                    continue
                if current is None:
                    raise self.refuse(
                        one.line, f"{path} asks nothing any more, or is not there: its {key} is {new!r} here"
                    )
                is_now = current.fields.get(key) if key == ORDER_KEY else asked(current, self.region).question
                if new == is_now:
                    continue
                if is_now != was:
                    message = f"{current.path} was edited, too: its {key} is {is_now!r} now, not {was!r}"
                    raise self.refuse(one.line, message)
                changes[key] = new
            if current and changes:
                edits.append(Edit(current.path, one.line, changes))
        return tuple(sorted(edits, key=lambda edit: edit.line))


def _found_again(base: Entry, now: Sequence[Entry]) -> Entry | None:
    """Return a question as it is now: under its name, or under its page's id where the file has another name."""
    page = base.fields.get(ID_KEY)
    same = (entry for entry in now if entry.path == base.path)
    renamed = (entry for entry in now if page and entry.fields.get(ID_KEY) == page)
    return next(same, None) or next(renamed, None)


def _runs(before: Sequence[Row]) -> list[list[int]]:
    """Return the positions of questions that have nothing but questions between them."""
    grouped = itertools.groupby(range(len(before)), key=lambda n: before[n].entry is not None)
    return [list(run) for is_question, run in grouped if is_question]


def _lines(marked: Marked) -> list[_Line]:
    """Return the lines of a region that are not blank, without the region's indentation."""
    found = enumerate(marked.text.split("\n"), marked.begin + 2)
    return [_Line(number, text.removeprefix(marked.indent)) for number, text in found if text.strip()]


def _same(row: Row, line: str, region: Region) -> bool:
    """Tell whether a line is what it was, but for its number and the blanks that nobody sees."""
    return _equal(row, line, region) or _fits(_mold(row, region), line, region)


def _equal(row: Row, line: str, region: Region) -> bool:
    """Tell whether a line is what it was, but for blanks, and for the length of the rule under a table's head."""
    was, now = _plain(row.text, region), _plain(line, region)
    if row.entry is None and _RULE.fullmatch(was) and _RULE.fullmatch(now):
        return _HYPHENS.sub("-", was) == _HYPHENS.sub("-", now)
    return was == now


def _fits(mold: _Mold | None, line: str, region: Region) -> bool:
    return mold is not None and mold.read(_plain(line, region)) == mold.shown


def _mold(row: Row, region: Region) -> _Mold | None:
    """Return the mold of a question's line; None for other lines, and where the text has no place of its own in it."""
    if row.entry is None:
        return None
    number = row.n if region.numbering == "property" else _NUMBER
    line = _plain(said(replace(row.entry, question=_QUESTION), number, region), region)
    if line.count(_QUESTION) != 1:
        return None
    escaped = re.escape(line).replace(_NUMBER, r"[0-9]+").replace(_QUESTION, "(.+)")
    pattern = re.compile(escaped)
    match = pattern.fullmatch(_plain(row.text, region))
    return _Mold(row.entry, pattern, match[1]) if match else None


def _plain(line: str, region: Region) -> str:
    """Return a line without the blanks that only make the columns of a table line up."""
    return _BAR.sub("|", line.strip()) if region.format == "table" else line.rstrip()


def _decoded(text: str, region: Region) -> str:
    """Return the inline Markdown of a text as its format writes it."""
    if region.format == "table":
        return text.replace(r"\|", "|")
    if region.format == "details":
        for tag, mark in _TAGS:
            text = re.sub(tag, mark, text)
        return html.unescape(text)
    return text.strip()


def _addresses(text: str) -> frozenset[str]:
    children = (child for token in _MD.parseInline(text) for child in token.children or ())
    return frozenset(str(child.attrs["href"]) for child in children if child.type == "link_open")


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
