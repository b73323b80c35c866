"""Ctrl-C, or a runner that is told to stop, or a time that is over: once, and the question in hand is finished; twice, and all ends at once."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Brake:
    """Ends a run between two questions.

    Before the first question is begun nothing was written, so that a signal ends the run at once.

    Args:
        minutes: How long questions may be begun; None for ever.
        clock: Seconds that never go back.
    """

    def __init__(self, minutes: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_work = False
        self._pulled = False
        self._clock = clock
        self._ends = None if minutes is None else clock() + minutes * 60

    def stopping(self) -> bool:
        """Tell whether to stop before the next question is begun."""
        self._at_work = True
        return self._pulled or (self._ends is not None and self._clock() >= self._ends)

    @contextmanager
    def fitted(self) -> Iterator[None]:
        """Listen to the signals for a while; only a program's main thread can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._pull) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _pull(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self._pulled or not self._at_work:
            raise KeyboardInterrupt
        self._pulled = True
        click.echo("\nfinishing the question in hand; once more stops at once", err=True)
