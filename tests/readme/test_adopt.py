from __future__ import annotations

import re

import pytest

from notionsync.config import Region
from notionsync.errors import FileError, MarkerError
from notionsync.readme import Adoption, adopt, read, rebuild

URL = "https://github.com/o/r/blob/main/answers"
BODY = b"## Lecture\n\n- Q. What?\n- A. That.  \n    deep"


def files(*names: str) -> dict[str, bytes]:
    """Answers of those names."""
    return {f"answers/{name}.md": BODY for name in names}


def kinds(adoption: Adoption) -> list[tuple[str, int]]:
    """What was reported, and of which lines."""
    return [(slip.kind, slip.line) for slip in adoption.slips]


def test_a_numbered_list_with_absolute_links() -> None:
    """Question, order, link style and prefix come from the list; the slips are named with their lines."""
    data = (
        "# Group\n\n> Intro\n\n"
        f"1. Why  two `spaces`? [Answer]({URL}/a.md)\n"
        f"2. 3. Numbered twice? [Answer]({URL}/b.md)\n"
        f"3. Gone? / Really? [Answer]({URL}/gone.md)\n"
        "4. Not yet asked\n"
        "\n</br>\n"
    ).encode()
    adoption = adopt(data, files("a", "b", "lonely"))
    assert adoption.region == Region(url_prefix="https://github.com/o/r/blob/main/")
    assert [(i.question, i.path, i.linked, i.dead, i.answered) for i in adoption.items] == [
        ("Why  two `spaces`?", "answers/a.md", True, False, True),
        ("Numbered twice?", "answers/b.md", True, False, True),
        ("Gone? / Really?", "answers/gone.md", True, True, False),
        ("Not yet asked", "answers/Not_yet_asked.md", False, False, False),
    ]
    assert adoption.answered == 2
    assert kinds(adoption) == [("doubled-number", 6), ("dead-link", 7), ("unlisted-answer", 0)]
    assert adoption.slips[2].path == "answers/lonely.md"
    before, rest = adoption.readme.decode().split("<!-- notionsync:begin questions -->\n")
    inside, after = rest.split("<!-- notionsync:end questions ")
    assert before == "# Group\n\n> Intro\n\n"
    assert inside == (
        f"1. Why  two `spaces`? [Answer]({URL}/a.md)\n"
        f"2. Numbered twice? [Answer]({URL}/b.md)\n"
        "3. Gone? / Really?\n"
        "4. Not yet asked\n"
    )
    assert after[16:] == " -->\n\n</br>\n"


def test_files_get_question_and_order_and_keep_their_bodies() -> None:
    """Linked files keep every byte of their bodies; a question without a file gets one with an empty body."""
    data = b"1. First? [A](answers/a.md)\n2. Second? [A](answers/gone.md)\n3. Third?\n"
    adoption = adopt(data, files("a"))
    assert adoption.files == {
        "answers/a.md": b"---\nquestion: First?\norder: 1\n---\n" + BODY,
        "answers/gone.md": b"---\nquestion: Second?\norder: 2\n---\n",
        "answers/Third.md": b"---\nquestion: Third?\norder: 3\n---\n",
    }


def test_rebuilding_right_after_changes_nothing() -> None:
    """The region is what `notionsync readme` makes of the files."""
    data = b"- One? - [look](answers/a.md)\n- Two?\n"
    adoption = adopt(data, files("a"))
    entries = read({**files("a"), **adoption.files})
    assert rebuild("README.md", adoption.readme, [adoption.region], entries) == adoption.readme


