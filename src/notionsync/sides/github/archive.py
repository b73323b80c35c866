"""A commit's files, out of one tarball, held to what git says they are.

An archive is not the commit: `.gitattributes` may leave files out of it (`export-ignore`), write into them
(`export-subst`) or change their line ends (git-archive(1)). So each file is compared with the hash that the commit's
tree has for it, and what differs is left to be read one by one.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from notionsync.errors import TransientError

REGULAR = ("100644", "100755")
"""Modes of files; links are 120000, commits of submodules 160000 (git-fast-import(1))."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a commit holds at a path: git's mode, and the hash of the bytes."""

    mode: str
    sha: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A commit that was written to a folder.

    Attributes:
        commit: Its hash.
        files: Path → what is there.
        others: Paths of links and submodules, which were left out.
    """

    commit: str
    files: Mapping[str, Entry]
    others: frozenset[str]


def blob(data: bytes) -> str:
    """Return the hash that git gives to bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def safe(path: str) -> bool:
    """Tell whether a path stays inside the folder it is written to, and out of git's own."""
    parts = path.split("/")
    return "\\" not in path and all(part not in {"", ".", ".."} and part.lower() != ".git" for part in parts)


def unpack(stream: IO[bytes], folder: Path, files: Mapping[str, Entry]) -> set[str]:
    """Write the files of a tarball that are what the commit says; return their paths.

    Links, devices, names that the commit does not have and bytes that it does not hold are left out.

    Raises:
        TransientError: The tarball is cut short or broken.
    """
    found = set()
    try:
        with tarfile.open(fileobj=stream, mode="r|gz") as archive:
            for member in archive:
                _, _, path = member.name.partition("/")  # all is below one folder, OWNER-REPO-HASH
                entry = files.get(path)
                if entry is None or not member.isreg() or (source := archive.extractfile(member)) is None:
                    continue
                data = source.read()
                if blob(data) == entry.sha:
                    place(folder, path, data, entry.mode)
                    found.add(path)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise TransientError(f"the repository's tarball cannot be read: {error}") from error
    return found


def place(folder: Path, path: str, data: bytes, mode: str) -> None:
    """Write one file."""
    target = folder.joinpath(*path.split("/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    if mode == "100755":
        target.chmod(0o755)
