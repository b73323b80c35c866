"""What edits by hand inside a region say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notionsync.config import Region
from notionsync.errors import MarkerError
from notionsync.readme import Entry, rebuild, take

EMPTY = b"# T\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n\nEnd\n"
A = Entry(path="answers/A.md", question="What is A?", fields={"order": 1, "topic": "x"}, answered=True)
B = Entry(path="answers/B.md", question="Why `b` | c?", fields={"order": 2, "topic": "x"}, answered=True)
C = Entry(path="answers/C.md", question="24. Who?", fields={"order": 3, "topic": "y"})
D = Entry(path="answers/D.md", question="And D?", fields={"order": 4, "topic": "y"})
ALL = (A, B, C, D)
TABLE = Region(format="table", pad=True)
DETAILS = Region(format="details", item="[Answer]({url})", open_item="")


def edited(
    change: Callable[[str], str], region: Region, base: tuple[Entry, ...] = ALL, now: tuple[Entry, ...] | None = None
) -> dict[str, dict[str, Any]]:
    """Build a list, let somebody change the file, and return what is taken: path → changes."""
    data = rebuild("README.md", EMPTY, [region], base).decode()
    after = change(data)
    assert after != data
    edits = take("README.md", after.encode(), [region], [now or base, base])
    return {edit.path: dict(edit.changes) for edit in edits}


def swap(one: str, other: str) -> Callable[[str], str]:
    """Exchange two lines that begin with these words."""

    def change(text: str) -> str:
        lines = text.split("\n")
        at = [next(n for n, line in enumerate(lines) if line.startswith(start)) for start in (one, other)]
        lines[at[0]], lines[at[1]] = lines[at[1]], lines[at[0]]
        return "\n".join(lines)

    return change


@pytest.mark.parametrize(
    ("region", "old", "new", "wanted"),
    [
        (Region(), "What is A?", "What is `A`, **now**?", {A.path: {"question": "What is `A`, **now**?"}}),
        (Region(), "And D?", "And D, or E?", {D.path: {"question": "And D, or E?"}}),
        (Region(), r"24\. Who?", r"24\. Whom?", {C.path: {"question": r"24\. Whom?"}}),
        (Region(), r"24\. Who?", "Who?", {C.path: {"question": "Who?"}}),
        (Region(), "And D?", "See [a paper](https://x.org/p.md)?", {D.path: {"question": "See [a paper](https://x.org/p.md)?"}}),
        (Region(), "4. And D?", "9. And D?", {}),
        (Region(), "4. And D?", "4. And D?  \n", {}),
        (Region(format="task", item="- [x] {question} <{url}>", open_item="- [ ] {question}"), "And D", "But D", {D.path: {"question": "But D?"}}),
        (Region(group_by="topic", contents=True, collapsible=False), "And D?", "But D?", {D.path: {"question": "But D?"}}),
        (TABLE, r"Why `b` \| c?", r"Why `c \| d` \| e?", {B.path: {"question": "Why `c | d` | e?"}}),
        (TABLE, "What is A?   ", "What?", {A.path: {"question": "What?"}}),
        (DETAILS, "1. What is A?", "1. What &lt;is&gt; <code>A</code>?", {A.path: {"question": "What <is> `A`?"}}),
    ],
)  # fmt: skip
def test_a_new_wording_is_taken(region: Region, old: str, new: str, wanted: dict[str, dict[str, Any]]) -> None:
    """In every format; numbers, blanks and the widths of columns are no edit."""
    assert edited(lambda text: text.replace(old, new), region) == wanted


@pytest.mark.parametrize(
    ("region", "change", "wanted"),
    [
        (Region(), swap("1.", "2."), {B.path: {"order": 0}}),
        (Region(), swap("3.", "4."), {D.path: {"order": 2.5}}),
        (Region(group_by="topic", group_order=("y",)), swap("1.", "2."), {D.path: {"order": 2}}),
        (TABLE, swap("| 1", "| 2"), {B.path: {"order": 0}}),
    ],
)
def test_a_new_place_is_taken(region: Region, change: Callable[[str], str], wanted: dict[str, dict[str, Any]]) -> None:
    """With the numbers of the lines as they were or as they should be; the question that moved gets a new order."""
    assert edited(change, region) == wanted


@pytest.mark.parametrize("region", [Region(), TABLE])
def test_questions_of_the_same_words_stay_where_they_are(region: Region) -> None:
    """Only the one whose line was edited is edited; a wider column moves the rule under the head along."""
    twins = tuple(Entry(path=f"answers/{n}.md", question="Same?", fields={"order": n}) for n in range(3))
    assert edited(lambda text: text.replace("Same?", "Not the same at all?", 1), region, twins) == {
        "answers/0.md": {"question": "Not the same at all?"}
    }


def test_wording_and_place_at_once() -> None:
    """A line with a link is known by it wherever it stands."""
    taken = edited(lambda text: swap("1.", "4.")(text).replace("What is A?", "Is A?"), Region())
    assert taken == {D.path: {"order": 1}, A.path: {"question": "Is A?", "order": 4}}


@pytest.mark.parametrize(
    ("region", "old", "new", "line", "says"),
    [
        (Region(), "2. Why", "2. New?\n3. Why", 5, "the line '2. New?' was added"),
        (Region(), "4. And D?\n", "", 7, "the line '4. And D?' was taken away"),
        (Region(), "(answers/A.md)", "(answers/X.md)", 4, "changes more than the text of a question"),
        (Region(), " [Answer](answers/A.md)", "", 4, "changes more than the text of a question"),
        (Region(), "And D?", "And D? [Answer](answers/D.md)", 7, "a link to answers/D.md was added"),
        (Region(), "And D?", "And D? [Answer](D.md)", 7, "a link to D.md was added"),
        (Region(), "1. What", "1. 2. What", 4, "cannot be kept: the list would say '1. 2\\\\. What"),
        (Region(), "And D?", "And <b>D?", 7, "cannot be kept"),
        (Region(numbering="property"), "4. And", "9. And", 7, "changes more than"),
        (Region(group_by="topic"), "### y", "### z", 9, "'### y' became '### z'"),
        (Region(header="{answered} of {total}"), "2 of 4", "3 of 4", 4, "'2 of 4' became '3 of 4'"),
        (TABLE, "Question", "Questions", 4, "became"),
        (Region(format="task", item="- [x] {question} <{url}>", open_item="- [ ] {question}"), "- [ ] And", "- [x] And", 7, "changes more"),
    ],
)  # fmt: skip
def test_everything_else_is_left_with_its_line(region: Region, old: str, new: str, line: int, says: str) -> None:
    """Nothing of such an edit is taken."""
    with pytest.raises(MarkerError) as caught:
        edited(lambda text: text.replace(old, new, 1), region)
    assert caught.value.line == line
    assert says in caught.value.message
    assert "--force" in caught.value.advice


def test_a_line_that_went_to_another_group_is_left() -> None:
    """The group is a property of the question; here it cannot be edited."""
    region = Region(group_by="topic")
    with pytest.raises(MarkerError, match="was edited by hand"):
        edited(swap("2.", "3."), region)


def test_open_questions_that_were_moved_and_reworded_are_not_guessed() -> None:
    """Without a link nothing tells which is which."""
    with pytest.raises(MarkerError, match="which is which"):
        edited(lambda text: text.replace("And D?", "Whom?").replace(r"24\. Who?", "And what of D?"), Region())


def test_an_edit_of_the_file_since_then_is_a_conflict_of_its_own() -> None:
    """The list was built from older questions, which are found by its digest; nobody's edit is dropped."""
    newer = replace(A, question="What was A?")

    def change(text: str) -> str:
        return text.replace("What is A?", "Is A?")

    with pytest.raises(MarkerError, match=r"answers/A\.md was edited, too: its question is 'What was A\?' now"):
        edited(change, Region(), ALL, (newer, B, C, D))
    agreeing = replace(A, question="Is A?")
    assert edited(change, Region(), ALL, (agreeing, B, replace(D, question="Else?"))) == {}
    assert edited(change, Region(), ALL, (A, replace(B, question="Else?"), C, D)) == {A.path: {"question": "Is A?"}}
    with pytest.raises(MarkerError, match=r"answers/A\.md asks nothing any more, or is not there: .* is 'Is A\?' here"):
        edited(change, Region(), ALL, (B, C, D))


