"""What the files below `.notionsync/` say: their JSON, read into values and written from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from notionsync.errors import StateError
from notionsync.model import AssetRecord, BlockRecord, Reading, Record
from notionsync.sides.index import sha256

FORMAT = 1
"""Version of everything below `.notionsync/`."""

_READINGS: tuple[Reading, ...] = ("after", "own", "during")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What the whole state belongs to.

    Attributes:
        data_source: The data source that was synced; empty before the first run.
        mapping: Front matter key → id and type of the Notion property it was synced with.
        converter: Version of the normal form that the last run made digests of; each record names its own.
        listed_at: The newest `last_edited_time` that a listing had shown and a run had dealt with.
    """

    data_source: str = ""
    mapping: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    converter: int = 1
    listed_at: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a page was last read without a difference: kept out of git, because nothing changed."""

    last_edited_time: str
    last_edited_by: str
    reading: Reading


def load(path: str, data: bytes) -> dict[str, Any]:
    """Return what a file of the state holds.

    Raises:
        StateError: It is not JSON, or git's conflict markers are in it.
    """
    if has_git_markers(data):
        raise StateError(f"{path} has git's conflict markers in it", advice="notionsync repair")
    try:
        loaded = json.loads(data)
    except ValueError as error:
        raise _broken(path, error) from error
    if not isinstance(loaded, dict):
        raise StateError(f"{path}: not an object", advice="notionsync repair")
    return loaded


def dump(data: Mapping[str, Any]) -> bytes:
    """Return the bytes of a file of the state: a line for each value, in one order for all programs."""
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def has_git_markers(data: bytes) -> bool:
    """Tell whether git left a conflict in a file."""
    return data.startswith(b"<<<<<<< ") or b"\n<<<<<<< " in data


def meta_of(path: str, data: Mapping[str, Any]) -> Meta:
    """Return what `state.json` says.

    Raises:
        StateError: Something is missing, or a newer version wrote it.
    """
    if not isinstance(data.get("format"), int):
        raise _broken(path, ValueError("it says no format"))
    if data["format"] > FORMAT:
        raise StateError(
            f"{path} has format {data['format']}; this program knows up to {FORMAT}", advice="update notionsync"
        )
    try:
        return Meta(
            data_source=data["data_source"],
            mapping={key: (value["id"], value["type"]) for key, value in data["mapping"].items()},
            converter=data["converter"],
            listed_at=data["listed_at"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _broken(path, error) from error


def meta_data(meta: Meta) -> dict[str, Any]:
    """Return what `state.json` is to say."""
    return {
        "format": FORMAT,
        "data_source": meta.data_source,
        "mapping": {key: {"id": pid, "type": kind} for key, (pid, kind) in meta.mapping.items()},
        "converter": meta.converter,
        "listed_at": meta.listed_at,
    }


def record_of(path: str, page: str, data: Mapping[str, Any], base: bytes) -> Record:
    """Return the record that a file of the state and its base are.

    Raises:
        StateError: Something is missing, or it is the record of another page.
    """
    try:
        record = Record(
            id=data["id"],
            path=data["path"],
            base=base,
            last_edited_time=data["last_edited_time"],
            last_edited_by=data["last_edited_by"],
            reading=_READINGS[_READINGS.index(data["reading"])],
            blocks=tuple(_block(item) for item in data["blocks"]),
            fields=data["fields"],
            assets=tuple(AssetRecord(**item) for item in data["assets"]),
            missing=tuple(str(item) for item in data.get("missing", ())),
            converter=int(data.get("converter", 1)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _broken(path, error) from error
    if record.id != page:
        raise StateError(f"{path} is the record of another page, {record.id}", advice="notionsync repair")
    return record


def record_data(record: Record) -> dict[str, Any]:
    """Return what the file of a record is to say; its base is a file of its own."""
    return {
        "id": record.id,
        "path": record.path,
        "base": sha256(record.base),
        "last_edited_time": record.last_edited_time,
        "last_edited_by": record.last_edited_by,
        "reading": record.reading,
        "blocks": [_block_data(block) for block in record.blocks],
        "fields": dict(record.fields),
        "converter": record.converter,
        "assets": [{"path": a.path, "sha256": a.sha256, "notion": a.notion} for a in record.assets],
        **({"missing": list(record.missing)} if record.missing else {}),
    }


def _broken(path: str, error: Exception) -> StateError:
    return StateError(f"{path} cannot be read: {error}", advice="notionsync repair")


def _block(item: list[Any]) -> BlockRecord:
    page, kind, digest, *rest = item
    return BlockRecord(id=page, type=kind, digest=digest, children=tuple(_block(child) for child in rest))


def _block_data(block: BlockRecord) -> list[Any]:
    return [block.id, block.type, block.digest, *(_block_data(child) for child in block.children)]
