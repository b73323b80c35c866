"""GitHub: a repository that is read and published to without a checkout."""

from notionsync.sides.github.access import connected
from notionsync.sides.github.archive import Entry, Snapshot, blob
from notionsync.sides.github.commits import Change, Commit
from notionsync.sides.github.side import API, GitHub
from notionsync.sides.github.threads import Pull, Threads, Ticket

__all__ = ["API", "Change", "Commit", "Entry", "GitHub", "Pull", "Snapshot", "Threads", "Ticket", "blob", "connected"]
