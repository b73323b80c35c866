"""Cursors of queries: opaque to the client, remembered here."""

from __future__ import annotations

from collections import OrderedDict


class Cursors:
    """How many results came before each cursor, for the limit; the oldest are forgotten."""

    def __init__(self, most: int = 4096) -> None:
        self._before: OrderedDict[str, int] = OrderedDict()
        self._most = most

    def note(self, cursor: str, count: int) -> None:
        """Remember a cursor that is handed out."""
        self._before[cursor] = count
        if len(self._before) > self._most:
            self._before.popitem(last=False)

    def before(self, cursor: str) -> int:
        """Results before it."""
        return self._before.get(cursor, 0)
