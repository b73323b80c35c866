"""Scenarios 114-123: what counts as a change."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from tests.scenarios.desk import NAMES, Desk, path_of

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "00000005000165cd0a2a0000000049454e44ae426082"
)


def _rewrite(desk: Desk, name: str, **values: Any) -> None:
    """Change a question's entry in the state."""
    path = f".notionsync/base/{desk.page(name)}.json"
    desk.write(path, json.dumps({**json.loads(desk.read(path)), **values}, ensure_ascii=False))


@pytest.mark.parametrize("years", [-30, 30])
def test_s114_clocks_that_differ(desk: Desk, years: int) -> None:
    """The files' times are years away from Notion's, which has its own: nothing depends on them."""
    for name in NAMES:
        time = (desk.root / path_of(name)).stat().st_mtime + years * 31_557_600
        os.utime(desk.root / path_of(name), (time, time))
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    desk.note("one", "one beta", "one from Notion")
    desk.edit("two", "two beta", "two from the file")
    desk.run("sync")
    assert desk.both("one")[1] == "one from Notion"
    assert desk.both("two")[1] == "two from the file"


def test_s115_two_edits_within_one_minute(desk: Desk) -> None:
    """The second edit does not move the page's time, and is found all the same."""
    desk.note("one", "one alpha", "the first edit")
    desk.run("pull")
    before = desk.api("GET", f"pages/{desk.page('one')}")["last_edited_time"]
    desk.note("one", "one beta", "the second edit")
    assert desk.api("GET", f"pages/{desk.page('one')}")["last_edited_time"] == before
    desk.run("pull")
    assert desk.here("one")[:2] == ["the first edit", "the second edit"]


def test_s115_an_edit_in_the_minute_of_our_own_write(desk: Desk) -> None:
    """The page's time is the one that our write gave it."""
    desk.edit("one", "one alpha", "written by the run")
    desk.run("push")
    desk.note("one", "one beta", "written by a person in the same minute")
    desk.wait(120)
    desk.run("pull")
    assert desk.here("one")[:2] == ["written by the run", "written by a person in the same minute"]


def test_s116_a_time_that_moves_alone(desk: Desk) -> None:
    """Somebody edited and took it back: no write, and nothing that could be committed."""
    desk.note("one", "one beta", "typed by mistake")
    desk.wait(60)
    desk.note("one", "typed by mistake", "one beta")
    desk.settled_now()
    desk.run("pull")
    desk.requests()
    desk.run("pull")
    assert desk.requests()["total"] <= 3


def test_s117_both_times_move_and_one_content(desk: Desk) -> None:
    """The file is written again as it was, the page is edited: one way, no conflict."""
    desk.write(path_of("one"), desk.text("one"))
    desk.note("one", "one beta", "one from Notion")
    assert desk.outcomes("sync") == {"one": "done update"}
    desk.write(path_of("two"), desk.text("two").replace("two beta", "two from the file"))
    desk.fill("two", Status={"select": {"name": "Open"}})
    assert desk.outcomes("sync") == {"two": "done update"}
    assert desk.both("two")[1] == "two from the file"


def test_s118_a_checkout_touches_every_file(desk: Desk) -> None:
    """Other times, same bytes: not read as changes."""
    for name in NAMES:
        os.utime(desk.root / path_of(name))
    desk.run("pull")
    desk.requests()
    desk.run("pull")
    assert desk.requests()["total"] <= 3


def test_s119_content_that_changes_alone(desk: Desk) -> None:
    """Size and time stay as they were: the edit is found, because contents are compared."""
    file = desk.root / path_of("one")
    before = file.stat()
    desk.edit("one", "one beta", "one BETA")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    desk.run("sync")
    assert desk.both("one")[1] == "one BETA"


def test_s120_what_the_service_makes_is_not_compared(desk: Desk) -> None:
    """Another editor, later times, new signatures of a hosted image: no edit."""
    (desk.root / "answers" / "dot.png").write_bytes(PIXEL)
    desk.edit("one", "one gamma\n", "one gamma\n\n![A dot](dot.png)\n")
    desk.run("sync")
    desk.wait(7200)
    page = desk.page("one")
    first = desk.children(page)[-1]["image"]["file"]["url"]
    desk.wait(7200)
    assert desk.children(page)[-1]["image"]["file"]["url"] != first
    before = desk.everything()
    desk.requests()
    desk.run("sync", "--deep")
    assert desk.writes() == 0
    assert desk.everything() == before


def _blank(blocks: list[Any]) -> list[Any]:
    return [[page, kind, "0" * 64, *_blank(rest)] for page, kind, _, *rest in blocks]


def test_s121_a_converter_that_digests_otherwise(desk: Desk) -> None:
    """An upgrade changes the digest of every block: no question counts as edited, and none loses an edit."""
    for name in NAMES:
        _rewrite(desk, name, blocks=_blank(desk.records()[name]["blocks"]))
    desk.commit()
    desk.requests()
    texts = desk.bytes()
    desk.run("sync", "--deep")
    assert desk.writes() == 0
    assert desk.bytes() == texts
    desk.edit("one", "one alpha", "one from the file")
    desk.note("one", "one gamma", "one from Notion")
    desk.run("sync", "--deep")
    assert desk.both("one") == ["one from the file", "one beta", "one from Notion"]


def test_s122_a_base_that_was_tampered_with(desk: Desk) -> None:
    """The agreed text is not what was agreed on: said, not ignored, and nothing is derived from it."""
    page = desk.page("one")
    base = f".notionsync/base/{page}.base"
    desk.write(base, desk.read(base).replace("one beta", "never agreed on"))
    desk.requests()
    said = desk.run("sync", code=2).stderr
    assert base in said
    assert desk.requests()["total"] == 0


def test_s122_sides_that_differ_from_an_older_base(desk: Desk) -> None:
    """An older state than both sides: equal sides are adopted, different ones are a conflict."""
    desk.edit("one", "one beta", "one second")
    desk.edit("two", "two beta", "two second")
    desk.run("sync")
    desk.git("checkout", "--", ".notionsync")
    desk.note("two", "two second", "two third")
    desk.requests()
    assert desk.outcomes("sync", "--deep", code=3) == {"one": "done update", "two": "conflict update"}
    assert desk.writes() == 0
    assert (desk.here("two")[1], desk.there("two")[1]) == ("two second", "two third")


def test_s123_what_is_recorded_is_what_is_there(desk: Desk) -> None:
    """Notion stores a value otherwise than it was sent: the next runs see no edit in that."""
    desk.edit("one", "one beta", "one **be**t*a* with  two spaces and `code`")
    desk.edit("one", "tags: [a, b]", "tags: [b, a, a]")
    desk.run("sync")
    desk.settled_now()
    desk.requests()
    desk.run("sync", "--deep")
    assert desk.writes() == 0
