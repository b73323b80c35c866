"""The published schema of a repository's front matter."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notionsync.convert.properties.schema import GENERATED, answer_schema
from notionsync.engine.plan import Plan
from notionsync.engine.session import Session
from notionsync.engine.shelf import Refused
from notionsync.engine.survey import map_properties
from notionsync.engine.validation import known_properties, schema_of
from notionsync.errors import NotionSyncError
from notionsync.model import Property
from notionsync.sides.notion import Notion

CONFIG_SCHEMA = "schemas/notionsync.schema.json"
"""Where editors find the schema of `notionsync.toml`: the comment that `init` writes names it."""


def published(name: str) -> bytes:
    """Return a schema that this version publishes, such as `notionsync.schema.json`: packed with it, or beside it."""
    here = Path(__file__).resolve()
    packed = here.parents[1] / "schemas" / name
    return (packed if packed.is_file() else here.parents[3] / "schemas" / name).read_bytes()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A schema that was written.

    Attributes:
        path: The file.
        changed: Whether it said something else before.
        keys: The keys that it describes.
        options: How many options of selects it lists.
        refused: Mapped keys whose property is gone or of another kind.
    """

    path: str
    changed: bool
    keys: tuple[str, ...]
    options: int
    refused: tuple[Refused, ...]


def draw_schema(session: Session, notion: Notion | None) -> tuple[bytes, Drawn]:
    """Return the JSON Schema of the answers' front matter as a file, and what is in it.

    Args:
        session: The repository.
        notion: Asked for kinds and options; without it, what the last sync told of kinds has to do.

    Raises:
        SchemaError: A mapped property was never there.
        StateError: The state cannot be read.
    """
    refused: list[Refused] = []
    properties = known_properties(session.state, session.config)
    if notion is not None:
        source = notion.data_source(session.config.data_source)
        properties, refused = map_properties(source, session.config.properties, session.state.meta())
    schema = answer_schema(session.config.properties, properties)
    data = _dumped(schema)
    options = sum(len(prop.options) for prop in properties.values())
    changed = session.tree.read(schema_of(session.config)) != data
    return data, Drawn(schema_of(session.config), changed, tuple(schema["properties"]), options, tuple(refused))


def write_schema(session: Session, notion: Notion | None) -> Drawn:
    """Write the schema; a file that says it already is not touched.

    Raises:
        NotionSyncError: As `draw_schema`, or the file cannot be written.
    """
    data, drawn = draw_schema(session, notion)
    if drawn.changed:
        session.tree.overwrite(drawn.path, data)
    session.tree.overwrite(CONFIG_SCHEMA, published("notionsync.schema.json"))
    return drawn


def refresh_schema(session: Session, notion: Notion, plan: Plan) -> None:
    """Bring the schema that `notionsync schema` wrote up to date: an option that came to be in Notion is valid here.

    One that this run made is asked for, or the next run, with nothing to do, would write it. A file that is not there, or
    is somebody else's, is left alone, and so is everything where files are read-only.
    """
    properties = plan.listing.properties
    if session.config.fixed == "files" or not _is_generated(session.tree.read(schema_of(session.config))):
        return
    if _makes_options(plan):
        with contextlib.suppress(NotionSyncError):  # the next run knows
            source = notion.data_source(session.config.data_source)
            properties, _ = map_properties(source, session.config.properties, session.state.meta())
    if is_stale(session, properties):
        session.tree.overwrite(schema_of(session.config), _dumped(answer_schema(session.config.properties, properties)))


def _makes_options(plan: Plan) -> bool:
    """Tell whether a plan writes a value that names an option which Notion did not have."""
    return any(
        not set(value if isinstance(value, tuple) else (value,)) <= {None, *plan.listing.properties[key].options}
        for action in plan.actions
        for key, value in (action.fields or {}).items()
        if plan.listing.properties[key].type in {"select", "multi_select"}
    )


def is_stale(session: Session, properties: Mapping[str, Property]) -> bool:
    """Tell whether the schema that `notionsync schema` wrote says something else than it would now."""
    now = session.tree.read(schema_of(session.config))
    return _is_generated(now) and now != _dumped(answer_schema(session.config.properties, properties))


def _is_generated(schema: bytes | None) -> bool:
    return schema is not None and f'"{GENERATED}"'.encode() in schema


def _dumped(schema: Mapping[str, Any]) -> bytes:
    return (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()
