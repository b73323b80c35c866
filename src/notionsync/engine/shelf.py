"""The files of a repository, matched with what was recorded of them."""

from __future__ import annotations

import contextlib
from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field

from notionsync.config import FILE_NAME, ID_KEY
from notionsync.convert.frontmatter import join, split, with_values
from notionsync.engine.session import Session
from notionsync.errors import ContentError
from notionsync.plan.answer import read_id
from notionsync.sides.heads import Records
from notionsync.sides.index import Index, sha256
from notionsync.sides.worktree import Worktree, fold


@dataclass(frozen=True, slots=True)
class Refused:
    """A file or page that cannot take part, and why."""

    path: str
    page: str
    title: str
    message: str
    advice: str = ""


@dataclass(slots=True)
class Shelf:
    """The files of a repository, matched with the records.

    Attributes:
        records: Page id → record, read when it is asked for.
        files: Path → bytes, of every answer, read when they are asked for.
        paths: Page id → path, of every file that names a page.
        unnamed: Paths of files that name no page.
        refused: Files that cannot take part.
        adopted: Path → bytes on disk, of files that are about to get their page's id; `files` has them with it.
        coming: Page id → path, of pages that get their file in this run.
        held: Page id → path, of recorded pages whose file is refused: what it was when it was agreed on.
    """

    records: Records
    files: Texts
    paths: dict[str, str] = field(default_factory=dict)
    unnamed: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    adopted: dict[str, bytes] = field(default_factory=dict)
    coming: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)

    def adopt(self, path: str, page: str) -> None:
        """Let a file that names no page name one; on disk it changes when its action is carried out."""
        self.adopted[path] = self.files[path]
        self.files[path] = join(with_values(split(self.files[path]), {ID_KEY: page}))
        self.paths[page] = path
        self.unnamed.remove(path)

    @property
    def names(self) -> Mapping[str, str]:
        """Page id → path by which other answers call a page, whether or not its file is there yet, or can be read."""
        return ChainMap(self.paths, self.coming, self.held)

    @property
    def blocked(self) -> set[str]:
        """Pages of refused files: neither side of them is touched."""
        return {refused.page for refused in self.refused if refused.page}

    def at_home(self) -> frozenset[str]:
        """Return the files that are where they were agreed to be: a page that once had such a name has no file now."""
        heads = self.records.heads
        return frozenset(path for page, path in self.paths.items() if page in heads and heads[page].path == path)

    def changed(self, page: str) -> bool:
        """Whether the file of a recorded page differs from what was agreed, or is gone."""
        path, head = self.paths.get(page), self.records.heads[page]
        return path is None or path != head.path or self.files.digest(path) != head.base


class Texts(MutableMapping[str, bytes]):
    """The files of a repository by path, each read when it is asked for.

    Args:
        tree: The repository.
        index: What its files were found to hold.
    """

    def __init__(self, tree: Worktree, index: Index) -> None:
        self._tree = tree
        self._index = index
        self._paths: dict[str, None] = {}
        self._texts: dict[str, bytes] = {}

    def add(self, path: str) -> None:
        """Note that there is a file."""
        self._paths[path] = None

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a file."""
        if path in self._texts or self._tree.unwritten(path) is not None:
            return sha256(self[path])
        return self._index.digest(path) or sha256(b"")

    def __getitem__(self, path: str) -> bytes:
        if path not in self._texts:
            if path not in self._paths:
                raise KeyError(path)
            self._texts[path] = self._tree.read(path) or b""
        return self._texts[path]

    def __setitem__(self, path: str, data: bytes) -> None:
        self._paths[path] = None
        self._texts[path] = data

    def __delitem__(self, path: str) -> None:
        del self._paths[path]
        self._texts.pop(path, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, path: object) -> bool:
        return path in self._paths


def read_shelf(session: Session) -> Shelf:
    """Read all answers and match them with the records, by the id in their front matter.

    A file that equals its base is not taken apart: it says what was agreed.
    """
    shelf = Shelf(session.state.records(), Texts(session.tree, session.state.index))
    folder = session.config.folder
    expected = {head.path: head for head in shelf.records.heads.values()}
    named: dict[str, list[str]] = {}
    unmerged = session.git.unmerged()
    for path in session.tree.answers(folder):
        if path.startswith(f"{session.config.assets}/") or path.rpartition("/")[2].lower() == "readme.md":
            continue
        shelf.files.add(path)
        head = expected.get(path)
        if path in unmerged:
            shelf.refused.append(_unmerged(shelf, path, head.id if head is not None else ""))
            continue
        try:
            same = head is not None and head.base == shelf.files.digest(path)
            page = head.id if head is not None and same else read_id(shelf.files[path])
        except ContentError as error:
            line = f":{error.line}" if error.line else ""
            held = head.id if head else ""
            shelf.refused.append(Refused(path, held, path, f"{path}{line}: {error.message}", error.advice))
            continue
        if page is None:
            shelf.unnamed.append(path)
        else:
            named.setdefault(page, []).append(path)
    for page, paths in named.items():
        if len(paths) == 1:
            shelf.paths[page] = paths[0]
        else:
            _refuse_copies(shelf, page, paths)
    at_home = shelf.at_home()
    _refuse_lost_ids(shelf, at_home)
    _refuse_unseen(session, shelf, at_home)
    for path in unmerged & expected.keys() - shelf.files.keys():
        shelf.refused.append(_unmerged(shelf, path, expected[path].id))
    shelf.refused += [
        Refused(path, "", path, f"{path}: is a symbolic link and is left alone") for path in session.tree.links(folder)
    ]
    _hold_names(shelf)
    return shelf


def _hold_names(shelf: Shelf) -> None:
    """Keep the names of pages whose files are refused: what is wrong with one file changes nothing in others."""
    used = {fold(path) for path in shelf.paths.values()}
    for page in sorted(shelf.blocked - shelf.paths.keys()):
        head = shelf.records.heads.get(page)
        if head is not None and fold(head.path) not in used:
            shelf.held[page] = head.path


def _unmerged(shelf: Shelf, path: str, page: str) -> Refused:
    """Refuse a file with a conflict of git's: what is in it, or that it is gone, nobody has decided."""
    if path in shelf.files:
        with contextlib.suppress(ContentError):
            page = read_id(shelf.files[path]) or page
    return Refused(path, page, path, f"{path}: git has not finished merging it", f"settle it, then: git add {path}")


