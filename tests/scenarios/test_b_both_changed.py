"""Scenarios 15-36: changed on both sides."""

from __future__ import annotations

import pytest
from tests.scenarios.desk import Desk, path_of


def test_s015_equal_edits_are_adopted(desk: Desk) -> None:
    """Both sides say the same new thing: recorded, and neither is written."""
    desk.edit("one", "one beta", "one better")
    desk.note("one", "one beta", "one better")
    desk.requests()
    text = desk.text("one")
    desk.run("sync")
    assert desk.writes() == 0
    assert desk.text("one") == text
    desk.settled_now()


def test_s016_edits_apart_are_merged(desk: Desk) -> None:
    """Different paragraphs: both edits are on both sides."""
    desk.edit("one", "one alpha", "one ALPHA")
    desk.note("one", "one gamma", "one GAMMA")
    desk.run("sync")
    assert desk.both("one") == ["one ALPHA", "one beta", "one GAMMA"]
    desk.settled_now()


def test_s017_edits_of_one_paragraph_are_a_conflict(desk: Desk) -> None:
    """Both versions stay, nothing is overwritten, exit code 3."""
    desk.edit("one", "one beta", "one from the file")
    desk.note("one", "one beta", "one from Notion")
    text = desk.text("one")
    desk.requests()
    assert desk.outcomes("sync", code=3) == {"one": "conflict update"}
    assert desk.writes() == 0
    assert desk.text("one") == text
    assert desk.there("one") == ["one alpha", "one from Notion", "one gamma"]


def test_s018_different_insertions_at_one_place_are_a_conflict(desk: Desk) -> None:
    """Two texts put in at the same place are not simply put one behind the other."""
    desk.edit("one", "one alpha\n", "one alpha\n\nfrom the file\n")
    desk.put("one", "from Notion", after="one alpha")
    assert desk.outcomes("sync", code=3) == {"one": "conflict update"}
    assert desk.here("one") == ["one alpha", "from the file", "one beta", "one gamma"]
    assert desk.there("one") == ["one alpha", "from Notion", "one beta", "one gamma"]


@pytest.mark.parametrize("side", ["file", "notion"])
def test_s019_deleted_on_one_side_edited_on_the_other(desk: Desk, side: str) -> None:
    """A paragraph deleted here and edited there is a conflict; the edit lands on no other paragraph."""
    if side == "file":
        desk.edit("one", "one beta\n\n", "")
        desk.note("one", "one beta", "one beta, edited")
    else:
        desk.edit("one", "one beta", "one beta, edited")
        desk.drop("one", "one beta")
    here, there = desk.here("one"), desk.there("one")
    assert desk.outcomes("sync", code=3) == {"one": "conflict update"}
    assert (desk.here("one"), desk.there("one")) == (here, there)


def test_s020_moved_here_edited_there(desk: Desk) -> None:
    """A paragraph moved here and edited there: the edit stays with its paragraph, wherever that goes."""
    desk.edit("one", "one alpha\n\none beta\n\none gamma\n", "one gamma\n\none alpha\n\none beta\n")
    desk.note("one", "one gamma", "one gamma, edited")
    desk.run("sync")
    assert desk.both("one") == ["one gamma, edited", "one alpha", "one beta"]
    desk.settled_now()


def test_s020_moved_here_then_edited_on_both_sides(desk: Desk) -> None:
    """Notion has no moving: the paragraph is a new one there, and both know it by its new name from then on."""
    desk.edit("one", "one alpha\n\none beta\n\none gamma\n", "one gamma\n\none alpha\n\none beta\n")
    desk.run("sync")
    desk.edit("one", "one gamma\n\none alpha\n\none beta\n", "one alpha\n\none beta\n\none gamma here\n")
    desk.note("one", "one beta", "one beta there")
    desk.run("sync")
    assert desk.both("one") == ["one alpha", "one beta there", "one gamma here"]
    desk.settled_now()


def test_s020_cut_out_and_put_in_there_edited_here(desk: Desk) -> None:
    """What a person cuts out and puts in elsewhere is a new block; the edit here goes where it is now."""
    desk.drop("one", "one alpha")
    desk.put("one", "one alpha", after="one gamma")
    desk.edit("one", "one alpha", "one alpha, edited")
    desk.run("sync")
    assert desk.both("one") == ["one beta", "one gamma", "one alpha, edited"]
    desk.settled_now()


def _conflict(desk: Desk, name: str = "one") -> None:
    desk.edit(name, f"{name} beta", "said in the file")
    desk.note(name, f"{name} beta", "said in Notion")


def test_s021_a_conflict_stops_no_other_question(desk: Desk) -> None:
    """The others are synced in the same run."""
    _conflict(desk)
    desk.edit("two", "two beta", "two from the file")
    desk.note("three", "three beta", "three from Notion")
    desk.run("sync", code=3)
    assert desk.both("two")[1] == "two from the file"
    assert desk.both("three")[1] == "three from Notion"


