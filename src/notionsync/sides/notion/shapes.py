"""What the API's objects are to us. Unknown fields, types and values are let pass: additions reach all versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notionsync.model import PAGE_PARTS, Block, Page, Property, compact_id
from notionsync.sides.notion.client import Answer, mapping, objects, text


@dataclass(frozen=True, slots=True)
class Bot:
    """The integration that the token belongs to.

    Attributes:
        id: The bot's user id: what the API itself writes shows it as its author.
        workspace: Name of the workspace.
        max_upload: Bytes that one file may have in it; 0 if the service does not tell.
        name: What people called the integration.
    """

    id: str
    workspace: str
    max_upload: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or an integration, of the workspace.

    Attributes:
        id: The user.
        name: As Notion shows it; empty where the integration may not know it.
    """

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class DataSource:
    """The table inside a database: its schema and where it is.

    Attributes:
        id: The data source.
        database: The database that holds it.
        title: Its name.
        url: Its address for people.
        properties: Its properties in the service's order.
        in_trash: Whether it is in the trash.
    """

    id: str
    database: str
    title: str
    url: str
    properties: tuple[Property, ...]
    in_trash: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Pages of a data source.

    Attributes:
        pages: Each page once.
        complete: False when the service kept rows back: more than 10,000 of them were created in one minute.
    """

    pages: tuple[Page, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What the service said of edits.

    Attributes:
        answered: Written blocks as they were right after the write, by id: updated ones, and the tops of new ones.
        moved: The page's time and its last editor as the last edit right below it left them; None if none was there:
            an edit further below moves only its own parent's time, a deletion none (measured on recordings of the API).
    """

    answered: Mapping[str, Block]
    moved: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Something that search found.

    Attributes:
        id: The page or data source.
        kind: "page" or "data_source".
        title: Its title, as plain text.
        url: Its address for people.
        parent: Id of what holds it; empty for the workspace.
    """

    id: str
    kind: str
    title: str
    url: str
    parent: str


def bot(answer: Mapping[str, Any]) -> Bot:
    """Return who we are from the API's own user object."""
    user = mapping(answer, "bot")
    limit = mapping(user, "workspace_limits").get("max_file_upload_size_in_bytes")
    return Bot(
        id=compact_id(text(answer, "id")),
        workspace=text(user, "workspace_name"),
        max_upload=limit if isinstance(limit, int) else 0,
        name=text(answer, "name"),
    )


def page(answer: Mapping[str, Any], read_at: float) -> Page:
    """Return a page from the API's own object."""
    values = [value for value in mapping(answer, "properties").values() if isinstance(value, dict)]
    title = next((value for value in values if value.get("type") == "title"), {})
    return Page(
        id=compact_id(text(answer, "id")),
        title=plain(title, "title"),
        properties={text(value, "id"): value for value in values} | page_parts(answer),
        parent=_parent(answer),
        created_time=text(answer, "created_time"),
        created_by=compact_id(text(mapping(answer, "created_by"), "id")),
        last_edited_time=text(answer, "last_edited_time"),
        last_edited_by=compact_id(text(mapping(answer, "last_edited_by"), "id")),
        in_trash=answer.get("in_trash") is True,
        is_archived=answer.get("is_archived") is True,
        is_locked=answer.get("is_locked") is True,
        url=text(answer, "url"),
        read_at=read_at,
    )


def page_parts(answer: Mapping[str, Any]) -> dict[str, Answer]:
    """Return the icon and the cover of a page in the shape of property values."""
    parts = {prop.id: (prop.id.removeprefix("page:"), prop.type) for prop in PAGE_PARTS.values()}
    return {id_: {"id": id_, "type": kind, kind: answer.get(key)} for id_, (key, kind) in parts.items()}


def request_parts(properties: Mapping[str, Any]) -> Answer:
    """Return the parts of a request that property values come to: the properties, and icon and cover beside them."""
    own = {key: value for key, value in properties.items() if key not in PAGE_PARTS}
    beside = {
        prop.id.removeprefix("page:"): properties[prop.id][prop.type]
        for prop in PAGE_PARTS.values()
        if prop.id in properties
    }
    return {**({"properties": own} if own else {}), **beside}


def data_source(answer: Mapping[str, Any]) -> DataSource:
    """Return a data source from the API's own object."""
    schema = [(name, prop) for name, prop in mapping(answer, "properties").items() if isinstance(prop, dict)]
    return DataSource(
        id=compact_id(text(answer, "id")),
        database=_parent(answer),
        title=plain(answer, "title"),
        url=text(answer, "url"),
        properties=tuple(_property(name, prop) for name, prop in schema),
        in_trash=answer.get("in_trash") is True,
    )


def _property(name: str, prop: Mapping[str, Any]) -> Property:
    type_ = text(prop, "type")
    options = objects(mapping(prop, type_), "options")
    return Property(
        id=text(prop, "id"),
        name=text(prop, "name") or name,
        type=type_,
        options=tuple(text(option, "name") for option in options),
        via=text(mapping(prop, type_), "relation_property_id") if type_ == "rollup" else "",
    )


def property_value(property_id: str, about: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> Answer:
    """Return a value that was read whole, in the shape that it has in a page.

    Args:
        property_id: The property.
        about: What the last part says of the whole: a rollup's result among it.
        entries: The parts, one reference or run each.
    """
    kind = text(about, "type")
    value: Any = [entry.get(text(entry, "type")) for entry in entries]
    if kind == "rollup":
        result = mapping(about, kind)
        shown = [_shown(entry) for entry in entries]
        value = {**result, "array": shown} if text(result, "type") == "array" else result
    return {"id": property_id, "type": kind, kind: value, "has_more": False}


def _shown(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return one of the values that a rollup shows; the endpoint tells lists one by one."""
    kind = text(entry, "type")
    value = entry.get(kind)
    one = kind in {"title", "rich_text", "people", "relation"} and not isinstance(value, list)
    return {"type": kind, kind: [value] if one else value}


def found(answer: Mapping[str, Any]) -> Found:
    """Return a result of a search from the API's own object."""
    kind = text(answer, "object")
    title = plain(answer, "title") if kind == "data_source" else page(answer, 0.0).title
    return Found(compact_id(text(answer, "id")), kind, title, text(answer, "url"), _parent(answer))


def _parent(answer: Mapping[str, Any]) -> str:
    parent = mapping(answer, "parent")
    return compact_id(text(parent, text(parent, "type")))


def plain(answer: Mapping[str, Any], key: str) -> str:
    """Return the plain text of a rich text field."""
    return "".join(text(run, "plain_text") for run in objects(answer, key))
