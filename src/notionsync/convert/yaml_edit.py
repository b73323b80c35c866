"""Change one key of a YAML mapping and leave every other line as it is.

Each change is tried in the spellings of `yaml_lines`, nicest first, and the text is read again each time: the first one
that says exactly what was wanted, and the same as before everywhere else, is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from notionsync.convert.yaml_lines import Entry, Mapping, Reference, Style, block_scalars, quoted, read, same, spellings
from notionsync.errors import ContentError
from notionsync.model import FieldValue

_EOL = re.compile(r"\r\n|\n|\r")
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r))+")
_COLON = re.compile(r"[ \t]*:")
_COMMENT = re.compile(r"[ \t]+#[^\r\n]*")
_HEADER_COMMENT = re.compile(r"[^\r\n]*?([ \t]+#[^\r\n]*)")
_INDENT = "  "


def with_value(text: str, key: str, value: FieldValue, ranks: Sequence[str], eol: str) -> str:
    """Return the text with one key set.

    Args:
        text: A YAML mapping, or text without content; ends in a line end unless empty.
        key: The key.
        value: What it shall say.
        ranks: Keys in the order a reader shall find them, this one included. A new key follows the nearest earlier one
            that is there, else it precedes the nearest later one; failing both, the first of them leads, others go last.
        eol: The line end where no neighbour shows one.

    Raises:
        ContentError: The text is no mapping, or the value cannot be written in it.
    """
    mapping = _mapping(text)
    entry = mapping.get(key)
    if entry is not None and same(entry.value, value):
        return text
    wanted = {**mapping.values(), key: value}
    if entry is not None:
        text, mapping, entry = _freed(mapping, entry)
        candidates = _flow_replaced(mapping, entry, value) if mapping.flow else _replaced(mapping, entry, value, eol)
    else:
        add = _flow_inserted if mapping.flow else _inserted
        candidates = add(mapping, _place(mapping, key, ranks), key, value, eol)
    return _first_proven(candidates, wanted, key)


def without_key(text: str, key: str) -> str:
    """Return the text without the lines of one key.

    Raises:
        ContentError: The text is no mapping, or does not hold together without that key.
    """
    mapping = _mapping(text)
    entry = mapping.get(key)
    if entry is None:
        return text
    wanted = {name: value for name, value in mapping.values().items() if name != key}
    text, mapping, entry = _freed(mapping, entry)
    at = mapping.entries.index(entry)
    after = mapping.entries[at + 1].start if at + 1 < len(mapping.entries) else None
    if mapping.flow:
        start = entry.start if after or not at else mapping.entries[at - 1].value_stop
        stops = [after or entry.value_stop]
    else:
        start, stop = _lines(text, entry)
        blank = _BLANK_LINES.match(text, stop)
        # A block scalar above would take blank lines, or an indented comment, that are left behind the key for its own.
        stops = [stop, blank.end() if blank else stop, _line_start(text, after) if after else len(text)]
    return _first_proven([text[:start] + text[stop:] for stop in stops], wanted, key)


def _mapping(text: str) -> Mapping:
    mapping = read(text)
    if mapping is None:
        raise ContentError("the front matter is not a mapping of keys to values", line=1)
    return mapping


def _place(mapping: Mapping, key: str, ranks: Sequence[str]) -> int:
    """Return how many entries come before a new key."""
    at = ranks.index(key)
    keys = [entry.key for entry in mapping.entries]
    earlier = [keys.index(name) + 1 for name in reversed(ranks[:at]) if name in keys]
    later = [keys.index(name) for name in ranks[at + 1 :] if name in keys]
    return next(iter([*earlier, *later]), 0 if at == 0 else len(keys))


def _first_proven(candidates: Sequence[str] | Iterator[str], wanted: dict[str, FieldValue], key: str) -> str:
    for text in candidates:
        try:
            mapping = read(text)
        except ContentError:
            continue
        found = mapping.values() if mapping else {}
        fence = any(line.rstrip(" \t") == "---" for line in _EOL.split(text))
        if not fence and found.keys() == wanted.keys() and all(same(found[name], wanted[name]) for name in wanted):
            return text
    raise ContentError(f'"{key}" cannot be changed without changing other lines of the front matter', line=0)


# --- where an entry stands ---------------------------------------------------------------------------------------------


def _line_start(text: str, index: int) -> int:
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def _line_stop(text: str, index: int) -> int:
    """Return where the line that holds a character ends, before its line end."""
    found = _EOL.search(text, index)
    return found.start() if found else len(text)


def _lines(text: str, entry: Entry) -> tuple[int, int]:
    """Return the whole lines of an entry, the last line end included."""
    stop = _line_stop(text, entry.value_stop)
    end = _EOL.match(text, stop)
    return _line_start(text, entry.start), end.end() if end else stop


def _colon(text: str, entry: Entry) -> int | None:
    """Return the place behind the colon, None where key and colon are lines apart."""
    found = _COLON.match(text, entry.key_stop)
    return found.end() if found else None


def _comment(text: str, entry: Entry, colon: int) -> str:
    """Return the comment that a reader takes to belong to the value, the blanks before it included."""
    on_key_line = _line_stop(text, entry.start)
    if entry.style in {"|", ">"} or (entry.style == "block" and entry.value_start > on_key_line):
        found = _HEADER_COMMENT.match(text, colon, on_key_line)
        return found[1] if found else ""
    found = _COMMENT.match(text, entry.value_stop)
    return found[0] if found and entry.style != "block" else ""


def _freed(mapping: Mapping, entry: Entry) -> tuple[str, Mapping, Entry]:
    """Move anchors that others refer to out of an entry that is about to go, to the first of those that refer."""
    text = mapping.text
    inside = range(entry.value_start, max(entry.value_stop, entry.value_start + 1))
    moved: set[int] = set()
    edits: list[Reference] = []
    for reference in mapping.references:
        if reference.target in inside and reference.start not in inside and reference.target not in moved:
            moved.add(reference.target)
            edits.append(reference)
    for reference in reversed(edits):
        if reference.nested:
            raise ContentError(f'"{entry.key}" holds an anchor that a later key refers to; write it out there first')
        spelled = spellings(reference.value)[-1]
        text = f"{text[: reference.start]}&{reference.name} {spelled}{text[reference.stop :]}"
    if not edits:
        return text, mapping, entry
    fresh = _mapping(text)
    found = fresh.get(entry.key)
    if found is None:
        raise ContentError(f'"{entry.key}" holds an anchor that cannot be moved')
    return text, fresh, found


# --- candidates --------------------------------------------------------------------------------------------------------


def _replaced(mapping: Mapping, entry: Entry, value: FieldValue, eol: str) -> Iterator[str]:
    text = mapping.text
    start, stop = _lines(text, entry)
    end = _EOL.search(text, entry.start)
    eol = end[0] if end else eol
    indent = text[start : entry.start] if text[start : entry.start].isspace() else ""
    colon = _colon(text, entry)
    if colon is not None:
        comment = _comment(text, entry, colon)
        close = _line_stop(text, entry.value_stop)
        head, tail = text[:colon], text[close:]
        if entry.style == "block" and entry.items and isinstance(value, tuple) and value:
            yield from _relisted(text, entry, value)
        around = _Around(head, tail, indent, eol)
        yield from _blocks(around, value, entry.style, comment)
        gap = text[colon : entry.value_start]
        inline = entry.style not in {"|", ">", "block"} and not _EOL.search(gap)
        for spelled in spellings(value, entry.style):
            if inline:
                between = (gap or " ") if spelled else ""
                yield head + between + spelled + text[entry.value_stop :]
            yield head + (" " if spelled else "") + spelled + comment + tail
    for spelled in spellings(value, entry.style):
        yield text[:start] + indent + _key(entry.key) + ":" + (" " if spelled else "") + spelled + eol + text[stop:]


class _Around(NamedTuple):
    """What stands before and behind a value, and how lines begin and end there."""

    head: str
    tail: str
    indent: str
    eol: str


def _blocks(around: _Around, value: FieldValue, style: Style, comment: str) -> Iterator[str]:
    """Yield a text of several lines, or one that was a block scalar, as a block scalar."""
    head, tail, indent, eol = around
    if isinstance(value, str) and ("\n" in value or style in {"|", ">"}):
        for sign, lines in block_scalars(value, style, indent + _INDENT, eol):
            yield f"{head} {sign}{comment}{eol}{lines}{tail}"


def _relisted(text: str, entry: Entry, value: tuple[str, ...]) -> Iterator[str]:
    """Yield a block list in which the lines of the elements that stay are kept."""
    starts = [_line_start(text, item.start) for item in entry.items]
    stop = _lines(text, entry)[1]
    if len(set(starts)) < len(starts):
        return
    bounds = [*starts, stop]
    lines = [text[bounds[at] : bounds[at + 1]] for at in range(len(starts))]
    first = entry.items[0]
    lead = text[starts[0] : first.start]
    if "\n" in lead or ":" in lead:
        return
    end = _EOL.search(text, first.start)
    eol = end[0] if end else "\n"
    matcher = SequenceMatcher(None, [item.text for item in entry.items], value, autojunk=False)
    for choice in (0, -1):
        out: list[str] = []
        for tag, a, b, c, d in matcher.get_opcodes():
            out += lines[a:b] if tag == "equal" else [lead + spellings(item)[choice] + eol for item in value[c:d]]
        rest = "" if stop == len(text) or out[-1].endswith(("\n", "\r")) else eol
        yield text[: starts[0]] + "".join(out) + rest + text[stop:]


def _inserted(mapping: Mapping, place: int, key: str, value: FieldValue, eol: str) -> Iterator[str]:
    text, entries = mapping.text, mapping.entries
    indent, at = "", len(text)
    if entries:
        indent = text[_line_start(text, entries[0].start) : entries[0].start]
        near = entries[max(place - 1, 0)]
        at = _lines(text, near)[1] if place else _line_start(text, near.start)
        found = _EOL.search(text, near.start)
        eol = found[0] if found else eol
    # Lines of blanks behind a block scalar are its own, and so is a comment that is indented like it.
    behind = _line_start(text, entries[place].start) if place < len(entries) else len(text)
    for stop in dict.fromkeys((at, behind)):
        head = text[:stop] + indent + _key(key) + ":"
        tail = eol + text[stop:]
        yield from _blocks(_Around(head, tail, indent, eol), value, "plain", "")
        for spelled in spellings(value):
            yield head + (" " if spelled else "") + spelled + tail


def _flow_replaced(mapping: Mapping, entry: Entry, value: FieldValue) -> Iterator[str]:
    text = mapping.text
    gap = "" if entry.value_start > entry.key_stop and text[entry.value_start - 1].isspace() else " "
    for spelled in reversed(spellings(value, entry.style)):
        yield text[: entry.value_start] + gap + spelled + text[entry.value_stop :]


def _flow_inserted(mapping: Mapping, place: int, key: str, value: FieldValue, eol: str) -> Iterator[str]:
    del eol  # All on one line: nothing to end.
    text, entries = mapping.text, mapping.entries
    for spelled in reversed(spellings(value)):
        pair = f"{quoted(key)}: {spelled}"
        if place:
            at = entries[place - 1].value_stop
            yield f"{text[:at]}, {pair}{text[at:]}"
        elif entries:
            yield f"{text[: entries[0].start]}{pair}, {text[entries[0].start :]}"
        else:
            yield f"{text[: mapping.stop - 1]}{pair}{text[mapping.stop - 1 :]}"


def _key(key: str) -> str:
    return spellings(key)[0] if re.fullmatch(r"[\w-]+", key) else quoted(key)
