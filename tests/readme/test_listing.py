from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from notionsync.config import Region
from notionsync.errors import ConfigError, FileError
from notionsync.readme import Entry, build, is_answer, read, rebuild
from notionsync.readme.listing import link, relative

FIRST = Entry(path="answers/b.md", question="beta?", fields={"order": 1}, answered=True)
SECOND = Entry(path="answers/a.md", question="Alpha?", fields={"order": 2})
THIRD = Entry(path="answers/d.md", question="alpha?", answered=True)
FOURTH = Entry(path="answers/c.md", question="Beta?", fields={"order": "1"}, answered=True)


def test_sorts_by_order_then_question_then_path() -> None:
    """Numbers first; what is no number counts as missing; the order of reading does not matter."""
    wanted = "1. beta? [Answer](answers/b.md)\n2. Alpha?\n3. alpha? [Answer](answers/d.md)\n4. Beta? [Answer](answers/c.md)\n"
    for entries in itertools.permutations([FIRST, SECOND, THIRD, FOURTH]):
        assert build(entries, Region()) == wanted


def test_templates_take_any_key_of_the_front_matter() -> None:
    """Lists are joined, missing values are empty."""
    region = Region(item="* {question} ({tags}) {level}", open_item="* {question} {tags}")
    entries = [replace(FIRST, fields={"tags": ("CNN", "RNN"), "level": 2}), SECOND]
    assert build(entries, region) == "* Alpha?\n* beta? (CNN, RNN) 2\n"


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    """A typing mistake in a template is found before anything is written."""
    with pytest.raises(ConfigError, match=r'"questions" item: no \{questoin\}; did you mean \{question\}\?'):
        build([FIRST], Region(item="{n}. {questoin}"))


def test_a_key_that_is_mapped_may_be_missing_everywhere() -> None:
    """A property nobody has filled in yet is no typing mistake."""
    assert build([FIRST], Region(item="{n}. {question} {status}"), keys=["status"]) == "1. beta?\n"


@pytest.mark.parametrize(
    ("path", "file", "prefix", "url"),
    [
        ("answers/RNN.md", "README.md", "", "answers/RNN.md"),
        ("answers/RNN.md", "docs/ko/README.md", "", "../../answers/RNN.md"),
        ("docs/answers/RNN.md", "docs/README.md", "", "answers/RNN.md"),
        ("answers/a (1) & b.md", "README.md", "", "answers/a%20%281%29%20%26%20b.md"),
        ("answers/비용.md", "README.md", "", "answers/%EB%B9%84%EC%9A%A9.md"),
        ("answers/RNN.md", "docs/README.md", "https://github.com/o/r/blob/main/", "https://github.com/o/r/blob/main/answers/RNN.md"),
    ],
)  # fmt: skip
def test_links_are_relative_to_the_region_or_behind_its_prefix(path: str, file: str, prefix: str, url: str) -> None:
    """And percent-encoded, so that no path breaks out of the address."""
    assert link(path, Region(file=file, url_prefix=prefix)) == url


def test_relative_paths_between_folders() -> None:
    """Only shared folders are left out, never a shared file name."""
    assert relative("a/b/c.md", "a/b/d.md") == "c.md"
    assert relative("a.md", "a.md/b.md") == "../a.md"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", False),
        ("\n \n", False),
        ("# Lecture 5\n\n### about CNN\n", False),
        ("<!-- to be\nwritten -->\n", False),
        ("#hashtag\n", True),
        ("It halves the width.\n", True),
        ("![](a.png)\n", True),
    ],
)
def test_a_body_of_headings_and_comments_is_no_answer(body: str, says: bool) -> None:
    """A file that only names its question does not get a link."""
    assert is_answer(body) is says


def test_reads_questions_from_front_matter() -> None:
    """A file without a question, the folder's own README for one, is not listed."""
    entries = read(
        {
            "answers/a.md": b"---\nquestion: Why `tanh`?\norder: 3\n---\nBecause.\n",
            "answers/b.md": b"\xef\xbb\xbf---\r\nquestion: How?\r\n---\r\n",
            "answers/README.md": b"# About this folder\n",
        }
    )
    assert entries == (
        Entry(
            path="answers/a.md", question="Why `tanh`?", fields={"question": "Why `tanh`?", "order": 3}, answered=True
        ),
        Entry(path="answers/b.md", question="How?", fields={"question": "How?"}),
    )


@pytest.mark.parametrize("typed", ["1.10", "0x1F", "true", "2024-01-01", "[0, 1]", "007"])
def test_a_question_that_yaml_takes_for_something_else_is_its_text(typed: str) -> None:
    """As it is typed, and as Notion gets it."""
    [entry] = read({"answers/a.md": f"---\nquestion: {typed}\n---\n".encode()})
    assert entry.question == typed


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"---\nquestion: a\nquestion: b\n---\n", "answers/a.md:3: "),
        (b"---\nquestion: a\n---\n\xff\n", "answers/a.md:4: "),
    ],
)
def test_a_broken_file_is_named_with_its_line(data: bytes, where: str) -> None:
    """One broken file stops the list: a question would silently disappear from it."""
    with pytest.raises(FileError) as caught:
        read({"answers/a.md": data})
    assert str(caught.value).startswith(where)


def test_rebuild_fills_the_regions_of_one_file() -> None:
    """Regions of other files are left out; a region that is not configured is refused."""
    regions = [Region(), Region(name="other", file="docs/README.md")]
    data = b"<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n"
    built = rebuild("README.md", data, regions, [FIRST])
    assert built.splitlines()[1] == b"1. beta? [Answer](answers/b.md)"
    assert rebuild("README.md", built, regions, [FIRST]) == built
