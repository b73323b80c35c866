"""The emulated workspace: who asks, what is visible to them, what an edit does to times, what everything is called."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy as copy_of
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from notionsync.emulator import errors
from notionsync.emulator.clock import Clock, minute
from notionsync.emulator.cursors import Cursors
from notionsync.emulator.ids import IdMaker, canonical
from notionsync.emulator.richtext import Names, text_run
from notionsync.emulator.settings import Settings, User
from notionsync.emulator.shapes import Check, Misshapen, wrong
from notionsync.emulator.store import Node, Store

Json = dict[str, Any]

VERSIONS: Final = ("2025-09-03", "2026-03-11")
LATEST: Final = "2026-03-11"


@dataclass(slots=True)
class Call:
    """One request, as the operations see it.

    Attributes:
        user: Who asks.
        version: The `Notion-Version` asked for.
        query: The query string, each name with all its values.
        body: Parsed JSON, or None.
        base: Scheme and host the request came to.
        parts: A multipart form: name → (file name, content type, bytes).
    """

    user: User
    version: str = LATEST
    query: Mapping[str, list[str]] = field(default_factory=dict)
    body: Any = None
    base: str = "http://localhost"
    parts: Mapping[str, tuple[str, str, bytes]] = field(default_factory=dict)

    @property
    def legacy(self) -> bool:
        """Whether answers carry `archived` beside `in_trash`, as they did before 2026-03-11."""
        return self.version < LATEST

    def one(self, name: str) -> str | None:
        """The first value of a name in the query string."""
        values = self.query.get(name)
        return values[0] if values else None

    def json(self, check: Check) -> Json:
        """The body, checked.

        Raises:
            ApiError: It does not fit.
        """
        body = {} if self.body is None else self.body
        fits(check, body)
        return dict(body)

    def trash_flag(self, body: Json) -> bool | None:
        """What the body says about the trash; None when nothing. The older of its two names is gone since 2026-03-11.

        Raises:
            ApiError: It is said in a way that the version does not know.
        """
        if "archived" in body and not self.legacy:
            raise errors.failed(*wrong("body.archived", "not present", body["archived"]).problems)
        return body.get("in_trash", body.get("archived"))


def fits(check: Check, value: Any, path: str = "body", part: str = "body") -> None:
    """Run a check and turn its finding into the service's error."""
    try:
        check(value, path)
    except Misshapen as finding:
        raise errors.failed(*finding.problems, part=part) from None


def path_id(name: str, text: str) -> str:
    """An id in a path."""
    identifier = canonical(text)
    if identifier is None:
        raise errors.failed(*wrong(f"path.{name}", "a valid uuid", text).problems, part="path")
    return identifier


