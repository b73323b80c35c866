"""Pairs of markers among siblings, folded into blocks: `<details>`, our regions, captions, and comments before a block."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from notionsync.convert.blocks import CAPTIONED, MAX_DEPTH
from notionsync.convert.dialect import RAW_CAPTION
from notionsync.convert.inline import read_html
from notionsync.convert.meta import Meta, read_attrs
from notionsync.convert.richtext import MAX_ITEMS, MAX_UNITS, normal, pieces, plain
from notionsync.errors import ContentError
from notionsync.model import Block, Links, Node, RichText, Run, Span

REGIONS = {"children": "", "columns": "column_list", "column": "column", "synced": "synced_block", "tabs": "tab"}
ALONE = {"toc": "table_of_contents", "breadcrumb": "breadcrumb"}

_DETAILS = re.compile(
    r"\s*(?:(?P<close></details\s*>)"
    r"|<details(?:\s[^<>]*)?>\s*<summary(?:\s[^<>]*)?>(?P<summary>(?:(?!</?(?:summary|details)\b)[\s\S])*)</summary\s*>)",
    re.IGNORECASE,
)
_HEADING = re.compile(r"\s*<h([1-4])>([\s\S]*)</h\1>\s*", re.IGNORECASE)
_ATTR = re.compile(r"""\s([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""")


@dataclass(frozen=True, slots=True)
class Piece:
    """A block among its siblings, before they are folded.

    Attributes:
        meta: What comments in its text say.
        own: Whether it is a paragraph that a list item or a quote can take for its own text.
    """

    node: Node
    meta: Meta | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """A marker among siblings: a comment of ours, or one end of a `<details>`.

    Attributes:
        raw: The HTML block that holds the marker, for the case that it has no partner; None for comments.
    """

    span: Span
    meta: Meta | None = None
    toggle: Block | None = None
    raw: Node | None = None

    @property
    def key(self) -> str:
        """What has to be equal at both ends; empty for a comment that stands alone."""
        if self.meta is None:
            return "<details>"
        return self.meta.word if self.meta.word in REGIONS else ""

    @property
    def opens(self) -> bool:
        """Whether this end is the first."""
        return self.toggle is not None if self.meta is None else not self.meta.end


def merged(metas: Sequence[Meta]) -> Meta | None:
    """Return several comments of one block as one."""
    if len(metas) <= 1:
        return metas[0] if metas else None
    words = [meta.word for meta in metas if meta.word]
    return Meta(words[-1] if words else "", {k: v for meta in metas for k, v in meta.attrs.items()})


def html_attrs(tag: str) -> dict[str, str]:
    """Return the attributes of an HTML tag, names in lower case, entities decoded."""
    return {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in _ATTR.finditer(tag)}


def details_tags(content: str, span: Span, links: Links) -> list[Tag]:
    """Return the ends of `<details>` that an HTML block consists of; none if it holds anything else."""
    if "details" not in content.lower():
        return []
    raw = raw_html(content, span)
    out: list[Tag] = []
    at = 0
    text = content.rstrip()
    while at < len(text):
        match = _DETAILS.match(text, at)
        if match is None:
            return []
        lead = len(match[0]) - len(match[0].lstrip())
        first = span.start + text.count("\n", 0, at + lead)
        own = Span(first, span.start + text.count("\n", 0, match.end()) + 1)
        toggle = None if match["close"] else _toggle(match["summary"], links)
        out.append(Tag(own, toggle=toggle, raw=raw))
        at = match.end()
    return out


def _toggle(summary: str, links: Links) -> Block:
    heading = _HEADING.fullmatch(summary)
    inline = read_html((heading[2] if heading else summary).strip(), links)
    meta = merged(inline.meta)
    attrs = read_attrs(meta.attrs) if meta else {}
    if heading:
        return Block(type=f"heading_{heading[1]}", text=inline.text, attrs={**attrs, "is_toggleable": True})
    return Block(type="toggle", text=inline.text, attrs=attrs)


def raw_html(content: str, span: Span) -> Node:
    """Return an HTML block that Notion cannot say."""
    text = (Run(text=content.rstrip("\n")),)
    return Node(Block(type="code", text=text, attrs={"language": "html"}, caption=(Run(text=RAW_CAPTION),)), span)


# --- folding ---------------------------------------------------------------------------------------------------------


def nodes(items: Sequence[Piece | Tag]) -> list[Node]:
    """Return siblings with every pair of markers folded into the block it stands for."""
    if all(isinstance(item, Piece) and item.meta is None for item in items):
        return [item.node for item in items if isinstance(item, Piece)]
    return _built(_paired(items))


def _paired(items: Sequence[Piece | Tag]) -> list[Piece | Tag]:
    """Return the siblings with markers that have no partner dropped, or turned back into the HTML they were."""
    partner: dict[int, int] = {}
    stack: list[int] = []
    waiting: Counter[str] = Counter()
    for index, item in enumerate(items):
        if not isinstance(item, Tag) or not item.key:
            continue
        if item.opens:
            stack.append(index)
            waiting[item.key] += 1
        elif waiting[item.key]:
            while (start := stack.pop()) is not None:
                key = _key(items[start])
                waiting[key] -= 1
                if key == item.key:
                    break
            partner[start], partner[index] = index, start
    return _unpaired_dropped(items, _without_halves(items, partner))


def _key(item: Piece | Tag) -> str:
    return item.key if isinstance(item, Tag) else ""


def _without_halves(items: Sequence[Piece | Tag], partner: dict[int, int]) -> dict[int, int]:
    """An HTML block is read as a whole or not at all: if one of its markers is alone, none of them counts."""
    blocks: dict[int, list[int]] = {}
    for index, item in enumerate(items):
        if isinstance(item, Tag) and item.raw is not None:
            blocks.setdefault(id(item.raw), []).append(index)
    todo = [ids for ids in blocks.values() if any(index not in partner for index in ids)]
    while todo:
        for index in todo.pop():
            other = partner.pop(index, None)
            if other is not None and partner.pop(other, None) is not None:
                item = items[other]
                todo.append(blocks[id(item.raw)] if isinstance(item, Tag) else [])
    return partner


def _unpaired_dropped(items: Sequence[Piece | Tag], partner: dict[int, int]) -> list[Piece | Tag]:
    out: list[Piece | Tag] = []
    last_raw: Node | None = None
    for index, item in enumerate(items):
        if isinstance(item, Piece) or not item.key or index in partner:
            out.append(item)
        elif item.raw is not None and item.raw is not last_raw:
            last_raw = item.raw
            out.append(Piece(item.raw))
    return out


@dataclass(slots=True)
class _Open:
    tag: Tag | None
    found: list[Node]
    before: list[Tag]


def _built(items: Iterable[Piece | Tag]) -> list[Node]:
    """Build the tree; every marker here has its partner."""
    levels = [_Open(None, [], [])]
    for item in items:
        top = levels[-1]
        if isinstance(item, Piece):
            _add(top, item)
        elif not item.key:
            _comment(top, item)
        elif item.opens:
            levels.append(_Open(item, [], []))
            if len(levels) > MAX_DEPTH:
                raise ContentError(f"toggles are nested more than {MAX_DEPTH} deep", line=item.span.start + 1)
        else:
            levels.pop()
            _close(levels[-1], top, item.span.stop)
    return levels[0].found


def _add(level: _Open, piece: Piece) -> None:
    node, before = piece.node, level.before
    level.before = []
    if piece.meta is not None and piece.meta.word == "caption" and _captioned(level, node):
        return
    for tag in reversed(before):
        if tag.meta is not None and tag.meta.word != "empty":
            block = node.block
            attrs = {**block.attrs, **read_attrs(tag.meta.attrs)}
            node = replace(node, block=replace(block, attrs=attrs), span=Span(tag.span.start, node.span.stop))
            node = _settled(node)
    level.found.append(node)


def _settled(node: Node) -> Node:
    """Leave out what Notion has by default, and the empty row that only GitHub's tables need; give code its marks."""
    attrs = {key: value for key, value in node.block.attrs.items() if value is not False}
    looks = attrs.pop("runs", None) if node.block.type == "code" else None
    block = replace(node.block, attrs=attrs, text=_marked(node.block.text, looks))
    if (
        block.type == "table"
        and "has_column_header" not in attrs
        and block.children
        and not any(block.children[0].cells)
    ):
        return replace(node, block=replace(block, children=block.children[1:]), children=node.children[1:])
    return replace(node, block=block)


def _marked(text: RichText, looks: Any) -> RichText:
    """Give stretches of code the marks that a comment lists, unless the code has changed since."""
    whole = plain(text)
    if not isinstance(looks, list):
        return text
    runs: list[Run] = []
    try:
        for length, look in looks:
            runs.append(Run(text=whole[:length], **look))
            whole = whole[length:]
    except (TypeError, ValueError):
        return text
    return tuple(runs) if not whole and plain(tuple(runs)) == plain(text) else text


def _captioned(level: _Open, node: Node) -> bool:
    if not level.found:
        return False
    last = level.found[-1]
    if last.block.type not in CAPTIONED or last.block.caption:
        return False
    caption = tuple(replace(run, italic=not run.italic) for run in node.block.text)
    block = replace(last.block, caption=normal(caption))
    level.found[-1] = replace(last, block=block, span=Span(last.span.start, node.span.stop))
    return True


def _comment(level: _Open, tag: Tag) -> None:
    meta = tag.meta
    if meta is None or meta.end:
        return
    if meta.word in ALONE:
        level.before = []
        level.found.append(Node(Block(type=ALONE[meta.word], attrs=read_attrs(meta.attrs)), tag.span))
    else:
        level.before.append(tag)


def _close(level: _Open, inner: _Open, stop: int) -> None:
    tag = inner.tag
    if tag is None:
        return
    span = Span(tag.span.start, stop)
    below = tuple(node.block for node in inner.found)
    if tag.meta is None:
        block = tag.toggle or Block(type="toggle")
        _add(level, Piece(Node(replace(block, children=below), span, tuple(inner.found))))
    elif tag.meta.word == "children":
        _adopt(level, inner, stop)
    elif _fits(tag.meta.word, inner.found):
        attrs = read_attrs({k: v for k, v in tag.meta.attrs.items() if k not in ("from", "id")})
        if tag.meta.word == "synced" and "from" in tag.meta.attrs:
            attrs["synced_from"] = {"type": "block_id", "block_id": tag.meta.attrs["from"]}
        block = Block(type=REGIONS[tag.meta.word], attrs=attrs, children=below)
        _add(level, Piece(Node(block, span, tuple(inner.found))))
    else:
        level.found.extend(inner.found)


def _adopt(level: _Open, inner: _Open, stop: int) -> None:
    """Give the block before a `children` region what is inside the region."""
    if not level.found:
        level.found.extend(inner.found)
        return
    last = level.found[-1]
    block = replace(last.block, children=(*last.block.children, *(node.block for node in inner.found)))
    level.found[-1] = Node(block, Span(last.span.start, stop), (*last.children, *inner.found))


def _fits(word: str, found: Sequence[Node]) -> bool:
    """Tell whether Notion takes these children in such a block."""
    types = {node.block.type for node in found}
    if word == "columns":
        return types == {"column"} and len(found) > 1
    if word == "tabs":
        return types == {"paragraph"}
    return True


# --- Notion's limits -------------------------------------------------------------------------------------------------


def items_of(text: RichText) -> int:
    """Return how many items a request needs for a text."""
    return sum(1 if len(run.text) * 2 <= MAX_UNITS else len(pieces(run.text)) for run in text)


def limited(piece: Piece) -> list[Piece | Tag]:
    """Return a paragraph as several where one array of rich text cannot hold it, all with the same lines."""
    block = piece.node.block
    long = len(block.text) > MAX_ITEMS or sum(len(run.text) for run in block.text) > MAX_UNITS * MAX_ITEMS // 4
    if not long or items_of(block.text) <= MAX_ITEMS or (piece.meta and piece.meta.attrs.get("whole") == "true"):
        return [piece]
    first, *rest = _parts(block.text)
    more = [Piece(Node(Block(type="paragraph", text=part), piece.node.span), own=True) for part in rest]
    return [replace(piece, node=replace(piece.node, block=replace(block, text=first))), *more]


def _parts(text: RichText) -> list[RichText]:
    """Cut a text into arrays that a request can hold, each cut where white space is."""
    out: list[RichText] = []
    now: list[Run] = []
    cut = 0
    for run in text:
        for piece in pieces(run.text) if run.kind == "text" else [run.text]:
            if len(now) == MAX_ITEMS:
                cut = cut or MAX_ITEMS
                out.append(tuple(now[:cut]))
                now, cut = now[cut:], 0
            now.append(replace(run, text=piece))
            if piece[-1:].isspace() or (piece[:1].isspace() and len(now) == 1):
                cut = len(now)
    out.append(tuple(now))
    return [normal(part) for part in out]


def one_array(text: RichText) -> RichText:
    """Return a text as one array can hold it: of a table cell with too many pieces the last ones lose their marks."""
    if len(text) <= MAX_ITEMS and items_of(text) <= MAX_ITEMS:
        return text
    head, tail = text[: MAX_ITEMS // 2], text[MAX_ITEMS // 2 :]
    return normal((*head, Run(text=plain(tail))))
