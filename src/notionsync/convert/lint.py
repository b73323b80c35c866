"""What a body says differently on GitHub, in Notion, and in its author's head; and the repairs that are proven.

    NS-CJK-BOLD, NS-CJK-STRIKE     `**한국어(Korean)**은`: GitHub shows the asterisks (commonmark-spec #650)
    NS-MATH-LETTER                 `$x$는`: GitHub shows the dollars, because a letter touches them
    NS-NESTED-ALERT                `> [!NOTE]` in a list, a quote or `<details>`: GitHub shows a plain quote
    NS-ALERT-CASE, -TITLE, -KIND   `> [!note]`, `> [!NOTE] title`, `> [!HINT]`: the same
    NS-HEADING-DEEP                `#####`: Notion has four levels
    NS-FOOTNOTE, NS-RAW-HTML,      Notion shows the source
    NS-EQUATION-LONG
    NS-TABLE-WIDE                  more columns than one request can hold
    NS-STUB                        `- A2.` with nothing behind it

What reading alone can tell comes with the document, as its notices; the rest is looked for here.

A repair is offered only where reading the repaired text again shows that nothing but the intended thing has changed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from notionsync.convert.dialect import ALERTS, RAW_CAPTION
from notionsync.convert.literal import literal_emphasis, literal_math
from notionsync.convert.parse import parse, split_lines
from notionsync.convert.repair import Repair, repaired
from notionsync.convert.richtext import MAX_EXPRESSION, MAX_ITEMS, plain
from notionsync.errors import ContentError
from notionsync.model import Document, Node

_ALERT = re.compile(r"[\s>*+\-\d.)]*>[ \t]*(?P<sign>\[!(?P<word>[A-Za-z]+)\])(?P<rest>[^\r\n]*)")
_DEEP_HEADING = re.compile(r"[\s>*+\-\d.)]*#{5,6}(?:[ \t]|$)")
_PASSES = 200
"""How often a text is looked at to mend it: a block gets one repair each time."""
_UNSEEN = frozenset({"column_list", "column", "synced_block"})
"""Containers that are comments to GitHub."""
_LABEL = re.compile(r"(?:[AaQq]|답변?|질문|[Aa]nswer|[Qq]uestion)\s*\d*\s*[.:)]")
_STUB = re.compile(rf"(?:{_LABEL.pattern})\s*")


@dataclass(frozen=True, slots=True)
class Lint:
    """Something found in a body.

    Attributes:
        line: 0-based line of the body.
        code: Stable name.
        message: What is the matter and what to do.
        repair: How to mend it, where that is proven to be safe.
    """

    line: int
    code: str
    message: str
    repair: Repair | None = None


def lint(text: str, document: Document | None = None) -> tuple[Lint, ...]:
    """Return what is found in a Markdown body, in the order of its lines.

    Args:
        text: The body, without front matter.
        document: The same text, if it has been parsed already.

    Raises:
        ContentError: The body cannot be parsed.
    """
    document = document or parse(text)
    lines = split_lines(text.removeprefix("\ufeff"))
    found = [*_literals(text, document)]
    told = {(one.line, one.code) for one in found}
    for notice in document.notices:
        if (notice.line, notice.code) not in told:
            found.append(Lint(max(notice.line, 0), notice.code, notice.message))
            told.add((notice.line, notice.code))
    for node, above, following in _walk(document.nodes):
        more = (*_alert(text, lines, node, above), *_block(lines, node, following))
        found += [one for one in more if (one.line, one.code) not in told]
    return tuple(sorted(found, key=lambda one: (one.line, one.code)))


def _literals(text: str, document: Document) -> Iterator[Lint]:
    for one in literal_emphasis(text, document):
        yield Lint(one.line, f"NS-CJK-{one.name}", _literal_message(one.source), one.repair)
    for one in literal_math(text, document):
        message = _math_message(one.source, mended=one.repair is not None)
        yield Lint(one.line, "NS-MATH-LETTER", message, one.repair)


def mend(text: str, unwanted: Container[str] = ()) -> tuple[str, tuple[Lint, ...]]:
    """Return a body with its proven repairs made, and what they were for, by their lines in the given text.

    Repairs move no line. Each one was proven by itself; they are made from the end of the text to its beginning, and
    those that do not go together with one that was made are looked at again.

    Args:
        text: The body.
        unwanted: Codes whose repairs are not made.

    Raises:
        ContentError: The body cannot be parsed.
    """
    done: list[Lint] = []
    for _ in range(_PASSES):
        todo = [one for one in lint(text) if one.repair is not None and one.code not in unwanted]
        if not todo:
            break
        edge = len(text) + 1
        for one in sorted(todo, key=_start, reverse=True):
            if one.repair is not None and one.repair.stop < edge:
                text = repaired(text, one.repair)
                # The block that holds the repair reads differently now; what else is proven in it is proven anew.
                edge = one.repair.edge
                done.append(one)
    return text, tuple(sorted(done, key=lambda one: (one.line, one.code)))


def _start(one: Lint) -> int:
    return one.repair.start if one.repair is not None else -1


def _walk(nodes: Sequence[Node]) -> Iterator[tuple[Node, tuple[str, ...], Node | None]]:
    """Yield all nodes in reading order, each with the types of the blocks above it and the sibling that follows it."""
    stack = _siblings(nodes, ())
    while stack:
        node, above, following = stack.pop()
        yield node, above, following
        stack += _siblings(node.children, (*above, node.block.type))


def _siblings(nodes: Sequence[Node], above: tuple[str, ...]) -> list[tuple[Node, tuple[str, ...], Node | None]]:
    pairs = zip_longest(nodes, nodes[1:])
    return [(node, above, following) for node, following in pairs if node is not None][::-1]


def _line(lines: Sequence[str], node: Node) -> str:
    return lines[node.span.start] if node.span.start < len(lines) else ""


def _block(lines: Sequence[str], node: Node, following: Node | None) -> Iterator[Lint]:
    block, line = node.block, node.span.start
    raw = block.type == "code" and plain(block.caption) == RAW_CAPTION
    if raw and plain(block.text).startswith("$$"):
        yield Lint(
            line, "NS-EQUATION-LONG", f"Notion takes {MAX_EXPRESSION} characters of an equation; it shows the source"
        )
    elif block.type == "heading_4" and _DEEP_HEADING.match(_line(lines, node)):
        yield Lint(line, "NS-HEADING-DEEP", "Notion has four levels of headings; it shows this one as the fourth")
    elif block.type == "table" and int(block.attrs.get("table_width", 0)) > MAX_ITEMS:
        yield Lint(
            line, "NS-TABLE-WIDE", f"{block.attrs['table_width']} columns; Notion takes {MAX_ITEMS}: split the table"
        )
    elif not block.children and _STUB.fullmatch(plain(block.text)) and _ends_there(following):
        yield Lint(line, "NS-STUB", f'"{plain(block.text).strip()}" has no answer behind it')


def _ends_there(following: Node | None) -> bool:
    """Tell whether nothing follows a label that could belong to it: the end, or the next label."""
    return following is None or _LABEL.match(plain(following.block.text)) is not None


def _alert(text: str, lines: Sequence[str], node: Node, above: tuple[str, ...]) -> Iterator[Lint]:
    """Look at quotes whose first line says that they are one of GitHub's alerts."""
    if node.block.type not in {"quote", "callout"} or (found := _ALERT.match(_line(lines, node))) is None:
        return
    word, rest = found["word"], found["rest"].strip()
    if node.block.type == "quote" and not plain(node.block.text).startswith(found["sign"]):
        return
    line, name = node.span.start, word.upper()
    if name not in ALERTS:
        near = difflib.get_close_matches(name, ALERTS, n=1)
        hint = f'; did you mean "[!{near[0]}]"?' if near else f"; GitHub knows {', '.join(ALERTS)}"
        yield Lint(line, "NS-ALERT-KIND", f"{found['sign']} is no alert{hint}")
    elif any(kind not in _UNSEEN for kind in above):
        yield Lint(
            line, "NS-NESTED-ALERT", f"GitHub shows {found['sign']} as text here: alerts stand at the top level only"
        )
    elif rest and node.block.type == "quote":
        yield Lint(
            line,
            "NS-ALERT-TITLE",
            f'GitHub shows {found["sign"]} as text, because "{rest}" follows it: begin a new line',
        )
    elif word != name:
        yield Lint(
            line,
            "NS-ALERT-CASE",
            f"GitHub shows {found['sign']} as text: write [!{name}]",
            _upper(text, node, found["sign"]),
        )


