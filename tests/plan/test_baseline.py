"""Comparing a page with its record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.questions import PROPERTIES, base, file, numbered
from tests.plan.trees import block, identical, ids, said

from notionsync.convert import parse
from notionsync.model import BlockRecord, Body, FieldValue, Property, Record
from notionsync.plan.baseline import (
    agreed,
    agreed_keys,
    fields_in_base_terms,
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


def _agreed(planned: Body, answered: Body, read: Body) -> tuple[list[str], bool]:
    body, foreign = agreed(BEFORE, planned, {b.id or "": b for b in answered}, read)
    return said(body), foreign


def test_what_was_written_is_agreed() -> None:
    """As the service answered it."""
    mine = block("two, edited", "2")
    assert _agreed((BEFORE[0], mine), (mine,), (BEFORE[0], mine)) == (["one", "two, edited"], False)


def test_what_a_person_did_meanwhile_is_not() -> None:
    """An edit, an addition and a deletion beside our write: told, and left for the next run to find."""
    mine = block("two, edited", "2")
    theirs = block("one, by somebody", "1")
    assert _agreed((BEFORE[0], mine), (mine,), (theirs, mine)) == (["one", "two, edited"], True)
    assert _agreed((BEFORE[0], mine), (mine,), (BEFORE[0], mine, block("new", "9"))) == (["one", "two, edited"], True)
    assert _agreed((BEFORE[0], mine), (mine,), (mine,))[1]


def test_new_blocks_get_the_ids_they_were_given() -> None:
    """In the order they were sent, whatever else is new on the page."""
    new = block("three")
    body, foreign = agreed(BEFORE, (*BEFORE, new), {}, (*BEFORE, block("foreign", "8"), block("three", "9")))
    assert ids(body) == ["1", "2", "9"]
    assert foreign


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
