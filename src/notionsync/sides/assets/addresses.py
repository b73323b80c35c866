"""Addresses of images, files and pages in Notion form."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from notionsync.model import AssetRecord, find_id

NOTION = "notion:"
ASSET = "asset:"
MEDIA = frozenset({"image", "video", "audio", "pdf", "file"})

KINDS: Mapping[str, str] = {
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".txt": "text/plain",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".aac": "audio/aac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".wma": "audio/x-ms-wma",
    ".avi": "video/x-msvideo",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".wmv": "video/x-ms-wmv",
}
"""MIME type of the kinds that people keep beside text and Notion takes (developers.notion.com, "Supported file types")."""


_NOTION_HOSTS = re.compile(r"(?:www\.)?notion\.so|app\.notion\.com|[^.]+\.notion\.site", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x20\x7f%?#\\\"<>^`{|}]")


def quoted(path: str) -> str:
    """Return a path as an address may hold it, readable: only what would end or change the address is encoded.

    >>> quoted("왜 100%?.png")
    '왜%20100%25%3F.png'
    """
    return _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", path)


def asset_address(path: str, digest: str) -> str:
    """Return the Notion form of a file that is still to be uploaded.

    >>> asset_address("answers/a b?.png", "ab12")
    'asset:answers/a%20b%3F.png?sha256=ab12'
    """
    return f"{ASSET}{quoted(path)}?sha256={digest}"


def parse_asset(address: str) -> tuple[str, str]:
    """Return path and digest of an `asset:` address.

    >>> parse_asset("asset:answers/a%20b%3F.png?sha256=ab12")
    ('answers/a b?.png', 'ab12')
    """
    path, _, digest = address.removeprefix(ASSET).rpartition("?sha256=")
    return unquote(path), digest


def first_of(records: Sequence[AssetRecord]) -> AssetRecord:
    """Return the one address that stands for all of a file: an image that is shown twice is uploaded twice by people."""
    return min(records, key=lambda record: record.notion)


def page_of(url: str) -> tuple[str, str]:
    """Return the id of the page that an address of Notion's names, and its anchor; both empty for any other address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    if parts.scheme not in {"http", "https"} or not _NOTION_HOSTS.fullmatch(host):
        return "", ""
    return find_id(parts.path) or "", f"#{parts.fragment}" if parts.fragment else ""


def page_address(url: str, known: Container[str]) -> str:
    """Return one form for all addresses of a known page: the service itself has changed hosts before."""
    id_, anchor = page_of(url)
    return f"https://www.notion.so/{id_}{anchor}" if id_ and id_ in known else url
