"""The rate limit: requests of a connection, and of the whole workspace, in a sliding window."""

from __future__ import annotations

import math
import threading
from collections import deque
from typing import Final

from notionsync.emulator.faults import rate_limited
from notionsync.emulator.settings import RateLimit

_EVERYONE: Final = ""


class Limiter:
    """Counts requests and refuses those over the limit, by the emulated time."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._times: dict[str, deque[float]] = {}

    def admit(self, token: str, now: float) -> None:
        """Count a request.

        Raises:
            ApiError: It is over the limit; 429 with the seconds until the next may come. Refused requests are not
                counted.
        """
        limit = self._limit
        if limit.per_minute is None and limit.workspace_per_minute is None:
            return
        with self._lock:
            budgets = (
                (token, limit.per_minute, "public_api_request_rate_limit"),
                (_EVERYONE, limit.workspace_per_minute, "public_api_space_request_rate_limit"),
            )
            for key, most, reason in budgets:
                wait = self._wait(key, most, now)
                if wait is not None:
                    raise rate_limited(wait, reason)
            for key, most, _ in budgets:
                if most is not None:
                    self._times[key].append(now)

    def _wait(self, key: str, most: int | None, now: float) -> int | None:
        if most is None:
            return None
        times = self._times.setdefault(key, deque())
        while times and times[0] <= now - self._limit.window:
            times.popleft()
        if len(times) < most:
            return None
        return max(1, math.ceil(times[0] + self._limit.window - now))
