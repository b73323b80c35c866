"""Bytes of images and files: to Notion, and back."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from notionsync.errors import AccessError, ContentError, NotFoundError
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
MAX_DOWNLOAD = 50 * 1024 * 1024
"""GitHub warns about larger files in a repository."""
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

    def upload(self, name: str, mime: str, data: bytes) -> str:
        """Send a file and return the id of the upload, which a block has to name within the hour.

        Repeating a lost step is harmless: an upload that no block names vanishes.

        Args:
            name: What to call it; Notion knows its kind by the extension.
            mime: Its MIME type.
            data: Its bytes.

        Raises:
            ContentError: It is larger than the workspace allows, empty, or of a kind that Notion does not take.
            TransientError: Out of patience.
        """
        item = f"file {name!r}"
        if not data:
            raise ContentError(f"{item} is empty")
        limit = self._bot().max_upload if len(data) > SMALL else 0
        if limit and len(data) > limit:
            raise ContentError(f"{item} has {len(data)} bytes; the workspace allows {limit}", advice="make it smaller")
        parts = [data] if len(data) <= SINGLE else [data[i : i + PART] for i in range(0, len(data), PART)]
        many = {"number_of_parts": len(parts)} if len(parts) > 1 else {}
        request = {"mode": "multi_part" if many else "single_part", "filename": name, "content_type": mime, **many}
        uploads = self._client.api.file_uploads
        created = self._client.write(lambda: uploads.create(**request), item=item, landed=lambda _: None)
        id_ = text(created, "id")
        for number, part in enumerate(parts, 1):
            self._send(id_, (name, part, mime), {"part_number": str(number)} if many else {}, item)
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

    def download(self, address: str, *, block: str = "", limit: int = MAX_DOWNLOAD) -> bytes:
        """Return a file's bytes.

        Args:
            address: `https://…`, or `notion:/…` of a file in a tree that was read before.
            block: The block that shows it: asked for a fresh address when there is none, or when it has expired.
            limit: Bytes to take at most.

        Raises:
            ContentError: The file is larger than `limit`.
            NotFoundError: There is no such file any more.
            TransientError: Out of patience.
        """
        url = address
        if address.startswith("notion:"):
            url, seen_in = self._reader.seen_file(address)
            block = block or seen_in
            if not url and not block:
                raise NotFoundError(f"the file {address} is in no block that was read", advice="read its page again")
        url = url or self._reader.file_url(block)
        try:
            return self._fetch(url, limit)
        except AccessError:
            if not block:
                raise
        return self._fetch(self._reader.file_url(block), limit)

    def _fetch(self, url: str, limit: int) -> bytes:
        at = _address(url)
        item = f"file {at.path}"

        def attempt() -> bytes:
            try:
                return self._stream(at, limit, item)
            except httpx.HTTPError as error:
                raise FaultError(faults.read(error, self._client.clock.now())) from error

        return self._client.repeat(attempt, item=item, host=at.host)

    def _stream(self, at: httpx.URL, limit: int, item: str) -> bytes:
        taken = bytearray()
        with self._http.stream("GET", at) as response:
            if response.status_code in {400, 401, 403, 404, 410}:  # S3 answers 403 once a signature has expired
                raise NotFoundError(f"{item}: its address has expired, or it is gone (HTTP {response.status_code})")
            if not response.is_success:
                raise FaultError(Fault(status=response.status_code))
            for piece in response.iter_bytes():
                taken += piece
                if len(taken) > limit:
                    raise ContentError(f"{item} is larger than {limit} bytes and is left in Notion")
        return bytes(taken)


def _address(url: str) -> httpx.URL:
    try:
        at = httpx.URL(url)
    except httpx.InvalidURL:
        at = httpx.URL()
    if at.scheme not in {"http", "https"} or not at.host or "%" in at.host:  # httpx encodes what no host may hold
        raise ContentError("the address of a file is no web address")
    return at
