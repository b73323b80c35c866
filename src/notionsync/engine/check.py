"""Looking at a repository's own files, offline: what would go wrong, or look different, on GitHub or in Notion."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from notionsync import config as configuration
from notionsync import readme
from notionsync.config import FILE_NAME, Config
from notionsync.engine.regions import keys_of, placed, read_entries
from notionsync.engine.validation import known_properties, validator
from notionsync.errors import ConfigError, ContentError, FileError, NotionSyncError, StateError
from notionsync.model import Property, find_id
from notionsync.plan.lint import Address, Finding, Looked, Validate, copies, fix, look
from notionsync.sides.assets import AssetLinks
from notionsync.sides.git import Git
from notionsync.sides.state import State, folder_of
from notionsync.sides.worktree import Worktree, fold

_TOML_LINE = re.compile(rf"{re.escape(FILE_NAME)}(?::(\d+))?: ")
_JSON_LINE = re.compile(r": line (\d+) column \d+ \(char")
_NAMELESS = re.compile(
    r"(?:img|image|picture|photo|file|untitled|unnamed|download|screen ?shot|pasted image|clipboard|캡처|스크린샷|이미지|그림|제목 없음)"
    r"[ _.()\-\d]*\.\w+",
    re.IGNORECASE,
)
"""What editors and cameras call a picture that nobody named."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Attributes:
        findings: What is left, by file and line.
        fixed: What was mended.
        files: How many answers were looked at.
    """

    findings: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    files: int


def check(
    tree: Worktree,
    *,
    only: Sequence[str] = (),
    mend: bool = False,
    ignore: Iterable[str] = (),
    git: Git | None = None,
) -> Checked:
    """Look at all answers, the question lists and the configuration; nothing is asked of Notion.

    Args:
        tree: The repository.
        only: Paths of the answers to look at; empty for all, and for the lists and the configuration too.
        mend: Make the repairs that are proven, in the files.
        ignore: Codes that are not wanted, besides those of the configuration.
        git: What knows where the repository is; the checkout around the files if None.

    Raises:
        FileError: A named file is not there or cannot be read, or the schema of the answers is broken.
    """
    config, findings = _config(tree)
    unwanted = frozenset({*ignore, *config.ignore})
    fixed: list[Finding] = []
    looked = 0
    for one in (config, *config.collections):
        own = [path for path in only if _collection_of(path, config) is one]
        if own or not only:
            files, found, done = _look_at(tree, one, own, unwanted, mend=mend)
            findings += found
            fixed += done
            looked += files
    if not only:
        stale, rebuilt = _lists(tree, config, git or Git(tree.root), mend=mend)
        findings += stale
        fixed += rebuilt
    wanted = [one for one in findings if one.code not in unwanted and (not only or one.path in only)]
    return Checked(tuple(sorted(wanted, key=lambda one: (one.path, one.line, one.code))), tuple(fixed), looked)


def _collection_of(path: str, config: Config) -> Config:
    """Return the collection that a file belongs to; the one without a name has what is in no other's folder."""
    return next((one for one in config.collections if path.startswith(f"{one.folder}/")), config)


def _look_at(
    tree: Worktree, config: Config, only: Sequence[str], unwanted: frozenset[str], *, mend: bool
) -> tuple[int, list[Finding], list[Finding]]:
    """Look at the answers of one collection; return how many, what was found, and what was mended."""
    files = _files(tree, config, only)
    fixed: list[Finding] = []
    if mend:
        for path in files:
            files[path], done = _mended(tree, path, files[path], unwanted)
            fixed += done
    properties, trouble = _known(tree, config)
    validate = validator(tree, config, properties)
    looked = {path: look(path, data, properties, validate) for path, data in files.items()}
    everything = looked if not only else {**_others(tree, config, files, properties, validate), **looked}
    findings = [one for found in looked.values() for one in found.findings]
    findings += copies({path: (found.id, found.id_line) for path, found in everything.items() if found.id})
    findings += _addresses(tree, everything)
    findings += _related(looked, config.folder, answers(tree, config))
    if not only:
        trouble += _records(State(tree, folder_of(config.collection)))
    return len(files), [*findings, *trouble], fixed


