from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.test_align import bare
from tests.plan.test_sequence import git_merge, scattered
from tests.plan.trees import World, block, identical, ids, said, table

from notionsync.model import Block, Body, FieldValue, RichText, Run, walk
from notionsync.plan.align import align
from notionsync.plan.merge import BodyMerge, Clash, merge_bodies, merge_fields

A, B, C = block("alpha", "a"), block("beta", "b"), block("gamma", "c")


def edited(old: Block, new: str) -> Block:
    """Return a block that says something else."""
    return replace(old, text=(Run(text=new),))


def conflicts(merge: BodyMerge) -> list[tuple[list[str], list[str], list[str]]]:
    """Return what each clash says in the base, the file and Notion."""
    return [(said(clash.base), said(clash.local), said(clash.remote)) for clash in merge.conflicts]


# --- fields ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "local", "remote", "merged"),
    [
        pytest.param("a", "b", "a", "b", id="local edit"),
        pytest.param("a", "a", "b", "b", id="remote edit"),
        pytest.param("a", "b", "b", "b", id="same edit"),
        pytest.param("a", None, "a", None, id="removed"),
        pytest.param(None, None, 3, 3, id="added"),
        pytest.param(("x", "y"), ("y", "new"), ("x", "y", "far"), ("y", "new", "far"), id="sets"),
        pytest.param(("x", "y"), ("y", "x", "n"), ("x", "y", "m", "n"), ("x", "y", "n", "m"), id="order of sets"),
        pytest.param(None, ("x",), ("y",), ("x", "y"), id="sets from nothing"),
        pytest.param(("x",), None, ("x", "y"), ("y",), id="set removed here, added to there"),
    ],
)
def test_a_field(base: FieldValue, local: FieldValue, remote: FieldValue, merged: FieldValue) -> None:
    """Each key is merged by itself; lists merge as sets."""
    result = merge_fields({"k": base, "other": 1}, {"k": local, "other": 1}, {"k": remote, "other": 1})
    assert result.conflicts == ()
    assert result.values.get("k") == merged
    assert ("k" in result.values) == (merged is not None)
    assert result.values["other"] == 1


@pytest.mark.parametrize(
    ("base", "local", "remote"),
    [("a", "b", "c"), (None, "b", "c"), ("a", None, "c"), (("x",), ("y",), "text"), (True, None, False)],
)
def test_a_field_in_conflict(base: FieldValue, local: FieldValue, remote: FieldValue) -> None:
    """Two different edits of one value are for a person to decide; the other keys are merged."""
    result = merge_fields({"k": base, "n": 1}, {"k": local, "n": 2}, {"k": remote, "n": 1, "more": "m"})
    assert result.conflicts == ("k",)
    assert result.values.get("k") == local
    assert (result.values["n"], result.values["more"]) == (2, "m")


VALUES = st.none() | st.sampled_from(["", "x", "y"]) | st.lists(st.sampled_from("pqr"), unique=True).map(tuple)
FIELDS = st.dictionaries(st.sampled_from("klm"), VALUES)


