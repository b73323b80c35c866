"""Values of the front matter as a list shows them: dates, lists, numbers, without regard to the machine's language."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from notionsync.config import Region
from notionsync.convert.typed import as_typed
from notionsync.errors import ConfigError
from notionsync.model import FieldValue

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d))?.*")
_DIRECTIVE: Final = re.compile(r"%(-?.?)")


def shown(value: FieldValue, region: Region) -> str:
    """Return a value as the list shows it.

    >>> shown("2022-01-07", Region(date_format="%B %d, %Y")), shown(("CNN", "RNN"), Region(join=" · "))
    ('January 07, 2022', 'CNN · RNN')

    Raises:
        ConfigError: The date format has a directive that there is not.
    """
    if isinstance(value, tuple):
        return region.join.join(shown(item, region) for item in value)
    if isinstance(value, bool):
        return "✓" if value else ""
    if value is None:
        return ""
    text = as_typed(value)
    return _dated(text, region) if region.date_format and isinstance(value, str) else text


def as_question(value: FieldValue) -> str:
    """Return the text of a question; what YAML took for a number, a truth value or a list was typed as text.

    >>> as_question(True), as_question(("0", "1"))
    ('true', '[0, 1]')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return "" if value is None else as_typed(value)


def words(value: FieldValue) -> tuple[str, ...]:
    """Return a value as the texts that a filter or a group knows it by; none for a value that is not there."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return () if value is None or value == "" else (as_typed(value),)


def _dated(text: str, region: Region) -> str:
    """Return a text with its date, or both ends of its range, in the region's format; any other text as it is."""
    ends = [_DATE.fullmatch(end.strip()) for end in text.split("/")]
    if len(ends) > 2 or not all(ends):
        return text
    try:
        return " – ".join(_formatted(end, region) for end in ends if end)
    except ValueError:
        return text  # such as the 31st of February


def _formatted(match: re.Match[str], region: Region) -> str:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    hour, minute = match[4] or "00", match[5] or "00"
    month = _MONTHS[day.month - 1]
    week = _DAYS[day.weekday()]
    written = {
        "Y": f"{day.year:04}", "y": f"{day.year % 100:02}", "m": f"{day.month:02}", "-m": str(day.month), "d": f"{day.day:02}",
        "-d": str(day.day), "B": month, "b": month[:3], "A": week, "a": week[:3], "j": f"{day.timetuple().tm_yday:03}",
        "H": hour, "M": minute, "F": day.isoformat(), "%": "%",
    }  # fmt: skip

    def put(directive: re.Match[str]) -> str:
        if directive[1] not in written:
            known = ", ".join(f"%{key}" for key in written)
            raise ConfigError(
                f'notionsync.toml: [[region]] "{region.name}" date_format: no {directive[0]}; known are {known}'
            )
        return written[directive[1]]

    return _DIRECTIVE.sub(put, region.date_format)
