"""What is found in an answer file, by its own bytes: encoding, front matter, ids, conflict markers, and the body's lints."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from notionsync.config import ID_KEY, TITLE_KEY
from notionsync.convert import RESERVED, parse
from notionsync.convert.frontmatter import FrontMatter, join, split
from notionsync.convert.lint import lint, mend
from notionsync.convert.parse import split_lines
from notionsync.convert.properties import addresses, normal, read_only
from notionsync.errors import ContentError
from notionsync.model import Document, FieldValue, Node, Property, Use
from notionsync.plan.answer import read_id

Validate = Callable[[Mapping[str, FieldValue]], Iterable[tuple[str, str]]]
"""Compares front matter with its schema; yields the key, empty for the whole, and what is wrong with it."""

_BEGIN = re.compile(r"[ \t]*<{7} \S")
_END = re.compile(r">{7} \S")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something found in a file.

    Attributes:
        path: The file, relative to the repository.
        line: 1-based line of the file; 0 if it is about the file as a whole.
        code: Stable name, such as `NS-CJK-BOLD`.
        message: What is the matter.
        advice: What to do, where the message does not say it.
        fixable: Whether `--fix` mends it.
    """

    path: str
    line: int
    code: str
    message: str
    advice: str = ""
    fixable: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """An address in a body or in front matter, as it is written there.

    Attributes:
        url: The address.
        use: What it is used for.
        line: 1-based line of the file.
    """

    url: str
    use: Use
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look at one file found.

    Attributes:
        findings: In the order of the file's lines.
        id: The page that it names.
        id_line: The line that names it.
        addresses: What its front matter shows, and what its body leads to and shows, each once.
        related: What its front matter says of related questions, with the line.
    """

    findings: tuple[Finding, ...] = ()
    id: str | None = None
    id_line: int = 0
    addresses: tuple[Address, ...] = ()
    related: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class _Seen:
    """`Links` that remembers what it is asked for."""

    urls: dict[tuple[str, Use], None] = field(default_factory=dict)

    def to_notion(self, url: str, use: Use) -> str:
        """Note an address."""
        self.urls[url, use] = None
        return RESERVED.to_notion(url, use)

    def to_file(self, url: str, use: Use) -> str:
        """Return an address as it was."""
        return RESERVED.to_file(url, use)


def look(path: str, data: bytes, properties: Mapping[str, Property], validate: Validate) -> Looked:
    """Look at one answer.

    Args:
        path: The file, relative to the repository.
        data: Its bytes.
        properties: Front matter key → what is known of the Notion property it is mapped to.
        validate: Compares front matter with its schema.
    """
    try:
        front = split(data)
    except ContentError as error:
        return Looked(findings=(_of(path, error.line, "NS-ENCODING", error),))
    findings = list(_conflicts(path, data.decode()))
    page = None
    addresses: list[Address] = []
    related: list[tuple[str, int]] = []
    try:
        values = front.values()
        addresses += _front_addresses(front, values, properties)
        related += _related(front, values, properties)
        findings += _fields(path, front, values, properties, validate)
        page = read_id(data)
    except ContentError as error:
        code = "NS-ID" if error.message.startswith(ID_KEY) else "NS-FRONT-MATTER"
        findings.append(_of(path, error.line or front.line(ID_KEY), code, error))
    seen = _Seen()
    try:
        document = parse(front.text, links=seen)
        findings += [
            Finding(
                path=path,
                line=front.body_line + one.line,
                code=one.code,
                message=one.message,
                fixable=one.repair is not None,
            )
            for one in lint(front.text, document)
        ]
        addresses += _located(document, seen.urls, front.body_line)
    except ContentError as error:
        line = front.body_line + error.line - 1 if error.line else front.body_line
        findings.append(_of(path, line, "NS-BODY", error))
    return Looked(
        findings=tuple(sorted(findings, key=lambda one: (one.line, one.code))),
        id=page,
        id_line=front.line(ID_KEY) if page else 0,
        addresses=tuple(addresses),
        related=tuple(related),
    )


def _related(
    front: FrontMatter, values: Mapping[str, FieldValue], properties: Mapping[str, Property]
) -> Iterator[tuple[str, int]]:
    """Yield what is said of related questions."""
    for key, prop in properties.items():
        if prop.type == "relation":
            said = normal(prop, values.get(key))
            yield from ((text, front.line(key)) for text in (said if isinstance(said, tuple) else ()))


def _front_addresses(
    front: FrontMatter, values: Mapping[str, FieldValue], properties: Mapping[str, Property]
) -> Iterator[Address]:
    """Yield what front matter shows: files, an icon, a cover."""
    for key, prop in properties.items():
        for url in addresses(prop.type, values.get(key)):
            yield Address(url, "media", front.line(key))


def fix(path: str, data: bytes, unwanted: Container[str] = ()) -> tuple[bytes, tuple[Finding, ...]]:
    """Return a file with every proven repair of its body made, and what they were for.

    Args:
        path: The file, relative to the repository.
        data: Its bytes.
        unwanted: Codes whose repairs are not made.

    Raises:
        ContentError: The file cannot be read.
    """
    front = split(data)
    text, done = mend(front.text, unwanted)
    found = tuple(
        Finding(path=path, line=front.body_line + one.line, code=one.code, message=one.message, fixable=True)
        for one in done
    )
    return join(replace(front, body=text.encode())), found


def copies(ids: Mapping[str, tuple[str, int]]) -> Iterator[Finding]:
    """Find pages that several files name.

    Args:
        ids: Path → page and the line that names it.
    """
    named: dict[str, list[str]] = {}
    for path, (page, _) in ids.items():
        named.setdefault(page, []).append(path)
    for paths in named.values():
        for path in paths if len(paths) > 1 else ():
            others = ", ".join(other for other in paths if other != path)
            yield Finding(
                path=path,
                line=ids[path][1],
                code="NS-ID-TWICE",
                message=f"{others} names the same page",
                advice=f"take the {ID_KEY} line out of the copy",
            )


def _of(path: str, line: int, code: str, error: ContentError) -> Finding:
    return Finding(path=path, line=line, code=code, message=error.message, advice=error.advice)


def _conflicts(path: str, text: str) -> Iterator[Finding]:
    """Find a conflict, of ours or of git's, that nobody has settled: all of its labelled markers have to be there."""
    lines = split_lines(text)
    begin = next((at for at, line in enumerate(lines) if _BEGIN.match(line)), None)
    if begin is None:
        return
    rest = [line.strip(" \t") for line in lines[begin:]]
    if "=======" in rest and any(_END.match(line) for line in rest[rest.index("=======") :]):
        yield Finding(
            path=path,
            line=begin + 1,
            code="NS-CONFLICT",
            message=f"a conflict begins here that nobody has settled: {rest[0]}",
            advice=f"keep one version and take the marker lines out, or: notionsync resolve {path} --take local",
        )


