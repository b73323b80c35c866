from __future__ import annotations

import pytest

from notionsync.config import Region
from notionsync.model import FieldValue
from notionsync.readme.wording import shown, words


@pytest.mark.parametrize(
    ("value", "form", "wanted"),
    [
        ("2022-01-07", "%B %d, %Y", "January 07, 2022"),
        ("2022-01-07", "%a %-d %b %y (%A, %m/%-m, %j) %%", "Fri 7 Jan 22 (Friday, 01/1, 007) %"),
        ("2022-01-07T09:05+09:00", "%F %H:%M", "2022-01-07 09:05"),
        ("2022-01-07/2022-02-01", "%b %-d", "Jan 7 – Feb 1"),
        ("2022-02-31", "%B", "2022-02-31"),
        ("January 12, 20222", "%B", "January 12, 20222"),
        (2022, "%B", "2022"),
        (True, "", "✓"),
        (False, "", ""),
        (None, "", ""),
        (("a", "2022-01-07"), "%Y", "a / 2022"),
        ("2022-01-07", "", "2022-01-07"),
    ],
)
def test_values_as_a_list_shows_them(value: FieldValue, form: str, wanted: str) -> None:
    """Dates in words that do not depend on the machine; what is no date stays as it is."""
    assert shown(value, Region(date_format=form, join=" / ")) == wanted


def test_values_as_filters_know_them() -> None:
    """Everything is text, nothing is nothing."""
    assert [words(value) for value in (True, 3, "x", ("a", "b"), None, "")] == [
        ("true",),
        ("3",),
        ("x",),
        ("a", "b"),
        (),
        (),
    ]
