"""The images and files of the answers, and those that nothing shows any more."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from notionsync.engine.check import answers, is_file
from notionsync.engine.session import Session
from notionsync.engine.validation import known_properties
from notionsync.model import Record
from notionsync.plan.lint import look
from notionsync.sides import assets
from notionsync.sides.assets import AssetLinks, Digest
from notionsync.sides.assets.addresses import quoted
from notionsync.sides.state import State
from notionsync.sides.worktree import Worktree

AssetState = Literal["synced", "changed", "new", "linked", "missing", "orphan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One image or file.

    Attributes:
        path: Where it is, or should be, relative to the repository; the address where it leads outside.
        state: `synced` with Notion; `changed` since; `new` to Notion; `linked` to and not shown, so that it stays here;
            `missing`, though an answer shows it; `orphan`, in the folder of assets and named by no Markdown file.
        size: Its bytes; 0 if it is missing.
        shown_by: The answers that show it or link to it.
    """

    path: str
    state: AssetState
    size: int = 0
    shown_by: tuple[str, ...] = ()


def list_assets(session: Session) -> tuple[Asset, ...]:
    """Return the images and files that answers show, and the orphans, sorted by path. Offline.

    An orphan is a file below the folder of assets whose name stands in no Markdown file of the repository, be it an
    answer, its front matter, or a README: where there is doubt, a file is none.

    Raises:
        StateError: The state cannot be read.
        FileError: A file cannot be read.
    """
    tree = session.tree
    records = session.state.records()
    shown, linked = _used(session)
    digest = assets.digests(tree.digest)
    found = [_shown(tree, path, by, records, digest) for path, by in shown.items()]
    inside = dict(_below(tree, session.config.assets))
    found += [
        Asset(path=path, state="linked", size=inside[path], shown_by=tuple(by))
        for path, by in linked.items()
        if path in inside and path not in shown
    ]
    left = {path: size for path, size in inside.items() if path not in shown and path not in linked}
    found += [Asset(path=path, state="orphan", size=left[path]) for path in _unnamed(tree, left)]
    return tuple(sorted(found, key=lambda one: one.path))


def prune(session: Session, orphans: Iterable[Asset]) -> tuple[str, ...]:
    """Delete orphans, unless one of them is named again meanwhile; return the paths of those that are gone.

    Raises:
        LockedError: Another run is at work.
        FileError: A file cannot be read.
    """
    gone = []
    with session.state.locked():
        still = {asset.path for asset in list_assets(session) if asset.state == "orphan"}
        for path in (asset.path for asset in orphans if asset.path in still):
            data = session.tree.read(path)
            if data is not None:
                session.tree.delete(path, expect=data)
                gone.append(path)
    return tuple(gone)


def _used(session: Session) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return what the answers show, and what they link to, each with the answers that do."""
    shown: dict[str, list[str]] = {}
    linked: dict[str, list[str]] = {}
    properties = known_properties(session.state, session.config)
    for path in answers(session.tree, session.config):
        links = AssetLinks(answer=path, digest=lambda _: None)
        for address in look(path, session.tree.read(path) or b"", properties, lambda _: ()).addresses:
            target = links.target(address.url)
            if target is None:
                continue
            where = shown if address.use == "media" else linked
            by = where.setdefault(target or address.url, [])
            if path not in by:
                by.append(path)
    return shown, linked


def _shown(tree: Worktree, path: str, by: list[str], records: Mapping[str, Record], digest: Digest) -> Asset:
    if not is_file(tree, path):
        return Asset(path=path, state="missing", shown_by=tuple(by))
    known = {record.path: {a.sha256 for a in record.assets if a.path == path} for record in records.values()}
    hashes = [known.get(answer, set()) for answer in by]
    state: AssetState = "new"
    if all(hashes):
        state = "synced" if all(digest(path) in there for there in hashes) else "changed"
    return Asset(path=path, state=state, size=tree.locate(path).stat().st_size, shown_by=tuple(by))


def _below(tree: Worktree, folder: str) -> Iterator[tuple[str, int]]:
    """Yield path and size of the files below a folder; hidden ones and symbolic links are left out."""
    top = tree.locate(folder)
    for file in sorted(top.rglob("*")) if top.is_dir() else ():
        parts = file.relative_to(tree.root).parts
        path = "/".join(parts)
        if not any(part.startswith(".") for part in parts) and is_file(tree, path):
            yield path, file.stat().st_size


def _unnamed(tree: Worktree, paths: Iterable[str]) -> list[str]:
    """Return the paths whose file names stand in no Markdown file, as they are or as an address may spell them."""
    left = dict.fromkeys(paths)
    for text in _texts(tree) if left else ():
        for path in list(left):
            if any(name in text for name in _spellings(path.rpartition("/")[2])):
                del left[path]
    return list(left)


def _spellings(name: str) -> set[bytes]:
    """Return how a text may spell a file's name: composed or not, plain or percent-encoded, as much as it takes or all."""
    forms = {name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD"))}
    return {spelt.encode() for form in forms for spelt in (form, quoted(form), quote(form), form.replace(" ", "%20"))}


def _texts(tree: Worktree) -> Iterator[bytes]:
    """Yield every Markdown file of the repository that is not hidden, and the versions that lost a conflict."""
    yield from (tree.read(path) or b"" for path in sorted(State(tree).kept()))
    for entry in sorted(tree.root.iterdir()):
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from (tree.read(path) or b"" for path in tree.answers(entry.name))
        elif entry.suffix.lower() == ".md":
            yield tree.read(entry.name) or b""
