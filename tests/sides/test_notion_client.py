from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import httpx
import pytest
from tests.sides.notion_world import (
    START,
    Line,
    Trouble,
    VirtualClock,
    answer,
    downloaded,
    dropped,
    error,
    instead,
    refused,
    reply_lost,
)

from notionsync.errors import (
    AccessError,
    ContentError,
    NotFoundError,
    NotionSyncError,
    TransientError,
    UnknownOutcomeError,
    UsageError,
)
from notionsync.sides.notion import Notion, Patience

ID = "38c9ce7b60a481d29260b2f4f0f3a111"
DASHED = "38c9ce7b-60a4-81d2-9260-b2f4f0f3a111"
SECRET = "ntn_secret0123456789"  # noqa: S105 - nobody's
PAGE = {
    "object": "page",
    "id": DASHED,
    "created_time": "2026-06-28T09:41:00.000Z",
    "last_edited_time": "2026-06-28T09:42:00.000Z",
    "created_by": {"object": "user", "id": DASHED},
    "last_edited_by": {"object": "user", "id": DASHED},
    "parent": {"type": "data_source_id", "data_source_id": DASHED, "database_id": DASHED},
    "in_trash": False,
    "properties": {"Name": {"id": "title", "type": "title", "title": [{"plain_text": "Why "}, {"plain_text": "1x1?"}]}},
    "url": f"https://app.notion.com/p/Why-{ID}",
}


class Service:
    """A Notion side over a line to a service that knows one page."""

    def __init__(self) -> None:
        self.line = Line(httpx.MockTransport(lambda _request: answer(200, PAGE, date="Sun, 28 Jun 2026 09:43:07 GMT")))
        self.clock = VirtualClock()
        self.notion = Notion(SECRET, "http://service", transport=self.line, clock=self.clock)


@pytest.fixture
def service() -> Iterator[Service]:
    """A service that is well until a test says otherwise."""
    made = Service()
    with made.notion:
        yield made


READ_AGAIN: dict[str, Trouble] = {
    "429": instead(error(429, "rate_limited")),
    "529": instead(error(529, "service_overload")),
    "409": instead(error(409, "conflict_error")),
    "500": instead(error(500, "internal_server_error")),
    "502 in HTML": instead(answer(502, "<html><h1>Bad gateway</h1></html>")),
    "503": instead(error(503, "service_unavailable")),
    "504": instead(error(504, "gateway_timeout")),
    "200 in HTML": instead(answer(200, "<html>log in to the hotel network</html>")),
    "200 that is a list": instead(answer(200, [])),
    "broken connection": dropped,
    "timeout": reply_lost,
    "refused": refused,
}


@pytest.mark.parametrize("trouble", READ_AGAIN.values(), ids=READ_AGAIN)
def test_a_read_is_repeated_through_passing_trouble(service: Service, trouble: Trouble) -> None:
    """Two failures of any passing kind, and the read still goes well; each request is counted."""
    service.line.trouble("GET .*", trouble, trouble)
    assert service.notion.page(ID).title == "Why 1x1?"
    assert service.notion.requests == len(service.line.sent) == 3


@pytest.mark.parametrize("trouble", READ_AGAIN.values(), ids=READ_AGAIN)
def test_trouble_that_does_not_pass_ends_transient_and_names_item_and_host(service: Service, trouble: Trouble) -> None:
    """Patience ends with exit code 5, the page and the host in the message, after a bounded number of requests."""
    service.line.trouble("GET .*", *[trouble] * 50)
    with pytest.raises(TransientError) as caught:
        service.notion.page(ID)
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert ID in caught.value.message
    assert "service" in caught.value.message
    assert len(service.line.sent) <= 8
    assert service.clock.time - START <= 300


def test_an_unreachable_server_is_told_soon(service: Service) -> None:
    """As long as nobody ever answered, three tries to connect are enough."""
    service.line.trouble(".*", *[refused] * 50)
    with pytest.raises(TransientError, match="cannot reach service"):
        service.notion.me()
    assert len(service.line.sent) == 3
    assert service.clock.time - START <= 10


