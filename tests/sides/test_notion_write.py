from __future__ import annotations

from collections.abc import Iterator, Sequence

import httpx
import pytest
from tests.sides.notion_world import (
    Trouble,
    World,
    answer,
    applied,
    dropped,
    error,
    instead,
    paragraph,
    refused,
    reply_lost,
    titled,
)

from notionsync.errors import ContentError, MovedError, NotFoundError, TransientError, UnknownOutcomeError
from notionsync.model import Append, Block, Body, Delete, Edit, Run, Update, dashed_id, walk

WRITES = ("POST", "PATCH", "DELETE")


@pytest.fixture
def world() -> Iterator[World]:
    """A fresh workspace."""
    made = World()
    yield made
    made.close()


def texts(body: Body) -> list[object]:
    """What a tree of paragraphs says."""
    return [
        ("".join(run.text for run in block.text), texts(block.children))
        if block.children
        else "".join(run.text for run in block.text)
        for block in body
    ]


def ids(body: Body) -> list[str]:
    """Ids of the top-level blocks."""
    return [block.id or "" for block in body]


def update(block: Block, text: str) -> Update:
    """Change a paragraph's text."""
    assert block.id
    return Update(block.id, block.own(), paragraph(text))


def delete(block: Block) -> Delete:
    """Delete a block."""
    assert block.id
    return Delete(block.id, block)


def table(rows: int) -> Block:
    """A table of one column."""
    cells = (Block(type="table_row", cells=((Run(text=str(n)),),)) for n in range(rows))
    return Block(type="table", attrs={"table_width": 1, "has_column_header": True}, children=tuple(cells))


# --- pages -----------------------------------------------------------------------------------------------------------


def test_a_page_is_one_request(world: World) -> None:
    """With its properties and its body."""
    body = (paragraph("a", paragraph("b", paragraph("c"))), table(3))
    page = world.notion.create_page(world.source.id, titled("Why?"), body)
    assert world.line.lines() == ["POST /v1/pages"]
    assert (page.title, page.parent) == ("Why?", world.source.id)
    assert world.notion.body(page.id) == body


def test_a_large_page_arrives_whole(world: World) -> None:
    """More blocks, more tiers, more rows than a request may hold; and columns, which must come together."""
    columns = Block(
        type="column_list",
        children=(
            Block(type="column", children=(paragraph("left", paragraph("deep", paragraph("deeper"))),)),
            Block(type="column", children=(table(2),)),
        ),
    )
    deep = paragraph(
        "1", paragraph("2", paragraph("3", paragraph("4", paragraph("5", paragraph("6"))), paragraph("7")))
    )
    body = (deep, table(205), columns, *(paragraph(str(n), paragraph("below")) for n in range(230)))
    page = world.notion.create_page(world.source.id, titled("Large"), body)
    written = len(world.line.lines(WRITES))
    assert world.notion.body(page.id) == body
    assert written == 1 + 2 + 2 + 1 + 1 + 1  # the page, its rest, rows, below "3", below "deep", the deep table
    assert page.last_edited_time == world.notion.page(page.id).last_edited_time


def test_a_page_that_took_its_time_is_returned_as_it_is_now(world: World) -> None:
    """Its last edit is the one of the last request."""
    late = answer(429, {"code": "rate_limited", "message": ""}, **{"retry-after": "90"})
    world.line.trouble("PATCH .*", instead(late))
    page = world.notion.create_page(world.source.id, titled("Slow"), tuple(paragraph(str(n)) for n in range(101)))
    assert page.last_edited_time > page.created_time


def test_a_creation_whose_reply_is_lost_is_left_to_the_caller(world: World) -> None:
    """The page is there once; the beginning of its body is completed when it is asked for."""
    body = tuple(paragraph(str(n), paragraph("b", paragraph("c", paragraph("d")))) for n in range(120))
    world.line.trouble("POST /v1/pages", reply_lost)
    with pytest.raises(UnknownOutcomeError):
        world.notion.create_page(world.source.id, titled("Lost"), body)
    (page,) = world.notion.pages(world.source.id).pages
    assert page.title == "Lost"
    world.notion.complete(page.id, body)
    assert world.notion.body(page.id) == body
    world.line.sent.clear()
    world.notion.complete(page.id, body)
    assert world.line.lines(WRITES) == []


