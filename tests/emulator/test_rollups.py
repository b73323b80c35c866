from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.world import World

TARGET: dict[str, Any] = {
    "Price": {"number": {}},
    "When": {"date": {}},
    "Done": {"checkbox": {}},
    "Tags": {"multi_select": {}},
    "Text": {"rich_text": {}},
}
ITEMS: list[dict[str, Any]] = [
    {"Price": {"number": 3}, "When": {"date": {"start": "2026-01-02", "end": "2026-01-09"}}},
    {"Price": {"number": 1}, "Done": {"checkbox": True}, "Tags": {"multi_select": [{"name": "a"}, {"name": "b"}]}},
    {"When": {"date": {"start": "2026-01-01T08:00:00Z"}}, "Tags": {"multi_select": [{"name": "a"}]}},
    {"Price": {"number": 4}},
]


class Shop:
    """Items, and baskets that hold some of them, with rollups."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.items = world.source(TARGET)
        self.ids = [world.row(self.items, f"item {n}", **given)["id"] for n, given in enumerate(ITEMS)]

    def baskets(self, **rollups: tuple[str, str]) -> str:
        """A data source with rollups: name → property and function."""
        link = {"relation": {"data_source_id": self.items, "single_property": {}}}
        columns = {
            name: {
                "rollup": {"relation_property_name": "Holds", "rollup_property_name": column, "function": function},
            }
            for name, (column, function) in rollups.items()
        }
        return self.world.source({"Holds": link, **columns})

    def basket(self, source: str, *held: int, name: str = "A row") -> dict[str, Any]:
        """A row that holds items."""
        properties: dict[str, Any] = self.world.row(
            source, name, Holds={"relation": [{"id": self.ids[n]} for n in held]}
        )["properties"]
        return properties


@pytest.fixture
def shop(world: World) -> Shop:
    """Four items."""
    return Shop(world)


@pytest.mark.parametrize(
    ("column", "function", "full", "none"),
    [
        ("Name", "count", 4, 0),
        ("Price", "count_values", 3, 0),
        ("Tags", "count_values", 3, 0),
        ("Tags", "unique", 2, 0),
        ("Price", "empty", 1, 0),
        ("Price", "not_empty", 3, 0),
        ("Price", "percent_empty", 0.25, None),
        ("Price", "percent_not_empty", 0.75, None),
        ("Price", "sum", 8, 0),
        ("Price", "average", 8 / 3, None),
        ("Price", "median", 3, None),
        ("Price", "min", 1, None),
        ("Price", "max", 4, None),
        ("Price", "range", 3, None),
        ("Done", "checked", 1, 0),
        ("Done", "unchecked", 3, 0),
        ("Done", "percent_checked", 0.25, None),
        ("Done", "percent_unchecked", 0.75, None),
    ],
)
def test_numbers(shop: Shop, column: str, function: str, full: float, none: float | None) -> None:
    """Over all items, and over none."""
    source = shop.baskets(R=(column, function))
    assert shop.basket(source, 0, 1, 2, 3)["R"]["rollup"] == {"type": "number", "number": full, "function": function}
    assert shop.basket(source)["R"]["rollup"]["number"] == none


@pytest.mark.parametrize(
    ("function", "start", "end"),
    [
        ("earliest_date", "2026-01-01T08:00:00.000+00:00", None),
        ("latest_date", "2026-01-09", None),
        ("date_range", "2026-01-01T08:00:00.000+00:00", "2026-01-09"),
    ],
)
def test_dates(shop: Shop, function: str, start: str, end: str | None) -> None:
    """Beginnings and ends count; nothing is null."""
    source = shop.baskets(R=("When", function))
    shown = shop.basket(source, 0, 1, 2)["R"]["rollup"]
    assert shown == {"type": "date", "date": {"start": start, "end": end, "time_zone": None}, "function": function}
    assert shop.basket(source, 3)["R"]["rollup"]["date"] is None


def test_values_are_shown_one_by_one_or_once_each(shop: Shop) -> None:
    """In the order of the relation, each with its type."""
    source = shop.baskets(All=("Price", "show_original"), Once=("Tags", "show_unique"))
    shown = shop.basket(source, 3, 0, 2)
    assert [entry["number"] for entry in shown["All"]["rollup"]["array"]] == [4, 3, None]
    assert all(entry["type"] == "number" for entry in shown["All"]["rollup"]["array"])
    assert [[tag["name"] for tag in entry["multi_select"]] for entry in shown["Once"]["rollup"]["array"]] == [[], ["a"]]


def test_rollups_follow_the_pages_they_look_at(shop: Shop) -> None:
    """Without the row being edited."""
    source = shop.baskets(R=("Price", "sum"))
    shop.basket(source, 0, 1)
    shop.world.good("PATCH", f"pages/{shop.ids[0]}", {"properties": {"Price": {"number": 10}}})
    row = shop.world.good("POST", f"data_sources/{source}/query", {})["results"][0]
    assert row["properties"]["R"]["rollup"]["number"] == 11


@pytest.mark.parametrize(
    ("name", "wanted", "found"),
    [
        ("Sum", {"number": {"greater_than": 3}}, {"many"}),
        ("Sum", {"number": {"equals": 3}}, {"one"}),
        ("First", {"date": {"before": "2026-01-02"}}, {"many"}),
        ("First", {"date": {"is_empty": True}}, {"none"}),
        ("Names", {"any": {"rich_text": {"contains": "item 0"}}}, {"one"}),
        ("Names", {"none": {"rich_text": {"contains": "item 0"}}}, {"many", "none"}),
        ("Names", {"every": {"rich_text": {"starts_with": "item"}}}, {"one", "many", "none"}),
        ("Prices", {"any": {"number": {"equals": 1}}}, {"many"}),
        ("Prices", {"every": {"number": {"greater_than": 2}}}, {"one", "none"}),
        ("Dates", {"any": {"date": {"on_or_before": "2026-01-01"}}}, {"many"}),
        ("Tags", {"any": {"multi_select": {"contains": "b"}}}, {"many"}),
        ("Ticks", {"any": {"checkbox": {"equals": True}}}, {"many"}),
    ],
)
def test_filters(shop: Shop, name: str, wanted: dict[str, Any], found: set[str]) -> None:
    """Of a number, of a date, and of any, every or no value."""
    source = shop.baskets(
        Sum=("Price", "sum"),
        First=("When", "earliest_date"),
        Names=("Name", "show_original"),
        Prices=("Price", "show_original"),
        Dates=("When", "show_original"),
        Tags=("Tags", "show_original"),
        Ticks=("Done", "show_original"),
    )
    for row, held in {"none": (), "one": (0,), "many": (1, 2, 3)}.items():
        shop.basket(source, *held, name=row)
    body = {"filter": {"property": name, "rollup": wanted}}
    rows = shop.world.good("POST", f"data_sources/{source}/query", body)["results"]
    assert {row["properties"]["Name"]["title"][0]["plain_text"] for row in rows} == found


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ({"any": {"number": {"equals": 1}}}, "does not match filter number"),
        ({"any": {"formula": {"number": {"equals": 1}}}}, "any.formula should be not present"),
        ({"some": {"number": {"equals": 1}}}, "rollup.some should be not present"),
    ],
)
def test_filters_must_fit_what_is_rolled_up(shop: Shop, wanted: dict[str, Any], complaint: str) -> None:
    """The kind of the property at the other end."""
    source = shop.baskets(Names=("Name", "show_original"))
    body = {"filter": {"property": "Names", "rollup": wanted}}
    assert complaint in shop.world.refused("POST", f"data_sources/{source}/query", body)


def test_property_endpoint_tells_what_a_rollup_is_made_from(shop: Shop) -> None:
    """Page by page; the result stands on the last one."""
    source = shop.baskets(Sum=("Price", "sum"), Names=("Name", "show_original"))
    shop.basket(source, 0, 1, 3)
    row = shop.world.good("POST", f"data_sources/{source}/query", {})["results"][0]
    path = f"pages/{row['id']}/properties/{row['properties']['Sum']['id']}"
    first = shop.world.good("GET", f"{path}?page_size=2")
    assert first["property_item"]["rollup"] == {"type": "incomplete", "incomplete": {}, "function": "sum"}
    rest = shop.world.good("GET", f"{path}?page_size=2&start_cursor={first['next_cursor']}")
    assert rest["property_item"]["rollup"] == {"type": "number", "number": 8, "function": "sum"}
    held = [entry["relation"]["id"] for entry in [*first["results"], *rest["results"]]]
    assert held == [shop.ids[n] for n in (0, 1, 3)]
    names = shop.world.good("GET", f"pages/{row['id']}/properties/{row['properties']['Names']['id']}")
    assert [entry["title"]["plain_text"] for entry in names["results"]] == ["item 0", "item 1", "item 3"]


def test_a_formula_reads_a_rollup_and_a_rollup_a_formula(shop: Shop) -> None:
    """Through both data sources."""
    change = {"Double": {"formula": {"expression": 'prop("Price") * 2'}}}
    shop.world.good("PATCH", f"data_sources/{shop.items}", {"properties": change})
    source = shop.baskets(Sum=("Double", "sum"))
    plus = {"Plus": {"formula": {"expression": 'prop("Sum") + 1'}}}
    shop.world.good("PATCH", f"data_sources/{source}", {"properties": plus})
    shown = shop.basket(source, 0, 1)
    assert shown["Sum"]["rollup"]["number"] == 8
    assert shown["Plus"]["formula"]["number"] == 9
