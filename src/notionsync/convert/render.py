"""Blocks into Markdown; every block is proven by reading it back.

    render(blocks)                     a whole body, canonical
    render_block(block, style, …)      one block with everything below it, as lines: what the splicer puts into a file
    gap(before, after)                 the lines between two siblings (from `style`)
    Style                              spellings to copy from the neighbours (from `style`)

A block whose texts are all plain (`escape.is_safe`) is right by a rule that a test proves. Every other one is read back; if
it differs, the texts in it that differ are escaped, then written as HTML; at last the block is carried whole in a comment
(`printer.opaque`), and a notice says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from notionsync.convert.blocks import MAX_DEPTH
from notionsync.convert.dialect import LANGUAGES, Dialect
from notionsync.convert.escape import suspicious
from notionsync.convert.inline import parse_inline
from notionsync.convert.links import RESERVED
from notionsync.convert.parse import is_comment, parse
from notionsync.convert.printer import Printer, is_plain, is_raw, opaque
from notionsync.convert.style import LIST_ITEMS, Style, gap
from notionsync.convert.write import Plan, is_bare, pieces_of, write_inline
from notionsync.errors import ContentError
from notionsync.model import Block, Links, Notice, RichText, Run, walk

__all__ = ["Style", "gap", "render", "render_block", "render_inline", "render_with_notices"]

_SIMPLE = frozenset({"paragraph", "heading_1", "heading_2", "heading_3", "quote", *LIST_ITEMS})
_LONG = 4000
"""Texts longer than this keep escapes that may not be needed; looking for them takes one reading per kind."""


def render(blocks: Sequence[Block], *, links: Links = RESERVED, dialect: Dialect | None = None) -> str:
    """Return a body as Markdown in the dialect's own style; empty for no blocks, else with a final line end.

    Raises:
        ContentError: The tree is nested too deeply.
    """
    return render_with_notices(blocks, links=links, dialect=dialect)[0]


def render_with_notices(
    blocks: Sequence[Block], *, links: Links = RESERVED, dialect: Dialect | None = None
) -> tuple[str, tuple[Notice, ...]]:
    """Return what `render` does, and what Markdown could only carry."""
    dialect = dialect or Dialect()
    text, notices = _rendered(blocks, links, dialect, raw=True)
    if any(is_raw(block) for block in walk(blocks)) and parse(text, links=links, dialect=dialect).body != tuple(blocks):
        text, notices = _rendered(blocks, links, dialect, raw=False)
    return text, notices


def _rendered(blocks: Sequence[Block], links: Links, dialect: Dialect, *, raw: bool) -> tuple[str, tuple[Notice, ...]]:
    """Return a body; raw Markdown and HTML may reach beyond its own lines, so that it can be shown as code instead."""
    notices: list[Notice] = []
    lines: list[str] = []
    before: Block | None = None
    number = 0
    prover = _Prover(Style(rule="***"), links, dialect, top=True, raw=raw)
    for block in blocks:
        number = number + 1 if block.type == "numbered_list_item" else 0
        if before is not None:
            lines += gap(before, block)
        lines += prover.lines(block, number)
        notices += prover.notices
        if before is None or not prover.fresh:
            prover = _Prover(Style(), links, dialect, top=True, raw=raw)
        before = block
    return "\n".join(lines) + "\n" if lines else "", tuple(notices)


def render_inline(text: RichText, *, links: Links = RESERVED) -> str:
    """Return a rich text as one line of Markdown; `parse_inline` undoes it."""
    if len(text) == 1 and _plain(text):
        return text[0].text
    for plan in _plans(text):
        out = write_inline(text, "line", plan, links)
        if parse_inline(out, links=links) == text:
            return out
    raise ContentError(f"a text cannot be written as one line of Markdown: {''.join(run.text for run in text)[:40]!r}")


def render_block(
    block: Block,
    style: Style | None = None,
    *,
    links: Links = RESERVED,
    dialect: Dialect | None = None,
    number: int = 1,
    top: bool = True,
    notices: list[Notice] | None = None,
) -> list[str]:
    """Return one block, with everything below it, as the lines that say it.

    Args:
        block: What to say.
        style: Spellings to copy.
        links: Carries addresses into the file.
        dialect: The repository's settings.
        number: The number of an ordered list's item.
        top: Whether the block stands at the top level, where GitHub shows alerts.
        notices: Gets a notice for what Markdown can only carry.

    Raises:
        ContentError: The tree is nested too deeply.
    """
    prover = _Prover(style or Style(), links, dialect or Dialect(), top=top)
    lines = prover.lines(block, number)
    if notices is not None:
        notices.extend(prover.notices)
    return lines


def _depth(block: Block) -> int:
    depth, level = 0, block.children
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = tuple(child for parent in level for child in parent.children)
    return depth


class _Prover:
    """Finds, for one block with everything below it, the plainest Markdown that reads back."""

    def __init__(self, style: Style, links: Links, dialect: Dialect, *, top: bool, raw: bool = True) -> None:
        self.printer = Printer(style, links, dialect, top=top)
        self.printer.raw = raw
        self.links = links
        self.dialect = dialect
        self.notices: list[Notice] = []
        self.fresh = True
        usual = dialect.max_heading >= 3 and not dialect.emoji_quotes
        self.simple = _SIMPLE if usual else _SIMPLE - {"quote", "heading_1", "heading_2", "heading_3"}

    def lines(self, block: Block, number: int) -> list[str]:
        """Return the lines of a block, in the plainest form that reads back."""
        if block.children and _depth(block) > MAX_DEPTH:
            raise ContentError(f"blocks are nested more than {MAX_DEPTH} deep")
        if self.printer.style.careful:
            self.printer.plans = {id(text): _careful(text) for text in _texts(block)}
        elif self.is_simple(block) or (self.printer.raw and is_raw(block) and _is_comment(block)):
            return self.printer.block(block, number)
        lines = self.printer.block(block, number)
        if self.reads(lines, block):
            return lines
        self.fresh = False
        self.mend(block)
        lines = self.printer.block(block, number)
        if self.reads(lines, block):
            return lines
        self.printer.style = replace(self.printer.style, indent=0)
        lines = self.printer.block(block, number)
        if self.reads(lines, block):
            return lines
        self.printer.plans = {id(text): Plan(html=True) for text in _texts(block)}
        lines = self.printer.block(block, number)
        if self.reads(lines, block):
            return lines
        return self.carry(block, number)

    def is_simple(self, block: Block) -> bool:
        """Tell whether a block, with everything below it, is right without a reading."""
        if block.type not in self.simple:
            return self.is_simple_leaf(block)
        if not block.text:
            return block.type == "paragraph" and not block.attrs and not block.children
        return (
            (not block.attrs or (block.type == "to_do" and block.attrs.keys() == {"checked"}))
            and _plain(block.text)
            and (not block.children or (block.type in LIST_ITEMS and all(map(self.is_simple, block.children))))
        )

    def is_simple_leaf(self, block: Block) -> bool:
        """The same for dividers, plain code, and images whose address and caption are plain."""
        if block.type == "divider":
            return not block.attrs and not block.children
        if block.type == "code":
            usual = block.attrs.keys() == {"language"} and block.attrs["language"] in LANGUAGES
            return (
                usual
                and not (block.caption or block.children or len(block.text) > 1)
                and all(map(_bare_run, block.text))
            )
        if block.type != "image" or block.attrs.keys() != {"url"} or block.children:
            return False
        url = block.attrs["url"]
        src = self.links.to_file(url, "media")
        return (
            is_bare(src) and self.links.to_notion(src, "media") == url and (not block.caption or _plain(block.caption))
        )

    def reads(self, lines: Sequence[str], block: Block) -> bool:
        """Tell whether lines say a block and nothing else."""
        return parse("\n".join(lines), links=self.links, dialect=self.dialect).body == (block,)

    def mend(self, block: Block) -> None:
        """Find a plan for each block below whose own Markdown does not read back alone."""
        for part in walk([block]):
            own = _alone(part)
            if self.reads(self.printer.block(own, 1), own):
                continue
            if is_raw(part):
                self.printer.fenced.add(id(part))
            for text in _texts_of(part):
                if not _plain(text):
                    self.printer.plans[id(text)] = self.plan(own, text)

    def plan(self, own: Block, text: RichText) -> Plan:
        """Return the least that makes a text of a block read back, if its other texts do."""
        for plan in _plans(text):
            self.printer.plans[id(text)] = plan
            if self.reads(self.printer.block(own, 1), own):
                return self.least(own, text, plan)
        return Plan(html=True)

    def least(self, own: Block, text: RichText, plan: Plan) -> Plan:
        """Drop every kind of escapes that is not needed."""
        if sum(len(run.text) for run in text) > _LONG:
            return plan
        for kind in sorted(plan.kinds):
            lighter = replace(plan, kinds=plan.kinds - {kind})
            self.printer.plans[id(text)] = lighter
            if self.reads(self.printer.block(own, 1), own):
                plan = lighter
        self.printer.plans[id(text)] = plan
        return plan

    def carry(self, block: Block, number: int) -> list[str]:
        """Carry as little as possible in a comment: the blocks below that cannot be said, else the whole."""
        for part in walk([block]):
            own = _alone(part)
            if part is not block and not self.reads(self.printer.block(own, 1), own):
                self.printer.carried.add(id(part))
        lines = self.printer.block(block, number)
        if not self.printer.carried or not self.reads(lines, block):
            lines = opaque(block, self.links)
        message = f"Markdown cannot say this {block.type} block; a comment carries it."
        self.notices.append(Notice("NS-CARRIED", message))
        return lines


def _is_comment(block: Block) -> bool:
    """Tell whether raw HTML is a comment; it counts only among tags that show it, so it cannot be read back alone."""
    return is_comment(block.text[0].text)


def _alone(block: Block) -> Block:
    """Return a block without what is below it, as far as it can stand without."""
    if block.type in ("table", "column_list", "tab", "column", "synced_block"):
        return block
    return block.own()


def _plans(text: RichText) -> Iterator[Plan]:
    yield Plan()
    yield _careful(text)
    yield Plan(html=True)


def _careful(text: RichText) -> Plan:
    return Plan(kinds=frozenset().union(*(suspicious(piece) for piece in pieces_of(text))))


def _texts_of(block: Block) -> tuple[RichText, ...]:
    return tuple(text for text in (block.text, block.caption, *block.cells) if text)


def _texts(block: Block) -> Iterator[RichText]:
    for part in walk([block]):
        yield from _texts_of(part)


def _plain(text: RichText) -> bool:
    """Tell whether a text is one run without marks that reads as itself in every place."""
    return len(text) == 1 and is_plain(text[0])


def _bare_run(run: Run) -> bool:
    """Tell whether a run is nothing but characters that a line of code can hold."""
    return run == Run(text=run.text) and "\r" not in run.text and "\0" not in run.text
