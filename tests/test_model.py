"""The values that everybody speaks."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionsync.model import Block, Run, compact_id, dashed_id, find_id, walk

HEX = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(HEX)
def test_an_id_is_the_same_with_and_without_dashes(digits: str) -> None:
    """Both spellings, in any case, are one id."""
    assert compact_id(dashed_id(digits)) == digits
    assert compact_id(dashed_id(digits).upper()) == digits
    assert dashed_id(dashed_id(digits)) == dashed_id(digits)


@given(HEX)
def test_an_id_is_found_in_every_address_people_paste(digits: str) -> None:
    """Behind a title, in a view's address, with dashes, in either host."""
    other = "f" * 32 if not digits.startswith("f") else "0" * 32
    for text in (
        digits,
        dashed_id(digits),
        f"https://www.notion.so/team/Some-title-{digits}",
        f"https://app.notion.com/p/{digits}?v={other}&p={other}",
        f"https://x.notion.site/{dashed_id(digits)}#{other}",
        f"https://www.notion.so/{other}/{digits}",
    ):
        assert find_id(text) == digits


@pytest.mark.parametrize("text", ["", "nothing", "a" * 31, "a" * 33, "https://www.notion.so/?v=" + "a" * 32])
def test_no_id_is_made_up(text: str) -> None:
    """Too few digits, too many, or an id that is no page's."""
    assert find_id(text) is None


def _block(text: str, *below: Block, identifier: str | None = None) -> Block:
    return Block(type="paragraph", text=(Run(text=text),), children=below, id=identifier)


def test_blocks_are_equal_by_what_they_say() -> None:
    """Where they live is not compared; what is below them is, unless asked otherwise."""
    assert _block("a", identifier="1") == _block("a", identifier="2")
    assert _block("a", _block("b")) != _block("a")
    assert _block("a", _block("b")).same_own(_block("a"))
    assert _block("a", _block("b")).own() == _block("a")
    assert not _block("a").same_own(_block("b"))
    assert not _block("a").same_own(replace(_block("a"), type="quote"))


def test_own_keeps_what_has_nothing_below() -> None:
    """No copy is made of a leaf."""
    leaf = _block("a")
    assert leaf.own() is leaf


def test_values_are_frozen() -> None:
    """Nobody changes a value that another holds."""
    with pytest.raises(FrozenInstanceError):
        _block("a").type = "quote"  # type: ignore[misc]


def test_walk_goes_in_reading_order() -> None:
    """Parents before children, a block's children before its next sibling."""
    tree = (_block("a", _block("b", _block("c")), _block("d")), _block("e"))
    assert [block.text[0].text for block in walk(tree)] == list("abcde")
    assert walk(()) == []
