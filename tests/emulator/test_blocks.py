from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.emulator.world import World, item, paragraph, said, text

from notionsync.emulator import Settings


def test_children_come_in_document_order_and_in_pages(world: World) -> None:
    """A listing gives what was sent, in order, and its cursor leads on without gap or repeat."""
    page = world.page(children=[paragraph(str(n)) for n in range(5)])["id"]
    first = world.good("GET", f"blocks/{page}/children?page_size=2")
    second = world.good("GET", f"blocks/{page}/children?page_size=2&start_cursor={first['next_cursor']}")
    third = world.good("GET", f"blocks/{page}/children?page_size=2&start_cursor={second['next_cursor']}")
    assert [said(block) for part in (first, second, third) for block in part["results"]] == list("01234")
    assert [part["has_more"] for part in (first, second, third)] == [True, True, False]
    assert third["next_cursor"] is None


@pytest.mark.parametrize(
    ("place", "order"),
    [
        ({"type": "start"}, "NMabc"),
        ({"type": "end"}, "abcNM"),
        ("after b", "abNMc"),
    ],
)
def test_append_puts_blocks_where_asked(world: World, place: Any, order: str) -> None:
    """Blocks land at the start, at the end, or after a sibling."""
    page = world.page(children=[paragraph(name) for name in "abc"])["id"]
    if place == "after b":
        place = {"type": "after_block", "after_block": {"id": world.children(page)[1]["id"]}}
    world.append(page, paragraph("N"), paragraph("M"), position=place)
    assert "".join(said(block) for block in world.children(page)) == order


def test_positioned_append_answers_the_later_siblings_too(world: World) -> None:
    """With a position the new blocks are followed by every later sibling; without one they come alone."""
    page = world.page(children=[paragraph(name) for name in "abc"])["id"]
    first = world.children(page)[0]["id"]
    after = {"type": "after_block", "after_block": {"id": first}}
    assert [said(block) for block in world.append(page, paragraph("N"), position=after)] == ["N", "b", "c"]
    assert [said(block) for block in world.append(page, paragraph("end"))] == ["end"]


def test_old_version_takes_after_and_new_one_does_not(world: World) -> None:
    """`after` belongs to 2025-09-03 alone."""
    page = world.page(children=[paragraph("a"), paragraph("b")])["id"]
    body = {"children": [paragraph("N")], "after": world.children(page)[0]["id"]}
    assert "body.after should be not present" in world.refused("PATCH", f"blocks/{page}/children", body)
    world.good("PATCH", f"blocks/{page}/children", body, version="2025-09-03")
    assert [said(block) for block in world.children(page)] == ["a", "N", "b"]


@hypothesis_settings(max_examples=40)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60))
def test_many_insertions_keep_the_order_of_a_list(places: list[int]) -> None:
    """Inserting after any sibling, again and again, gives what a list gives."""
    world = World()
    page = world.page(children=[paragraph("0")])["id"]
    model = ["0"]
    ids = {"0": world.children(page)[0]["id"]}
    for number, place in enumerate(places, start=1):
        before = model[place % len(model)]
        after = {"type": "after_block", "after_block": {"id": ids[before]}}
        ids[str(number)] = world.append(page, paragraph(str(number)), position=after)[0]["id"]
        model.insert(model.index(before) + 1, str(number))
    assert [said(block) for block in world.children(page)] == model
    world.close()


def test_inserting_at_one_place_never_runs_out_of_room(world: World) -> None:
    """Two hundred insertions after the same block still find a place between neighbours."""
    page = world.page(children=[paragraph("first"), paragraph("last")])["id"]
    place = {"type": "after_block", "after_block": {"id": world.children(page)[0]["id"]}}
    for number in range(97):
        world.append(page, paragraph(str(number)), position=place)
    assert [said(block) for block in world.children(page)] == ["first", *map(str, reversed(range(97))), "last"]


def test_update_replaces_a_given_field_and_keeps_the_others(world: World) -> None:
    """A patch of the text keeps colour and state."""
    todo = {"to_do": {"rich_text": [text("old")], "checked": True, "color": "red"}}
    block = world.append(world.home, todo)[0]["id"]
    changed = world.good("PATCH", f"blocks/{block}", {"to_do": {"rich_text": [text("new")]}})
    assert (said(changed), changed["to_do"]["checked"], changed["to_do"]["color"]) == ("new", True, "red")


