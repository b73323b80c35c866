"""The summary of a step, as GitHub renders it."""

from __future__ import annotations

import re
from typing import Any

import cmarkgfm
import pytest
from bs4 import BeautifulSoup, Tag
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from notionsync.ci.summary import Place, Told, escaped, fenced, of_error, of_findings, of_run
from notionsync.cli.output import clean

PAGE = "38c9ce7b60a481d29260b2f4f0f3a111"
COMMIT = "0123456789" * 4
TOLD = Told(title="notionsync sync", seconds=3.4, place=Place("https://github.com/o/r", COMMIT, "docs"))
HOSTILE = [
    "a | b", "| --- |\n| x |", "</table><script>alert(1)</script>", "<!-- notionsync:begin questions -->", "![x](http://e.org/i.png)",
    "](javascript:alert(1))", "@user fixes #1", "```\n# owned", "::set-output name=x::y", "&lt;b&gt;", "\\| \\", "www.example.org",
    "https://example.org", "a@example.org", "\u202egnp.exe", "한국어 질문?", "~~x~~ **y** `z`", "[^1]", "$x$", ":smile:", "<br>",
]  # fmt: skip


def question(text: str = "Why?", **changed: Any) -> dict[str, Any]:
    """Return one question of a report, everything in it the same text."""
    return {
        "state": "done", "verb": "update", "direction": "both", "path": text, "page": PAGE, "title": text,
        "details": [text], "message": text, "advice": text, "notices": [text],
    } | changed  # fmt: skip


