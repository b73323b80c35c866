"""Marked regions of a text file: found, checked, replaced; every byte outside of them stays.

    <!-- notionsync:begin NAME -->
    what notionsync writes
    <!-- notionsync:end NAME DIGEST -->

A marker has a line to itself and does not count inside fenced or indented code. The end marker carries a digest of what
stands between the two, so that text edited by hand is seen and never overwritten. The digest is taken over lines, not
line ends: a checkout that turns LF into CRLF is no edit.
"""

from __future__ import annotations

import codecs
import difflib
import hashlib
import itertools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from markdown_it import MarkdownIt

from notionsync.errors import MarkerError

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_MARKER = re.compile(r"([ \t]*)<!--[ \t]*notionsync:(begin|end)[ \t]+([^\s>]+)(?:[ \t]+([0-9a-f]+))?[ \t]*-->[ \t]*")
_ALMOST = re.compile(r"[ \t]*<!--[ \t]*notionsync:")
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 100})
_BLOCKS.core.ruler.disable("inline")
_BOM = "\ufeff"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Marked:
    """A region as it stands in a file.

    Attributes:
        name: The name in its markers.
        begin: Line of the begin marker, counted from 0.
        end: Line of the end marker.
        indent: The white space before the begin marker.
        eol: How the begin marker's line ends.
        text: What stands between the markers, lines ended by LF.
        digest: What the end marker says; empty if it says nothing.
    """

    name: str
    begin: int
    end: int
    indent: str
    eol: str
    text: str
    digest: str

    @property
    def edited(self) -> bool:
        """Whether the text is not what was generated; an empty region without a digest is a new one, not an edit."""
        return self.digest != digest(self.text) if self.digest else bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class _Marker:
    kind: Literal["begin", "end"]
    name: str
    line: int
    indent: str
    digest: str


