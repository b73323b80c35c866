"""Wanted blocks find the author's blocks that they stand for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notionsync.convert.pairing import pair, rising
from notionsync.model import Block, Run


def para(text: str, id: str | None = None, type: str = "paragraph") -> Block:  # noqa: A002
    """Return a block with a text."""
    return Block(type=type, text=(Run(text=text),) if text else (), id=id)


def test_ids_decide() -> None:
    """A block with the id of another place and quite another text is that block."""
    old = [para("one", "a"), para("two", "b")]
    assert pair(old, [para("three", "b"), para("one", "c"), para("two", "a")]) == [1, None, 0]


def test_equal_content_comes_before_likeness() -> None:
    """Without ids, equal blocks are paired in order, and one change among many alike pairs the others in place."""
    old = [para("same"), para("same"), para("same")]
    assert pair(old, [para("same"), para("other"), para("same")]) == [0, 1, 2]
    assert pair(old, [para("same"), para("same")]) == [0, 1]


def test_likeness_needs_the_same_type_and_common_words() -> None:
    """A block that shares its words is the same block; one that shares nothing is new, unless it is alone."""
    old = [para("the cat sat on the mat"), para("x"), para("wholly different words")]
    new = [para("no relation at all 123"), para("the cat sat on a mat"), para("x")]
    assert pair(old, new) == [None, 0, 1]
    assert pair([para("abc")], [para("xyz")]) == [0]
    assert pair([para("abc")], [para("abc", type="quote")]) == [None]


def test_a_block_without_its_id_in_a_body_of_ids_was_deleted() -> None:
    """When every wanted block has an id, an author's block whose id is gone is not paired by its words."""
    assert pair([para("text", "a")], [para("text", "b")]) == [None]
    assert pair([para("text", "a")], [para("text")]) == [0]


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_each_at_most_once(old: list[int], new: list[int]) -> None:
    """Law: no block stands for two, and a body pairs with itself in place."""
    olds, news = [para(str(n)) for n in old], [para(str(n)) for n in new]
    found = [index for index in pair(olds, news) if index is not None]
    assert len(set(found)) == len(found)
    assert pair(olds, olds) == list(range(len(olds)))


def test_rising_is_the_longest_run() -> None:
    """The blocks that stay are as many as can stay."""
    assert rising([3, 0, 1, None, 2]) == {1, 2, 4}
    assert rising([]) == set()
