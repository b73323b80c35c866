"""Draw the picture of both sides that the README shows, from a real run of the commands on the emulator.

    python scripts/picture.py            write docs/both-sides-{light,dark}.svg
    python scripts/picture.py --check    write nothing; exit with 1 if they are not what a run looks like now

One answer of this repository goes to Notion; then a person edits a paragraph there and another one in the file, and
`notionsync sync` brings each edit to the other side. The text on the left is what the API answers, the text on the
right is the file, the lines below are what the command printed.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from notionsync.cli.demo.desk import Desk
from notionsync.cli.demo.notion import WORKSPACE, serve
from notionsync.cli.demo.screen import Screen

ROOT = Path(__file__).resolve().parent.parent
ANSWER = "answers/Grid_Search.md"
IMAGE = "answers/assets/search.svg"
THERE = (
    "Because its cost is exponential in the number of dimensions, while the information it returns about each dimension stays constant.",
    "Because its cost grows exponentially with the number of dimensions, while what it tells about each one stays the same.",
)
HERE = ("ten minutes a trial:", "ten minutes for every trial:")


# --- the run ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """Both sides after the run.

    Attributes:
        page: The page as the API answers it.
        blocks: Its top-level blocks, rows of tables in their place.
        file: The file's text.
        printed: What `notionsync sync` printed.
    """

    page: Mapping[str, Any]
    blocks: Sequence[Mapping[str, Any]]
    file: str
    printed: str


def run() -> Taken:
    """Let both sides be edited, sync, and return what they hold."""
    with tempfile.TemporaryDirectory() as top, serve(Path(top) / "notion.sqlite", seed=1) as notion:
        desk = Desk(Path(top) / "repository", notion, Screen(pause=False))
        for path in (ANSWER, IMAGE):
            desk.write(path, (ROOT / path).read_bytes())
        desk.git("init", "--quiet")
        with contextlib.redirect_stdout(io.StringIO()):
            desk.run("init", "--create", "--parent", WORKSPACE)
            desk.run("push")
        [(path, page)] = desk.pages().items()
        block = next(p.id for p in notion.paragraphs(page) if p.text == THERE[0])
        notion.rewrite(block, THERE[1])
        text = desk.read(path)
        if text.count(HERE[0]) != 1:
            raise SystemExit(f"{ANSWER} does not say {HERE[0]!r} once: choose another edit")
        desk.write(path, text.replace(*HERE))
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            desk.run("sync")
        return Taken(notion.page(page), list(_with_rows(desk, page)), desk.read(path), printed.getvalue())


def _with_rows(desk: Desk, page: str) -> Iterator[Mapping[str, Any]]:
    for block in desk.notion.blocks(page):
        yield block
        if block["type"] == "table":
            yield from desk.notion.blocks(block["id"])


# --- the drawing -----------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 1000, 556
LEFT, RIGHT, TOP, BOTTOM = (16, 440), (512, 472), 42, 484
"""x and width of the two cards, and where both begin and end."""

SANS = "-apple-system,'Segoe UI','Noto Sans',Helvetica,Arial,sans-serif"
MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
MONO_WIDTH = 7.0
"""Width that a character of the file's font is given, whatever font the viewer has (textLength)."""

THEMES = {
    "light": {
        "card": "#ffffff", "bar": "#f6f8fa", "line": "#d0d7de", "ink": "#24292f", "pale": "#656d76", "code": "#eeeeec",
        "there": "#fff1c2", "there-ink": "#8a5a00", "here": "#d7ecff", "here-ink": "#0a58b0",
    },
    "dark": {
        "card": "#0f141a", "bar": "#171d25", "line": "#343c46", "ink": "#e2e6ea", "pale": "#98a1ab", "code": "#262d36",
        "there": "#453509", "there-ink": "#f2c55c", "here": "#10345a", "here-ink": "#7cbcff",
    },
}  # fmt: skip


@dataclass
class Card:
    """One side while it is being drawn."""

    x: int
    width: int
    y: float = TOP + 42.0
    parts: list[str] = field(default_factory=list)
    marks: dict[str, tuple[float, float]] = field(default_factory=dict)

    def text(self, x: float, words: str, size: float, *, color: str = "ink", extra: str = "") -> None:
        """Put one line of text at the current height."""
        self.parts.append(
            f'<text x="{self.x + x:g}" y="{self.y:g}" font-size="{size:g}" class="{color}" {extra}>{words}</text>'
        )

    def mark(self, name: str, lines: int, height: float) -> None:
        """Put a coloured ground behind the lines that follow, and remember where it is."""
        top = self.y - height * 0.78
        deep = lines * height + 3
        self.parts.append(
            f'<rect x="{self.x + 8}" y="{top:g}" width="{self.width - 16}" height="{deep:g}" rx="4" class="{name}"/>'
        )
        self.marks[name] = (top, top + deep)


