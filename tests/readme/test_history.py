"""The corpus' README through its history: every list that was kept by hand, built from data."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from tests.shared import shared

from notionsync.cli.readme import readme_command
from notionsync.config import Column, Region
from notionsync.errors import FileError, MarkerError
from notionsync.readme import Entry, adopt, build

PREFIX = "https://github.com/cha-suyeon/MLDL-study/blob/main/"
LINK = re.compile(r"/(answers/[^)]+\.md)\)")
MARKER = re.compile(r"<!-- notionsync:[^\n]*-->\n")
ITEM = re.compile(r"(\d+)\. (?:\d+\. )?(.*?) ?(?:\[Answer\]\(" + re.escape(PREFIX) + r"(answers/[^)]+)\))?")
CELL = re.compile(r"(?:\[([^\]]*)\]\(([^)]*)\))")
EMPTY = "<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n"

pytestmark = pytest.mark.corpus


class Item(NamedTuple):
    """A line of a list that was kept by hand."""

    question: str
    path: str


def lists() -> list[tuple[str, str]]:
    """Name and text of the versions that have a list."""
    found = []
    for path in sorted(shared("corpus", "history").glob("*.md")):
        data = path.read_bytes()
        if not data.startswith(b"\xff\xfe") and b"/answers/" in data:
            found.append((path.name, data.decode()))
    return found


def parted(text: str) -> tuple[str, list[str], str]:
    """What stands before a list, its lines, and what stands behind it."""
    lines = text.splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if line.startswith("1. "))
    stop = next(n for n in range(start, len(lines)) if not re.match(r"\d+\. ", lines[n]))
    return "".join(lines[:start]), lines[start:stop], "".join(lines[stop:])


def typed_right(line: str) -> str:
    """A line without the number that was typed twice, and without blanks at its end."""
    return re.sub(r"^(\d+\.) \d+\. ", r"\1 ", line.rstrip()) + "\n"


def test_every_list_of_the_history_is_adopted_byte_for_byte() -> None:
    """With the answers that a list links to, what is built is what was typed, but for the numbers typed twice."""
    for name, text in lists():
        adoption = adopt(text.encode(), dict.fromkeys(LINK.findall(text), b"An answer.\n"))
        before, items, after = parted(text)
        built = MARKER.sub("", adoption.readme.decode())
        assert built == before + "".join(map(typed_right, items)) + after, name
        assert {slip.kind for slip in adoption.slips} <= {"doubled-number"}
        assert adoption.answered == len(LINK.findall(text))


def test_what_has_no_list_yet_is_refused() -> None:
    """The first version is no UTF-8, the second one has a heading and nothing below it."""
    first, second = (path.read_bytes() for path in sorted(shared("corpus", "history").glob("*.md"))[:2])
    with pytest.raises(MarkerError, match="UTF-16"):
        adopt(first, {})
    with pytest.raises(FileError, match="no list whose items link into answers/"):
        adopt(second, {})


def test_each_list_follows_from_the_one_before_by_the_data_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From no list to the last one: questions are files, an answer is a body, a place is `order`; nothing is typed."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "."], check=True)
    (tmp_path / "answers").mkdir()
    (tmp_path / "notionsync.toml").write_text(f'[[region]]\nurl_prefix = "{PREFIX}"\n')
    readme = tmp_path / "README.md"
    second = sorted(shared("corpus", "history").glob("*.md"))[1].read_text("utf-8")
    heading = second.index("## Questions\n") + len("## Questions\n\n")
    readme.write_text(second[:heading] + EMPTY + second[heading:])
    assert rebuild() == second

    paths = paths_of(lists()[-1][1])
    changed = []
    for name, text in lists():
        before, lines, after = parted(text)
        region = "".join(readme.read_text("utf-8").partition("<!-- notionsync:begin")[1:])
        region = region[: region.index("-->\n", region.index("notionsync:end")) + 4]
        readme.write_text(before + region + after)
        changed.append(write_answers(tmp_path, lines, paths))
        assert rebuild() == before + "".join(map(typed_right, lines)) + after, name
    assert len(changed) == 5
    assert changed[0] == 29
    assert changed[1:4] == [1, 1, 1]


def paths_of(text: str) -> dict[str, str]:
    """Question → the file it has in the end."""
    return {item.question: item.path for item in map(read_item, parted(text)[1])}


def read_item(line: str) -> Item:
    """What a line says."""
    match = ITEM.fullmatch(line.rstrip())
    assert match
    return Item(match[2], match[3] or "")


def write_answers(root: Path, lines: list[str], paths: dict[str, str]) -> int:
    """Write the data of a list; return how many files that changed."""
    changed = 0
    for order, item in enumerate(map(read_item, lines), 1):
        body = "An answer.\n" if item.path else ""
        data = f"---\nquestion: {item.question!r}\norder: {order}\n---\n{body}"
        path = root / (item.path or paths[item.question])
        changed += not path.exists() or path.read_text("utf-8") != data
        path.write_text(data, "utf-8")
    return changed


def rebuild() -> str:
    """Run `notionsync readme`; return the README without the markers."""
    result = CliRunner().invoke(readme_command, [])
    assert result.exit_code == 0, result.exception
    assert CliRunner().invoke(readme_command, ["--check"]).exit_code == 0
    return MARKER.sub("", Path("README.md").read_text("utf-8"))


def test_the_curriculum_is_built_from_rows() -> None:
    """Columns, alignment, dates, lists of links and the empty mark: as typed, but for one blank."""
    text = shared("corpus", "README.md").read_text("utf-8")
    start = text.index("|No.|Date|")
    table = text[start : text.index("\n\n", start) + 1]
    rows = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    months = {"January": "01", "February": "02"}
    entries = []
    for order, (_, date, topic, textbook, lecture) in enumerate(rows):
        day = re.fullmatch(r"(\w+) (\d+), (\d{4})", date)
        fields: dict[str, str | int | tuple[str, ...]] = {
            "order": order,
            "date": f"{day[3]}-{months[day[1]]}-{int(day[2]):02}" if day else date,
            "textbook": tuple(match[0] for match in CELL.finditer(textbook)) or textbook.replace("✖", ""),
        }
        if link := CELL.search(lecture):
            fields |= {"lecture": link[1], "lecture_url": link[2]}
        entries.append(Entry(path=f"curriculum/{order}.md", question=topic, fields=fields))
    region = Region(
        format="table",
        columns=(
            Column(title="No.", value="{n}", align="center"),
            Column(title="Date", value="{date}"),
            Column(title="Topic", value="{question}", align="center"),
            Column(title="Textbook", value="{textbook}"),
            Column(title="Lecture", value="[{lecture}]({lecture_url})", align="center"),
        ),
        start=0,
        digits=2,
        date_format="%B %-d, %Y",
        empty="✖",
    )
    built = build(entries, region)
    padded = re.sub(r"(January|February) 0(\d), ", r"\1 \2, ", table)
    assert built == padded.replace("| [", "|[")
