"""The WSGI application: authentication, versions, bodies and answers around the operations.

Requests to the API do not pass through Flask's own dispatch, whose cost would be most of a small request's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple
from urllib.parse import parse_qs

from flask import Flask
from werkzeug.formparser import parse_form_data

from notionsync.emulator import errors, files, seeding
from notionsync.emulator.clock import Clock, FollowingClock, http_date
from notionsync.emulator.errors import ApiError
from notionsync.emulator.events import Events
from notionsync.emulator.faults import EVENTS, FAILURES, Fault, Faults, HtmlAnswer, failure, truncated
from notionsync.emulator.http import routes
from notionsync.emulator.http.control import Control, ControlError
from notionsync.emulator.http.requestlog import RequestLog
from notionsync.emulator.ratelimit import Limiter
from notionsync.emulator.seeding import Seeded
from notionsync.emulator.settings import Settings, User
from notionsync.emulator.shapes import Finding, listed
from notionsync.emulator.web.routes import blueprint
from notionsync.emulator.workspace import VERSIONS, Call, Workspace

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

Json = dict[str, Any]

LARGEST_BODY: Final = 500 * 1024
"""Bytes of a JSON request, https://developers.notion.com/reference/request-limits."""
_DENIED: Final = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
_OLDER: Final = ("2021-05-11", "2021-05-13", "2021-08-16", "2022-02-22", "2022-06-28")
"""Versions that the real service still answers."""
_JSON: Final = "application/json; charset=utf-8"
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    529: "Service Overloaded",
}


@dataclass(slots=True)
class Operation:
    """One request to the API on its way: its environment, route, ids, what it carries, and user."""

    environ: WSGIEnvironment
    route: routes.Route
    ids: tuple[str, ...]
    body: Any
    parts: dict[str, tuple[str, str, bytes]]
    user: User


class Heard(NamedTuple):
    """A request that was answered, for a witness.

    Attributes:
        kind: Method and path, ids as `{id}`.
        version: The `Notion-Version` asked for.
        agent: The client's `User-Agent`.
        request: The JSON body.
        answer: The answer, before faults bend it.
    """

    kind: str
    version: str
    agent: str
    request: Any
    answer: Json


