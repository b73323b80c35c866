"""One issue for each open conflict, and none for anything else."""

from __future__ import annotations

from typing import Any

import pytest
from tests.github.desk import HubDesk
from tests.github.hub import Fault


def conflict(
    desk: HubDesk, name: str = "one", *, here: str = "said in the file", there: str = "said in Notion"
) -> None:
    """Let both sides change the same paragraph."""
    desk.edit(name, f"{name} beta", here)
    desk.note(name, f"{name} beta", there)


def sync(desk: HubDesk, *args: str, code: int = 0) -> list[tuple[int, str]]:
    """Sync; return what became of each issue."""
    return [(issue["number"], issue["state"]) for issue in desk.json("sync", "--issues", *args, code=code)["issues"]]


def issues(desk: HubDesk) -> list[Any]:
    """Return all issues, the newest first."""
    found = desk.repo.api("GET", "issues?state=all")
    assert isinstance(found, list)
    return found


def test_the_life_of_an_issue(desk: HubDesk) -> None:
    """Opened once, updated when a text moves on, closed when it is settled, opened again when it is back."""
    conflict(desk)
    conflict(desk, "two")
    ((first, opened), (second, also)) = sync(desk, code=3)
    assert (opened, also) == ("opened", "opened")
    body = issues(desk)[1]["body"]
    assert "said in the file" in body
    assert "said in Notion" in body
    assert f"https://www.notion.so/{desk.page('one')}" in body
    (command,) = [line for line in body.splitlines() if line.startswith("notionsync resolve")]
    assert command == f"notionsync resolve answers/one.md --take local --github {desk.repo.name}@main"
    desk.repo.hub.log.clear()
    assert sync(desk, code=3) == [(first, "unchanged"), (second, "unchanged")]
    assert [path.partition("?")[0].rpartition("/")[2] for _, path in desk.repo.hub.log if "issues" in path] == [
        "issues"
    ]
    said = desk.json("sync", code=3)["questions"]
    assert [question["advice"].endswith(f" --github {desk.repo.name}") for question in said] == [True, True]

    desk.edit("one", "said in the file", "said otherwise")
    assert sync(desk, code=3) == [(first, "updated"), (second, "unchanged")]
    assert "said otherwise" in issues(desk)[1]["body"]

    desk.edit("one", "said otherwise", "said in Notion")
    assert sync(desk, code=3) == [(second, "unchanged"), (first, "closed")]
    desk.wait(120)
    desk.edit("one", "said in Notion", "here again")
    desk.note("one", "said in Notion", "there again")
    assert sync(desk, code=3) == [(first, "opened"), (second, "unchanged")]
    assert [issue["state"] for issue in issues(desk)] == ["open", "open"]


def test_one_that_a_person_closed_stays_closed(desk: HubDesk) -> None:
    """As long as the conflict is the same; and a changed title is theirs."""
    conflict(desk)
    ((number, _),) = sync(desk, code=3)
    desk.repo.api("PATCH", f"issues/{number}", {"state": "closed", "title": "Mine"})
    assert sync(desk, code=3) == [(number, "unchanged")]
    assert issues(desk)[0]["state"] == "closed"
    desk.note("one", "said in Notion", "said in Notion, again")
    assert sync(desk, code=3) == [(number, "opened")]
    assert issues(desk)[0]["title"] == "Mine"


def test_an_issue_is_closed_only_by_a_run_that_saw_its_question(desk: HubDesk) -> None:
    """Not by one over other files, nor by one that could not read the file."""
    conflict(desk)
    ((number, _),) = sync(desk, code=3)
    assert sync(desk, "answers/two.md") == []
    desk.write("answers/one.md", desk.text("one").replace("question:", "question: [", 1))
    assert sync(desk, code=3) == []
    assert [(issue["number"], issue["state"]) for issue in issues(desk)] == [(number, "open")]


def test_only_ours_are_touched(desk: HubDesk) -> None:
    """Others, with our label or with our marker, are left alone."""
    marker = f"<!-- notionsync:conflict {desk.page('one')} 0123456789abcdef -->"
    others = [
        desk.repo.api("POST", "issues", body)
        for body in (
            {"title": "Labelled", "body": "words", "labels": ["notionsync"]},
            {"title": "Forged", "body": f"words\n{marker}"},
            {"title": "Quoted", "body": f"{marker}\nwords", "labels": ["notionsync"]},
        )
    ]
    assert sync(desk) == []
    conflict(desk)
    assert [state for _, state in sync(desk, code=3)] == ["opened"]
    for other in others:
        now = desk.repo.api("GET", f"issues/{other['number']}")
        assert (now["state"], now["body"]) == ("open", other["body"])


@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize("fault", [{"status": 502}, {"hangs_up": True}])
def test_a_lost_answer_opens_no_second_issue(desk: HubDesk, fault: Any, *, landed: bool) -> None:
    """Whether it was opened is looked up."""
    conflict(desk)
    desk.repo.hub.faults = [Fault("POST", "/issues$", landed=landed, **fault)]
    assert len(sync(desk, code=3)) == 1
    assert len(issues(desk)) == 1


def test_the_label_is_there_before_the_first_issue(desk: HubDesk) -> None:
    """A repository that never had it gets it; so does one where a run beside this one makes it in the same moment."""
    conflict(desk)
    desk.repo.hub.faults = [
        Fault("POST", "/labels$", status=422, body="Validation Failed", landed=True),
        Fault("POST", "/issues$", before=lambda: found.append(desk.repo.api("GET", "labels/notionsync")["name"])),
    ]
    found: list[str] = []
    ((number, _),) = sync(desk, code=3)
    assert found == ["notionsync"]
    assert [label["name"] for label in desk.repo.api("GET", f"issues/{number}")["labels"]] == ["notionsync"]
    conflict(desk, "two")
    desk.repo.hub.log.clear()
    assert len(sync(desk, code=3)) == 2
    assert desk.repo.hub.calls("POST", "/labels") == 0


def test_an_issue_that_gets_no_label_is_not_left_open(desk: HubDesk) -> None:
    """It would be opened again by each run, since nothing finds it; the token is named."""
    conflict(desk)
    desk.repo.hub.labelling = False
    report = desk.json("sync", "--issues", code=2)
    assert "gives it no label" in report["stopped"]
    assert [issue["state"] for issue in issues(desk)] == ["closed"]


def test_a_token_that_may_make_no_label(desk: HubDesk) -> None:
    """No issue is opened that could not be found again."""
    conflict(desk)
    desk.repo.hub.faults = [Fault("POST", "/labels$", status=403, body="Resource not accessible by integration")]
    stopped = desk.json("sync", "--issues", code=2)["stopped"]
    assert "the label notionsync" in stopped
    assert "Resource not accessible by integration" in stopped
    assert issues(desk) == []


def test_a_token_that_may_write_no_issues(desk: HubDesk) -> None:
    """Everything else is done, published and reported first."""
    conflict(desk)
    desk.note("two", "two beta", "from Notion")
    desk.repo.hub.faults = [Fault("POST", "/issues$", status=403, body="Resource not accessible by integration")]
    report = desk.json("sync", "--issues", code=2)
    assert "not accessible" in report["stopped"]
    assert report["commit"] == desk.repo.tip()
    assert desk.both("two")[1] == "from Notion"
    assert {question["state"] for question in report["questions"]} == {"conflict", "done"}


def test_a_dry_run_opens_none(desk: HubDesk) -> None:
    """It writes nothing anywhere."""
    conflict(desk)
    assert sync(desk, "--dry-run", code=3) == []
    assert issues(desk) == []
