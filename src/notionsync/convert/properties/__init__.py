"""Property values between Notion's JSON and front matter.

    title, rich_text                    inline Markdown on one line
    number                              a number
    select, status                      the option's name
    multi_select                        a list of names
    date                                see `dates`
    people, relation                    a list of names or file names as `Names` gives them, else of ids
    files                               a list of addresses, `[name](address)` where the name says more
    checkbox                            true or false
    url, email, phone_number            text
    place                               name · address (latitude, longitude)
    verification                        `verified`, `verified 2026-07-01/2026-10-01`, `unverified`
    formula, rollup, created_…,         what they show; pull-only
    last_edited_…, unique_id

Kinds that we do not know are read as JSON and are pull-only. Shapes: developers.notion.com, "Page property values".
"""

from __future__ import annotations

from notionsync.convert.properties.context import (
    FILE_KINDS,
    IDS,
    PAGE_KINDS,
    PLAIN,
    READ_ONLY,
    WRITABLE,
    Context,
    Names,
    read_only,
)
from notionsync.convert.properties.files import addresses, to_file
from notionsync.convert.properties.reading import read
from notionsync.convert.properties.writing import digest_value, normal, same, write

__all__ = [
    "FILE_KINDS",
    "IDS",
    "PAGE_KINDS",
    "PLAIN",
    "READ_ONLY",
    "WRITABLE",
    "Context",
    "Names",
    "addresses",
    "digest_value",
    "normal",
    "read",
    "read_only",
    "same",
    "to_file",
    "write",
]
