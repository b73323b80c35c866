"""Requests to Notion: notion-client underneath, our own pace and repeats above.

notion-client's own repeats are off: they skip 409, 502, 504, 529, timeouts and broken connections, and know no pace.
What may be repeated, and when, follows developers.notion.com/reference/status-codes; there are no idempotency keys.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import notion_client
import tenacity
from notion_client.errors import NotionClientErrorBase

from notionsync.errors import AccessError, TransientError, UnknownOutcomeError, UsageError
from notionsync.sides.notion import faults
from notionsync.sides.notion.faults import Fault, FaultError
from notionsync.sides.notion.pace import Clock, Pace

VERSION = "2026-03-11"
DEFAULT_BASE_URL = "https://api.notion.com"
_TIMEOUT_MS = 65_000
"""The service itself gives up after 60 s; hearing its answer is better than an unknown outcome."""
_ATTEMPTS_TO_REACH = 3
"""Tries to connect while nobody has ever answered: a wrong address should be told soon."""

Answer = dict[str, Any]
T = TypeVar("T")
Landed = Callable[[Fault], Answer | None]
"""Looks whether a write of unknown outcome was applied: its answer, or None to send it again."""

_log = logging.getLogger("notionsync.notion")
_log.addHandler(logging.NullHandler())


class _NoQueries(logging.Filter):
    """Takes the query off the addresses that httpx logs: signed file addresses are as good as passwords."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(a.copy_with(query=None) if isinstance(a, httpx.URL) else a for a in record.args)
        return True


_no_queries = _NoQueries()


@dataclass(frozen=True, slots=True)
class Patience:
    """When to give up on one request.

    Attributes:
        attempts: How often it is sent at most.
        seconds: How long its repeats may take in all, waiting included.
    """

    attempts: int = 8
    seconds: float = 300.0


