"""Error answers: status, code, text and the additional data of each, as the service words them.

Shapes and texts follow recorded answers where there are any; the rest follows
https://developers.notion.com/reference/status-codes and /reference/request-limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNREADABLE_TEXT = 'Make sure the relevant pages and databases are shared with your integration "{name}".'


class ApiError(Exception):
    """An error answer.

    Attributes:
        status: HTTP status.
        code: The service's own code (`validation_error`, `object_not_found`, …).
        message: Text for people.
        additional_data: Facts for programs, left out of the answer when there are none.
        headers: Extra HTTP headers (`Retry-After`).
        applied: Whether what was changed before stays changed.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        additional_data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.additional_data = additional_data
        self.headers = dict(headers or {})
        self.applied = False

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON body, keys in the order of the service."""
        body: dict[str, Any] = {
            "object": "error",
            "status": self.status,
            "code": self.code,
            "message": self.message,
        }
        if self.additional_data:
            body["additional_data"] = dict(self.additional_data)
        body["request_id"] = request_id
        return body


def invalid(message: str) -> ApiError:
    """A rule of the service is broken: 400 `validation_error`."""
    return ApiError(400, "validation_error", message)


def failed(*problems: str, part: str = "body") -> ApiError:
    """A request that does not fit its shape; several problems are alternatives of which one must be mended."""
    if len(problems) == 1:
        return invalid(f"{part} failed validation: {problems[0]}")
    return invalid(f"{part} failed validation. Fix one:\n" + "\n".join(problems))


def not_found(kind: str, identifier: str, *, name: str | None, integration: str) -> ApiError:
    """Missing or not shared with the asking integration: 404 `object_not_found`.

    Args:
        kind: What is missing.
        identifier: Its id.
        name: Name of the integration; an error that does not tell it (None) tells nothing else of it either.
        integration: Id of the integration.
    """
    text = f"Could not find {kind} with ID: {identifier}. "
    if name is None:
        return ApiError(404, "object_not_found", text + UNREADABLE_TEXT.replace(' "{name}"', ""))
    named = {"integration_id": integration}
    return ApiError(404, "object_not_found", text + UNREADABLE_TEXT.format(name=name), additional_data=named)


def user_not_found(identifier: str, *, integration: str | None) -> ApiError:
    """No such user, or the integration may not read users."""
    return ApiError(
        404,
        "object_not_found",
        f"Could not find user with ID: {identifier}. Make sure your integration has capabilities to read user "
        "information. With those capabilities, only members and guests in the integration's workspace are visible.",
        additional_data={"integration_id": integration} if integration is not None else None,
    )


def unauthorized(message: str) -> ApiError:
    """No token, or an unknown one: 401 `unauthorized`."""
    return ApiError(401, "unauthorized", message)


def invalid_url() -> ApiError:
    """A path that does not exist in the chosen version."""
    return ApiError(400, "invalid_request_url", "Invalid request URL.")


def invalid_json() -> ApiError:
    """A body that is not JSON."""
    return ApiError(400, "invalid_json", "Error parsing JSON body.")


def restricted(message: str, additional_data: Mapping[str, Any] | None = None) -> ApiError:
    """The integration lacks a capability, or the workspace's plan allows no more: 403 `restricted_resource`."""
    return ApiError(403, "restricted_resource", message, additional_data=additional_data)


def archived(*, above: bool = False) -> ApiError:
    """An edit of something in the trash, or of what lies in something that is; pages and databases are blocks to it.

    Both texts are reported of the real service, github.com/parkminhyun0/bible-mindmap/issues/322 among others.
    """
    if above:
        return invalid(
            "Can't edit page on block with an archived ancestor. You must unarchive the ancestor before editing page."
        )
    return invalid("Can't edit block that is archived. You must unarchive the block before editing.")


def not_emulated(what: str) -> ApiError:
    """An endpoint of the real service that this stand-in leaves out, said plainly."""
    return ApiError(501, "not_emulated", f"notionsync's emulator does not emulate {what}.")
