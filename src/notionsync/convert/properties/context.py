"""What every property value is read and written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from notionsync.convert.links import RESERVED
from notionsync.model import Links, find_id

WRITABLE: Final = frozenset(
    {
        *("title", "rich_text", "number", "select", "multi_select", "status", "date", "people", "files", "checkbox"),
        *("url", "email", "phone_number", "relation", "place", "verification"),
    }
)
PAGE_KINDS: Final = frozenset({"page_icon", "page_cover"})
"""Parts of a page that are mapped like properties; see `notionsync.model.PAGE_PARTS`."""
FILE_KINDS: Final = frozenset({"files", *PAGE_KINDS})
"""Kinds whose values hold addresses of files, in Notion form: `to_file` in `files` gives them the file's form."""
READ_ONLY: Final = frozenset(
    {
        *(
            "formula",
            "rollup",
            "created_time",
            "created_by",
            "last_edited_time",
            "last_edited_by",
            "unique_id",
            "button",
        ),
    }
)
"""Kinds that Notion computes. Kinds in neither set are unknown and read-only too: see `read_only`."""


def read_only(kind: str) -> bool:
    """Tell whether values of a kind can only be pulled."""
    return kind not in WRITABLE and kind not in PAGE_KINDS


class Names(Protocol):
    """Carries people and related pages between ids and what a reader calls them."""

    def to_text(self, kind: Literal["people", "relation"], id: str, name: str) -> str:  # noqa: A002
        """Return what the front matter says for a compact id; `name` is what Notion said, or empty."""
        ...

    def to_id(self, kind: Literal["people", "relation"], text: str) -> str | None:
        """Return the compact id that a text in the front matter stands for, or None."""
        ...


class _Ids:
    """`Names` without a directory: ids stand for themselves."""

    def to_text(self, kind: Literal["people", "relation"], id: str, name: str) -> str:  # noqa: A002, ARG002
        return id

    def to_id(self, kind: Literal["people", "relation"], text: str) -> str | None:  # noqa: ARG002
        return find_id(text)


IDS: Final[Names] = _Ids()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What reading and writing may need to know beyond the value.

    Attributes:
        links: Carries addresses.
        names: Carries people and pages.
        allow_new_options: Whether a select or multi_select may get an option that the schema does not have.
        uploads: For each `asset:` address the id of the file upload that holds its bytes.
        current: The property's value in Notion at the moment: hosted files and place ids are sent back from it.
    """

    links: Links = RESERVED
    names: Names = IDS
    allow_new_options: bool = False
    uploads: Mapping[str, str] = field(default_factory=dict)
    current: Mapping[str, Any] = field(default_factory=dict)


PLAIN: Final = Context()
