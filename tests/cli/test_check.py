"""`check` at a user's desk: no Notion, no token."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from notionsync.cli import main

GOOD = "---\nquestion: Why?\norder: 1\n---\n\n- because\n"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one good answer, and no token."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NOTION_TOKEN", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    write(tmp_path, "answers/Good.md", GOOD)
    return tmp_path


def write(desk: Path, path: str, text: str | bytes) -> None:
    """Write a file."""
    target = desk / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text if isinstance(text, bytes) else text.encode())


def run(*args: str, code: int = 0) -> Result:
    """Run `check` and compare its exit code."""
    result = CliRunner().invoke(main, ["check", *args])
    assert result.exit_code == code, result.output
    return result


def found(*args: str, code: int = 6) -> list[tuple[str, int, str]]:
    """Return path, line and code of everything found."""
    report: Any = json.loads(run(*args, "--json", code=code).stdout)
    return [(one["path"], one["line"], one["code"]) for one in report["findings"]]


def test_a_good_repository_passes(desk: Path) -> None:
    """Nothing found, nothing written, exit 0; without notionsync.toml the defaults hold."""
    before = sorted(desk.rglob("*"))
    assert run().stdout == "check: 1 answer, 0 found\n"
    assert sorted(desk.rglob("*")) == before


def test_findings_are_printed_by_file_and_line(desk: Path) -> None:
    """What is found stands as file:line, which editors and terminals open."""
    write(desk, "notionsync.toml", '[properties]\norder = "No."\n')
    write(desk, "answers/Bad.md", "---\nquestion: Why?\norder: first\n---\n\n**한(x)**은\n")
    output = run(code=6).stdout
    assert 'answers/Bad.md:3: NS-FRONT-MATTER order: "first" does not fit. "No." (number): a number\n' in output
    assert "answers/Bad.md:6: NS-CJK-BOLD" in output
    assert "1 can be fixed with --fix" in output


def test_front_matter_is_compared_with_the_schema(desk: Path) -> None:
    """Mapped keys by their kinds, a missing question, and the repository's own schema where it has one."""
    write(desk, "notionsync.toml", '[properties]\nquestion = "Name"\norder = "No."\ntags = "Tags"\n')
    write(desk, "answers/Bad.md", "---\norder: [1]\ntags: x\n---\n")
    assert found() == [("answers/Bad.md", 1, "NS-FRONT-MATTER"), ("answers/Bad.md", 2, "NS-FRONT-MATTER")]
    assert 'answers/Bad.md:1: NS-FRONT-MATTER there is no key "question"\n' in run(code=6).stdout
    schema = {"properties": {"tags": {"description": "Tags.", "enum": ["CNN", "RNN"]}}}
    write(desk, "schemas/answer.schema.json", json.dumps(schema))
    assert 'answers/Bad.md:3: NS-FRONT-MATTER tags: "x" does not fit. Tags; known are CNN, RNN' in run(code=6).stdout
    write(desk, "schemas/answer.schema.json", "{")
    assert "schemas/answer.schema.json: is no JSON Schema" in run(code=2).output


def test_images_and_links_that_lead_nowhere_are_found(desk: Path) -> None:
    """Missing, outside, of a strange kind, shared by accident; dead links between answers; good ones pass."""
    write(desk, "answers/img_1.png", PNG)
    write(desk, "answers/cell.png", PNG)
    write(desk, "answers/notes.xyz", b"?")
    body = (
        "![](img_1.png)\n\n![](cell.png)\n\n[good](Good.md#top) [site](https://example.org) [top](/answers/Good.md)\n"
    )
    write(desk, "answers/A.md", f"---\nquestion: a\n---\n{body}")
    write(
        desk,
        "answers/B.md",
        "---\nquestion: b\n---\n"
        f"{body}\n![](gone.png)\n\n![](../../x.png)\n\n![](notes.xyz)\n\n[dead](Gone.md), [out](../../x.md), [top](/no.md)\n",
    )
    assert found() == [
        ("answers/A.md", 4, "NS-IMAGE-SHARED"),
        ("answers/B.md", 4, "NS-IMAGE-SHARED"),
        ("answers/B.md", 10, "NS-IMAGE-MISSING"),
        ("answers/B.md", 12, "NS-IMAGE-OUTSIDE"),
        ("answers/B.md", 14, "NS-IMAGE-KIND"),
        ("answers/B.md", 16, "NS-LINK-DEAD"),
        ("answers/B.md", 16, "NS-LINK-DEAD"),
        ("answers/B.md", 16, "NS-LINK-DEAD"),
    ]


