"""The front matter of an answer, byte for byte.

python-frontmatter is used through `AnswerHandler`, whose `split`, `load` and `format` are called directly:
`frontmatter.load` and `frontmatter.parse` strip and normalise the text before and after any handler, and its own split
throws away what stands between two rules at the top of a body.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from frontmatter import Post
from frontmatter.default_handlers import BaseHandler

from notionsync.config import ID_KEY
from notionsync.convert import yaml_edit, yaml_lines
from notionsync.convert.yaml_values import read_values
from notionsync.errors import ContentError
from notionsync.model import FieldValue

_BOM = "\ufeff"
_OPENING = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")
_CLOSING = re.compile(r"(?:(?<=\n)|(?<=\r))---[ \t]*(?:\r\n|\n|\r|\Z)")
_EOL = re.compile(r"\r\n|\n|\r")
_SAYS_NOTHING = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r))*")
_KEY_LINE = re.compile(r"[ \t]*[^\s#\-\[\]{},&*!|>'\"%@`?:][^\r\n]*?:(?=[ \t\r\n])")


class _Remove(enum.Enum):
    REMOVE = "remove"


REMOVE: Final = _Remove.REMOVE
"""In place of a value: take the key out."""


class AnswerHandler(BaseHandler):
    """python-frontmatter's port, over ruamel.yaml, without loss."""

    FM_BOUNDARY = _OPENING
    START_DELIMITER = END_DELIMITER = "---"

    def parts(self, text: str) -> tuple[str, str, str, str] | None:
        """Return opening line, YAML text, closing line and body, or None for a text without front matter."""
        opening = _OPENING.match(text)
        closing = _CLOSING.search(text, opening.end()) if opening else None
        if not opening or not closing:
            return None
        head = text[opening.end() : closing.start()]
        return (opening[0], head, closing[0], text[closing.end() :]) if _is_mapping(head) else None

    def detect(self, text: str) -> bool:
        """Tell whether a text has front matter."""
        return self.parts(text) is not None

    def split(self, text: str) -> tuple[str, str]:
        """Return the YAML text and the body; the YAML text is empty where there is no front matter."""
        parts = self.parts(text)
        return (parts[1], parts[3]) if parts else ("", text)

    def load(self, fm: str) -> dict[str, Any]:
        """Return the keys and values of a YAML text.

        Raises:
            ContentError: Not YAML, a key that is there twice, or no mapping.
        """
        values = read_values(fm)
        if values is None:
            raise ContentError("the front matter is not a mapping of keys to values", line=1)
        return values

    def export(self, metadata: dict[str, object], **kwargs: object) -> str:
        """Return new YAML text; `eol` sets the line end."""
        eol = str(kwargs.get("eol", "\n"))
        text = ""
        for key, value in metadata.items():
            text = yaml_edit.with_value(text, key, _field(value), list(metadata), eol)
        return text

    def format(self, post: Post, **kwargs: object) -> str:
        """Return a whole file; unlike the library's own, it neither strips nor adds a line."""
        eol = str(kwargs.get("eol", "\n"))
        return f"---{eol}{self.export(post.metadata, eol=eol)}---{eol}{post.content}"


_HANDLER: Final = AnswerHandler()


@dataclass(frozen=True, slots=True)
class FrontMatter:
    r"""A file in its parts; `join` puts them together again.

    Attributes:
        bom: The byte order mark, or nothing.
        opening: The first fence with its line end; empty if there is no front matter.
        head: The YAML text between the fences; None if there is no front matter.
        closing: The second fence with its line end.
        body: All that follows.
        eol: The file's line end, `\n` for a file without one.
    """

    bom: bytes
    opening: bytes
    head: bytes | None
    closing: bytes
    body: bytes
    eol: str

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def body_line(self) -> int:
        """The 1-based line of the file that the body begins on."""
        return len(_EOL.findall((self.opening + (self.head or b"") + self.closing).decode())) + 1

    def values(self) -> dict[str, FieldValue]:
        """Return the keys in order, with their values in normal form.

        Dates are text as they were typed; lists are tuples of text; a value of any other shape is its own source.

        Raises:
            ContentError: Broken YAML or a key that is there twice; `line` is that of the file.
        """
        if self.head is None:
            return {}
        try:
            return _HANDLER.load(self.head.decode())
        except ContentError as error:
            raise _in_file(error) from error

    def line(self, key: str) -> int:
        """Return the 1-based line of the file that a key stands on, 0 if it is not there."""
        text = (self.head or b"").decode()
        mapping = yaml_lines.read(text) if text else None
        entry = mapping.get(key) if mapping else None
        return yaml_lines.line_at(text, entry.start) + 1 if entry else 0


