"""Dates as people write them and as Notion keeps them.

    2026-07-01                              a day
    2026-07-01T10:00+09:00                  a moment; `Z` is UTC, and so is a time without an offset, as for Notion
    2026-07-01/2026-07-03                   a range
    2026-07-01T10:00[Asia/Seoul]            a moment in a named zone, where Notion returns one

Notion drops seconds and folds a zone into the offset, so the normal form has no seconds either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from notionsync.errors import ContentError

_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ]+(?P<time>\d\d?:\d\d)(?::\d\d(?:[.,]\d+)?)?(?: *(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?))?)?"
    r"(?:\[(?P<zone>[A-Za-z0-9_+\-/]+)\])?"
)
_RANGE = re.compile(r"(?P<start>[^/→\[]+(?:\[[^\]]+\])?)(?:\s*[/→]\s*(?P<end>.+))?")
_FORMS = "write 2026-07-01, 2026-07-01T10:00+09:00, or a range 2026-07-01/2026-07-03"


def from_api(value: Mapping[str, Any] | None) -> str | None:
    """Return Notion's date value in normal form."""
    if not value or not value.get("start"):
        return None
    zone = value.get("time_zone")
    ends = [_normal(str(end), str(zone) if zone else "") for end in (value["start"], value.get("end")) if end]
    return "/".join(ends)


def to_api(text: str) -> dict[str, Any]:
    """Return the value to send for a date as a person typed it.

    Raises:
        ContentError: It is no date.
    """
    start, end = _ends(text)
    zone = _zone(start) or (_zone(end) if end else None)
    value: dict[str, Any] = {"start": _sent(start)}
    if end:
        value["end"] = _sent(end)
    if zone:
        value["time_zone"] = zone
    return value


def normal(text: str) -> str:
    """Return a date as a person typed it in normal form.

    >>> normal("2026-07-01 9:05:30 +0900")
    '2026-07-01T09:05+09:00'

    Raises:
        ContentError: It is no date.
    """
    return "/".join(end for end in _ends(text) if end)


def same(one: str, other: str) -> bool:
    """Tell whether two dates in normal form mean the same moments.

    >>> same("2026-07-01T10:00+09:00", "2026-07-01T01:00Z")
    True
    """
    return [_moment(end) for end in one.split("/")] == [_moment(end) for end in other.split("/")]


def _ends(text: str) -> tuple[str, str]:
    found = _RANGE.fullmatch(text.strip())
    if not found:
        raise ContentError(f"{text!r} is no date", advice=_FORMS)
    start, end = _normal(found["start"]), _normal(found["end"]) if found["end"] else ""
    if end and ("T" in start) != ("T" in end):
        raise ContentError(
            f"{text!r}: a range begins and ends with a day, or begins and ends with a time", advice=_FORMS
        )
    return start, end


def _normal(text: str, zone: str = "") -> str:
    found = _MOMENT.fullmatch(text.strip())
    if not found or (found["zone"] and not found["time"]):
        raise ContentError(f"{text!r} is no date", advice=_FORMS)
    zone = zone or found["zone"] or ""
    moment = found["day"]
    if found["time"]:
        moment += f"T{found['time']:0>5}{_offset(found['offset'], zone)}"
    try:
        datetime.fromisoformat(moment)
    except ValueError as error:
        raise ContentError(f"{text!r} is no date", advice=_FORMS) from error
    short = moment.replace("+00:00", "Z")
    return f"{short}[{zone}]" if zone and found["time"] else short


def _offset(offset: str | None, zone: str) -> str:
    if not offset:
        return "" if zone else "+00:00"
    digits = offset.replace(":", "")
    if digits in {"Z", "z", "-0000", "-00"}:
        return "+00:00"
    return f"{digits[:3]}:{digits[3:] or '00'}"


def _zone(moment: str) -> str | None:
    return moment.partition("[")[2].rstrip("]") or None


def _sent(moment: str) -> str:
    """Return one end for a request: with seconds, without an offset where a zone says it."""
    plain, bracket, _ = moment.partition("[")
    if "T" not in plain:
        return plain
    return f"{plain[:16]}:00{'' if bracket else plain[16:]}"


def _moment(text: str) -> str | int:
    """Return a day or a moment in a named zone as it is, any other moment as minutes of UTC."""
    if "T" not in text or "[" in text:
        return text
    moment = datetime.fromisoformat(text)
    offset = moment.utcoffset() or timedelta(0)
    return (moment.toordinal() * 24 + moment.hour) * 60 + moment.minute - int(offset.total_seconds()) // 60