def test_type_of_a_block_is_fixed(world: World) -> None:
    """Another type's payload is refused."""
    block = world.append(world.home, paragraph("text"))[0]["id"]
    body = {"heading_1": {"rich_text": [text("text")]}}
    assert world.refused("PATCH", f"blocks/{block}", body) == "Expected block type paragraph in request body."


def test_deleted_block_leaves_the_listing_but_can_be_read_and_restored(world: World) -> None:
    """Trash is a state: reading still works, so does undoing, in the old place."""
    page = world.page(children=[paragraph(name) for name in "abc"])["id"]
    middle = world.children(page)[1]["id"]
    assert world.good("DELETE", f"blocks/{middle}")["in_trash"] is True
    assert [said(block) for block in world.children(page)] == ["a", "c"]
    assert world.good("GET", f"blocks/{middle}")["in_trash"] is True
    world.good("PATCH", f"blocks/{middle}", {"in_trash": False})
    assert [said(block) for block in world.children(page)] == ["a", "b", "c"]


def test_restored_block_can_come_last_when_told_to() -> None:
    """Where the real service puts it is unknown, so both can be had."""
    world = World(Settings(restored_block="end"))
    page = world.page(children=[paragraph(name) for name in "abc"])["id"]
    middle = world.children(page)[1]["id"]
    world.good("DELETE", f"blocks/{middle}")
    world.good("PATCH", f"blocks/{middle}", {"in_trash": False})
    assert [said(block) for block in world.children(page)] == ["a", "c", "b"]
    world.close()


def test_what_lies_in_the_trash_cannot_be_edited(world: World) -> None:
    """Neither a trashed block nor what is inside it takes edits or children."""
    block = world.append(world.home, item("out", [item("in")]))[0]["id"]
    inner = world.children(block)[0]["id"]
    world.good("DELETE", f"blocks/{block}")
    assert world.good("GET", f"blocks/{inner}")["in_trash"] is True
    for identifier in (block, inner):
        assert "archived" in world.refused("PATCH", f"blocks/{identifier}/children", {"children": [item("x")]})
        body: dict[str, Any] = {"bulleted_list_item": {"rich_text": []}}
        assert "archived" in world.refused("PATCH", f"blocks/{identifier}", body)


def nested(levels: int) -> dict[str, Any]:
    """List items inside each other."""
    return item(str(levels), [nested(levels - 1)] if levels > 1 else [])


def test_three_tiers_are_taken_and_a_fourth_is_not(world: World) -> None:
    """A block, its children and theirs fit into one request."""
    world.append(world.home, nested(3))
    message = world.refused("PATCH", f"blocks/{world.home}/children", {"children": [nested(4)]})
    path = "body.children[0]" + ".bulleted_list_item.children[0]" * 2 + ".bulleted_list_item.children"
    assert f"{path} should be not present" in message


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        ([paragraph("x")] * 101, "body.children.length should be ≤ `100`, instead was `101`."),
        ([paragraph("x" * 2001)], "text.content.length should be ≤ `2000`, instead was `2001`."),
        ([paragraph("😀" * 1001)], "text.content.length should be ≤ `2000`, instead was `2002`."),
        ([{"paragraph": {"rich_text": [text("x")] * 101}}], "rich_text.length should be ≤ `100`, instead was `101`."),
        ([{"paragraph": {"rich_text": [text("x", colour="red")]}}], "annotations.colour should be not present"),
        ([{"paragraph": {"rich_text": [], "color": "mauve"}}], "paragraph.color should be"),
        ([{"code": {"rich_text": [], "language": "ts"}}], "code.language should be"),
        ([{"equation": {"expression": "x" * 1001}}], "expression.length should be ≤ `1000`"),
        ([{"column_list": {"children": [{"column": {"children": []}}]}}], "children.length should be ≥ `2`"),
        ([{"table": {"table_width": 1}}], "table.children should be defined"),
        ([{"child_page": {"title": "x"}}], "Fix one"),
        ([{"type": "unsupported", "unsupported": {}}], "body.children[0].paragraph should be defined"),
    ],
)
def test_limits_are_named_with_their_path(world: World, blocks: list[Any], complaint: str) -> None:
    """What is too much, missing or unknown is refused, and the text says where."""
    message = world.refused("PATCH", f"blocks/{world.home}/children", {"children": blocks})
    assert complaint in message
    assert world.children(world.home) == []


