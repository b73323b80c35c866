"""Telling contents apart quickly: equal blocks get equal numbers."""

from __future__ import annotations

from collections.abc import Hashable

from notionsync.convert.richtext import canonical
from notionsync.model import Block


class Contents:
    """Numbers blocks by what they say, ids left aside.

    Two blocks of any of the trees that were shown to one instance have the same number exactly when they are equal.
    A number is hashable, which a block is not, and comparing two of them does not walk two trees.
    """

    def __init__(self) -> None:
        self._own: dict[Hashable, int] = {}
        self._whole: dict[Hashable, int] = {}

    def own(self, block: Block) -> int:
        """Return the number of the block without what is below it."""
        key = (block.type, block.text, canonical(dict(block.attrs)), block.caption, block.cells)
        return self._own.setdefault(key, len(self._own))

    def whole(self, own: int, below: tuple[int, ...]) -> int:
        """Return the number of a block with everything below it.

        Args:
            own: The number of the block alone.
            below: The whole numbers of its children.
        """
        return self._whole.setdefault((own, below), len(self._whole))

    def number(self, block: Block) -> int:
        """Return the number of a block with everything below it."""
        return self.whole(self.own(block), tuple(self.number(child) for child in block.children))