def test_s022_an_open_conflict_does_not_grow(desk: Desk) -> None:
    """Three runs later it is the same one conflict, and nothing was written meanwhile."""
    _conflict(desk)
    desk.run("sync", code=3)
    before = desk.everything()
    for _ in range(3):
        desk.wait(120)
        desk.requests()
        assert desk.outcomes("sync", code=3) == {"one": "conflict update"}
        assert desk.writes() == 0
        assert desk.everything() == before


def test_s023_made_equal_by_hand_is_settled(desk: Desk) -> None:
    """A person makes both sides equal: adopted."""
    _conflict(desk)
    desk.run("sync", code=3)
    desk.note("one", "said in Notion", "said together")
    desk.edit("one", "said in the file", "said together")
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    desk.settled_now()


@pytest.mark.parametrize("side", ["file", "notion"])
def test_s024_settled_on_one_side_by_hand(desk: Desk, side: str) -> None:
    """A person takes one side's text back to what it was: the other side's version goes everywhere."""
    _conflict(desk)
    desk.run("sync", code=3)
    if side == "file":
        desk.edit("one", "said in the file", "one beta")
    else:
        desk.note("one", "said in Notion", "one beta")
    desk.run("sync")
    assert desk.both("one")[1] == ("said in Notion" if side == "file" else "said in the file")
    desk.settled_now()


def test_s024_settled_with_the_other_sides_words(desk: Desk) -> None:
    """A person copies Notion's words, and one more, into the file: Notion did not move since, but it did since the base."""
    _conflict(desk)
    desk.run("sync", code=3)
    desk.edit("one", "said in the file", "said in Notion")
    desk.run("sync")
    assert desk.both("one")[1] == "said in Notion"


def test_s024_settled_in_favour_of_what_is_committed(desk: Desk) -> None:
    """The file stays as git has it: that is a decision, and no pull that was undone."""
    desk.edit("one", "one beta", "said in the file")
    desk.commit()
    desk.note("one", "one beta", "said in Notion")
    desk.run("sync", code=3)
    desk.run("resolve", path_of("one"), "--take", "local")
    desk.run("sync")
    assert desk.both("one")[1] == "said in the file"
    desk.settled_now()


def test_s025_an_open_conflict_follows_later_edits(desk: Desk) -> None:
    """One side is edited again: the conflict shows the new text, and neither side is written."""
    _conflict(desk)
    desk.run("sync", code=3)
    desk.note("one", "said in Notion", "said again in Notion")
    assert desk.outcomes("sync", code=3) == {"one": "conflict update"}
    desk.run("resolve", path_of("one"), "--take", "markers", code=3)
    assert "said again in Notion" in desk.text("one")
    assert "said in the file" in desk.text("one")


@pytest.mark.parametrize(("policy", "wins", "lost"), [("local", "file", "Notion"), ("notion", "Notion", "file")])
def test_s026_a_policy_names_the_winner(desk: Desk, policy: str, wins: str, lost: str) -> None:
    """The winner is on both sides, and the loser is kept."""
    _conflict(desk)
    desk.run("sync", "--on-conflict", policy)
    expected = "said in the file" if wins == "file" else "said in Notion"
    assert desk.both("one")[1] == expected
    assert ("said in the file" if lost == "file" else "said in Notion") in desk.kept()
    desk.settled_now()


def test_s027_times_choose_no_winner(desk: Desk) -> None:
    """There is no policy by time: Notion's has whole minutes, and a checkout makes every file new."""
    assert "newer" in desk.run("sync", "--on-conflict", "newer", code=2).output
    _conflict(desk)
    desk.wait(3600)
    desk.run("sync", code=3)
    assert desk.here("one")[1] == "said in the file"
    assert desk.there("one")[1] == "said in Notion"


def test_s028_an_unknown_policy_is_refused_before_any_work(desk: Desk) -> None:
    """No request is sent."""
    desk.requests()
    desk.run("sync", "--on-conflict", "whoever", code=2)
    assert desk.requests()["total"] == 0


def test_s029_kept_losers_have_a_name_that_follows_from_the_question(desk: Desk) -> None:
    """Two machines that settle the same conflict put the loser under the same name."""
    _conflict(desk)
    desk.run("resolve", path_of("one"), "--take", "notion")
    assert [p.name for p in (desk.root / ".notionsync/conflicts").iterdir()] == ["one.local.md"]


def test_s030_a_kept_loser_overwrites_nothing(desk: Desk) -> None:
    """The name is taken: the next free one."""
    desk.write(".notionsync/conflicts/one.local.md", "an older one")
    _conflict(desk)
    desk.run("resolve", path_of("one"), "--take", "notion")
    assert desk.read(".notionsync/conflicts/one.local.md") == "an older one"
    assert "said in the file" in desk.read(".notionsync/conflicts/one.local.2.md")


