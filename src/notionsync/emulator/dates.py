"""Date values: what may be sent, and how the service writes them back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notionsync.emulator.shapes import nullable, obj, string, wrong

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def parse(text: str) -> date | datetime:
    """A date, or a time with its zone (UTC when it names none).

    Raises:
        ValueError: It is no ISO 8601 date.
    """
    if _DAY.match(text):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def instant(value: date | datetime) -> datetime:
    """A parsed date as a moment: a day is its beginning, in UTC."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def iso_date(value: Any, path: str) -> None:
    """An ISO 8601 date or time."""
    string()(value, path)
    try:
        parse(value)
    except ValueError:
        raise wrong(path, "a valid ISO 8601 date string", value) from None


def _zone(value: Any, path: str) -> None:
    string()(value, path)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise wrong(path, "a valid IANA time zone", value) from None


date_request = obj({"start": iso_date}, {"end": nullable(iso_date), "time_zone": nullable(_zone)})


def _written(text: str, zone: str | None) -> str:
    if _DAY.match(text):
        return text
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
    elif zone:
        moment = moment.astimezone(ZoneInfo(zone))
    return moment.replace(second=0, microsecond=0).isoformat(timespec="milliseconds")


def normal_date(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """A date as it is stored: seconds dropped, the zone folded into the offset, a naive time taken as UTC."""
    if value is None:
        return None
    zone = value.get("time_zone")
    end = value.get("end")
    return {
        "start": _written(value["start"], zone),
        "end": _written(end, zone) if end else None,
        "time_zone": None,
    }
