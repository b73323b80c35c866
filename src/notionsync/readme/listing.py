"""The question list: from the files' front matter to lines of Markdown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from notionsync.config import ORDER_KEY, TITLE_KEY, Region
from notionsync.convert import frontmatter
from notionsync.errors import ConfigError, ContentError, FileError
from notionsync.model import FieldValue
from notionsync.readme.proof import PLACES, fill, one_line

_SAYS_NOTHING = re.compile(r"\s*(?:#{1,6}(?:\s.*)?)?")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_URL_SAFE = "/-_.~!$'*+,;=@"
_OWN_KEYS = ("n", "question", "url", "path")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question as the list needs it.

    Attributes:
        path: Its file, relative to the repository.
        question: Inline Markdown.
        fields: The front matter; `order` sorts.
        answered: Whether the file holds an answer.
    """

    path: str
    question: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    answered: bool = False


def read(files: Mapping[str, bytes]) -> tuple[Entry, ...]:
    """Return the questions among files; a file whose front matter has no `question` is none.

    Args:
        files: Path → bytes.

    Raises:
        FileError: A file is not UTF-8, or its front matter is broken.
    """
    entries = []
    for path, data in files.items():
        try:
            parts = frontmatter.split(data)
            values = parts.values()
        except ContentError as error:
            raise FileError(path, error.message, line=error.line, advice=error.advice) from error
        question = values.get(TITLE_KEY)
        if question is not None and question != "":
            entries.append(Entry(path=path, question=str(question), fields=values, answered=is_answer(parts.text)))
    return tuple(entries)


def is_answer(body: str) -> bool:
    """Tell whether a body says something: headings, comments and blank lines alone do not.

    >>> is_answer("## Lecture 5"), is_answer("## Lecture 5" + chr(10) + "It halves the width.")
    (False, True)
    """
    return any(not _SAYS_NOTHING.fullmatch(line) for line in _COMMENT.sub("", body).splitlines())


def build(entries: Iterable[Entry], region: Region, *, keys: Iterable[str] = ()) -> str:
    r"""Return the lines of a region, each ended by LF.

    Sorted by `order` (numbers; entries without one last), then by question without regard to case, then by path.

    >>> build([Entry(path="answers/RNN.md", question="Why tanh?", answered=True)], Region())
    '1. Why tanh? [Answer](answers/RNN.md)\n'

    Args:
        entries: The questions.
        region: Where and how to list them.
        keys: Front matter keys that a template may name although no entry has them.

    Raises:
        ConfigError: A template names a key that there is not.
        ContentError: A template leaves no safe place for a question.
    """
    ordered = sorted(entries, key=_rank)
    known = {*_OWN_KEYS, *keys, *(key for entry in ordered for key in entry.fields)}
    for name, template in (("item", region.item), ("open_item", region.open_item)):
        _check_template(region, name, template, known, strict=bool(ordered))
    return "".join(_line(entry, n, region) + "\n" for n, entry in enumerate(ordered, 1))


def link(path: str, region: Region) -> str:
    """Return an answer's address: behind the region's prefix, or relative to the region's file."""
    if region.url_prefix:
        return region.url_prefix + quote(path, safe=_URL_SAFE)
    return quote(relative(path, region.file), safe=_URL_SAFE)


def relative(path: str, file: str) -> str:
    """Return a path as seen from the folder of a file.

    >>> relative("answers/RNN.md", "docs/ko/README.md"), relative("docs/a.md", "docs/README.md")
    ('../../answers/RNN.md', 'a.md')
    """
    to, origin = path.split("/"), file.split("/")[:-1]
    shared = 0
    while shared < min(len(to) - 1, len(origin)) and to[shared] == origin[shared]:
        shared += 1
    return "/".join([".."] * (len(origin) - shared) + to[shared:])


def _line(entry: Entry, n: int, region: Region) -> str:
    template = region.item if entry.answered else region.open_item
    fixed = {"n": str(n), "url": link(entry.path, region), "path": quote(entry.path, safe=_URL_SAFE)}
    named = {match[1] for match in PLACES.finditer(template) if match[1]} - set(fixed)
    texts = {key: _text(entry.fields.get(key)) for key in named} | {TITLE_KEY: one_line(entry.question) or entry.path}
    return fill(template, fixed, texts, item=entry.path).rstrip(" \t")


def _text(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return "✓" if value else ""
    return "" if value is None else str(value)


def _rank(entry: Entry) -> tuple[bool, float, str, str]:
    order = entry.fields.get(ORDER_KEY)
    number = None if isinstance(order, bool) or not isinstance(order, int | float) else order
    return number is None, number or 0, entry.question.casefold(), entry.path


def _check_template(region: Region, name: str, template: str, known: set[str], *, strict: bool) -> None:
    if not strict:
        return
    for match in PLACES.finditer(template):
        if match[1] and match[1] not in known:
            near = difflib.get_close_matches(match[1], known, n=1)
            hint = f"did you mean {{{near[0]}}}?" if near else f"known are {', '.join(sorted(known))}"
            raise ConfigError(f'notionsync.toml: [[region]] "{region.name}" {name}: no {{{match[1]}}}; {hint}')
