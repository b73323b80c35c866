"""The lists of a Markdown file whose items link into a folder, and what their authors wrote in them."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, link
from markdown_it.token import Token


class Link(NamedTuple):
    """A link in an item's text.

    Attributes:
        start: Where its source begins.
        stop: Where its source ends.
        label: The source between its square brackets.
        url: Its address, percent-encoded.
    """

    start: int
    stop: int
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class ListItem:
    """An item as it was written.

    Attributes:
        line: Its line, counted from 0.
        number: The number written before it; empty in a bulleted list.
        doubled: A second number or bullet written behind the first; empty if there is none.
        text: Its inline Markdown, verbatim, without the marker.
        links: The links in it, in order.
        more: Line of something that stands below the item's first paragraph; None if nothing does.
    """

    line: int
    number: str
    doubled: str
    text: str
    links: tuple[Link, ...]
    more: int | None


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list.

    Attributes:
        start: Its first line, counted from 0.
        stop: The line after its last one; blank lines behind the list are not its own.
        ordered: Whether its items are numbered.
        items: What it holds.
        shared: Whether it begins on the line of the item that it stands in.
    """

    start: int
    stop: int
    ordered: bool
    items: tuple[ListItem, ...]
    shared: bool


class Target(NamedTuple):
    """What an address that leads into the folder says.

    Attributes:
        prefix: What stands before the folder's name, such as `https://github.com/o/r/blob/main/`, as it is written; may be empty.
        path: The file below the folder, decoded, the folder included.
        rest: A query or an anchor; empty if there is none.
    """

    prefix: str
    path: str
    rest: str


def target(url: str, folder: str) -> Target | None:
    """Return where an address leads in a folder, or None if it leads to no Markdown file in it.

    >>> target("https://github.com/o/r/blob/main/answers/%EB%B9%84.md#a", "answers")
    Target(prefix='https://github.com/o/r/blob/main/', path='answers/비.md', rest='#a')
    """
    address, rest = re.fullmatch(r"([^?#]*)(.*)", url, re.DOTALL).groups()  # type: ignore[union-attr] # matches all
    decoded = unicodedata.normalize("NFC", unquote(address))
    match = re.fullmatch(rf"((?:.*/)?)({re.escape(folder)}/.+\.md)", decoded, re.IGNORECASE)
    if match is None or any(part in {"", ".", ".."} for part in match[2].split("/")):
        return None
    written = address.rsplit("/", match[2].count("/") + 1)[0] + "/" if match[1] else ""
    return Target(written, folder + match[2][len(folder) :], rest)


def find_lists(lines: Sequence[str]) -> tuple[FoundList, ...]:
    """Return all lists of a file, nested ones included, in the order they begin."""
    tokens = _parser().parse("".join(lines))
    return tuple(
        _list(tokens, at, lines)
        for at, token in enumerate(tokens)
        if token.type in _LIST_OPEN and not _alone(tokens, at)
    )


def links_of(text: str) -> tuple[Link, ...]:
    """Return the links of inline Markdown, in order; those in HTML left out."""
    tokens = _parser().parseInline(text)
    return tuple(child.meta["link"] for token in tokens for child in token.children or () if "link" in child.meta)


_ANCHOR: Final = re.compile(r"""<a\s[^<>]*?href\s*=\s*["']([^"'<>]*)["'][^<>]*>(.*?)</a\s*>""", re.IGNORECASE)
_LIST_OPEN: Final = {"ordered_list_open", "bullet_list_open"}


def _parser() -> MarkdownIt:
    """Return a parser whose link tokens know where in the text they stand."""
    md = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")
    md.inline.ruler.at("link", _located(link))
    return md


def _located(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    def located(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            opening = next(token for token in state.tokens[before:] if token.type == "link_open")
            label_end = state.md.helpers.parseLinkLabel(state, start, True)
            opening.meta = {
                "link": Link(start, state.pos, state.src[start + 1 : label_end], str(opening.attrs["href"]))
            }
        return True

    return located


def _list(tokens: Sequence[Token], at: int, lines: Sequence[str]) -> FoundList:
    opening = tokens[at]
    start, stop = opening.map or (0, 0)
    while stop > start and not lines[stop - 1].strip():
        stop -= 1
    items = tuple(_item(tokens, inner) for inner in _children(tokens, at))
    above = tokens[at - 1] if at else opening
    shared = above.type == "list_item_open" and above.map is not None and above.map[0] == start
    return FoundList(start, stop, opening.type == "ordered_list_open", items, shared)


def _links(inline: Token) -> Iterator[Link]:
    """Yield the links of a text, those written in HTML included."""
    tokens = inline.children or []
    yield from (token.meta["link"] for token in tokens if "link" in token.meta)
    if any(token.type == "html_inline" for token in tokens):
        for match in _ANCHOR.finditer(inline.content):
            yield Link(match.start(), match.end(), match[2], html.unescape(match[1]))


def _children(tokens: Sequence[Token], at: int) -> Iterator[int]:
    """Yield the positions of the tokens that open what is directly below a token."""
    level = tokens[at].level
    for inner in range(at + 1, len(tokens)):
        if tokens[inner].level == level:
            return
        if tokens[inner].level == level + 1 and tokens[inner].nesting >= 0:
            yield inner


def _alone(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a list is only a second marker behind an item's first one, as in `23. 24. text`."""
    if at == 0 or tokens[at - 1].type != "list_item_open" or tokens[at - 1].map is None:
        return False
    return len(list(_children(tokens, at - 1))) == 1 and len(list(_children(tokens, at))) == 1


def _item(tokens: Sequence[Token], at: int) -> ListItem:
    opening = tokens[at]
    line = (opening.map or (0, 0))[0]
    below = list(_children(tokens, at))
    doubled = ""
    while len(below) == 1 and tokens[below[0]].type in _LIST_OPEN and _alone(tokens, below[0]):
        inner = next(_children(tokens, below[0]))
        doubled += f"{tokens[inner].info}{tokens[inner].markup} "
        below = list(_children(tokens, inner))
    if not below:
        return ListItem(line, opening.info, doubled.strip(), "", (), None)
    if tokens[below[0]].type != "paragraph_open":
        return ListItem(line, opening.info, doubled.strip(), "", (), line)
    inline = tokens[below[0] + 1]
    links = tuple(sorted(_links(inline)))
    more = (tokens[below[1]].map or (line, line))[0] if len(below) > 1 else None
    return ListItem(line, opening.info, doubled.strip(), inline.content, links, more)
