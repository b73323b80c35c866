"""Scenarios 76, 95, 96 and 113 with real repositories: clones, branches, commits that never land, and what git takes back."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scenarios.desk import Desk, answer, path_of

from notionsync.engine import survey


@pytest.fixture
def hub(desk: Desk, tmp_path: Path) -> Path:
    """A bare repository that everybody clones; the desk's own is one of the clones."""
    desk.git("clone", "--quiet", "--bare", ".", str(tmp_path / "hub.git"))
    desk.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    return tmp_path / "hub.git"


def _clone(desk: Desk, hub: Path, name: str) -> Desk:
    """Clone the hub."""
    root = hub.parent / name
    desk.git("clone", "--quiet", str(hub), str(root))
    other = Desk(root, desk.base_url, desk.person)
    other.git("config", "user.name", name)
    other.git("config", "user.email", f"{name}@example.invalid")
    return other


def _publish(desk: Desk) -> None:
    """Bring a commit to the hub; if somebody was faster, their commits come first and ours on top of them."""
    desk.git("pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main")
    desk.git("push", "--quiet", "origin", "HEAD:main")


@contextlib.contextmanager
def _runner(desk: Desk, hub: Path) -> Iterator[Desk]:
    """Give a runner a fresh clone, which is gone afterwards."""
    other = _clone(desk, hub, "runner")
    yield other
    shutil.rmtree(other.root)


# --- two clones and the Action ------------------------------------------------------------------------------------------


def test_s113_two_clones_and_the_action_on_one_database(desk: Desk, hub: Path) -> None:
    """Everybody edits something else and syncs in turn, some before they have the others' commits: all arrives once."""
    other = _clone(desk, hub, "other")
    for number in (1, 2):
        desk.edit("one", "one alpha" if number == 1 else "one alpha 1", f"one alpha {number}")
        other.edit("two", "two beta" if number == 1 else "two beta 1", f"two beta {number}")
        desk.note("three", "three gamma" if number == 1 else "three gamma 1", f"three gamma {number}")
        desk.write(path_of(f"desk{number}"), answer(f"desk{number}", 10 + number, "from the desk"))
        other.write(path_of(f"other{number}"), answer(f"other{number}", 20 + number, "from the other"))
        desk.run("sync", "--commit")
        desk.wait(120)
        other.commit("Edits that are not synced yet")
        _publish(desk)
        _publish(other)
        other.run("sync", "--commit")
        _publish(other)
        with _runner(desk, hub) as runner:
            desk.wait(120)
            runner.run("sync", "--commit")
            _publish(runner)
        _publish(desk)
        _publish(other)
    assert desk.both("one")[0] == "one alpha 2"
    assert desk.both("two")[1] == "two beta 2"
    assert desk.both("three")[2] == "three gamma 2"
    for name, words in (("desk1", "desk"), ("desk2", "desk"), ("other1", "other"), ("other2", "other")):
        assert other.both(name) == [f"from the {words}"]
    assert len(desk.titles()) == 7
    desk.settled_now()
    assert desk.everything() == other.everything()


# --- a sync whose commit never lands ------------------------------------------------------------------------------------


def test_s095_a_sync_whose_commit_never_lands(desk: Desk, hub: Path) -> None:
    """The runner's disk is lost after it wrote to Notion: a fresh one adopts what it did, and doubles nothing."""
    desk.edit("one", "one beta", "one from the file")
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    desk.remove("two")
    desk.commit("Work")
    _publish(desk)
    desk.note("three", "three beta", "three from Notion")
    new = desk.ask("Why five?", "five alpha")
    with _runner(desk, hub) as runner:
        runner.run("sync", "--commit")
    desk.wait(120)
    desk.requests()
    with _runner(desk, hub) as runner:
        runner.run("sync", "--commit")
        assert desk.writes() == 0
        _publish(runner)
    _publish(desk)
    assert desk.both("one")[1] == "one from the file"
    assert desk.both("three")[1] == "three from Notion"
    assert desk.both("four") == ["four alpha"]
    assert desk.page("Why_five") == new
    assert not desk.exists("two")
    assert desk.titles() == ["Why five?", "Why four?", "Why one?", "Why three?"]
    desk.settled_now()


def test_s095_edits_after_a_sync_whose_commit_never_landed(desk: Desk, hub: Path) -> None:
    """Somebody goes on in Notion, somebody in the file, before the next run: both edits arrive beside the lost one."""
    desk.edit("one", "one alpha", "one alpha from the file")
    desk.commit("Work")
    _publish(desk)
    with _runner(desk, hub) as runner:
        runner.run("sync", "--commit")
    desk.wait(120)
    desk.note("one", "one gamma", "one gamma from Notion")
    desk.edit("one", "one beta", "one beta from the file")
    desk.commit("More work")
    _publish(desk)
    with _runner(desk, hub) as runner:
        runner.run("sync", "--commit")
        _publish(runner)
    _publish(desk)
    assert desk.both("one") == ["one alpha from the file", "one beta from the file", "one gamma from Notion"]
    desk.settled_now()


