from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.emulator.world import World
from tests.shared import shared

from notionsync.emulator.replay.compare import Comparison, Mapping
from notionsync.emulator.replay.conversation import replay
from notionsync.emulator.replay.mutants import Verdicts, judge
from notionsync.emulator.replay.reasons import REASONS, reason
from notionsync.emulator.replay.recording import exchange_of, read
from notionsync.emulator.replay.report import report
from notionsync.emulator.replay.requests import judge_made_up
from notionsync.emulator.replay.schemas import Schemas
from notionsync.emulator.workspace import VERSIONS

Json = dict[str, Any]


def error(status: int, code: str, message: str) -> Json:
    """The body of an error."""
    identifier = "38c9ce7b-60a4-4157-93f2-c6a0df97d56b"
    return {"object": "error", "status": status, "code": code, "message": message, "request_id": identifier}


@pytest.fixture(scope="module")
def recordings() -> list[Path]:
    """The recordings in the shared folder."""
    return sorted(shared("notion", "scenarios").glob("*.jsonl"))


def test_answers_are_those_of_the_real_service(recordings: list[Path]) -> None:
    """At least 98 in 100 steps match; every other one has a reason, and every reason is needed."""
    result = report(recordings)
    assert result.findings == []
    assert result.share >= 0.98
    assert set(result.reasons) == {reason.text for reason in REASONS}


def test_answers_fit_the_official_types_and_spoilt_requests_are_refused(recordings: list[Path]) -> None:
    """On a part of the recordings, since the schemas are slow; `make fidelity` takes all of them."""
    schemas = Schemas(shared("notion", "schemas"))
    some = recordings[::9]
    assert report(some, schemas).invalid == []
    verdicts = Verdicts()
    for path in some:
        judge(read(path), schemas, Random(path.stem), share=0.5, verdicts=verdicts)  # noqa: S311  (repeatable)
    assert verdicts.accepted == []
    assert verdicts.counts["does not fit the types, refused"] > 20


def test_requests_made_up_from_the_types_are_understood_and_answered_in_their_shape() -> None:
    """Whether recordings have such ones or not; spoilt ones are refused. `make fidelity` makes more of them."""
    schemas = Schemas(shared("notion", "schemas"))
    made = judge_made_up(schemas, Random(4), count=6)  # noqa: S311  (repeatable)
    assert made.findings == []
    assert made.counts["fits the types, answered"] > 25
    assert made.counts["does not fit the types, refused"] > 25


