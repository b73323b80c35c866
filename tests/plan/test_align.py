from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.trees import World, block, identical, ids, table

from notionsync.model import Block, Body, Run, walk
from notionsync.plan.align import align


def bare(body: Sequence[Block]) -> Body:
    """Return a tree without ids, as a parser returns it."""
    return tuple(replace(each, id=None, children=bare(each.children)) for each in body)


BASE = (
    block("Why is ReLU used?", "q"),
    block("It does not saturate for positive values.", "a"),
    block("It is cheap to compute.", "c"),
)


def test_unchanged_text_keeps_all_ids() -> None:
    """The base itself gets its own ids back."""
    assert identical(align(BASE, bare(BASE)), BASE)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        pytest.param([0, "new words", 1, 2], ["q", None, "a", "c"], id="inserted"),
        pytest.param([0, 2], ["q", "c"], id="deleted"),
        pytest.param([2, 0, 1], ["c", "q", "a"], id="moved"),
        pytest.param([0, "It does not saturate for large values.", 2], ["q", "a", "c"], id="one word changed"),
        pytest.param([0, "Nothing of the kind", 2], ["q", "a", "c"], id="rewritten between its neighbours"),
        pytest.param([0, "Nothing of the kind", "nor this", 2], ["q", None, None, "c"], id="two for one"),
        pytest.param(
            [0, "Aside", "It never saturates for positive values.", 2], ["q", None, "a", "c"], id="similar one"
        ),
        pytest.param(["It is very cheap to compute.", 0, 1], ["c", "q", "a"], id="moved and edited"),
        pytest.param(
            ["It is very cheap to compute.", "It is very cheap to compute.", 0, 1],
            [None, None, "q", "a"],
            id="moved, and it may be either",
        ),
        pytest.param([], [], id="emptied"),
    ],
)
def test_siblings(local: list[int | str], expected: list[str | None]) -> None:
    """What was kept, edited or moved has its id; what is new has none."""
    made = tuple(bare(BASE)[each] if isinstance(each, int) else block(each) for each in local)
    assert ids(align(BASE, made)) == expected


def test_a_change_that_notion_shows_too_tells_which_block_it_was() -> None:
    """Two neighbours rewritten are no block of the base by themselves; what Notion made of one tells of both."""
    made = (bare(BASE)[0], block("Nothing of the kind"), block("nor this"))
    assert ids(align(BASE, made)) == ["q", None, None]
    assert ids(align(BASE, made, (BASE[0], block("Nothing of the kind", "a"), BASE[2]))) == ["q", "a", "c"]
    twice = (block("Nothing of the kind", "a"), block("Nothing of the kind", "c"))
    assert ids(align(BASE, made, (BASE[0], *twice))) == ["q", None, None]
    assert ids(align(BASE, made, (BASE[0], block("Nothing of the kind", "new")))) == ["q", None, None]


def test_an_edited_parent_keeps_its_children() -> None:
    """Children of a block that was edited are matched below it."""
    base = (block("Two reasons are given:", "t", block("speed", "s"), block("range", "r"), type_="toggle"),)
    local = (block("Two reasons were given:", None, block("range"), block("speed up"), type_="toggle"),)
    assert ids(align(base, local)) == ["t", "r", None]


def test_a_block_moved_into_another_keeps_its_id() -> None:
    """A paragraph that is now below a new toggle is the same paragraph, and so is what is below it."""
    base = (block("one", "1", block("below one", "11")), block("two", "2"))
    local = (block("two"), block("More", None, block("one", None, block("below one")), type_="toggle"))
    assert ids(align(base, local)) == ["2", None, "1", "11"]


def test_a_block_that_was_moved_and_got_something_below_it_keeps_its_id() -> None:
    """An item typed above a child makes it a child of its own; the child's new child hides it no more than a new word."""
    base = (block("one", "1", block("the reason for it", "11", block("below", "111"))),)
    local = (
        block("one", None),
        block("More", None, block("the reasons for it", None, block("below"), block("new"))),
    )
    assert ids(align(base, local)) == ["1", None, "11", "111", None]


def test_a_moved_block_wins_over_a_neighbour_that_looks_alike() -> None:
    """Equal content elsewhere is surer than similar content here."""
    base = (block("answer number one", "1"), block("middle", "m"), block("answer number two", "2"))
    local = (block("answer number two"), block("middle"), block("answer number one"))
    assert ids(align(base, local)) == ["2", "m", "1"]


