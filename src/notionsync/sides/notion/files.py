"""Bytes of images and files: to Notion, and back."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO

import httpx

from notionsync.errors import AccessError, ContentError, NotFoundError, TooLargeError
from notionsync.sides.notion import faults
from notionsync.sides.notion.client import Answer, Client, text
from notionsync.sides.notion.faults import Fault, FaultError
from notionsync.sides.notion.read import Reader
from notionsync.sides.notion.shapes import Bot

SINGLE = 20 * 1000 * 1000
"""Bytes that may go in one part (developers.notion.com/docs/working-with-files-and-media)."""
PART = 10 * 1000 * 1000
"""Bytes of one part of a larger file; 5 to 20 MB are allowed."""
SMALL = 5 * 1024 * 1024
"""Bytes that every plan allows."""
_TIMEOUT = 60.0


class Files:
    """Uploads and downloads.

    Args:
        client: Sends the requests to the API, and has the patience.
        reader: Knows the addresses of files.
        bot: Tells the workspace's limit.
        transport: An httpx transport to use instead of the network.
    """

    def __init__(
        self, client: Client, reader: Reader, bot: Callable[[], Bot], transport: httpx.BaseTransport | None
    ) -> None:
        self._client = client
        self._reader = reader
        self._bot = bot
        # A client of its own: files live elsewhere, and the token is none of that host's business.
        self._http = httpx.Client(transport=transport, timeout=_TIMEOUT, follow_redirects=True)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def upload(self, name: str, mime: str, data: BinaryIO) -> str:
        """Send a file and return the id of the upload, which a block has to name within the hour.

        Repeating a lost step is harmless: an upload that no block names vanishes.

        Args:
            name: What to call it; Notion knows its kind by the extension.
            mime: Its MIME type.
            data: Its bytes, read in parts: a large file is never in memory as a whole.

        Raises:
            TooLargeError: It is larger than the workspace allows; nothing was sent.
            ContentError: It is empty, or of a kind that Notion does not take.
            TransientError: Out of patience.
        """
        item = f"file {name!r}"
        size = data.seek(0, os.SEEK_END)
        data.seek(0)
        if not size:
            raise ContentError(f"{item} is empty")
        limit = self._bot().max_upload if size > SMALL else 0
        if limit and size > limit:
            raise TooLargeError(f"{item} has {size} bytes; the workspace allows {limit}", advice="make it smaller")
        parts = 1 if size <= SINGLE else -(-size // PART)
        many = {"number_of_parts": parts} if parts > 1 else {}
        request = {"mode": "multi_part" if many else "single_part", "filename": name, "content_type": mime, **many}
        uploads = self._client.api.file_uploads
        created = self._client.write(lambda: uploads.create(**request), item=item, landed=lambda _: None)
        id_ = text(created, "id")
        for number in range(1, parts + 1):
            self._send(
                id_, (name, data.read(PART if many else size), mime), {"part_number": str(number)} if many else {}, item
            )
        if many:
            self._client.write(lambda: uploads.complete(id_), item=item, landed=lambda _: self._uploaded(id_, item))
        return id_

    def _send(self, id_: str, file: tuple[str, bytes, str], number: dict[str, str], item: str) -> None:
        self._client.write(
            lambda: self._client.api.file_uploads.send(id_, file=file, **number),
            item=item,
            landed=lambda _: self._uploaded(id_, item),
        )

    def _uploaded(self, id_: str, item: str) -> Answer | None:
        now = self._client.read(lambda: self._client.api.file_uploads.retrieve(id_), item=item)
        return now if now.get("status") == "uploaded" else None

    def download(self, address: str, into: BinaryIO, *, block: str = "", limit: int) -> None:
        """Write a file's bytes as they arrive.

        Args:
            address: `https://…`, or `notion:/…` of a file in a page or a tree that was read before.
            into: What they are written to, from its beginning.
            block: The block that shows it: asked for a fresh address when there is none, or when it has expired.
            limit: Bytes to take at most.

        Raises:
            TooLargeError: The file is larger than `limit`.
            NotFoundError: There is no such file any more.
            TransientError: Out of patience.
        """
        url = self._reader.seen_file(address) if address.startswith("notion:") else address
        url = url or (self._reader.file_url(block) if block else "")
        if not url:
            raise NotFoundError(f"the file {address} is in nothing that was read", advice="read its page again")
        try:
            self._fetch(url, into, limit)
        except AccessError:
            again = self._reader.file_url(block) if block else self._reader.fresh_file(address)
            if again in {"", url}:
                raise
            self._fetch(again, into, limit)

    def _fetch(self, url: str, into: BinaryIO, limit: int) -> None:
        at = _address(url)
        item = f"file {at.path}"

        def attempt() -> None:
            into.seek(0)
            into.truncate()
            try:
                self._stream(at, into, limit, item)
            except httpx.HTTPError as error:
                raise FaultError(faults.read(error, self._client.clock.now())) from error

        self._client.repeat(attempt, item=item, host=at.host)

    def _stream(self, at: httpx.URL, into: BinaryIO, limit: int, item: str) -> None:
        taken = 0
        with self._http.stream("GET", at) as response:
            if response.status_code in {400, 401, 403, 404, 410}:  # S3 answers 403 once a signature has expired
                raise NotFoundError(f"{item}: its address has expired, or it is gone (HTTP {response.status_code})")
            if not response.is_success:
                raise FaultError(Fault(status=response.status_code))
            told = response.headers.get("content-length", "")
            if told.isdecimal() and int(told) > limit:
                raise _too_large(item, limit)
            for piece in response.iter_bytes():
                taken += len(piece)
                if taken > limit:
                    raise _too_large(item, limit)
                into.write(piece)


def _too_large(item: str, limit: int) -> TooLargeError:
    return TooLargeError(f"{item} is larger than {limit} bytes and is left in Notion")


def _address(url: str) -> httpx.URL:
    try:
        at = httpx.URL(url)
    except httpx.InvalidURL:
        at = httpx.URL()
    if at.scheme not in {"http", "https"} or not at.host or "%" in at.host:  # httpx encodes what no host may hold
        raise ContentError("the address of a file is no web address")
    return at
