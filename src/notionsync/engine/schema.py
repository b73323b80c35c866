"""The published schema of a repository's front matter."""

from __future__ import annotations

import json
from dataclasses import dataclass

from notionsync.convert.properties.schema import answer_schema
from notionsync.engine.check import SCHEMA, known_properties
from notionsync.engine.session import Session
from notionsync.engine.survey import Refused, map_properties
from notionsync.sides.notion import Notion


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
    data = (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()
    options = sum(len(prop.options) for prop in properties.values())
    changed = session.tree.read(SCHEMA) != data
    return data, Drawn(SCHEMA, changed, tuple(schema["properties"]), options, tuple(refused))


def write_schema(session: Session, notion: Notion | None) -> Drawn:
    """Write the schema; a file that says it already is not touched.

    Raises:
        NotionSyncError: As `draw_schema`, or the file cannot be written.
    """
    data, drawn = draw_schema(session, notion)
    if drawn.changed:
        session.tree.overwrite(drawn.path, data)
    return drawn
