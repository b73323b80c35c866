"""Compose a text from an author's lines and new ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice, pairwise

from notionsync.convert.dialect import Dialect
from notionsync.convert.merge_text import merge_text
from notionsync.convert.pairing import rising, settle, shares_lines
from notionsync.convert.restyle import ENOUGH, LISTED, Styles
from notionsync.convert.seam import Seam, noted, says, seam_of
from notionsync.model import Block, Body, Document, Links, Node

_DEEPEST = 3
"""The level of blocks that is rendered as a whole first; then those above it, up to the top."""

SPACED, CAREFUL, BARE, WHOLE = 1, 2, 3, 4
PLAIN = WHOLE + _DEEPEST + 1
"""Efforts, each with all that the ones before it do, see `Weaver.text`."""

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_EOL = re.compile(r"\r\n|\n|\r")
_LAST_EOL = re.compile(r"(?:\r\n|\n|\r)\Z")
_BOM = "\ufeff"
_MARKER = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])(?:[ \t]+|$)")
_INDENTED = frozenset({*LISTED, "quote", "callout"})
"""Blocks whose children stand below them without a closing line."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a sequence of siblings stands.

    Attributes:
        prefix: What a new line there begins with.
        depth: How many blocks enclose it.
        parent: The block that holds it, or None at the top.
        top: Whether no list and no quote encloses it.
        effort: How hard to try, see `Weaver.text`.
    """

    prefix: str = ""
    depth: int = 0
    parent: Block | None = None
    top: bool = True
    effort: int = 0

    @property
    def in_table(self) -> bool:
        """Whether the siblings are rows."""
        return self.parent is not None and self.parent.type == "table"


class Weaver:
    """Composes texts for one document and one wanted body.

    Attributes:
        touched: For each wanted block, whether it is anything but an unchanged block in its old order.
    """

    def __init__(self, document: Document, wanted: Body, links: Links, dialect: Dialect) -> None:
        self.bom = _BOM if document.text.startswith(_BOM) else ""
        text = document.text.removeprefix(_BOM)
        found = _EOL.search(text)
        self.eol = found[0] if found else "\n"
        self.lines: list[str] = _LINES.findall(text)
        self.open_end = bool(text) and not text.endswith(("\n", "\r"))
        if self.open_end:
            self.lines[-1] += self.eol
        self.nodes = document.nodes
        self.wanted = wanted
        self.styles = Styles(document, self.lines, links, dialect)
        paired = settle(self.nodes, wanted)
        self.same_start = bool(paired) and paired[0] == 0
        self.by_id = {node.block.id: node for node in _all(self.nodes) if node.block.id}
        self.touched = [at is None or self.nodes[at].block != block for at, block in zip(paired, wanted, strict=True)]
        self.efforts: Sequence[int] = ()

    def text(self, efforts: Sequence[int]) -> str:
        """Return the text, trying as hard at each wanted block as its effort says.

        0           edit what changed, alone
        SPACED      put blank lines around it
        CAREFUL     escape whatever might be taken for Markdown
        BARE        write the changed block as we write, its marker aside
        WHOLE …     write anew what holds the change, one level more each time, the author's style carried over
        PLAIN       write the whole block anew, as we write
        """
        self.efforts = efforts
        if not self.nodes:
            head, tail = self.lines, []
        else:
            head, tail = self.lines[: self.nodes[0].span.start], self.lines[max(n.span.stop for n in self.nodes) :]
        body = self.sequence(self.nodes, self.wanted, _Place())
        if body and head and says(head[-1]) and not self.same_start:
            body = [self.eol, *body]
        while self.nodes and not body and not tail and head and not says(head[-1]):
            head.pop()  # The blank lines before a body that is gone.
        return self.ended("".join([*head, *body, *tail]))

    def ended(self, text: str) -> str:
        """Return a text with the author's line end, mark and kind of ending."""
        if "\n" in text and self.eol not in text:
            text = text.replace("\n", self.eol)
        return self.bom + (_LAST_EOL.sub("", text) if self.open_end else text)

    # --- siblings

    def sequence(self, nodes: Sequence[Node], wanted: Sequence[Block], place: _Place) -> list[str]:
        """Return the lines of siblings, from the first one's first line to the last one's last."""
        paired = settle(nodes, wanted)
        in_order = rising(paired)
        out: list[str] = []
        fresh: list[tuple[Block, list[str]]] = []
        last, before = -1, None
        for at, block in enumerate((*wanted, None)):
            here = self.tried(place, at) if block else place
            index = paired[at] if block else len(nodes)
            if block and (index is None or at not in in_order):
                moved = nodes[index] if index is not None and not shares_lines(nodes, index) else None
                lines = self.block(moved, block, here) if moved else self.new(block, nodes, wanted, at, here)
                fresh.append((block, lines))
                continue
            stop = len(nodes) if index is None else index
            gaps = [self.gap(nodes, k) for k in range(max(last, 0), stop if block else stop - 1)]
            deleted = stop - last - 1
            joined = block is not None and last >= 0 and nodes[stop].span.start < nodes[last].span.stop
            if joined:  # Its lines, such as those of pictures side by side, are there already.
                last, before = stop, block
                continue
            steady = (last < 0 or nodes[last].block == before) and (not block or nodes[stop].block == block)
            seam = seam_of(before, block, gaps, fresh, deleted)
            out += self.stitch(replace(seam, touched=not steady), nodes, here)
            if block:
                shares = shares_lines(nodes, stop)
                lines = self.lines[slice(*nodes[stop].span)] if shares else self.block(nodes[stop], block, here)
                if deleted and not fresh and (before is None or before.type != block.type):
                    lines = self.styles.renumbered(lines, nodes[last + 1], nodes[stop])
                out += lines
            last, before, fresh = stop, block, []
        return out

    def tried(self, place: _Place, at: int) -> _Place:
        """Return the place with the effort of one wanted block; what is below a block shares its effort."""
        return replace(place, effort=self.efforts[at]) if place.parent is None else place

    def gap(self, nodes: Sequence[Node], at: int) -> list[str]:
        """Return the lines between a node and the next."""
        return self.lines[nodes[at].span.stop : max(nodes[at + 1].span.start, nodes[at].span.stop)]

    def stitch(self, seam: Seam, nodes: Sequence[Node], place: _Place) -> list[str]:
        """Return the lines between two blocks that stay: gaps of the author's, and new blocks with blank lines."""
        before, after, fresh = seam.before, seam.after, seam.fresh
        if not fresh:
            return self.closed(seam, place)
        lead, trail = seam.first, seam.final
        if not seam.deleted and before and after and not self.leads(seam, place):
            lead, trail = [], lead
        out = self.spaced(lead, before, fresh[0][0], nodes, place) if before else []
        for number, (block, lines) in enumerate(fresh):
            if number:
                out += self.spaced([], fresh[number - 1][0], block, nodes, place)
            out += lines
        if not after:
            return [*out, *self.apart(noted(seam.kept), place)]
        written = self.apart([*seam.kept, *trail], place)
        return [*out, *self.spaced(written, fresh[-1][0], after, nodes, place)]

    def leads(self, seam: Seam, place: _Place) -> bool:
        """Tell whether new blocks go behind the gap they come to: new items to the list below it, rows below the rule.

        Otherwise they go before it, because what is written in a gap belongs to what follows.
        """
        if place.in_table:
            return True
        listed = [block is not None and block.type in LISTED for block in (seam.before, seam.fresh[-1][0], seam.after)]
        return listed == [False, True, True] and not noted(seam.first)

    def closed(self, seam: Seam, place: _Place) -> list[str]:
        """Return the gap between two blocks that stay, with nothing new between them; what is not blank is kept."""
        first, final, kept = seam.first, seam.final, seam.kept
        if not seam.before or not seam.after:
            written = noted([*first, *kept, *final])
            if not written:
                return []
            return [*written, *self.blank(1, place)] if seam.after else [*self.blank(1, place), *written]
        if not seam.deleted:
            return (
                self.at_least(first, 1, place)
                if place.effort >= SPACED and seam.touched and not first and not place.in_table
                else first
            )
        if not noted([*first, *kept, *final]):
            return self.at_least(max(first, final, key=len), int(place.effort > 0), place)
        lead = first if noted(first) or not noted(final) else first[:1]
        trail = final if noted(final) else final[:1]
        doubled = lead and trail and not says(trail[0]) and not says(lead[-1])
        return [*lead, *(kept if lead else self.apart(kept, place)), *(trail[1:] if doubled else trail)]

    def apart(self, gap: list[str], place: _Place) -> list[str]:
        """Return a gap that begins with a blank line if anything is written in it: a definition would run on from text."""
        return [*self.blank(1, place), *gap] if gap and says(gap[0]) else gap

    def spaced(self, gap: list[str], one: Block, other: Block, nodes: Sequence[Node], place: _Place) -> list[str]:
        """Return a gap with at least the blank lines that two neighbours need."""
        if place.in_table:
            return gap
        wanted = 1
        if place.effort == 0 and noted(gap):
            return gap
        if place.effort == 0 and one.type in LISTED and other.type in LISTED:
            wanted = self.usual(nodes) if one.type == other.type or gap else 1
            wanted = min(wanted, len(gap)) if gap else wanted
        elif place.effort == 0 and gap:
            wanted = len(gap)
        return self.at_least(gap, wanted, place)

    def usual(self, nodes: Sequence[Node]) -> int:
        """Return how many lines the author puts between two items of one list."""
        listed = (
            at
            for at, (one, other) in enumerate(pairwise(nodes))
            if one.block.type == other.block.type and one.block.type in LISTED
        )
        counts = Counter(len(self.gap(nodes, at)) for at in islice(listed, ENOUGH))
        return counts.most_common(1)[0][0] if counts else self.styles.usual

    def at_least(self, gap: list[str], count: int, place: _Place) -> list[str]:
        """Return a gap with at least so many blank lines."""
        missing = count - sum(1 for line in gap if not says(line))
        return [*gap, *self.blank(missing, place)] if missing > 0 else gap

    def blank(self, count: int, place: _Place) -> list[str]:
        """Return blank lines as they look inside a quote or outside."""
        return [place.prefix.rstrip(" \t") + self.eol] * count

    # --- one block

    def block(self, node: Node, block: Block, place: _Place) -> list[str]:
        """Return the lines of a block that stands for one of the author's."""
        start, stop = node.span
        source = self.lines[start:stop]
        whole = place.effort >= WHOLE and place.depth >= PLAIN - 1 - place.effort
        plain = place.effort >= PLAIN
        if node.block == block and not plain:
            return source
        if whole or plain:
            return self.restyled(node.block, block, source, place, plain=plain)
        below = node.children
        if not below and not block.children:
            return self.restyled(node.block, block, source, place)
        inner = replace(
            place,
            prefix=self.inner_prefix(node, place),
            depth=place.depth + 1,
            parent=block,
            top=place.top and block.type not in _INDENTED,
        )
        if not below:
            return self.with_first_children(node, block, source, place, inner)
        apart = all(start <= child.span.start < child.span.stop <= stop for child in below)
        if not apart or (below[0].span.start == start and not _holds(node, block)):
            return self.restyled(node.block, block, source, place)
        return self.with_children(node, block, place, inner)

    def with_children(self, node: Node, block: Block, place: _Place, inner: _Place) -> list[str]:
        """Return a block's own lines, edited if they must be, around those of its children."""
        start, stop = node.span
        first, last = node.children[0].span.start, max(child.span.stop for child in node.children)
        head, tail = self.lines[start:first], self.lines[last:stop]
        if not node.block.same_own(block):
            bare = noted(head)
            blanks = head[len(bare) :]
            head = [*self.restyled(node.block.own(), block.own(), bare, place), *blanks]
        children = self.sequence(node.children, block.children, inner)
        if not children and not tail:
            return noted(head)
        if (
            children
            and block.children
            and head
            and says(head[-1])
            and block.children[0].type not in LISTED
            and node.children[0].block.type in LISTED
        ):
            children = [*self.blank(1, inner), *children]
        return [*head, *children, *tail]

    def with_first_children(
        self, node: Node, block: Block, source: list[str], place: _Place, inner: _Place
    ) -> list[str]:
        """Return the lines of a block that had no children and gets some."""
        if block.type not in _INDENTED or not block.text:
            return self.restyled(node.block, block, source, place)
        head = source if node.block.same_own(block) else self.restyled(node.block, block.own(), source, place)
        tight = block.children[0].type in LISTED and block.type in LISTED and not place.effort
        return [*head, *([] if tight else self.blank(1, inner)), *self.sequence((), block.children, inner)]

    def restyled(self, old: Block, new: Block, source: list[str], place: _Place, *, plain: bool = False) -> list[str]:
        """Return a block's new lines with the style of its old ones; without, for `plain`."""
        theirs = self.canonical(new, place, careful=place.effort >= CAREFUL)
        if plain or place.effort == BARE:
            text = self.styles.marked(theirs, source[0], place.prefix) if old.type == new.type else theirs
        else:
            ours = "".join(_EOL.sub("\n", line) for line in source).removesuffix("\n")
            text = merge_text(self.canonical(old, place), ours, theirs)
        return self.ended_like(text, source)

    def canonical(self, block: Block, place: _Place, *, careful: bool = False) -> str:
        """Return a block at a place as we write it."""
        if place.in_table:
            return place.prefix + self.styles.row(block, careful=careful)
        return _prefixed(self.styles.canonical(block, top=place.top, careful=careful), place.prefix)

    def ended_like(self, text: str, source: Sequence[str]) -> list[str]:
        """Return lines with the line ends that the same lines had, or the first one's."""
        ends = [_EOL.findall(line)[-1] for line in source]
        out = [line + (ends or [self.eol])[0] for line in text.split("\n")]
        if len(set(ends)) > 1:
            old, new = [line.rstrip("\r\n") for line in source], text.split("\n")
            for a, b, size in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
                out[b : b + size] = source[a : a + size]
        return out

    def new(self, block: Block, nodes: Sequence[Node], wanted: Sequence[Block], at: int, place: _Place) -> list[str]:
        """Return the lines of a block that the author's text does not have."""
        moved = self.by_id.get(block.id or "")
        if moved and place.effort < CAREFUL and (lines := self.carried(moved, block, place)):
            return lines
        before = len(_same_before(wanted, at))
        careful = place.effort >= CAREFUL
        if place.in_table:
            text = self.styles.fresh_row(block, nodes, place.prefix, careful=careful)
        else:
            text = self.styles.fresh(block, nodes, before, place.prefix, top=place.top, careful=careful)
        return [line + self.eol for line in text.split("\n")]

    def carried(self, node: Node, block: Block, place: _Place) -> list[str]:
        """Return the author's lines of a block that has moved below another one; none if they cannot be set in anew."""
        source = self.lines[slice(*node.span)]
        lead = source[0][: len(source[0]) - len(source[0].lstrip("> \t"))] if source else ""
        if node.block.type in {"quote", "callout", "code"} or not all(
            line.startswith(lead) or not says(line) for line in source
        ):
            return []
        lines = [place.prefix + line[len(lead) :] if says(line) else self.blank(1, place)[0] for line in source]
        return lines if node.block == block else self.restyled(node.block, block, lines, place)

    def inner_prefix(self, node: Node, place: _Place) -> str:
        """Return what a new line inside a block begins with."""
        if node.block.type in {"quote", "callout"}:
            return place.prefix + "> "
        if node.block.type not in LISTED:
            return place.prefix
        line = self.lines[node.span.start]
        start = len(place.prefix) if line.startswith(place.prefix) else 0
        marker = _MARKER.match(line.rstrip("\r\n"), start)
        own = line[:start] + " " * (marker.end() - start if marker else 2)
        for child in node.children:
            if child.span.start > node.span.start and child.block.type not in {"code", "quote", "callout", "table"}:
                line = self.lines[child.span.start]
                lead = line[: len(line) - len(line.lstrip("> \t"))]
                if lead.expandtabs(4).startswith(own):
                    return lead
        return own


def _holds(node: Node, block: Block) -> bool:
    """Tell whether a block whose first child begins on its own first line can keep that line."""
    if not node.block.same_own(block) or not block.children:
        return False
    return node.block.type not in LISTED or settle(node.children, block.children)[0] == 0


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(prefix + line if line else prefix.rstrip(" \t") for line in text.split("\n"))


def _all(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)


def _same_before(wanted: Sequence[Block], at: int) -> Sequence[Block]:
    """Return the run of siblings of one type right before a place."""
    start = at
    while start and wanted[start - 1].type == wanted[at].type:
        start -= 1
    return wanted[start:at]
