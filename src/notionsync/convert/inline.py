"""Inline Markdown into rich text.

text of a block → `Inline`: runs, and what a metadata comment says about the block
HTML that Notion cannot say becomes grey code that shows it, and is written back as HTML
an image inside a sentence becomes a link to the picture that ends in `#md-image`
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any
from urllib.parse import quote

from markdown_it.token import Token

from notionsync.convert.dialect import COLORS, api_color
from notionsync.convert.links import RESERVED
from notionsync.convert.meta import Meta, load, read_meta
from notionsync.convert.richtext import MAX_EXPRESSION, MAX_URL, canonical, normal, normal_mention, units
from notionsync.convert.syntax import SPECIAL, html_only, inline_markdown, with_mail
from notionsync.model import Links, RichText, Run, dashed_id, find_id

IMAGE_MARK = "#md-image"
NO_ALT = "🖼"
MENTION_WORDS = frozenset({"mention", "link_mention", "link_preview_mention", "emoji", "equation"})

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_ATTR = re.compile(r"""\s([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""")
_FLAG_OF = {
    "strong": "bold", "b": "bold", "em": "italic", "i": "italic", "del": "strike", "s": "strike", "strike": "strike",
    "ins": "underline", "u": "underline", "code": "code",
}  # fmt: skip
_FLAG_OF_TOKEN = {"strong": "bold", "em": "italic", "s": "strike"}
_PAIRED = frozenset({*_FLAG_OF, "span", "mark", "a", "time"})
_EMOJI_TAIL = re.compile(r":[^:\s]+:\Z")


@dataclass(slots=True)
class Inline:
    """Inline content of one block.

    Attributes:
        text: Its runs.
        meta: What comments say about the block that holds it, in order.
        media: Where the content is nothing but images: their addresses as written and their captions, with the line
            break count before each.
        link: Where the content is nothing but one link: its address as written and its text.
        breaks: Number of `<br>` where the content is nothing else.
    """

    text: RichText = ()
    meta: list[Meta] = field(default_factory=list)
    media: list[tuple[str, RichText, int]] = field(default_factory=list)
    link: tuple[str, RichText] | None = None
    breaks: int = 0


def parse_inline(markdown_text: str, *, links: Links = RESERVED) -> RichText:
    """Return the rich text of one line of Markdown, such as a title or a text property."""
    return read_inline(markdown_text, {}, links).text


def read_inline(content: str, env: dict[str, Any], links: Links) -> Inline:
    """Return what the inline content of a block says."""
    if SPECIAL.search(content) is None and "\0" not in content:
        return Inline(text=(Run(text=content),) if content else ())
    tokens: list[Token] = []
    parser = inline_markdown()
    parser.inline.parse(content, parser, env, tokens)
    reader = _Reader(with_mail(tokens) if "@" in content or "&#" in content else tokens, links)
    reader.shape()
    return reader.read()


def read_html(content: str, links: Links) -> Inline:
    """Return what inline HTML says, as it stands in `<summary>`; Markdown in it is text."""
    tokens: list[Token] = []
    parser = html_only()
    parser.inline.parse(content, parser, {}, tokens)
    return _Reader(tokens, links).read()


@dataclass(slots=True)
class _Group:
    """Runs that a link, a `<span>` or a `<time>` encloses; a comment right behind it may make them a mention."""

    start: int
    href: str = ""
    stop: int = -1


class _Reader:
    """Walks inline tokens once; marks are counters, so that crossing tags do no harm."""

    def __init__(self, tokens: Sequence[Token], links: Links) -> None:
        self.tokens = tokens
        self.links = links
        self.out = Inline()
        self.runs: list[Run] = []
        self.marks = dict.fromkeys(("bold", "italic", "strike", "underline", "code"), 0)
        self.colors: list[str] = []
        self.hrefs: list[str] = []
        self.groups: list[_Group] = []
        self.last: _Group | None = None
        self.spans: list[bool] = []
        self.paired = _match_tags(tokens)

    def read(self) -> Inline:
        tokens = self.tokens
        for index, token in enumerate(tokens):
            kind = token.type
            if kind in ("text", "text_special"):
                if token.content:
                    self.say(token.content)
            elif kind == "softbreak":
                self.say(" ")
            elif kind == "hardbreak":
                self.say("\n")
            elif kind == "code_inline":
                self.add(self.run(token.content, code=True))
            elif kind == "math_inline":
                self.equation(token.content)
            elif kind == "link_open":
                self.open_group(str(token.attrs.get("href", "")))
            elif kind == "link_close":
                self.close_group(link=True)
            elif kind == "image":
                self.image(token)
            elif kind == "html_inline":
                self.html(index, token.content)
            elif token.tag in _FLAG_OF_TOKEN:
                self.marks[_FLAG_OF_TOKEN[token.tag]] += token.nesting
        self.out.text = normal(self.runs)
        return self.out

    # --- runs

    def say(self, text: str) -> None:
        self.add(self.run(text))

    def add(self, run: Run) -> None:
        self.runs.append(run)
        self.last = None

    def run(self, text: str, **more: Any) -> Run:
        look: dict[str, Any] = {mark: True for mark, count in self.marks.items() if count > 0}
        if self.color != "default":
            look["color"] = self.color
        if self.hrefs and (target := self.target(self.hrefs[-1])):
            look["link"] = target
        return Run(text=text, **{**look, **more})

    @property
    def color(self) -> str:
        """The innermost colour."""
        return self.colors[-1] if self.colors else "default"

    def target(self, href: str) -> str | None:
        url = self.links.to_notion(href, "link")
        return url if len(url) <= MAX_URL else None

    def equation(self, expression: str) -> None:
        if units(expression) > MAX_EXPRESSION:
            self.say(f"${expression}$")
        else:
            self.add(self.run(expression, kind="equation", link=None))

    # --- groups: links, spans, times

    def open_group(self, href: str) -> None:
        self.groups.append(_Group(len(self.runs), href))
        self.hrefs.append(href)

    def close_group(self, *, link: bool) -> None:
        group = self.groups.pop()
        if link:
            self.hrefs.pop()
        group.stop = len(self.runs)
        if link and group.href.startswith("notion:user/"):
            self.mention(group, {"type": "user", "user": {"id": group.href.removeprefix("notion:user/")}})
        self.last = group

    def mention(self, group: _Group, value: Mapping[str, Any]) -> None:
        inside = self.runs[group.start : group.stop]
        if not inside:
            return
        text = "".join(run.text for run in inside)
        made = replace(inside[0], text=text, kind="mention", link=None, mention=canonical(normal_mention(value)))
        self.runs[group.start : group.stop] = [made]
        group.stop = group.start + 1

    # --- images

    def image(self, token: Token) -> None:
        alt = _Reader(token.children or [], self.links).read().text
        src = str(token.attrs.get("src", ""))
        mark = f"{IMAGE_MARK}={quote(self.hrefs[-1], safe='')}" if self.hrefs else IMAGE_MARK
        link = self.links.to_notion(src, "link") + mark
        if len(link) > MAX_URL:
            link = self.links.to_notion(src, "link")
        look: dict[str, Any] = {mark: True for mark, count in self.marks.items() if count > 0}
        for run in alt or (Run(text=NO_ALT, color=self.color),):
            shown = replace(run, color=self.color) if run.color == "default" else run
            self.add(replace(shown, **look, link=link if run.kind == "text" else None))

    # --- HTML

    def html(self, index: int, content: str) -> None:
        if content.startswith("<!--"):
            self.comment(content)
            return
        tag = _TAG.match(content)
        name = tag[2].lower() if tag else ""
        if name == "br":
            self.say("\n")
        elif tag is None or index not in self.paired:
            self.raw(content)
        elif tag[1]:
            self.close_tag(name)
        else:
            self.open_tag(name, content)

    def raw(self, content: str) -> None:
        self.add(self.run(content, code=True, color="gray"))

    def open_tag(self, name: str, content: str) -> None:
        attrs = {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in _ATTR.finditer(content)}
        if name in _FLAG_OF:
            self.marks[_FLAG_OF[name]] += 1
        elif name == "mark":
            self.colors.append("yellow_background")
        elif name == "a":
            self.open_group(attrs.get("href", ""))
        elif name == "time":
            self.groups.append(_Group(len(self.runs), canonical(attrs)))
        else:
            underline = attrs.get("underline") == "true"
            self.marks["underline"] += underline
            self.spans.append(underline)
            self.colors.append(_span_color(attrs) or self.color)
            self.groups.append(_Group(len(self.runs)))

    def close_tag(self, name: str) -> None:
        if name in _FLAG_OF:
            self.marks[_FLAG_OF[name]] -= 1
        elif name == "mark":
            self.colors.pop()
        elif name == "a":
            self.close_group(link=True)
        elif name == "time":
            group = self.groups.pop()
            group.stop = len(self.runs)
            attrs = load(group.href)
            if isinstance(attrs, dict) and "datetime" in attrs:
                self.mention(group, _date(attrs))
            self.last = group
        else:
            self.colors.pop()
            self.marks["underline"] -= self.spans.pop()
            self.close_group(link=False)

    # --- our comments

    def comment(self, content: str) -> None:
        meta = read_meta(content)
        if content == "<!---->":
            self.last = None
        elif meta is None or meta.end:
            self.raw(content)
        elif meta.word in MENTION_WORDS:
            self.mention_comment(meta, content)
        else:
            self.out.meta.append(meta)

    def mention_comment(self, meta: Meta, content: str) -> None:
        if meta.word == "emoji":
            self.emoji(meta, content)
            return
        group, self.last = self.last, None
        if group is None or group.stop != len(self.runs) or group.start == group.stop:
            self.raw(content)
            return
        if meta.word == "equation":
            look = replace(self.runs[group.start], text=meta.attrs.get("expression", ""), kind="equation", link=None)
            self.runs[group.start : group.stop] = [look]
            return
        url = self.links.to_notion(group.href, "link")
        value: Mapping[str, Any]
        if isinstance(data := load(meta.attrs.get("data", "")), dict):
            value = data
        elif meta.word == "link_mention":
            value = {"type": "link_mention", "link_mention": {"href": url}}
        elif meta.word == "link_preview_mention":
            value = {"type": "link_preview", "link_preview": {"url": url}}
        elif id_ := find_id(url):
            kind = "database" if meta.attrs.get("kind") == "database" else "page"
            value = {"type": kind, kind: {"id": dashed_id(id_)}}
        else:
            self.raw(content)
            return
        self.mention(group, value)

    def emoji(self, meta: Meta, content: str) -> None:
        name = _EMOJI_TAIL.search(self.runs[-1].text) if self.runs and self.runs[-1].kind == "text" else None
        if name is None:
            self.raw(content)
            return
        run = self.runs.pop()
        value = load(meta.attrs["data"]) if "data" in meta.attrs else None
        if not isinstance(value, dict):
            pairs = {"id": meta.attrs.get("id", ""), "name": name[0][1:-1], "url": meta.attrs.get("url")}
            value = {"type": "custom_emoji", "custom_emoji": {k: v for k, v in pairs.items() if v is not None}}
        if name.start():
            self.runs.append(replace(run, text=run.text[: name.start()]))
        mention = canonical(normal_mention(value))
        self.add(replace(run, text=name[0], kind="mention", link=None, mention=mention))

    # --- the content as a whole

    def shape(self) -> None:
        """See whether the content is nothing but images, one link, or breaks."""
        tokens = [token for token in self.tokens if not _is_meta(token)]
        if not tokens:
            return
        first, *rest = tokens
        if first.type == "link_open" and rest and rest[-1].type == "link_close":
            closes = sum(1 for token in self.tokens if token.type == "link_close")
            if closes == 1:
                inner = _Reader(rest[:-1], self.links).read().text
                self.out.link = (str(first.attrs.get("href", "")), inner)
        elif first.type == "html_inline" and all(token.type == "html_inline" for token in rest):
            tags = [_TAG.match(token.content) for token in (first, *rest)]
            if all(tag is not None and tag[2].lower() == "br" for tag in tags):
                self.out.breaks = len(tags)
        elif first.type == "image":
            self.only_images([first, *rest])

    def only_images(self, tokens: Sequence[Token]) -> None:
        lines = 0
        media: list[tuple[str, RichText, int]] = []
        for token in tokens:
            if token.type == "image":
                alt = _Reader(token.children or [], self.links).read().text
                media.append((str(token.attrs.get("src", "")), alt, lines))
            elif token.type == "softbreak":
                lines += 1
            elif token.type != "text" or token.content.strip(" \t"):
                return
        self.out.media = media


def _is_meta(token: Token) -> bool:
    return (
        token.type == "html_inline" and token.content.startswith("<!--notion") and read_meta(token.content) is not None
    )


def _match_tags(tokens: Sequence[Token]) -> set[int]:
    """Return the places of tags that we understand and that have a partner."""
    open_: dict[str, list[int]] = {}
    out: set[int] = set()
    for index, token in enumerate(tokens):
        if token.type != "html_inline":
            continue
        tag = _TAG.match(token.content)
        if tag is None or (name := tag[2].lower()) not in _PAIRED:
            continue
        if not tag[1]:
            if _understood(name, token.content):
                open_.setdefault(name, []).append(index)
            else:
                open_.setdefault(name, []).append(-1)
        elif stack := open_.get(name):
            start = stack.pop()
            if start >= 0:
                out |= {start, index}
    return out


def _understood(name: str, content: str) -> bool:
    if content.endswith("/>"):
        return False
    if name == "span":
        attrs = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTR.finditer(content)}
        return _span_color(attrs) is not None or attrs.get("underline") == "true" or content == "<span>"
    if name == "a":
        return "href" in content
    if name == "time":
        return "datetime" in content
    return _TAG.fullmatch(content[:-1].rstrip()) is not None


_STYLE = re.compile(r"\s*(background-color|background|color)\s*:\s*([a-z]+)\s*;?\s*")


def _span_color(attrs: Mapping[str, str]) -> str | None:
    color = api_color(attrs.get("color") or attrs.get("data-color") or "")
    if color in COLORS:
        return color
    style = _STYLE.fullmatch(attrs.get("style", ""))
    if style:
        named = style[2] + ("_background" if style[1] != "color" else "")
        return named if named in COLORS else None
    return None


def _date(attrs: Mapping[str, str]) -> dict[str, Any]:
    start, slash, end = attrs.get("datetime", "").partition("/")
    zone = attrs.get("data-tz") or None
    return {"type": "date", "date": {"start": start, "end": end if slash else None, "time_zone": zone}}