@pytest.mark.parametrize(
    ("text", "item", "open_item"),
    [
        ("1. A? [Answer](answers/a.md)\n2. B?\n", "{n}. {question} [Answer]({url})", "{n}. {question}"),
        ("1. A? [Answer](answers/a.md)\n1. B?\n", "1. {question} [Answer]({url})", "1. {question}"),
        ("1) A? ([Answer](answers/a.md))\n2) B?\n", "{n}) {question} ([Answer]({url}))", "{n}) {question}"),
        ("- A? - **[go](answers/a.md)**\n- B?\n", "- {question} - **[go]({url})**", "- {question}"),
        ("* [A?](answers/a.md)\n* B?\n", "* [{question}]({url})", "* {question}"),
        ("- **[A?](answers/a.md)**\n- **B?**\n", "- **[{question}]({url})**", "- **{question}**"),
        ("- [x] A? [A](answers/a.md)\n- [ ] B?\n", "- [x] {question} [A]({url})", "- [ ] {question}"),
        ("1. [📙](answers/a.md) A?\n2. B?\n", "{n}. [📙]({url}) {question}", "{n}. {question}"),
        ("1. A? [Answer](answers/a.md)\n2. B? [Answer]()\n", "{n}. {question} [Answer]({url})", "{n}. {question}"),
        (
            "1. A?[^1] [Answer](answers/a.md)\n2. B?\n\n[^1]: Note.\n",
            "{n}. {question} [Answer]({url})",
            "{n}. {question}",
        ),
        ("1. A? → [Answer][a]\n2. B?\n\n[a]: answers/a.md\n", "{n}. {question} → [Answer]({url})", "{n}. {question}"),
        (
            "- A? ([{x}](answers/a.md) {y})\n- B? ([{x}](answers/b.md) {y})\n",
            "- {question} ([{{x}}]({url}) {{y}})",
            "- {question}",
        ),
        ("3.  A? [{x}](answers/a.md)\n4.  B?\n", "{n}.  {question} [{{x}}]({url})", "{n}.  {question}"),
    ],
)
def test_the_way_the_list_is_written_becomes_its_template(text: str, item: str, open_item: str) -> None:
    """Numbers, bullets, check boxes, separators, link texts and what is linked are read off the list."""
    adoption = adopt(text.encode(), files("a"))
    assert (adoption.region.item, adoption.region.open_item) == (item, open_item)
    assert [i.question.removesuffix("[^1]") for i in adoption.items] == ["A?", "B?"]
    assert adoption.region.format == ("ordered" if text[0].isdigit() else "bulleted")
    assert adoption.readme.decode().count("A?") == 1
    assert "numbering" not in {slip.kind for slip in adoption.slips}


@pytest.mark.parametrize(
    ("url", "readme", "prefix"),
    [
        ("answers/a.md", "README.md", ""),
        ("./answers/a.md", "README.md", "./"),
        ("/answers/a.md", "docs/README.md", "/"),
        ("../answers/a.md", "docs/README.md", ""),
        ("https://git.example.org/x/y/blob/dev/answers/a.md", "README.md", "https://git.example.org/x/y/blob/dev/"),
        ("https://x.org/My%20P/%EB%B9%84/(1)/answers/a.md", "README.md", "https://x.org/My%20P/%EB%B9%84/(1)/"),
    ],
)
def test_the_prefix_of_the_links_is_kept(url: str, readme: str, prefix: str) -> None:
    """The rebuilt link is the hand-kept one, byte for byte."""
    adoption = adopt(f"- A? [Answer]({url})\n".encode(), files("a"), readme=readme)
    assert adoption.region.url_prefix == prefix
    assert f"- A? [Answer]({url})\n".encode() in adoption.readme
    assert adoption.slips == ()


def test_line_ends_byte_order_mark_and_missing_newline_stay() -> None:
    """A CRLF file with a BOM whose last line is the list's last item."""
    data = "\ufeff# T\r\n1. A? [Answer](answers/a.md)\r\n2. B?".encode()
    adopted = adopt(data, files("a")).readme
    assert adopted.startswith("\ufeff# T\r\n<!-- notionsync:begin questions -->\r\n1. A? [".encode())
    assert b"2. B?\r\n<!-- notionsync:end questions " in adopted
    assert adopted.endswith(b" -->")
    assert adopted.count(b"\n") == adopted.count(b"\r\n")


def test_a_nested_list_is_wrapped_where_it_stands() -> None:
    """The markers are indented like the list."""
    data = b"- CNN\n  - A? [x](answers/a.md)\n  - B? [x](answers/b.md)\n- RNN\n"
    lines = adopt(data, files("a", "b")).readme.decode().splitlines()
    assert lines[:4] == [
        "- CNN",
        "  <!-- notionsync:begin questions -->",
        "  - A? [x](answers/a.md)",
        "  - B? [x](answers/b.md)",
    ]
    assert lines[4].startswith("  <!-- notionsync:end questions ")
    assert lines[5:] == ["- RNN"]


def test_odd_items_lose_nothing_and_are_reported() -> None:
    """What the template cannot say joins the question; every other change of a line is named."""
    data = (
        b"1. A? [Answer](answers/a.md)\n"
        b"3. B? [Answer](answers/b.md) (by Kim)\n"
        b"4. C? [answer](answers/c.md#top)\n"
        b"5. D? [Answer](answers/A.md)\n"
        b"6. E? [Answer](answers/E.md)\n"
        b"7. F? [Answer](https://x.org/answers/f.md)\n"
        b"8. G?   [Answer](answers/g.md)\n"
    )
    adoption = adopt(data, files("a", "b", "c", "e", "f", "g"))
    assert [i.question for i in adoption.items] == ["A?", "B? (by Kim)", "C?", "D?", "E?", "F?", "G?"]
    assert [i.path for i in adoption.items][3:5] == ["answers/D.md", "answers/e.md"]
    assert kinds(adoption) == [
        ("numbering", 2),
        ("style", 2),
        ("style", 3),
        ("lost-anchor", 3),
        ("letter-case", 4),
        ("same-answer", 4),
        ("letter-case", 5),
        ("other-address", 6),
        ("rewritten", 7),
    ]


