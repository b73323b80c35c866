"""Texts in front matter that hold more than one thing."""

from __future__ import annotations

import re
from typing import Any

LINK = re.compile(r"\[(?P<name>(?:\\.|[^\]\\])*)\]\(<?(?P<url>[^>]*?)>?\)", re.DOTALL)
"""A file with a name of its own: `[name](address)`."""
_PLACE = re.compile(r"(?P<words>.*?)\s*\((?P<lat>-?\d+(?:\.\d+)?), (?P<lon>-?\d+(?:\.\d+)?)\)", re.DOTALL)
_LARGEST_WHOLE = 2.0**53


def number(value: float) -> float:
    """Return a number without a fraction that says nothing: JSON does not tell 1.0 from 1, nor whole numbers beyond 2^53."""
    return int(value) if abs(value) <= _LARGEST_WHOLE and value == int(value) else float(value)


def place(text: str) -> dict[str, Any] | None:
    """Return what a place's text says, or None for a text without coordinates.

    >>> place("Lab · Berlin, Germany (52.52, 13.405)")
    {'lat': 52.52, 'lon': 13.405, 'name': 'Lab', 'address': 'Berlin, Germany'}
    """
    found = _PLACE.fullmatch(text.strip())
    if not found:
        return None
    name, dot, address = found["words"].partition(" ·")
    if not dot:
        name, address = "", name
    return {
        "lat": number(float(found["lat"])),
        "lon": number(float(found["lon"])),
        "name": name.strip() or None,
        "address": address.strip() or None,
    }
