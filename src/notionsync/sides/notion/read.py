"""Reading: data sources, listings, pages, and whole trees of blocks."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Any

from notionsync.convert import blocks as convert
from notionsync.convert.richtext import notion_path
from notionsync.errors import AccessError, ContentError, NotFoundError, TransientError, UsageError
from notionsync.model import Body, Page, compact_id, dashed_id, find_id
from notionsync.sides.notion import shapes
from notionsync.sides.notion.client import Answer, Client, mapping, objects, text
from notionsync.sides.notion.shapes import Bot, DataSource, Found, Listing, Person, property_value

PAGE_SIZE = 100
SEALED = frozenset({"child_page", "child_database"})
"""Blocks whose children belong to another page."""
_TRIES = 3
"""How often a listing is begun anew when it changes under our hands."""

_log = logging.getLogger("notionsync.notion")


class Reader:
    """The reading half of the Notion side.

    Args:
        client: Sends the requests.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._files: dict[str, tuple[str, Callable[[], object]]] = {}
        self.retouched: set[str] = set()
        """Ids of the blocks that, when they were last read, had been last edited by another than who made them."""

    def me(self) -> Bot:
        """Return who we are."""
        answer = self._client.read(lambda: self._client.api.users.me(), item="the integration")  # noqa: PLW0108
        return shapes.bot(answer)

    def resolve(self, text_or_id: str) -> DataSource:
        """Return the data source that an address or an id names: of a database that has one, or directly.

        Raises:
            UsageError: It holds no id, names a page, or a database with several data sources.
            NotFoundError: Nothing of that id is shared with the integration.
            AccessError: A linked view, whose source is not shared with the integration.
        """
        id_ = find_id(text_or_id.strip())
        if id_ is None:
            raise UsageError(
                f"{text_or_id!r} holds no Notion id",
                advice="copy the database's link in Notion: ••• → Copy link",
            )
        try:
            answer = self._retrieve(lambda: self._client.api.databases.retrieve(dashed_id(id_)), "database", id_)
        except NotFoundError:
            return self._data_source_or_page(id_)
        sources = objects(answer, "data_sources")
        if not sources:
            raise AccessError(
                f"database {id_} ({shapes.plain(answer, 'title')}) shows no data source: it is a linked view, or its source "
                "is not shared with the integration",
                advice="use the link of the original database, and share it with the integration",
            )
        if len(sources) > 1:
            names = ", ".join(f"{text(s, 'name')!r} {compact_id(text(s, 'id'))}" for s in sources)
            raise UsageError(f"database {id_} has several data sources: {names}", advice="name one by its id")
        return self._schema(text(sources[0], "id"))

    def _data_source_or_page(self, id_: str) -> DataSource:
        try:
            return self._schema(id_)
        except NotFoundError as missing:
            try:
                page = self.page(id_)
            except (NotFoundError, ContentError):
                raise missing from None
            raise UsageError(
                f"{id_} is a page ({page.title}), not a database",
                advice="open the database itself as a full page in Notion and copy its link",
            ) from missing

    def data_source(self, id_: str) -> DataSource:
        """Return a data source with its schema.

        Raises:
            UsageError: The id is a database's, whose data source has another one, which is named; or a page's.
            NotFoundError: It does not exist, or is not shared with the integration.
        """
        try:
            return self._schema(id_)
        except NotFoundError as missing:
            try:
                source = self.resolve(id_)
            except (NotFoundError, AccessError):
                raise missing from None
            raise UsageError(
                f"{compact_id(id_)} is the database {source.title!r}, not its data source",
                advice=f'write data_source = "{source.id}" in notionsync.toml',
            ) from missing

    def _schema(self, id_: str) -> DataSource:
        answer = self._retrieve(lambda: self._client.api.data_sources.retrieve(dashed_id(id_)), "data source", id_)
        return shapes.data_source(answer)

    def pages(self, id_: str, *, since: str | None = None, in_trash: bool = False) -> Listing:
        """List the pages of a data source, oldest first.

        One query ends silently after 10,000 rows (Notion's changelog of 2026-04-20); more are read through windows over the
        time of creation.

        Args:
            id_: The data source.
            since: Only pages whose last edit is not before this time.
            in_trash: List the trash instead.

        Raises:
            NotFoundError: The data source does not exist, or is not shared with the integration.
            TransientError: Out of patience.
        """
        found: dict[str, Page] = {}
        window: str | None = None
        while not self._query(id_, _rules(since, window, in_trash=in_trash), found):
            newest = max((page.created_time for page in found.values()), default=None)
            if newest == window:
                _log.warning("data source %s: more than 10,000 pages created at %s; the listing has gaps", id_, window)
                return Listing(pages=tuple(found.values()), complete=False)
            window = newest
        return Listing(pages=tuple(found.values()), complete=True)

    def _query(self, id_: str, body: Answer, found: dict[str, Page]) -> bool:
        """Add the rows of one query to those found; tell whether it returned all."""
        query = self._client.api.data_sources.query
        item = f"data source {compact_id(id_)}"
        while True:
            answer = self._client.read(lambda: query(dashed_id(id_), **body), item=item)
            rows = [self._page(row) for row in objects(answer, "results")]
            found.update((row.id, row) for row in rows if row.id)
            cursor = _next(answer, body)
            if not cursor:
                return not _cut_short(answer)
            body["start_cursor"] = cursor

    def page(self, id_: str) -> Page:
        """Return a page without its body; one in the trash is returned, too.

        Raises:
            NotFoundError: It does not exist any more, or is not shared with the integration.
        """
        return self._page(self._retrieve(lambda: self._client.api.pages.retrieve(dashed_id(id_)), "page", id_))

    def _page(self, answer: Answer) -> Page:
        page = shapes.page(answer, self._client.server_time)
        for value in page.properties.values():
            held = value.get(str(value.get("type")))
            for file in held if value.get("type") == "files" and isinstance(held, list) else [held]:
                url = text(mapping(mapping({"file": file}, "file"), "file"), "url")
                if url:
                    self._files[notion_path(url)] = url, partial(self.page, page.id)
        return page

    def block(self, id_: str) -> Answer:
        """Return one block as the API prints it.

        Raises:
            NotFoundError: It does not exist any more, or is not shared with the integration.
        """
        return self._retrieve(lambda: self._client.api.blocks.retrieve(dashed_id(id_)), "block", id_)

    def body(self, id_: str) -> Body:
        """Return all blocks of a page, or below a block: one request each, and per block with children (per 100 of them).

        Raises:
            NotFoundError: The page does not exist any more, or is not shared with the integration.
            TransientError: Out of patience, or it was edited faster than it could be read.
        """
        return convert.from_api(self.tree(id_))

    def body_again(self, id_: str, known: Body, lists: Collection[str]) -> tuple[Body, bool]:
        """Return all blocks of a page, reading only some lists of children, and what is new below those.

        Args:
            id_: The page.
            known: Its blocks as they were read before; what is not read again is taken from here.
            lists: Ids of the page and the blocks whose children are read again.

        Returns:
            The blocks, and whether each list of them was read now.

        Raises:
            NotFoundError: The page does not exist any more, or is not shared with the integration.
            TransientError: Out of patience, or it was edited faster than it could be read.
        """
        whole = True

        def children(list_: str, before: Body, left: frozenset[str]) -> Body:
            nonlocal whole
            if list_ not in left:
                whole = whole and not before
                return tuple(replace(b, children=children(b.id or "", b.children, left)) for b in before)
            was = {block.id: block.children for block in before}
            left -= {list_}  # a copy of a synced block may lie in its own original
            out = []
            for raw in self.children(list_):
                block = convert.from_api([raw])[0]
                has = bool(raw.get("has_children")) and block.type not in SEALED
                if has and (was.get(block.id) or block.id in left):
                    below = children(block.id or "", was.get(block.id, ()), left)
                else:
                    below = self.body(block.id or "") if has else ()
                out.append(replace(block, children=below))
            return tuple(out)

        try:
            return children(id_, known, frozenset(lists)), whole
        except NotFoundError:  # a block was deleted meanwhile
            return self.body(id_), True

    def tree(self, id_: str) -> list[Answer]:
        """Return the same as the API prints it, with what is below a block under its `children`."""
        for _ in range(_TRIES):
            roots = self.children(id_)
            try:
                self._grow(roots)
            except NotFoundError:  # a block was deleted after its parent had been read
                continue
            return roots
        raise TransientError(
            f"page {compact_id(id_)} is being edited; it changed while it was read", advice="try again"
        )

    def _grow(self, roots: list[Answer]) -> None:
        """Fetch what is below blocks, once on each way down: a copy of a synced block may lie in its own original."""
        waiting = [(root, frozenset[str]()) for root in reversed(roots)]
        while waiting:
            block, above = waiting.pop()
            id_ = text(block, "id")
            if block.get("has_children") and block.get("type") not in SEALED and id_ not in above:
                block["children"] = self.children(id_)
                inside = above | {id_} if above or block.get("type") == "synced_block" else above
                waiting += [(child, inside) for child in reversed(block["children"])]

    def children(self, id_: str) -> list[Answer]:
        """Return the blocks right below a page or a block, in order, each once.

        Raises:
            NotFoundError: The page or block does not exist any more, or is not shared with the integration.
        """
        for _ in range(_TRIES - 1):
            # A cursor is the next block's id, and goes bad when that block is deleted.
            with contextlib.suppress(ContentError):
                return self._children(id_)
        return self._children(id_)

    def _children(self, id_: str) -> list[Answer]:
        found: dict[str, Answer] = {}
        page_of: Answer = {"page_size": PAGE_SIZE}
        list_ = self._client.api.blocks.children.list
        while True:
            answer = self._retrieve(lambda: list_(dashed_id(id_), **page_of), "blocks of", id_)
            found |= {text(block, "id"): block for block in objects(answer, "results")}
            for block in objects(answer, "results"):
                self._remember_file(block)
                self._remember_editor(block)
            cursor = _next(answer, page_of)
            if not cursor and _cut_short(answer):
                raise TransientError(f"Notion shows only a part of the blocks of {compact_id(id_)}", advice="try again")
            if not cursor:
                return list(found.values())
            page_of["start_cursor"] = cursor

    def _remember_editor(self, block: Answer) -> None:
        made, edited = (text(mapping(block, key), "id") for key in ("created_by", "last_edited_by"))
        (self.retouched.discard if made == edited else self.retouched.add)(compact_id(text(block, "id")))

    def _remember_file(self, block: Answer) -> str:
        """Keep the address that a file has for an hour, in memory alone, and return it; empty if the block has no file."""
        payload = mapping(block, text(block, "type"))
        url = text(mapping(payload, "file"), "url")
        if url:
            self._files[notion_path(url)] = url, partial(self.file_url, text(block, "id"))
        return url or text(mapping(payload, "external"), "url")

    def file_url(self, block: str) -> str:
        """Return the address of a block's file; of a file that Notion hosts it is good for an hour.

        Raises:
            NotFoundError: The block does not exist any more, or has no file.
        """
        url = self._remember_file(self.block(block))
        if not url:
            raise NotFoundError(f"block {compact_id(block)} has no file")
        return url

    def seen_file(self, address: str) -> str:
        """Return the address of a `notion:/…` file; empty unless a page or a block that was read before had it."""
        return self._files.get(address, ("", None))[0]

    def fresh_file(self, address: str) -> str:
        """Return the same, after reading again what had it: 1 request.

        Raises:
            NotFoundError: The page or block does not exist any more.
        """
        if address in self._files:
            self._files[address][1]()
        return self.seen_file(address)

    def value(self, page_id: str, property_id: str) -> Answer:
        """Return a property's value whole, in the shape it has in a page: pages hold only 25 references of it.

        Raises:
            NotFoundError: The page or the property does not exist, or is not shared with the integration.
        """
        retrieve = self._client.api.pages.properties.retrieve
        asked: Answer = {"page_size": PAGE_SIZE}
        entries: list[Answer] = []
        while True:
            answer = self._retrieve(
                lambda: retrieve(dashed_id(page_id), property_id, **asked), f"property {property_id} of page", page_id
            )
            if answer.get("object") != "list":
                return {key: answer.get(key) for key in ("id", "type", text(answer, "type"))}
            entries += objects(answer, "results")
            cursor = _next(answer, asked)
            if not cursor:
                return property_value(property_id, mapping(answer, "property_item"), entries)
            asked["start_cursor"] = cursor

    def people(self) -> tuple[Person, ...]:
        """Return the members and integrations of the workspace; guests are not listed.

        Source: developers.notion.com/reference/get-users.

        Raises:
            AccessError: The integration lacks the capability to read user information.
        """
        asked: Answer = {"page_size": PAGE_SIZE}
        found: list[Person] = []
        while True:
            answer = self._client.read(lambda: self._client.api.users.list(**asked), item="the people of the workspace")
            found += [
                Person(id=compact_id(text(user, "id")), name=text(user, "name")) for user in objects(answer, "results")
            ]
            cursor = _next(answer, asked)
            if not cursor:
                return tuple(found)
            asked["start_cursor"] = cursor

    def search(self, query: str = "", *, kind: str = "") -> tuple[Found, ...]:
        """Return pages and data sources shared with the integration whose titles match; the service's index is delayed.

        Args:
            query: Words of the title; empty finds everything.
            kind: "page" or "data_source" to find only those.
        """
        body: Answer = {"query": query, "page_size": PAGE_SIZE}
        if kind:
            body["filter"] = {"property": "object", "value": kind}
        found: list[Found] = []
        while True:
            answer = self._client.read(lambda: self._client.api.search(**body), item="search")
            found += [shapes.found(entry) for entry in objects(answer, "results")]
            cursor = _next(answer, body)
            if not cursor:
                return tuple(found)
            body["start_cursor"] = cursor

    def _retrieve(self, send: Any, what: str, id_: str) -> Answer:
        return self._client.read(send, item=f"{what} {compact_id(id_)}")


def _cut_short(answer: Answer) -> bool:
    """Tell whether the service kept results back, which nothing else in the answer shows."""
    return mapping(answer, "request_status").get("type") == "incomplete"


def _next(answer: Answer, asked: Answer) -> str:
    """Return the cursor of the next part, empty at the end; one that leads nowhere is an end, too."""
    cursor = text(answer, "next_cursor") if answer.get("has_more") else ""
    return "" if cursor == asked.get("start_cursor") else cursor


def _rules(since: str | None, window: str | None, *, in_trash: bool) -> Answer:
    """Return the body of a query: oldest first, which no edit changes while pages of results are fetched."""
    rules: list[Answer] = []
    if since:
        rules.append({"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": since}})
    if window:
        rules.append({"timestamp": "created_time", "created_time": {"on_or_after": window}})
    body: Answer = {
        "sorts": [{"timestamp": "created_time", "direction": "ascending"}],
        "page_size": PAGE_SIZE,
        "result_type": "page",
    }
    if rules:
        body["filter"] = {"and": rules} if len(rules) > 1 else rules[0]
    if in_trash:
        body["in_trash"] = True
    return body