@pytest.mark.parametrize(
    ("text", "item", "questions"),
    [
        (
            "- A? [Answer](answers/a.md)\n- [Why B?](answers/b.md)\n- C? [Answer](answers/c.md)\n",
            "- {question} [Answer]({url})",
            ["A?", "Why B?", "C?"],
        ),
        (
            "- [Why A?](answers/a.md)\n- B? [Answer](answers/b.md)\n",
            "- {question} [Answer]({url})",
            ["Why A?", "B?"],
        ),
        (
            "- A? [Answer](answers/a.md) (new)\n- B? [Answer](answers/b.md)\n",
            "- {question} [Answer]({url})",
            ["A? (new)", "B?"],
        ),
        ("- A? [Answer](answers/a.md) (new)\n", "- {question} [Answer]({url})", ["A? (new)"]),
        (
            "- A? [Answer](answers/a.md)\n- B? ([Answer](answers/b.md))\n- C? **[Answer](answers/c.md)**\n- D?\n",
            "- {question} [Answer]({url})",
            ["A?", "B?", "C?", "D?"],
        ),
        (
            "- [Answer](answers/a.md) A?\n- [Answer](answers/b.md) B?\n- [Why C?](answers/c.md)\n",
            "- [Answer]({url}) {question}",
            ["A?", "B?", "Why C?"],
        ),
    ],
)
def test_items_that_are_written_otherwise_keep_their_words(text: str, item: str, questions: list[str]) -> None:
    """What one item alone has is no part of the template: it adds no words to the others and loses none of its own."""
    adoption = adopt(text.encode(), files("a", "b", "c"))
    assert adoption.region.item == item
    assert [i.question for i in adoption.items] == questions
    said = adoption.readme.decode().split(" -->\n", 1)[1].rsplit("\n<!--", 1)[0].splitlines()
    for question, line in zip(questions, said, strict=True):
        assert line in {
            item.format(question=question, url=f"answers/{name}.md") for name in "abc"
        } | {f"- {question}"}  # fmt: skip


def test_an_item_without_a_link_finds_the_file_that_asks_its_question() -> None:
    """In the front matter, or word for word in the text; where two files do, or the words are few, nothing is guessed."""
    data = b"- Linked? [A](answers/a.md)\n- Asked?\n- Why is it so?\n- Asked twice over?\n- Why?\n"
    texts = {
        "answers/a.md": b"- Q. Why is it so?\n",
        "answers/b.md": b"---\nquestion: Asked?\n---\nYes.\n",
        "answers/c.md": b"# Notes\n\n- Q. Why is\n  it so? Because.\n",
        "answers/d.md": b"Asked twice over? Here.\n",
        "answers/e.md": b"Asked twice over? There. Why? Yes.\n",
    }
    adoption = adopt(data, texts)
    assert [item.path for item in adoption.items] == [
        "answers/a.md",
        "answers/b.md",
        "answers/c.md",
        "answers/Asked_twice_over.md",
        "answers/Why.md",
    ]
    assert ("found-answer", 3) in kinds(adoption)
    assert [slip.path for slip in adoption.slips if slip.kind == "unlisted-answer"] == ["answers/d.md", "answers/e.md"]


def test_an_answer_without_text_is_open() -> None:
    """A link to a file that says nothing is reported like a dead one, and left out of the list."""
    adoption = adopt(b"1. A? [Answer](answers/a.md)\n", {"answers/a.md": b"# A\n"})
    assert kinds(adoption) == [("empty-answer", 1)]
    assert b"\n1. A?\n" in adoption.readme


def test_a_question_that_a_file_has_already_is_kept() -> None:
    """Front matter is what somebody wrote; a difference is reported."""
    data = {"answers/a.md": b"---\nquestion: Asked otherwise?\n---\nText\n"}
    adoption = adopt(b"1. A? [Answer](answers/a.md)\n", data)
    assert adoption.files["answers/a.md"] == b"---\nquestion: Asked otherwise?\norder: 1\n---\nText\n"
    assert kinds(adoption) == [("kept-question", 1)]


