"""What an issue says of a conflict."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from notionsync.engine.issues import _body, _title
from notionsync.engine.report import Outcome
from notionsync.plan.action import Conflict

MOST, MOST_OF_A_TITLE = 65_536, 256
"""Characters that GitHub takes, in the text of an issue and in its title; it refuses more."""
GITHUB = cast("Any", SimpleNamespace(name="study/group", branch="main"))


def outcome(*conflicts: Conflict, path: str = "answers/one.md") -> Outcome:
    """Return a question in conflict."""
    page = "38c9ce7b60a481d29260b2f4f0f3a111"
    return Outcome(
        state="conflict", verb="update", direction="", path=path, page=page, title="Why?", conflicts=conflicts
    )


def test_short_versions_stand_whole() -> None:
    """One after the other, as they are."""
    body = _body(outcome(Conflict(unit="body", local="same\n\nmine\n", remote="same\n\ntheirs\n")), GITHUB)
    assert (
        "The text, in the file:\n\n```text\nsame\n\nmine\n```\n\nand in Notion:\n\n```text\nsame\n\ntheirs\n```" in body
    )


def test_of_a_long_text_only_what_differs_is_shown() -> None:
    """Wherever it stands: nobody looks for it in two pages of equal text, or misses it because they were cut."""
    lines = [f"line {n} that both have" for n in range(3_000)]
    mine, theirs = ("\n".join([*lines[:2_990], word, *lines[2_990:]]) for word in ("mine", "theirs"))
    body = _body(outcome(Conflict(unit="body", local=mine, remote=theirs)), GITHUB)
    assert "\n-mine\n+theirs\n" in body
    assert body.count("that both have") == 2
    assert "`-` is in the file, `+` in Notion" in body


@pytest.mark.parametrize("count", [1, 2, 10, 40])
@pytest.mark.parametrize(
    "text", ["@a #1 gh-1 " * 4_000, "```\n@a\n" * 8_000, "한" * 50_000], ids=["calls", "fences", "한"]
)
def test_github_takes_it_however_long_it_is(count: int, text: str) -> None:
    """Every version is cut to its share, and the command that settles the conflict is still there."""
    conflicts = [Conflict(unit=f"key{n}", local=text, remote=f"x{text}") for n in range(count)]
    path = f"answers/{'@a' * 120}.md"
    body = _body(outcome(*conflicts, path=path), GITHUB)
    assert len(body) < MOST - 200
    assert "\nnotionsync resolve " in body
    assert len(_title(path)) <= MOST_OF_A_TITLE
