"""Holds what goes between any client and any emulator in any test to the official types, where those are at hand.

Every answer must fit the schema of its endpoint in its version. Every request of the SDK, which is what notionsync sends
with, must fit the strict schema of its endpoint.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from notionsync.emulator.http.app import Emulator, Heard
from notionsync.emulator.replay.schemas import ANSWERS, REQUESTS

SDK = "ramnes/notion-sdk-py"
ID = {"request_id": "00000000-0000-4000-8000-000000000000"}
"""What every answer carries on top; it is added last."""


class Witness:
    """Listens to every emulator of a test.

    Args:
        folder: The schemas.

    Raises:
        ModuleNotFoundError: The fast validator is not installed; the slow one would take hours.
    """

    def __init__(self, folder: Path) -> None:
        import jsonschema_rs

        def load(name: str) -> Any:
            return jsonschema_rs.Draft7Validator(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))

        self._validator = cache(load)
        self._lock = threading.Lock()
        self._findings: list[str] = []

    def __call__(self, heard: Heard) -> None:
        """Hold one exchange to the types."""
        endpoint = heard.kind
        if endpoint in ANSWERS:
            self._hold(f"responses/{heard.version}/{ANSWERS[endpoint]}", {**heard.answer, **ID}, endpoint)
        if endpoint in REQUESTS and heard.agent.startswith(SDK):
            self._hold(f"requests-strict/{REQUESTS[endpoint]}", heard.request or {}, endpoint)

    def _hold(self, name: str, value: Any, endpoint: str) -> None:
        for problem in self._validator(name).iter_errors(value):
            with self._lock:
                self._findings.append(f"{endpoint} does not fit {name}: {str(problem)[:600]}")
            break

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen for the time of a test; then nothing may have been found."""
        self._findings.clear()
        Emulator.witness = self
        try:
            yield
        finally:
            Emulator.witness = None
        assert self._findings == [], "\n".join(self._findings)