def test_an_order_that_a_file_has_already_follows_the_list() -> None:
    """And says so, unless it is the same."""
    answers = {f"answers/{name}.md": f"---\norder: {n}\n---\nText\n".encode() for name, n in (("a", 1), ("b", 7))}
    adoption = adopt(b"1. A? [A](answers/a.md)\n2. B? [A](answers/b.md)\n", answers)
    assert kinds(adoption) == [("new-order", 2)]
    assert adoption.slips[0].message == "answers/b.md said order: 7; it is 2 now, its place in the list"
    assert b"order: 2\n" in adoption.files["answers/b.md"]


def test_items_without_text() -> None:
    """A bare number is left out, a bare link takes its file's name; both are reported, and the order has no hole."""
    adoption = adopt(
        b"1. A? [Answer](answers/a.md)\n2.\n3. [Answer](answers/Zero_Padding.md)\n", files("a", "Zero_Padding")
    )
    assert [(item.order, item.question) for item in adoption.items] == [(1, "A?"), (2, "Zero Padding")]
    assert kinds(adoption) == [("empty-item", 2), ("rewritten", 3)]
    assert b"\n2. Zero Padding [Answer](answers/Zero_Padding.md)\n" in adoption.readme


def test_links_in_html_count_and_become_markdown() -> None:
    """The change of writing is reported."""
    data = b'1. A? <a class="x" href="answers/a.md">Answer</a>\n2. B? <a href="https://x.org/?a=1&amp;b">paper</a>\n'
    adoption = adopt(data, files("a"))
    assert [(item.question, item.linked) for item in adoption.items] == [
        ("A?", True),
        ('B? <a href="https://x.org/?a=1&amp;b">paper</a>', False),
    ]
    assert b"\n1. A? [Answer](answers/a.md)\n" in adoption.readme
    assert kinds(adoption)[0] == ("rewritten", 1)


SECTIONS = """\
# T

## CNN `2d`

1. A? [Answer](answers/a.md)
2. B?

Some words.

RNN
---

3. C? [Answer](answers/c.md)
4. D? [Answer](answers/d.md)

- CNN
  - x
- Newest
  - [D?](answers/d.md)

## CNN `2d`

* Look at [an example](answers/e.md)

1. F? [Answer](answers/f.md)
"""


def test_several_lists_stay_lists_of_their_own() -> None:
    """Each becomes a region with a filter; what stands between them keeps its bytes, and other lists are left."""
    adoption = adopt(SECTIONS.encode(), files("a", "c", "d", "e", "f"), taken=["questions-2"])
    assert [region.name for region in adoption.regions] == ["questions", "questions-3", "questions-4"]
    assert [dict(region.filter) for region in adoption.regions] == [
        {"section": ("CNN 2d",)},
        {"section": ("RNN",)},
        {"section": ("CNN 2d (3)",)},
    ]
    assert [region.start for region in adoption.regions] == [1, 3, 1]
    written = adoption.readme.decode()
    assert re.sub(r"<!-- notionsync:[^\n]*\n", "", written) == SECTIONS
    assert written.count("<!-- notionsync:begin") == 3
    assert kinds(adoption) == [("other-list", 19), ("other-list", 23), ("unlisted-answer", 0)]
    assert adoption.slips[-1].message.endswith('give it a "question" and a "section" in its front matter to list it')
    everything = {**files("a", "c", "d", "e", "f"), **adoption.files}
    assert b"question: D?\norder: 4\nsection: RNN\n" in everything["answers/d.md"]
    assert rebuild("README.md", adoption.readme, adoption.regions, read(everything)) == adoption.readme


def test_lists_below_items_are_named_by_them() -> None:
    """As outlines are written; where answers have a section already, another key is taken."""
    text = "- CNN\n  - A? [x](answers/a.md)\n- RNN\n  - B? [x](answers/b.md)\n  - C?\n"
    adoption = adopt(text.encode(), {"answers/a.md": b"---\nquestion: A?\nsection: 3\n---\nSo.\n", **files("b")})
    assert [dict(region.filter) for region in adoption.regions] == [{"section_2": ("CNN",)}, {"section_2": ("RNN",)}]
    assert re.sub(r" *<!-- notionsync:[^\n]*\n", "", adoption.readme.decode()) == text
    assert b"section_2: RNN\n" in adoption.files["answers/C.md"]


ENGLISH = "1. Why A? [Answer](answers/a.md)\n2. Why B? [Answer](answers/b.md)\n3. And C?\n"
KOREAN = "1. B는 왜? [답](../answers/b.md)\n2. A는 왜? [답](../answers/a.md)\n3. C는?\n"


