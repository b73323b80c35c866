"""Scenarios 79-96: interruptions, failures and lost replies."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.scenarios.desk import Desk, answer, path_of, plain
from tests.story.lab import git

from notionsync.emulator import BOT_TOKEN
from notionsync.engine import Request, run
from notionsync.engine.session import connect, open_session
from notionsync.errors import TransientError
from notionsync.sides.state import State
from notionsync.sides.worktree import Worktree


class _Stop(BaseException):
    """A kill at a given place."""


def _kill(*_: Any, **__: Any) -> Any:
    raise _Stop


def _killed(desk: Desk, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    """Sync, and die where a method would be called."""
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, _kill)
        with pytest.raises(_Stop):
            desk.run("sync")


def test_s080_written_but_not_recorded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides have it, the state does not: adopted without a write."""
    desk.edit("one", "one beta", "one better")
    _killed(desk, monkeypatch, State, "save_record")
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert desk.both("one")[1] == "one better"
    desk.settled_now()


def test_s081_created_but_its_id_not_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run finds the page by the file's name and takes it; there is no second one."""
    desk.write(path_of("four"), answer("four", 4, "four alpha"))
    _killed(desk, monkeypatch, Worktree, "write")
    assert len(desk.titles()) == 4
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    assert len(desk.titles()) == 4
    assert desk.both("four") == ["four alpha"]
    desk.settled_now()


def test_s082_a_body_that_was_begun_is_finished(bare: Desk) -> None:
    """A page of 250 blocks whose second request never came: the rest is added, nothing is doubled."""
    bare.write(path_of("long"), answer("long", 1, *(f"paragraph {n}" for n in range(250))))
    bare.run("init", "--create", "--parent", bare.workspace())
    bare.fault("internal_error", method="PATCH", path="/v1/blocks/{id}/children", nth=2, times=None)
    bare.run("sync", code=5)
    bare.person.delete("/_emulator/faults")
    bare.run("sync")
    assert len(bare.titles()) == 1
    assert _all(bare, bare.page_of(path_of("long"))) == [f"paragraph {n}" for n in range(250)]
    bare.settled_now()


