"""Text put into a line of Markdown so that it cannot break out of its place.

A line is proven: it is read back, and must say what the template says with the text's own rich text in its place.
Ordinary text goes in as it is, byte for byte. Text that fails the proof is escaped, first where it hurts, then
everywhere; what comes from Notion is anybody's text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from notionsync.convert.syntax import with_footnotes
from notionsync.errors import ContentError

Atom = tuple[str, str, str, str]
"""A piece of inline Markdown: token type, what it is written with, attributes, content."""

_LIKE_GITHUB: Final = {"maxNesting": 100, "strikethrough_single_tilde": True}
_MD: Final = with_footnotes(MarkdownIt("commonmark", _LIKE_GITHUB).enable(["strikethrough", "table"]))
_TEXT: Final = MarkdownIt("commonmark", {**_LIKE_GITHUB, "html": False}).enable("strikethrough")
_PLACE: Final = 0xE000
"""Private-use characters stand for the texts while the template alone is read."""
_SAFE: Final = re.compile(r"[^\W\d_][^\\`*_\[\]<>&~!|\x00-\x1f\x7f\ue000-\ue0ff]*")
"""Text that means itself wherever a template puts it: begins with a letter, holds nothing that marks up."""
_HELD: Final = re.compile("[\ue000-\ue0ff]")
_NOWHERE: Final = re.compile(r"\[([^\[\]]*)\]\(\)")
"""A link whose address is a place without a value."""
_OPEN: Final = re.compile(r"(?:[^<`\ue000-\ue0ff]|(?:(?<=[\s\[])|^)[\ue000-\ue0ff](?=[\s\]]|$))*")
"""A template whose places stand between blanks or as the text of a link."""
_CODE_OR_ESCAPE: Final = re.compile(r"\\.|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_SWALLOWED: Final = re.compile(r"(?:://|www\.)[^\s<]*(?:[`\\]|&lt;)", re.IGNORECASE)
"""On GitHub a bare address takes a back tick, a backslash or an escaped `<` along, so that it is no longer what it seems."""
_WAVED: Final = re.compile(r"^~+(?:\s|$)|(?:^|\s)~+$")
"""GitHub looks past a `~` at the edge of marked text, and sees a blank there, so that the marks mark nothing."""
_MARKED: Final = re.compile("[*_][\ue000-\ue0ff]|[\ue000-\ue0ff][*_]")
_ADDRESS: Final = re.compile(r"(https?|ftp|www)([:.])", re.IGNORECASE)
"""Where GitHub sees the beginning of a bare address."""
_UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ue000-\ue0ff]")
"""Control characters, among them those that turn the direction of the text after them, and our own placeholders."""
_TASK: Final = re.compile(r"\[(?=[ xX]\](?:\s|$))")
_LEAD: Final = re.compile(r"(\d{1,9})(?=[.)])|(?=[-+*#>=~`|:<\[_])")
_ACTIVE: Final = re.compile(r"([\\`*_\[\]<>&~!|])")
_WEB: Final = re.compile(r"(?:https?://|mailto:)[^\s<>]+$", re.IGNORECASE)
_TAIL: Final = re.compile(r"(#+)$")
"""Number signs that end a heading are no text of it."""
_PIPE: Final = re.compile(r"(\\*)\|")
_LAST: Final = re.compile(r"\\+$")
_TAG: Final = re.compile(r"<(/?)([a-z]+)\s*/?>", re.IGNORECASE)
_INLINE_TAGS: Final = frozenset(
    {"b", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "small", "strong", "sub", "sup", "u"}
)


def one_line(text: str) -> str:
    """Return text on one line, without control characters and without blanks around it."""
    return _UNSEEN.sub("", re.sub(r"\r\n|\n|\r", " ", text)).strip()


def fill(template: str, fixed: Mapping[str, str], texts: Mapping[str, str], *, item: str, cell: bool = False) -> str:
    """Return a template's line with texts in their places.

    Args:
        template: The text with `{key}` for each place; `{{` and `}}` are braces.
        fixed: Values that are safe by themselves: numbers, encoded addresses.
        texts: Inline Markdown of unknown origin.
        item: What the line is for, for errors.
        cell: Whether the line is a cell of a table, which no `|` may end.

    Raises:
        ContentError: The template leaves the text no safe place; not even escaped text says itself there.
    """
    lines = {key: one_line(text) for key, text in texts.items()}
    bare, keys = _numbered(template, {**{key: "" for key, text in lines.items() if not text}, **fixed})
    if "]()" not in template:
        bare = _NOWHERE.sub(lambda match: match[1] if _HELD.search(match[1]) else "", bare)
    bare = _piped(bare) if cell else bare
    clean = {mark: lines[key] for mark, key in keys.items()}
    if _OPEN.fullmatch(bare) and all(_SAFE.fullmatch(text) for text in clean.values()):
        return _put(bare, clean)
    tokens = _parsed(bare, cell=cell)
    inert = _inert(tokens, clean)
    for escape in (_gently, _firmly, _wholly):
        chosen = {mark: escape(text) for mark, text in clean.items() if mark not in inert}
        if escape is not _wholly and not all(_means(said, clean[mark], bare) for mark, said in chosen.items()):
            continue
        line = _put(bare, {**chosen, **inert})
        line = _piped(line) if cell else line
        if _says(_parsed(line, cell=cell), tokens, chosen, inert):
            return line
    raise ContentError(f"{item}: no way to write {' '.join(clean.values())!r} into the template {template!r}")


def _numbered(template: str, fixed: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the template with fixed values in and one private-use character for each other place, and their keys."""
    keys: dict[str, str] = {}

    def place(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0][0]
        if match[1] in fixed:
            return fixed[match[1]]
        mark = chr(_PLACE + len(keys))
        keys[mark] = match[1]
        return mark

    return PLACES.sub(place, template), keys


