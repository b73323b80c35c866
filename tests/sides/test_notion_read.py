from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import unquote

import httpx
import pytest
from tests.sides.notion_world import World, answer, instead, paragraph, titled

from notionsync.convert import blocks as convert
from notionsync.emulator import Settings
from notionsync.errors import AccessError, NotFoundError, TransientError, UsageError
from notionsync.model import Append, Block, dashed_id
from notionsync.sides.notion import Notion

NOBODY = "38c9ce7b60a481d29260b2f4f0f3a111"


@pytest.fixture
def world() -> Iterator[World]:
    """A fresh workspace."""
    made = World()
    yield made
    made.close()


@pytest.fixture
def capped() -> Iterator[World]:
    """A workspace whose queries end after ten rows."""
    made = World(Settings(seed=7, query_limit=10))
    yield made
    made.close()


def fill(world: World, count: int, *, minutes_between: int = 0) -> list[str]:
    """Create pages and return their ids, oldest first."""
    ids = []
    for n in range(count):
        ids.append(world.notion.create_page(world.source.id, titled(f"Question {n}")).id)
        world.clock.sleep(60 * minutes_between)
    world.line.sent.clear()
    return ids


# --- listings --------------------------------------------------------------------------------------------------------


def test_a_listing_costs_a_request_per_hundred_pages(world: World) -> None:
    """All pages once, with their titles, whatever parts they come in."""
    ids = fill(world, 201)
    listing = world.notion.pages(world.source.id)
    assert listing.complete
    assert {page.id for page in listing.pages} == set(ids)
    assert len(listing.pages) == 201
    assert listing.pages[0].title.startswith("Question ")
    assert world.line.lines() == [f"POST /v1/data_sources/{dashed_id(world.source.id)}/query"] * 3


def test_pages_edited_since(world: World) -> None:
    """Only those whose minute is not before the given one."""
    old, new = fill(world, 2, minutes_between=2)
    since = world.notion.page(new).last_edited_time
    assert [page.id for page in world.notion.pages(world.source.id, since=since).pages] == [new]
    world.notion.update_page(old, properties={"Order": {"number": 1}})
    assert {page.id for page in world.notion.pages(world.source.id, since=since).pages} == {old, new}


def test_the_trash_is_another_listing(world: World) -> None:
    """A trashed page leaves one and appears in the other; it can still be read, and restored."""
    kept, gone = fill(world, 2)
    assert world.notion.update_page(gone, in_trash=True).in_trash
    assert [page.id for page in world.notion.pages(world.source.id).pages] == [kept]
    assert [page.id for page in world.notion.pages(world.source.id, in_trash=True).pages] == [gone]
    assert world.notion.page(gone).in_trash
    assert not world.notion.update_page(gone, in_trash=False).in_trash


def test_more_rows_than_a_query_gives(capped: World) -> None:
    """Queries that end early are continued through windows over the time of creation, until nothing is missing."""
    ids = fill(capped, 35, minutes_between=1)
    listing = capped.notion.pages(capped.source.id)
    assert listing.complete
    assert {page.id for page in listing.pages} == set(ids)


def test_a_window_that_cannot_be_divided_is_not_silent(capped: World, caplog: pytest.LogCaptureFixture) -> None:
    """More rows in one minute than a query gives: the listing says that it is not complete."""
    fill(capped, 15)
    listing = capped.notion.pages(capped.source.id)
    assert not listing.complete
    assert len(listing.pages) == 10
    assert "gaps" in caplog.text


# --- trees -----------------------------------------------------------------------------------------------------------


def test_a_tree_costs_a_request_for_the_page_and_each_block_with_children(world: World) -> None:
    """Everything comes back, in order, with ids."""
    body = (
        paragraph("a", paragraph("b", paragraph("c", paragraph("d")))),
        Block(type="divider"),
        paragraph("", paragraph("e")),
    )
    page = world.page(*body)
    read = world.notion.body(page)
    assert read == body
    assert all(len(block.id or "") == 32 for block in read)
    assert len(world.line.sent) == 1 + 4


def test_a_hundred_blocks_a_request(world: World) -> None:
    """250 blocks are three requests."""
    page = world.page(*[paragraph(str(n)) for n in range(250)])
    assert [block.text[0].text for block in world.notion.body(page)] == [str(n) for n in range(250)]
    assert len(world.line.sent) == 3