def present(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return the fields that have a value."""
    return {key: value for key, value in fields.items() if value is not None}


@given(FIELDS, FIELDS, FIELDS)
def test_laws_of_fields(b: dict[str, FieldValue], a: dict[str, FieldValue], c: dict[str, FieldValue]) -> None:
    """One-sided changes are taken, equal ones once, and conflicts are symmetric."""
    assert merge_fields(b, a, b).values == present(a)
    assert merge_fields(b, b, c).values == present(c)
    assert merge_fields(b, a, a).values == present(a)
    assert merge_fields(b, a, c).conflicts == merge_fields(b, c, a).conflicts


# --- bodies: what people do -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "remote", "merged"),
    [
        pytest.param(
            (edited(A, "alpha 1"), B, C), (A, B, edited(C, "gamma 1")), ["alpha 1", "beta", "gamma 1"], id="16"
        ),
        pytest.param(
            (edited(A, "alpha 1"), B, C), (A, edited(B, "beta 1"), C), ["alpha 1", "beta 1", "gamma"], id="next"
        ),
        pytest.param((A, edited(B, "same"), C), (A, edited(B, "same"), C), ["alpha", "same", "gamma"], id="15"),
        pytest.param((A, C), (A, B, C, block("end", "e")), ["alpha", "gamma", "end"], id="deleted, added far away"),
        pytest.param(
            (A, block("in"), B, C), (A, B, block("in", "n"), C), ["alpha", "in", "beta", "in", "gamma"], id="two"
        ),
        pytest.param((A, C), (A, C), ["alpha", "gamma"], id="39"),
        pytest.param((B, C, A), (edited(A, "alpha 1"), B, C), ["beta", "gamma", "alpha 1"], id="20 moved and edited"),
        pytest.param((edited(A, "alpha 1"), B, C), (B, C, A), ["beta", "gamma", "alpha 1"], id="20 the other way"),
        pytest.param((B, C, A), (B, C), ["beta", "gamma", "alpha"], id="moved and deleted"),
    ],
)
def test_clean(local: Body, remote: Body, merged: list[str]) -> None:
    """Edits of different blocks go together, and follow the blocks."""
    result = merge_bodies((A, B, C), local, remote)
    assert result.conflicts == ()
    assert said(result.body) == merged
    assert identical(result.body, result.take("notion"))


@pytest.mark.parametrize("swap", [False, True])
def test_what_one_side_went_on_with_is_no_conflict(swap: bool) -> None:
    """An addition that is on the other side in part is completed: that is how an interrupted write is found again."""
    full = (A, block("list", None, block("1", None, block("1a")), block("2")), block("after"), B)
    part = (A, block("list", "n", block("1", "n1")), B)
    result = merge_bodies((A, B), part, full) if swap else merge_bodies((A, B), full, part)
    assert result.conflicts == ()
    assert result.body == full
    assert swap or ids(result.body) == ["a", "n", "n1", None, None, None, "b"]


def test_what_one_side_began_with_is_no_conflict() -> None:
    """The same holds for what stands before a common addition."""
    result = merge_bodies((A,), (A, block("both")), (A, block("before", "n"), block("both", "m")))
    assert result.conflicts == ()
    assert ids(result.body) == ["a", "n", "m"]


def test_a_new_block_is_not_taken_for_an_agreed_one_that_was_moved_to_its_place() -> None:
    """What the file has below its new block is in the result or in the clash, though Notion has the same words there."""
    local = (replace(block("gamma", "new"), children=(B,)), A)
    merge = merge_bodies((A, B, C), local, (C, A))
    assert conflicts(merge)
    for side in (merge.body, merge.notion):
        assert side in (local, (C, A))
    assert merge.body == local


def test_a_deletion_is_not_undone_by_a_common_addition_beside_it() -> None:
    """Nor is it a conflict: beside what both added, one side did nothing. What was edited there is one."""
    result = merge_bodies((A, B), (A, block("new")), (A, block("new", "n"), B))
    assert result.conflicts == ()
    assert ids(result.body) == ["a", "n"]
    result = merge_bodies((A, B), (A, block("new", "n"), B), (A, block("new", "n")))
    assert result.conflicts == ()
    assert ids(result.body) == ["a", "n"]
    result = merge_bodies((A, B), (A, block("new")), (A, block("new", "n"), block("beta, edited", "b")))
    assert conflicts(result) == [(["beta"], [], ["beta, edited"])]


def test_the_same_addition_on_both_sides_is_there_once() -> None:
    """Notion has it already, so it is Notion's block that stays."""
    result = merge_bodies((A, B), (A, block("new"), B), (A, block("new", "n"), B))
    assert result.conflicts == ()
    assert ids(result.body) == ["a", "n", "b"]


@pytest.mark.parametrize(
    ("local", "remote", "clashes", "body", "notion"),
    [
        pytest.param(
            (A, edited(B, "mine"), C),
            (A, edited(B, "theirs"), C),
            [(["beta"], ["mine"], ["theirs"])],
            ["alpha", "mine", "gamma"],
            ["alpha", "theirs", "gamma"],
            id="17 one paragraph, two edits",
        ),
        pytest.param(
            (A, block("mine"), B, C),
            (A, block("theirs", "t"), B, C),
            [([], ["mine"], ["theirs"])],
            ["alpha", "mine", "beta", "gamma"],
            ["alpha", "theirs", "beta", "gamma"],
            id="18 two additions at one place",
        ),
        pytest.param(
            (A, C),
            (A, edited(B, "theirs"), C),
            [(["beta"], [], ["theirs"])],
            ["alpha", "gamma"],
            ["alpha", "theirs", "gamma"],
            id="19 deleted here, edited there",
        ),
        pytest.param(
            (C,),
            (A, edited(B, "theirs"), C),
            [(["beta"], [], ["theirs"])],
            ["gamma"],
            ["theirs", "gamma"],
            id="19 a clash reaches no further than the edited block",
        ),
        pytest.param(
            (edited(A, "mine"), B, C),
            (B, C),
            [(["alpha"], ["mine"], [])],
            ["mine", "beta", "gamma"],
            ["beta", "gamma"],
            id="19 edited here, deleted there",
        ),
        pytest.param(
            (A, block("both"), block("mine"), B),
            (A, block("both", "n"), block("theirs", "t"), B),
            [([], ["mine"], ["theirs"])],
            ["alpha", "both", "mine", "beta"],
            ["alpha", "both", "theirs", "beta"],
            id="18 after a common addition",
        ),
        pytest.param(
            (A, block("mine"), block("both 1"), block("both 2"), B),
            (A, block("theirs", "t"), block("both 1", "n1"), block("both 2", "n2"), B),
            [([], ["mine"], ["theirs"])],
            ["alpha", "mine", "both 1", "both 2", "beta"],
            ["alpha", "theirs", "both 1", "both 2", "beta"],
            id="18 before common additions",
        ),
        pytest.param(
            (A, C),
            (A, block("instead", "n"), C),
            [(["beta"], [], ["instead"])],
            ["alpha", "gamma"],
            ["alpha", "instead", "gamma"],
            id="deleted here, replaced there",
        ),
        pytest.param(
            (B, C),
            (B, C, edited(A, "theirs")),
            [(["alpha"], [], ["theirs"])],
            ["beta", "gamma"],
            ["beta", "gamma", "theirs"],
            id="deleted here, moved and edited there",
        ),
    ],
)
def test_conflict(
    local: Body, remote: Body, clashes: list[tuple[list[str], list[str], list[str]]], body: list[str], notion: list[str]
) -> None:
    """Two edits that do not go together are both kept, next to each other, and nothing else is touched."""
    base = (A, B, C) if any(each.id == "c" for each in local) else (A, B)
    result = merge_bodies(base, local, remote)
    assert conflicts(result) == clashes
    assert said(result.body) == said(result.take("local")) == body
    assert said(result.take("notion")) == notion


def test_a_block_moved_to_two_places_is_a_clash_that_leaves_the_rest_alone() -> None:
    """Each side's order is kept in its version; edits outside of the two places are merged."""
    base = (block("head", "h"), A, B, block("mid", "m"), C, block("tail", "t"), block("end", "e"))
    h, a, b, m, c, t, e = base
    result = merge_bodies(base, (edited(h, "head 1"), b, m, a, c, t, e), (h, b, m, c, a, t, edited(e, "end 1")))
    assert conflicts(result) == [(["gamma"], ["alpha", "gamma"], ["gamma", "alpha"])]
    assert said(result.body) == ["head 1", "beta", "mid", "alpha", "gamma", "tail", "end 1"]
    assert said(result.take("notion")) == ["head 1", "beta", "mid", "gamma", "alpha", "tail", "end 1"]


def test_a_block_moved_and_edited_here_is_there_once_though_notion_moves_its_neighbours() -> None:
    """It is no new block beside the old one, which Notion's new order would keep; as both sides moved, it is a clash."""
    base = (*(block(f"the {name} reason", name) for name in "abcd"),)
    a, b, c, d = base
    local = align(base, bare((edited(c, "the very c reason"), a, d, b)), (a, d, c, b))
    merge = merge_bodies(base, local, (a, d, c, b))
    assert merge.conflicts
    for side in (merge.body, merge.notion):
        assert sorted(ids(side), key=str) == ["a", "b", "c", "d"]


def test_blocks_moved_into_each_other_are_a_clash_of_the_whole_body() -> None:
    """No tree holds both moves, so neither is made, and nothing is lost."""
    base = (A, block("between", "m"), B, C)
    m = base[1]
    local = (m, replace(B, children=(A,)), C)
    remote = (replace(A, children=(B,)), m, C)
    result = merge_bodies(base, local, remote)
    assert result.conflicts == (Clash(base=base, local=local, remote=remote),)
    assert identical(result.body, local)
    assert identical(result.take("notion"), remote)


def test_a_block_moved_into_something_that_was_moved_into_it_is_one_too() -> None:
    """Neither move is dropped, even where the result would hold every block."""
    s, end = block("s", "s"), block("end", "e")
    local = (s, replace(B, children=(A,)), end)
    remote = (s, end, block("new", "n", replace(A, children=(B,))))
    result = merge_bodies((A, s, B, end), local, remote)
    assert result.conflicts == (Clash(base=(A, s, B, end), local=local, remote=remote),)


def test_an_edit_follows_its_block_into_another_block() -> None:
    """A paragraph moved into a new toggle here and edited there: the toggle holds the edited paragraph."""
    local = (B, block("More", None, A, type_="toggle"))
    result = merge_bodies((A, B), local, (edited(A, "alpha 1"), B))
    assert result.conflicts == ()
    assert said(result.body[1].children) == ["alpha 1"]


def test_edits_below_a_block() -> None:
    """Children merge like top-level blocks, while the parent itself was edited."""
    x, y, z = block("x", "x"), block("y", "y"), block("z", "z")
    base = (block("parent", "p", x, y, z),)
    result = merge_bodies(base, (block("parent", "p", edited(x, "x 1"), y, z),), (block("PARENT", "p", x, y),))
    assert result.conflicts == ()
    assert said(result.body) == ["PARENT"]
    assert said(result.body[0].children) == ["x 1", "y"]


def test_an_edit_anywhere_below_a_deleted_block_is_a_clash() -> None:
    """A deletion never takes an edit with it, however deep that is."""
    deep = block("top", "1", block("mid", "2", block("deep", "3")))
    result = merge_bodies((deep, A), (A,), (block("top", "1", block("mid", "2", block("edited", "3"))), A))
    assert conflicts(result) == [(["top"], [], ["top"])]


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("edit", ["one two three X four", "one TWO three four"])
def test_what_was_split_off_a_block_goes_with_the_clash_about_it(edit: str, swap: bool) -> None:
    """Enter in the middle of a paragraph, whose second half the other side edited: no version has that half twice."""
    base = (block("one two three four", "a"), B)
    halves = (block("one two", "a"), block("three four", "n"), block("new", "m"), B)
    whole = (block(edit, "a"), B)
    merge = merge_bodies(base, halves, whole) if swap else merge_bodies(base, whole, halves)
    mine, theirs = (merge.notion, merge.body) if swap else (merge.body, merge.notion)
    assert said(mine) == [edit, "new", "beta"]
    assert said(theirs) == ["one two", "three four", "new", "beta"]
    assert len(merge.conflicts) == 1


def test_what_was_split_off_a_block_that_merges_stays() -> None:
    """The other side edited the first half."""
    base = (block("one two three four", "a"), B)
    halves = (block("one two", "a"), block("three four", "n"), B)
    merge = merge_bodies(base, (block("X one two three four", "a"), B), halves)
    assert merge.conflicts == ()
    assert said(merge.body) == ["X one two", "three four", "beta"]


def test_a_new_block_behind_a_clash_is_no_part_of_it() -> None:
    """Neither one that says what the block never said, nor one whose words the block has kept."""
    base = (block("one two three four", "a"), B)
    for text in ("new", "one"):
        theirs = (block("one 2 three four", "a"), block(text, "n"), B)
        merge = merge_bodies(base, (block("one II three four", "a"), B), theirs)
        assert said(merge.body) == ["one II three four", text, "beta"]
        assert len(merge.conflicts) == 1


def test_a_clash_inside_a_block_is_placed_there() -> None:
    """Path, start and parent lead to the local version in the merged body; clean edits around it are in."""
    x, y, z = block("x", "x"), block("y", "y"), block("z", "z")
    base = (A, block("parent", "p", x, y, z))
    local = (block("new"), A, block("parent", "p", x, edited(y, "mine"), z))
    remote = (A, block("parent", "p", block("first", "f"), x, edited(y, "theirs"), z))
    (clash,) = merge_bodies(base, local, remote).conflicts
    assert (clash.parent, clash.path, clash.start) == ("p", (2,), 2)


def test_both_versions_of_an_edited_parent_hold_the_merged_children() -> None:
    """Deciding a clash for one side does not undo the other side's clean edits below."""
    x, y, z = block("x", "x"), block("y", "y"), block("z", "z")
    base = (block("parent", "p", x, y, z),)
    local = (block("mine", "p", edited(x, "x mine"), y, z),)
    remote = (block("theirs", "p", x, y, edited(z, "z theirs")),)
    result = merge_bodies(base, local, remote)
    assert conflicts(result) == [(["parent"], ["mine"], ["theirs"])]
    for side in (result.take("local"), result.take("notion")):
        assert said(side[0].children) == ["x mine", "y", "z theirs"]


def test_attributes_merge_by_key() -> None:
    """A box ticked on one side and coloured on the other is ticked and coloured."""
    base = block("do", "d", type_="to_do")
    ticked, coloured = replace(base, attrs={"checked": True}), replace(base, attrs={"color": "red"})
    result = merge_bodies((base,), (ticked,), (coloured,))
    assert result.conflicts == ()
    assert result.body[0].attrs == {"checked": True, "color": "red"}
    blue = replace(base, attrs={"color": "blue"})
    assert len(merge_bodies((base,), (blue,), (coloured,)).conflicts) == 1


def test_the_same_tick_on_both_sides_and_a_colour_on_one() -> None:
    """Equal changes of one attribute are one change."""
    base = block("do", "d", type_="to_do")
    ticked = replace(base, attrs={"checked": True})
    both = replace(base, attrs={"checked": True, "color": "red"})
    struck = replace(ticked, text=(Run(text="do", strike=True),))
    result = merge_bodies((base,), (both,), (struck,))
    assert result.conflicts == ()
    assert result.body == (replace(both, text=struck.text),)


def test_a_block_that_both_sides_have_and_no_base() -> None:
    """Without a base there is no telling who changed it."""
    assert merge_bodies((), (A,), (A,)).conflicts == ()
    assert conflicts(merge_bodies((), (A, B), (edited(A, "alpha 1"), B))) == [([], ["alpha"], ["alpha 1"])]


def test_a_type_changed_in_notion_against_an_edit() -> None:
    """What Notion turned into a heading while the file edited it is for a person to decide."""
    turned = replace(A, type="heading_2")
    assert merge_bodies((A,), (A,), (turned,)).body == (turned,)
    assert len(merge_bodies((A,), (edited(A, "alpha 1"),), (turned,)).conflicts) == 1


def test_a_heading_made_to_fold_against_an_edit_of_its_text() -> None:
    """The side that changed what can be below a block may change what is, too."""
    base = block("head", "h", type_="heading_2")
    folding, other = replace(base, attrs={"is_toggleable": True}, children=(A,)), edited(base, "head 1")
    for sides in ((other, folding), (folding, other)):
        result = merge_bodies((base,), sides[:1], sides[1:])
        assert result.conflicts == ()
        assert result.body == (edited(folding, "head 1"),)


def test_captions() -> None:
    """A caption merges like any text, and clashes like any."""
    base = Block(type="image", attrs={"url": "https://example.org/a.png"}, caption=(Run(text="a cat"),), id="i")
    moved = replace(base, attrs={"url": "https://example.org/b.png"})
    dog, bird = (replace(base, caption=(Run(text=text),)) for text in ("a dog", "a bird"))
    for sides in ((moved, dog), (dog, moved)):
        result = merge_bodies((base,), sides[:1], sides[1:])
        assert (result.body, result.conflicts) == ((replace(moved, caption=dog.caption),), ())
    assert len(merge_bodies((base,), (bird,), (dog,)).conflicts) == 1


def test_a_heading_that_cannot_fold_any_more_against_a_new_child() -> None:
    """A child is never put below a block that cannot hold it."""
    base = block("head", "h", type_="heading_2", is_toggleable=True)
    result = merge_bodies((base,), (replace(base, children=(A,)),), (replace(base, attrs={}),))
    assert len(result.conflicts) == 1


# --- tables ---------------------------------------------------------------------------------------------------------

TABLE = table("t", ("h", "name|rate"), ("1", "adam|0.001"), ("2", "sgd|0.1"), has_column_header=True)


def test_a_table_merges_by_row_and_cell() -> None:
    """Different rows, and different cells of one row, go together; so does the header flag."""
    local = table("t", ("h", "name|rate"), ("1", "Adam|0.001"), (None, "lion|0.0001"), ("2", "sgd|0.1"))
    remote = table("t", ("h", "name|rate"), ("1", "adam|0.002"), ("2", "sgd|0.2"), has_column_header=True)
    result = merge_bodies((TABLE,), (local,), (remote,))
    assert result.conflicts == ()
    assert result.body == (
        table("t", ("h", "name|rate"), ("1", "Adam|0.002"), (None, "lion|0.0001"), ("2", "sgd|0.2")),
    )


def test_a_row_edited_twice_is_a_clash_inside_the_table() -> None:
    """Only the row is for a person to decide."""
    local = table("t", ("h", "name|rate"), ("1", "adam|0.002"), ("2", "sgd|0.1"), has_column_header=True)
    remote = table("t", ("h", "name|rate"), ("1", "adam|0.003"), ("2", "sgd|0.2"), has_column_header=True)
    result = merge_bodies((TABLE,), (local,), (remote,))
    assert [(clash.parent, clash.path, clash.start) for clash in result.conflicts] == [("t", (0,), 1)]
    assert [row.cells[1][0].text for row in result.body[0].children] == ["rate", "0.002", "0.2"]


def test_a_table_widened_here_and_edited_there_is_one_clash() -> None:
    """35: rows of two widths never meet in one table."""
    wide = table("t", ("h", "name|rate|year"), ("1", "adam|0.001|2014"), ("2", "sgd|0.1|1951"))
    longer = replace(TABLE, children=(*TABLE.children, table("n", ("3", "lion|0.0001")).children[0]))
    for local, remote in ((wide, longer), (longer, wide)):
        result = merge_bodies((TABLE,), (local,), (remote,))
        assert result.conflicts == (Clash(base=(TABLE,), local=(local,), remote=(remote,)),)


# --- laws -----------------------------------------------------------------------------------------------------------


def three(rng: Random) -> tuple[Body, Body, Body]:
    """Return a base and two versions of it; each side's new blocks have ids of their own."""
    world = World(rng)
    base = world.tree()
    return base, world.damaged(base, "l"), world.damaged(base, "r")


def at(body: Body, clash: Clash) -> Body:
    """Return what stands in a body where a clash says that it is."""
    for place in clash.path:
        body = body[place].children
    return body[clash.start : clash.start + len(clash.local)]


@settings(max_examples=200)
@given(st.randoms(use_true_random=False))
def test_one_sided_and_equal_changes(rng: Random) -> None:
    """merge(b,a,b)=a, merge(b,b,c)=c and merge(b,a,a)=a, ids included."""
    base, local, remote = three(rng)
    for merged, expected in (
        (merge_bodies(base, local, base), local),
        (merge_bodies(base, base, remote), remote),
        (merge_bodies(base, local, local), local),
    ):
        assert merged.conflicts == ()
        assert identical(merged.body, expected)
        assert identical(merged.notion, expected)


@settings(max_examples=200)
@given(st.randoms(use_true_random=False))
def test_symmetry(rng: Random) -> None:
    """With the sides exchanged the same stretches are in conflict, and each side's version is the same."""
    base, local, remote = three(rng)
    one, other = merge_bodies(base, local, remote), merge_bodies(base, remote, local)
    assert one.take("local") == other.take("notion")
    assert one.take("notion") == other.take("local")
    assert [(c.base, c.local, c.remote) for c in one.conflicts] == [
        (c.base, c.remote, c.local) for c in other.conflicts
    ]


def texts(body: Body) -> set[RichText]:
    """Return what the blocks of a tree say."""
    return {each.text for each in walk(body)}


@settings(max_examples=200)
@given(st.randoms(use_true_random=False))
def test_nothing_is_lost_doubled_or_misplaced(rng: Random) -> None:
    """Each version holds every block once that both kept, and all that its side added; clashes are where they say."""
    base, local, remote = three(rng)
    result = merge_bodies(base, local, remote)
    for body, side in ((result.take("local"), local), (result.take("notion"), remote)):
        count = Counter(ids(body))
        assert max(count.values(), default=1) == 1
        assert set(count) >= set(ids(local)) & set(ids(remote))
        assert texts(body) >= {each.text for each in walk(side) if each.id not in ids(base)}
    assert all(at(result.body, clash) == clash.local for clash in result.conflicts)
    if not result.conflicts:
        assert identical(result.body, result.notion)
        assert texts(result.body) >= {each.text for each in walk((*local, *remote)) if each.id not in ids(base)}


@settings(max_examples=200)
@given(st.randoms(use_true_random=False))
def test_no_edit_lands_on_another_block(rng: Random) -> None:
    """19, 20: in a clean merge each block says what the side that changed it made of it."""
    base, local, remote = three(rng)
    result = merge_bodies(base, local, remote)
    if result.conflicts:
        return
    old, mine, theirs = ({each.id: each for each in walk(body)} for body in (base, local, remote))
    for each in walk(result.body):
        versions = [side[each.id] for side in (mine, theirs) if each.id in side]
        changed = [now for now in versions if each.id not in old or not now.same_own(old[each.id])]
        expected = (changed or versions)[0]
        if all(now.same_own(expected) for now in changed):
            assert each.same_own(expected)


def paragraphs(lines: Sequence[str], prefix: str) -> Body:
    """Return a paragraph per line, with ids."""
    return tuple(block(line, f"{prefix}{place}") for place, line in enumerate(lines))


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_agrees_with_git(tmp_path_factory: pytest.TempPathFactory, rng: Random) -> None:
    """P14: what git's line merge calls clean is clean, with the same text, though identity is found by `align`."""
    lines = [f"{chr(97 + i) * 9} line" for i in range(rng.randint(0, 10))]
    ours, theirs = scattered(rng, lines, "ours"), scattered(rng, lines, "theirs")
    base = paragraphs(lines, "b")
    remote = named(align(base, bare(paragraphs(theirs, "r"))))
    result = merge_bodies(base, align(base, bare(paragraphs(ours, "l"))), remote)
    expected = git_merge(tmp_path_factory.getbasetemp(), lines, ours, theirs)
    if expected is not None:
        assert result.conflicts == ()
        assert said(result.body) == expected


def named(body: Body) -> Body:
    """Return top-level blocks that have ids, new ones where they had none."""
    return tuple(replace(each, id=each.id or f"r{place}") for place, each in enumerate(body))
