from __future__ import annotations

import pytest

from notionsync.convert import blocks_to_markdown, markdown_to_blocks, parse, render
from notionsync.errors import ContentError
from notionsync.model import Block, Run

N = 4000
INPUTS = {
    "open brackets": "[" * N,
    "brackets": "[" * N + "a" + "]" * N,
    "images": "![" * N,
    "images in images": "![" * 300 + "a" + "](u)" * 300,
    "stars": "*a " * N,
    "mixed stars": "**a *b " * N,
    "backticks": "".join("`" * i + " " for i in range(150)),
    "comments": "<!--" * N,
    "tags": '<span color="red">' * N,
    "half tags": "<a b='" * N,
    "dollars": "$`" * N,
    "schemes": "http://" * N,
    "closing parentheses": "https://a.b/" + ")" * N,
    "mail": "a@" * N,
    "targets": "[a](" * N,
    "definitions": "[a]: b\n" * N,
    "items": "- a\n" * N,
    "nested items": "".join("  " * i + "- a\n" for i in range(40)),
    "toggles": "<details>\n<summary>x</summary>\n\n" * 40 + "</details>\n\n" * 40,
    "closing toggles": "</details>\n\n" * N,
    "regions": "<!--notion columns-->\n" * N,
    "footnotes": "[^1]: a\n" * N,
    "formulas": "$$\n" * N,
    "a long line": "가나 " * 100_000,
    "controls": "\x01\x02\u202e\u2066\x0b\x0c\x85" * N,
    "nothing": "\n \t\n\r\r\n" * N,
    "backslashes": "\\" * N,
    "our metadata": 'a<!--notion color="red"-->' * N,
    "broken metadata": '*x*<!--notion block type="table" data="{%22children%22:[1,{}],%22rich_text%22:3}"-->',
    "half metadata": '<!--notion block data="[',
}


@pytest.mark.parametrize("text", INPUTS.values(), ids=INPUTS)
def test_hostile_text_is_read_and_written_like_any_other(text: str) -> None:
    """No input breaks the reader, and what it read comes back."""
    body = parse(text).body
    assert parse(render(body)).body == body


@pytest.mark.parametrize("opener", ["> ", "- ", ">", "1. "])
def test_nesting_without_end_is_refused_by_name(opener: str) -> None:
    """The error is ours, and Python's stack is never near its end."""
    with pytest.raises(ContentError, match="nested"):
        markdown_to_blocks(opener * 3000 + "a")


def test_deep_blocks_are_refused_by_name() -> None:
    """The same for blocks that the service might send."""
    block = Block(type="quote", text=(Run(text="a"),))
    for _ in range(200):
        block = Block(type="quote", children=(block,))
    with pytest.raises(ContentError, match="nested"):
        render([block])


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"type": "paragraph"},
        {"type": "paragraph", "paragraph": None},
        {"type": "paragraph", "paragraph": {"rich_text": [{"type": "mention", "mention": {"type": "ufo"}}]}},
        {"type": "table", "table": {}},
        {"type": "image", "image": {}},
        {"type": "callout", "callout": {"icon": {"type": "cloud", "cloud": 1}, "rich_text": []}},
        {"object": "block", "id": "38c9ce7b-60a4-81d2-9260-b2f4f0f3a111"},
        {"type": "heading_9", "heading_9": {"rich_text": [{"text": {"content": "x"}}]}},
    ],
)
def test_odd_blocks_never_raise(raw: dict[str, object]) -> None:
    """What the service may send tomorrow is carried through."""
    text = blocks_to_markdown([raw])
    assert render(parse(text).body) == text
