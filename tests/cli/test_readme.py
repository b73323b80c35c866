from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.shared import shared
from tests.story.lab import Lab

from notionsync.cli.readme import readme_command
from notionsync.convert import frontmatter
from notionsync.errors import ConfigError, DifferenceError, FileError, MarkerError, NotionSyncError, UsageError

README = """\
# Reading group

| Week | Topic |
|:--:|--|
| 1 | [Slides](https://example.org/answers.md) |

</br>

1. Why do we  shuffle the `batches`? [Answer](answers/Shuffle.md)
2. 3. 학습률은 어떻게 고르나요? / 너무 크면? [Answer](answers/학습률.md)
3. What is a tensor? [Answer](answers/Tensor.md)
4. Who reads next?

</br>

## Rules\x20\x20
1) be kind
"""
BODY = "# Notes\r\n\r\n* one\r\n   * two  \r\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository whose README lists its answers by hand."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "README.md").write_bytes(README.encode())
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers/Shuffle.md").write_bytes(BODY.encode())
    (tmp_path / "answers/학습률.md").write_bytes(b"Small, then smaller.")
    (tmp_path / "answers/README.md").write_bytes(b"# What is in this folder\n")
    (tmp_path / "answers/Alone.md").write_bytes(b"Nobody links here.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    """Run the command; its own errors come back in the result."""
    result = CliRunner().invoke(readme_command, args)
    if result.exception is not None and not isinstance(result.exception, (NotionSyncError, SystemExit)):
        raise result.exception
    return result


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file but git's own."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


def test_init_adopts_reports_and_writes(repository: Path) -> None:
    """Question count, slips with their lines, front matter, empty files, configuration and markers."""
    result = run("init")
    assert result.output.splitlines() == [
        "README.md: 4 questions, 2 with answers (3 were linked)",
        "3 slips:",
        '  README.md:10: "2. 3." is numbered twice; the second number was dropped',
        "  README.md:11: the link leads to answers/Tensor.md, which was not there; the question stays open",
        '  answers/Alone.md: no item of the list points to this answer; give it a "question" in its front matter to list it',
        "Wrote 4 answers (2 of them new), notionsync.toml, README.md. Look at it with: git diff",
    ]
    files = snapshot(repository)
    assert files["answers/Shuffle.md"] == (
        b"---\r\nquestion: Why do we  shuffle the `batches`?\r\norder: 1\r\n---\r\n" + BODY.encode()
    )
    assert files["answers/Tensor.md"] == b"---\nquestion: What is a tensor?\norder: 3\n---\n"
    assert files["answers/Who_reads_next.md"] == b"---\nquestion: Who reads next?\norder: 4\n---\n"
    assert files["answers/Alone.md"] == b"Nobody links here.\n"
    assert files["notionsync.toml"].decode() == (
        '[files]\nfolder = "answers"\n\n'
        '[[region]]\nname = "questions"\nfile = "README.md"\n'
        'item = "{n}. {question} [Answer]({url})"\nopen_item = "{n}. {question}"\n'
    )
    before, after = README.split("1. Why", 1)[0], README.split("Who reads next?\n", 1)[1]
    written = files["README.md"].decode()
    assert written.startswith(before + "<!-- notionsync:begin questions -->\n1. Why do we  shuffle")
    assert written.endswith(" -->\n" + after)
    assert "\n2. 학습률은 어떻게 고르나요? / 너무 크면? [Answer](answers/%ED%95%99%EC%8A%B5%EB%A5%A0.md)\n" in written


def test_init_again_changes_nothing(repository: Path) -> None:
    """Neither does a rebuild, and the check is content."""
    run("init")
    files = snapshot(repository)
    assert run("init").output.endswith("Nothing to write.\n")
    assert run().output == "README.md: 4 questions, 2 with answers; up to date\n"
    assert run("--check").exit_code == 0
    assert snapshot(repository) == files


def test_init_repeats_what_an_interrupted_run_left(repository: Path) -> None:
    """Answers are written before the README: without its markers everything can be done again, to the same end."""
    run("init")
    files = snapshot(repository)
    (repository / "README.md").write_bytes(README.encode())
    assert run("init").exit_code == 0
    assert snapshot(repository) == files


def test_init_dry_run_writes_nothing_and_shows_the_list(repository: Path) -> None:
    """It prints what the real run prints, and the README's difference."""
    files = snapshot(repository)
    output = run("init", "--dry-run").output
    assert snapshot(repository) == files
    assert "+<!-- notionsync:begin questions -->" in output
    assert "-2. 3. 학습률은" in output
    assert output.endswith("Would write 4 answers (2 of them new), notionsync.toml, README.md.\n")


def test_init_as_json_says_everything(repository: Path) -> None:
    """Programs get items, slips and what was written as data."""
    report = json.loads(run("init", "--json").output)
    assert (report["questions"], report["answered"]) == (4, 2)
    assert report["items"][2] == {
        "line": 11,
        "order": 3,
        "question": "What is a tensor?",
        "path": "answers/Tensor.md",
        "linked": True,
        "dead": True,
        "answered": False,
    }
    assert [slip["kind"] for slip in report["slips"]] == ["doubled-number", "dead-link", "unlisted-answer"]
    assert set(report["written"]) == set(snapshot(repository)) - {"answers/Alone.md", "answers/README.md"}


def test_init_keeps_what_the_configuration_says(repository: Path) -> None:
    """Comments, order and other tables stay; the region joins those that are there."""
    settings = '# ours\n[[region]]\nname = "other" # side\nfile = "docs.md"\n\n[git]\nbranch = "main"\n'
    (repository / "notionsync.toml").write_text(settings)
    run("init")
    written = (repository / "notionsync.toml").read_text()
    assert written.startswith(
        '# ours\n[[region]]\nname = "other" # side\nfile = "docs.md"\n\n[[region]]\nname = "questions"\n'
    )
    assert '\n\n[git]\nbranch = "main"\n' in written
    assert written.endswith('[files]\nfolder = "answers"\n')


def test_init_uses_a_template_that_is_configured(repository: Path) -> None:
    """Who has written down how the list shall look gets that."""
    (repository / "notionsync.toml").write_text(
        '[[region]]\nitem = "* {question} <{url}>"\nopen_item = "* {question}"\n'
    )
    run("init")
    assert "\n* What is a tensor?\n* Who reads next?\n" in (repository / "README.md").read_text()


def test_init_starts_an_empty_region(repository: Path) -> None:
    """Two bare markers are enough where there is no list yet."""
    (repository / "README.md").write_text("<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n")
    (repository / "answers/Alone.md").write_text("---\nquestion: Alone?\n---\nYes.\n")
    assert run("init").output.startswith('README.md: the list "questions" is built from the answers from now on\nWrote')
    assert "\n1. Alone? [Answer](answers/Alone.md)\n" in (repository / "README.md").read_text()
    assert run("--check").exit_code == 0


def test_init_takes_over_markers_that_stand_around_the_list(repository: Path) -> None:
    """Somebody who put them there already gets one pair, not two."""
    text = README.replace("1. Why", "<!-- notionsync:begin questions -->\n\n1. Why")
    text = text.replace("next?\n", "next?\n\n<!-- notionsync:end questions -->\n")
    (repository / "README.md").write_text(text)
    run("init")
    written = (repository / "README.md").read_text()
    assert written.count("notionsync:begin") == written.count("notionsync:end") == 1
    assert run("--check").exit_code == 0


def test_init_adopts_several_lists(repository: Path) -> None:
    """Each is a region of the configuration with its filter; the check is content, and nothing else in the file changed."""
    text = README.replace("3. What is", "\n## More\n\n3. What is")
    (repository / "README.md").write_text(text, "utf-8")
    output = run("init").output
    assert (
        "4 questions, 2 with answers (3 were linked) in 2 lists: questions (Reading group), questions-2 (More)"
        in output
    )
    settings = (repository / "notionsync.toml").read_text("utf-8")
    assert settings.count("\n\n[[region]]\n") == 2
    assert 'open_item = "{n}. {question}"\nfilter = {section = ["More"]}\nstart = 3\n' in settings
    assert run("--check").exit_code == 0
    written = (repository / "README.md").read_text("utf-8").splitlines()
    left = [line for line in written if "notionsync:" not in line]
    assert [line for line in left if line not in text.splitlines()] == [
        "2. 학습률은 어떻게 고르나요? / 너무 크면? [Answer](answers/%ED%95%99%EC%8A%B5%EB%A5%A0.md)",
        "3. What is a tensor?",
    ]
    assert len(json.loads(run("init", "--json").output)["regions"]) == 1


def test_init_adopts_a_table(repository: Path) -> None:
    """Its columns go into the configuration, which gives the same table."""
    table = "|#|Q|Week|\n|:--:|--|--|\n|1|[Why?](answers/Shuffle.md)|3|\n|2|[How?](answers/Alone.md)|✖|\n"
    (repository / "README.md").write_text(f"# T\n\n{table}\nEnd\n", "utf-8")
    assert "2 questions, 2 with answers (2 were linked)\n1 slip:" in run("init").output
    written = (repository / "README.md").read_text("utf-8")
    assert f"<!-- notionsync:begin questions -->\n{table}<!-- notionsync:end" in written
    settings = (repository / "notionsync.toml").read_text("utf-8")
    assert 'format = "table"' in settings
    assert '{title = "Q", value = "[{question}]({url})", open_value = "{question}"}' in settings
    assert run("--check").exit_code == 0
    assert json.loads(run("init", "--json").output)["written"] == []


def test_rebuild_follows_the_files(repository: Path) -> None:
    """An answer gets its link, a question its new text; the rest of the README stays."""
    run("init")
    tensor = repository / "answers/Tensor.md"
    tensor.write_text(tensor.read_text().replace("What is", "Once more, what is") + "An array.\n")
    before = (repository / "README.md").read_text().splitlines()
    assert run().output == "README.md: 4 questions, 3 with answers; rebuilt\n"
    after = (repository / "README.md").read_text().splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed[0] == ("3. What is a tensor?", "3. Once more, what is a tensor? [Answer](answers/Tensor.md)")
    assert len(changed) == 2
    assert changed[1][1].startswith("<!-- notionsync:end questions ")


def test_check_fails_on_a_stale_list_and_writes_nothing(repository: Path) -> None:
    """Exit code 6, with the difference where it is asked for."""
    run("init")
    (repository / "answers/Shuffle.md").write_bytes(b"---\nquestion: Why?\norder: 1\n---\nSo.\n")
    files = snapshot(repository)
    result = run("--check", "--diff")
    assert isinstance(result.exception, DifferenceError)
    assert result.exception.exit_code == 6
    assert result.exception.advice == "notionsync readme"
    assert "-1. Why do we  shuffle the `batches`? [Answer](answers/Shuffle.md)" in result.output
    assert "+1. Why? [Answer](answers/Shuffle.md)" in result.output
    assert snapshot(repository) == files


def test_an_edit_by_hand_is_refused_checked_and_forced(repository: Path) -> None:
    """What is no wording and no place: refused by a rebuild, a difference to the check, overwritten only with --force."""
    run("init")
    path = repository / "README.md"
    whole = path.read_text()
    path.write_text(whole.replace("4. Who reads next?", "4. Who reads next?\n5. And after that?"))
    files = snapshot(repository)
    refused = run()
    assert isinstance(refused.exception, MarkerError)
    assert str(refused.exception).startswith("README.md:14: the region")
    checked = run("--check")
    assert isinstance(checked.exception, DifferenceError)
    assert str(checked.exception).startswith("README.md:14: the region")
    assert snapshot(repository) == files
    assert run("--force").exit_code == 0
    assert path.read_text() == whole


def test_a_new_wording_and_a_new_place_go_into_the_answers(repository: Path) -> None:
    """Bodies keep their bytes, the list is numbered again, and what was done is said with file and line."""
    run("init")
    path = repository / "README.md"
    lines = path.read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith("4. Who reads next?"))
    lines[at - 1 : at + 1] = [
        "4. Who reads next week?\n",
        lines[at - 1].replace("What is a tensor", "What is a `tensor`"),
    ]
    tensor, next_ = repository / "answers/Tensor.md", repository / "answers/Who_reads_next.md"
    path.write_text("".join(lines).replace("4. Who reads next week?", "4. Who reads next?"))
    before = snapshot(repository)
    checked = run("--check", "--diff")
    assert isinstance(checked.exception, DifferenceError)
    assert "edited by hand: README.md:12: the new place was taken into answers/Who_reads_next.md" in str(
        checked.exception
    )
    assert "+order: 2.5" in checked.output
    assert snapshot(repository) == before
    report = json.loads(run("--json").output)
    assert report["taken"] == [
        "README.md:12: the new place was taken into answers/Who_reads_next.md",
        "README.md:13: the new wording was taken into answers/Tensor.md",
    ]
    assert [file["path"] for file in report["files"]] == [
        "answers/Who_reads_next.md",
        "answers/Tensor.md",
        "README.md",
    ]
    assert frontmatter.split(tensor.read_bytes()).values()["question"] == "What is a `tensor`?"
    assert frontmatter.split(next_.read_bytes()).values()["order"] == 2.5
    assert "3. Who reads next?\n4. What is a `tensor`?\n" in path.read_text()
    assert run("--check").exit_code == 0
    assert json.loads(run("--json").output)["taken"] == []


