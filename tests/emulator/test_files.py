from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.emulator.world import World

from notionsync.emulator import Settings

PNG = b"\x89PNG\r\n\x1a\n not really"


def uploaded(world: World, name: str = "그림 1.png", data: bytes = PNG) -> str:
    """Id of a finished upload."""
    made = world.good("POST", "file_uploads", {"mode": "single_part", "filename": name, "content_type": "image/png"})
    sent = world.client.post(f"/v1/file_uploads/{made['id']}/send", files={"file": (name, data, "image/png")})
    assert (sent.status_code, sent.json()["status"], sent.json()["content_length"]) == (200, "uploaded", len(data))
    return str(made["id"])


def attached(world: World, upload: str) -> dict[str, Any]:
    """An image block of an upload."""
    return world.append(world.home, {"image": {"type": "file_upload", "file_upload": {"id": upload}}})[0]


def test_an_uploaded_file_is_read_back_byte_for_byte(world: World) -> None:
    """Under an address that needs no token."""
    block = attached(world, uploaded(world))
    assert block["image"]["type"] == "file"
    anyone = httpx.Client(transport=httpx.WSGITransport(app=world.app))
    answer = anyone.get(block["image"]["file"]["url"])
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")


def test_path_of_a_file_is_stable_and_its_query_is_not(world: World) -> None:
    """Two readings differ only behind the question mark; another upload has another path."""
    block = attached(world, uploaded(world))
    first, second = (urlsplit(world.good("GET", f"blocks/{block['id']}")["image"]["file"]["url"]) for _ in range(2))
    assert first.path == second.path
    assert first.query != second.query
    other = urlsplit(attached(world, uploaded(world))["image"]["file"]["url"])
    assert other.path != first.path
    assert first.path.split("/")[1] == world.app.workspace.settings.workspace_id


def test_addresses_expire_and_cannot_be_made_up(world: World) -> None:
    """After an hour, or with a changed query, there is nothing."""
    url = attached(world, uploaded(world))["image"]["file"]["url"]
    assert world.client.get(url.replace("X-Emulator-Until=", "X-Emulator-Until=9")).status_code == 403
    world.clock.advance(3599)
    assert world.client.get(url).status_code == 200
    world.clock.advance(2)
    assert world.client.get(url).status_code == 403


def test_uploads_must_be_attached_in_time_and_then_stay(world: World) -> None:
    """Within the hour; once attached they may be attached again and again."""
    late, used, pending = uploaded(world), uploaded(world), world.good("POST", "file_uploads", {"filename": "a.png"})
    attached(world, used)
    world.clock.advance(3601)
    attached(world, used)
    body = {"children": [{"image": {"file_upload": {"id": late}}}]}
    assert "expired" in world.refused("PATCH", f"blocks/{world.home}/children", body)
    assert world.good("GET", f"file_uploads/{pending['id']}")["status"] == "expired"


def test_a_hosted_file_property_is_kept_by_sending_it_back(world: World) -> None:
    """As read, with another signature or none; a foreign address is refused."""
    source = world.source({"Files": {"files": {}}})
    page = world.row(source, Files={"files": [{"file_upload": {"id": uploaded(world)}}]})
    entry = page["properties"]["Files"]["files"][0]
    assert entry["name"] == "그림 1.png"
    again = world.good("PATCH", f"pages/{page['id']}", {"properties": {"Files": {"files": [entry]}}})
    assert urlsplit(again["properties"]["Files"]["files"][0]["file"]["url"]).path == urlsplit(entry["file"]["url"]).path
    foreign = {"name": "x", "type": "file", "file": {"url": "https://example.org/a/b/c.png"}}
    assert "address" in world.refused("PATCH", f"pages/{page['id']}", {"properties": {"Files": {"files": [foreign]}}})


def test_several_parts_make_one_file(world: World) -> None:
    """In the order of their numbers; parts but the last are at least 5 MB; nothing may be missing."""
    made = world.good("POST", "file_uploads", {"mode": "multi_part", "filename": "big.bin", "number_of_parts": 2})
    send = f"/v1/file_uploads/{made['id']}/send"
    small = world.client.post(send, files={"file": ("big.bin", b"x")}, data={"part_number": "1"})
    assert "5 MB" in small.json()["message"]
    big = b"a" * (5 * 1024 * 1024)
    world.client.post(send, files={"file": ("big.bin", b"end")}, data={"part_number": "2"})
    assert "1 were sent" in world.refused("POST", f"file_uploads/{made['id']}/complete")
    world.client.post(send, files={"file": ("big.bin", big)}, data={"part_number": "1"})
    assert world.good("POST", f"file_uploads/{made['id']}/complete")["content_length"] == len(big) + 3
    block = world.append(world.home, {"file": {"file_upload": {"id": made["id"]}}})[0]
    assert block["file"]["name"] == "big.bin"
    assert world.client.get(block["file"]["file"]["url"]).content == big + b"end"


def test_too_large_files_are_refused() -> None:
    """By the workspace's plan."""
    world = World(Settings(max_upload=10))
    made = world.good("POST", "file_uploads", {"filename": "a.bin"})
    answer = world.client.post(f"/v1/file_uploads/{made['id']}/send", files={"file": ("a.bin", b"x" * 11)})
    assert answer.status_code == 400
    assert world.good("GET", "users/me")["bot"]["workspace_limits"] == {"max_file_upload_size_in_bytes": 10}
    world.close()


@pytest.mark.parametrize("mode", ["multi_part", "external_url"])
def test_modes_ask_for_what_they_need(world: World, mode: str) -> None:
    """The number of parts, the address."""
    assert "should be defined" in world.refused("POST", "file_uploads", {"mode": mode})


def test_uploads_are_listed_newest_first(world: World) -> None:
    """By status, when asked."""
    first = uploaded(world)
    second = world.good("POST", "file_uploads", {"filename": "b.png"})["id"]
    assert [entry["id"] for entry in world.good("GET", "file_uploads")["results"]] == [second, first]
    assert [entry["id"] for entry in world.good("GET", "file_uploads?status=uploaded")["results"]] == [first]


def test_an_import_by_address_is_done_after_the_answer(world: World) -> None:
    """Pending at first, then uploaded, with the result of the import."""
    made = world.good("POST", "file_uploads", {"mode": "external_url", "external_url": "https://example.org/a.pdf"})
    assert (made["status"], made["filename"], made["content_length"]) == ("pending", "a.pdf", None)
    done = world.good("GET", f"file_uploads/{made['id']}")
    assert (done["status"], done["file_import_result"]["type"]) == ("uploaded", "success")


@pytest.mark.parametrize(("sent", "read"), [("report", "report.txt"), ("report.md", "report.md"), (None, "robots.txt")])
def test_a_file_keeps_its_extension(world: World, sent: str | None, read: str) -> None:
    """A name without one gains it, on creation and on update."""
    name = {"name": sent} if sent else {}
    block = world.append(world.home, {"file": {"external": {"url": "https://example.org/robots.txt"}, **name}})[0]
    assert block["file"]["name"] == read
    assert world.good("PATCH", f"blocks/{block['id']}", {"file": {"name": "other"}})["file"]["name"] in {
        "other.txt",
        "other.md",
    }
