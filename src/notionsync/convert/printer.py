"""One block, with everything below it, as lines of Markdown; whether they read back is for `render` to find out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from notionsync.convert.blocks import to_json
from notionsync.convert.dialect import LANGUAGES, RAW_CAPTION, Dialect, info_string, language
from notionsync.convert.escape import is_safe, suspicious
from notionsync.convert.fold import items_of
from notionsync.convert.links import is_absolute
from notionsync.convert.meta import looks_like_emoji, write_attrs, write_meta
from notionsync.convert.named import LINKED, MEDIA_USE, PAGE_SIGN
from notionsync.convert.richtext import MAX_ITEMS, canonical, plain
from notionsync.convert.style import LIST_ITEMS, Style, gap
from notionsync.convert.write import Place, Plan, target, write_inline
from notionsync.model import Block, Links, RichText, Run, compact_id

_PAGE = "https://www.notion.so/"
_MANGLED = re.compile(r"\\[!-/:-@\[-`{-~]|[*<&`~]|(?<![0-9A-Za-z])_|^\s*\$\$|^\s*$|^\s", re.MULTILINE)
"""What GitHub takes for Markdown, or loses, between two `$$`."""
_NAMED = LINKED | {"file", "link_to_page", *PAGE_SIGN}
_REGIONS = {"column_list": "columns", "column": "column", "synced_block": "synced", "tab": "tabs"}


class Printer:
    """Writes blocks in one style.

    Attributes:
        plans: How texts are escaped, by their identity.
        carried: Blocks, by their identity, that are carried in a comment.
        fenced: Blocks of raw Markdown, by their identity, that are shown as code after all.
        raw: Whether raw Markdown is written as it is anywhere.
    """

    def __init__(self, style: Style, links: Links, dialect: Dialect, *, top: bool) -> None:
        self.style = style
        self.links = links
        self.dialect = dialect
        self.top = top
        self.plans: dict[int, Plan] = {}
        self.carried: set[int] = set()
        self.fenced: set[int] = set()
        self.raw = True

    def block(self, block: Block, number: int = 1) -> list[str]:
        """Return the lines of a block that stands at the level where the printer began."""
        return self._lines(block, number, top=self.top)

    def _lines(self, block: Block, number: int, *, top: bool) -> list[str]:
        """Return the lines of a block and of everything below it."""
        if id(block) in self.carried:
            return opaque(block, self.links)
        kind = block.type
        if kind in LIST_ITEMS:
            return self._item(block, number)
        if kind in ("quote", "callout"):
            return self._quote(block, top=top)
        if kind == "paragraph":
            return [*self._paragraph(block), *self._region_of_children(block)]
        if kind.startswith("heading_") and not block.attrs.get("is_toggleable"):
            return [*self._heading(block), *self._region_of_children(block)]
        if kind == "toggle" or kind.startswith("heading_"):
            return self._details(block)
        if kind == "table":
            return self._table(block)
        if kind in _REGIONS:
            return self._region(block)
        return [*self._leaf(block), *self._region_of_children(block)]

    def _siblings(self, blocks: Sequence[Block], before: Block | None = None) -> list[str]:
        """Return the lines of siblings, with what separates them; `before` is what the first one follows."""
        out: list[str] = []
        number = 0
        for index, block in enumerate(blocks):
            number = number + 1 if block.type == "numbered_list_item" else 0
            if index:
                out += gap(before, block)
            out += self._lines(block, number, top=False)
            before = block
        return out

    # --- text

    def _inline(self, text: RichText, place: Place) -> str:
        if len(text) == 1 and id(text) not in self.plans and is_plain(text[0]) and place != "html":
            return text[0].text
        plan = self.plans.get(id(text), _NO_PLAN)
        out = write_inline(text, place, plan, self.links, emphasis=self.style.emphasis)
        if self.style.hard_break != "\\" and place == "paragraph":
            out = out.replace("\\\n", f"{self.style.hard_break}\n")
        return out

    def _word(self, text: str) -> str:
        """Return a text that belongs to no block, escaped to be safe."""
        return write_inline((Run(text=text),), "line", Plan(kinds=suspicious(text)), self.links) if text else ""

    def _meta(self, block: Block, *, word: str = "", skip: Sequence[str] = ()) -> str:
        """Return the comment that says what the Markdown of a block does not; empty if it says everything."""
        pairs = write_attrs({key: value for key, value in block.attrs.items() if key not in skip})
        if len(block.text) > MAX_ITEMS // 2 and items_of(block.text) > MAX_ITEMS:
            pairs["whole"] = "true"
        return write_meta(word, pairs) if pairs or word else ""

    def _paragraph(self, block: Block) -> list[str]:
        meta = self._meta(block)
        if not block.text:
            return [self.style.break_tag + meta]
        text = self._inline(block.text, "paragraph")
        if _only_breaks(block.text):
            text = "<br>" * (len(block.text[0].text) + 1)
        return (text + meta).split("\n")

    def _heading(self, block: Block) -> list[str]:
        marks = "#" * int(block.type[-1]) if block.type[-1].isdigit() else "#"
        return [f"{marks} {self._inline(block.text, 'line')}".rstrip(" ") + self._meta(block)]

    # --- list items, quotes, callouts

    def _item(self, block: Block, number: int) -> list[str]:
        start = block.attrs.get("list_start_index")
        if block.type == "numbered_list_item":
            marker = f"{start if isinstance(start, int) else number}{self.style.delimiter} "
        else:
            marker = f"{self.style.bullet} "
        pad = " " * (self.style.indent if 0 <= self.style.indent - len(marker) < 4 else len(marker))
        box = ("[x] " if block.attrs.get("checked") else "[ ] ") if block.type == "to_do" else ""
        inner = self._held(block, skip=("checked",), bare=block.type != "to_do")
        head = marker + box + inner[0] if inner[0] or box else marker.rstrip(" ")
        return [head, *(pad + line if line else "" for line in inner[1:])]

    def _held(
        self, block: Block, *, skip: Sequence[str] = (), bare: bool = True, lead: str = "", word: str = ""
    ) -> list[str]:
        """Return own text and children of a list item or a quote.

        Args:
            block: The list item or quote.
            skip: Attributes that its marker says.
            bare: Whether a first line without any text may be empty.
            lead: What stands in front of the text.
            word: What the comment is about, if there has to be one.
        """
        meta = self._meta(block, word=word, skip=skip)
        if block.text or lead:
            text = self._inline(block.text, "paragraph")
            if not lead and _only_breaks(block.text):
                text = "<br>" * (len(block.text[0].text) + 1)
            first = (f"{lead} {text}".rstrip(" ") if lead else text) + meta
        elif meta or not bare or (block.children and _ownable(block.children[0])):
            first = meta if word else self._meta_empty(block, skip)
        else:
            first = ""
        if not block.children:
            return first.split("\n")
        between = gap(None, block.children[0]) if first else []
        return [*first.split("\n"), *between, *self._siblings(block.children)]

    def _meta_empty(self, block: Block, skip: Sequence[str]) -> str:
        return self._meta(block, word="empty", skip=skip)

    def _quote(self, block: Block, *, top: bool) -> list[str]:
        inner = self._alert(block) if top else None
        if inner is None:
            emoji = self.dialect.emoji_quotes and block.text and looks_like_emoji(block.text[0].text.split(" ", 1)[0])
            inner = (
                self._callout(block) if block.type == "callout" else self._held(block, word="quote" if emoji else "")
            )
        return [f"> {line}" if line else ">" for line in inner]

    def _alert(self, block: Block) -> list[str] | None:
        """Return a callout as one of GitHub's alerts, if it is one."""
        pair = (block.attrs.get("icon"), block.attrs.get("color"))
        for name, (icon, color) in self.dialect.alerts.items():
            if block.type == "callout" and pair == ({"type": "emoji", "emoji": icon}, color) and len(block.attrs) == 2:
                inner = self._held(block, skip=("icon", "color"))
                return [
                    f"[!{name}]",
                    *([""] if not inner[0] and len(inner) > 1 else []),
                    *(inner if inner != [""] else []),
                ]
        return None

    def _callout(self, block: Block) -> list[str]:
        icon = block.attrs.get("icon")
        emoji = icon.get("emoji") if isinstance(icon, Mapping) and icon.keys() == {"type", "emoji"} else None
        if isinstance(emoji, str) and looks_like_emoji(emoji):
            return self._held(block, skip=("icon",), lead=emoji, word="callout")
        if icon is None and block.text and looks_like_emoji(block.text[0].text.split(" ", 1)[0]):
            inner = self._held(block, word="callout")
            return [line.replace("<!--notion callout", '<!--notion callout icon="none"', 1) for line in inner]
        return self._held(block, word="callout")

    # --- containers

    def _region_of_children(self, block: Block) -> list[str]:
        return ["", *_region("children", {}, self._siblings(block.children))] if block.children else []

    def _region(self, block: Block) -> list[str]:
        attrs = dict(block.attrs)
        pairs: dict[str, str] = {}
        source = attrs.get("synced_from")
        if block.type == "synced_block" and isinstance(source, Mapping) and source.keys() == {"type", "block_id"}:
            pairs["from"] = str(source["block_id"])
            del attrs["synced_from"]
        elif block.type == "synced_block" and block.id:
            pairs["id"] = block.id
        return _region(_REGIONS[block.type], {**pairs, **write_attrs(attrs)}, self._siblings(block.children))

    def _details(self, block: Block) -> list[str]:
        title = self._inline(block.text, "html") + self._meta(block, skip=("is_toggleable",))
        if block.type != "toggle":
            level = block.type[-1]
            title = f"<h{level}>{title}</h{level}>"
        body = ["", *self._siblings(block.children)] if block.children else []
        return ["<details>", f"<summary>{title}</summary>", *body, "", "</details>"]

    def _table(self, block: Block) -> list[str]:
        width = block.attrs.get("table_width", 0)
        header = block.attrs.get("has_column_header") is True
        rows = [self._row(row) for row in block.children]
        if not header:
            rows.insert(0, "|" + "  |" * int(width))
        rows.insert(1, "|" + " --- |" * int(width))
        attrs = {key: value for key, value in block.attrs.items() if key not in ("table_width", "has_column_header")}
        pairs = write_attrs({**({} if header else {"has_column_header": False}), **attrs})
        return [*([write_meta("table", pairs)] if pairs else []), *rows]

    def _row(self, row: Block) -> str:
        return "|" + "".join(f" {self._inline(cell, 'cell')} |" for cell in row.cells)

    # --- blocks without children

    def _leaf(self, block: Block) -> list[str]:
        kind = block.type
        if kind == "code":
            return self._code(block)
        if kind == "divider":
            return [*self._before(block), self.style.rule]
        if kind == "equation":
            return self._equation(block)
        if kind == "image":
            return self._image(block)
        if kind in _NAMED:
            return self._named(block)
        if kind == "table_of_contents":
            return [write_meta("toc", write_attrs(block.attrs))]
        if kind == "breadcrumb":
            return [write_meta("breadcrumb", write_attrs(block.attrs))]
        return opaque(block.own(), self.links)

    def _before(self, block: Block, *skip: str) -> list[str]:
        """Return the comment line in front of a block without a text of its own."""
        meta = self._meta(block, skip=skip)
        return [meta.replace("<!--notion", f"<!--notion {block.type}", 1)] if meta else []

    def _caption(self, block: Block) -> list[str]:
        if not block.caption:
            return []
        flipped = tuple(_flipped(run) for run in block.caption)
        if id(block.caption) in self.plans:
            self.plans[id(flipped)] = self.plans[id(block.caption)]
        text = write_inline(flipped, "line", self.plans.get(id(block.caption), _NO_PLAN), self.links)
        return ["", text + write_meta("caption")]

    def _code(self, block: Block) -> list[str]:
        text = plain(block.text)
        name = str(block.attrs.get("language"))
        if is_raw(block) and id(block) not in self.fenced and self.raw:
            return text.split("\n")
        attrs = {key: value for key, value in block.attrs.items() if key != "language"}
        if name not in LANGUAGES or language(info_string(name)) != name:
            attrs["language"] = name
        if len(block.text) > 1 or any(run != Run(text=run.text) for run in block.text):
            attrs["runs"] = [[len(run.text), _look(run)] for run in block.text]
        pairs = write_attrs(attrs)
        longest = max((len(run) for run in re.findall(re.escape(self.style.fence) + "+", text)), default=0)
        fence = self.style.fence * max(3, longest + 1)
        head = [write_meta("code", pairs)] if pairs else []
        body = text.split("\n") if text else []
        return [*head, fence + info_string(name), *body, fence, *self._caption(block)]

    def _equation(self, block: Block) -> list[str]:
        text = str(block.attrs.get("expression", ""))
        head = self._before(block, "expression")
        if text and not _MANGLED.search(text):
            return [*head, "$$", *text.split("\n"), "$$"]
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        return [*head, f"{fence}math", *text.split("\n"), fence]

    def _image(self, block: Block) -> list[str]:
        src = self.links.to_file(str(block.attrs.get("url", "")), "media")
        return [*self._before(block, "url"), f"![{self._inline(block.caption, 'line')}]({target(src)})"]

    def _named(self, block: Block) -> list[str]:
        """Return a block that is a link and a comment; see `named`."""
        kind, attrs = block.type, block.attrs
        skip = ["url"]
        caption: list[str] = []
        pairs: dict[str, str] = {}
        if kind in PAGE_SIGN:
            href = self.links.to_file(_PAGE + (block.id or ""), "link")
            shown = self._word(PAGE_SIGN[kind] + str(attrs.get("title", "")))
            skip.append("title")
        elif kind == "link_to_page":
            which = str(attrs.get("type", "page_id"))
            href = self.links.to_file(_PAGE + compact_id(str(attrs.get(which, ""))), "link")
            shown = "Notion page" if is_absolute(href) else self._word(_stem(href))
            pairs = {} if which == "page_id" else {"kind": which}
            skip += ["type", which]
        else:
            href = self.links.to_file(str(attrs.get("url", "")), "media" if kind in MEDIA_USE else "link")
            if kind == "file":
                shown = self._word(str(attrs.get("name") or href))
                skip.append("name")
                caption = self._caption(block)
            elif block.caption and not any(run.link for run in block.caption):
                shown = self._inline(block.caption, "line")
            else:
                shown = "" if is_absolute(href) else self._word(href)
                caption = self._caption(block)
        link = f"[{shown}]({target(href)})" if shown else f"<{href}>"
        pairs |= write_attrs({key: value for key, value in attrs.items() if key not in skip})
        return [link + write_meta(kind, pairs), *caption]


