"""Text from Notion in pull requests and issues: it is shown, and does nothing."""

from __future__ import annotations

import html
import re

import cmarkgfm
import pytest
from bs4 import BeautifulSoup
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from notionsync.plan.quoting import block, quoted

HOSTILE = [
    "@user",
    "fixes #1",
    "Closes GH-1, resolves o/r#1",
    "fixes https://github.com/o/r/issues/1",
    "::set-output name=x::y",
    "##[error]x",
    "<!-- notionsync:update settled -->",
    "--> <b>bold</b>",
    "](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "../../.github/workflows/x",
    "CON",
    "a\u202eb\u2066c\u200f",
    "x" * 255,
    "한" * 85,
    "`tick` ``ticks``",
    "```\n# out\n```",
    "a\nCo-authored-by: x <y@z>\n\nNotionsync-Tree: 0",
    "| cell | cell |",
    "",
    " ",
    "\\",
    "`",
]
PARTS = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text()), max_size=4).map("".join)
ACTED = re.compile(r"@\w|#\d|\bgh-\d|://\w", re.IGNORECASE)


def page(markdown: str) -> BeautifulSoup:
    """Return a page as GitHub renders it."""
    return BeautifulSoup(
        cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE), "html5lib"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_is_one_code_span(text: str) -> None:
    """In a list item, between words of ours: nothing of it is HTML, a link, a mention or a second line."""
    check(text)


@given(PARTS)
def test_whatever_it_says(text: str) -> None:
    """Any text at all."""
    check(text)


def check(text: str) -> None:
    """See that a text leaves neither a span nor a block."""
    line = f"- before {quoted(text)} after"
    assert "\n" not in line
    (item,) = page(line).find_all("li")
    (code,) = item.find_all(True)
    assert code.name == "code"
    assert str(item).startswith("<li>before <code>")
    assert str(item).endswith("</code> after</li>")
    assert ACTED.search(quoted(text)) is None
    assert len(quoted(text)) < 200 + 200 + 210

    rendered = page(f"before\n\n{block(text)}\n\nafter").body
    assert rendered is not None
    assert [found.name for found in rendered.find_all(True)] == ["p", "pre", "code", "p"]
    assert ACTED.search(block(text)) is None


def test_it_can_still_be_read() -> None:
    """An ordinary title is itself."""
    assert quoted("Why 1×1 `conv`?") == "``Why 1×1 `conv`?``"
    assert quoted("Dropout는 왜 과적합을 줄이나요?") == "`Dropout는 왜 과적합을 줄이나요?`"
    assert html.unescape(block("two\n\n  lines")) == "```text\ntwo\n\n  lines\n```"
