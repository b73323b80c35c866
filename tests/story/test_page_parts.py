"""Icons and covers of pages, and pages that may not be written to."""

from __future__ import annotations

from typing import Any

import pytest
from tests.story.lab import Lab

from notionsync.emulator import BOT_TOKEN

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
CUSTOM = "38c9ce7b-60a4-81d2-9260-b2f4f0f3a111"


@pytest.fixture
def desk(empty: Lab) -> Lab:
    """A pushed question whose icon and cover are mapped."""
    empty.write("answers/A.md", "---\nquestion: A?\norder: 1\n---\n\n- A\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    empty.replace("notionsync.toml", 'order = "Order"\n', 'order = "Order"\nicon = "page:icon"\ncover = "page:cover"\n')
    empty.run("push")
    empty.wait(120)
    empty.commit()
    return empty


def page(desk: Lab) -> Any:
    """Return the page."""
    return desk.api("GET", f"pages/{desk.page_of('answers/A.md')}")


def update(desk: Lab, **fields: Any) -> None:
    """Change the page as a person, and let the minute end."""
    desk.api("PATCH", f"pages/{desk.page_of('answers/A.md')}", fields)
    desk.wait(120)


def quiet(desk: Lab) -> None:
    """See that both sides say the same."""
    desk.commit()
    report = desk.json("sync", "--deep")
    assert report["questions"] == [], report
    assert desk.changed() == set()


@pytest.mark.parametrize(
    ("icon", "text"),
    [
        ({"type": "emoji", "emoji": "🎯"}, "🎯"),
        ({"type": "emoji", "emoji": "1️⃣"}, "1️⃣"),
        ({"type": "external", "external": {"url": "https://example.org/i.png"}}, "https://example.org/i.png"),
        ({"type": "icon", "icon": {"name": "pizza", "color": "blue"}}, "icon:pizza/blue"),
        ({"type": "custom_emoji", "custom_emoji": {"id": CUSTOM}}, f"custom_emoji:{CUSTOM}"),
    ],
)
def test_an_icon_goes_both_ways(desk: Lab, icon: dict[str, Any], text: str) -> None:
    """What a person chose in Notion stands in front matter; another icon in the file reaches Notion; none clears it."""
    update(desk, icon=icon)
    desk.run("pull")
    assert f"icon: {text}\n" in desk.read("answers/A.md")
    quiet(desk)
    desk.replace("answers/A.md", f"icon: {text}", "icon: 💡")
    desk.run("push")
    assert page(desk)["icon"] == {"type": "emoji", "emoji": "💡"}
    quiet(desk)
    desk.wait(120)
    desk.replace("answers/A.md", "icon: 💡\n", "")
    desk.run("push")
    assert page(desk)["icon"] is None
    quiet(desk)


def test_icons_that_a_file_can_set(desk: Lab) -> None:
    """An icon of Notion's own and an address can be written; a custom emoji can be kept, and not chosen."""
    update(desk)
    desk.replace("answers/A.md", "order: 1\n", "order: 1\nicon: icon:pizza/red\n")
    desk.run("push")
    assert page(desk)["icon"] == {"type": "icon", "icon": {"name": "pizza", "color": "red"}}
    desk.replace("answers/A.md", "icon:pizza/red", f"custom_emoji:{CUSTOM}")
    assert "a custom emoji can only be chosen in Notion" in desk.run("push", code=3).stdout


def test_what_is_no_icon_leaves_the_one_that_is_there(desk: Lab) -> None:
    """A word, or a file that is missing, is refused."""
    emoji = {"type": "emoji", "emoji": "🚀"}
    update(desk, icon=emoji)
    desk.run("pull")
    desk.replace("answers/A.md", "icon: 🚀", "icon: not an emoji")
    assert "'not an emoji' is not there" in desk.run("sync", code=3).stdout
    assert page(desk)["icon"] == emoji


def test_images_of_the_repository_are_icon_and_cover(desk: Lab) -> None:
    """They are uploaded, once for both, and again when their bytes change; what people upload is downloaded."""
    (desk.root / "answers/i.png").write_bytes(PNG)
    desk.replace("answers/A.md", "order: 1\n", "order: 1\nicon: i.png\ncover: i.png\n")
    desk.requests()
    desk.run("push")
    log = desk.requests()["log"]
    assert [entry["method"] for entry in log if entry["path"].endswith("/file_uploads")] == ["POST"]
    assert (page(desk)["icon"]["type"], page(desk)["cover"]["type"]) == ("file", "file")
    quiet(desk)
    desk.wait(120)
    (desk.root / "answers/i.png").write_bytes(PNG + b"2")
    before = page(desk)["cover"]["file"]["url"].partition("?")[0]
    desk.run("sync")
    after = page(desk)["cover"]["file"]["url"]
    assert after.partition("?")[0] != before
    assert desk.person.get(after).content == PNG + b"2"
    quiet(desk)


def test_an_uploaded_cover_is_downloaded_once(desk: Lab) -> None:
    """The file of a cover is put beside the answer's images; its expiring address is kept nowhere."""
    upload = desk.api("POST", "file_uploads", {"filename": "c.png", "content_type": "image/png"})["id"]
    desk.person.post(f"/v1/file_uploads/{upload}/send", files={"file": ("c.png", PNG, "image/png")}).raise_for_status()
    update(desk, cover={"type": "file_upload", "file_upload": {"id": upload}})
    desk.run("pull")
    (path,) = (path for path in desk.bytes("answers/assets"))
    assert desk.bytes()[path] == PNG
    assert f"cover: {path.removeprefix('answers/')}\n" in desk.read("answers/A.md")
    assert not any(b"X-Amz" in data for folder in ("answers", ".notionsync") for data in desk.bytes(folder).values())
    quiet(desk)


def test_what_is_not_mapped_is_not_touched(empty: Lab) -> None:
    """Without a key for them, icon and cover stay as people set them, and a key of that name stays in the file."""
    empty.write("answers/A.md", "---\nquestion: A?\norder: 1\nicon: 💡\n---\n\n- A\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    empty.replace("notionsync.toml", 'icon = "Icon"\n', "")
    empty.run("push")
    update(empty, icon={"type": "emoji", "emoji": "🎯"})
    empty.replace("answers/A.md", "- A", "- B")
    empty.run("sync")
    assert page(empty)["icon"] == {"type": "emoji", "emoji": "🎯"}
    assert "icon: 💡" in empty.read("answers/A.md")


@pytest.mark.parametrize("command", ["push", "sync"])
def test_a_locked_page_is_not_written_to(desk: Lab, command: str) -> None:
    """The edit waits in the file and is reported with what to do; once the page is unlocked, it goes."""
    update(desk, is_locked=True)
    desk.replace("answers/A.md", "order: 1", "order: 2")
    desk.replace("answers/A.md", "- A", "- B")
    before = page(desk)
    output = desk.run(command, code=3).stdout
    assert "the page is locked in Notion" in output
    assert "Lock page" in output
    assert page(desk)["last_edited_time"] == before["last_edited_time"]
    assert "- B" in desk.read("answers/A.md")
    update(desk, is_locked=False)
    desk.run(command)
    assert desk.children(page(desk)["id"])[0]["bulleted_list_item"]["rich_text"][0]["plain_text"] == "B"
    quiet(desk)


def test_a_locked_page_can_be_read(desk: Lab) -> None:
    """What changed in Notion arrives, also beside an edit that waits."""
    desk.api("PATCH", f"pages/{page(desk)['id']}", {"icon": {"type": "emoji", "emoji": "🎯"}})
    update(desk, is_locked=True)
    desk.replace("answers/A.md", "- A", "- B")
    desk.run("sync", code=3)
    assert "icon: 🎯" in desk.read("answers/A.md")
    assert "- B" in desk.read("answers/A.md")
    desk.replace("answers/A.md", "- B", "- A")
    quiet(desk)


def test_a_locked_page_is_not_trashed(desk: Lab) -> None:
    """A deleted file does not delete a locked page."""
    update(desk, is_locked=True)
    identity = page(desk)["id"]
    (desk.root / "answers/A.md").unlink()
    assert "the page is locked" in desk.run("sync", code=3).stdout
    assert not desk.api("GET", f"pages/{identity}")["in_trash"]


def test_an_archived_page_leaves_its_file_alone(desk: Lab) -> None:
    """It is told, it is no deletion, an edit of the file is not sent and not lost; back from the archive, all goes on."""
    update(desk, is_archived=True)
    for command in ("pull", "push", "sync"):
        report = desk.json(command)
        assert [(q["state"], q["message"]) for q in report["questions"]] == [
            ("pending", "archived in Notion; the file is kept as it is")
        ]
    assert desk.changed() == set()
    desk.replace("answers/A.md", "- A", "- B")
    output = desk.run("sync", code=3).stdout
    assert "edited here, but archived in Notion" in output
    update(desk, is_archived=False)
    desk.run("sync")
    assert desk.children(page(desk)["id"])[0]["bulleted_list_item"]["rich_text"][0]["plain_text"] == "B"
    quiet(desk)


def test_a_file_that_names_an_archived_page(desk: Lab) -> None:
    """Without a record, too, the archive is named, not a page of nowhere."""
    update(desk, is_archived=True)
    for file in (desk.root / ".notionsync/base").iterdir():
        file.unlink()
    assert "archived in Notion" in desk.run("sync", code=3, token=BOT_TOKEN).stdout


def test_check_and_assets_know_what_front_matter_shows(desk: Lab) -> None:
    """A cover that is not there is found with its line; one that is counts as shown, and is no orphan."""
    target = desk.root / "answers/assets/c.png"
    target.parent.mkdir()
    target.write_bytes(PNG)
    desk.replace("answers/A.md", "order: 1\n", "order: 1\nicon: 🎯\ncover: assets/c.png\n")
    assert [(f["path"], f["state"]) for f in desk.json("assets")["files"]] == [("answers/assets/c.png", "new")]
    desk.run("check")
    desk.run("push")
    assert [f["state"] for f in desk.json("assets")["files"]] == ["synced"]
    target.unlink()
    found = desk.json("check", code=6)["findings"]
    assert [(f["line"], f["code"]) for f in found] == [(6, "NS-IMAGE-MISSING")]
