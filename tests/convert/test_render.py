from __future__ import annotations

import json
import re
import string

import cmarkgfm
import pytest
from bs4 import BeautifulSoup
from cmarkgfm.cmark import Options
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.convert.trees import bodies, characters, rich_texts, words
from tests.shared import shared

from notionsync.convert import (
    Dialect,
    Style,
    blocks_to_markdown,
    from_api,
    markdown_to_blocks,
    parse,
    parse_inline,
    render,
    render_block,
    render_inline,
    render_with_notices,
)
from notionsync.convert.blocks import digest
from notionsync.convert.escape import is_safe
from notionsync.model import Block, Body, RichText, Run, walk

MARKUP = [
    *"*_`~[]()!<>#-+=|\\\n \t.:1a한$&\"'",
    "\n\n",
    "- ",
    "> ",
    "  ",
    "```",
    "<b>",
    "](",
    "--",
    "\n    ",
    "$$",
    "| a |\n|---|\n",
]
TEXTUAL = ["paragraph", "heading_2", "quote", "bulleted_list_item", "numbered_list_item", "to_do", "toggle"]


def github(text: str) -> str:
    """What a reader sees on GitHub."""
    html = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
    return BeautifulSoup(re.sub(r"<br ?/?>", "\n", html), "html5lib").get_text()


@given(bodies)
@settings(max_examples=60, deadline=None)
def test_every_body_comes_back(body: Body) -> None:
    """Blocks → Markdown → the same blocks; and the Markdown is a fixpoint."""
    text = render(body)
    assert parse(text).body == body
    assert render(parse(text).body) == text


@given(rich_texts(min_size=1), st.sampled_from(TEXTUAL))
@settings(max_examples=200, deadline=None)
def test_every_rich_text_comes_back_as_text(text: RichText, kind: str) -> None:
    """No text needs to be hidden in a comment, whatever characters and marks it has."""
    if not text:
        return
    body = (Block(type=kind, text=text),)
    markdown, notices = render_with_notices(body)
    assert parse(markdown).body == body
    assert notices == ()


@given(rich_texts(text=words.filter(lambda text: "$" not in text), min_size=1), st.sampled_from(TEXTUAL))
@settings(max_examples=200, deadline=None)
def test_github_shows_what_notion_shows(text: RichText, kind: str) -> None:
    """Nothing of our syntax is visible, and no character of the text is lost, whatever it looks like."""
    if not text or any(run.kind == "equation" for run in text):
        return
    seen = " ".join(github(render([Block(type=kind, text=text)])).split())
    assert seen == " ".join("".join(run.text for run in text).split())


@given(rich_texts(text=characters, min_size=1))
@settings(max_examples=150, deadline=None)
def test_any_characters_come_back(text: RichText) -> None:
    """Control, bidirectional and combining characters survive too."""
    body = (Block(type="paragraph", text=text),) if text else ()
    assert parse(render(body)).body == body


@given(rich_texts(min_size=1))
@settings(max_examples=150, deadline=None)
def test_a_title_comes_back_from_one_line(text: RichText) -> None:
    """Text properties hold one line of Markdown."""
    line = render_inline(text)
    assert "\n" not in line
    assert parse_inline(line) == text


@given(st.one_of(words, characters, st.text(string.printable, min_size=1, max_size=20)))
@example("a_b: 3 < 4 & 5!")
@settings(max_examples=200, deadline=None)
def test_what_the_safe_rule_lets_through_reads_as_itself(text: str) -> None:
    """The rule that spares the proof is right for every block that uses it, and GitHub shows the very text."""
    if not is_safe(text):
        return
    assert parse(text).body == (Block(type="paragraph", text=(Run(text=text),)),)
    for kind in TEXTUAL[:-1]:
        block = Block(type=kind, text=(Run(text=text),))
        assert parse("\n".join(render_block(block))).body == (block,)
    assert github(text).strip("\n") == text


