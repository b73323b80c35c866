"""The questions of a list, read from the files, and where links to them lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from notionsync.config import TITLE_KEY, Region
from notionsync.convert import frontmatter
from notionsync.errors import ContentError, FileError
from notionsync.model import FieldValue
from notionsync.readme import anchors
from notionsync.readme.wording import as_question

_SAYS_NOTHING = re.compile(r"\s*(?:#{1,6}(?:\s.*)?)?")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
URL_SAFE = "/-_.~!$'*+,;=@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question as the list needs it.

    Attributes:
        path: Its file, relative to the repository.
        question: Inline Markdown.
        fields: The front matter; `order` sorts.
        answered: Whether the file holds an answer.
        targets: What an address into the file can end in; None where nobody asked.
        collection: The collection it belongs to; empty for the one without a name.
    """

    path: str
    question: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    answered: bool = False
    targets: frozenset[str] | None = None
    collection: str = ""


def read(files: Mapping[str, bytes], *, targets: bool = False, collection: str = "") -> tuple[Entry, ...]:
    """Return the questions among files; a file whose front matter has no `question` is none.

    Args:
        files: Path → bytes.
        targets: Whether to look for what addresses into the files can end in.
        collection: The collection they belong to.

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
            ends = anchors.targets(parts.text) if targets else None
            entries.append(
                Entry(
                    path=path,
                    question=as_question(question),
                    fields=values,
                    answered=is_answer(parts.text),
                    targets=ends,
                    collection=collection,
                )
            )
    return tuple(entries)


def is_answer(body: str) -> bool:
    """Tell whether a body says something: headings, comments and blank lines alone do not.

    >>> is_answer("## Lecture 5"), is_answer("## Lecture 5" + chr(10) + "It halves the width.")
    (False, True)
    """
    return any(not _SAYS_NOTHING.fullmatch(line) for line in _COMMENT.sub("", body).splitlines())


def link(path: str, region: Region) -> str:
    """Return an answer's address: behind the region's prefix, or relative to the region's file."""
    if region.url_prefix:
        return region.url_prefix + quote(path, safe=URL_SAFE)
    return quote(relative(path, region.file), safe=URL_SAFE)


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
