from __future__ import annotations

import json
import re

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.shared import shared
from tests.sides.notion_world import (
    Trouble,
    World,
    answer,
    applied,
    downloaded,
    dropped,
    error,
    instead,
    paragraph,
    refused,
    reply_lost,
    titled,
    uploaded,
)

from notionsync.emulator.faults import FAILURES
from notionsync.errors import UnknownOutcomeError
from notionsync.model import Append, Block, Body, Delete, Edit, Run, Update, dashed_id

TROUBLES: list[Trouble | None] = [
    None,
    reply_lost,
    dropped,
    refused,
    applied(error(500, "internal_server_error")),
    instead(error(500, "internal_server_error")),
    applied(answer(502, "<html>")),
    instead(error(409, "conflict_error")),
    instead(error(429, "rate_limited")),
    applied(answer(200, "<html>")),
]
WORDS = st.sampled_from(["", "x", "y"])
PARAGRAPHS = st.recursive(
    st.builds(paragraph, WORDS),
    lambda inner: st.builds(lambda word, below: paragraph(word, *below), WORDS, st.lists(inner, max_size=2)),
    max_leaves=6,
)
BODIES = st.lists(PARAGRAPHS, max_size=4)


def edit_of(data: st.DataObject, page: str, body: list[Block]) -> tuple[Edit, list[Block]]:
    """Draw an edit of a body with ids; return it and the body that it makes."""
    kind = data.draw(st.sampled_from(["append", "update", "delete"] if body else ["append"]))
    at = data.draw(st.integers(0, len(body) if kind == "append" else len(body) - 1))
    if kind == "append":
        run = tuple(data.draw(st.lists(PARAGRAPHS, min_size=1, max_size=3)))
        edit = Append(page, body[at - 1].id if at else None, run, last=at == len(body))
        return edit, [*body[:at], *run, *body[at:]]
    block = body[at]
    assert block.id
    if kind == "delete":
        return Delete(block.id, block), body[:at] + body[at + 1 :]
    word = data.draw(WORDS)
    changed = paragraph(word, *block.children)
    return Update(block.id, block.own(), changed.own()), [*body[:at], changed, *body[at + 1 :]]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), start=BODIES)
def test_edits_do_what_they_say_through_any_trouble(data: st.DataObject, start: Body) -> None:
    """Few words, so that blocks look alike; trouble at any request; after each edit the page is what it should be."""
    world = World()
    try:
        page = world.notion.create_page(world.source.id, titled("Why?"), tuple(start)).id
        expected = tuple(start)
        for _ in range(3):
            known = world.notion.body(page)
            assert known == expected
            edit, wanted = edit_of(data, page, list(known))
            troubles = data.draw(st.lists(st.sampled_from(TROUBLES), max_size=4))
            world.line.troubles = [(".*", list(troubles))]
            world.notion.apply(page, [edit], known=known)
            world.line.troubles = []
            expected = tuple(wanted)
        assert world.notion.body(page) == expected
    finally:
        world.close()


def story(world: World) -> tuple[Body, Body]:
    """Create a page that takes several requests, look, edit, upload, retitle; return what it shall hold and what it holds."""
    deep = paragraph("a", paragraph("b", paragraph("c", paragraph("d"))))
    body = (deep, paragraph(""), *[paragraph("x")] * 101)
    try:
        page = world.notion.create_page(world.source.id, titled("Why?"), body).id
    except UnknownOutcomeError:
        there = world.notion.pages(world.source.id).pages
        page = there[0].id if there else world.notion.create_page(world.source.id, titled("Why?"), body).id
        world.notion.complete(page, body)
    known = world.notion.body(page)
    address = "asset:a.png?sha256=aa"
    image = Block(type="image", attrs={"url": address})
    uploads = {address: uploaded(world.notion, "a.png", "image/png", b"\x89PNG")}
    run = (paragraph("x", deep), image)
    last = known[-1]
    edits: list[Edit] = [
        Append(page, known[1].id, run),
        Append(page, last.id, (paragraph("x"),), last=True),
        Update(known[1].id or "", known[1], paragraph("x")),
        Delete(last.id or "", last),
    ]
    world.notion.apply(page, edits, uploads, known=known)
    assert world.notion.update_page(page, properties=titled("Now")).title == "Now"
    read = world.notion.body(page)
    wanted = (known[0], paragraph("x"), run[0], *known[2:-1], paragraph("x"))
    assert downloaded(world.notion, read[3].attrs["url"]) == b"\x89PNG"
    assert len(world.notion.pages(world.source.id).pages) == 1
    return wanted, read[:3] + read[4:]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(FAILURES), applied=st.booleans(), nth=st.integers(1, 33), times=st.integers(1, 2))