_NO_PLAN = Plan()


def _only_breaks(text: RichText) -> bool:
    return len(text) == 1 and text[0] == Run(text=text[0].text) and not text[0].text.strip("\n")


def is_raw(block: Block) -> bool:
    """Tell whether a block is Markdown or HTML that Notion could not say."""
    return (
        block.type == "code"
        and [run.text for run in block.caption] == [RAW_CAPTION]
        and block.attrs.get("language") in ("html", "markdown")
        and bool(plain(block.text))
    )


def is_plain(run: Run) -> bool:
    """Tell whether a run has no marks and reads as itself in every place."""
    return (
        run.kind == "text"
        and not (run.bold or run.italic or run.strike or run.underline or run.code or run.link)
        and run.color == "default"
        and is_safe(run.text)
    )


def _ownable(block: Block) -> bool:
    """Tell whether a list item or quote would take a block for its own text."""
    return block.type == "paragraph" and bool(block.text)


def _region(word: str, pairs: Mapping[str, str], inner: Sequence[str]) -> list[str]:
    return [write_meta(word, pairs), "", *inner, *([""] if inner else []), f"<!--/notion {word}-->"]


def _flipped(run: Run) -> Run:
    return Run(**{**{f.name: getattr(run, f.name) for f in fields(run)}, "italic": not run.italic})


def _look(run: Run) -> dict[str, Any]:
    """Return what sets a run apart from plain text."""
    return {f.name: getattr(run, f.name) for f in fields(run) if f.name != "text" and getattr(run, f.name) != f.default}


def _stem(href: str) -> str:
    name = href.split("#", 1)[0].rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[0] or href


def opaque(block: Block, links: Links) -> list[str]:
    """Return a block that Markdown cannot say: a line that a reader understands, and a comment that carries everything."""
    inner = to_json(block, shown=True)[block.type]
    pairs = {"id": block.id} if block.id else {}
    shown = str(block.attrs.get("block_type") or block.type).replace("_", " ")
    label = write_inline(
        (Run(text=f"Notion: {shown}"),), "line", Plan(html=True) if not shown.isalnum() else _NO_PLAN, links
    )
    data = {"data": canonical(inner)} if inner else {}
    href = links.to_file(_PAGE + (block.id or ""), "link")
    return [f"*[{label}]({target(href)})*{write_meta('block', {**pairs, 'type': block.type, **data})}"]
