"""What the lines of a region look like in every format."""

from __future__ import annotations

import pytest

from notionsync.config import Column, Region
from notionsync.errors import ConfigError, MarkerError
from notionsync.model import FieldValue
from notionsync.readme import Entry, build, find, read, rebuild

CNN = Entry(path="answers/CNN.md", question="Why `conv`?", fields={"order": 1, "topic": "CNN"}, answered=True)
POOL = Entry(path="answers/Pool.md", question="Why pool?", fields={"order": 2, "topic": "CNN", "tags": ("x", "y")})
RNN = Entry(path="answers/RNN.md", question="Why tanh?", fields={"order": 3, "topic": "RNN"}, answered=True)
REST = Entry(path="answers/Z.md", question="Who?", fields={"order": 4, "date": "2022-01-07"})
ALL = (REST, RNN, CNN, POOL)


def lines(region: Region, *entries: Entry) -> list[str]:
    """The lines of a region."""
    return build(entries or ALL, region).splitlines()


def test_a_task_list_ticks_what_is_answered() -> None:
    """The templates tell the two apart."""
    region = Region(format="task", item="- [x] {question} [Answer]({url})", open_item="- [ ] {question}")
    assert lines(region, CNN, POOL) == ["- [x] Why `conv`? [Answer](answers/CNN.md)", "- [ ] Why pool?"]


def test_a_table_has_a_row_for_each_question() -> None:
    """The columns that a table has by itself; an open question has no link."""
    assert lines(Region(format="table", empty="✖"), CNN, POOL) == [
        "|No.|Question|Answer|",
        "|--:|--|--|",
        "|1|Why `conv`?|[Answer](answers/CNN.md)|",
        "|2|Why pool?|✖|",
    ]


def test_a_padded_table_lines_up() -> None:
    """Letters of East Asia are two places wide."""
    columns = (
        Column(title="질문", value="{question}", align="center"),
        Column(title="W", value="{order}", align="right"),
    )
    korean = Entry(path="answers/a.md", question="왜?", fields={"order": 10})
    assert lines(Region(format="table", columns=columns, pad=True), korean, CNN) == [
        "| 질문        | W    |",
        "| :---------: | ---: |",
        "| Why `conv`? | 1    |",
        "| 왜?         | 10   |",
    ]


def test_questions_that_fold() -> None:
    """The summary is HTML, which Markdown does not read: code and tags are written for it."""
    hostile = Entry(path="answers/h.md", question="Is </details> **bold** & `<b>`?", fields={"order": 9})
    assert lines(Region(format="details", item="[Answer]({url})", open_item=""), CNN, hostile) == [
        "<details>",
        "<summary>1. Why <code>conv</code>?</summary>",
        "",
        "[Answer](answers/CNN.md)",
        "",
        "</details>",
        "",
        "<details>",
        "<summary>2. Is &lt;/details&gt; <strong>bold</strong> &amp; <code>&lt;b&gt;</code>?</summary>",
        "",
        "</details>",
        "",
    ]


def test_groups_come_in_the_order_given_then_by_name_and_the_rest_last() -> None:
    """An empty group has no heading; numbers go on."""
    region = Region(group_by="topic", group_order=("RNN", "GAN"), group="{group} ({answered}/{total})")
    assert lines(region) == [
        "### RNN (1/1)",
        "",
        "1. Why tanh? [Answer](answers/RNN.md)",
        "",
        "### CNN (1/2)",
        "",
        "2. Why `conv`? [Answer](answers/CNN.md)",
        "3. Why pool?",
        "",
        "### Other (0/1)",
        "",
        "4. Who?",
    ]


def test_groups_that_fold_and_count_for_themselves() -> None:
    """A blank line after the last tag: without one, what follows the region would be read as HTML."""
    region = Region(group_by="topic", collapsible=True, restart=True, start=0, digits=2)
    assert lines(region, CNN, RNN) == [
        "<details>",
        "<summary>CNN</summary>",
        "",
        "00. Why `conv`? [Answer](answers/CNN.md)",
        "",
        "</details>",
        "",
        "<details>",
        "<summary>RNN</summary>",
        "",
        "00. Why tanh? [Answer](answers/RNN.md)",
        "",
        "</details>",
        "",
    ]


