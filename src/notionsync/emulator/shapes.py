"""Small checks that put together describe the shape of a request, with the service's wording of what is wrong.

A check is called with a value and its path (`body.children[0].type`) and raises `Misshapen` or returns nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from notionsync.emulator.ids import canonical

Check = Callable[[Any, str], None]
_LONGEST: Final = 55
"""Characters of a value that an error text quotes, as reported of the real service:
github.com/selfboot/html2notion/issues/17, github.com/niklas-joh/plantScraper/issues/9."""


class _Undefined:
    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final = _Undefined()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit.

    Attributes:
        path: Where.
        wanted: What it should be: alternatives.
        value: What it is, as texts quote it.
    """

    path: str
    wanted: tuple[str, ...]
    value: str

    def __str__(self) -> str:
        return f"{self.path} should be {listed(self.wanted)}, instead was {self.value}."

    @property
    def depth(self) -> int:
        """How far down in the request it lies."""
        return self.path.count(".") + self.path.count("[")


class Misshapen(Exception):  # noqa: N818  (a finding, reported to the client as a validation error)
    """A value does not fit; the findings are alternatives, one of which must be mended."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings

    @property
    def problems(self) -> tuple[str, ...]:
        """The findings as the service words them."""
        return tuple(map(str, self.findings))

    def but(self, path: str, allowed: str) -> Misshapen:
        """The same, where the value at a path may also be something else: `null`, or missing."""
        return Misshapen(
            *(
                replace(finding, wanted=(*finding.wanted, allowed))
                if finding.path == path and finding.wanted not in {("defined",), ("not present",)}
                else finding
                for finding in self.findings
            )
        )


def listed(words: Iterable[str]) -> str:
    """Alternatives in a sentence: `a`; `a` or `b`; `a`, `b`, or `c`."""
    *first, last = words
    if len(first) > 1:
        return f"{', '.join(first)}, or {last}"
    return " or ".join([*first, last])


def shown(value: Any) -> str:
    """A value as error texts quote it."""
    if value is UNDEFINED:
        return "`undefined`"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"`{text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}`"


def wrong(path: str, wanted: str | tuple[str, ...], value: Any) -> Misshapen:
    """The finding that `path` should be something else."""
    return Misshapen(Finding(path, (wanted,) if isinstance(wanted, str) else wanted, shown(value)))


def missing(*paths: str) -> Misshapen:
    """The finding that one of these should be there."""
    return Misshapen(*(Finding(path, ("defined",), "`undefined`") for path in paths))


def deepest(findings: Iterable[Finding]) -> Misshapen:
    """What is said of a value that fits none of its alternatives: the findings of those that came farthest."""
    every = list(dict.fromkeys(findings))
    depth = max(finding.depth for finding in every)
    return Misshapen(*(finding for finding in every if finding.depth == depth))


def units(text: str) -> int:
    """Length in UTF-16 code units, which is how the service's own language counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def anything(_value: Any, _path: str) -> None:
    """Accept every value."""


def size(length: int, path: str, *, most: int | None = None, least: int | None = None) -> None:
    """A length within bounds."""
    if most is not None and length > most:
        raise wrong(f"{path}.length", f"≤ `{most}`", length)
    if least is not None and length < least:
        raise wrong(f"{path}.length", f"≥ `{least}`", length)


def string(*, most: int | None = None, least: int | None = None) -> Check:
    """A string, of a length in UTF-16 units."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise wrong(path, "a string", value)
        if most is not None or least is not None:
            size(units(value), path, most=most, least=least)

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
    wanted = tuple(shown(value) for value in allowed)

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
        if value is None:
            return
        try:
            inner(value, path)
        except Misshapen as finding:
            raise finding.but(path, "`null`") from None

    return check


def array(item: Check, *, most: int | None = 100, least: int | None = None) -> Check:
    """An array of alike items."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise wrong(path, "an array", value)
        size(len(value), path, most=most, least=least)
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
                raise missing(f"{path}.{key}")
        for key, inner in value.items():
            field = fields.get(key)
            if field is None:
                raise wrong(f"{path}.{key}", "not present", inner)
            try:
                field(inner, f"{path}.{key}")
            except Misshapen as finding:
                raise finding if key in needs else finding.but(f"{path}.{key}", "`undefined`") from None

    return check


def tagged(branches: Mapping[str, Check], common: Mapping[str, Check] | None = None) -> Check:
    """An object holding exactly one of several keys, with an optional `type` that names it.

    Args:
        branches: What the value under each key must be.
        common: Keys allowed beside any of them.
    """
    shapes = {name: obj({name: inner}, {"type": one_of(name), **(common or {})}) for name, inner in branches.items()}

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong(path, "an object", value)
        found: dict[str, tuple[Finding, ...]] = {}
        for name, shape in shapes.items():
            if name in value:
                try:
                    return shape(value, path)
                except Misshapen as finding:
                    found[name] = finding.findings
        others = {name: missing(f"{path}.{name}").findings for name in shapes if name not in found}
        raise deepest(finding for name in shapes for finding in (found | others)[name])

    return check


empty = obj()
