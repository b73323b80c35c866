"""Filters of queries: checked against the schema, compiled to a test of one page."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from notionsync.emulator import errors, properties
from notionsync.emulator.clock import stamp
from notionsync.emulator.columns import by_key
from notionsync.emulator.dates import instant, parse
from notionsync.emulator.ids import canonical
from notionsync.emulator.richtext import plain
from notionsync.emulator.rollups import rolled
from notionsync.emulator.shapes import Misshapen, missing, one_of, size, string, wrong
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace

Json = dict[str, Any]
Test = Callable[[Node], bool]
Compare = Callable[[Any, Any], bool]

_TEXT: Final[dict[str, Compare]] = {
    "equals": lambda have, want: have.casefold() == want.casefold(),
    "does_not_equal": lambda have, want: have.casefold() != want.casefold(),
    "contains": lambda have, want: want.casefold() in have.casefold(),
    "does_not_contain": lambda have, want: want.casefold() not in have.casefold(),
    "starts_with": lambda have, want: have.casefold().startswith(want.casefold()),
    "ends_with": lambda have, want: have.casefold().endswith(want.casefold()),
}
_NUMBER: Final[dict[str, Compare]] = {
    "equals": lambda have, want: have == want,
    "does_not_equal": lambda have, want: have != want,
    "greater_than": lambda have, want: have is not None and have > want,
    "less_than": lambda have, want: have is not None and have < want,
    "greater_than_or_equal_to": lambda have, want: have is not None and have >= want,
    "less_than_or_equal_to": lambda have, want: have is not None and have <= want,
}
_DATE_WINDOWS: Final = frozenset(
    {"this_week", "past_week", "past_month", "past_year", "next_week", "next_month", "next_year"}
)
_TEXT_KINDS: Final = frozenset({"title", "rich_text", "url", "email", "phone_number"})
_DATE_KINDS: Final = frozenset({"date", "created_time", "last_edited_time"})
_MEMBER_KINDS: Final = frozenset({"multi_select", "people", "relation", "created_by", "last_edited_by"})
_IN_ROLLUPS: Final[dict[str, frozenset[str]]] = {
    "rich_text": _TEXT_KINDS,
    "date": _DATE_KINDS,
    "people": frozenset({"created_by", "last_edited_by"}),
    "number": frozenset({"unique_id"}),
    **dict.fromkeys(("checkbox", "select", "multi_select", "status", "relation", "files"), frozenset()),
}
"""What a filter of a rollup's entries is called, and the kinds of properties it fits besides its own."""
_ALIKE: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(_TEXT_KINDS, _TEXT_KINDS),
    "people": _IN_ROLLUPS["people"],
    "date": _DATE_KINDS,
}
"""Filter → kinds of properties it fits besides its own,
https://developers.notion.com/reference/filter-data-source-entries."""
_CALLED: Final[dict[Any, str]] = {str: "a string", bool: "a boolean", (int, float): "a number"}
_STAMP: Final = one_of("created_time", "last_edited_time")
_VERIFIED: Final = one_of("verified", "expired", "none")
_EMPTINESS: Final = frozenset({"is_empty", "is_not_empty"})
_GROUP_LIMIT: Final = 100


class _Asked(NamedTuple):
    """Where a filter is asked, and by whom."""

    ws: Workspace
    call: Call
    source: Node


def compiled(ws: Workspace, call: Call, source: Node, given: Any) -> Test:
    """A filter as a test.

    Raises:
        ApiError: It does not fit the filter language or the schema.
    """
    try:
        return _compile(_Asked(ws, call, source), given, "body.filter", depth=0)
    except Misshapen as finding:
        raise errors.failed(*finding.problems) from None


def _compile(asked: _Asked, given: Any, path: str, *, depth: int) -> Test:
    if not isinstance(given, dict):
        raise wrong(path, "an object", given)
    for word in ("and", "or"):
        if word in given:
            _only(given, path, word)
            return _group(asked, given[word], f"{path}.{word}", all if word == "and" else any, depth=depth)
    if "timestamp" in given:
        return _timestamp(asked.ws, given, path)
    if "property" not in given:
        raise missing(*(f"{path}.{key}" for key in ("or", "and", "property", "timestamp")))
    return _property(asked, given, path)