def _config(tree: Worktree) -> tuple[Config, list[Finding]]:
    try:
        data = tree.read(FILE_NAME)
        return (configuration.parse(data.decode()) if data is not None else Config()), []
    except UnicodeDecodeError:
        return Config(), [Finding(path=FILE_NAME, line=0, code="NS-CONFIG", message="not UTF-8 text")]
    except ConfigError as error:
        place = _TOML_LINE.match(error.message)
        line = int(place[1] or 0) if place else 0
        message = error.message[place.end() :] if place else error.message
        return Config(), [Finding(path=FILE_NAME, line=line, code="NS-CONFIG", message=message, advice=error.advice)]


def _files(tree: Worktree, config: Config, only: Sequence[str]) -> dict[str, bytes]:
    found = {}
    for path in only or answers(tree, config):
        data = tree.read(path)
        if data is None:
            raise FileError(path, "is not there", advice="name a file, or none to check them all")
        found[path] = data
    return found


def answers(tree: Worktree, config: Config) -> list[str]:
    """Return the paths of all answers: a README among them, and what lies with the images, is none."""
    return [
        path
        for path in tree.answers(config.folder)
        if not path.startswith(f"{config.assets}/") and path.rpartition("/")[2].lower() != "readme.md"
    ]


def _others(
    tree: Worktree,
    config: Config,
    files: Mapping[str, bytes],
    properties: Mapping[str, Property],
    validate: Validate,
) -> dict[str, Looked]:
    """Look at the files that were not asked for: a named one may share its id, or a picture, with them."""
    rest = (path for path in answers(tree, config) if path not in files)
    return {path: look(path, tree.read(path) or b"", properties, validate) for path in rest}


def _mended(tree: Worktree, path: str, data: bytes, unwanted: frozenset[str]) -> tuple[bytes, tuple[Finding, ...]]:
    try:
        after, done = fix(path, data, unwanted)
    except ContentError:
        return data, ()
    if after != data:
        tree.write(path, after, expect=data)
    return after, done


# --- front matter ------------------------------------------------------------------------------------------------------


def _known(tree: Worktree, config: Config) -> tuple[dict[str, Property], list[Finding]]:
    """Return what the last sync told of the mapped properties."""
    try:
        return known_properties(State(tree, folder_of(config.collection)), config), []
    except StateError as error:
        return {}, [_broken_state(f"{folder_of(config.collection)}/state.json", error)]


def _records(state: State) -> Iterator[Finding]:
    """Find the records that cannot be read, as after a merge that was settled by hand."""
    for page in sorted(state.known()):
        try:
            state.record(page)
        except StateError as error:
            yield _broken_state(f"{state.folder}/base/{page}.json", error)


def _broken_state(path: str, error: StateError) -> Finding:
    line = _JSON_LINE.search(error.message)
    message = error.message.removeprefix(path).lstrip()
    return Finding(path=path, line=int(line[1]) if line else 0, code="NS-STATE", message=message, advice=error.advice)


# --- images and links ----------------------------------------------------------------------------------------------------


def _addresses(tree: Worktree, looked: Mapping[str, Looked]) -> Iterator[Finding]:
    shown: dict[str, dict[str, int]] = {}
    for path, found in looked.items():
        links = AssetLinks(answer=path, digest=lambda target: "" if is_file(tree, target) else None)
        media = {address.url for address in found.addresses if address.use == "media"}
        for address in found.addresses:
            if address.use == "link":
                yield from _link(tree, path, links, address) if address.url not in media else ()
                continue
            before = len(links.notices)
            links.to_notion(address.url, "media")
            for notice in links.notices[before:]:
                yield Finding(path=path, line=address.line, code=notice.code, message=notice.message)
            target = links.target(address.url)
            if target and is_file(tree, target):
                shown.setdefault(target, {})[path] = address.line
    yield from _shared(shown)


