"""Putting right what keeps a repository from being synced: its state, and the ids in its answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from notionsync.config import ID_KEY
from notionsync.convert.frontmatter import REMOVE, join, split, with_values
from notionsync.engine.mend import Mended, Repair
from notionsync.engine.session import Session
from notionsync.engine.shelf import Refused, Shelf, read_shelf
from notionsync.errors import ContentError, NotFoundError
from notionsync.sides.notion import Notion


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was wrong.

    Attributes:
        repairs: What was, or would be, put right.
        left: What a person has to decide.
    """

    repairs: tuple[Repair, ...]
    left: tuple[Refused, ...]


def repair(
    session: Session, notion: Notion | None = None, *, drop_foreign: bool = False, dry_run: bool = False
) -> Repaired:
    """Put right what can be, and say what cannot.

    Args:
        session: The repository.
        notion: Asked about ids that no record knows; None leaves them alone.
        drop_foreign: Take the id of a page that is not of this database out of its file, which becomes a new question.
        dry_run: Only say.

    Raises:
        StateError: A newer version wrote the state.
        LockedError: Another run is at work.
    """
    with contextlib.nullcontext() if dry_run else session.state.locked():
        results = [_part(part, notion, drop_foreign=drop_foreign) for part in session.parts()]
        found = [one for repairs, _ in results for one in repairs] + list(_leftovers(session))
        for one in () if dry_run else found:
            one.do()
    return Repaired(tuple(found), tuple(one for _, left in results for one in left))


def _part(session: Session, notion: Notion | None, *, drop_foreign: bool) -> tuple[list[Repair], list[Refused]]:
    """Look at one collection."""
    state = Mended(session)
    shelf = read_shelf(replace(session, state=state))
    found = [*state.repairs, *_lost_ids(session, shelf), *_copies(session, shelf)]
    left = _left(shelf, {one.path for one in found})
    for foreign in _foreign(session, notion, shelf) if notion is not None else ():
        if drop_foreign:
            found.append(_dropped(session, foreign))
        else:
            left.append(foreign)
    return found, left


def _leftovers(session: Session) -> Iterator[Repair]:
    configs = [part.config for part in session.parts()]
    folders = [session.state.folder, *(folder for one in configs for folder in (one.folder, one.assets))]
    for folder in dict.fromkeys(folders):
        for path in session.tree.leftovers(folder):
            if any(path.startswith(f"{other}/") for other in folders if folder.startswith(f"{other}/")):
                continue  # a folder inside of another one
            said = "was left by a run that was killed; it is deleted"
            yield Repair("temporary", path, said, partial(session.tree.locate(path).unlink, missing_ok=True))


def _lost_ids(session: Session, shelf: Shelf) -> Iterator[Repair]:
    """Put back the id of a file that was agreed on and does not name its page any more."""
    for page, record in shelf.records.items():
        if page in shelf.paths or record.path not in shelf.files:
            continue
        data = shelf.files[record.path]
        try:
            named = str(split(data).values().get(ID_KEY) or "")
            after = join(with_values(split(data), {ID_KEY: page}))
        except ContentError:
            continue
        if named.replace("-", "").lower() in shelf.records:
            continue  # it says that it is another question that we know: a person has to tell
        said = f"its {ID_KEY} line was changed or removed; {page} is put back"
        yield Repair("lost-id", record.path, said, partial(session.tree.write, record.path, after, expect=data))


def _copies(session: Session, shelf: Shelf) -> Iterator[Repair]:
    """Make new questions of files that have the id of another one, where it is known which of them is the copy."""
    named: dict[str, list[str]] = {}
    for refused in shelf.refused:
        if refused.page and refused.path in shelf.files:
            named.setdefault(refused.page, []).append(refused.path)
    for page, paths in named.items():
        record = shelf.records.get(page)
        if len(paths) < 2 or record is None or record.path not in paths:
            continue
        for path in paths:
            if path != record.path:
                said = f"has the {ID_KEY} of {record.path}; the line is taken out, and the copy is a new question"
                yield Repair("copied-id", path, said, partial(_take_id, session, path, shelf.files[path]))


def _take_id(session: Session, path: str, data: bytes) -> None:
    session.tree.write(path, join(with_values(split(data), {ID_KEY: REMOVE})), expect=data)


def _left(shelf: Shelf, mended: set[str]) -> list[Refused]:
    """Return what cannot be put right here, once what can is."""
    pages = {refused.page for refused in shelf.refused if refused.path in mended}
    return [one for one in shelf.refused if one.path not in mended and not (one.page and one.page in pages)]


def _foreign(session: Session, notion: Notion, shelf: Shelf) -> Iterator[Refused]:
    """Find files that name a page which is not of this database: 1 request for each file that was never synced."""
    for page, path in shelf.paths.items():
        if page in shelf.records:
            continue
        try:
            found = notion.page(page)
        except (NotFoundError, ContentError):  # no id that Notion could have given
            message = f"{ID_KEY} {page} does not exist, or is not shared with the integration"
        else:
            if found.parent == session.config.data_source:
                continue
            message = f"{ID_KEY} {page} is a page of something else"
        yield Refused(path, page, path, message, "share the page or move it back, or: notionsync repair --drop-foreign")


def _dropped(session: Session, foreign: Refused) -> Repair:
    data = session.tree.read(foreign.path) or b""
    said = f"{foreign.message}; the line is taken out, and the file is a new question"
    return Repair("foreign-id", foreign.path, said, partial(_take_id, session, foreign.path, data))