class Workspace:
    """Everything that one emulator holds."""

    def __init__(
        self, path: str | Path = ":memory:", *, clock: Clock | None = None, settings: Settings | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.clock = clock or Clock()
        self.ids = IdMaker(self.settings.seed)
        self.cursors = Cursors()
        self.view_queries: dict[str, tuple[str, int, list[str]]] = {}
        """Id of a view's query → the view, when it expires, and its rows."""
        self.store = Store(path)
        self.users: dict[str, User] = {user.id: user for user in self.settings.users}
        self.tokens: dict[str, str] = dict(self.settings.tokens)
        self.names = Names(self.full_user, self.title_of, self.settings.web_base, self.emoji)
        with self.store.transaction():
            if self.settings.workspace_page is not None and not self.store.count("parent_id IS NULL"):
                self.new_page(self.settings.workspace_page)
        self.indexed = self.store.latest()
        """Number of the last node that search knows of, however new it is."""

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def snapshot(self) -> Workspace:
        """The workspace as it is now, apart from what comes later; it shares clock, users and tokens."""
        copy = copy_of(self)
        copy.store = self.store.copy()
        copy.names = Names(copy.full_user, copy.title_of, self.settings.web_base, copy.emoji)
        return copy

    # -- time ---------------------------------------------------------------------------------------------------------

    def minute(self) -> int:
        """Now, as time stamps tell it."""
        return minute(self.clock.milliseconds())

    def known_since(self, lag: float) -> int:
        """Newest time of creation of what is found in spite of a delay.

        Times of creation are told by the minute, so that a delay lasts at least as long as it is told to.
        """
        return self.clock.milliseconds() - (int(lag * 1000) + 59_999 if lag else 0)

    def now_iso(self) -> str:
        """Now, to the millisecond."""
        return datetime.fromtimestamp(self.clock.milliseconds() / 1000, UTC).isoformat(timespec="milliseconds")

    def touch(self, node: Node, user: User) -> None:
        """Note an edit on a node that is written back anyway."""
        node.edited = self.clock.milliseconds() if node.kind == "database" else self.minute()
        node.edited_by = user.id

    def touch_parent(self, node: Node, user: User) -> None:
        """Note the edit of a block on its direct parent; and on its page, when the settings say so."""
        if node.parent_id is not None:
            self.touch_container(node.parent_id, node, user)

    def touch_container(self, container: str, inside: Node, user: User) -> None:
        """The same, on a container and the page of something inside."""
        self.store.touch(container, self.minute(), user.id)
        if self.settings.nested_edit_moves_page:
            page = self.page_of(inside)
            if page is not None and page.id != container:
                self.store.touch(page.id, self.minute(), user.id)

    # -- users --------------------------------------------------------------------------------------------------------

    def full_user(self, identifier: str) -> Json | None:
        """A user as people properties and mentions show one."""
        user = self.users.get(identifier)
        if user is None:
            return None
        shown: Json = {"object": "user", "id": user.id, "name": user.name, "avatar_url": user.avatar_url}
        shown["type"] = user.type
        shown[user.type] = {"email": user.email} if user.type == "person" and user.email is not None else {}
        return shown

    def emoji(self, identifier: str, given: Mapping[str, Any] | None = None) -> Json:
        """A custom emoji as icons and mentions show one."""
        known = next((emoji for emoji in self.settings.emojis if emoji.id == identifier), None)
        if known is not None:
            return {"id": known.id, "name": known.name, "url": known.url}
        told = given or {}
        url = told.get("url") or f"https://example.com/{identifier}.png"
        return {"id": identifier, "name": told.get("name") or identifier[:8], "url": url}

    # -- finding ------------------------------------------------------------------------------------------------------

    def missing(self, kind: str, identifier: str, user: User) -> errors.ApiError:
        """The answer for something that is not there, or not for this user."""
        name = user.name if self.settings.integration_named else None
        return errors.not_found(kind, identifier, name=name, integration=user.id)

    def find(self, identifier: str, user: User, *kinds: str) -> Node | None:
        """A node of one of these kinds that this user may see."""
        node = self.store.get(identifier)
        if node is None or (kinds and node.kind not in kinds) or not self.visible(node, user):
            return None
        return node

    def require(self, identifier: str, user: User, *kinds: str, called: str | None = None) -> Node:
        """The same, or the error of its absence.

        Args:
            identifier: A canonical id.
            user: Who asks.
            kinds: Kinds that will do.
            called: What the error calls it; the first kind when None.
        """
        node = self.find(identifier, user, *kinds)
        if node is None:
            raise self.missing(called or kinds[0], identifier, user)
        return node

    def ancestors(self, node: Node) -> list[Node]:
        """The node's containers, nearest first."""
        found = []
        while node.parent_id is not None:
            parent = self.store.get(node.parent_id)
            if parent is None:
                break
            found.append(parent)
            node = parent
        return found

    def visible(self, node: Node, user: User) -> bool:
        """Whether this user may see it: people see all, integrations what is not taken away from them."""
        if user.type == "person":
            return True
        return not node.hidden and not any(parent.hidden for parent in self.ancestors(node))

    def in_trash(self, node: Node) -> bool:
        """Whether it, or something it lies in, is in the trash."""
        if node.trashed:
            return True
        return any(parent.trashed and not self._spared(node, parent) for parent in self.ancestors(node))

    def editable(self, node: Node) -> None:
        """Refuse to edit what is in the trash.

        Raises:
            ApiError: It is, or something it lies in.
        """
        if self.in_trash(node):
            raise errors.archived(above=not node.trashed)

    def _spared(self, node: Node, container: Node) -> bool:
        live = self.settings.rows_of_trashed_database == "live"
        return live and node.kind == "page" and container.kind in {"database", "data_source"}

    def page_of(self, node: Node) -> Node | None:
        """The page a block lies on; the page itself for a page."""
        if node.kind == "page":
            return node
        return next((parent for parent in self.ancestors(node) if parent.kind == "page"), None)

    def title_of(self, identifier: str) -> str | None:
        """The plain title of a page, database or data source."""
        node = self.store.get(identifier)
        return None if node is None else node.title

    # -- making -------------------------------------------------------------------------------------------------------

    def new_node(self, kind: str, type_: str, parent: Node | None, user: User, position: float, **more: Any) -> Node:
        """A node that is not stored yet, below a container."""
        # Databases tell their times to the millisecond, everything else to the minute.
        now = self.clock.milliseconds() if kind == "database" else self.minute()
        version = "4" if kind in {"database", "data_source"} else "8"
        return Node(
            more.pop("id", None) or self.ids.new(version),
            kind,
            type_,
            parent_kind(parent),
            parent.id if parent else None,
            position,
            now,
            now,
            user.id,
            user.id,
            **more,
        )

    def new_page(self, title: str, parent: Node | None = None, user: User | None = None) -> Node:
        """A stored page with nothing but a title."""
        position = 0.0 if parent is None else self.store.gap(parent.id, 1)[0]
        node = self.new_node("page", "child_page", parent, user or self.settings.users[0], position, title=title)
        node.data = page_data({"title": [text_run(title)] if title else []})
        self.store.insert(node)
        return node


def parent_kind(parent: Node | None) -> str:
    """The key under which a child names a container."""
    if parent is None:
        return "workspace"
    return {"page": "page_id", "block": "block_id", "database": "database_id", "data_source": "data_source_id"}[
        parent.kind
    ]


def page_data(values: Json, *, icon: Json | None = None, cover: Json | None = None) -> Json:
    """The payload of a page."""
    return {"properties": values, "icon": icon, "cover": cover, "is_locked": False, "is_archived": False}
