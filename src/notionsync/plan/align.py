"""Finding out which blocks of a text are the blocks of its base.

A Markdown file names no block ids. What its author kept, edited or moved is found by comparing the file's blocks with
the base's, whose ids are known. Six rules, the surer ones first:

1. *equal*: the same content, everything below included, in the same order (longest common subsequence);
2. *own*: the same content of the block itself, between blocks that are matched already;
3. *moved*: equal content anywhere else, if it says something and there is exactly one candidate on either side;
4. *alike*: what Notion made of the base's block, equal to nothing else on either side: both sides made the same change;
5. *similar*: the same type and much the same text, between matched blocks, in order; or, alone with one block of the
   same type between two matched neighbours, whatever it says: a rewritten paragraph is still that paragraph;
6. *moved and edited*: the same type and most of the text anywhere else, where each is what the other resembles most. Were it
   another block, what Notion does with the old one (moves it, puts a block below it) would keep that beside the new one.

Rules 1, 2 and 5 go down into the children of matched blocks. A block whose type changed is another block, because
Notion cannot change types. No rule guesses between equals, and all are deterministic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from notionsync.convert.richtext import plain
from notionsync.model import Block, Body, walk
from notionsync.plan.content import Contents
from notionsync.plan.sequence import Pair, lcs

SIMILAR = 0.6
"""Share of common letter pairs from which two texts are versions of one text."""
RELATED = 0.3
"""The same for blocks that have no text of their own, such as tables, measured on what is below them."""
MOVED = 0.75
"""The same for blocks at different places, where nothing else speaks for their being one."""
_HOLDERS = frozenset({"table", "column_list", "column", "tab", "synced_block"})
"""Types that say nothing by themselves: two of them are alike only if their contents are."""
_MAX_GRID = 2_500
"""Pairs up to which every candidate of a gap is compared with every other."""
_REACH = 8
"""Candidates that a block is compared with in a larger gap."""


def align(base: Body, local: Body, remote: Body = ()) -> Body:
    """Return `local` with the ids of the base blocks that its blocks stand for, None where there is none.

    Each id of the base is used at most once. `align(base, base) == base`, ids included.

    Args:
        base: The agreed blocks.
        local: The blocks of the file.
        remote: What Notion holds, where it is known.
    """
    contents = Contents()
    old, new = _Tree(base, contents), _Tree(local, contents)
    matching = _Matching(old, new)
    matching.descend(similar=False)
    matching.find_moved()
    matching.find_alike(remote, contents)
    matching.descend(similar=True)
    matching.find_moved()
    if matching.find_moved_and_edited():
        matching.descend(similar=True)
        matching.find_moved()
    return tuple(matching.with_ids(node) for node in new.top)


@dataclass(slots=True, eq=False)
class _Node:
    """A block of one tree; `match` is the node of the other tree that it stands for."""

    block: Block
    children: list[_Node]
    own: int
    whole: int
    match: _Node | None = None
    pairs: frozenset[int] | None = None


class _Tree:
    """The blocks of a body as nodes."""

    def __init__(self, body: Body, contents: Contents) -> None:
        self._contents = contents
        self.top = [self._node(block) for block in body]

    def _node(self, block: Block) -> _Node:
        children = [self._node(child) for child in block.children]
        own = self._contents.own(block)
        whole = self._contents.whole(own, tuple(child.whole for child in children))
        return _Node(block, children, own, whole)

    def unmatched(self) -> Iterator[_Node]:
        """Yield nodes without a match, parents before children."""
        stack = self.top[::-1]
        while stack:
            node = stack.pop()
            if node.match is None:
                yield node
            stack.extend(reversed(node.children))


class _Matching:
    """Which nodes of two trees stand for each other."""

    def __init__(self, old: _Tree, new: _Tree) -> None:
        self._old = old
        self._new = new

    def with_ids(self, node: _Node) -> Block:
        """Return a node's block with the ids it stands for."""
        children = tuple(self.with_ids(child) for child in node.children)
        return replace(node.block, id=node.match.block.id if node.match else None, children=children)

    def find_moved(self) -> None:
        """Match nodes that are equal and without a rival on either side, wherever they are.

        Blocks that say nothing are left out: an empty paragraph elsewhere is another empty paragraph.
        """
        rivals = Counter(node.whole for node in self._new.unmatched())
        found: dict[int, _Node | None] = {}
        for node in self._old.unmatched():
            found[node.whole] = None if node.whole in found else node
        for node in list(self._new.unmatched()):
            other = found.get(node.whole)
            if node.match is None and other is not None and rivals[node.whole] == 1 and _pairs(node):
                _bind_all(other, node)

    def find_alike(self, remote: Body, contents: Contents) -> None:
        """Match nodes that say what Notion holds now under the id of an old one."""
        free = {node.block.id: node for node in self._old.unmatched()}
        found: dict[int, _Node | None] = {}
        for block in walk(remote):
            number = contents.number(block)
            found[number] = None if number in found else free.get(block.id)
        rivals = Counter(node.whole for node in self._new.unmatched())
        for node in list(self._new.unmatched()):
            other = found.get(node.whole)
            if other is not None and rivals[node.whole] == 1 and other.block.type == node.block.type and _pairs(node):
                _bind(other, node)

    def find_moved_and_edited(self) -> bool:
        """Match nodes of which each resembles no other as much; tell whether there were any."""
        olds, news = list(self._old.unmatched()), list(self._new.unmatched())
        if len(olds) * len(news) > _MAX_GRID:
            return False
        rows = [[_worth(old, new) for new in news] for old in olds]
        columns = list(zip(*rows, strict=True))
        pairs = [
            (old, new)
            for old, row in zip(olds, rows, strict=True)
            for new, likeness, column in zip(news, row, columns, strict=True)
            if likeness >= MOVED and sum(w >= likeness for w in row) == sum(w >= likeness for w in column) == 1
        ]
        for old, new in pairs:
            _bind(old, new)
        return bool(pairs)

    def descend(self, *, similar: bool) -> None:
        """Match the children of everything that is matched, from the top down."""
        lists = [(self._old.top, self._new.top)]
        while lists:
            olds, news = lists.pop()
            self._siblings(olds, news, similar=similar)
            lists.extend((new.match.children, new.children) for new in news if new.match and new.children)

    def _siblings(self, olds: Sequence[_Node], news: Sequence[_Node], *, similar: bool) -> None:
        places = {node: place for place, node in enumerate(olds)}
        bound = {news[j].match: j for j in range(len(news)) if news[j].match in places}
        old_keys = [_key(node, bound.get(node), "old") for node in olds]
        new_keys = [_key(node, j if node.match in places else None, "new") for j, node in enumerate(news)]
        anchors = lcs(old_keys, new_keys)
        for i, j in anchors:
            if news[j].match is None:
                _bind_all(olds[i], news[j])
        for old_gap, new_gap in _gaps(olds, news, anchors):
            _match_gap(old_gap, new_gap, similar=similar)