def test_s095_the_same_words_edited_again_after_a_lost_commit(desk: Desk, hub: Path) -> None:
    """Nobody remembers that Notion's edit was made of the file's: a conflict, with both versions whole."""
    desk.edit("one", "one beta", "said in the file")
    desk.commit("Work")
    _publish(desk)
    with _runner(desk, hub) as runner:
        runner.run("sync", "--commit")
    desk.wait(120)
    desk.note("one", "said in the file", "said better in Notion")
    with _runner(desk, hub) as runner:
        assert runner.outcomes("sync", code=3) == {"one": "conflict update"}
        assert runner.here("one")[1] == "said in the file"
        assert runner.there("one")[1] == "said better in Notion"


# --- pull requests ------------------------------------------------------------------------------------------------------


def test_s096_a_pull_request_that_is_merged_late(desk: Desk, hub: Path) -> None:
    """Its edits were made long ago; main was synced since: merged by git, they arrive, and undo nothing."""
    author = _clone(desk, hub, "author")
    author.git("checkout", "--quiet", "-b", "topic")
    author.edit("one", "one alpha", "one alpha from the author")
    author.write(path_of("four"), answer("four", 4, "four alpha"))
    author.commit("Edits of mine")
    desk.note("one", "one gamma", "one gamma from Notion")
    desk.note("two", "two beta", "two from Notion")
    desk.run("sync", "--commit")
    desk.wait(120)
    _publish(desk)
    author.git("fetch", "--quiet", "origin")
    author.git("merge", "--quiet", "--no-edit", "origin/main")
    author.git("push", "--quiet", "origin", "HEAD:main")
    with _runner(desk, hub) as runner:
        runner.run("sync", "--commit")
        _publish(runner)
    _publish(desk)
    assert desk.both("one") == ["one alpha from the author", "one beta", "one gamma from Notion"]
    assert desk.both("two")[1] == "two from Notion"
    assert desk.both("four") == ["four alpha"]
    desk.settled_now()


@pytest.mark.parametrize("end", ["merged late", "closed"])
def test_s096_a_branch_that_was_synced_itself(desk: Desk, hub: Path, end: str) -> None:
    """What it pushed is in Notion, whatever becomes of it: merged or pulled again, it is there once, and later edits too."""
    author = _clone(desk, hub, "author")
    author.git("checkout", "--quiet", "-b", "topic")
    author.edit("one", "one alpha", "one alpha from the author")
    author.write(path_of("four"), answer("four", 4, "four alpha"))
    author.run("sync", "--commit")
    author.wait(120)
    desk.note("two", "two beta", "two from Notion")
    desk.run("sync", "--commit")
    desk.wait(120)
    _publish(desk)
    if end == "merged late":
        author.git("fetch", "--quiet", "origin")
        with contextlib.suppress(AssertionError):
            author.git("merge", "--quiet", "--no-edit", "origin/main")
        assert not author.git("diff", "--name-only", "--diff-filter=U", "--", "answers")
        author.run("repair")
        author.commit("Merge")
        author.git("push", "--quiet", "origin", "HEAD:main")
    with _runner(desk, hub) as runner:
        runner.run("sync", "--commit")
        _publish(runner)
    _publish(desk)
    assert desk.both("one") == ["one alpha from the author", "one beta", "one gamma"]
    assert desk.both("two")[1] == "two from Notion"
    assert desk.both("four") == ["four alpha"]
    assert len(desk.titles()) == 4
    desk.settled_now()


@pytest.mark.parametrize("how", ["edited twice", "deleted and edited", "deleted in the folder, too"])
def test_a_file_that_git_has_not_finished_merging_is_left_alone(desk: Desk, how: str) -> None:
    """Its markers are not sent, and it is not deleted; once it is settled, it is synced. The others sync meanwhile."""
    page = desk.page("one")
    desk.git("checkout", "--quiet", "-b", "topic")
    desk.edit("one", "one beta", "one beta of the topic")
    desk.commit("Topic")
    desk.git("checkout", "--quiet", "main")
    if how == "edited twice":
        desk.edit("one", "one beta", "one beta of main")
    else:
        desk.remove("one")
    desk.edit("two", "two beta", "two from the file")
    desk.commit("Main")
    with contextlib.suppress(AssertionError):
        desk.git("merge", "topic")
    if how == "deleted in the folder, too":
        desk.remove("one")
    for command in ("sync", "push"):
        report = desk.json(command, code=3)["questions"]
        (told,) = [o for o in report if o["path"] == path_of("one")]
        assert (told["state"], "git add" in told["advice"]) == ("refused", True)
        assert desk.says(page) == ["one alpha", "one beta", "one gamma"]
        assert not desk.trashed(page)
    assert desk.both("two")[1] == "two from the file"
    desk.git("checkout", "topic", "--", path_of("one"))
    desk.run("sync")
    assert desk.both("one")[1] == "one beta of the topic"


