"""What every run needs of every record, so that it reads only the records that matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from notionsync.model import BlockRecord, Record
from notionsync.sides.index import sha256


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a record.

    Attributes:
        id: The page.
        version: Digest of the record as it was read; empty for one that was not there then.
        path: The file.
        base: Digest of the agreed file.
        lists: How many requests its page's tree takes: one for the page, one for each block with children.
        assets: Path and digest of each of its images and files; no digest for one that was not there.
    """

    id: str
    version: str
    path: str
    base: str
    lists: int
    assets: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, record: Record, version: str = "") -> Self:
        """Return the beginning of a record."""
        there = [(asset.path, asset.sha256) for asset in record.assets]
        assets = (*there, *((path, "") for path in record.missing))
        return cls(record.id, version, record.path, sha256(record.base), 1 + _parents(record.blocks), assets)

    @classmethod
    def of_kept(cls, page: str, kept: object) -> Self | None:
        """Return what `kept` told; None if that makes no sense."""
        match kept:
            case [str(version), str(path), str(base), int(lists), list(assets)]:
                there = [(one, digest) for entry in assets for one, digest in _pair(entry)]
                return cls(page, version, path, base, lists, tuple(there)) if len(there) == len(assets) else None
        return None

    def kept(self) -> list[Any]:
        """Return the same for JSON."""
        return [self.version, self.path, self.base, self.lists, [list(asset) for asset in self.assets]]


class Records(MutableMapping[str, Record]):
    """Records by page id, each read when it is asked for.

    Args:
        heads: What is known of each without reading it.
        read: Reads one.
    """

    def __init__(self, heads: Mapping[str, Head], read: Callable[[str], Record]) -> None:
        self.heads = dict(heads)
        self._read = read
        self._loaded: dict[str, Record] = {}

    def __getitem__(self, page: str) -> Record:
        if page not in self._loaded:
            if page not in self.heads:
                raise KeyError(page)
            self._loaded[page] = self._read(page)
        return self._loaded[page]

    def __setitem__(self, page: str, record: Record) -> None:
        self._loaded[page] = record
        self.heads[page] = Head.of(record, self.heads[page].version if page in self.heads else "")

    def __delitem__(self, page: str) -> None:
        del self.heads[page]
        self._loaded.pop(page, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self.heads)

    def __len__(self) -> int:
        return len(self.heads)

    def __contains__(self, page: object) -> bool:
        return page in self.heads


def _pair(entry: object) -> list[tuple[str, str]]:
    match entry:
        case [str(path), str(digest)]:
            return [(path, digest)]
    return []


def _parents(blocks: Sequence[BlockRecord]) -> int:
    return sum(bool(block.children) + _parents(block.children) for block in blocks)
