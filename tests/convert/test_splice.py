"""Changed blocks go into the author's text, and nothing else moves."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.shared import shared

from notionsync.convert import splice as splice_module
from notionsync.convert.parse import parse
from notionsync.convert.render import render
from notionsync.convert.splice import splice
from notionsync.errors import ContentError
from notionsync.model import Block, Body, Document, Node, Run

Change = Callable[[Block], tuple[Block, ...]]


def para(text: str, **more: object) -> Block:
    """Return a paragraph, or a block of another type."""
    return replace(Block(type="paragraph", text=(Run(text=text),)), **more)  # type: ignore[arg-type]


def said(text: str) -> Change:
    """Replace a block's text."""
    return lambda block: (replace(block, text=(Run(text=text),)),)


def known(document: Document) -> Document:
    """Return a document whose blocks carry ids, as those of a synced file do."""
    numbers = itertools.count(1)

    def named(node: Node) -> Node:
        id_ = f"{next(numbers):032x}"
        below = tuple(named(child) for child in node.children)
        block = replace(node.block, id=id_, children=tuple(child.block for child in below))
        return replace(node, block=block, children=below)

    return replace(document, nodes=tuple(named(node) for node in document.nodes))


def at(body: Body, path: Sequence[int], change: Change) -> Body:
    """Return a body with one block, named by its indices from the top, changed."""
    index, *rest = path
    block = body[index]
    new = (replace(block, children=at(block.children, rest, change)),) if rest else change(block)
    return (*body[:index], *new, *body[index + 1 :])


def spliced(text: str, path: Sequence[int], change: Change) -> str:
    """Return a text with one block changed; the result is checked to say it."""
    document = known(parse(text))
    wanted = at(document.body, path, change)
    result = splice(document, wanted)
    assert parse(result.text).body == wanted
    assert not result.notices
    return result.text


# --- what stays --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "change", "old", "new"),
    [
        ("Title\n=====\n\nx\n", [0], said("New"), "Title", "New"),
        ("## Title ##\n\nx\n", [0], said("New"), "Title", "New"),
        ("* one\n* two\n+ three", [1], said("2"), "two", "2"),
        ("-   one\n-   two  \n", [1], said("2 "), "two  ", "2&#32;  "),
        ("3) a\n7) b\n", [1], said("c"), "b", "c"),
        ("~~~~py title=x\na = 1\n~~~~\n", [0], said("b = 2\nc"), "a = 1", "b = 2\nc"),
        ("one\ntwo  \nthree\\\nfour\n", [0], said("one two\nthree\nfive"), "four", "five"),
        ("a\u00a0b &copy; c\n", [0], said("a\u00a0b © d"), "c\n", "d\n"),
        (
            "|A|B|\n|:--:|--|\n|1|2|\n| 3 | 4 |\n",
            [0, 1],
            lambda b: (replace(b, cells=((Run(text="x"),), b.cells[1])),),
            "|1|",
            "|x|",
        ),
        ("> quote\nlazy\n\nafter\n", [0], said("quote eager"), "lazy", "eager"),
        ("> [!TIP]\n> text\n", [0], said("more"), "text", "more"),
        ("<!-- c -->\ntext\n\n[d]: /u\n<!-- e -->\n\nlast", [1], said("end"), "last", "end"),
        ("<details open>\n<summary>Title</summary>\n\nbody\n\n</details>\n", [0], said("New"), "Title", "New"),
        ("<details>\n<summary>T</summary>\n\n* a\n\n</details>\n", [0, 0], said("b"), "* a", "* b"),
        ("- a\n\n    b\n\n    c\n", [0, 1], said("d"), "c", "d"),
        ("- [X] a\n- [ ] b\n", [1], lambda b: (replace(b, attrs={"checked": True}),), "[ ]", "[x]"),
        ("\tcode\n\nx\n", [1], said("y"), "x", "y"),
        ("a<br/>b\n\n<br/>\n\nc\n", [2], said("d"), "c", "d"),
    ],
)
def test_one_change_keeps_the_spelling_around_it(
    text: str, path: list[int], change: Change, old: str, new: str
) -> None:
    """The changed words are replaced; marks, blanks, wraps, bullets, numbers, fences, tags and comments are the author's."""
    assert text.count(old) == 1
    for whole in (text, text.replace("\n", "\r\n")):
        eol = "\r\n" if "\r\n" in whole else "\n"
        assert spliced(whole, path, change) == text.replace(old, new).replace("\n", eol)


