"""`notionsync.toml` as a frozen value. Every error names file, table and key, and the nearest known key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from notionsync.config.region import Column, Region, read_regions
from notionsync.config.values import Reader
from notionsync.errors import ConfigError
from notionsync.model import compact_id, find_id

FILE_NAME = "notionsync.toml"
_AT_LINE = re.compile(r"\(at line (\d+),")
TITLE_KEY = "question"
"""The front matter key that holds the page's title."""
ID_KEY = "notion_id"
"""The front matter key that holds the page's id."""
ORDER_KEY = "order"
"""The front matter key that the README list is sorted by."""

Images = Literal["upload", "raw"]
RenamePolicy = Literal["never", "follow-title"]

__all__ = [
    "FILE_NAME",
    "ID_KEY",
    "ORDER_KEY",
    "TITLE_KEY",
    "Column",
    "Config",
    "Images",
    "Region",
    "RenamePolicy",
    "parse",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a repository wants of one collection of questions: a data source, a folder, and what is common to all.

    Attributes:
        collection: The name of the collection; empty for the one that has no name, outside of `[[collection]]`.
        collections: The named collections, each as a configuration of its own without regions.
        data_source: Id of the data source the questions live in; empty until `init` was run.
        folder: Where the answers are, relative to the repository, with forward slashes.
        assets: Where images that come from Notion are put.
        images: Whether images and files are uploaded to Notion, or linked through the repository's own web address.
        raw_url: With `images = "raw"`, where the repository's files are on the web; else empty.
        name_property: Name of the Notion property that holds a question's file name; empty if there is none.
        rename: Whether a file follows its page's title.
        properties: Front matter key → name of the Notion property; holds `question`, the title.
        regions: The README regions.
        branch: The branch that may be synced; empty allows any.
        repository: `OWNER/REPO` on GitHub, for absolute links; empty to look at the checkout.
        max_delete: How many deletions on one side a run may plan before the guard stops it.
        ignore: Codes that `check` leaves out, such as `NS-HEADING-DEEP`.
        requests_per_minute: The pace; 0 for what Notion allows every integration.
        fixed: The side that is never written to, where the other one is its mirror; empty where both are.
        whole: Whether a conflict anywhere in a question holds back all of it, instead of what conflicts.
    """

    collection: str = ""
    collections: tuple[Config, ...] = ()
    data_source: str = ""
    folder: str = "answers"
    assets: str = "answers/assets"
    images: Images = "upload"
    raw_url: str = ""
    name_property: str = ""
    rename: RenamePolicy = "never"
    properties: Mapping[str, str] = field(default_factory=lambda: {TITLE_KEY: "Name"})
    regions: tuple[Region, ...] = ()
    branch: str = ""
    repository: str = ""
    max_delete: int = 5
    ignore: tuple[str, ...] = ()
    requests_per_minute: int = 0
    fixed: Literal["", "notion", "files"] = ""
    whole: bool = False


def parse(text: str, *, source: str = FILE_NAME) -> Config:
    """Read a configuration.

    Args:
        text: The TOML text.
        source: What to call it in errors.

    Raises:
        ConfigError: Not TOML, an unknown table or key, or a value of the wrong kind.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = found[1] if found else len(text.splitlines())  # else it is "at end of document"
        raise ConfigError(f"{source}:{line}: not valid TOML: {error}") from error
    reader = Reader(source, text)
    reader.known(data, "", ("notion", "files", "properties", "collection", "region", "git", "guards", "check", "sync"))
    notion = reader.table(data, "notion", ("data_source", "requests_per_minute", "read_only"))
    files = reader.table(
        data, "files", ("folder", "assets", "images", "raw_url", "name_property", "rename", "read_only")
    )
    git = reader.table(data, "git", ("branch", "repository"))
    guards = reader.table(data, "guards", ("max_delete",))
    check = reader.table(data, "check", ("ignore",))
    sync = reader.table(data, "sync", ("conflict",))
    folder = reader.path(files, "files", "folder", "answers")
    default = Config()
    config = Config(
        data_source=_data_source(reader, reader.text(notion, "notion", "data_source", "")),
        requests_per_minute=_pace(reader, notion),
        folder=folder,
        assets=reader.path(files, "files", "assets", f"{folder}/assets"),
        images=reader.choice(files, "files", "images", ("upload", "raw")),
        raw_url=_raw_url(reader, files, git),
        name_property=reader.text(files, "files", "name_property", ""),
        rename=reader.choice(files, "files", "rename", ("never", "follow-title")),
        properties=_properties(reader, data.get("properties", {})),
        regions=read_regions(reader, data),
        branch=reader.text(git, "git", "branch", ""),
        repository=_repository(reader, reader.text(git, "git", "repository", "")),
        max_delete=reader.number(guards, "guards", "max_delete", default.max_delete),
        ignore=reader.texts(check, "check", "ignore"),
        fixed=_fixed(reader, notion, files),
        whole=reader.choice(sync, "sync", "conflict", ("unit", "question")) == "question",
    )
    return replace(config, collections=_collections(reader, data, config))


def _collections(reader: Reader, data: Mapping[str, Any], main: Config) -> tuple[Config, ...]:
    entries = data.get("collection", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise reader.fail("[[collection]]", "must be an array of tables; write [[collection]]")
    found = tuple(_collection(reader, entry, number, main) for number, entry in enumerate(entries, 1))
    names = ["", *(config.collection for config in found)]
    for name in names:
        if names.count(name) > 1:
            raise reader.fail("[[collection]] name", f'"{name}" is used twice')
    for region in main.regions:
        if region.collection not in names:
            message = f'there is no collection "{region.collection}"; known are {", ".join(names[1:]) or "none"}'
            raise reader.fail(f'[[region]] "{region.name}" collection', message)
    # One collection without a name and without a data source is what a repository has before `init`.
    used = [*found, main] if main.data_source or not found else list(found)
    for config in found:
        for other in used:
            inside = f"{config.folder}/".startswith(f"{other.folder}/") or f"{other.folder}/".startswith(
                f"{config.folder}/"
            )
            if other is not config and inside:
                raise reader.fail(
                    f'[[collection]] "{config.collection}" folder', f"{config.folder} and {other.folder} overlap"
                )
            if other is not config and config.data_source and config.data_source == other.data_source:
                raise reader.fail(
                    f'[[collection]] "{config.collection}" data_source', "belongs to another collection, too"
                )
    return found


def _collection(reader: Reader, entry: Mapping[str, Any], number: int, main: Config) -> Config:
    where = f"collection {number}"
    reader.known(entry, where, ("name", "data_source", "folder", "assets", "name_property", "rename", "properties"))
    name = reader.text(entry, where, "name", "")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise reader.fail(f"[{where}] name", f"must be small letters, digits, - and _, not {name!r}")
    folder = reader.path(entry, where, "folder", name)
    return replace(
        main,
        collection=name,
        regions=(),
        data_source=_data_source(reader, reader.text(entry, where, "data_source", "")),
        folder=folder,
        assets=reader.path(entry, where, "assets", f"{folder}/assets"),
        name_property=reader.text(entry, where, "name_property", ""),
        rename=reader.choice(entry, where, "rename", ("never", "follow-title")),
        properties=_properties(reader, entry.get("properties", {})),
    )


def _fixed(reader: Reader, notion: Mapping[str, Any], files: Mapping[str, Any]) -> Literal["", "notion", "files"]:
    there, here = reader.flag(notion, "notion", "read_only"), reader.flag(files, "files", "read_only")
    if there and here:
        raise reader.fail("[files] read_only", "[notion] is read-only as well, so that nothing could ever be done")
    return "notion" if there else "files" if here else ""


def _pace(reader: Reader, table: Mapping[str, Any]) -> int:
    key = "requests_per_minute"
    return reader.number(table, "notion", key, 0) if key in table else 0


def _raw_url(reader: Reader, files: Mapping[str, Any], git: Mapping[str, Any]) -> str:
    """Return the web address of the repository's files where images are linked there: as given, else as GitHub has it."""
    url = reader.text(files, "files", "raw_url", "").rstrip("/")
    if url and not url.startswith(("https://", "http://")):
        raise reader.fail("[files] raw_url", f"must be a web address, not {url!r}")
    if files.get("images") != "raw":
        return ""
    if not url and git.get("repository") and git.get("branch"):
        return f"https://raw.githubusercontent.com/{git['repository']}/{git['branch']}"
    if not url:
        example = "https://raw.githubusercontent.com/OWNER/REPO/main"
        raise reader.fail("[files] raw_url", f'is needed with images = "raw", such as "{example}"')
    return url


def _data_source(reader: Reader, value: str) -> str:
    if not value:
        return ""
    found = find_id(value)
    if found is None:
        raise reader.fail("[notion] data_source", f"must be an id of 32 hexadecimal digits, not {value!r}")
    return compact_id(found)


def _repository(reader: Reader, value: str) -> str:
    owner, slash, name = value.partition("/")
    if value and (not owner or not slash or not name or "/" in name or any(char.isspace() for char in value)):
        raise reader.fail("[git] repository", f'must be written "OWNER/REPO", not {value!r}')
    return value


def _properties(reader: Reader, table: object) -> Mapping[str, str]:
    if not isinstance(table, dict):
        raise reader.fail("[properties]", "must be a table")
    for key, value in table.items():
        if not isinstance(value, str) or not value:
            raise reader.fail(f"[properties] {key}", f"must be the name of a Notion property, not {value!r}")
        if key == ID_KEY:
            raise reader.fail(f"[properties] {key}", "is the page's id and cannot be mapped")
    names = list(table.values())
    for name in names:
        if names.count(name) > 1:
            keys = ", ".join(key for key, value in table.items() if value == name)
            raise reader.fail("[properties]", f'"{name}" is mapped more than once: {keys}')
    return {TITLE_KEY: "Name", **table}
