"""What unpublished runs had done, told to the run that starts anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from notionsync.engine.checkout import _PRIVATE
from notionsync.engine.leftover import Leftover
from notionsync.model import Record
from notionsync.sides.state import State
from notionsync.sides.worktree import Worktree

PAGE = "38c9ce7b60a481d29260b2f4f0f3a111"


@pytest.mark.parametrize("collection", ["", "weeks"])
def test_pushed_questions_and_losers_are_carried_over(tmp_path: Path, collection: str) -> None:
    """Into the state of the collection that they belong to."""
    text = f"---\nnotion_id: {PAGE}\nquestion: Why?\n---\nYes.\n".encode()
    files = {"weeks/a.md": text}
    first, second = Worktree(tmp_path / "first"), Worktree(tmp_path / "second")
    for tree in (first, second):
        tree.write("weeks/a.md", text)
    state = State(first)
    own = state.below(collection) if collection else state
    own.save_record(Record(id=PAGE, path="weeks/a.md", base=text, last_edited_time="2026-01-05T10:00:00.000Z"))
    lost = own.keep("a.notion.md", b"what lost")
    left = Leftover().and_of(first, state, files.get, lambda _: "")
    shutil.rmtree(first.root)
    anew = State(second)
    (second.root / own.folder).mkdir(parents=True)
    left.carry(second, anew, lambda _: "")
    there = anew.below(collection) if collection else anew
    assert there.records()[PAGE].base == text
    assert second.read(lost) == b"what lost"
    assert anew.kept() == {lost}


@pytest.mark.parametrize(
    ("path", "private"),
    [
        (".notionsync/cache/index.json", True),
        (".notionsync/lock", True),
        (".notionsync/collections/weeks/cache/sightings.json", True),
        (".notionsync/collections/weeks/state.json", False),
        (".notionsync/base/x.json", False),
        (".notionsync/locked.json", False),
    ],
)
def test_caches_are_never_published(path: str, private: bool) -> None:
    """Of no collection."""
    assert bool(_PRIVATE.match(path)) is private
