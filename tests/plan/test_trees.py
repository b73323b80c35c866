"""Corners of the merge of block trees: what a clash shows, and what is none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.plan.trees import block, ids, said

from notionsync.model import Block, Run
from notionsync.plan.merge import merge_bodies


def test_what_both_began_and_one_went_on_with_is_no_clash() -> None:
    """Both put the same in a block's place; one side's next block follows it, whichever side it is."""
    base = (block("old", "b1"),)
    longer, shorter = (block("new", "l1"), block("more", "l2")), (block("new", "r1"),)
    for merged in (merge_bodies(base, longer, shorter), merge_bodies(base, shorter, longer)):
        assert merged.conflicts == ()
        assert said(merged.body) == said(merged.notion) == ["new", "more"]


@pytest.mark.parametrize("by_local", [True, False])
def test_a_block_that_was_moved_and_deleted_is_where_it_was_moved_to(by_local: bool) -> None:
    """Whichever side moved it; edited besides, it is a clash that shows the edit, the block as it was, and nothing."""
    first, second, third = block("one", "b1"), block("two", "b2"), block("three", "b3")
    base = (first, second, third)
    gone = (second, third)
    for moved, clashes in ((first, False), (block("one!", "b1"), True)):
        there = (second, third, moved)
        merged = merge_bodies(base, there, gone) if by_local else merge_bodies(base, gone, there)
        assert bool(merged.conflicts) is clashes
        assert ids(merged.body if by_local else merged.notion) == ["b2", "b3", "b1"]
        if clashes:
            (clash,) = merged.conflicts
            assert (clash.base, clash.local, clash.remote) == (
                (first,),
                (moved,) if by_local else (),
                () if by_local else (moved,),
            )


def test_a_block_that_both_moved_elsewhere_is_shown_with_all_between() -> None:
    """As it was, and as each side has it."""
    one, two, three = block("one", "b1"), block("two", "b2"), block("three", "b3")
    base, local, remote = (one, two, three), (two, one, three), (two, three, one)
    (clash,) = merge_bodies(base, local, remote).conflicts
    assert (ids(clash.base), ids(clash.local), ids(clash.remote)) == (["b3"], ["b1", "b3"], ["b3", "b1"])


@pytest.mark.parametrize("by_local", [True, False])
def test_an_edited_block_that_the_other_side_put_another_in_the_place_of_is_shown_as_it_was(by_local: bool) -> None:
    """With the edit, and with what stands there instead."""
    base, other, edited = (block("one", "b1"),), (block("other", "n1"),), (block("one!", "b1"),)
    merged = merge_bodies(base, other, edited) if by_local else merge_bodies(base, edited, other)
    (clash,) = merged.conflicts
    assert (clash.base, clash.local, clash.remote) == (
        base,
        other if by_local else edited,
        edited if by_local else other,
    )


def test_a_clash_deep_below_is_found_by_its_whole_path() -> None:
    """Three levels down, behind a block that only one side added at the top."""

    def tree(words: str, *before: Block) -> tuple[Block, ...]:
        leaf = block(words, "b4")
        return (*before, block("a", "b1", block("x", "b5"), block("b", "b2", block("c", "b3", leaf))))

    merged = merge_bodies(tree("old"), tree("here", block("new", "l1")), tree("there"))
    (clash,) = merged.conflicts
    assert (clash.path, clash.start, clash.parent) == ((1, 1, 0), 0, "b3")


def test_two_edits_of_one_caption() -> None:
    """Both are in, where a word that nobody touched stands between them."""
    base, local, remote = (
        Block(type="image", attrs={"url": "https://example.org/a.png"}, caption=(Run(text=text),), id="i")
        for text in ("a cat on the mat", "a dog on the mat", "a cat on the rug")
    )
    result = merge_bodies((base,), (local,), (remote,))
    assert result.conflicts == ()
    assert result.body == result.notion == (replace(base, caption=(Run(text="a dog on the rug"),)),)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(
    ("old", "mine", "theirs", "code", "prose"),
    [
        pytest.param("a\nb\nc\nd\ne", "A\nb\nc\nd\nE", "a\nb\nC\nd\ne", "A\nb\nC\nd\nE", None, id="between two lines"),
        pytest.param("f(a, b, c)", "g(a, b, c)", "f(a, b, d)", None, "g(a, b, d)", id="apart in one line"),
    ],
)
def test_code_merges_by_lines_and_prose_by_words(
    *, old: str, mine: str, theirs: str, code: str | None, prose: str | None, swap: bool
) -> None:
    """One line of code is never put together from two, and one sentence never from what stood around another's edit."""
    for kind, expected in (("code", code), ("paragraph", prose)):
        base, local, remote = (block(text, "b", type_=kind) for text in (old, mine, theirs))
        result = merge_bodies((base,), (remote,), (local,)) if swap else merge_bodies((base,), (local,), (remote,))
        assert len(result.conflicts) == (expected is None)
        assert said(result.body) == [expected or (theirs if swap else mine)]


def test_both_versions_of_a_clash_have_what_was_changed_beside_it() -> None:
    """Below a block that nobody edited: whoever wins the clash, the file's other edit and Notion's are in."""
    x, y, z = (block(words, words) for words in "xyz")
    base = (block("parent", "p", x, y, z),)
    local = (block("parent", "p", block("x here", "x"), block("y here", "y"), z),)
    remote = (block("parent", "p", x, block("y there", "y"), block("z there", "z")),)
    merged = merge_bodies(base, local, remote)
    assert said(merged.body[0].children) == ["x here", "y here", "z there"]
    assert said(merged.notion[0].children) == ["x here", "y there", "z there"]


@pytest.mark.parametrize("by_local", [True, False])
def test_a_block_that_was_moved_into_a_clash_is_shown_with_the_place_that_it_left(by_local: bool) -> None:
    """The other side's version would lack it; what is edited outside of both places is no part of that."""
    head, one, two, three = block("head", "h"), block("one", "b1"), block("two", "b2"), block("three", "b3")
    base = (head, one, two, three)
    stayed = (block("head!", "h"), one, two, three, block("mine", "l1"))
    moved = (head, two, three, one, block("theirs", "r1"))
    merged = merge_bodies(base, moved, stayed) if by_local else merge_bodies(base, stayed, moved)
    (clash,) = merged.conflicts
    versions = (moved[1:], stayed[1:]) if by_local else (stayed[1:], moved[1:])
    assert (clash.base, clash.local, clash.remote) == (base[1:], *versions)
    assert merged.body == (stayed[0], *versions[0])
    assert merged.notion == (stayed[0], *versions[1])


def test_what_was_edited_below_a_block_that_was_split_is_in_both_versions() -> None:
    """What was split off stands by itself then: a clash of the whole would show the child in one version as it was."""
    base = (block("one two three four", "p", block("child", "c")),)
    local = (block("one two three X four", "p", block("child!", "c")),)
    remote = (block("one two", "p", block("child", "c")), block("three four", "n"))
    merged = merge_bodies(base, local, remote)
    for body, first in ((merged.body, "one two three X four"), (merged.notion, "one two")):
        assert said(body) == [first, "three four"]
        assert said(body[0].children) == ["child!"]