def test_completing_a_page_that_holds_something_else_is_refused(world: World) -> None:
    """What a person wrote there stays."""
    page = world.page(paragraph("a"), paragraph("somebody's"))
    with pytest.raises(MovedError):
        world.notion.complete(page, (paragraph("a"), paragraph("b"), paragraph("c")))
    assert texts(world.notion.body(page)) == ["a", "somebody's"]


@pytest.mark.parametrize(
    ("trouble", "writes"),
    [
        (reply_lost, 1),
        (dropped, 2),
        (applied(error(503, "service_unavailable")), 1),
        (instead(answer(504)), 2),
        (instead(error(409, "conflict_error")), 2),
    ],
)
def test_a_property_write_is_looked_at_before_it_is_repeated(world: World, trouble: Trouble, writes: int) -> None:
    """Applied: nothing is sent again. Not applied: it is sent once more. Either way the values are there."""
    page = world.page()
    world.line.trouble("PATCH /v1/pages/.*", trouble)
    order = next(p.id for p in world.source.properties if p.name == "Order")
    written = world.notion.update_page(page, properties={"Order": {"number": 7}, **titled("Now")})
    assert (written.title, written.properties[order]["number"]) == ("Now", 7)
    assert [line.split()[0] for line in world.line.lines()] == ["PATCH", "GET", "PATCH"][: writes + 1]


