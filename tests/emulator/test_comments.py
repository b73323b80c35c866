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


def test_a_comment_may_be_told_in_markdown(world: World) -> None:
    """Inline formatting is understood, everything else stays text; one of the two ways, not both."""
    about = {"parent": {"page_id": world.home}}
    markdown = "# a **b *c*** `d*` [e](https://example.org/f) ~~g~~"
    runs = world.good("POST", "comments", {**about, "markdown": markdown})["rich_text"]
    told = [(run["plain_text"], {key for key, value in run["annotations"].items() if value is True}) for run in runs]
    assert [entry for entry in told if entry[0].strip()] == [
        ("# a ", set()),
        ("b ", {"bold"}),
        ("c", {"bold", "italic"}),
        ("d*", {"code"}),
        ("e", set()),
        ("g", {"strikethrough"}),
    ]
    assert next(run["href"] for run in runs if run["plain_text"] == "e") == "https://example.org/f"
    assert "body.markdown should be not present" in world.refused(
        "POST", "comments", {**about, "markdown": "x", "rich_text": [text("x")]}
    )
    assert "body.rich_text should be defined" in world.refused("POST", "comments", about)


def test_a_comment_may_enclose_uploaded_files(world: World) -> None:
    """Up to three; each by the kind of its content, under an address that expires."""
    files = []
    for name in ("a.png", "b.pdf", "c.csv"):
        upload = world.good("POST", "file_uploads", {"filename": name})["id"]
        world.client.post(f"/v1/file_uploads/{upload}/send", files={"file": (name, b"bytes", None)})
        files.append({"file_upload_id": upload})
    body = {"parent": {"page_id": world.home}, "rich_text": [text("x")], "attachments": files}
    comment = world.good("POST", "comments", body)
    assert [entry["category"] for entry in comment["attachments"]] == ["image", "pdf", "productivity"]
    assert world.client.get(comment["attachments"][0]["file"]["url"]).content == b"bytes"
    assert len(world.good("GET", f"comments/{comment['id']}")["attachments"]) == 3
    assert "attachments.length" in world.refused("POST", "comments", {**body, "attachments": [*files, files[0]]})
