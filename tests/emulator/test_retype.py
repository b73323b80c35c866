from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.world import World, text

OPTIONS = {"options": [{"name": "a"}, {"name": "b"}]}


@pytest.mark.parametrize(
    ("before", "value", "after", "expected"),
    [
        ({"select": OPTIONS}, {"select": {"name": "a"}}, {"rich_text": {}}, "a"),
        ({"multi_select": OPTIONS}, {"multi_select": [{"name": "a"}, {"name": "b"}]}, {"rich_text": {}}, "a, b"),
        ({"number": {}}, {"number": 3}, {"rich_text": {}}, "3"),
        ({"checkbox": {}}, {"checkbox": True}, {"rich_text": {}}, "Yes"),
        ({"date": {}}, {"date": {"start": "2026-01-01"}}, {"rich_text": {}}, "2026-01-01"),
        ({"rich_text": {}}, {"rich_text": [text("12")]}, {"number": {}}, 12),
        ({"rich_text": {}}, {"rich_text": [text("twelve")]}, {"number": {}}, None),
        ({"rich_text": {}}, {"rich_text": [text("2026-01-01")]}, {"date": {}}, "2026-01-01"),
        ({"rich_text": {}}, {"rich_text": [text("yes")]}, {"checkbox": {}}, True),
        ({"rich_text": {}}, {"rich_text": [text("x@example.org")]}, {"email": {}}, "x@example.org"),
        ({"rich_text": {}}, {"rich_text": [text("b")]}, {"select": OPTIONS}, "b"),
        ({"rich_text": {}}, {"rich_text": [text("b")]}, {"files": {}}, ""),
    ],
)
def test_values_are_carried_over_where_they_make_sense(
    world: World, before: dict[str, Any], value: dict[str, Any], after: dict[str, Any], expected: Any
) -> None:
    """And are gone otherwise; what is shown always has the shape of the new type."""
    source = world.source({"P": before})
    row = world.row(source, P=value)["id"]
    world.good("PATCH", f"data_sources/{source}", {"properties": {"P": after}})
    shown = world.good("GET", f"pages/{row}")["properties"]["P"]
    kind = next(iter(after))
    assert shown["type"] == kind
    found = shown[kind]
    if isinstance(found, list):
        found = "".join(run["plain_text"] for run in found)
    if isinstance(found, dict):
        found = found.get("start") or found["name"]
    assert found == expected


def test_options_go_from_one_to_many_and_back(world: World) -> None:
    """With what the rows had chosen."""
    source = world.source({"P": {"select": OPTIONS}})
    row = world.row(source, P={"select": {"name": "b"}})["id"]
    for kind, chosen in (("multi_select", ["b"]), ("select", "b")):
        world.good("PATCH", f"data_sources/{source}", {"properties": {"P": {kind: {}}}})
        column = world.good("GET", f"data_sources/{source}")["properties"]["P"]
        assert [option["name"] for option in column[kind]["options"]] == ["a", "b"]
        shown = world.good("GET", f"pages/{row}")["properties"]["P"][kind]
        assert ([option["name"] for option in shown] if kind == "multi_select" else shown["name"]) == chosen