FINAL: list[tuple[str, httpx.Response, type[NotionSyncError], str]] = [
    ("401", error(401, "unauthorized", "API token is invalid."), AccessError, "NOTION_TOKEN"),
    ("403", error(403, "restricted_resource", "Insufficient permissions"), AccessError, "Capabilities"),
    ("block limit", error(403, "restricted_resource", block_limit=1000), AccessError, "upgrade"),
    ("404", error(404, "object_not_found"), NotFoundError, "Connections"),
    ("400", error(400, "validation_error", "body.x should be defined"), ContentError, ""),
    ("413", answer(413, "<html>too large</html>"), ContentError, "split"),
    ("429 blocked", error(429, "rate_limited", rate_limit_reason="public_api_request_blocked"), AccessError, "support"),
    ("row limit", error(409, "row_limit_exceeded", "Too many rows"), ContentError, ""),
    ("another site", answer(404, "<html>nginx</html>"), UsageError, "NOTION_BASE_URL"),
    ("a redirect", answer(302, "", location="https://elsewhere/"), UsageError, "NOTION_BASE_URL"),
    ("wrong path", error(400, "invalid_request_url", "Invalid request URL."), UsageError, "NOTION_BASE_URL"),
]


@pytest.mark.parametrize(("response", "kind", "advice"), [case[1:] for case in FINAL], ids=[case[0] for case in FINAL])
def test_what_will_not_pass_is_not_repeated(
    service: Service, response: httpx.Response, kind: type[NotionSyncError], advice: str
) -> None:
    """A refusal is told at once, as the right error with the deed to do."""
    service.line.trouble(".*", instead(response))
    with pytest.raises(kind) as caught:
        service.notion.page(ID)
    assert type(caught.value) is kind
    assert advice in caught.value.advice
    assert len(service.line.sent) == 1


def test_retry_after_is_obeyed_and_slows_everybody_down(service: Service) -> None:
    """The next request waits as long as the service asked; the pace is halved."""
    service.line.trouble(
        "GET .*", instead(answer(429, {"code": "rate_limited", "message": ""}, **{"retry-after": "17"}))
    )
    service.notion.page(ID)
    assert service.clock.time == pytest.approx(START + 17)
    assert service.notion._client.pace.speed < 0.6


def test_retry_after_holds_for_all(service: Service) -> None:
    """A request that gave up leaves the door closed for the next one, whichever thread sends it."""
    late = answer(429, {"code": "rate_limited", "message": ""}, **{"retry-after": "400"})
    service.line.trouble("GET .*", instead(late))
    with pytest.raises(TransientError):
        service.notion.page(ID)
    service.notion.page(ID)
    assert service.clock.time >= START + 300


def test_success_brings_the_pace_back(service: Service) -> None:
    """Slowed down once, it is as fast as ever some requests later."""
    service.line.trouble("GET .*", instead(error(503, "service_unavailable")))
    for _ in range(60):
        service.notion.page(ID)
    assert service.notion._client.pace.speed == 1.0


def test_retry_after_as_a_date(service: Service) -> None:
    """RFC 9110 allows a date."""
    late = answer(503, "", **{"retry-after": "Fri, 15 Jan 2027 08:00:20 GMT"})
    service.line.trouble("GET .*", instead(late))
    service.notion.page(ID)
    assert service.clock.time == pytest.approx(START + 20)


def test_retry_after_beyond_patience_gives_up_without_waiting(service: Service) -> None:
    """A workspace's budget may be spent for an hour; nobody sits there that long."""
    late = answer(429, {"code": "rate_limited", "message": "", "additional_data": {}}, **{"retry-after": "3600"})
    service.line.trouble("GET .*", instead(late))
    with pytest.raises(TransientError):
        service.notion.page(ID)
    assert service.clock.slept == []