def test_a_question_with_several_values_stands_in_each_of_their_groups() -> None:
    """And is counted once in the whole."""
    region = Region(group_by="tags", header="{total} in all", group_level=2)
    assert lines(region, POOL) == ["1 in all", "", "## x", "", "1. Why pool?", "", "## y", "", "2. Why pool?"]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"numbering": "ones"}, ["1.", "1.", "1.", "1."]),
        ({"numbering": "property"}, ["1.", "2.", "3.", "4."]),
        ({"start": 7}, ["7.", "8.", "9.", "10."]),
        ({"start": 9, "digits": 2}, ["09.", "10.", "11.", "12."]),
        ({"limit": 2}, ["1.", "2."]),
        ({"unanswered": "hidden"}, ["1.", "2."]),
        ({"filter": {"topic": ("CNN",)}}, ["1.", "2."]),
        ({"filter": {"answered": ("true",), "topic": ("CNN", "RNN")}}, ["1.", "2."]),
        ({"exclude": {"topic": ("CNN",)}}, ["1.", "2."]),
        ({"exclude": {"answered": ("false",), "tags": ("y",)}}, ["1.", "2."]),
    ],
)
def test_numbers_limits_and_filters(options: dict[str, object], wanted: list[str]) -> None:
    """What is counted, and what is left out."""
    assert [line.split()[0] for line in lines(Region(**options))] == wanted  # type: ignore[arg-type] # one option each


def test_property_numbers_come_from_the_order() -> None:
    """One that has none is counted."""
    late = Entry(path="answers/l.md", question="Late?", fields={"order": 40})
    none = Entry(path="answers/n.md", question="None?")
    assert lines(Region(numbering="property"), late, none, CNN)[1:] == ["40. Late?", "3. None?"]


def test_open_questions_in_a_section_of_their_own() -> None:
    """With the words of the configuration behind each."""
    region = Region(
        unanswered="section", open_title="Open {yet}", open_suffix="(soon)", footer="{percent} % of {total}"
    )
    assert lines(region)[-6:] == ["### Open {yet}", "", "3. Why pool? (soon)", "4. Who? (soon)", "", "50 % of 4"]


def test_answered_may_be_a_property() -> None:
    """One value of a status, or any value at all."""
    done = Entry(path="answers/d.md", question="Done?", fields={"status": "Done"})
    draft = Entry(path="answers/e.md", question="Draft?", fields={"status": "Draft"}, answered=True)
    region = Region(answered_by="status", answered_values=("Done",), header="{answered}/{total} answered ({percent} %)")
    assert lines(region, done, draft) == [
        "1/2 answered (50 %)",
        "",
        "1. Done? [Answer](answers/d.md)",
        "2. Draft?",
    ]
    assert lines(Region(answered_by="status"), draft) == ["1. Draft? [Answer](answers/e.md)"]


def test_sorted_by_a_property_with_an_order_of_its_own() -> None:
    """What the order does not name follows by value, what has no value comes last."""
    entries = [
        Entry(path=f"answers/{level}.md", question=str(level), fields={"level": level} if level else {})
        for level in ("hard", "new", "easy", "", "a")
    ]
    region = Region(sort_by="level", sort_order=("easy", "hard"), open_item="{level}")
    assert lines(region, *entries) == ["easy", "hard", "a", "new", ""]
    numbers = [Entry(path=f"answers/{n}.md", question="n", fields={"week": n}) for n in (10, 9, 1)]
    assert lines(Region(sort_by="week", open_item="{week}"), *numbers) == ["1", "9", "10"]


def test_equal_titles_are_sorted_by_page_then_path() -> None:
    """The same on every machine, whatever order the files were read in."""
    twins = [
        Entry(path=f"answers/{name}.md", question="Same?", fields={"notion_id": page}, answered=True)
        for name, page in (("a", "2"), ("b", "1"), ("c", ""))
    ]
    wanted = ["(answers/c.md)", "(answers/b.md)", "(answers/a.md)"]
    for turn in range(3):
        turned = twins[turn:] + twins[:turn]
        assert [line.split("]")[1] for line in lines(Region(), *turned)] == wanted


def test_links_to_the_groups_above_them() -> None:
    """Anchors are those of the whole file: a heading of the same name above makes GitHub count."""
    region = Region(group_by="topic", contents=True, group="{group} & co")
    data = "\ufeff# CNN & co\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n\n## RNN  co\n"
    built = rebuild("README.md", data.encode(), [region], [CNN, RNN]).decode()
    assert built.splitlines()[3:6] == ["- [CNN & co](#cnn--co-1)", "- [RNN & co](#rnn--co)", ""]
    assert rebuild("README.md", built.encode(), [region], [CNN, RNN]).decode() == built
    assert lines(region, CNN)[0] == "- [CNN & co](#cnn--co)"


