"""What an answer that is not a success means, and which of our errors says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from notion_client.errors import HTTPResponseError, RequestTimeoutError

from notionsync.errors import AccessError, ContentError, NotFoundError, NotionSyncError, TransientError, UsageError

BUSY = frozenset({429, 529})
"""Refused before anything was done: any request may be repeated."""
_BLOCKED = "public_api_request_blocked"
_SLOW = frozenset({429, 502, 503, 504, 529})
_BODY_SHOWN = 200
_UNSAYABLE = "unsayable"
_IMPOSSIBLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)

SHARE = "share the database with the integration: open it in Notion, ••• → Connections"
TOKEN = "set NOTION_TOKEN to the secret of your integration (notion.so/profile/integrations)"  # noqa: S105 - advice
BASE_URL = "check NOTION_BASE_URL; Notion itself is https://api.notion.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An answer that is not a success, or the lack of one.

    Attributes:
        status: HTTP status; 0 when there was no answer.
        code: Notion's own code; empty if the body had none.
        message: Notion's own words, or what httpx said.
        data: `additional_data` of the body.
        retry_after: Seconds the service asked to wait, or None.
        sent: Whether the request may have reached the service.
        local: The request could not even be made: an address or a header that HTTP does not allow.
    """

    status: int = 0
    code: str = ""
    message: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    retry_after: float | None = None
    sent: bool = True
    local: bool = False

    @property
    def busy(self) -> bool:
        """The service refused for its load alone, and did nothing."""
        return self.status in BUSY and self.data.get("rate_limit_reason") != _BLOCKED

    @property
    def collided(self) -> bool:
        """Somebody else saved at the same moment; nothing was saved for us, but what we know may be old."""
        return self.status == 409 and self.code != "row_limit_exceeded"

    @property
    def slow(self) -> bool:
        """The service is under load, and fewer requests would help."""
        return self.status in _SLOW

    @property
    def lost(self) -> bool:
        """The outcome is unknown: a server error, a garbled success, a timeout or a broken connection."""
        if self.local or not self.sent or self.status in BUSY:
            return False
        return self.status < 300 or self.status >= 500

    @property
    def passing(self) -> bool:
        """The same request can go well a moment later."""
        return self.busy or self.collided or self.lost or (not self.sent and not self.local)


class FaultError(Exception):
    """Carries a fault to whoever knows what was being done."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def read(error: Exception, now: float) -> Fault:
    """Understand what notion-client or httpx raised.

    Args:
        error: A `NotionClientErrorBase`, an httpx error, or a `ValueError` of writing or reading JSON.
        now: The time of day, for a `Retry-After` that is a date.
    """
    if isinstance(error, HTTPResponseError):
        return _answered(error, now)
    if isinstance(error, RequestTimeoutError):
        cause = error.__context__
        return Fault(message="no answer in time", sent=not isinstance(cause, httpx.ConnectTimeout | httpx.PoolTimeout))
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return Fault(status=200, message="an answer that is not JSON")
    if isinstance(error, ValueError):  # httpx could not write the body: half a surrogate pair, a number that is none
        return Fault(code=_UNSAYABLE, message=str(error), sent=False, local=True)
    if isinstance(error, httpx.TransportError) and not isinstance(error, _IMPOSSIBLE):
        return Fault(message=str(error) or type(error).__name__, sent=not isinstance(error, httpx.ConnectError))
    return Fault(message=type(error).__name__, sent=False, local=True)  # its text may quote a header


def _answered(error: HTTPResponseError, now: float) -> Fault:
    """Read the body ourselves: notion-client drops codes it does not know, with their message and data."""
    try:
        body = json.loads(error.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {"message": " ".join(error.body.split())[:_BODY_SHOWN]}
    code, message, data = body.get("code"), body.get("message"), body.get("additional_data")
    return Fault(
        status=error.status,
        code=code if isinstance(code, str) else "",
        message=message if isinstance(message, str) else "",
        data=data if isinstance(data, dict) else {},
        retry_after=_retry_after(error.headers.get("retry-after"), now),
    )


def _retry_after(value: str | None, now: float) -> float | None:
    """Read seconds or an HTTP date (RFC 9110 §10.2.3)."""
    if not value:
        return None
    try:
        return max(0.0, float(int(value)))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def to_error(fault: Fault, item: str, host: str) -> NotionSyncError:
    """Return the error that a person should see.

    Args:
        fault: What happened.
        item: What was being read or written, as in "page 38c9… (Batch Normalization)".
        host: Who was asked.
    """
    if fault.code == _UNSAYABLE:
        return ContentError(f"{item}: holds something that cannot be sent: {fault.message}")
    if fault.local:
        return UsageError(f"{item}: no request can be made to {host}: {fault.message}", advice=BASE_URL)
    if fault.passing:
        advice = "try again in a minute" if fault.sent else f"try again once the network is there; {BASE_URL}"
        return TransientError(f"{item}: {_trouble(fault, host)}", advice=advice)
    said = fault.message or f"HTTP {fault.status}"
    if fault.status == 401:
        return AccessError(f"{host} refused the token: {said}", advice=TOKEN)
    if fault.status in {403, 429}:
        return _forbidden(fault, item, said)
    if fault.status == 404 and fault.code == "object_not_found":
        return NotFoundError(f"{item}: not found, or not shared with the integration", advice=SHARE)
    if fault.status == 413:
        return ContentError(f"{item}: too large for one request", advice="split it")
    if not fault.code or fault.code == "invalid_request_url":
        return UsageError(f"{item}: {host} does not answer like Notion (HTTP {fault.status}: {said})", advice=BASE_URL)
    return ContentError(f"{item}: Notion refused it: {said}")


def _trouble(fault: Fault, host: str) -> str:
    if not fault.status:
        return f"cannot reach {host}: {fault.message}"
    if fault.status < 300:
        return f"{host} answered with {fault.message}"
    return f"{host} is busy or in trouble (HTTP {fault.status}{': ' if fault.message else ''}{fault.message})"


def _forbidden(fault: Fault, item: str, said: str) -> AccessError:
    if fault.data.get("rate_limit_reason") == _BLOCKED:
        return AccessError(
            f"{item}: Notion has blocked this integration's requests: {said}", advice="ask Notion's support"
        )
    if "block_limit" in fault.data:
        return AccessError(f"{item}: the workspace's block limit is reached: {said}", advice="upgrade the workspace")
    return AccessError(
        f"{item}: the integration may not do this: {said}",
        advice="give it the capability: notion.so/profile/integrations → the integration → Capabilities",
    )
