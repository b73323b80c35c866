from __future__ import annotations

import io
from collections.abc import Iterator

import httpx
import pytest
from tests.sides.notion_world import (
    Trouble,
    World,
    answer,
    applied,
    downloaded,
    dropped,
    error,
    instead,
    paragraph,
    refused,
    reply_lost,
    titled,
    uploaded,
)

from notionsync.emulator import Settings
from notionsync.errors import ContentError, NotFoundError, TooLargeError, TransientError, UsageError
from notionsync.model import Block
from notionsync.sides import assets

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
ADDRESS = "asset:answers/img.png?sha256=aa"


@pytest.fixture
def world() -> Iterator[World]:
    """A workspace whose files may be large."""
    made = World(Settings(seed=7, max_upload=40_000_000))
    yield made
    made.close()


def shown(world: World, upload: str) -> tuple[str, Block]:
    """Create a page that shows an upload, and return it with its image as it is read."""
    body = (paragraph("a", Block(type="image", attrs={"url": ADDRESS})),)
    page = world.notion.create_page(world.source.id, titled("Image"), body, {ADDRESS: upload}).id
    image = world.notion.body(page)[0].children[0]
    world.line.sent.clear()
    return page, image


def test_a_file_goes_there_and_back(world: World) -> None:
    """Two requests up, none to the API down; the bytes are the same, the address is the stable one."""
    upload = uploaded(world.notion, "img.png", "image/png", PNG)
    assert world.line.lines() == ["POST /v1/file_uploads", f"POST /v1/file_uploads/{upload}/send"]
    _, image = shown(world, upload)
    before = world.notion.requests
    assert downloaded(world.notion, image.attrs["url"]) == PNG
    assert world.notion.requests == before
    record = assets.place(
        "answers/assets", "answers/CNN.md", image.attrs["url"], PNG, assets.sha256(PNG), there=lambda _: None
    )
    assert record.path == f"answers/assets/CNN/img-{assets.sha256(PNG)[:8]}.png"


