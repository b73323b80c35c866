from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.emulator.world import World, item, paragraph, said, text, title

from notionsync.emulator.blocktypes import LANGUAGES
from notionsync.emulator.richtext import ALL_COLORS
from notionsync.emulator.server import HOST, listen
from notionsync.emulator.settings import BOT

APPEND = "/v1/blocks/{id}/children"


def refused_block(world: World, *blocks: dict[str, Any]) -> str:
    """Why blocks are not taken; none of them is there afterwards."""
    message = world.refused("PATCH", f"blocks/{world.home}/children", {"children": list(blocks)})
    assert world.children(world.home) == []
    return message


def test_every_colour_and_every_language_is_taken(world: World) -> None:
    """Twenty colours, for blocks as for runs; the ninety languages by their full names."""
    assert len(ALL_COLORS) == 20
    for color in ALL_COLORS:
        made = world.append(world.home, {"paragraph": {"rich_text": [text("x", color=color)], "color": color}})[0]
        assert made["paragraph"]["color"] == made["paragraph"]["rich_text"][0]["annotations"]["color"] == color
    for language in LANGUAGES:
        made = world.append(world.home, {"code": {"rich_text": [], "language": language}})[0]
        assert made["code"]["language"] == language


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        (
            {"paragraph": {"rich_text": [{"text": {"content": "x", "link": {"url": f"https://a.b/{'x' * 2000}"}}}]}},
            "url",
        ),
        ({"bookmark": {"url": f"https://a.b/{'x' * 2000}"}}, "bookmark.url.length should be ≤ `2000`"),
        ({"image": {"external": {"url": f"https://a.b/{'x' * 2000}"}}}, "image.external.url.length should be ≤ `2000`"),
        ({"table_row": {"cells": [[]]}}, "may only be placed in a table"),
        ({"column": {"children": []}}, "may only be placed in a column_list"),
        ({"tab": {"children": [item("x")]}}, "paragraph should be defined"),
        ({"paragraph": {"rich_text": [], "icon": {"emoji": "💡"}}}, "title of a tab"),
        ({"numbered_list_item": {"rich_text": [], "list_start_index": 3}}, "list_start_index should be not present"),
        ({"link_preview": {"url": "https://example.org"}}, "Fix one"),
        ({"child_database": {"title": "x"}}, "Fix one"),
        ({"synced_block": {"synced_from": {"block_id": BOT.id}}}, "is not a synced block"),
        ({"divider": {"children": []}}, "divider.children should be not present"),
    ],
)
def test_blocks_that_break_a_rule_are_refused(world: World, block: dict[str, Any], complaint: str) -> None:
    """Whole, with the rule."""
    assert complaint in refused_block(world, paragraph("before"), block)


def test_a_request_is_half_a_megabyte_at_most(world: World) -> None:
    """Counted in bytes."""
    blocks = [paragraph("가" * 1800) for _ in range(95)]
    assert len(json.dumps({"children": blocks}, ensure_ascii=False).encode()) > 500 * 1024
    assert "body size should be ≤" in refused_block(world, *blocks)


def test_schemas_and_values_hold_a_hundred_options_at_most(world: World) -> None:
    """With names of a hundred characters at most."""
    many = [{"name": f"option {n}"} for n in range(101)]
    source = world.source({"Tags": {"multi_select": {"options": many[:100]}}})
    assert len(world.row(source, Tags={"multi_select": many[:100]})["properties"]["Tags"]["multi_select"]) == 100
    body = {"parent": {"data_source_id": source}, "properties": {"Tags": {"multi_select": many}}}
    assert "length should be ≤ `100`" in world.refused("POST", "pages", body)
    change = {"properties": {"More": {"select": {"options": many}}}}
    assert "options.length should be ≤ `100`" in world.refused("PATCH", f"data_sources/{source}", change)
    change = {"properties": {"More": {"select": {"options": [{"name": "x" * 101}]}}}}
    assert "name.length should be ≤ `100`" in world.refused("PATCH", f"data_sources/{source}", change)


