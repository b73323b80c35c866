"""The workspace on SQLite: one table of nodes (pages, databases, data sources, blocks), one of uploads.

Children of a node are ordered by a sparse number, so that inserting between two of them changes neither.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STEP = 65536.0
_SMALLEST_GAP = 1e-6

_SCHEMA = """
CREATE TABLE IF NOT EXISTS node (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  type TEXT NOT NULL,
  parent_kind TEXT NOT NULL,
  parent_id TEXT,
  position REAL NOT NULL,
  created INTEGER NOT NULL,
  edited INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  edited_by TEXT NOT NULL,
  trashed INTEGER NOT NULL DEFAULT 0,
  hidden INTEGER NOT NULL DEFAULT 0,
  title TEXT NOT NULL DEFAULT '',
  data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS node_children ON node (parent_id, position, seq);
CREATE INDEX IF NOT EXISTS node_rows ON node (parent_id, created, seq) WHERE kind = 'page';
CREATE INDEX IF NOT EXISTS node_edits ON node (parent_id, edited, created, seq) WHERE kind = 'page';
CREATE TABLE IF NOT EXISTS upload (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  data TEXT NOT NULL,
  created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS comment (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  about TEXT NOT NULL,
  data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS view (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  database TEXT NOT NULL,
  source TEXT NOT NULL,
  data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS part (
  upload TEXT NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (upload, number)
);
CREATE TABLE IF NOT EXISTS file (place TEXT PRIMARY KEY, content_type TEXT NOT NULL, bytes BLOB NOT NULL);
"""

_COLUMNS = (
    "id, kind, type, parent_kind, parent_id, position, created, edited, created_by, edited_by, trashed, hidden, "
    "title, data, seq"
)


@dataclass(slots=True, eq=False)
class Node:
    """A page, database, data source or block as it is stored.

    Attributes:
        raw: The payload as JSON text; `data` parses it on first use and is written back by `Store.update`.
        seq: Creation order, given by the store.
    """

    id: str
    kind: str
    type: str
    parent_kind: str
    parent_id: str | None
    position: float
    created: int
    edited: int
    created_by: str
    edited_by: str
    trashed: int = 0
    hidden: int = 0
    title: str = ""
    raw: str = "{}"
    seq: int = 0
    _data: dict[str, Any] | None = field(default=None, init=False)

    @property
    def data(self) -> dict[str, Any]:
        """The payload."""
        if self._data is None:
            self._data = json.loads(self.raw)
        return self._data

    @data.setter
    def data(self, value: dict[str, Any]) -> None:
        self._data = value

    def dump(self) -> str:
        """The payload as JSON text, with what was changed in `data`."""
        if self._data is not None:
            self.raw = json.dumps(self._data, ensure_ascii=False, separators=(",", ":"))
        return self.raw


class Store:
    """Nodes in SQLite. Every request runs inside `transaction`, one at a time."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None, cached_statements=256)
        # The connection is closed with the store, so that nothing is left open for the garbage collector to find.
        self._finalizer = weakref.finalize(self, self._db.close)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database file."""
        with self._lock:
            self._finalizer()

    def copy(self) -> Store:
        """The same content in a store of its own, in memory."""
        copy = Store()
        with self._lock:
            self._db.backup(copy._db)
        return copy

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the store for a while without changing it."""
        with self._lock:
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes made inside, or none when an exception leaves it."""
        with self._lock:
            self._db.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def get(self, identifier: str) -> Node | None:
        """A node by id."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM node WHERE id = ?", (identifier,)).fetchone()  # noqa: S608
        return Node(*row) if row else None

    def select(self, where: str, values: Sequence[Any] = ()) -> Iterator[Node]:
        """Nodes by a condition of ours (never of a client's), read as they are asked for."""
        cursor = self._db.execute(f"SELECT {_COLUMNS} FROM node WHERE {where}", values)  # noqa: S608
        while rows := cursor.fetchmany(128):
            for row in rows:
                yield Node(*row)

    def count(self, where: str, values: Sequence[Any] = ()) -> int:
        """How many nodes fulfil a condition of ours."""
        return int(self._db.execute(f"SELECT count(*) FROM node WHERE {where}", values).fetchone()[0])  # noqa: S608

    def latest(self) -> int:
        """The number of the last node that was stored; 0 when there is none."""
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM node").fetchone()[0])

    def insert(self, node: Node) -> None:
        """Add a node; its `seq` is set."""
        cursor = self._db.execute(
            "INSERT INTO node (id, kind, type, parent_kind, parent_id, position, created, edited, created_by, "
            "edited_by, trashed, hidden, title, data) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                node.id,
                node.kind,
                node.type,
                node.parent_kind,
                node.parent_id,
                node.position,
                node.created,
                node.edited,
                node.created_by,
                node.edited_by,
                node.trashed,
                node.hidden,
                node.title,
                node.dump(),
            ),
        )
        node.seq = cursor.lastrowid or 0

    def update(self, node: Node) -> None:
        """Write a changed node back."""
        self._db.execute(
            "UPDATE node SET parent_kind=?, parent_id=?, position=?, edited=?, edited_by=?, trashed=?, hidden=?, "
            "title=?, data=? WHERE id=?",
            (
                node.parent_kind,
                node.parent_id,
                node.position,
                node.edited,
                node.edited_by,
                node.trashed,
                node.hidden,
                node.title,
                node.dump(),
                node.id,
            ),
        )

    def touch(self, identifier: str, when: int, who: str) -> None:
        """Set when and by whom a node was last edited."""
        self._db.execute("UPDATE node SET edited=?, edited_by=? WHERE id=?", (when, who, identifier))

    def delete(self, identifier: str) -> None:
        """Remove a node and everything below it for good."""
        self._db.execute(
            "WITH RECURSIVE below(id) AS (VALUES (?) UNION SELECT node.id FROM node JOIN below ON parent_id = below.id)"
            " DELETE FROM node WHERE id IN (SELECT id FROM below)",
            (identifier,),
        )

    def children(self, parent: str, *, start: Node | None = None, limit: int = -1) -> list[Node]:
        """Living children in document order, from `start` on (inclusive)."""
        where = "parent_id = ? AND trashed = 0 AND hidden = 0"
        values: list[Any] = [parent]
        if start is not None:
            where += " AND (position, seq) >= (?, ?)"
            values += [start.position, start.seq]
        return list(self.select(f"{where} ORDER BY position, seq LIMIT ?", [*values, limit]))

    def parents_among(self, identifiers: Sequence[str]) -> set[str]:
        """Those of the given nodes that have living children."""
        marks = ",".join("?" * len(identifiers))
        rows = self._db.execute(
            f"SELECT DISTINCT parent_id FROM node WHERE trashed = 0 AND parent_id IN ({marks})",  # noqa: S608
            identifiers,
        )
        return {row[0] for row in rows}

    def gap(self, parent: str, count: int, *, after: Node | None = None, first: bool = False) -> list[float]:
        """Positions for `count` new children: at the end, at the start, or after a sibling."""
        if after is None and not first:
            last = self._db.execute("SELECT max(position) FROM node WHERE parent_id = ?", (parent,)).fetchone()[0]
            start = 0.0 if last is None else float(last)
            return [start + STEP * (index + 1) for index in range(count)]
        for _ in range(2):
            low, high = self._neighbours(parent, after)
            step = (high - low) / (count + 1)
            if step > _SMALLEST_GAP:
                return [low + step * (index + 1) for index in range(count)]
            self._spread(parent)
            if after is not None:
                after = self.get(after.id)
        raise AssertionError("a freshly spread list of children has room")

    def _neighbours(self, parent: str, after: Node | None) -> tuple[float, float]:
        if after is None:
            first = self._db.execute("SELECT min(position) FROM node WHERE parent_id = ?", (parent,)).fetchone()[0]
            high = 0.0 if first is None else float(first)
            return high - STEP, high
        row = self._db.execute(
            "SELECT min(position) FROM node WHERE parent_id = ? AND position > ?", (parent, after.position)
        ).fetchone()
        return after.position, after.position + STEP if row[0] is None else float(row[0])

    def _spread(self, parent: str) -> None:
        ordered = self._db.execute(
            "SELECT id FROM node WHERE parent_id = ? ORDER BY position, seq", (parent,)
        ).fetchall()
        self._db.executemany(
            "UPDATE node SET position = ? WHERE id = ?",
            [(STEP * (index + 1), row[0]) for index, row in enumerate(ordered)],
        )

    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement of ours on the other tables."""
        return self._db.execute(statement, values).fetchall()