def test_two_files_of_one_page_are_found_though_one_was_asked_for(desk: Path) -> None:
    """A copied file is reported at the line that names the page, also when only the copy is checked."""
    page = "notion_id: 38c9ce7b60a481d29260b2f4f0f3a111\n"
    for name in ("A", "B"):
        write(desk, f"answers/{name}.md", f"---\n{page}question: a\n---\n")
    assert found("answers/B.md") == [("answers/B.md", 2, "NS-ID-TWICE")]
    assert len(found()) == 2


def test_fix_mends_and_says_so(desk: Path) -> None:
    """The proven repairs are written, the rest stays found; a second run has nothing left to mend."""
    write(desk, "answers/Bad.md", "---\nquestion: b\n---\n\n**한(x)**은\n\n- A1.\n")
    output = run("--fix", code=6).stdout
    assert "answers/Bad.md:5: NS-CJK-BOLD fixed" in output
    assert (desk / "answers/Bad.md").read_text("utf-8") == (
        "---\nquestion: b\n---\n\n<strong>한(x)</strong>은\n\n- A1.\n"
    )
    assert found("--fix") == [("answers/Bad.md", 7, "NS-STUB")]


def test_without_fix_nothing_is_written(desk: Path) -> None:
    """A check is a look."""
    write(desk, "answers/Bad.md", "**한(x)**은\n")
    run(code=6)
    assert (desk / "answers/Bad.md").read_text("utf-8") == "**한(x)**은\n"


def test_codes_can_be_left_out(desk: Path) -> None:
    """On the command line for once, in notionsync.toml for good; an ignored code is not mended, either."""
    write(desk, "answers/Bad.md", "---\nquestion: b\n---\n\n**한(x)**은\n\n##### deep\n")
    assert found("--ignore", "ns-cjk-bold") == [("answers/Bad.md", 7, "NS-HEADING-DEEP")]
    write(desk, "notionsync.toml", '[check]\nignore = ["NS-HEADING-DEEP", "NS-CJK-BOLD"]\n')
    assert found("--fix", code=0) == []
    assert "**한(x)**은" in (desk / "answers/Bad.md").read_text("utf-8")


def test_a_stale_list_is_found_and_rebuilt(desk: Path) -> None:
    """The README's region is compared with the files; --fix rebuilds it; broken markers are named with their line."""
    write(desk, "notionsync.toml", "[[region]]\n")
    write(desk, "README.md", "# Hi\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n")
    assert found() == [("README.md", 4, "NS-README-STALE")]
    assert found("answers/Good.md", code=0) == []
    assert found("--fix", code=0) == []
    assert "1. Why? [Answer](answers/Good.md)" in (desk / "README.md").read_text("utf-8")
    write(desk, "README.md", "# Hi\n\n<!-- notionsync:begin questions -->\n")
    assert found() == [("README.md", 3, "NS-README")]


def test_a_broken_configuration_is_a_finding(desk: Path) -> None:
    """The line of a syntax error is named, and the answers are looked at all the same."""
    write(desk, "notionsync.toml", "[files]\nfolder = \n")
    write(desk, "answers/Bad.md", "---\nquestion: b\n---\n\n- A1.\n")
    assert found() == [("answers/Bad.md", 5, "NS-STUB"), ("notionsync.toml", 2, "NS-CONFIG")]
    write(desk, "notionsync.toml", "[file]\n")
    assert ("notionsync.toml", 1, "NS-CONFIG") in found()


def test_hostile_text_does_not_reach_the_terminal(desk: Path) -> None:
    """Escape sequences and workflow commands in a file are shown without their effect."""
    write(desk, "answers/Bad.md", "---\nquestion: b\n---\n\n![](\x1b[31m.png)\n\n[x](<::error::y.md>)\n")
    output = run(code=6).stdout
    assert "\x1b" not in output
    assert not [line for line in output.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.usefixtures("desk")
def test_a_file_that_is_not_there_is_a_mistake() -> None:
    """A misspelt name, or one outside of the repository, is no clean check."""
    assert "answers/Goood.md" in run("answers/Goood.md", code=2).output
    assert "not inside" in run("/etc/hosts", code=2).output


def test_help_shows_an_example() -> None:
    """Help ends with something to type."""
    assert "notionsync check answers/Dropout.md --fix" in run("--help").output


def test_every_code_is_explained() -> None:
    """Each code that the program can report on a file stands in the document that explains them, and no other does."""
    top = Path(__file__).resolve().parents[2]
    sources = ["convert/lint.py", "convert/parse.py", "plan/lint.py", "engine/check.py", "sides/assets/links.py"]
    texts = [(top / "src/notionsync" / source).read_text("utf-8") for source in sources]
    reported = {code for text in texts for code in re.findall(r'"(NS-[A-Z]+(?:-[A-Z]+)*)"', text)}
    explained = set(re.findall(r"`(NS-[A-Z-]+)`", (top / "docs/check.md").read_text("utf-8")))
    assert reported | {"NS-CJK-BOLD", "NS-CJK-STRIKE"} == explained
