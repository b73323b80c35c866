"""Small checks that put together describe the shape of a request, with the service's wording of what is wrong.

A check is called with a value and its path (`body.children[0].type`) and raises `Misshapen` or returns nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from notionsync.emulator.ids import canonical

Check = Callable[[Any, str], None]


class _Undefined:
    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final = _Undefined()


class Misshapen(Exception):  # noqa: N818  (a finding, reported to the client as a validation error)
    """A value does not fit; `problems` are alternatives, one of which must be mended."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def shown(value: Any) -> str:
    """A value as error texts quote it."""
    if value is UNDEFINED:
        return "`undefined`"
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= 200 else text[:200] + '…'}`"


def wrong(path: str, wanted: str, value: Any) -> Misshapen:
    """The finding that `path` should be something else."""
    return Misshapen(f"{path} should be {wanted}, instead was {shown(value)}.")


def units(text: str) -> int:
    """Length in UTF-16 code units, which is how the service's own language counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def anything(_value: Any, _path: str) -> None:
    """Accept every value."""


def string(*, most: int | None = None, least: int | None = None) -> Check:
    """A string, of a length in UTF-16 units."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise wrong(path, "a string", value)
        if most is not None and units(value) > most:
            raise Misshapen(f"{path}.length should be ≤ `{most}`, instead was `{units(value)}`.")
        if least is not None and units(value) < least:
            raise Misshapen(f"{path}.length should be ≥ `{least}`, instead was `{units(value)}`.")

    return check


def boolean(value: Any, path: str) -> None:
    """`true` or `false`."""
    if not isinstance(value, bool):
        raise wrong(path, "a boolean", value)


def number(*, least: float | None = None, most: float | None = None) -> Check:
    """A number within bounds."""

    def check(value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(path, "a number", value)
        if most is not None and value > most:
            raise wrong(path, f"≤ `{most}`", value)
        if least is not None and value < least:
            raise wrong(path, f"≥ `{least}`", value)

    return check


def one_of(*allowed: str | bool) -> Check:
    """One of a few values."""
    quoted = [shown(value) for value in allowed]
    wanted = quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + f", or {quoted[-1]}"

    def check(value: Any, path: str) -> None:
        if (
            isinstance(value, dict | list)
            or value not in allowed
            or (isinstance(value, int) and not isinstance(value, bool))
        ):
            raise wrong(path, wanted, value)

    return check


def uuid(value: Any, path: str) -> None:
    """A uuid with or without dashes."""
    if canonical(value) is None:
        raise wrong(path, "a valid uuid", value)


def nullable(inner: Check) -> Check:
    """`null`, or what `inner` accepts."""

    def check(value: Any, path: str) -> None:
        if value is not None:
            inner(value, path)

    return check


def array(item: Check, *, most: int | None = 100, least: int | None = None) -> Check:
    """An array of alike items."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise wrong(path, "an array", value)
        if most is not None and len(value) > most:
            raise Misshapen(f"{path}.length should be ≤ `{most}`, instead was `{len(value)}`.")
        if least is not None and len(value) < least:
            raise Misshapen(f"{path}.length should be ≥ `{least}`, instead was `{len(value)}`.")
        for index, entry in enumerate(value):
            item(entry, f"{path}[{index}]")

    return check


def obj(required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys and no other."""
    needs = dict(required or {})
    fields = {**needs, **(optional or {})}

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong(path, "an object", value)
        for key in needs:
            if key not in value:
                raise wrong(f"{path}.{key}", "defined", UNDEFINED)
        for key, inner in value.items():
            field = fields.get(key)
            if field is None:
                raise wrong(f"{path}.{key}", "not present", inner)
            field(inner, f"{path}.{key}")

    return check


def record(item: Check) -> Check:
    """An object with any keys and alike values."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong(path, "an object", value)
        for key, inner in value.items():
            item(inner, f"{path}.{key}")

    return check


def tagged(branches: Mapping[str, Check], common: Mapping[str, Check] | None = None) -> Check:
    """An object holding exactly one of several keys, with an optional `type` that names it.

    Args:
        branches: What the value under each key must be.
        common: Keys allowed beside any of them.
    """
    beside = dict(common or {})

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong(path, "an object", value)
        if "type" in value and "type" not in beside:
            name = value["type"]
            if not isinstance(name, str) or name not in branches:
                raise wrong(f"{path}.type", "one of " + ", ".join(f'`"{key}"`' for key in branches), name)
        else:
            present = [key for key in branches if key in value]
            if not present:
                raise Misshapen(*(f"{path}.{key} should be defined, instead was `undefined`." for key in branches))
            name = present[0]
        if name not in value:
            raise wrong(f"{path}.{name}", "defined", UNDEFINED)
        for key, inner in value.items():
            if key == name:
                branches[key](inner, f"{path}.{key}")
            elif key in beside:
                beside[key](inner, f"{path}.{key}")
            elif key != "type":
                raise wrong(f"{path}.{key}", "not present", inner)

    return check


def first_of(*choices: Check) -> Check:
    """What any of the choices accepts; the first one's complaint when none does."""

    def check(value: Any, path: str) -> None:
        complaint: Misshapen | None = None
        for choice in choices:
            try:
                choice(value, path)
            except Misshapen as error:
                complaint = complaint or error
            else:
                return
        if complaint is not None:
            raise complaint

    return check


empty = obj()
