"""`init` and `doctor`: what they find, what they ask for, and what they leave alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.story.lab import Lab, lab

from notionsync.cli.seed import read_seed
from notionsync.emulator import create_app
from notionsync.errors import AccessError
from notionsync.model import compact_id
from notionsync.sides.notion import Notion


@pytest.fixture
def desk(empty: Lab) -> Lab:
    """Two answers with keys of several kinds."""
    for name in "AB":
        head = f"question: {name}?\norder: 1\nlevel: Hard\ndue: 2026-07-01\ndone: true\ntags: [a, b]\n"
        empty.write(f"answers/{name}.md", f"---\n{head}---\n\n- {name}\n")
    return empty


def database(desk: Lab, **properties: Any) -> tuple[str, str]:
    """Create a database as a person; return its id and that of its data source."""
    made = desk.api(
        "POST",
        "databases",
        {
            "parent": {"type": "page_id", "page_id": desk.workspace()},
            "title": [{"text": {"content": "Questions"}}],
            "initial_data_source": {"properties": {"Name": {"title": {}}, **properties}},
        },
    )
    return made["id"], compact_id(made["data_sources"][0]["id"])


def columns(desk: Lab, source: str) -> dict[str, str]:
    """Return the properties of a data source: name → kind."""
    return {name: prop["type"] for name, prop in desk.api("GET", f"data_sources/{source}")["properties"].items()}


def test_init_proposes_and_adds_nothing_unasked(desk: Lab) -> None:
    """Every property that can be written is mapped; what the files could use besides is named, and left alone."""
    identity, source = database(desk, Level={"select": {}}, No={"number": {}}, Made={"created_time": {}})
    before = columns(desk, source)
    output = desk.run("init", "--database", identity).stdout
    assert columns(desk, source) == before
    assert "no property for: Due, Done, Tags, File" in output
    assert "--add-properties" in output
    assert "where you add them to [properties]: Made (created_time)\n" in output
    assert '     2 questions left out, such as\n       answers/A.md:4: Level: no option "Hard"' in output
    written = desk.read("notionsync.toml")
    assert 'question = "Name"\n' in written
    assert 'order = "No"\n' in written
    assert 'level = "Level"\n' in written
    assert "Made" not in written


def test_init_adds_properties_when_asked(desk: Lab) -> None:
    """Each of the narrowest kind that holds what the files say, and one for the files' names; then they are mapped."""
    identity, source = database(desk, Level={"select": {}})
    printed = desk.json("init", "--database", identity, "--add-properties")
    assert printed["lacking"] == []
    assert columns(desk, source) == {
        "Name": "title",
        "Level": "select",
        "Order": "number",
        "Due": "date",
        "Done": "checkbox",
        "Tags": "multi_select",
        "File": "rich_text",
    }
    assert 'name_property = "File"' in desk.read("notionsync.toml")
    desk.run("push", "--allow-new-options")
    desk.run("init", "--create", "--parent", "X", "--add-properties", code=2)


def test_init_tells_editors_of_schemas(desk: Lab) -> None:
    """The configuration names its schema in a comment, both schemas are there, and a second init changes nothing."""
    desk.run("init", "--create", "--parent", desk.workspace())
    text = desk.read("notionsync.toml")
    assert text.startswith("#:schema schemas/notionsync.schema.json\n\n[notion]\n")
    assert json.loads(desk.read("schemas/notionsync.schema.json"))["title"] == "notionsync.toml"
    assert json.loads(desk.read("schemas/answer.schema.json"))["properties"]["tags"]["anyOf"][0]["items"] == {
        "enum": ["a", "b"]
    }
    source = next(line for line in text.splitlines() if line.startswith("data_source")).split('"')[1]
    desk.run("init", "--database", source)
    assert desk.read("notionsync.toml") == text


def test_several_data_sources_ask_for_one(desk: Lab) -> None:
    """Each is named with its id, and the id is taken."""
    identity, first = database(desk)
    second = desk.api(
        "POST",
        "data_sources",
        {
            "parent": {"type": "database_id", "database_id": identity},
            "title": [{"text": {"content": "Archive"}}],
            "properties": {"Name": {"title": {}}},
        },
    )["id"]
    refused = desk.run("init", "--database", identity, code=2).stderr
    assert first in refused
    assert f"'Archive' {compact_id(second)}" in refused
    assert not (desk.root / "notionsync.toml").exists()
    desk.run("init", "--database", compact_id(second))
    assert compact_id(second) in desk.read("notionsync.toml")


def test_a_linked_view_is_named_as_such(desk: Lab) -> None:
    """A database whose source is not shared with the integration says where to click."""
    identity, source = database(desk)
    desk.person.post("/_emulator/faults", json={"fault": "unshare", "id": source}).raise_for_status()
    refused = desk.run("init", "--database", identity, code=2).stderr
    assert "linked view" in refused
    assert "share it with the integration" in refused


