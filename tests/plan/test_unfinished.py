"""What both sides changed alike is no edit of the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notionsync.model import Block, Body, Run
from notionsync.plan.unfinished import adopt, once, without


def _block(text: str, id_: str | None = None, *children: Block, kind: str = "paragraph") -> Block:
    return Block(type=kind, text=(Run(text=text),), id=id_, children=children)


def _said(body: Body) -> list[tuple[str, str | None]]:
    return [(block.text[0].text, block.id) for block in body]


BASE = (_block("a", "1"), _block("b", "2"), _block("c", "3"))


def test_new_blocks_that_are_there_already_get_their_ids() -> None:
    """Killed between the insertions and the deletions: the rest of the writes is what is left to do."""
    local = (_block("A"), _block("new"), _block("c", "3"))
    remote = (_block("A", "8"), _block("new", "9"), *BASE)
    found = adopt(BASE, local, remote)
    assert found is not None
    assert _said(found.local) == [("A", "8"), ("new", "9"), ("c", "3")]
    assert found.remote == BASE


def test_blocks_that_both_lack_and_changes_that_both_made_count_as_undone() -> None:
    """Killed between two deletions, after an update."""
    found = adopt(BASE, (_block("C", "3"),), (_block("b", "2"), _block("C", "3")))
    assert found is not None
    assert _said(found.remote) == _said(BASE)


def test_a_block_that_was_begun_is_completed() -> None:
    """A list whose deeper levels were not sent yet keeps the ids of what is there."""
    local = (*BASE, _block("x", None, _block("y", None, _block("z"))))
    found = adopt(BASE, local, (*BASE, _block("x", "8", _block("y", "9"))))
    assert found is not None
    assert found.local[3].id == "8"
    assert _said(found.local[3].children) == [("y", "9")]
    assert _said(found.local[3].children[0].children) == [("z", None)]
    assert found.remote == BASE


def test_a_moved_block_stands_for_its_copy() -> None:
    """The copy at the new place was made, the one at the old place is still there."""
    found = adopt(BASE, (_block("c", "3"), _block("a", "1"), _block("b", "2")), (_block("c", "9"), *BASE))
    assert found is not None
    assert _said(found.local) == [("c", "9"), ("a", "1"), ("b", "2")]
    assert found.remote == BASE
    assert found.copies == {"9": "3"}
    assert found.is_double((_block("c", "9"), _block("x", None, _block("c", "3"))))
    assert not found.is_double(found.local)
    assert not found.is_double(found.remote)


def test_what_is_new_is_no_copy() -> None:
    """Nor is a block whose original is gone: there is but one of it."""
    new = adopt(BASE, (_block("new"), *BASE), (_block("new", "9"), *BASE))
    assert new is not None
    assert not new.copies
    gone = adopt(BASE, (_block("c", "3"), *BASE[:2]), (_block("c", "9"), *BASE[:2]))
    assert gone is not None
    assert not gone.copies


def test_blocks_are_left_out_at_any_depth() -> None:
    """With everything below them."""
    body = (_block("a", "1", _block("b", "2", _block("c", "3")), _block("d", "4")), _block("e", "5"))
    left = without(body, {"2", "5"})
    assert [(block.id, _said(block.children)) for block in left] == [("1", [("d", "4")])]


def test_a_block_of_another_type_stands_for_the_one_made_in_its_place() -> None:
    """A paragraph cannot become a heading: the heading was made, the paragraph is still there."""
    local = (_block("a", "1", kind="heading_1"), *BASE[1:])
    found = adopt(BASE, local, (_block("a", "9", kind="heading_1"), *BASE))
    assert found is not None
    assert _said(found.local) == [("a", "9"), ("b", "2"), ("c", "3")]
    assert found.remote == BASE


def test_equal_blocks_in_different_places_stay_two() -> None:
    """A divider at the top here and one at the bottom there are two dividers."""
    rule = Block(type="divider")
    assert adopt(BASE, (rule, *BASE), (*BASE, Block(type="divider", id="9"))) is None
    assert adopt(BASE, (BASE[0], rule, *BASE[1:]), (Block(type="divider", id="9"), *BASE)) is None


def test_an_edit_in_place_is_not_taken_for_a_new_block() -> None:
    """A block said again before it by a person does not take its place: its comments hang on its id."""
    found = adopt(BASE, (_block("new", "1"), *BASE[1:]), (_block("new", "9"), *BASE))
    assert found is None


def test_nested_blocks_are_recognised_below_their_parents() -> None:
    """The same one level down."""
    base = (_block("a", "1", _block("b", "2")),)
    local = (_block("a", "1", _block("new"), _block("b", "2")),)
    found = adopt(base, local, (_block("a", "1", _block("new", "9"), _block("b", "2")),))
    assert found is not None
    assert _said(found.local[0].children) == [("new", "9"), ("b", "2")]
    assert found.remote == base


def test_what_both_moved_below_a_new_block_counts_as_not_moved() -> None:
    """A moved block that is known by its new id is agreed: it must not look as if the page had deleted it."""
    local = (_block("new", None, _block("b", "2")), _block("a", "1"), _block("c", "3"))
    found = adopt(BASE, local, (_block("new", "9", _block("b", "2")), _block("a", "1"), _block("c", "3")))
    assert found is not None
    assert _said(found.local) == [("new", "9"), ("a", "1"), ("c", "3")]
    assert found.local[0].children == (_block("b", "2"),)
    assert found.remote == BASE


def test_a_block_moved_in_notion_alone_is_not_the_new_one_that_says_the_same() -> None:
    """The file has a copy of it below a new block, and the block itself where it was."""
    local = (_block("new", None, _block("b")), *BASE)
    assert adopt(BASE, local, (_block("new", "9", _block("b", "2")), _block("a", "1"), _block("c", "3"))) is None


def test_a_block_that_both_lack_comes_back_without_what_was_moved_out_of_it() -> None:
    """Each id is in a version once."""
    base = (_block("a", "1", _block("b", "2"), _block("x", "4")), _block("c", "3"))
    found = adopt(base, (_block("c", "3"),), (_block("c", "3"), _block("b", "2")))
    assert found is not None
    assert found.remote == (_block("a", "1", _block("x", "4")), _block("c", "3"), _block("b", "2"))


def test_what_is_new_on_both_sides_in_different_places_is_one() -> None:
    """A run that nobody remembers sent it, and a person moved it; at any depth."""
    new = _block("new", None, _block("below"))
    remote = (*BASE, _block("new", "8", _block("below", "9")))
    absent, named = once(BASE, (new, *BASE), remote)
    assert absent == BASE
    assert _said(named) == [("new", "8"), *_said(BASE)]
    assert once(BASE, (replace(BASE[0], children=(new,)), *BASE[1:]), remote)[0] == BASE


def test_what_was_taken_for_another_block_is_new_when_the_page_says_so() -> None:
    """A block was deleted here, and a new one stands in its place: not a rewritten one."""
    rewritten = (BASE[0], _block("new", "2"), BASE[2])
    absent, named = once(BASE, rewritten, (*BASE, _block("new", "9")))
    assert _said(absent) == [("a", "1"), ("c", "3")]
    assert _said(named) == [("a", "1"), ("new", "9"), ("c", "3")]
    assert once(BASE, rewritten, BASE) == (rewritten, rewritten)


@pytest.mark.parametrize(
    ("local", "remote"),
    [
        pytest.param((_block("new"), *BASE), (*BASE, _block("newer", "9")), id="another"),
        pytest.param((_block("new"), *BASE, _block("new")), (*BASE, _block("new", "9")), id="two here"),
        pytest.param((_block("new"), *BASE), (_block("new", "8"), *BASE, _block("new", "9")), id="two there"),
        pytest.param((_block("a"), *BASE), BASE, id="one that was there before"),
        pytest.param((Block(type="divider"), *BASE), (*BASE, Block(type="divider", id="9")), id="says nothing"),
    ],
)
def test_nobody_guesses_which_is_which(local: Body, remote: Body) -> None:
    """Without a rival on either side, or not at all."""
    assert once(BASE, local, remote) == (local, local)