def report(*questions: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return a report."""
    return {
        "command": "sync", "dry_run": False, "changed": True, "exit_code": 0, "unchanged": 5, "requests": 12, "waited": 0,
        "regions": [], "commit": "", "stopped": "", "questions": list(questions),
    } | changed  # fmt: skip


def rendered(markdown: str) -> Tag:
    """Return what GitHub makes of it."""
    options = Options.CMARK_OPT_UNSAFE
    page = BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html(markdown, options=options), "html5lib")
    assert page.body is not None
    return page.body


def shown(text: str) -> str:
    """Return text as a reader sees it."""
    return " ".join(text.replace("\u2060", "").split())


@given(st.text() | st.sampled_from(HOSTILE))
def test_no_text_leaves_its_cell(text: str) -> None:
    """One table with one row of four cells, one list of one item in each section, whatever title, path and message are."""
    states = [question(text), question(text, state="conflict", notices=[]), question(text, state="pending", notices=[])]
    page = rendered(of_run(report(*states), TOLD, most=100_000))
    rows = [[shown(cell.get_text()) for cell in row.find_all("td")] for row in page.find_all("tr")[1:]]
    line = shown(clean(text)) if len(shown(clean(text))) <= 600 else None
    assert len(rows) == 1
    assert len(rows[0]) == 4
    assert rows[0][1:3] == ["↔ both", "updated"]
    if line is not None:
        assert rows[0][3] == line
    assert len(page.find_all("table")) == 1
    assert len(page.find_all("li")) == 3
    assert {tag.name for tag in page.find_all(True)} <= {
        "h3", "h4", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "a", "code", "br",
    }  # fmt: skip
    for link in page.find_all("a"):
        assert re.match(r"https?://|mailto:", str(link["href"]))


@pytest.mark.parametrize("text", ["@user", "#12", "fixes #1", "o/r#3", "GH-1"])
def test_nobody_is_called(text: str) -> None:
    """Names and numbers stay text: GitHub looks for them in the finished page."""
    page = rendered(escaped(text)).get_text()
    assert not re.search(r"@\w|#\d", page)
    assert shown(page) == text


def test_a_run_is_told() -> None:
    """Counts, time, commit and pull request; what is left first, with links to page and file; then the table."""
    told = of_run(
        report(
            question(path="answers/A.md", title="A?", details=["2 blocks updated", "status"], notices=[], direction="from-notion"),
            question(path="answers/B.md", title="B?", state="conflict", message="both sides changed body", notices=[],
                     advice="notionsync resolve answers/B.md --take local"),
            question(path="answers/C.md", title="C?", state="pending", message="only Notion changed", notices=[]),
            question(path="answers/D.md", title="D?", verb="wait", direction="", notices=["a block that Markdown cannot say"]),
            regions=["README.md"], waited=4, commit=COMMIT, pull_request={"number": 7, "url": "x", "state": "opened"}, issues=[{"number": 9, "url": "x", "state": "closed"}],
        ),
        TOLD, most=100_000,
    )  # fmt: skip
    page = rendered(told)
    text = shown(page.get_text(" "))
    assert "2 done · 5 unchanged · 1 waiting · 1 in conflict" in text
    assert "12 requests to Notion, 3 s, 4 s of them waiting for Notion" in text
    links = {link.get_text().replace("\u2060", ""): link["href"] for link in page.find_all("a")}
    assert links["A?"] == f"https://www.notion.so/{PAGE}"
    assert links["answers/B.md"] == f"https://github.com/o/r/blob/{COMMIT}/docs/answers/B.md"
    assert links["012345678901"] == f"https://github.com/o/r/commit/{COMMIT}"
    assert links["pull request 7"] == "https://github.com/o/r/pull/7"
    assert links["issue 9"] == "https://github.com/o/r/issues/9"
    assert "issue 9 closed" in text
    assert text.index("Left for a person") < text.index("2 blocks updated, status") < text.index("Waiting")
    assert "Next: notionsync resolve answers/B.md --take local" in text
    assert "D? · answers/D.md : a block that Markdown cannot say" in text
    assert "README.md question list rebuilt" in text


def test_a_run_with_nothing_to_do_is_one_line() -> None:
    """No empty tables."""
    told = of_run(report(unchanged=0, changed=False), TOLD, most=100_000)
    assert rendered(told).find("table") is None
    assert "nothing to do · 12 requests" in shown(rendered(told).get_text())


@pytest.mark.parametrize("most", [5_000, 20_000, 200_000])
def test_a_long_report_is_cut_and_says_so(most: int) -> None:
    """The table is whole as far as it goes; what is left for a person comes first."""
    questions = [question(f"answers/{n}.md", notices=[]) for n in range(1500)]
    told = of_run(report(*questions, question("left", state="conflict")), TOLD, most=most)
    assert len(told.encode()) <= most
    page = rendered(told)
    assert "Left for a person" in page.get_text()
    rows = len(page.find_all("tr")) - 1
    assert f"… and {1500 - rows} more" in page.get_text()


def test_an_error_and_findings_are_told() -> None:
    """What a guard lists stands line by line; findings are a table with links to their lines."""
    page = rendered(of_error({"error": "too much:\n  - <b>a</b>\n  - b", "advice": "--allow-delete 2"}, TOLD))
    assert (
        shown(page.get_text(" ")) == "notionsync sync: nothing was done too much: - <b>a</b> - b Next: --allow-delete 2"
    )
    finding = {"path": "answers/A.md", "line": 4, "code": "FM001", "message": "a | b", "advice": ""}
    page = rendered(of_findings({"files": 3, "findings": [finding]}, TOLD, most=9_000))
    assert [shown(cell.get_text()) for cell in page.find_all("td")] == ["answers/A.md:4", "FM001", "a | b"]
    (link,) = page.find_all("a")
    assert link["href"] == f"https://github.com/o/r/blob/{COMMIT}/docs/answers/A.md?plain=1#L4"


@given(st.text() | st.sampled_from(["````\n# owned\n</details>\n~~~~\n```text\n", *HOSTILE]))
def test_what_was_printed_cannot_leave_its_fence(text: str) -> None:
    """Neither a fence, nor HTML, nor a heading of it becomes Markdown."""
    page = rendered(fenced("notionsync status", text, most=100_000))
    assert [tag.name for tag in page.find_all(True)] == ["h3", "pre", "code"]
