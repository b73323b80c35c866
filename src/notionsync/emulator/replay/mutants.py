"""Spoilt requests: what the types call wrong the emulator must refuse, and what they call right it must understand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import httpx

from notionsync.emulator.http.app import Emulator
from notionsync.emulator.replay.conversation import Conversation
from notionsync.emulator.replay.presupposed import TOKEN
from notionsync.emulator.replay.recording import Exchange
from notionsync.emulator.replay.schemas import REQUESTS, Schemas

Json = dict[str, Any]

_OTHERS: Final[tuple[Any, ...]] = (None, 17, "nonsense", True, [], {}, [{}], ["x"], "x" * 2001, {"a": 1})


@dataclass(slots=True)
class Verdicts:
    """How the emulator judged spoilt requests.

    Attributes:
        counts: How often it agreed with the types, by kind of agreement.
        accepted: Requests that the types refuse and it took, each as a line of text.
    """

    counts: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)


def judge(exchanges: list[Exchange], schemas: Schemas, chance: Random, *, share: float, verdicts: Verdicts) -> None:
    """Hold a conversation and spoil some of its requests on the way, each against a copy of the workspace.

    Args:
        exchanges: The conversation.
        schemas: The schemas of requests.
        chance: Where chance comes from.
        share: The part of the requests that is spoilt.
        verdicts: Where to count.
    """
    with Conversation(exchanges) as conversation:
        for exchange in exchanges:
            known = exchange.endpoint in REQUESTS and isinstance(exchange.request, dict)
            # A request outside the types that the real service took says nothing about what it refuses.
            if known and chance.random() < share and schemas.request(exchange.endpoint, exchange.request) is None:
                _judge_one(conversation, exchange, spoilt(exchange.request, chance), schemas, verdicts)
            conversation.step(exchange)


def _judge_one(
    conversation: Conversation, exchange: Exchange, body: Json, schemas: Schemas, verdicts: Verdicts
) -> None:
    problem = schemas.request(exchange.endpoint, body)
    copy = Emulator(conversation.app.workspace.snapshot())
    headers = {"Notion-Version": exchange.version, "Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(transport=httpx.WSGITransport(app=copy), base_url="http://emulator", headers=headers) as client:
        answer = client.request(
            exchange.method, conversation.url(exchange), json=conversation.mapping.request(body)
        ).json()
    copy.close()
    refused = answer["object"] == "error"
    if problem is None:
        misunderstood = refused and "failed validation" in answer["message"]
        verdicts.counts["fits the types, refused for a rule beside them" if misunderstood else "fits the types"] += 1
    elif refused:
        verdicts.counts["does not fit the types, refused"] += 1
    else:
        verdicts.counts["does not fit the types, accepted"] += 1
        verdicts.accepted.append(f"{exchange.endpoint}: {problem}")


def spoilt(body: Json, chance: Random) -> Json:
    """A copy of a request with one thing changed: a key gone, a key too many, or another value."""
    copy: Json = deepcopy(body)
    places = list(_places(copy))
    if not places:
        return {**copy, "colour": "red"}
    container, key = chance.choice(places)
    way = chance.randrange(4)
    if way == 0 and isinstance(container, dict):
        del container[key]
    elif way == 1 and isinstance(container[key], dict):
        container[key]["colour"] = "red"
    else:
        container[key] = deepcopy(chance.choice(_OTHERS))
    return copy


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])
