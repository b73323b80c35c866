"""How fast requests may follow each other: one bucket of tokens for all threads.

The service allows 180 requests in 60 seconds per connection on the smaller plans and 600 on the larger ones, with bursts,
next to a budget for the whole workspace that nobody tells (developers.notion.com/reference/request-limits).
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

_WINDOW = 60.0
_BURST = 0.05
"""Share of a minute's requests that may go at once; refill is lowered by it, so that no window holds more than allowed."""
_SLOWEST = 1 / 16
_CALM = 1.0
"""Seconds in which several complaints count as one: parallel requests run into the same wall together."""
_RECOVERY = 0.02
_TICK = 1e-6
"""Seconds that are rounding, not waiting."""


class Clock(Protocol):
    """Time as the Notion side needs it, so that tests can own it."""

    def now(self) -> float:
        """Return the time of day in seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> float:
        """Return the time of day in seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Pace:
    """Lets requests through so that no 60 seconds see more than `per_minute` of them, bursts included.

    It slows down when the service complains, by half each time down to a sixteenth, and comes back with every success.
    Thread-safe.

    Args:
        per_minute: Requests a minute.
        clock: Whose time counts.
    """

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._burst = max(1, int(per_minute * _BURST))
        self._interval = _WINDOW / max(1, per_minute - self._burst + 1)
        self._speed = 1.0
        self._full_at = clock.monotonic()
        self._closed_until = self._full_at
        self._complained = self._full_at - _CALM

    @property
    def speed(self) -> float:
        """The share of the full pace that is in use at the moment, above 0 and at most 1."""
        with self._lock:
            return self._speed

    def wait(self) -> None:
        """Return when the next request may be sent."""
        with self._lock:
            now = self._clock.monotonic()
            interval = self._interval / self._speed
            starts = max(now, self._full_at - (self._burst - 1) * interval, self._closed_until)
            self._full_at = max(self._full_at, starts) + interval
        while (delay := starts - self._clock.monotonic()) > _TICK:
            self._clock.sleep(delay)
            with self._lock:
                starts = max(starts, self._closed_until)

    def close_for(self, seconds: float) -> None:
        """Let nothing through for a while, whichever thread asks: the service named a time."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    def slow_down(self) -> None:
        """Halve the speed, once for complaints that come together."""
        with self._lock:
            now = self._clock.monotonic()
            if now - self._complained >= _CALM:
                self._complained = now
                self._speed = max(_SLOWEST, self._speed / 2)

    def speed_up(self) -> None:
        """Come a little closer to the full pace: a request went well."""
        with self._lock:
            self._speed = min(1.0, self._speed + _RECOVERY)
