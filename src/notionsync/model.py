"""Frozen values that everybody speaks.

Ids are 32 lower-case hexadecimal digits without dashes, whatever the service prints.
Times are the service's own ISO 8601 strings, compared only with other times of the same service.

Addresses (`Run.link`, `attrs["url"]`) are in *Notion form*, so that two spellings of one target are equal:

    https://… http://… mailto:…   as they are
    notion:/<path>                a file that Notion hosts, by the stable path of its expiring address
    asset:<path>?sha256=<hex>     a file of the repository that is still to be uploaded

`Links` carries them into a Markdown file and back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, Protocol

FieldValue = str | int | float | bool | tuple[str, ...] | None
"""One front matter value in normal form: text as inline Markdown, dates as ISO text, lists as tuples of text."""

Reading = Literal["after", "own", "during"]
"""When a page was read, measured against the minute its time names: see `Record.reading`."""

Kind = Literal["text", "equation", "mention"]
Use = Literal["link", "media"]


def compact_id(value: str) -> str:
    """Return an id without dashes, in lower case.

    >>> compact_id("38C9CE7B-60a4-81d2-9260-b2f4f0f3a111")
    '38c9ce7b60a481d29260b2f4f0f3a111'
    """
    return value.replace("-", "").lower()


def dashed_id(value: str) -> str:
    """Return an id as the service prints it.

    >>> dashed_id("38c9ce7b60a481d29260b2f4f0f3a111")
    '38c9ce7b-60a4-81d2-9260-b2f4f0f3a111'
    """
    v = compact_id(value)
    return f"{v[:8]}-{v[8:12]}-{v[12:16]}-{v[16:20]}-{v[20:]}"


_ID_IN_TEXT = re.compile(
    r"(?<![0-9a-f])([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f])", re.IGNORECASE
)


def find_id(text: str) -> str | None:
    """Return the last id in a page address or in an id as people paste them, or None.

    notion-client's own helper knows only `notion.so` and `notion.site`; the service now returns `app.notion.com/p/…`.

    >>> find_id("https://app.notion.com/p/Rnn-tanh-38c9ce7b60a481d29260b2f4f0f3a111?v=1")
    '38c9ce7b60a481d29260b2f4f0f3a111'
    """
    path = text.split("?", 1)[0].split("#", 1)[0]
    found = _ID_IN_TEXT.findall(path)
    return compact_id(found[-1]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of rich text with one set of marks.

    Attributes:
        text: The characters; of an equation its expression; of a mention what a reader sees (not compared:
            it follows the target's title without an edit of this text).
        link: Address of the target in Notion form, or None.
        mention: The mention's request payload as canonical JSON; empty unless `kind` is "mention".
    """

    text: str
    kind: Kind = "text"
    bold: bool = False
    italic: bool = False
    strike: bool = False
    underline: bool = False
    code: bool = False
    color: str = "default"
    link: str | None = None
    mention: str = ""


RichText = tuple[Run, ...]
"""Runs in normal form: none empty, no two equal neighbours that could be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One Notion block, with everything below it, in normal form.

    Two blocks are equal when they say the same, wherever they live: the id is not compared.

    Attributes:
        type: Notion's name of the block type; types we do not know are kept.
        text: `rich_text` of blocks that have it, else empty.
        attrs: What else the payload holds, under Notion's own names, with defaults left out: `color`, `checked`,
            `language`, `url`, `expression`, `is_toggleable`, `icon`, `table_width`, `has_column_header`, …
        caption: Rich text of media, code and bookmarks.
        cells: Of a table row, one rich text per column.
        children: Blocks below, in order.
        id: The block's id where it exists in Notion, else None.
    """

    type: str
    text: RichText = ()
    attrs: Mapping[str, Any] = field(default_factory=dict)
    caption: RichText = ()
    cells: tuple[RichText, ...] = ()
    children: tuple[Block, ...] = ()
    id: str | None = field(default=None, compare=False)

    def own(self) -> Block:
        """Return the block without what is below it."""
        return replace(self, children=()) if self.children else self

    def same_own(self, other: Block) -> bool:
        """Tell whether both say the same, leaving aside what is below them."""
        return (
            self.type == other.type
            and self.text == other.text
            and self.attrs == other.attrs
            and self.caption == other.caption
            and self.cells == other.cells
        )


Body = tuple[Block, ...]