def _group(asked: _Asked, parts: Any, path: str, combine: Callable[[Iterable[bool]], bool], *, depth: int) -> Test:
    if depth > 1:
        raise wrong(path, "not present", parts)
    if not isinstance(parts, list):
        raise wrong(path, "an array", parts)
    size(len(parts), path, most=_GROUP_LIMIT)
    tests = [_compile(asked, part, f"{path}[{index}]", depth=depth + 1) for index, part in enumerate(parts)]
    return lambda node: combine(test(node) for test in tests)


def _only(given: Json, path: str, *allowed: str) -> None:
    """No other keys than these."""
    for key, value in given.items():
        if key not in allowed:
            raise wrong(f"{path}.{key}", "not present", value)


def _single(given: Any, path: str) -> None:
    """An object with one operator."""
    if not isinstance(given, dict) or not given:
        raise wrong(path, "an object", given)
    _only(given, path, next(iter(given)))


def _of_type(given: Json, path: str, name: str) -> None:
    """The `type` that may stand beside a condition names it."""
    if "type" in given and given["type"] != name:
        raise wrong(f"{path}.type", (f'`"{name}"`', "`undefined`"), given["type"])


def _timestamp(ws: Workspace, given: Json, path: str) -> Test:
    name = given["timestamp"]
    _STAMP(name, f"{path}.timestamp")
    if name not in given:
        raise missing(f"{path}.{name}")
    _only(given, path, "timestamp", "type", name)
    _of_type(given, path, name)
    test = _date(ws, given[name], f"{path}.{name}")
    return lambda node: test(stamp(node.created if name == "created_time" else node.edited))


def _property(asked: _Asked, given: Json, path: str) -> Test:
    ws, call, source = asked
    string()(given["property"], f"{path}.property")
    config = by_key(source.data["properties"], given["property"])
    if config is None:
        raise errors.invalid(f"Could not find property with name or id: {given['property']}")
    kind = config["type"]
    named = [key for key in given if key not in {"property", "type"}]
    if not named:
        raise missing(f"{path}.{kind}")
    _only(given, path, "property", "type", named[0])
    _of_type(given, path, named[0])
    if named[0] != kind and kind not in _ALIKE.get(named[0], ()):
        raise _mismatch(kind, named[0])
    test = _typed(asked, kind, given[named[0]], f"{path}.{named[0]}", config)
    return lambda node: test(properties.value_of(ws, call, node, config, source))


def _mismatch(kind: str, asked: str) -> errors.ApiError:
    return errors.invalid(
        "The property type in the database does not match the property type of the filter provided: "
        f"database property {kind} does not match filter {asked}"
    )


def _typed(asked: _Asked, kind: str, given: Any, path: str, config: Json) -> Callable[[Any], bool]:
    _single(given, path)
    if kind == "formula":
        return _formula(asked, given, path, config)
    if kind == "rollup":
        return _rollup(asked, given, path, config)
    if kind in _TEXT_KINDS:
        return _operators(given, path, _TEXT, _text_of, str)
    if kind in {"number", "unique_id"}:
        return _operators(given, path, _NUMBER, lambda v: v["number"] if isinstance(v, dict) else v, (int, float))
    if kind == "checkbox":
        table: dict[str, Compare] = {"equals": lambda a, b: a is b, "does_not_equal": lambda a, b: a is not b}
        return _operators(given, path, table, lambda value: value, bool)
    if kind in {"select", "status"}:
        return _choice(given, path)
    if kind in _MEMBER_KINDS:
        return _members(asked.call, kind, given, path)
    if kind in _DATE_KINDS:
        return _date(asked.ws, given, path)
    if kind == "files":
        return _operators(given, path, {}, lambda value: value, str)
    if kind == "verification":
        return _verification(given, path)
    raise wrong(path, "not present", given)


def _text_of(value: Any) -> str:
    return plain(value) if isinstance(value, list) else value or ""


