"""File names for questions."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionsync.plan.names import choose, stem

PAGE = "38c9ce7b60a481d29260b2f4f0f3a111"
RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
titles = st.text(st.characters(), max_size=300) | st.text("con.prnaulx1 _-.:/\\README", max_size=12)


@given(titles)
def test_any_title_gives_a_name_that_is_safe_on_every_system(title: str) -> None:
    """No separators, no characters that Windows forbids, no reserved device, no hidden file, no option, not too long."""
    name = stem(title)
    assert len(f"{name}_{PAGE}.md".encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|#%')
    assert all(unicodedata.category(c) not in {"Cc", "Cs"} for c in name)
    assert not any(c.isspace() for c in name)
    assert unicodedata.is_normalized("NFC", name)
    assert name.split(".")[0].lower() not in RESERVED | {"readme"}
    if name:
        assert name[0] not in ".- "
        assert name[-1] not in ". "


@given(titles)
def test_a_name_is_stable(title: str) -> None:
    """The name of a name is itself, and the composition of the title does not matter."""
    assert stem(stem(title)) == stem(title)
    assert stem(unicodedata.normalize("NFD", title)) == stem(unicodedata.normalize("NFC", title))


@given(titles)
def test_nothing_invisible_tells_two_names_apart(title: str) -> None:
    """Zero-width and bidirectional marks leave no trace."""
    assert stem("\u200b".join(title)) == stem(title.replace("\u200b", ""))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("1x1 Convolution layer를 사용하는 이유는 무엇일까요?", "1x1_Convolution_layer를_사용하는_이유는_무엇일까요"),
        ("CON", "_CON"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("Console", "Console"),
        ("readme", "_readme"),
        (" .hidden. ", "hidden"),
        ("???", ""),
        ("a\u202eb", "ab"),
        ("a\x9bb\ud800", "ab"),
        ("가" * 100, "가" * 40),
    ],
)
def test_examples(title: str, name: str) -> None:
    """As a person would expect to find them."""
    assert stem(title) == name


def test_the_first_good_name_is_taken() -> None:
    """The file-name property before the title, and without its ending twice."""
    free = lambda path: False  # noqa: E731, ARG005
    assert choose(PAGE, ("given.md", "Title"), "answers", free) == "answers/given.md"
    assert choose(PAGE, ("", "Title"), "answers", free) == "answers/Title.md"
    assert choose(PAGE, ("???", ""), "answers", free) == f"answers/{PAGE}.md"


def test_a_taken_name_gets_digits_of_the_page() -> None:
    """Few if they do, all if they must."""
    few, whole = f"answers/a_{PAGE[-8:]}.md", f"answers/a_{PAGE}.md"
    taken = {"answers/a.md"}
    assert choose(PAGE, ("a",), "answers", taken.__contains__) == few
    assert choose(PAGE, ("a",), "answers", {*taken, few}.__contains__) == whole


@given(titles, st.sets(st.sampled_from(["answers/a.md", "answers/b.md", f"answers/a_{PAGE[-8:]}.md"])))
def test_no_name_is_given_twice(title: str, taken: set[str]) -> None:
    """Whatever is taken, the name is another."""
    assert choose(PAGE, (title, "a", "b"), "answers", taken.__contains__) not in taken
