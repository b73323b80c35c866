"""Comparing a page with its record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.questions import PROPERTIES, base, file, numbered
from tests.plan.trees import block, identical, ids, said

from notionsync.convert import parse
from notionsync.model import Append, BlockRecord, Body, Delete, Edit, FieldValue, Property, Record, Update
from notionsync.plan.baseline import (
    agreed,
    agreed_keys,
    fields_in_base_terms,
    followed,
    in_base_terms,
    is_beginning,
    record_blocks,
    record_fields,
    with_ids,
)

TEXT = "One.\n\n- a\n  - b\n- c\n\nTwo.\n"


def _record(**fields: str) -> Record:
    return Record(id="p", path="", base=b"", last_edited_time="", fields=fields)


# --- blocks ----------------------------------------------------------------------------------------------------------


def test_a_record_gives_a_base_its_ids_back() -> None:
    """The agreed file, parsed again, has the ids that Notion gave its blocks."""
    there = numbered(parse(TEXT).body)
    assert ids(with_ids(parse(TEXT).body, record_blocks(there))) == ids(there)


def test_a_base_of_another_shape_gets_the_ids_that_can_be_told() -> None:
    """A newer parser sees one block more: the others keep theirs, and none is given twice."""
    records = record_blocks(numbered(parse("One.\n\n> q\n\nTwo.\n").body))
    found = with_ids(parse("One.\n\n---\n\n> q\n\nTwo.\n").body, records)
    known = [block.id for block in found if block.id]
    assert found[1].id is None
    assert found[2].id == "b1"
    assert len(known) == len(set(known))


def test_what_has_no_id_was_not_read_from_notion() -> None:
    """It cannot be recorded."""
    with pytest.raises(ValueError, match="without an id"):
        record_blocks((block("a"),))


def test_what_notion_has_not_changed_reads_as_the_base_says_it() -> None:
    """Also where the two say it differently; what changed reads as Notion says it, and so does what is new."""
    stored = (block("one as stored", "1"), block("two", "2", block("below", "3")))
    records = record_blocks(stored)
    mine = (block("one as written", "1"), block("two as written", "2", block("below as written", "3")))
    assert said(in_base_terms(stored, mine, records)) == ["one as written", "two as written"]
    moved = (stored[1], stored[0], block("new", "4"))
    assert said(in_base_terms(moved, mine, records)) == ["two as written", "one as written", "new"]
    edited = (replace(stored[0], text=block("edited").text), stored[1])
    assert said(in_base_terms(edited, mine, records)) == ["edited", "two as written"]


trees = st.recursive(
    st.builds(lambda text: (block(text),), st.sampled_from("abc")),
    lambda below: st.lists(
        st.builds(lambda text, children: block(text, None, *children), st.sampled_from("abc"), below), max_size=3
    ).map(tuple),
    max_leaves=6,
)


@given(trees)
def test_an_untouched_page_reads_as_its_base(tree: Body) -> None:
    """Ids included."""
    there = numbered(tree)
    assert identical(in_base_terms(there, there, record_blocks(there)), there)


@given(trees, st.integers(0, 5))
@settings(max_examples=60)
def test_every_beginning_is_one(tree: Body, cut: int) -> None:
    """What a killed run leaves is a beginning of what it planned; with one block more it is none."""
    assert is_beginning(tree[:cut], tree)
    assert is_beginning((), tree)
    assert not is_beginning((*tree, block("more")), tree)


def test_a_hosted_file_is_the_one_that_was_planned() -> None:
    """It gets its address when it arrives; another address on the web is another image."""
    planned = block(type_="image", url="asset:a.png?sha256=0")
    assert is_beginning((block(type_="image", url="notion:/x/y"),), (planned,))
    assert not is_beginning((block(type_="image", url="https://example.org/a.png"),), (planned,))


BEFORE = (block("one", "1"), block("two", "2"))


def _agreed(edits: tuple[Edit, ...], answered: Body, read: Body) -> tuple[list[str], list[str | None], bool]:
    body, foreign = agreed(BEFORE, edits, {b.id or "": b for b in answered}, read, parent="page")
    return said(body), ids(body), foreign


MINE = block("two, edited", "2")
EDIT = Update("2", BEFORE[1], MINE)


def test_what_was_written_is_agreed() -> None:
    """As the service answered it."""
    assert _agreed((EDIT,), (MINE,), (BEFORE[0], MINE)) == (["one", "two, edited"], ["1", "2"], False)


def test_what_a_person_did_meanwhile_is_not() -> None:
    """An edit, an addition and a deletion beside our write: told, and left for the next run to find."""
    theirs = block("one, by somebody", "1")
    expected = (["one", "two, edited"], ["1", "2"], True)
    assert _agreed((EDIT,), (MINE,), (theirs, MINE)) == expected
    assert _agreed((EDIT,), (MINE,), (BEFORE[0], MINE, block("new", "9"))) == expected
    assert _agreed((EDIT,), (MINE,), (MINE,)) == expected


@pytest.mark.parametrize(
    ("after", "last", "expected"),
    [(None, False, ["9", "1", "2"]), ("1", False, ["1", "9", "2"]), ("2", True, ["1", "2", "9"])],
)
def test_new_blocks_get_the_ids_they_were_given(after: str | None, last: bool, expected: list[str]) -> None:
    """Where they were put, whatever else is new on the page."""
    edit = Append("page", after, (block("three"),), last=last)
    read = (block("foreign", "8"), block("three", "9"), *BEFORE)
    assert _agreed((edit,), (), read)[1:] == (expected, True)


def test_a_moved_block_has_the_id_of_what_was_made_of_it() -> None:
    """Notion moves nothing: the block was made anew, with everything below it, and what it stands for was deleted."""
    moved = block("one", "1", block("below", "11"))
    before = (moved, BEFORE[1])
    edits = (Append("page", "2", (moved,), last=True), Delete("1", moved))
    read = (BEFORE[1], block("one", "9", block("below", "91")))
    body, foreign = agreed(before, edits, {}, read, parent="page")
    assert (ids(body), foreign) == (["2", "9", "91"], False)


def test_new_blocks_below_others_are_agreed_as_sent_where_somebody_else_edited_them() -> None:
    """The service answers nothing of them: its own spelling counts, an edit that another made since does not."""
    sent = block("top", None, block("a"), block("b"))
    read = (*BEFORE, block("top", "3", block("a, edited", "4"), block("b, respelled", "5")))
    edit = Append("page", None, (sent,), last=True)
    body, foreign = agreed(BEFORE, (edit,), {}, read, parent="page", retouched={"1", "4"})
    assert (said(body[2].children), ids(body[2:])) == (["a", "b, respelled"], ["3", "4", "5"])
    assert foreign


def test_a_block_that_stays_is_found_whatever_the_plan_calls_it() -> None:
    """A new block was put below one of those that were there."""
    edits = (Append("2", None, (block("below"),), last=True),)
    body, foreign = agreed(BEFORE, edits, {}, (BEFORE[0], block("two", "2", block("below", "9"))), parent="page")
    assert (ids(body), foreign) == (["1", "2", "9"], False)


# --- cut out and put in again ----------------------------------------------------------------------------------------


def test_a_block_that_was_put_in_again_has_its_new_id() -> None:
    """Wherever it is now, with everything below it; what stayed is as it was."""
    cut = block("two", "2", block("below", "21"))
    read = (block("two", "8", block("below", "81")), BEFORE[0])
    assert followed(record_blocks((BEFORE[0], cut)), read) == record_blocks((BEFORE[0], read[0]))


def test_a_block_that_was_put_in_elsewhere_leaves_its_place_below_another() -> None:
    """Its record stays where the block was, so that it counts as moved."""
    home = block("home", "1", block("two", "2"))
    records = followed(record_blocks((home,)), (block("home", "1"), block("two", "8")))
    assert [(r.id, [child.id for child in r.children]) for r in records] == [("1", ["8"])]


@pytest.mark.parametrize(
    "read",
    [
        pytest.param((block("two", "8"), block("two", "9")), id="two that could be it"),
        pytest.param((block("two, edited", "8"),), id="edited"),
        pytest.param((block("two", "2"), block("two", "8")), id="still there"),
        pytest.param((), id="gone"),
    ],
)
def test_no_other_block_is_followed(read: Body) -> None:
    """Nobody guesses."""
    records = record_blocks((block("two", "2"),))
    assert followed(records, read) == records


def test_of_two_that_are_gone_none_is_followed() -> None:
    """One of them may have been deleted."""
    records = record_blocks((block("two", "2"), block("two", "3")))
    assert followed(records, (block("two", "8"),)) == records


# --- fields ----------------------------------------------------------------------------------------------------------

values = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=3).map(tuple)


@given(
    st.dictionaries(st.sampled_from(sorted(PROPERTIES)), values),
    st.dictionaries(st.sampled_from(sorted(PROPERTIES)), values),
)
def test_unchanged_values_read_as_the_base_says_them(
    stored: dict[str, FieldValue], mine: dict[str, FieldValue]
) -> None:
    """Whatever the two sides call the same; a value that changed reads as Notion says it."""
    record = _record(**record_fields(stored, PROPERTIES))
    same = fields_in_base_terms(stored, mine, record)
    assert same == {key: value for key, value in mine.items() if value is not None}
    changed = fields_in_base_terms({**stored, "order": "changed"}, mine, record)
    assert changed.get("order") == "changed" or stored.get("order") == "changed"


def test_a_key_is_agreed_on_with_one_property() -> None:
    """Not before it was synced, and not when it is mapped to another property since."""
    record = _record(**record_fields({"order": 1}, PROPERTIES))
    assert agreed_keys(record, PROPERTIES) == PROPERTIES.keys()
    other = {**PROPERTIES, "order": Property(id="other", name="No.", type="number")}
    assert agreed_keys(record, other) == PROPERTIES.keys() - {"order"}
    assert agreed_keys(_record(), PROPERTIES) == frozenset()
    more = {**PROPERTIES, "level": Property(id="l", name="Level", type="rich_text")}
    assert agreed_keys(record, more) == PROPERTIES.keys()


def test_the_helpers_of_these_tests_are_sound() -> None:
    """A base made of a file reads as the file does."""
    made = base(file(TEXT, order="1"))
    assert made.answer.body == parse(TEXT).body
    assert all(isinstance(entry, BlockRecord) for entry in made.record.blocks)