def test_pages_within_the_page_are_not_entered(world: World) -> None:
    """The blocks of a sub-page are not this page's."""
    page = world.page(paragraph("a"))
    world.api.pages.create(
        parent={"page_id": dashed_id(page)},
        properties={"title": {"title": [{"text": {"content": "Sub"}}]}},
        children=[convert.to_api(paragraph("inner"))],
    )
    below = world.notion.body(page)
    assert [block.type for block in below] == ["paragraph", "child_page"]
    assert below[1].children == ()
    assert len(world.line.sent) == 1


def test_a_part_of_a_page_is_never_taken_for_the_whole(world: World) -> None:
    """The service says that it kept blocks back: nobody may conclude that they were deleted."""
    page = world.page(paragraph("a"), paragraph("b"))
    world.app.faults.add("truncated", path="/v1/blocks/*/children", keep=1)
    with pytest.raises(TransientError, match="only a part"):
        world.notion.body(page)


def test_synced_blocks_are_read_through(world: World) -> None:
    """A copy shows what its original holds, even when it lies in there itself, and is written without it."""
    page = world.page(Block(type="synced_block", children=(paragraph("a", paragraph("b")),)))
    (original,) = world.notion.body(page)
    source = {"type": "block_id", "block_id": dashed_id(original.id or "")}
    copy = Block(type="synced_block", attrs={"synced_from": source}, children=original.children)
    world.notion.apply(page, [Append(page, None, (copy,), last=True)])
    assert world.notion.body(page) == (original, copy)
    world.notion.apply(page, [Append(original.id or "", None, (copy,), last=True)])
    again = world.notion.body(page)[0]
    assert [block.type for block in again.children] == ["paragraph", "synced_block"]
    assert [block.type for block in again.children[1].children] == ["paragraph", "synced_block"]
    assert again.children[1].children[1].children == ()


