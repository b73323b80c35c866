from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.world import World, text

from notionsync.emulator import PERSON_TOKEN, Settings
from notionsync.emulator.settings import BOT, PERSON


def names(answer: dict[str, Any]) -> list[str]:
    """Titles of the rows in an answer."""
    return ["".join(run["plain_text"] for run in row["properties"]["Name"]["title"]) for row in answer["results"]]


def asked(world: World, source: str, **body: Any) -> list[str]:
    """Titles of what a query finds."""
    return names(world.good("POST", f"data_sources/{source}/query", body))


def test_newest_come_first_when_nothing_is_asked(world: World) -> None:
    """Also within one minute."""
    source = world.source()
    for name in "abc":
        world.row(source, name)
    assert asked(world, source) == ["c", "b", "a"]


def test_cursors_lead_through_all_rows_although_rows_are_added_and_trashed_meanwhile(world: World) -> None:
    """No row that was there all the time is missed or doubled."""
    source = world.source()
    rows = {name: world.row(source, name)["id"] for name in "abcdef"}
    seen: list[str] = []
    answer = world.good("POST", f"data_sources/{source}/query", {"page_size": 2})
    seen += names(answer)
    world.row(source, "late")
    world.good("PATCH", f"pages/{rows['a']}", {"in_trash": True})
    while answer["next_cursor"]:
        body = {"page_size": 2, "start_cursor": answer["next_cursor"]}
        answer = world.good("POST", f"data_sources/{source}/query", body)
        seen += names(answer)
    assert seen == ["f", "e", "d", "c", "b"]


def test_cursor_outlives_the_row_it_names(world: World) -> None:
    """When the next row leaves, paging goes on with the one after it."""
    source = world.source()
    rows = {name: world.row(source, name)["id"] for name in "abcd"}
    answer = world.good("POST", f"data_sources/{source}/query", {"page_size": 2})
    world.good("PATCH", f"pages/{rows['b']}", {"in_trash": True})
    assert asked(world, source, page_size=2, start_cursor=answer["next_cursor"]) == ["a"]


SCHEMA: dict[str, Any] = {
    "Count": {"number": {}},
    "Tags": {"multi_select": {}},
    "Level": {"select": {"options": [{"name": "low"}, {"name": "high"}]}},
    "Done": {"checkbox": {}},
    "When": {"date": {}},
}


@pytest.fixture
def source(world: World) -> str:
    """Three rows that differ."""
    source = world.source(SCHEMA)
    world.row(source, "Alpha", Count={"number": 1}, Tags={"multi_select": [{"name": "x"}, {"name": "y"}]})
    world.row(source, "Beta", Count={"number": 2}, Done={"checkbox": True}, Level={"select": {"name": "high"}})
    world.row(source, "Gamma", When={"date": {"start": "2026-01-31T12:00:59"}}, Level={"select": {"name": "low"}})
    return source


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"property": "Name", "title": {"contains": "a"}}, ["Gamma", "Beta", "Alpha"]),
        ({"property": "Name", "title": {"starts_with": "be"}}, ["Beta"]),
        ({"property": "Count", "number": {"greater_than": 1}}, ["Beta"]),
        ({"property": "Count", "number": {"is_empty": True}}, ["Gamma"]),
        ({"property": "Done", "checkbox": {"does_not_equal": True}}, ["Gamma", "Alpha"]),
        ({"property": "Tags", "multi_select": {"contains": "y"}}, ["Alpha"]),
        ({"property": "Tags", "multi_select": {"is_empty": True}}, ["Gamma", "Beta"]),
        ({"property": "Level", "select": {"equals": ["low", "high"]}}, ["Gamma", "Beta"]),
        ({"property": "Level", "select": {"does_not_equal": "low"}}, ["Beta", "Alpha"]),
        ({"property": "When", "date": {"equals": "2026-01-31T12:00:10Z"}}, ["Gamma"]),
        ({"property": "When", "date": {"on_or_before": "2026-01-31"}}, ["Gamma"]),
        ({"property": "When", "date": {"before": "today"}}, []),
        ({"property": "When", "date": {"this_week": {}}}, ["Gamma"]),
        (
            {"timestamp": "created_time", "created_time": {"on_or_after": "2026-01-31T12:00:59Z"}},
            ["Gamma", "Beta", "Alpha"],
        ),
        ({"timestamp": "last_edited_time", "last_edited_time": {"after": "2026-01-31T12:00:00Z"}}, []),
        (
            {
                "or": [
                    {"property": "Count", "number": {"equals": 1}},
                    {
                        "and": [
                            {"property": "Done", "checkbox": {"equals": True}},
                            {"property": "Name", "title": {"equals": "Beta"}},
                        ]
                    },
                ]
            },
            ["Beta", "Alpha"],
        ),
    ],
)
def test_filters(world: World, source: str, wanted: dict[str, Any], found: list[str]) -> None:
    """Each finds what the table of operators says; times are compared by the minute."""
    assert asked(world, source, filter=wanted) == found


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"filter": {"property": "Nope", "title": {"equals": "x"}}}, "Could not find property with name or id: Nope"),
        (
            {"filter": {"property": "Count", "checkbox": {"equals": True}}},
            "database property number does not match filter checkbox",
        ),
        (
            {"filter": {"property": "Count", "number": {"contains": 1}}},
            "body.filter.number.contains should be not present",
        ),
        (
            {"sorts": [{"property": "Nope", "direction": "ascending"}]},
            "Could not find sort property with name or id: Nope",
        ),
        ({"page_size": 101}, "body.page_size should be ≤ `100`"),
        ({"start_cursor": "nonsense"}, "The start_cursor provided is invalid: nonsense"),
        ({"filter": {"and": [{"and": [{"and": []}]}]}}, "should be not present"),
    ],
)
def test_queries_that_do_not_fit_are_refused(world: World, source: str, body: dict[str, Any], complaint: str) -> None:
    """With the reason."""
    assert complaint in world.refused("POST", f"data_sources/{source}/query", body)


