"""Trouble at each request of an ordinary run: it ends well or says why, and the next run finds nothing lost or doubled."""

from __future__ import annotations

from typing import Any

import pytest
from tests.github.desk import HubDesk
from tests.github.hub import Fault
from tests.scenarios.desk import path_of

REQUESTS = [
    ("GET", r"^/repos/[^/]+/[^/]+$"),
    ("GET", "/git/ref/"),
    ("GET", "/git/trees/"),
    ("GET", "/tarball/"),
    ("GET", "/codeload/"),
    ("POST", "/git/blobs"),
    ("GET", "/branches/"),
    ("GET", "/git/commits/"),
    ("POST", "/git/trees"),
    ("POST", "/git/commits"),
    ("PATCH", "/git/refs/"),
]
FAULTS: list[dict[str, Any]] = [
    {"hangs_up": True},
    {"hangs_up": True, "landed": True},
    {"status": 500},
    {"status": 502, "landed": True},
    {"status": 403, "body": "You have exceeded a secondary rate limit", "headers": {"Retry-After": "0"}},
    {"status": 409, "body": "Conflict"},
    {"status": 422, "body": "Validation Failed"},
]
HEALS = 5
"""How many of the faults a run gets over by itself."""


def test_an_ordinary_run_asks_only_these(desk: HubDesk) -> None:
    """So that trouble was tried at each of its requests."""
    before = len(desk.repo.messages())
    _edit(desk, 0)
    desk.repo.hub.log.clear()
    desk.run("sync")
    asked = [(method, path.partition("?")[0]) for method, path in desk.repo.hub.log]
    known = [[Fault(*request).meets(method, path) for request in REQUESTS] for method, path in asked]
    assert all(sum(found) == 1 for found in known), asked
    assert all(any(found[number] for found in known) for number in range(len(REQUESTS)))
    assert len(desk.repo.messages()) == before + 2


@pytest.mark.parametrize(("method", "path"), REQUESTS, ids=lambda part: str(part).strip("^$"))
def test_trouble_at_one_request(desk: HubDesk, method: str, path: str) -> None:
    """The reply is lost before and after, the server fails, limits the rate, or refuses."""
    for number, fault in enumerate(FAULTS):
        _edit(desk, number)
        desk.publish()
        before = desk.repo.messages()
        trouble = Fault(method, path, **fault)
        desk.repo.hub.faults = [trouble]
        code = desk.run("sync", code=None).exit_code
        assert trouble.times == 0
        assert code == 0 if number < HEALS else code in {0, 2, 3, 5}
        if code:
            desk.repo.hub.faults = []
            desk.run("sync")
        assert desk.both("one")[1] == f"here {number}"
        assert desk.both("two")[1] == f"there {number}"
        assert desk.titles() == ["Why one?", "Why two?"]
        assert [m.partition("\n")[0] for m in desk.repo.messages()] == [
            "Sync answers with Notion",
            *(m.partition("\n")[0] for m in before),
        ]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/pulls"), ("PATCH", r"/pulls/\d+$"), ("GET", "/compare/"), ("PATCH", r"/issues/\d+$")],
    ids=lambda part: str(part).strip("^$"),
)
def test_trouble_with_a_pull_request_and_an_issue(desk: HubDesk, method: str, path: str) -> None:
    """There is one of each, open and up to date, however often and wherever the way to it is broken."""
    desk.edit("one", "one beta", "here -1")
    desk.note("one", "one beta", "there")
    desk.note("two", "two beta", "there -1")
    proposing = ("sync", "--pull-request", "--issues")
    desk.run(*proposing, code=3)
    for number, fault in enumerate(FAULTS):
        _edit_conflict(desk, number)
        trouble = Fault(method, path, **fault)
        desk.repo.hub.faults = [trouble]
        code = desk.run(*proposing, code=None).exit_code
        assert trouble.times == 0
        if number >= HEALS:
            assert code in {2, 3}
            desk.repo.hub.faults = []
            code = desk.run(*proposing, code=None).exit_code
        assert code == 3  # the conflict that the issue is about
        (issue,) = (one for one in desk.repo.api("GET", "issues?state=all") if "pull_request" not in one)
        (pull,) = desk.repo.api("GET", "pulls?state=all")
        assert (issue["state"], pull["state"]) == ("open", "open")
        assert f"here {number}" in issue["body"]
        assert desk.repo.messages("notionsync/update")[0].split("Notionsync-Update: ")[1][:16] in pull["body"]
        assert f"there {number}".encode() in desk.repo.files("notionsync/update")[path_of("two")]


def _edit_conflict(desk: HubDesk, number: int) -> None:
    desk.edit("one", f"here {number - 1}", f"here {number}")
    desk.note("two", f"there {number - 1}", f"there {number}")
    desk.publish()
    desk.repo.commit("Other work", {"other.md": b"%d" % number})
    desk.fetch()


def _edit(desk: HubDesk, number: int) -> None:
    old = (f"here {number - 1}", f"there {number - 1}") if number else ("one beta", "two beta")
    desk.edit("one", old[0], f"here {number}")
    desk.note("two", old[1], f"there {number}")
