"""Values out of TOML tables, each with the exact place of what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar

from notionsync.config.place import line_of
from notionsync.errors import ConfigError

T = TypeVar("T", bound=str)


class Reader:
    """Takes values out of TOML tables and says exactly which one is wrong.

    Args:
        source: What to call the file in errors.
        text: The file.
    """

    def __init__(self, source: str, text: str) -> None:
        self.source = source
        self._toml = text

    def fail(self, where: str, message: str, *, key: str = "") -> ConfigError:
        """Return the error that names a place, with its line; `key` where the place does not say it."""
        line = line_of(self._toml, where, key)
        return ConfigError(f"{self.source}{f':{line}' if line else ''}: {where}: {message}")

    def known(self, table: Mapping[str, Any], name: str, keys: tuple[str, ...]) -> None:
        """Refuse a key that there is not, and name the nearest."""
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(keys)}"
                raise self.fail(f"[{name}]" if name else "top level", f'unknown key "{key}"{hint}', key=key)

    def table(self, data: Mapping[str, Any], name: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
        """Return a table; an empty one where there is none."""
        value = data.get(name, {})
        if not isinstance(value, dict):
            raise self.fail(f"[{name}]", "must be a table")
        self.known(value, name, keys)
        return value

    def text(self, table: Mapping[str, Any], name: str, key: str, default: str) -> str:
        """Return a text."""
        value = table.get(key, default)
        if not isinstance(value, str):
            raise self.fail(f"[{name}] {key}", f"must be text, not {value!r}")
        return value

    def texts(self, table: Mapping[str, Any], name: str, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(f"[{name}] {key}", f"must be a list of texts, not {value!r}")
        return tuple(value)

    def number(self, table: Mapping[str, Any], name: str, key: str, default: int, *, least: int = 1) -> int:
        """Return a whole number of at least `least`."""
        value = table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.fail(f"[{name}] {key}", f"must be a whole number above {least - 1}, not {value!r}")
        return value

    def flag(self, table: Mapping[str, Any], name: str, key: str) -> bool:
        """Return whether something was asked for."""
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(f"[{name}] {key}", f"must be true or false, not {value!r}")
        return value

    def choice(self, table: Mapping[str, Any], name: str, key: str, choices: tuple[T, ...]) -> T:
        """Return one of some texts; the first where nothing is said."""
        value = table.get(key, choices[0])
        for choice in choices:
            if value == choice:
                return choice
        raise self.fail(f"[{name}] {key}", f"must be one of {', '.join(choices)}, not {value!r}")

    def path(self, table: Mapping[str, Any], name: str, key: str, default: str) -> str:
        """Return a path inside the repository."""
        value = self.text(table, name, key, default).strip("/")
        if not value or "\\" in value or any(part in {"", ".", ".."} for part in value.split("/")):
            raise self.fail(
                f"[{name}] {key}", f"must be a path inside the repository, with forward slashes, not {value!r}"
            )
        return value
