"""Rich text into inline Markdown.

    runs → tokens (marks opened and closed, longest outermost) → text

A mark is written with Markdown's delimiters where they work beside their neighbours, else as the HTML that GitHub shows
the same way. What is written is proven by reading it back; see `render`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape as html_escape
from typing import Any, Literal
from urllib.parse import unquote

from markdown_it.common.html_re import HTML_TAG_RE

from notionsync.convert.dialect import attr_color
from notionsync.convert.escape import closes, edges, entities, escape, html_text, is_letter, is_space, opens
from notionsync.convert.inline import IMAGE_MARK, NO_ALT
from notionsync.convert.meta import load, write_meta
from notionsync.convert.richtext import canonical
from notionsync.convert.syntax import is_math
from notionsync.model import Links, RichText, Run, compact_id

Place = Literal["paragraph", "line", "cell", "html"]
"""Where a text stands: in lines of its own, on one line, in a table's cell, or where GitHub reads HTML only."""

_MARKS = ("link", "bold", "italic", "strike", "underline", "color")
_TAGS: Mapping[str, str] = {"bold": "strong", "italic": "em", "strike": "del", "underline": "ins"}
_RAW = re.compile(f"(?:{HTML_TAG_RE.pattern})+")
_AUTOLINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\x00-\x20]+", re.IGNORECASE)
_BARE = re.compile(
    r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:[/?#](?:[A-Za-z0-9./%+=?&#-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))*(?<=[A-Za-z0-9/]))?"
)
_MAIL = re.compile(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]+")
_BARE_TARGET = re.compile(r"[^\s<>()\\&\x00-\x20\x7f]+")
_LINE_ENDS = re.compile(r"\n+")


@dataclass(frozen=True, slots=True)
class Plan:
    """How far to go so that a text reads back.

    Attributes:
        kinds: Suspicious characters to escape; see `escape`.
        html: Write every mark as HTML and every punctuation character as a reference.
    """

    kinds: frozenset[str] = frozenset()
    html: bool = False


@dataclass(slots=True)
class _Token:
    """An opening or closing mark, or a stretch of runs that is written at once."""

    kind: Literal["open", "close", "runs"]
    mark: str = ""
    value: Any = None
    runs: tuple[Run, ...] = ()
    partner: int = -1
    text: str = ""
    delimiter: str = ""


def write_inline(text: RichText, place: Place, plan: Plan, links: Links, *, emphasis: str = "*") -> str:
    """Return a text as inline Markdown, or as HTML."""
    if not text:
        return ""
    return _Writer(text, place, plan, links, emphasis).write()


class _Writer:
    def __init__(self, text: RichText, place: Place, plan: Plan, links: Links, emphasis: str) -> None:
        self.place = place
        self.optimistic = not plan.kinds
        if not plan.html:
            plan = replace(plan, kinds=plan.kinds | _wary(text))
        self.plan = plan
        self.links = links
        self.html = plan.html or place == "html"
        self.italics = ("_", "*") if emphasis == "_" else ("*", "_")
        self.tokens: list[_Token] = []
        self.nest(text, frozenset())
        for index, token in enumerate(self.tokens):
            if token.kind == "runs":
                token.text = self.atom(token.runs, index)

    def write(self) -> str:
        for index, token in enumerate(self.tokens):
            if token.kind == "open":
                self.decide(index)
        return "".join(token.text for token in self.tokens)

    # --- nesting

    def nest(self, runs: Sequence[Run], active: frozenset[str]) -> None:
        """Open, for each run in turn, the mark that reaches farthest; then what is inside it."""
        at = 0
        while at < len(runs):
            mark, stop = _farthest(runs, at, active, raw=not self.html)
            if not mark:
                stop = at + 1
                self.tokens.append(_Token("runs", runs=(runs[at],)))
            elif mark == "link" and IMAGE_MARK in str(runs[at].link) and self.place != "html":
                self.tokens.append(_Token("runs", runs=tuple(runs[at:stop])))
            else:
                opener = len(self.tokens)
                value = getattr(runs[at], mark)
                self.tokens.append(_Token("open", mark, value))
                self.nest(runs[at:stop], active | {mark})
                self.tokens[opener].partner = len(self.tokens)
                self.tokens.append(_Token("close", mark, value, partner=opener))
            at = stop

    # --- marks

    def decide(self, index: int) -> None:
        """Choose how a mark is written, now that everything to the left is."""
        token, end = self.tokens[index], self.tokens[self.tokens[index].partner]
        if token.mark == "link":
            token.text, end.text = self.link(index, token.partner)
        elif token.mark == "color":
            token.text, end.text = f'<span color="{attr_color(token.value)}">', "</span>"
        elif token.mark == "underline" or self.html:
            token.text, end.text = f"<{_TAGS[token.mark]}>", f"</{_TAGS[token.mark]}>"
        else:
            for delimiter in {"bold": ("**",), "italic": self.italics, "strike": ("~~",)}[token.mark]:
                if self.works(index, token.partner, delimiter):
                    token.text = end.text = token.delimiter = end.delimiter = delimiter
                    return
            token.text, end.text = f"<{_TAGS[token.mark]}>", f"</{_TAGS[token.mark]}>"

    def works(self, start: int, stop: int, delimiter: str) -> bool:
        """Tell whether delimiters open and close here, and touch no other delimiters of their kind."""
        tokens = self.tokens
        for index in (start - 1, start + 1, stop - 1, stop + 1):
            if 0 <= index < len(tokens) and index not in (start, stop) and tokens[index].delimiter[:1] == delimiter[0]:
                return False
        before, inner, last, after = (self.left(start), self.right(start), self.left(stop), self.right(stop))
        if delimiter[0] in (before, inner, last, after):
            return False
        far = (
            self.left(start, far=True),
            self.right(start, far=True),
            self.left(stop, far=True),
            self.right(stop, far=True),
        )
        if not all(opens(a, b) for a in (before, far[0]) for b in (inner, far[1])):
            return False
        if not all(closes(a, b) for a in (last, far[2]) for b in (after, far[3])):
            return False
        if delimiter != "_":
            return True
        return all(is_space(char) or not is_letter(char) for char in (before, after, far[0], far[3]))

    def left(self, index: int, *, far: bool = False) -> str:
        """Return the character in front of a token; a mark's is punctuation, however it will be written.

        Args:
            index: The token.
            far: Look past the delimiters of strikethrough, as cmark-gfm does (`skip_chars` in its inlines.c).
        """
        index -= 1
        while far and index >= 0 and self.tokens[index].mark == "strike":
            index -= 1
        if index < 0:
            return ""
        token = self.tokens[index]
        if token.kind != "runs":
            return "<" if token.kind == "open" else ">"
        return (token.text.rstrip("~") if far else token.text)[-1:] or token.text[-1:]

    def right(self, index: int, *, far: bool = False) -> str:
        """Return the character behind a token, likewise."""
        index += 1
        while far and index < len(self.tokens) and self.tokens[index].mark == "strike":
            index += 1
        if index >= len(self.tokens):
            return ""
        token = self.tokens[index]
        if token.kind != "runs":
            return "<"
        return (token.text.lstrip("~") if far else token.text)[:1] or token.text[:1]

    # --- links

    def link(self, start: int, stop: int) -> tuple[str, str]:
        url = str(self.tokens[start].value)
        href = self.links.to_file(url, "link")
        if self.html:
            return f'<a href="{self.attribute(href)}">', "</a>"
        shown = self.tokens[start + 1]
        if stop == start + 2 and shown.runs and shown.runs[0].kind == "text" and not shown.runs[0].code:
            text = shown.runs[0].text
            if _bare(text, href) and self.optimistic and self.alone(start, stop):
                shown.text = text
                return "", ""
            if (text == href and _AUTOLINK.fullmatch(href)) or (f"mailto:{text}" == href and _MAIL.fullmatch(text)):
                shown.text = text.replace("|", "\\|") if self.place == "cell" else text
                return "<", ">"
        return "[", f"]({target(href, cell=self.place == 'cell')})"

    def alone(self, start: int, stop: int) -> bool:
        """Tell whether an address stands between blanks, marks and stops, where it is found without help."""
        before, after = self.left(start), self.right(stop)
        return (not before or before in " \n(<>") and (not after or after in " \n).,!?<")

    def attribute(self, value: str) -> str:
        out = html_escape(value).replace("\n", "&#10;")
        return out.replace("|", "&#124;") if self.place == "cell" else out

    # --- what stands between marks

    def atom(self, runs: tuple[Run, ...], index: int) -> str:
        run = runs[0]
        if run.link is not None and IMAGE_MARK in run.link and self.place != "html":
            return self.image(runs)
        if run.kind != "text":
            out = self.mention(run) if run.kind == "mention" else self.equation(run, index)
            return f"<code>{out}</code>" if run.code else out
        if run.code:
            return self.code(run, index)
        return self.text(run.text, first=index == 0, last=index == len(self.tokens) - 1)

    def text(self, text: str, *, first: bool, last: bool) -> str:
        if self.place == "html":
            out = html_text(text)
        elif self.plan.html:
            out = entities(text)
        else:
            out = escape(text, self.plan.kinds, first=first)
            if self.place == "cell":
                out = out.replace("\\|", "|").replace("|", "\\|")
        return self.broken(self.edged(out, first=first, last=last))

    def edged(self, text: str, *, first: bool, last: bool) -> str:
        """Keep blanks at the ends of lines; ends that touch a mark or a neighbour are no ends."""
        if "\n" not in text and not (first and text[:1].isspace()) and not (last and text[-1:].isspace()):
            return text
        head = "" if first else "\0"
        tail = "" if last else "\0"
        return edges(head + text + tail).replace("\0", "")

    def broken(self, text: str) -> str:
        if "\n" not in text:
            return text
        if self.place != "paragraph" or self.plan.html:
            return text.replace("\n", "<br>")
        return _LINE_ENDS.sub(lambda match: _breaks(match, len(text)), text)

    def code(self, run: Run, index: int) -> str:
        text = run.text
        if run.color == "gray" and _RAW.fullmatch(text) and not self.html and self.place != "html":
            return text
        if self.html or "\n" in text or (self.place == "cell" and "\\|" in text) or self.touches_code(index):
            inner = html_text(text) if self.place == "html" else entities(text)
            return f"<code>{edges(inner).replace(chr(10), '<br>')}</code>"
        fence = "`" * (max((len(ticks) for ticks in re.findall("`+", text)), default=0) + 1)
        if len(fence) > 1 and not any(ticks == "`" for ticks in re.findall("`+", text)):
            fence = "`"
        pad = " " if text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " " and text.strip(" ")) else ""
        body = text.replace("|", "\\|") if self.place == "cell" else text
        return f"{fence}{pad}{body}{pad}{fence}"

    def touches_code(self, index: int) -> bool:
        before = self.tokens[index - 1] if index else None
        return before is not None and before.kind == "runs" and before.text.endswith("`")

    def equation(self, run: Run, index: int) -> str:
        text = run.text
        plain = f"${text}$"
        following = self.tokens[index + 1].runs[:1] if index + 1 < len(self.tokens) else ()
        after = following[0].text[:1] if following else self.right(index)
        if not self.html and not (self.place == "cell" and "|" in text):
            if is_math(f"{self.left(index)}{plain}{after}", len(self.left(index))):
                return plain
            if "`" not in text and "\n" not in text:
                return f"$`{text}`$"
        shown = html_text(plain) if self.place == "html" else entities(plain)
        return f"<span>{shown.replace(chr(10), ' ')}</span>{write_meta('equation', {'expression': text})}"

    def image(self, runs: tuple[Run, ...]) -> str:
        src, _, outer = str(runs[0].link).partition(IMAGE_MARK)
        src = self.links.to_file(src, "link")
        alt = tuple(replace(run, link=None) for run in runs)
        inner = "" if [run.text for run in alt] == [NO_ALT] else write_inline(alt, "line", self.plan, self.links)
        cell = self.place == "cell"
        picture = f"![{inner}]({target(src, cell=cell)})"
        return f"[{picture}]({target(unquote(outer[1:]), cell=cell)})" if outer else picture

    # --- mentions

    def mention(self, run: Run) -> str:
        mention = load(run.mention)
        kind = str(mention.get("type"))
        value = mention.get(kind)
        shown = self.text(run.text, first=False, last=False)
        if not isinstance(value, dict):
            value = {}
        if kind == "user" and "id" in value:
            return self.anchor(shown, f"notion:user/{value['id']}")
        if kind == "date":
            return self.date(shown, value, run)
        if kind == "custom_emoji" and re.fullmatch(r":[^:\s]+:", run.text):
            pairs = {key: str(value[key]) for key in ("id", "url") if key in value}
            usual = {"id": value.get("id"), "name": run.text[1:-1], **({"url": value["url"]} if "url" in value else {})}
            return shown + write_meta("emoji", pairs if value == usual else {"data": run.mention})
        return self.linked(kind, value, shown, run)

    def linked(self, kind: str, value: Mapping[str, Any], shown: str, run: Run) -> str:
        if kind in ("page", "database") and set(value) == {"id"} and len(compact_id(str(value["id"]))) == 32:
            href = self.links.to_file(f"https://www.notion.so/{compact_id(str(value['id']))}", "link")
            return self.anchor(shown, href) + write_meta("mention", {"kind": kind} if kind == "database" else {})
        href = str(value.get("href") or value.get("url") or "")
        if kind == "link_preview" and set(value) == {"url"} and href:
            return self.anchor(shown, self.links.to_file(href, "link")) + write_meta("link_preview_mention")
        data = {"data": run.mention}
        if kind == "link_mention" and href:
            plain = canonical({"type": kind, kind: {"href": href}}) == run.mention
            return self.anchor(shown, self.links.to_file(href, "link")) + write_meta(
                "link_mention", {} if plain else data
            )
        return f"<span>{shown}</span>{write_meta('mention', data)}"

    def anchor(self, shown: str, href: str) -> str:
        if self.html:
            return f'<a href="{self.attribute(href)}">{shown}</a>'
        return f"[{shown}]({target(href, cell=self.place == 'cell')})"

    def date(self, shown: str, value: Mapping[str, Any], run: Run) -> str:
        start, end, zone = value.get("start"), value.get("end"), value.get("time_zone")
        when = f"{start}/{end}" if end else str(start)
        pairs = f' data-tz="{self.attribute(str(zone))}"' if zone else ""
        out = f'<time datetime="{self.attribute(when)}"{pairs}>{shown}</time>'
        usual = canonical({"type": "date", "date": {"start": start, "end": end, "time_zone": zone}})
        return out if usual == run.mention else out + write_meta("mention", {"data": run.mention})


