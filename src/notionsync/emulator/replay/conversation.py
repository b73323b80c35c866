"""Hold a recorded conversation with a fresh emulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import quote, unquote

import httpx

from notionsync.emulator.replay.compare import Comparison, Mapping
from notionsync.emulator.replay.importing import milliseconds
from notionsync.emulator.replay.presupposed import TOKEN, prepared
from notionsync.emulator.replay.recording import Exchange, stamps


@dataclass(slots=True)
class Step:
    """How one exchange went."""

    exchange: Exchange
    status: int = 0
    answer: Any = None
    differences: list[str] = field(default_factory=list)

    @property
    def matches(self) -> bool:
        """Whether the emulator answered like the real service."""
        return not self.differences

    @property
    def emulated(self) -> bool:
        """Whether the emulator has this endpoint at all."""
        return self.status != 501


class Conversation:
    """A conversation being held with an emulator of its own.

    Attributes:
        app: The emulator, prepared with what the conversation presupposes.
        mapping: Recorded ids and the emulator's.
    """

    def __init__(self, exchanges: list[Exchange]) -> None:
        self.app = prepared(exchanges)
        self.mapping = Mapping()
        for node in self.app.workspace.store.select("TRUE"):
            self.mapping.keep(node.id)
        for user in self.app.workspace.users:
            self.mapping.keep(user)
        self._comparison = Comparison(self.mapping)
        self._client = httpx.Client(transport=httpx.WSGITransport(app=self.app), base_url="http://emulator")
        self._now = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self.app.close()

    def url(self, exchange: Exchange) -> str:
        """The path of a request, with the emulator's ids."""
        return _path(exchange.path, self.mapping)

    def step(self, exchange: Exchange) -> Step:
        """Send a request and compare the answer."""
        self._now = max([self._now, *(milliseconds(stamp) for stamp in stamps(exchange.response))])
        if self._now:
            self.app.clock.set(datetime.fromtimestamp(self._now / 1000, UTC))
        answer = self._send(exchange)
        step = Step(exchange, answer.status_code, answer.json())
        if answer.status_code != exchange.status:
            message = step.answer.get("message", "")
            step.differences = [f"status: {exchange.status} ≠ {answer.status_code} {message}"]
        else:
            step.differences = self._comparison.answers(exchange.response, step.answer)
        return step

    def _send(self, exchange: Exchange) -> httpx.Response:
        token = "ntn_unknown" if exchange.status == 401 else TOKEN
        headers = {"Notion-Version": exchange.version, "Authorization": f"Bearer {token}"}
        url = self.url(exchange)
        if exchange.query:
            url += "?" + self.mapping.text(exchange.query)
        body = self.mapping.request(exchange.request)
        if isinstance(body, dict) and "__raw__" in body:
            headers["Content-Type"] = "multipart/form-data; boundary=" + body["__raw__"][2:].partition("\r\n")[0]
            return self._client.request(exchange.method, url, headers=headers, content=body["__raw__"].encode())
        return self._client.request(exchange.method, url, headers=headers, json=body)


def replay(exchanges: list[Exchange]) -> Iterator[Step]:
    """Send every request of a conversation, in order, and compare each answer with the recorded one."""
    with Conversation(exchanges) as conversation:
        for exchange in exchanges:
            yield conversation.step(exchange)


def _path(path: str, mapping: Mapping) -> str:
    head, mark, identifier = path.partition("/properties/")
    head = mapping.text(head)
    return f"{head}{mark}{quote(unquote(mapping.property(identifier)), safe='~')}" if mark else head
