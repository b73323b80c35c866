from __future__ import annotations

from typing import Any

import pytest

from notionsync.convert import blocks_to_markdown, from_api, markdown_to_blocks, parse, render_with_notices
from notionsync.convert.dialect import LANGUAGES, info_string, language
from notionsync.model import walk

U = "11111111-1111-4111-8111-111111111111"


def text(content: str, **marks: Any) -> dict[str, Any]:
    """A text item of a request."""
    return {"type": "text", "text": {"content": content}, "annotations": marks}


def paragraph(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A paragraph of a request."""
    return {"type": "paragraph", "paragraph": {"rich_text": list(items), **more}}


def mention(value: dict[str, Any], shown: str) -> dict[str, Any]:
    """A mention of a response."""
    return {"type": "mention", "mention": value, "annotations": {}, "plain_text": shown}


KINDS: list[list[dict[str, Any]]] = [
    [paragraph()],
    [paragraph(text("a")), paragraph(), paragraph(text("b"))],
    [paragraph(text("a"), icon={"type": "emoji", "emoji": "📄"})],
    [paragraph(mention({"type": "page", "page": {"id": U}}, "Page"))],
    [paragraph(mention({"type": "database", "database": {"id": U}}, "DB"))],
    [paragraph(mention({"type": "date", "date": {"start": "2022-01-10"}}, "2022-01-10"))],
    [
        paragraph(
            mention({"type": "date", "date": {"start": "2022-01-10", "end": "2022-02-23", "time_zone": None}}, "x")
        )
    ],
    [
        paragraph(
            mention(
                {
                    "type": "date",
                    "date": {"start": "2022-01-10T10:00:00.000+09:00", "end": None, "time_zone": "Asia/Seoul"},
                },
                "x",
            )
        )
    ],
    [
        paragraph(
            mention(
                {"type": "link_mention", "link_mention": {"href": "https://e.com/", "title": "E"}}, "https://e.com/"
            )
        )
    ],
    [paragraph(mention({"type": "link_preview", "link_preview": {"url": "https://e.com/"}}, "https://e.com/"))],
    [
        paragraph(
            mention(
                {
                    "type": "template_mention",
                    "template_mention": {"type": "template_mention_date", "template_mention_date": "today"},
                },
                "@today",
            )
        )
    ],
    [
        paragraph(
            mention(
                {"type": "custom_emoji", "custom_emoji": {"id": U, "name": "bufo", "url": "https://e.com/b.png"}},
                ":bufo:",
            )
        )
    ],
    [paragraph(mention({"type": "custom_emoji", "custom_emoji": {"id": U}}, ":x:"))],
    [paragraph(mention({"type": "user", "user": {"id": U}}, ""))],
    [paragraph({"type": "equation", "equation": {"expression": "x_1"}, "annotations": {}}, text("은"))],
    [
        paragraph(
            text("a"), {"type": "equation", "equation": {"expression": "a*b"}, "annotations": {"bold": True}}, text("b")
        )
    ],
    [
        {
            "type": "column_list",
            "column_list": {
                "children": [
                    {"type": "column", "column": {"width_ratio": 0.5, "children": [paragraph(text("a"))]}},
                    {"type": "column", "column": {"children": [paragraph(text("b"))]}},
                ]
            },
        }
    ],
    [{"type": "synced_block", "synced_block": {"synced_from": None, "children": [paragraph(text("a"))]}}],
    [{"type": "synced_block", "synced_block": {"synced_from": {"type": "block_id", "block_id": U}}}],
    [{"type": "synced_block", "synced_block": {"synced_from": {"block_id": U}}}],
    [{"type": "table_of_contents", "table_of_contents": {"color": "gray"}}],
    [{"type": "table_of_contents", "table_of_contents": {}}],
    [
        {
            "type": "file",
            "file": {
                "type": "external",
                "external": {"url": "https://e.com/f.zip"},
                "name": "f.zip",
                "caption": [text("c")],
            },
        }
    ],
    [{"type": "file", "file": {"type": "external", "external": {"url": "https://e.com/f.zip"}, "caption": []}}],
    [
        {
            "type": "callout",
            "callout": {
                "rich_text": [text("c")],
                "icon": {"type": "external", "external": {"url": "https://e.com/i.png"}},
                "color": "default",
            },
        }
    ],
    [
        {
            "type": "callout",
            "callout": {
                "rich_text": [text("c")],
                "icon": {"type": "custom_emoji", "custom_emoji": {"id": U, "name": "n", "url": "https://e.com/x.png"}},
            },
        }
    ],
    [
        {
            "type": "callout",
            "callout": {"rich_text": [text("c")], "icon": {"type": "icon", "icon": {"name": "pizza", "color": "blue"}}},
        }
    ],
    [{"type": "callout", "callout": {"rich_text": [text("c")]}}],
    [
        {
            "type": "callout",
            "callout": {"rich_text": [], "icon": {"type": "emoji", "emoji": "💡"}, "children": [paragraph(text("x"))]},
        }
    ],
    *[[{"type": "code", "code": {"language": name, "rich_text": [text("x")]}}] for name in sorted(LANGUAGES)],
    [
        {
            "type": "code",
            "code": {
                "language": "python",
                "rich_text": [text("x")],
                "caption": [text("cap", bold=True), text(" i", italic=True)],
            },
        }
    ],
    [{"type": "code", "code": {"language": "python", "rich_text": [text("x"), text("y", bold=True)]}}],
    [{"type": "code", "code": {"language": "python", "rich_text": [text("x" * 5000)]}}],
    [{"type": "code", "code": {"language": "python", "rich_text": []}}],
    [{"type": "code", "code": {"language": "plain text", "rich_text": [text("\n\na\n\n")]}}],
    [{"type": "equation", "equation": {"expression": "\\begin{aligned}\na &= b \\\\\n\nc\n\\end{aligned}"}}],
    [
        {
            "type": "table",
            "table": {
                "table_width": 2,
                "has_column_header": True,
                "has_row_header": False,
                "children": [
                    {"type": "table_row", "table_row": {"cells": [[text("a|b")], [text("x\ny")]]}},
                    {
                        "type": "table_row",
                        "table_row": {"cells": [[text("a|b", code=True)], [text("\\|", code=True), text(" $x$ ")]]},
                    },
                ],
            },
        }
    ],
    [{"type": "bookmark", "bookmark": {"url": "https://e.com/x", "caption": [text("c")]}}],
    [{"type": "embed", "embed": {"url": "https://e.com/x", "caption": [text("c", bold=True)]}}],
    [{"type": "link_preview", "link_preview": {"url": "https://e.com/x"}}],
    [{"type": "link_to_page", "link_to_page": {"type": "database_id", "database_id": U}}],
    [{"type": "template", "template": {"rich_text": [text("t")], "children": [paragraph(text("x"))]}}],
    [{"type": "unsupported", "unsupported": {}}],
    [{"type": "unsupported", "unsupported": {"block_type": "button"}}],
    [{"type": "meeting_notes", "meeting_notes": {"title": [text("x")], "status": "x"}}],
    [{"type": "image", "image": {"type": "file_upload", "file_upload": {"id": U}, "caption": []}}],
    [
        {
            "type": "image",
            "image": {"type": "external", "external": {"url": "https://e.com/a%20(1).png"}, "caption": [text("a\nb")]},
        }
    ],
    [
        {
            "type": "toggle",
            "toggle": {
                "rich_text": [text("a"), text("b", bold=True), text("<i>"), text("c", code=True)],
                "color": "blue_background",
                "children": [
                    {"type": "toggle", "toggle": {"rich_text": [text("n")], "children": [paragraph(text("x"))]}}
                ],
            },
        }
    ],
    [{"type": "quote", "quote": {"rich_text": [], "children": [paragraph(text("x"))]}}],
    [{"type": "bulleted_list_item", "bulleted_list_item": {"rich_text": [], "children": [paragraph(text("x"))]}}],
    [
        {
            "type": "bulleted_list_item",
            "bulleted_list_item": {
                "rich_text": [],
                "children": [{"type": "code", "code": {"language": "c", "rich_text": [text("x")]}}],
            },
        }
    ],
    [{"type": "to_do", "to_do": {"rich_text": [], "checked": False}}],
    [
        {
            "type": "numbered_list_item",
            "numbered_list_item": {"rich_text": [text("x")], "list_start_index": 3, "list_format": "letters"},
        }
    ],
    [paragraph(text("a", color="default_background"))],
    [paragraph(text("  a  ")), paragraph(text("\ta")), paragraph(text("\n"))],
    [paragraph(text("x" * 4500))],
    [paragraph(*[text(f"{i}", bold=i % 2 == 0) for i in range(150)])],
    [paragraph(text("@user #123 :+1: a1b2c3d"))],
    [paragraph(text("\u200b\u202e\ufeff a"))],
    [{"type": "heading_2", "heading_2": {"rich_text": [text("a\nb #")]}}],
    [{"type": "heading_1", "heading_1": {"rich_text": []}}],
    [{"type": "divider", "divider": {}}, {"type": "divider", "divider": {}}],
    [
        {
            "type": "bulleted_list_item",
            "bulleted_list_item": {
                "rich_text": [text("a")],
                "children": [
                    {"type": "heading_3", "heading_3": {"rich_text": [text("h")]}},
                    {"type": "divider", "divider": {}},
                    {"type": "equation", "equation": {"expression": "x"}},
                    {
                        "type": "table",
                        "table": {
                            "table_width": 1,
                            "has_column_header": True,
                            "has_row_header": False,
                            "children": [{"type": "table_row", "table_row": {"cells": [[text("q")]]}}],
                        },
                    },
                    {
                        "type": "callout",
                        "callout": {
                            "rich_text": [text("n")],
                            "icon": {"type": "emoji", "emoji": "ℹ️"},
                            "color": "blue_background",
                        },
                    },
                ],
            },
        }
    ],
    [{"type": "audio", "audio": {"type": "external", "external": {"url": "https://e.com/a.mp3"}, "caption": []}}],
]


@pytest.mark.parametrize("blocks", KINDS, ids=lambda blocks: blocks[0]["type"])
def test_every_kind_of_block_and_mention_comes_back(blocks: list[dict[str, Any]]) -> None:
    """Nothing that Notion can hold changes on the way through Markdown; only what it cannot create hides in a comment."""
    body = from_api(blocks)
    markdown, notices = render_with_notices(body)
    assert parse(markdown).body == body
    assert notices == ()
    assert from_api(markdown_to_blocks(blocks_to_markdown(blocks)))[0].attrs == body[0].attrs


def test_the_table_of_languages_is_injective() -> None:
    """Each of Notion's languages has an info string of its own, and comes back from it."""
    assert len({info_string(name) for name in LANGUAGES}) == len(LANGUAGES)
    assert all(language(info_string(name)) == name for name in LANGUAGES)


def test_a_pinned_block_keeps_its_id() -> None:
    """Blocks that cannot be created anew are found again by the id in their line."""
    blocks = from_api(
        [
            {"type": "child_page", "id": U, "child_page": {"title": "Sub"}},
            {"type": "unsupported", "id": U, "unsupported": {"block_type": "form"}},
        ]
    )
    again = parse(render_with_notices(blocks)[0]).body
    assert [block.id for block in walk(again)] == [U.replace("-", "")] * 2