def _upper(text: str, node: Node, sign: str) -> Repair | None:
    """Return the repair that writes an alert's name in capitals, if the quote is a callout then and nothing else changes."""
    start = _offset(text, node.span.start)
    at = text.find(sign, start)
    repair = Repair(at, at + len(sign), sign.upper(), start)
    try:
        before, after = parse(text).nodes, parse(repaired(text, repair)).nodes
    except ContentError:
        return None
    here = [index for index, one in enumerate(before) if one.span == node.span]
    others = len(before) == len(after) and all(
        one.block == other.block
        for index, (one, other) in enumerate(zip(before, after, strict=True))
        if index not in here
    )
    return repair if others and len(here) == 1 and after[here[0]].block.type == "callout" else None


def _offset(text: str, line: int) -> int:
    """Return where a line begins; the byte order mark belongs to no line."""
    at = 1 if text.startswith("\ufeff") else 0
    ends = re.compile(r"\r\n|\r|\n")
    for _ in range(line):
        found = ends.search(text, at)
        if found is None:
            return len(text)
        at = found.end()
    return at


def _literal_message(source: str) -> str:
    marks = source[:2]
    tag = {"**": "strong", "~~": "del"}[marks]
    return (
        f"GitHub shows the {marks} of {_short(source)} as text: write <{tag}>…</{tag}>, or a blank behind the {marks}"
    )


def _math_message(source: str, *, mended: bool) -> str:
    if mended:
        return f"GitHub shows the dollars of {_short(source)}, because a letter touches them: write $`…`$, or blanks around"
    return f"GitHub shows the dollars of {_short(source)}, because a letter stands before them: put a blank there"


def _short(source: str) -> str:
    return source if len(source) <= 40 else f"{source[:39]}…"
