from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notionsync.readme.naming import fold, propose


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Why does **ReLU** die?", "Why_does_ReLU_die.md"),
        ("CNN과 RNN의 차이는?", "CNN과_RNN의_차이는.md"),
        ("../../.github/workflows/x", "githubworkflowsx.md"),
        ("CON", "CON_.md"),
        ("com1.txt", "com1.txt_.md"),
        ("???", "question.md"),
        ("a\u202eb\x00c", "abc.md"),
        ("`learning rate` α / [β](http://x)", "learning_rate_α_β.md"),
    ],
)
def test_a_name_says_the_question_and_is_safe_everywhere(question: str, name: str) -> None:
    """No separators, no reserved names, no marks, nothing invisible."""
    assert propose(question, "answers", []) == f"answers/{name}"


def test_a_name_that_is_taken_gets_a_number() -> None:
    """Case and composition do not make a difference between two files."""
    taken = ["answers/why.md", "answers/WHY_2.md"]
    assert propose("Why?", "answers", taken) == "answers/Why_3.md"
    assert propose("re\u0301sume\u0301", "answers", ["answers/r\u00e9sum\u00e9.md"]) == "answers/r\u00e9sum\u00e9_2.md"


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_title_gets_one_short_name_of_its_own(first: str, second: str) -> None:
    """Whatever the titles, two questions never share a file and a name fits every file system."""
    one = propose(first, "answers", [])
    two = propose(second, "answers", [one])
    assert fold(one) != fold(two)
    for path in (one, two):
        assert path.startswith("answers/")
        assert path.count("/") == 1
        assert len(path.encode()) < 150
        assert path.isprintable()