@given(st.lists(st.sampled_from(MARKUP), max_size=40).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_markdown_settles_at_once(text: str) -> None:
    """Parse ∘ render ∘ parse = parse, and five trips do not grow."""
    body = parse(text).body
    once = render(body)
    assert parse(once).body == body
    assert render(parse(once).body) == once


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([Block(type="paragraph", text=(Run(text="tanh는 [-1, 1]로, z_n < 0, a*b, 1. x, $5!"),))], "tanh는 [-1, 1]로, z_n < 0, a*b, 1. x, $5!\n"),
        ([Block(type="paragraph", text=(Run(text="2*3*4"),))], "2\\*3\\*4\n"),
        ([Block(type="paragraph", text=(Run(text="- x"),))], "\\- x\n"),
        ([Block(type="paragraph", text=(Run(text="1. x"),))], "1\\. x\n"),
        ([Block(type="paragraph", text=(Run(text="한국어(Korean)", bold=True), Run(text="은")))], "<strong>한국어(Korean)</strong>은\n"),
        ([Block(type="paragraph", text=(Run(text="한국어", bold=True), Run(text="은")))], "**한국어**은\n"),
        ([Block(type="paragraph", text=(Run(text="a\nb"),))], "a\\\nb\n"),
        ([Block(type="paragraph")], "<br>\n"),
        ([Block(type="heading_2", text=(Run(text="T"),), attrs={"color": "blue"})], '## T<!--notion color="blue"-->\n'),
        ([Block(type="paragraph", text=(Run(text="x", kind="equation"), Run(text=" is")))], "$x$ is\n"),
        ([Block(type="equation", attrs={"expression": "a_i * b"})], "```math\na_i * b\n```\n"),
        ([Block(type="image", attrs={"url": "https://e.x/a.png"}, caption=(Run(text="a "), Run(text="b", bold=True)))], "![a **b**](https://e.x/a.png)\n"),
        ([Block(type="callout", text=(Run(text="c"),), attrs={"icon": {"type": "emoji", "emoji": "💡"}})], "> 💡 c<!--notion callout-->\n"),
        ([Block(type="toggle", text=(Run(text="T"),), children=(Block(type="divider"),))], "<details>\n<summary>T</summary>\n\n***\n\n</details>\n"),
        ([Block(type="unsupported", attrs={"block_type": "button"}, id="1" * 32)], f'*[Notion: button](https://www.notion.so/{"1" * 32})*<!--notion block id="{"1" * 32}" type="unsupported" data="{{%22block_type%22:%22button%22}}"-->\n'),
    ],
)  # fmt: skip
def test_each_form_is_the_one_a_person_would_type(blocks: list[Block], expected: str) -> None:
    """The plainest form, escaped only where it has to be."""
    assert render(blocks) == expected


def test_list_items_keep_their_paragraphs() -> None:
    """The shape of the answers: an item, paragraphs below it, set in to its text."""
    paragraph = Block(type="paragraph", text=(Run(text="b"),))
    item = Block(type="bulleted_list_item", text=(Run(text="a"),), children=(paragraph, paragraph))
    assert render([item, item]) == "- a\n\n  b\n\n  b\n\n- a\n\n  b\n\n  b\n"
    assert render_block(item, Style(bullet="*", indent=4)) == ["* a", "", "    b", "", "    b"]


def test_hosted_files_are_never_written_with_their_expiring_address() -> None:
    """A signed address is gone in an hour, and it is a secret."""
    signed = "https://prod-files-secure.s3.us-west-2.amazonaws.com/w/u/n.png?X-Amz-Signature=abc"
    text = blocks_to_markdown([{"type": "image", "image": {"type": "file", "file": {"url": signed}, "caption": []}}])
    assert text == "![](notion:/w/u/n.png)\n"
    (back,) = markdown_to_blocks(text)
    assert back["image"]["file"] == {"url": signed.split("?", maxsplit=1)[0]}


def test_recorded_trees_survive() -> None:
    """What the real service returned comes back, and nothing of it has to hide in a comment but what the API cannot create."""
    for path in sorted(shared("notion", "trees").glob("*.json")):
        raw = json.loads(path.read_text(encoding="utf-8").replace('"__children__"', '"children"'))
        body = from_api(raw.get("children", []))
        text, notices = render_with_notices(body)
        again = parse(text).body
        assert [digest(block) for block in walk(again)] == [digest(block) for block in walk(body)], path.name
        assert again == body
        assert notices == ()


def test_user_text_cannot_smuggle_our_metadata() -> None:
    """A comment of ours inside a text stays text."""
    evil = '<!--notion block id="x" type="y"--> <!--/notion columns--> </details>\n---\nnotion_id: 1\n---'
    for kind in TEXTUAL:
        body = (Block(type=kind, text=(Run(text=evil if kind != "heading_2" else evil.replace("\n", " ")),)),)
        assert parse(render(body)).body == body


@given(
    st.sampled_from(["", "x\n\n  y\n", "```\na\n```", "~~~", " a", "`" * 9, "<b>\n\n</b>", "$$"]),
    st.sampled_from(["c++", "plain text"]),
)
@settings(max_examples=20, deadline=None)
def test_leaves_that_need_no_proof_read_as_themselves(source: str, language: str) -> None:
    """Code, dividers, breaks and plain pictures, alone and inside a list item."""
    leaves = (
        Block(type="code", text=(Run(text=source),) if source else (), attrs={"language": language}),
        Block(type="divider"),
        Block(type="paragraph"),
        Block(type="image", attrs={"url": "https://e.x/a.png"}, caption=(Run(text="a, b"),)),
    )
    for body in (leaves, (Block(type="bulleted_list_item", text=(Run(text="a"),), children=leaves),)):
        assert parse(render(body)).body == body


def test_the_settings_change_what_is_read_and_written() -> None:
    """With emoji quotes on, a quote that starts with an emoji is a callout, and a real quote says so."""
    dialect = Dialect(emoji_quotes=True)
    assert parse("> 💡 a", dialect=dialect).body[0].type == "callout"
    quote = (Block(type="quote", text=(Run(text="💡 a"),)),)
    assert parse(render(quote, dialect=dialect), dialect=dialect).body == quote
    assert parse("#### a", dialect=Dialect(max_heading=3)).body[0].type == "heading_3"