def adopted_in(*lists: tuple[str, str, str]) -> tuple[list[Adoption], dict[str, bytes]]:
    """What adopting one list after the other gives, and the answers in the end; each is a file, a text and a key."""
    found, answers = [], files("a", "b")
    for readme, text, key in lists:
        found.append(adopt(text.encode(), answers, readme=readme, key=key))
        answers |= found[-1].files
    return found, answers


def test_a_list_in_another_language_keeps_its_words() -> None:
    """Under a key of its own; an item without a link is found by its number, and the order of the questions stays."""
    (_, korean), answers = adopted_in(("README.md", ENGLISH, "question"), ("docs/README.md", KOREAN, "question_ko"))
    assert b"question: Why B?\nquestion_ko: B\xeb\x8a\x94 \xec\x99\x9c?\norder: 2\n" in answers["answers/b.md"]
    assert "question_ko: C는?\n".encode() in answers["answers/And_C.md"]
    assert len(answers) == 3
    assert korean.region.question_key == "question_ko"
    assert ("found-answer", 3) in kinds(korean)
    said = re.findall(r"\d\. .*", korean.readme.decode())
    assert said == ["1. A는 왜? [답](../answers/a.md)", "2. B는 왜? [답](../answers/b.md)", "3. C는?"]


def test_a_list_in_another_language_is_not_taken_for_the_answers_own() -> None:
    """Without its key it would be written in the answers' words."""
    with pytest.raises(FileError, match=r"docs/README\.md:1: most items ask otherwise than their answers") as caught:
        adopted_in(("README.md", ENGLISH, "question"), ("docs/README.md", KOREAN, "question"))
    assert "--file docs/README.md --name NAME --key question_LANGUAGE" in caught.value.advice
    with pytest.raises(FileError, match=r"README\.md:3: the item leads to no answer, and no question .* number 3"):
        adopted_in(("README.md", ENGLISH.replace("3. And C?\n", ""), "question"), ("README.md", KOREAN, "question_ko"))
    with pytest.raises(FileError, match=r"README\.md:1: the item leads to no answer"):
        adopt(ENGLISH.encode(), {}, key="question_ko")


def test_a_list_that_is_kept_already_is_not_adopted_again() -> None:
    """The one that is left is."""
    text = SECTIONS.replace("3. C?", "<!-- notionsync:begin rnn -->\n3. C?")
    text = text.replace("d.md)\n\n- CNN", "d.md)\n<!-- notionsync:end rnn -->\n\n- CNN")
    adoption = adopt(text.encode(), files("a", "c", "d", "e", "f"), region=Region(filter={"kind": ("cnn",)}))
    assert [item.question for item in adoption.items] == ["A?", "B?"]
    assert [region.filter for region in adoption.regions] == [{"kind": ("cnn",)}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# Nothing\n\n- [x](other/a.md)\n", "README.md: no list whose items link into answers/"),
        ("```\n- [x](answers/a.md)\n```\n", "README.md: no list whose items link into answers/"),
        ("- [x](answers/a.md)\n  - a note\n", "README.md:2: the item of line 1 holds more than a question"),
        ("- [x](answers/a.md)\n\n  More.\n", "README.md:3: the item of line 1 holds more than a question"),
        ("> - [x](answers/a.md)\n", "README.md:1: the list stands inside a quotation, or on the line of another item"),
        ("- 1. [x](answers/a.md)\n  2. [y](answers/b.md)\n", "README.md:1: the list stands inside a quotation, or on"),
    ],
)
def test_lists_that_cannot_be_kept_whole_are_refused(text: str, message: str) -> None:
    """Nothing is dropped from a README: where a line cannot hold an item, a person decides."""
    with pytest.raises(FileError) as caught:
        adopt(text.encode(), files("a"))
    assert str(caught.value).startswith(message)
    assert caught.value.advice


def test_utf16_is_refused_clearly() -> None:
    """With the command that converts the file."""
    with pytest.raises(MarkerError, match="is UTF-16, not UTF-8") as caught:
        adopt("1. A? [Answer](answers/a.md)\n".encode("utf-16"), files("a"))
    assert caught.value.advice.startswith("iconv -f UTF-16 -t UTF-8 README.md")


def test_links_that_leave_the_folder_are_not_followed() -> None:
    """No file is ever made outside the answers' folder."""
    data = b"1. A? [Answer](answers/a.md)\n2. B? [Answer](answers/../../x.md)\n3. C? [Answer](answers/%2e%2e/y.md)\n"
    adoption = adopt(data, files("a"))
    assert [i.linked for i in adoption.items] == [True, False, False]
    assert all(path.startswith("answers/") and ".." not in path.split("/") for path in adoption.files)
