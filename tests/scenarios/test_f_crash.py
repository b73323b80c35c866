"""Scenarios 79-84: a run that is killed, anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.scenarios.desk import Desk, answer, desk_at, path_of
from tests.scenarios.mortal import Life, copied

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "00000005000165cd0a2a0000000049454e44ae426082"
)


def _to_notion(desk: Desk) -> None:
    """New files, with an image and links to each other; an edited one, a deleted one, and one to be restored."""
    (desk.root / "answers" / "assets").mkdir()
    (desk.root / "answers" / "assets" / "dot.png").write_bytes(PIXEL)
    desk.write(path_of("four"), answer("four", 4, "See [five](five.md).", "![A dot](assets/dot.png)", "four gamma"))
    desk.write(
        path_of("five"), answer("five", 5, "See [four](four.md).", "- a\n  - b\n    - c\n      - d\n        - e")
    )
    desk.edit("one", "one alpha\n\none beta\n", "one ALPHA\n\none new\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    desk.edit("one", "order: 1", "order: 9")
    desk.remove("two")
    desk.edit("three", "three beta", "three edited here")
    desk.trash("three")


def _from_notion(desk: Desk) -> None:
    """A new page, an edited one, a trashed one, and a file to be restored."""
    desk.ask("Why six?", "six alpha", "six beta")
    desk.note("one", "one beta", "one edited there")
    desk.put("one", "one more")
    desk.retitle("one", "Why only one?")
    desk.trash("two")
    desk.remove("three")
    desk.note("three", "three beta", "three edited there")


def _both_ways(desk: Desk) -> None:
    """Two merges, a conflict, a renamed file, and a list of the questions to rebuild."""
    desk.edit("one", "one alpha", "one edited here")
    desk.note("one", "one gamma", "one edited there")
    desk.move("two", "zwei")
    desk.fill("two", Status={"select": {"name": "Answered"}})
    desk.edit("three", "three beta", "three edited here")
    desk.note("three", "three beta", "three edited there")
    desk.put("three", "three more")
    desk.write("README.md", "# Questions\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n")
    desk.write("notionsync.toml", f'{desk.read("notionsync.toml")}\n[[region]]\nfile = "README.md"\n')


def _reshaped(desk: Desk) -> None:
    """Blocks moved, blocks of another type, lists that grow and shrink, and Notion's own edits between them."""
    desk.edit("one", "one alpha\n\none beta\n\none gamma\n", "one gamma\n\n## one alpha\n\none beta\n")
    desk.edit("two", "two alpha\n\ntwo beta\n\ntwo gamma\n", "- a\n  - b\n  - c\n- d\n\ntwo gamma\n\ntwo gamma\n")
    desk.note("two", "two gamma", "two gamma, edited there")
    desk.edit("three", "three alpha\n\nthree beta\n", "three new\n\nthree alpha\n\nthree newer\n")
    desk.put("three", "three said there", after="three gamma")


WORDS = "said after the kill"

WORLDS: dict[str, Callable[[Desk], None]] = {
    "to-notion": _to_notion,
    "from-notion": _from_notion,
    "both-ways": _both_ways,
    "reshaped": _reshaped,
}