def test_the_token_stays_with_the_api(world: World) -> None:
    """The host of files gets a plain request."""
    _, image = shown(world, uploaded(world.notion, "img.png", "image/png", PNG))
    seen: list[httpx.Request] = []

    def look(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        seen.append(request)
        return inner.handle_request(request)

    world.line.trouble("GET .*img.png", look)
    downloaded(world.notion, image.attrs["url"])
    assert "authorization" not in seen[0].headers
    assert "notion-version" not in seen[0].headers


def test_an_expired_address_is_asked_for_anew(world: World) -> None:
    """An hour later the same file is still found, through its block."""
    _, image = shown(world, uploaded(world.notion, "img.png", "image/png", PNG))
    world.clock.sleep(4000)
    assert downloaded(world.notion, image.attrs["url"]) == PNG
    assert f"GET /v1/blocks/{image.id}" in [line.replace("-", "") for line in world.line.lines()]


def test_a_block_is_enough_to_find_a_file(world: World) -> None:
    """In another process, which has read no tree."""
    _, image = shown(world, uploaded(world.notion, "img.png", "image/png", PNG))
    assert downloaded(world.person, "notion:/never/seen.png", block=image.id or "") == PNG
    with pytest.raises(NotFoundError):
        downloaded(world.person, "notion:/never/seen.png")


def test_a_block_without_a_file(world: World) -> None:
    """It is told as such."""
    page = world.page(paragraph("a"))
    (block,) = world.notion.body(page)
    with pytest.raises(NotFoundError, match="has no file"):
        world.notion.file_url(block.id or "")


def test_a_file_over_the_limit_is_left_where_it_is(world: World) -> None:
    """The download stops once it is too large."""
    _, image = shown(world, uploaded(world.notion, "img.png", "image/png", PNG))
    with pytest.raises(ContentError, match="larger than 100 bytes"):
        downloaded(world.notion, image.attrs["url"], limit=100)


@pytest.mark.parametrize("trouble", [dropped, refused, reply_lost, instead(answer(503, "")), instead(answer(429, ""))])
def test_a_download_is_repeated(world: World, trouble: Trouble) -> None:
    """Reading a file changes nothing."""
    _, image = shown(world, uploaded(world.notion, "img.png", "image/png", PNG))
    world.line.trouble("GET .*img.png", trouble, trouble)
    assert downloaded(world.notion, image.attrs["url"]) == PNG


def test_a_file_that_cannot_be_had(world: World) -> None:
    """Patience ends; the signature of the address is in no message."""
    world.line.trouble("GET /a.png", *[dropped] * 50)
    with pytest.raises(TransientError) as caught:
        downloaded(world.notion, "https://files.example/a.png?X-Amz-Signature=5ec")
    assert "files.example" in caught.value.message
    assert "5ec" not in caught.value.message
    world.line.trouble("GET /gone.png", instead(answer(403, "<Error/>")))
    with pytest.raises(NotFoundError, match="/gone"):
        downloaded(world.notion, "https://files.example/gone.png?X-Amz-Signature=5ec")
    for address in ("ftp://files.example/a.png", "https://[broken"):
        with pytest.raises(UsageError):
            downloaded(world.notion, address)


def test_a_large_file_goes_in_parts(world: World) -> None:
    """Above 20 MB: parts of 10 MB, then one request that joins them."""
    data = bytes(10_000_000) + b"\1" * 10_000_000 + b"\2" * 3
    upload = uploaded(world.notion, "talk.mp4", "video/mp4", data)
    assert [line.rsplit("/", 1)[1] for line in world.line.lines() if line.startswith("POST")] == [
        "file_uploads",
        "send",
        "send",
        "send",
        "complete",
    ]
    _, image = shown(world, upload)
    assert downloaded(world.notion, image.attrs["url"]) == data


class Watched(io.BytesIO):
    """A file that notes how much of it was asked for at once."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.asked: list[int | None] = []

    def read(self, size: int | None = -1, /) -> bytes:
        """Note it, and read."""
        self.asked.append(size)
        return super().read(size)


def test_a_large_file_is_never_in_memory_as_a_whole(world: World) -> None:
    """It is read part by part while it is sent, and one over the plan is not read at all."""
    talk = Watched(bytes(25_000_000))
    world.notion.upload("talk.mp4", "video/mp4", talk)
    assert talk.asked == [10_000_000, 10_000_000, 10_000_000]
    over = Watched(bytes(40_000_001))
    with pytest.raises(TooLargeError):
        world.notion.upload("talk.mp4", "video/mp4", over)
    assert over.asked == []


def test_a_file_over_the_plan_is_refused_before_it_is_sent(world: World) -> None:
    """The workspace's own limit is asked for only when a file may break it."""
    with pytest.raises(ContentError, match="the workspace allows 40000000"):
        uploaded(world.notion, "talk.mp4", "video/mp4", bytes(40_000_001))
    assert world.line.lines() == ["GET /v1/users/me"]
    with pytest.raises(ContentError, match="empty"):
        uploaded(world.notion, "a.png", "image/png", b"")


LOST: list[Trouble] = [reply_lost, dropped, applied(error(500, "")), instead(answer(502, "<html>")), refused]


@pytest.mark.parametrize("trouble", LOST)
@pytest.mark.parametrize("step", ["POST /v1/file_uploads", "POST .*/send", "POST .*/complete"])
def test_an_upload_survives_a_lost_reply(world: World, trouble: Trouble, step: str) -> None:
    """Each step is looked at before it is sent again."""
    data = bytes(20_000_001) if "complete" in step else PNG
    name, mime = ("a.mp4", "video/mp4") if "complete" in step else ("a.png", "image/png")
    world.line.trouble(step, trouble)
    _, image = shown(world, uploaded(world.notion, name, mime, data))
    assert len(downloaded(world.notion, image.attrs["url"])) == len(data)
