from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.emulator.world import World, item, paragraph, text, title

from notionsync.emulator import Settings
from notionsync.emulator.http.routes import ROUTES
from notionsync.emulator.settings import BOT, CAPABILITIES, PERSON


def allowed(*capabilities: str) -> World:
    """A workspace whose bot may do no more than this."""
    return World(Settings(users=(replace(BOT, capabilities=frozenset(capabilities)), PERSON)))


@pytest.mark.parametrize(
    ("has", "answered", "refused"),
    [
        ("read_content", ("GET pages/HOME", "POST search"), ("PATCH pages/HOME", "PATCH blocks/HOME/children")),
        (
            "insert_content",
            ("PATCH blocks/HOME/children",),
            ("GET pages/HOME", "PATCH pages/HOME", "DELETE blocks/HOME"),
        ),
        ("update_content", ("PATCH pages/HOME",), ("GET blocks/HOME/children", "PATCH blocks/HOME/children")),
        ("read_comments", ("GET comments?block_id=HOME",), ("POST comments", "GET pages/HOME")),
        ("insert_comments", ("POST comments",), ("GET comments?block_id=HOME",)),
        ("read_users", ("GET users",), ("GET pages/HOME",)),
    ],
)
def test_a_bot_does_what_it_may_do(has: str, answered: tuple[str, ...], refused: tuple[str, ...]) -> None:
    """Everything else is a 403 that changes nothing; who it is, it may always ask."""
    world = allowed(has)
    bodies: dict[str, Any] = {
        "PATCH pages/HOME": {"icon": None},
        "PATCH blocks/HOME/children": {"children": [paragraph("x")]},
        "POST comments": {"parent": {"page_id": world.home}, "rich_text": [text("x")]},
        "POST search": {},
    }
    for request in answered:
        method, path = request.replace("HOME", world.home).split(" ")
        world.good(method, path, bodies.get(request))
    for request in refused:
        method, path = request.replace("HOME", world.home).split(" ")
        answer = world.ask(method, path, bodies.get(request))
        assert (answer.status_code, answer.json()["code"]) == (403, "restricted_resource")
        assert answer.json()["message"] == "Insufficient permissions for this endpoint."
    world.good("GET", "users/me")
    world.close()


def test_every_endpoint_needs_a_capability_that_exists() -> None:
    """But who one is and files on their way."""
    for (_, pattern), route in ROUTES.items():
        free = pattern == "users/me" or pattern.startswith("file_uploads")
        assert (route.needs is None) == free
        assert free or route.needs in CAPABILITIES


def test_a_workspace_may_hold_only_so_many_blocks_ever() -> None:
    """Those in the trash count, too; a request that would be one too many makes none."""
    world = World(Settings(block_limit=3))
    first = world.append(world.home, item("a", [item("b")]))[0]["id"]
    world.good("DELETE", f"blocks/{first}")
    answer = world.ask("PATCH", f"blocks/{world.home}/children", {"children": [item("c", [item("d")])]}).json()
    assert (answer["code"], answer["additional_data"]) == ("restricted_resource", {"block_limit": 3})
    assert world.children(world.home) == []
    world.append(world.home, item("c"))
    world.close()


def test_an_answer_to_a_write_shows_the_properties_asked_for(world: World) -> None:
    """Of a new page and of one that is changed."""
    source = world.source({"Count": {"number": {}}, "Done": {"checkbox": {}}})
    body = {"parent": {"data_source_id": source}, "properties": {"Name": title("a")}}
    made = world.good("POST", "pages?filter_properties=Count", body)
    assert list(made["properties"]) == ["Count"]
    change = {"properties": {"Count": {"number": 2}}}
    changed = world.good("PATCH", f"pages/{made['id']}?filter_properties=title&filter_properties=Done", change)
    assert set(changed["properties"]) == {"Name", "Done"}
