from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.emulator import browser
from tests.emulator.world import World, item, paragraph, said, text, title

from notionsync.emulator.server import HOST, listen
from notionsync.emulator.settings import BOT, PERSON

pytestmark = pytest.mark.browser

EVIL = '<script>window.stolen = 1</script><img src=x onerror="window.stolen = 1">"\'>'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="320" height="90"><rect width="320" height="90" fill="#337ea9"/></svg>'
SCHEMA: dict[str, Any] = {
    "Tags": {"multi_select": {"options": [{"name": "기초", "color": "blue"}, {"name": "CNN", "color": "red"}]}},
    "State": {"status": {}},
    "Level": {"select": {"options": [{"name": "hard", "color": "orange"}]}},
    "Due": {"date": {}},
    "No": {"unique_id": {"prefix": "Q"}},
    "Done": {"checkbox": {}},
    "Who": {"people": {}},
    "Link": {"url": {}},
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless browser; a missing one is a failure that says what to install."""
    program = browser.program()
    if program is None:
        pytest.fail(browser.MISSING)
    playwright = importlib.import_module("playwright.sync_api")  # `make test-browser` installs it
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


class Desk:
    """A person at a browser, and the workspace they look at."""

    def __init__(self, world: World, page: Any, base: str) -> None:
        self.world = world
        self.page = page
        self.base = base

    def open(self, path: str) -> None:
        """Go somewhere."""
        assert self.page.goto(f"{self.base}{path}").status == 200

    def picture(self, name: str) -> None:
        """Keep a screenshot for somebody to look at, when a folder for them is named."""
        folder = os.environ.get("NOTIONSYNC_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)

    def block(self, identifier: str) -> Any:
        """A block on the page."""
        return self.page.locator(f"#b-{identifier.replace('-', '')}")


@pytest.fixture
def desk(chromium: Any, world: World) -> Iterator[Desk]:
    """A fresh browser window before a fresh workspace on a socket; whatever a page complains of fails the test."""
    server = listen(world.app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    context = chromium.new_context(viewport={"width": 1000, "height": 700})
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    try:
        yield Desk(world, page, f"http://{HOST}:{server.port}")
    finally:
        context.close()
        server.shutdown()
        thread.join()
        server.server_close()
    assert complaints == []


def picture_of(world: World) -> str:
    """Id of an uploaded image."""
    made = world.good("POST", "file_uploads", {"filename": "blue.svg", "content_type": "image/svg+xml"})["id"]
    sent = world.client.post(f"/v1/file_uploads/{made}/send", files={"file": ("blue.svg", SVG, "image/svg+xml")})
    assert sent.status_code == 200
    return str(made)


def all_kinds(world: World) -> list[dict[str, Any]]:
    """A block of every kind that a request can make."""
    marks = [text("bold ", bold=True), text("italic ", italic=True), text("code", code=True), text(" red", color="red")]
    head: list[dict[str, Any]] = [
        {"table_of_contents": {}},
        *({f"heading_{level}": {"rich_text": [text(f"Heading {level}")]}} for level in (1, 2, 3, 4)),
        {"paragraph": {"rich_text": [*marks, {"equation": {"expression": "e^{i\\pi}"}}]}},
        {"paragraph": {"rich_text": [{"mention": {"user": {"id": PERSON.id}}}, text(" 님이 물었습니다")]}},
        {"paragraph": {"rich_text": [text("on a ground")], "color": "yellow_background"}},
        item("first", [item("inner", [item("innermost")])]),
        {"numbered_list_item": {"rich_text": [text("one")]}},
        {"numbered_list_item": {"rich_text": [text("two")]}},
        {"to_do": {"rich_text": [text("a task")]}},
        {"to_do": {"rich_text": [text("a finished task")], "checked": True}},
        {"toggle": {"rich_text": [text("Toggle")], "children": [paragraph("folded away")]}},
        {"heading_2": {"rich_text": [text("Folding")], "is_toggleable": True, "children": [paragraph("below it")]}},
        {"quote": {"rich_text": [text("A quotation\nof two lines")]}},
        {"callout": {"rich_text": [text("A callout")], "color": "blue_background"}},
    ]
    rows = [[[text("head")], [text("head 2")]], [[text("cell")], [text("칸")]]]
    rest: list[dict[str, Any]] = [
        {"code": {"rich_text": [text("if a < b:\n    print('가')")], "language": "python", "caption": [text("code")]}},
        {"equation": {"expression": "\\sum_{i=0}^n x_i"}},
        {"divider": {}},
        {
            "table": {
                "table_width": 2,
                "has_column_header": True,
                "children": [{"table_row": {"cells": row}} for row in rows],
            }
        },
        {"column_list": {"children": [{"column": {"children": [paragraph(side)]}} for side in ("left", "right")]}},
        {"tab": {"children": [{"paragraph": {"rich_text": [text("Tab one")], "children": [paragraph("inside")]}}]}},
        {"image": {"file_upload": {"id": picture_of(world)}, "caption": [text("a picture")]}},
        {"file": {"external": {"url": "https://example.org/paper.pdf"}, "name": "paper.pdf"}},
        {"bookmark": {"url": "https://example.org/bookmark"}},
        {"embed": {"url": "https://example.org/embed"}},
        {"link_to_page": {"page_id": world.home}},
        {"breadcrumb": {}},
        {"synced_block": {"synced_from": None, "children": [paragraph("in sync")]}},
    ]
    return [*head, *rest]


def test_databases_table_and_page_are_walked_through(desk: Desk) -> None:
    """From the list of databases to a table of questions, from there to the question and its body."""
    world = desk.world
    source = world.source(SCHEMA)
    row = world.row(
        source,
        "활성화 함수는 왜 비선형이어야 하나요?",
        Tags={"multi_select": [{"name": "기초"}, {"name": "CNN"}]},
        Level={"select": {"name": "hard"}},
        Due={"date": {"start": "2026-02-01"}},
        Done={"checkbox": True},
        Who={"people": [{"id": PERSON.id}]},
        Link={"url": "https://example.org/"},
    )
    world.row(source, "두 번째 질문")
    world.append(row["id"], paragraph("접히지 않도록."))
    desk.open("/")
    desk.picture("home")
    desk.page.get_by_role("link", name="Questions").click()
    desk.picture("table")
    assert desk.page.locator("thead th").all_inner_texts()[0] == "Name"
    assert len(desk.page.locator("tbody tr").all()) == 2
    desk.page.get_by_role("link", name="활성화 함수는").click()
    desk.picture("question")
    assert desk.page.locator("article p").all_inner_texts() == ["접히지 않도록."]
    assert "Robin Reader" in desk.page.locator("table.fields").inner_text()


def test_every_kind_of_block_is_seen(desk: Desk) -> None:
    """With an uploaded picture that loads, and what only Notion itself can make by its name."""
    world = desk.world
    page = world.page("모든 블록", all_kinds(world))["id"]
    world.app.events.put_block(page, "unsupported", {"block_type": "button"})
    desk.open(f"/p/{page}")
    desk.picture("blocks")
    shown = desk.page.locator("article").inner_text()
    for part in (
        "Heading 4",
        "innermost",
        "folded away",
        "below it",
        "of two lines",
        "칸",
        "right",
        "inside",
        "in sync",
    ):
        assert part in shown
    assert desk.page.evaluate("document.querySelector('article img').naturalWidth") == 320
    assert desk.page.locator("section.block").count() > 40


def test_forms_edit_as_a_person(desk: Desk) -> None:
    """Text, a tick, a new block, a new question, the trash: the API sees each, under the person's name."""
    world = desk.world
    source = world.source(SCHEMA)
    row = world.row(source, "질문")["id"]
    old, task = world.append(row, paragraph("old text"), {"to_do": {"rich_text": [text("task")]}})
    desk.open(f"/p/{row}")
    desk.block(old["id"]).locator("summary").first.click()
    desk.picture("editing")
    desk.block(old["id"]).get_by_label("Text").fill("새 글\n둘째 줄")
    desk.block(old["id"]).get_by_role("button", name="Save").click()
    desk.block(task["id"]).get_by_label("Tick").click()
    desk.page.get_by_label("Kind of block").select_option("heading_2")
    desk.page.get_by_label("Text of a new block").fill("더하기")
    desk.page.get_by_role("button", name="Add").click()
    desk.page.get_by_label("Title", exact=True).fill("바뀐 질문")
    desk.page.get_by_role("button", name="Rename").click()
    changed, ticked, added = world.children(row)
    assert (said(changed), ticked["to_do"]["checked"], added["type"]) == ("새 글\n둘째 줄", True, "heading_2")
    assert {block["last_edited_by"]["id"] for block in (changed, ticked, added)} == {PERSON.id}
    assert (changed["created_by"]["id"], added["created_by"]["id"]) == (BOT.id, PERSON.id)
    desk.page.get_by_role("link", name="Questions").click()
    desk.page.get_by_label("Title of a new page").fill("새 질문?")
    desk.page.get_by_role("button", name="Add").click()
    desk.page.get_by_role("button", name="Move to the trash").click()
    desk.picture("trashed")
    assert desk.page.get_by_role("button", name="Restore").is_visible()
    asked = world.good("POST", f"data_sources/{source}/query", {})["results"]
    assert [page["properties"]["Name"]["title"][0]["plain_text"] for page in asked] == ["바뀐 질문"]


def test_hostile_text_stays_text(desk: Desk) -> None:
    """In titles, options, blocks, code and links, on every page: nothing of it runs."""
    world = desk.world
    source = world.source({EVIL: {"select": {"options": [{"name": EVIL}]}}})
    row = world.row(source, EVIL, **{EVIL: {"select": {"name": EVIL}}})["id"]
    link = {"text": {"content": "click", "link": {"url": "javascript:window.stolen=1"}}}
    world.append(
        row,
        paragraph(EVIL),
        {"code": {"rich_text": [text(EVIL)], "language": "html"}},
        {"paragraph": {"rich_text": [link]}},
        {"embed": {"url": "javascript:window.stolen=1"}},
        {"callout": {"rich_text": [text(EVIL)], "icon": {"emoji": EVIL}}},
    )
    world.good("PATCH", f"pages/{world.home}", {"properties": {"title": title(EVIL)}})
    for path in ("/", f"/d/{source}", f"/p/{row}", f"/p/{world.home}"):
        desk.open(path)
        assert EVIL in desk.page.locator("body").inner_text() + desk.page.title()
        for anchor in desk.page.get_by_role("link").all():
            assert not str(anchor.get_attribute("href")).startswith("javascript:")
        assert desk.page.evaluate("window.stolen === undefined")
    desk.picture("hostile")
