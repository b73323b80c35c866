"""Control endpoints below `/_emulator`: the request log, the clock and the faults. They are not part of the emulated API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from notionsync.emulator.clock import Clock
from notionsync.emulator.faults import Faults, from_json
from notionsync.emulator.http.requestlog import RequestLog

Json = dict[str, Any]


class ControlError(Exception):
    """A control request that makes no sense; answered as 400 with the reason."""


class Control:
    """Answers of the control endpoints."""

    def __init__(self, clock: Clock, log: RequestLog, faults: Faults) -> None:
        self._clock = clock
        self._log = log
        self._faults = faults

    def answer(self, method: str, name: str, body: Any) -> Json | None:
        """The answer to a control request; None when there is no such endpoint.

        Raises:
            ControlError: The body makes no sense.
        """
        given = body if isinstance(body, dict) else {}
        if name == "requests" and method == "GET":
            return self._log.shown()
        if name == "requests" and method == "DELETE":
            self._log.clear()
            return self._log.shown()
        if name == "clock" and method in {"GET", "POST"}:
            if method == "POST":
                self._set_clock(given)
            return {"now": self._clock.now().isoformat(), "frozen": self._clock.frozen}
        if name == "faults" and method in {"GET", "POST", "DELETE"}:
            if method == "POST":
                self._put_fault(given)
            elif method == "DELETE":
                self._faults.clear()
            return {"faults": self._faults.shown()}
        return None

    def _put_fault(self, given: Json) -> None:
        try:
            self._faults.put(from_json(given))
        except (TypeError, ValueError) as error:
            raise ControlError(str(error)) from None

    def _set_clock(self, given: Json) -> None:
        unknown = set(given) - {"advance", "set", "freeze"}
        if unknown or not given:
            raise ControlError('Send {"advance": seconds}, {"set": "2026-01-31T12:00:00Z"} or {"freeze": true}.')
        if "freeze" in given:
            (self._clock.freeze if given["freeze"] else self._clock.run)()
        try:
            if "set" in given:
                moment = datetime.fromisoformat(given["set"])
                self._clock.set(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
            if "advance" in given:
                seconds = float(given["advance"])
                # What cannot be shown must not be set: the clock stands in the head of every answer.
                datetime.fromtimestamp(self._clock.seconds() + seconds, UTC)
                self._clock.advance(seconds)
        except (OverflowError, TypeError, ValueError) as error:
            raise ControlError(str(error)) from None