def test_a_thousand_blocks_are_the_most(world: World) -> None:
    """The limit counts all tiers together."""
    full = [item("x", [item("y")] * 9)] * 100
    world.append(world.home, *full)
    message = world.refused(
        "PATCH", f"blocks/{world.home}/children", {"children": [*full[:99], item("x", [item("y")] * 10)]}
    )
    assert "`1000` blocks" in message


def table(width: int, *rows: list[str]) -> dict[str, Any]:
    """A table in a request."""
    children = [{"table_row": {"cells": [[text(cell)] for cell in row]}} for row in rows]
    return {"table": {"table_width": width, "children": children}}


def test_rows_are_as_wide_as_their_table(world: World) -> None:
    """On creation, on append and on update."""
    wide = "must match the table width"
    assert wide in world.refused("PATCH", f"blocks/{world.home}/children", {"children": [table(2, ["a"])]})
    made = world.append(world.home, table(2, ["a", "b"]))[0]["id"]
    assert wide in world.refused("PATCH", f"blocks/{made}/children", {"children": table(1, ["c"])["table"]["children"]})
    row = world.children(made)[0]["id"]
    assert wide in world.refused("PATCH", f"blocks/{row}", {"table_row": {"cells": [[]]}})
    assert "table_width" in world.refused("PATCH", f"blocks/{made}", {"table": {"table_width": 3}})


def test_only_toggle_headings_hold_children(world: World) -> None:
    """An ordinary heading refuses them; one that has them stays a toggle."""
    plain: dict[str, Any] = {"heading_1": {"rich_text": [text("h")], "children": [paragraph("x")]}}
    assert "toggleable" in world.refused("PATCH", f"blocks/{world.home}/children", {"children": [plain]})
    plain["heading_1"]["is_toggleable"] = True
    made = world.append(world.home, plain)[0]["id"]
    body = {"heading_1": {"rich_text": [text("h")], "is_toggleable": False}}
    assert "has children" in world.refused("PATCH", f"blocks/{made}", body)


def test_copies_of_a_synced_block_show_its_children(world: World) -> None:
    """What is read and appended through a copy is the original's."""
    original = world.append(world.home, {"synced_block": {"synced_from": None, "children": [paragraph("one")]}})[0][
        "id"
    ]
    source = {"type": "block_id", "block_id": original}
    copy = world.append(world.home, {"synced_block": {"synced_from": source}})[0]
    assert copy["has_children"] is True
    world.append(copy["id"], paragraph("two"))
    assert [said(block) for block in world.children(copy["id"])] == ["one", "two"]
    assert [said(block) for block in world.children(original)] == ["one", "two"]


def test_callout_gets_an_icon_of_its_own(world: World) -> None:
    """Without one in the request there is 💡."""
    made = world.append(world.home, {"callout": {"rich_text": []}})[0]
    assert made["callout"]["icon"] == {"type": "emoji", "emoji": "💡"}
    assert "callout.icon" in world.refused("PATCH", f"blocks/{made['id']}", {"callout": {"icon": None}})


def test_blocks_no_request_can_make_can_be_put_there(world: World) -> None:
    """Types only the app makes appear in listings, cannot be updated, and can be deleted."""
    block = world.app.events.put_block(world.home, "unsupported", {"block_type": "button"})
    shown = world.children(world.home)[0]
    assert (shown["type"], shown["unsupported"]) == ("unsupported", {"block_type": "button"})
    world.good("DELETE", f"blocks/{block}")
    assert world.children(world.home) == []


def test_appending_nothing_changes_nothing(world: World) -> None:
    """At any place."""
    for more in ({}, {"position": {"type": "start"}}):
        assert world.append(world.home, **more) == []
