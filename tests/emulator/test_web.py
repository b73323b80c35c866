from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from tests.emulator.world import World, item, paragraph, said, text

from notionsync.emulator.settings import BOT, PERSON

EVIL = "<script>alert('x')</script>\"'>"


def looked(world: World, path: str) -> BeautifulSoup:
    """A page as a browser parses it."""
    answer = world.client.get(path)
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html5lib")


def sent(world: World, path: str, **form: str) -> None:
    """Submit a form; it must lead to a page."""
    answer = world.client.post(path, data=form)
    assert answer.status_code == 302, answer.text
    assert world.client.get(answer.headers["location"]).status_code == 200


def compact(identifier: str) -> str:
    """An id as in addresses of pages."""
    return identifier.replace("-", "")


def test_databases_and_pages_are_found_from_the_top(world: World) -> None:
    """Home leads to the table, the table to the page."""
    source = world.source({"Tags": {"multi_select": {}}})
    row = world.row(source, "질문 하나", Tags={"multi_select": [{"name": "기초"}]})
    assert looked(world, "/").find("a", href=f"/d/{compact(source)}") is not None
    table = looked(world, f"/d/{compact(source)}")
    link = table.find("a", href=f"/p/{compact(row['id'])}")
    assert link is not None
    assert link.text == "질문 하나"
    assert "기초" in table.text
    assert "질문 하나" in str(looked(world, f"/p/{compact(row['id'])}").title)


def test_every_kind_of_block_is_shown(world: World) -> None:
    """With its text, nested where it is nested; unknown ones by name."""
    blocks: list[dict[str, Any]] = [
        *(
            {kind: {"rich_text": [text(kind)]}}
            for kind in ("heading_1", "heading_4", "toggle", "to_do", "quote", "callout")
        ),
        item("outer", [item("inner")]),
        {"code": {"rich_text": [text("a < b")], "language": "python"}},
        {"equation": {"expression": "x^2"}},
        {"divider": {}},
        {"table": {"table_width": 1, "children": [{"table_row": {"cells": [[text("cell")]]}}]}},
        {"image": {"external": {"url": "https://example.org/a.png"}}},
        {"column_list": {"children": [{"column": {"children": [paragraph(side)]}} for side in ("left", "right")]}},
    ]
    page = world.page(children=blocks)["id"]
    world.app.events.put_block(page, "unsupported", {"block_type": "button"})
    article = looked(world, f"/p/{compact(page)}").article
    assert article is not None
    for shown in (
        "heading_1",
        "heading_4",
        "toggle",
        "to_do",
        "quote",
        "callout",
        "outer",
        "inner",
        "a < b",
        "x^2",
        "cell",
        "right",
        "button",
    ):
        assert shown in article.text
    assert [image["src"] for image in article.find_all("img")] == ["https://example.org/a.png"]


def test_text_of_others_is_escaped_everywhere(world: World) -> None:
    """Titles, options, blocks, code, links: no markup of theirs becomes markup of ours."""
    source = world.source({EVIL: {"select": {"options": [{"name": EVIL}]}}})
    link = {"text": {"content": "click", "link": {"url": "javascript:alert(1)"}}}
    row = world.row(source, EVIL, **{EVIL: {"select": {"name": EVIL}}})
    world.append(
        row["id"],
        paragraph(EVIL),
        {"code": {"rich_text": [text(EVIL)], "language": "html"}},
        {"paragraph": {"rich_text": [link]}},
    )
    for path in ("/", f"/d/{compact(source)}", f"/p/{compact(row['id'])}"):
        soup = looked(world, path)
        assert soup.find_all("script") == []
        assert all(not str(anchor["href"]).startswith("javascript") for anchor in soup.find_all("a", href=True))
        assert "script-src" not in world.client.get(path).headers["content-security-policy"]
        assert world.client.get(path).headers["content-security-policy"].startswith("default-src 'none'")


def test_a_person_edits_under_their_own_name(world: World) -> None:
    """Text, a tick, a new block, a title; the API sees each, and whose it is."""
    page = world.page(children=[paragraph("old"), {"to_do": {"rich_text": [text("task")]}}])["id"]
    old, todo = world.children(page)
    base = f"/p/{compact(page)}"
    world.client.delete("/_emulator/requests")
    sent(world, f"{base}/b/{compact(old['id'])}", text="new\r\nline")
    sent(world, f"{base}/b/{compact(todo['id'])}", tick="1")
    sent(world, f"{base}/add", kind="heading_2", text="added")
    sent(world, f"{base}/title", title="Renamed")
    assert world.client.get("/_emulator/requests").json()["total"] == 0
    changed, ticked, added = world.children(page)
    assert (said(changed), ticked["to_do"]["checked"], added["type"], said(added)) == (
        "new\nline",
        True,
        "heading_2",
        "added",
    )
    assert (changed["created_by"]["id"], changed["last_edited_by"]["id"]) == (BOT.id, PERSON.id)
    assert added["created_by"]["id"] == PERSON.id
    assert world.app.workspace.title_of(page) == "Renamed"


def test_a_person_adds_deletes_and_restores(world: World) -> None:
    """A question, a block, a page."""
    source = world.source()
    sent(world, f"/d/{compact(source)}", title="A new question")
    row = world.good("POST", f"data_sources/{source}/query", {})["results"][0]
    assert row["created_by"]["id"] == PERSON.id
    block = world.append(row["id"], paragraph("x"))[0]["id"]
    sent(world, f"/p/{compact(row['id'])}/b/{compact(block)}", delete="1")
    assert world.children(row["id"]) == []
    sent(world, f"/p/{compact(row['id'])}/trash")
    assert world.good("GET", f"pages/{row['id']}")["in_trash"] is True
    sent(world, f"/p/{compact(row['id'])}/trash", undo="1")
    assert world.good("GET", f"pages/{row['id']}")["in_trash"] is False


@pytest.mark.parametrize("path", ["/p/nonsense", "/d/00000000000000000000000000000000", "/elsewhere"])
def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    """Without a traceback."""
    assert world.client.get(path).status_code == 404


def test_forms_of_other_sites_are_refused(world: World) -> None:
    """A page elsewhere must not write here by way of the reader's browser."""
    page = compact(world.page()["id"])
    for origin, status in (("https://evil.example", 403), ("null", 403), ("http://emulator", 302)):
        answer = world.client.post(f"/p/{page}/title", data={"title": "x"}, headers={"Origin": origin})
        assert answer.status_code == status


def test_what_the_api_refuses_is_said(world: World) -> None:
    """With its reason."""
    page = world.page()["id"]
    world.good("PATCH", f"pages/{page}", {"in_trash": True})
    answer = world.client.post(f"/p/{compact(page)}/add", data={"kind": "paragraph", "text": "x"})
    assert answer.status_code == 400
    assert "unarchive" in answer.text
