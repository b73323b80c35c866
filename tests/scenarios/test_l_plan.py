"""Scenarios 148-150 for plans as data: `plan --json`, and `apply`, which does exactly that or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.scenarios.desk import NAMES, Desk, answer, path_of
from tests.scenarios.test_l_reporting import much, told

from notionsync.engine import apply
from notionsync.engine.apply import Applier

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "plan.schema.json").read_text("utf-8"))


def _plan(desk: Desk, *args: str, code: int = 0) -> Any:
    """Write a plan into plan.json, checked against what is published; return it."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    text = desk.run("plan", *args, "--json", code=code).stdout
    desk.write("plan.json", text)
    plan = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(plan)
    return plan


def _acts(desk: Desk) -> None:
    """Edit each of the three questions: one in the file, one in Notion, one on both sides apart."""
    desk.edit("one", "one beta", "one from the file")
    desk.note("two", "two beta", "two from Notion")
    desk.edit("three", "three alpha", "three from the file")
    desk.note("three", "three gamma", "three from Notion")


@pytest.mark.parametrize("direction", ["sync", "push", "pull"])
def test_s148_plan_dry_run_and_apply_agree(desk: Desk, direction: str) -> None:
    """Action by action, with paths, pages, directions, details, messages and advice; nothing is written by planning."""
    much(desk)
    files = desk.everything()
    desk.requests()
    plan = _plan(desk, "--direction", direction, code=3)
    assert desk.writes() == 0
    assert desk.everything() == files
    dry = desk.json(direction, "--dry-run", code=3)
    wet = desk.json("apply", "plan.json", code=3)
    assert told({"questions": [*plan["questions"], *map(_as_outcome, plan["refused"])]}) == told(dry) == told(wet)
    assert wet["command"] == "apply"
    kinds = {question["verb"] for question in plan["questions"]}
    assert (
        kinds
        >= {"sync": {"create-page", "create-file", "update"}, "push": {"create-page"}, "pull": {"update"}}[direction]
    )


def _as_outcome(refused: Any) -> Any:
    return {**refused, "verb": "wait", "direction": "", "details": [], "notices": []}


def test_s148_an_applied_plan_comes_to_what_a_sync_comes_to(desk: Desk) -> None:
    """Every edit arrives on the other side, and the files are those that the plan named."""
    _acts(desk)
    plan = _plan(desk)
    desk.run("apply", "plan.json", "--commit", "--message", "As planned")
    assert desk.both("one")[1] == "one from the file"
    assert desk.both("two")[1] == "two from Notion"
    assert desk.both("three") == ["three from the file", "three beta", "three from Notion"]
    changed = {question["path"]: question["file"]["sha256"] for question in plan["questions"] if question["file"]}
    assert {path: _sha256(desk, path) for path in changed} == changed
    assert desk.git("log", "-1", "--format=%s").strip() == "As planned"
    desk.settled_now()


def _sha256(desk: Desk, path: str) -> str:
    return hashlib.sha256((desk.root / path).read_bytes()).hexdigest()


def test_s149_a_plan_is_the_same_text_each_time(desk: Desk) -> None:
    """Also an hour later: there is no time, count or chance in it."""
    much(desk)
    first = desk.run("plan", "--json", code=3).stdout
    desk.wait(3600)
    assert desk.run("plan", "--json", code=3).stdout == first


def _file(desk: Desk) -> None:
    desk.edit("one", "one gamma", "one once more")


def _page(desk: Desk) -> None:
    desk.note("two", "two gamma", "two once more")


def _back_and_forth(desk: Desk) -> None:
    """Edit a page, and take the edit back, some minutes later: its time moved, its words did not."""
    desk.wait(120)
    desk.note("two", "two gamma", "for a moment")
    desk.note("two", "for a moment", "two gamma")


def _other_file(desk: Desk) -> None:
    desk.write(path_of("four"), answer("four", 4, "four alpha"))


def _other_page(desk: Desk) -> None:
    desk.ask("Why nine?", "nine alpha")


def _record(desk: Desk) -> None:
    desk.run("sync", path_of("three"))


def _config(desk: Desk) -> None:
    desk.write("notionsync.toml", desk.read("notionsync.toml") + "\n[guards]\nmax_delete = 6\n")


def _gone(desk: Desk) -> None:
    desk.remove("three")


MOVES = [_file, _page, _back_and_forth, _other_file, _other_page, _record, _config, _gone]


