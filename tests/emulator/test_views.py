from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.world import World

SCHEMA: dict[str, Any] = {"Count": {"number": {}}}


@pytest.fixture
def source(world: World) -> str:
    """Three rows."""
    source = world.source(SCHEMA)
    for count in (2, 3, 1):
        world.row(source, str(count), Count={"number": count})
    return source


def test_a_new_database_has_one_view(world: World, source: str) -> None:
    """Listed by database and by data source, ids alone."""
    database = world.good("GET", f"data_sources/{source}")["parent"]["database_id"]
    listed = world.good("GET", f"views?database_id={database}")
    assert [list(entry) for entry in listed["results"]] == [["object", "id"]]
    assert world.good("GET", f"views?data_source_id={source}")["results"] == listed["results"]
    view = world.good("GET", f"views/{listed['results'][0]['id']}")
    assert (view["type"], view["parent"]["database_id"], view["data_source_id"]) == ("table", database, source)


def test_views_are_made_changed_and_deleted(world: World, source: str) -> None:
    """With the times of a database, to the millisecond."""
    made = world.good("POST", "views", {"data_source_id": source, "name": "Mine", "type": "board"})
    assert made["configuration"] == {"type": "board"}
    assert made["created_time"] == "2026-01-31T12:00:30.000+00:00"
    world.clock.advance(5)
    changed = world.good("PATCH", f"views/{made['id']}", {"name": "Ours"})
    assert (changed["name"], changed["last_edited_time"]) == ("Ours", "2026-01-31T12:00:35.000+00:00")
    gone = world.good("DELETE", f"views/{made['id']}")
    assert list(gone) == ["object", "id", "parent", "type", "request_id"]
    world.refused("GET", f"views/{made['id']}", status=404)


def test_a_views_query_gives_its_rows_for_a_while(world: World, source: str) -> None:
    """Filtered and sorted by the view, page by page, for a quarter of an hour."""
    body = {
        "data_source_id": source,
        "name": "Large",
        "type": "table",
        "filter": {"property": "Count", "number": {"greater_than": 1}},
        "sorts": [{"property": "Count", "direction": "descending"}],
    }
    view = world.good("POST", "views", body)["id"]
    asked = world.good("POST", f"views/{view}/queries", {"page_size": 1})
    assert (asked["total_count"], asked["has_more"]) == (2, True)
    path = f"views/{view}/queries/{asked['id']}"
    rest = world.good("GET", f"{path}?start_cursor={asked['next_cursor']}")
    titles = [
        world.good("GET", f"pages/{row['id']}")["properties"]["Name"]["title"][0]["plain_text"]
        for row in [*asked["results"], *rest["results"]]
    ]
    assert titles == ["3", "2"]
    world.clock.advance(15 * 60)
    world.refused("GET", path, status=404)


def test_a_views_query_is_dropped(world: World, source: str) -> None:
    """And known no more."""
    view = world.good("GET", f"views?data_source_id={source}")["results"][0]["id"]
    path = f"views/{view}/queries/{world.good('POST', f'views/{view}/queries', {})['id']}"
    assert world.good("DELETE", path)["deleted"] is True
    world.refused("DELETE", path, status=404)


def test_a_view_must_fit_its_data_source(world: World, source: str) -> None:
    """Filters and sorts are checked like those of a query."""
    body = {"data_source_id": source, "name": "x", "type": "table"}
    assert "Could not find property" in world.refused(
        "POST", "views", {**body, "filter": {"property": "No", "number": {"equals": 1}}}
    )
    assert "Could not find sort property" in world.refused(
        "POST", "views", {**body, "sorts": [{"property": "No", "direction": "ascending"}]}
    )
    assert "body.type" in world.refused("POST", "views", {**body, "type": "spreadsheet"})
    assert "database_id" in world.refused("GET", "views")
