"""Faults on demand: which requests they meet, and what becomes of those.

A fault addresses requests by method, path and occurrence. It either fails them (before or after the change is made), bends
their answer, or lets something happen in the workspace between two requests.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

import httpx

from notionsync.emulator.errors import ApiError

Json = dict[str, Any]

FAILURES: Final = (
    "rate_limited",
    "conflict",
    "internal_error",
    "bad_gateway",
    "unavailable",
    "gateway_timeout",
    "overloaded",
    "dropped",
    "timeout",
)
BENDS: Final = ("truncated", "stale", "slow")
EVENTS: Final = ("person", "unshare", "share", "erase", "revoke_token", "advance", "call")
KINDS: Final = (*FAILURES, *BENDS, *EVENTS)
_NEEDED: Final[Mapping[str, Mapping[str, Any]]] = {
    **{key: {"id": str} for key in ("unshare", "share", "erase")},
    "person": {"requests": list},
    "revoke_token": {"token": str},
    "advance": {"seconds": int | float},
    "call": {"call": Callable},
}
_POSSIBLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "rate_limited": {"reason": str},
    "slow": {"seconds": int | float},
    "truncated": {"keep": int, "silent": bool},
}
_FIELDS: Final[Mapping[str, Any]] = {
    "method": str | None,
    "path": str,
    "nth": int,
    "times": int | None,
    "probability": int | float | None,
    "seed": int,
    "applied": bool,
    "retry_after": int,
}


class DroppedConnection(httpx.RemoteProtocolError, ConnectionError):  # noqa: N818  (an event)
    """The connection is closed without an answer.

    In process it reaches the client as the transport error that a real connection would have caused; a server that
    sees it closes the socket.
    """

    def __init__(self) -> None:
        super().__init__("Server disconnected without sending a response.")


class NoAnswer(httpx.ReadTimeout, ConnectionError):  # noqa: N818  (a time-out, as the client names it)
    """No answer comes in time."""

    def __init__(self) -> None:
        super().__init__("The read operation timed out.")


class HtmlAnswer(Exception):  # noqa: N818  (an answer that is not JSON)
    """A gateway's own page instead of an answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass
class Fault:
    """One fault.

    Attributes:
        kind: What happens, one of `KINDS`.
        method: Method of the requests it meets; every one when None.
        path: Their path, as a pattern with `*`, or with `{id}` for any id (`/v1/blocks/{id}/children`).
        nth: It begins with the n-th such request, counted from one.
        times: How many requests it meets then; None for all that follow.
        probability: It meets each of them only with this probability.
        seed: Of that chance.
        applied: For a failure: the change is made all the same. For an event: it happens after the request.
        retry_after: Seconds in the `Retry-After` header, where there is one.
        options: What the kind needs besides: `reason` (rate_limited), `seconds` (slow, advance), `keep` and `silent`
            (truncated), `id` (unshare, share, erase), `token` (revoke_token), `requests` (person: a list of method,
            path and body), `call` (call: a function).
    """

    kind: str
    method: str | None = None
    path: str = "/v1/*"
    nth: int = 1
    times: int | None = 1
    probability: float | None = None
    seed: int = 0
    applied: bool = False
    retry_after: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    met: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known are {', '.join(KINDS)}")
        needed, possible = _NEEDED.get(self.kind, {}), _POSSIBLE.get(self.kind, {})
        options = {**needed, **possible}
        for name in needed:
            if name not in self.options:
                raise ValueError(f"{self.kind} needs {name!r}")
        for name, value in self.options.items():
            if name not in options:
                allowed = ", ".join([*options, *_FIELDS])
                raise ValueError(f"{self.kind} knows no {name!r}; it knows {allowed}")
            _fitting(name, value, options[name])
        for name, kind in _FIELDS.items():
            _fitting(name, getattr(self, name), kind)
        # A chance that can be repeated, not a secret.
        self._chance = random.Random(self.seed)  # noqa: S311

    def meets(self, method: str, path: str, kind: str) -> bool:
        """Whether it takes this request, which is counted."""
        if self.method is not None and self.method.upper() != method:
            return False
        if self.path != kind.partition(" ")[2] and not fnmatchcase(path, self.path):
            return False
        self.met += 1
        if self.met < self.nth or (self.times is not None and self.fired >= self.times):
            return False
        if self.probability is not None and self._chance.random() >= self.probability:
            return False
        self.fired += 1
        return True

    def shown(self) -> Json:
        """The fault as the control endpoint shows it."""
        names = ("method", "path", "nth", "times", "probability", "seed", "applied", "retry_after", "met", "fired")
        options = {
            name: value for name, value in self.options.items() if isinstance(value, str | int | float | list | dict)
        }
        return {"fault": self.kind, **{name: getattr(self, name) for name in names}, **options}


def _fitting(name: str, value: Any, kind: Any) -> None:
    # To Python a truth is a number, too.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} cannot be {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} cannot be {value!r}")