def test_sorts_put_empty_values_last_and_break_ties_in_order(world: World, source: str) -> None:
    """Either way round."""
    up, down = ([{"property": "Count", "direction": way}] for way in ("ascending", "descending"))
    assert asked(world, source, sorts=up) == ["Alpha", "Beta", "Gamma"]
    assert asked(world, source, sorts=down) == ["Beta", "Alpha", "Gamma"]
    by_time = [{"timestamp": "last_edited_time", "direction": "ascending"}]
    assert asked(world, source, sorts=by_time) == ["Gamma", "Beta", "Alpha"]


def test_trashed_rows_are_found_only_when_asked_for(world: World, source: str) -> None:
    """And only they, then."""
    world.good("PATCH", f"pages/{world.row(source, 'gone')['id']}", {"in_trash": True})
    assert "gone" not in asked(world, source)
    assert asked(world, source, in_trash=True) == ["gone"]


def test_rows_of_a_trashed_database_can_live_on_when_told_to() -> None:
    """Unknown of the real service; trashed is the cautious answer."""
    for setting, expected in (("trashed", True), ("live", False)):
        world = World(Settings(rows_of_trashed_database=setting))  # type: ignore[arg-type]
        source = world.source()
        row = world.row(source)["id"]
        database = world.good("GET", f"data_sources/{source}")["parent"]["database_id"]
        world.good("PATCH", f"databases/{database}", {"in_trash": True})
        assert world.good("GET", f"pages/{row}")["in_trash"] is expected
        world.close()


