"""`notionsync.toml` as a frozen value. Every error names file, table and key, and the nearest known key."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from notionsync.errors import ConfigError
from notionsync.model import compact_id, find_id

FILE_NAME = "notionsync.toml"
TITLE_KEY = "question"
"""The front matter key that holds the page's title."""
ID_KEY = "notion_id"
"""The front matter key that holds the page's id."""
ORDER_KEY = "order"
"""The front matter key that the README list is sorted by."""

T = TypeVar("T", bound=str)
RenamePolicy = Literal["never", "follow-title"]
ListFormat = Literal["ordered", "bulleted"]
LinkStyle = Literal["relative", "absolute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A marked region of a file that lists the questions.

    Attributes:
        name: Name in the markers, `<!-- notionsync:begin NAME -->`.
        file: The file, relative to the repository.
        format: `ordered` or `bulleted`; decides how the templates begin where they are not given.
        item: Template of an answered question: `{n}`, `{question}`, `{url}`, `{path}` and any front matter key.
        open_item: Template of a question that has no answer yet.
        url_prefix: Put before the answer's path relative to the repository; empty makes the link relative to the file.
    """

    name: str = "questions"
    file: str = "README.md"
    format: ListFormat = "ordered"
    item: str = "{n}. {question} [Answer]({url})"
    open_item: str = "{n}. {question}"
    url_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a repository wants.

    Attributes:
        data_source: Id of the data source the questions live in; empty until `init` was run.
        folder: Where the answers are, relative to the repository, with forward slashes.
        assets: Where images that come from Notion are put.
        name_property: Name of the Notion property that holds a question's file name; empty if there is none.
        rename: Whether a file follows its page's title.
        properties: Front matter key → name of the Notion property; holds `question`, the title.
        regions: The README regions.
        branch: The branch that may be synced; empty allows any.
        max_delete: How many deletions on one side a run may plan before the guard stops it.
        ignore: Codes that `check` leaves out, such as `NS-HEADING-DEEP`.
        requests_per_minute: The pace; 0 for what Notion allows every integration.
    """

    data_source: str = ""
    folder: str = "answers"
    assets: str = "answers/assets"
    name_property: str = ""
    rename: RenamePolicy = "never"
    properties: Mapping[str, str] = field(default_factory=lambda: {TITLE_KEY: "Name"})
    regions: tuple[Region, ...] = ()
    branch: str = ""
    max_delete: int = 5
    ignore: tuple[str, ...] = ()
    requests_per_minute: int = 0


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
        raise ConfigError(f"{source}: not valid TOML: {error}") from error
    reader = _Reader(source)
    reader.known(data, "", ("notion", "files", "properties", "region", "git", "guards", "check"))
    notion = reader.table(data, "notion", ("data_source", "requests_per_minute"))
    files = reader.table(data, "files", ("folder", "assets", "name_property", "rename"))
    git = reader.table(data, "git", ("branch",))
    guards = reader.table(data, "guards", ("max_delete",))
    check = reader.table(data, "check", ("ignore",))
    folder = reader.path(files, "files", "folder", "answers")
    default = Config()
    return Config(
        data_source=_data_source(reader, reader.text(notion, "notion", "data_source", "")),
        requests_per_minute=_pace(reader, notion),
        folder=folder,
        assets=reader.path(files, "files", "assets", f"{folder}/assets"),
        name_property=reader.text(files, "files", "name_property", ""),
        rename=reader.choice(files, "files", "rename", ("never", "follow-title")),
        properties=_properties(reader, data.get("properties", {})),
        regions=tuple(_region(reader, entry, n) for n, entry in enumerate(_regions(reader, data), 1)),
        branch=reader.text(git, "git", "branch", ""),
        max_delete=reader.number(guards, "guards", "max_delete", default.max_delete),
        ignore=reader.texts(check, "check", "ignore"),
    )


class _Reader:
    """Takes values out of TOML tables and says exactly which one is wrong."""

    def __init__(self, source: str) -> None:
        self.source = source

    def fail(self, where: str, message: str) -> ConfigError:
        return ConfigError(f"{self.source}: {where}: {message}")

    def known(self, table: Mapping[str, Any], name: str, keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(keys)}"
                raise self.fail(f"[{name}]" if name else "top level", f'unknown key "{key}"{hint}')

    def table(self, data: Mapping[str, Any], name: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
        value = data.get(name, {})
        if not isinstance(value, dict):
            raise self.fail(f"[{name}]", "must be a table")
        self.known(value, name, keys)
        return value

    def text(self, table: Mapping[str, Any], name: str, key: str, default: str) -> str:
        value = table.get(key, default)
        if not isinstance(value, str):
            raise self.fail(f"[{name}] {key}", f"must be text, not {value!r}")
        return value

    def texts(self, table: Mapping[str, Any], name: str, key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(f"[{name}] {key}", f"must be a list of texts, not {value!r}")
        return tuple(value)

    def number(self, table: Mapping[str, Any], name: str, key: str, default: int) -> int:
        value = table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.fail(f"[{name}] {key}", f"must be a whole number above 0, not {value!r}")
        return value

    def choice(self, table: Mapping[str, Any], name: str, key: str, choices: tuple[T, ...]) -> T:
        value = table.get(key, choices[0])
        for choice in choices:
            if value == choice:
                return choice
        raise self.fail(f"[{name}] {key}", f"must be one of {', '.join(choices)}, not {value!r}")

    def path(self, table: Mapping[str, Any], name: str, key: str, default: str) -> str:
        value = self.text(table, name, key, default).strip("/")
        if not value or "\\" in value or any(part in {"", ".", ".."} for part in value.split("/")):
            raise self.fail(
                f"[{name}] {key}", f"must be a path inside the repository, with forward slashes, not {value!r}"
            )
        return value


def _pace(reader: _Reader, table: Mapping[str, Any]) -> int:
    key = "requests_per_minute"
    return reader.number(table, "notion", key, 0) if key in table else 0


def _data_source(reader: _Reader, value: str) -> str:
    if not value:
        return ""
    found = find_id(value)
    if found is None:
        raise reader.fail("[notion] data_source", f"must be an id of 32 hexadecimal digits, not {value!r}")
    return compact_id(found)


def _properties(reader: _Reader, table: object) -> Mapping[str, str]:
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


def _regions(reader: _Reader, data: Mapping[str, Any]) -> list[Any]:
    entries = data.get("region", [])
    if not isinstance(entries, list):
        raise reader.fail("[[region]]", "must be an array of tables; write [[region]]")
    names = [entry.get("name", "questions") for entry in entries if isinstance(entry, dict)]
    for name in names:
        if names.count(name) > 1:
            raise reader.fail("[[region]] name", f'"{name}" is used twice')
    return entries


def _region(reader: _Reader, entry: Any, number: int) -> Region:
    where = f"[region] {number}"
    default = Region()
    if not isinstance(entry, dict):
        raise reader.fail(where, "must be a table")
    reader.known(entry, where.strip("[]"), ("name", "file", "format", "item", "open_item", "url_prefix"))
    shape: ListFormat = reader.choice(entry, where, "format", ("ordered", "bulleted"))
    lead = "{n}." if shape == "ordered" else "-"
    return Region(
        name=reader.text(entry, where, "name", default.name),
        file=reader.path(entry, where, "file", default.file),
        format=shape,
        item=reader.text(entry, where, "item", f"{lead} {{question}} [Answer]({{url}})"),
        open_item=reader.text(entry, where, "open_item", f"{lead} {{question}}"),
        url_prefix=reader.text(entry, where, "url_prefix", default.url_prefix),
    )