def test_two_files_with_lists_are_edited_at_once(repository: Path) -> None:
    """What they say of different keys of a question joins; where both say something of one key, nothing is taken."""
    run("init")
    korean = repository / "README.ko.md"
    korean.write_text("1. 왜 섞나요? [답](answers/Shuffle.md)\n5. 누가?\n", "utf-8")
    refused = run("init", "--file", "README.ko.md", "--name", "korean", "--key", "question_ko")
    assert "README.ko.md:2: the item leads to no answer" in str(refused.exception)
    korean.write_text("1. 왜 섞나요? [답](answers/Shuffle.md)\n2. 얼마나? [답](answers/학습률.md)\n", "utf-8")
    assert run("init", "--file", "README.ko.md", "--name", "korean", "--key", "question_ko").exit_code == 0
    english = repository / "README.md"
    english.write_text(english.read_text("utf-8").replace("Why do we  shuffle", "Why shuffle"), "utf-8")
    korean.write_text(korean.read_text("utf-8").replace("왜 섞나요?", "왜 섞을까요?"), "utf-8")
    files = snapshot(repository)
    taken = json.loads(run("--json").output)["taken"]
    assert taken == [
        "README.md:10: the new wording was taken into answers/Shuffle.md",
        "README.ko.md:2: the new wording was taken into answers/Shuffle.md",
    ]
    values = frontmatter.split((repository / "answers/Shuffle.md").read_bytes()).values()
    assert values["question"] == "Why shuffle the `batches`?"
    assert values["question_ko"] == "왜 섞을까요?"
    assert run("--check").exit_code == 0
    settings = (repository / "notionsync.toml").read_text("utf-8")
    for path, data in files.items():
        (repository / path).write_bytes(data)
    (repository / "notionsync.toml").write_text(settings.replace('"question_ko"', '"question"'), "utf-8")
    assert run("--force").exit_code == 0
    for list_, new in ((english, "shuffle, here"), (korean, "shuffle, there")):
        list_.write_text(list_.read_text("utf-8").replace("shuffle", new), "utf-8")
    before = snapshot(repository)
    assert "answers/Shuffle.md was edited in two lists" in str(run().exception)
    assert snapshot(repository) == before


