"""Rollups: what a row's related pages hold of one property, counted, added up, or shown one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean, median
from typing import Any, Final

from notionsync.emulator.columns import by_key
from notionsync.emulator.dates import instant, parse
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Workspace

Json = dict[str, Any]
Show = Callable[[Node, Json, Node], Any]
"""A page, a property's configuration and the page's data source → the value as it is shown."""

_EMPTY: Final[tuple[Any, ...]] = (None, [], "")


def rolled(ws: Workspace, source: Node, config: Json) -> tuple[Node, Json] | None:
    """The data source and the property that a rollup looks at; None when either is gone."""
    relation = by_key(source.data["properties"], config.get("relation_property_id", ""))
    if relation is None or relation["type"] != "relation":
        return None
    identifier = relation["relation"].get("data_source_id")
    target = source if identifier == source.id else ws.store.get(identifier or "")
    column = by_key(target.data["properties"], config["rollup_property_id"]) if target is not None else None
    return None if target is None or column is None else (target, column)


def related(source: Node, config: Json, row: Node) -> list[str]:
    """Ids of the pages a rollup looks at."""
    relation = by_key(source.data["properties"], config.get("relation_property_id", ""))
    return list(row.data["properties"].get(relation["id"]) or []) if relation else []


def value(ws: Workspace, source: Node, config: Json, row: Node, show: Show) -> Json:
    """A rollup's value, as a page shows it.

    Args:
        ws: The workspace.
        source: The data source of the row.
        config: The rollup's own configuration: relation, property, function.
        row: The row.
        show: Reads a value of another page.
    """
    function = config["function"]
    found = rolled(ws, source, config)
    if found is None:
        return computed(function, "", [])
    target, column = found
    pages = (ws.store.get(identifier) for identifier in related(source, config, row))
    return computed(function, column["type"], [show(page, column, target) for page in pages if page is not None])


def computed(function: str, kind: str, values: Sequence[Any]) -> Json:
    """The result of a rollup's function over values of a kind of property."""
    if function in {"earliest_date", "latest_date", "date_range"}:
        return {"type": "date", "date": _date(function, values), "function": function}
    if function in {"show_original", "show_unique"}:
        entries = [{"type": kind, kind: entry} for entry in values]
        if function == "show_unique":
            entries = list({json.dumps(entry, sort_keys=True): entry for entry in entries}.values())
        return {"type": "array", "array": entries, "function": function}
    number = _NUMBERS[function](values) if function in _NUMBERS else _statistic(function, values)
    if isinstance(number, float) and number == int(number):
        number = int(number)
    return {"type": "number", "number": number, "function": function}


def single(value: Any) -> Iterator[Any]:
    """The single values a property's value consists of; texts are one each."""
    if isinstance(value, list) and not (value and isinstance(value[0], dict) and "plain_text" in value[0]):
        yield from value
    elif value not in _EMPTY:
        yield value


def _all(values: Sequence[Any]) -> list[Any]:
    return [entry for value in values for entry in single(value)]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _filled(values: Sequence[Any]) -> int:
    return sum(value not in _EMPTY for value in values)


def _unique(values: Sequence[Any]) -> int:
    return len({json.dumps(entry, sort_keys=True) for entry in _all(values)})


_NUMBERS: Final[dict[str, Callable[[Sequence[Any]], float | None]]] = {
    "count": len,
    "count_values": lambda values: len(_all(values)),
    "unique": _unique,
    "empty": lambda values: len(values) - _filled(values),
    "not_empty": _filled,
    "percent_empty": lambda values: _share(len(values) - _filled(values), len(values)),
    "percent_not_empty": lambda values: _share(_filled(values), len(values)),
    "checked": lambda values: sum(value is True for value in values),
    "unchecked": lambda values: sum(value is False for value in values),
    "percent_checked": lambda values: _share(sum(value is True for value in values), len(values)),
    "percent_unchecked": lambda values: _share(sum(value is False for value in values), len(values)),
    "count_per_group": lambda values: len(_all(values)),
    "percent_per_group": lambda values: _share(_filled(values), len(values)),
}


def _statistic(function: str, values: Sequence[Any]) -> float | None:
    numbers = [number for value in values if (number := _number(value)) is not None]
    if function == "sum":
        return sum(numbers)
    if not numbers:
        return None
    if function == "range":
        return max(numbers) - min(numbers)
    statistics: dict[str, Callable[[list[float]], float]] = {"average": fmean, "median": median, "min": min, "max": max}
    return statistics[function](numbers)


def _number(value: Any) -> float | None:
    if isinstance(value, dict) and value.get("type") in {"number", "formula"}:
        value = value.get("number")
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _date(function: str, values: Sequence[Any]) -> Json | None:
    dates = [date for value in values if (date := _as_date(value)) is not None]
    if not dates:
        return None
    first = min(dates, key=lambda date: instant(parse(date["start"])))
    last = max((date["end"] or date["start"] for date in dates), key=lambda text: instant(parse(text)))
    if function == "earliest_date":
        return {"start": first["start"], "end": None, "time_zone": None}
    if function == "latest_date":
        return {"start": last, "end": None, "time_zone": None}
    return {"start": first["start"], "end": last if last != first["start"] else None, "time_zone": None}


def _as_date(value: Any) -> Json | None:
    if isinstance(value, dict) and value.get("type") == "date":
        value = value["date"]  # of a formula
    if isinstance(value, str):
        return {"start": value, "end": None}
    return value if isinstance(value, dict) and "start" in value else None