class Emulator(Flask):
    """The emulated API as a WSGI application.

    Attributes:
        workspace: What it holds; to be looked at and changed in process.
        log: The requests it served.
        faults: What goes wrong on purpose.
        events: What happens in the workspace beside the requests.
        witness: Called with every request that succeeds, in the thread that serves it; for tests of tests.
    """

    witness: ClassVar[Callable[[Heard], None] | None] = None

    def __init__(self, workspace: Workspace) -> None:
        super().__init__("notionsync.emulator", static_folder=None)
        self.workspace = workspace
        self.log = RequestLog()
        self.events = Events(workspace)
        self.faults = Faults(self.events.armed)
        self._control = Control(workspace.clock, self.log, self.faults)
        if any(user.type == "person" for user in workspace.users.values()):
            self.register_blueprint(blueprint(self))
        self._limiter = Limiter(workspace.settings.rate_limit)

    @property
    def clock(self) -> Clock:
        """The emulated time."""
        return self.workspace.clock

    def seed(self, given: Mapping[str, Any]) -> Seeded:
        """Fill the workspace from JSON (see `notionsync.emulator.seeding`); all of it, or nothing.

        Raises:
            SeedError: Something in it does not fit.
        """
        return seeding.seed(self.workspace, given)

    def export(self) -> Json:
        """The workspace as JSON that `seed` takes, with ids and times."""
        return seeding.export(self.workspace)

    def close(self) -> None:
        """Close the database; the application answers no more."""
        self.workspace.close()

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        path = environ.get("PATH_INFO", "")
        # A base URL may carry a path; what stands before the API's own is of no concern here.
        at = f"{path}/".find("/v1/")
        if at >= 0:
            return self._api(environ, start_response, path[at + 4 :])
        at = path.find("/_emulator/")
        if at >= 0:
            return self._controlled(environ, start_response, path[at + 11 :])
        at = path.find(f"/{self.workspace.settings.workspace_id}/")
        if at >= 0:
            return self._file(environ, start_response, path[at:])
        return super().wsgi_app(environ, start_response)

    # -- the API ------------------------------------------------------------------------------------------------------

    def _api(self, environ: WSGIEnvironment, start_response: StartResponse, path: str) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        route, kind, ids = routes.find(method, path)
        request_id = self.workspace.ids.new("4")
        headers = {"x-notion-request-id": request_id}
        user: User | None = None
        content, content_type, status = b"", _JSON, 0
        try:
            met = self.faults.meeting(method, f"/v1/{path}", kind)
            # An address that does not exist and a body that is no JSON are told to strangers too, as seen on the real
            # service: github.com/Alknoma/minutehand, tests/data/notion_api.
            if route is None:
                raise errors.invalid_url()
            body, parts = _carried(environ)
            user = self._user(environ)
            operation = Operation(environ, route, ids, body, parts, user)
            answer = self._met(operation, met) if met else self._answer(operation)
            if "object" in answer:
                answer["request_id"] = request_id
            status, content = 200, _dumped(answer)
        except ApiError as error:
            status, content = error.status, _dumped(error.body(request_id))
            headers.update(error.headers)
        except HtmlAnswer as page:
            status, content, content_type = page.status, page.text.encode(), "text/html; charset=utf-8"
        finally:
            self.log.note(
                kind=kind,
                method=method,
                path=f"/v1/{path}",
                status=status,
                reads=route.reads if route else method == "GET",
                user=user.id if user else None,
            )
        return self._send(start_response, status, content, content_type, headers)

    def _met(self, operation: Operation, met: Sequence[Fault]) -> Json:
        """Answer a request that faults take."""
        workspace = None
        for fault in met:
            if fault.kind == "stale":
                workspace = fault.options["snapshot"]
            elif fault.kind == "slow":
                self._wait(float(fault.options.get("seconds", 1)))
            elif fault.kind in EVENTS and not fault.applied:
                self.events.happen(fault)
            elif fault.kind in FAILURES and not fault.applied:
                raise failure(fault, None)
        self._known(operation.environ)  # who may have lost their token just now
        answer = self._answer(operation, workspace)
        for fault in met:
            if fault.kind == "truncated":
                answer = truncated(fault, answer)
            elif fault.kind in EVENTS and fault.applied:
                self.events.happen(fault)
            elif fault.kind in FAILURES and fault.applied:
                raise failure(fault, answer)
        return answer

    def _wait(self, seconds: float) -> None:
        """Take time: the emulated one when that stands still, the machine's otherwise."""
        if self.clock.frozen:
            self.clock.advance(seconds)
        else:
            time.sleep(seconds)

    def _known(self, environ: WSGIEnvironment) -> tuple[str, User]:
        """The token of a request and whose it is."""
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            raise errors.unauthorized('Authorization header must use the format "Bearer <token>".')
        identifier = self.workspace.tokens.get(token.strip())
        if identifier is None:
            raise errors.unauthorized("API token is invalid.")
        return token, self.workspace.users[identifier]

    def _user(self, environ: WSGIEnvironment) -> User:
        token, user = self._known(environ)
        self._limiter.admit(token, self.clock.seconds())
        return user

    def _answer(self, operation: Operation, workspace: Workspace | None = None) -> Json:
        environ, route = operation.environ, operation.route
        version = environ.get("HTTP_NOTION_VERSION")
        if version not in VERSIONS:
            raise _wrong_version(version)
        if route.needs is not None and route.needs not in operation.user.capabilities:
            raise errors.restricted("Insufficient permissions for this endpoint.")
        call = Call(operation.user, version, _query(environ), base=_base(environ))
        call.body, call.parts = operation.body, operation.parts
        ws = workspace or self.workspace
        answer: Json = {}
        refusal: ApiError | None = None
        with ws.store.reading() if route.reads else ws.store.transaction():
            try:
                answer = route.operation(ws, call, *operation.ids)
            except ApiError as error:
                if not error.applied:
                    raise
                refusal = error
        if refusal is not None:
            raise refusal
        witness = type(self).witness
        if witness is not None:
            witness(Heard(route.kind, call.version, environ.get("HTTP_USER_AGENT", ""), call.body, answer))
        return answer

    # -- beside the API -----------------------------------------------------------------------------------------------

    def _controlled(self, environ: WSGIEnvironment, start_response: StartResponse, name: str) -> Iterable[bytes]:
        try:
            answer = self._control.answer(environ["REQUEST_METHOD"], name.strip("/"), _json_body(environ))
            status = 200 if answer is not None else 404
        except (ControlError, ApiError) as error:
            status, answer = 400, {"error": str(error)}
        return self._send(start_response, status, _dumped(answer or {"error": "There is no such endpoint."}), _JSON)

    def _file(self, environ: WSGIEnvironment, start_response: StartResponse, path: str) -> Iterable[bytes]:
        """A hosted file; without a valid signature, the refusal of the storage service behind the real URLs."""
        with self.workspace.store.reading():
            found = files.read(self.workspace, path, _query(environ))
        if found is None:
            return self._send(start_response, 403, _DENIED, "application/xml")
        return self._send(start_response, 200, found[1], found[0])

    def _send(
        self,
        start_response: StartResponse,
        status: int,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> Iterable[bytes]:
        start_response(
            f"{status} {_REASONS.get(status, 'Status')}",
            [
                ("Content-Type", content_type),
                ("Content-Length", str(len(body))),
                ("Date", http_date(self.clock.milliseconds())),
                *(headers or {}).items(),
            ],
        )
        return [body]


def _dumped(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _wrong_version(version: str | None) -> ApiError:
    text = "Notion-Version header failed validation: "
    if version is None:
        text += str(Finding("Notion-Version header", ("defined",), "`undefined`"))
        return ApiError(400, "missing_version", text)
    if version in _OLDER:
        return errors.not_emulated(f"version {version} of the API, only {listed(VERSIONS)}")
    known = tuple(f'`"{version}"`' for version in (*_OLDER, *VERSIONS))
    return errors.invalid(text + str(Finding("Notion-Version header", known, f'`"{version}"`')))


def _query(environ: WSGIEnvironment) -> dict[str, list[str]]:
    text = environ.get("QUERY_STRING", "")
    return parse_qs(text, keep_blank_values=True) if text else {}


def _base(environ: WSGIEnvironment) -> str:
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}"


def _raw_body(environ: WSGIEnvironment) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    chunked = environ.get("wsgi.input_terminated") or environ.get("HTTP_TRANSFER_ENCODING")
    if not length and not chunked:
        return b""
    raw: bytes = environ["wsgi.input"].read(int(length)) if length else environ["wsgi.input"].read()
    return raw


def _json_body(environ: WSGIEnvironment) -> Any:
    raw = _raw_body(environ)
    if not raw:
        return None
    if len(raw) > LARGEST_BODY:
        raise errors.invalid(f"body failed validation: body size should be ≤ `{LARGEST_BODY}` bytes.")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise errors.invalid_json() from None


def _carried(environ: WSGIEnvironment) -> tuple[Any, dict[str, tuple[str, str, bytes]]]:
    """The JSON body of a request, or the parts of a form."""
    if environ.get("CONTENT_TYPE", "").startswith("multipart/"):
        return None, _form(environ)
    return _json_body(environ), {}


def _form(environ: WSGIEnvironment) -> dict[str, tuple[str, str, bytes]]:
    _stream, form, uploads = parse_form_data(environ)
    parts = {name: ("", "text/plain", value.encode()) for name, value in form.items()}
    for name, upload in uploads.items():
        parts[name] = (upload.filename or "", upload.mimetype or "", upload.read())
        upload.close()
    return parts


def create_app(
    path: str | Path = ":memory:",
    *,
    clock: Clock | Callable[[], datetime | float] | None = None,
    settings: Settings | None = None,
) -> Emulator:
    """An emulated workspace as a WSGI application.

    Args:
        path: The SQLite file that holds it; in memory by default.
        clock: Its time: a `Clock`, or any function that returns a time. The machine's when None.
        settings: Users, tokens, and what to do where the real service's behaviour is unknown.
    """
    if clock is not None and not isinstance(clock, Clock):
        clock = FollowingClock(clock)
    return Emulator(Workspace(path, clock=clock, settings=settings))
