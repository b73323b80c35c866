"""A YAML mapping as an author wrote it: which characters belong to which key, and how to change one key alone.

No YAML library prints a document back as it was, ruamel.yaml's round trip included: it re-spaces flow lists, re-indents
block lists and writes `~` its own way. So ruamel.yaml only reads here, and its events say where everything stands.

Scalars are read by the core schema of YAML 1.2, with one change for the sake of people: a number with leading zeros, and
an infinite one, is text. `no`, `12:30` and `2026-07-01` are text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from notionsync.convert.typed import remembered
from notionsync.errors import ContentError
from notionsync.model import FieldValue

Style = Literal["plain", "'", '"', "|", ">", "flow", "block"]

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
NULL = frozenset({"", "~", "null", "Null", "NULL"})
"""Plain scalars that say nothing."""
_BOOL = {**dict.fromkeys(("true", "True", "TRUE"), True), **dict.fromkeys(("false", "False", "FALSE"), False)}
_READ_OTHERWISE = re.compile(
    # What readers of YAML 1.1, such as Jekyll's, take for a truth value, an octal or a number to the base of 60.
    r"y|n|yes|no|on|off|[-+]?0[0-9_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[-+]?[0-9][0-9_]*_[0-9_.]*|=|<<",
    re.IGNORECASE,
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_COLON = re.compile(r"[ \t]*:")
_LAST_EOL = re.compile(r"(?:\r\n|\n|\r)?\Z")
_MAX_INT_DIGITS = 4000  # CPython refuses to read longer ones.


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a list, `start` to `stop` in the text."""

    text: str
    start: int
    stop: int


_MEND: Final = 'mend the front matter there: one "key: value" per line, spaces instead of tabs, quotes around text with ": " or " #"'


class TwiceError(ContentError):
    """A key that is there twice.

    Args:
        key: The key.
        first: The line it stands on first.
        line: The line it stands on again.
    """

    def __init__(self, key: str, first: int, line: int) -> None:
        super().__init__(
            f'the key "{key}" is there twice, first on line {first}', line=line, advice="take one of the two lines out"
        )
        self.key = key
        self.first = first


@dataclass(frozen=True, slots=True)
class Entry:
    """One key and its value.

    Attributes:
        key: The key.
        value: What it says; a value that is no scalar or list of scalars is its own source text.
        start: Where the key begins.
        key_stop: Where the key ends.
        value_start: Where the value begins, its anchor or tag included.
        value_stop: Where its last character ends.
        style: How it is written.
        items: The elements of a list.
    """

    key: str
    value: FieldValue
    start: int
    key_stop: int
    value_start: int
    value_stop: int
    style: Style
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """An alias, `start` to `stop`, and what it stands for: the anchored node's name, place and value."""

    name: str
    start: int
    stop: int
    target: int
    value: FieldValue
    nested: bool


@dataclass(frozen=True, slots=True)
class Mapping:
    """A top-level mapping.

    Attributes:
        text: The YAML text.
        entries: Its keys in order.
        flow: Whether it is written `{a: 1}`.
        stop: Where it ends.
        references: The aliases in it.
    """

    text: str
    entries: tuple[Entry, ...]
    flow: bool = False
    stop: int = 0
    references: tuple[Reference, ...] = ()

    def values(self) -> dict[str, FieldValue]:
        """Return the keys and their values, in order."""
        return {entry.key: entry.value for entry in self.entries}

    def get(self, key: str) -> Entry | None:
        """Return the entry of a key, or None."""
        return next((entry for entry in self.entries if entry.key == key), None)


def read(text: str) -> Mapping | None:
    """Read a YAML text.

    Args:
        text: One document.

    Returns:
        The mapping; one without entries for a text without content; None for a document that is no mapping.

    Raises:
        ContentError: Not YAML, a key that is there twice or is no text. `line` counts from 1 in `text`.
    """
    try:
        return _Reader(text).read()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(part for part in (error.context, error.problem) if part)
        raise ContentError(f"not valid YAML: {message}", line=mark.line + 1 if mark else 0, advice=_MEND) from error
    except YAMLError as error:
        position = getattr(error, "position", None)
        line = line_at(text, position) if isinstance(position, int) else 0
        raise ContentError(f"not valid YAML: {getattr(error, 'reason', error)}", line=line, advice=_MEND) from error
    except (ValueError, OverflowError) as error:  # an escape such as "\UFFFFFFFF"
        raise ContentError(f"not valid YAML: {error}", advice=_MEND) from error