def _operators(
    given: Json, path: str, table: dict[str, Compare], read: Callable[[Any], Any], types: Any
) -> Callable[[Any], bool]:
    tests: list[Callable[[Any], bool]] = []
    for name, want in given.items():
        if name in _EMPTINESS:
            tests.append(_emptiness(name, want, f"{path}.{name}"))
        elif name in table:
            if not isinstance(want, types) or (isinstance(want, bool) and types is not bool):
                raise wrong(f"{path}.{name}", _CALLED[types], want)
            tests.append(lambda value, name=name, want=want: table[name](read(value), want))  # type: ignore[misc]
        else:
            raise wrong(f"{path}.{name}", "not present", want)
    return lambda value: all(test(value) for test in tests)


def _emptiness(name: str, want: Any, path: str) -> Callable[[Any], bool]:
    if want is not True:
        raise wrong(path, "`true`", want)
    if name == "is_empty":
        return lambda value: value in (None, [], "")
    return lambda value: value not in (None, [], "")


def _names(want: Any, path: str) -> list[str]:
    names = want if isinstance(want, list) else [want]
    if not all(isinstance(name, str) for name in names):
        raise wrong(path, ("a string", "an array of strings"), want)
    return names


def _choice(given: Json, path: str) -> Callable[[Any], bool]:
    name, want = next(iter(given.items()))
    if name in _EMPTINESS:
        return _emptiness(name, want, f"{path}.{name}")
    if name not in {"equals", "does_not_equal"}:
        raise wrong(f"{path}.{name}", "not present", want)
    names = _names(want, f"{path}.{name}")
    if name == "equals":
        return lambda value: value is not None and (value["name"] in names or value["id"] in names)
    return lambda value: value is None or (value["name"] not in names and value["id"] not in names)


def _members(call: Call, kind: str, given: Json, path: str) -> Callable[[Any], bool]:
    name, want = next(iter(given.items()))
    if name in _EMPTINESS:
        return _emptiness(name, want, f"{path}.{name}")
    if name not in {"contains", "does_not_contain"}:
        raise wrong(f"{path}.{name}", "not present", want)
    wanted = set(_names(want, f"{path}.{name}"))
    if kind != "multi_select":
        wanted = {_person(call, entry) for entry in wanted}
        if "" in wanted:
            raise wrong(f"{path}.{name}", "a valid uuid", want)

    def holds(value: Any) -> bool:
        entries = value if isinstance(value, list) else [value]
        return any(
            entry.get("name") in wanted if kind == "multi_select" else entry["id"] in wanted for entry in entries
        )

    return holds if name == "contains" else lambda value: not holds(value)


def _person(call: Call, entry: str) -> str:
    """The id a filter names; "" for none. Nobody is behind an internal integration, so its `me` is found nowhere.

    Source: https://developers.notion.com/reference/filter-data-source-entries#people.
    """
    if entry == "me":
        return call.user.id if call.user.type == "person" else entry
    return canonical(entry) or ""


def _verification(given: Json, path: str) -> Callable[[Any], bool]:
    name, want = next(iter(given.items()))
    if name not in {"status", "does_not_equal"}:
        raise wrong(f"{path}.{name}", "not present", want)
    _VERIFIED(want, f"{path}.{name}")

    def state(value: Json) -> str:
        return "verified" if value["state"] == "verified" else "none"

    return lambda value: (state(value) == want) == (name == "status")


def _formula(asked: _Asked, given: Json, path: str, config: Json) -> Callable[[Any], bool]:
    name, inner = next(iter(given.items()))
    kind = {"string": "rich_text", "checkbox": "checkbox", "number": "number", "date": "date"}.get(name)
    if kind is None:
        raise wrong(f"{path}.{name}", "not present", inner)
    if config["formula"].get("unknown_type"):
        raise errors.invalid("Unable to filter based on a formula of unknown type")
    test = _typed(asked, kind, inner, f"{path}.{name}", config)
    # Formulas call a checkbox a boolean.
    key = "boolean" if name == "checkbox" else name
    return lambda value: key in value and test(value[key])


