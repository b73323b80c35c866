"""GitHub: a repository that is read and published to without a checkout."""

from notionsync.sides.github.access import connected
from notionsync.sides.github.archive import Entry, Snapshot, blob
from notionsync.sides.github.commits import Change
from notionsync.sides.github.side import API, GitHub

__all__ = ["API", "Change", "Entry", "GitHub", "Snapshot", "blob", "connected"]
