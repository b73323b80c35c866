from __future__ import annotations

import json
from typing import Any

import pytest
from tests.shared import shared

from notionsync.convert.blocks import digest, from_api, to_api, to_json, update_payload
from notionsync.convert.richtext import pieces, rich_text_from_api, rich_text_to_api, units
from notionsync.errors import ContentError
from notionsync.model import Block, Run, walk


def text(content: str, **marks: Any) -> dict[str, Any]:
    """A text item as responses hold it."""
    return {"type": "text", "text": {"content": content}, "annotations": marks}


def recorded() -> list[dict[str, Any]]:
    """Every block of the recordings."""
    return [
        variant.get("block", variant)
        for path in sorted(shared("notion", "blocks").rglob("*.json"))
        for loaded in [json.loads(path.read_text(encoding="utf-8"))]
        for variant in (loaded if isinstance(loaded, list) else [loaded])
    ]


def test_defaults_and_response_noise_are_no_difference() -> None:
    """A request and the response to it have one normal form, up to the id."""
    request = {"paragraph": {"rich_text": [{"text": {"content": "a"}}, {"text": {"content": "b"}}]}}
    response = {
        "object": "block",
        "id": "38c9ce7b-60a4-81d2-9260-b2f4f0f3a111",
        "type": "paragraph",
        "has_children": False,
        "paragraph": {"rich_text": [text("ab", bold=False, color="default")], "icon": None, "color": "default"},
    }
    (sent,), (read,) = from_api([request]), from_api([response])
    assert sent == read == Block(type="paragraph", text=(Run(text="ab"),))
    assert read.id == "38c9ce7b60a481d29260b2f4f0f3a111"
    assert digest(sent) == digest(read)


def test_every_recorded_block_survives() -> None:
    """What the service returned comes back from its own normal form, unknown types included."""
    blocks = from_api(recorded())
    assert len(blocks) > 100
    again = from_api([to_json(block) for block in blocks])
    assert [digest(block) for block in walk(again)] == [digest(block) for block in walk(blocks)]


def test_children_are_read_from_both_places() -> None:
    """Requests keep children in the payload, tools that fetch them beside it."""
    child = {"type": "divider", "divider": {}}
    inside = from_api([{"type": "toggle", "toggle": {"rich_text": [], "children": [child]}}])
    beside = from_api([{"type": "toggle", "toggle": {"rich_text": []}, "children": [child]}])
    assert inside == beside == (Block(type="toggle", children=(Block(type="divider"),)),)


def test_an_unknown_type_keeps_its_payload() -> None:
    """A type of tomorrow is carried, not understood."""
    raw = {"type": "hologram", "hologram": {"depth": 3, "at": {"url": "https://x/y?sig=1", "expiry_time": "t"}}}
    (block,) = from_api([raw])
    assert block.attrs == {"depth": 3, "at": {"url": "notion:/y"}}


def test_a_hosted_file_is_known_by_its_path() -> None:
    """The query of a signed address changes on each read; two reads are equal all the same."""
    first, second = (
        from_api([{"type": "image", "image": {"type": "file", "file": {"url": f"https://h/w/u/n.png?X-Amz={i}"}}}])[0]
        for i in range(2)
    )
    assert first == second
    assert first.attrs == {"url": "notion:/w/u/n.png"}
    with pytest.raises(ContentError, match="not been uploaded"):
        to_api(first)
    sent = to_api(first, uploads={"notion:/w/u/n.png": "id-1"})
    assert sent["image"] == {"type": "file_upload", "file_upload": {"id": "id-1"}}


def test_a_field_that_cannot_be_written_is_not_sent() -> None:
    """Start and format of a numbered list are in responses only."""
    (block,) = from_api(
        [{"type": "numbered_list_item", "numbered_list_item": {"rich_text": [], "list_start_index": 5}}]
    )
    assert block.attrs == {"list_start_index": 5}
    assert to_api(block)["numbered_list_item"] == {"rich_text": []}


def test_what_the_service_adds_tomorrow_is_not_sent_back() -> None:
    """A response may say more than a request may; it is kept, compared and written down, but not sent."""
    (block,) = from_api([{"type": "paragraph", "paragraph": {"rich_text": [], "sparkle": 3}}])
    assert block.attrs == {"sparkle": 3}
    assert to_api(block)["paragraph"] == {"rich_text": []}
    assert update_payload(Block(type="paragraph"), block) == {}
    assert to_json(block)["paragraph"]["sparkle"] == 3


def test_an_update_sends_what_differs_and_the_text_with_it() -> None:
    """One changed field is one field in the request, plus the text that request types demand."""
    before = Block(type="to_do", text=(Run(text="a"),), attrs={"checked": True, "color": "red"})
    after = Block(type="to_do", text=(Run(text="a"),), attrs={"color": "red"})
    assert update_payload(before, after) == {
        "to_do": {"checked": False, "rich_text": [{"type": "text", "text": {"content": "a"}}]}
    }
    assert update_payload(before, before) == {}
    with pytest.raises(ContentError, match="in place"):
        update_payload(before, Block(type="paragraph"))


def test_a_new_caption_does_not_send_the_file_again() -> None:
    """A hosted file stays attached while its caption changes, without an upload."""
    before = Block(type="image", attrs={"url": "notion:/a"}, caption=(Run(text="x"),))
    after = Block(type="image", attrs={"url": "notion:/a"})
    assert update_payload(before, after) == {"image": {"caption": []}}
    moved = Block(type="image", attrs={"url": "https://e.x/a.png"})
    assert update_payload(after, moved)["image"]["external"] == {"url": "https://e.x/a.png"}


def test_the_digest_is_of_the_block_alone() -> None:
    """Children, the id and the shown title of a mentioned page do not count; marks do."""
    page = '{"page":{"id":"1"},"type":"page"}'
    one = Block(type="paragraph", text=(Run(text="Old", kind="mention", mention=page),), id="1" * 32)
    two = Block(type="paragraph", text=(Run(text="New", kind="mention", mention=page),), children=(one,))
    assert digest(one) == digest(two)
    assert digest(Block(type="paragraph", text=(Run(text="a"),))) != digest(
        Block(type="paragraph", text=(Run(text="a", bold=True),))
    )


def test_long_text_is_cut_at_the_limit_and_joined_again() -> None:
    """Runs longer than 2000 UTF-16 units are sent in pieces that say the same."""
    long = "가나다라 " * 500 + "🙂" * 1500
    items = rich_text_to_api((Run(text=long, bold=True),))
    assert all(units(item["text"]["content"]) <= 2000 for item in items)
    assert rich_text_from_api(items) == (Run(text=long, bold=True),)
    assert pieces("e\u0301" * 4, 5)[0] == "e\u0301e\u0301"


def test_too_many_runs_are_refused() -> None:
    """A hundred and one pieces cannot be sent."""
    with pytest.raises(ContentError, match="101 differently"):
        rich_text_to_api(tuple(Run(text="x", bold=i % 2 == 0) for i in range(101)))


def test_depth_is_bounded() -> None:
    """A tree of a thousand levels is refused, not walked until Python gives up."""
    raw: dict[str, Any] = {"type": "toggle", "toggle": {"rich_text": []}}
    for _ in range(1000):
        raw = {"type": "toggle", "toggle": {"rich_text": [], "children": [raw]}}
    with pytest.raises(ContentError, match="nested"):
        from_api([raw])
