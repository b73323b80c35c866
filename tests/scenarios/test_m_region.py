"""Scenarios 155-161: the question list in the README."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.scenarios.desk import NAMES, Desk, path_of

_ACTION = Path(__file__).resolve().parents[2] / "scripts" / "ready.py"
BEGIN, END = "<!-- notionsync:begin questions -->", "<!-- notionsync:end questions -->"
BEFORE, AFTER = "# Title  \r\n\r\ntext\u00a0\t\r\n", "\r\n\r\n| a |\r\n|--|\r\nlast line without end"


@pytest.fixture
def listed(desk: Desk) -> Desk:
    """Three questions, and a README that lists them between words of its own."""
    desk.write("README.md", f"{BEFORE}{BEGIN}\r\n{END}{AFTER}")
    desk.write("notionsync.toml", f'{desk.read("notionsync.toml")}\n[[region]]\nfile = "README.md"\n')
    desk.run("sync")
    desk.commit()
    return desk


def _raw(desk: Desk) -> str:
    return (desk.root / "README.md").read_bytes().decode()


def _items(desk: Desk) -> list[str]:
    lines = _raw(desk).split("<!-- notionsync:begin")[1].split("\n<!-- notionsync:end")[0].splitlines()[1:]
    return [line for line in lines if line]


def test_s155_nothing_changed_nothing_written(listed: Desk) -> None:
    """The same bytes from the same files, and no commit."""
    before = _raw(listed)
    head = listed.git("rev-parse", "HEAD")
    for _ in range(2):
        listed.run("readme")
        listed.run("sync", "--commit")
    assert _raw(listed) == before
    assert listed.git("rev-parse", "HEAD") == head


def test_s156_what_is_outside_stays(listed: Desk) -> None:
    """Byte for byte, whatever happens to the questions."""
    listed.retitle("one", "Why only one?")
    listed.remove("two")
    listed.run("sync")
    text = _raw(listed)
    assert text.startswith(BEFORE)
    assert text.endswith(AFTER)
    assert [item.split("[")[0] for item in _items(listed)] == ["1. Why only one? ", "2. Why three? "]


@pytest.mark.parametrize(
    "text",
    [
        f"x\n{BEGIN}\n",
        f"x\n{END}\n",
        f"x\n{END}\n{BEGIN}\n",
        f"x\n{BEGIN}\n{BEGIN}\n{END}\n",
        f"x\n{BEGIN}\n{END}\n{END}\n",
        "x\nno markers\n",
    ],
    ids=["no-end", "no-begin", "swapped", "nested", "two-ends", "none"],
)
def test_s157_markers_that_make_no_sense(listed: Desk, text: str) -> None:
    """File and line are named, the file is untouched, and the questions are synced all the same."""
    listed.write("README.md", text)
    said = listed.run("readme", code=2).stderr
    assert "README.md" in said
    listed.note("one", "one beta", "one from Notion")
    report = listed.json("sync", code=3)
    assert [o["state"] for o in report["questions"] if o["path"] == "README.md"] == ["refused"]
    assert listed.both("one")[1] == "one from Notion"
    assert listed.read("README.md") == text


def test_s158_an_edit_by_hand_is_not_overwritten(listed: Desk) -> None:
    """Refused with what to do; forced, the list is rebuilt."""
    edited = _raw(listed).replace("2. Why two?", "Typed here.\r\n2. Why two?")
    (listed.root / "README.md").write_bytes(edited.encode())
    listed.retitle("one", "Why only one?")
    said = listed.run("sync", code=3).output
    assert "README.md:6:" in said
    assert _raw(listed) == edited
    assert "--force" in listed.run("readme", code=2).stderr
    listed.run("readme", "--force")
    assert "Typed here" not in _raw(listed)
    assert "Why only one?" in _raw(listed)


def _type(desk: Desk, old: str, new: str) -> None:
    text = _raw(desk)
    assert text.count(old) == 1
    (desk.root / "README.md").write_bytes(text.replace(old, new).encode())


def test_s158_a_new_wording_reaches_the_page(listed: Desk) -> None:
    """Through the file's front matter; Notion's edit of another question arrives in the same list."""
    _type(listed, "Why two?", "Why two, typed here?")
    listed.retitle("one", "Why only one?")
    planned = listed.json("sync", "--dry-run")
    assert planned["taken"] == ["README.md:6: the new wording was taken into answers/two.md"]
    assert {o["path"]: o["direction"] for o in planned["questions"]} == {
        path_of("one"): "from-notion",
        path_of("two"): "to-notion",
    }
    assert "typed here" not in listed.text("two")
    report = listed.json("sync")
    assert report["taken"] == planned["taken"]
    assert listed.titles() == ["Why only one?", "Why three?", "Why two, typed here?"]
    assert "question: Why two, typed here?\n" in listed.text("two")
    assert [item.split(" [")[0] for item in _items(listed)] == [
        "1. Why only one?",
        "2. Why two, typed here?",
        "3. Why three?",
    ]
    assert _raw(listed).startswith(BEFORE)
    listed.settled_now()


def test_s158_a_new_place_reaches_the_page(listed: Desk) -> None:
    """The order of the one question that moved, on both sides."""
    first, second = (line for line in _raw(listed).splitlines(keepends=True) if line.startswith(("1.", "2.")))
    _type(listed, first + second, second + first)
    report = listed.json("push")
    assert report["taken"] == ["README.md:5: the new place was taken into answers/two.md"]
    assert [o["path"] for o in report["questions"]] == [path_of("two")]
    assert "order: 0\n" in listed.text("two")
    properties = listed.api("GET", f"pages/{listed.page('two')}")["properties"]
    assert properties["Order"]["number"] == 0
    assert [item.split(" [")[0] for item in _items(listed)] == ["1. Why two?", "2. Why one?", "3. Why three?"]
    listed.settled_now()


def test_s158_both_reworded_is_a_conflict_like_any_other(listed: Desk) -> None:
    """The list's wording is in the file, Notion's in the page; neither is overwritten until somebody decides."""
    _type(listed, "Why two?", "Why two, typed here?")
    listed.retitle("two", "Why two, said there?")
    listed.json("sync", code=3)
    assert "question: Why two, typed here?\n" in listed.text("two")
    assert "Why two, said there?" in listed.titles()
    assert "2. Why two, typed here?" in _raw(listed)
    listed.run("resolve", path_of("two"), "--take", "local")
    listed.run("sync")
    assert "Why two, typed here?" in listed.titles()
    listed.settled_now()


def test_s158_a_pull_takes_the_wording_and_keeps_it_for_the_next_push(listed: Desk) -> None:
    """Notion is not written to; nor is anything lost when the run was stopped right after the file."""
    _type(listed, "Why two?", "Why two, typed here?")
    listed.requests()
    listed.run("pull")
    assert listed.requests()["writes"] == 0
    assert "Why two?" in listed.titles()
    assert "Why two, typed here?" in listed.text("two")
    assert "2. Why two, typed here?" in _raw(listed)
    listed.run("push")
    assert "Why two, typed here?" in listed.titles()


def test_s158_an_edit_of_list_and_file_together(listed: Desk) -> None:
    """The list that was edited is known from the last commit, though the file says something else by now."""
    _type(listed, "Why two?", "Why two, typed here?")
    listed.edit("one", "Why one?", "Why one, really?")
    listed.run("readme")
    assert [item.split(" [")[0] for item in _items(listed)][:2] == ["1. Why one, really?", "2. Why two, typed here?"]
    _type(listed, "Why two, typed here?", "Why two, typed twice?")
    listed.edit("two", "Why two, typed here?", "Why two, in the file?")
    listed.commit()
    before = listed.everything()
    listed.run("readme", code=2)
    assert listed.everything() == before


@pytest.mark.parametrize("command", ["sync", "readme"])
def test_s158_a_new_wording_of_a_file_that_was_renamed(listed: Desk, command: str) -> None:
    """The question is found again by its page, whether the new name is committed or not."""
    _type(listed, "Why two?", "Why two, typed here?")
    listed.move("two", "zwei")
    listed.run(command)
    assert "question: Why two, typed here?\n" in listed.text("zwei")
    assert "2. Why two, typed here? [Answer](answers/zwei.md)" in _items(listed)
    listed.run("sync")
    assert "Why two, typed here?" in listed.titles()
    listed.settled_now()


def test_s158_a_new_wording_of_a_question_that_is_gone(listed: Desk) -> None:
    """It stays in the list as it was typed, however often a run comes by, and the list says what is missing."""
    _type(listed, "Why two?", "Why two, typed here?")
    listed.remove("two")
    before = _raw(listed)
    for _ in range(2):
        said = listed.run("sync", code=3).output
        assert "README.md:6:" in said
        assert "answers/two.md asks nothing any more, or is not there" in said
        assert _raw(listed) == before
    listed.git("checkout", "--quiet", "HEAD", "--", "answers/two.md")
    listed.run("readme")
    assert "question: Why two, typed here?\n" in listed.text("two")


def test_s159_a_stale_list_fails_the_check(listed: Desk) -> None:
    """An exit code of its own, and nothing written."""
    listed.run("readme", "--check")
    listed.edit("one", "Why one?", "Why only one?")
    before = _raw(listed)
    listed.run("readme", "--check", code=6)
    assert _raw(listed) == before


@pytest.mark.parametrize(
    "title",
    [
        "a | b ] c [ d",
        "`code` and ``more",
        "<b>bold</b> <!-- notionsync:end questions -->",
        "[x](https://example.invalid) ![y](z)",
        "two\nlines\n\n1. an item",
        "{url} {n} {question}",
    ],
)
def test_s160_a_title_cannot_break_out(listed: Desk, title: str) -> None:
    """However it reads, the list has one line for each question, and is rebuilt to the same bytes."""
    listed.retitle("two", title)
    listed.run("sync")
    items = _items(listed)
    assert len(items) == 3
    assert [item.split(".")[0] for item in items] == ["1", "2", "3"]
    assert all(path_of(name) in item for name, item in zip(NAMES, items, strict=True))
    assert _raw(listed).endswith(AFTER)
    before = _raw(listed)
    listed.run("readme")
    assert _raw(listed) == before


def test_s160_a_link_in_a_title_leads_somewhere_on_both_sides(listed: Desk) -> None:
    """From the list to the answer's file, from the page to the page; rewording it in the list keeps it."""
    address = f"https://www.notion.so/{listed.page('one')}"
    link = {"text": {"content": "one", "link": {"url": address}}}
    listed.fill("two", Question={"title": [{"text": {"content": "Why not "}}, link]})
    listed.run("sync")
    assert "question: Why not [one](one.md)\n" in listed.text("two")
    assert "2. Why not [one](answers/one.md) [Answer](answers/two.md)" in _items(listed)
    _type(listed, "Why not [one]", "So why not [one]")
    listed.run("sync")
    assert "question: So why not [one](one.md)\n" in listed.text("two")
    title = listed.value("two", "Question")
    assert [run["plain_text"] for run in title] == ["So why not ", "one"]
    assert title[1]["href"].endswith(listed.page("one"))
    listed.settled_now()


def test_s161_our_own_commit_starts_nothing(listed: Desk) -> None:
    """A run's commit carries the trailer by which the Action knows it; with nothing new there is no second one."""
    listed.retitle("one", "Why only one?")
    listed.run("sync", "--commit")
    message = listed.git("log", "-1", "--format=%B").strip()
    assert f'TRAILER = "{message.splitlines()[-1].partition(":")[0]}"' in _ACTION.read_text("utf-8")
    head = listed.git("rev-parse", "HEAD")
    listed.wait(120)
    listed.run("sync", "--commit")
    assert listed.git("rev-parse", "HEAD") == head
