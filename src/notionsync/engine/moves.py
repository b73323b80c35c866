"""Files that follow their pages' titles, and the links of other answers that follow the files.

A record keeps its file's old path until the links are written anew: a run that is killed in between is continued by the
next one, which finds the file under its new name and the record under the old.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from notionsync.convert import parse
from notionsync.convert.frontmatter import join, split
from notionsync.convert.splice import splice
from notionsync.engine.assets import Assets
from notionsync.engine.mentions import Mentions
from notionsync.engine.session import Session
from notionsync.engine.shelf import Shelf
from notionsync.model import Body, Links
from notionsync.plan.action import Action


def carry_out(session: Session, assets: Assets, shelf: Shelf, actions: Iterable[Action]) -> None:
    """Give files their new names, and let links to them lead there.

    Args:
        session: The repository.
        assets: How addresses read.
        shelf: The answers; it is kept up to date.
        actions: What was done of the plan, as far as it moves files.

    Raises:
        MovedError: A file changed, or appeared under the new name, while the run was at work.
        FileError: A file cannot be read or written.
    """
    moves = {action.page: action for action in actions if action.page is not None}
    if not moves:
        return
    records = session.state.records_of(moves)
    for page, action in moves.items():
        if action.path != action.move:
            session.tree.rename(action.path, action.move)
        shelf.paths[page] = action.move
    new = {page: shelf.paths[page] for page in moves}
    old = {page: record.path for page, record in records.items()}
    files = {path: data for path in shelf.paths.values() if (data := session.tree.read(path)) is not None}
    leading = Mentions(files).of(old.values())
    shelf.paths.update(old)
    meant = {page: _meant(session, assets, page, path) for page, path in (shelf.paths | new).items() if path in leading}
    shelf.paths.update(new)
    assets.forget_links()
    for page, bodies in meant.items():
        _follow(session, assets, page, shelf.paths[page], bodies)
    for page in moves:
        session.state.save_record(replace(session.state.records_of([page])[page], path=new[page]))


def _meant(session: Session, assets: Assets, page: str, path: str) -> tuple[Body, Body]:
    """Return the bodies of a file and of its base, with links as they led before anything moved."""
    record = session.state.records_of([page]).get(page)
    assets.forget_links()
    file = parse(split(session.tree.read(path) or b"").text, links=assets.links(path, record, page)).body
    base = parse(split(record.base).text, links=assets.base_links(record)).body if record is not None else ()
    return file, base


def _follow(session: Session, assets: Assets, page: str, path: str, meant: tuple[Body, Body]) -> None:
    record = session.state.records_of([page]).get(page)
    data = session.tree.read(path) or b""
    session.tree.write(path, _written(data, meant[0], assets.links(path, record, page)), expect=data)
    if record is not None:
        base = _written(record.base, meant[1], assets.base_links(record))
        session.state.save_record(replace(record, base=base))


def _written(data: bytes, meant: Body, links: Links) -> bytes:
    """Return a file whose links, as they read now, lead where they are meant to; nothing else of it changes."""
    front = split(data)
    document = parse(front.text, links=links)
    if document.body == meant:
        return data
    return join(replace(front, body=splice(document, meant, links=links).text.encode()))