def line_at(text: str, index: int) -> int:
    r"""Return the 1-based line that a character stands on.

    >>> line_at("a\r\nb", 3)
    2
    """
    return len(re.findall(r"\r\n|\n|\r", text[:index])) + 1


@dataclass
class _Reader:
    """Turns ruamel.yaml's events into entries."""

    text: str
    events: Iterator[Any] = field(init=False)
    anchors: dict[str, tuple[int, FieldValue, bool]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.events = iter(YAML(typ="safe", pure=True).parse(self.text))

    def read(self) -> Mapping | None:
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                break
        else:
            return Mapping(self.text, ())
        top = next(self.events)
        if isinstance(top, ScalarEvent) and not top.value and top.implicit[0]:
            return Mapping(self.text, ())
        if not isinstance(top, MappingStartEvent):
            return None
        entries, stop = self.entries()
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                raise ContentError("a second YAML document begins here", line=event.start_mark.line + 1)
        return Mapping(self.text, entries, bool(top.flow_style), stop, tuple(self.references))

    def entries(self) -> tuple[tuple[Entry, ...], int]:
        found: dict[str, Entry] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, ScalarEvent):
                raise ContentError("a key must be text", line=line)
            if event.value in found:
                first = line_at(self.text, found[event.value].start)
                raise TwiceError(event.value, first, line)
            found[event.value] = self.entry(event, next(self.events))
        return tuple(found.values()), int(event.end_mark.index)

    def entry(self, key: ScalarEvent, event: Any) -> Entry:
        start, stop = event.start_mark.index, event.end_mark.index
        items: tuple[Item, ...] = ()
        value: FieldValue
        style: Style
        if isinstance(event, ScalarEvent):
            value, style = _scalar(event), event.style or "plain"
            start, stop = self.place(key, event)
        elif isinstance(event, AliasEvent):
            value, style = self.alias(event), "plain"
        else:
            style = "flow" if event.flow_style else "block"
            items, stop = self.elements(event)
            plain_list = isinstance(event, SequenceStartEvent) and all(item.stop >= 0 for item in items)
            value = tuple(item.text for item in items) if plain_list else self.text[start:stop]
            items = items if plain_list else ()
        self.remember(event, value)
        return Entry(key.value, value, key.start_mark.index, key.end_mark.index, start, stop, style, items)

    def elements(self, opening: Any) -> tuple[tuple[Item, ...], int]:
        """Read a collection up to its end; an element that is no scalar has `stop` -1."""
        items: list[Item] = []
        depth, last = 1, opening.end_mark.index
        while depth:
            event = next(self.events)
            start, stop = event.start_mark.index, event.end_mark.index
            if isinstance(event, SequenceEndEvent | MappingEndEvent):
                depth -= 1
                last = max(last, stop) if self.text[stop - 1 : stop] in {"]", "}"} and stop > start else last
                continue
            last = max(last, self.trimmed(start, stop) if stop > start else len(self.text[:start].rstrip()))
            if isinstance(event, SequenceStartEvent | MappingStartEvent):
                items.append(Item("", start, -1))
                depth += 1
                self.remember(event, None)
            elif isinstance(event, AliasEvent):
                value = self.alias(event)
                items.append(Item(value, start, stop) if isinstance(value, str) else Item("", start, -1))
            else:
                self.remember(event, _scalar(event))
                if depth > 1 or event.style or event.value not in NULL:
                    items.append(Item(event.value, start, self.trimmed(start, stop)))
        return tuple(items), last

    def alias(self, event: AliasEvent) -> FieldValue:
        if event.anchor not in self.anchors:
            raise ContentError(f'no anchor "&{event.anchor}" before this', line=event.start_mark.line + 1)
        target, value, nested = self.anchors[event.anchor]
        self.references.append(
            Reference(event.anchor, event.start_mark.index, event.end_mark.index, target, value, nested)
        )
        return value

    def remember(self, event: Any, value: FieldValue) -> None:
        if event.anchor and not isinstance(event, AliasEvent):
            nested = not isinstance(event, ScalarEvent) and not isinstance(value, tuple)
            self.anchors[event.anchor] = (event.start_mark.index, value, nested)

    def place(self, key: ScalarEvent, event: ScalarEvent) -> tuple[int, int]:
        """Return where a scalar stands: one without characters behind its colon, whatever follows there."""
        start, stop = event.start_mark.index, event.end_mark.index
        if stop == start:
            colon = _COLON.match(self.text, key.end_mark.index)
            return (colon.end(), colon.end()) if colon else (start, stop)
        if event.style in {"|", ">"} and event.value.endswith("\n\n"):  # `|+`: the blank lines behind it are its own.
            return start, stop - len(_LAST_EOL.findall(self.text[start:stop])[0])
        return start, self.trimmed(start, stop)

    def trimmed(self, start: int, stop: int) -> int:
        return start + len(self.text[start:stop].rstrip())


