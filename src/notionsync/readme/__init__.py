"""The question list of a README: marked regions, rebuilt from the files alone.

Pure: bytes in, bytes out. `markers` finds and fills regions; `choosing` says which questions a list holds and `layout` makes
their lines; `proof` keeps a title in its place; `lists` and `adopt` turn a list that was kept by hand into a region; `handmade`
turns what was edited by hand inside a region into edits of the questions.
"""

from __future__ import annotations

from notionsync.readme.adopt import Adoption, adopt
from notionsync.readme.binding import Item, Slip
from notionsync.readme.handmade import Edit
from notionsync.readme.layout import build
from notionsync.readme.listing import URL_SAFE, Entry, is_answer, read
from notionsync.readme.markers import Marked, find
from notionsync.readme.regions import rebuild, take
from notionsync.readme.templates import asks_for_anchors

__all__ = [
    "URL_SAFE",
    "Adoption",
    "Edit",
    "Entry",
    "Item",
    "Marked",
    "Slip",
    "adopt",
    "asks_for_anchors",
    "build",
    "find",
    "is_answer",
    "read",
    "rebuild",
    "take",
]
