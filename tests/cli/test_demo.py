"""The demonstration is lived through once, on the samples, and looked at afterwards: in Notion, in git, in the requests."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from cmarkgfm import github_flavored_markdown_to_html

from notionsync.cli import main
from notionsync.cli.demo.desk import Desk
from notionsync.cli.demo.notion import serve
from notionsync.cli.demo.screen import Screen
from notionsync.cli.demo.source import Source, find_source, hand_kept, samples
from notionsync.cli.demo.story import ANSWER, QUESTION, Stage, tell
from notionsync.convert.frontmatter import split

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Lived:
    """The desk after the story."""

    desk: Desk
    stage: Stage
    source: Source

    def at(self, message: str, path: str) -> str:
        """Return a file as a commit of the story left it."""
        return self.desk.git("show", f"{self.commit(message)}:{path}")

    def commit(self, message: str) -> str:
        """Return the hash of the commit with a message."""
        return self.desk.git("log", "--format=%H", f"--grep=^{message}$").strip()

    def numbers(self, message: str) -> list[str]:
        """Return lines added and taken out by a commit, file by file, the state left out."""
        shown = self.desk.git("show", "--numstat", "--format=", self.commit(message), "--", ".", ":!.notionsync")
        return shown.split("\n")[:-1]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """The whole story, told to nobody."""
    top = tmp_path_factory.mktemp("demo")
    root = top / "repository"
    root.mkdir()
    with serve(top / "notion.sqlite") as notion:
        desk = Desk(root, notion, Screen(pause=False))
        stage = tell(desk, samples())
        yield Lived(desk, stage, samples())


def test_the_commands_are_told_in_order(lived: Lived) -> None:
    """The story shows each command of a user's first weeks; one ends with a conflict."""
    path = lived.stage.path
    assert [(told.line, told.code) for told in lived.desk.told] == [
        ("notionsync readme init", 0),
        ("notionsync init --create --parent Workspace", 0),
        ("notionsync push", 0),
        ("notionsync push", 0),
        ("notionsync pull", 0),
        ("notionsync push", 0),
        ("notionsync pull", 0),
        ("notionsync push", 0),
        ("notionsync sync", 0),
        ("notionsync sync", 3),
        (f"notionsync resolve {path} --take local", 0),
        ("notionsync sync", 0),
        ("notionsync sync", 0),
    ]


def test_adoption_touches_the_slips_alone(lived: Lived) -> None:
    """Texts keep their bytes, and the list differs from the one kept by hand in its two slips and the markers."""
    for path, data in lived.source.files.items():
        now = lived.at("Adopt the question list", path).encode()
        assert split(now).body.lstrip(b"\n") == split(data).body.lstrip(b"\n"), path
    before = hand_kept(lived.source.entries).split("\n")
    after = lived.at("Adopt the question list", "README.md").split("\n")
    rest = [line for line in after if not line.startswith("<!-- notionsync:")]
    slips = [(old, new) for old, new in zip(before, rest, strict=True) if old != new]
    assert slips == [
        (before[8], before[8].replace("3. 4. ", "3. ")),
        (before[10], before[10].removesuffix(" [Answer](answers/Identity.md)")),
    ]


def test_what_is_in_step_is_not_written_again(lived: Lived) -> None:
    """The second push, the pulls, the refused sync and the clone's sync send no write."""
    told = lived.desk.told
    assert [told[n].asked.writes for n in (3, 4, 6, 9, 10, 12)] == [0, 0, 0, 0, 0, 0]
    assert told[2].asked.kinds["POST /v1/pages"] == len(lived.source.entries)
    assert told[3].asked.total < told[2].asked.total


def test_an_edit_in_notion_is_one_line(lived: Lived) -> None:
    """The pull changes one line of one file."""
    assert lived.numbers("Pull from Notion") == [f"1\t1\t{lived.stage.path}"]
    assert f"\n{lived.stage.first.text} Robin" in lived.at("Pull from Notion", lived.stage.path)