def test_a_block_deleted_where_the_next_part_begins(world: World) -> None:
    """The cursor goes bad; the listing is begun anew instead of failing or losing blocks."""
    page = world.page(*[paragraph(str(n)) for n in range(150)])
    at_cursor = world.person.body(page)[100].id

    def delete_first(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        world.api.blocks.delete(at_cursor)
        return inner.handle_request(request)

    world.line.trouble("GET .*/children", None, delete_first)
    assert len(world.notion.body(page)) == 149


def test_a_block_deleted_between_it_and_its_children(world: World) -> None:
    """What vanishes while it is read is read again."""
    page = world.page(paragraph("a", paragraph("b")), paragraph("c"))
    gone = instead(answer(404, {"code": "object_not_found", "message": "Could not find block"}))
    world.line.trouble("GET .*/children", None, gone)
    assert len(world.notion.body(page)) == 2
    world.line.trouble("GET .*/children", *[None, gone] * 3)
    with pytest.raises(TransientError, match="while it was read"):
        world.notion.body(page)


def test_threads_read_side_by_side(world: World) -> None:
    """Each gets its own page and the clock of its own answers; all are counted."""
    bodies = {world.page(paragraph(f"text {n}")): f"text {n}" for n in range(8)}
    before = world.notion.requests
    found: dict[str, str] = {}
    times: list[float] = []

    def read(page: str) -> None:
        found[page] = world.notion.body(page)[0].text[0].text
        times.append(world.notion.server_time)

    threads = [threading.Thread(target=read, args=(page,)) for page in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == bodies
    assert world.notion.requests - before == 8
    assert all(times)


# --- data sources ----------------------------------------------------------------------------------------------------


def test_a_data_source_tells_its_schema(world: World) -> None:
    """Properties with ids, types and the names of options."""
    schema = {"Status": {"select": {"options": [{"name": "Open"}, {"name": "Answered"}]}}}
    source = world.notion.add_properties(world.source.id, schema)
    assert source.title == "Questions"
    assert {(p.name, p.type, p.options) for p in source.properties} == {
        ("Question", "title", ()),
        ("Order", "number", ()),
        ("Status", "select", ("Open", "Answered")),
    }


@pytest.mark.parametrize("form", ["{database}", "{source}", "https://www.notion.so/team/Questions-{database}?v=1234"])
def test_a_database_is_found_by_any_of_its_names(world: World, form: str) -> None:
    """Its id, its data source's id, or an address as people copy it."""
    text = form.format(database=world.source.database, source=world.source.id)
    assert world.notion.resolve(text) == world.source


def test_what_is_no_database(world: World) -> None:
    """A text without an id, a page, something unknown: each is told apart."""
    with pytest.raises(UsageError, match="holds no Notion id"):
        world.notion.resolve("my questions")
    with pytest.raises(UsageError, match="is a page"):
        world.notion.resolve(world.home)
    with pytest.raises(NotFoundError) as caught:
        world.notion.resolve(NOBODY)
    assert "Connections" in caught.value.advice


def test_several_data_sources_ask_for_a_choice(world: World) -> None:
    """Each is named with its id, and the id is taken."""
    second = world.api.data_sources.create(
        parent={"type": "database_id", "database_id": dashed_id(world.source.database)},
        title=[{"type": "text", "text": {"content": "Archive"}}],
        properties={"Name": {"title": {}}},
    )
    with pytest.raises(UsageError, match="several data sources") as caught:
        world.notion.resolve(world.source.database)
    assert world.source.id in caught.value.message
    assert "Archive" in caught.value.message
    assert world.notion.resolve(second["id"]).title == "Archive"


def test_an_id_of_a_database_names_its_data_source(world: World) -> None:
    """Where a data source is wanted: the id to write is told; one that nothing has is not found."""
    with pytest.raises(UsageError, match="is the database") as caught:
        world.notion.data_source(world.source.database)
    assert caught.value.advice == f'write data_source = "{world.source.id}" in notionsync.toml'
    with pytest.raises(NotFoundError, match="data source"):
        world.notion.data_source(NOBODY)


def test_a_linked_view_is_no_database(world: World) -> None:
    """Its source is not shared with us: the service shows none."""
    world.line.trouble("GET .*", instead(answer(200, {"object": "database", "id": NOBODY, "data_sources": []})))
    with pytest.raises(AccessError, match="linked view"):
        world.notion.resolve(NOBODY)


def test_a_token_that_is_refused(world: World) -> None:
    """It is told as such, whatever was asked for."""
    with (
        Notion("ntn_wrong", "http://emulator", transport=httpx.WSGITransport(app=world.app)) as notion,
        pytest.raises(AccessError, match="refused the token"),
    ):
        notion.me()


def test_all_references_of_a_property(world: World) -> None:
    """A page shows 25 of them; the value itself has all, in order."""
    targets = fill(world, 30)
    relation = {"Next": {"relation": {"data_source_id": dashed_id(world.source.id), "single_property": {}}}}
    source = world.notion.add_properties(world.source.id, relation)
    property_id = next(p.id for p in source.properties if p.name == "Next")
    value = {"Next": {"relation": [{"id": dashed_id(id_)} for id_ in targets]}}
    page = world.notion.create_page(source.id, {**titled("All"), **value})
    assert len(world.notion.page(page.id).properties[property_id]["relation"]) == 25
    whole = world.notion.value(page.id, property_id)
    assert [entry["id"] for entry in whole["relation"]] == [dashed_id(id_) for id_ in targets]
    order = next(p.id for p in source.properties if p.name == "Order")
    rollups = {
        name: {"rollup": {"relation_property_name": "Next", "rollup_property_id": of, "function": function}}
        for name, of, function in (("Sum", order, "sum"), ("Names", "title", "show_original"))
    }
    source = world.notion.add_properties(world.source.id, rollups)
    ids = {p.name: p for p in source.properties}
    assert unquote(property_id) == ids["Sum"].via == ids["Names"].via
    assert world.notion.value(page.id, ids["Sum"].id)["rollup"]["function"] == "sum"
    shown = world.notion.value(page.id, ids["Names"].id)["rollup"]["array"]
    assert [entry["title"][0]["plain_text"] for entry in shown] == [world.notion.page(id_).title for id_ in targets]
    assert world.notion.value(page.id, order) == {"id": order, "type": "number", "number": None}


def test_who_we_are_is_asked_once(world: World) -> None:
    """The bot of the token, with the limit of its workspace."""
    assert world.notion.me().max_upload == 5_242_880
    assert world.notion.me().workspace == "Emulated workspace"
    assert world.line.lines() == ["GET /v1/users/me"]
