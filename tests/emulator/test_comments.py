from __future__ import annotations

from tests.emulator.world import World, paragraph, text

from notionsync.emulator import PERSON_TOKEN


def test_comments_are_about_a_page_or_a_block(world: World) -> None:
    """Each is listed where it belongs, oldest first, and page's time stays as it was."""
    page = world.page(children=[paragraph("x")])
    block = world.children(page["id"])[0]["id"]
    world.clock.advance(300)
    first = world.good("POST", "comments", {"parent": {"page_id": page["id"]}, "rich_text": [text("one")]})
    answer = {"discussion_id": first["discussion_id"], "rich_text": [text("two")]}
    second = world.good("POST", "comments", answer)
    world.good("POST", "comments", {"parent": {"block_id": block}, "rich_text": [text("three")]})
    listed = world.good("GET", f"comments?block_id={page['id']}&page_size=1")
    rest = world.good("GET", f"comments?block_id={page['id']}&start_cursor={listed['next_cursor']}")
    assert [entry["id"] for entry in [*listed["results"], *rest["results"]]] == [first["id"], second["id"]]
    assert world.good("GET", f"pages/{page['id']}")["last_edited_time"] == page["last_edited_time"]


def test_only_ones_own_comment_can_be_changed(world: World) -> None:
    """By its author: text and existence."""
    body = {"parent": {"page_id": world.home}, "rich_text": [text("mine")]}
    comment = world.good("POST", "comments", body)["id"]
    world.client.headers["Authorization"] = f"Bearer {PERSON_TOKEN}"
    assert "author" in world.refused("DELETE", f"comments/{comment}", status=403)
    world.client.headers["Authorization"] = "Bearer ntn_emulator"
    changed = world.good("PATCH", f"comments/{comment}", {"rich_text": [text("changed")]})
    assert changed["rich_text"][0]["plain_text"] == "changed"
    world.good("DELETE", f"comments/{comment}")
    world.refused("GET", f"comments/{comment}", status=404)
