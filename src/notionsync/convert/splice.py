"""Put changed blocks into an author's text and leave every other byte where it is.

    1. pair      each wanted block with the author's block it stands for (`pairing`)
    2. place     unchanged blocks copy their lines; a changed one carries its change over to the author's own spelling
                 (`merge_text`); new ones are rendered in the style of their neighbours (`Weaver`)
    3. prove     parse the result: it must say what was wanted
    4. widen     where it does not, add blank lines, then re-render what encloses the place, one level at a time

The whole body is rendered anew only when nothing smaller holds, with a notice. Text that does not prove is never returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notionsync.convert.dialect import Dialect
from notionsync.convert.links import RESERVED
from notionsync.convert.parse import parse
from notionsync.convert.render import render
from notionsync.convert.weave import PLAIN, Weaver
from notionsync.errors import ContentError
from notionsync.model import Block, Body, Document, Links, Notice

_ATTEMPTS = 24


@dataclass(frozen=True, slots=True)
class Spliced:
    """A body that was proven to say what was wanted.

    Attributes:
        text: The body's text.
        notices: What a person should know, such as that all of it had to be rendered anew.
    """

    text: str
    notices: tuple[Notice, ...] = ()


def splice(document: Document, wanted: Body, *, links: Links = RESERVED, dialect: Dialect | None = None) -> Spliced:
    """Return the author's text with the fewest changes that make it say what is wanted.

    Args:
        document: The author's text, parsed with the same `links` and `dialect`. Its blocks may carry ids.
        wanted: What the text shall say; a block stands for the author's block of the same id, else of the same content.
        links: Carries addresses.
        dialect: The repository's settings.

    Raises:
        ContentError: Not even the canonical text of the whole body reads back as what is wanted.
    """
    dialect = dialect or Dialect()
    if document.body == wanted:
        return Spliced(document.text)
    weaver = Weaver(document, wanted, links, dialect)
    effort = [0] * len(wanted)
    for _ in range(_ATTEMPTS):
        text = weaver.text(effort)
        found = parse(text, links=links, dialect=dialect).body
        if found == wanted:
            return Spliced(text)
        if not _widen(effort, _window(found, wanted), weaver.touched):
            break
    return _rendered(document, wanted, weaver, links, dialect)


def _window(found: Sequence[Block], wanted: Sequence[Block]) -> range:
    """Return the wanted blocks that may be to blame: those that did not arrive, and their neighbours."""
    shorter = min(len(found), len(wanted))
    head = next((at for at in range(shorter) if found[at] != wanted[at]), shorter)
    tail = next((at for at in range(shorter - head) if found[-1 - at] != wanted[-1 - at]), shorter - head)
    return range(max(head - 1, 0), min(len(wanted) - tail + 1, len(wanted)))


def _widen(effort: list[int], window: range, touched: Sequence[bool]) -> bool:
    """Try harder at the blocks of a window, first at those that changed; tell whether there was anything left to try."""
    for chosen in ([at for at in window if touched[at]], list(window)):
        open_ = [at for at in chosen if effort[at] < PLAIN]
        for at in open_:
            effort[at] += 1
        if open_:
            return True
    return False


def _rendered(document: Document, wanted: Body, weaver: Weaver, links: Links, dialect: Dialect) -> Spliced:
    """Render every block anew between the author's gaps; failing that, all of it."""
    for text in (
        weaver.text([PLAIN] * len(wanted)),
        weaver.ended(render(wanted, links=links, dialect=dialect)),
    ):
        if parse(text, links=links, dialect=dialect).body == wanted:
            notice = Notice(
                "NS-REWRITTEN",
                "The change did not fit into the text as it was written, so all of it was written anew.",
                0,
            )
            return Spliced(text, (notice,))
    first = next((block.type for block in wanted if block not in document.body), "body")
    raise ContentError(f"the text would not read back as what Notion holds; the first changed block is a {first}")
