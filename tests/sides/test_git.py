"""git, as far as a sync needs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.story.lab import git

from notionsync.errors import NotionSyncError
from notionsync.sides.git import Git


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one commit."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "config", "user.name", "A person")
    git(tmp_path, "config", "user.email", "person@example.invalid")
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "한글 name.md").write_bytes(b"one\n\x00two\n")
    (tmp_path / "answers" / "empty.md").write_bytes(b"")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "First")
    return tmp_path


def test_where_there_is_no_checkout(tmp_path: Path) -> None:
    """Nothing is known, and nothing raises."""
    nowhere = Git(tmp_path)
    assert not nowhere.available()
    assert nowhere.branch() == nowhere.remote() == ""
    assert nowhere.head(["a.md"]) == {}


def test_where_git_is_not_installed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where there is no checkout."""
    monkeypatch.setenv("PATH", "")
    assert not Git(checkout).available()


def test_branch_and_remote(checkout: Path) -> None:
    """Their names; none of a detached head."""
    here = Git(checkout)
    assert here.available()
    assert (here.branch(), here.remote()) == ("main", "")
    git(checkout, "remote", "add", "origin", "https://example.invalid/x.git")
    git(checkout, "checkout", "--quiet", "--detach")
    assert (here.branch(), here.remote()) == ("", "https://example.invalid/x.git")


def test_what_head_holds(checkout: Path) -> None:
    """Byte for byte, whatever the names are; files it does not have, folders and odd names are left out."""
    (checkout / "answers" / "empty.md").write_bytes(b"changed since")
    paths = ["none.md", "answers/한글 name.md", "answers", "a\nb.md", "answers/empty.md"]
    assert Git(checkout).head(paths) == {"answers/한글 name.md": b"one\n\x00two\n", "answers/empty.md": b""}
    assert Git(checkout).head([]) == {}


def test_paths_are_those_below_the_folder(checkout: Path) -> None:
    """A folder deeper in the checkout has paths of its own."""
    assert Git(checkout / "answers").head(["empty.md"]) == {"empty.md": b""}


def test_a_commit_takes_its_paths_only(checkout: Path) -> None:
    """Other changes, staged or not, stay what they are; deleted and new files go along."""
    (checkout / "answers" / "empty.md").unlink()
    (checkout / "answers" / "new.md").write_bytes(b"new")
    (checkout / "staged.txt").write_bytes(b"staged")
    git(checkout, "add", "staged.txt")
    (checkout / "other.txt").write_bytes(b"other")
    made = Git(checkout).commit(["answers", "none"], "Sync\n\nTrailer: yes\n")
    assert made == git(checkout, "rev-parse", "HEAD").strip()
    assert git(checkout, "show", "--name-status", "--format=%B", "HEAD").split() == [
        *("Sync", "Trailer:", "yes"),
        *("D", "answers/empty.md", "A", "answers/new.md"),
    ]
    assert git(checkout, "status", "--porcelain").split() == ["A", "staged.txt", "??", "other.txt"]


def test_nothing_new_is_no_commit(checkout: Path) -> None:
    """Nor are ignored files."""
    before = git(checkout, "rev-parse", "HEAD")
    assert Git(checkout).commit(["answers", "none"], "Nothing") == ""
    (checkout / ".gitignore").write_text("cache/\n", "utf-8")
    git(checkout, "add", ".gitignore")
    (checkout / "answers" / "cache").mkdir()
    (checkout / "answers" / "cache" / "x").touch()
    assert Git(checkout).commit(["answers"], "Nothing") == ""
    assert git(checkout, "rev-parse", "HEAD") == before


def test_what_git_says_is_told(checkout: Path) -> None:
    """A commit that a hook refuses ends with the hook's words."""
    hook = checkout / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    (checkout / "answers" / "new.md").touch()
    with pytest.raises(NotionSyncError, match="git commit: not today"):
        Git(checkout).commit(["answers"], "Sync")


def test_what_a_path_held_and_what_a_folder_holds(checkout: Path) -> None:
    """Versions come newest first, of one branch or of all; where git knows nothing there are none."""
    (checkout / "answers" / "empty.md").write_bytes(b"two")
    git(checkout, "commit", "--quiet", "--all", "--message", "Second")
    git(checkout, "checkout", "--quiet", "-b", "topic", "HEAD~1")
    assert Git(checkout).versions("answers/empty.md") == (b"",)
    assert Git(checkout).versions("answers/empty.md", everywhere=True) == (b"two", b"")
    assert Git(checkout / "answers").versions("empty.md") == (b"",)
    assert Git(checkout).names("answers") == ("empty.md", "한글 name.md")
    assert Git(checkout).names("other") == Git(checkout).below("other") == ()
    (checkout / "answers" / "more").mkdir()
    (checkout / "answers" / "more" / "x.md").write_bytes(b"")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", "Below")
    assert Git(checkout).below("answers") == ("answers/empty.md", "answers/more/x.md", "answers/한글 name.md")
    assert Git(checkout / "answers").below("more") == ("more/x.md",)
    assert Git(checkout).versions("other.md") == ()