def draw(taken: Taken, theme: Mapping[str, str]) -> str:
    """Return the picture as SVG."""
    left, right = Card(*LEFT), Card(*RIGHT)
    _draw_page(left, taken)
    _draw_file(right, taken.file)
    body = [
        *_frame(left, "Notion", "Questions"),
        *_frame(right, "git", ANSWER),
        _arrow(left, right, "there"),
        _arrow(right, left, "here"),
        *_terminal(taken.printed),
    ]
    style = "".join(f".{name}{{fill:{color}}}" for name, color in theme.items())
    style += f".edge{{fill:none;stroke:{theme['line']}}}"
    style += "".join(f".{n}-line{{fill:none;stroke:{theme[f'{n}-ink']};stroke-width:2}}" for n in ("there", "here"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="{SANS}" role="img" aria-label="A Notion page and the same answer as a Markdown file">\n'
        f"<title>The same answer in Notion and in git, each with the other side's edit</title>\n"
        f"<style>{style}</style>\n" + "\n".join(body) + "\n</svg>\n"
    )


def _frame(card: Card, side: str, where: str) -> list[str]:
    height = BOTTOM - TOP
    clip = f"clip-{side}"
    return [
        f'<text x="{card.x + 2}" y="{TOP - 14}" font-size="15" font-weight="600" class="pale">{side}</text>',
        f'<rect x="{card.x}" y="{TOP}" width="{card.width}" height="{height}" rx="8" class="card"/>',
        f'<clipPath id="{clip}"><rect x="{card.x}" y="{TOP}" width="{card.width}" height="{height - 6}"/></clipPath>',
        f'<g clip-path="url(#{clip})">',
        f'<path d="M{card.x} {TOP + 26}h{card.width}" class="edge"/>',
        f'<text x="{card.x + 14}" y="{TOP + 18}" font-size="12" class="pale">{escape(where)}</text>',
        *card.parts,
        "</g>",
        f'<rect x="{card.x}" y="{TOP}" width="{card.width}" height="{height}" rx="8" class="edge"/>',
    ]


def _draw_page(card: Card, taken: Taken) -> None:
    properties = taken.page["properties"]
    title = next(value for value in properties.values() if value["type"] == "title")["title"]
    card.y += 14
    for line in wrapped(title, 21, card.width - 40):
        card.text(16, line, 21, extra='font-weight="700"')
        card.y += 26
    for name in ("Order", "Status", "Tags"):
        card.text(16, name, 12.5, color="pale")
        card.text(96, escape(_value(properties[name])), 12.5)
        card.y += 19
    card.y += 12
    widths: list[float] = []
    for block in taken.blocks:
        kind = block["type"]
        if kind == "table_row":
            widths = widths or _columns(taken.blocks)
            _draw_row(card, block["table_row"]["cells"], widths)
        elif kind == "heading_2":
            card.y += 10
            card.text(16, "".join(wrapped(block[kind]["rich_text"], 17, 999)), 17, extra='font-weight="700"')
            card.y += 25
        elif kind == "paragraph":
            _draw_paragraph(card, block[kind]["rich_text"])
        else:
            card.y += 2
        if card.y > BOTTOM - 10:
            break


def _draw_paragraph(card: Card, runs: Sequence[Mapping[str, Any]]) -> None:
    lines = wrapped(runs, 14, card.width - 40)
    said = "".join(run["plain_text"] for run in runs)
    if said == THERE[1]:
        card.mark("there", len(lines), 20)
    elif said.endswith(HERE[1]):
        card.mark("here", len(lines), 20)
    for line in lines:
        card.text(16, line, 14)
        card.y += 20
    card.y += 8


def _columns(blocks: Iterable[Mapping[str, Any]]) -> list[float]:
    rows = [block["table_row"]["cells"] for block in blocks if block["type"] == "table_row"]
    return [max(measure(_plain(cell), 13) for cell in column) + 28 for column in zip(*rows, strict=True)]


def _draw_row(card: Card, cells: Sequence[Sequence[Mapping[str, Any]]], widths: Sequence[float]) -> None:
    x = 16.0
    for cell, width in zip(cells, widths, strict=True):
        card.parts.append(f'<rect x="{card.x + x:g}" y="{card.y - 15:g}" width="{width:g}" height="22" class="edge"/>')
        card.text(x + 8, escape(_plain(cell)), 13)
        x += width
    card.y += 22


def _draw_file(card: Card, text: str) -> None:
    room = int((card.width - 46) / MONO_WIDTH)
    for number, line in enumerate(text.split("\n"), 1):
        pieces = _soft(line, room)
        if card.y + 17.5 * (len(pieces) - 1) > BOTTOM - 10:
            break
        if line == THERE[1]:
            card.mark("there", len(pieces), 17.5)
        elif line.endswith(HERE[1]):
            card.mark("here", len(pieces), 17.5)
        card.text(30, str(number), 11, color="pale", extra=f'text-anchor="end" font-family="{MONO}"')
        for piece in pieces:
            if piece:
                length = (
                    f'textLength="{len(piece) * MONO_WIDTH:g}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"'
                )
                card.text(40, escape(piece), 11.6, extra=f'font-family="{MONO}" {length}')
            card.y += 17.5


def _arrow(source: Card, target: Card, name: str) -> str:
    """Draw an edit's way from the side it was made on to the other."""
    (top, bottom), (end_top, end_bottom) = source.marks[name], target.marks[name]
    start, end = (top + bottom) / 2, (end_top + end_bottom) / 2
    to_right = source.x < target.x
    x1 = source.x + source.width - 6 if to_right else source.x + 6
    x2 = target.x + 4 if to_right else target.x + target.width - 4
    bend = (x1 + x2) / 2
    head = -8 if to_right else 8
    return (
        f'<path d="M{x1:g} {start:g}C{bend:g} {start:g} {bend:g} {end:g} {x2 + head / 2:g} {end:g}" class="{name}-line"/>'
        f'<path d="M{x2 + head:g} {end - 5:g}L{x2:g} {end:g}L{x2 + head:g} {end + 5:g}z" class="{name}-ink"/>'
        f'<circle cx="{x1:g}" cy="{start:g}" r="3.5" class="{name}-ink"/>'
    )


def _terminal(printed: str) -> list[str]:
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    y = BOTTOM + 30.0
    parts = []
    for number, line in enumerate(lines):
        weight = "" if number else 'font-weight="700"'
        color = "ink" if number != 1 else "pale"
        parts.append(
            f'<text x="18" y="{y:g}" font-size="13" font-family="{MONO}" class="{color}" {weight}>{escape(line)}</text>'
        )
        y += 19
    for number, (name, words) in enumerate((("there", "edited in Notion"), ("here", "edited in the file"))):
        x, height = RIGHT[0] + 4 + number * 170, BOTTOM + 30
        parts.append(f'<rect x="{x}" y="{height - 11}" width="14" height="14" rx="3" class="{name}"/>')
        parts.append(f'<text x="{x + 21}" y="{height}" font-size="13" class="{name}-ink">{words}</text>')
    return parts


# --- text ------------------------------------------------------------------------------------------------------------

_NARROW = {**dict.fromkeys("iljI.,:;'|!", 0.27), **dict.fromkeys("ftr()[] -`", 0.34), **dict.fromkeys("mwMW", 0.86)}


def measure(text: str, size: float) -> float:
    """Return about how wide a text is; rather too wide than too narrow, as fonts differ."""
    return (
        sum(_NARROW.get(char, 0.7 if char.isupper() else 1.0 if ord(char) > 0x1100 else 0.57) for char in text) * size
    )


def wrapped(runs: Sequence[Mapping[str, Any]], size: float, room: float) -> list[str]:
    """Return rich text as lines of SVG, broken at spaces."""
    lines, line, used = [], "", 0.0
    for run in runs:
        for word in _words(run["plain_text"]):
            wide = measure(word, size)
            if used + measure(word.rstrip(), size) > room and line:
                lines.append(line)
                line, used = "", 0.0
            line += _styled(run, word)
            used += wide
    return [*lines, line]


def _words(text: str) -> list[str]:
    words = text.split(" ")
    return [f"{word} " for word in words[:-1]] + ([words[-1]] if words[-1] else [])


def _styled(run: Mapping[str, Any], word: str) -> str:
    marks = run["annotations"]
    styles = []
    if marks["bold"]:
        styles.append('font-weight="700"')
    if marks["italic"] or run["type"] == "equation":
        styles.append('font-style="italic"')
    if marks["code"]:
        styles.append(f'font-family="{MONO}" font-size="90%"')
    return f"<tspan {' '.join(styles)}>{escape(word)}</tspan>" if styles else escape(word)


def _soft(line: str, room: int) -> list[str]:
    """Return a line as an editor wraps it softly."""
    pieces, rest = [], line
    while len(rest) > room:
        cut = rest.rfind(" ", 0, room) + 1 or room
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest]


def _plain(runs: Iterable[Mapping[str, Any]]) -> str:
    return "".join(run["plain_text"] for run in runs)


def _value(prop: Mapping[str, Any]) -> str:
    value = prop[prop["type"]]
    if prop["type"] == "select":
        return str(value["name"])
    if prop["type"] == "multi_select":
        return ", ".join(option["name"] for option in value)
    return str(value)


def main(arguments: list[str]) -> int:
    """Write the pictures, or compare them."""
    taken = run()
    stale = False
    for name, theme in THEMES.items():
        path = ROOT / "docs" / f"both-sides-{name}.svg"
        picture = draw(taken, theme)
        if arguments == ["--check"]:
            stale |= not path.exists() or path.read_text("utf-8") != picture
        else:
            path.write_text(picture, "utf-8")
    if stale:
        print("docs/both-sides-*.svg are not what a run looks like now: python scripts/picture.py", file=sys.stderr)
    return int(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
