from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from tests.story.lab import Lab

from notionsync.convert.frontmatter import split
from notionsync.convert.properties import WRITABLE, normal
from notionsync.convert.properties.schema import answer_schema, field_schema
from notionsync.errors import ContentError
from notionsync.model import Property

SCHEMA = "schemas/answer.schema.json"


def test_the_schema_lists_the_databases_options(empty: Lab) -> None:
    """Kinds and options come from Notion; what fits passes check, and what does not is found with the options named."""
    empty.write("answers/A.md", "---\nquestion: a\norder: 1\nstatus: Open\ntags: [CNN, RNN]\n---\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    answer = empty.json("schema")
    assert (answer["changed"], answer["asked"], answer["options"]) == (False, True, 3), "init wrote it"
    schema = json.loads(empty.read(SCHEMA))
    assert schema["properties"]["status"]["enum"] == ["Open", "", None]
    empty.run("check")
    empty.write("answers/B.md", "---\nquestion: b\nstatus: Opne\ntags: [GNN]\n---\n")
    output = empty.run("check", code=6).stdout
    assert (
        'answers/B.md:3: NS-FRONT-MATTER status: "Opne" does not fit. "Status" (select): the name of an option; '
        'did you mean "Open"? Known are Open\n' in output
    )
    assert 'answers/B.md:4: NS-FRONT-MATTER tags: ["GNN"] does not fit.' in output
    assert 'did you mean "RNN"? Known are CNN, RNN' in output


def test_check_takes_an_option_as_a_run_takes_it(empty: Lab) -> None:
    """In other letter case, and several in one text: what is pushed without a word is not found, either."""
    empty.write("answers/A.md", "---\nquestion: a\norder: 1\nstatus: Open\ntags: [CNN, RNN]\n---\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    empty.run("push")
    empty.write("answers/B.md", "---\nquestion: b\nstatus: open\ntags: rnn, CNN\n---\n")
    empty.run("check")
    empty.run("push")
    empty.run("check")
    empty.replace("answers/B.md", "rnn, CNN", "rnn, CN")
    assert 'tags: "rnn, CN" does not fit.' in empty.run("check", code=6).stdout


def test_the_schema_is_the_same_each_time(empty: Lab) -> None:
    """A second run writes nothing; --stdout prints the file's own bytes; a sync's knowledge serves offline."""
    empty.write("answers/A.md", "---\nquestion: a\norder: 1\ndue: 2026-07-01\n---\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    empty.run("schema")
    assert empty.run("schema", "--stdout").stdout == empty.read(SCHEMA)
    assert empty.json("schema")["changed"] is False
    assert "pattern" not in json.loads(empty.run("schema", "--offline", "--stdout").stdout)["properties"]["due"]
    empty.run("push")
    assert empty.run("schema", "--offline", "--stdout").stdout == empty.read(SCHEMA)


def test_without_a_token_the_configuration_alone_serves(empty: Lab) -> None:
    """No request is sent; keys whose kind nobody told may hold anything, the order is a number."""
    empty.write("notionsync.toml", '[properties]\nquestion = "Name"\norder = "No."\nmood = "Mood"\n')
    empty.requests()
    answer = json.loads(empty.run("schema", "--json", token="").stdout)
    assert (answer["asked"], answer["keys"]) == (False, ["notion_id", "question", "order", "mood"])
    assert empty.requests()["total"] == 0
    schema = json.loads(empty.read(SCHEMA))
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(schema).is_valid
    assert valid({"question": "a", "order": 1.5, "mood": [1], "else": {}})
    assert not valid({"order": 1})
    assert not valid({"question": "a", "order": "one"})


VALUES: list[Any] = [
    *(
        None,
        "",
        "text",
        1,
        1.5,
        True,
        False,
        (),
        ("a",),
        ("a", "b"),
        "yes",
        "No",
        "x",
        "maybe",
        "12",
        "1e3",
        "1.",
        "12a",
    ),
    *(
        "2026-07-01",
        "2026-07-01/2026-07-03",
        "2026-07-01T10:00+09:00",
        "2026-07-01 9:05",
        "2026-07-01T10:00[Asia/Seoul]",
    ),
    *("2026-7-1", "tomorrow", "2026-07-01/", "2026-07-01T10"),
    *("Lab · Berlin (52.5, -13)", "(1, 2)", "Lab (52.5)", '{"lat":1,"lon":2,"name":"a (b)"}'),
]


@pytest.mark.parametrize("kind", sorted(WRITABLE - {"title"}))
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_schema_and_program_agree(kind: str, value: Any) -> None:
    """What the schema refuses, the program refuses; what it accepts, the program accepts, as a value of every kind."""
    prop = Property(id="p", name="P", type=kind)
    try:
        normal(prop, value)
        good = True
    except ContentError:
        good = False
    plain = list(value) if isinstance(value, tuple) else value
    assert jsonschema.Draft202012Validator(field_schema(prop)).is_valid(plain) is good


@pytest.mark.parametrize("option", ["2024", "3.10", "true", "1e3", "01", "no", "a b"])
def test_an_option_may_look_like_a_number(option: str) -> None:
    """`year: 2024` is what people write for the option 2024: it fits, alone and in a list, with quotes or without."""
    value = split(f"---\nyear: {option}\n---\n".encode()).values()["year"]
    for kind in ("select", "status", "multi_select"):
        fits = jsonschema.Draft202012Validator(
            field_schema(Property(id="p", name="P", type=kind, options=(option,)))
        ).is_valid
        assert fits(value)
        assert fits(option)
        assert not fits("else")
        assert kind != "multi_select" or (fits([value]) and fits([option]))


def test_every_schema_is_one() -> None:
    """With and without options, of every kind and of kinds that nobody knows, it is a JSON Schema."""
    kinds = [*sorted(WRITABLE), "formula", "from_the_future"]
    properties = {kind: Property(id=kind, name=kind, type=kind, options=("a", "b")) for kind in kinds}
    schema = answer_schema({"question": "Name", **{kind: kind for kind in kinds}}, properties)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["formula"]["readOnly"] is True