def test_marks_beside_a_changed_word_keep_their_source() -> None:
    """In one paragraph, only the run that changed is written anew."""
    text = 'Text _em_ and __bold__&nbsp;[x][r] end\nwrapped\n\n[r]: http://e.org/ "T"\n'
    changed = spliced(text, [0], lambda b: (replace(b, text=(replace(b.text[0], text="Words "), *b.text[1:])),))
    assert changed == text.replace("Text", "Words")


def test_mixed_line_ends_and_mark_stay() -> None:
    """Each line keeps its own end, the byte order mark stays first, and a missing final newline stays missing."""
    text = "\ufeffone\r\n\nten\n\r\nlast\rwrapped"
    assert spliced(text, [1], said("two")) == text.replace("ten", "two")
    assert spliced(text, [2], said("last new")) == text.replace("wrapped", "new")


# --- new, gone and moved blocks ------------------------------------------------------------------------------------------


def after(*blocks: Block) -> Change:
    """Put blocks behind a block."""
    return lambda block: (block, *blocks)


def item(text: str, type_: str = "bulleted_list_item") -> Block:
    """Return a list item."""
    return para(text, type=type_)


@pytest.mark.parametrize(
    ("text", "path", "change", "result"),
    [
        ("a\n\nb", [0], after(para("n")), "a\n\nn\n\nb"),
        ("a\n\nb", [1], after(para("n")), "a\n\nb\n\nn"),
        ("a\n", [0], lambda b: (para("n"), b), "n\n\na\n"),
        ("# T\ntext\n", [0], after(para("n")), "# T\n\nn\n\ntext\n"),
        ("* a\n* b\n", [0], after(item("n")), "* a\n* n\n* b\n"),
        ("+   a\n\n+   b\n", [1], after(item("n")), "+   a\n\n+   b\n\n+   n\n"),
        ("3) a\n4) b", [0], after(item("n", "numbered_list_item")), "3) a\n4) n\n4) b"),
        ("1. a\n1. b\n", [1], after(item("n", "numbered_list_item")), "1. a\n1. b\n1. n\n"),
        ("- a\n    - b\n", [0, 0], after(item("n")), "- a\n    - b\n    - n\n"),
        ("* a\n", [0], lambda b: (replace(b, children=(item("n"),)),), "* a\n  * n\n"),
        ("1. a\n", [0], lambda b: (replace(b, children=(para("n"),)),), "1. a\n\n   n\n"),
        ("> a\n", [0], lambda b: (replace(b, children=(para("n"),)),), "> a\n>\n> n\n"),
        ("|A|B|\n|-|:-|\n|1|2|\n", [0, 1], after(Block(type="table_row", cells=((Run(text="3"),), ()))), "|A|B|\n|-|:-|\n|1|2|\n|3||\n"),
        ("~~~\na\n~~~\n", [0], after(para("b", type="code", attrs={"language": "python"})), "~~~\na\n~~~\n\n~~~python\nb\n~~~\n"),
        ("_a_ b\n", [0], after(Block(type="paragraph", text=(Run(text="n", italic=True),))), "_a_ b\n\n_n_\n"),
        ("a\n\n<br/>\n\nb\n", [2], after(Block(type="paragraph")), "a\n\n<br/>\n\nb\n\n<br/>\n"),
        ("a\n\nb\n\nc", [1], lambda _: (), "a\n\nc"),
        ("a\n\nb\n\nc", [2], lambda _: (), "a\n\nb"),
        ("a\n\n\nb\n", [0], lambda _: (), "b\n"),
        ("- a\n- b\n\ntext\n", [1], lambda _: (), "- a\n\ntext\n"),
        ("- a\n\n  b\n- c\n", [0, 0], lambda _: (), "- a\n- c\n"),
        ("a\n\n[d]: /u\n\nb\n\n<!-- c -->\n\ne\n", [1], lambda _: (), "a\n\n[d]: /u\n\n<!-- c -->\n\ne\n"),
        ("a\n\n[d]: /u\n", [0], after(para("n")), "a\n\nn\n\n[d]: /u\n"),
        ("a\n\n[d]: /u\nb\n", [0], after(para("n")), "a\n\nn\n\n[d]: /u\nb\n"),
        ("3. a\n4. b\n", [0], lambda _: (), "3. b\n"),
        ("- a\n", [0], lambda _: (), ""),
        ("1. a\n", [0], lambda b: (para(b.text[0].text, type="heading_2"),), "## a\n"),
    ],
)  # fmt: skip
def test_new_and_deleted_blocks(text: str, path: list[int], change: Change, result: str) -> None:
    """A new block looks like its neighbours; a deleted one takes one gap with it; what is written in a gap stays."""
    assert spliced(text, path, change) == result


