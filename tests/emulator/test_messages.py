from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.world import World, paragraph, text, title

UNKNOWN_KIND = "note"
PARENTS = ("page_id", "database_id", "data_source_id", "workspace")


def wanted(key: str) -> str:
    """What is said of a key that is missing."""
    return f"body.{key} should be defined, instead was `undefined`."


def block(kind: str, **fields: Any) -> dict[str, Any]:
    """A request to append one block."""
    return {"children": [{kind: {"rich_text": [], **fields}}]}


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("pages", {"parent": '{"database_id": "1234"}'}, 'an object or `undefined`, instead was `"{\\"database_id'),
        (
            "pages",
            {"parent": {"database_id": "DATABASE_ID"}},
            "\n".join(
                [
                    "body failed validation. Fix one:",
                    wanted("parent.page_id"),
                    'body.parent.database_id should be a valid uuid, instead was `"DATABASE_ID"`.',
                    wanted("parent.data_source_id"),
                    wanted("parent.workspace"),
                ]
            ),
        ),
        (
            "pages",
            {"parent": {"page_id": "HOME"}, "properties": {"Phone": {"title": "999"}}},
            (
                "body failed validation. Fix one:\nbody.properties.Phone.title should be an array, instead was "
                f'`"999"`.\n{wanted("properties.Phone.rich_text")}\n{wanted("properties.Phone.number")}\n'
            ),
        ),
        (
            "pages",
            {"parent": {"page_id": "HOME"}, "icon": {"type": "externaeel", "external": {"url": "https://a.org/b"}}},
            (
                f"Fix one:\n{wanted('icon.emoji')}\n"
                'body.icon.type should be `"external"` or `undefined`, instead was `"externaeel"`.'
            ),
        ),
        (
            "blocks/HOME/children",
            {"children": [paragraph("x" * 2001)]},
            (
                "body failed validation: body.children[0].paragraph.rich_text[0].text.content.length should be ≤ `2000`, "
                "instead was `2001`."
            ),
        ),
        (
            "blocks/HOME/children",
            block("paragraph", icon=None),
            "validation: body.children[0].paragraph.icon should be an object or `undefined`, instead was `null`.",
        ),
        (
            "blocks/HOME/children",
            block("to_do", checked="yes"),
            'body.children[0].to_do.checked should be a boolean or `undefined`, instead was `"yes"`.',
        ),
        (
            "blocks/HOME/children",
            {"children": [{"callout": {}}]},
            "body failed validation: body.children[0].callout.rich_text should be defined, instead was `undefined`.",
        ),
        (
            "blocks/HOME/children",
            block("quote", rich_text=[{"text": {"content": "x", "link": []}}]),
            "rich_text[0].text.link should be an object, `null`, or `undefined`, instead was `[]`.",
        ),
        (
            "blocks/HOME/children",
            {"children": [{"type": UNKNOWN_KIND, UNKNOWN_KIND: {}}]},
            f"body failed validation. Fix one:\n{wanted('children[0].embed')}\n{wanted('children[0].bookmark')}\n",
        ),
        (
            "blocks/HOME/children",
            {"children": [], "after": "x"},
            'body.after should be not present, instead was `"x"`.',
        ),
        (
            "blocks/HOME/children",
            {"children": [{"divider": {"children": [paragraph("one")]}}]},
            'instead was `[{"type":"paragraph","paragraph":{"rich_text":[{"type":...`.',
        ),
        ("search", {"page_size": "9"}, 'body.page_size should be a number or `undefined`, instead was `"9"`.'),
        ("search", {"page_size": 101}, "body.page_size should be ≤ `100` or `undefined`, instead was `101`."),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_service(
    world: World, path: str, body: dict[str, Any], message: str
) -> None:
    """As quoted from the real service in public reports: of alternatives, those that came farthest, in its order."""
    body = {**body, **({"parent": {"page_id": world.home}} if body.get("parent") == {"page_id": "HOME"} else {})}
    method = "PATCH" if path.startswith("blocks") else "POST"
    assert message in world.refused(method, path.replace("HOME", world.home), body)


def test_the_older_word_for_the_trash_is_gone_with_the_newer_version(world: World) -> None:
    """Of pages, blocks, databases and data sources, and in queries."""
    source = world.source()
    database = world.good("GET", f"data_sources/{source}")["parent"]["database_id"]
    page = world.row(source)["id"]
    for path in (f"pages/{page}", f"blocks/{page}", f"databases/{database}", f"data_sources/{source}"):
        message = world.refused("PATCH", path, {"archived": False})
        assert message == "body failed validation: body.archived should be not present, instead was `false`."
        world.good("PATCH", path, {"archived": False}, version="2025-09-03")
    assert "body.archived" in world.refused("POST", f"data_sources/{source}/query", {"archived": True})
    world.good("POST", f"data_sources/{source}/query", {"archived": True}, version="2025-09-03")


def test_what_lies_in_the_trash_is_told_from_what_lies_in_something_that_does(world: World) -> None:
    """Both cannot be edited; only the one must be restored itself."""
    page = world.page(children=[paragraph("x")])["id"]
    inner = world.children(page)[0]["id"]
    world.good("PATCH", f"pages/{page}", {"in_trash": True})
    edit = {"properties": {"title": title("y")}}
    own = "Can't edit block that is archived. You must unarchive the block before editing."
    above = "Can't edit page on block with an archived ancestor. You must unarchive the ancestor before editing page."
    assert world.refused("PATCH", f"pages/{page}", edit) == own
    assert world.refused("DELETE", f"blocks/{page}") == own
    assert world.refused("PATCH", f"blocks/{inner}", {"paragraph": {"rich_text": [text("z")]}}) == above


def test_an_icon_or_cover_of_a_database_cannot_be_cleared(world: World) -> None:
    """`null` clears those of a page, and the icon of a data source."""
    source = world.source()
    database = world.good("GET", f"data_sources/{source}")["parent"]["database_id"]
    for key in ("icon", "cover"):
        message = world.refused("PATCH", f"databases/{database}", {key: None})
        assert message == f"body failed validation: body.{key} should be an object or `undefined`, instead was `null`."
        world.good("PATCH", f"pages/{world.home}", {key: None})
    world.good("PATCH", f"data_sources/{source}", {"icon": None})
