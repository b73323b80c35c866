"""What was asked: exact counts by kind, and the latest requests one by one."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import Any, Final

MOST_ENTRIES: Final = 10_000


class RequestLog:
    """Counts requests to `/v1`; control endpoints, files and pages for people are not counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: Counter[str] = Counter()
        self._reads = 0
        self._entries: deque[dict[str, Any]] = deque(maxlen=MOST_ENTRIES)

    def note(self, *, kind: str, method: str, path: str, status: int, reads: bool, user: str | None) -> None:
        """Count one request; `status` 0 stands for a connection that was dropped."""
        with self._lock:
            self._kinds[kind] += 1
            self._reads += reads
            self._entries.append({"method": method, "path": path, "kind": kind, "status": status, "user": user})

    def clear(self) -> None:
        """Start again at nought."""
        with self._lock:
            self._kinds.clear()
            self._entries.clear()
            self._reads = 0

    def shown(self) -> dict[str, Any]:
        """Totals since the last `clear`, and the latest requests in order."""
        with self._lock:
            total = self._kinds.total()
            return {
                "total": total,
                "reads": self._reads,
                "writes": total - self._reads,
                "by_kind": dict(sorted(self._kinds.items())),
                "log": list(self._entries),
            }