def _put(bare: str, values: Mapping[str, str]) -> str:
    return "".join(values.get(char, char) for char in bare)


PLACES: Final = re.compile(r"\{\{|\}\}|\{([^{}\s]+)\}")


def _parsed(line: str, *, cell: bool) -> Sequence[Token]:
    """Return what a line says by itself, or as the only cell of a row."""
    if not cell:
        return _MD.parse(line)
    tokens = _MD.parse(f"|a|\n|-|\n|{line}|\n")
    return tokens[next((at for at, token in enumerate(tokens) if token.type == "tbody_open"), len(tokens)) :]


def _piped(line: str) -> str:
    """Return inline Markdown whose every `|` stays inside a cell."""
    line = _LAST.sub(lambda match: "&#92;" * ((len(match[0]) + 1) // 2), line)
    return _PIPE.sub(_bar, line)


def _bar(match: re.Match[str]) -> str:
    """Return a `|` behind its backslashes; readers of tables differ on what is escaped behind more than one."""
    lone = len(match[1]) % 2
    return r"\|" if len(match[1]) <= 1 else f"{match[1][: len(match[1]) - lone]}&#124;"


def _says(tokens: Sequence[Token], bare: Sequence[Token], texts: Mapping[str, str], inert: Mapping[str, str]) -> bool:
    if _shape(tokens) != _shape(bare):
        return False
    own = {mark: _atoms(_MD.parseInline(text)) for mark, text in texts.items()}
    if not all(_harmless(atoms) for atoms in own.values()):
        return False
    return _atoms(tokens) == _joined(_spliced(_atoms(bare), own, inert))


def _means(said: str, text: str, bare: str) -> bool:
    """Tell whether escaped text shows what the text shows, its tags read or not, and leaves the marks around it alone."""
    if _SWALLOWED.search(said) or (_WAVED.search(said) and _MARKED.search(bare)):
        return False
    return said == text or _seen(_MD, said) in {_seen(_MD, text), _seen(_TEXT, text)}


def _seen(reader: MarkdownIt, text: str) -> str:
    """Return the letters that a reader sees of inline Markdown."""
    return "".join(content for kind, *_, content in _atoms(reader.parseInline(text)) if kind in {"text", "code_inline"})


def _shape(tokens: Iterable[Token]) -> list[tuple[str, str, str]]:
    return [(token.type, token.markup, token.info) for token in tokens if token.type != "html_block"]


def _atoms(tokens: Iterable[Token]) -> list[Atom]:
    atoms: list[Atom] = []
    for token in tokens:
        if token.children is not None and token.type == "inline":
            atoms.extend(_atoms(token.children))
        elif token.type in {"html_block", "fence", "code_block"} or token.block is False:
            attrs = "".join(f"{key}={value}\n" for key, value in token.attrs.items())
            atoms.append((token.type, token.markup, attrs, token.content))
    return _joined(atoms)


def _joined(atoms: Iterable[Atom]) -> list[Atom]:
    out: list[Atom] = []
    for atom in atoms:
        if atom[0] == "text" and out and out[-1][0] == "text":
            atom = ("text", "", "", out.pop()[3] + atom[3])  # noqa: PLW2901 - the neighbours become one
        if atom[0] != "text" or atom[3]:
            out.append(("text", "", "", atom[3]) if atom[0] == "text" else atom)
    return out


def _spliced(atoms: Iterable[Atom], own: Mapping[str, list[Atom]], inert: Mapping[str, str]) -> list[Atom]:
    out: list[Atom] = []
    for kind, markup, attrs, content in atoms:
        if kind == "text":
            for piece in re.split(f"([{chr(_PLACE)}-{chr(_PLACE + 255)}])", content):
                out.extend(own.get(piece, [("text", "", "", piece)]))
            continue
        for mark, value in inert.items():
            attrs = attrs.replace(quote(mark), value)  # noqa: PLW2901 - one atom, filled place by place
            content = content.replace(mark, value)  # noqa: PLW2901
        out.append((kind, markup, attrs, content))
    return out


def _inert(bare: Sequence[Token], texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts whose place is inside an address, code or a tag, written so that they can be nothing else."""
    out: dict[str, str] = {}
    for kind, _, attrs, content in _atoms(bare):
        for mark, text in texts.items():
            if f"={quote(mark)}\n" in attrs:
                out[mark] = _address(text)
            elif quote(mark) in attrs:
                out[mark] = quote(text, safe="")
            elif mark in content and kind.startswith("code"):
                out[mark] = text.replace("`", "'").replace("\\", "/")
            elif mark in content and kind.startswith("html"):
                out[mark] = html.escape(text)
    return out


def _address(text: str) -> str:
    """Return a text that is a whole address: a web or mail address as it is, anything else as a path."""
    if not _WEB.match(text):
        return quote(text, safe="/-_.~!$'*+,;=@#")
    return str(_MD.normalizeLink(text)).replace("(", "%28").replace(")", "%29")


def _harmless(atoms: Iterable[Atom]) -> bool:
    """Tell whether the HTML among inline pieces is a few well-nested tags that only style text."""
    open_tags: list[str] = []
    for kind, _, _, content in atoms:
        if kind != "html_inline":
            continue
        tag = _TAG.fullmatch(content)
        name = tag[2].lower() if tag else ""
        if name == "br":
            continue
        if name not in _INLINE_TAGS or tag is None:
            return False
        if not tag[1]:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    return not open_tags


def markup(text: str) -> str:
    """Return inline Markdown as HTML on one line, in which no tag can be left open.

    >>> markup("Why `a<b`? </details>")
    'Why <code>a&lt;b</code>? &lt;/details&gt;'
    """
    line = one_line(text)
    reader = _MD if _harmless(_atoms(_MD.parseInline(line))) else _TEXT
    return str(reader.renderInline(line)).replace("\n", " ")


def _gently(text: str) -> str:
    return _TASK.sub(r"\\[", _outside_code(text, lambda part: part.replace("<!--", "&lt;!--")), count=1)


def _firmly(text: str) -> str:
    part = _outside_code(text, lambda part: part.replace("<", "&lt;"))
    part = _LEAD.sub(lambda match: f"{match[1]}\\" if match[1] else "\\", part, count=1) if _LEAD.match(part) else part
    return _balanced(part)


def _wholly(text: str) -> str:
    text = _TAIL.sub(lambda match: r"\#" * len(match[1]), _ACTIVE.sub(r"\\\1", text).replace("\\<", "&lt;"))
    text = _ADDRESS.sub(lambda match: f"{match[1]}&#{ord(match[2])};", text)
    return _LEAD.sub(lambda match: f"{match[1]}\\" if match[1] else "\\", text, count=1) if _LEAD.match(text) else text


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    out, at = [], 0
    for match in _CODE_OR_ESCAPE.finditer(text):
        out += [change(text[at : match.start()]), match[0]]
        at = match.end()
    return "".join([*out, change(text[at:])])


def _balanced(text: str) -> str:
    """Return text whose lone square brackets are escaped."""
    lone: list[int] = []
    opened: list[int] = []
    covered = {at for match in _CODE_OR_ESCAPE.finditer(text) for at in range(*match.span())}
    for at, char in enumerate(text):
        if at in covered or char not in "[]":
            continue
        if char == "[":
            opened.append(at)
        elif opened:
            opened.pop()
        else:
            lone.append(at)
    for at in sorted([*lone, *opened], reverse=True):
        text = f"{text[:at]}\\{text[at:]}"
    return text
