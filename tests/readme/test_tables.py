"""Tables that were kept by hand."""

from __future__ import annotations

import pytest

from notionsync.config import Column, Region
from notionsync.convert import frontmatter
from notionsync.errors import FileError
from notionsync.readme import adopt, read, rebuild

FILES = {"answers/a.md": b"Yes.\n", "answers/b.md": b"---\ntopic: Other\n---\nNo.\n"}
TABLE = (
    "# T\n\n"
    "|No.|Question|Topic|Answer|Week 1|\n"
    "|:--:|--|--|:--|--:|\n"
    "|00|What is `a`?|CNN|[Answer](./answers/a.md)|2022-01-07|\n"
    "|01|Why b \\| c?|RNN|[Answer](./answers/b.md)|✖|\n"
    "|02|And c?|RNN|✖|✖|\n"
    "\n## After\n"
)


def test_a_table_is_adopted_byte_for_byte() -> None:
    """Numbers, alignment, the mark of empty cells and what links begin with; other columns become front matter."""
    adoption = adopt(TABLE.encode(), FILES)
    assert adoption.region == Region(
        format="table",
        item="",
        open_item="",
        columns=(
            Column(title="No.", value="{n}", align="center"),
            Column(title="Question", value="{question}"),
            Column(title="Topic", value="{topic}"),
            Column(title="Answer", value="[Answer]({url})", open_value="", align="left"),
            Column(title="Week 1", value="{week_1}", align="right"),
        ),
        start=0,
        digits=2,
        empty="✖",
        url_prefix="./",
    )
    assert [(slip.kind, slip.line) for slip in adoption.slips] == [("kept-question", 6)]
    assert [(item.question, item.path, item.answered) for item in adoption.items] == [
        ("What is `a`?", "answers/a.md", True),
        ("Why b | c?", "answers/b.md", True),
        ("And c?", "answers/And_c.md", False),
    ]
    kept = {path: dict(frontmatter.split(data).values()) for path, data in adoption.files.items()}
    assert kept["answers/a.md"] == {"question": "What is `a`?", "order": 1, "topic": "CNN", "week_1": "2022-01-07"}
    assert kept["answers/b.md"]["topic"] == "Other"
    agreeing = {**FILES, "answers/b.md": b"---\ntopic: RNN\n---\nNo.\n"}
    whole = adopt(TABLE.encode(), agreeing)
    assert whole.slips == ()
    lines = whole.readme.decode().splitlines(keepends=True)
    assert "".join(line for line in lines if "notionsync:" not in line) == TABLE
    entries = read({**agreeing, **whole.files})
    assert rebuild("README.md", whole.readme, [whole.region], entries) == whole.readme


def test_the_question_may_be_the_link() -> None:
    """Without numbers; a wide table is made to line up."""
    table = (
        "| Q | Who |\n| --- | --- |\n| [What?](answers/a.md) | Kim |\n| [Why?](answers/b.md) |  |\n| Where? | Lee |\n"
    )
    adoption = adopt(table.encode(), FILES)
    assert adoption.region.columns == (
        Column(title="Q", value="[{question}]({url})", open_value="{question}"),
        Column(title="Who", value="{who}"),
    )
    assert adoption.region.pad
    assert [item.question for item in adoption.items] == ["What?", "Why?", "Where?"]
    assert adoption.readme.decode().splitlines()[1:6] == [
        "| Q                     | Who  |",
        "| --------------------- | ---- |",
        "| [What?](answers/a.md) | Kim  |",
        "| [Why?](answers/b.md)  |      |",
        "| Where?                | Lee  |",
    ]


def test_slips_of_a_table() -> None:
    """A number typed twice, a dead link, an answer that no row points to."""
    table = "|n|Q|A|\n|--|--|--|\n|1|What?|[x](answers/a.md)|\n|1|Why?|[x](answers/gone.md)|\n|3|Who?||\n"
    adoption = adopt(table.encode(), FILES)
    assert sorted((slip.kind, slip.path, slip.line) for slip in adoption.slips) == [
        ("dead-link", "README.md", 4),
        ("numbering", "README.md", 4),
        ("unlisted-answer", "answers/b.md", 0),
    ]
    assert adoption.readme.decode().splitlines()[3:5] == ["|1|What?|[x](answers/a.md)|", "|2|Why?||"]


@pytest.mark.parametrize(
    "table", ["|a|b|\n|--|--|\n|x|[y](other/a.md)|\n", "- x\n  |a|\n  |--|\n  |[x](answers/a.md)|\n"]
)
def test_other_tables_are_left(table: str) -> None:
    """Those without a link into the folder, and those inside a list."""
    with pytest.raises(FileError, match="nor a table whose rows do"):
        adopt(table.encode(), FILES)