def _wary(text: RichText) -> frozenset[str]:
    """Return what has to be escaped because cmark-gfm reads it otherwise than the parser that proves our output.

    It misses code behind a stray run of backticks, looks past tildes when it pairs asterisks, counts symbols such as emoji
    as letters beside them, and takes more for a link's definition.
    """
    kinds: set[str] = set()
    if any(run.code for run in text):
        kinds.add("tick")
    if any(run.bold or run.italic or run.strike for run in text):
        kinds |= {"star", "tilde"}
    if any(run.italic or run.strike or "~" in run.text for run in text):
        kinds |= {"star", "under"}
    if text and text[0].text.startswith("[") and any("]:" in run.text for run in text):
        kinds.add("bracket")
    return frozenset(kinds)


def _bare(text: str, href: str) -> bool:
    """Tell whether a text becomes a link to an address by itself, wherever it stands alone."""
    if f"mailto:{text}" == href:
        return _MAIL.fullmatch(text) is not None
    if f"http://{text}" == href:
        return text.startswith("www.") and _BARE.fullmatch(text) is not None
    return (
        text == href
        and href.startswith(("https://", "http://"))
        and _BARE.fullmatch(href.split("://", 1)[1]) is not None
    )


def _farthest(runs: Sequence[Run], at: int, active: frozenset[str], *, raw: bool) -> tuple[str, int]:
    best, reach = "", at
    run = runs[at]
    for mark in (*_MARKS[1:], "link") if run.link and _bare(run.text, run.link) else _MARKS:
        value = getattr(runs[at], mark)
        if mark in active or not value or (mark == "color" and (value == "default" or (raw and _is_raw(runs[at])))):
            continue
        stop = at + 1
        while (
            stop < len(runs)
            and getattr(runs[stop], mark) == value
            and not (mark == "color" and raw and _is_raw(runs[stop]))
        ):
            stop += 1
        if stop > reach:
            best, reach = mark, stop
    return best, reach


