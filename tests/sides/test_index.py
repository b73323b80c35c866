"""What files hold, told by their stat."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from notionsync.errors import FileError
from notionsync.sides.index import Index, sha256
from notionsync.sides.worktree import Worktree

LONG_AGO = 1_000_000_000_123_456_789


class Counted(Worktree):
    """A checkout that counts how many of its files were opened, and whose stamps can be made older."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.opened: list[str] = []
        self.aged = False

    def fingerprint(self, path: str) -> str | None:
        """Note that a file is opened."""
        self.opened.append(path)
        return super().fingerprint(path)

    def stamp(self, path: str) -> Any:
        """Return a stamp; with the change of the inode long ago, as after a while."""
        found = super().stamp(path)
        return (found[0], LONG_AGO, *found[2:]) if found is not None and self.aged else found


@pytest.fixture
def tree(tmp_path: Path) -> Counted:
    """A checkout with one file that nobody touched for a while."""
    (tmp_path / "a.md").write_bytes(b"one")
    os.utime(tmp_path / "a.md", ns=(LONG_AGO, LONG_AGO))
    made = Counted(tmp_path)
    made.aged = True
    return made


def test_a_file_is_opened_once(tree: Counted) -> None:
    """What it holds is known from then on; a file that is not there holds nothing."""
    first = Index(tree)
    assert first.digest("a.md") == sha256(b"one")
    assert first.digest("b.md") is None
    again = Index(tree, first.kept())
    assert again.digest("a.md") == sha256(b"one")
    assert tree.opened == ["a.md", "b.md"]
    assert not again.changed
    assert again.kept() == first.kept()


def test_another_content_is_found_under_the_same_size_and_time(tree: Counted) -> None:
    """Times of content can be set by anybody; the inode's cannot."""
    tree.aged = False
    kept = {"a.md": [*(tree.stamp("a.md") or ()), sha256(b"one")]}
    assert Index(tree, kept).digest("a.md") == sha256(b"one")
    (tree.root / "a.md").write_bytes(b"two")
    os.utime(tree.root / "a.md", ns=(LONG_AGO, LONG_AGO))
    assert Index(tree, kept).digest("a.md") == sha256(b"two")


def test_a_file_in_place_of_another_is_found(tree: Counted) -> None:
    """Same size, same times, another inode."""
    kept = Index(tree)
    kept.digest("a.md")
    (tree.root / "new").write_bytes(b"two")
    os.utime(tree.root / "new", ns=(LONG_AGO, LONG_AGO))
    (tree.root / "new").replace(tree.root / "a.md")
    assert Index(tree, kept.kept()).digest("a.md") == sha256(b"two")


@pytest.mark.parametrize("lag", [0, 3_600_000_000_000])
def test_a_file_that_was_just_written_is_not_relied_on(tree: Counted, lag: int) -> None:
    """It could be written again within the same tick of the clock; the file system's may be behind ours."""
    tree.aged = False
    (tree.root / "a.md").write_bytes(b"two")
    index = Index(tree)
    assert index.digest("a.md") == sha256(b"two")
    assert index.kept(lag=lag) == {}


def test_a_clock_that_counts_in_steps_of_two_seconds(tree: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two changes within such a step look the same."""
    tick = 1_700_000_000_000_000_000
    os.utime(tree.root / "a.md", ns=(tick, tick))
    monkeypatch.setattr("notionsync.sides.index.time.time_ns", lambda: tick + 2_000_000_000)
    monkeypatch.setattr(f"{__name__}.LONG_AGO", tick)
    index = Index(tree)
    index.digest("a.md")
    assert index.kept() == {}


def test_what_nobody_asks_about_is_forgotten(tree: Counted) -> None:
    """A file that was deleted or renamed does not stay in the index for ever."""
    first = Index(tree)
    first.digest("a.md")
    (tree.root / "a.md").rename(tree.root / "b.md")
    second = Index(tree, first.kept())
    assert second.changed
    second.digest("b.md")
    assert set(second.kept()) == {"b.md"}


@pytest.mark.parametrize(
    "kept", [None, [], {"a.md": None}, {"a.md": [1, 2]}, {"a.md": ["x", 1, 1, 1, ""]}, {"a.md": {}}]
)
def test_nonsense_costs_only_time(tree: Counted, kept: object) -> None:
    """Whatever an index says that is none, the file is read."""
    assert Index(tree, kept).digest("a.md") == sha256(b"one")


def test_what_is_no_file_is_said(tree: Counted) -> None:
    """A link is not followed, a folder not read."""
    (tree.root / "link.md").symlink_to("a.md")
    (tree.root / "folder.md").mkdir()
    for path in ("link.md", "folder.md"):
        with pytest.raises(FileError, match=path):
            Index(tree).digest(path)
