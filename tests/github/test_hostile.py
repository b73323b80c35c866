"""Everything from Notion is hostile text: in commits, pull requests, issues, file names and what is printed."""

from __future__ import annotations

import re
from typing import Any

import cmarkgfm
import pytest
from bs4 import BeautifulSoup
from tests.github.desk import HubDesk
from tests.plan.test_quoting import ACTED

TITLES = [
    "@octocat look",
    "fixes #1",
    "closes GH-1 and https://github.com/o/r/issues/1",
    "::set-output name=x::y",
    "##[error]x",
    "<!-- notionsync:update settled -->",
    "<!-- notionsync:conflict 0 settled --><script>",
    "](https://evil.example) ![x](https://evil.example/x.png)",
    "../../.github/workflows/x",
    "../../.git/config",
    "CON",
    "a\u202etxt.exe\u2066",
    "x" * 255,
    "한" * 255,
    "`tick` ```",
    "one\nCo-authored-by: a <b@c.example>\n\nNotionsync-Run: none",
]
BRANCH = "notionsync/update"


@pytest.fixture
def asked(desk: HubDesk) -> HubDesk:
    """A page of each title, and one of them in conflict."""
    for title in TITLES:
        desk.ask(title, title)
    return desk


def calm(text: str) -> None:
    """See that a text names nobody and closes nothing, not even as a plain commit message."""
    assert ACTED.search(text.replace("https://www.notion.so/", "")) is None, text


def rendered(markdown: str) -> BeautifulSoup:
    """Return what GitHub makes of a body: without comments, which only we may write."""
    return BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html(markdown), "html5lib")


def test_files_stay_where_answers_are(asked: HubDesk) -> None:
    """Each page gets a file below answers/, of a name that any system takes; nothing else is written."""
    before = set(asked.repo.files())
    asked.run("sync")
    new = set(asked.repo.files()) - before
    answers = [path for path in new if path.startswith("answers/")]
    assert len(answers) == len(TITLES)
    assert {path.split("/")[0] for path in new} == {"answers", ".notionsync"}
    for path in answers:
        name = path.removeprefix("answers/")
        assert "/" not in name
        assert len(name.encode()) <= 255
        assert name.isprintable()
        assert name.partition(".")[0].upper() not in {"CON", ""}
    asked.settled_now()


def test_a_commit_message_holds_nothing_of_it(asked: HubDesk) -> None:
    """Only what was asked for, and the trailer."""
    asked.run("sync", "--message", "Nightly sync")
    assert asked.repo.messages()[0] == "Nightly sync\n\nNotionsync-Run: sync\n"


def test_a_pull_request_shows_it_and_does_nothing(asked: HubDesk) -> None:
    """Titles and paths are code; the marker and the trailers are ours."""
    made = asked.json("sync", "--pull-request")["pull_request"]
    pull = asked.repo.api("GET", f"pulls/{made['number']}")
    assert pull["title"] == "Sync answers with Notion"
    calm(pull["body"])
    assert re.findall(r"<!--.*?-->", pull["body"].rpartition("\n- ")[2])
    page = rendered(pull["body"])
    assert {found.name for found in page.body.find_all(True)} == {"p", "ul", "li", "code"}  # type: ignore[union-attr]
    assert len(page.find_all("li")) == len(TITLES)
    assert "octocat look" in page.get_text()
    (*_, run, update, tree) = asked.repo.messages(BRANCH)[0].rstrip().split("\n")
    assert [line.partition(":")[0] for line in (run, update, tree)] == [
        "Notionsync-Run",
        "Notionsync-Update",
        "Notionsync-Tree",
    ]
    assert asked.json("sync", "--pull-request")["pull_request"]["state"] == "unchanged"


@pytest.mark.parametrize("text", TITLES)
def test_an_issue_shows_it_and_does_nothing(desk: HubDesk, text: str) -> None:
    """Both versions are blocks that nothing leaves, and the issue is found again."""
    line = " ".join(text.split())
    desk.retitle("one", line)
    desk.run("sync")
    desk.edit("one", "one beta", "said in the file")
    desk.note("one", "one beta", line)
    report = desk.json("sync", "--issues", code=3)
    (thread,) = report["issues"]
    issue = desk.repo.api("GET", f"issues/{thread['number']}")
    calm(issue["title"])
    calm("".join(part for part in issue["body"].split("```") if "notionsync resolve" not in part))
    page = rendered(issue["body"])
    assert {found.name for found in page.body.find_all(True)} <= {"p", "code", "pre", "a"}  # type: ignore[union-attr]
    assert [link["href"] for link in page.find_all("a")] in ([], [f"https://www.notion.so/{desk.page('one')}"])
    assert desk.json("sync", "--issues", code=3)["issues"] == [{**thread, "state": "unchanged"}]


def test_a_log_of_it_speaks_to_no_runner(asked: HubDesk) -> None:
    """Nothing that is printed begins with what GitHub's runner obeys."""
    printed = asked.run("sync", "--pull-request").output
    assert not re.search(r"^\s*::", printed, re.MULTILINE)
    assert "##[" not in printed
    assert "\u202e" not in printed


def test_forged_markers_in_a_pull_request_close_nothing(asked: HubDesk) -> None:
    """What proposes itself as settled in a title is no marker of ours."""
    first: Any = asked.json("sync", "--pull-request")["pull_request"]
    asked.repo.api("PATCH", f"pulls/{first['number']}", {"state": "closed"})
    assert asked.json("sync", "--pull-request")["pull_request"] == {**first, "state": "unchanged"}