class Client:
    """Sends requests at the pace, repeats what may be repeated, and raises our own errors. Thread-safe.

    Args:
        token: The integration's secret.
        base_url: Where the API is, with or without a path; `/v1` is put behind it.
        transport: An httpx transport to use instead of the network.
        pace: Requests a minute.
        clock: Whose time counts.
        patience: When to give up.
        log: Where notion-client logs; never sees the token, nor the query of a file's address.

    Raises:
        AccessError: There is no token, or it cannot be one.
        UsageError: `base_url` is no address.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        transport: httpx.BaseTransport | None,
        pace: int,
        clock: Clock,
        patience: Patience,
        log: logging.Logger | None,
    ) -> None:
        base_url = base_url.strip().rstrip("/").removesuffix("/v1")
        self.host = _host(base_url)
        self.pace = Pace(pace, clock)
        self.clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._requests = 0
        self._waited = 0.0
        self._reached = False
        self._seen = threading.local()
        logging.getLogger("httpx").addFilter(_no_queries)
        self._http = httpx.Client(transport=transport, event_hooks={"response": [self._remember_date]})
        self.api = notion_client.Client(
            client=self._http,
            auth=_checked(token),
            base_url=base_url,
            notion_version=VERSION,
            timeout_ms=_TIMEOUT_MS,
            retry=False,
            logger=log or _log,
            log_level=(log or _log).level,
        )

    @property
    def requests(self) -> int:
        """How many requests were sent, repeats included."""
        return self._requests

    @property
    def waited(self) -> float:
        """How many seconds were spent waiting because the service refused or failed, the pace left aside."""
        return self._waited

    @property
    def server_time(self) -> float:
        """What the service's clock said in the last answer this thread got; 0.0 if it never told."""
        return getattr(self._seen, "date", 0.0)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def read(self, send: Callable[[], Any], *, item: str) -> Answer:
        """Send a request that changes nothing, and repeat it until it goes well.

        Args:
            send: Sends it once, through `self.api`.
            item: What is being read, for errors.

        Raises:
            AccessError: Refused, not found or not shared.
            ContentError: Notion calls the request invalid.
            TransientError: Out of patience.
        """
        return self.repeat(lambda: self._once(send), item=item)

    def write(self, send: Callable[[], Any], *, item: str, landed: Landed) -> Answer:
        """Send a request that changes something.

        It is repeated at once when the service refused it unread (429, 529) or was not reached. After a collision (409) or an
        unknown outcome (5xx, timeout, broken connection, garbled success) `landed` looks first.

        Args:
            send: Sends it once, through `self.api`.
            item: What is being written, for errors.
            landed: Looks whether the write was applied; raises if what it finds is neither the old nor the new.

        Raises:
            UnknownOutcomeError: Out of patience, and it may or may not have been applied.
            AccessError: Refused, not found or not shared.
            ContentError: Notion calls the content invalid.
            TransientError: Out of patience, and it was not applied.
        """
        doubt: Fault | None = None

        def attempt() -> Answer:
            nonlocal doubt
            if doubt is not None:
                found = self._look(landed, doubt, item)
                if found is not None:
                    return found
            try:
                return self._once(send)
            except FaultError as error:
                if error.fault.lost or error.fault.collided:
                    doubt = error.fault  # and stays: what was lost may land late
                raise

        return self.repeat(attempt, item=item, write=True)

    def _look(self, landed: Landed, fault: Fault, item: str) -> Answer | None:
        try:
            return landed(fault)
        except UnknownOutcomeError:
            raise
        except TransientError as error:
            raise self._unknown(fault, item) from error

    def _unknown(self, fault: Fault, item: str) -> UnknownOutcomeError:
        said = faults.to_error(fault, item, self.host).message
        return UnknownOutcomeError(f"{said}; it may or may not have been saved", advice="run the same command again")

    def repeat(self, attempt: Callable[[], T], *, item: str, host: str = "", write: bool = False) -> T:
        """Call something until it goes well, waiting longer each time, or as long as the service asks.

        Args:
            attempt: Does it once; raises `FaultError`.
            item: What it is about, for errors.
            host: Who is asked; the API itself if empty.
            write: Whether a lost reply leaves the outcome unknown.

        Raises:
            NotionSyncError: What the last fault means.
        """
        started = self.clock.monotonic()
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda e: isinstance(e, FaultError) and e.fault.passing),
            wait=_wait,
            stop=lambda state: self._out_of_patience(state, started),
            sleep=self._rest,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except FaultError as error:
            if write and error.fault.lost:
                raise self._unknown(error.fault, item) from error
            raise faults.to_error(error.fault, item, host or self.host) from error

    def _rest(self, seconds: float) -> None:
        with self._lock:
            self._waited += seconds
        self.clock.sleep(seconds)

    def _out_of_patience(self, state: tenacity.RetryCallState, started: float) -> bool:
        attempts = self._patience.attempts
        fault = _fault(state)
        if not self._reached and not fault.sent:
            attempts = min(attempts, _ATTEMPTS_TO_REACH)
        spent = self.clock.monotonic() - started
        return state.attempt_number >= attempts or spent + state.upcoming_sleep > self._patience.seconds

    def _once(self, send: Callable[[], Any]) -> Answer:
        """Send once, at the pace.

        Raises:
            FaultError: No success.
        """
        self.pace.wait()
        with self._lock:
            self._requests += 1
        try:
            answer = send()
        except (httpx.HTTPError, httpx.InvalidURL, NotionClientErrorBase, ValueError) as error:
            fault = faults.read(error, self.clock.now())
            self._reached = self._reached or fault.status > 0
            self._adapt(fault)
            raise FaultError(fault) from error
        self._reached = True
        self.pace.speed_up()
        if not isinstance(answer, dict):
            raise FaultError(Fault(status=200, message="an answer that is not an object"))
        return answer

    def _adapt(self, fault: Fault) -> None:
        if fault.slow:
            self.pace.slow_down()
        if fault.busy and fault.retry_after:
            self.pace.close_for(min(fault.retry_after, self._patience.seconds))

    def _remember_date(self, response: httpx.Response) -> None:
        try:
            self._seen.date = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
        except ValueError:
            self._seen.date = 0.0


_backoff = tenacity.wait_exponential_jitter(initial=1, max=60, jitter=1)


def _fault(state: tenacity.RetryCallState) -> Fault:
    error = state.outcome.exception() if state.outcome else None
    return error.fault if isinstance(error, FaultError) else Fault()


def _wait(state: tenacity.RetryCallState) -> float:
    """Wait as long as the service asked, else longer with each attempt."""
    asked = _fault(state).retry_after
    return _backoff(state) if asked is None else asked


def _host(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        host, port, parts = "", "", urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError("the address of the Notion API is not an http(s) address", advice=faults.BASE_URL)
    return host + port


def _checked(token: str) -> str:
    """Return the token as a header can carry it; what is wrong is told without showing it."""
    token = token.strip()
    if not token:
        raise AccessError("there is no Notion token", advice=faults.TOKEN)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise AccessError("the Notion token holds characters that no token has", advice=faults.TOKEN)
    return token


def text(answer: Mapping[str, Any], key: str) -> str:
    """Return a text field of an answer, empty if it is missing or something else."""
    value = answer.get(key)
    return value if isinstance(value, str) else ""


def objects(answer: Mapping[str, Any], key: str) -> list[Answer]:
    """Return a list field of an answer, without what is no object."""
    value = answer.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def mapping(answer: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an object field of an answer, empty if it is missing or something else."""
    value = answer.get(key)
    return value if isinstance(value, dict) else {}
