"""How GitHub reads Markdown, as a markdown-it parser.

CommonMark with GFM's tables, strikethrough, task lists and autolinks, and GitHub's mathematics and footnotes. Tokens say
what stands in the file: no address is normalised or refused.

Inline content is not parsed here; `inline` does so where it needs it, because most texts are plain.
"""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from notionsync.errors import ContentError

MAX_BRACKETS = 20
"""Levels of brackets in a text, as in markdown-it's own CommonMark preset: each one is looked at that often."""
MAX_NESTING = 100
"""Levels of quotes, lists and items, each one a level; GitHub itself stops near there."""

SPECIAL = re.compile(r"[\n!$&*:<@\[\\\]_`~]|www\.")
"""Where anything but plain text can begin. A text without a match is plain."""

_BACKTICK_MATH = re.compile(r"\$`([^`\n]+)`\$")
_DOLLAR_MATH = re.compile(
    r"\$(?![\s$`])((?:[^\s$\\*`<&\[\]~_]|\\(?![!-/:-@\[-`{-~\n])|(?<=[0-9A-Za-z])_|[ ](?=[^\s$]))+)\$"
)
_OPENS = re.compile(r"[\s!-#%-/:-@\[\]^_`{-~]")
_CLOSES = re.compile(r"[\s!-#%-/:-@\[-`{-~]")


