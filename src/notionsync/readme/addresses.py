"""Addresses inside a question's own words: they are relative to its file, and in a list to the file of the list."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote

from notionsync.readme.listing import URL_SAFE, relative
from notionsync.readme.lists import links_of

_DESTINATION: Final = re.compile(r"\]\([ \t]*(?:<([^<>\\]*)>|([^\s<>()\\]+))")
_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*:|/", re.IGNORECASE)
"""Addresses that mean the same from everywhere."""


def moved(text: str, origin: str, to: str) -> str:
    """Return inline Markdown of one file as it has to read in another, so that its links lead where they led.

    >>> moved("See [Dropout](Dropout.md#why)", "answers/RNN.md", "README.md")
    'See [Dropout](answers/Dropout.md#why)'

    Args:
        text: The Markdown.
        origin: The file it is from, relative to the repository.
        to: The file it is put into.
    """
    if "](" not in text or origin.rpartition("/")[0] == to.rpartition("/")[0]:
        return text
    out, at = [], 0
    for link in links_of(text):
        destination = _DESTINATION.match(text, link.start + 1 + len(link.label), link.stop)
        if destination is None:
            continue
        part = 1 if destination[1] is not None else 2
        out += [text[at : destination.start(part)], _seen_from(destination[part], origin, to)]
        at = destination.end(part)
    return "".join([*out, text[at:]])


def _seen_from(address: str, origin: str, to: str) -> str:
    path, rest = re.fullmatch(r"([^?#]*)(.*)", address, re.DOTALL).groups()  # type: ignore[union-attr] # matches all
    if _ELSEWHERE.match(address):
        return address
    found = _resolved(unquote(path), origin) if path else origin
    return address if found is None else quote(relative(found, to), safe=URL_SAFE) + rest


def _resolved(path: str, origin: str) -> str | None:
    """Return where a relative path leads in the repository; None if it leads out of it."""
    parts = origin.split("/")[:-1]
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts) + ("/" if path.endswith("/") else "")