def test_stdout_prints_the_list_and_writes_nothing(repository: Path) -> None:
    """The lines of the region alone, for pipes."""
    run("init")
    files = snapshot(repository)
    output = run("--stdout").output
    assert output.startswith("1. Why do we  shuffle")
    assert output.endswith("4. Who reads next?\n")
    assert snapshot(repository) == files


@pytest.mark.usefixtures("repository")
def test_json_says_what_changed() -> None:
    """One object, stable keys."""
    run("init")
    assert json.loads(run("--json").output) == {
        "changed": False,
        "files": [{"path": "README.md", "changed": False}],
        "taken": [],
        "questions": 4,
        "answered": 2,
    }


@pytest.mark.usefixtures("repository")
def test_without_a_region_there_is_nothing_to_build() -> None:
    """And the command to type is named."""
    result = run()
    assert isinstance(result.exception, ConfigError)
    assert result.exception.advice == "notionsync readme init"


def test_missing_and_misplaced_files_are_named(repository: Path) -> None:
    """A README that is not there, a folder that is another one."""
    assert isinstance(run("init", "--file", "docs/README.md").exception, FileError)
    run("init")
    assert isinstance(run("init", "--folder", "notes").exception, UsageError)
    assert isinstance(run("init", "--file", "OTHER.md").exception, FileError)
    (repository / "README.md").unlink()
    assert isinstance(run().exception, MarkerError)


