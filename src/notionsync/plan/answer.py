"""An answer file as values, and edits of it that touch nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from notionsync.config import ID_KEY
from notionsync.convert import parse
from notionsync.convert.frontmatter import REMOVE, FrontMatter, join, split, with_values
from notionsync.convert.properties import IDS, Context, Names, normal, to_file
from notionsync.convert.splice import splice
from notionsync.errors import ContentError
from notionsync.model import Block, Body, Document, FieldValue, Links, Node, Notice, Property, compact_id

NONE: Mapping[str, Property] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer file, taken apart.

    Attributes:
        data: The file, byte for byte.
        front: Its front matter and what surrounds it.
        id: The page it names, or None.
        fields: Value of each mapped key in normal form; a key the file does not have is left out.
        document: The body. Its blocks carry the ids of the page's blocks where they are known.
    """

    data: bytes
    front: FrontMatter
    id: str | None
    fields: Mapping[str, FieldValue]
    document: Document

    @property
    def body(self) -> Body:
        """The blocks of the body."""
        return self.document.body


def read_id(data: bytes) -> str | None:
    """Return the id in a file's front matter, or None.

    Raises:
        ContentError: The front matter cannot be read, or the id is none.
    """
    value = split(data).values().get(ID_KEY)
    if value is None or value == "":
        return None
    text = compact_id(str(value))
    if len(text) != 32 or any(digit not in "0123456789abcdef" for digit in text):
        raise ContentError(f"{ID_KEY}: {value} is not an id of 32 hexadecimal digits")
    return text


def read_answer(data: bytes, properties: Mapping[str, Property], links: Links, names: Names = IDS) -> Answer:
    """Take a file apart.

    Args:
        data: The file.
        properties: Front matter key → the Notion property it is mapped to.
        links: How addresses in this file read.
        names: What people and questions are called in it.

    Raises:
        ContentError: Not UTF-8, broken front matter, or a value of the wrong kind.
    """
    front = split(data)
    values = front.values()
    context = Context(links=links, names=names)
    return Answer(
        data=data,
        front=front,
        id=read_id(data),
        fields={
            key: _field(front, key, prop, values[key], context) for key, prop in properties.items() if key in values
        },
        document=parse(front.text, links=links),
    )


def _field(front: FrontMatter, key: str, prop: Property, value: FieldValue, context: Context) -> FieldValue:
    """Return a value in normal form; what is wrong with it is told with its line."""
    try:
        return normal(prop, value, context)
    except ContentError as error:
        raise ContentError(error.message, line=front.line(key), advice=error.advice) from error


def shown(value: FieldValue, prop: Property | None, links: Links) -> FieldValue:
    """Return a value in normal form as it stands in front matter: files by their addresses there."""
    return value if prop is None else to_file(prop.type, value, links)


def edit_answer(
    answer: Answer,
    changes: Mapping[str, FieldValue],
    body: Body,
    links: Links,
    properties: Mapping[str, Property] = NONE,
) -> tuple[bytes, tuple[Notice, ...]]:
    """Return the file with other field values and another body; every byte that need not change stays.

    Args:
        answer: The file as it is.
        changes: Key → new value; None or an empty list removes the key's lines.
        body: What the body shall say.
        links: How addresses in this file are written.
        properties: What the keys are mapped to, in the order in which new ones are put.
    """
    front = answer.front
    wanted = {
        key: REMOVE if value is None or value == () else shown(value, properties.get(key), links)
        for key, value in changes.items()
    }
    if wanted:
        front = with_values(front, wanted, order=tuple(properties))
    if body == answer.body:
        return join(front), ()
    spliced = splice(answer.document, body, links=links)
    return join(replace(front, body=spliced.text.encode())), spliced.notices


def new_answer(
    page: str,
    fields: Mapping[str, FieldValue],
    body: Body,
    links: Links,
    properties: Mapping[str, Property] = NONE,
) -> bytes:
    """Return a new file for a page; see `edit_answer`."""
    told = {key: shown(value, properties.get(key), links) for key, value in fields.items() if value not in (None, ())}
    values = {ID_KEY: page, **told}
    front = with_values(split(b""), values)
    if not body:
        return join(front)
    spliced = splice(Document(text="", nodes=()), body, links=links)
    return join(replace(front, body=b"\n" + spliced.text.encode()))


def with_blocks(document: Document, blocks: Body) -> Document:
    """Return the document with its blocks replaced by equal ones, which may carry ids."""
    return replace(document, nodes=tuple(_with_block(n, b) for n, b in zip(document.nodes, blocks, strict=True)))


def _with_block(node: Node, block: Block) -> Node:
    if not node.children:
        return replace(node, block=block)
    pairs = zip(node.children, block.children, strict=True)
    return replace(node, block=block, children=tuple(_with_block(child, below) for child, below in pairs))
