"""Ctrl-C, or a runner that is told to stop: once, and the question in hand is finished; twice, and all ends at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Brake:
    """Ends a run between two questions.

    Before the first question is begun nothing was written, so that a signal ends the run at once.
    """

    def __init__(self) -> None:
        self._at_work = False
        self._pulled = False

    def stopping(self) -> bool:
        """Tell whether to stop before the next question is begun."""
        self._at_work = True
        return self._pulled

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
