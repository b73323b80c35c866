"""What people see, whatever stands in titles and messages."""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from notionsync.cli.output import clean, json_option, print_report, progress, report_error, say, say_error
from notionsync.engine.report import Outcome, Report
from notionsync.errors import GuardError, NotionSyncError

HOSTILE = [
    "::set-output name=x::y",
    "  ::add-mask::secret",
    "in the middle ##[error]of a line",
    "first\n::error::second",
    "first\r::error::second",
    "\x1b[2J\x1b]0;title\x07cleared",
    "\x9b31mred",
    "right\u202eto left\u2066\u2069",
    "zero\u200bwidth\ufeff",
    "bell\x07 back\x08 null\x00",
    "line\u2028::warning::separator",
]


@given(st.text(st.characters(), max_size=80) | st.sampled_from(HOSTILE))
def test_nothing_a_terminal_or_a_workflow_log_acts_on_is_left(text: str) -> None:
    """No control, format or separator character but the line end, and no line that begins a workflow command."""
    cleaned = clean(text)
    for line in cleaned.split("\n"):
        assert all(unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in line)
        assert not line.lstrip().startswith("::")
    assert "##[" not in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("text", ["CNN은 왜?", "a :: b", "1x1 → 3×3", "two\nlines", "emoji 😀", "עברית"])
def test_ordinary_text_stays(text: str) -> None:
    """Letters of any language, arrows, emoji, line ends."""
    assert clean(text) == text


def _outcome(state: str, text: str) -> Outcome:
    return Outcome(
        state=state,  # type: ignore[arg-type]
        verb="update",
        direction="to-notion",
        path=text,
        page="f" * 32,
        title=text,
        details=(text,),
        message=text,
        advice=text,
        notices=(text,),
    )


def _printed(do: Callable[[], None], **environment: str) -> tuple[str, str, int]:
    @click.command()
    def command() -> None:
        do()

    result = CliRunner().invoke(command, env={"NO_COLOR": None, **environment}, color=True)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stdout, result.stderr, result.exit_code


STATES = ("done", "planned", "pending", "refused", "conflict", "failed")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_report_obeys_nobody(text: str) -> None:
    """Titles, paths, messages, advice and notes are all cleaned, in every state, and so is the reason of a stop."""
    outcomes = tuple(_outcome(state, text) for state in STATES)
    report = Report(command="sync", outcomes=outcomes, regions=("README.md",), stopped=text, stopped_advice=text)
    out, err, _ = _printed(lambda: print_report(report, as_json=False), NO_COLOR="1")
    for line in (*out.splitlines(), *err.splitlines()):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
    for character in "\x1b\x9b\x07\x08\x00\r\u202e\u2066\u200b\ufeff\u2028":
        assert character not in out + err


def test_a_report_names_everything_a_person_needs() -> None:
    """What was done, what is left and why, both addresses, what to type, and the sum of it."""
    conflict = Outcome(
        state="conflict",
        verb="update",
        direction="",
        path="answers/a.md",
        page="f" * 32,
        title="A?",
        message="both sides changed body",
        advice="notionsync resolve answers/a.md",
    )
    done = Outcome(
        state="done", verb="create-page", direction="to-notion", path="answers/b.md", page="e" * 32, title="B?"
    )
    report = Report(command="sync", outcomes=(conflict, done), unchanged=3, requests=7, commit="0123456789abcdef")
    out, err, code = _printed(lambda: print_report(report, as_json=False), NO_COLOR="1")
    assert out.splitlines() == [
        "  conflict  answers/a.md: both sides changed body",
        f"      page: https://www.notion.so/{'f' * 32}",
        "      try:  notionsync resolve answers/a.md",
        "  → Notion  new page     answers/b.md",
        "sync: 3 unchanged, 1 conflict, 1 done, 7 requests",
        "committed 0123456789ab",
    ]
    assert (err, code) == ("", 3)


def test_a_report_as_json_is_one_value() -> None:
    """Nothing else is on stdout, and the exit code is the same."""
    report = Report(command="sync", outcomes=(_outcome("failed", "\x1b::x"),))
    out, err, code = _printed(lambda: print_report(report, as_json=True))
    assert json.loads(out)["questions"][0]["title"] == "\x1b::x"
    assert "\x1b" not in out
    assert (err, code) == ("", 3)


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)]
)
def test_colour_obeys_no_color(environment: dict[str, str], *, coloured: bool) -> None:
    """Set to anything but nothing it turns colour off (no-color.org)."""
    out, _, _ = _printed(lambda: say("text", fg="red", bold=True), **environment)
    assert ("\x1b[" in out) is coloured
    assert click.unstyle(out) == "text\n"


def test_no_colour_where_no_terminal_is(capfd: pytest.CaptureFixture[str]) -> None:
    """A file or a pipe gets the bare text."""
    say("text", fg="red")
    say_error(NotionSyncError("odd", advice="look"))
    assert capfd.readouterr() == ("text\n", "error: odd\n  try: look\n")


def test_an_error_without_advice_gives_none() -> None:
    """No empty line that promises something."""
    assert _printed(lambda: say_error(NotionSyncError("odd")), NO_COLOR="1")[1] == "error: odd\n"


@pytest.mark.parametrize("as_json", [True, False])
def test_an_error_is_printed_as_the_command_was_asked(*, as_json: bool) -> None:
    """As an object on stdout for programs, as text on stderr for people."""

    @click.command()
    @json_option("Print JSON.")
    @click.pass_context
    def command(context: click.Context, *, as_json: bool) -> None:  # noqa: ARG001
        report_error(context, GuardError("too much\n  - a", advice="--allow-delete 1"))

    result = CliRunner().invoke(command, ["--json"] if as_json else [])
    if as_json:
        expected = {"error": "too much\n  - a", "advice": "--allow-delete 1", "exit_code": 4}
        assert (json.loads(result.stdout), result.stderr) == (expected, "")
    else:
        assert (result.stdout, result.stderr) == ("", "error: too much\n  - a\n  try: --allow-delete 1\n")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to tell where nobody watches, or was asked not to."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress() as tell:
        assert tell is None
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress(quiet=True) as tell:
        assert tell is None
    with progress() as tell:
        assert tell is not None
        tell("reading pages", 1, 2)
        tell("reading pages", 2, 2)
    assert "reading pages" in terminal.getvalue()