def _key(node: _Node, bound: int | None, side: str) -> tuple[str, int]:
    """Return what two siblings must share to be paired: a bond made earlier, or else the same content."""
    if bound is not None:
        return "bound", bound
    return ("equal" if node.match is None else side), node.whole


def _bind(old: _Node, new: _Node) -> None:
    old.match, new.match = new, old


def _bind_all(old: _Node, new: _Node) -> None:
    """Match two equal subtrees, leaving alone what is matched already."""
    if old.match is None and new.match is None:
        _bind(old, new)
    for below, above in zip(old.children, new.children, strict=True):
        _bind_all(below, above)


def _gaps(
    olds: Sequence[_Node], news: Sequence[_Node], anchors: Sequence[Pair]
) -> Iterator[tuple[list[_Node], list[_Node]]]:
    """Yield the unmatched nodes on both sides between neighbouring anchors."""
    for (i, j), (next_i, next_j) in pairwise([(-1, -1), *anchors, (len(olds), len(news))]):
        old_gap, new_gap = _free(olds[i + 1 : next_i]), _free(news[j + 1 : next_j])
        if old_gap and new_gap:
            yield old_gap, new_gap


def _free(nodes: Iterable[_Node]) -> list[_Node]:
    return [node for node in nodes if node.match is None]


