"""What `notionsync emulator --seed` takes: a JSON seed, or a folder of answers as one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from notionsync.config import ID_KEY, TITLE_KEY
from notionsync.convert import markdown_to_blocks, parse_inline, rich_text_to_api
from notionsync.convert.frontmatter import split
from notionsync.convert.properties import write
from notionsync.engine.setup import NAME_PROPERTY, schema_for
from notionsync.errors import ContentError, FileError, UsageError
from notionsync.model import FieldValue, Property

Json = dict[str, Any]


def read_seed(path: Path) -> Json:
    """Return a file or folder as the emulator's `seed` takes it.

    A file is JSON already. A folder is a database of that name with one page for each `*.md` in it: its front matter
    becomes properties of the kinds that `init --create` would choose, its body becomes blocks.

    Raises:
        UsageError: Nothing is there to seed with.
        FileError: An answer cannot be read or sent; names it.
    """
    if path.is_dir():
        return _folder(path)
    try:
        given = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} is no seed: {error}", advice="give a JSON file (see docs/emulator.md) or a folder of answers"
        ) from error
    if not isinstance(given, dict):
        raise UsageError(f"{path} is no seed: it holds no JSON object", advice="see docs/emulator.md, Seed it")
    return given


def _folder(folder: Path) -> Json:
    files = sorted(folder.glob("*.md"))
    if not files:
        raise UsageError(f"there is no answer in {folder}", advice="name the folder that holds the *.md files")
    values: dict[Path, dict[str, FieldValue]] = {}
    for path in files:
        try:
            values[path] = split(path.read_bytes()).values()
        except ContentError as error:
            raise FileError(str(path), error.message, line=error.line, advice=error.advice) from error
    schema, mapping = schema_for(list(values.values()))
    pages = [_page(path, values[path], schema, mapping) for path in files]
    title = [{"text": {"content": folder.resolve().name or "Questions"}}]
    return {"databases": [{"title": title, "properties": schema, "pages": pages}]}


def _page(path: Path, values: Mapping[str, FieldValue], schema: Json, mapping: Mapping[str, str]) -> Json:
    title = values.get(TITLE_KEY) or path.stem.replace("_", " ")
    properties: Json = {
        mapping[TITLE_KEY]: {"title": rich_text_to_api(parse_inline(str(title)))},
        NAME_PROPERTY: {"rich_text": [{"text": {"content": path.name}}]},
    }
    try:
        for key, value in values.items():
            if key not in {ID_KEY, TITLE_KEY} and value not in (None, "", ()):
                properties[mapping[key]] = write(_property(mapping[key], schema), value)
        return {"properties": properties, "children": markdown_to_blocks(split(path.read_bytes()).text)}
    except ContentError as error:
        raise FileError(str(path), error.message, line=error.line, advice=error.advice) from error


def _property(name: str, schema: Json) -> Property:
    kind = next(iter(schema[name]))
    options = tuple(option["name"] for option in schema[name][kind].get("options", ()))
    return Property(id=name, name=name, type=kind, options=options)
