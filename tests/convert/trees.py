"""Hypothesis strategies: rich text and block trees as Notion can hold them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from notionsync.convert.richtext import canonical, normal
from notionsync.model import Block, RichText, Run

WORDS = [
    "한국어", "(Korean)", "은", "a*b", "x_y_z", "[1]", "z_n < 0", "`", "**", "1.", "- ", "#", "> ", "|", "$5", "$x$", "&amp;",
    "\\", "끝.", "“인용”", "http://a.b/c_d", "tanh", " ", "e.g.", "<b>", "~~", "!", "(주)", "\n", "🙂", "[^1]", ":tip:", "a@b.co",
    "=", "+", "1)", "---", "==", "^", "<!-- x -->", '<!--notion color="red"-->', "</details>", "www.a.b", "\u00a0", "![", "](",
    "[!NOTE]", "```", "$`a`$", "[ ] ", "\\|", "<https://a.b>", "&#42;", "\t", "_", "*", "$$", "\u202e", "\u200b", "[a]: b",
]  # fmt: skip
COLORS = ["default", "default", "default", "red", "blue_background"]
LINKS = [
    None,
    None,
    None,
    "https://e.x/p?a=1&b=(x)",
    "https://e.x/",
    "mailto:a@b.co",
    "https://notionsync.invalid/a~20b.md",
]
PAGE = canonical({"type": "page", "page": {"id": "11111111-1111-4111-8111-111111111111"}})
USER = canonical({"type": "user", "user": {"id": "11111111-1111-4111-8111-111111111111"}})
DATE = canonical({"type": "date", "date": {"start": "2026-01-02", "end": None, "time_zone": None}})
BARE_DATE = canonical({"type": "date", "date": {"start": "2026-01-02"}})
MENTIONS = [PAGE, USER, DATE, BARE_DATE, canonical({"type": "template_mention", "template_mention": {"type": "x"}})]

words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("".join)
characters = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=12)


@st.composite
def runs(draw: st.DrawFn, *, text: st.SearchStrategy[str] = words) -> Run:
    """One run with any marks."""
    marks: dict[str, Any] = {
        mark: True for mark in ("bold", "italic", "strike", "underline", "code") if draw(st.integers(0, 4)) == 0
    }
    color = draw(st.sampled_from(COLORS))
    kind = draw(st.sampled_from(["text"] * 8 + ["equation", "mention"]))
    if kind == "equation":
        expression = draw(st.sampled_from(["x", "a_i * b_j", "\\frac{a}{b}", "a < b", "x`y", "5 ", "|x|", "$"]))
        return Run(text=expression, kind="equation", color=color, **marks)
    if kind == "mention":
        shown = draw(st.sampled_from(["@Kim", "제목 *x*", "2026-01-02", "a|b", "[t]"]))
        return Run(text=shown, kind="mention", mention=draw(st.sampled_from(MENTIONS)), color=color, **marks)
    return Run(text=draw(text), link=draw(st.sampled_from(LINKS)), color=color, **marks)


def rich_texts(*, text: st.SearchStrategy[str] = words, min_size: int = 0) -> st.SearchStrategy[RichText]:
    """Rich text in normal form."""
    return st.lists(runs(text=text), min_size=min_size, max_size=5).map(normal)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 2, *, only: str = "") -> Block:
    """One block with anything below it."""
    below = [
        "paragraph",
        "bulleted_list_item",
        "numbered_list_item",
        "to_do",
        "toggle",
        "quote",
        "callout",
        "column_list",
    ]
    leaves = ["heading_1", "heading_4", "code", "equation", "divider", "image", "video", "file", "bookmark", "table"]
    odd = ["button", "table_of_contents", "link_to_page", "child_page", "breadcrumb", "synced_block", "tab"]
    kind = only or draw(st.sampled_from([*below, *below, *leaves, *odd]))
    attrs: dict[str, Any] = {}
    text: RichText = ()
    caption: RichText = ()
    children: list[Block] = []
    if kind in (*below, "heading_1", "heading_4") and kind != "column_list":
        text = draw(rich_texts())
        color = draw(st.sampled_from(COLORS))
        attrs = {"color": color} if color != "default" else {}
    if kind in below and kind != "column_list" and depth:
        children = draw(st.lists(blocks(depth - 1), max_size=3))
    if kind == "to_do" and draw(st.booleans()):
        attrs["checked"] = True
    elif kind == "callout":
        attrs |= draw(
            st.sampled_from(
                [
                    {},
                    {"icon": {"type": "emoji", "emoji": "💡"}},
                    {"icon": {"type": "emoji", "emoji": "⚠️"}, "color": "yellow_background"},
                ]
            )
        )
    elif kind == "code":
        attrs["language"] = draw(st.sampled_from(["plain text", "c++", "markdown", "html", "futuristic"]))
        source = draw(st.sampled_from(["", "x\n\n  y\n", "```\na\n```", "~~~", " a"]))
        text, caption = ((Run(text=source),) if source else ()), draw(rich_texts())
    elif kind == "equation":
        attrs["expression"] = draw(st.sampled_from(["x", "a\n= b\\\\\nc_1 * d_2", "```", "\\{a\\}", "a < b"]))
    elif kind in ("image", "video", "file", "bookmark"):
        attrs["url"] = draw(
            st.sampled_from(
                ["https://e.x/a.png", "https://e.x/a b".replace(" ", "%20"), "https://notionsync.invalid/img~20(1).png"]
            )
        )
        caption = draw(rich_texts())
        if kind == "file":
            attrs["name"] = draw(st.sampled_from(["a.txt", "[x] *y*.pdf"]))
    elif kind == "table":
        width = draw(st.integers(1, 3))
        attrs = {"table_width": width} | draw(
            st.sampled_from([{}, {"has_column_header": True}, {"has_row_header": True}])
        )
        rows = st.lists(rich_texts(), min_size=width, max_size=width).map(
            lambda cells: Block(type="table_row", cells=tuple(cells))
        )
        children = draw(st.lists(rows, min_size=1, max_size=3))
    elif kind == "column_list":
        column = st.lists(blocks(max(depth - 1, 0)), max_size=2).map(
            lambda inner: Block(type="column", children=tuple(inner))
        )
        children = draw(st.lists(column, min_size=2, max_size=2))
    elif kind == "tab":
        children = draw(st.lists(blocks(max(depth - 1, 0), only="paragraph"), min_size=1, max_size=2))
    elif kind == "synced_block":
        attrs = draw(
            st.sampled_from(
                [{}, {"synced_from": {"type": "block_id", "block_id": "11111111-1111-4111-8111-111111111111"}}]
            )
        )
        children = draw(st.lists(blocks(max(depth - 1, 0)), max_size=2))
    elif kind == "button":
        attrs = {"label": 'a --> b " <!-- %', "n": 1}
    elif kind == "link_to_page":
        attrs = {"type": "page_id", "page_id": "11111111-1111-4111-8111-111111111111"}
    elif kind == "child_page":
        attrs = {"title": draw(st.sampled_from(["Sub", "a [b] *c*"]))}
    return Block(type=kind, text=text, attrs=attrs, caption=caption, children=tuple(children))


bodies = st.lists(blocks(), max_size=4).map(tuple)
