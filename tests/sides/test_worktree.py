"""Files below one folder."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notionsync.errors import DiskError, FileError, MovedError, UsageError
from notionsync.sides.worktree import Worktree, find_root, fold


@pytest.fixture
def tree(tmp_path: Path) -> Worktree:
    """An empty folder, beside one that is none of ours."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.md").write_text("secret", "utf-8")
    (tmp_path / "inside").mkdir()
    return Worktree(tmp_path / "inside")


PARTS = st.sampled_from(["..", ".", "", "a", "b.md", "out", "a\\b", "\\", "C:", "~", "...", "secret.md", "outside"])


@given(st.lists(PARTS, min_size=1, max_size=5), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_leads_outside(tree: Worktree, parts: list[str], absolute: bool) -> None:
    """Whatever is asked for is below the root, links included, or refused; and nothing outside changes."""
    link = tree.root / "out"
    if not link.is_symlink():
        link.symlink_to(tree.root.parent / "outside")
    path = ("/" if absolute else "") + "/".join(parts)
    for deed in (
        tree.read,
        lambda p: tree.overwrite(p, b"mine"),
        lambda p: tree.delete(p, expect=b"mine"),
        lambda p: tree.rename(p, "b.md"),
    ):
        try:
            deed(path)
        except (FileError, MovedError):
            continue
        assert os.path.realpath(tree.locate(path)).startswith(os.path.realpath(tree.root))
    assert (tree.root.parent / "outside" / "secret.md").read_text("utf-8") == "secret"
    assert sorted(p.name for p in tree.root.parent.iterdir()) == ["inside", "outside"]
    assert sorted(p.name for p in (tree.root.parent / "outside").iterdir()) == ["secret.md"]


@given(st.binary(max_size=300), st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(tree: Worktree, first: bytes, second: bytes) -> None:
    """Byte for byte, and nothing is left beside it."""
    tree.overwrite("a/b.md", first)
    assert tree.read("a/b.md") == first
    tree.write("a/b.md", second, expect=first)
    assert tree.read("a/b.md") == second
    assert [p.name for p in (tree.root / "a").iterdir()] == ["b.md"]


def test_a_write_expects_what_the_plan_saw(tree: Worktree) -> None:
    """Another content, a file that appeared, and one that is gone: left as they are."""
    tree.write("a.md", b"one")
    with pytest.raises(MovedError, match=r"a\.md: changed while"):
        tree.write("a.md", b"two", expect=b"other")
    with pytest.raises(MovedError):
        tree.write("a.md", b"two")
    with pytest.raises(MovedError):
        tree.write("none.md", b"two", expect=b"one")
    with pytest.raises(MovedError, match="not deleted"):
        tree.delete("a.md", expect=b"other")
    assert tree.read("a.md") == b"one"
    assert tree.read("none.md") is None


def test_an_equal_write_touches_nothing(tree: Worktree) -> None:
    """The file keeps its time and its inode."""
    tree.write("a.md", b"one")
    before = (tree.root / "a.md").stat()
    tree.write("a.md", b"one", expect=b"one")
    after = (tree.root / "a.md").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_file_keeps_its_mode(tree: Worktree) -> None:
    """An executable stays one; a new file gets what the umask says, not what a temporary file has."""
    tree.write("a.md", b"one")
    mask = os.umask(0)
    os.umask(mask)
    assert (tree.root / "a.md").stat().st_mode & 0o777 == 0o666 & ~mask
    (tree.root / "a.md").chmod(0o754)
    tree.write("a.md", b"two", expect=b"one")
    assert (tree.root / "a.md").stat().st_mode & 0o777 == 0o754


@pytest.mark.parametrize("broken", ["replace", "fsync"])
def test_a_write_that_fails_leaves_the_old_file(tree: Worktree, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """An error of ours that names the file, the old content, and no temporary file."""
    tree.write("a.md", b"one")

    def fails(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, broken, fails)
    with pytest.raises((FileError, DiskError), match=r"a\.md"):
        tree.write("a.md", b"two", expect=b"one")
    assert [p.name for p in tree.root.iterdir()] == ["a.md"]
    assert tree.read("a.md") == b"one"


def test_what_is_no_file_is_refused(tree: Worktree) -> None:
    """A folder, a link, a file as a folder."""
    (tree.root / "folder.md").mkdir()
    (tree.root / "link.md").symlink_to(tree.root.parent / "outside" / "secret.md")
    tree.write("a.md", b"one")
    with pytest.raises(FileError, match="is not a file"):
        tree.read("folder.md")
    with pytest.raises(FileError, match="symbolic link"):
        tree.read("link.md")
    with pytest.raises(FileError, match="symbolic link"):
        tree.overwrite("link.md", b"mine")
    assert tree.read("a.md/b.md") is None
    with pytest.raises((FileError, DiskError)):
        tree.overwrite("a.md/b.md", b"x")


def test_answers_are_found_and_nothing_else(tree: Worktree) -> None:
    """Below the folder at any depth, sorted; no hidden ones, no links, no other endings."""
    for path in ("d/b.md", "d/a.md", "d/e/c.md", "d/.hidden.md", "d/.git/x.md", "d/note.txt", "other.md", "d/UPPER.MD"):
        tree.write(path, b"")
    (tree.root / "d" / "link.md").symlink_to(tree.root / "other.md")
    (tree.root / "d" / "linked").symlink_to(tree.root.parent / "outside")
    assert tree.answers("d") == ("d/a.md", "d/b.md", "d/e/c.md")
    assert tree.links("d") == ("d/link.md",)
    assert tree.answers("none") == tree.links("none") == ()


def test_names_that_some_system_takes_for_one(tree: Worktree) -> None:
    """Case and composition."""
    name = "합성곱 É.md"
    tree.write(f"d/{unicodedata.normalize('NFD', name)}", b"")
    assert tree.taken(f"d/{name.lower()}")
    assert not tree.taken("d/other.md")
    assert not tree.taken("none/other.md")
    assert fold("É") == fold("e\u0301")


def test_a_rename_takes_no_place_that_is_taken(tree: Worktree) -> None:
    """The content goes along, into a new folder if need be; only the case may change in place."""
    tree.write("a.md", b"one")
    tree.write("b.md", b"two")
    with pytest.raises(MovedError, match="taken"):
        tree.rename("a.md", "b.md")
    with pytest.raises(MovedError):
        tree.rename("none.md", "c.md")
    tree.rename("a.md", "new/A.md")
    tree.rename("new/A.md", "new/a.md")
    assert tree.read("new/a.md") == b"one"
    assert tree.read("a.md") is None
    assert tree.read("b.md") == b"two"


def test_occupied_follows_no_link(tree: Worktree) -> None:
    """A dangling link is something, and so is what is behind a link that leads outside."""
    (tree.root / "dangling.md").symlink_to("nowhere")
    (tree.root / "out").symlink_to(tree.root.parent / "outside")
    assert tree.occupied("dangling.md")
    assert tree.occupied("out/secret.md")
    assert not tree.occupied("none.md")


def test_tidy_removes_what_a_killed_run_left(tree: Worktree) -> None:
    """Our temporary files, at any depth, and nothing else."""
    for path in ("d/.notionsync-abc.tmp", "d/e/.notionsync-def.tmp", "d/keep.tmp", "d/.notionsync-notes.md"):
        tree.write(path, b"")
    tree.tidy("d")
    tree.tidy("none")
    left = sorted(p.relative_to(tree.root).as_posix() for p in tree.root.rglob("*") if p.is_file())
    assert left == ["d/.notionsync-notes.md", "d/keep.tmp"]


def test_the_root_is_the_nearest_configuration_else_git(tmp_path: Path) -> None:
    """From any folder below."""
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    with pytest.raises(UsageError, match="not inside a git repository"):
        find_root(below)
    (tmp_path / ".git").mkdir()
    assert find_root(below) == tmp_path
    (tmp_path / "a" / "notionsync.toml").touch()
    assert find_root(below) == tmp_path / "a"
