"""Cursors of queries: opaque to the client, remembered here."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple


class Given(NamedTuple):
    """A cursor that was handed out: how many results came before it, and when, in milliseconds."""

    before: int = 0
    at: int = 0


class Cursors:
    """What is known of each cursor, for the limit of results and its life; the oldest are forgotten."""

    def __init__(self, most: int = 4096) -> None:
        self._given: OrderedDict[str, Given] = OrderedDict()
        self._most = most

    def note(self, cursor: str, given: Given) -> None:
        """Remember a cursor that is handed out."""
        self._given[cursor] = given
        if len(self._given) > self._most:
            self._given.popitem(last=False)

    def get(self, cursor: str) -> Given | None:
        """What is known of a cursor."""
        return self._given.get(cursor)