def test_a_readme_in_utf16_is_refused_untouched(repository: Path) -> None:
    """As some editors on Windows save it."""
    (repository / "README.md").write_bytes(README.encode("utf-16"))
    files = snapshot(repository)
    result = run("init")
    assert isinstance(result.exception, MarkerError)
    assert "UTF-16" in str(result.exception)
    assert snapshot(repository) == files


@pytest.mark.corpus
def test_the_corpus_is_adopted_whole(repository: Path) -> None:
    """29 questions, 16 with answers; nothing moves but item 23, the dead links and the markers."""
    corpus = shared("corpus")
    shutil.rmtree(repository / "answers")
    shutil.copytree(corpus / "answers", repository / "answers")
    shutil.copyfile(corpus / "README.md", repository / "README.md")
    before = snapshot(repository)

    report = json.loads(run("init", "--json").output)
    after = snapshot(repository)
    assert (report["questions"], report["answered"]) == (29, 16)
    kinds = [(slip["kind"], slip["line"]) for slip in report["slips"]]
    assert [line for kind, line in kinds if kind == "doubled-number"] == [59]
    assert sum(kind == "dead-link" for kind, _ in kinds) == 13
    assert len(kinds) == 14

    for path, data in before.items():
        if path.endswith(".md") and path != "README.md":
            assert frontmatter.split(after[path]).body == data, path
        elif path != "README.md":
            assert after[path] == data
    made = set(after) - set(before) - {"notionsync.toml"}
    assert made == {slip["message"].split()[4].rstrip(",") for slip in report["slips"] if slip["kind"] == "dead-link"}
    assert all(frontmatter.split(after[path]).body == b"" for path in made)

    old, new = before["README.md"].decode().splitlines(True), after["README.md"].decode().splitlines(True)
    begin = new.index("<!-- notionsync:begin questions -->\n")
    assert old[:begin] == new[:begin]
    assert old[begin + 29 :] == new[begin + 31 :]
    for item, was, now in zip(report["items"], old[begin:], new[begin + 1 :], strict=False):
        wanted = was.replace("23. 24. ", "23. ")
        assert now == (wanted.rsplit(" [Answer](", 1)[0] + "\n" if item["dead"] else wanted)

    assert json.loads(run("init", "--json").output)["written"] == []
    assert run("--check").exit_code == 0
    assert snapshot(repository) == after


