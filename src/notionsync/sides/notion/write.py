"""Writing pages, databases and schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from notionsync.convert import blocks as convert
from notionsync.convert.richtext import notion_path
from notionsync.errors import MovedError, NotFoundError, UnknownOutcomeError
from notionsync.model import Body, Page, compact_id, dashed_id
from notionsync.sides.notion import chunks
from notionsync.sides.notion.client import Answer, Client, mapping, objects, text
from notionsync.sides.notion.edits import BlockWriter
from notionsync.sides.notion.faults import Fault
from notionsync.sides.notion.read import Reader
from notionsync.sides.notion.shapes import DataSource, page, page_parts, request_parts

_AGAIN = "run the same command again: it looks first whether it was saved"


class PageWriter:
    """The part of the writing half that is not about single blocks.

    Args:
        client: Sends the requests.
        reader: Looks what is there after a reply was lost.
        blocks: Makes a writer of blocks for a page.
    """

    def __init__(self, client: Client, reader: Reader, blocks: Callable[[str, Mapping[str, str]], BlockWriter]) -> None:
        self._client = client
        self._reader = reader
        self._blocks = blocks

    def create(self, data_source: str, properties: Mapping[str, Any], body: Body, uploads: Mapping[str, str]) -> Page:
        """Create a page with its whole body.

        Raises:
            UnknownOutcomeError: The reply to the creation was lost: look for the page before creating it again.
            ContentError: Notion cannot hold the content.
            NotFoundError: The data source is not shared with the integration.
            TransientError: Out of patience; if the message names the page, it holds the beginning of its body.
        """
        parent = {"type": "data_source_id", "data_source_id": dashed_id(data_source)}
        waiting = chunks.pieces(body, uploads)
        request: Answer = {"parent": parent, "properties": {}, **request_parts(properties)}
        chunk = chunks.Chunk([], ())
        if waiting:
            chunk = chunks.cut(waiting, spent=len(json.dumps(request).encode()))
            request["children"] = chunk.children
        item = f"new page {_title(properties)!r} in data source {compact_id(data_source)}"
        answer = self._client.write(
            lambda: self._client.api.pages.create(**request),
            item=item,
            landed=lambda fault: self._committed(fault, item, self._client.api.pages.retrieve),
        )
        created = page(answer, self._client.server_time)
        blocks = self._blocks(created.id, uploads)
        sent, rest = waiting[: len(chunk.children)], waiting[len(chunk.children) :]
        if chunk.rests:
            made = [compact_id(text(block, "id")) for block in self._reader.children(created.id)]
            if len(made) < len(sent):
                raise MovedError(f"page {created.id} is edited while it is written", advice="run the command again")
            blocks.follow(made, sent, chunk.rests)
        blocks.append(created.id, rest, len(sent))
        return self._reader.page(created.id) if chunk.rests or rest else created

    def _committed(self, fault: Fault, item: str, retrieve: Callable[[str], Any]) -> Answer | None:
        """Return what a creation of unknown outcome made, when the service names it.

        A 503 may say that the change was saved all the same, and name it (developers.notion.com/reference/status-codes).
        A collision saved nothing.
        """
        if fault.collided:
            return None
        id_ = fault.data.get("committed_resource_id")
        if not isinstance(id_, str):
            raise UnknownOutcomeError(f"{item}: the reply was lost; it may or may not have been created", advice=_AGAIN)
        return self._client.read(lambda: retrieve(id_), item=item)

    def update(
        self,
        id_: str,
        *,
        properties: Mapping[str, Any] | None,
        in_trash: bool | None,
        before: Page | None,
    ) -> Page:
        """Set properties, or move a page to the trash or back.

        After a lost reply the page is read; the write is repeated unless it was applied: it says whole values.

        Raises:
            MovedError: `before` was given, the reply was lost, and the values are neither the old nor the new ones.
            NotFoundError: The page does not exist any more, or is not shared with the integration.
            ContentError: Notion refuses a value.
        """
        body = request_parts(properties or {})
        if in_trash is not None:
            body["in_trash"] = in_trash

        def landed(fault: Fault) -> Answer | None:  # noqa: ARG001
            item = f"page {compact_id(id_)}"
            now = self._client.read(lambda: self._client.api.pages.retrieve(dashed_id(id_)), item=item)
            values = _values(now, properties or {})
            if all(_holds(wanted, values.get(key)) for key, wanted in (properties or {}).items()):
                return now if in_trash in {None, now.get("in_trash")} else None
            if before and _differ(_values({"properties": before.properties}, properties or {}), values):
                raise MovedError(f"{item}: its properties were edited in Notion meanwhile", advice=_AGAIN)
            return None

        answer = self._client.write(
            lambda: self._client.api.pages.update(dashed_id(id_), **body),
            item=f"page {compact_id(id_)}",
            landed=landed,
        )
        return page(answer, self._client.server_time)

    def create_database(self, parent: str, title: str, schema: Mapping[str, Any]) -> DataSource:
        """Create a database below a page.

        Args:
            parent: The page.
            title: Its name.
            schema: The properties of its one data source, by name.

        Raises:
            UnknownOutcomeError: The reply was lost: look below the page before creating it again.
            NotFoundError: The page is not shared with the integration.
        """
        name = [{"type": "text", "text": {"content": title}}]
        item = f"new database {title!r} in page {compact_id(parent)}"
        answer = self._client.write(
            lambda: self._client.api.databases.create(
                parent={"type": "page_id", "page_id": dashed_id(parent)},
                title=name,
                initial_data_source={"properties": dict(schema)},
            ),
            item=item,
            landed=lambda fault: self._committed(fault, item, self._client.api.databases.retrieve),
        )
        sources = objects(answer, "data_sources")
        if not sources:
            raise NotFoundError(f"{item}: Notion does not show the data source it made", advice="run init --database")
        return self._reader.data_source(text(sources[0], "id"))

    def add_properties(self, id_: str, schema: Mapping[str, Any]) -> DataSource:
        """Add properties to a data source, or options to its properties; what is not named stays.

        Raises:
            NotFoundError: The data source is not shared with the integration.
            ContentError: Notion refuses the schema.
        """
        known = {prop.name for prop in self._reader.data_source(id_).properties}

        def landed(fault: Fault) -> Answer | None:  # noqa: ARG001
            now = self._reader.data_source(id_)
            added = set(schema) - known
            return {"done": True} if added and added <= {prop.name for prop in now.properties} else None

        self._client.write(
            lambda: self._client.api.data_sources.update(dashed_id(id_), properties=dict(schema)),
            item=f"data source {compact_id(id_)}",
            landed=landed,
        )
        return self._reader.data_source(id_)


def _title(properties: Mapping[str, Any]) -> str:
    """Return the plain text of the title among property values as they are sent."""
    for value in properties.values():
        if isinstance(value, dict) and isinstance(value.get("title"), list):
            return "".join(text(mapping(run, "text"), "content") for run in objects(value, "title"))
    return ""


def _values(answer: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page's values of the wanted properties, which may be named by id."""
    properties = mapping(answer, "properties")
    by_id = {text(value, "id"): value for value in properties.values() if isinstance(value, dict)} | page_parts(answer)
    return {key: properties.get(key, by_id.get(key)) for key in wanted}


def _differ(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Tell whether values changed; a value that is named otherwise is not compared."""
    return any(old and _stable(old) != _stable(now.get(key)) for key, old in before.items())


def _stable(value: Any) -> Any:
    """Return a value with the stable part of its addresses alone: those of hosted files change on each read."""
    if isinstance(value, list):
        return [_stable(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if "expiry_time" in value:
        return notion_path(text(value, "url"))
    return {key: _stable(entry) for key, entry in value.items()}


def _holds(wanted: Any, found: Any) -> bool:
    """Tell whether a value as it was sent is in a value as it is read, which says more."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        if "text" in wanted:
            return convert.from_api([_paragraph(wanted)]) == convert.from_api([_paragraph(found)])
        return all(_holds(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(_holds, wanted, found))
    return bool(wanted == found)


def _paragraph(run: Mapping[str, Any]) -> Answer:
    return {"type": "paragraph", "paragraph": {"rich_text": [run]}}
