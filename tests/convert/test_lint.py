from __future__ import annotations

import re

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionsync.convert import parse
from notionsync.convert.lint import lint, mend


def codes(text: str) -> list[tuple[int, str]]:
    """Return what is found, by 1-based line."""
    return [(one.line + 1, one.code) for one in lint(text)]


def github(text: str) -> str:
    """Render as GitHub's own library does."""
    return str(cmarkgfm.github_flavored_markdown_to_html(text, cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE))


def shown(text: str) -> str:
    """Return what a reader on GitHub sees, without markup."""
    return re.sub(r"<[^>]*>", "", github(text)).strip()


BOLD = [
    ("**한국어(Korean)**은 좋다", "<strong>한국어(Korean)</strong>은 좋다"),
    ("- 항목의 **굵게(b)**와", "- 항목의 <strong>굵게(b)</strong>와"),
    ("값은**“인용”** 이다", "값은<strong>“인용”</strong> 이다"),
    ("> **日本語（にほんご）**は", "> <strong>日本語（にほんご）</strong>は"),
    ("| a |\n|---|\n| **한(x)**은 |", "| a |\n|---|\n| <strong>한(x)</strong>은 |"),
    ("**`코드`(c)**는 **둘(2)**과", "<strong>`코드`(c)</strong>는 <strong>둘(2)</strong>과"),
    ("~~취소(x)~~는", "<del>취소(x)</del>는"),
    ("\ufeff**한(x)**은", "\ufeff<strong>한(x)</strong>은"),
]


@pytest.mark.parametrize(("text", "wanted"), BOLD)
def test_literal_emphasis_beside_cjk_is_mended_as_github_shows_it(text: str, wanted: str) -> None:
    """GitHub shows the marks before, and the same words in bold or struck out after; nothing else changes."""
    mended, done = mend(text)
    assert mended == wanted
    assert {one.code for one in done} == ({"NS-CJK-STRIKE"} if "~~" in text else {"NS-CJK-BOLD"})
    assert "**" in shown(text) or "~~" in shown(text)
    assert shown(mended) == shown(text).replace("**", "").replace("~~", "")
    assert re.search(r"<(strong|del)>", github(mended))


@pytest.mark.parametrize(
    "text",
    [
        "**CNN(Convolutional Neural Network)** 은",
        "**굵게**은",
        "`**한국어(Korean)**은`",
        "```\n**한국어(Korean)**은\n```",
        "2 ** 3 ** 4는",
        r"\*\*한국어(Korean)\*\*은",
        "[**한**](https://example.org)은",
        "",
        "값 **(둘 다\n\n다음)**은",
    ],
)
def test_what_github_shows_as_meant_is_left_alone(text: str) -> None:
    """Working emphasis, code, escapes and unrelated asterisks are neither found nor changed."""
    assert codes(text) == []
    assert mend(text) == (text, ())


MATH = [
    ("값은 $x_i$이고", "값은 $`x_i`$이고"),
    ("$\\alpha$는 학습률", "$`\\alpha`$는 학습률"),
    ("| a |\n|---|\n| $y$가 |", "| a |\n|---|\n| $`y`$가 |"),
]


@pytest.mark.parametrize(("text", "wanted"), MATH)
def test_mathematics_before_a_letter_gets_the_form_that_works(text: str, wanted: str) -> None:
    """The dollars are text before and an equation of the same source after."""
    assert mend(text)[0] == wanted
    assert codes(text)[0][1] == "NS-MATH-LETTER"
    assert codes(wanted) == []


def test_mathematics_behind_a_letter_is_only_told() -> None:
    """No form works there on GitHub, so the author has to put a blank."""
    for text in ("값$x_1$ 은", "값$`x_1`$ 은"):
        assert codes(text) == [(1, "NS-MATH-LETTER")]
        assert mend(text)[0] == text