def _fields(
    path: str,
    front: FrontMatter,
    values: Mapping[str, FieldValue],
    properties: Mapping[str, Property],
    validate: Validate,
) -> Iterator[Finding]:
    if front.head is None:
        yield Finding(
            path=path,
            line=1,
            code="NS-FRONT-MATTER",
            message=f"there is no front matter, and so no {TITLE_KEY}",
            advice="notionsync readme init takes the questions from a list in the README",
        )
        return
    wrong = set()
    for key, message in validate(values):
        if key == ID_KEY:
            continue  # said better where the id is read
        wrong.add(key)
        yield Finding(path=path, line=front.line(key) or 1, code="NS-FRONT-MATTER", message=message)
    for key, prop in properties.items():
        if key not in values or key in wrong or read_only(prop.type):
            continue
        try:
            normal(prop, values[key])
        except ContentError as error:
            yield _of(path, front.line(key), "NS-FRONT-MATTER", error)


def _located(document: Document, urls: Iterable[tuple[str, Use]], first: int) -> Iterator[Address]:
    """Find the lines of addresses: where the text holds one outside of code; the body's first if it is written with escapes.

    Addresses come in the order of the text, so each is looked for behind the one before it first.
    """
    text = document.text
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    code = {at for node in _all(document.nodes) if node.block.type == "code" for at in range(*node.span)}
    cursor = 0
    for url, use in urls:
        line = _line_of(text, url, cursor, starts, code) or _line_of(text, url, 0, starts, code)
        cursor = line[1] if line else cursor
        yield Address(url, use, first + (line[0] if line else 0))


def _line_of(text: str, url: str, start: int, starts: Sequence[int], code: set[int]) -> tuple[int, int] | None:
    """Return the 0-based line on which an address stands outside of code, and where it begins."""
    at = text.find(url, start)
    while url and at >= 0:
        line = bisect_right(starts, at) - 1
        if line not in code:
            return line, at
        at = text.find(url, at + len(url))
    return None


def _all(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)