@cache
def markdown() -> MarkdownIt:
    """Return the parser for blocks; it leaves inline content alone."""
    md = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING, "tasklists": True}).enable("table")
    md.core.ruler.disable(["inline", "text_join"])
    md.block.ruler.before("table", "depth", _depth)
    md.block.ruler.before("reference", "math", _math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    _as_written(md)
    return with_footnotes(md)


def with_footnotes(md: MarkdownIt) -> MarkdownIt:
    """Let a parser take the definition of a footnote for what GitHub takes it for, instead of for a paragraph."""
    md.block.ruler.before("reference", "footnote", _footnote, {"alt": []})
    return md


@cache
def inline_markdown() -> MarkdownIt:
    """Return the parser for inline content."""
    md = MarkdownIt("commonmark", {"maxNesting": MAX_BRACKETS, "strikethrough_single_tilde": True}).enable(
        "strikethrough"
    )
    md.inline.ruler2.disable("fragments_join")
    md.inline.ruler.before("escape", "math", _math_inline)
    md.inline.ruler.push("www", _www)
    md.inline.ruler.push("protocol", _protocol)
    md.inline.terminator_re = SPECIAL
    _as_written(md)
    return md


@cache
def html_only() -> MarkdownIt:
    """Return the parser for what stands in `<summary>`, where GitHub reads HTML and no Markdown."""
    md = MarkdownIt("zero", {"html": True, "maxNesting": MAX_NESTING}).enable(["html_inline", "entity", "newline"])
    md.inline.ruler2.disable("fragments_join")
    _as_written(md)
    return md


def _as_written(md: MarkdownIt) -> None:
    """Leave addresses alone; what is dangerous about them is the renderer's business, and there is none here."""
    md.normalizeLink = lambda url: url  # type: ignore[method-assign]
    md.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    md.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005


def _depth(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001
    if state.level >= MAX_NESTING - 2:
        raise ContentError(f"quotes and lists are nested more than {MAX_NESTING - 2} deep", line=start + 1)
    return False


# --- mathematics -----------------------------------------------------------------------------------------------------


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`$$` alone on a line, up to the next such line; or `$$…$$` on one line."""
    first = _line(state, start)
    if not first.startswith("$$") or state.is_code_block(start):
        return False
    one = first.rstrip()
    if len(one) > 4 and one.endswith("$$") and "$$" not in one[2:-2]:
        return silent or _push_math(state, start, start + 1, one[2:-2].strip())
    if one != "$$":
        return False
    line = start + 1
    while line < end and state.sCount[line] >= state.blkIndent and not state.isEmpty(line):
        if _line(state, line).rstrip() == "$$":
            content = state.getLines(start + 1, line, max(state.sCount[start], state.blkIndent), False)
            return silent or _push_math(state, start, line + 1, content.strip("\n"))
        line += 1
    return False


def _push_math(state: StateBlock, start: int, stop: int, content: str) -> bool:
    if not content.strip():
        return False
    token = state.push("math_block", "math", 0)
    token.content = content
    token.map = [start, stop]
    state.line = stop
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _math_inline(state: StateInline, silent: bool) -> bool:
    """``$`x`$`` anywhere; `$x$` where GitHub shows it and nothing in it is Markdown."""
    pos = state.pos
    if state.src[pos] != "$":
        return False
    match = _BACKTICK_MATH.match(state.src, pos, state.posMax)
    if match is None:
        match = _DOLLAR_MATH.match(state.src, pos, state.posMax)
        if match is None or not _dollars_count(state.src, pos, match.end(), state.posMax):
            return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = match[1]
    state.pos = match.end()
    return True


def is_math(src: str, pos: int) -> bool:
    """Tell whether the dollar at a place begins an inline equation that reaches to the next one."""
    match = _DOLLAR_MATH.match(src, pos)
    return match is not None and _dollars_count(src, pos, match.end(), len(src))


def _dollars_count(src: str, start: int, stop: int, end: int) -> bool:
    before = src[start - 1] if start else " "
    after = src[stop] if stop < end else " "
    return _OPENS.match(before) is not None and _CLOSES.match(after) is not None


# --- footnotes -------------------------------------------------------------------------------------------------------

_FOOTNOTE = re.compile(r"\[\^[^\s\]]+\]:")


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A footnote's definition with what is indented below it, as one piece of Markdown that Notion cannot say."""
    if silent or state.is_code_block(start) or not _FOOTNOTE.match(_line(state, start)):
        return False
    line = stop = start + 1
    while line < end:
        empty = state.isEmpty(line)
        if (
            not empty
            and state.sCount[line] - state.blkIndent < 4
            and (state.isEmpty(line - 1) or _FOOTNOTE.match(_line(state, line)) or _starts_block(state, line, end))
        ):
            break
        line += 1
        if not empty:
            stop = line
    token = state.push("footnote", "", 0)
    token.content = state.getLines(start, stop, state.blkIndent, False)
    token.map = [start, stop]
    state.line = stop
    return True


def _starts_block(state: StateBlock, line: int, end: int) -> bool:
    return any(rule(state, line, end, True) for rule in state.md.block.ruler.getRules("paragraph"))


# --- autolinks, as cmark-gfm's extension finds them ------------------------------------------------------------------

_SCHEME = re.compile(r"(?:^|[^A-Za-z])(https?)\Z", re.IGNORECASE)
_DOMAIN = re.compile(r"[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f][A-Za-z0-9._-]*")
"""A host as far as cmark-gfm looks at it: it goes byte by byte, and stops at the second one of a letter beyond ASCII."""
_REST = re.compile(r"[^\s<]+")
_MAIL = re.compile(r"(?<![A-Za-z0-9.+_-])[A-Za-z0-9.+_-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)+")
_TRAILING = "?!.,:*_~'\""
_ENTITY_END = re.compile(r"&[A-Za-z0-9]+;\Z")


def _protocol(state: StateInline, silent: bool) -> bool:
    pos = state.pos
    if silent or state.linkLevel or not state.src.startswith("://", pos):
        return False
    scheme = _SCHEME.search(state.src[max(0, pos - 6) : pos])
    if scheme is None:
        return False
    if not state.pending.endswith(scheme[1]):
        _release(state)
        if not state.pending.endswith(scheme[1]):
            return False
    stop = _address_end(state.src, pos + 3, state.posMax, short=True)
    if stop is None:
        return False
    back = len(scheme[1])
    state.pending = state.pending[:-back]
    _push_link(state, state.src[pos - back : stop], "")
    state.pos = stop
    return True


def _release(state: StateInline) -> None:
    """Give back the letter that a backslash in front of it took along; it escapes nothing."""
    if state.tokens and state.tokens[-1].type == "text_special" and state.tokens[-1].content[:1] == "\\":
        state.pending = state.tokens.pop().content + state.pending


def _www(state: StateInline, silent: bool) -> bool:
    pos = state.pos
    if silent or state.linkLevel or not state.src.startswith("www.", pos):
        return False
    if pos and not (state.src[pos - 1].isspace() or state.src[pos - 1] in "*_~("):
        return False
    stop = _address_end(state.src, pos, state.posMax, short=False)
    if stop is None:
        return False
    _push_link(state, state.src[pos:stop], "http://")
    state.pos = stop
    return True


def _address_end(src: str, pos: int, end: int, *, short: bool) -> int | None:
    domain = _DOMAIN.match(src, pos, end)
    if domain is None or domain[0].isspace():
        return None
    labels = domain[0].split(".")
    if "_" in "".join(labels[-2:]) or (len(labels) < 2 and not short):
        return None
    rest = _REST.match(src, pos, end)
    stop = rest.end() if rest else domain.end()
    surplus = src.count(")", pos, stop) - src.count("(", pos, stop)
    while stop > pos:
        last = src[stop - 1]
        if last in _TRAILING:
            stop -= 1
        elif last == ")" and surplus > 0:
            stop -= 1
            surplus -= 1
        elif last == ";":
            entity = _ENTITY_END.search(src, max(pos, stop - 32), stop)
            stop = entity.start() if entity else stop - 1
        else:
            break
    return stop if stop > pos else None


def _push_link(state: StateInline, text: str, prefix: str) -> None:
    for token in _link(text, prefix):
        state.push(token.type, token.tag, token.nesting).content = token.content
        state.tokens[-1].attrs = token.attrs


def _link(text: str, prefix: str) -> list[Token]:
    return [
        Token("link_open", "a", 1, attrs={"href": prefix + text}),
        Token("text", "", 0, content=text),
        Token("link_close", "a", -1),
    ]


def with_mail(tokens: list[Token]) -> list[Token]:
    """Return inline tokens with e-mail addresses as links.

    cmark-gfm looks for them when everything else is done, in what is left as text, escaped or not.
    """
    out: list[Token] = []
    inside = 0
    for token in _joined(tokens):
        inside += token.nesting if token.type in ("link_open", "link_close") else 0
        if token.type == "text" and not inside and "@" in token.content:
            out.extend(_split_mail(token.content))
        else:
            out.append(token)
    return out


def _joined(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    for token in tokens:
        if token.type not in ("text", "text_special"):
            out.append(token)
        elif out and out[-1].type == "text":
            out[-1] = Token("text", "", 0, content=out[-1].content + token.content)
        elif token.content:
            out.append(Token("text", "", 0, content=token.content))
    return out


def _split_mail(text: str) -> list[Token]:
    out: list[Token] = []
    at = 0
    for match in _MAIL.finditer(text):
        if match[0][-1].isalpha():
            out += [Token("text", "", 0, content=text[at : match.start()]), *_link(match[0], "mailto:")]
            at = match.end()
    return [*out, Token("text", "", 0, content=text[at:])]