def test_a_question_is_found_under_its_new_name() -> None:
    """By its page: the file was renamed since the list was built."""
    base = tuple(replace(entry, fields={**entry.fields, "notion_id": str(n)}) for n, entry in enumerate(ALL))
    now = (replace(base[0], path="answers/New.md"), *base[1:])
    taken = edited(lambda text: text.replace("What is A?", "Is A?"), Region(), base, now)
    assert taken == {"answers/New.md": {"question": "Is A?"}}
    other = (replace(now[0], fields={"notion_id": "9"}), *base[1:])
    with pytest.raises(MarkerError, match=r"answers/A\.md asks nothing any more"):
        edited(lambda text: text.replace("What is A?", "Is A?"), Region(), base, other)


def test_what_was_edited_must_be_known() -> None:
    """No version of the questions gives the digest: nothing is guessed."""
    data = rebuild("README.md", EMPTY, [Region()], ALL).replace(b"What is A?", b"Is A?")
    with pytest.raises(MarkerError, match=r"README\.md:3: .*what the list was before is not known"):
        take("README.md", data, [Region()], [(A, B, C), (A,)])


def test_two_lists_must_agree() -> None:
    """The same question in two regions of a file."""
    regions = [Region(), Region(name="open", filter={"answered": ("false",)})]
    data = EMPTY + EMPTY.replace(b"questions", b"open")
    built = rebuild("README.md", data, regions, ALL).decode()
    one, other = built.replace("4. And D?", "4. D?"), built.replace("2. And D?", "2. E?")
    versions = [ALL]
    assert [edit.line for edit in take("README.md", one.encode(), regions, versions)] == [7]
    with pytest.raises(MarkerError, match="edited otherwise in line 7"):
        take("README.md", one.replace("2. And D?", "2. E?").encode(), regions, versions)
    both = other.replace("4. And D?", "4. E?")
    assert [dict(edit.changes) for edit in take("README.md", both.encode(), regions, versions)] == [{"question": "E?"}]


