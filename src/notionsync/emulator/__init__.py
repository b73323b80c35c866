"""A stand-in for the Notion API: a WSGI application on SQLite that speaks versions 2025-09-03 and 2026-03-11.

    app = create_app()
    client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://emulator")

It shares nothing with the client side of this package, so that a mistake is not made on both sides of a test.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from notionsync.emulator.clock import Clock
from notionsync.emulator.settings import BOT_TOKEN, PERSON_TOKEN, RateLimit, Settings, User

if TYPE_CHECKING:
    from notionsync.emulator.http.app import Emulator

__all__ = ["BOT_TOKEN", "PERSON_TOKEN", "Clock", "RateLimit", "Settings", "User", "create_app"]


def create_app(
    path: str | Path = ":memory:",
    *,
    clock: Clock | Callable[[], datetime | float] | None = None,
    settings: Settings | None = None,
) -> Emulator:
    """An emulated workspace as a WSGI application; needs Flask (`pip install "notionsync[emulator]"`).

    Args:
        path: The SQLite file that holds it; in memory by default.
        clock: Its time: a `Clock`, or any function that returns a time. The machine's when None.
        settings: Users, tokens, and what to do where the real service's behaviour is unknown.

    Raises:
        ModuleNotFoundError: Flask is not installed.
    """
    from notionsync.emulator.http.app import create_app as create

    return create(path, clock=clock, settings=settings)
