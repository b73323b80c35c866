from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionsync.readme.places import places


@pytest.mark.parametrize(
    ("orders", "sequence", "wanted"),
    [
        ([1, 2, 3, 4], [3, 0, 1, 2], [0, 1, 2, 3]),
        ([1, 2, 3, 4], [1, 2, 3, 0], [2, 3, 4, 5]),
        ([0, 1], [1, 0], [-1, 0]),
        ([1, 2, 3, 4], [0, 3, 1, 2], [1, 1.5, 2, 3]),
        ([10, 20, 30], [0, 2, 1], [10, 15, 20]),
        ([1, 2, 3, 4, 5], [0, 3, 4, 1, 2], [1, 1.5, 1.7, 2, 3]),
        ([1, None, 3], [2, 0, 1], [1, 2, 3]),
        ([1, 1, 3], [2, 0, 1], [1, 2, 3]),
        ([1.0, 1.0000000000000002, 2], [0, 2, 1], [1, 2, 3]),
    ],
)
def test_few_numbers_change(orders: list[float | None], sequence: list[int], wanted: list[float]) -> None:
    """What stays keeps its number, what moves gets a plain one; without numbers, all are counted."""
    assert places(orders, sequence) == wanted


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=12, unique=True), st.data())
def test_sorting_by_the_new_numbers_gives_the_new_sequence(orders: list[int], data: st.DataObject) -> None:
    """For any list and any new sequence; a single move changes a single number."""
    orders.sort()
    sequence = data.draw(st.permutations(range(len(orders))))
    found = places(orders, sequence)
    assert all(one < other for one, other in itertools.pairwise(found))
    moved = list(range(len(orders)))
    moved.insert(data.draw(st.integers(0, len(orders) - 1)), moved.pop(data.draw(st.integers(0, len(orders) - 1))))
    changed = [at for at, order in zip(moved, places(orders, moved), strict=True) if order != orders[at]]
    assert len(changed) <= 1