# --- what git takes back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["push", "sync"])
def test_a_file_that_was_checked_out_again_after_a_pull_is_not_pushed(desk: Desk, command: str) -> None:
    """`git checkout answers/one.md`: nobody knows whether Notion's edit is to be taken back, so it stays; others sync."""
    desk.note("one", "one beta", "one from Notion")
    desk.run("pull")
    desk.wait(120)
    desk.git("checkout", "--", path_of("one"))
    desk.edit("two", "two beta", "two from the file")
    for _ in range(2):
        report = desk.json(command, code=3)["questions"]
        (told,) = [o for o in report if o["path"] == path_of("one")]
        assert told["state"] == "refused"
        assert "undone" in told["message"]
        assert "notionsync pull" in told["advice"]
        assert desk.there("one")[1] == "one from Notion"
        assert desk.here("one")[1] == "one beta"
    assert desk.there("two")[1] == "two from the file"


@pytest.mark.parametrize("listing", ["complete", "of what changed"])
def test_a_pull_brings_back_what_was_checked_out_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, listing: str
) -> None:
    """The advice holds: Notion's text is in the file again, and the next sync has nothing to do."""
    desk.note("one", "one beta", "one from Notion")
    desk.retitle("one", "Why one at all?")
    desk.run("pull")
    pulled = desk.text("one")
    desk.wait(120)
    if listing == "of what changed":
        monkeypatch.setattr(survey, "_COMPLETE_UP_TO", 0)
        desk.note("two", "two beta", "two from Notion")
        desk.run("pull")
        desk.git("add", path_of("two"), f".notionsync/base/{desk.page('two')}.*")
        desk.git("commit", "--quiet", "--message", "Pull")
        desk.wait(120)
    desk.git("checkout", "--", path_of("one"))
    desk.run("pull")
    assert desk.text("one") == pulled
    desk.settled_now()


def test_what_was_checked_out_again_is_taken_back_in_notion_when_the_state_is_committed(desk: Desk) -> None:
    """The other half of the advice: then it is plain that the file is newer than the agreement."""
    desk.note("one", "one beta", "one from Notion")
    desk.run("pull")
    desk.wait(120)
    desk.git("checkout", "--", path_of("one"))
    desk.git("add", ".notionsync")
    desk.git("commit", "--quiet", "--message", "Keep the state")
    desk.run("push")
    assert desk.both("one")[1] == "one beta"
    desk.settled_now()


def test_a_reverted_sync_is_taken_back_as_the_readme_says(desk: Desk) -> None:
    """`git revert`, the state kept, a push: Notion holds again what it held before, and what came later stays."""
    desk.note("one", "one beta", "one from Notion")
    desk.note("two", "two beta", "two from Notion")
    desk.retitle("two", "Why two at all?")
    desk.run("sync", "--commit")
    commit = desk.git("rev-parse", "HEAD").strip()
    desk.wait(120)
    desk.edit("three", "three beta", "three from the file")
    desk.run("sync", "--commit")
    desk.wait(120)
    with contextlib.suppress(AssertionError):
        desk.git("revert", "--no-commit", commit)
    desk.git("restore", "--source=HEAD", "--staged", "--worktree", ".notionsync")
    desk.git("commit", "--quiet", "--message", "Take the sync back")
    desk.run("push", "--commit")
    assert desk.both("one")[1] == "one beta"
    assert desk.both("two")[1] == "two beta"
    assert "Why two?" in desk.titles()
    assert desk.both("three")[1] == "three from the file"
    desk.settled_now()


def test_a_plain_revert_brings_notions_text_back(desk: Desk) -> None:
    """The state is reverted with the files: Notion looks newer, so that a push refuses nothing else, and a sync pulls."""
    desk.note("one", "one beta", "one from Notion")
    desk.run("sync", "--commit")
    desk.wait(120)
    desk.git("revert", "--no-edit", "HEAD")
    assert desk.here("one")[1] == "one beta"
    desk.requests()
    assert desk.outcomes("push") == {"one": "pending wait"}
    assert desk.writes() == 0
    desk.run("sync")
    assert desk.both("one")[1] == "one from Notion"
    desk.settled_now()


@pytest.mark.parametrize("command", ["push", "sync"])
def test_s076_an_old_branch_does_not_undo_what_came_later(desk: Desk, command: str) -> None:
    """Files and state are of last week: nothing of them is sent; what both sides got since comes back with a sync."""
    desk.git("branch", "old")
    desk.edit("one", "one beta", "one from the file")
    desk.note("two", "two beta", "two from Notion")
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    desk.remove("three")
    desk.run("sync", "--commit")
    desk.wait(120)
    desk.git("checkout", "--quiet", "old")
    titles = desk.titles()
    desk.requests()
    desk.run(command)
    assert desk.writes() == 0
    assert desk.titles() == titles
    if command == "sync":
        assert desk.both("one")[1] == "one from the file"
        assert desk.both("two")[1] == "two from Notion"
        assert desk.both("four") == ["four alpha"]
        assert not desk.exists("three")
        desk.settled_now()
