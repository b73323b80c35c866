from __future__ import annotations

import pytest

from notionsync.convert import parse
from notionsync.convert.parse import split_lines
from notionsync.errors import ContentError
from notionsync.model import Block, Node, Run, Span


def outline(text: str) -> list[str]:
    """Type, lines and text of every node, children indented."""
    out: list[str] = []

    def visit(nodes: tuple[Node, ...], depth: int) -> None:
        for node in nodes:
            said = "".join(run.text for run in node.block.text)
            out.append(f"{'  ' * depth}{node.block.type} {node.span.start}-{node.span.stop} {said}".rstrip())
            visit(node.children, depth + 1)

    visit(parse(text).nodes, 0)
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\n\n# c\n", ["paragraph 0-2 a b", "heading_1 3-4 c"]),
        ("T\n===\n", ["heading_1 0-2 T"]),
        ("##### five", ["heading_4 0-1 five"]),
        ("- a\n\n    b\n\n    c\n\n<br/>\n", ["bulleted_list_item 0-5 a", "  paragraph 2-3 b", "  paragraph 4-5 c", "paragraph 6-7"]),
        ("2) a\n3) b\n", ["numbered_list_item 0-1 a", "numbered_list_item 1-2 b"]),
        ("- [x] a\n- [ ] b\n", ["to_do 0-1 a", "to_do 1-2 b"]),
        ("> a\n>\n> b\n>\n\nc", ["quote 0-4 a", "  paragraph 2-3 b", "paragraph 5-6 c"]),
        ("- a\n  > q\n  >\n  > - r\n\n\n- b", [
            "bulleted_list_item 0-4 a", "  quote 1-4 q", "    bulleted_list_item 3-4 r", "bulleted_list_item 6-7 b"]),
        ("```py\nx\n\ny\n```", ["code 0-5 x\n\ny"]),
        ("a\n\n    x\n      y\n", ["paragraph 0-1 a", "code 2-4 x\n  y"]),
        ("$$\nx\n$$\n$$y$$", ["equation 0-3", "equation 3-4"]),
        ("***", ["divider 0-1"]),
        ("| a | b |\n|---|---|\n| 1 |", ["table 0-3", "  table_row 0-1", "  table_row 2-3"]),
        ("<details>\n<summary>s <b>t</b></summary>\n\nbody\n\n</details>\n", ["toggle 0-6 s t", "  paragraph 3-4 body"]),
        ("<details><summary><h2>s</h2></summary>\n\nx\n\n</details>", ["heading_2 0-5 s", "  paragraph 2-3 x"]),
        ("<!-- a\nb -->\n\ntext\n\n[r]: /u\n", ["paragraph 3-4 text"]),
        ("a\n\n<!--notion children-->\n\nb\n\n<!--/notion children-->", ["paragraph 0-7 a", "  paragraph 4-5 b"]),
        ("![a](b)\n![c](d)", ["image 0-1", "image 1-2"]),
        ("![a](b) ![c](d)", ["image 0-1", "image 0-1"]),
        ("- ![a](b)\n", ["bulleted_list_item 0-1", "  image 0-1"]),
        ("- <!--notion empty-->\n\n  a", ["bulleted_list_item 0-3", "  paragraph 2-3 a"]),
        ("a\r\n\r\nb\rc", ["paragraph 0-1 a", "paragraph 2-4 b c"]),
        ("text[^1]\n\n[^1]: note\n\n    more\n\nend", ["paragraph 0-1 text[^1]", "code 2-5 [^1]: note\n\n    more", "paragraph 6-7 end"]),
        ('<div align="center">\n\n**x**\n\n</div>', ['code 0-1 <div align="center">', "paragraph 2-3 x", "code 4-5 </div>"]),
        ("</details>\n<details>\n<summary>x</summary>\n\na\n\n</details>", [
            "code 0-3 </details>\n<details>\n<summary>x</summary>", "paragraph 4-5 a", "code 6-7 </details>"]),
        ("<!--notion columns-->\n\nstray\n\n<!--/notion columns-->", ["paragraph 2-3 stray"]),
    ],
)  # fmt: skip
def test_each_construct_becomes_its_block_with_its_lines(text: str, expected: list[str]) -> None:
    """Type, lines and text are those that an author would name."""
    assert outline(text) == expected


def test_an_alert_is_a_callout_only_where_github_shows_one() -> None:
    """At the top level `[!NOTE]` is a callout, inside a list it is text."""
    (top,) = parse("> [!NOTE]\n> a **b**\n").body
    assert top.type == "callout"
    assert top.attrs == {"icon": {"type": "emoji", "emoji": "ℹ️"}, "color": "blue_background"}
    assert top.text == (Run(text="a "), Run(text="b", bold=True))
    (item,) = parse("- x\n  > [!NOTE]\n  > a\n").body
    assert item.children == (Block(type="quote", text=(Run(text="[!NOTE] a"),)),)


def test_a_node_stands_for_its_block() -> None:
    """The children of a node are those of its block, in the same order, inside its lines."""
    text = "- a\n  - b\n\n    c\n- d\n\n<details>\n<summary>s</summary>\n\n> q\n>\n> r\n\n</details>\n"

    def check(nodes: tuple[Node, ...], within: Span) -> None:
        for node in nodes:
            assert within.start <= node.span.start < node.span.stop <= within.stop
            assert node.block.children == tuple(child.block for child in node.children)
            check(node.children, node.span)

    check(parse(text).nodes, Span(0, len(split_lines(text))))


def test_too_many_pieces_become_two_paragraphs() -> None:
    """One rich text array holds a hundred items; the text goes on in the next paragraph, white space at the seam."""
    document = parse("".join(f"**b{i}** t " for i in range(120)))
    assert len(document.body) > 1
    assert all(len(block.text) <= 100 for block in document.body)
    assert (
        "".join(run.text for block in document.body for run in block.text)
        == "".join(f"b{i} t " for i in range(120)).rstrip()
    )


@pytest.mark.parametrize(
    "text",
    [">" * 5000 + " a", "- " * 5000 + "a", "<details>\n<summary>s</summary>\n\n" * 3000 + "</details>\n\n" * 3000],
)
def test_nesting_is_bounded(text: str) -> None:
    """A thousand-fold nesting is refused with an error of ours."""
    with pytest.raises(ContentError, match="nested"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a\n\n**한국어(Korean)**은 언어다", "NS-CJK-BOLD", 2),
        ("a\nb **“인용”**은", "NS-CJK-BOLD", 1),
        ("- x\n\n  > [!NOTE]\n  > a", "NS-NESTED-ALERT", 2),
        ("a\n\n<div>\nx\n</div>", "NS-RAW-HTML", 2),
        ("a[^1]\n\n[^1]: b", "NS-FOOTNOTE", 2),
    ],
)
def test_what_will_look_different_is_told_with_its_line(text: str, code: str, line: int) -> None:
    """A notice names what GitHub or Notion will not show, where it stands."""
    assert [(notice.code, notice.line) for notice in parse(text).notices] == [(code, line)]


@pytest.mark.parametrize(
    "text", ["**한국어** (Korean)은", "**한국어**은", "2 ** 3", "`**a)**b`", "> [!NOTE]\n> a", "<br>"]
)
def test_what_looks_the_same_is_not_told(text: str) -> None:
    """No notice for text that both sides show alike."""
    assert parse(text).notices == ()
