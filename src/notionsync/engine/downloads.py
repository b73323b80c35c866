"""Files that a run fetched from Notion and that are not in their place yet."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from notionsync.sides.assets import HEAD
from notionsync.sides.notion import Notion
from notionsync.sides.worktree import Worktree

LARGEST = 50 * 1024 * 1024
"""Bytes of a file that a repository should hold: GitHub warns about larger ones."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file as it arrived.

    Attributes:
        file: Where it waits.
        head: Its first bytes.
        digest: The SHA-256 of all of them.
    """

    file: Path
    head: bytes
    digest: str


class Downloads:
    """What was fetched, on disk and outside of the repository: a first pull of many pictures takes little memory.

    The folder goes when this object does.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, Download]] = {}
        self._count = 0

    @cached_property
    def _folder(self) -> Path:
        folder = tempfile.mkdtemp(prefix="notionsync-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def fetch(self, notion: Notion, address: str, block: str) -> Download:
        """Fetch one file.

        Raises:
            TooLargeError: It is larger than a repository should hold.
            NotionSyncError: It cannot be had.
        """
        self._count += 1
        file = self._folder / str(self._count)
        with file.open("w+b") as into:
            notion.download(address, into, block=block, limit=LARGEST)
            into.seek(0)
            head = into.read(HEAD)
            into.seek(0)
            return Download(file, head, hashlib.file_digest(into, "sha256").hexdigest())

    def stage(self, page: str, path: str, download: Download) -> None:
        """Keep a file until the page is written."""
        self._waiting.setdefault(page, {})[path] = download

    def save(self, page: str, tree: Worktree) -> None:
        """Put the files of a page in place.

        Raises:
            MovedError: Another file is there.
            DiskError: It cannot be written.
        """
        for path, download in self._waiting.pop(page, {}).items():
            with download.file.open("rb") as source:
                tree.place(path, source, download.digest)
            download.file.unlink()
