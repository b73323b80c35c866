"""What happens in the workspace beside the requests of a client: a person's edits, access taken away, tokens revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notionsync.emulator.errors import ApiError
from notionsync.emulator.faults import Fault
from notionsync.emulator.http import routes
from notionsync.emulator.ids import canonical
from notionsync.emulator.store import Node
from notionsync.emulator.workspace import Call, Workspace

Json = dict[str, Any]


class Events:
    """Lets things happen in a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def armed(self, fault: Fault) -> Fault:
        """A fault ready to be put in force: a stale one remembers the workspace as it is now."""
        if fault.kind == "stale":
            fault.options = {**fault.options, "snapshot": self._workspace.snapshot()}
        return fault

    def happen(self, fault: Fault) -> None:
        """Let a fault's event happen.

        Raises:
            ValueError: It lacks an option, or names what is not there.
        """
        options = fault.options
        if fault.kind == "call":
            options["call"]()
        elif fault.kind == "person":
            for request in options["requests"]:
                self.as_person(request["method"], request["path"], request.get("body"))
        elif fault.kind in {"unshare", "share"}:
            self.share(options["id"], shared=fault.kind == "share")
        elif fault.kind == "erase":
            self.erase(options["id"])
        elif fault.kind == "revoke_token":
            self.revoke_token(options["token"])
        elif fault.kind == "advance":
            self._workspace.clock.advance(float(options["seconds"]))

    def as_person(self, method: str, path: str, body: Any = None) -> Json:
        """Make a request as the first person of the workspace; it is not counted.

        Args:
            method: HTTP method.
            path: Path of the API (`/v1/blocks/…`).
            body: JSON body.

        Raises:
            ValueError: There is no such endpoint, or it refuses.
        """
        workspace = self._workspace
        person = next(user for user in workspace.users.values() if user.type == "person")
        route, _, ids = routes.find(method, path.partition("/v1/")[2])
        if route is None:
            raise ValueError(f"{method} {path} is no endpoint")
        try:
            with workspace.store.transaction():
                return route.operation(workspace, Call(person, body=body), *ids)
        except ApiError as error:
            raise ValueError(error.message) from error

    def _node(self, identifier: str) -> Node:
        node = self._workspace.store.get(canonical(identifier) or "")
        if node is None:
            raise ValueError(f"there is nothing with the id {identifier}")
        return node

    def share(self, identifier: str, *, shared: bool) -> None:
        """Give integrations access to a page or database and all in it, or take it away."""
        with self._workspace.store.transaction():
            node = self._node(identifier)
            node.hidden = int(not shared)
            self._workspace.store.update(node)

    def erase(self, identifier: str) -> None:
        """Delete for good, as an emptied trash does."""
        with self._workspace.store.transaction():
            self._workspace.store.delete(self._node(identifier).id)

    def revoke_token(self, token: str) -> None:
        """Make a token unknown."""
        self._workspace.tokens.pop(token, None)

    def put_block(self, parent: str, type_: str, payload: Mapping[str, Any]) -> str:
        """Put a block into a page that no request can create (`unsupported`, `link_preview`, an unknown type).

        Returns:
            The new block's id.
        """
        workspace = self._workspace
        with workspace.store.transaction():
            container = self._node(parent)
            person = next(user for user in workspace.users.values() if user.type == "person")
            node = workspace.new_node("block", type_, container, person, workspace.store.gap(container.id, 1)[0])
            node.data = dict(payload)
            workspace.store.insert(node)
            workspace.store.touch(container.id, workspace.minute(), person.id)
            return node.id
