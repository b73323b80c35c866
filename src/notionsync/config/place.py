"""Where in a TOML text a key stands: the reader of the standard library does not tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*=""")
_PLACE = re.compile(r"\[?\[(?P<table>[^\]]+)\]\]?(?: (?P<key>\S+))?")


def line_of(text: str, where: str, key: str = "") -> int:
    r"""Return the 1-based line of a place, that of its table where the key has none, 0 where it cannot be told.

    Args:
        text: The TOML text.
        where: The place as an error calls it: `[files] folder`, `[region 2] name` in the second `[[region]]`, `top level`.
        key: The key, where the place does not say it.

    >>> line_of("[files]\n\nfolder = 1\n", "[files] folder")
    3
    """
    found = _PLACE.fullmatch(where)
    table = found["table"] if found else key
    name = key or (found["key"] or "" if found else "")
    lines = [line for line, at, one in _keys(text) if one == name and _is(at, table if found else "")]
    headers = [line for line, at, one in _keys(text) if not one and _is(at, table)]
    return next((some[0] for some in (lines, headers) if len(some) == 1), 0)


def _is(table: str, wanted: str) -> bool:
    """Tell whether a table is meant; `[properties]` may be one of a collection, too."""
    return table == wanted or (wanted == "properties" and table.endswith(" properties"))


def _keys(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, table and key of each key, and of each table with an empty key; those of an array are numbered."""
    table = ""
    counts: Counter[str] = Counter()
    for line, content in enumerate(text.splitlines(), 1):
        header = _HEADER.fullmatch(content)
        if header:
            table = _numbered(header[2].split("."), counts, array=header[1] == "[[")
            yield line, table, ""
        elif key := _KEY.match(content):
            yield line, table, next(part for part in key.groups() if part is not None)


def _numbered(parts: list[str], counts: Counter[str], *, array: bool) -> str:
    """Return what errors call a table: its name, behind those of the entries of arrays that it belongs to."""
    called = ""
    for place, part in enumerate(parts, 1):
        called = f"{called} {part}".strip()
        counts[called] += array and place == len(parts)
        called = f"{called} {counts[called]}" if counts[called] else called
    return called