def test_columns_are_added_to_a_list_that_is_there(world: World) -> None:
    """One by one, though a new list needs two; the width is kept."""
    sides = [{"column": {"children": [paragraph(side)], "width_ratio": 0.5}} for side in ("l", "r")]
    made = world.append(world.home, {"column_list": {"children": sides}})[0]["id"]
    world.append(made, {"column": {"children": []}})
    assert [column["column"] for column in world.children(made)] == [{"width_ratio": 0.5}, {"width_ratio": 0.5}, {}]


def test_tabs_have_titles_with_icons_and_a_body_below_each(world: World) -> None:
    """The title is a paragraph whose children are the tab."""
    first = {"paragraph": {"rich_text": [text("One")], "icon": {"emoji": "💡"}, "children": [paragraph("inside")]}}
    made = world.append(world.home, {"tab": {"children": [first]}})[0]["id"]
    name = world.children(made)[0]
    assert (said(name), name["paragraph"]["icon"]) == ("One", {"type": "emoji", "emoji": "💡"})
    assert [said(block) for block in world.children(name["id"])] == ["inside"]


def test_what_the_app_alone_makes_is_read_only(world: World) -> None:
    """A list's start, previews of links, meetings, unknown kinds: shown as they are, refused when written."""
    events = world.app.events
    start = {"rich_text": [], "color": "default", "list_start_index": 3, "list_format": "roman"}
    numbered = events.put_block(world.home, "numbered_list_item", start)
    opaque = events.put_block(world.home, "unsupported", {"block_type": "form"})
    shown = world.children(world.home)
    assert shown[0]["numbered_list_item"]["list_start_index"] == 3
    assert "list_start_index" in world.refused(
        "PATCH", f"blocks/{numbered}", {"numbered_list_item": {"rich_text": [], "list_start_index": 1}}
    )
    kept = world.good("PATCH", f"blocks/{numbered}", {"numbered_list_item": {"rich_text": [text("x")]}})
    assert kept["numbered_list_item"]["list_start_index"] == 3
    world.refused("PATCH", f"blocks/{opaque}", {"unsupported": {}})


def test_users_are_partial_where_something_was_made_and_whole_where_they_are_meant(world: World) -> None:
    """`created_by` of a block or page; a people property and a mention."""
    page = world.page(children=[paragraph("x")])
    for shown in (page, world.children(page["id"])[0]):
        assert shown["created_by"] == shown["last_edited_by"] == {"object": "user", "id": BOT.id}
    source = world.source({"By": {"created_by": {}}})
    assert world.row(source)["properties"]["By"]["created_by"]["name"] == BOT.name


def test_restored_page_brings_everything_back_but_what_was_deleted_by_itself(world: World) -> None:
    """A block that was in the trash before stays there."""
    page = world.page(children=[paragraph("kept"), paragraph("deleted")])["id"]
    deleted = world.children(page)[1]["id"]
    world.good("DELETE", f"blocks/{deleted}")
    world.good("PATCH", f"pages/{page}", {"in_trash": True})
    world.good("PATCH", f"pages/{page}", {"in_trash": False})
    assert [said(block) for block in world.children(page)] == ["kept"]
    assert world.good("GET", f"blocks/{deleted}")["in_trash"] is True


# -- faults on a socket -----------------------------------------------------------------------------------------------


