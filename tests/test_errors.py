"""The tree of errors."""

from __future__ import annotations

import re

import pytest

from notionsync import errors
from notionsync.errors import FileError, NotionSyncError

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, NotionSyncError)]
_LINE = re.compile(r"^[ │├└─]*([A-Z]\w+Error)\b\s*(\d)?", re.MULTILINE)


def test_the_drawing_shows_the_tree() -> None:
    """Every class is in the drawing at the top of the module, and the codes beside the names are theirs."""
    drawn = dict(_LINE.findall((errors.__doc__ or "").split("Each class")[0]))
    assert drawn.keys() == {cls.__name__ for cls in CLASSES}
    for name, code in drawn.items():
        if code:
            assert getattr(errors, name).exit_code == int(code), name


def test_exit_codes_are_those_of_the_command_line() -> None:
    """1 is left to what nobody foresaw; a class without a code of its own has its parent's."""
    assert {cls.exit_code for cls in CLASSES} == {1, 2, 3, 4, 5, 6, 7}
    assert [cls.__name__ for cls in CLASSES if cls.exit_code == 1 and cls is not NotionSyncError] == []


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_each_says_what_and_advises(cls: type[NotionSyncError]) -> None:
    """The message is the exception's text; the advice is kept apart."""
    error = cls("a.md", "is odd", advice="look") if issubclass(cls, FileError) else cls("a.md: is odd", advice="look")
    assert str(error) == error.message == "a.md: is odd"
    assert error.advice == "look"
    assert isinstance(error, NotionSyncError)


def test_a_file_error_names_the_line() -> None:
    """As compilers do, so that editors can jump there."""
    assert FileError("a.md", "is odd", line=3).message == "a.md:3: is odd"
