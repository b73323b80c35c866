"""Mending `.notionsync/`: records and bases that are broken, missing, or full of git's conflict markers.

An older agreement is always a safe one: both sides have it in their past, and what they did alike since is adopted. So the
version that is taken is one that git has whole, and of two that a merge left, the older; where git has none, what was agreed
on that question is forgotten, and the next sync compares the two sides themselves.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from notionsync.engine.session import Session
from notionsync.errors import FileError, NotionSyncError, StateError
from notionsync.model import Record
from notionsync.plan.answer import read_id
from notionsync.sides.heads import Head, Records
from notionsync.sides.index import sha256
from notionsync.sides.state import State
from notionsync.sides.stored import Meta, has_git_markers, load, meta_of, record_of

_BASE = re.compile(rb'"base": "([0-9a-f]{64})"')
_LISTED = re.compile(rb'"listed_at": "([^"]*)"')


@dataclass(frozen=True, slots=True)
class Repair:
    """Something that is wrong and can be put right.

    Attributes:
        what: Stable name, such as `record` or `lost-id`.
        path: The file.
        message: What is wrong, and what is done about it.
        do: Does it.
    """

    what: str
    path: str
    message: str
    do: Callable[[], object]


class Mended(State):
    """The state as it is when its repairs are done, whether they are yet or not.

    Raises:
        StateError: A newer version wrote the state: nothing here knows what to do with it.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session.tree, session.state.folder)
        self._git = session.git
        self._meta, repairs = self._mended_meta()
        self._records: dict[str, Record] = {}
        for page in sorted(self.known() | self._lost(session)):
            repairs += self._mended_record(page)
        self.repairs = tuple(repairs)

    def meta(self) -> Meta:
        """Return what `state.json` says, or will say."""
        return self._meta

    def records(self) -> Records:
        """Return all records that are, or will be."""
        heads = {page: Head.of(record) for page, record in self._records.items()}
        return Records(heads, self._records.__getitem__)

    # -- state.json --------------------------------------------------------------------------------------------------

    def _mended_meta(self) -> tuple[Meta, list[Repair]]:
        data = self.tree.read(self.meta_path)
        if data is None:
            return Meta(), []
        found = self._read_meta(data)
        if found is not None:
            return found, []
        if has_git_markers(data):
            listed = {time.decode() for time in _LISTED.findall(data)}
            sides = [meta for meta in self._old_metas(everywhere=True) if meta.listed_at in listed]
            if sides and len({meta.data_source for meta in sides}) == 1:
                older = min(sides, key=lambda meta: meta.listed_at)
                said = "has git's conflict markers; the older version is taken"
                return older, [Repair("state", self.meta_path, said, partial(self.save_meta, older))]
        before = next(self._old_metas(everywhere=False), None)
        if before is not None:
            said = "cannot be read; the version that git has is taken"
            return before, [Repair("state", self.meta_path, said, partial(self.save_meta, before))]
        said = "cannot be read; it is taken away, and the next run writes a new one"
        return Meta(), [Repair("state", self.meta_path, said, partial(self._put_aside, self.meta_path, "state.json"))]

    def _read_meta(self, data: bytes) -> Meta | None:
        try:
            loaded = load(self.meta_path, data)
        except StateError:
            return None
        newer = isinstance(loaded.get("format"), int)
        try:
            return meta_of(self.meta_path, loaded)
        except StateError as error:
            if newer and "knows up to" in error.message:
                raise
            return None

    def _old_metas(self, *, everywhere: bool) -> Iterator[Meta]:
        for data in self._git.versions(self.meta_path, everywhere=everywhere):
            found = self._read_meta(data)
            if found is not None:
                yield found

    def _lost(self, session: Session) -> set[str]:
        """Return the pages whose record only git has, although a file names them."""
        named = set()
        stems = {name.partition(".")[0] for name in self._git.names(f"{self.folder}/base")} - self.known()
        for path in session.tree.answers(session.config.folder) if stems else ():
            with contextlib.suppress(NotionSyncError):
                named.add(read_id(session.tree.read(path) or b""))
        return {page for page in named if page in stems}

    # -- records -----------------------------------------------------------------------------------------------------

    def _mended_record(self, page: str) -> list[Repair]:
        path = f"{self.folder}/base/{page}.json"
        try:
            self._records[page] = self.record(page)
        except StateError:
            return self._replaced(page, path)
        return []

    def _replaced(self, page: str, path: str) -> list[Repair]:
        data = self.tree.read(path) or b""
        same = self._with_its_base(page, path, data)
        if same is not None:
            self._records[page] = same
            said = "its base is missing or another; it is put back from what git, or the answer, still has"
            return [Repair("base", path, said, partial(self.save_record, same))]
        marked = has_git_markers(data) or has_git_markers(self.tree.read(f"{self.folder}/base/{page}.base") or b"")
        older = self._older(page, data) if marked else next(self._old_records(page, everywhere=False), None)
        if older is not None:
            self._records[page] = older
            said = f"{'cannot be read' if data else 'is missing'}; the version that git has is taken"
            said = "has git's conflict markers; the older version is taken" if marked else said
            return [Repair("record", path, f"{said} ({older.path})", partial(self.save_record, older))]
        said = "cannot be read, and git has no whole version; what was agreed is forgotten, and the next sync compares the sides"
        if not data:
            path, said = f"{self.folder}/base/{page}.base", "belongs to no record; it is put aside"
        return [Repair("record" if data else "base", path, said, partial(self._forget, page))]

    def _with_its_base(self, page: str, path: str, data: bytes) -> Record | None:
        """Return a record that can be read, with its base from wherever it still is."""
        try:
            loaded = load(path, data)
            wanted = loaded.get("base")
            base = next((base for base in self._bases(page, str(loaded.get("path"))) if sha256(base) == wanted), None)
            return None if base is None else record_of(path, page, loaded, base)
        except (StateError, FileError):
            return None

    def _bases(self, page: str, answer: str) -> Iterator[bytes]:
        """Yield what may be the base of a record: the answer, and what git knows of it and of the base."""
        yield self.tree.read(answer) or b""
        for path in (f"{self.folder}/base/{page}.base", answer):
            yield from self._git.versions(path, everywhere=True)

    def _older(self, page: str, data: bytes) -> Record | None:
        """Return the older of the versions that git could not merge.

        Of two that were seen in the same minute neither is sure to be in the past of both sides.
        """
        named = {digest.decode() for digest in _BASE.findall(data)}
        sides = [old for old in self._old_records(page, everywhere=True) if sha256(old.base) in named]
        sides.sort(key=lambda record: record.last_edited_time)
        tie = len(sides) > 1 and sides[0].last_edited_time == sides[1].last_edited_time
        return sides[0] if sides and not (tie and sides[0].base != sides[1].base) else None

    def _old_records(self, page: str, *, everywhere: bool) -> Iterator[Record]:
        path = f"{self.folder}/base/{page}.json"
        for data in self._git.versions(path, everywhere=everywhere):
            found = self._with_its_base(page, path, data)
            if found is not None:
                yield found

    # -- what is done ------------------------------------------------------------------------------------------------

    def _forget(self, page: str) -> None:
        self._put_aside(f"{self.folder}/base/{page}.base", f"{page}.md")
        self.drop_record(page)

    def _put_aside(self, path: str, name: str) -> None:
        """Take a file out of the way; what git does not have of it is kept."""
        data = self.tree.read(path)
        if data is None:
            return
        if data and data not in self._git.versions(path, everywhere=True):
            self.keep(name, data)
        self.tree.locate(path).unlink()