@pytest.mark.parametrize(
    "text", ["US$5와 JP$6", "$5와 $6", "값은 $x_i$ 이고", "`$x_i$는`", "비용$100$원", "$$\nx_i\n$$"]
)
def test_money_and_free_standing_formulas_are_left_alone(text: str) -> None:
    """Dollars that are no formula, and formulas that GitHub shows, are not found."""
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("> [!note]\n> hi", [(1, "NS-ALERT-CASE")]),
        ("> [!NOTE] Title\n> hi", [(1, "NS-ALERT-TITLE")]),
        ("> [!HINT]\n> hi", [(1, "NS-ALERT-KIND")]),
        ("- > [!TIP]\n  > hi", [(1, "NS-NESTED-ALERT")]),
        ("<details>\n<summary>x</summary>\n\n> [!TIP]\n> hi\n\n</details>", [(4, "NS-NESTED-ALERT")]),
        ("> [!TIP]\n> hi", []),
        ("> quoted [!TIP]", []),
        ("##### deep", [(1, "NS-HEADING-DEEP")]),
        ("#### four", []),
        ("text[^1]\n\n[^1]: note", [(3, "NS-FOOTNOTE")]),
        ("<div>hi</div>", [(1, "NS-RAW-HTML")]),
        (f"$$\n{'x' * 1001}\n$$", [(1, "NS-EQUATION-LONG")]),
        (f"|{'a|' * 101}\n|{'-|' * 101}", [(1, "NS-TABLE-WIDE")]),
        ("- Q1. why?\n- A1. because\n- Q2. who?\n- A2. ", [(4, "NS-STUB")]),
        ("- A1.\n- A2. yes", [(1, "NS-STUB")]),
        ("- A.\n\n  below", []),
        ("#### A1.\n\ntext", []),
        ("- A.\n- it is so", []),
    ],
)
def test_each_lint_names_its_line(text: str, found: list[tuple[int, str]]) -> None:
    """What GitHub or Notion show otherwise than it was meant is found where it stands, and what is fine is not."""
    assert codes(text) == found


def test_an_alert_in_lower_case_becomes_one() -> None:
    """After the repair GitHub's alert is read as a callout, and the quote beside it is what it was."""
    mended, done = mend("> [!warning]\n> careful\n\n> [!tipp]\n> quote\n")
    assert mended == "> [!WARNING]\n> careful\n\n> [!tipp]\n> quote\n"
    assert [one.code for one in done] == ["NS-ALERT-CASE"]
    assert [block.type for block in parse(mended).body] == ["callout", "quote"]


def test_unwanted_repairs_are_not_made() -> None:
    """A code that a repository ignores is not mended behind its back."""
    text = "**한(x)**은 $x_i$는"
    assert mend(text, {"NS-CJK-BOLD"})[0] == "**한(x)**은 $`x_i`$는"


def test_crlf_and_a_missing_final_newline_stay() -> None:
    """Repairs replace the stretch alone."""
    assert mend("첫 줄\r\n**한(x)**은\r\n\r\n끝 $x_i$는")[0] == "첫 줄\r\n<strong>한(x)</strong>은\r\n\r\n끝 $`x_i`$는"


PIECES = st.lists(
    st.sampled_from(
        [
            "**",
            "~~",
            "$",
            "`",
            "한국어",
            "(K)",
            "x_i",
            " ",
            "\n",
            "\n\n",
            "- ",
            "> ",
            "[!note]",
            "\n> ",
            "| ",
            "A1.",
            "은",
            "\\",
        ]
    ),
    max_size=24,
).map("".join)


@given(PIECES)
def test_mending_ends_and_leaves_nothing_to_mend(text: str) -> None:
    """Whatever the marks around them: repairs end, keep the lines, touch nothing but marks, and need no second pass."""
    mended, done = mend(text)
    assert len(mended.split("\n")) == len(text.split("\n"))
    assert not [one for one in lint(mended) if one.repair is not None]
    assert mend(mended) == (mended, ())
    assert (mended == text) == (not done)
    bare = str.maketrans("", "", "*~`$")
    rest = re.sub(r"</?(?:strong|del)>", "", mended).replace("[!NOTE]", "[!note]")
    assert rest.translate(bare) == text.translate(bare)


def test_a_hostile_paragraph_costs_little() -> None:
    """Thousands of candidates, or a megabyte in one block, are looked at only as far as that is cheap."""
    assert len(lint("**한(x)**은 " * 600)) <= 200
    assert lint("**한(x)**은 " * 6_000 + "\n\n- A1.")[-1].code == "NS-STUB"
