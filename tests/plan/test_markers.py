"""Conflict markers in a file."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.plan.questions import numbered

from notionsync.convert import parse
from notionsync.convert.links import RESERVED
from notionsync.plan.align import align
from notionsync.plan.answer import with_blocks
from notionsync.plan.markers import BASE, LOCAL, MIDDLE, NOTION, has_markers, mark
from notionsync.plan.merge import merge_bodies


def _marked(was: str, mine: str, theirs: str) -> list[str]:
    base = numbered(parse(was).body)
    document = parse(mine)
    local = align(base, document.body)
    merge = merge_bodies(base, local, align(base, parse(theirs).body))
    assert merge.conflicts
    return mark(with_blocks(document, local), merge, RESERVED).splitlines()


def test_the_clash_and_nothing_else_is_between_markers() -> None:
    """Three versions in the usual order; the lines around stay, and what could be merged is."""
    found = _marked("a\n\nb\n\nc\n\nd\n", "a\n\nmine\n\nc\n\nd\n", "a\n\ntheirs\n\nc\n\nd, edited\n")
    assert found == ["a", "", LOCAL, "mine", BASE, "b", MIDDLE, "theirs", NOTION, "", "c", "", "d, edited"]
    assert has_markers("\n".join(found))


def test_a_clash_inside_a_list_is_marked_there() -> None:
    """Indented like its neighbours, so that the list stays one."""
    was = "- one\n\n  first\n\n  second\n- two\n"
    found = _marked(was, was.replace("first", "mine"), was.replace("first", "theirs"))
    assert "- two" in found
    assert f"  {LOCAL}" in found
    assert [line.strip() for line in found if line.strip() in {"mine", "first", "theirs"}] == [
        "mine",
        "first",
        "theirs",
    ]


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ("a\n\nc\n", "a\n\ntheirs\n\nc\n", ["", "b", "theirs"]),
        ("a\n\nmine\n\nc\n", "a\n\nc\n", ["mine", "b", ""]),
    ],
    ids=["deleted here", "deleted there"],
)
def test_a_side_that_deleted_shows_nothing(mine: str, theirs: str, expected: list[str]) -> None:
    """Its part between the markers is empty."""
    found = _marked("a\n\nb\n\nc\n", mine, theirs)
    places = [found.index(line) for line in (LOCAL, BASE, MIDDLE, NOTION)]
    parts = ["".join(found[start + 1 : stop]) for start, stop in pairwise(places)]
    assert parts == expected


def test_line_ends_are_the_files() -> None:
    """CRLF stays CRLF, also in the markers."""
    base = numbered(parse("a\r\n\r\nb\r\n").body)
    document = parse("a\r\n\r\nmine\r\n")
    local = align(base, document.body)
    merge = merge_bodies(base, local, align(base, parse("a\r\n\r\ntheirs\r\n").body))
    text = mark(with_blocks(document, local), merge, RESERVED)
    assert text.count("\n") == text.count("\r\n") > 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{LOCAL}\na\n{BASE}\nb\n{MIDDLE}\nc\n{NOTION}\n", True),
        (f"- x\n\n  {LOCAL}\n  {BASE}\n  {MIDDLE}\n  {NOTION}\r\n", True),
        ("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n", False),
        (f"{LOCAL}\na\n{MIDDLE}\nb\n{NOTION}\n", False),
        (f"we write `{LOCAL}` and {BASE} and {MIDDLE} and {NOTION}\n", False),
        ("", False),
    ],
)
def test_only_our_own_complete_markers_count(text: str, expected: bool) -> None:
    """A text about git is a text."""
    assert has_markers(text) is expected