def test_a_repeat_does_not_overwrite_a_person(world: World) -> None:
    """With the page as it was read, a value that somebody set in between is not replaced."""
    page = world.page()
    before = world.notion.page(page)
    order = next(p.id for p in world.source.properties if p.name == "Order")

    def edited_meanwhile(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:  # noqa: ARG001
        world.person.update_page(page, properties={order: {"number": 99}})
        return error(502, "bad_gateway")

    world.line.trouble("PATCH /v1/pages/.*", edited_meanwhile)
    with pytest.raises(MovedError):
        world.notion.update_page(page, properties={order: {"number": 7}}, before=before)
    assert world.notion.page(page).properties[order]["number"] == 99


def test_trashing_is_looked_at_before_it_is_repeated(world: World) -> None:
    """The reply is lost after the page went to the trash."""
    page = world.page()
    world.line.trouble("PATCH .*", reply_lost)
    assert world.notion.update_page(page, in_trash=True).in_trash
    assert len(world.line.lines(WRITES)) == 1


# --- edits -----------------------------------------------------------------------------------------------------------


def test_one_word_is_one_request(world: World) -> None:
    """The block keeps its id, its children and its neighbours."""
    page = world.page(paragraph("a", paragraph("below")), paragraph("b"))
    first, second = world.notion.body(page)
    world.line.sent.clear()
    world.notion.apply(page, [update(first, "A")])
    assert world.line.lines() == [f"PATCH /v1/blocks/{dashed_id(first.id or '')}"]
    now = world.notion.body(page)
    assert texts(now) == [("A", ["below"]), "b"]
    assert ids(now) == [first.id, second.id]


def test_an_update_that_says_nothing_new_sends_nothing(world: World) -> None:
    """Not even a request."""
    page = world.page(paragraph("a"))
    (block,) = world.notion.body(page)
    world.line.sent.clear()
    world.notion.apply(page, [update(block, "a")])
    assert world.line.sent == []


@pytest.mark.parametrize(
    ("after", "last", "expected"),
    [
        (None, False, ["x", "y", "a", "b", "c"]),
        (0, False, ["a", "x", "y", "b", "c"]),
        (2, False, ["a", "b", "c", "x", "y"]),
        (2, True, ["a", "b", "c", "x", "y"]),
    ],
)
def test_where_blocks_are_added(world: World, after: int | None, last: bool, expected: list[str]) -> None:
    """First, between, last: one request each."""
    page = world.page(paragraph("a"), paragraph("b"), paragraph("c"))
    there = ids(world.notion.body(page))
    world.line.sent.clear()
    edit = Append(page, None if after is None else there[after], (paragraph("x"), paragraph("y")), last=last)
    world.notion.apply(page, [edit])
    assert len(world.line.sent) == 1
    assert texts(world.notion.body(page)) == expected


def test_a_long_run_between_others_keeps_its_order(world: World) -> None:
    """A positioned append answers all later siblings, too; only the new ones are taken for new."""
    page = world.page(*[paragraph(f"old {n}") for n in range(5)])
    there = ids(world.notion.body(page))
    new = tuple(
        paragraph(f"new {n}", paragraph("b", paragraph("c", paragraph(f"deep {n}")))) for n in range(0, 210, 70)
    )
    run = (*new, *(paragraph(str(n)) for n in range(230)))
    world.notion.apply(page, [Append(page, there[1], run)])
    now = world.notion.body(page)
    assert now[:2] == tuple(paragraph(f"old {n}") for n in range(2))
    assert now[2:-3] == run
    assert now[-3:] == tuple(paragraph(f"old {n}") for n in range(2, 5))


def test_blocks_below_blocks(world: World) -> None:
    """Rows of a table, an item of a list."""
    page = world.page(table(2))
    (block,) = world.notion.body(page)
    row = Block(type="table_row", cells=((Run(text="new"),),))
    world.notion.apply(page, [Append(block.id or "", block.children[0].id, (row,))])
    assert [row.cells[0][0].text for row in world.notion.body(page)[0].children] == ["0", "new", "1"]


@pytest.mark.parametrize(("below", "requests"), [((), 1), ((paragraph("b"),), 2)])
def test_a_delete_is_one_request_and_a_look_at_what_was_below(
    world: World, below: tuple[Block, ...], requests: int
) -> None:
    """The block goes to the trash with everything below it."""
    page = world.page(paragraph("a", *below), paragraph("c"))
    body = world.notion.body(page)
    world.line.sent.clear()
    world.notion.apply(page, [delete(body[0])])
    assert len(world.line.sent) == requests
    assert texts(world.notion.body(page)) == ["c"]


@pytest.mark.parametrize("where", ["below", "far below", "a new one", "the first one"])
def test_a_delete_of_what_was_edited_below_is_taken_back(world: World, where: str) -> None:
    """A person wrote below the block after we read it, which its own answer does not show: nothing of it is lost."""
    inner = () if where == "the first one" else (paragraph("b", paragraph("c")),)
    page = world.page(paragraph("a", *inner), paragraph("d"))
    body = world.notion.body(page)
    new = Append(body[0].id or "", None, (paragraph("mine"),), last=True)
    edit = {
        "below": lambda: update(body[0].children[0], "mine"),
        "far below": lambda: update(body[0].children[0].children[0], "mine"),
    }.get(where, lambda: new)()
    world.person.apply(page, [edit])
    with pytest.raises(MovedError, match="not deleted"):
        world.notion.apply(page, [delete(body[0])])
    now = world.notion.body(page)
    assert [block.own() for block in now] == [block.own() for block in body]
    assert "mine" in {run.text for block in walk(now) for run in block.text}


def test_a_delete_of_something_else_is_taken_back(world: World) -> None:
    """A person edited the block after we read it: it is restored in its place, and the caller is told."""
    page = world.page(paragraph("a"), paragraph("b"), paragraph("c"))
    body = world.notion.body(page)
    world.person.apply(page, [update(body[1], "b, and more")])
    with pytest.raises(MovedError, match="not deleted"):
        world.notion.apply(page, [delete(body[1])])
    assert texts(world.notion.body(page)) == ["a", "b, and more", "c"]


def test_a_restore_that_fails_says_where_the_text_is(world: World) -> None:
    """It is in Notion's trash, and the message says so."""
    page = world.page(paragraph("a"))
    (block,) = world.notion.body(page)
    world.person.apply(page, [update(block, "mine")])
    world.line.trouble("PATCH .*", *[refused] * 50)
    with pytest.raises(MovedError) as caught:
        world.notion.apply(page, [delete(block)])
    assert "trash" in caught.value.advice


def test_deleting_what_is_gone_is_done(world: World) -> None:
    """Somebody was faster; also when the service refuses to touch its trash."""
    page = world.page(paragraph("a"), paragraph("b"))
    body = world.notion.body(page)
    world.person.apply(page, [delete(body[0])])
    world.notion.apply(page, [delete(body[0])])
    world.line.trouble("DELETE .*", instead(error(404, "object_not_found")))
    world.notion.apply(page, [delete(body[1])])


def test_editing_what_is_gone_is_a_conflict(world: World) -> None:
    """Updating a deleted block, adding after one, adding below one: each says that the page moved on."""
    page = world.page(paragraph("a", paragraph("below")), paragraph("b"))
    gone, _ = world.notion.body(page)
    world.person.apply(page, [delete(gone)])
    edits: Sequence[Edit] = [
        update(gone, "A"),
        Append(page, gone.id, (paragraph("x"),)),
        Append(gone.id or "", None, (paragraph("x"),), last=True),
    ]
    for edit in edits:
        with pytest.raises(MovedError):
            world.notion.apply(page, [edit])
    assert texts(world.notion.body(page)) == ["b"]


def test_a_refusal_that_has_another_cause_stays_what_it_is(world: World) -> None:
    """Content that the service does not take is no conflict."""
    page = world.page(paragraph("a"))
    bad = Block(type="code", text=(Run(text="x"),), attrs={"language": "klingon"})
    with pytest.raises(ContentError, match="language"):
        world.notion.apply(page, [Append(page, None, (bad,))])


# --- lost replies ----------------------------------------------------------------------------------------------------

LOST: dict[str, Trouble] = {
    "reply lost": reply_lost,
    "dropped before": dropped,
    "500 applied": applied(error(500, "internal_server_error")),
    "500 not applied": instead(error(500, "internal_server_error")),
    "502 in HTML, applied": applied(answer(502, "<html>")),
    "504 not applied": instead(answer(504, "<html>")),
    "garbled success": applied(answer(200, "<html>")),
    "half a success": applied(answer(200, {"object": "list", "results": []})),
    "409": instead(error(409, "conflict_error")),
    "429": instead(error(429, "rate_limited")),
    "529": instead(error(529, "service_overload")),
    "refused": refused,
}


@pytest.mark.parametrize("place", ["start", "middle", "end"])
@pytest.mark.parametrize("trouble", LOST.values(), ids=LOST)
def test_an_append_arrives_once(world: World, trouble: Trouble, place: str) -> None:
    """Whatever becomes of request or reply, each block is there once, in its place, with everything below it.

    Even though blocks that say the same stand on both sides, made by ourselves.
    """
    same = (paragraph("x", paragraph("y", paragraph("z", paragraph("deep")))), paragraph(""))
    page = world.page(*same, paragraph("m"), *same)
    known = world.notion.body(page)
    run = (*same, *(paragraph("") for _ in range(120)))
    after = {"start": None, "middle": known[2].id, "end": known[-1].id}[place]
    world.line.trouble("PATCH .*", trouble, None, trouble)
    world.notion.apply(page, [Append(page, after, run, last=place == "end")], known=known)
    now = world.notion.body(page)
    at = {"start": 0, "middle": 3, "end": 5}[place]
    assert now == known[:at] + run + known[at:]
    assert [block.id for block in now[:at] + now[at + len(run) :]] == ids(known)


@pytest.mark.parametrize("trouble", [reply_lost, dropped])
def test_what_was_there_before_is_not_taken_for_new(world: World, trouble: Trouble) -> None:
    """The same words in the same minute, by ourselves: ids that were read before tell; in another minute, time does."""
    page = world.notion.create_page(world.source.id, titled("Why?"), (paragraph("a"), paragraph("x"))).id
    known = world.notion.body(page)
    world.line.trouble("PATCH .*", trouble, None, trouble)
    world.notion.apply(page, [Append(page, known[0].id, (paragraph("x"),))], known=known)
    assert texts(world.notion.body(page)) == ["a", "x", "x"]
    world.clock.sleep(120)
    world.notion.page(page)
    world.notion.apply(page, [Append(page, known[0].id, (paragraph("x"),))])
    assert texts(world.notion.body(page)) == ["a", "x", "x", "x"]


@pytest.mark.parametrize("trouble", [reply_lost, dropped])
def test_an_earlier_edit_is_not_taken_for_a_later_one(world: World, trouble: Trouble) -> None:
    """Two additions of the same words at the same place."""
    page = world.page(paragraph("a"))
    known = world.notion.body(page)
    edit = Append(page, known[0].id, (paragraph("x"),))
    world.line.trouble("PATCH .*", None, trouble)
    world.notion.apply(page, [edit, edit], known=known)
    assert texts(world.notion.body(page)) == ["a", "x", "x"]


@pytest.mark.parametrize("trouble", [reply_lost, dropped])
def test_equal_blocks_of_one_page_are_not_taken_for_each_other(world: World, trouble: Trouble) -> None:
    """What the first request brought says the same as what the second one lost, in the same minute."""
    row = Block(type="table_row", cells=((),))
    rows = Block(type="table", attrs={"table_width": 1}, children=(row,) * 150)
    body = (rows, *(paragraph("") for _ in range(150)))
    world.line.trouble("PATCH .*", trouble, None, trouble)
    page = world.notion.create_page(world.source.id, titled("Equal"), body)
    assert world.notion.body(page.id) == body


def test_a_part_of_a_run_that_arrived_is_gone_on_from(world: World) -> None:
    """The service applied a prefix and answered nothing: the rest follows behind it, below it what is missing."""
    page = world.page(paragraph("a"), paragraph("b"))
    known = world.notion.body(page)
    run = (paragraph("x", paragraph("y"), paragraph("z")), paragraph("w"))

    def prefix(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:  # noqa: ARG001
        half = paragraph("x", paragraph("y"))
        other = type(world.notion)("ntn_emulator", "http://emulator", transport=world.line.inner, pace=10_000)
        other.apply(page, [Append(page, known[0].id, (half,))])
        return error(500, "internal_server_error")

    world.line.trouble("PATCH .*", prefix)
    world.notion.apply(page, [Append(page, known[0].id, run)], known=known)
    assert world.notion.body(page) == (known[0], *run, known[1])


def test_what_a_person_writes_meanwhile_is_not_taken_for_ours(world: World) -> None:
    """The same words, at the same place, by somebody else: ours are added all the same."""
    page = world.page(paragraph("a"))
    known = world.notion.body(page)

    def by_person(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:  # noqa: ARG001
        world.person.apply(page, [Append(page, known[0].id, (paragraph("x"),))])
        return error(500, "internal_server_error")

    world.line.trouble("PATCH .*", by_person)
    world.notion.apply(page, [Append(page, known[0].id, (paragraph("x"),))], known=known)
    assert texts(world.notion.body(page)) == ["a", "x", "x"]


def test_new_blocks_of_ours_that_we_do_not_recognise_stop_the_repeat(world: World) -> None:
    """The service stored something else than we sent: adding it again might double it."""
    page = world.page(paragraph("a"))
    known = world.notion.body(page)

    def rewritten(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        data = request.read().replace(b'"content":"x"', b'"content":"X"')
        changed = httpx.Request(
            "PATCH", request.url, headers={**request.headers, "content-length": str(len(data))}, content=data
        )
        inner.handle_request(changed).close()
        return error(504, "gateway_timeout")

    world.line.trouble("PATCH .*", rewritten)
    with pytest.raises(UnknownOutcomeError, match="differ"):
        world.notion.apply(page, [Append(page, known[0].id, (paragraph("x"),))], known=known)
    assert texts(world.notion.body(page)) == ["a", "X"]


def test_what_cannot_be_sent_is_found_before_anything_is(world: World) -> None:
    """The second edit needs a file that was not uploaded: the first is not done either."""
    page = world.page(paragraph("a"))
    (block,) = world.notion.body(page)
    world.line.sent.clear()
    image = Block(type="image", attrs={"url": "asset:img.png?sha256=aa"})
    with pytest.raises(ContentError):
        world.notion.apply(page, [update(block, "b"), Append(page, None, (image,))])
    assert world.line.sent == []


def test_ids_in_a_503_are_believed(world: World) -> None:
    """The service says which blocks it committed, so nothing is sent again."""
    page = world.page(paragraph("x"))
    (block,) = world.notion.body(page)
    committed = error(503, "service_unavailable", committed_resource_id=page, committed_child_ids=[block.id])
    world.line.sent.clear()
    world.line.trouble("PATCH .*", instead(committed))
    world.notion.apply(page, [Append(page, None, (paragraph("x"),))])
    assert len(world.line.lines(WRITES)) == 1


@pytest.mark.parametrize("trouble", LOST.values(), ids=LOST)
def test_an_update_arrives(world: World, trouble: Trouble) -> None:
    """It is sent again only while the block still says the old."""
    page = world.page(paragraph("a"))
    (block,) = world.notion.body(page)
    world.line.sent.clear()
    if trouble is LOST["half a success"]:
        trouble = LOST["garbled success"]
    world.line.trouble("PATCH .*", trouble)
    world.notion.apply(page, [update(block, "b")])
    assert texts(world.notion.body(page)) == ["b"]


def test_an_update_is_not_repeated_over_a_person(world: World) -> None:
    """The reply was lost and the block says a third thing."""
    page = world.page(paragraph("a"))
    (block,) = world.notion.body(page)

    def third(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:  # noqa: ARG001
        world.person.apply(page, [update(block, "theirs")])
        return answer(502, "<html>")

    world.line.trouble("PATCH .*", third)
    with pytest.raises(MovedError):
        world.notion.apply(page, [update(block, "ours")])
    assert texts(world.notion.body(page)) == ["theirs"]


@pytest.mark.parametrize("trouble", LOST.values(), ids=LOST)
def test_a_delete_arrives(world: World, trouble: Trouble) -> None:
    """Once is enough, and nothing else is touched."""
    page = world.page(paragraph("a"), paragraph("b"))
    body = world.notion.body(page)
    if trouble is LOST["half a success"]:
        trouble = LOST["garbled success"]
    world.line.trouble("DELETE .*", trouble)
    world.notion.apply(page, [delete(body[0])])
    assert texts(world.notion.body(page)) == ["b"]


def test_trouble_that_does_not_end_leaves_an_unknown_outcome(world: World) -> None:
    """Out of patience while looking: the caller learns that the write may have landed."""
    page = world.page(paragraph("a"))
    (block,) = world.notion.body(page)
    world.line.trouble("PATCH .*", reply_lost)
    world.line.trouble("GET .*", *[dropped] * 100)
    with pytest.raises(UnknownOutcomeError) as caught:
        world.notion.apply(page, [update(block, "b")])
    assert page in caught.value.message


def test_a_busy_service_leaves_a_known_outcome(world: World) -> None:
    """Refused unread to the end: transient, and certainly not applied."""
    page = world.page(paragraph("a"))
    (block,) = world.notion.body(page)
    world.line.trouble("PATCH .*", *[instead(error(429, "rate_limited"))] * 100)
    with pytest.raises(TransientError) as caught:
        world.notion.apply(page, [update(block, "b")])
    assert not isinstance(caught.value, UnknownOutcomeError)


# --- databases -------------------------------------------------------------------------------------------------------


def test_a_database_in_a_page_that_is_not_shared(world: World) -> None:
    """It is told how to share."""
    with pytest.raises(NotFoundError):
        world.notion.create_database("38c9ce7b60a481d29260b2f4f0f3a111", "Questions", {"Name": {"title": {}}})


def test_a_database_whose_reply_is_lost_is_not_created_twice(world: World) -> None:
    """The caller is told to look; a 503 that names it is a success."""
    world.line.trouble("POST /v1/databases", reply_lost)
    with pytest.raises(UnknownOutcomeError):
        world.notion.create_database(world.home, "Questions", {"Name": {"title": {}}})
    assert len(world.line.lines(WRITES)) == 1
    named = error(503, "service_unavailable", committed_resource_id=dashed_id(world.source.database))
    world.line.trouble("POST /v1/databases", instead(named))
    assert world.notion.create_database(world.home, "Questions", {"Name": {"title": {}}}) == world.source


def test_added_properties_are_looked_for(world: World) -> None:
    """The reply is lost; the schema tells that they are there."""
    world.line.trouble("PATCH .*", reply_lost)
    source = world.notion.add_properties(world.source.id, {"Tags": {"multi_select": {}}})
    assert "Tags" in {p.name for p in source.properties}
    assert len(world.line.lines(WRITES)) == 1
