"""An answer file as values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.questions import PAGE, PROPERTIES, file

from notionsync.convert import parse
from notionsync.convert.links import RESERVED
from notionsync.errors import ContentError
from notionsync.plan.answer import edit_answer, new_answer, read_answer, read_id, with_blocks

TEXT = "One.\n\n* a\n* b\n\nTwo.\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (file(""), PAGE),
        (b"---\nnotion_id: 38C9CE7B-60a4-81d2-9260-b2f4f0f3a111\n---\n", PAGE),
        (b"---\nnotion_id:\n---\n", None),
        (b'---\nnotion_id: ""\n---\n', None),
        (b"no front matter\n", None),
        (b"", None),
    ],
)
def test_the_page_a_file_names(data: bytes, expected: str | None) -> None:
    """With dashes or without; none where nothing is said."""
    assert read_id(data) == expected


@pytest.mark.parametrize("value", ["here", "1" * 31, "g" * 32, "https://www.notion.so/x"])
def test_what_is_no_id_is_refused(value: str) -> None:
    """Rather than taken for a new question."""
    with pytest.raises(ContentError, match="not an id"):
        read_id(f"---\nnotion_id: '{value}'\n---\n".encode())


def test_a_file_taken_apart() -> None:
    """Mapped keys in normal form, the body as blocks; other keys are nobody's business."""
    answer = read_answer(file(TEXT, order="1", tags="[b, a]", other="x"), PROPERTIES, RESERVED)
    assert (answer.id, answer.body) == (PAGE, parse(TEXT).body)
    assert answer.fields.keys() == {"question", "order", "tags"}
    assert answer.fields["order"] == 1


@given(st.sampled_from([b"", b"\xef\xbb\xbf"]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_an_edit_that_changes_nothing_changes_no_byte(mark: bytes, eol: str, end: bool) -> None:
    """Whatever mark, line ends and last line the file has."""
    text = file(TEXT, order="1   # a comment").decode().replace("\n", eol)
    data = mark + (text if end else text.rstrip("\r\n")).encode()
    answer = read_answer(data, PROPERTIES, RESERVED)
    assert edit_answer(answer, {}, answer.body, RESERVED) == (data, ())


def test_an_edit_touches_its_lines_only() -> None:
    """One key and one block; comments, other keys and the style of the list stay."""
    data = file(TEXT, order="1   # as asked", other="'x'")
    answer = read_answer(data, PROPERTIES, RESERVED)
    body = (*answer.body[:3], parse("Two, edited.").body[0])
    edited, notices = edit_answer(answer, {"question": "B?"}, body, RESERVED)
    assert edited == data.replace(b"question: A?", b"question: B?").replace(b"Two.", b"Two, edited.")
    assert notices == ()


@pytest.mark.parametrize("nothing", [None, ()])
def test_a_value_that_is_gone_takes_its_line_along(nothing: tuple[str, ...] | None) -> None:
    """No empty key is left behind."""
    answer = read_answer(file(TEXT, tags="[a]"), PROPERTIES, RESERVED)
    assert edit_answer(answer, {"tags": nothing}, answer.body, RESERVED)[0] == file(TEXT)


@pytest.mark.parametrize("text", [TEXT, ""])
def test_a_new_file_reads_as_it_was_meant(text: str) -> None:
    """Page, fields and body; keys without a value are left out."""
    made = new_answer(PAGE, {"question": "A?", "order": None, "tags": ()}, parse(text).body, RESERVED)
    answer = read_answer(made, PROPERTIES, RESERVED)
    assert (answer.id, dict(answer.fields), answer.body) == (PAGE, {"question": "A?"}, parse(text).body)


def test_blocks_take_the_place_of_equal_ones() -> None:
    """One for one, at every depth."""
    document = parse("- a\n  - b\n")
    assert with_blocks(document, document.body) == document
    with pytest.raises(ValueError, match=r"shorter|longer"):
        with_blocks(document, ())
