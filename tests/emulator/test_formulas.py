from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.world import World

from notionsync.emulator.settings import PERSON

SCHEMA: dict[str, Any] = {
    "Count": {"number": {}},
    "Tags": {"multi_select": {}},
    "Level": {"select": {}},
    "Done": {"checkbox": {}},
    "Due": {"date": {}},
    "Who": {"people": {}},
    "No": {"unique_id": {"prefix": "Q"}},
}
ROW: dict[str, Any] = {
    "Count": {"number": 7},
    "Tags": {"multi_select": [{"name": "a"}, {"name": "b"}]},
    "Level": {"select": {"name": "hard"}},
    "Done": {"checkbox": True},
    "Due": {"date": {"start": "2026-01-29"}},
    "Who": {"people": [{"id": PERSON.id}]},
}


def value(world: World, formula: str) -> Any:
    """What a formula gives for the row."""
    source = world.source({**SCHEMA, "F": {"formula": {"expression": formula}}})
    shown = world.row(source, "Title", **ROW)["properties"]["F"]["formula"]
    assert list(shown) == ["type", shown["type"]]
    return shown[shown["type"]]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('prop("Count") * 2 + 1', 15),
        ("10 / 4", 2.5),
        ("7 % 4 - 2 ^ 3", -5),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ('-prop("Count")', -7),
        ("1 / 0", None),
        ("round(2.5) + floor(-1.5) + ceil(1.2)", 3),
        ("min(3, 1, 2) + max([3, 1])", 4),
        ('prop("Tags").length()', 2),
        ('prop("Tags").includes("a")', True),
        ('prop("Tags").map(current + "!").join(" ")', "a! b!"),
        ('prop("Tags").filter(current == "b").first()', "b"),
        ('prop("Tags").at(5)', None),
        ('format(prop("Name")) + "?"', "Title?"),
        ('prop("Level") == "hard" and not empty(prop("Due"))', True),
        ('prop("Done") ? "yes" : "no"', "yes"),
        ('if(prop("Done"), if(empty(prop("Count")), "a", "b"), "c")', "b"),
        ('ifs(false, 1, prop("Count") > 5, 2, 3)', 2),
        ("let(x, 3, x * x)", 9),
        ("lets(x, 3, y, x + 1, y)", 4),
        ('prop("No")', "Q-1"),
        ('prop("Who").first().email()', "robin@example.com"),
        ('replaceAll("a-b-c", "-", "+").upper()', "A+B+C"),
        ('substring("Notion", 1, 3)', "ot"),
        ('test("answer 42", "[0-9]+")', True),
        ('toNumber("12.5")', 12.5),
        ('toNumber("x")', None),
        ('dateBetween(now(), prop("Due"), "days")', 2),
        ('dateBetween(dateAdd(prop("Due"), 13, "months"), prop("Due"), "years")', 1),
        ('formatDate(prop("Due"), "YYYY-MM-DD [at] H:mm")', "2026-01-29 at 0:00"),
        ('now() > prop("Due")', True),
        ('prop("Due") < empty("")', False),
    ],
)
def test_formulas_are_computed(world: World, formula: str, expected: Any) -> None:
    """Operators, functions, methods and variables, with the type that comes out."""
    assert value(world, formula) == expected