def test_s031_kept_losers_become_no_pages(desk: Desk) -> None:
    """What was put aside is no question."""
    _conflict(desk)
    desk.run("sync", "--on-conflict", "notion")
    desk.settled_now()
    assert len(desk.titles()) == 3


def test_s032_a_text_about_git_is_no_conflict(desk: Desk) -> None:
    """An answer that shows git's markers in a code block is synced like any other."""
    shown = "```\n<<<<<<< HEAD\nmine\n=======\nyours\n>>>>>>> topic\n```"
    desk.edit("one", "one beta", shown)
    desk.run("sync")
    assert desk.there("one")[1] == "<<<<<<< HEAD\nmine\n=======\nyours\n>>>>>>> topic"
    desk.settled_now()


def test_s033_our_markers_are_not_pushed(desk: Desk) -> None:
    """A file that a person has not finished goes nowhere, and Notion's next edit does not go into it."""
    _conflict(desk)
    desk.run("resolve", path_of("one"), "--take", "markers", code=3)
    marked = desk.text("one")
    desk.note("one", "one gamma", "one gamma, edited meanwhile")
    desk.requests()
    for command in ("sync", "push", "pull"):
        desk.run(command, code=3)
    assert desk.writes() == 0
    assert desk.text("one") == marked
    start, stop = marked.index("<<<<<<< local"), marked.index(">>>>>>> notion") + len(">>>>>>> notion")
    desk.write(path_of("one"), f"{marked[:start]}said together{marked[stop:]}")
    desk.run("sync")
    assert desk.both("one") == ["one alpha", "said together", "one gamma, edited meanwhile"]


def test_s034_without_a_base_nothing_is_put_together(desk: Desk) -> None:
    """The state is lost and both sides differ: asked, neither guessed nor concatenated."""
    _conflict(desk)
    desk.git("rm", "-r", "--quiet", "--cached", ".notionsync")
    for path in (desk.root / ".notionsync" / "base").iterdir():
        path.unlink()
    (desk.root / ".notionsync" / "state.json").unlink()
    desk.requests()
    report = desk.json("sync", code=3)
    assert [(o["state"], o["path"]) for o in report["questions"] if o["state"] == "conflict"] == [
        ("conflict", path_of("one"))
    ]
    assert desk.writes() == 0
    assert desk.here("one")[1] == "said in the file"
    assert desk.there("one")[1] == "said in Notion"


def test_s035_a_merge_cannot_break_markdown(desk: Desk) -> None:
    """A fence opened here above a paragraph that is edited there: by blocks, not by lines."""
    desk.edit("one", "one alpha\n", "one alpha\n\n```\ncode\n```\n")
    desk.note("one", "one beta", "one beta with ``` in it")
    desk.run("sync")
    assert desk.there("one") == ["one alpha", "code", "one beta with ``` in it", "one gamma"]
    assert "```\ncode\n```\n" in desk.text("one")
    desk.settled_now()


def test_s036_a_resolution_of_something_that_moved_is_refused(desk: Desk) -> None:
    """Notion's side is edited while a conflict is being settled: what is sent then goes over no unseen words."""
    _conflict(desk)
    desk.run("resolve", path_of("one"), "--take", "local")
    desk.note("one", "said in Notion", "said by somebody else since")
    assert desk.outcomes("push", code=3) == {"one": "refused update"}
    assert desk.outcomes("sync", code=3) == {"one": "conflict update"}
    assert desk.there("one")[1] == "said by somebody else since"


@pytest.mark.parametrize("unit", ["field", "body"])
def test_s022_a_conflict_outlives_the_clean_edits_beside_it(desk: Desk, unit: str) -> None:
    """What can be merged of a question is; the conflicting unit is still in conflict three runs later, and can be settled."""
    if unit == "field":
        desk.edit("one", "order: 1", "order: 11")
        desk.fill("one", Order={"number": 111})
        desk.edit("one", "one alpha", "one said here")
        desk.note("one", "one gamma", "one said there")
    else:
        _conflict(desk)
        desk.edit("one", "order: 1", "order: 11")
        desk.fill("one", Tags={"multi_select": [{"name": "a"}, {"name": "b"}, {"name": "c"}]})
    for _ in range(3):
        report = desk.json("sync", code=3)
        assert [o["state"] for o in report["questions"]] == ["conflict"]
        desk.wait(120)
    if unit == "field":
        assert desk.both("one") == ["one said here", "one beta", "one said there"]
        assert (desk.value("one", "Order"), "order: 11\n" in desk.text("one")) == (111, True)
        desk.edit("one", "order: 11\n", "order: 1\n")
        desk.run("sync")
        assert "order: 111\n" in desk.text("one")
    else:
        assert desk.value("one", "Order") == 11
        assert "tags: [a, b, c]" in desk.text("one")
        assert (desk.here("one")[1], desk.there("one")[1]) == ("said in the file", "said in Notion")
        desk.note("one", "said in Notion", "one beta")
        desk.run("sync")
        assert desk.both("one")[1] == "said in the file"
    desk.settled_now()
