"""`.notionsync/`: what both sides held when they last agreed, committed together with the files.

    state.json             format, data source, property mapping, converter version, listed_at
    base/<id>.base         the agreed file, byte for byte (git stores it once: it is the answer's own blob)
    base/<id>.json         the record of one question
    base/<id>.new          a base whose record is about to name it; only a killed run leaves one
    conflicts/             losing versions of resolved conflicts
    cache/, lock           never committed

One small file per question, sorted keys: two branches that sync different questions merge without a conflict.
A record is written as soon as its question is done, so a killed run leaves every finished question recorded.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from notionsync.errors import LockedError, StateError
from notionsync.model import Record
from notionsync.sides.heads import Head, Records
from notionsync.sides.index import Index, Stamp, sha256
from notionsync.sides.stored import Meta, Sighting, dump, load, meta_data, meta_of, record_data, record_of

FOLDER = ".notionsync"
_COLLECTIONS = "collections"


def folder_of(collection: str) -> str:
    """Return where the state of a collection lies; the one without a name has the whole folder."""
    return f"{FOLDER}/{_COLLECTIONS}/{collection}" if collection else FOLDER


_IGNORED = b"/cache/\n/lock\n*.tmp\n"


class Files(Protocol):
    """What the state needs of the checkout it lies in."""

    root: Path

    def locate(self, path: str) -> Path:
        """Return where a path lies."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None."""
        ...

    def write(self, path: str, data: bytes, *, expect: bytes | None = None) -> None:
        """Replace a file at once if it holds what is expected."""
        ...

    def overwrite(self, path: str, data: bytes) -> None:
        """Replace a file at once."""
        ...

    def stamp(self, path: str) -> Stamp | None:
        """Return what tells a file's version apart; None where that cannot be told."""
        ...

    def fingerprint(self, path: str) -> str | None:
        """Return the SHA-256 of a file, or None if there is none."""
        ...

    def probe(self, path: str) -> int:
        """Raise unless files can be written; return the time that the file system gives them, in nanoseconds."""
        ...


