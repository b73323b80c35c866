from __future__ import annotations

from tests.emulator.world import World, item, paragraph, text

from notionsync.emulator import Settings

BEFORE, AFTER = "2026-01-31T12:00:00.000Z", "2026-01-31T12:02:00.000Z"


def edited(world: World, path: str) -> str:
    """When something was last edited."""
    return str(world.good("GET", path)["last_edited_time"])


def test_times_are_whole_minutes_of_the_clock(world: World) -> None:
    """12:00:30 is told as 12:00:00."""
    page = world.page()
    assert (page["created_time"], page["last_edited_time"]) == (BEFORE, BEFORE)


def test_databases_tell_milliseconds(world: World) -> None:
    """Unlike everything else, with an offset."""
    source = world.source()
    database = world.good("GET", f"data_sources/{source}")["parent"]["database_id"]
    assert edited(world, f"databases/{database}") == "2026-01-31T12:00:30.000+00:00"


def test_an_edit_moves_a_block_and_its_direct_parent_only(world: World) -> None:
    """An edit of a top block moves the page; an edit of a nested one does not."""
    page = world.page(children=[item("out", [item("in")])])["id"]
    outer = world.children(page)[0]["id"]
    inner = world.children(outer)[0]["id"]
    world.clock.advance(120)
    world.good("PATCH", f"blocks/{inner}", {"bulleted_list_item": {"rich_text": [text("new")]}})
    times = [edited(world, path) for path in (f"blocks/{inner}", f"blocks/{outer}", f"pages/{page}")]
    assert times == [AFTER, AFTER, BEFORE]
    world.good("PATCH", f"blocks/{outer}", {"bulleted_list_item": {"rich_text": [text("new")]}})
    assert edited(world, f"pages/{page}") == AFTER


def test_an_append_moves_its_target_only(world: World) -> None:
    """Appending to a nested block leaves the page's time alone."""
    page = world.page(children=[item("out")])["id"]
    outer = world.children(page)[0]["id"]
    world.clock.advance(120)
    world.append(outer, item("in"))
    assert [edited(world, path) for path in (f"blocks/{outer}", f"pages/{page}")] == [AFTER, BEFORE]


def test_a_delete_moves_no_parent(world: World) -> None:
    """The deleted block alone has a new time."""
    page = world.page(children=[paragraph("x")])["id"]
    block = world.children(page)[0]["id"]
    world.clock.advance(120)
    world.good("DELETE", f"blocks/{block}")
    assert edited(world, f"pages/{page}") == BEFORE


def test_nested_edits_can_move_the_page_when_told_to() -> None:
    """As the app does; a setting, since recordings show otherwise for the API."""
    world = World(Settings(nested_edit_moves_page=True))
    page = world.page(children=[item("out", [item("in")])])["id"]
    inner = world.children(world.children(page)[0]["id"])[0]["id"]
    world.clock.advance(120)
    world.good("PATCH", f"blocks/{inner}", {"bulleted_list_item": {"rich_text": [text("new")]}})
    assert edited(world, f"pages/{page}") == AFTER
    world.close()


def test_every_answer_is_dated_by_the_clock(world: World) -> None:
    """Good, refused and control answers alike."""
    world.clock.advance(3600)
    for path in ("/v1/users/me", "/v1/nonsense", "/_emulator/requests"):
        assert world.client.get(path).headers["date"] == "Sat, 31 Jan 2026 13:00:30 GMT"


def test_the_clock_can_be_set_over_http(world: World) -> None:
    """Set, advanced, let go and stopped; nonsense is refused."""
    clock = world.client.post("/_emulator/clock", json={"set": "2027-03-01T10:00:00Z", "advance": 60}).json()
    assert clock == {"now": "2027-03-01T10:01:00+00:00", "frozen": True}
    assert world.client.post("/_emulator/clock", json={"freeze": False}).json()["frozen"] is False
    assert world.client.post("/_emulator/clock", json={"freeze": True}).json()["frozen"] is True
    assert world.client.post("/_emulator/clock", json={"backwards": 1}).status_code == 400
    assert world.client.post("/_emulator/clock", json={"set": "noon"}).status_code == 400
