"""Anchors of headings, as GitHub makes them.

A heading's text in small letters, without punctuation, blanks as hyphens; letters of any script stay. One that is there
already gets `-1`, `-2` and so on. (GitHub documents the rules under "Section links"; github-slugger is the reference.)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MD: Final = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["strikethrough", "table"])
_KEPT: Final = ("L", "M", "Nd", "Nl", "Pc")
_ENCLOSED: Final = re.compile("[\u24b6-\u24e9\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]")
"""Letters in circles and squares, which Unicode calls symbols and alphabetic."""
_NAMED: Final = re.compile(r"""<[a-z][^<>]*?\s(?:id|name)\s*=\s*["']([^"'<>]+)["']""", re.IGNORECASE)


class Heading(NamedTuple):
    """A heading of a file.

    Attributes:
        line: Its line, counted from 0.
        slug: Its anchor in this file.
    """

    line: int
    slug: str


def slug(text: str) -> str:
    """Return the anchor of a heading that is the only one of its text.

    >>> slug("CNN & RNN: 무엇이 다른가요?"), slug("The `tanh` _question_")
    ('cnn--rnn-무엇이-다른가요', 'the-tanh-question')
    """
    return _slug(_plain(_MD.parseInline(text)))


def headings(text: str) -> tuple[Heading, ...]:
    """Return the headings of a Markdown text, in order."""
    tokens = _MD.parse(text)
    seen: dict[str, int] = {}
    found = []
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            line = token.map[0] if token.map else 0
            found.append(Heading(line, _unique(_slug(_plain([tokens[at + 1]])), seen)))
    return tuple(found)


def titles(text: str) -> tuple[tuple[int, str], ...]:
    """Return line, counted from 0, and words of each heading of a Markdown text."""
    tokens = _MD.parse(text)
    return tuple(
        (token.map[0], _plain([tokens[at + 1]]))
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.map
    )


def targets(text: str) -> frozenset[str]:
    """Return everything in a Markdown text that an address can end in: anchors of headings, and names given in HTML."""
    named = (match[1] for html in _html(_MD.parse(text)) for match in _NAMED.finditer(html))
    return frozenset([*(heading.slug for heading in headings(text)), *named])


def _unique(base: str, seen: dict[str, int]) -> str:
    found = base
    while found in seen:
        seen[base] += 1
        found = f"{base}-{seen[base]}"
    seen[found] = 0
    return found


def _slug(text: str) -> str:
    kept = (c for c in text.lower() if c in " -" or unicodedata.category(c).startswith(_KEPT) or _ENCLOSED.match(c))
    return "".join(kept).replace(" ", "-")


def _plain(tokens: Sequence[Token]) -> str:
    """Return what a reader sees of inline Markdown."""
    out = []
    for token in tokens:
        for child in token.children or ():
            if child.type in {"text", "code_inline"}:
                out.append(child.content)
            elif child.type == "softbreak":
                out.append(" ")
    return "".join(out).strip()


def _html(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in {"html_block", "html_inline"}:
            yield token.content
        yield from _html(token.children or ())