def test_a_moved_block_takes_its_bytes_along() -> None:
    """Blocks in another order are the same lines in another order."""
    text = "one __bold__\nwrapped\n\n* a\n* b\n\nlast"
    document = known(parse(text))
    first, *rest = document.body
    assert splice(document, (*rest, first)).text == "* a\n* b\n\nlast\n\none __bold__\nwrapped"


def test_a_block_moved_below_another_takes_its_bytes_along() -> None:
    """Indenting a block in Notion indents its lines, and outdenting undoes it."""
    text = "* one\n* two __bold__\n  wrapped\n* three\n"
    inside = "* one\n  * two __bold__\n    wrapped\n* three\n"
    document = known(parse(text))
    one, two, three = document.body
    assert splice(document, (replace(one, children=(two,)), three)).text == inside
    document = known(parse(inside))
    one, three = document.body
    assert splice(document, (replace(one, children=()), *one.children, three)).text == text


def test_an_empty_body_is_filled() -> None:
    """The first answer of a question is written with the final line end that files have."""
    assert splice(parse(""), (para("a"), para("b"))).text == "a\n\nb\n"
    assert splice(parse("<!-- only -->\n"), (para("a"),)).text == "<!-- only -->\n\na\n"


def test_pictures_on_one_line_stay_together() -> None:
    """Blocks that share a line are copied once, and written one by one when one of them changes."""
    text = "![a](a.png) ![b](b.png)\n\nx\n"
    assert len(parse(text).body) == 3
    assert spliced(text, [2], said("y")) == text.replace("x\n", "y\n")
    changed = spliced(text, [1], lambda b: (replace(b, caption=(Run(text="new"),)),))
    assert changed == "![a](a.png)\n\n![new](b.png)\n\nx\n"


def test_text_that_would_be_markup_is_escaped() -> None:
    """A text that says `[1]` in a file that defines `[1]`, or that begins like a list, reads back as text."""
    text = "a\n\n[1]: http://e.org\n"
    assert "[1]" in spliced(text, [0], said("see [1] and - 1. # *x*"))
    assert spliced("a b\n", [0], said("- b")).strip() == "\\- b"


# --- when nothing small holds ----------------------------------------------------------------------------------------------


def test_the_whole_body_is_the_last_resort() -> None:
    """HTML that never ends swallows whatever follows: then all is written anew, and said so."""
    document = parse("<style\n  type=\n\nfoo\n")
    result = splice(document, (*document.body, para("n")))
    assert parse(result.text).body == (*document.body, para("n"))
    assert [notice.code for notice in result.notices] == ["NS-REWRITTEN"]


def test_unproven_text_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """When even the canonical text does not say what is wanted, there is an error and no text."""
    monkeypatch.setattr(splice_module, "render", lambda *_, **__: "other\n")
    impossible = Block(
        type="paragraph", text=(Run(text="a"), Run(text="b"))
    )  # not in normal form: reads back as one run
    with pytest.raises(ContentError, match="paragraph"):
        splice(parse("x\n"), (impossible,))


# --- laws ------------------------------------------------------------------------------------------------------------------

