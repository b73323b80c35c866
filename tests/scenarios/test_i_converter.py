"""Scenario 121: a new version of the program gives every block another digest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.scenarios.desk import Desk, path_of

from notionsync.convert import blocks
from notionsync.model import Block

RICH = """
A paragraph with *marks* and a [link](https://example.org/a).

- an item

  with something below

  - deeper

| a | b |
|---|---|
| 1 | 2 |

```python
x = 1
```

> [!NOTE]
> A callout.
"""


@pytest.fixture
def rich(desk: Desk) -> Desk:
    """A desk with a question of every kind of block, one of which says in Notion what Markdown cannot."""
    desk.write(path_of("four"), f"---\nquestion: Why four?\norder: 4\n---\n{RICH}\nThe last words.\n")
    desk.run("sync")
    desk.wait(120)
    last = desk.children(desk.page("four"))[-1]
    text = [{"type": "text", "text": {"content": "The last words."}, "annotations": {"color": "red"}}]
    desk.api("PATCH", f"blocks/{last['id']}", {"paragraph": {"rich_text": text}})
    desk.run("sync")
    desk.commit()
    desk.wait(120)
    desk.run("sync", "--deep")
    desk.commit()
    desk.requests()
    return desk


def _another_version(patch: pytest.MonkeyPatch) -> None:
    """Let every block have another digest, and read a colour otherwise than before."""
    patch.setattr(blocks, "CONVERTER", 2)
    from_json = blocks._block

    def read(raw: Any, depth: int) -> Block:
        found = from_json(raw, depth)
        return replace(found, text=tuple(replace(run, color="default") for run in found.text))

    patch.setattr(blocks, "_block", read)


def test_s121_another_normal_form_is_no_edit(rich: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page is read again, and nothing is written: no file, no page, no state."""
    before = rich.everything()
    _another_version(monkeypatch)
    for args in (["sync"], ["sync", "--deep"], ["push", "--deep"], ["pull", "--deep"]):
        assert rich.outcomes(*args) == {}
    assert rich.writes() == 0
    assert rich.everything() == before
    assert rich.json("check", "--sides")["differences"] == []


@pytest.mark.parametrize("deep", [[], ["--deep"]], ids=["shallow", "deep"])
def test_s121_edits_arrive_across_versions(rich: Desk, monkeypatch: pytest.MonkeyPatch, deep: list[str]) -> None:
    """One line in Notion is one line in the file, one line in the file one request; all other blocks stay as they are."""
    _another_version(monkeypatch)
    page = rich.page("four")
    ids = rich.ids(page)
    item = rich.children(rich.children(page)[1]["id"])[0]
    rich.say(item["id"], "paragraph", "with something new below")
    rich.edit("four", "| 1 | 2 |", "| 1 | 3 |")
    rich.edit("one", "one beta", "one better")
    rich.note("two", "two beta", "two better")
    rich.requests()
    rich.run("sync", *deep)
    assert rich.writes() == 2
    assert rich.diff(path_of("four")) == (
        ["  with something below", "| 1 | 2 |"],
        ["  with something new below", "| 1 | 3 |"],
    )
    assert rich.diff(path_of("two")) == (["two beta"], ["two better"])
    assert rich.ids(page) == ids
    assert rich.both("one")[1] == "one better"
    assert {name: record["converter"] for name, record in rich.records().items()} == {
        "one": 2,
        "two": 2,
        "three": 1,
        "four": 2,
    }
    rich.settled_now()


def test_s121_conflicts_stay_conflicts(rich: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """And of the block only that both changed; the rest of the page is no part of it."""
    _another_version(monkeypatch)
    rich.edit("one", "one beta", "from the file")
    rich.note("one", "one beta", "from Notion")
    for _ in range(2):
        assert rich.outcomes("sync", code=3) == {"one": "conflict update"}
    rich.run("resolve", path_of("one"), "--take", "markers", code=3)
    assert rich.text("one").count("<<<<<<< local") == 1
    assert "one alpha\n\n<<<<<<< local" in rich.text("one")


def test_s121_an_edit_below_that_moved_no_time_is_not_taken_for_the_new_form(
    rich: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's time says nothing of a block deeper down that another program edited: it is read, and arrives."""
    item = rich.children(rich.children(rich.page("four"))[1]["id"])[0]
    before = rich.api("GET", f"pages/{rich.page('four')}")["last_edited_time"]
    rich.say(item["id"], "paragraph", "said by a program")
    assert rich.api("GET", f"pages/{rich.page('four')}")["last_edited_time"] == before
    _another_version(monkeypatch)
    rich.run("sync", "--deep")
    assert "  said by a program\n" in rich.text("four")
    assert rich.diff(path_of("four"))[0] == ["  with something below"]
