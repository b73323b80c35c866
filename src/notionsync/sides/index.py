"""What files were found to hold, told by their stat without opening them again: what git's index is to git.

A digest is kept with the file's times, size and inode. It counts as long as all of them are the same, and only if the
file had not changed for a while when it was read: a file written twice within one tick of the file system's clock would
look the same ("racily clean" in git's documentation, racy-git). Kept in `.notionsync/cache/`; losing it costs only time.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any, Protocol

Stamp = tuple[int, int, int, int]
"""Times of content and of inode in nanoseconds, size, inode."""

_TICK = 20_000_000
"""Nanoseconds in which a file system that knows fractions of seconds may give two changes one time."""
_COARSE_TICK = 2_100_000_000
"""The same for one that does not: FAT counts in steps of two seconds."""
_SECOND = 1_000_000_000


class Files(Protocol):
    """What the index needs of a checkout."""

    def stamp(self, path: str) -> Stamp | None:
        """Return what tells a file's version apart; None where that cannot be told."""
        ...

    def fingerprint(self, path: str) -> str | None:
        """Return the SHA-256 of a file, or None if there is none."""
        ...


class Index:
    """Digests of files.

    Args:
        files: The checkout.
        kept: What `kept` returned in an earlier run; anything that makes no sense counts as nothing.
    """

    def __init__(self, files: Files, kept: object = None) -> None:
        self._files = files
        self._known: dict[str, tuple[Stamp, str]] = {}
        self._fresh: dict[str, tuple[Stamp, str, int]] = {}
        self._used: set[str] = set()
        for path, entry in kept.items() if isinstance(kept, dict) else ():
            match entry:
                case [int(), int(), int(), int(), str(digest)]:
                    self._known[path] = (tuple(entry[:4]), digest)

    def digest(self, path: str) -> str | None:
        """Return the SHA-256 of a file, reading it only if it may have changed; None if there is no such file.

        Raises:
            FileError: It is a symbolic link or a folder, or cannot be read.
        """
        now = time.time_ns()
        stamp = self._files.stamp(path)
        known = self._known.get(path)
        if known is not None and stamp == known[0]:
            self._used.add(path)
            return known[1]
        digest = self._files.fingerprint(path)
        self._fresh.pop(path, None)
        if digest is not None and stamp is not None:
            self._fresh[path] = (stamp, digest, now)
        return digest

    @property
    def changed(self) -> bool:
        """Whether anything was read that would be kept, or is kept for files that nobody asked about."""
        return bool(self._fresh) or len(self._used) != len(self._known)

    def kept(self, *, lag: int = 0) -> dict[str, Any]:
        """Return what a later run may rely on: of the files asked about, those that had been left alone for a while.

        Args:
            lag: Nanoseconds that the file system's clock is behind this computer's.
        """
        kept = {path: (*self._known[path][0], self._known[path][1]) for path in self._used}
        for path, (stamp, digest, read_at) in self._fresh.items():
            changed = max(stamp[0], stamp[1])
            tick = _TICK if stamp[0] % _SECOND or stamp[1] % _SECOND else _COARSE_TICK
            if changed + tick < read_at - lag:
                kept[path] = (*stamp, digest)
        return kept


def sha256(data: bytes) -> str:
    """Return the hexadecimal digest of bytes."""
    return hashlib.sha256(data).hexdigest()
