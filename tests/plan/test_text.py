from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionsync.convert.richtext import normal, plain
from notionsync.model import RichText, Run
from notionsync.plan.text import merge_lines, merge_text, tokens

SENTENCE = "the kernel slides over the image"


def rich(text: str) -> RichText:
    """Return plain rich text."""
    return normal([Run(text=text)])


@pytest.mark.parametrize(
    ("base", "local", "remote", "merged"),
    [
        pytest.param(
            SENTENCE,
            "a kernel slides over the image",
            "the kernel slides over the photo",
            "a kernel slides over the photo",
            id="far",
        ),
        pytest.param(
            SENTENCE, "the filter slides over the image", "the kernel moves over the image", None, id="touching"
        ),
        pytest.param(SENTENCE, "the filter slides", "the kernel slides over the photo", None, id="overlapping"),
        pytest.param(SENTENCE, f"So {SENTENCE}", f"Now {SENTENCE}", None, id="two additions at one place"),
        pytest.param("a b", "a x b", "a b c", "a x b c", id="one word between"),
        pytest.param(
            SENTENCE,
            "the filter slides over the image",
            "a filter slides over the image here",
            "a filter slides over the image here",
            id="one has it all",
        ),
        pytest.param(SENTENCE, "the filter slides over the image", "a kernel moves", None, id="one has not all"),
        pytest.param(
            "왜 tanh를 쓰나요?",
            "왜 ReLU를 쓰나요?",
            "왜 tanh를 쓰나요? 자세히",
            "왜 ReLU를 쓰나요? 자세히",
            id="korean",
        ),
    ],
)
def test_plain_text(base: str, local: str, remote: str, merged: str | None) -> None:
    """Edits merge when an untouched word stands between them."""
    expected = None if merged is None else rich(merged)
    assert merge_text(rich(base), rich(local), rich(remote)) == expected
    assert merge_text(rich(base), rich(remote), rich(local)) == expected


def test_marks_of_both_sides_survive() -> None:
    """A word made bold here and a link set there are both in the result."""
    bold = (Run(text="the "), Run(text="kernel", bold=True), Run(text=" slides over the image"))
    link = (Run(text="the kernel slides over the "), Run(text="image", link="https://example.org/i"))
    assert merge_text(rich(SENTENCE), bold, link) == (
        Run(text="the "),
        Run(text="kernel", bold=True),
        Run(text=" slides over the "),
        Run(text="image", link="https://example.org/i"),
    )


def test_an_equation_is_one_token() -> None:
    """What is inside of an equation is never pieced together."""
    base = (Run(text="so "), Run(text="a + b + c", kind="equation"), Run(text=" holds"))
    local = (Run(text="so "), Run(text="x + b + c", kind="equation"), Run(text=" holds"))
    remote = (Run(text="so "), Run(text="a + b + y", kind="equation"), Run(text=" holds"))
    assert merge_text(base, local, remote) is None


@pytest.mark.parametrize(
    ("base", "local", "remote", "merged"),
    [
        pytest.param("a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC", id="apart"),
        pytest.param("a\nb\nc\nd\ne", "A\nb\nc\nd\nE", "a\nb\nC\nd\ne", "A\nb\nC\nd\nE", id="between two"),
        pytest.param("a\nb", "A\nb", "a\nB", None, id="neighbouring lines"),
        pytest.param("x = f(a, b)", "x = g(a, b)", "x = f(a, c)", None, id="one line"),
    ],
)
def test_lines_of_code(base: str, local: str, remote: str, merged: str | None) -> None:
    """Code merges by lines: two edits of one line are a conflict however far apart they are."""
    assert merge_lines(rich(base), rich(local), rich(remote)) == (None if merged is None else rich(merged))


RICH = st.lists(st.builds(Run, text=st.text("ab .가", min_size=1, max_size=5), bold=st.booleans()), max_size=4).map(
    normal
)


def test_lines_keep_their_blanks() -> None:
    """Indentation and blank lines are part of the lines."""
    base, local, remote = "a  b\n\n  c\nd\n\te", "a  B\n\n  c\nd\n\te", "a  b\n\n  c\nd\n\tE"
    merged = merge_lines(rich(base), rich(local), rich(remote))
    assert merged is not None
    assert plain(merged) == "a  B\n\n  c\nd\n\tE"


def test_lines_with_marks_merge_by_words() -> None:
    """One bold word, or an equation, and the words around it are merged; each side's own part counts."""
    for odd in (Run(text="bold", bold=True), Run(text="x", kind="equation")):
        base = (Run(text="one two three "), odd)
        local, remote = (Run(text="ONE two three "), odd), (Run(text="one two THREE "), odd)
        assert merge_lines(base, local, remote) == (Run(text="ONE two THREE "), odd)
    equation = (Run(text="x", kind="equation"),)
    other, third = (Run(text="y", kind="equation"),), (Run(text="z", kind="equation"),)
    assert merge_lines(equation, other, equation) == other
    assert merge_lines(equation, other, third) is None


def test_an_underscore_is_a_word() -> None:
    """It keeps two changes apart, as a letter does."""
    merged = merge_text(rich("a _ c"), rich("b _ c"), rich("a _ d"))
    assert merged is not None
    assert plain(merged) == "b _ d"


@given(RICH)
def test_tokens_put_together_are_the_text(text: RichText) -> None:
    """Cutting text into tokens loses nothing."""
    assert normal(tokens(text)) == text


@given(RICH, RICH, RICH)
def test_laws(base: RichText, a: RichText, c: RichText) -> None:
    """One-sided changes are taken, equal ones once, the sides can be exchanged, and no added word is dropped."""
    for merge in (merge_text, merge_lines):
        assert merge(base, a, base) == a
        assert merge(base, base, c) == c
        assert merge(base, a, a) == a
        assert merge(base, a, c) == merge(base, c, a)
    merged = merge_text(base, a, c)
    if merged is not None and a != base != c and a != c:
        assert len(plain(merged)) == len(plain(a)) + len(plain(c)) - len(plain(base))
