"""What changed here since the last sync, without asking Notion."""

from __future__ import annotations

from dataclasses import dataclass

from notionsync.convert.frontmatter import split
from notionsync.engine.session import Session
from notionsync.engine.shelf import Refused, read_shelf
from notionsync.plan.markers import has_markers


@dataclass(frozen=True, slots=True)
class Change:
    """One file that is not as it was agreed.

    Attributes:
        what: `new`, `edited`, `moved`, `deleted`, or `conflict` for a file with our markers in it.
        path: The file.
        page: Its page; empty for a new file.
    """

    what: str
    path: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """How the files stand to what was agreed."""

    known: int
    changes: tuple[Change, ...]
    refused: tuple[Refused, ...]


def local_status(session: Session) -> Status:
    """Compare the files with their bases, offline.

    Raises:
        StateError: The state cannot be read: what would be said of the files might not hold.
    """
    session.state.meta()
    shelf = read_shelf(session)
    changes = [Change("new", path) for path in shelf.unnamed]
    for page, path in shelf.paths.items():
        record = shelf.records.heads.get(page)
        if record is None:
            changes.append(Change("new", path, page))
        elif shelf.files.digest(path) != record.base:
            marked = has_markers(split(shelf.files[path]).text)
            changes.append(Change("conflict" if marked else "edited", path, page))
        elif path != record.path:
            changes.append(Change("moved", path, page))
    gone = [r for page, r in shelf.records.heads.items() if page not in shelf.paths and page not in shelf.blocked]
    changes += [Change("deleted", record.path, record.id) for record in gone]
    changes.sort(key=lambda change: change.path)
    return Status(known=len(shelf.records), changes=tuple(changes), refused=tuple(shelf.refused))