def _shared(shown: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """Find pictures that several answers show under a name that a program gave, as the next one would be named, too."""
    for target, lines in shown.items():
        named = not _NAMELESS.fullmatch(target.rpartition("/")[2])
        for path, line in lines.items() if len(lines) > 1 and not named else ():
            others = ", ".join(other for other in lines if other != path)
            yield Finding(
                path=path,
                line=line,
                code="NS-IMAGE-SHARED",
                message=f"{target} is shown by {others} too: was one picture saved over the other?",
                advice="give one of them a file of its own, or, if it is meant, put NS-IMAGE-SHARED into [check] ignore",
            )


def _link(tree: Worktree, path: str, links: AssetLinks, address: Address) -> Iterator[Finding]:
    target = links.target(address.url)
    if target is None:
        return
    if not target:
        message = f"{address.url} leads outside the repository"
    elif not _exists(tree, target):
        message = f"{address.url} leads to nothing: there is no {target}"
    else:
        return
    yield Finding(path=path, line=address.line, code="NS-LINK-DEAD", message=message)


def _related(looked: Mapping[str, Looked], folder: str, known: Sequence[str]) -> Iterator[Finding]:
    """Find related questions that there are not: neither a file's name nor an id."""
    names = [path.removeprefix(f"{folder}/") for path in known]
    folded = {fold(name) for name in (*names, *known)}
    for path, found in looked.items():
        for text, line in found.related:
            if fold(text) in folded or find_id(text) is not None:
                continue
            near = difflib.get_close_matches(text, names, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            message = f'"{text}" is the file of no answer{hint}'
            yield Finding(path=path, line=line, code="NS-LINK-DEAD", message=message)


def is_file(tree: Worktree, path: str) -> bool:
    """Tell whether a path is a file of the repository that may be read."""
    try:
        place = tree.locate(path)
    except FileError:
        return False
    return place.is_file() and not place.is_symlink()


def _exists(tree: Worktree, path: str) -> bool:
    try:
        return tree.locate(path).exists()
    except FileError:
        return False


# --- the question lists --------------------------------------------------------------------------------------------------


def _lists(tree: Worktree, config: Config, git: Git, *, mend: bool) -> tuple[list[Finding], list[Finding]]:
    """Compare the question lists with the files; return what is left to do, and what was rebuilt."""
    found: list[Finding] = []
    fixed: list[Finding] = []
    try:
        entries = read_entries(tree, config)
    except FileError:
        return [], []  # the file is reported; without it the list would lose a question
    for path in dict.fromkeys(region.file for region in config.regions):
        try:
            data = tree.read(path)
            if data is None:
                raise FileError(path, f"is not there, but {FILE_NAME} has a [[region]] for it")
            built = readme.rebuild(path, data, placed(config, git), entries, keys=keys_of(config))
            if built == data:
                continue
            one = _stale(path, data, built)
            if mend:
                tree.write(path, built, expect=data)
                fixed.append(one)
            else:
                found.append(one)
        except NotionSyncError as error:
            found.append(_broken(path, error))
    return found, fixed


def _stale(path: str, data: bytes, built: bytes) -> Finding:
    old, new = data.decode().splitlines(), built.decode().splitlines()
    line = next((at for at, (one, other) in enumerate(zip(old, new, strict=False), 1) if one != other), len(old))
    return Finding(
        path=path,
        line=line,
        code="NS-README-STALE",
        message="the question list is not what the files say",
        advice="notionsync readme",
        fixable=True,
    )


def _broken(path: str, error: NotionSyncError) -> Finding:
    line = error.line if isinstance(error, FileError) else 0
    message = error.message.removeprefix(f"{path}:{line}: ").removeprefix(f"{path}: ")
    return Finding(path=path, line=line, code="NS-README", message=message, advice=error.advice)