class Span(NamedTuple):
    """Lines of a body, counted from 0, the stop not included."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Node:
    """A block where an author wrote it.

    Attributes:
        block: The block, with everything below it.
        span: The lines it owns, its children's included, without the blank lines around it.
        children: One node for each of `block.children`, in order; empty where they have no lines of their own.
    """

    block: Block
    span: Span
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown body and the blocks that it says.

    Attributes:
        text: The body, byte for byte as it was decoded, with its own line ends.
        nodes: Its top-level blocks in order.
        notices: What will not look the same on the other side.
    """

    text: str
    nodes: tuple[Node, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def body(self) -> Body:
        """The blocks alone."""
        return tuple(node.block for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know about a line of a body.

    Attributes:
        code: Stable name such as `NS-CJK-BOLD`.
        message: What is the matter and what to do.
        line: 0-based line in the body, or -1.
    """

    code: str
    message: str
    line: int = -1


class Links(Protocol):
    """Carries addresses between a Markdown file and Notion."""

    def to_notion(self, url: str, use: Use) -> str:
        """Return the Notion form of an address as it stands in the file."""
        ...

    def to_file(self, url: str, use: Use) -> str:
        """Return how an address in Notion form is written in the file."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property of the data source.

    Attributes:
        id: Stable id, percent-encoded as the service returns it.
        name: Its name at the moment; people rename.
        type: Notion's type name.
        options: Names of the options of select, multi_select and status.
        via: Of a rollup, the id of the relation that it follows, in plain characters.
    """

    id: str
    name: str
    type: str
    options: tuple[str, ...] = ()
    via: str = ""


PAGE_ICON = Property(id="page:icon", name="page:icon", type="page_icon")
"""The icon of a page, mapped like a property; no property of Notion's has such an id."""
PAGE_COVER = Property(id="page:cover", name="page:cover", type="page_cover")
"""The cover of a page, in the same way."""
PAGE_PARTS: Mapping[str, Property] = {part.name: part for part in (PAGE_ICON, PAGE_COVER)}
"""What is mapped like a property and is none, by the name it is mapped by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as a listing or a read returned it, without its body.

    Attributes:
        properties: The API's own property values, by property id, and the page's icon and cover as `PAGE_PARTS`.
        parent: Id of the data source it lives in, or of whatever else holds it.
        read_at: The service's own clock (HTTP Date) when this was read, in seconds since the epoch; 0 if unknown.
    """

    id: str
    title: str
    properties: Mapping[str, Mapping[str, Any]]
    parent: str
    created_time: str
    created_by: str
    last_edited_time: str
    last_edited_by: str
    in_trash: bool = False
    is_archived: bool = False
    is_locked: bool = False
    url: str = ""
    read_at: float = 0.0


# --- state -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRecord:
    """What the state knows of one block: `digest` is over the block as read back from Notion, children left out."""

    id: str
    type: str
    digest: str
    children: tuple[BlockRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRecord:
    """One image or file of a question on both sides.

    Attributes:
        path: Where the file is, relative to the repository, with forward slashes.
        sha256: Digest of its bytes.
        notion: The stable path of its address in Notion (`notion:/…` without the scheme).
    """

    path: str
    sha256: str
    notion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The state's entry for one question: what both sides held when they last agreed.

    Attributes:
        id: The page.
        path: The file, relative to the repository, with forward slashes.
        base: The agreed file, byte for byte.
        last_edited_time: The page's time when its content was last read for this record.
        last_edited_by: Who had edited it last, at that time.
        reading: "after" the minute of `last_edited_time` had ended, so that a later edit must move the time;
            "own" when our write was the last edit we saw; "during" that minute, when another edit could hide in it.
        blocks: The page's blocks as read back.
        fields: Front matter key → id of the property it was synced with, a colon, and the digest of its value there.
        assets: The images and files of the body and of its values.
        missing: Files that the body or a value shows and that were not there.
        converter: Version of the normal form that the digests are made of.
    """

    id: str
    path: str
    base: bytes
    last_edited_time: str
    last_edited_by: str = ""
    reading: Reading = "during"
    blocks: tuple[BlockRecord, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    assets: tuple[AssetRecord, ...] = ()
    missing: tuple[str, ...] = ()
    converter: int = 1


# --- writes to Notion ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Update:
    """Replace what a block says, in place.

    Attributes:
        id: The block.
        before: What it must say now (children left out), else the write is refused.
        after: What it shall say; same type; children left out.
    """

    id: str
    before: Block
    after: Block


@dataclass(frozen=True, slots=True)
class Append:
    """Add a run of new blocks, with everything below them, below one parent.

    Attributes:
        parent: The page or block that gets them.
        after: The existing sibling they follow; None puts them first.
        last: True when they go behind all existing siblings, so that no position need be sent.
        blocks: What to add; ids are None, or the id of the block that the new one stands for.
    """

    parent: str
    after: str | None
    blocks: tuple[Block, ...]
    last: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """Move a block, with everything below it, to the trash.

    Attributes:
        id: The block.
        before: What it must say now, everything below it included.
    """

    id: str
    before: Block


Edit = Update | Append | Delete


def walk(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks and everything below them, parents before children, in reading order."""
    out: list[Block] = []
    stack = list(reversed(blocks))
    while stack:
        block = stack.pop()
        out.append(block)
        stack.extend(reversed(block.children))
    return out
