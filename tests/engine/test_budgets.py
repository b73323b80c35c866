"""How many requests a run may cost, counted by the emulator: exact, for shallow runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from httpx import WSGITransport
from tests.scenarios.desk import Desk, desk_at, plain
from tests.story.lab import START

from notionsync import readme
from notionsync.emulator import BOT_TOKEN, Clock, create_app
from notionsync.engine import Request, run
from notionsync.engine.session import connect, open_session
from notionsync.plan.action import Direction
from notionsync.sides.notion import Notion
from notionsync.sides.worktree import Worktree

FLAT = "One.\n\nTwo.\n\nThree.\n"
NESTED = "One.\n\n- a\n  - b\n    - c\n- d\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n<details>\n<summary>More</summary>\n\nInside.\n\n</details>\n"
LISTS_OF_NESTED = 5
"""Requests that its tree takes: of the page, of `a`, of `b`, of the table, of the toggle."""
LISTING = ["GET data_sources/{id}", "POST data_sources/{id}/query", "POST data_sources/{id}/query"]
"""The schema, the pages, the trash."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty repository, and an empty Notion."""
    with desk_at(tmp_path / "repository") as opened:
        yield opened


def _begin(desk: Desk, *bodies: str) -> None:
    """Push questions, and let a while pass; what the push read counts for the next run."""
    for number, body in enumerate(bodies):
        desk.write(f"answers/q{number}.md", f"---\nquestion: Why {number}?\nnote: plain\n---\n\n{body}")
    desk.run("init", "--create", "--parent", desk.workspace())
    desk.run("push")
    desk.commit()
    desk.wait(120)
    desk.requests()


def _shallow(desk: Desk, direction: Direction = "sync") -> list[str]:
    """Run as at a terminal; return what was asked, in order of kind and without ids."""
    with connect(open_session(desk.root), _environment(desk)) as notion:
        assert run(open_session(desk.root), notion, Request(direction=direction)).exit_code == 0
    return [entry["kind"].replace("/v1/", "") for entry in desk.requests()["log"]]


def _environment(desk: Desk) -> dict[str, str]:
    return {"NOTION_TOKEN": BOT_TOKEN, "NOTION_BASE_URL": desk.base_url}


def _reads(count: int) -> list[str]:
    return ["GET blocks/{id}/children"] * count


def test_first_pull_and_nothing_changed(desk: Desk) -> None:
    """One request per hundred pages and two besides, and one per page and per block with children; then none of those."""
    _begin(desk, FLAT, NESTED, "")
    shutil.rmtree(desk.root / "answers")
    shutil.rmtree(desk.root / ".notionsync")
    assert _shallow(desk, "pull") == [*LISTING, *_reads(1 + LISTS_OF_NESTED + 1)]
    for direction in get_args(Direction):
        assert _shallow(desk, direction) == LISTING