def _rollup(asked: _Asked, given: Json, path: str, config: Json) -> Callable[[Any], bool]:
    name, inner = next(iter(given.items()))
    if name == "number":
        test = _typed(asked, "number", inner, f"{path}.number", config)
        return lambda value: test(value.get("number"))
    if name == "date":
        test = _date(asked.ws, inner, f"{path}.date")
        return lambda value: test(value.get("date"))
    if name not in {"any", "every", "none"}:
        raise wrong(f"{path}.{name}", "not present", inner)
    test = _each(asked, inner, f"{path}.{name}", config)
    combine = all if name == "every" else any
    return lambda value: combine(map(test, value.get("array", ()))) != (name == "none")


def _each(asked: _Asked, given: Any, path: str, config: Json) -> Callable[[Any], bool]:
    """The test of one entry of a rollup that shows its values."""
    _single(given, path)
    kind, inner = next(iter(given.items()))
    if kind not in _IN_ROLLUPS:
        raise wrong(f"{path}.{kind}", "not present", inner)
    found = rolled(asked.ws, asked.source, config["rollup"])
    own = found[1]["type"] if found else kind
    if kind != own and own not in _IN_ROLLUPS[kind]:
        raise _mismatch(own, kind)
    test = _typed(asked, own if kind == "rich_text" else kind, inner, f"{path}.{kind}", found[1] if found else config)
    return lambda entry: test(entry[entry["type"]])


# -- dates ------------------------------------------------------------------------------------------------------------


def _date(ws: Workspace, given: Any, path: str) -> Callable[[Any], bool]:
    _single(given, path)
    name, want = next(iter(given.items()))
    if name in _EMPTINESS:
        return _emptiness(name, want, f"{path}.{name}")
    now = ws.clock.now()
    if name in _DATE_WINDOWS:
        if want != {}:
            raise wrong(f"{path}.{name}", "an empty object", want)
        low, high = _window(name, now)
        return lambda value: (moment := _moment(value)) is not None and low <= moment <= high
    if name not in {"equals", "before", "after", "on_or_before", "on_or_after"}:
        raise wrong(f"{path}.{name}", "not present", want)
    start, end = _wanted(want, now, f"{path}.{name}")
    return lambda value: (moment := _moment(value)) is not None and _compare(name, moment, start, end)


def _compare(name: str, moment: datetime, start: datetime, end: datetime) -> bool:
    """Compare with a wanted day (start to end) or instant (start equals end)."""
    if name == "equals":
        return start <= moment <= end
    if name == "before":
        return moment < start
    if name == "after":
        return moment > end
    return moment <= end if name == "on_or_before" else moment >= start


def _moment(value: Any) -> datetime | None:
    text = value["start"] if isinstance(value, dict) else value
    return instant(parse(text)) if text else None


def _wanted(want: Any, now: datetime, path: str) -> tuple[datetime, datetime]:
    relative = {
        "today": 0,
        "tomorrow": 1,
        "yesterday": -1,
        "one_week_ago": -7,
        "one_week_from_now": 7,
        "one_month_ago": (_shifted(now.date(), "month", -1) - now.date()).days,
        "one_month_from_now": (_shifted(now.date(), "month", 1) - now.date()).days,
    }
    if not isinstance(want, str):
        raise wrong(path, "a string", want)
    try:
        value = now.date() + timedelta(days=relative[want]) if want in relative else parse(want)
    except ValueError:
        raise wrong(path, "a valid ISO 8601 date string", want) from None
    if isinstance(value, datetime):
        # Seconds count for nothing, neither in what is stored nor in what is asked.
        value = value.replace(second=0, microsecond=0)
        return value, value
    start = instant(value)
    return start, start + timedelta(days=1, milliseconds=-1)


def _window(name: str, now: datetime) -> tuple[datetime, datetime]:
    """Whole days around today: past and next ones reach a week, a calendar month or year, today included."""
    today = now.date()
    if name == "this_week":
        first = today - timedelta(days=(today.weekday() + 1) % 7)
        last = first + timedelta(days=6)
    elif name.startswith("past"):
        first, last = _shifted(today, name.split("_")[1], -1), today
    else:
        first, last = today, _shifted(today, name.split("_")[1], 1)
    return instant(first), instant(last) + timedelta(days=1, milliseconds=-1)


def _shifted(day: date, unit: str, sign: int) -> date:
    if unit == "week":
        return day + timedelta(days=7 * sign)
    months = day.year * 12 + day.month - 1 + (12 if unit == "year" else 1) * sign
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
