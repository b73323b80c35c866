"""The emulator on a socket of this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from notionsync.emulator.http.app import Emulator

HOST = "127.0.0.1"
"""Loopback only: a stand-in has no secrets and asks for none."""


class _Handler(WSGIRequestHandler):
    """Adds no headers of its own, and keeps quiet."""

    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send the status line alone: the date is the emulator's own, which the application gives."""
        self.send_response_only(code, message)

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:  # noqa: ARG002
        """Hang up; a client waiting on an open connection would wait for ever."""
        self.close_connection = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  (the base class names it so)
        """Say nothing of requests, of which the request log tells more; but a failure of the emulator itself is told."""
        if type == "error":
            sys.stderr.write(f"{message % args if args else message}\n")


def listen(app: Emulator, port: int = 0) -> BaseWSGIServer:
    """A server that is bound and listens; `serve_forever()` answers, one thread for each connection.

    Args:
        app: What to serve.
        port: The port; a free one for 0 (see `server.port`).

    Raises:
        SystemExit: The port is taken.
    """
    return make_server(HOST, port, app, threaded=True, request_handler=_Handler)
