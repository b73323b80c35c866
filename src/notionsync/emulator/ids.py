"""Identifiers: what the service accepts, what it returns and how it makes new ones."""

from __future__ import annotations

import random
import re

_ID = re.compile(r"([0-9a-fA-F]{8})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{12})\Z")
_SLUG = re.compile(r"[^A-Za-z0-9_-]+")
NIL = "00000000-0000-0000-0000-000000000000"


def canonical(text: object) -> str | None:
    """The dashed lower-case form of an id written with or without dashes; None when it is no valid uuid.

    The version digit (1–8) and the variant digit (8–b) are checked, as the service does; the nil uuid is valid.
    """
    if not isinstance(text, str):
        return None
    match = _ID.match(text)
    if match is None:
        return None
    dashed = "-".join(match.groups()).lower()
    if dashed == NIL or (dashed[14] in "12345678" and dashed[19] in "89ab"):
        return dashed
    return None


def compact(identifier: str) -> str:
    """An id without dashes."""
    return identifier.replace("-", "")


def web_url(base: str, identifier: str, title: str = "") -> str:
    """The address of a page or database in the web app.

    The slug is the title with every run of other characters turned into one dash.
    """
    slug = _SLUG.sub("-", title).strip("-")
    return f"{base}/{slug}-{compact(identifier)}" if slug else f"{base}/{compact(identifier)}"


class IdMaker:
    """New identifiers; the same seed gives the same ones."""

    def __init__(self, seed: int | None = None) -> None:
        # Names, not secrets: a seeded generator makes a run repeatable.
        self._random = random.Random(seed)  # noqa: S311

    def new(self, version: str = "8") -> str:
        """A uuid with the given version digit; pages and blocks of the service carry an 8, databases a 4."""
        digits = f"{self._random.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def property_id(self, taken: set[str]) -> str:
        """A property id: four printable characters, percent-encoded as the service shows them."""
        while True:
            text = "".join(chr(self._random.randrange(0x3A, 0x7F)) for _ in range(4))
            encoded = "".join(c if c.isalnum() or c in "_~" else f"%{ord(c):02X}" for c in text)
            if encoded not in taken:
                return encoded
