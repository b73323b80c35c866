"""What may be chosen about an emulated workspace: who is in it, and each behaviour that nobody has established.

The real service's answer to some questions is unknown (its documents do not say and no recording shows it). Each such
question is a setting here whose default is the cautious answer, so that a client can be tested under both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import Any, Final, Literal, get_args, get_type_hints

BOT_TOKEN = "ntn_emulator"  # noqa: S105  (the token of a stand-in on this machine, printed for everyone)
PERSON_TOKEN = "ntn_person"  # noqa: S105


CAPABILITIES: Final = frozenset({
    "read_content", "update_content", "insert_content", "read_comments", "insert_comments", "read_users",
})  # fmt: skip
"""What an integration may be allowed, https://developers.notion.com/reference/capabilities."""


@dataclass(frozen=True, slots=True)
class User:
    """A member of the workspace: a person, or an integration's bot."""

    id: str
    name: str
    type: Literal["person", "bot"]
    email: str | None = None
    avatar_url: str | None = None
    email_verified: bool | None = None
    """Shown by the endpoints for users since July 2026; left out when None."""

    capabilities: frozenset[str] = CAPABILITIES
    """What a bot may do; everything else is refused."""


BOT = User("b0700000-0000-8000-8000-000000000001", "notionsync emulator", "bot")
PERSON = User(
    "be500000-0000-8000-8000-000000000001", "Robin Reader", "person", "robin@example.com", email_verified=True
)


@dataclass(frozen=True, slots=True)
class CustomEmoji:
    """An emoji that the workspace's people made."""

    id: str
    name: str
    url: str = "https://example.com/emoji.png"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Requests a connection may make in a sliding window; None turns it off.

    The documented limit is 180 a minute for each connection, bursts allowed, and a budget of the whole workspace.
    """

    per_minute: int | None = None
    workspace_per_minute: int | None = None
    window: int = 60


@dataclass(frozen=True, slots=True)
class Settings:
    """One emulated workspace's settings."""

    users: tuple[User, ...] = (BOT, PERSON)
    tokens: Mapping[str, str] = field(default_factory=lambda: {BOT_TOKEN: BOT.id, PERSON_TOKEN: PERSON.id})
    """Token → id of the user it acts as. Every other token is refused."""

    emojis: tuple[CustomEmoji, ...] = ()
    """The workspace's own emojis. An id that is none of them is taken all the same, and called after itself."""

    workspace_id: str = "5bace000-0000-8000-8000-000000000001"
    workspace_name: str = "Emulated workspace"
    workspace_page: str | None = "Workspace"
    """Title of the page a new workspace starts with, shared with every integration; None for an empty one."""

    integration_named: bool = True
    """Whether the error for something missing names the integration; recordings show both."""

    web_base: str = "https://app.notion.com/p"
    """Base of the `url` of pages and databases."""

    files_base: str | None = None
    """Base of the URLs of hosted files; the address the request came to when None."""

    seed: int | None = None
    """Seed of the identifiers, for runs that repeat."""

    max_upload: int = 5_242_880
    """Largest file in bytes, as `users/me` tells it (5 MiB is the free plan's)."""

    rate_limit: RateLimit = field(default_factory=RateLimit)

    query_limit: int = 10_000
    """Results a query gives at most before it ends with `request_status: incomplete`."""

    reference_limit: int = 25
    """References (people, relations, different mentions) a page object shows of one property."""

    block_limit: int | None = None
    """Blocks that may ever be made, as in free workspaces of several people (1000 there)."""

    url_lifetime: int = 3600
    """Seconds a hosted file's URL is valid."""

    search_lag: float = 0.0
    """Seconds before search sees a change; the real one is delayed by an amount nobody promises."""

    query_lag: float = 0.0
    """Seconds before a query sees a change. Unknown; direct retrieval is never stale."""

    unknown_property: Literal["refuse", "ignore"] = "refuse"
    """A write to a property that does not exist. Sources disagree."""

    callout_icon: str | None = "💡"
    """The icon a callout gets when none is sent."""

    empty_runs: Literal["drop", "keep"] = "drop"
    """What becomes of a text run without characters."""

    invalid_link: Literal["refuse", "drop"] = "refuse"
    """What becomes of a link that is no URL."""

    unicode: Literal["kept", "composed"] = "kept"
    """Whether texts come back as they were sent, or in Unicode's composed form (NFC)."""

    refused_append: Literal["whole", "partial"] = "whole"
    """Whether an append that is refused is refused as a whole, or leaves the blocks before the offending one."""

    cursor_life: float | None = None
    """Seconds for which a query's cursor leads on; for ever when None."""

    comment_moves_page: bool = False
    """Whether a comment moves the time of the page it is on."""

    nested_edit_moves_page: bool = False
    """Whether an edit of a nested block moves its page's time too. Recordings show only the direct parent moving."""

    restored_block: Literal["original", "end"] = "original"
    """Where a restored block appears among its siblings."""

    rows_of_trashed_database: Literal["trashed", "live"] = "trashed"
    """Whether a row reads as trashed when only its database is."""

    page_size_over_limit: Literal["refuse", "clamp"] = "refuse"
    """What a `page_size` above 100 does."""

    mentions_past_limit: Literal["untold", "told"] = "untold"
    """What mentions of pages and people in a page's texts show beyond `reference_limit` different ones: their names and
    titles, or nothing of them. The documents say that they "may be incomplete"."""

    email_limit: int = 200
    """Longest e-mail address and phone number. The documents say 200 in one place and 100 in another."""


def chosen(settings: Settings, pairs: Iterable[str]) -> Settings:
    """Settings with some of them changed, each told as `NAME=VALUE`; `rate_limit` is a number of requests a minute.

    Raises:
        ValueError: There is no such setting, or it does not take the value.
    """
    hints = get_type_hints(Settings)
    simple = {name: hint for name, hint in hints.items() if _readers(hint)} | {"rate_limit": int | None}
    for pair in pairs:
        name, mark, text = pair.partition("=")
        if not mark or name not in simple:
            raise ValueError(f"{name!r} is no setting; there are {', '.join(sorted(simple))}, each as NAME=VALUE")
        value: Any = _read(name, text, _readers(simple[name]))
        if name == "rate_limit":
            value = RateLimit(per_minute=value)
        change: dict[str, Any] = {name: value}
        settings = replace(settings, **change)
    return settings


def _readers(hint: Any) -> dict[str, Any] | tuple[Any, ...]:
    """What a setting takes: words and what they stand for, or types; nothing when it cannot be told in a word."""
    if hint is bool:
        return {"yes": True, "no": False}
    if isinstance(hint, type):
        return (hint,) if hint in {int, float, str} else ()
    kinds = get_args(hint)
    if all(isinstance(kind, str) for kind in kinds):
        return {kind: kind for kind in kinds}
    return kinds if set(kinds) <= {int, float, str, NoneType} else ()


def _read(name: str, text: str, readers: dict[str, Any] | tuple[Any, ...]) -> Any:
    if isinstance(readers, dict):
        if text not in readers:
            raise ValueError(f"{name} is one of {', '.join(readers)}, not {text!r}")
        return readers[text]
    if text == "none" and NoneType in readers:
        return None
    kind = next(reader for reader in readers if reader is not NoneType)
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{name} is a number, not {text!r}") from None