def _match_gap(olds: list[_Node], news: list[_Node], *, similar: bool) -> None:
    anchors = lcs([_own_key(node, "old") for node in olds], [_own_key(node, "new") for node in news])
    for i, j in anchors:
        _bind(olds[i], news[j])
    if not similar:
        return
    for old_gap, new_gap in list(_gaps(olds, news, anchors)):
        pairs = _similar(old_gap, new_gap)
        for i, j in pairs:
            _bind(old_gap[i], new_gap[j])
        for old_rest, new_rest in list(_gaps(old_gap, new_gap, pairs)):
            if len(old_rest) == len(new_rest) == 1 and _may_follow(old_rest[0], new_rest[0]):
                _bind(old_rest[0], new_rest[0])


def _own_key(node: _Node, side: str) -> tuple[str, int]:
    """Return what two nodes must share to be paired by what they say themselves, which holders do not do."""
    return (side if node.block.type in _HOLDERS else "equal"), node.own


def _may_follow(old: _Node, new: _Node) -> bool:
    """Tell whether a lone block may be a rewritten version of the one that stood in its place."""
    return old.block.type == new.block.type and old.block.type not in _HOLDERS


def _similar(olds: list[_Node], news: list[_Node]) -> list[Pair]:
    """Return pairs of similar nodes in order, with the greatest sum of likeness (in large gaps: the nearest ones)."""
    if len(olds) * len(news) > _MAX_GRID:
        return _similar_nearby(olds, news)
    width = len(news)
    best = [[0.0] * (width + 1) for _ in range(len(olds) + 1)]
    worth = [[_worth(old, new) for new in news] for old in olds]
    for i in range(len(olds) - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            pair = worth[i][j] + best[i + 1][j + 1] if worth[i][j] else 0.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    pairs: list[Pair] = []
    i = j = 0
    while i < len(olds) and j < width:
        if worth[i][j] and best[i][j] == worth[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _similar_nearby(olds: list[_Node], news: list[_Node]) -> list[Pair]:
    pairs: list[Pair] = []
    start = 0
    for j, new in enumerate(news):
        reach = range(start, min(start + _REACH, len(olds)))
        worth, nearest = max(((_worth(olds[i], new), -i) for i in reach), default=(0.0, 0))
        if worth:
            pairs.append((-nearest, j))
            start = 1 - nearest
    return pairs


def _worth(old: _Node, new: _Node) -> float:
    """Return how alike two nodes are, 0 if not enough to be one block."""
    if old.block.type != new.block.type:
        return 0.0
    likeness = _likeness(old, new)
    return likeness if likeness >= (RELATED if old.block.type in _HOLDERS else SIMILAR) else 0.0


def _likeness(old: _Node, new: _Node) -> float:
    """Return the share of letter pairs that two nodes have in common (Dice's coefficient), from 0 to 1."""
    a, b = _pairs(old), _pairs(new)
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


def _pairs(node: _Node) -> frozenset[int]:
    """Return a node's letter pairs, each as a number that also counts its occurrences (numbers intersect quickly)."""
    if node.pairs is None:
        counts = Counter(_letters(node))
        node.pairs = frozenset(pair << 16 | number for pair, count in counts.items() for number in range(count))
    return node.pairs


def _letters(node: _Node) -> Iterator[int]:
    for text in _texts(node.block):
        codes = [ord(letter) for letter in text] if len(text) > 1 else [0, ord(text)]
        yield from (first << 21 | second for first, second in pairwise(codes))
    if node.block.type in _HOLDERS:
        for child in node.children:
            yield from _letters(child)


def _texts(block: Block) -> Iterator[str]:
    """Yield what a reader takes a block for: its texts, and the addresses and formulas it holds."""
    for text in (block.text, block.caption, *block.cells):
        if text:
            yield plain(text)
    for key in ("url", "expression"):
        if isinstance(value := block.attrs.get(key), str) and value:
            yield value
