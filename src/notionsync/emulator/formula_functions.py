"""The functions of formulas, over values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from statistics import fmean, median
from typing import Any, Final

from notionsync.emulator.dates import parse
from notionsync.emulator.formula_syntax import FormulaError
from notionsync.emulator.formula_values import Day, Thing, Value, between, formatted, from_seconds, shifted, text_of


def empty(value: Value) -> bool:
    """Whether a value counts as none."""
    return value in (None, "", [], 0, False)


def number(value: Value) -> float | None:
    """A value as a number; None for what is none."""
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, Day):
        return value.moment.timestamp() * 1000
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _arithmetic(compute: Callable[..., float]) -> Callable[..., float | None]:
    def run(*args: Value) -> float | None:
        numbers = [number(arg) for arg in args]
        if any(entry is None for entry in numbers):
            return None
        try:
            return compute(*numbers)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None

    return run


def _flat(args: tuple[Value, ...]) -> list[float]:
    values: list[Any] = []
    for arg in args:
        values.extend(arg if isinstance(arg, list) else [arg])
    return [entry for entry in map(number, values) if entry is not None]


def _statistic(compute: Callable[[list[float]], float]) -> Callable[..., float | None]:
    return lambda *args: compute(_flat(args)) if _flat(args) else None


def _rounded(value: float, places: float = 0) -> float:
    factor = math.pow(10, places)
    return math.floor(value * factor + 0.5) / factor


def _list(value: Value) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _dated(compute: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a date; nothing of no date."""
    return lambda day, *rest: compute(day, *rest) if isinstance(day, Day) else None


def _between(one: Value, other: Value, unit: str) -> float | None:
    return float(between(one, other, unit)) if isinstance(one, Day) and isinstance(other, Day) else None


def _parsed(text: Value) -> Day | None:
    try:
        return Day(parse(str(text)))
    except ValueError:
        return None


def _from_timestamp(value: Value) -> Day | None:
    milliseconds = number(value)
    return None if milliseconds is None else from_seconds(milliseconds / 1000)


def _sorted(value: Value) -> list[Any]:
    return sorted(
        _list(value), key=lambda entry: entry.moment.timestamp() if isinstance(entry, Day) else text_of(entry)
    )


def _unique(value: Value) -> list[Any]:
    kept: list[Any] = []
    for entry in _list(value):
        if entry not in kept:
            kept.append(entry)
    return kept


def _at(value: Value, index: Value) -> Any:
    entries, place = _list(value), int(number(index) or 0)
    return entries[place] if -len(entries) <= place < len(entries) else None


def _slice(value: Value, start: Value, end: Value = None) -> list[Any]:
    return _list(value)[int(number(start) or 0) : None if end is None else int(number(end) or 0)]


def _substring(text: Value, start: Value, end: Value = None) -> str:
    return text_of(text)[int(number(start) or 0) : None if end is None else int(number(end) or 0)]


def _matching(compute: Callable[[re.Pattern[str], str], Any]) -> Callable[..., Any]:
    def run(text: Value, pattern: Value) -> Any:
        try:
            return compute(re.compile(text_of(pattern)), text_of(text))
        except re.error as error:
            raise FormulaError(str(error)) from None

    return run


def _replaced(count: int) -> Callable[..., str]:
    def run(text: Value, pattern: Value, by: Value) -> str:
        return re.sub(text_of(pattern), lambda _match: text_of(by), text_of(text), count=count)

    return run


def _contains(have: Value, want: Value) -> bool:
    return want in have if isinstance(have, list) else text_of(want) in text_of(have)


def _concat(*args: Value) -> Any:
    if any(isinstance(arg, list) for arg in args):
        return [entry for arg in args for entry in _list(arg)]
    return "".join(text_of(arg) for arg in args)


def plus(left: Value, right: Value) -> Value:
    """`+`: of numbers their sum, of anything else the text of both."""
    if isinstance(left, str | list | Day | Thing) or isinstance(right, str | list | Day | Thing):
        return text_of(left) + text_of(right)
    added: float | None = _arithmetic(lambda a, b: a + b)(left, right)
    return added


def _range(start: Value, end: Value) -> Day | None:
    return Day(start.start, end.start) if isinstance(start, Day) and isinstance(end, Day) else None


def _flattened(value: Value) -> list[Any]:
    return [inner for entry in _list(value) for inner in (_flattened(entry) if isinstance(entry, list) else [entry])]


