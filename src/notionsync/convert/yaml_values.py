"""The values of front matter, read without the scanner where that is safe.

Most front matter is a few lines of `key: value`. Those are read here, many times faster than by the scanner, and a test
holds both to the same answers; whatever looks like more goes to the scanner.
"""

from __future__ import annotations

import re

from notionsync.convert.yaml_lines import NULL, read, resolve
from notionsync.model import FieldValue

_EOL = re.compile(r"\r\n|\n|\r")
_SIMPLE = re.compile(
    r"""(?x:
    (?: (?P<key>[^\W\d][\w-]*) :
        (?: [ ]+ (?: (?P<plain>   \w (?:[^\s\x00-\x1f\x7f-\x9f\ufeff\ufffe\uffff:\#]|[:\#](?=[!-~])|[ ]+(?=[^\s:\#]))* )
                 |   (?P<quoted>  "[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*"
                               |  '[^'\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*' )
                 | \[(?P<list>    (?:[ ]*\w[\w.+-]*(?:[ ]+\w[\w.+-]*)*[ ]*,)* (?:[ ]*\w[\w.+-]*(?:[ ]+\w[\w.+-]*)*)? [ ]* )\]
        ) )? [ ]*
    | (?P<comment> \# [^\x00-\x1f\x7f-\x9f\ufeff\ufffe\uffff]* )?
    ))"""
)
"""A line that says one thing and can be read alone: `key:`, `key: words`, `key: "words"`, `key: [one, two]`, a comment."""


def read_values(text: str) -> dict[str, FieldValue] | None:
    """Return the keys and values of a YAML text, None for a document that is no mapping.

    Raises:
        ContentError: Not YAML, a key that is there twice or is no text.
    """
    values: dict[str, FieldValue] = {}
    for line in _EOL.split(text):
        found = _SIMPLE.fullmatch(line)
        if found is None or found["key"] in values:
            mapping = read(text)
            return None if mapping is None else mapping.values()
        if not found["key"]:
            continue
        if found["list"] is not None:
            items = [item.strip(" ") for item in found["list"].split(",")] if found["list"].strip(" ") else []
            values[found["key"]] = tuple(item for item in items if item not in NULL)
        elif found["quoted"]:
            values[found["key"]] = found["quoted"][1:-1]
        else:
            values[found["key"]] = resolve(found["plain"] or "")
    return values