def digest(text: str) -> str:
    """Return what an end marker says about the text before it: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def decode(path: str, data: bytes) -> tuple[str, list[str]]:
    """Return a file's byte order mark ("" if it has none) and its lines, each with its own line end.

    Raises:
        MarkerError: The file is not UTF-8.
    """
    if data.startswith(_UTF16):
        raise MarkerError(
            path, "is UTF-16, not UTF-8", advice=f"iconv -f UTF-16 -t UTF-8 {path} > {path}.new && mv {path}.new {path}"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MarkerError(path, "is not UTF-8", line=line, advice="save the file as UTF-8") from error
    bom = _BOM if text.startswith(_BOM) else ""
    return bom, _LINE.findall(text[len(bom) :])


def ending(line: str) -> str:
    """Return the characters that end a line; empty for a last line without an end."""
    return line[len(line.rstrip("\r\n")) :]


def find(path: str, data: bytes, *, known: Collection[str] | None = None) -> tuple[Marked, ...]:
    """Find the regions of a file.

    Args:
        path: The file's name, for errors.
        data: Its bytes.
        known: The names that may appear; None allows any.

    Raises:
        MarkerError: Not UTF-8, or a marker is misspelt, doubled, unknown, nested, crossed, reversed or alone.
    """
    _, lines = decode(path, data)
    regions: list[Marked] = []
    opened: _Marker | None = None
    for marker in _markers(path, lines):
        _check_name(path, marker, known)
        if marker.kind == "begin":
            _check_begin(path, marker, opened, regions)
            opened = marker
        else:
            begin = _check_end(path, marker, opened, regions)
            regions.append(_marked(lines, begin, marker))
            opened = None
    if opened is not None:
        raise _error(path, opened, f'the begin marker of "{opened.name}" has no end marker')
    return tuple(regions)


def replace(path: str, data: bytes, texts: Mapping[str, str], *, force: bool = False) -> bytes:
    """Put new text between markers.

    Args:
        path: The file's name, for errors.
        data: Its bytes.
        texts: Region name → lines ended by LF. Regions that are not named stay as they are.
        force: Overwrite text that was edited by hand.

    Returns:
        The new bytes; the same ones when there was nothing to change.

    Raises:
        MarkerError: As in `find`; a named region is not in the file; its text was edited by hand.
    """
    bom, lines = decode(path, data)
    regions = {region.name: region for region in find(path, data)}
    for name in texts:
        if name not in regions:
            raise MarkerError(
                path,
                f'has no markers for the region "{name}"',
                advice=f"put <!-- notionsync:begin {name} --> and <!-- notionsync:end {name} --> where the list belongs, "
                "each on a line of its own; or, for a list that is already there: notionsync readme init",
            )
    for region in sorted(regions.values(), key=lambda region: -region.begin):
        if region.name in texts:
            lines[region.begin + 1 : region.end + 1] = _filled(path, region, lines, texts[region.name], force=force)
    return (bom + "".join(lines)).encode()


def wrap(name: str, text: str, *, indent: str, eol: str, last: str) -> str:
    """Return a region with its markers.

    Args:
        name: The region's name.
        text: What it holds, lines ended by LF, without indentation.
        indent: White space put before every line that is not blank.
        eol: The line end to use.
        last: The line end of the end marker, which may be empty at the end of a file.
    """
    body = _indented(text, indent)
    begin = f"{indent}<!-- notionsync:begin {name} -->{eol}"
    return f"{begin}{body.replace(chr(10), eol)}{_end_marker(name, body, indent)}{last}"


def _filled(path: str, region: Marked, lines: list[str], text: str, *, force: bool) -> list[str]:
    body = _indented(text, region.indent)
    if region.edited and body != region.text and not force:
        raise MarkerError(
            path,
            f'the text of the region "{region.name}" was edited by hand',
            line=region.begin + 1,
            advice="notionsync readme takes a new wording or order into the answers; with --force it drops all edits",
        )
    if body == region.text and region.digest == digest(body):
        return lines[region.begin + 1 : region.end + 1]
    end = lines[region.end]
    indent = end[: len(end) - len(end.lstrip(" \t"))]
    return [*_LINE.findall(body.replace("\n", region.eol)), _end_marker(region.name, body, indent) + ending(end)]


def _indented(text: str, indent: str) -> str:
    return "\n".join(indent + line if line.strip() else line for line in text.split("\n"))


def _end_marker(name: str, body: str, indent: str) -> str:
    return f"{indent}<!-- notionsync:end {name} {digest(body)} -->"


def _markers(path: str, lines: list[str]) -> list[_Marker]:
    candidates = [n for n, line in enumerate(lines) if _ALMOST.match(line)]
    if not candidates:
        return []
    code = _code_lines("".join(lines))
    return [_marker(path, lines[n], n) for n in candidates if n not in code]


def _marker(path: str, line: str, number: int) -> _Marker:
    match = _MARKER.fullmatch(line.rstrip("\r\n"))
    if match is None:
        raise MarkerError(
            path,
            f"not a marker that notionsync knows: {line.strip()}",
            line=number + 1,
            advice="write <!-- notionsync:begin NAME --> or <!-- notionsync:end NAME -->, alone on its line",
        )
    return _Marker("begin" if match[2] == "begin" else "end", match[3], number, match[1], match[4] or "")


@lru_cache(maxsize=2)  # a file is looked at several times, before and after it is filled
def _code_lines(text: str) -> frozenset[int]:
    """Return the lines that Markdown takes for code, fenced or indented."""
    tokens = _BLOCKS.parse(text)
    code = (token.map for token in tokens if token.type in {"fence", "code_block"} and token.map is not None)
    return frozenset(line for lines in code for line in range(*lines))


def check_place(path: str, data: bytes) -> None:
    """Refuse regions of Markdown that stand where GitHub reads none: in HTML that no blank line has ended.

    Raises:
        MarkerError: Names file and line.
    """
    _, lines = decode(path, data)
    if not any(line.lstrip().startswith("<") and not _ALMOST.match(line) for line in lines):
        return
    html = [token.map for token in _BLOCKS.parse("".join(lines)) if token.type == "html_block" and token.map]
    for region in find(path, data):
        begin = next((first for first, stop in html if first < region.begin < stop), None)
        block = itertools.takewhile(str.strip, region.text.split("\n"))
        if begin is not None and not all(line.lstrip().startswith("<") for line in block):
            raise MarkerError(
                path,
                f'the region "{region.name}" stands inside HTML that begins in line {begin + 1}; Markdown is not read there',
                line=region.begin + 1,
                advice="put a blank line before the begin marker, or the markers outside of the HTML",
            )


def _marked(lines: list[str], begin: _Marker, end: _Marker) -> Marked:
    between = "".join(line.rstrip("\r\n") + "\n" for line in lines[begin.line + 1 : end.line])
    eol = ending(lines[begin.line])
    return Marked(begin.name, begin.line, end.line, begin.indent, eol, between, end.digest)


def _check_name(path: str, marker: _Marker, known: Collection[str] | None) -> None:
    if known is None or marker.name in known:
        return
    near = difflib.get_close_matches(marker.name, list(known), n=1)
    hint = f'did you mean "{near[0]}"?' if near else "add a [[region]] of that name to notionsync.toml"
    raise _error(path, marker, f'no region of this file is called "{marker.name}"', advice=hint)


def _check_begin(path: str, marker: _Marker, opened: _Marker | None, regions: list[Marked]) -> None:
    for region in regions:
        if region.name == marker.name:
            message = f'the region "{marker.name}" is there twice, first in line {region.begin + 1}'
            raise _error(path, marker, message)
    if opened is None:
        return
    if opened.name == marker.name:
        raise _error(path, marker, f'a second begin marker of "{marker.name}", the first is in line {opened.line + 1}')
    message = (
        f'the region "{marker.name}" begins inside "{opened.name}" (line {opened.line + 1}); regions cannot overlap'
    )
    raise _error(path, marker, message)


def _check_end(path: str, marker: _Marker, opened: _Marker | None, regions: list[Marked]) -> _Marker:
    if opened is not None and opened.name == marker.name:
        return opened
    if opened is not None:
        message = f'the end of "{marker.name}" stands inside "{opened.name}" (line {opened.line + 1})'
        raise _error(path, marker, message)
    if any(region.name == marker.name for region in regions):
        raise _error(path, marker, f'a second end marker of "{marker.name}"')
    raise _error(path, marker, f'the end marker of "{marker.name}" has no begin marker before it')


def _error(path: str, marker: _Marker, message: str, *, advice: str = "mend the markers by hand") -> MarkerError:
    return MarkerError(path, message, line=marker.line + 1, advice=advice)
