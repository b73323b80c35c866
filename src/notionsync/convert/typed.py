"""Numbers that remember how they were typed: `1.10` is a number to a property of numbers, and no other text than `1.10`."""

from __future__ import annotations


class TypedInt(int):
    """A whole number in another spelling than its own, such as `0x1F`."""

    typed: str


class TypedFloat(float):
    """A number in another spelling than its own, such as `3.10`."""

    typed: str


def remembered(number: float, text: str) -> int | float:
    """Return a number that knows its text, if that is not the number's own.

    >>> as_typed(remembered(3.1, "3.10")), remembered(3.1, "3.10") + 1
    ('3.10', 4.1)
    """
    if repr(number) == text:
        return number
    known = TypedInt(number) if isinstance(number, int) else TypedFloat(number)
    known.typed = text
    return known


def as_typed(value: object) -> str:
    """Return a value as text, a number as it was typed."""
    return value.typed if isinstance(value, TypedInt | TypedFloat) else str(value)