def _all(desk: Desk, page: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        shown = desk.api("GET", f"blocks/{page}/children?page_size=100{cursor}")
        found += [plain(block["paragraph"]["rich_text"]) for block in shown["results"]]
        if not shown["has_more"]:
            return found
        cursor = f"&start_cursor={shown['next_cursor']}"


def test_s083_leftovers_of_a_killed_run_are_ignored_and_cleaned(desk: Desk) -> None:
    """Temporary files are no answers, and the next run removes them."""
    left = desk.root / "answers" / ".notionsync-abc123.tmp"
    left.write_text("half a fi", "utf-8")
    desk.run("sync")
    assert not left.exists()
    assert len(desk.titles()) == 3


def test_s084_a_state_is_old_or_new(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the two files of a record, either order of events leaves one that can be read."""
    desk.edit("one", "one beta", "one better")
    _killed(desk, monkeypatch, State, "_settle")
    assert set(desk.records()) == {"one", "two", "three"}
    desk.run("sync")
    assert desk.both("one")[1] == "one better"
    desk.settled_now()


def test_s085_one_question_fails(desk: Desk) -> None:
    """An option that the database does not have: named; its state entry is as before, and the others are synced."""
    before = desk.records()["one"]
    desk.edit("one", "status: Open", "status: Whatever")
    desk.edit("one", "one beta", "one better")
    desk.edit("two", "two beta", "two better")
    report = desk.json("sync", code=3)["questions"]
    assert [("Whatever" in o["message"], o["state"]) for o in report if o["path"] == path_of("one")] == [
        (True, "refused")
    ]
    assert desk.records()["one"] == before
    assert desk.value("one", "Status")["name"] == "Open"
    assert desk.both("two")[1] == "two better"


def test_s086_it_fails_again(desk: Desk) -> None:
    """The next run reports it again, and does nothing twice."""
    desk.edit("one", "status: Open", "status: Whatever")
    desk.write(path_of("four"), answer("four", 4, "four alpha").replace("Open", "Whatever"))
    first = desk.outcomes("sync", code=3)
    desk.requests()
    assert desk.outcomes("sync", code=3) == first
    assert desk.writes() == 0
    assert len(desk.titles()) == 3


def test_s087_what_is_recorded_is_what_is_there(desk: Desk) -> None:
    """Notion stores a text otherwise than it was sent: no phantom edit in the next run."""
    desk.edit("one", "one beta", "one <b>bold</b>&nbsp;beta  \nand `code`")
    desk.edit("two", "two beta", "```Python3\nprint()\n```")
    desk.run("sync")
    texts = desk.text("one"), desk.text("two")
    desk.settled_now()
    assert (desk.text("one"), desk.text("two")) == texts


def test_s088_rate_limited(desk: Desk) -> None:
    """Waits as told and goes on; when it does not end, stops as transient, and nothing is lost."""
    desk.edit("one", "one beta", "one better")
    desk.fault("rate_limited", nth=2, times=3, retry_after=2)
    desk.run("sync")
    assert desk.both("one")[1] == "one better"
    desk.edit("one", "one better", "one best")
    desk.fault("rate_limited", method="PATCH", times=None, retry_after=2)
    desk.run("sync", code=5)
    desk.person.delete("/_emulator/faults")
    desk.run("sync")
    assert desk.both("one")[1] == "one best"
    desk.settled_now()


@pytest.mark.parametrize("kind", ["internal_error", "bad_gateway", "gateway_timeout", "unavailable", "dropped"])
@pytest.mark.parametrize("applied", [False, True], ids=["lost", "applied"])
@pytest.mark.parametrize("write", ["create", "append", "update", "delete", "properties", "trash"])
def test_s089_an_unknown_outcome(desk: Desk, write: str, kind: str, *, applied: bool) -> None:
    """A write without an answer is not blindly repeated: after at most one more run everything is there once."""
    method, path = {
        "create": ("POST", "/v1/pages"),
        "append": ("PATCH", "/v1/blocks/{id}/children"),
        "update": ("PATCH", "/v1/blocks/{id}"),
        "delete": ("DELETE", "/v1/blocks/{id}"),
        "properties": ("PATCH", "/v1/pages/{id}"),
        "trash": ("PATCH", "/v1/pages/{id}"),
    }[write]
    expected = ["one alpha", "one beta", "one gamma"]
    gone = desk.page("two")
    if write == "create":
        desk.write(path_of("four"), answer("four", 4, "four alpha"))
    elif write == "append":
        desk.edit("one", "one beta\n", "one beta\n\none more\n")
        expected.insert(2, "one more")
    elif write == "update":
        desk.edit("one", "one beta", "one better")
        expected[1] = "one better"
    elif write == "delete":
        desk.edit("one", "one beta\n\n", "")
        del expected[1]
    elif write == "properties":
        desk.edit("one", "order: 1", "order: 7")
    else:
        desk.remove("two")
    desk.fault(kind, method=method, path=path, applied=applied)
    if _sync_anyhow(desk):
        desk.run("sync")
    assert desk.both("one") == expected
    assert desk.value("one", "Order") == (7 if write == "properties" else 1)
    assert desk.trashed(gone) is (write == "trash")
    assert len(desk.titles()) == 3 + (write == "create") - (write == "trash")
    desk.settled_now()


def _sync_anyhow(desk: Desk) -> bool:
    """Sync; return whether the run ended as transient."""
    session = open_session(desk.root)
    with connect(session, {"NOTION_TOKEN": BOT_TOKEN, "NOTION_BASE_URL": desk.base_url}) as notion:
        try:
            code = run(session, notion, Request(direction="sync")).exit_code
        except TransientError as error:
            code = error.exit_code
    assert code in {0, 5}
    return code == 5


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_s090_notion_is_away(desk: Desk, nth: int) -> None:
    """From any request on: nothing is written here, exit code 5, and the next run does it all."""
    desk.note("one", "one beta", "one better")
    desk.trash("two")
    before = desk.everything()
    desk.fault("unavailable", nth=nth, times=None)
    desk.run("sync", code=5)
    assert desk.everything() == before
    desk.person.delete("/_emulator/faults")
    desk.run("sync")
    assert desk.both("one")[1] == "one better"
    assert not desk.exists("two")


def test_s090_nobody_answers(desk: Desk) -> None:
    """A wrong address, or no network."""
    before = desk.everything()
    desk.run("sync", code=5, url="http://127.0.0.1:9")
    assert desk.everything() == before


@pytest.mark.parametrize("how", ["token", "unshared"])
def test_s091_access_is_gone(desk: Desk, how: str) -> None:
    """A refused token, or a database that is no longer shared, is no deletion of everything."""
    before = desk.everything()
    if how == "token":
        desk.run("sync", code=2, token="ntn_wrong")  # noqa: S106 - no secret
    else:
        desk.fault("unshare", id=desk.source)
        desk.person.get("/v1/users/me")
        desk.run("sync", code=2)
    assert desk.everything() == before


@pytest.mark.parametrize("silent", [False, True], ids=["announced", "silent"])
def test_s092_a_listing_that_is_cut_short(bare: Desk, *, silent: bool) -> None:
    """What a listing lacks was not deleted: nothing is, whether the service says that it is incomplete or not."""
    bare.begin([f"q{n}" for n in range(12)])
    bare.wait(120)
    before = bare.everything()
    bare.fault("truncated", path="/v1/data_sources/{id}/query", keep=3, silent=silent, times=1)
    bare.requests()
    if silent:
        bare.run("sync", code=4)
    else:
        bare.run("sync")
    assert bare.writes() == 0
    assert {p: d for p, d in bare.everything().items() if p.startswith("answers/")} == {
        p: d for p, d in before.items() if p.startswith("answers/")
    }
    bare.run("sync")
    assert len(bare.titles()) == 12


def test_s092_the_second_page_of_a_listing_fails(bare: Desk) -> None:
    """The whole run stops."""
    bare.begin(["one"])
    for n in range(101):
        bare.ask(f"Why {n}?")
    bare.run("sync")
    bare.commit()
    bare.wait(120)
    before = bare.everything()
    bare.fault("internal_error", path="/v1/data_sources/{id}/query", nth=2, times=None)
    bare.run("sync", code=5)
    assert bare.everything() == before


def _signalled(bare: Desk, names: list[str], *signs: signal.Signals) -> tuple[int, str]:
    """Push questions for the first time in a real process, and signal it in the midst of it; return how it ended."""
    for order, name in enumerate(names):
        bare.write(path_of(name), answer(name, order, f"{name} alpha", f"{name} beta"))
    bare.run("init", "--create", "--parent", bare.workspace())
    bare.fault("slow", method="POST", path="/v1/pages", times=None, seconds=0.2)
    environment = {**os.environ, "NOTION_TOKEN": BOT_TOKEN, "NOTION_BASE_URL": bare.base_url}
    command = [sys.executable, "-m", "notionsync", "sync"]
    with subprocess.Popen(
        command, cwd=bare.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        while len(bare.pages(bare.source)) < 3:
            assert process.poll() is None
        for sign in signs:
            process.send_signal(sign)
        output = process.communicate()[0].decode()
    assert len(bare.pages(bare.source)) < len(names), output
    bare.person.delete("/_emulator/faults")
    return process.returncode, output


def _goes_on(bare: Desk, names: list[str]) -> None:
    bare.run("sync")
    assert bare.titles() == sorted(f"Why {name}?" for name in names)
    for name in names:
        assert bare.both(name) == [f"{name} alpha", f"{name} beta"]
    bare.settled_now()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_s093_asked_to_stop(bare: Desk, sign: signal.Signals) -> None:
    """Once: the question in hand is finished, everything that was begun is recorded, and the next run goes on."""
    names = [f"q{n}" for n in range(8)]
    code, output = _signalled(bare, names, sign)
    assert code == 5
    assert "finishing the question in hand" in output
    assert len(bare.records()) == len(bare.pages(bare.source))
    _goes_on(bare, names)


@pytest.mark.parametrize("signs", [(signal.SIGINT, signal.SIGTERM), (signal.SIGKILL,)], ids=["twice", "killed"])
def test_s093_stopped_at_once(bare: Desk, signs: tuple[signal.Signals, ...]) -> None:
    """At once, wherever it is: the next run goes on all the same, and nothing is there twice."""
    names = [f"q{n}" for n in range(8)]
    code, _ = _signalled(bare, names, *signs)
    assert code in {5, -signal.SIGKILL}
    _goes_on(bare, names)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("after", [0, 4], ids=["from the start", "meanwhile"])
def test_s094_nothing_can_be_written_here(desk: Desk, monkeypatch: pytest.MonkeyPatch, code: int, after: int) -> None:
    """Disk full, or a read-only checkout: Notion is left alone, and the run says why it stopped.

    When it fills up meanwhile, no further question is begun.
    """
    for name in ("one", "two", "three"):
        desk.edit(name, f"{name} beta", f"{name} better")
    replace, left = os.replace, [None] * after

    def refuse(source: Any, target: Any) -> None:
        if not left:
            raise OSError(code, os.strerror(code))
        left.pop()
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        output = desk.run("sync", code=2).output
        assert os.strerror(code) in output
    changed = [name for name in ("one", "two", "three") if desk.there(name)[1] == f"{name} better"]
    assert len(changed) == (2 if after else 0)
    desk.run("sync")
    for name in ("one", "two", "three"):
        assert desk.both(name)[1] == f"{name} better"
    desk.settled_now()


def test_s095_the_branch_moved(desk: Desk, tmp_path: Path) -> None:
    """A run whose commit never lands: the next one, from the new tip, adopts what it wrote and loses nothing."""
    git(tmp_path, "clone", "--quiet", str(desk.root), "clone")
    clone = Desk(tmp_path / "clone", desk.base_url, desk.person)
    desk.note("two", "two beta", "two better")
    clone.edit("one", "one beta", "one from the clone")
    clone.run("sync")
    desk.edit("one", "one beta", "one from the clone")
    desk.edit("three", "three beta", "three better")
    desk.commit("Somebody was faster")
    desk.run("sync", "--commit")
    assert desk.both("one")[1] == "one from the clone"
    assert desk.both("two")[1] == "two better"
    assert desk.both("three")[1] == "three better"
    assert desk.git("status", "--porcelain") == ""
    desk.settled_now()


def test_s096_content_and_state_are_one_commit(desk: Desk) -> None:
    """`--commit` makes one commit that holds both, and nothing that is not ours."""
    desk.edit("one", "one beta", "one better")
    desk.note("two", "two beta", "two better")
    desk.ask("Why four?", "four alpha")
    desk.write("notes.txt", "not ours")
    head = desk.git("rev-parse", "HEAD").strip()
    desk.run("sync", "--commit")
    assert desk.git("rev-parse", "HEAD^").strip() == head
    changed = desk.git("diff", "--name-only", "HEAD^", "HEAD").split()
    assert {"answers/one.md", "answers/two.md", "answers/Why_four.md"} <= set(changed)
    for name in ("one", "two", "Why_four"):
        assert f".notionsync/base/{desk.page(name)}.json" in changed
        assert f".notionsync/base/{desk.page(name)}.base" in changed
    assert desk.git("status", "--porcelain").split() == ["??", "notes.txt"]
    desk.settled_now()


def _half_written(desk: Desk) -> None:
    """Push an edit of `one` that deletes two paragraphs and adds two, and die after the first deletion."""
    desk.edit("one", "one alpha\n\none beta\n", "something new\n\nquite other words\n")
    desk.fault("dropped", method="DELETE", path="/v1/blocks/{id}", nth=2, times=None)
    desk.fault("dropped", method="GET", path="/v1/blocks/{id}", times=None)
    desk.run("push", code=5)
    desk.person.delete("/_emulator/faults")
    assert desk.there("one") == ["something new", "quite other words", "one beta", "one gamma"]


def test_s082_a_pull_leaves_a_half_written_page_to_the_push(desk: Desk) -> None:
    """What the page holds is ours, not an edit of somebody's: the pull brings nothing, the push finishes."""
    _half_written(desk)
    text = desk.text("one")
    assert desk.outcomes("pull") == {"one": "pending update"}
    assert desk.text("one") == text
    assert desk.outcomes("push") == {"one": "done update"}
    assert desk.both("one") == ["something new", "quite other words", "one gamma"]
    desk.settled_now()


def test_s082_a_person_goes_on_with_a_half_written_page(desk: Desk) -> None:
    """Somebody adds to it: the next sync brings their words here and finishes ours."""
    _half_written(desk)
    desk.put("one", "said after the kill")
    desk.note("one", "one gamma", "one gamma, edited there")
    desk.run("sync")
    assert desk.both("one") == [
        "something new",
        "quite other words",
        "one gamma, edited there",
        "said after the kill",
    ]
    desk.settled_now()


def test_s082_pull_and_push_take_turns_on_a_half_written_page(desk: Desk) -> None:
    """The same for somebody who never calls sync: no word is lost, and the two do not send each other in a circle."""
    _half_written(desk)
    desk.put("one", "said after the kill")
    desk.run("push", code=3)
    pulled = desk.outcomes("pull", "--on-conflict", "local")
    assert pulled == {"one": "done update"}
    desk.run("push")
    assert "said after the kill" in desk.there("one")
    assert desk.here("one") == desk.there("one")
    for words in ("something new", "quite other words", "one gamma", "said after the kill"):
        assert desk.here("one").count(words) == 1
    desk.settled_now()
