"""What formulas compute with beside numbers, texts, truth values and lists: dates, and pages and people."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from notionsync.emulator.dates import instant, parse

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Day:
    """A date property's value: a day or a moment, or a range of them."""

    start: date | datetime
    end: date | datetime | None = None

    @property
    def moment(self) -> datetime:
        """Its beginning."""
        return instant(self.start)


@dataclass(frozen=True, slots=True)
class Thing:
    """A page or a person."""

    id: str
    name: str
    email: str = ""


Value = None | bool | float | str | Day | Thing | list[Any]

_UNITS: Final = {
    "years": "months", "quarters": "months", "months": "months",
    "weeks": "seconds", "days": "seconds", "hours": "seconds", "minutes": "seconds", "seconds": "seconds",
}  # fmt: skip
_SIZES: Final = {"years": 12, "quarters": 3, "months": 1, "weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}  # fmt: skip


def unit_of(name: str) -> str:
    """The unit of time a formula names, in either number.

    Raises:
        KeyError: It is none.
    """
    plural = name if name.endswith("s") else f"{name}s"
    _UNITS[plural]
    return plural


def shifted(day: Day, amount: float, unit: str) -> Day:
    """A date moved by an amount of time; a day stays a day when whole days are added."""
    unit = unit_of(unit)

    def move(value: date | datetime) -> date | datetime:
        size = int(amount) * _SIZES[unit]
        if _UNITS[unit] == "months":
            months = value.year * 12 + value.month - 1 + size
            year, month = divmod(months, 12)
            return value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))
        if size % 86_400 == 0:
            return value + timedelta(seconds=size)
        return instant(value) + timedelta(seconds=size)

    return Day(move(day.start), move(day.end) if day.end else None)


def between(later: Day, earlier: Day, unit: str) -> int:
    """Whole units of time from one date to another."""
    unit = unit_of(unit)
    one, other = later.moment, earlier.moment
    if _UNITS[unit] == "seconds":
        return int((one - other).total_seconds() / _SIZES[unit])
    low, high = min(one, other), max(one, other)
    months = (high.year - low.year) * 12 + high.month - low.month
    if shifted(Day(low), months, "months").moment > high:
        months -= 1
    return (months if one >= other else -months) // _SIZES[unit]


def day_of(value: Any) -> Day | None:
    """A date property's value as a `Day`."""
    if not value:
        return None
    if isinstance(value, str):
        return Day(parse(value))
    return Day(parse(value["start"]), parse(value["end"]) if value.get("end") else None)


def shown_day(day: Day) -> Json:
    """A `Day` as a date property shows one."""

    def text(value: date | datetime) -> str:
        if not isinstance(value, datetime):
            return value.isoformat()
        return value.replace(second=0, microsecond=0).isoformat(timespec="milliseconds")

    return {"start": text(day.start), "end": text(day.end) if day.end else None, "time_zone": None}


_FORMAT: Final = re.compile(r"\[[^\]]*\]|YYYY|YY|MMMM|MMM|MM|M|DDDD|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|A|a|LL|L")
_NAMES: Final = {
    "YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "DD": "%d", "DDDD": "%j", "dddd": "%A", "ddd": "%a",
    "HH": "%H", "hh": "%I", "mm": "%M", "ss": "%S", "L": "%m/%d/%Y",
}  # fmt: skip


def formatted(day: Day, pattern: str) -> str:
    """A date by a pattern as `formatDate` takes one."""
    moment = day.moment

    def part(match: re.Match[str]) -> str:
        code = match[0]
        if code.startswith("["):
            return code[1:-1]
        if code == "LL":
            return f"{moment:%B} {moment.day}, {moment.year}"
        if code in {"A", "a"}:
            half = "AM" if moment.hour < 12 else "PM"
            return half if code.isupper() else half.lower()
        plain = {"M": moment.month, "D": moment.day, "H": moment.hour, "h": (moment.hour - 1) % 12 + 1}
        plain |= {"m": moment.minute, "s": moment.second}
        return str(plain[code]) if code in plain else moment.strftime(_NAMES[code])

    return _FORMAT.sub(part, pattern)


def text_of(value: Value) -> str:
    """A value as text, as `format` writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, list):
        return ", ".join(text_of(entry) for entry in value)
    if isinstance(value, Thing):
        return value.name
    if isinstance(value, Day):
        if value.end is not None:
            return f"{text_of(Day(value.start))} → {text_of(Day(value.end))}"
        whole = not isinstance(value.start, datetime)
        return formatted(value, "LL" if whole else "LL h:mm A")
    return value


def from_seconds(seconds: float) -> Day:
    """The moment so many seconds after the epoch."""
    return Day(datetime.fromtimestamp(seconds, UTC))
