"""A change of canonical text reaches an author's own spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionsync.convert.merge_text import merge_text


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ("- a b", "*   a b", "- a c", "*   a c"),
        ("## T", "T\n---", "## T new", "T new\n---"),
        ("one two three", "one\ntwo  three  ", "one two four", "one\ntwo  four  "),
        ("**x** y", "__x__ y", "**x** z", "__x__ z"),
        ("1. 1. a", "23. 24. a", "1. 1. b", "23. 24. b"),
        ("[x](https://e.org) y", "[x][ref] y", "[x](https://e.org) z", "[x][ref] z"),
        ("```py\na\n```", "~~~py title\na\n~~~", "```py\na\nb\n```", "~~~py title\na\nb\n~~~"),
        ("a \u00a0b", "a&nbsp;b", "a \u00a0c", "a&nbsp;c"),
        ("same", "same", "other", "other"),
        ("한국어 문장이다", "한국어  문장이다", "한국어 글이다", "한국어  글이다"),
    ],
)
def test_style_stays_and_content_changes(base: str, ours: str, theirs: str, merged: str) -> None:
    """Marks, wraps, blanks and spellings of the author's stay beside a word that changes."""
    assert merge_text(base, ours, theirs) == merged


def test_content_wins_where_both_differ() -> None:
    """A word that the author spelled another way and that changes is the new word."""
    assert merge_text("a &copy; b", "a &#169; b", "a word b") == "a word b"


@given(st.text("ab *_\n1.", max_size=30), st.text("ab *_\n1.", max_size=30))
def test_without_style_or_without_change_nothing_is_merged(one: str, other: str) -> None:
    """Laws: no style of one's own gives the new text, no change gives the author's text."""
    assert merge_text(one, one, other) == other
    assert merge_text(one, other, one) == other


def test_long_texts_are_merged_by_lines() -> None:
    """A text too long for the matcher keeps the author's spelling of the lines that did not change."""
    base = "".join(f"line {n}\n" for n in range(4000))
    ours = base.replace("line 7\n", "line  7\n")
    assert merge_text(base, ours, base.replace("line 3999", "new")) == ours.replace("line 3999", "new")