def test_a_conversation_whose_beginning_is_lost_still_matches(recordings: list[Path]) -> None:
    """What it presupposes is rebuilt from what is left, though some of it cannot be known."""
    steps = [
        (path.stem, step)
        for path in recordings[::2]
        for exchanges in [read(path)]
        if len(exchanges) > 3
        for step in replay(exchanges[len(exchanges) // 3 :])
        if step.emulated
    ]
    matching = [step for name, step in steps if step.matches or reason(name, step.exchange.endpoint, step.differences)]
    assert len(steps) > 250
    assert len(matching) / len(steps) > 0.95


def test_single_exchanges_match_on_their_own() -> None:
    """Each from a conversation that is not at hand; those in an older version are left out."""
    differing = [
        f"{path.stem}: {step.differences}"
        for path in sorted(shared("notion", "exchanges").glob("*/*.json"))
        for exchange in [exchange_of(0, json.loads(path.read_text(encoding="utf-8")))]
        if exchange.version in VERSIONS
        for step in replay([exchange])
        if step.emulated and not step.matches
    ]
    # It asks what a formula gives that no answer shows.
    assert len(differing) <= 1, differing


def recorded(folder: Path, name: str, *lines: Json) -> Path:
    """A recording with these exchanges."""
    path = folder / f"{name}.jsonl"
    common = {"notion_version": "2026-03-11", "method": "GET", "path": "/v1/users/me", "query": "", "request": None}
    path.write_text("\n".join(json.dumps({**common, **line}) for line in lines), encoding="utf-8")
    return path


def test_a_recording_that_cannot_be_read_is_a_finding_and_stops_nothing(tmp_path: Path) -> None:
    """Its steps count as differing; those of the others are replayed."""
    known = {
        "status": 400,
        "path": "/v1/invalid",
        "response": error(400, "invalid_request_url", "Invalid request URL."),
    }
    strange = {"status": 200, "response": {"object": "user", "id": 17, "bot": {"owner": {}}}}
    result = report([recorded(tmp_path, "strange", known, strange), recorded(tmp_path, "known", known)])
    assert (result.matching.total(), result.unexplained.total(), result.left_out.total()) == (1, 2, 0)
    assert [path.stem for path in result.unreadable] == ["strange"]
    assert result.findings[0].startswith("strange 0: cannot be replayed from here: ")


def test_bots_that_share_an_id_in_an_anonymous_recording_are_told_apart() -> None:
    """The one that asks keeps it, since everything it made is signed with it; others stay as they are."""
    shared_id = "00000000-0000-4000-8000-0000000000f1"
    users = [
        {"object": "user", "id": shared_id, "name": "other", "bot": {}},
        {"object": "user", "id": shared_id, "name": "asking", "bot": {"owner": {}}},
        {"object": "user", "id": "00000000-0000-4000-8000-0000000000fa", "name": "alone", "bot": {}},
    ]
    line = {"notion_version": "2026-03-11", "method": "GET", "path": "/v1/users", "status": 200}
    told = exchange_of(0, {**line, "response": {"object": "list", "results": users}}).response["results"]
    assert told[0]["id"] not in {shared_id, told[2]["id"]}
    assert [user["id"][-2:] for user in told[1:]] == ["f1", "fa"]


def test_the_services_own_trouble_is_left_out(tmp_path: Path) -> None:
    """Nothing in a request tells of it; the gateway's page is no JSON at all."""
    busy = {"status": 429, "response": error(429, "rate_limited", "You have been rate limited.")}
    down = {"status": 502, "response": "<html>"}
    known = {
        "status": 400,
        "path": "/v1/invalid",
        "response": error(400, "invalid_request_url", "Invalid request URL."),
    }
    result = report([recorded(tmp_path, "trouble", busy, down, known)])
    assert (result.matching.total(), result.left_out.total(), result.findings) == (1, 2, [])


@pytest.mark.parametrize(
    ("recorded", "ours", "found"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ".keys"),
        ({"a": None}, {"a": False}, ".a"),
        ({"a": [1]}, {"a": [1, 2]}, ".a.length"),
        ({"a": "x"}, {"a": "y"}, ".a"),
        (
            {"last_edited_time": "2026-01-01T00:00:00.000Z"},
            {"last_edited_time": "2026-01-01T00:01:00.000Z"},
            "last_edited",
        ),
    ],
)
def test_comparison_sees_keys_order_types_values_and_times(recorded: object, ours: object, found: str) -> None:
    """A comparison that sees nothing would make every replay match."""
    differences = Comparison(Mapping()).answers(recorded, ours)
    assert len(differences) == 1
    assert found in differences[0]


def test_comparison_pairs_ids_one_to_one() -> None:
    """An id may stand for another, but always for the same one, and for no second."""
    first, second = "38c9ce7b-60a4-8157-93f2-c6a0df97d56b", "38c9ce7b-60a4-8106-b017-f2d9eee8d485"
    mine, other = "2f6359a0-cd76-804f-b9c3-2060439e7826", "34991f76-aae7-84f6-aeec-5d7a61ac437a"
    comparison = Comparison(Mapping())
    assert comparison.answers({"id": first}, {"id": mine}) == []
    assert comparison.answers({"id": first, "parent": second}, {"id": mine, "parent": other}) == []
    assert comparison.answers({"id": first}, {"id": other}) != []
    assert comparison.answers({"id": second}, {"id": mine}) != []


def test_answers_of_both_versions_fit_their_types() -> None:
    """One of each kind, also where the recordings have none."""
    schemas = Schemas(shared("notion", "schemas"))
    world = World()
    source = world.source({"Tags": {"multi_select": {}}, "State": {"status": {}}})
    page = world.row(source)["id"]
    blocks: list[dict[str, Any]] = [
        {"heading_4": {"rich_text": []}},
        {"code": {"rich_text": [], "language": "python"}},
        {"table": {"table_width": 1, "children": [{"table_row": {"cells": [[]]}}]}},
        {"image": {"external": {"url": "https://example.org/a.png"}}},
        {"callout": {"rich_text": []}},
    ]
    world.append(page, *blocks)
    requests = [
        ("GET /v1/users/me", "users/me"),
        ("GET /v1/users", "users"),
        ("GET /v1/pages/{id}", f"pages/{page}"),
        ("GET /v1/data_sources/{id}", f"data_sources/{source}"),
        ("GET /v1/blocks/{id}/children", f"blocks/{page}/children"),
        ("GET /v1/blocks/{id}", f"blocks/{page}"),
        ("GET /v1/file_uploads", "file_uploads"),
    ]
    for version in ("2025-09-03", "2026-03-11"):
        for endpoint, path in requests:
            answer = world.good("GET", path, version=version)
            assert schemas.answer(endpoint, version, answer) is None
        found = world.good("POST", "search", {}, version=version)
        assert schemas.answer("POST /v1/search", version, found) is None
    world.close()