@pytest.fixture
def socket(world: World) -> Iterator[httpx.Client]:
    """A client of the same workspace over a real connection."""
    server = listen(world.app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        base = f"http://{HOST}:{server.port}"
        with httpx.Client(base_url=base, headers=world.client.headers, trust_env=False) as client:
            yield client
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize(
    ("fault", "status"),
    [("dropped", 0), ("bad_gateway", 502), ("unavailable", 503), ("gateway_timeout", 504), ("rate_limited", 429)],
)
def test_faults_reach_a_real_connection(
    world: World, socket: httpx.Client, fault: str, status: int, *, applied: bool
) -> None:
    """Scripted over HTTP; before the change is made or after, once."""
    given = {"fault": fault, "method": "PATCH", "path": APPEND, "applied": applied}
    assert socket.post("/_emulator/faults", json=given).status_code == 200
    body = {"children": [paragraph("x")]}
    path = f"/v1/blocks/{world.home}/children"
    if status == 0:
        with pytest.raises(httpx.RemoteProtocolError):
            socket.patch(path, json=body)
    else:
        assert socket.patch(path, json=body).status_code == status
    assert len(world.children(world.home)) == int(applied)
    assert socket.patch(path, json=body).status_code == 200
    assert [fault["fired"] for fault in socket.get("/_emulator/faults").json()["faults"]] == [1]


def test_an_unapplied_503_says_nothing_was_saved(world: World) -> None:
    """No `additional_data`; an applied one tells from where, how long, and what to do."""
    body = {"children": [paragraph("x")]}
    told: list[dict[str, Any]] = []
    for applied in (False, True):
        world.app.faults.add("unavailable", method="PATCH", path=APPEND, applied=applied)
        told.append(world.ask("PATCH", f"blocks/{world.home}/children", body).json())
    assert "additional_data" not in told[0]
    assert set(told[1]["additional_data"]) == {
        "from",
        "elapsed_ms",
        "deadline_ms",
        "retry_guidance",
        "committed_resource_id",
        "committed_child_ids",
    }


def test_a_person_moves_a_page_away_and_edits_between_any_two_requests(world: World) -> None:
    """Before the n-th reading, under their own name; the row is no longer in the listing, but still there."""
    source = world.source()
    row = world.row(source, "Why?")["id"]
    moved = {"method": "POST", "path": f"/v1/pages/{row}/move", "body": {"parent": {"page_id": world.home}}}
    change = {"properties": {"title": title("Because")}}
    renamed = {"method": "PATCH", "path": f"/v1/pages/{row}", "body": change}
    query = "/v1/data_sources/{id}/query"
    world.app.faults.add("person", path=query, nth=3, requests=[moved, renamed])
    counts = [len(world.good("POST", f"data_sources/{source}/query", {})["results"]) for _ in range(4)]
    assert counts == [1, 1, 0, 0]
    page = world.good("GET", f"pages/{row}")
    assert page["parent"] == {"type": "page_id", "page_id": world.home}
    assert page["properties"]["title"]["title"][0]["plain_text"] == "Because"
    assert page["last_edited_by"]["id"] != BOT.id


def test_a_revoked_token_stays_revoked(world: World) -> None:
    """From the request it meets on."""
    world.app.faults.add("revoke_token", token="ntn_emulator", path="/v1/users/me", nth=2)  # noqa: S106
    assert [world.ask("GET", "users/me").status_code for _ in range(3)] == [200, 401, 401]


@pytest.mark.parametrize("odd", [[], {}, 17, None, True, "nonsense"])
def test_odd_values_are_refused_wherever_a_word_is_expected(world: World, odd: Any) -> None:
    """Not taken for a word, and no reason to fall over."""
    source = world.source({"Ok": {"verification": {}}, "Count": {"number": {}}})
    query = f"data_sources/{source}/query"
    block = world.append(world.home, paragraph("x"))[0]["id"]
    for method, path, body in (
        ("PATCH", f"blocks/{world.home}/children", {"children": [paragraph("y")], "position": {"type": odd}}),
        ("PATCH", f"blocks/{world.home}/children", {"children": [{"type": odd, "paragraph": {"rich_text": []}}]}),
        ("PATCH", f"blocks/{block}", {"paragraph": {"rich_text": [{"type": odd}]}}),
        ("POST", query, {"filter": {"timestamp": odd}}),
        ("POST", query, {"filter": {"property": odd, "number": {"equals": 1}}}),
        ("POST", query, {"filter": {"property": "Count", "number": odd}}),
        ("POST", query, {"filter": {"property": "Ok", "verification": {"status": odd}}}),
        ("POST", query, {"sorts": [{"property": "Count", "direction": odd}]}),
        ("POST", query, {"start_cursor": odd} if odd is not None else {"sorts": 1}),
        ("POST", "search", {"filter": {"property": "object", "value": odd}}),
        ("POST", "search", {"sort": {"timestamp": odd, "direction": "ascending"}}),
        ("POST", "pages", {"parent": {"type": odd, "page_id": world.home}, "properties": {}}),
        ("POST", "pages", {"parent": {"page_id": world.home}, "properties": {}, "icon": {"type": odd}}),
        ("PATCH", f"data_sources/{source}", {"properties": {"New": {"type": odd}}}),
        ("POST", "views", {"data_source_id": source, "name": "x", "type": odd}),
    ):
        assert world.refused(method, path, body)