def _is_raw(run: Run) -> bool:
    return run.code and run.color == "gray" and _RAW.fullmatch(run.text) is not None


def _breaks(match: re.Match[str], length: int) -> str:
    """Line ends inside a paragraph: a backslash and a new line; at its end, and for all but the last, `<br>`."""
    count = match.end() - match.start()
    if match.end() == length:
        return "<br>" * count
    return "<br>" * (count - 1) + "\\\n"


def target(href: str, *, cell: bool = False) -> str:
    """Return an address as a link's target is written."""
    out = href
    if not _BARE_TARGET.fullmatch(href) and not _balanced(href):
        inner = re.sub(r"[<>\\]", r"\\\g<0>", href)
        out = "<" + re.sub(r"&(?=#?[0-9A-Za-z]+;)", "&amp;", inner) + ">"
    return out.replace("|", "\\|") if cell else out


def is_bare(href: str) -> bool:
    """Tell whether an address can stand as a link's target without any care."""
    return _BARE_TARGET.fullmatch(href) is not None


def _balanced(href: str) -> bool:
    """Tell whether parentheses are the only doubtful thing about an address, and every one has its partner."""
    if not re.fullmatch(r"(?:[^\s<>\\&\x00-\x20\x7f]|&(?!#?[0-9A-Za-z]+;))+", href):
        return False
    depth = 0
    for char in href:
        depth += (char == "(") - (char == ")")
        if depth < 0 or depth > 8:
            return False
    return depth == 0


def pieces_of(text: RichText) -> Iterator[str]:
    """Return the texts in which characters may be suspicious."""
    for run in text:
        if run.kind != "equation" and not (run.kind == "text" and run.code):
            yield run.text