def test_patience_is_configurable() -> None:
    """The number of attempts is the caller's."""
    line = Line(httpx.MockTransport(lambda _: error(503, "service_unavailable")))
    with (
        Notion(SECRET, "http://service", transport=line, clock=VirtualClock(), patience=Patience(attempts=2)) as notion,
        pytest.raises(TransientError),
    ):
        notion.page(ID)
    assert len(line.sent) == 2


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("http://service", "/v1/pages/" + DASHED),
        ("http://service/", "/v1/pages/" + DASHED),
        ("http://service/v1/", "/v1/pages/" + DASHED),
        ("http://service:8080/run/7/", "/run/7/v1/pages/" + DASHED),
    ],
)
def test_the_base_address_may_have_a_path(base_url: str, path: str) -> None:
    """Requests go below the path, with the pinned version and the token."""
    seen: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(200, PAGE)

    with Notion(SECRET, base_url, transport=httpx.MockTransport(serve), clock=VirtualClock()) as notion:
        notion.page(ID)
    assert seen[0].url.path == path
    assert seen[0].headers["notion-version"] == "2026-03-11"
    assert seen[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("base_url", ["", "service", "ftp://service", "http://", "http://[::1", "http://service:port"])
def test_a_base_address_that_is_none(base_url: str) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(UsageError) as caught:
        Notion(SECRET, base_url, clock=VirtualClock())
    assert "NOTION_BASE_URL" in caught.value.advice


@pytest.mark.parametrize("token", ["", "  ", "ntn_ümlaut", "ntn_two words", "ntn_line\nbreak"])
def test_a_token_that_cannot_be_one_is_told_without_showing_it(token: str) -> None:
    """Neither the message nor the advice quotes it."""
    with pytest.raises(AccessError) as caught:
        Notion(token, "http://service", clock=VirtualClock())
    assert "ntn_" not in str(caught.value) + caught.value.advice
    assert "NOTION_TOKEN" in caught.value.advice


@pytest.mark.parametrize("trouble", [*READ_AGAIN.values(), instead(FINAL[0][1])])
def test_nothing_logs_the_token_or_a_signature(
    trouble: Trouble, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """Even with every logger at its most talkative, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    service.line.trouble(".*", *[trouble] * 2)
    for attempt in (
        lambda: service.notion.page(ID),
        lambda: downloaded(service.notion, "http://files/a.png?X-Amz-Signature=5ec"),
    ):
        try:
            attempt()
        except NotionSyncError as told:
            caplog.records.append(logging.makeLogRecord({"msg": f"{told} {told.advice}"}))
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "http" in text
    assert SECRET not in text
    assert "5ec" not in text


def test_a_page_is_read_with_the_clock_of_the_service(service: Service) -> None:
    """The Date header tells when; properties are found by id, ids are compact."""
    page = service.notion.page(ID)
    assert (page.id, page.parent, page.created_by) == (ID, ID, ID)
    assert page.properties["title"]["type"] == "title"
    assert page.read_at == 1782639787
    assert service.notion.server_time == page.read_at


Write = Callable[[Notion], object]
CREATE: Write = lambda notion: notion.create_page(ID, {"title": {"title": [{"text": {"content": "Why?"}}]}})  # noqa: E731


@pytest.mark.parametrize("status", [429, 529])
def test_a_write_that_was_refused_unread_is_repeated(service: Service, status: int) -> None:
    """The service did nothing, so nothing can be doubled."""
    service.line.trouble("POST .*", instead(error(status, "rate_limited")))
    CREATE(service.notion)
    assert service.line.lines() == ["POST /v1/pages", "POST /v1/pages"]


def test_a_write_that_did_not_leave_is_repeated(service: Service) -> None:
    """A refused connection carried nothing."""
    service.line.trouble("POST .*", refused)
    CREATE(service.notion)
    assert len(service.line.sent) == 2


def connect_timeout(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:  # noqa: ARG001
    """Nobody picks up."""
    raise httpx.ConnectTimeout("timed out", request=request)


@pytest.mark.parametrize("trouble", [connect_timeout, instead(error(409, "conflict_error"))])
def test_a_creation_that_certainly_saved_nothing_is_repeated(service: Service, trouble: Trouble) -> None:
    """The request never left, or the service took the transaction back."""
    service.line.trouble("POST .*", trouble)
    CREATE(service.notion)
    assert len(service.line.sent) == 2


LOST = {key: READ_AGAIN[key] for key in READ_AGAIN if key not in {"429", "529", "409", "refused"}}


@pytest.mark.parametrize("trouble", LOST.values(), ids=LOST)
def test_a_creation_of_unknown_outcome_is_never_repeated(service: Service, trouble: Trouble) -> None:
    """One POST, and the caller is told that it may have landed, with the title and the data source."""
    service.line.trouble("POST .*", trouble)
    with pytest.raises(UnknownOutcomeError) as caught:
        CREATE(service.notion)
    assert service.line.lines() == ["POST /v1/pages"]
    assert "'Why?'" in caught.value.message
    assert ID in caught.value.message


def test_a_creation_that_was_saved_late_is_read(service: Service) -> None:
    """A 503 that names what it saved is a success."""
    service.line.trouble("POST .*", instead(error(503, "service_unavailable", "saved", committed_resource_id=DASHED)))
    CREATE(service.notion)
    assert service.line.lines() == ["POST /v1/pages", f"GET /v1/pages/{DASHED}"]


def test_text_that_no_request_can_hold_is_the_contents_fault(service: Service) -> None:
    """Half a surrogate pair cannot be sent; that is not the network's trouble, nor an unknown outcome."""
    with pytest.raises(ContentError, match="cannot be sent"):
        service.notion.update_page(ID, properties={"title": {"title": [{"text": {"content": "\ud800"}}]}})
    assert service.line.sent == []
