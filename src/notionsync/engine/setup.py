"""Connecting a repository to a database, new or old."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit

from notionsync.config import FILE_NAME, ID_KEY, ORDER_KEY, TITLE_KEY
from notionsync.convert.frontmatter import split
from notionsync.convert.properties import WRITABLE
from notionsync.engine.schema import CONFIG_SCHEMA
from notionsync.engine.session import Session
from notionsync.engine.shelf import read_shelf
from notionsync.errors import ConfigError, ContentError, NotFoundError, UsageError
from notionsync.model import FieldValue, find_id
from notionsync.sides.notion import DataSource, Notion

NAME_PROPERTY = "File"
"""The property that `init --create` adds for the file's name: by it a run finds what a killed one had created."""

_NAME_PROPERTIES = ("file", "file name", "filename", "파일", "파일 이름")
_ORDER_PROPERTIES = ("order", "no", "no.", "number", "번호", "순서")
STATUS_KEY = "status"
"""A key that becomes a select however few files have it."""

_SCHEMA_COMMENT = "#:schema"
"""How editors that understand TOML (Taplo, Even Better TOML) are told of a schema."""
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
        name = _name(key, {NAME_PROPERTY, *schema})
        mapping[key] = name
        schema[name] = _kind(values, key)
    schema[NAME_PROPERTY] = {"rich_text": {}}
    return schema, mapping


def _name(key: str, taken: Container[str]) -> str:
    name = key.replace("_", " ").capitalize()
    return key if name in taken else name


def _kind(values: Iterable[Mapping[str, FieldValue]], key: str) -> dict[str, Any]:
    return _schema([found[key] for found in values if found.get(key) not in (None, "", ())], key)


def find_lacking(
    session: Session, source: DataSource, mapping: Mapping[str, str], name_property: str
) -> Mapping[str, Any]:
    """Return the properties that the files could use and a database does not have, as Notion would be asked for them.

    These are the keys of the front matter that are mapped to nothing, and the property for the files' names. Files that
    cannot be read are left out.
    """
    shelf = read_shelf(session)
    broken = {refused.path for refused in shelf.refused}
    values = [split(data).values() for path, data in shelf.files.items() if path not in broken]
    names = {prop.name for prop in source.properties}
    lacking: dict[str, Any] = {}
    for key in dict.fromkeys(key for found in values for key in found):
        name = _name(key, {NAME_PROPERTY, *names, *lacking})
        if key not in {ID_KEY, TITLE_KEY, *mapping} and name not in names | lacking.keys():
            lacking[name] = _kind(values, key)
    if not name_property and NAME_PROPERTY not in names:
        lacking[NAME_PROPERTY] = {"rich_text": {}}
    return lacking


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


@dataclass(frozen=True, slots=True)
class Joined:
    """A database that a repository is to be connected with.

    Attributes:
        source: Its data source.
        mapping: Front matter key → property name.
        name_property: The property for the files' names; empty if there is none.
        lacking: Names of properties that the files could use and the database does not have.
    """

    source: DataSource
    mapping: Mapping[str, str]
    name_property: str
    lacking: tuple[str, ...] = ()


def join_database(session: Session, notion: Notion, database: str, *, add: bool) -> Joined:
    """Look at a database that exists, and propose how the files' keys are mapped to its properties.

    Args:
        session: The repository.
        notion: The way to Notion.
        database: Its link or id, or those of one of its data sources.
        add: Make the properties that it lacks.

    Raises:
        UsageError: It has several data sources.
        AccessError: A linked view, or not shared with the integration.
    """
    source = notion.resolve(database)
    mapping, name_property = propose_mapping(source)
    lacking = find_lacking(session, source, mapping, name_property)
    if not (add and lacking):
        return Joined(source, mapping, name_property, tuple(lacking))
    source = notion.add_properties(source.id, lacking)
    return Joined(source, *propose_mapping(source))


def configured(data: bytes | None, joined: Joined, folder: str) -> bytes:
    """Return `notionsync.toml` with a data source and a mapping in it; what is there already stays as it is.

    Raises:
        ConfigError: It names another data source.
    """
    source, mapping, name_property = joined.source, joined.mapping, joined.name_property
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
    text = tomlkit.dumps(document).strip("\n") + "\n"
    return (text if _SCHEMA_COMMENT in text else f"{_SCHEMA_COMMENT} {CONFIG_SCHEMA}\n\n{text}").encode()


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