def test_no_guess_between_equal_candidates() -> None:
    """Where two deleted blocks say the same, neither is taken for the one that appears elsewhere."""
    base = (block("same", "1"), block("x", "x"), block("same", "2"), block("y", "y"))
    local = (block("x"), block("y"), block("home", None, block("same"), type_="toggle"))
    assert ids(align(base, local)) == ["x", "y", None, None]
    twice = (block("x"), block("y"), block("home", None, block("same"), block("same"), type_="toggle"))
    assert ids(align(base[:2], twice)) == ["x", None, None, None, None]


def test_an_empty_paragraph_elsewhere_is_another_one() -> None:
    """A block that says nothing is never found again at another place."""
    base = (block("", "e"), block("x", "x"))
    assert ids(align(base, (block("x"), block("")))) == ["x", None]


def test_another_type_is_another_block() -> None:
    """A paragraph that became a heading has to be created: Notion does not change types."""
    assert ids(align(BASE[:1], (block("Why is ReLU used?", type_="heading_2"),))) == [None]


def test_marks_and_attributes_do_not_hide_a_block() -> None:
    """A word made bold, a box ticked, an image with another address: the same blocks."""
    base = (
        block("plain words", "p"),
        block("do it", "d", type_="to_do"),
        Block(type="image", attrs={"url": "https://example.org/a.png"}, id="i"),
    )
    local = (
        replace(base[0], text=(Run(text="plain "), Run(text="words", bold=True)), id=None),
        block("do it", type_="to_do", checked=True),
        Block(type="image", attrs={"url": "asset:images/b.png?sha256=1"}),
    )
    assert ids(align(base, local)) == ["p", "d", "i"]


def test_rows_of_a_table() -> None:
    """An edited row is the same row, in the same table; a new row is new."""
    base = (table("t", ("h", "name|rate"), ("1", "adam|0.001"), ("2", "plain descent|0.1")),)
    local = (
        table(None, (None, "name|rate"), (None, "rmsprop|0.01"), (None, "adam|0.002"), (None, "plain descent|0.1")),
    )
    assert ids(align(base, local)) == ["t", "h", None, "1", "2"]


def test_a_table_with_nothing_in_common_is_another_table() -> None:
    """Blocks without words of their own are recognised by what they hold."""
    base = (table("t", ("1", "adam|0.001"), ("2", "descent|0.1")),)
    local = (table(None, (None, "Seoul|rain"), (None, "Busan|sunshine")),)
    assert ids(align(base, local)) == [None, None, None]


def test_thousands_of_equal_paragraphs() -> None:
    """Repetition neither takes for ever nor loses more ids than were deleted."""
    base = tuple(block("same", f"{i}") for i in range(3000))
    local = (*bare(base)[:1000], block("between"), *bare(base)[:1500])
    found = [each for each in ids(align(base, local)) if each is not None]
    assert len(found) == len(set(found)) == 2500


def test_a_word_changed_in_every_paragraph_of_a_long_page() -> None:
    """Where too many candidates face each other to compare all of them, the nearest ones are compared."""
    base = tuple(block(f"paragraph {n * 7919} is about {n * 104729} things", f"{n}") for n in range(120))
    local = [block(f"paragraph {n * 7919} was about {n * 104729} things") for n in range(120)]
    del local[50]
    local.insert(20, block("an aside"))
    assert ids(align(base, tuple(local))) == [
        *map(str, range(20)),
        None,
        *map(str, range(20, 50)),
        *map(str, range(51, 120)),
    ]


@given(st.randoms(use_true_random=False))
def test_laws(rng: Random) -> None:
    """The content stays, ids are the base's and used once, types agree, and what nobody touched is found."""
    world = World(rng)
    base = world.tree()
    local = world.damaged(base, "l")
    aligned = align(base, bare(local))
    assert aligned == local
    assert identical(align(base, bare(base)), base)
    assert identical(align(base, bare(local)), aligned)
    types = {each.id: each.type for each in walk(base)}
    found = [each for each in walk(aligned) if each.id is not None]
    assert len({each.id for each in found}) == len(found)
    assert all(types[each.id] == each.type for each in found)


@given(st.randoms(use_true_random=False))
def test_blocks_that_say_something_unique_are_found_wherever_they_are(rng: Random) -> None:
    """A block that was not edited, nor anything below it, has its id back after any moves around it."""
    world = World(rng, pinned=False)
    base = world.tree()
    local = world.damaged(base, "l")
    before = {each.id: each for each in walk(base)}
    for was, now in zip(walk(local), walk(align(base, bare(local))), strict=True):
        if was.text and was.id in before and before[was.id] == was:
            assert now.id == was.id
