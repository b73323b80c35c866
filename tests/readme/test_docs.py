"""docs/readme-lists.md: what it shows is what is built, and what it names is all there is."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from notionsync import config
from notionsync.cli.readme import readme_command
from notionsync.config import Column, Region
from notionsync.errors import ConfigError
from notionsync.readme import Entry, build, rebuild
from notionsync.readme.templates import OF_LIST, OF_QUESTION

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "readme-lists.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
ENTRIES = (
    Entry(
        path="answers/Dropout.md",
        question="Why does dropout slow training down?",
        fields={"order": 1, "status": "Published", "category": "RNN", "week": "2", "date": "2022-01-07", "lecture": "Lec 2"},
        answered=True,
    ),
    Entry(
        path="answers/Tensor.md",
        question="What is a tensor?",
        fields={"order": 2, "status": "Review", "category": "CNN", "week": "Preparation", "date": "2022-01-10", "lecture": ""},
    ),
    Entry(
        path="answers/Hidden.md",
        question="Who pays?",
        fields={"order": 3, "status": "Published", "tags": ("internal",), "date": "2022-01-12", "lecture": "Lec 3", "lecture_url": "https://e.org"},
        answered=True,
    ),
)  # fmt: skip
WANTED = (
    """\
1. Why does dropout slow training down? [Answer](answers/Dropout.md)
2. What is a tensor?
3. Who pays? [Answer](answers/Hidden.md)
""",
    """\
**2/3 answered (66 %)**

- [Why does dropout slow training down?](answers/Dropout.md) *Published*
- What is a tensor?
- [Who pays?](answers/Hidden.md) *Published*
""",
    """\
- [CNN (0/1)](#cnn-01)
- [RNN (1/1)](#rnn-11)

### CNN (0/1)

1. What is a tensor?

### RNN (1/1)

2. Why does dropout slow training down? [Answer](answers/Dropout.md)
""",
    """\
|No.|Topic|Lecture|
|:--:|--|--|
|00|Why does dropout slow training down?|Lec 2|
|01|What is a tensor?|✖|
|02|Who pays?|[Lec 3](https://e.org)|
""",
)


def lines_of(pattern: str) -> list[str]:
    """The indented lines of the page that match, as they are typed."""
    return [line.strip() for line in PAGE.splitlines() if re.match(rf"    {pattern}", line)]


def section(title: str) -> str:
    """What stands below a heading."""
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_list_it_begins_with_is_built_so() -> None:
    """Markers, links, digest: byte for byte."""
    shown = "".join(line + "\n" for line in lines_of(r"(<!-- notionsync:|\d\. )"))
    empty = re.sub(r"(?<=-->\n).*\n(?=<!--)", "", re.sub(r" [0-9a-f]{16} -->", " -->", shown), flags=re.DOTALL)
    assert rebuild("README.md", empty.encode(), [Region()], ENTRIES[:2]).decode() == shown


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_each_example_of_a_configuration_gives_its_list(number: int) -> None:
    """As they stand on the page."""
    assert len(WANTED) == len(EXAMPLES)
    [region] = config.parse(EXAMPLES[number]).regions
    assert build(ENTRIES, region) == WANTED[number]


def test_each_format_looks_as_its_row_says() -> None:
    """With and without an answer."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section("Formats"), re.MULTILINE)
    assert [name for name, _ in rows] == ["format", "ordered", "bulleted", "task", "table", "details"]
    why = [Entry(path="answers/Why.md", question="Why?", answered=answered) for answered in (True, False)]
    for name, said in rows[1:4]:
        [region] = config.parse(f'[[region]]\nformat = "{name}"').regions
        for entry, line in zip(why, re.findall(r"`([^`]+)`", said), strict=False):
            assert build([entry], region) == f"{line}\n"


def test_every_key_is_named() -> None:
    """All of a region and of a column."""
    named = set(re.findall(r"`(\w+)(?:`| = )", PAGE)) | set(re.findall(r"^(\w+) = ", "\n".join(EXAMPLES), re.MULTILINE))
    keys = {one.name for one in fields(Region)} - {"columns"} | {one.name for one in fields(Column)}
    assert keys - named == set()


def test_every_value_that_is_named_is_one() -> None:
    """Of the keys with a choice."""
    for key, where, values in (
        ("numbering", "Order, groups, filters", ("sequential", "ones", "property")),
        ("unanswered", "Questions without an answer", ("listed", "section", "hidden")),
    ):
        [row] = [line for line in section(where).splitlines() if line.startswith(f"| `{key}` |")]
        for value in values:
            assert f"`{value}`" in row
            assert getattr(config.parse(f'[[region]]\n{key} = "{value}"').regions[0], key) == value


def test_every_place_of_a_template_is_named() -> None:
    """Those of a question, of a group and of the whole list, each in its row; one that there is not is refused."""
    items, groups, whole = (
        set(re.findall(r"\{(\w+)\}", line)) for line in section("Templates").splitlines() if re.match(r"\| `\w", line)
    )
    assert items == {*OF_QUESTION, "status", "category", "date"}
    assert (groups, whole) == ({*OF_LIST, "group"}, {*OF_LIST})
    line = build(ENTRIES[:1], Region(item=" ".join(f"{{{place}}}" for place in sorted(items))))
    assert line == (
        "why-does-dropout-slow-training-down ✓ RNN 2022-01-07 1 answers/Dropout.md Why does dropout slow training down?"
        " Dropout Published answers/Dropout.md\n"
    )
    with pytest.raises(ConfigError, match=r"no \{qestion\}; did you mean \{question\}\?"):
        build(ENTRIES, Region(item="{qestion}"))


def test_every_part_of_a_date_is_named() -> None:
    """And no other is taken."""
    [listed] = re.findall(r"\(`(%Y [^`]*)`\)", PAGE)
    for part in listed.split():
        assert "%" not in build(ENTRIES[:1], Region(item="{date}", date_format=part))
    with pytest.raises(ConfigError) as caught:
        build(ENTRIES[:1], Region(item="{date}", date_format="%Q"))
    assert set(re.findall(r"%-?\w", caught.value.message.partition("known are ")[2])) == set(listed.split())


def test_each_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a list that was kept by hand, in the order in which a person would type them."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "."], check=True)
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers/Dropout.md").write_text("Because.\n")
    (tmp_path / "README.md").write_text("1. Why? [Answer](answers/Dropout.md)\n2. What is a tensor?\n")
    commands = [line.split("  ")[0].split()[2:] for line in lines_of("notionsync readme")]
    korean = ["init", "--file", "README.ko.md", "--name", "korean", "--key", "question_ko"]
    assert commands == [[], ["--check", "--diff"], ["--stdout"], ["init"], korean]
    (tmp_path / "README.ko.md").write_text("1. 왜? [답](answers/Dropout.md)\n2. 텐서란?\n", "utf-8")
    for args in (["init"], korean, *commands[2::-1]):
        result = CliRunner().invoke(readme_command, args)
        assert result.exit_code == 0, result.exception
    assert "1. Why? [Answer](answers/Dropout.md)\n" in (tmp_path / "README.md").read_text()
    assert "1. 왜? [답](answers/Dropout.md)\n2. 텐서란?\n" in (tmp_path / "README.ko.md").read_text("utf-8")