def _refuse_copies(shelf: Shelf, page: str, paths: list[str]) -> None:
    message = f"{' and '.join(paths)} name the same page"
    advice = f"take the {ID_KEY} line out of the copy, or: notionsync repair"
    shelf.refused += [Refused(path, page, path, message, advice) for path in paths]


def _refuse_lost_ids(shelf: Shelf, at_home: Collection[str]) -> None:
    """Refuse files that were agreed on and no longer name their page: that is no deletion, and no new question."""
    blocked = shelf.blocked
    for page, record in shelf.records.heads.items():
        if page in shelf.paths or record.path not in shelf.files or page in blocked or record.path in at_home:
            continue
        others = [other for other, path in shelf.paths.items() if path == record.path]
        for other in others:
            del shelf.paths[other]
        known = [other for other in others if other in shelf.records.heads]
        before = shelf.records.heads[known[0]].path if known else record.path
        for path in {record.path, before} & {*shelf.unnamed}:
            shelf.unnamed.remove(path)
        blocked |= {*known}
        if known:
            shelf.refused += _displaced(shelf, record.path, page, before, known[0])
            continue
        message = f"{record.path}: its {ID_KEY} line was changed or removed"
        advice = f"put it back: {ID_KEY}: {page}, or: notionsync repair"
        shelf.refused.append(Refused(record.path, page, record.path, message, advice))


def _displaced(shelf: Shelf, path: str, page: str, before: str, other: str) -> tuple[Refused, Refused]:
    """Refuse a file that says it is another known question, and that one too: its file is here, not deleted."""
    advice = (
        f"put the line {ID_KEY}: {page} into the one of {path} and {before} that is this question"
        if before in shelf.files
        else f"git mv {path} {before}, and the question that was here is deleted; or put the line back: {ID_KEY}: {page}"
    )
    return (
        Refused(path, page, path, f"{path}: is what was {before}, by its {ID_KEY} line", advice),
        Refused(before, other, before, f"{before}: is now where {path} was", advice),
    )


def _refuse_unseen(session: Session, shelf: Shelf, at_home: Collection[str]) -> None:
    """Refuse questions whose file may only have left our sight: that is no deletion either.

    The configured folder became another, a link stands in the file's place, or a file that cannot be read may be it
    under another name.
    """
    strange = [refused.path for refused in shelf.refused if not refused.page]
    blocked = shelf.blocked
    for page, record in shelf.records.heads.items():
        if page in shelf.paths or page in blocked or record.path in at_home:
            continue
        if session.tree.occupied(record.path):
            message = f"{record.path}: is there, but not one of the answers in {session.config.folder}/ any more"
            advice = f"make it one again: [files] folder in {FILE_NAME} says where answers are"
        elif strange:
            message = f"{record.path}: is gone, and {', '.join(strange)} cannot be read and may be the same question"
            advice = f"mend {strange[0]} first"
        else:
            continue
        shelf.refused.append(Refused(record.path, page, record.path, message, advice))


# --- Notion ----------------------------------------------------------------------------------------------------------


def file_name(path: str) -> str:
    """Return what the file-name property of a question holds: the name without folder and ending."""
    return path.rpartition("/")[2].removesuffix(".md")
