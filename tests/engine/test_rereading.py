"""Pages that are read again although they show no edit."""

from __future__ import annotations

import hashlib

import pytest

from notionsync.engine.rereading import AT_ONCE, parts, turn
from notionsync.sides.heads import Head


def _heads(count: int, lists: int = 1) -> dict[str, Head]:
    pages = [hashlib.md5(str(n).encode(), usedforsecurity=False).hexdigest() for n in range(count)]
    return {page: Head(page, "", f"{page}.md", "", lists, ()) for page in pages}


@pytest.mark.parametrize(("count", "lists"), [(0, 1), (AT_ONCE, 1), (AT_ONCE // 3, 3)])
def test_few_pages_are_one_part(count: int, lists: int) -> None:
    """They are all read by each run, and none is singled out."""
    heads = _heads(count, lists)
    assert parts(heads.values()) == 1
    assert not turn(heads, 12345, 1)


@pytest.mark.parametrize("hours", [1, 2, 3, 4, 6, 8, 12, 24, 168])
@pytest.mark.parametrize(("count", "lists"), [(AT_ONCE + 1, 1), (2000, 2), (10_000, 1), (10_000, 4)])
def test_every_page_gets_its_turn(count: int, lists: int, hours: int) -> None:
    """Whatever the schedule: each hour, some times a day, once a day, once a week."""
    heads = _heads(count, lists)
    number = parts(heads.values())
    seen = [turn(heads, run * hours, number) for run in range(number)]
    assert frozenset().union(*seen) == frozenset(heads)
    assert sum(map(len, seen)) == count


@pytest.mark.parametrize(("count", "lists"), [(2000, 2), (10_000, 1), (10_000, 4)])
def test_a_part_costs_what_one_run_may(count: int, lists: int) -> None:
    """On the average; the page and its tree are asked for."""
    heads = _heads(count, lists)
    assert count * (1 + lists) / parts(heads.values()) <= AT_ONCE
