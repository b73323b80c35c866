"""New blocks, cut into what one request may hold. Pure.

At most 100 entries in an array of children, 1,000 blocks and 500 KB a request
(developers.notion.com/reference/request-limits), and two tiers below each top entry
(developers.notion.com/reference/patch-block-children).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notionsync.convert import blocks as convert
from notionsync.model import Block

ARRAY = 100
BLOCKS = 1000
BYTES = 490_000
"""500 KB, less what stands around the blocks."""
TIERS = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A block to create, ready to be sent.

    Attributes:
        block: What it says.
        request: Its request without children.
        children: What belongs below it.
    """

    block: Block
    request: Mapping[str, Any]
    children: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Bytes of the request, children left out."""
        text = json.dumps(self.request, ensure_ascii=False, separators=(",", ":"))
        return len(text.encode("utf-8", "surrogatepass")) + len(',"children":[],')

    @property
    def company(self) -> tuple[Piece, ...]:
        """The children that have to be in the same request (developers.notion.com/reference/block)."""
        if self.block.type == "column_list":
            return self.children
        synced_original = self.block.type == "synced_block" and not self.block.attrs.get("synced_from")
        return self.children[:1] if self.block.type in {"table", "tab"} or synced_original else ()

    @property
    def height(self) -> int:
        """How many tiers have to be below it in the same request."""
        return max((1 + child.height for child in self.company), default=0)

    @property
    def least(self) -> tuple[int, int]:
        """Blocks and bytes of it with all that has to be in the same request."""
        parts = [child.least for child in self.company]
        return 1 + sum(blocks for blocks, _ in parts), self.size + sum(size for _, size in parts)


@dataclass(frozen=True, slots=True)
class Rest:
    """Children that did not fit, to be appended below a block of the request they belong to.

    Attributes:
        path: Which block: its place among the top entries, then among the children, and so on.
        pieces: What to append to it.
        done: How many children it has from the request.
    """

    path: tuple[int, ...]
    pieces: tuple[Piece, ...]
    done: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one request holds.

    Attributes:
        children: The request's `children`.
        rests: What is to follow below blocks of this request, in reading order.
    """

    children: list[dict[str, Any]]
    rests: tuple[Rest, ...]


def pieces(blocks: Sequence[Block], uploads: Mapping[str, str]) -> tuple[Piece, ...]:
    """Return blocks as they will be sent.

    Args:
        blocks: What to create, with everything below.
        uploads: For each `asset:` or `notion:` address the id of the file upload that holds its bytes.

    Raises:
        ContentError: A block that Notion cannot hold, or a file without an upload.
    """
    return tuple(_piece(block, convert.to_api(block, uploads=uploads)) for block in blocks)


def _piece(block: Block, request: Mapping[str, Any]) -> Piece:
    payload = dict(request[block.type])
    below = payload.pop("children", [])
    # What is below a copy of a synced block belongs to the original, and is not sent.
    children = tuple(_piece(*pair) for pair in zip(block.children, below, strict=False))
    return Piece(block, {**request, block.type: payload}, children)


def cut(waiting: Sequence[Piece], *, spent: int = 0) -> Chunk:
    """Return the first request for a run of blocks: as many as it may hold, at least one.

    Args:
        waiting: What is to be created, in order; not empty.
        spent: Bytes of the request that are taken by something else.
    """
    scissors = _Scissors(BLOCKS, BYTES - spent)
    return Chunk(scissors.take(waiting, (), ()), tuple(scissors.rests))


class _Scissors:
    """One cut: what is left of the limits, and what did not fit."""

    def __init__(self, blocks: int, size: int) -> None:
        self.blocks = blocks
        self.size = size
        self.rests: list[Rest] = []

    def take(self, waiting: Sequence[Piece], company: Sequence[Piece], path: tuple[int, ...]) -> list[dict[str, Any]]:
        """Take siblings while they fit, each with as much below it as fits."""
        taken: list[dict[str, Any]] = []
        for piece in company:
            self._spend(piece, -1)
        for place, piece in enumerate(waiting[:ARRAY]):
            if place < len(company):
                self._spend(piece, +1)
            first_of_all = not path and not taken  # let the service refuse it, rather than never send anything
            if not first_of_all and not self._fits(piece, len(path)):
                break
            self.blocks -= 1
            self.size -= piece.size
            taken.append(self._with_children(piece, (*path, place)))
        return taken

    def _spend(self, piece: Piece, sign: int) -> None:
        blocks, size = piece.least
        self.blocks += sign * blocks
        self.size += sign * size

    def _fits(self, piece: Piece, depth: int) -> bool:
        blocks, size = piece.least
        return depth + piece.height <= TIERS and blocks <= self.blocks and size <= self.size

    def _with_children(self, piece: Piece, path: tuple[int, ...]) -> dict[str, Any]:
        below = self.take(piece.children, piece.company, path) if len(path) <= TIERS else []
        if len(below) < len(piece.children):
            self.rests.append(Rest(path, piece.children[len(below) :], len(below)))
        if not below and piece.block.type != "column":  # a column list may have empty columns, but they say so
            return dict(piece.request)
        type_ = piece.block.type
        return {**piece.request, type_: {**piece.request[type_], "children": below}}
