"""One question in three versions, made of Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from notionsync.convert import parse
from notionsync.convert.links import RESERVED
from notionsync.model import Block, Body, FieldValue, Page, Property, Record
from notionsync.plan.action import Base, Choice, Direction, Local, Policy, Remote
from notionsync.plan.align import align
from notionsync.plan.answer import read_answer, with_blocks
from notionsync.plan.baseline import record_blocks, record_fields
from notionsync.plan.reconcile import Question

PAGE = "38c9ce7b60a481d29260b2f4f0f3a111"
PATH = "answers/a.md"
PROPERTIES = {
    "question": Property(id="title", name="Question", type="title"),
    "order": Property(id="o%3A", name="Order", type="number"),
    "tags": Property(id="t", name="Tags", type="multi_select", options=("a", "b", "c")),
    "edited": Property(id="e", name="Edited", type="last_edited_time"),
}


def file(body: str, **fields: str) -> bytes:
    """Return an answer of a body and front matter."""
    head = "".join(f"{key}: {value}\n" for key, value in {"question": "A?", **fields}.items())
    return f"---\nnotion_id: {PAGE}\n{head}---\n\n{body}".encode()


def numbered(body: Body, prefix: str = "b") -> Body:
    """Return a body whose blocks have ids, as Notion gives them."""
    return tuple(
        replace(block, id=f"{prefix}{n}", children=numbered(block.children, f"{prefix}{n}."))
        for n, block in enumerate(body)
    )


def base(data: bytes) -> Base:
    """Return what was agreed, as the state remembers it."""
    answer = read_answer(data, PROPERTIES, RESERVED)
    body = numbered(answer.body)
    record = Record(
        id=PAGE,
        path=PATH,
        base=data,
        last_edited_time="2026-01-05T10:00:00.000Z",
        blocks=record_blocks(body),
        fields=record_fields(answer.fields, PROPERTIES),
    )
    return Base(record=record, answer=replace(answer, document=with_blocks(answer.document, body)))


def local(data: bytes, agreed: Base | None = None) -> Local:
    """Return a file as it is now."""
    answer = read_answer(data, PROPERTIES, RESERVED)
    if agreed is not None:
        answer = replace(answer, document=with_blocks(answer.document, align(agreed.answer.body, answer.body)))
    return Local(path=PATH, answer=answer)


def remote(body: str, agreed: Base | None = None, **fields: FieldValue) -> Remote:
    """Return a page as it is now; its blocks keep the ids of the agreed ones they stand for, the others get new ones."""
    there = parse(body).body
    there = _named(align(agreed.answer.body, there)) if agreed is not None else numbered(there, "n")
    values: Mapping[str, FieldValue] = {"question": "A?", **fields}
    return Remote(page=page(), fields=values, body=there, raw=there)


def _named(body: Body, prefix: str = "n") -> Body:
    def named(block: Block, n: int) -> Block:
        return replace(block, id=block.id or f"{prefix}{n}", children=_named(block.children, f"{prefix}{n}."))

    return tuple(named(block, n) for n, block in enumerate(body))


def page() -> Page:
    """Return the page, without what is on it."""
    return Page(
        id=PAGE,
        title="A?",
        properties={},
        parent="d",
        created_time="",
        created_by="",
        last_edited_time="2026-01-05T10:00:00.000Z",
        last_edited_by="",
    )


def question(direction: Direction = "sync", on_conflict: Choice = "fail") -> Question:
    """Return the way from three versions to an action."""
    return Question(Policy(direction=direction, on_conflict=on_conflict), PROPERTIES, RESERVED, RESERVED)
