"""Files that somebody checked out again after a pull: `git checkout answers/X.md`, without the state beside them.

Such a file is as HEAD has it, while its record is newer than the one in HEAD. To push it would undo what was written in
Notion. A file that a run itself left like that is another matter: it has edits of its own, which wait to be sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from notionsync.engine.plan import Plan, Planner
from notionsync.engine.session import Session
from notionsync.model import Record
from notionsync.sides.index import sha256
from notionsync.sides.state import FOLDER

_LEFT = "left"


class Left:
    """What the last run left in files that differ from their base, for the next run on this machine.

    Args:
        session: The repository.
    """

    def __init__(self, session: Session) -> None:
        self._state = session.state
        self._digests = session.state.cache(_LEFT)

    def note(self, record: Record, data: bytes) -> None:
        """Remember what a file holds when its record is written."""
        digest = None if data == record.base else sha256(data)
        if self._digests.get(record.id) == digest:
            return
        self._digests.pop(record.id, None)
        if digest is not None:
            self._digests[record.id] = digest
        self._state.save_cache(_LEFT, self._digests)

    def is_as_left(self, page: str, data: bytes) -> bool:
        """Tell whether a file is as the last run left it."""
        return bool(self._digests.get(page) == sha256(data))


def refuse(session: Session, plan: Plan) -> None:
    """Refuse to push files that were checked out again."""
    pushed = {
        action.path: (action.page or "", action.expect or b"")
        for action in plan.actions
        if action.verb == "update" and action.writes_page
    }
    undone = _undone(session, plan.shelf.records, pushed)
    for position, action in enumerate(plan.actions):
        if action.path not in undone or action.verb != "update":
            continue
        plan.actions[position] = replace(
            action,
            verb="wait",
            file=None,
            fields={},
            edits=(),
            base=None,
            refusal="the file is as it was before the last pull: was the pull undone?",
            advice="notionsync pull brings it again; to undo Notion's edit as well, keep the newer state: "
            f'git commit --message "Undo an edit" -- {FOLDER}',
        )


def redo(session: Session, planner: Planner) -> None:
    """Take files that were checked out again for what they are: as they were before the pull.

    A pull compares them with the record that was committed beside them, so it brings Notion's edits once more.
    """
    shelf = planner.shelf
    changed = {
        path: (page, shelf.files[path])
        for page, path in shelf.paths.items()
        if page in shelf.records and shelf.changed(page) and shelf.files[path] != shelf.records[page].base
    }
    for path, record in _undone(session, shelf.records, changed).items():
        page = changed[path][0]
        shelf.records[page] = replace(record, last_edited_time="")  # whatever the times say, it has to be read
        planner.seen.sightings.pop(page, None)
        planner.seen.again.add(page)


def _undone(
    session: Session, records: Mapping[str, Record], files: Mapping[str, tuple[str, bytes]]
) -> dict[str, Record]:
    """Return those of the files that were checked out again, with their record in HEAD.

    Args:
        session: The repository.
        records: The records, by page.
        files: Path → page and content.
    """
    left = Left(session)
    head = session.git.head(list(files))
    found = [
        path
        for path, (page, data) in files.items()
        if head.get(path) == data and page in records and not left.is_as_left(page, data)
    ]
    parts = {path: session.state.record_files(files[path][0]) for path in found}
    committed = session.git.head([part for path in found for part in parts[path]])
    out = {}
    for path in found:
        page = files[path][0]
        data, *bases = (committed.get(part) for part in parts[path])
        for base in bases:
            record = session.state.read_record(page, data, base) if data is not None and base is not None else None
            if record is not None and record.base != records[page].base:
                out[path] = record
    return out