@pytest.mark.parametrize(
    ("formula", "start"),
    [
        ('prop("Due")', "2026-01-29"),
        ('dateAdd(prop("Due"), 1, "month")', "2026-02-28"),
        ('dateSubtract(prop("Due"), 2, "days")', "2026-01-27"),
        ('dateAdd(prop("Due"), 90, "minutes")', "2026-01-29T01:30:00.000+00:00"),
        ("now()", "2026-01-31T12:00:00.000+00:00"),
        ("today()", "2026-01-31"),
    ],
)
def test_dates_stay_days_or_become_times(world: World, formula: str, start: str) -> None:
    """A date as a date property shows one."""
    assert value(world, formula) == {"start": start, "end": None, "time_zone": None}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('prop("Count")+1', "{{Count}} + 1"),
        ('if((prop("Level")=="x"),1,(if(true,2,3)))', 'if({{Level}} == "x", 1, if(true, 2, 3))'),
        ('(prop("Count")-(prop("Count")%2))+2', "({{Count}} - ({{Count}} % 2)) + 2"),
        ('prop("Tags").includes("a")', '{{Tags}}.includes("a")'),
        ("={{x}}* 2", "={{x}}* 2"),
    ],
)
def test_formulas_are_printed_anew_with_references(world: World, sent: str, kept: str) -> None:
    """Spaces and brackets are the service's own; what is no formula stays as it is."""
    source = world.source({**SCHEMA, "F": {"formula": {"expression": sent}}})
    columns = world.good("GET", f"data_sources/{source}")["properties"]
    workspace = world.app.workspace.settings.workspace_id
    for name, column in columns.items():
        kept = kept.replace("{{" + name + "}}", f"{{{{notion:block_property:{column['id']}:{source}:{workspace}}}}}")
    assert columns["F"]["formula"]["expression"] == kept


def test_references_survive_renaming(world: World) -> None:
    """The formula goes on to compute."""
    source = world.source({**SCHEMA, "F": {"formula": {"expression": 'prop("Count") + 1'}}})
    world.good("PATCH", f"data_sources/{source}", {"properties": {"Count": {"name": "Number"}}})
    row = world.row(source, Number={"number": 1})
    assert row["properties"]["F"]["formula"] == {"type": "number", "number": 2}


def test_unknown_properties_are_refused(world: World) -> None:
    """By name."""
    body = {
        "parent": {"type": "page_id", "page_id": world.home},
        "initial_data_source": {"properties": {"Name": {"title": {}}, "F": {"formula": {"expression": 'prop("X")'}}}},
    }
    assert 'undefined property "X"' in world.refused("POST", "databases", body)


def test_what_cannot_be_computed_is_not_made_up(world: World) -> None:
    """A function that the emulator does not know gives `unsupported`; a broken formula nothing, as recorded."""
    assert value(world, 'someday(prop("Count"))') == {}
    assert value(world, "={{x}}* 2") is None


@pytest.mark.parametrize(
    ("formula", "kind"),
    [('prop("Due")', "date"), ('prop("Count") + 1', "number"), ('prop("Level")', "string"), ("1 > 2", "boolean")],
)
def test_empty_results_have_the_formulas_type(world: World, formula: str, kind: str) -> None:
    """Of a row that has no values."""
    source = world.source({**SCHEMA, "F": {"formula": {"expression": formula}}})
    shown = world.row(source)["properties"]["F"]["formula"]
    assert shown["type"] == kind
    assert shown[kind] in {None, False}


def test_queries_filter_and_sort_by_formulas(world: World) -> None:
    """By what they give."""
    source = world.source({**SCHEMA, "F": {"formula": {"expression": 'prop("Count") * 2'}}})
    for count in (3, 1, 2):
        world.row(source, str(count), Count={"number": count})
    body = {
        "filter": {"property": "F", "formula": {"number": {"greater_than": 2}}},
        "sorts": [{"property": "Count", "direction": "ascending"}],
    }
    rows = world.good("POST", f"data_sources/{source}/query", body)["results"]
    assert [row["properties"]["F"]["formula"]["number"] for row in rows] == [4, 6]


def test_formulas_that_go_round_in_circles_end(world: World) -> None:
    """With nothing, not with an error."""
    source = world.source({**SCHEMA, "A": {"formula": {"expression": "1"}}, "B": {"formula": {"expression": "1"}}})
    change = {"A": {"formula": {"expression": 'prop("B")'}}, "B": {"formula": {"expression": 'prop("A")'}}}
    world.good("PATCH", f"data_sources/{source}", {"properties": change})
    assert world.row(source)["properties"]["A"]["formula"]["type"] == "unsupported"