def test_an_edit_in_a_file_is_one_patch(lived: Lived) -> None:
    """The push sends a single write, to the block that holds the line."""
    asked = lived.desk.told[5].asked
    assert asked.writes == 1
    assert asked.kinds["PATCH /v1/blocks/{id}"] == 1


def test_a_question_gets_its_file_its_item_and_its_link(lived: Lived) -> None:
    """Unlinked while it has no answer; linked, and in Notion, once it has."""
    last = len(lived.source.entries) + 1
    assert f"\n{last}. {QUESTION}\n" in lived.at("Pull a question", "README.md")
    assert f"\n{last}. {QUESTION} [Answer](answers/" in lived.at("Answer it", "README.md")
    path = next(path for path in lived.desk.pages() if QUESTION in lived.desk.read(path))
    blocks = lived.desk.notion.blocks(lived.desk.pages()[path])
    there = ["".join(run["plain_text"] for run in block[block["type"]]["rich_text"]) for block in blocks]
    assert there == [line.removeprefix("- ") for line in ANSWER.splitlines() if line]


def test_edits_of_both_sides_meet(lived: Lived) -> None:
    """After the merge the file holds Notion's edit and its own."""
    text = lived.at("Sync edits of both sides", lived.stage.path)
    assert f"\n{lived.stage.first.text} An example would help.\n" in text
    assert f"\n{lived.stage.second.text} See also the list.\n" in text
    assert lived.desk.notion.text(lived.stage.second.id) == f"{lived.stage.second.text} See also the list."


def test_a_conflict_ends_as_a_person_decided(lived: Lived) -> None:
    """Notion takes the file's words, and its own are kept."""
    assert lived.desk.notion.text(lived.stage.first.id) == f"{lived.stage.first.text} Well, it depends."
    kept = list((lived.desk.root / ".notionsync" / "conflicts").iterdir())
    assert ["No, it never does." in file.read_text("utf-8") for file in kept] == [True]


def test_the_clone_is_in_step(lived: Lived) -> None:
    """The clone's files are the repository's, and its sync left nothing to commit."""
    clone = Desk(lived.desk.root.parent / "clone", lived.desk.notion, lived.desk.screen)
    assert clone.git("status", "--porcelain") == ""
    assert clone.git("rev-parse", "HEAD") == lived.desk.git("rev-parse", "HEAD")


def test_it_begins_with_the_answers_of_the_repository(tmp_path: Path) -> None:
    """Inside a repository with answers the story is about these, elsewhere about the samples; what the list knows is taken out."""
    own = find_source(ROOT / "answers")
    assert len(own.entries) == len(list((ROOT / "answers").glob("*.md")))
    image = next(path for path in own.files if path.endswith(".svg"))
    assert own.files[image] == (ROOT / image).read_bytes()
    texts = [split(data) for path, data in own.files.items() if path.endswith(".md")]
    assert {key for parts in texts for key in parts.values()} == {"status", "tags"}
    assert find_source(tmp_path) == samples()


def test_the_list_reads_as_one_list() -> None:
    """What is kept by hand renders as a single list of all questions."""
    html = github_flavored_markdown_to_html(hand_kept(samples().entries))
    assert html.count("<ol") == 1 + 1, "the slip begins a list of its own inside its item"
    assert html.count("<a href") == len(samples().entries)


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    """Nothing is written next to somebody's files."""
    (tmp_path / "mine").write_text("mine")
    result = CliRunner().invoke(main, ["demo", "--folder", str(tmp_path)])
    assert result.exit_code == 2
    assert "is not empty" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_missing_flask_is_named(tmp_path: Path) -> None:
    """Without the extra the error says what to install."""
    (tmp_path / "flask.py").write_text("raise ModuleNotFoundError(\"No module named 'flask'\", name='flask')")
    with contextlib.chdir(tmp_path):
        done = subprocess.run(
            [sys.executable, "-m", "notionsync", "demo", "--folder", "new"], capture_output=True, text=True, check=False
        )
    assert done.returncode == 2, done.stderr
    assert "needs Flask" in done.stderr
    assert 'pip install "notionsync[emulator]"' in done.stderr