def test_ten_thousand_results_are_the_most() -> None:
    """Paging ends with a sign, without an error; the limit is lowered here."""
    world = World(Settings(query_limit=5))
    source = world.source()
    for number in range(7):
        world.row(source, str(number))
    first = world.good("POST", f"data_sources/{source}/query", {"page_size": 3})
    assert "request_status" not in first
    last = world.good("POST", f"data_sources/{source}/query", {"page_size": 3, "start_cursor": first["next_cursor"]})
    assert names(first) + names(last) == ["6", "5", "4", "3", "2"]
    assert (last["has_more"], last["next_cursor"]) == (False, None)
    assert last["request_status"] == {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
    world.close()


def test_only_wanted_properties_are_shown(world: World, source: str) -> None:
    """By name or id, in the query string."""
    path = f"data_sources/{source}/query?filter_properties=title&filter_properties=Count"
    assert {tuple(row["properties"]) for row in world.good("POST", path, {})["results"]} <= {
        ("Count", "Name"),
        ("Name", "Count"),
    }


def test_search_finds_words_of_titles(world: World) -> None:
    """Any word, a plural like its singular; pages and data sources; not what is in the trash."""
    world.page("Deep learning notes")
    world.page("딥러닝 질문")
    world.source()
    gone = world.page("Deep sea")["id"]
    world.good("PATCH", f"pages/{gone}", {"in_trash": True})

    def found(**body: Any) -> list[str]:
        results = world.good("POST", "search", body)["results"]
        return [world.app.workspace.title_of(entry["id"]) or "" for entry in results]

    assert found(query="deep note") == ["Deep learning notes"]
    assert found(query="질문") == ["딥러닝 질문"]
    assert found(query="question") == ["Questions"]
    assert found(query="question", filter={"property": "object", "value": "page"}) == []
    assert found(query="", filter={"property": "object", "value": "page"}) == [
        "딥러닝 질문",
        "Deep learning notes",
        "Workspace",
    ]


def test_search_and_query_can_lag() -> None:
    """What was made less than the lag ago is not found yet, but what was there from the start is; reading works."""
    world = World(Settings(search_lag=30, query_lag=60))
    seeded = world.app.seed({"pages": [{"properties": {"title": [text("seeded")]}}]}).pages
    source = world.source()
    page = world.row(source, "fresh")["id"]
    world.good("GET", f"pages/{page}")

    def found() -> list[str]:
        body = {
            "filter": {"property": "object", "value": "page"},
            "sort": {"timestamp": "last_edited_time", "direction": "descending"},
        }
        return [entry["id"] for entry in world.good("POST", "search", body)["results"]]

    for seconds in (0, 29):
        world.clock.advance(seconds)
        assert (asked(world, source), found()) == ([], [*seeded, world.home])
    world.clock.advance(120)
    assert (asked(world, source), found()) == (["fresh"], [page, *seeded, world.home])
    world.close()


def test_schema_changes(world: World) -> None:
    """Rename, add, remove, convert; the title stays."""
    source = world.source({"Old": {"rich_text": {}}, "Gone": {"number": {}}})
    page = world.row(source, Old={"rich_text": [text("kept")]})["id"]
    change: dict[str, Any] = {"Old": {"name": "New"}, "Gone": None, "Added": {"checkbox": {}}}
    schema = world.good("PATCH", f"data_sources/{source}", {"properties": change})["properties"]
    assert {name: entry["type"] for name, entry in schema.items()} == {
        "Name": "title",
        "New": "rich_text",
        "Added": "checkbox",
    }
    assert world.good("GET", f"pages/{page}")["properties"]["New"]["rich_text"][0]["plain_text"] == "kept"
    assert "Title" in world.refused("PATCH", f"data_sources/{source}", {"properties": {"Name": None}})


def test_a_filter_of_people_or_dates_also_fits_who_and_when_a_row_was_made(world: World) -> None:
    """By the documents; each has a name of its own as well."""
    source = world.source({"By": {"created_by": {}}, "At": {"created_time": {}}})
    world.row(source, "a")
    for kind in ("people", "created_by"):
        assert asked(world, source, filter={"property": "By", kind: {"contains": BOT.id}}) == ["a"]
        assert asked(world, source, filter={"property": "By", kind: {"contains": PERSON.id}}) == []
    for kind in ("date", "created_time"):
        assert asked(world, source, filter={"property": "At", kind: {"equals": "today"}}) == ["a"]
    assert asked(world, source, filter={"property": "At", "date": {"before": "one_month_from_now"}}) == ["a"]
    body = {"filter": {"property": "At", "created_by": {"contains": BOT.id}}}
    assert "does not match filter created_by" in world.refused("POST", f"data_sources/{source}/query", body)


def test_nobody_is_me_to_an_internal_integration(world: World) -> None:
    """It finds nobody of that name; a person's token finds the person."""
    source = world.source({"Who": {"people": {}}})
    for name, user in (("bot", BOT), ("person", PERSON)):
        world.row(source, name, Who={"people": [{"id": user.id}]})
    mine = {"property": "Who", "people": {"contains": "me"}}
    others = {"property": "Who", "people": {"does_not_contain": "me"}}
    assert asked(world, source, filter=mine) == []
    assert asked(world, source, filter=others) == ["person", "bot"]
    world.client.headers["Authorization"] = f"Bearer {PERSON_TOKEN}"
    assert asked(world, source, filter=mine) == ["person"]
    assert asked(world, source, filter=others) == ["bot"]


def test_the_type_of_a_filter_names_its_condition(world: World) -> None:
    """When it is told at all."""
    source = world.source({"Count": {"number": {}}})
    for given in (
        {"property": "Count", "number": {"equals": 1}},
        {"timestamp": "created_time", "created_time": {"equals": "today"}},
    ):
        kind = next(key for key in given if key not in {"property", "timestamp"})
        world.good("POST", f"data_sources/{source}/query", {"filter": {**given, "type": kind}})
        message = world.refused("POST", f"data_sources/{source}/query", {"filter": {**given, "type": "title"}})
        assert message.endswith(f'body.filter.type should be `"{kind}"` or `undefined`, instead was `"title"`.')
