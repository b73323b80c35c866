from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.emulator.world import World, item, paragraph, said, text

from notionsync.emulator.faults import FAILURES

APPEND = "/v1/blocks/{id}/children"


def put(world: World, **fault: Any) -> dict[str, Any]:
    """Put a fault in force over HTTP."""
    answer = world.client.post("/_emulator/faults", json=fault)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.mark.parametrize(
    ("kind", "status", "code", "waits"),
    [
        ("rate_limited", 429, "rate_limited", True),
        ("conflict", 409, "conflict_error", False),
        ("internal_error", 500, "internal_server_error", False),
        ("unavailable", 503, "service_unavailable", True),
        ("gateway_timeout", 504, "gateway_timeout", False),
        ("overloaded", 529, "service_overload", True),
    ],
)
@pytest.mark.parametrize("applied", [False, True])
def test_failures_before_and_after_the_change(
    world: World, kind: str, status: int, code: str, *, waits: bool, applied: bool
) -> None:
    """The answer is the failure either way; only the workspace tells whether the change was made."""
    put(world, fault=kind, method="PATCH", path=APPEND, applied=applied, retry_after=7)
    answer = world.ask("PATCH", f"blocks/{world.home}/children", {"children": [paragraph("x")]})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers.get("retry-after") == ("7" if waits else None)
    assert len(world.children(world.home)) == int(applied)
    world.append(world.home, paragraph("y"))


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize(("kind", "error"), [("dropped", httpx.RemoteProtocolError), ("timeout", httpx.ReadTimeout)])
def test_lost_connections(world: World, kind: str, error: type[Exception], applied: bool) -> None:
    """They reach the client as a transport's own errors, and are counted."""
    put(world, fault=kind, method="PATCH", path=APPEND, applied=applied)
    with pytest.raises(error):
        world.ask("PATCH", f"blocks/{world.home}/children", {"children": [paragraph("x")]})
    assert len(world.children(world.home)) == int(applied)
    assert [entry["status"] for entry in world.app.log.shown()["log"]] == [0, 200]


def test_a_gateway_answers_in_html(world: World) -> None:
    """Not in JSON."""
    put(world, fault="bad_gateway", path="/v1/users/me")
    answer = world.ask("GET", "users/me")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert "<h1>" in answer.text


def test_an_applied_503_names_what_was_made(world: World) -> None:
    """The page; or the parent and the new children."""
    put(world, fault="unavailable", method="POST", path="/v1/pages", applied=True)
    body = {"parent": {"page_id": world.home}, "properties": {}}
    made = world.ask("POST", "pages", body).json()["additional_data"]["committed_resource_id"]
    assert world.good("GET", f"pages/{made}")["id"] == made
    put(world, fault="unavailable", method="PATCH", path=APPEND, applied=True)
    data = world.ask("PATCH", f"blocks/{made}/children", {"children": [paragraph("x")]}).json()["additional_data"]
    assert data["committed_resource_id"] == made
    assert data["committed_child_ids"] == [block["id"] for block in world.children(made)]


def test_requests_are_chosen_by_method_path_and_occurrence(world: World) -> None:
    """The second and third reading of one page, nothing else."""
    page = world.page()["id"]
    put(world, fault="conflict", method="GET", path=f"/v1/pages/{page}", nth=2, times=2)
    other = world.page()["id"]
    statuses = [
        world.ask("GET", f"pages/{identifier}").status_code for identifier in [page, other, page, other, page, page]
    ]
    assert statuses == [200, 200, 409, 200, 409, 200]
    shown = world.client.get("/_emulator/faults").json()["faults"]
    assert [(fault["met"], fault["fired"]) for fault in shown] == [(4, 2)]


def test_chance_is_seeded(world: World) -> None:
    """The same seed meets the same requests."""

    def statuses(seed: int) -> list[int]:
        world.client.delete("/_emulator/faults")
        put(world, fault="internal_error", path="/v1/users/*", probability=0.5, times=None, seed=seed)
        return [world.ask("GET", "users/me").status_code for _ in range(40)]

    first = statuses(1)
    assert first == statuses(1)
    assert first != statuses(2)
    assert 8 < first.count(500) < 32


def test_slow_answers_take_emulated_time(world: World) -> None:
    """On a clock that stands still."""
    put(world, fault="slow", path="/v1/users/me", seconds=75)
    before = world.clock.seconds()
    world.good("GET", "users/me")
    assert world.clock.seconds() - before == 75