@pytest.fixture(scope="module", params=list(WORLDS))
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world in which much is to be done."""
    top = tmp_path_factory.mktemp(request.param)
    with desk_at(top / "repository", database=top / "notion.sqlite") as desk:
        desk.begin()
        WORLDS[request.param](desk)
    return top


def test_s079_killed_after_any_step(template: Path, tmp_path: Path) -> None:
    """The next run reaches what an uninterrupted one does: nothing doubled, no hole, no lost word; then all is still.

    The steps are every request that changes something, every file that is put in place or deleted, every state that is
    written: 80 to 84 in one.
    """
    whole = Life()
    with copied(template, tmp_path / "whole") as world:
        report = world.run(whole)
        assert report is not None
        assert "failed" not in {outcome.state for outcome in report.outcomes}, report
        expected = world.sides()
    assert len(whole.steps) >= 10
    for last, step in enumerate(whole.steps, 1):
        where = f"killed after step {last} of {len(whole.steps)}, {step}"
        with copied(template, tmp_path / "killed") as world:
            assert world.run(Life(last=last)) is None, where
            again = world.run()
            assert again is not None
            assert world.sides() == expected, where
            assert again.exit_code == report.exit_code, (where, again)
            world.wait(120)
            third = world.run()
            assert third is not None
            assert not third.changed, (where, third)
            assert world.sides() == expected, where


def test_s079_a_person_writes_after_the_kill(template: Path, tmp_path: Path) -> None:
    """A killed run left a page half-written, and a person adds to it: the next run brings both, each once.

    Where the person's words stand may depend on what was there when they came.
    """
    name = "three" if template.name.startswith("reshaped") else "one"  # where it is no conflict in itself
    whole = Life()
    with copied(template, tmp_path / "whole") as world:
        world.run(whole)
        world.desk.put(name, WORDS)
        world.run()
        expected = _unordered(world.sides())
    for last, step in enumerate(whole.steps, 1):
        where = f"killed after step {last} of {len(whole.steps)}, {step}"
        with copied(template, tmp_path / "killed") as world:
            world.run(Life(last=last))
            world.desk.put(name, WORDS)
            world.run()
            assert _unordered(world.sides()) == expected, where
            again = world.run()
            assert again is not None
            assert not again.changed, (where, again)


def test_s079_a_runner_that_loses_its_disk(template: Path, tmp_path: Path) -> None:
    """Killed in a checkout that nobody keeps: a fresh one of the same commit reaches the same end."""
    whole = Life()
    with copied(template, tmp_path / "whole") as world:
        report = world.run(whole)
        assert report is not None
        expected = world.sides()
    for last, step in enumerate(whole.steps, 1):
        where = f"killed after step {last} of {len(whole.steps)}, {step}"
        with copied(template, tmp_path / "killed") as world:
            world.desk.commit("Everything as it is before the run")
            assert world.run(Life(last=last)) is None, where
            world.desk.git("reset", "--quiet", "--hard")
            world.desk.git("clean", "--quiet", "-fdx")
            again = world.run()
            assert again is not None
            assert world.sides() == expected, where
            assert again.exit_code == report.exit_code, (where, again)
            third = world.run()
            assert third is not None
            assert not third.changed, (where, third)


@pytest.mark.parametrize("away", [False, True], ids=["reply lost", "line dead"])
def test_s089_trouble_at_any_write(template: Path, tmp_path: Path, *, away: bool) -> None:
    """A lost reply is found out about in the same run, a dead line ends it as transient: both lead to the same end."""
    whole = Life()
    with copied(template, tmp_path / "whole") as world:
        report = world.run(whole)
        assert report is not None
        expected = world.sides()
    writes = [step for step in whole.steps if step.startswith(("POST", "PATCH", "DELETE"))]
    for at, step in enumerate(writes, 1):
        where = f"trouble at write {at} of {len(writes)}, {step}"
        with copied(template, tmp_path / "troubled") as world:
            code = world.run_in_trouble(at, away=away)
            unknown = step in {"POST /v1/pages", "POST /v1/file_uploads"} or step.endswith("/send")
            assert code == 5 if away else code == report.exit_code or (unknown and code == 5), (where, code)
            if code == 5:
                assert world.run() is not None
            assert world.sides() == expected, where
            again = world.run()
            assert again is not None
            assert not again.changed, (where, again)


def test_s084_what_a_killed_run_left_is_committed(template: Path, tmp_path: Path) -> None:
    """In the middle of a record, and then taken to another machine: its state reads, and no pull seems undone."""
    whole = Life()
    with copied(template, tmp_path / "whole") as world:
        world.run(whole)
        expected = world.sides()
    steps = [at for at, step in enumerate(whole.steps, 1) if re.fullmatch(r"replace [0-9a-f]{32}\.json", step)]
    for last in steps:
        with copied(template, tmp_path / "killed") as world:
            world.desk.commit()
            assert world.run(Life(last=last)) is None
            world.desk.commit()
            world.desk.git("clean", "--quiet", "-fdx")
            again = world.run()
            assert again is not None
            assert not [o for o in again.outcomes if "undone" in o.message], (whole.steps[last - 1], again)
            assert world.sides() == expected, whole.steps[last - 1]


def _unordered(sides: dict[str, Any]) -> dict[str, Any]:
    """Return what both sides hold, the lines of each file and page sorted."""
    files = {path: sorted(data.splitlines()) for path, data in sides["files"].items()}
    return {"files": files, "pages": [sorted(page) for page in sides["pages"]]}