def from_json(given: Json) -> Fault:
    """A fault from the body of a control request; the fields of `Fault`, its options beside them.

    Raises:
        ValueError: The kind is unknown, or a value makes no sense.
    """
    named = {"method", "path", "nth", "times", "probability", "seed", "applied", "retry_after"}
    own = {name: value for name, value in given.items() if name in named}
    if not isinstance(given.get("fault"), str) or given["fault"] == "call":
        raise ValueError(f'send {{"fault": …}} with one of {", ".join(KINDS)}')
    options = {name: value for name, value in given.items() if name not in {*named, "fault"}}
    return Fault(given["fault"], options=options, **own)


class Faults:
    """The faults in force."""

    def __init__(self, arm: Callable[[Fault], Fault] = lambda fault: fault) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._arm = arm

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, kind: str, **fields: Any) -> Fault:
        """Put a fault in force; see `Fault` for the fields, everything else becomes one of its options."""
        named = set(Fault.__dataclass_fields__) - {"kind", "options", "met", "fired"}
        options = {name: value for name, value in fields.items() if name not in named}
        fault = Fault(kind, options=options, **{name: value for name, value in fields.items() if name in named})
        return self.put(fault)

    def put(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        fault = self._arm(fault)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Lift all faults."""
        with self._lock:
            self._faults.clear()

    def shown(self) -> list[Json]:
        """The faults in force, with how often each met and took a request."""
        with self._lock:
            return [fault.shown() for fault in self._faults]

    def meeting(self, method: str, path: str, kind: str) -> Sequence[Fault]:
        """The faults that take a request, in the order they were put in force."""
        if not self._faults:
            return ()
        with self._lock:
            return [fault for fault in self._faults if fault.meets(method, path, kind)]


_UNAVAILABLE: Final = "Public API service is temporarily unavailable, please try again later."
_SAVED: Final = (
    "The change was saved, but the answer did not finish in time. Do not send the request again; read the resource."
)


def failure(fault: Fault, answer: Json | None) -> Exception:
    """The exception that a failing request ends with.

    Args:
        fault: A fault of one of the `FAILURES`.
        answer: What the request would have answered, when its change was made.
    """
    build = _BUILD[fault.kind]
    return build(fault, answer)


def _rate_limited(fault: Fault, _answer: Json | None) -> Exception:
    return rate_limited(fault.retry_after, str(fault.options.get("reason", "public_api_request_rate_limit")))


def rate_limited(seconds: int, reason: str) -> ApiError:
    """429 with the seconds to wait, as header and as data."""
    return ApiError(
        429,
        "rate_limited",
        "You have been rate limited. Please try again in a few minutes.",
        additional_data={"retry_after": str(seconds), "rate_limit_reason": reason},
        headers={"retry-after": str(seconds)},
    )


def _unavailable(fault: Fault, answer: Json | None) -> Exception:
    headers = {"retry-after": str(fault.retry_after)}
    if answer is None:
        return ApiError(503, "service_unavailable", _UNAVAILABLE, headers=headers)
    data: Json = {
        "from": "public_api",
        "elapsed_ms": 60_010,
        "deadline_ms": 60_000,
        "retry_guidance": ["do_not_retry", "read_committed_resource"],
    }
    if "id" in answer:
        data["committed_resource_id"] = answer["id"]
    elif answer.get("results"):
        first = answer["results"][0].get("parent", {})
        data["committed_resource_id"] = first.get(first.get("type"))
        data["committed_child_ids"] = [entry["id"] for entry in answer["results"]]
    return ApiError(503, "service_unavailable", _SAVED, additional_data=data, headers=headers)


def _plain(status: int, code: str, message: str, *, wait: bool = False) -> Callable[[Fault, Json | None], Exception]:
    def build(fault: Fault, _answer: Json | None) -> Exception:
        headers = {"retry-after": str(fault.retry_after)} if wait else {}
        return ApiError(status, code, message, headers=headers)

    return build


_BUILD: Final[Mapping[str, Callable[[Fault, Json | None], Exception]]] = {
    "rate_limited": _rate_limited,
    "conflict": _plain(409, "conflict_error", "Conflict occurred while saving. Please try again."),
    "internal_error": _plain(500, "internal_server_error", "Unexpected error occurred."),
    "bad_gateway": lambda _fault, _answer: HtmlAnswer(
        502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>"
    ),
    "unavailable": _unavailable,
    "gateway_timeout": _plain(504, "gateway_timeout", "The request took too long to process."),
    "overloaded": _plain(529, "service_overload", "The service is overloaded. Please try again later.", wait=True),
    "dropped": lambda _fault, _answer: DroppedConnection(),
    "timeout": lambda _fault, _answer: NoAnswer(),
}


def truncated(fault: Fault, answer: Json) -> Json:
    """A listing that ends early: with the sign of an incomplete one, or `silent`ly."""
    if "results" not in answer:
        return answer
    kept = answer["results"][: int(fault.options.get("keep", 0))]
    bent = {**answer, "results": kept, "next_cursor": None, "has_more": False}
    if not fault.options.get("silent"):
        bent["request_status"] = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
    return bent
