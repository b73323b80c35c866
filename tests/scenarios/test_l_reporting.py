"""Scenarios 148-154: reports, dry runs, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.scenarios.desk import NAMES, Desk, answer, path_of

from notionsync.emulator import BOT_TOKEN
from notionsync.sides.notion import Notion


def much(desk: Desk) -> None:
    """Changes of every kind on both sides, a conflict and a broken file."""
    for order, name in enumerate(("four", "five", "six", "seven"), 4):
        desk.write(path_of(name), answer(name, order, f"{name} alpha", f"{name} beta"))
    desk.run("sync")
    desk.commit()
    desk.wait(120)
    desk.edit("one", "one alpha", "one from the file")
    desk.note("one", "one gamma", "one from Notion")
    desk.edit("two", "two beta", "two from the file")
    desk.note("two", "two beta", "two from Notion")
    desk.remove("three")
    desk.trash("four")
    desk.note("five", "five alpha", "five from Notion")
    desk.move("six", "sechs")
    desk.edit("seven", "order: 7", "order: [7")
    desk.write(path_of("eight"), answer("eight", 8, "eight alpha"))
    desk.ask("Why nine?", "nine alpha")


def told(report: Any) -> list[tuple[object, ...]]:
    """Return what a report says of each question, whatever the order."""
    return sorted(
        (o["path"], o["verb"], o["direction"], tuple(o["details"]), o["message"], o["advice"], tuple(o["notices"]))
        for o in report["questions"]
    )


@pytest.mark.parametrize("command", ["sync", "push", "pull"])
def test_s148_a_dry_run_says_what_the_run_does(desk: Desk, command: str) -> None:
    """The same questions, actions, details and refusals; files, state, lock and Notion are left alone."""
    much(desk)
    lock = desk.root / ".notionsync" / "lock"
    lock.unlink(missing_ok=True)
    files = desk.bytes(".notionsync") | desk.bytes()
    desk.requests()
    dry = desk.json(command, "--dry-run", code=3)
    assert desk.writes() == 0
    assert desk.bytes(".notionsync") | desk.bytes() == files
    assert not lock.exists()
    wet = desk.json(command, code=3)
    assert told(dry) == told(wet)
    states = [{o["path"]: o["state"] for o in report["questions"]} for report in (dry, wet)]
    assert {path: {"planned": "done"}.get(state, state) for path, state in states[0].items()} == states[1]


@pytest.mark.parametrize("command", [("sync", "--dry-run"), ("diff",), ("status", "--remote"), ("status",)])
def test_s149_the_plan_is_data(desk: Desk, command: tuple[str, ...]) -> None:
    """Printed twice it is the same text, without times and chance in it."""
    much(desk)
    code = 0 if command == ("diff",) else 3
    assert desk.run(*command, "--json", code=code).stdout == desk.run(*command, "--json", code=code).stdout


def test_s150_the_order_of_a_listing_does_not_matter(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shuffled, the plan is the same, in the same order."""
    much(desk)
    expected = desk.json("sync", "--dry-run", code=3)
    pages = Notion.pages

    def shuffled(self: Notion, source: str, **options: Any) -> Any:
        found = pages(self, source, **options)
        return type(found)(pages=tuple(sorted(found.pages, key=lambda page: page.id[::-1])), complete=found.complete)

    monkeypatch.setattr(Notion, "pages", shuffled)
    assert desk.json("sync", "--dry-run", code=3) == expected


def _clean(_: Desk) -> None:
    pass


def _conflict(desk: Desk) -> None:
    desk.edit("one", "one beta", "from the file")
    desk.note("one", "one beta", "from Notion")


def _broken_file(desk: Desk) -> None:
    desk.edit("one", "order: 1", "order: [1")


def _all_gone(desk: Desk) -> None:
    for name in NAMES:
        desk.remove(name)


def _busy(desk: Desk) -> None:
    desk.fault("unavailable", times=None)


def _bad_config(desk: Desk) -> None:
    desk.write("notionsync.toml", "[")


CODES: list[tuple[Callable[[Desk], None], int]] = [
    (_clean, 0),
    (_bad_config, 2),
    (_conflict, 3),
    (_broken_file, 3),
    (_all_gone, 4),
    (_busy, 5),
]


@pytest.mark.parametrize(("trouble", "code"), CODES)
def test_s151_exit_codes_tell_what_happened(desk: Desk, trouble: Callable[[Desk], None], code: int) -> None:
    """Clean, usage, conflicts and refusals, a guard, transient: each has its own, in text and as JSON."""
    trouble(desk)
    assert desk.json("sync", code=code)["exit_code"] == code
    desk.run("sync", code=code)


def test_s151_usage_of_the_command_line(desk: Desk) -> None:
    """An unknown option is a usage error as well."""
    desk.run("sync", "--unknown", code=2)
    desk.run("snyc", code=2)


def test_s152_a_problem_names_the_item_and_what_to_type(desk: Desk) -> None:
    """The file, the page's address, what is the matter, and the next command."""
    _conflict(desk)
    page = desk.page("one")
    said = desk.run("sync", code=3).output
    assert "conflict  answers/one.md: both sides changed body" in said
    assert f"https://www.notion.so/{page}" in said
    assert "notionsync resolve answers/one.md --take local|notion|markers" in said


def test_s152_a_write_that_fails_names_its_item(desk: Desk) -> None:
    """The service refuses one question: named with both addresses; the others are done; the next run tries again."""
    desk.edit("one", "one beta", "one BETA")
    desk.edit("two", "two beta", "two BETA")
    block = desk.children(desk.page("one"))[1]["id"]
    desk.fault("conflict", method="PATCH", path=f"/v1/blocks/{block}", times=None)
    said = desk.run("sync", code=5).output
    assert "answers/one.md" in said
    assert desk.page("one") in said
    desk.person.delete("/_emulator/faults")
    desk.run("sync")
    assert desk.both("one")[1] == "one BETA"
    assert desk.both("two")[1] == "two BETA"


def test_s153_the_token_is_nowhere(desk: Desk) -> None:
    """Not in what is printed, in files, state, cache, conflicts, nor in what git has."""
    much(desk)
    said = desk.run("sync", "--on-conflict", "local", "--commit", code=3).output
    said += desk.run("doctor", code=3).output + desk.run("sync", "--json", code=3).output
    desk.fault("unavailable", times=None)
    said += desk.run("sync", code=5).output
    assert BOT_TOKEN not in said
    assert not [path for path, data in desk.bytes(".").items() if BOT_TOKEN.encode() in data]
    assert BOT_TOKEN not in desk.git("log", "-p")


def test_s154_comparing_both_sides_writes_nothing(desk: Desk) -> None:
    """`status --remote` tells what is not in step, with exit code and JSON, and leaves everything as it is."""
    much(desk)
    before = desk.bytes(".notionsync") | desk.bytes()
    desk.requests()
    found = desk.json("status", "--remote", code=3)
    assert {o["path"] for o in found["questions"]} >= {path_of("one"), path_of("two"), path_of("seven")}
    assert desk.writes() == 0
    assert desk.bytes(".notionsync") | desk.bytes() == before
    assert json.loads(desk.run("status", "--json", code=3).stdout)["known"] == 7