@pytest.mark.parametrize(("count", "requests"), [(300, 5), (501, 3)])
def test_nothing_changed_in_many(tmp_path: Path, count: int, requests: int) -> None:
    """A listing is whole while that takes five requests, else only what was edited since the last one is asked for."""
    clock = Clock(START, frozen=True)
    app = create_app(clock=clock)
    try:
        [source] = app.seed({"databases": [_database(count)]}).data_sources
        config = f'[notion]\ndata_source = "{source.replace("-", "")}"\n[properties]\nquestion = "Question"\n'
        (tmp_path / "notionsync.toml").write_text(config)
        clock.advance(600)
        for expected in (2 + -(-count // 100) + count, requests, requests):
            with Notion(BOT_TOKEN, "http://emulator", transport=WSGITransport(app=app), pace=1_000_000) as notion:
                assert run(open_session(tmp_path), notion, Request(direction="sync")).exit_code == 0
                assert notion.requests == expected
    finally:
        app.close()


def test_files_that_did_not_change_are_not_opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither answers nor agreed texts: their stat tells; a list is parsed again only when it may differ."""
    _begin(desk, FLAT, NESTED)
    desk.write("README.md", "# Q\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n")
    desk.write("notionsync.toml", f'{desk.read("notionsync.toml")}\n[[region]]\nfile = "README.md"\n')
    for path in desk.bytes("."):
        os.utime(desk.root / path, ns=(1, 1))
    stamp, opened = Worktree.stamp, list[str]()
    with monkeypatch.context() as patch:
        patch.setattr(Worktree, "stamp", lambda tree, path: (found := stamp(tree, path)) and (found[0], 1, *found[2:]))
        _shallow(desk)
        _shallow(desk)
        for owner, name in ((Worktree, "fingerprint"), (readme, "read"), (readme, "find")):
            patch.setattr(owner, name, _noted(getattr(owner, name), opened))
        _shallow(desk)
        assert not opened


def _noted(do: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def noting(*args: Any, **kwargs: Any) -> Any:
        calls.append(f"{do.__name__} {args[1]}")
        return do(*args, **kwargs)

    return noting


def test_a_list_that_was_edited_by_hand_is_seen(desk: Desk) -> None:
    """Also after a run that found it as it had been built; as is an answer that changed alone, or the configuration."""
    _begin(desk, FLAT)
    desk.write("README.md", "# Q\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n")
    desk.write("notionsync.toml", f'{desk.read("notionsync.toml")}\n[[region]]\nfile = "README.md"\n')
    for _ in range(2):
        _shallow(desk)
    built = desk.read("README.md")
    assert "Why 0?" in built
    desk.write("README.md", built.replace("Why 0?", "Why zero?"))
    _shallow(desk)
    assert "question: Why zero?" in desk.read("answers/q0.md")
    desk.write("answers/q1.md", "---\nquestion: Why 1?\n---\n")
    _shallow(desk)
    assert "Why 1?" in desk.read("README.md")
    desk.replace(
        "notionsync.toml", 'file = "README.md"', 'file = "README.md"\nitem = "- {question}"\nopen_item = "- {question}"'
    )
    _shallow(desk)
    assert "- Why zero?" in desk.read("README.md")


def test_a_checkout_of_an_older_state_hides_nothing(desk: Desk) -> None:
    """What was seen unchanged since the newer record says nothing of the older one."""
    _begin(desk, FLAT)
    page = desk.page_of("answers/q0.md")
    desk.say(desk.children(page)[0]["id"], "paragraph", "One in Notion.")
    desk.wait(120)
    _shallow(desk)
    desk.commit()
    desk.say(desk.children(page)[1]["id"], "paragraph", "Typed by mistake.")
    desk.wait(60)
    desk.say(desk.children(page)[1]["id"], "paragraph", "Two.")
    desk.wait(120)
    _shallow(desk)
    _shallow(desk)
    desk.git("checkout", "--quiet", "HEAD~1")
    _shallow(desk, "pull")
    assert "One in Notion." in desk.read("answers/q0.md")


def _database(count: int) -> dict[str, Any]:
    pages = [{"properties": {"Question": {"title": [{"text": {"content": f"Why {n}?"}}]}}} for n in range(count)]
    return {"title": [{"text": {"content": "Many"}}], "properties": {"Question": {"title": {}}}, "pages": pages}


def test_one_word_changed_in_notion(desk: Desk) -> None:
    """The listing, and that page's tree."""
    _begin(desk, FLAT, NESTED, FLAT)
    for path, old, lists in (("answers/q0.md", "Two.", 1), ("answers/q1.md", "One.", LISTS_OF_NESTED)):
        page = desk.page_of(path)
        block = next(b for b in desk.children(page) if plain(b[b["type"]].get("rich_text", ())) == old)
        desk.say(block["id"], "paragraph", f"{old} More.")
        desk.wait(120)
        desk.requests()
        assert _shallow(desk) == [*LISTING, *_reads(lists)]
        assert f"{old} More." in desk.read(path)
        assert _shallow(desk) == LISTING


@pytest.mark.parametrize("direction", ["push", "sync"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Two.", "Two. More."),
        ("One.", "One. More."),
        ("- b", "- b and b"),
        ("Inside.", "Inside. More."),
        ("| 1", "| 11"),
    ],
    ids=["flat", "top", "item", "toggle", "row"],
)
def test_one_word_changed_in_a_file(desk: Desk, direction: Direction, old: str, new: str) -> None:
    """The listing, that page's tree, one write, and the list of blocks that it went to.

    Where the write moved the page's time, a person's edit of another list could hide behind it: those are read by the
    next run, once.
    """
    body = FLAT if old in FLAT and old not in NESTED else NESTED
    lists = 1 if body == FLAT else LISTS_OF_NESTED
    hidden = lists if old == "One." else 0
    _begin(desk, FLAT, body)
    desk.replace("answers/q1.md", old, new)
    assert _shallow(desk, direction) == [*LISTING, *_reads(lists), "PATCH blocks/{id}", *_reads(1)]
    assert _shallow(desk, "push") == [*LISTING, *_reads(hidden or (body == FLAT))]
    desk.wait(120)
    assert _shallow(desk, "push") == [*LISTING, *_reads(hidden)]
    assert _shallow(desk, "push") == LISTING
