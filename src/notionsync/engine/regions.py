"""The README's question lists, as a run and the commands need them: read from the files, written back."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import quote

from notionsync import readme
from notionsync.config import ORDER_KEY, TITLE_KEY, Config, Region
from notionsync.convert.frontmatter import join, split, with_values
from notionsync.engine.report import Outcome
from notionsync.engine.session import Session
from notionsync.errors import ConfigError, NotionSyncError, UsageError
from notionsync.plan.action import Action
from notionsync.sides.git import Git
from notionsync.sides.index import sha256
from notionsync.sides.worktree import Worktree

_REMOTE: Final = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|(?:[^@/:]*@))(?P<host>[^/:@]+)(?::\d+)?[:/](?P<name>[^/]+/[^/]+?)(?:\.git)?/?"
)


def placed(config: Config, git: Git, environ: Mapping[str, str] | None = None) -> tuple[Region, ...]:
    """Return the regions with the address that their absolute links begin with.

    The repository is what `[git] repository` says, else `GITHUB_REPOSITORY`, else the checkout's remote; the branch is what
    `[git] branch` says, else `HEAD`, which GitHub takes for the default branch. Where `notionsync.toml` is in a folder of the
    repository, so are the answers.

    Args:
        config: The configuration.
        git: The checkout.
        environ: The environment, if not the process's own.

    Raises:
        ConfigError: A region wants absolute links and nothing says where the repository is.
    """
    if all(region.links == "relative" for region in config.regions):
        return config.regions
    repository = _repository(config, git, os.environ if environ is None else environ)
    top, root = git.top().resolve(), git.root.resolve()
    below = f"{root.relative_to(top).as_posix()}/" if top in root.parents else ""
    prefix = quote(f"/blob/{config.branch or 'HEAD'}/{below}", safe=readme.URL_SAFE)
    prefix = f"{repository}{prefix}"
    return tuple(
        replace(region, url_prefix=prefix) if region.links == "absolute" else region for region in config.regions
    )


def read_entries(tree: Worktree, config: Config) -> tuple[readme.Entry, ...]:
    """Return the questions of the repository, as the lists need them.

    Raises:
        FileError: A file cannot be read as an answer.
    """
    targets = any(map(readme.asks_for_anchors, config.regions))
    entries: list[readme.Entry] = []
    for one in (config, *config.collections):
        for path in _paths(tree, one):
            data = {path: tree.read(path) or b""}
            entries += readme.read(data, targets=targets, collection=one.collection)
    return tuple(entries)


def keys_of(config: Config) -> tuple[str, ...]:
    """Return the front matter keys that a template may name although no question has them."""
    return tuple(key for one in (config, *config.collections) for key in one.properties)


def _paths(tree: Worktree, config: Config) -> list[str]:
    return [path for path in tree.answers(config.folder) if _is_answer(path)]


def _is_answer(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name.endswith(".md") and name != "readme.md" and not path.startswith(".") and "/." not in path


@dataclass(frozen=True, slots=True)
class Taken:
    """What was edited by hand inside the lists, and what has to be written for it.

    Attributes:
        files: Path → bytes now and bytes with the edits, of the answers and the files with the lists.
        notes: What was taken, for people.
        left: Files with a list whose edits are not understood, and why.
        current: Whether everything that the lists are made of is as it was when they were built last.
    """

    files: Mapping[str, tuple[bytes, bytes]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left: Mapping[str, NotionSyncError] = field(default_factory=dict)
    current: bool = False

    def over(self, session: Session) -> Session:
        """Return a session in which the files read as if the edits were written."""
        if not self.files:
            return session
        return replace(session, tree=_Overlaid(session.tree.root, {path: new for path, (_, new) in self.files.items()}))

    def write(self, tree: Worktree) -> None:
        """Write the answers, then the lists.

        Raises:
            MovedError: A file changed meanwhile; it is left as it is.
        """
        if isinstance(tree, _Overlaid):
            tree.pending.clear()
        for path, (before, after) in self.files.items():
            tree.write(path, after, expect=before)


class _Overlaid(Worktree):
    """Files that read as they will be once what is pending is written."""

    def __init__(self, root: Path, pending: dict[str, bytes]) -> None:
        super().__init__(root)
        self.pending = pending

    def read(self, path: str) -> bytes | None:
        pending = self.pending.get(path)
        return super().read(path) if pending is None else pending

    def unwritten(self, path: str) -> bytes | None:
        return self.pending.get(path)


class _Planned(Worktree):
    """Files as they will be once a plan is carried out; what is written goes no further."""

    def __init__(self, tree: Worktree, files: Mapping[str, bytes | None]) -> None:
        super().__init__(tree.root)
        self._tree = tree
        self._files = dict(files)

    def read(self, path: str) -> bytes | None:
        return self._files[path] if path in self._files else self._tree.read(path)

    def answers(self, folder: str) -> tuple[str, ...]:
        there = {*self._tree.answers(folder), *(path for path in self._files if path.startswith(f"{folder}/"))}
        return tuple(sorted(path for path in there if self._files.get(path, b"") is not None))

    def write(self, path: str, data: bytes, *, expect: bytes | None = None) -> None:  # noqa: ARG002
        self._files[path] = data


def take_edits(session: Session) -> Taken:
    """Find out what was edited by hand inside the lists; nothing is written.

    A list without such an edit costs no look at the answers.
    """
    config, tree = session.config, session.tree
    if config.fixed == "files":
        return Taken()  # nothing goes into the answers
    if config.regions and session.state.cache("lists") == {"made_of": _made_of(session)}:
        return Taken(current=True)
    files: dict[str, tuple[bytes, bytes]] = {}
    notes: list[str] = []
    left: dict[str, NotionSyncError] = {}
    for file in dict.fromkeys(region.file for region in config.regions):
        try:
            data = tree.read(file)
            if data is None or not any(marked.edited for marked in readme.find(file, data)):
                continue
            regions = placed(config, session.git)
            edits = readme.take(file, data, regions, _versions(session), keys=keys_of(config))
            own = _edited(tree, edits, files)
            over = _Overlaid(tree.root, {path: after for path, (_, after) in {**files, **own}.items()})
            built = readme.rebuild(file, data, regions, read_entries(over, config), keys=keys_of(config), force=True)
        except NotionSyncError as error:
            left[file] = error
        else:
            files |= {**own, file: (data, built)}
            notes += [f"{file}:{edit.line}: {_told(edit)}" for edit in edits]
    lists = {region.file for region in config.regions}
    return Taken(dict(sorted(files.items(), key=lambda entry: entry[0] in lists)), tuple(notes), left)


def _edited(
    tree: Worktree, edits: Iterable[readme.Edit], files: Mapping[str, tuple[bytes, bytes]]
) -> dict[str, tuple[bytes, bytes]]:
    """Return the answers with their new front matter."""
    own = {}
    for edit in edits:
        before = tree.read(edit.path) or b""
        started = files[edit.path][1] if edit.path in files else before
        changed = with_values(split(started), edit.changes, order=(TITLE_KEY, ORDER_KEY))
        was, kept = split(before).values(), split(started).values()
        if any(kept.get(key) not in (was.get(key), value) for key, value in edit.changes.items()):
            message = f"{edit.path} was edited in two lists; let both say the same"
            raise UsageError(message, advice="notionsync readme, after one of the edits was taken back")
        own[edit.path] = (before, join(changed))
    return own


def _versions(session: Session) -> Iterator[tuple[readme.Entry, ...]]:
    """Yield the questions as they are, as HEAD has them, and as both sides last agreed on them."""
    config = session.config
    targets = any(map(readme.asks_for_anchors, config.regions))
    yield read_entries(session.tree, config)
    parts = [session, *(session.part(one.collection) for one in config.collections)]
    if session.git.available():
        listed = ((part.config, session.git.below(part.config.folder)) for part in parts)
        committed = (
            (config, session.git.head([path for path in paths if _is_answer(path)])) for config, paths in listed
        )
        yield _read_all(committed, targets=targets)
    agreed = ((part.config, {r.path: r.base for r in part.state.records().values()}) for part in parts)
    yield _read_all(agreed, targets=targets)


def _read_all(versions: Iterable[tuple[Config, Mapping[str, bytes]]], *, targets: bool) -> tuple[readme.Entry, ...]:
    found = (readme.read(files, targets=targets, collection=config.collection) for config, files in versions)
    return tuple(entry for entries in found for entry in entries)


def _told(edit: readme.Edit) -> str:
    said = ("the new place" if key == ORDER_KEY else "the new wording" for key in edit.changes)
    return f"{' and '.join(said)} was taken into {edit.path}"


def rebuild_regions(
    session: Session, left: Mapping[str, NotionSyncError] | None = None
) -> tuple[tuple[str, ...], list[Outcome]]:
    """Rebuild the README regions from the files; return the files that changed, and what could not be rebuilt.

    Args:
        session: The repository.
        left: Files that are left as they are, and why.
    """
    config, tree = session.config, session.tree
    if not config.regions:
        return (), []
    changed: list[str] = []
    trouble = [_unbuilt(file, error) for file, error in (left or {}).items()]
    try:
        entries = read_entries(tree, config)
    except NotionSyncError:
        return (), trouble  # the run reported the file; without it the list would lose a question, so it waits
    for file in dict.fromkeys(region.file for region in config.regions if region.file not in (left or {})):
        try:
            data = tree.read(file)
            if data is None:
                raise UsageError(f"{file}: there is none, but notionsync.toml has a [[region]] for it")
            built = readme.rebuild(file, data, placed(config, session.git), entries, keys=keys_of(config))
            tree.write(file, built, expect=data)
        except NotionSyncError as error:
            trouble.append(_unbuilt(file, error))
        else:
            if built != data:
                changed.append(file)
    return tuple(changed), trouble


def keep_regions(session: Session, taken: Taken, *, busy: bool) -> tuple[tuple[str, ...], list[Outcome]]:
    """Do as `rebuild_regions`, and remember what the lists were made of.

    Args:
        session: The repository.
        taken: What `take_edits` returned; lists that were current then stay as they are, unless the run was `busy`.
        busy: Whether anything was done.
    """
    if not session.config.regions or (taken.current and not busy):
        return (), []
    changed, trouble = rebuild_regions(session, taken.left)
    if not trouble:
        session.state.save_cache("lists", {"made_of": _made_of(session)})
    return changed, trouble


def planned_regions(session: Session, taken: Taken, actions: Sequence[Action]) -> tuple[tuple[str, ...], list[Outcome]]:
    """Return what `keep_regions` would do once a plan is carried out; nothing is written."""
    if not session.config.regions or (taken.current and not actions):
        return (), []
    files: dict[str, bytes | None] = {}
    for action in actions:
        if action.verb == "delete-file":
            files[action.path] = None
        elif action.file is not None:
            files[action.path] = action.file
        if action.move not in {"", action.path}:
            files[action.move] = files.get(action.path, action.expect)
            files[action.path] = None
    return rebuild_regions(replace(session, tree=_Planned(session.tree, files)), taken.left)


def _made_of(session: Session) -> str:
    """Return a digest of what lists are made of: the answers, the configuration, the program, and the files they are in."""
    config, index = session.config, session.state.index
    try:
        told = [version("notionsync"), repr(config), repr(placed(config, session.git))]
        answers = [path for one in (config, *config.collections) for path in _paths(session.tree, one)]
        for path in (*answers, *(region.file for region in config.regions)):
            told += [path, index.digest(path) or ""]
    except NotionSyncError as error:
        told = [repr(error), secrets.token_hex()]  # nothing is known for sure
    return sha256("\0".join(told).encode())


def _repository(config: Config, git: Git, environ: Mapping[str, str]) -> str:
    """Return the address of the repository on GitHub."""
    server = environ.get("GITHUB_SERVER_URL", "").strip().rstrip("/") or "https://github.com"
    name = config.repository or environ.get("GITHUB_REPOSITORY", "").strip()
    if name:
        return f"{server}/{name}"
    found = _REMOTE.fullmatch(git.remote()) if git.available() else None
    if found is None:
        raise ConfigError(
            'notionsync.toml: a [[region]] has links = "absolute", but nothing says where the repository is',
            advice='write [git] repository = "OWNER/REPO"',
        )
    return f"https://{found['host']}/{found['name']}"


def _unbuilt(file: str, error: NotionSyncError) -> Outcome:
    return Outcome(
        state="refused",
        verb="wait",
        direction="",
        path=file,
        page="",
        title=file,
        message=error.message,
        advice=error.advice,
    )
