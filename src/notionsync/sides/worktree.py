"""The files of a checkout: scan, read, atomic write, delete, each write with what it expects to find.

All paths are relative to the root, with forward slashes, and never lead outside of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import stat
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from notionsync.errors import DiskError, FileError, MovedError, UsageError
from notionsync.sides.index import Stamp

_TEMPORARY = ".notionsync-"
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_PROBE = 1 << 16
"""Bytes that a disk must have left for a run to begin."""


class Worktree:
    """Files below one folder.

    Args:
        root: The folder, usually the top of a git checkout.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: set[str] = set()

    def locate(self, path: str) -> Path:
        """Return where a path lies.

        Raises:
            FileError: The path is absolute, leads outside the root, or passes through a symbolic link that does.
        """
        parts = path.split("/")
        if not path or "\\" in path or any(part in {"", ".", ".."} for part in parts):
            raise FileError(path, "not a path inside the repository")
        target = self.root.joinpath(*parts)
        real_root = os.path.realpath(self.root)
        real_parent = os.path.realpath(target.parent)
        if real_parent != real_root and not real_parent.startswith(real_root + os.sep):
            raise FileError(path, "leads outside the repository through a symbolic link")
        return target

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None when there is no such file.

        Raises:
            FileError: It is a symbolic link or a folder, or cannot be read.
        """
        file = self.open(path)
        if file is None:
            return None
        with file:
            try:
                return file.read()
            except OSError as error:
                raise FileError(path, f"cannot be read: {error.strerror}") from error

    def open(self, path: str) -> io.BufferedReader | None:
        """Return a file to be read piece by piece, or None when there is no such file; raises as `read`."""
        target = self.locate(path)
        try:
            mode = target.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISLNK(mode):
            raise FileError(path, "is a symbolic link and is left alone")
        if not stat.S_ISREG(mode):
            raise FileError(path, "is not a file")
        try:
            return target.open("rb")
        except OSError as error:
            raise FileError(path, f"cannot be read: {error.strerror}") from error

    def digest(self, path: str) -> str | None:
        """Return the SHA-256 of a file of any size, or None when there is no such file; raises as `read`."""
        file = self.open(path)
        if file is None:
            return None
        with file:
            try:
                return hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise FileError(path, f"cannot be read: {error.strerror}") from error

    def place(self, path: str, source: BinaryIO, digest: str) -> None:
        """Put a new file in place at once, copied piece by piece; one that is there already with these bytes is left.

        Raises:
            MovedError: There is another file of that name; it is left as it is.
            DiskError: The file cannot be written.
        """
        current = self.digest(path)
        if current == digest:
            return
        if current is not None:
            raise MovedError(f"{path}: is there already and is another file; it was left as it is")
        target = self.locate(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, source)
        except OSError as error:
            raise _unwritable(path, error) from error

    def unwritten(self, path: str) -> bytes | None:  # noqa: ARG002 - a checkout has none
        """Return what a file reads as although it is not written yet; None where it reads as it is."""
        return None

    def stamp(self, path: str) -> Stamp | None:
        """Return what tells a version of a regular file apart without opening it; None for anything else."""
        try:
            found = os.lstat(f"{self.root}/{path}")
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino

    def fingerprint(self, path: str) -> str | None:
        """Return the same as `digest`, for many files: the folders above them are looked at only once.

        Raises:
            FileError: It is a symbolic link or a folder, or cannot be read.
        """
        folder = path.rpartition("/")[0]
        if folder not in self._seen:
            self.locate(path)
            self._seen.add(folder)
        if self.stamp(path) is None:
            return self.digest(path)  # says what is the matter
        try:
            handle = os.open(f"{self.root}/{path}", os.O_RDONLY | _PLAIN)
        except OSError:
            return self.digest(path)
        with os.fdopen(handle, "rb", buffering=0) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def write(self, path: str, data: bytes, *, expect: bytes | None = None) -> None:
        """Replace a file's content at once: a reader sees the old bytes or the new ones, never a mixture.

        Args:
            path: The file; its folders are made.
            data: The new content.
            expect: What the file must hold now; None when it must not exist.

        Raises:
            MovedError: The file holds something else than expected; it is left as it is.
            DiskError: The file cannot be written.
        """
        self._expect(path, expect)
        if expect == data:
            return
        target = self.locate(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, io.BytesIO(data), lambda: self._expect(path, expect))
        except OSError as error:
            raise _unwritable(path, error) from error

    def _expect(self, path: str, expect: bytes | None) -> None:
        if self.read(path) != expect:
            raise MovedError(
                f"{path}: changed while the run was at work; it was left as it is", advice="run the same command again"
            )

    def probe(self, path: str) -> int:
        """Find out that nothing can be written before something is sent that has to be recorded.

        Returns:
            The time that the file system gave to what was written, in nanoseconds.

        Raises:
            DiskError: A file cannot be written.
        """
        target = self.locate(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, io.BytesIO(bytes(_PROBE)))
            written = target.stat().st_mtime_ns
            target.unlink()
        except OSError as error:
            raise _unwritable(path, error) from error
        return written

    def overwrite(self, path: str, data: bytes) -> None:
        """Replace a file's content whatever it holds; for files that are ours alone."""
        self.write(path, data, expect=self.read(path))

    def rename(self, path: str, target: str) -> None:
        """Give a file another name at once: it is never under both, nor under none.

        Raises:
            MovedError: There is a file of that name already, or none of the old.
            FileError: The file cannot be renamed.
        """
        source, new = self.locate(path), self.locate(target)
        same = fold(path) == fold(target)  # on some systems the two names are one file
        if self.read(path) is None or (self.occupied(target) and not same):
            raise MovedError(
                f"{path}: cannot be renamed to {target}, which is taken", advice="run the same command again"
            )
        try:
            new.parent.mkdir(parents=True, exist_ok=True)
            source.replace(new)
        except OSError as error:
            raise FileError(path, f"cannot be renamed: {error.strerror}", advice="free permissions") from error

    def delete(self, path: str, *, expect: bytes) -> None:
        """Remove a file.

        Raises:
            MovedError: The file holds something else than expected; it is left as it is.
            DiskError: The file cannot be deleted.
        """
        if self.read(path) != expect:
            raise MovedError(f"{path}: changed while the run was at work; it was not deleted")
        try:
            self.locate(path).unlink()
        except OSError as error:
            raise _unwritable(path, error) from error

    def answers(self, folder: str) -> tuple[str, ...]:
        """Return the paths of all `*.md` files below a folder, sorted; hidden ones and symbolic links are left out."""
        top = self.locate(folder)
        if not top.is_dir():
            return ()
        return tuple(sorted(self._walk(top, folder)))

    def _walk(self, top: Path, folder: str) -> Iterator[str]:
        with os.scandir(top) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.is_symlink():
                    continue
                path = f"{folder}/{entry.name}"
                if entry.is_dir():
                    yield from self._walk(Path(entry.path), path)
                elif entry.name.endswith(".md") and entry.is_file():
                    yield path

    def links(self, folder: str) -> tuple[str, ...]:
        """Return the symbolic links among the would-be answers, which are refused."""
        top = self.locate(folder)
        if not top.is_dir():
            return ()
        return tuple(sorted(f"{folder}/{p.name}" for p in top.iterdir() if p.is_symlink() and p.name.endswith(".md")))

    def taken(self, path: str) -> bool:
        """Tell whether a file system that ignores case or composes characters would confuse the path with another."""
        target = self.locate(path)
        if not target.parent.is_dir():
            return False
        wanted = fold(target.name)
        return any(fold(name) == wanted for name in os.listdir(target.parent))  # noqa: PTH208 - names only

    def occupied(self, path: str) -> bool:
        """Tell whether anything is at a path, or may be behind a symbolic link that we do not follow."""
        try:
            return os.path.lexists(self.locate(path))
        except FileError:
            return True

    def leftovers(self, folder: str) -> tuple[str, ...]:
        """Return the temporary files that a killed run left behind."""
        self.locate(folder)
        found, waiting = [], [folder]
        while waiting:
            above = waiting.pop()
            with contextlib.suppress(OSError), os.scandir(f"{self.root}/{above}") as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(f"{above}/{entry.name}")
                    elif entry.name.startswith(_TEMPORARY) and entry.name.endswith(".tmp"):
                        found.append(f"{above}/{entry.name}")
        return tuple(sorted(found))

    def tidy(self, folder: str) -> None:
        """Remove temporary files that a killed run left behind."""
        for left in self.leftovers(folder):
            with contextlib.suppress(OSError):
                self.locate(left).unlink()


def _unwritable(path: str, error: OSError) -> DiskError:
    return DiskError(path, f"cannot be written: {error.strerror}", advice="free space or permissions")


def fold(name: str) -> str:
    """Return a name as a file system that ignores case and composition compares it."""
    return unicodedata.normalize("NFC", name).casefold()


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds `notionsync.toml`, else the top of the git checkout.

    Raises:
        UsageError: Neither is found.
    """
    for folder in (start, *start.parents):
        if (folder / "notionsync.toml").is_file():
            return folder
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    raise UsageError(f"{start}: not inside a git repository", advice="git init")


def _replace(target: Path, source: BinaryIO, check: Callable[[], None] | None = None) -> None:
    # mkstemp makes the file private (0600): a file that was there keeps its mode, a new one gets the usual.
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY, suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            shutil.copyfileobj(source, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
        if check is not None:
            check()  # once more, for the disk may have taken its time
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