def _scalar(event: ScalarEvent) -> FieldValue:
    text: str = event.value
    tag = str(event.ctag or "")
    if event.implicit[0] or tag.rpartition(":")[2] in {"int", "float", "bool", "null"}:
        return resolve(text)
    return text


def resolve(text: str) -> FieldValue:
    """Return what a plain scalar means.

    >>> [resolve(t) for t in ("12", "1.50", "0123", "12:30", "no", "true", "~")]
    [12, 1.5, '0123', '12:30', 'no', True, None]
    """
    if text in NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if len(text) < _MAX_INT_DIGITS and _INT.fullmatch(text):
        return remembered(int(text, 0), text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return remembered(number, text) if math.isfinite(number) else text
    return text


# --- writing ---------------------------------------------------------------------------------------------------------


def same(one: FieldValue, other: FieldValue) -> bool:
    """Tell whether two values are one: `True` is not `1`, but `1.0` is."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def quoted(text: str) -> str:
    """Return a double-quoted scalar; only what cannot be seen is escaped."""
    plain = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", plain)


def spellings(value: FieldValue, style: Style = "plain") -> list[str]:
    """Return how a value can stand on one line, best first; the caller proves which one holds.

    Args:
        value: What to write.
        style: How the old value was written.
    """
    if value is None:
        return ["", "null"]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, int | float):
        return [repr(value)]
    if isinstance(value, tuple):
        return [
            f"[{', '.join(_element(text) for text in value)}]",
            f"[{', '.join(quoted(text) for text in value)}]",
        ]
    return _text_spellings(value, style)


def _element(text: str) -> str:
    """Return an element of a list between brackets."""
    return quoted(text) if set(text) & set(",[]{}") else _text_spellings(text, "plain")[0]


def _text_spellings(text: str, style: Style) -> list[str]:
    double = quoted(text)
    if _UNPRINTABLE.search(text):
        return [double]
    single = "'" + text.replace("'", "''") + "'"
    if style == "'":
        return [single, double]
    if style == '"':
        return [double]
    quotes = [single, double] if {'"', "\\"} & set(text) and "'" not in text else [double]
    plain = (
        bool(text) and text == text.strip() and isinstance(resolve(text), str) and not _READ_OTHERWISE.fullmatch(text)
    )
    return [text, *quotes] if plain else quotes


def block_scalars(text: str, style: Style, indent: str, eol: str) -> list[tuple[str, str]]:
    """Return header and lines of the block scalars that may hold a text, best first.

    Args:
        text: What to write.
        style: How the old value was written.
        indent: What its lines begin with.
        eol: The line end.
    """
    if _UNPRINTABLE.search(text.replace("\n", "")) or not text.strip("\n"):
        return []
    tail = len(text) - len(text.rstrip("\n"))
    chomp = "-" if tail == 0 else "" if tail == 1 else "+"
    lines = text.split("\n") if tail == 0 else text[:-1].split("\n")
    body = eol.join(indent + line if line else "" for line in lines)
    one_line = "\n" not in text.rstrip("\n")
    return [(f"{sign}{chomp}", body) for sign in ((">", "|") if style == ">" and one_line else ("|",))]
