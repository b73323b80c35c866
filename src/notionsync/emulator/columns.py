"""Columns of a data source: finding one by name or id, and the order they are shown in."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

Json = dict[str, Any]


def by_key(schema: Json, key: str) -> Json | None:
    """The stored configuration a name or id stands for."""
    if key in schema:
        return dict_of(schema[key])
    plain = unquote(key)
    return next(
        (dict_of(config) for config in schema.values() if config["name"] == key or unquote(config["id"]) == plain), None
    )


def ordered(schema: Json) -> Json:
    """Properties as answers show them: by their ids, whatever order they were made in."""
    return dict(sorted(schema.items(), key=lambda item: unquote(item[0])))


def dict_of(config: Any) -> Json:
    """The same object, known to be one."""
    if not isinstance(config, dict):
        raise TypeError(config)
    return config