def test_a_fault_anywhere_changes_nothing_in_the_end(kind: str, applied: bool, nth: int, times: int) -> None:
    """Whatever fails, before or after it was applied: one page, each block once, in its place."""
    world = World()
    try:
        refused_unread = kind in {"rate_limited", "overloaded", "conflict"}
        world.app.faults.add(kind, nth=nth, times=times, applied=applied and not refused_unread)
        wanted, read = story(world)
        assert read == wanted
    finally:
        world.close()


STRICT = [
    (r"POST /v1/pages", "CreatePageBodyParameters"),
    (r"PATCH /v1/pages/[^/]+", "UpdatePageBodyParameters"),
    (r"PATCH /v1/blocks/[^/]+/children", "AppendBlockChildrenBodyParameters"),
    (r"PATCH /v1/blocks/[^/]+", "UpdateBlockBodyParameters"),
    (r"POST /v1/databases", "CreateDatabaseBodyParameters"),
    (r"PATCH /v1/data_sources/[^/]+", "UpdateDataSourceBodyParameters"),
    (r"POST /v1/data_sources/[^/]+/query", "QueryDataSourceBodyParameters"),
    (r"POST /v1/search", "SearchBodyParameters"),
    (r"POST /v1/file_uploads", "CreateFileUploadBodyParameters"),
]


def schema_of(method: str, path: str) -> str:
    """Name of the schema that a request has to keep; empty if there is none."""
    return next((name for pattern, name in STRICT if re.fullmatch(pattern, f"{method} {path}")), "")


@pytest.mark.corpus
def test_every_request_keeps_the_official_types() -> None:
    """Bodies of each kind of request, against schemas generated from the official SDK's types."""
    folder = shared("notion", "schemas", "requests-strict")
    world = World()
    try:
        address = "asset:a.png?sha256=aa"
        body = (
            paragraph("a", paragraph("b", paragraph("c", paragraph("d")))),
            Block(
                type="table", attrs={"table_width": 1}, children=(Block(type="table_row", cells=((Run(text="1"),),)),)
            ),
            Block(type="code", text=(Run(text="x"),), attrs={"language": "python"}),
            Block(type="to_do", text=(Run(text="x", bold=True),), attrs={"checked": True}),
            Block(
                type="column_list",
                children=(
                    Block(type="column", children=(paragraph("l", paragraph("m")),)),
                    Block(type="column", children=(paragraph("r"),)),
                ),
            ),
            Block(type="image", attrs={"url": address}),
        )
        notion = world.notion
        notion.search("Why?", kind="page")
        notion.create_database(world.home, "More", {"Name": {"title": {}}})
        notion.add_properties(world.source.id, {"Tags": {"multi_select": {}}})
        page = notion.create_page(
            world.source.id, titled("Why?"), body, {address: uploaded(notion, "a.png", "image/png", b"\x89PNG")}
        )
        notion.pages(world.source.id, since="2026-01-01T00:00:00.000Z", in_trash=True)
        read = notion.body(page.id)
        done = Block(type="to_do", text=(Run(text="y"),))
        edits = [Append(page.id, read[0].id, (paragraph("n"),)), Append(page.id, None, (paragraph("n"),))]
        notion.apply(page.id, [*edits, Update(read[3].id or "", read[3], done), Delete(read[1].id or "", read[1])])
        notion.update_page(page.id, properties=titled("Now"), in_trash=True)
        checked = set()
        for method, path, sent in world.line.sent:
            name = schema_of(method, path)
            if name:
                jsonschema.validate(sent, json.loads((folder / f"{name}.json").read_text()))
                checked.add(name)
        assert checked == {name for _, name in STRICT}
        assert dashed_id(page.id) in world.line.sent[-1][1]
    finally:
        world.close()