LISTED = "# Group\n\n1. A? [Answer](answers/A.md)\n2. B? [Answer](answers/B.md)\n"


@pytest.fixture
def adopted(empty: Lab) -> Lab:
    """Two answered questions, adopted and connected."""
    empty.write("README.md", LISTED)
    empty.write("answers/A.md", "Yes.\n")
    empty.write("answers/B.md", "No.\n")
    empty.run("readme", "init")
    empty.run("init", "--create", "--parent", empty.workspace())
    empty.run("push")
    empty.commit()
    return empty


def test_errors_become_messages_and_exit_codes(adopted: Lab) -> None:
    """Through the program's front door: what is wrong, what to type, and the code a script can tell them by."""
    adopted.replace("README.md", "1. A? [Answer]", "1. A? [Reply]")
    refused = adopted.run("readme", code=2)
    said = refused.stderr.splitlines()
    assert said[0].startswith('error: README.md:4: the region "questions" was edited by hand, and')
    assert said[1].startswith("  try: here only the text of a question and its place can be edited.")
    adopted.run("readme", "--force")
    adopted.replace("answers/A.md", "question: A?", "question: B?")
    stale = adopted.run("readme", "--check", code=6)
    assert stale.stderr.splitlines()[1] == "  try: notionsync readme"


def test_a_broken_answer_does_not_take_its_question_off_the_list(adopted: Lab) -> None:
    """An unattended sync reports the file and leaves the README as it is."""
    before = adopted.read("README.md")
    adopted.replace("answers/A.md", "question: A?", "question: A?\nquestion: again")
    adopted.run("sync", code=3)
    assert adopted.read("README.md") == before


def test_a_sync_leaves_a_list_that_was_edited_by_hand(adopted: Lab) -> None:
    """Reported, exit code 3, both versions there: the edit in the README, the rest synced."""
    adopted.replace("README.md", "2. B?", "2. C?\n2. B?")
    edited = adopted.read("README.md")
    adopted.replace("answers/B.md", "No.", "No!")
    output = adopted.run("sync", code=3).output
    assert "edited by hand" in output
    assert adopted.read("README.md") == edited
