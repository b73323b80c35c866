from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.world import World, item, paragraph, said, text, title

from notionsync.emulator import Settings, create_app
from notionsync.emulator.seeding import SeedError

Json = dict[str, Any]


def nested(depth: int) -> Json:
    """A list item that holds one, so many deep."""
    return item(str(depth), [nested(depth - 1)] if depth else [])


def exported_again(seed: Json) -> Json:
    """What a fresh emulator tells of itself after it was filled with what another told."""
    app = create_app(settings=Settings(workspace_page=None))
    try:
        app.seed(seed)
        return app.export()
    finally:
        app.close()


def test_databases_and_pages_are_made_as_requests_would(world: World) -> None:
    """Schema, values, blocks and what lies inside; the answer names what is at the top."""
    made = world.app.seed(
        {
            "databases": [
                {
                    "title": [text("Questions")],
                    "properties": {"Name": {"title": {}}, "Tags": {"multi_select": {}}},
                    "pages": [
                        {
                            "properties": {"Name": title("왜?"), "Tags": {"multi_select": [{"name": "기초"}]}},
                            "children": [paragraph("그래서.")],
                        }
                    ],
                }
            ],
            "pages": [{"properties": {"title": title("Notes")}, "pages": [{"properties": {"title": title("Inner")}}]}],
        }
    )
    row = world.good("POST", f"data_sources/{made.data_sources[0]}/query", {})["results"][0]
    assert row["properties"]["Tags"]["multi_select"][0]["name"] == "기초"
    assert said(world.children(row["id"])[0]) == "그래서."
    (inner,) = world.children(made.pages[0])
    assert inner["child_page"] == {"title": "Inner"}


def test_no_limit_of_requests_holds(world: World) -> None:
    """More than a hundred children, deeper than a request goes, long tables, columns that hold lists."""
    rows = [{"table_row": {"cells": [[text(str(n))]]}} for n in range(150)]
    columns = [{"column": {"children": [nested(4)]}}, {"type": "column", "column": {"children": [paragraph("right")]}}]
    blocks = [
        *(paragraph(str(n)) for n in range(230)),
        nested(7),
        {"table": {"table_width": 1, "children": rows}},
        {"column_list": {"children": columns}},
    ]
    page = world.app.seed({"pages": [{"properties": {"title": title("Long")}, "children": blocks}]}).pages[0]
    stored = world.app.workspace.store
    top = stored.children(page)
    assert [block.type for block in top[229:]] == ["paragraph", "bulleted_list_item", "table", "column_list"]
    assert [block.data["rich_text"][0]["plain_text"] for block in top[:230]] == [str(n) for n in range(230)]
    depth, at = 0, top[230]
    while below := stored.children(at.id):
        depth, at = depth + 1, below[0]
    assert depth == 7
    cells = [row.data["cells"][0][0]["plain_text"] for row in stored.children(top[231].id)]
    assert cells == [str(n) for n in range(150)]
    left, right = stored.children(top[232].id)
    assert stored.children(left.id)[0].type == "bulleted_list_item"
    assert stored.children(right.id)[0].data["rich_text"][0]["plain_text"] == "right"


@pytest.mark.parametrize(
    ("seed", "place"),
    [
        ({"pages": [{"properties": {"title": title("x")}, "children": [{"nonsense": {}}]}]}, "pages[0].children"),
        ({"databases": [{"properties": {"Name": {"title": {}}}, "pages": [{"properties": {"No": title("x")}}]}]}, "databases[0].pages[0]"),
        ({"pages": {}}, "pages"),
        ({"pages": ["x"]}, "pages[0]"),
        ({"page": []}, "'page'"),
        ({"objects": [{"object": "view"}]}, "objects[0]"),
        ({"objects": [{"object": "page", "id": "x"}]}, "objects[0]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_and_leaves_nothing(world: World, seed: Json, place: str) -> None:
    """The place stands in the message; what came before it is not stored either."""
    before = world.app.export()
    first = {"pages": [{"properties": {"title": title("first")}}]} if "databases" in seed else {}
    with pytest.raises(SeedError) as refused:
        world.app.seed({**first, **seed})
    assert place in str(refused.value)
    assert world.app.export() == before


def test_an_export_seeds_the_same_workspace(world: World) -> None:
    """Ids, times, order, values over the limit of references, mentions; told again, it is the same."""
    source = world.source({"Others": {"relation": {"data_source_id": world.source(), "single_property": {}}}})
    home = {"type": "mention", "mention": {"page": {"id": world.home}}}
    related = [world.page(str(n))["id"] for n in range(30)]
    row = world.row(source, "row", Others={"relation": [{"id": each} for each in related]})
    world.append(row["id"], nested(1), {"paragraph": {"rich_text": [home]}}, paragraph("last"))
    world.clock.advance(600)
    told = world.app.export()
    assert exported_again(told) == told
    backwards = exported_again({"objects": told["objects"][::-1]})["objects"]
    assert {entry["id"] for entry in backwards} >= {entry["id"] for entry in told["objects"]}
    shown = next(entry for entry in told["objects"] if entry["id"] == row["id"])
    assert len(shown["properties"]["Others"]["relation"]) == 30


def test_tabs_are_made_with_their_titles_and_filled(world: World) -> None:
    """Each keeps what is below it, as deep as it goes."""
    tab = {"tab": {"children": [paragraph("one", [item("a", [item("b", [item("c")])])]), paragraph("two")]}}
    page = world.app.seed({"pages": [{"properties": {}, "children": [tab]}]}).pages[0]
    titles = world.children(world.children(page)[0]["id"])
    assert [said(block) for block in titles] == ["one", "two"]
    deepest = world.children(world.children(world.children(titles[0]["id"])[0]["id"])[0]["id"])
    assert [said(block) for block in deepest] == ["c"]
