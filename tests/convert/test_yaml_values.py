"""A YAML mapping is read the same way by the scanner and by the short cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notionsync.convert import yaml_values
from notionsync.convert.yaml_lines import read
from notionsync.convert.yaml_values import read_values
from notionsync.errors import ContentError
from notionsync.model import FieldValue

words = st.one_of(
    st.sampled_from(
        [
            *(
                "x",
                "1x1 Convolution layer를 사용하는 이유는?",
                "12",
                "0123",
                "1.50",
                "1e3",
                "no",
                "true",
                "~",
                "null",
                "a: b",
            ),
            *(
                "a:b",
                "a #b",
                "a#b",
                "a:",
                "12:30",
                "2026-07-01",
                "[a, b]",
                "[a, null, 1]",
                "[]",
                "[ ]",
                "[a,]",
                "[a: b]",
            ),
            *(
                "'q'",
                '"q"',
                "'it''s'",
                '"\\t"',
                "'a' b",
                "- x",
                "? x",
                "*a",
                "&a b",
                "!!str 1",
                "|",
                ">",
                "{a: b}",
                "@x",
                "%x",
            ),
            *(
                "https://e.org/#top",
                "a\u00a0b",
                "a\u2028b",
                "a\x85b",
                "a\tb",
                " lead",
                "trail ",
                "...",
                "---",
                "a -b",
                "a ?b",
            ),
        ]
    ),
    st.text("ab1 :#,[]{}'\"-?*&!|>%@`~.\\_\t\u00a0\u3000\u2028\x85\ufeff한", max_size=8),
)
lines = st.one_of(
    st.builds("{}: {}".format, st.sampled_from(["a", "b_1", "c-d", "키", "1", "y", "-"]), words),
    st.sampled_from(
        ["a:", "", "# note", "  # note", "  deeper: 1", "- item", "more words", "a : 1", " ", "a:  1  # c"]
    ),
)


@given(st.lists(lines, max_size=5), st.sampled_from(["\n", "\r\n", "\r"]))
@example(["a: 1:"], "\n")
@example(["a: [a ,b]"], "\n")
def test_the_short_cut_reads_what_the_scanner_reads(parts: list[str], eol: str) -> None:
    """Law: whatever the text, both readers return the same values of the same types, or the same error."""
    text = "".join(part + eol for part in parts)
    assert answer(lambda: read_values(text)) == answer(lambda: scanned(text))


def scanned(text: str) -> dict[str, FieldValue] | None:
    """Return what the scanner reads."""
    mapping = read(text)
    return None if mapping is None else mapping.values()


def answer(reader: Callable[[], dict[str, FieldValue] | None]) -> object:
    """Return what a reader says, with the types of its values; of an error what it says and where."""
    try:
        values = reader()
    except ContentError as error:
        return error.message, error.line
    return values and [(key, type(value), value) for key, value in values.items()]


def test_usual_front_matter_takes_the_short_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `init` writes is read without the scanner."""
    monkeypatch.delattr(yaml_values, "read")
    text = (
        "# yaml-language-server: $schema=../schemas/answer.schema.json\nnotion_id: 38c9ce7b60a481d29260b2f4f0f3a111\n"
        'question: 1x1 Convolution layer를 사용하는 이유는 무엇일까요?\nwhy: "a: b"\norder: 1\ntags: [CNN, Deep Learning]\n'
    )
    assert list((read_values(text) or {}).values()) == [
        *("38c9ce7b60a481d29260b2f4f0f3a111", "1x1 Convolution layer를 사용하는 이유는 무엇일까요?", "a: b", 1),
        ("CNN", "Deep Learning"),
    ]
