"""Which operation answers which method and path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from notionsync.emulator import (
    blocks,
    comments,
    databases,
    emojis,
    errors,
    files,
    pages,
    propertyitems,
    query,
    search,
    users,
    views,
)
from notionsync.emulator.workspace import Call, Workspace

Json = dict[str, Any]
Operation = Callable[..., Json]
ID: Final = "{id}"


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint.

    Attributes:
        method: HTTP method.
        pattern: Path below `/v1`, ids as `{id}`.
        operation: What answers; called with the workspace, the call and the ids of the path.
        reads: Whether it changes nothing.
        needs: The capability that an integration must have.
    """

    method: str
    pattern: str
    operation: Operation
    reads: bool
    needs: str | None = None

    @property
    def kind(self) -> str:
        """How the request log calls it: `PATCH /v1/blocks/{id}`."""
        return f"{self.method} /v1/{self.pattern}"


def _left_out(what: str) -> Operation:
    def refuse(_ws: Workspace, _call: Call, *_ids: str) -> Json:
        raise errors.not_emulated(what)

    return refuse


_READ: Final[dict[str, Operation]] = {
    "GET users/me": users.me,
    "GET users/{id}": users.retrieve,
    "GET users": users.list_users,
    "POST search": search.search,
    "GET databases/{id}": databases.retrieve,
    "GET data_sources/{id}": databases.retrieve_source,
    "GET data_sources/{id}/templates": databases.templates,
    "POST data_sources/{id}/query": query.query,
    "GET pages/{id}": pages.retrieve,
    "GET pages/{id}/properties/{id}": propertyitems.retrieve,
    "GET pages/{id}/markdown": _left_out("the Markdown endpoints"),
    "GET blocks/{id}": blocks.retrieve,
    "GET blocks/{id}/children": blocks.list_children,
    "GET file_uploads": files.list_uploads,
    "GET file_uploads/{id}": files.retrieve_upload,
    "GET comments": comments.list_comments,
    "GET comments/{id}": comments.retrieve,
    "GET views": views.list_views,
    "GET views/{id}": views.retrieve,
    "GET views/{id}/queries/{id}": views.query_results,
    "GET custom_emojis": emojis.list_emojis,
    "GET async_tasks/{id}": _left_out("asynchronous tasks"),
    "POST blocks/{id}/query": _left_out("meeting notes"),
}
_WRITE: Final[dict[str, Operation]] = {
    "POST databases": databases.create,
    "PATCH databases/{id}": databases.update,
    "POST data_sources": databases.create_source,
    "PATCH data_sources/{id}": databases.update_source,
    "POST pages": pages.create,
    "PATCH pages/{id}": pages.update,
    "POST pages/{id}/move": pages.move,
    "PATCH pages/{id}/markdown": _left_out("the Markdown endpoints"),
    "PATCH blocks/{id}": blocks.update,
    "DELETE blocks/{id}": blocks.delete,
    "PATCH blocks/{id}/children": blocks.append,
    "POST file_uploads": files.create_upload,
    "POST file_uploads/{id}/send": files.send,
    "POST file_uploads/{id}/complete": files.complete,
    "POST comments": comments.create,
    "PATCH comments/{id}": comments.update,
    "DELETE comments/{id}": comments.delete,
    "POST views": views.create,
    "PATCH views/{id}": views.update,
    "DELETE views/{id}": views.delete,
    "POST views/{id}/queries": views.create_query,
    "DELETE views/{id}/queries/{id}": views.delete_query,
}
_FIXED: Final = {"users/me"}
_INSERTS: Final = {"POST databases", "POST data_sources", "POST pages", "PATCH blocks/{id}/children"}


def _table() -> dict[tuple[str, str], Route]:
    table = {}
    for operations, reads in ((_READ, True), (_WRITE, False)):
        for line, operation in operations.items():
            method, pattern = line.split(" ")
            table[method, pattern] = Route(method, pattern, operation, reads, _needs(line, reads=reads))
    return table


def _needs(line: str, *, reads: bool) -> str | None:
    """The capability that an endpoint asks for; https://developers.notion.com/reference/capabilities."""
    method, pattern = line.split(" ")
    kind = pattern.partition("/")[0]
    if pattern in _FIXED or kind == "file_uploads":
        return None
    if kind == "users":
        return "read_users"
    if kind == "comments":
        return "read_comments" if reads else "insert_comments"
    if reads:
        return "read_content"
    return "insert_content" if line in _INSERTS or (method, kind) == ("POST", "views") else "update_content"


ROUTES: Final = _table()


def find(method: str, path: str) -> tuple[Route | None, str, tuple[str, ...]]:
    """The route of a path below `/v1`, what the log calls it, and the ids in it."""
    parts = path.strip("/").split("/")
    ids: tuple[str, ...] = ()
    if "/".join(parts) not in _FIXED:
        ids = tuple(parts[1:4:2])
        parts = [ID if index in {1, 3} else part for index, part in enumerate(parts)]
    pattern = "/".join(parts)
    route = ROUTES.get((method, pattern))
    return route, route.kind if route else f"{method} /v1/{path.strip('/')}", ids