NUMBERS: Final[Mapping[str, Callable[..., Any]]] = {
    "add": plus,
    "subtract": _arithmetic(lambda a, b: a - b),
    "multiply": _arithmetic(lambda a, b: a * b),
    "divide": _arithmetic(lambda a, b: a / b),
    "mod": _arithmetic(math.fmod),
    "pow": _arithmetic(math.pow),
    "abs": _arithmetic(abs),
    "round": _arithmetic(_rounded),
    "ceil": _arithmetic(lambda a: float(math.ceil(a))),
    "floor": _arithmetic(lambda a: float(math.floor(a))),
    "sqrt": _arithmetic(math.sqrt),
    "cbrt": _arithmetic(math.cbrt),
    "exp": _arithmetic(math.exp),
    "ln": _arithmetic(math.log),
    "log10": _arithmetic(math.log10),
    "log2": _arithmetic(math.log2),
    "sign": _arithmetic(lambda a: float((a > 0) - (a < 0))),
    "unaryMinus": _arithmetic(lambda a: -a),
    "unaryPlus": _arithmetic(lambda a: a),
    "min": _statistic(min),
    "max": _statistic(max),
    "sum": _statistic(math.fsum),
    "mean": _statistic(fmean),
    "median": _statistic(median),
    "pi": lambda: math.pi,
    "e": lambda: math.e,
    "toNumber": number,
    "length": lambda value: float(len(value) if isinstance(value, list) else len(text_of(value))),
    "minute": _dated(lambda day: float(day.moment.minute)),
    "hour": _dated(lambda day: float(day.moment.hour)),
    "day": _dated(lambda day: float(day.moment.isoweekday())),
    "date": _dated(lambda day: float(day.moment.day)),
    "week": _dated(lambda day: float(day.moment.isocalendar().week)),
    "month": _dated(lambda day: float(day.moment.month)),
    "year": _dated(lambda day: float(day.moment.year)),
    "dateBetween": _between,
    "timestamp": _dated(lambda day: day.moment.timestamp() * 1000),
}
TRUTHS: Final[Mapping[str, Callable[..., Any]]] = {
    "empty": empty,
    "not": empty,
    "and": lambda *args: all(not empty(arg) for arg in args),
    "or": lambda *args: any(not empty(arg) for arg in args),
    "equal": lambda a, b: a == b,
    "unequal": lambda a, b: a != b,
    "contains": _contains,
    "includes": _contains,
    "test": _matching(lambda pattern, text: pattern.search(text) is not None),
}
TEXTS: Final[Mapping[str, Callable[..., Any]]] = {
    "format": text_of,
    "lower": lambda value: text_of(value).lower(),
    "upper": lambda value: text_of(value).upper(),
    "trim": lambda value: text_of(value).strip(),
    "repeat": lambda value, times: text_of(value) * int(number(times) or 0),
    "padStart": lambda value, width, fill=" ": text_of(value).rjust(int(number(width) or 0), (text_of(fill) or " ")[0]),
    "padEnd": lambda value, width, fill=" ": text_of(value).ljust(int(number(width) or 0), (text_of(fill) or " ")[0]),
    "substring": _substring,
    "replace": _replaced(1),
    "replaceAll": _replaced(0),
    "join": lambda values, by: text_of(by).join(text_of(entry) for entry in _list(values)),
    "formatDate": _dated(lambda day, pattern: formatted(day, text_of(pattern))),
    "link": lambda label, _url: text_of(label),
    "style": lambda value, *_styles: text_of(value),
    "unstyle": lambda value, *_styles: text_of(value),
    "name": lambda value: value.name if isinstance(value, Thing) else text_of(value),
    "email": lambda value: value.email if isinstance(value, Thing) else "",
}
DATES: Final[Mapping[str, Callable[..., Any]]] = {
    "dateAdd": _dated(lambda day, amount, unit: shifted(day, number(amount) or 0, text_of(unit))),
    "dateSubtract": _dated(lambda day, amount, unit: shifted(day, -(number(amount) or 0), text_of(unit))),
    "dateRange": _range,
    "dateStart": _dated(lambda day: Day(day.start)),
    "dateEnd": _dated(lambda day: Day(day.end or day.start)),
    "fromTimestamp": _from_timestamp,
    "parseDate": _parsed,
}
LISTS: Final[Mapping[str, Callable[..., Any]]] = {
    "split": lambda text, by=",": text_of(text).split(text_of(by)),
    "match": _matching(lambda pattern, text: [found[0] for found in pattern.finditer(text)]),
    "slice": _slice,
    "sort": _sorted,
    "reverse": lambda value: _list(value)[::-1],
    "unique": _unique,
    "flat": _flattened,
}
ANYTHING: Final[Mapping[str, Callable[..., Any]]] = {
    "concat": _concat,
    "at": _at,
    "first": lambda value: _at(value, 0.0),
    "last": lambda value: _at(value, -1.0),
}
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {**NUMBERS, **TRUTHS, **TEXTS, **DATES, **LISTS, **ANYTHING}


def compared(mark: str, left: Value, right: Value) -> bool:
    """`>`, `<`, `>=`, `<=`; nothing is neither more nor less than anything."""
    if isinstance(left, str) and isinstance(right, str):
        pair: tuple[Any, Any] = (left, right)
    else:
        pair = (number(left), number(right))
    if None in pair:
        return False
    one, other = pair
    return bool({">": one > other, "<": one < other, ">=": one >= other, "<=": one <= other}[mark])
