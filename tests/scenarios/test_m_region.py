"""Scenarios 155-161: the question list in the README."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.scenarios.desk import NAMES, Desk, path_of

_ACTION = Path(__file__).resolve().parents[2] / "scripts" / "action.py"
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
    edited = _raw(listed).replace("Why two?", "Why two, typed here?")
    (listed.root / "README.md").write_bytes(edited.encode())
    listed.retitle("one", "Why only one?")
    said = listed.run("sync", code=3).output
    assert "README.md" in said
    assert _raw(listed) == edited
    assert "--force" in listed.run("readme", code=2).stderr
    listed.run("readme", "--force")
    assert "typed here" not in _raw(listed)
    assert "Why only one?" in _raw(listed)


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
