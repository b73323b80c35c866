"""Comparing front matter with the schema that a repository has for it, offline."""

from __future__ import annotations

import contextlib
import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from notionsync.config import Config
from notionsync.convert.properties import normal
from notionsync.convert.properties.schema import answer_schema
from notionsync.convert.typed import as_typed
from notionsync.errors import ContentError, FileError
from notionsync.model import PAGE_PARTS, FieldValue, Property
from notionsync.plan.lint import Validate
from notionsync.sides.state import State
from notionsync.sides.worktree import Worktree

if TYPE_CHECKING:
    from jsonschema import ValidationError

_SCHEMA = "schemas/answer{}.schema.json"
"""Where `notionsync schema` puts the schema of the front matter, and editors find it."""

_SHOWN = 60


def schema_of(config: Config) -> str:
    """Return where the schema of a collection's front matter is."""
    return _SCHEMA.format(f".{config.collection}" if config.collection else "")


def known_properties(state: State, config: Config) -> dict[str, Property]:
    """Return the mapped properties as they were at the last sync, without their options.

    Raises:
        StateError: The state cannot be read.
    """
    mapping = state.meta().mapping
    parts = {key: PAGE_PARTS[name] for key, name in config.properties.items() if name in PAGE_PARTS}
    return parts | {
        key: Property(id=mapping[key][0], name=name, type=mapping[key][1])
        for key, name in config.properties.items()
        if key in mapping and key not in parts
    }


def validator(tree: Worktree, config: Config, properties: Mapping[str, Property]) -> Validate:
    """Return the comparison with the repository's own schema, or with the one that its configuration implies."""
    from jsonschema import Draft202012Validator, SchemaError

    data = tree.read(schema_of(config))
    try:
        schema = answer_schema(config.properties, properties) if data is None else json.loads(data)
        Draft202012Validator.check_schema(schema)
    except (ValueError, SchemaError) as error:
        reason = error.message if isinstance(error, SchemaError) else str(error)
        raise FileError(schema_of(config), f"is no JSON Schema: {reason[:200]}", advice="notionsync schema") from error
    by = Draft202012Validator(schema)

    def validate(values: Mapping[str, FieldValue]) -> Iterator[tuple[str, str]]:
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
        meant = {key: _meant(value, properties.get(key), _about(schema, key)) for key, value in values.items()}
        for error in by.iter_errors(meant):
            key = str(error.absolute_path[0]) if error.absolute_path else ""
            yield key, _said(key, plain.get(key), schema, error)

    return validate


def _meant(value: FieldValue, prop: Property | None, about: Mapping[str, Any]) -> Any:
    """Return a value as the schema knows it: a run takes an option in other letter case, and several in one text, too."""
    options = _options(about) if prop is not None and prop.type in {"select", "status", "multi_select"} else ()
    if prop is not None and options:
        with contextlib.suppress(ContentError):
            value = normal(replace(prop, options=tuple(options)), value)
    return list(value) if isinstance(value, tuple) else value


def _about(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    known = schema.get("properties", {})
    about = known.get(key) if isinstance(known, Mapping) else None
    return about if isinstance(about, Mapping) else {}


def _said(key: str, value: Any, schema: Mapping[str, Any], error: ValidationError) -> str:
    """Return what is wrong in a sentence: the schema's own words, for those of a validator are for programs."""
    about = _about(schema, key)
    if error.validator == "required" and not key:
        missing = error.message.partition(" is ")[0].strip("'")
        return f'there is no key "{missing}"'
    if not about:
        return error.message
    shown = as_typed(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
    described = str(about.get("description", error.message)).rstrip(".")
    return f"{key}: {shown} does not fit. {described}{_hint(value, _options(about))}"


def _hint(value: Any, options: Sequence[str]) -> str:
    """Return the option that is nearest to what was written, and all of them."""
    if not options:
        return ""
    wrong = [one for one in (value if isinstance(value, list) else [value]) if one not in options]
    near = difflib.get_close_matches(as_typed(wrong[0]), options, n=1) if wrong else []
    known = ", ".join(options)
    return f'; did you mean "{near[0]}"? Known are {known}' if near else f"; known are {known}"


def _options(schema: Mapping[str, Any]) -> Sequence[str]:
    """Return the options that a schema lists; the spellings of true and false are none."""
    found = schema.get("enum", [])
    for part in schema.get("anyOf", ()):
        found = found or part.get("enum", []) or part.get("items", {}).get("enum", [])
    return [] if "TRUE" in found else [option for option in found if option and isinstance(option, str)]