def test_a_heading_where_markdown_sees_none_is_refused() -> None:
    """Inside HTML nothing can lead to it."""
    data = b"<pre>\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n</pre>\n"
    region = Region(group_by="topic", contents=True)
    with pytest.raises(MarkerError, match=r"README\.md:5: a heading of the region"):
        rebuild("README.md", data, [region], [CNN])


def test_an_anchor_that_no_heading_has_is_refused() -> None:
    """In the answer and in the file itself; a heading that is there will do, in Korean too."""
    files = {"answers/a.md": "---\nquestion: A?\n---\n## 짧은 답\n\nYes.\n".encode()}
    data = b"# Top\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n"
    good = Region(item="- [{question}]({url}#짧은-답) [up](#top)")
    built = rebuild("README.md", data, [good], read(files, targets=True))
    assert find("README.md", built)[0].text == "- [A?](answers/a.md#짧은-답) [up](#top)\n"
    for template, says in (
        ("- [{question}]({url}#long)", "answers/a.md has no such"),
        ("[{question}](#tip)", "README.md has no such"),
    ):
        with pytest.raises(MarkerError, match=r'^README\.md:4: the list links to "#\w+", but ') as caught:
            rebuild("README.md", data, [Region(item=template)], read(files, targets=True))
        assert says in caught.value.message


def test_the_anchor_of_a_question_can_be_named() -> None:
    """For lists that lead to headings in one file."""
    assert lines(Region(item="- [{question}](faq.md#{anchor}) {slug} {answered}"), CNN) == [
        "- [Why `conv`?](faq.md#why-conv) CNN ✓"
    ]


@pytest.mark.parametrize(
    ("region", "says"),
    [
        (Region(header="{anwsered}"), "header: no {anwsered}; did you mean {answered}?"),
        (Region(group="{grupo}"), "group: no {grupo}; did you mean {group}?"),
        (
            Region(format="table", columns=(Column(value="{topik}"),)),
            "column 1 value: no {topik}; did you mean {topic}?",
        ),
        (Region(format="details", summary="{zzz}"), "summary: no {zzz}; known are anchor, answered"),
        (Region(date_format="%Q", open_item="{date}"), "date_format: no %Q; known are %Y"),
    ],
)
def test_an_unknown_place_names_the_nearest(region: Region, says: str) -> None:
    """Of every template."""
    with pytest.raises(ConfigError, match='"questions"') as caught:
        lines(region)
    assert says in caught.value.message


def test_a_second_table_as_people_keep_it_by_hand() -> None:
    """Columns, alignment, dates in words, lists of links and the mark of an empty cell: byte for byte."""
    table = (
        "|No.|Date|Topic|Textbook|Lecture|\n"
        "|:--:|--|:--:|--|:--:|\n"
        "|00|January 07, 2022|Data \\| Handling|chapter 1, 2|✖|\n"
        "|01|January 10, 2022|Regression|[3 -1](https://x.org/%20a_b), [3 -2](https://x.org/b)|[Lec 2.](https://x.org/l%28a%29)|\n"
    )
    titles = ("No.", "Date", "Topic", "Textbook", "Lecture")
    values = ("{n}", "{date}", "{question}", "{textbook}", "[{lecture}]({lecture_url})")
    region = Region(
        format="table",
        columns=tuple(
            Column(
                title=title, value=value, align="center" if value in {"{n}", "{question}"} or "lec" in value else "none"
            )
            for title, value in zip(titles, values, strict=True)
        ),
        start=0,
        digits=2,
        sort_by="date",
        date_format="%B %d, %Y",
        empty="✖",
    )
    first: dict[str, FieldValue] = {"date": "2022-01-07", "textbook": "chapter 1, 2"}
    second: dict[str, FieldValue] = {
        "date": "2022-01-10",
        "textbook": ("[3 -1](https://x.org/%20a_b)", "[3 -2](https://x.org/b)"),
        "lecture": "Lec 2.",
        "lecture_url": "https://x.org/l(a)",
    }
    entries = [
        Entry(path="c/b.md", question="Regression", fields=second),
        Entry(path="c/a.md", question="Data | Handling", fields=first),
    ]
    assert build(entries, region) == table