PIECES = (
    "plain text",
    "wrapped\ntext  \nwith a break\\\nand __bold__ *em* `code`",
    "# ATX #",
    "Setext\n---",
    "* a\n* b\n\n  child\n* c",
    "- a\n    - deep\n        1) deeper\n",
    "1. a\n1. b\n\n   > quote\n   > in item\n\n   ```\n   code\n   ```",
    "7) x\n8) y",
    "- [ ] todo\n- [x] done",
    "> quote\nlazy\n>\n> - list",
    "> [!WARNING]\n> careful",
    "```py\nx = 1\n\ny\n```",
    "    indented\n\n    code",
    "~~~\ntildes\n~~~",
    "***",
    "| a | b |\n|:-:|---|\n| 1 | 2 |\n|3|4|",
    "![alt](pic.png)",
    "![a](a.png)\n![b](b.png)",
    "<br/>",
    "<!-- comment -->",
    "[ref]: http://e.org\n",
    "see [ref] and <https://e.org>",
    "<details>\n<summary>Sum</summary>\n\ninside\n\n- x\n\n</details>",
    "<!--notion columns-->\n<!--notion column-->\n\nleft\n\n<!--/notion column-->\n<!--notion column-->\n\nright\n\n<!--/notion column-->\n<!--/notion columns-->",
    "$$\nx^2\n$$",
    "한국어\u00a0텍스트 **굵게** 은",
    "&copy; &amp; <ins>under</ins>",
)  # fmt: skip
NEW = (
    para("new *text*"),
    para("새 제목", type="heading_2"),
    replace(item("item"), children=(para("child"),)),
    item("number", "numbered_list_item"),
    para("a\n\n  b", type="code", attrs={"language": "python"}),
    para("quote", type="quote"),
    Block(type="divider"),
    Block(type="paragraph"),
    para("do", type="to_do", attrs={"checked": True}),
    para("toggle", type="toggle", children=(item("in"),)),
    para("note", type="callout", attrs={"icon": {"type": "emoji", "emoji": "💡"}, "color": "green_background"}),
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Bodies as people write them: pieces of all kinds, gaps of all kinds, line ends of both kinds."""
    pieces = draw(st.lists(st.sampled_from(PIECES), max_size=6))
    gaps = [draw(st.sampled_from(["\n\n", "\n\n\n", "\n", "\n \n"])) for _ in pieces]
    text = "".join(piece + gap for piece, gap in zip(pieces, gaps, strict=True))
    text = text.rstrip("\n") if draw(st.booleans()) else text
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def paths(nodes: Sequence[Node], above: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Node]]:
    """Return every block below some, with its indices."""
    for index, node in enumerate(nodes):
        yield (*above, index), node
        yield from paths(node.children, (*above, index))


def reworded(block: Block) -> tuple[Block, ...]:
    """Add a word to a block, wherever it holds text."""
    word = Run(text=" 새 word")
    if block.cells:
        return (replace(block, cells=((Run(text="cell"),), *block.cells[1:])),)
    if not block.text:
        return (replace(block, text=(Run(text="word"),)),) if block.type == "paragraph" else (block,)
    *rest, last = block.text
    plain = replace(last, text="") == Run(text="")
    return (replace(block, text=(*rest, replace(last, text=last.text + word.text)) if plain else (*block.text, word)),)


@st.composite
def changes(draw: st.DrawFn, nodes: Sequence[Node]) -> Callable[[Body], Body]:
    """One change somewhere: words, a new block, a deleted one, a moved one."""
    places = list(paths(nodes))
    new = draw(st.sampled_from(NEW))
    if not places:
        return lambda body: (*body, new)
    path, node = draw(st.sampled_from(places))
    kind = draw(st.sampled_from(["word", "new", "gone", "moved"]))
    if kind == "word" or node.block.type in {"table_row", "column"}:
        return lambda body: at(body, path, reworded)
    if kind == "new":
        return lambda body: at(body, path, after(new))
    if kind == "gone":
        return lambda body: at(body, path, lambda _: ())
    return lambda body: (*at(body, path[:1], lambda _: ()), body[path[0]])


def lines(text: str) -> list[str]:
    """Return lines with their ends."""
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", text)


@given(texts())
def test_nothing_to_do_does_nothing(text: str) -> None:
    """Law: the author's own blocks give the author's own bytes."""
    document = parse(text)
    assert splice(document, document.body).text == text


@given(st.data(), texts(), st.booleans())
def test_what_is_wanted_is_said(data: st.DataObject, text: str, ids: bool) -> None:
    """Law: after any change, the text reads as what was wanted, ends as it ended, and splicing that again does nothing."""
    document = known(parse(text)) if ids else parse(text)
    wanted = data.draw(changes(document.nodes))(document.body)
    assume(parse(render(wanted)).body == wanted)
    result = splice(document, wanted)
    assert parse(result.text).body == wanted
    assert splice(parse(result.text), wanted).text == result.text
    if text and result.text:
        assert result.text.endswith("\n") == text.endswith("\n")
    assert ("\r\n" in result.text) <= ("\r\n" in text)


@given(st.data(), texts())
def test_comments_and_definitions_stay(data: st.DataObject, text: str) -> None:
    """Law: what is written between blocks is no block and never goes away, whatever happens to the blocks around it."""
    document = known(parse(text))
    wanted = data.draw(changes(document.nodes))(document.body)
    assume(parse(render(wanted)).body == wanted)
    owned = {line for node in document.nodes for line in range(*node.span)}
    between = Counter(line.strip() for at, line in enumerate(lines(text)) if at not in owned and line.strip())
    result = splice(document, wanted)
    assert result.notices or not between - Counter(line.strip() for line in lines(result.text))


@given(st.data(), texts())
def test_a_reworded_block_changes_its_own_lines_only(data: st.DataObject, text: str) -> None:
    """Law: words that change in one block leave every byte outside the block's own lines as it was."""
    document = known(parse(text))
    places = [(path, node) for path, node in paths(document.nodes) if node.block.text or node.block.cells]
    assume(places)
    path, node = data.draw(st.sampled_from(places))
    wanted = at(document.body, path, reworded)
    assume(parse(render(wanted)).body == wanted)
    result = splice(document, wanted).text
    before, behind = lines(text)[: node.span.start], lines(text)[node.span.stop :]
    assert result.startswith("".join(before))
    assert result.endswith("".join(behind))


# --- real answers ----------------------------------------------------------------------------------------------------------


def answers() -> list[Path]:
    """Return the real answers and the README they belong to."""
    return [*sorted(shared("corpus", "answers").glob("*.md")), shared("corpus", "README.md")]


def outside(text: str, result: str, own: range) -> list[str]:
    """Return the lines that changed beyond a block's own, blank ones beside it aside."""
    old, new = lines(text), lines(result)
    wrong: list[str] = []
    bare, fresh = ([line.rstrip("\r\n") for line in side] for side in (old, new))
    for tag, a, b, _, _ in SequenceMatcher(None, bare, fresh, autojunk=False).get_opcodes():
        if tag != "equal":
            wrong += [old[number] for number in range(a, b) if number not in own and old[number].strip("> \t\r\n")]
    return wrong


@pytest.mark.corpus
def test_real_answers_change_where_they_were_changed() -> None:
    """Law: in every real file, words added to any block change only that block's own lines, byte for byte."""
    tried = 0
    for path in answers():
        text = path.read_bytes().decode()
        document = known(parse(text))
        for place, node in paths(document.nodes):
            wanted = at(document.body, place, reworded)
            if wanted == document.body:
                continue
            tried += 1
            result = splice(document, wanted)
            first = min((child.span.start for child in node.children), default=node.span.stop)
            stop = max(first, node.span.start + 1)
            assert not result.notices
            assert result.text.startswith("".join(lines(text)[: node.span.start])), (path.name, place)
            assert result.text.endswith("".join(lines(text)[stop:])), (path.name, place)
    assert tried > 200


def renumbered(lines_: Sequence[str]) -> bool:
    """Tell whether all that is wrong is the number of one item that has become the first of its list."""
    return len(lines_) <= 1 and all(re.match(r"[ \t>]*\d+\. ", line) for line in lines_)


@pytest.mark.corpus
@pytest.mark.parametrize("kind", ["gone", "new"])
def test_real_answers_keep_all_other_lines(kind: str) -> None:
    """Law: a block deleted from or added to a real file leaves all other lines, blank ones beside it aside.

    One line more may change: an item that has become the first of its list takes the number that the list began with.
    """
    tried = 0
    for path in answers():
        text = path.read_bytes().decode()
        document = known(parse(text))
        for place, node in paths(document.nodes):
            if node.block.type == "table_row":
                continue
            change: Change = after(item("새 항목")) if kind == "new" else lambda _: ()
            result = splice(document, at(document.body, place, change))
            wrong = outside(text, result.text, range(0) if kind == "new" else range(*node.span))
            assert not result.notices, (path.name, place)
            assert renumbered(wrong), (path.name, place, wrong)
            tried += 1
    assert tried > 200


@pytest.mark.corpus
def test_real_answers_keep_their_lines_in_any_order() -> None:
    """Law: a block of a real file that moves to the end takes its lines along, and no other line changes."""
    for path in answers():
        text = path.read_bytes().decode()
        document = known(parse(text))
        for place in range(len(document.body)):
            body = document.body
            result = splice(document, (*body[:place], *body[place + 1 :], body[place]))
            old, new = (
                Counter(line.strip("\r\n") for line in lines(side) if line.strip()) for side in (text, result.text)
            )
            assert not result.notices, (path.name, place)
            assert renumbered(list((old - new).elements())), (path.name, place, old - new)