def test_truncated_listing_ends_early_with_or_without_a_sign(world: World) -> None:
    """`silent` leaves the sign out."""
    source = world.source()
    for name in "abc":
        world.row(source, name)
    query = "/v1/data_sources/{id}/query"
    put(world, fault="truncated", path=query, keep=1)
    marked = world.good("POST", f"data_sources/{source}/query", {})
    assert (len(marked["results"]), marked["has_more"]) == (1, False)
    assert marked["request_status"]["type"] == "incomplete"
    put(world, fault="truncated", path=query, keep=2, silent=True)
    silent = world.good("POST", f"data_sources/{source}/query", {})
    assert len(silent["results"]) == 2
    assert "request_status" not in silent


def test_stale_listing_shows_the_workspace_as_it_was(world: World) -> None:
    """Once; then as it is."""
    source = world.source()
    world.row(source, "old")
    put(world, fault="stale", path="/v1/data_sources/{id}/query")
    world.row(source, "new")
    lengths = [len(world.good("POST", f"data_sources/{source}/query", {})["results"]) for _ in range(2)]
    assert lengths == [1, 2]


def test_a_person_edits_between_two_requests(world: World) -> None:
    """Before the request that meets the fault, under their own name."""
    block = world.append(world.home, paragraph("mine"))[0]["id"]
    edit = {"method": "PATCH", "path": f"/v1/blocks/{block}", "body": {"paragraph": {"rich_text": [text("theirs")]}}}
    put(world, fault="person", path=APPEND, requests=[edit])
    shown = world.children(world.home)[0]
    assert said(shown) == "theirs"
    assert shown["last_edited_by"] != shown["created_by"]


def test_access_comes_and_goes(world: World) -> None:
    """A page taken away is not found, nor is what lies on it; neither is in listings; it can be given back."""
    page = world.page(children=[item("x")])["id"]
    block = world.children(page)[0]["id"]
    put(world, fault="unshare", id=page, path="/v1/pages/{id}")
    assert "Could not find page" in world.refused("GET", f"pages/{page}", status=404)
    world.refused("GET", f"blocks/{block}", status=404)
    assert world.children(world.home) == []
    put(world, fault="share", id=page, path="/v1/users/me")
    world.good("GET", "users/me")
    world.good("GET", f"pages/{page}")


def test_tokens_are_revoked_and_pages_erased(world: World) -> None:
    """After the request, when asked so."""
    page = world.page()["id"]
    put(world, fault="erase", id=page, path="/v1/pages/{id}", applied=True)
    world.good("GET", f"pages/{page}")
    world.refused("GET", f"pages/{page}", status=404)
    put(world, fault="revoke_token", token="ntn_emulator", path="/v1/users/me")  # noqa: S106
    assert world.ask("GET", "users/me").status_code == 401
    assert world.ask("GET", "users/me").status_code == 401


def test_faults_can_call_and_be_lifted_in_process(world: World) -> None:
    """A function of the test's own; `clear` ends all."""
    called = []
    world.app.faults.add("call", path="/v1/users/me", times=None, call=lambda: called.append(1))
    world.good("GET", "users/me")
    world.app.faults.clear()
    world.good("GET", "users/me")
    assert called == [1]


def test_nonsense_is_refused_with_the_choices(world: World) -> None:
    """A typo must not be a fault that never fires."""
    answer = world.client.post("/_emulator/faults", json={"fault": "rate_limted"})
    assert answer.status_code == 400
    assert all(kind in answer.json()["error"] for kind in FAILURES)
    assert world.client.post("/_emulator/faults", json={}).status_code == 400


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"fault": "nonsense"}, "unknown fault 'nonsense'"),
        ({"fault": "slow", "seconds": "x"}, "seconds cannot be 'x'"),
        ({"fault": "slow", "seconds": True}, "seconds cannot be True"),
        ({"fault": "conflict", "nth": "x"}, "nth cannot be 'x'"),
        ({"fault": "conflict", "nht": 2}, "conflict knows no 'nht'"),
        ({"fault": "unshare"}, "unshare needs 'id'"),
        ({"fault": "person", "requests": {}}, "requests cannot be {}"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_when_it_is_ordered(
    world: World, given: dict[str, Any], reason: str
) -> None:
    """Not when it is met; a word that is spelt wrong would change nothing, and nobody would know."""
    answer = world.client.post("/_emulator/faults", json=given)
    assert (answer.status_code, answer.json()["error"][: len(reason)]) == (400, reason)
    world.good("GET", "users/me")


def test_the_clock_is_not_set_beyond_what_it_can_show(world: World) -> None:
    """Every later answer would fail."""
    for given in ({"advance": 1e300}, {"advance": -1e300}, {"set": 5}, {"set": "soon"}):
        assert world.client.post("/_emulator/clock", json=given).status_code == 400
    assert world.client.post("/_emulator/clock", content=b'{"advance": 1e400}').status_code == 400
    world.good("GET", "users/me")