def test_two_languages_of_one_question() -> None:
    """Each list's wording goes into its own key; where a file has none yet, it gets one."""
    regions = [Region(), Region(name="korean", question_key="question_ko")]
    entries = (replace(A, fields={**A.fields, "question_ko": "A는?"}), B, C, D)
    data = EMPTY + EMPTY.replace(b"questions", b"korean")
    built = rebuild("README.md", data, regions, entries).decode()
    assert built.count("A는?") == built.count("What is A?") == 1
    typed = built.replace("What is A?", "Is A?").replace("A는?", "A는 왜?")
    at = typed.rindex("And D?")
    typed = f"{typed[:at]}D는?{typed[at + 6 :]}"
    assert {edit.path: dict(edit.changes) for edit in take("README.md", typed.encode(), regions, [entries])} == {
        A.path: {"question": "Is A?", "question_ko": "A는 왜?"},
        D.path: {"question_ko": "D는?"},
    }


TITLE = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=12)


@settings(deadline=None)
@given(
    st.lists(TITLE, min_size=1, max_size=5),
    st.data(),
    st.sampled_from([Region(), TABLE, DETAILS, Region(group_by="topic")]),
)
def test_an_edit_is_taken_whole_or_not_at_all(titles: list[str], data: st.DataObject, region: Region) -> None:
    """Whatever is typed: the list of the edited questions says what stands there, or nothing is taken."""
    base = [
        Entry(
            path=f"answers/{n}.md",
            question=title,
            fields={"order": n, "topic": str(n % 2)},
            answered=data.draw(st.booleans()),
        )
        for n, title in enumerate(titles)
    ]
    lines = rebuild("README.md", EMPTY, [region], base).decode().split("\n")
    inside = range(3, next(n for n, line in enumerate(lines) if "notionsync:end" in line))
    at = data.draw(st.sampled_from(inside))
    if data.draw(st.booleans()):
        cut = data.draw(st.integers(0, len(lines[at])))
        lines[at] = lines[at][:cut] + data.draw(TITLE) + lines[at][data.draw(st.integers(cut, len(lines[at]))) :]
    else:
        lines.insert(data.draw(st.sampled_from(inside)), lines.pop(at))
    typed = "\n".join(lines)
    try:
        edits = {edit.path: edit.changes for edit in take("README.md", typed.encode(), [region], [base])}
    except MarkerError:
        return
    after = [
        replace(
            entry,
            question=str(edits.get(entry.path, {}).get("question", entry.question)),
            fields={**entry.fields, **edits.get(entry.path, {})},
        )
        for entry in base
    ]
    built = rebuild("README.md", typed.encode(), [region], after, force=True).decode()
    assert take("README.md", typed.encode(), [region], [after]) == ()
    assert len(built.split("\n")) <= len(lines) + 1
