"""What reaches GitHub's runner, and what cannot."""

from __future__ import annotations

import io
import itertools
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from notionsync.ci.annotations import annotate
from notionsync.ci.runner import SUMMARY_BYTES, Runner
from notionsync.ci.summary import Place

HOSTILE = st.text() | st.sampled_from(
    ["::set-output name=x::y", "a\n::error::b", "%0A::warning::", "\r\n::stop-commands::x", "a,file=b:c", "##[error]"]
)


def made(env: dict[str, str] | None = None) -> tuple[Runner, io.StringIO]:
    """Return a runner whose secret words are 1, 2, 3, and its log."""
    stream, numbers = io.StringIO(), itertools.count(1)
    return Runner(env or {}, stream, lambda: f"word{next(numbers)}"), stream


@given(HOSTILE, HOSTILE)
def test_an_annotation_is_one_command(message: str, file: str) -> None:
    """One line, of the kind it was meant to be, whatever message and file are."""
    runner, stream = made()
    runner.say("warning", message, file=file, line=3)
    lines = stream.getvalue().split("\n")
    assert len(lines) == 2
    assert re.fullmatch(r"::warning title=notionsync(,file=[^,:\r]*(,line=3)?)?::[^\r\n]*", lines[0])
    assert not re.search(r"[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", stream.getvalue())


def test_the_runner_does_not_listen_to_what_is_printed() -> None:
    """Between a word and the same word again; the second stands on a line of its own, also after a line without an end."""
    runner, stream = made()
    with runner.deaf() as write:
        write("::error::forged\n")
        write("no end")
    assert stream.getvalue() == "::stop-commands::word1\n::error::forged\nno end\n::word1::\n"


def test_words_cannot_be_guessed() -> None:
    """Two runs never use the same."""
    stream = io.StringIO()
    runner = Runner({}, stream)
    for _ in range(2):
        with runner.deaf():
            pass
    words = re.findall(r"stop-commands::([0-9a-f]{32})\n", stream.getvalue())
    assert len(set(words)) == 2


@given(HOSTILE)
def test_an_output_ends_where_it_should(tmp_path_factory: object, value: str) -> None:
    """The value stands between two lines that nobody knows beforehand."""
    path = Path(str(tmp_path_factory.getbasetemp()), "outputs")  # type: ignore[attr-defined]
    path.write_text("")
    runner, _ = made({"GITHUB_OUTPUT": str(path)})
    runner.output(pull_request_url=value)
    with path.open(encoding="utf-8", newline="") as stream:
        written = stream.read()
    assert written == f"pull-request-url<<word1\n{value.encode('utf-8', 'replace').decode()}\nword1\n"


def test_secrets_are_masked_before_anything_else() -> None:
    """Each by itself; one that is as short as a word would blot out the log."""
    runner, stream = made()
    runner.mask("ntn_0123456789", "", "short", "ghs_0123456789\n")
    assert stream.getvalue() == "::add-mask::ntn_0123456789\n::add-mask::ghs_0123456789\n"


def test_the_summary_never_grows_too_large(tmp_path: Path) -> None:
    """A part that has no room is left out as a whole; the copy for later steps has it."""
    env = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"), "RUNNER_TEMP": str(tmp_path)}
    runner, _ = made(env)
    kept = [runner.summary("é" * 200_000) for _ in range(3)][-1]
    assert (tmp_path / "summary.md").stat().st_size == 800_000 < SUMMARY_BYTES
    assert Path(kept).stat().st_size == 1_200_000


def test_the_copy_of_a_summary_is_one_steps_own(tmp_path: Path) -> None:
    """A second step of the job does not write into the first one's."""
    env = {"RUNNER_TEMP": str(tmp_path)}
    first, second = (Runner(env, io.StringIO()) for _ in range(2))
    kept = [Path(runner.summary(text)) for runner, text in ((first, "a"), (second, "b"), (first, "c"))]
    assert [path.read_text() for path in kept] == ["ac", "b", "ac"]


def _question(number: int, state: str = "conflict") -> dict[str, object]:
    path = f"answers/{number}.md"
    message = f"{path}:7: both sides changed body" if number else "both sides changed body"
    return {"state": state, "path": path, "message": message, "advice": "notionsync resolve", "title": "T"}


def test_nine_annotations_and_how_many_more() -> None:
    """At their files, and at the line where the message names one."""
    runner, stream = made()
    report = {"questions": [_question(n) for n in range(12)] + [_question(50, "done")]}
    assert annotate(runner, report, Place(folder="docs")) == 12
    lines = stream.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[0] == (
        "::warning title=notionsync,file=docs/answers/0.md::answers/0.md: both sides changed body%0Anotionsync resolve"
    )
    assert lines[1].startswith("::warning title=notionsync,file=docs/answers/1.md,line=7::answers/1.md:7: both")
    assert lines[9] == "::warning title=notionsync::3 more in the summary"


def test_what_failed_is_an_error_and_findings_have_their_place() -> None:
    """A conflict is a warning; a finding of check stands at its line."""
    runner, stream = made()
    annotate(runner, {"questions": [_question(1, "failed")]}, Place())
    finding = {"path": "answers/A.md", "line": 4, "code": "FM001", "message": "broken", "advice": ""}
    annotate(runner, {"findings": [finding]}, Place())
    assert [line.partition("::answers")[0] for line in stream.getvalue().splitlines()] == [
        "::error title=notionsync,file=answers/1.md,line=7",
        "::warning title=notionsync,file=answers/A.md,line=4::FM001 broken",
    ]