@pytest.mark.parametrize("move", MOVES)
def test_s148_a_plan_is_not_applied_when_a_side_moved(desk: Desk, move: Callable[[Desk], None]) -> None:
    """A file, a page, a record, the configuration, something new: nothing is written, and the error says what moved."""
    _acts(desk)
    _plan(desk)
    move(desk)
    files = desk.everything()
    desk.requests()
    error = desk.json("apply", "plan.json", code=4)
    assert desk.writes() == 0
    assert desk.everything() == files
    expected: dict[Callable[[Desk], None], str] = {
        _file: "answers/one.md: its file changed",
        _page: "answers/two.md: its page changed",
        _back_and_forth: "answers/two.md: its page changed",
        _other_file: "answers/four.md: changed since",
        _other_page: "Why_nine.md: changed since",
        _record: "answers/three.md: needs nothing any more",
        _config: "notionsync.toml changed",
        _gone: "answers/three.md: its file changed",
    }
    assert expected[move] in error["error"]
    assert "notionsync plan" in error["advice"]


def test_s148_a_plan_that_was_edited_is_not_applied(desk: Desk) -> None:
    """What is done is what a plan says to the letter, so a changed letter is refused."""
    _acts(desk)
    plan = _plan(desk)
    plan["questions"][0]["edits"] = []
    desk.write("plan.json", json.dumps(plan))
    desk.requests()
    desk.run("apply", "plan.json", code=4)
    assert desk.writes() == 0


def test_s148_a_plan_is_applied_once(desk: Desk) -> None:
    """The second time nothing of it is left to do."""
    _acts(desk)
    _plan(desk)
    desk.run("apply", "plan.json")
    desk.run("apply", "plan.json", code=4)


def test_s110_a_page_that_moves_while_a_plan_is_applied_is_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run would plan that question anew; a plan is done to the letter, so the question waits for the next run."""
    desk.edit("one", "one beta", "one from the file")
    _plan(desk)
    carry_out = Applier.run

    def interrupted(self: Applier) -> Any:
        desk.note("one", "one gamma", "one from Notion")
        return carry_out(self)

    monkeypatch.setattr(apply, "_FRESH", -1.0)
    monkeypatch.setattr(Applier, "run", interrupted)
    assert desk.outcomes("apply", "plan.json", code=3) == {"one": "failed update"}
    assert desk.there("one") == ["one alpha", "one beta", "one from Notion"]


def test_s104_what_a_plan_was_allowed_holds_for_that_plan(desk: Desk) -> None:
    """A guard stops the planning; what it lets through is written into the plan, and is gone with it."""
    for name in NAMES:
        desk.remove(name)
    desk.run("plan", "--json", code=4)
    plan = _plan(desk, "--allow-delete", "3")
    assert plan["options"]["allow_delete"] == 3
    desk.run("apply", "plan.json")
    assert desk.titles() == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[]", "no plan"),
        ('{"format": 2, "questions": []}', "format 2"),
        ('{"format": 1, "questions": []}', "lacks"),
    ],
)
def test_s152_what_is_no_plan(desk: Desk, text: str, says: str) -> None:
    """A broken file, something else, another version: a usage error that says which."""
    desk.write("plan.json", text)
    assert says in desk.json("apply", "plan.json", code=2)["error"]
    assert "cannot be read" in desk.json("apply", "nothing.json", code=2)["error"]


LISTED = "# Ours\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n"


def _retitled(desk: Desk) -> None:
    desk.retitle("one", "Why one at all?")


def _answered(desk: Desk) -> None:
    desk.ask("Why nine?", "nine alpha")


def _trashed(desk: Desk) -> None:
    desk.trash("two")


def _new(desk: Desk) -> None:
    desk.write(path_of("four"), answer("four", 4, "four alpha"))


def _reworded(desk: Desk) -> None:
    desk.edit("three", "three beta", "three better")


@pytest.mark.parametrize(
    ("change", "rebuilt"), [(_retitled, True), (_answered, True), (_trashed, True), (_new, False), (_reworded, False)]
)
def test_s148_a_dry_run_says_which_lists_would_be_rebuilt(
    desk: Desk, change: Callable[[Desk], None], *, rebuilt: bool
) -> None:
    """The list as it will be once the plan is carried out is compared with the one that is there; nothing is written."""
    desk.write("README.md", LISTED)
    desk.write("notionsync.toml", desk.read("notionsync.toml") + "\n[[region]]\n")
    desk.run("sync")
    if not rebuilt:
        change(desk)
        desk.run("readme")
    else:
        change(desk)
    before = desk.everything()
    dry = desk.json("sync", "--dry-run")
    assert desk.everything() == before
    assert dry["regions"] == (["README.md"] if rebuilt else [])
    assert ("question list rebuilt" in desk.run("plan").output) is rebuilt
    assert desk.json("sync")["regions"] == dry["regions"]
