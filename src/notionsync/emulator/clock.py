"""The emulator's own time: real, shifted, or standing still until told otherwise."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """Time as the emulated service sees it.

    A running clock follows the machine's; `advance` and `set` shift it, `freeze` stops it and `run` lets it go on.

    Args:
        start: What it shows at first; the machine's time when left out.
        frozen: Whether it stands still from the beginning.
        source: Where running time comes from; seconds since the epoch.
    """

    def __init__(
        self, start: datetime | None = None, *, frozen: bool = False, source: Callable[[], float] = time.time
    ) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._offset = 0.0 if start is None else start.timestamp() - source()
        self._frozen_at: float | None = source() + self._offset if frozen else None
        if frozen and start is not None:
            self._frozen_at = start.timestamp()

    def __call__(self) -> datetime:
        """The same as `now`, so that the clock itself can be given where a function is asked for."""
        return self.now()

    def seconds(self) -> float:
        """Seconds since the epoch on this clock."""
        with self._lock:
            return self._source() + self._offset if self._frozen_at is None else self._frozen_at

    def milliseconds(self) -> int:
        """Milliseconds since the epoch on this clock."""
        return int(self.seconds() * 1000)

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen_at is not None

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, standing or running (negative: back)."""
        with self._lock:
            if self._frozen_at is None:
                self._offset += seconds
            else:
                self._frozen_at += seconds

    def set(self, when: datetime) -> None:
        """Show `when`; a running clock runs on from there."""
        with self._lock:
            if self._frozen_at is None:
                self._offset = when.timestamp() - self._source()
            else:
                self._frozen_at = when.timestamp()

    def freeze(self) -> None:
        """Stand still at the time now shown."""
        now = self.seconds()
        with self._lock:
            self._frozen_at = now

    def run(self) -> None:
        """Go on from the time now shown."""
        now = self.seconds()
        with self._lock:
            self._offset = now - self._source()
            self._frozen_at = None


class FollowingClock(Clock):
    """A clock that shows what a function of the caller's returns; `advance` and the like shift it against that."""

    def __init__(self, source: Callable[[], datetime | float]) -> None:
        def seconds() -> float:
            value = source()
            return value.timestamp() if isinstance(value, datetime) else float(value)

        super().__init__(source=seconds)


def minute(milliseconds: int) -> int:
    """Round down to the minute, the resolution of nearly all of Notion's time stamps."""
    return milliseconds - milliseconds % 60_000


def stamp(milliseconds: int) -> str:
    """A time stamp as pages and blocks carry it: `2026-06-28T09:41:00.000Z`."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def database_stamp(milliseconds: int) -> str:
    """A time stamp as database objects carry it: `2026-06-28T09:41:07.083+00:00`."""
    return f"{stamp(milliseconds)[:-1]}+00:00"


def http_date(milliseconds: int) -> str:
    """The same moment as a `Date` header."""
    return format_datetime(datetime.fromtimestamp(milliseconds // 1000, UTC), usegmt=True)
