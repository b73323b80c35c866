from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.emulator.world import World, paragraph, said

from notionsync.emulator import BOT_TOKEN, Clock, RateLimit, Settings, create_app
from notionsync.emulator.server import listen


def test_a_token_is_needed_and_must_be_known(world: World) -> None:
    """None and another scheme are told how it is sent, a wrong one that it is wrong."""
    for header in ("", "Bearer nonsense", f"Basic {BOT_TOKEN}"):
        answer = world.client.get("/v1/users/me", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.json()["code"] == "unauthorized"
        wrong = "API token is invalid." if header == "Bearer nonsense" else "must use the format"
        assert wrong in answer.json()["message"]


def test_the_version_must_be_named_and_known(world: World) -> None:
    """A missing one has a code of its own; of an unknown one, all that the service knows are told; an old one says so."""
    del world.client.headers["Notion-Version"]
    missing = world.client.get("/v1/users/me").json()
    start = "Notion-Version header failed validation: Notion-Version header should be "
    assert (missing["code"], missing["message"]) == ("missing_version", f"{start}defined, instead was `undefined`.")
    unknown = world.client.get("/v1/users/me", headers={"Notion-Version": "2020-01-01"}).json()
    assert unknown["code"] == "validation_error"
    assert unknown["message"].startswith(f'{start}`"2021-05-11"`, ')
    assert unknown["message"].endswith('`"2025-09-03"`, or `"2026-03-11"`, instead was `"2020-01-01"`.')
    old = world.client.get("/v1/users/me", headers={"Notion-Version": "2022-06-28"})
    assert (old.status_code, old.json()["code"]) == (501, "not_emulated")


def test_unknown_paths_and_broken_json_are_told_apart(world: World) -> None:
    """Both are 400, as recorded and documented, and before anybody asks who is there."""
    world.client.headers["Authorization"] = "Bearer nonsense"
    assert world.ask("GET", "invalid").json()["code"] == "invalid_request_url"
    assert world.ask("GET", "pages").json()["code"] == "invalid_request_url"
    broken = world.client.post("/v1/search", content=b"{nonsense", headers={"Content-Type": "application/json"})
    assert broken.json()["code"] == "invalid_json"
    deep = b'{"children":' + b"[" * 5000 + b"]" * 5000 + b"}"
    assert world.client.post("/v1/search", content=deep).json()["code"] == "invalid_json"
    assert world.client.get("/v1").json()["code"] == "invalid_request_url"


def test_answers_carry_their_request_id_twice(world: World) -> None:
    """In the body, last, and in a header; errors too."""
    for path in ("/v1/users/me", "/v1/pages/00000000-0000-0000-0000-000000000000"):
        answer = world.client.get(path)
        assert list(answer.json())[-1] == "request_id"
        assert answer.headers["x-notion-request-id"] == answer.json()["request_id"]
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_requests_are_counted_exactly(world: World) -> None:
    """By kind, reading or writing, refused ones too; control requests are not."""
    world.client.delete("/_emulator/requests")
    page = world.page()["id"]
    world.children(page)
    world.children(page)
    world.good("POST", "search", {})
    world.ask("GET", "nonsense")
    counted = world.client.get("/_emulator/requests").json()
    assert {key: counted[key] for key in ("total", "reads", "writes")} == {"total": 5, "reads": 4, "writes": 1}
    assert counted["by_kind"] == {
        "GET /v1/blocks/{id}/children": 2,
        "GET /v1/nonsense": 1,
        "POST /v1/pages": 1,
        "POST /v1/search": 1,
    }
    assert [entry["status"] for entry in counted["log"]] == [200, 200, 200, 200, 400]
    assert counted["log"][1]["path"] == f"/v1/blocks/{page}/children"
    assert world.client.delete("/_emulator/requests").json()["total"] == 0


def test_a_base_url_may_carry_a_path(world: World) -> None:
    """What stands before `/v1/` does not matter."""
    assert world.client.get("/some/prefix/v1/users/me").status_code == 200


def test_users(world: World) -> None:
    """Both are listed; the bot tells its workspace; an unknown one is not found."""
    users = world.good("GET", "users")["results"]
    assert [user["type"] for user in users] == ["bot", "person"]
    assert world.good("GET", f"users/{users[1]['id']}")["person"]["email"] == "robin@example.com"
    assert world.good("GET", "users/me")["bot"]["workspace_name"] == "Emulated workspace"
    assert "Could not find user" in world.refused("GET", "users/7855b161-f63e-4683-b7c7-8ca6e97ee266", status=404)


def test_endpoints_left_out_say_so(world: World) -> None:
    """With a status that the real service does not use."""
    path = f"pages/{world.home}/markdown"
    assert world.ask("GET", path).json()["code"] == "not_emulated"
    assert world.ask("GET", path).status_code == 501


def test_a_file_keeps_the_workspace(tmp_path: Path) -> None:
    """Another emulator on the same file has the same pages."""
    ids = []
    for _ in range(2):
        app = create_app(tmp_path / "workspace.sqlite")
        with httpx.Client(
            transport=httpx.WSGITransport(app=app),
            base_url="http://emulator",
            headers={"Authorization": f"Bearer {BOT_TOKEN}", "Notion-Version": "2026-03-11"},
        ) as client:
            ids.append([entry["id"] for entry in client.post("/v1/search", json={}).json()["results"]])
        app.close()
    assert len(ids[0]) == 1
    assert ids[0] == ids[1]


def test_the_same_seed_gives_the_same_ids() -> None:
    """So that a run can be repeated to the letter."""
    first, second = World(Settings(seed=7)), World(Settings(seed=7))
    assert first.page()["id"] == second.page()["id"]
    first.close()
    second.close()


def test_the_rate_limit_is_a_sliding_window_of_a_minute() -> None:
    """The seconds to wait are told, and true; other connections have budgets of their own."""
    world = World(Settings(rate_limit=RateLimit(per_minute=3)))
    for _ in range(3):
        world.good("GET", "users/me")
        world.clock.advance(10)
    refused = world.ask("GET", "users/me")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert refused.json()["additional_data"] == {
        "retry_after": "30",
        "rate_limit_reason": "public_api_request_rate_limit",
    }
    assert world.client.get("/v1/users/me", headers={"Authorization": "Bearer ntn_person"}).status_code == 200
    world.clock.advance(29)
    assert world.ask("GET", "users/me").status_code == 429
    world.clock.advance(1)
    world.good("GET", "users/me")
    world.close()


def test_the_whole_workspace_can_have_a_budget() -> None:
    """Shared by all connections."""
    world = World(Settings(rate_limit=RateLimit(workspace_per_minute=1)))
    world.good("GET", "users/me")
    other = world.client.get("/v1/users/me", headers={"Authorization": "Bearer ntn_person"}).json()
    assert other["additional_data"]["rate_limit_reason"] == "public_api_space_request_rate_limit"
    world.close()


def test_a_function_may_be_the_clock() -> None:
    """Any that returns a time."""
    clock = Clock(frozen=True)
    app = create_app(clock=clock.now)
    before = app.clock.now()
    clock.advance(90)
    assert (app.clock.now() - before).total_seconds() == pytest.approx(90)
    app.close()


def test_threads_share_a_workspace() -> None:
    """Appends from many threads all arrive, each list whole and in its order."""
    world = World()
    errors: list[BaseException] = []

    def append(name: str) -> None:
        try:
            for number in range(10):
                world.append(world.home, paragraph(f"{name}{number}"), paragraph(f"{name}{number}'"))
        except BaseException as error:  # noqa: BLE001  (told by the test's own thread)
            errors.append(error)

    threads = [threading.Thread(target=append, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    texts = [said(block) for part in pages_of(world) for block in part]
    assert sorted(texts) == sorted(f"{name}{n}{mark}" for name in "abcdefgh" for n in range(10) for mark in ("", "'"))
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    assert all(second == f"{first}'" for first, second in pairs)
    world.close()


def pages_of(world: World) -> list[list[dict[str, Any]]]:
    """The children of the workspace page, page by page."""
    parts = []
    path = f"blocks/{world.home}/children"
    answer = world.good("GET", path)
    parts.append(answer["results"])
    while answer["next_cursor"]:
        answer = world.good("GET", f"{path}?start_cursor={answer['next_cursor']}")
        parts.append(answer["results"])
    return parts


def test_served_on_loopback_with_its_own_date() -> None:
    """A socket gives the same answers; the date is the emulated one, and there is one."""
    world = World()
    server = listen(world.app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}", headers=world.client.headers, trust_env=False
        ) as client:
            answer = client.get("/v1/users/me")
            assert answer.json()["type"] == "bot"
            assert answer.headers.get_list("date") == ["Sat, 31 Jan 2026 12:00:30 GMT"]
            world.app.faults.add("dropped", path="/v1/users/me")
            with pytest.raises(httpx.RemoteProtocolError):
                client.get("/v1/users/me")
            assert client.get("/v1/users/me").status_code == 200
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        world.close()
    assert server.server_address[0] == "127.0.0.1"
