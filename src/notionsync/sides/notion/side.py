"""The Notion side as the engine sees it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx

from notionsync.model import Body, Edit, Page
from notionsync.sides.notion.client import DEFAULT_BASE_URL, Client, Patience
from notionsync.sides.notion.edits import BlockWriter, ids_of
from notionsync.sides.notion.files import Files
from notionsync.sides.notion.pace import Clock, SystemClock
from notionsync.sides.notion.read import Reader
from notionsync.sides.notion.shapes import Bot, DataSource, Found, Listing, Person, Written
from notionsync.sides.notion.write import PageWriter

PACE = 180
HERE = frozenset({"127.0.0.1", "::1", "localhost"})
"""Names of this machine."""
_MINUTE = 60.0


class Notion:
    """A Notion workspace, as far as it is shared with one integration.

    All methods may be called from several threads, but the writes to one page have to follow one another. Every method can
    raise `AccessError` (token, capability, sharing), `TransientError` (out of patience) and `ContentError` (Notion calls the
    request invalid); what else is named at each.

    Args:
        token: The integration's secret.
        base_url: Where the API is; it may have a path.
        transport: An httpx transport to use instead of the network.
        pace: Requests a minute.
        clock: Whose time counts; the computer's if None.
        patience: When to give up on a request.
        log: Where notion-client logs; `notionsync.notion` if None.

    Raises:
        AccessError: There is no token, or it cannot be one.
        UsageError: `base_url` is no address.
    """

    def __init__(
        self,
        token: str,
        base_url: str = DEFAULT_BASE_URL,
        *,
        transport: httpx.BaseTransport | None = None,
        pace: int = PACE,
        clock: Clock | None = None,
        patience: Patience | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        self._client = Client(
            token,
            base_url,
            transport=transport,
            pace=pace,
            clock=clock or SystemClock(),
            patience=patience or Patience(),
            log=log,
        )
        self._reader = Reader(self._client)
        self._pages = PageWriter(self._client, self._reader, lambda page, uploads: self._blocks(page, uploads, ()))
        self._files = Files(self._client, self._reader, self.me, transport)
        self._bot: Bot | None = None
        self._bot_lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._files.close()

    @property
    def host(self) -> str:
        """Who is asked."""
        return self._client.host

    @property
    def now(self) -> float:
        """The time of day by the clock that was given, in seconds since the epoch."""
        return self._client.clock.now()

    @property
    def here(self) -> bool:
        """Whether the service is on this machine: no real one, which others edit at the same time."""
        return self._client.host.rpartition(":")[0] in HERE or self._client.host in HERE

    def outlast(self, moment: float, stopping: Callable[[], bool]) -> None:
        """Wait until the service's clock is past a moment, but not longer than a minute; end early when asked to.

        Args:
            moment: Seconds since the epoch.
            stopping: Asked each second whether to stop.
        """
        left = min(moment - self.server_time, _MINUTE) if self.server_time else _MINUTE
        while left > 0 and not stopping():
            self._client.clock.sleep(min(left, 1.0))
            left -= 1.0

    @property
    def requests(self) -> int:
        """How many requests were sent to the API, repeats included."""
        return self._client.requests

    @property
    def waited(self) -> float:
        """How many seconds were spent waiting because Notion refused or failed, the pace left aside."""
        return self._client.waited

    @property
    def server_time(self) -> float:
        """What the service's clock (HTTP Date) said in the last answer this thread got; 0.0 if it never told."""
        return self._client.server_time

    # --- reading -----------------------------------------------------------------------------------------------------

    def me(self) -> Bot:
        """Return who we are; asked once."""
        with self._bot_lock:
            if self._bot is None:
                self._bot = self._reader.me()
            return self._bot

    def people(self) -> tuple[Person, ...]:
        """Return the people of the workspace: 1 request per 100; see `Reader.people`."""
        return self._reader.people()

    def resolve(self, text_or_id: str) -> DataSource:
        """Return the data source that an address or an id names; see `Reader.resolve`."""
        return self._reader.resolve(text_or_id)

    def data_source(self, id_: str) -> DataSource:
        """Return a data source with its schema: 1 request."""
        return self._reader.data_source(id_)

    def pages(self, data_source: str, *, since: str | None = None, in_trash: bool = False) -> Listing:
        """List the pages of a data source, 100 a request, oldest first; see `Reader.pages`."""
        return self._reader.pages(data_source, since=since, in_trash=in_trash)

    def page(self, id_: str) -> Page:
        """Return a page without its body, from the trash, too: 1 request.

        Raises:
            NotFoundError: It does not exist any more, or is not shared with the integration.
        """
        return self._reader.page(id_)

    def value(self, page: str, property_id: str) -> Mapping[str, Any]:
        """Return a property's value whole, where a page holds only its first 25 references: 1 request per 100."""
        return self._reader.value(page, property_id)

    def body(self, id_: str) -> Body:
        """Return all blocks of a page: 1 request, and 1 for each block with children (per 100 of them).

        Raises:
            NotFoundError: It does not exist any more, or is not shared with the integration.
        """
        return self._reader.body(id_)

    def body_again(self, id_: str, known: Body, lists: Collection[str]) -> tuple[Body, bool]:
        """Return all blocks of a page, reading only some lists of children; see `Reader.body_again`."""
        return self._reader.body_again(id_, known, lists)

    def retouched(self) -> frozenset[str]:
        """Return which blocks, when last read, had been last edited by another than who made them; no request."""
        return frozenset(self._reader.retouched)

    def search(self, query: str = "", *, kind: str = "") -> tuple[Found, ...]:
        """Return pages and data sources by title; `kind` is "page", "data_source" or empty."""
        return self._reader.search(query, kind=kind)

    # --- writing -----------------------------------------------------------------------------------------------------

    def create_page(
        self,
        data_source: str,
        properties: Mapping[str, Any],
        body: Body = (),
        uploads: Mapping[str, str] | None = None,
    ) -> Page:
        """Create a page with its whole body: 1 request while it fits one; see `PageWriter.create`.

        Args:
            data_source: Where.
            properties: Property values as they are sent, by name or id.
            body: Its blocks.
            uploads: For each `asset:` or `notion:` address the id of the file upload that holds its bytes.

        Raises:
            UnknownOutcomeError: The reply was lost: look for the page before creating it again.
        """
        return self._pages.create(data_source, properties, body, uploads or {})

    def complete(self, page: str, body: Body, uploads: Mapping[str, str] | None = None) -> None:
        """Bring a page to `body` when it holds a beginning of it already, as an interrupted `create_page` leaves it.

        Raises:
            MovedError: It holds something else.
        """
        self._blocks(page, uploads or {}, ()).complete(page, body)

    def update_page(
        self,
        id_: str,
        *,
        properties: Mapping[str, Any] | None = None,
        in_trash: bool | None = None,
        before: Page | None = None,
    ) -> Page:
        """Set properties, or move a page to the trash or back: 1 request; see `PageWriter.update`.

        Args:
            id_: The page.
            properties: Property values as they are sent, by name or id.
            in_trash: True to trash it, False to restore it.
            before: The page as it was read; a repeat after a lost reply does not overwrite values that differ from it.

        Raises:
            MovedError: See `before`.
        """
        return self._pages.update(id_, properties=properties, in_trash=in_trash, before=before)

    def apply(
        self,
        page: str,
        edits: Sequence[Edit],
        uploads: Mapping[str, str] | None = None,
        *,
        known: Body | None = None,
    ) -> Written:
        """Do edits one after the other: 1 request each while an append fits one.

        Args:
            page: The page, for errors.
            edits: What to do.
            uploads: For each `asset:` or `notion:` address the id of the file upload that holds its bytes.
            known: The tree as it was read before; makes it certain, after a lost reply, which blocks are new.

        Returns:
            What the service said of it.

        Raises:
            ContentError: Notion cannot hold a block; told before the first edit is sent where we can know it.
            MovedError: A block is gone, or does not say what the edit expects; earlier edits are done.
            UnknownOutcomeError: A reply was lost, and what became of the write cannot be read now.
        """
        writer = self._blocks(page, uploads or {}, known)
        writer.apply(edits)
        return Written(writer.answered, writer.moved)

    def create_database(self, parent: str, title: str, schema: Mapping[str, Any]) -> DataSource:
        """Create a database below a page: 2 requests.

        Raises:
            UnknownOutcomeError: The reply was lost: look below the page before creating it again.
        """
        return self._pages.create_database(parent, title, schema)

    def add_properties(self, data_source: str, schema: Mapping[str, Any]) -> DataSource:
        """Add properties to a data source: 3 requests."""
        return self._pages.add_properties(data_source, schema)

    # --- files -------------------------------------------------------------------------------------------------------

    def upload(self, name: str, mime: str, data: BinaryIO) -> str:
        """Send a file and return the id of its upload: 2 requests up to 20 MB, else 2 and 1 per 10 MB."""
        return self._files.upload(name, mime, data)

    def download(self, address: str, into: BinaryIO, *, block: str = "", limit: int) -> None:
        """Write a file's bytes; see `Files.download`. Costs no request to the API unless its address has expired."""
        self._files.download(address, into, block=block, limit=limit)

    def file_url(self, block: str) -> str:
        """Return the address of a block's file, good for an hour: 1 request. Never to be stored."""
        return self._reader.file_url(block)

    def _blocks(self, page: str, uploads: Mapping[str, str], known: Body | None) -> BlockWriter:
        return BlockWriter(
            self._client,
            self._reader,
            lambda: self.me().id,
            page=page,
            uploads=uploads,
            known=None if known is None else ids_of(known),
        )
