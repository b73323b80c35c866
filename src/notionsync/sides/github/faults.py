"""What GitHub's refusals mean, and how long to wait for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from github.GithubException import GithubException, RateLimitExceededExceedsMaxWait, RateLimitExceededException
from github.GithubRetry import GithubRetry
from requests.exceptions import RequestException

from notionsync.errors import AccessError, MovedError, NotFoundError, NotionSyncError, TransientError, UsageError

if TYPE_CHECKING:
    from types import TracebackType

    from urllib3.connectionpool import ConnectionPool
    from urllib3.response import HTTPResponse
    from urllib3.util.retry import Retry

LONGEST_WAIT = 120.0
"""Seconds that a rate limit may hold a run up; beyond that the next run is the better one to go on."""
_TRIES = 4
_ONCE = re.compile(r"POST .*(?:/pulls|/issues|/git/refs)|PATCH .*/git/refs/.*")
"""What a second request would make a second time, or what has to be looked at before it is asked for again."""
_METHODS = frozenset({"GET", "POST", "PATCH"})
"""Those of our requests; PyGithub's own retries leave PATCH out, which says what a thing shall be, and can be said twice."""
_WRITABLE = {
    "contents": "give the job `contents: write`, or use a token that may write to the repository's contents",
    "pull-requests": "give the job `pull-requests: write`, and let Actions create pull requests (Settings → Actions → General)",
    "issues": "give the job `issues: write`, or use a token that may write issues; without --issues none are needed",
}
_RULES = ("protected branch", "rule violations", "changes must be made through a pull request", "required status check")


class Patience(GithubRetry):
    """PyGithub's retries, which otherwise obey any `Retry-After` however long it is.

    Args:
        pause: Seconds before the second try of a request that met a server error; doubled for each further one.
        options: As urllib3's `Retry`.
    """

    def __init__(self, *, pause: float = 1.0, **options: Any) -> None:
        options.setdefault("total", _TRIES)
        options.setdefault("allowed_methods", _METHODS)
        options.setdefault("backoff_factor", pause)
        options.setdefault("max_rate_limit_wait", LONGEST_WAIT)
        super().__init__(**options)

    def increment(  # type: ignore[override]
        self,
        method: str | None = None,
        url: str | None = None,
        response: HTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Retry:
        """Count one more failure; raise when GitHub asks for more patience than a run has.

        What cannot be made twice is not asked for again blindly: whoever asked looks whether it is there.
        """
        if _ONCE.fullmatch(f"{method} {urlsplit(url or '').path}"):
            if error is not None:
                raise error
            if response and response.status >= 500:
                response.drain_conn()
                raise GithubException(response.status, {"message": "no answer to tell whether it was made"}, {})
        wait = self.get_retry_after(response) if response else None
        if response and wait is not None and wait > LONGEST_WAIT:
            response.drain_conn()
            raise RateLimitExceededExceedsMaxWait(
                response.status, {"message": "rate limit"}, dict(response.headers), wait=wait
            )
        return super().increment(method, url, response, error, _pool, _stacktrace)


@contextmanager
def translated(what: str, needs: str = "contents") -> Iterator[None]:
    """Raise what GitHub and the way there answer as errors of ours.

    Args:
        what: What was asked of which repository; begins the message.
        needs: The permission that it needs: `contents`, `pull-requests` or `issues`.

    Raises:
        AccessError: The token is refused, or may not do this; a rule of the branch forbids it.
        NotFoundError: There is no such thing, or the token does not see it.
        MovedError: The branch is not where it was.
        TransientError: GitHub is busy, out of reach, or limits the rate.
        UsageError: Anything else that GitHub refuses.
    """
    try:
        yield
    except GithubException as error:
        raise _meaning(what, needs, error) from error
    except RequestException as error:  # its text may hold the address, never the token
        raise TransientError(f"{what}: GitHub cannot be reached ({type(error).__name__})") from error


def _meaning(what: str, needs: str, error: GithubException) -> NotionSyncError:
    said = _said(error)
    text = f"{what}: {said}"
    lower = said.lower()
    if isinstance(error, RateLimitExceededException) or error.status == 429:
        return TransientError(f"{what}: GitHub's rate limit is used up", advice="run the same command again later")
    if error.status >= 500:
        return TransientError(text)
    if any(rule in lower for rule in _RULES):
        return AccessError(text, advice="publish through a pull request: --pull-request")
    match error.status:
        case 401:
            return AccessError(f"{what}: GitHub refuses the token", advice="set GITHUB_TOKEN to one that is valid")
        case 403:
            return AccessError(text, advice=_WRITABLE[needs])
        case 404:
            return NotFoundError(
                f"{what}: there is none, or the token does not see it", advice="check the name and GITHUB_TOKEN"
            )
        # A merge or another push is going on (409), or has just ended (422, as git says it).
        case 409 if "empty" not in lower:
            return MovedError(text)
        case 409:
            return UsageError(text, advice="commit a file to it first, such as a README")
        case 422 if "fast forward" in lower.replace("-", " "):
            return MovedError(text)
        case _:
            return UsageError(text)


def _said(error: GithubException) -> str:
    data = error.data
    if not isinstance(data, dict):
        return f"GitHub answered {error.status}"
    reasons = [
        str(entry["message"]) for entry in data.get("errors", ()) if isinstance(entry, dict) and "message" in entry
    ]
    return "; ".join([str(data.get("message") or f"GitHub answered {error.status}"), *reasons])
