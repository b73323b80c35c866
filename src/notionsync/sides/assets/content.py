"""Files that come from Notion: what they are, and where they belong."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from notionsync.errors import ContentError
from notionsync.model import AssetRecord
from notionsync.sides.assets.addresses import KINDS, NOTION
from notionsync.sides.assets.links import Digest

_UNSAFE_IN_NAME = re.compile(r"[^\w.()\[\]+=@~-]+")
_NAME_BYTES = 60
_HASH = (8, 16, 64)
"""Digits of the hash in a name; as few as tell the file from what is there."""


def place(folder: str, answer: str, address: str, head: bytes, digest: str, *, there: Digest) -> AssetRecord:
    """Return where a downloaded file belongs: `<folder>/<answer>/<name>-<hash>.<ext>`, the same place each time.

    Where another file is at that place, as after an edit of a file that was downloaded once, the hash is longer.

    Args:
        folder: The folder of all assets, relative to the repository.
        answer: The path of the answer that shows it.
        address: Its `notion:` address, whose last part is its name.
        head: Its first bytes, at least `HEAD` of them if there are as many.
        digest: The SHA-256 of all of them.
        there: Looks at files of the repository.

    Raises:
        ContentError: The bytes are not what the name says: an error page, or nothing at all.
    """
    name = unicodedata.normalize("NFC", unquote(address.rpartition("/")[2], errors="replace"))
    stem, extension = posixpath.splitext(name)
    kind = sniff(head)
    if not head or kind == ".html" or (not kind and extension.lower() in _SNIFFED):
        raise ContentError(f"the file {name!r} from Notion is not what its name says", advice="look at it in Notion")
    if kind and _SNIFFED.get(extension.lower()) != kind:
        extension = kind
    stem = _cut(_UNSAFE_IN_NAME.sub("_", stem).strip("._-") or "file").removesuffix(f"-{digest[: _HASH[0]]}")
    extension = _UNSAFE_IN_NAME.sub("", extension.lower())[:10]
    home = posixpath.splitext(posixpath.basename(answer))[0]
    paths = [f"{folder}/{home}/{stem}-{digest[:length]}{extension}" for length in _HASH]
    path = next((one for one in paths if there(one) in {None, digest}), paths[-1])
    return AssetRecord(path=path, sha256=digest, notion=address.removeprefix(NOTION))


def described(name: str, head: bytes) -> tuple[str, str]:
    """Return name and MIME type that a file is to be uploaded with: those of its bytes, where they tell.

    >>> described("photo.png", bytes.fromhex("ffd8ffe0"))
    ('photo.jpg', 'image/jpeg')

    Raises:
        ContentError: The bytes are not what the name says: a pointer of Git LFS, an error page, a text.
    """
    stem, extension = posixpath.splitext(name)
    kind = sniff(head)
    if head.startswith(_LFS):
        raise ContentError("is a pointer of Git LFS, not the file itself", advice="git lfs pull")
    if kind == ".html" or (not kind and extension.lower() in _SNIFFED):
        raise ContentError("is not what its name says", advice="look at it; save it again, or take it out")
    if kind and extension.lower() in _SNIFFED and _SNIFFED[extension.lower()] != kind:
        return f"{stem}{kind}", KINDS[kind]
    return name, KINDS[extension.lower()]


HEAD: Final = 4096
"""How many bytes tell what a file is."""
_LFS = b"version https://git-lfs.github.com/spec/"
_MAGIC: Sequence[tuple[bytes, str]] = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF87a", ".gif"),
    (b"GIF89a", ".gif"),
    (b"%PDF-", ".pdf"),
)
_SNIFFED: Mapping[str, str] = {
    ".png": ".png",
    ".jpg": ".jpg",
    ".jpeg": ".jpg",
    ".gif": ".gif",
    ".webp": ".webp",
    ".svg": ".svg",
    ".pdf": ".pdf",
}


def sniff(data: bytes) -> str:
    """Return the extension that a file's first bytes call for, empty if they tell nothing.

    >>> sniff(b"GIF89a...")
    '.gif'
    """
    for magic, extension in _MAGIC:
        if data.startswith(magic):
            return extension
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return ".html"
    is_svg = head.startswith(b"<svg") or (head.startswith((b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in head)
    return ".svg" if is_svg else ""


def _cut(name: str) -> str:
    return name.encode()[:_NAME_BYTES].decode(errors="ignore")
