"""Making a failing play short."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.machine.play import Step


def shrunk(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool]) -> list[Step]:
    """Return a play that still fails, from which no step can be taken away.

    Args:
        steps: A play that fails.
        fails: Tells whether another one fails in the same way.
    """
    left = list(steps)
    size = max(1, len(left) // 2)
    while True:
        at, shorter = 0, False
        while at < len(left):
            candidate = left[:at] + left[at + size :]
            if fails(candidate):
                left, shorter = candidate, True
            else:
                at += size
        if size == 1 and not shorter:
            return left
        size = max(1, size // 2)


def as_text(steps: Sequence[Step]) -> str:
    """Return a play as one line, which `as_steps` reads."""
    return " ".join(f"{name}:{number}" for name, number in steps)


def as_steps(text: str) -> list[Step]:
    """Return the play that a line tells."""
    return [(name, int(number)) for name, _, number in (part.partition(":") for part in text.split())]
