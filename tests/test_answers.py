"""This repository's own answers are what a visitor reads first: they are whole, they render, and they are right."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import cmarkgfm
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from markdown_it.token import Token

from notionsync.convert import frontmatter

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = ROOT / "answers"
DIAGRAMS = ROOT / "scripts" / "diagrams.py"
PAGES = sorted(ANSWERS.glob("*.md"))

# What GitHub reads as mathematics within a line: nothing but a space or punctuation beside the dollars.
INLINE_MATH = re.compile(r"\$(?!\s)([^$\n`]+?)(?<!\s)\$")
BLOCK_MATH = re.compile(r"^ *\$\$\n(.*?)\n *\$\$$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """One file, cut at its fences."""

    fields: Mapping[str, Any]
    body: str

    @property
    def prose(self) -> str:
        """The body without fenced and inline code."""
        return re.sub(r"`[^`\n]+`", "`", FENCE.sub("", self.body))


def read(path: Path) -> Answer:
    """Parse an answer as the program does."""
    parts = frontmatter.split(path.read_bytes())
    return Answer(parts.values(), parts.text)


def rendered(text: str) -> BeautifulSoup:
    """Render Markdown as GitHub's own library does."""
    return BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html(text), "html5lib")


def tokens(text: str) -> Iterator[Token]:
    """Return all tokens of a text, inline ones among them."""
    for token in MarkdownIt("gfm-like").parse(text):
        yield token
        yield from token.children or ()


each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


def test_the_questions_are_numbered_without_gaps() -> None:
    """The list in the README counts from 1 to 29; a gap or a double would show there."""
    assert sorted(read(path).fields["order"] for path in PAGES) == list(range(1, 30))


def test_five_questions_are_still_open() -> None:
    """Both states of a question exist, so that the README and the demonstration show both."""
    states = [read(path).fields["status"] for path in PAGES]
    assert (states.count("Answered"), states.count("Open")) == (24, 5)


@each_page
def test_a_page_is_open_exactly_when_it_is_empty(path: Path) -> None:
    """The status says the same as the body; a question asks, and its tags are words."""
    answer = read(path)
    assert (answer.fields["status"] == "Open") == (not answer.body.strip())
    assert answer.fields["question"].endswith("?")
    assert answer.fields["tags"]
    assert all(isinstance(tag, str) for tag in answer.fields["tags"])


@each_page
def test_a_file_is_clean_text(path: Path) -> None:
    """Unix line ends, one final newline, no invisible spaces: diffs of the answers show words only."""
    text = path.read_bytes().decode()
    assert not re.search(r"\r|\t| \n|\u00a0|\u200b|\ufeff", text)
    assert re.search(r"[^\n]\n\Z", text)


@each_page
def test_links_and_images_lead_somewhere(path: Path) -> None:
    """Every relative address of an answer is a file of the repository."""
    addresses = [str(token.attrs.get("src") or token.attrs.get("href") or "") for token in tokens(read(path).body)]
    for address in filter(None, addresses):
        assert address.startswith("https://") or (ANSWERS / unquote(address)).is_file(), address


def test_every_diagram_is_shown() -> None:
    """No picture lies about that no answer uses."""
    shown = {str(token.attrs["src"]) for path in PAGES for token in tokens(read(path).body) if token.type == "image"}
    assert shown == {f"assets/{picture.name}" for picture in (ANSWERS / "assets").iterdir()}


@each_page
def test_no_markup_is_left_over(path: Path) -> None:
    """Emphasis, tables, callouts and headings come out as such on GitHub, beside Korean letters too."""
    answer = read(path)
    html = rendered(answer.body)
    for code in html.find_all(["code", "pre"]):
        code.decompose()
    assert not re.search(r"\*\*|\]\(|^#+ |^\|", html.get_text(), re.MULTILINE)
    assert len(html.find_all("table")) == len(re.findall(r"^ *\|[-:| ]*-[-:| ]*\|$", answer.body, re.MULTILINE))
    callouts = re.findall(r"\[!\w+\]", answer.prose)
    assert callouts == re.findall(r"(?<=^> )\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]$", answer.prose, re.MULTILINE)


@each_page
def test_mathematics_reaches_the_reader_unchanged(path: Path) -> None:
    """GitHub renders Markdown before mathematics: emphasis or an escape in a formula would damage it."""
    answer = read(path)
    shown = " ".join(rendered(answer.body).get_text().split())
    prose = answer.prose
    blocks = BLOCK_MATH.findall(prose)
    within = INLINE_MATH.findall(BLOCK_MATH.sub("", prose))
    assert BLOCK_MATH.sub("", prose).count("$") == 2 * len(within)
    for formula in (*blocks, *within):
        assert " ".join(formula.split()) in shown


@each_page
def test_mathematics_within_a_line_stands_free(path: Path) -> None:
    """GitHub leaves the dollars alone when a letter, Hangul included, touches them."""
    prose = BLOCK_MATH.sub("", read(path).prose)
    for found in INLINE_MATH.finditer(prose):
        beside = prose[found.start() - 1 : found.start()] + prose[found.end() : found.end() + 1]
        assert not re.search(r"\w", beside), found.group()


@each_page
def test_code_prints_what_it_says(path: Path) -> None:
    """Every Python block runs by itself and prints exactly its `# →` comments."""
    for indent, language, block in FENCE.findall(read(path).body):
        if language != "python":
            continue
        code = "".join(line.removeprefix(indent) for line in block.splitlines(keepends=True))
        run = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "-W", "error", "-c", code], capture_output=True, check=False
        )
        assert run.stderr.decode() == ""
        assert run.stdout.decode().splitlines() == re.findall(r"# → (.*)$", code, re.MULTILINE)


def test_the_diagrams_are_what_the_script_draws() -> None:
    """A picture edited by hand, or a script edited without running it, is noticed."""
    run = subprocess.run([sys.executable, DIAGRAMS, "--check"], capture_output=True, check=False)
    assert (run.returncode, run.stderr.decode()) == (0, "")


def test_a_changed_diagram_is_named(tmp_path: Path) -> None:
    """The check fails for a missing or altered file, names only that one, and writes nothing."""
    draw = [sys.executable, str(DIAGRAMS), "--assets", str(tmp_path)]
    subprocess.run(draw, check=True, capture_output=True)
    altered, missing = tmp_path / "conv1x1.svg", tmp_path / "search.svg"
    altered.write_bytes(altered.read_bytes().replace(b"H", b"h"))
    missing.unlink()
    before = altered.read_bytes()

    run = subprocess.run([*draw, "--check"], capture_output=True, check=False)

    assert run.returncode == 1
    assert re.findall(r"([\w-]+\.svg)", run.stderr.decode()) == ["conv1x1.svg", "search.svg"]
    assert altered.read_bytes() == before
    assert not missing.exists()
