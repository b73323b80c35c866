"""Templates: text with `{key}` in it, never code."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping

from notionsync.config import Region
from notionsync.errors import ConfigError
from notionsync.readme.proof import PLACES

OF_QUESTION = ("n", "question", "url", "path", "slug", "anchor", "answered")
"""What a template of a question may name besides the front matter's keys."""
USUAL = ("order", "status", "category", "date")
"""Keys that a template may name although no question has them yet."""
OF_LIST = ("answered", "open", "total", "percent")
"""What a template of a group or of the whole list may name."""


def names(template: str) -> frozenset[str]:
    """Return the keys that a template names."""
    return frozenset(match[1] for match in PLACES.finditer(template) if match[1])


def put(template: str, value: Callable[[str], str]) -> str:
    """Return a template with values in their places, whatever they hold."""
    return PLACES.sub(lambda match: value(match[1]) if match[1] else match[0][0], template)


def numbers(answered: int, total: int) -> dict[str, str]:
    """Return what a template of a group or of the whole list may name.

    >>> numbers(28, 29)["percent"]
    '96'
    """
    percent = answered * 100 // total if total else 0
    return {"answered": str(answered), "open": str(total - answered), "total": str(total), "percent": str(percent)}


def of_questions(region: Region) -> Iterator[tuple[str, str]]:
    """Yield the templates of a region that speak of one question, each with its name in the configuration."""
    if region.format == "table":
        for number, column in enumerate(region.columns, 1):
            yield f"column {number} value", column.value
            yield f"column {number} open_value", column.open_value or ""
        return
    yield "item", region.item
    yield "open_item", region.open_item
    if region.format == "details":
        yield "summary", region.summary


def check(region: Region, known: Collection[str]) -> None:
    """Refuse a template that names a key that there is not.

    Args:
        region: The region.
        known: The keys of the questions.

    Raises:
        ConfigError: Names the template, the key and the nearest known one.
    """
    for where, template in of_questions(region):
        _check(region, where, template, {*OF_QUESTION, *USUAL, *known})
    for where, template, own in (
        ("group", region.group, ("group",)), ("header", region.header, ()), ("footer", region.footer, ()),
    ):  # fmt: skip
        _check(region, where, template, {*OF_LIST, *own})


def _check(region: Region, where: str, template: str, known: Collection[str]) -> None:
    for key in sorted(names(template) - set(known)):
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {{{near[0]}}}?" if near else f"known are {', '.join(sorted(known))}"
        raise ConfigError(f'notionsync.toml: [[region]] "{region.name}" {where}: no {{{key}}}; {hint}')


def counting(template: str, values: Mapping[str, str]) -> str:
    """Return a template of the whole list with its numbers."""
    return put(template, lambda key: values[key])


def asks_for_anchors(region: Region) -> bool:
    """Tell whether a region links to headings, so that what the answers hold has to be known."""
    return any("#" in template for _, template in of_questions(region))