class State:
    """The state folder of one checkout.

    Args:
        tree: The checkout.
        folder: Where the state lies in it.
    """

    def __init__(self, tree: Files, folder: str = FOLDER) -> None:
        self.tree = tree
        self.folder = folder
        self._lag = 0
        self._heads: dict[str, Head] = {}

    @cached_property
    def index(self) -> Index:
        """Digests of files that were read before."""
        return Index(self.tree, self._kept.get("files"))

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return self.cache("index")

    @property
    def meta_path(self) -> str:
        """Where `state.json` is."""
        return f"{self.folder}/state.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of this checkout; the system frees it when its holder is killed.

        Raises:
            LockedError: Another run holds it.
            DiskError: Nothing can be written here, so nothing may be sent that would have to be recorded.
        """
        self._prepare()
        if self.folder != FOLDER:
            self._prepare(FOLDER)
        lock = FileLock(self.tree.root / FOLDER / "lock")  # one run at a time, whatever collection it is about
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise LockedError(
                f"{self.tree.root}: another notionsync run is at work here", advice="wait for it to finish"
            ) from error
        except OSError as error:
            raise StateError(
                f"{FOLDER}/lock cannot be opened: {error.strerror}",
                advice=f"take {FOLDER}/lock away, or free permissions",
            ) from error
        try:
            now = time.time_ns()
            self._lag = now - self.tree.probe(f"{FOLDER}/cache/probe")
            for state in self.every():
                state.finish()
            yield
        finally:
            lock.release()

    def _prepare(self, folder: str = "") -> None:
        ignore = f"{folder or self.folder}/.gitignore"
        if self.tree.read(ignore) != _IGNORED:
            self.tree.overwrite(ignore, _IGNORED)

    def every(self) -> tuple[State, ...]:
        """Return this state, and those of the collections that lie below it."""
        found = sorted((self.tree.root / self.folder / _COLLECTIONS).glob("*/"))
        return (self, *(self.below(path.name) for path in found))

    def below(self, collection: str) -> State:
        """Return the state of a collection that has a name."""
        state = State(self.tree, folder_of(collection))
        state._lag = self._lag
        return state

    def finish(self) -> None:
        """Finish the record that a killed run was about to write, or take away what it had begun."""
        for begun in (self.tree.root / self.folder / "base").glob("*.new"):
            with contextlib.suppress(StateError):  # what cannot be read is not to be touched
                for page, record in self.records_of([begun.stem]).items():
                    if self.tree.read(self.record_files(page)[1]) != record.base:
                        self._settle(page)
                begun.unlink(missing_ok=True)

    def meta(self) -> Meta:
        """Read `state.json`; an empty Meta when there is none.

        Raises:
            StateError: It cannot be read, or a newer version wrote it.
        """
        data = self._json(self.meta_path)
        return Meta() if data is None else meta_of(self.meta_path, data)

    def save_meta(self, meta: Meta) -> None:
        """Write `state.json`; an unchanged one is not touched."""
        self._prepare()
        self._save(self.meta_path, meta_data(meta))

    def records(self) -> Records:
        """Return all records, by page id; each is read when it is asked for.

        Raises:
            StateError: One cannot be read, or its base does not match it; now or when it is asked for.
        """
        return Records(self._read_heads(), self.record)

    def _read_heads(self) -> dict[str, Head]:
        folder = self.tree.root / self.folder / "base"
        names = sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208 - names only
        kept = self._kept.get("heads")
        kept = kept if isinstance(kept, dict) else {}
        return {name[:-5]: self._head(name[:-5], kept.get(name[:-5])) for name in names if name.endswith(".json")}

    def _head(self, page: str, kept: object) -> Head:
        version = self.index.digest(f"{self.folder}/base/{page}.json") or ""
        head = self._heads.get(page) or Head.of_kept(page, kept)
        if head is None or head.version != version or self.index.digest(f"{self.folder}/base/{page}.base") != head.base:
            head = Head.of(self.record(page), version)
        self._heads[page] = head
        return head

    def save_index(self, answers: Iterable[str] = ()) -> None:
        """Leave to the next run what files hold, so that it need not read them, if this one had to read any.

        Files that were written since are read again: what they hold now is what a later change is told by.

        Args:
            answers: The answers.
        """
        if not self.index.changed:
            return
        for path in answers:
            self.index.digest(path)
        heads = {page: head.kept() for page, head in self._read_heads().items()}
        self.save_cache("index", {"files": self.index.kept(lag=self._lag), "heads": heads})

    def known(self) -> set[str]:
        """Return the pages that anything is kept of, whether it can be read or not."""
        folder = self.tree.root / self.folder / "base"
        return (
            {path.stem for path in folder.glob("*") if path.suffix in {".json", ".base"}} if folder.is_dir() else set()
        )

    def records_of(self, pages: Iterable[str]) -> dict[str, Record]:
        """Read the records of some pages; those that have none are left out."""
        folder = self.tree.root / self.folder / "base"
        return {page: self.record(page) for page in pages if (folder / f"{page}.json").is_file()}

    def record(self, page: str) -> Record:
        """Read one record, and write nothing: its base may lie beside, because a run was killed or is at work.

        Args:
            page: Whose.

        Raises:
            StateError: It cannot be read, or its base does not match it.
        """
        path = f"{self.folder}/base/{page}.json"
        data = self._json(path)
        if data is None:
            raise StateError(f"{path} has gone", advice="notionsync repair")
        base = self._base(page, data.get("base"))
        if base is None:
            raise StateError(
                f"{self.folder}/base/{page}.base is missing or does not match its record", advice="notionsync repair"
            )
        return record_of(path, page, data, base)

    def record_files(self, page: str) -> tuple[str, str, str]:
        """Return where the record of a page is, its base, and where that is while the record is being written."""
        return f"{self.folder}/base/{page}.json", f"{self.folder}/base/{page}.base", self._pending(page)

    def read_record(self, page: str, data: bytes, base: bytes) -> Record | None:
        """Return the record that its two files made when they held these bytes; None when they do not belong together.

        Raises:
            StateError: It is none.
        """
        path = f"{self.folder}/base/{page}.json"
        loaded = load(path, data)
        return record_of(path, page, loaded, base) if loaded.get("base") == sha256(base) else None

    def _base(self, page: str, digest: object) -> bytes | None:
        path = f"{self.folder}/base/{page}.base"
        for place in (path, self._pending(page), path):  # a run that is at work may put it in its place meanwhile
            found = self.tree.read(place)
            if found is not None and sha256(found) == digest:
                return found
        return None

    def _settle(self, page: str) -> None:
        target = self.tree.locate(f"{self.folder}/base/{page}.base")
        target.parent.mkdir(parents=True, exist_ok=True)
        self.tree.locate(self._pending(page)).replace(target)

    def save_record(self, record: Record) -> None:
        """Write one record and its base.

        The base waits beside until the record names its digest, and takes its place then: a run killed anywhere in
        between leaves the old pair or the new one, also for those who commit what it left.
        """
        self._prepare()
        self.tree.overwrite(self._pending(record.id), record.base)
        self._save(f"{self.folder}/base/{record.id}.json", record_data(record))
        self._settle(record.id)

    def drop_record(self, page: str) -> None:
        """Forget a question."""
        for suffix in ("json", "base"):
            self.tree.locate(f"{self.folder}/base/{page}.{suffix}").unlink(missing_ok=True)

    def keep(self, name: str, data: bytes) -> str:
        """Put a losing version where a person finds it; return its path. An existing file is never overwritten."""
        stem, dot, suffix = name.rpartition(".")
        number = 1
        path = f"{self.folder}/conflicts/{name}"
        while (current := self.tree.read(path)) is not None and current != data:
            number += 1
            path = f"{self.folder}/conflicts/{stem}.{number}{dot}{suffix}"
        self.tree.write(path, data, expect=current)
        return path

    def kept(self) -> set[str]:
        """Return the paths of the losing versions that are kept, in the collections below, too."""
        folders = [f"{state.folder}/conflicts" for state in self.every()]
        return {f"{folder}/{path.name}" for folder in folders for path in (self.tree.root / folder).glob("*")}

    def cache(self, name: str) -> dict[str, Any]:
        """Read what a run left for the next one on this machine; anything unreadable counts as nothing."""
        data = self.tree.read(f"{self.folder}/cache/{name}.json")
        try:
            loaded = json.loads(data) if data else {}
        except ValueError:
            return {}
        return loaded if isinstance(loaded, dict) else {}

    def save_cache(self, name: str, data: Mapping[str, Any]) -> None:
        """Leave something for the next run on this machine; losing it must only cost time."""
        self._prepare()
        self._save(f"{self.folder}/cache/{name}.json", data)

    def sightings(self, records: Records) -> dict[str, Sighting]:
        """Read which pages were seen unchanged since the records that they have now were written."""
        found = {}
        for page, entry in self.cache("sightings").items():
            match entry:
                case [str(time), str(editor), "after" | "own" | "during" as reading, str(version)]:
                    head = records.heads.get(page)
                    if head is not None and head.version == version:
                        found[page] = Sighting(time, editor, reading)
        return found

    def save_sightings(self, sightings: Mapping[str, Sighting], records: Records) -> None:
        """Write which pages were seen unchanged; those whose record was written meanwhile are left out."""
        entries = {
            page: [seen.last_edited_time, seen.last_edited_by, seen.reading, records.heads[page].version]
            for page, seen in sightings.items()
            if page in records.heads
        }
        if entries or self.cache("sightings"):
            self.save_cache("sightings", entries)

    def _json(self, path: str) -> dict[str, Any] | None:
        data = self.tree.read(path)
        return None if data is None else load(path, data)

    def _save(self, path: str, data: Mapping[str, Any]) -> None:
        self.tree.overwrite(path, dump(data))

    def _pending(self, page: str) -> str:
        return f"{self.folder}/base/{page}.new"