def test_doctor_names_what_was_renamed_or_lost(desk: Lab) -> None:
    """A renamed property is found by its id and told with the line to write; so is the property of file names."""
    desk.run("init", "--create", "--parent", desk.workspace())
    desk.run("push")
    desk.run("doctor")
    source = json.loads(desk.read(".notionsync/state.json"))["data_source"]
    desk.api("PATCH", f"data_sources/{source}", {"properties": {"Level": {"name": "Grade"}, "File": None}})
    output = desk.run("doctor").stdout
    assert '"Level" is called "Grade" now' in output
    assert 'write level = "Grade"' in output
    assert 'no "File" for the names of files' in output
    assert "schemas/answer.schema.json is not what the database says now" in output


def test_doctor_names_missing_capabilities(desk: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the integration may not do is told with where to click; names of people alone stop nothing."""
    desk.run("init", "--create", "--parent", desk.workspace())
    desk.run("push")
    source = json.loads(desk.read(".notionsync/state.json"))["data_source"]
    desk.api("PATCH", f"data_sources/{source}", {"properties": {"By": {"people": {}}}})
    desk.replace("notionsync.toml", "[properties]\n", '[properties]\nby = "By"\n')

    def refuse(*_: Any, **__: Any) -> Any:
        raise AccessError("the integration may not do this", advice="Capabilities")

    monkeypatch.setattr(Notion, "people", refuse)
    output = desk.run("doctor").stdout
    assert "may not do this; people are called by their ids" in output
    assert "try: Capabilities" in output
    monkeypatch.setattr(Notion, "pages", refuse)
    assert "may not do this" in desk.run("doctor", code=2).stdout


def test_a_schema_follows_the_database(desk: Lab) -> None:
    """An option that a person adds in Notion is valid here after a pull; a schema of somebody else's is left alone."""
    desk.run("init", "--create", "--parent", desk.workspace())
    desk.run("push")
    page = desk.page_of("answers/A.md")
    desk.api("PATCH", f"pages/{page}", {"properties": {"Tags": {"multi_select": [{"name": "new"}]}}})
    desk.wait(120)
    desk.run("pull")
    assert "tags: [new]" in desk.read("answers/A.md")
    desk.run("check")
    desk.replace("notionsync.toml", "[files]\n", "[files]\nread_only = true\n")
    before = desk.read("schemas/answer.schema.json")
    desk.api("PATCH", f"pages/{page}", {"properties": {"Tags": {"multi_select": [{"name": "newer"}]}}})
    desk.run("push")
    assert desk.read("schemas/answer.schema.json") == before
    desk.replace("notionsync.toml", "read_only = true\n", "")
    desk.api("PATCH", f"pages/{page}", {"properties": {"Tags": {"multi_select": [{"name": "new"}]}}})
    mine = '{"title": "mine"}\n'
    desk.write("schemas/answer.schema.json", mine)
    desk.run("pull")
    assert desk.read("schemas/answer.schema.json") == mine


def test_an_option_that_a_run_makes_is_in_the_schema(desk: Lab) -> None:
    """At once, so that the next run finds nothing to write; asking for it costs one request, and only then."""
    desk.run("init", "--create", "--parent", desk.workspace())
    desk.run("push")
    desk.wait(120)
    desk.run("sync")
    desk.requests()
    desk.replace("answers/A.md", "tags: [a, b]", "tags: [a, fresh]")
    desk.run("sync", "--allow-new-options")
    source = "GET /v1/data_sources/{id}"
    assert desk.requests()["by_kind"][source] == 2
    schema = desk.read("schemas/answer.schema.json")
    assert '"fresh"' in schema
    desk.replace("answers/A.md", "tags: [a, fresh]", "tags: [a]")
    desk.run("sync", "--allow-new-options")
    assert desk.requests()["by_kind"][source] == 1
    assert desk.read("schemas/answer.schema.json") == schema


def test_a_seeded_folder_is_pulled_whole(tmp_path: Path) -> None:
    """Answers that lead to each other come back as they were, each link to its file, and the next look finds nothing."""
    bodies = {
        "A": "See [b](B.md), and [its end](B.md#end).\n",
        "B": "- back to [a](A.md)\n- [nowhere](gone.md)\n",
        "C": "| x | y |\n| --- | --- |\n| [a](A.md) | 1 |\n",
    }
    for name, body in bodies.items():
        (tmp_path / f"{name}.md").write_text(f"---\nquestion: {name}?\n---\n\n{body}")
    app = create_app(tmp_path / "notion.sqlite")
    (source,) = app.seed(read_seed(tmp_path)).data_sources
    app.close()
    with lab(tmp_path / "repository", database=tmp_path / "notion.sqlite") as desk:
        desk.run("init", "--database", source)
        desk.run("pull")
        for name, body in bodies.items():
            assert desk.read(f"answers/{name}.md").endswith(f"---\n\n{body}")
        desk.wait(120)
        assert "3 unchanged" in desk.run("sync", "--deep").stdout
