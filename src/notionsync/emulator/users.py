"""Users of the workspace: people and integrations' bots."""

from __future__ import annotations

from typing import Any

from notionsync.emulator import errors, paging
from notionsync.emulator.settings import User
from notionsync.emulator.workspace import Call, Workspace, path_id

Json = dict[str, Any]


def me(ws: Workspace, call: Call) -> Json:
    """`GET /v1/users/me`."""
    return _shown(ws, call.user, asking=call.user)


def _shown(ws: Workspace, user: User, *, asking: User) -> Json:
    shown = ws.full_user(user.id) or {}
    if user.type == "bot" and user.id == asking.id:
        shown["bot"] = {
            "owner": {"type": "workspace", "workspace": True},
            "workspace_name": ws.settings.workspace_name,
            "workspace_id": ws.settings.workspace_id,
            "workspace_limits": {"max_file_upload_size_in_bytes": ws.settings.max_upload},
        }
    elif user.email_verified is not None:
        shown["person"] = {**shown["person"], "email_verified": user.email_verified}
    return shown


def retrieve(ws: Workspace, call: Call, user_id: str) -> Json:
    """`GET /v1/users/{user_id}`."""
    identifier = path_id("user_id", user_id)
    user = ws.users.get(identifier)
    if user is None:
        named = call.user.id if ws.settings.integration_named else None
        raise errors.user_not_found(identifier, integration=named)
    return _shown(ws, user, asking=call.user)


def list_users(ws: Workspace, call: Call) -> Json:
    """`GET /v1/users`."""
    size = paging.query_size(ws, call)
    cursor = call.one("start_cursor")
    users = list(ws.users.values())
    if cursor is not None:
        at = next((index for index, user in enumerate(users) if user.id == cursor), None)
        if at is None:
            raise paging.unknown_cursor(cursor)
        users = users[at:]
    following = users[size].id if len(users) > size else None
    return paging.listing([_shown(ws, user, asking=call.user) for user in users[:size]], "user", cursor=following)
