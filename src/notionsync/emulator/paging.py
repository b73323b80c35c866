"""Pages of a listing: size and cursor."""

from __future__ import annotations

from typing import Any

from notionsync.emulator import errors
from notionsync.emulator.ids import canonical
from notionsync.emulator.shapes import Misshapen, number
from notionsync.emulator.workspace import Call, Workspace

Json = dict[str, Any]

LARGEST = 100


def size_of(ws: Workspace, value: Any, part: str, *, least: int = 0) -> int:
    """A `page_size`: up to 100; 0 acts like none, but for comments, as github.com/brekkylab/backlot/issues/375 reports."""
    most = LARGEST if ws.settings.page_size_over_limit == "refuse" else None
    try:
        number(least=least, most=most)(value, f"{part}.page_size")
    except Misshapen as finding:
        raise errors.failed(*finding.but(f"{part}.page_size", "`undefined`").problems, part=part) from None
    return min(int(value) or LARGEST, LARGEST)


def body_size(ws: Workspace, body: Json) -> int:
    """The `page_size` of a JSON body, 100 when there is none."""
    return size_of(ws, body["page_size"], "body") if "page_size" in body else LARGEST


def query_size(ws: Workspace, call: Call, *, least: int = 0) -> int:
    """The same, from a query string."""
    text = call.one("page_size")
    if text is None:
        return LARGEST
    try:
        value: Any = int(text)
    except ValueError:
        value = text  # which is no number, as the check will say
    return size_of(ws, value, "query", least=least)


def query_cursor(call: Call) -> str | None:
    """The `start_cursor` of a query string; it names the next item."""
    text = call.one("start_cursor")
    return uuid_cursor(text, "query") if text else None


def uuid_cursor(text: str, part: str) -> str:
    """A cursor that is an item's id."""
    identifier = canonical(text)
    if identifier is None:
        raise errors.failed(
            f'{part}.start_cursor should be a valid uuid or `undefined`, instead was `"{text}"`.', part=part
        )
    return identifier


def unknown_cursor(text: str) -> errors.ApiError:
    """A cursor of something that is not in the list."""
    return errors.invalid(f"The start_cursor provided is invalid: {text}")


def listing(results: list[Json], kind: str, *, cursor: str | None = None, **extra: Any) -> Json:
    """A list answer."""
    return {
        "object": "list",
        "results": results,
        "next_cursor": cursor,
        "has_more": cursor is not None,
        "type": kind,
        **(extra or {kind: {}}),
    }
