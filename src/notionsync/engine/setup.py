"""Connecting a repository to a database, new or old."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tomlkit

from notionsync.config import FILE_NAME, ID_KEY, ORDER_KEY, TITLE_KEY
from notionsync.convert.frontmatter import split
from notionsync.convert.properties import WRITABLE
from notionsync.engine.session import Session
from notionsync.engine.survey import read_shelf
from notionsync.errors import ConfigError, ContentError, NotFoundError, UsageError
from notionsync.model import FieldValue, find_id
from notionsync.sides.notion import DataSource, Notion

NAME_PROPERTY = "File"
"""The property that `init --create` adds for the file's name: by it a run finds what a killed one had created."""

_NAME_PROPERTIES = ("file", "file name", "filename", "파일", "파일 이름")
_ORDER_PROPERTIES = ("order", "no", "no.", "number", "번호", "순서")
STATUS_KEY = "status"
"""A key that becomes a select however few files have it."""

_NOT_IN_KEY = re.compile(r"[^\w-]+")


def find_parent(notion: Notion, text: str) -> str:
    """Return the id of the page that an address, an id or a title names.

    Raises:
        NotFoundError: No page of that title is shared with the integration.
        UsageError: Several are.
    """
    found = find_id(text)
    if found is not None:
        return notion.page(found).id
    pages = [page for page in notion.search(text, kind="page") if page.title.strip() == text.strip()]
    if not pages:
        raise NotFoundError(
            f'no page "{text}" is shared with the integration',
            advice="in Notion, open the page, ••• → Connections, and add the integration; or name the page by its link",
        )
    if len(pages) > 1:
        links = ", ".join(page.url for page in pages)
        raise UsageError(f'several pages are called "{text}": {links}', advice="name the one by its link")
    return pages[0].id


def create_database(session: Session, notion: Notion, parent: str, title: str) -> tuple[DataSource, dict[str, str]]:
    """Make a database whose properties match the front matter of the answers.

    Returns:
        The data source, and front matter key → property name.
    """
    schema, mapping = schema_for(_front_matter(session))
    return notion.create_database(find_parent(notion, parent), title, schema), mapping


def schema_for(values: Sequence[Mapping[str, FieldValue]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the properties of a new database for answers with these front matters, and key → property name."""
    schema: dict[str, Any] = {"Question": {"title": {}}}
    mapping = {TITLE_KEY: "Question"}
    for key in _keys(values):
        name = key.replace("_", " ").capitalize()
        if name in {NAME_PROPERTY, *schema}:
            name = key
        mapping[key] = name
        schema[name] = _schema([found[key] for found in values if found.get(key) not in (None, "", ())], key)
    schema[NAME_PROPERTY] = {"rich_text": {}}
    return schema, mapping


def _front_matter(session: Session) -> list[Mapping[str, FieldValue]]:
    """Return the front matter of all answers.

    Raises:
        ContentError: One is broken; a database made from half of them would lack properties.
    """
    shelf = read_shelf(session)
    for refused in shelf.refused:
        raise ContentError(refused.message, advice=refused.advice)
    return [split(data).values() for data in shelf.files.values()]


def _keys(values: Iterable[Mapping[str, FieldValue]]) -> list[str]:
    counts: Counter[str] = Counter()
    for found in values:
        counts.update(key for key in found if key not in {ID_KEY, TITLE_KEY})
    return [ORDER_KEY, *(key for key in counts if key != ORDER_KEY)]


def _schema(values: Sequence[FieldValue], key: str) -> dict[str, Any]:
    """Return the property that holds these values: the narrowest kind that holds them all."""
    if key == ORDER_KEY or (values and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)):
        return {"number": {"format": "number"}}
    if values and all(isinstance(value, bool) for value in values):
        return {"checkbox": {}}
    if any(isinstance(value, tuple) for value in values):
        options = dict.fromkeys(n for v in values for n in (v if isinstance(v, tuple) else (str(v),)))
        return {"multi_select": {"options": [{"name": name} for name in options]}}
    texts = [str(value) for value in values]
    if texts and all(re.fullmatch(r"\d{4}-\d{2}-\d{2}(?:[T/].*)?", text) for text in texts):
        return {"date": {}}
    options = dict.fromkeys(texts)
    repeated = len(texts) >= 2 * len(options) or key == STATUS_KEY
    if texts and repeated and not any("," in name or len(name) > 100 for name in options):
        return {"select": {"options": [{"name": name} for name in options]}}
    return {"rich_text": {}}


def propose_mapping(source: DataSource) -> tuple[dict[str, str], str]:
    """Return front matter key → property name for a database that exists, and the name of its file-name property.

    Every kind that can be written is mapped; what Notion computes is left for people to add.
    """
    mapping: dict[str, str] = {}
    name_property = ""
    for prop in source.properties:
        folded = prop.name.strip().casefold()
        if prop.type == "rich_text" and folded in _NAME_PROPERTIES and not name_property:
            name_property = prop.name
        elif prop.type == "title":
            mapping = {TITLE_KEY: prop.name, **mapping}
        elif prop.type in WRITABLE:
            key = ORDER_KEY if prop.type == "number" and folded in _ORDER_PROPERTIES else _key(prop.name)
            while key in {ID_KEY, TITLE_KEY, *mapping}:
                key += "_"
            mapping[key] = prop.name
    return mapping, name_property


def _key(name: str) -> str:
    text = _NOT_IN_KEY.sub("_", unicodedata.normalize("NFC", name).strip().lower()).strip("_")
    return text or "property"


def configured(
    data: bytes | None, source: DataSource, mapping: Mapping[str, str], name_property: str, folder: str
) -> bytes:
    """Return `notionsync.toml` with a data source and a mapping in it; what is there already stays as it is.

    Raises:
        ConfigError: It names another data source.
    """
    document = tomlkit.parse((data or b"").decode())
    notion = document.get("notion", {})
    if notion.get("data_source") not in (None, "", source.id):
        raise ConfigError(
            f"{FILE_NAME} names data source {notion['data_source']} already",
            advice=f"to connect to another database, take that line and {FILE_NAME[:-5]}'s folder .notionsync/ away first",
        )
    _section(document, "notion", {"data_source": source.id})
    _section(document, "files", {"folder": folder, **({"name_property": name_property} if name_property else {})})
    _section(document, "properties", mapping)
    return (tomlkit.dumps(document).strip("\n") + "\n").encode()


def _section(document: tomlkit.TOMLDocument, name: str, values: Mapping[str, str]) -> None:
    if name not in document:
        table = tomlkit.table()
        for key, value in values.items():
            table.add(key, value)
        table.add(tomlkit.nl())
        # Arrays of tables come last in TOML; a plain table put behind them would read as part of the last one to people.
        regions = document.pop("region", None)
        document.add(name, table)
        if regions is not None:
            document.add("region", regions)
        return
    for key, value in values.items():
        if key not in document[name]:
            document[name][key] = value
