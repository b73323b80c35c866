from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Comment
from cmarkgfm import github_flavored_markdown_to_html as to_html
from cmarkgfm.cmark import Options
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from notionsync.errors import ContentError
from notionsync.readme.proof import fill, one_line

LINK = {"n": "3", "url": "answers/a.md"}
DEFAULT = "{n}. {question} [Answer]({url})"
WHOLE = "- [{question}]({url})"
STRONG = "{n}. **{question}** — [Answer]({url})"
TEMPLATES = (DEFAULT, WHOLE, STRONG, "{n}. {question}", "- [x] {question} ([Answer]({url}))")


def line(question: str, template: str = DEFAULT) -> str:
    """The line of a question."""
    return fill(template, LINK, {"question": question}, item="answers/a.md")


@pytest.mark.parametrize(
    "question",
    [
        "Why is tanh used?",
        "Dropout의  효과 / BN이 나온 뒤에도 쓰이나요?",
        "수렴(`convergence`)이 빠르다는 것은?",
        "`learning rate` α가 너무 크면?",
        "What does **ReLU** do to _negative_ input?",
        "What is [0, 1) in contrast to (0, 1]?",
        "a | b, 3 < 4, x*y, snake_case, 100 %, C#, #5, @someone",
        "Why H<sub>2</sub>O?",
        "See [the paper](https://example.org/a_b)?",
        "1x1 convolution?",
        "3~4 dimensions, an ` alone, $x$",
    ],
)
def test_ordinary_titles_stay_byte_for_byte(question: str) -> None:
    """What people write in titles is not touched."""
    assert line(question) == f"3. {question} [Answer](answers/a.md)"


@pytest.mark.parametrize(
    ("question", "template", "written"),
    [
        ("24. SGD", DEFAULT, r"3. 24\. SGD [Answer](answers/a.md)"),
        ("# head", DEFAULT, r"3. \# head [Answer](answers/a.md)"),
        ("- x", DEFAULT, r"3. \- x [Answer](answers/a.md)"),
        ("> x", DEFAULT, r"3. \> x [Answer](answers/a.md)"),
        ("```js", "{n}. {question}", r"3. \```js"),
        ("[ ] done?", DEFAULT, r"3. \[ ] done? [Answer](answers/a.md)"),
        ("[a]: http://x", "{n}. {question}", r"3. \[a\]: http://x"),
        ("two\r\nlines", DEFAULT, "3. two lines [Answer](answers/a.md)"),
        ("x](http://evil) [y", WHOLE, r"- [x\](http://evil) \[y](answers/a.md)"),
        (
            "<!-- notionsync:end questions -->",
            DEFAULT,
            "3. &lt;!-- notionsync:end questions --> [Answer](answers/a.md)",
        ),
        ("`<!--` opens", DEFAULT, "3. `<!--` opens [Answer](answers/a.md)"),
        ("</li></ol>", DEFAULT, "3. &lt;/li>&lt;/ol> [Answer](answers/a.md)"),
        ("<b>open", DEFAULT, "3. &lt;b>open [Answer](answers/a.md)"),
        ("Why ~", STRONG, r"3. **Why \~** — [Answer](answers/a.md)"),
        ("Why ~", DEFAULT, "3. Why ~ [Answer](answers/a.md)"),
        ("a **b", STRONG, r"3. **a \*\*b** — [Answer](answers/a.md)"),
        ("ends in \\", WHOLE, r"- [ends in \\](answers/a.md)"),
        ("\u202egnp.exe\x07", DEFAULT, "3. gnp.exe [Answer](answers/a.md)"),
    ],
)
def test_what_would_break_out_is_escaped_where_it_hurts(question: str, template: str, written: str) -> None:
    """List markers, brackets, comments, tags and code fences of a title stay text."""
    assert line(question, template) == written


def test_places_in_addresses_code_and_tags_cannot_be_left() -> None:
    """A value inside an address is percent-encoded, inside code it gets no back tick, inside a tag it is quoted."""
    template = '{n}. [x](https://x.org/?q={tag}) `{tag}` <a title="{tag}">y</a>'
    written = fill(template, LINK, {"tag": 'a`) "<b'}, item="answers/a.md")
    assert written == '3. [x](https://x.org/?q=a%60%29%20%22%3Cb) `a\') "<b` <a title="a`) &quot;&lt;b">y</a>'


@pytest.mark.parametrize(
    ("template", "written"),
    [
        ("- {question} [{name}]({to})", "- Q? Lec 2"),
        ("- {question} [slides]({to})", "- Q? "),
        ("- {question} [{none}]({to})", "- Q? "),
        ("- {question} [**{name}**]({to}) [Answer]({url})", "- Q? **Lec 2** [Answer](answers/a.md)"),
        ("- {question} [typed so]()", "- Q? [typed so]()"),
    ],
)
def test_a_link_without_an_address_is_none(template: str, written: str) -> None:
    """Its text stays where it is a value; words that only say what the link leads to go with it."""
    texts = {"question": "Q?", "name": "Lec 2", "none": "", "to": ""}
    assert fill(template, LINK, texts, item="answers/a.md") == written


def test_braces_are_literal_when_doubled() -> None:
    """As in Python's own templates."""
    assert fill("{{n}} {n} {question}", LINK, {"question": "{url}"}, item="a") == "{n} 3 {url}"


def test_a_template_without_a_safe_place_is_refused() -> None:
    """A place where letters turn into something else is none."""
    with pytest.raises(ContentError, match=r"^answers/a\.md: no way to write 'amp' into the template"):
        fill("- &{question};", {}, {"question": "amp"}, item="answers/a.md")


HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.text(st.sampled_from("`*_[]()<>!\\~#-+.:&|$ \n\t1aé한\"'/=x"), max_size=40),
    st.lists(
        st.sampled_from(
            ["<!--", "-->", "](", "http://x", ")", "[", "]", "`", "``", "**", "</li>", "<b>", "</b>", "1. ", "a ", "\\"]
        ),
        max_size=12,
    ).map("".join),
)


@settings(deadline=None)
@given(question=HOSTILE, template=st.sampled_from(TEMPLATES))
@example(question="`](x) `", template=WHOLE)
@example(question="*a*b", template=STRONG)
@example(question="HTTP://0`<B>`", template=DEFAULT)
@example(question="HTTP://0<!A\\<B>", template=DEFAULT)
def test_no_title_breaks_out_of_its_place_on_github(question: str, template: str) -> None:
    """GitHub's own parser sees one item on one line, with our link leading where it should, and no comment or tag."""
    assume(one_line(question))
    written = line(question, template)
    assert "\n" not in written
    soup = BeautifulSoup(to_html(written, options=Options.CMARK_OPT_UNSAFE), "html5lib")
    body = soup.body
    assert body is not None
    assert [child.name for child in body.find_all(recursive=False)] in (["ol"], ["ul"])
    assert len(body.find_all("li")) == 1
    if "{url}" in template:
        links = [link for link in body.find_all("a") if link.get("href") == "answers/a.md"]
        assert links
        if template != WHOLE:
            assert links[-1].get_text() == "Answer"
    assert not body.find_all(string=lambda text: isinstance(text, Comment))
    assert not body.find_all(["script", "details", "div", "table", "h1"])
