"""Notion behind typed calls: pace, repeats, unknown outcomes, paging, limits."""

from notionsync.sides.notion.client import DEFAULT_BASE_URL, Patience
from notionsync.sides.notion.pace import Clock, SystemClock
from notionsync.sides.notion.shapes import Bot, DataSource, Found, Listing, Person, Written
from notionsync.sides.notion.side import Notion

__all__ = [
    "DEFAULT_BASE_URL",
    "Bot",
    "Clock",
    "DataSource",
    "Found",
    "Listing",
    "Notion",
    "Patience",
    "Person",
    "SystemClock",
    "Written",
]
