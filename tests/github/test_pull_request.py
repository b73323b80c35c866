"""Publishing as a pull request: one branch that is kept up to date, and never anybody else's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.github.desk import HubDesk, edited
from tests.github.hub import Fault
from tests.scenarios.desk import answer, path_of

BRANCH = "notionsync/update"


def propose(desk: HubDesk, *args: str, code: int = 0) -> Any:
    """Sync in a pull request; return the report."""
    return desk.json("sync", "--pull-request", *args, code=code)


def pulls(desk: HubDesk) -> list[Any]:
    """Return all pull requests, the newest first."""
    found = desk.repo.api("GET", "pulls?state=all")
    assert isinstance(found, list)
    return found


def test_one_pull_request_is_kept_up_to_date_and_closed(desk: HubDesk) -> None:
    """Opened, left alone, updated with what came since, and closed when it was merged otherwise."""
    desk.note("one", "one beta", "from Notion")
    tip = desk.repo.tip()
    opened = propose(desk)
    assert (opened["pull_request"]["state"], opened["commit"]) == ("opened", desk.repo.tip(BRANCH))
    assert desk.repo.tip() == tip
    assert b"from Notion" in desk.repo.files(BRANCH)[path_of("one")]
    assert propose(desk) == {**propose(desk), "pull_request": {**opened["pull_request"], "state": "unchanged"}}
    assert desk.repo.tip(BRANCH) == opened["commit"]

    desk.note("two", "two beta", "from Notion, too")
    desk.repo.commit("Other work", {"other.md": b"x\n"})
    desk.fetch()
    updated = propose(desk)
    assert updated["pull_request"] == {**opened["pull_request"], "state": "updated"}
    files = desk.repo.files(BRANCH)
    assert b"from Notion" in files[path_of("one")]
    assert b"from Notion, too" in files[path_of("two")]
    assert files["other.md"] == b"x\n"

    ours = {path: data for path, data in files.items() if path != "other.md"}
    desk.repo.commit("By hand", dict(ours))
    desk.fetch()
    assert propose(desk)["pull_request"]["state"] == "closed"
    assert [pull["state"] for pull in pulls(desk)] == ["closed"]
    assert propose(desk)["pull_request"] is None


def test_after_a_merge_the_next_difference_gets_a_new_pull_request(desk: HubDesk) -> None:
    """The branch is still there, and is used again."""
    desk.note("one", "one beta", "from Notion")
    first = propose(desk)["pull_request"]["number"]
    desk.repo.api("PUT", f"pulls/{first}/merge", {"merge_method": "squash"})
    desk.fetch()
    assert propose(desk)["pull_request"] is None
    desk.note("one", "one gamma", "more from Notion")
    again = propose(desk)
    assert again["pull_request"]["state"] == "opened"
    assert again["pull_request"]["number"] != first
    assert desk.both("two")


def test_one_that_a_person_closed_is_not_opened_again(desk: HubDesk) -> None:
    """Unless something else is proposed."""
    desk.note("one", "one beta", "from Notion")
    first = propose(desk)["pull_request"]["number"]
    desk.repo.api("PATCH", f"pulls/{first}", {"state": "closed"})
    again = propose(desk)
    assert (again["pull_request"]["number"], again["pull_request"]["state"], again["commit"]) == (
        first,
        "unchanged",
        "",
    )
    desk.note("two", "two beta", "from Notion, too")
    assert propose(desk)["pull_request"]["state"] == "opened"
    assert len(pulls(desk)) == 2


@pytest.mark.parametrize("how", ["on top", "amended"])
def test_the_commit_of_a_person_is_not_overwritten(desk: HubDesk, how: str) -> None:
    """On top of ours, or in its place with its message kept: refused before anything is written to Notion."""
    desk.note("one", "one beta", "from Notion")
    propose(desk)
    ours = desk.repo.api("GET", f"git/commits/{desk.repo.tip(BRANCH)}")
    if how == "on top":
        desk.repo.commit("A person's", {"theirs.md": b"t\n"}, branch=BRANCH)
    else:
        desk.repo.commit("A person's", {"theirs.md": b"t\n"}, branch=BRANCH)
        tree = desk.repo.api("GET", f"git/commits/{desk.repo.tip(BRANCH)}")["tree"]["sha"]
        body = {"message": ours["message"], "tree": tree, "parents": [ours["parents"][0]["sha"]]}
        made = desk.repo.api("POST", "git/commits", body)["sha"]
        desk.repo.api("PATCH", f"git/refs/heads/{BRANCH}", {"sha": made, "force": True})
    tip = desk.repo.tip(BRANCH)
    desk.edit("two", "two beta", "from the file")
    desk.requests()
    said = desk.run("sync", "--pull-request", code=3).output
    assert "not notionsync's" in said
    assert desk.writes() == 0
    assert desk.repo.tip(BRANCH) == tip
    assert desk.json("sync", "--pull-request", "--pr-branch", "other")["pull_request"]["state"] == "opened"


@pytest.mark.parametrize("evil", [False, True])
def test_update_branch_is_no_commit_of_a_person(desk: HubDesk, *, evil: bool) -> None:
    """GitHub's button merges the base into the branch; a merge that says something of its own is a person's."""
    desk.edit("one", "one beta", "pushed")
    desk.note("two", "two beta", "from Notion")
    propose(desk)
    desk.repo.commit("Other work", {"other.md": b"x\n"})
    desk.fetch()
    ours, base = desk.repo.tip(BRANCH), desk.repo.tip()
    theirs = {"other.md": b"x\n", **({"README.md": b"a person's\n"} if evil else {})}
    desk.repo.commit("Make its files", theirs, branch=BRANCH)
    tree = desk.repo.api("GET", f"git/commits/{desk.repo.tip(BRANCH)}")["tree"]["sha"]
    body = {"message": "Merge branch 'main' into notionsync/update", "tree": tree, "parents": [ours, base]}
    made = desk.repo.api("POST", "git/commits", body)["sha"]
    desk.repo.api("PATCH", f"git/refs/heads/{BRANCH}", {"sha": made, "force": True})

    desk.wait(120)
    desk.edit("one", "pushed", "pushed again")
    report = propose(desk, code=3 if evil else 0)
    if evil:
        assert "not notionsync's" in report["error"]
        assert desk.repo.tip(BRANCH) == made
        return
    assert report["pull_request"]["state"] == "updated"
    assert desk.there("one")[1] == "pushed again"
    files = desk.repo.files(BRANCH)
    assert b"from Notion" in files[path_of("two")]
    assert files["other.md"] == b"x\n"
    assert desk.repo.api("GET", f"git/commits/{desk.repo.tip(BRANCH)}")["parents"][1]["sha"] == made


def test_a_commit_that_comes_in_between_is_not_overwritten(desk: HubDesk) -> None:
    """A person commits to the branch in the moment that it is updated: nothing is forced."""
    desk.note("one", "one beta", "from Notion")
    propose(desk)
    desk.note("two", "two beta", "from Notion, too")
    desk.repo.hub.faults = [
        Fault("PATCH", "/git/refs/", before=lambda: desk.repo.commit("A person's", {"t.md": b"t\n"}, branch=BRANCH))
    ]
    desk.run("sync", "--pull-request", code=3)
    assert desk.repo.messages(BRANCH)[0] == "A person's"


def test_what_an_unmerged_branch_pushed_is_the_base_of_the_next_run(desk: HubDesk) -> None:
    """Pages made and edited are on the branch alone; the base moves on, and neither is doubled nor in conflict."""
    desk.edit("one", "one beta", "ours")
    desk.write(path_of("new"), answer("new", 3, "new alpha", "new beta"))
    desk.note("two", "two beta", "from Notion")
    propose(desk)
    desk.wait(120)
    desk.edit("one", "ours", "ours, again")
    desk.edit("new", "new beta", "new, again")
    report = propose(desk)
    told = {Path(q["path"]).stem: (q["state"], q["verb"], q["direction"]) for q in report["questions"]}
    assert told == {
        "one": ("done", "update", "to-notion"),
        "new": ("done", "update", "to-notion"),
        "two": ("done", "update", "from-notion"),
    }
    assert desk.there("one")[1] == "ours, again"
    page = next(q["page"] for q in report["questions"] if q["path"] == path_of("new"))
    assert desk.says(page) == ["new alpha", "new, again"]
    assert desk.titles() == ["Why new?", "Why one?", "Why two?"]
    desk.repo.merge(BRANCH)
    desk.fetch()
    assert desk.both("new") == ["new alpha", "new, again"]
    assert desk.both("two")[1] == "from Notion"
    desk.settled_now()


def test_what_lost_a_conflict_stays_on_the_branch(desk: HubDesk) -> None:
    """Later runs make the branch anew, and keep it."""
    desk.edit("one", "one beta", "said in the file")
    desk.note("one", "one beta", "said in Notion")
    propose(desk, "--on-conflict", "local")
    desk.note("two", "two beta", "from Notion")
    propose(desk)
    kept = [data for path, data in desk.repo.files(BRANCH).items() if "/conflicts/" in path]
    assert [b"said in Notion" in data for data in kept] == [True]


@pytest.mark.parametrize("path", ["/pulls$", "/git/refs$"])
@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize("fault", [{"status": 502}, {"hangs_up": True}])
def test_a_lost_answer_makes_nothing_twice(desk: HubDesk, path: str, fault: Any, *, landed: bool) -> None:
    """Branch and pull request are looked up before they are asked for again."""
    desk.note("one", "one beta", "from Notion")
    desk.repo.hub.faults = [Fault("POST", path, landed=landed, **fault)]
    assert propose(desk)["pull_request"]["state"] == "opened"
    assert len(pulls(desk)) == 1


def test_what_a_pull_request_needs(desk: HubDesk) -> None:
    """Its options go with --github, and a token that may open none says what it lacks; the branch is there all the same."""
    assert "goes with --github" in super(HubDesk, desk).run("sync", "--pull-request", code=2).output
    desk.note("one", "one beta", "from Notion")
    refused = "GitHub Actions is not permitted to create or approve pull requests."
    desk.repo.hub.faults = [Fault("POST", "/pulls$", status=403, body=refused)]
    said = desk.run("sync", "--pull-request", code=2).output
    assert refused in said
    assert "pull requests" in said.partition("try:")[2]
    assert desk.repo.tip(BRANCH)
    assert propose(desk)["pull_request"]["state"] == "opened"
    assert edited(desk.repo.files(BRANCH), path_of("one"), "from Notion", "x")


def test_what_a_run_beside_this_one_made_is_used_or_left_alone(desk: HubDesk) -> None:
    """A pull request of the branch that is there by now is ours as well; a branch that somebody made is theirs."""
    desk.note("one", "one beta", "from Notion")
    body = {"title": "Theirs", "body": "words", "head": BRANCH, "base": "main"}
    exists = "A pull request already exists for admin:notionsync/update."
    desk.repo.hub.faults = [
        Fault("POST", "/pulls$", status=422, body=exists, before=lambda: desk.repo.api("POST", "pulls", body))
    ]
    assert propose(desk)["pull_request"]["number"] == pulls(desk)[0]["number"]
    assert len(pulls(desk)) == 1

    def theirs() -> None:
        desk.repo.api("POST", "git/refs", {"ref": "refs/heads/other", "sha": desk.repo.tip()})
        desk.repo.commit("A person's", {"theirs.md": b"t\n"}, branch="other")

    desk.repo.hub.faults = [Fault("POST", "/git/refs$", status=422, body="Reference already exists", before=theirs)]
    assert "not notionsync's" in propose(desk, "--pr-branch", "other", code=3)["stopped"]
    assert desk.repo.messages("other")[0] == "A person's"