def split(data: bytes) -> FrontMatter:
    """Take a file apart.

    A file has front matter if its first line is `---`, a later line is `---`, and what is between them is a mapping or
    nothing (blanks behind a fence do not matter). Anything else is body, a body that begins with a rule included.

    Raises:
        ContentError: Not UTF-8; `line` is that of the first byte that is not.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\n|\r", data[: error.start])) + 1
        raise ContentError(
            "not UTF-8", line=line, advice="Save the file as UTF-8; notionsync does not guess encodings."
        ) from error
    bom = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    found = _EOL.search(text)
    eol = found[0] if found else "\n"
    parts = _HANDLER.parts(text)
    if parts is None:
        return FrontMatter(bom.encode(), b"", None, b"", text.encode(), eol)
    opening, head, closing, body = (part.encode() for part in parts)
    return FrontMatter(bom.encode(), opening, head, closing, body, eol)


def join(parts: FrontMatter) -> bytes:
    """Put a file together; the inverse of `split`."""
    return parts.bom + parts.opening + (parts.head or b"") + parts.closing + parts.body


def with_values(
    parts: FrontMatter, changes: Mapping[str, FieldValue | _Remove], *, order: tuple[str, ...] = ()
) -> FrontMatter:
    """Return the file with some keys changed, and every other line as it was.

    Args:
        parts: The file.
        changes: New values by key, `REMOVE` to take a key out; what is equal already is not touched.
        order: Keys in the order a reader shall find them; the order of `changes` if not given. The page's id leads.
            A new key follows the nearest earlier one that is there, else it precedes the nearest later one.

    Raises:
        ContentError: The front matter is broken, or a value cannot be written into it; nothing is returned unproven.
    """
    ranks = tuple(dict.fromkeys((ID_KEY, *order, *changes)))
    values = {key: value for key, value in changes.items() if not isinstance(value, _Remove)}
    if parts.head is None:
        return _created(parts, {key: values[key] for key in ranks if key in values})
    text = parts.head.decode()
    try:
        for key in changes:
            if key not in values:
                text = yaml_edit.without_key(text, key)
        for key in ranks:
            if key in values:
                text = yaml_edit.with_value(text, key, values[key], ranks, parts.eol)
    except ContentError as error:
        raise _in_file(error) from error
    return replace(parts, head=text.encode())


def _created(parts: FrontMatter, values: dict[str, FieldValue]) -> FrontMatter:
    if not values:
        return parts
    post = Post(parts.text)
    post.metadata = dict(values)  # Not through the constructor, which takes "content" and "handler" for its own.
    text = _HANDLER.format(post, eol=parts.eol)
    made = split(parts.bom + text.encode())
    if made.values() != values or made.body != parts.body:
        raise ContentError("front matter that holds these values cannot be written")
    return made


def _is_mapping(head: str) -> bool:
    """Tell whether the text between two rules is front matter; broken YAML is, if it begins like a mapping."""
    blank = _SAYS_NOTHING.match(head)
    rest = head[blank.end() :] if blank else head
    if not rest.strip() or _KEY_LINE.match(rest):
        return True
    try:
        return yaml_lines.read(head) is not None
    except ContentError:
        return rest.lstrip().startswith("{")


def _field(value: object) -> FieldValue:
    if value is None or isinstance(value, str | int | float | tuple):
        return value
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return str(value)


def _in_file(error: ContentError) -> ContentError:
    """Count a line of the YAML text from the top of the file, where the opening fence is."""
    if isinstance(error, yaml_lines.TwiceError):
        return yaml_lines.TwiceError(error.key, error.first + 1, error.line + 1)
    return ContentError(error.message, line=error.line + 1 if error.line else 0, advice=error.advice)
