"""What is published about our files and output, against what the program reads and writes."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.story.lab import Lab, copy_tree

from notionsync import config
from notionsync.convert.frontmatter import split
from notionsync.errors import ConfigError

REPOSITORY = Path(__file__).resolve().parents[1]


def validator(name: str) -> jsonschema.Draft202012Validator:
    """Return a check against a published schema."""
    schema = json.loads((REPOSITORY / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_reports_plans_and_state_are_as_published(empty: Lab) -> None:
    """Every report of a small story, and every state file it leaves, is what its schema says."""
    report, state, plan = validator("report"), validator("state"), validator("plan")
    empty.write("answers/One.md", "---\nquestion: One?\ntags: [a, b]\n---\n\n- item\n\n  below\n\n![lost](lost.png)\n")
    empty.write("answers/Broken.md", "---\nquestion: [\n---\n")
    (empty.root / "answers" / "Broken.md").rename(empty.root / "Broken.md")
    empty.run("init", "--create", "--parent", empty.workspace())
    plan.validate(empty.json("plan"))
    for arguments, code in ((["push", "--dry-run"], 0), (["push"], 0), (["pull"], 0), (["sync", "--deep"], 0)):
        report.validate(empty.json(*arguments, code=code))
    (empty.root / "Broken.md").rename(empty.root / "answers" / "Broken.md")
    refused = empty.json("sync", code=3)
    report.validate(refused)
    plan.validate(empty.json("plan", code=3))
    assert [question["state"] for question in refused["questions"]] == ["refused"]
    files = [*(empty.root / ".notionsync").glob("*.json"), *(empty.root / ".notionsync" / "base").glob("*.json")]
    assert len(files) == 2
    for file in files:
        state.validate(json.loads(file.read_text("utf-8")))


def test_errors_are_as_published(empty: Lab) -> None:
    """A command that cannot even begin says so in the published form."""
    error = validator("error")
    for command in ("sync", "diff", "link"):
        error.validate(empty.json(command, code=2))


CONFIGS = [
    ("", True),
    ('[notion]\ndata_source = "38c9ce7b60a481d29260b2f4f0f3a111"\nrequests_per_minute = 60\n', True),
    ('[properties]\nquestion = "Name"\norder = "No."\n', True),
    ('[[region]]\nname = "a"\nformat = "bulleted"\nitem = "- {question}"\n', True),
    ("[guards]\nmax_delete = 1\n[git]\nbranch = 'main'\n[files]\nrename = 'follow-title'\n", True),
    ("[check]\nignore = ['NS-HEADING-DEEP']\n", True),
    ("[[region]]\nformat = 'table'\n[[region.column]]\ntitle = 'No.'\nvalue = '{n}'\nalign = 'center'\n", True),
    (
        "[[region]]\ngroup_by = 'tags'\ngroup_order = ['a']\ncollapsible = true\nfilter = {status = ['x'], n = 1}\n",
        True,
    ),
    ("[[region]]\nname = 'a b'\n", False),
    ("[[collection]]\nname = 'weeks'\nfolder = 'w'\n[collection.properties]\nquestion = 'T'\n", True),
    ("[[collection]]\nname = 'Weeks'\n", False),
    ("[[collection]]\nname = 'weeks'\nregion = 1\n", False),
    ('[[region]]\nitem = "a\\nb"\n', False),
    ("[[region]]\ngroup_level = 7\n", False),
    ("[[region]]\nfilter = {a = [[1]]}\n", False),
    ("[[region]]\nnumbering = 'roman'\n", False),
    ("[git]\nrepository = 'o/r'\n", True),
    ("[git]\nrepository = 'o'\n", False),
    ("[files]\nimages = 'raw'\nraw_url = 'https://raw.example.org/o/r/main'\n", True),
    ("[files]\nimages = 'raw'\n[git]\nrepository = 'o/r'\nbranch = 'main'\n", True),
    ("[files]\nimages = 'raw'\n[git]\nrepository = 'o/r'\n", False),
    ("[files]\nimages = 'raw'\n", False),
    ("[files]\nimages = 'raw'\nraw_url = ''\n", False),
    ("[files]\nimages = 'inline'\n", False),
    ("[files]\nraw_url = 'main'\n", False),
    ("[check]\nignore = 'NS-HEADING-DEEP'\n", False),
    ("[notion]\nread_only = true\n[files]\nread_only = false\n", True),
    ("[notion]\nread_only = true\n[files]\nread_only = true\n", False),
    ("[notion]\nread_only = 'yes'\n", False),
    ("[sync]\nconflict = 'question'\n", True),
    ("[sync]\nconflict = 'page'\n", False),
    ("[notion]\nrequests_per_minute = 0\n", False),
    ("[notion]\ndata_sauce = 'x'\n", False),
    ("[files]\nrename = 'always'\n", False),
    ("[properties]\nnotion_id = 'Id'\n", False),
    ("[properties]\nquestion = ''\n", False),
    ("[region]\nname = 'a'\n", False),
    ("[[region]]\nformat = 'tabel'\n", False),
]


@pytest.mark.parametrize(("text", "good"), CONFIGS)
def test_schema_and_program_agree_on_configurations(text: str, *, good: bool) -> None:
    """What an editor accepts by the schema is what the program accepts."""
    assert validator("notionsync").is_valid(tomllib.loads(text)) is good
    if good:
        config.parse(text)
    else:
        with pytest.raises(ConfigError, match=r"notionsync\.toml"):
            config.parse(text)


def test_this_repositorys_answers_and_configuration_are_valid() -> None:
    """The repository keeps its own files in the format that it defines."""
    answer = validator("answer")
    files = sorted((REPOSITORY / "answers").glob("*.md"))
    assert len(files) == 29
    for file in files:
        values: dict[str, Any] = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in split(file.read_bytes()).values().items()
        }
        answer.validate(values)
    validator("notionsync").validate(tomllib.loads((REPOSITORY / "notionsync.toml").read_text("utf-8")))


def test_this_repositorys_schema_is_generated(empty: Lab) -> None:
    """What stands in `schemas/` is what `init` writes for these answers and this mapping, options and all."""
    copy_tree(REPOSITORY / "answers", empty.root / "answers")
    empty.write("notionsync.toml", (REPOSITORY / "notionsync.toml").read_text("utf-8").partition("[[region]]")[0])
    empty.run("init", "--create", "--parent", empty.workspace())
    for name in ("answer", "notionsync"):
        assert empty.read(f"schemas/{name}.schema.json") == (REPOSITORY / f"schemas/{name}.schema.json").read_text(
            "utf-8"
        )


def test_every_schema_has_a_name_and_a_version() -> None:
    """By these a program tells which form it was made for."""
    names = {}
    for path in sorted((REPOSITORY / "schemas").glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        names[path.name] = schema["$id"]
    assert all(re.fullmatch(r"urn:notionsync:[a-z]+:[0-9]+", name) for name in names.values()), names
    assert len(set(names.values())) == len(names)
