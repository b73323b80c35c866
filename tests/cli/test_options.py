"""Options that several commands share, at a user's desk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from tests.story.lab import Lab

from notionsync.cli import main
from notionsync.cli.brake import Brake
from notionsync.cli.output import clean


@pytest.fixture
def three(empty: Lab) -> Lab:
    """Three questions, known to both sides."""
    for name in ("One", "Two", "Three"):
        empty.write(f"answers/{name}.md", f"---\nquestion: {name}?\n---\n\nFirst.\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    empty.run("push")
    empty.commit()
    empty.wait(120)
    return empty


def saved(lab: Lab, path: str = "report.json") -> Any:
    """Read a report, and take it away."""
    text = lab.read(path)
    (lab.root / path).unlink()
    return json.loads(text)


def test_a_report_goes_to_a_file_besides_the_text(three: Lab) -> None:
    """Text for people on stdout, and in the file what --json prints; that of a run that was refused, too."""
    three.replace("answers/One.md", "First.", "Second.")
    printed = three.run("push", "--dry-run", "--report", "report.json").stdout
    assert "answers/One.md" in printed
    assert not printed.startswith("{")
    assert saved(three) == three.json("push", "--dry-run")

    three.run("readme", "--report", "report.json", code=2)
    assert "no [[region]]" in saved(three)["error"]
    three.run("check", "--report", "report.json", "--json")
    assert saved(three)["findings"] == []
    three.run("push", "--max-changes", "0", "--report", "report.json", code=4)
    assert saved(three)["exit_code"] == 4


def test_a_report_that_cannot_be_written_is_an_error(three: Lab) -> None:
    """It names the file; what was asked to be saved is not lost silently."""
    output = three.run("pull", "--report", "nowhere/report.json", code=2).output
    assert "nowhere/report.json: cannot be written: No such file or directory" in clean(output)


def test_a_brake_on_changes(three: Lab) -> None:
    """More changes than allowed: exit 4, nothing written; new questions are no changes."""
    three.replace("answers/One.md", "First.", "Second.")
    three.replace("answers/Two.md", "First.", "Second.")
    three.requests()
    output = three.run("push", "--max-changes", "1", code=4).output
    assert "change 2 of 3 pages in Notion" in output
    assert "--max-changes 2" in output
    assert not {"PATCH", "POST /v1/pages"} & set(three.requests())
    three.write("answers/Four.md", "---\nquestion: Four?\n---\n\nNew.\n")
    three.run("push", "--max-changes", "2,50%")


@pytest.mark.parametrize("text", ["", "many", "-1", "5,6", "101%", "5%,6%", "1.5", "٣"])
def test_a_brake_that_is_no_number_is_refused(text: str) -> None:
    """With what one may type, and before anything is read."""
    result = CliRunner().invoke(main, ["push", "--max-changes", text])
    assert result.exit_code == 2
    assert "50,50%" in result.output


def test_a_time_that_is_over_ends_the_run_between_questions(three: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was finished is recorded and committed, the rest is as it was, exit 5; the next run goes on from there."""
    for name in ("One", "Two", "Three"):
        three.replace(f"answers/{name}.md", "First.", f"Second {name}.")
    three.commit("Edit")
    ticks = iter([0.0, 10.0, 50.0, 61.0])
    monkeypatch.setattr("notionsync.cli.sync.Brake", lambda minutes: Brake(minutes, lambda: next(ticks)))
    output = three.run("push", "--max-minutes", "1", "--commit", code=5).output
    assert "after 2 of 3 questions" in output
    assert three.git("log", "-1", "--format=%s").strip() == "Sync answers with Notion"
    monkeypatch.undo()
    assert len([q for q in three.json("push")["questions"] if q["state"] == "done"]) == 1


def test_every_command_that_reports_has_the_option() -> None:
    """Where a run is reported as JSON, it can be reported to a file."""
    with main.make_context("notionsync", ["--help"], resilient_parsing=True) as context:
        for name in ("pull", "push", "sync", "resolve", "apply", "resync", "check", "readme"):
            command = main.get_command(context, name)
            assert command is not None
            assert "--report" in {option for parameter in command.params for option in parameter.opts}, name
