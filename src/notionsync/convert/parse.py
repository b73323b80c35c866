"""Markdown into blocks, each with the lines it owns.

    text → tokens (`syntax`) → pieces per container → pairs folded (`<details>`, regions) → nodes

Lines are counted as `split_lines` cuts them. What is no block (blank lines, comments, link definitions) belongs to no node.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from markdown_it.token import Token

from notionsync.convert import fold
from notionsync.convert.blocks import MAX_DEPTH
from notionsync.convert.dialect import RAW_CAPTION, Dialect, language
from notionsync.convert.fold import Piece, Tag
from notionsync.convert.inline import Inline, read_inline
from notionsync.convert.links import RESERVED
from notionsync.convert.meta import looks_like_emoji, read_attrs, read_meta
from notionsync.convert.named import named_block
from notionsync.convert.richtext import MAX_EXPRESSION, MAX_ITEMS, MAX_UNITS, pieces, units
from notionsync.convert.syntax import markdown
from notionsync.errors import ContentError
from notionsync.model import Block, Document, Links, Node, Notice, RichText, Run, Span

_LINE_END = re.compile(r"\r\n|\r|\n")
_BREAK_TAG = re.compile(r"\s*</?br\s*/?>\s*", re.IGNORECASE)
_HR_TAG = re.compile(r"\s*<hr\s*/?>\s*", re.IGNORECASE)
# No possessive quantifiers here or elsewhere: Python 3.11.0 to 3.11.4 match some of them wrongly.
_COMMENTS = re.compile(r"\s*(?:<!--(?:(?!-->)[\s\S])*-->\s*)+")
_VERBATIM = re.compile(r"<(?:xmp|textarea|title|style|iframe|noembed|noframes|script|plaintext)\b", re.IGNORECASE)
"""Tags that GitHub disallows because what follows them, comments too, is shown as it is: comments are content there."""
_IMG_TAG = re.compile(r"\s*<img\s[^<>]*>\s*", re.IGNORECASE)
_STARS = re.compile(r"\*\*[^*\n]*[^\w\s*]\*\*(?=\w)|(?<=\w)\*\*[^\w\s*][^*\n]*\*\*")
_OWN_WORDS = ("empty", "callout")
_ALERT = re.compile(r"\[!([A-Z]+)\][ \t]*(?:\n|\Z)")


def split_lines(text: str) -> list[str]:
    r"""Return the lines of a text without their ends, as `Span` counts them.

    >>> split_lines("a\r\nb\n")
    ['a', 'b', '']
    """
    return _LINE_END.split(text)


def is_comment(html: str) -> bool:
    """Tell whether a piece of HTML is nothing but comments."""
    return _COMMENTS.fullmatch(html) is not None


def parse(text: str, *, links: Links = RESERVED, dialect: Dialect | None = None) -> Document:
    """Return a Markdown body as blocks with their spans.

    Args:
        text: The body, without front matter.
        links: Gets every address as it stands in the text.
        dialect: The repository's settings.

    Raises:
        ContentError: Quotes, lists or toggles are nested too deeply; names the line.
    """
    source = text.removeprefix("\ufeff")
    env: dict[str, Any] = {}
    try:
        tokens = markdown().parse(source, env)
        reader = _Reader(source, tokens, env, links, dialect or Dialect())
        nodes = reader.container(None, quotes=0, depth=0)
    except RecursionError as error:
        raise ContentError("the text is nested too deeply") from error
    return Document(text=text, nodes=tuple(nodes), notices=tuple(reader.notices))


class _Reader:
    """Walks block tokens once."""

    def __init__(
        self, source: str, tokens: Sequence[Token], env: dict[str, Any], links: Links, dialect: Dialect
    ) -> None:
        self.lines = split_lines(source)
        self.tokens = tokens
        self.env = env
        self.links = links
        self.dialect = dialect
        self.at = 0
        self.verbatim = _VERBATIM.search(source) is not None
        self.notices: list[Notice] = []

    # --- containers

    def container(self, close: str | None, *, quotes: int, depth: int) -> list[Node]:
        """Read up to the closing token; return the blocks inside."""
        pieces = self.pieces(close, quotes=quotes, depth=depth)
        return fold.nodes(pieces)

    def pieces(self, close: str | None, *, quotes: int, depth: int) -> list[Piece | Tag]:
        if depth > MAX_DEPTH:
            raise ContentError(f"blocks are nested more than {MAX_DEPTH} deep")
        out: list[Piece | Tag] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.type == close:
                break
            self.read(token, out, quotes=quotes, depth=depth)
        return out

    def read(self, token: Token, out: list[Piece | Tag], *, quotes: int, depth: int) -> None:
        """Read one block token and what it encloses."""
        kind = token.type
        span = self.span(token, quotes)
        self.at += 1
        if kind == "paragraph_open":
            self.at += 2
            out.extend(self.paragraph(self.tokens[self.at - 2].content, span))
        elif kind == "heading_open":
            self.at += 2
            out.extend(fold.limited(self.heading(token, span)))
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self.items(kind, out, quotes=quotes, depth=depth)
        elif kind == "blockquote_open":
            out.append(self.quote(span, quotes=quotes, depth=depth))
        elif kind in ("fence", "code_block"):
            out.extend(self.code(token, span))
        elif kind == "math_block":
            out.append(self.math(token, span))
        elif kind == "hr":
            out.append(Piece(Node(Block(type="divider"), span)))
        elif kind == "html_block":
            out.extend(self.html(token.content, span))
        elif kind == "footnote":
            out.append(_raw(token.content, "markdown", span))
            self.notices.append(
                Notice("NS-FOOTNOTE", "Notion has no footnotes; this one stays raw Markdown.", span.start)
            )
        elif kind == "table_open":
            out.append(self.table(span))

    def span(self, token: Token, quotes: int) -> Span:
        """Return the lines of a token without the blank ones at its end, as they look inside `quotes` quotes."""
        if token.map is None:
            return Span(0, 0)
        start, stop = token.map
        while stop > start + 1 and self.blank(stop - 1, quotes):
            stop -= 1
        return Span(start, stop)

    def blank(self, line: int, quotes: int) -> bool:
        if line >= len(self.lines):
            return True
        text = self.lines[line].strip(" \t")
        for _ in range(quotes):
            text = text.removeprefix(">").lstrip(" \t")
        return not text

    # --- text

    def inline(self, content: str) -> Inline:
        return read_inline(content, self.env, self.links)

    def paragraph(self, content: str, span: Span) -> list[Piece | Tag]:
        inline = self.inline(content)
        self.look_for_stars(content, inline, span)
        if inline.media and not inline.meta:
            return self.images(inline, span)
        meta = fold.merged(inline.meta)
        if meta is not None:
            block = named_block(meta, inline, self.links)
            if block is not None:
                return [Piece(Node(block, span))]
        text = inline.text
        if inline.breaks:
            text = (Run(text="\n" * (inline.breaks - 1)),) if inline.breaks > 1 else ()
        attrs = read_attrs(meta.attrs) if meta else {}
        return fold.limited(Piece(Node(Block(type="paragraph", text=text, attrs=attrs), span), meta=meta, own=True))

    def look_for_stars(self, content: str, inline: Inline, span: Span) -> None:
        """Tell of emphasis that GitHub does not show, because a letter follows its closing `**` after punctuation."""
        found = _STARS.search(content) if "**" in content else None
        if found and any("**" in run.text and not run.code and run.kind == "text" for run in inline.text):
            line = span.start + content.count("\n", 0, found.start())
            message = f"GitHub shows the asterisks of {found[0]!r}; write <strong>…</strong>."
            self.notices.append(Notice("NS-CJK-BOLD", message, line))

    def images(self, inline: Inline, span: Span) -> list[Piece | Tag]:
        """Each picture gets its own line, if it has one; else they share the paragraph's."""
        starts = [lines for _, _, lines in inline.media]
        alone = len(set(starts)) == len(starts)
        out: list[Piece | Tag] = []
        for number, (src, caption, line) in enumerate(inline.media):
            stop = starts[number + 1] if number + 1 < len(starts) else span.stop - span.start
            own = Span(span.start + (line if number else 0), span.start + stop) if alone else span
            block = Block(type="image", attrs={"url": self.links.to_notion(src, "media")}, caption=caption)
            out.append(Piece(Node(block, own)))
        return out

    def heading(self, token: Token, span: Span) -> Piece:
        level = min(int(token.tag[1]), self.dialect.max_heading)
        content = self.tokens[self.at - 2].content
        inline = self.inline(content)
        self.look_for_stars(content, inline, span)
        meta = fold.merged(inline.meta)
        attrs = read_attrs(meta.attrs) if meta else {}
        return Piece(Node(Block(type=f"heading_{level}", text=inline.text, attrs=attrs), span), meta=meta)

    def code(self, token: Token, span: Span) -> list[Piece | Tag]:
        text = token.content.removesuffix("\n")
        if token.type == "fence" and token.info.strip() == "math" and text.strip() and units(text) <= MAX_EXPRESSION:
            return [Piece(Node(Block(type="equation", attrs={"expression": text.strip("\n")}), span))]
        name = language(token.info) if token.type == "fence" else "plain text"
        limit = MAX_UNITS * MAX_ITEMS
        return [_code(part, name, span) for part in (pieces(text, limit) if len(text) > limit // 2 else [text])]

    def math(self, token: Token, span: Span) -> Piece:
        if units(token.content) > MAX_EXPRESSION:
            return _raw(f"$$\n{token.content}\n$$", "markdown", span)
        return Piece(Node(Block(type="equation", attrs={"expression": token.content}), span))

    # --- lists and quotes

    def items(self, kind: str, out: list[Piece | Tag], *, quotes: int, depth: int) -> None:
        ordered = kind == "ordered_list_open"
        while self.tokens[self.at].type == "list_item_open":
            token = self.tokens[self.at]
            span = self.span(token, quotes)
            self.at += 1
            pieces = self.pieces("list_item_close", quotes=quotes, depth=depth + 1)
            self.at += 1
            type_ = "numbered_list_item" if ordered else "bulleted_list_item"
            attrs: dict[str, Any] = {}
            if "checked" in token.meta:
                type_ = "to_do"
                attrs = {"checked": True} if token.meta["checked"] else {}
            out.append(self.holder(Block(type=type_, attrs=attrs), span, pieces))
        self.at += 1

    def quote(self, span: Span, *, quotes: int, depth: int) -> Piece:
        alert = self.alert() if depth == 0 else None
        if depth:
            self.nested_alert(span)
        pieces = self.pieces("blockquote_close", quotes=quotes + 1, depth=depth + 1)
        self.at += 1
        if alert is not None:
            icon, color = self.dialect.alerts[alert]
            attrs = {"icon": {"type": "emoji", "emoji": icon}, "color": color}
            return self.holder(Block(type="callout", attrs=attrs), span, pieces)
        return self.callout(self.holder(Block(type="quote"), span, pieces))

    def nested_alert(self, span: Span) -> None:
        """Tell of an alert that GitHub shows as a plain quote."""
        if self.at + 1 >= len(self.tokens) or self.tokens[self.at].type != "paragraph_open":
            return
        found = _ALERT.match(self.tokens[self.at + 1].content)
        if found and found[1] in self.dialect.alerts:
            message = f"GitHub shows [!{found[1]}] as text here: alerts work at the top level only."
            self.notices.append(Notice("NS-NESTED-ALERT", message, span.start))

    def alert(self) -> str | None:
        """See whether the quote that begins here is one of GitHub's alerts; take its first line off."""
        if self.at + 1 >= len(self.tokens) or self.tokens[self.at].type != "paragraph_open":
            return None
        inline = self.tokens[self.at + 1]
        match = _ALERT.match(inline.content)
        if match is None or match[1] not in self.dialect.alerts or match[1] in self.env.get("references", {}):
            return None
        inline.content = inline.content[match.end() :].lstrip(" \t")
        if not inline.content:
            self.at += 3
        return match[1]

    def holder(self, block: Block, span: Span, pieces: Sequence[Piece | Tag]) -> Piece:
        """Return a block whose text is the first paragraph inside it and whose children are the rest."""
        found, meta = list(pieces), None
        if (
            found
            and isinstance(first := found[0], Piece)
            and first.own
            and not (first.meta and first.meta.word == "caption")
        ):
            block = replace(block, text=first.node.block.text, attrs={**block.attrs, **first.node.block.attrs})
            meta = first.meta
            del found[0]
        elif found and isinstance(first := found[0], Tag) and first.meta is not None and first.meta.word in _OWN_WORDS:
            block = replace(block, attrs={**block.attrs, **read_attrs(first.meta.attrs)})
            meta = first.meta
            del found[0]
        children = fold.nodes(found)
        whole = replace(block, children=tuple(node.block for node in children))
        return Piece(Node(whole, span, tuple(children)), meta=meta)

    def callout(self, piece: Piece) -> Piece:
        """Turn a quote into a callout where a comment, or the setting, says so."""
        block = piece.node.block
        said = piece.meta is not None and "callout" in (piece.meta.word, piece.meta.attrs.get("as"))
        if not said and not (self.dialect.emoji_quotes and piece.meta is None and _leading_emoji(block.text)):
            return piece
        attrs, text = dict(block.attrs), block.text
        if piece.meta is not None and piece.meta.attrs.get("icon") == "none":
            attrs.pop("icon", None)
        elif "icon" not in attrs and (emoji := _leading_emoji(text)):
            attrs["icon"] = {"type": "emoji", "emoji": emoji}
            rest = text[0].text[len(emoji) :].removeprefix(" ")
            text = (*((replace(text[0], text=rest),) if rest else ()), *text[1:])
        node = replace(piece.node, block=replace(block, type="callout", attrs=attrs, text=text))
        return replace(piece, node=node)

    # --- tables

    def table(self, span: Span) -> Piece:
        rows: list[Node] = []
        cells: list[RichText] = []
        width, row_span = 0, span
        while (token := self.tokens[self.at]).type != "table_close":
            self.at += 1
            if token.type == "tr_open":
                cells = []
                row_span = self.span(token, 0)
            elif token.type == "inline":
                cells.append(fold.one_array(self.inline(token.content).text))
            elif token.type == "tr_close":
                width = width or len(cells)
                rows.append(Node(Block(type="table_row", cells=tuple(cells)), row_span))
        self.at += 1
        block = Block(
            type="table",
            attrs={"table_width": width, "has_column_header": True},
            children=tuple(row.block for row in rows),
        )
        return Piece(Node(block, span, tuple(rows)))

    # --- HTML

    def html(self, content: str, span: Span) -> list[Piece | Tag]:
        if _BREAK_TAG.fullmatch(content):
            return [Piece(Node(Block(type="paragraph"), span))]
        if _HR_TAG.fullmatch(content):
            return [Piece(Node(Block(type="divider"), span))]
        if (meta := read_meta(content.strip())) is not None:
            return [Tag(span, meta=meta)]
        if is_comment(content) and not self.verbatim:
            return []
        if _IMG_TAG.fullmatch(content) and (image := self.img(content, span)) is not None:
            return [image]
        tags = fold.details_tags(content, span, self.links)
        if tags:
            return list(tags)
        message = "Notion cannot hold this HTML; it is shown as code there and stays as it is here."
        self.notices.append(Notice("NS-RAW-HTML", message, span.start))
        return [_raw(content, "html", span)]

    def img(self, content: str, span: Span) -> Piece | None:
        attrs = fold.html_attrs(content)
        if not attrs.get("src"):
            return None
        caption = (Run(text=attrs["alt"]),) if attrs.get("alt") else ()
        block = Block(type="image", attrs={"url": self.links.to_notion(attrs["src"], "media")}, caption=caption)
        return Piece(Node(block, span))


def _leading_emoji(text: RichText) -> str:
    if not text or text[0].kind != "text":
        return ""
    word = text[0].text.split(" ", 1)[0]
    return word if looks_like_emoji(word) else ""


def _code(text: str, name: str, span: Span) -> Piece:
    return Piece(Node(Block(type="code", text=(Run(text=text),) if text else (), attrs={"language": name}), span))


def _raw(text: str, name: str, span: Span) -> Piece:
    """Markdown or HTML that Notion cannot say: shown as code there, written back as it is."""
    return Piece(
        Node(
            Block(
                type="code",
                text=(Run(text=text.rstrip("\n")),),
                attrs={"language": name},
                caption=(Run(text=RAW_CAPTION),),
            ),
            span,
        )
    )
