"""The items of a list that was kept by hand, each bound to the file that it is about."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from notionsync.config import ORDER_KEY, TITLE_KEY
from notionsync.convert import frontmatter
from notionsync.errors import ContentError, FileError
from notionsync.model import FieldValue
from notionsync.readme import listing, naming, style
from notionsync.readme.addresses import moved
from notionsync.readme.lists import FoundList, ListItem, Target, target

SlipKind = Literal[
    "doubled-number", "numbering", "empty-item", "dead-link", "empty-answer", "unlisted-answer", "found-answer", "same-answer", "letter-case",
    "other-address", "lost-anchor", "other-list", "style", "kept-question", "new-order", "rewritten",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slip:
    """Something in the hand-kept list, or about it, that a person should know.

    Attributes:
        kind: Stable name.
        path: The file it is about.
        line: 1-based line in that file; 0 when no line can be named.
        message: What is the matter and what was done.
    """

    kind: SlipKind
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A question of the list.

    Attributes:
        line: Its 1-based line in the README as it was.
        order: Its place, from 1.
        question: Inline Markdown, as it was written.
        path: Its file: the one it links to, or the one it gets.
        linked: Whether the item had a link into the folder.
        dead: Whether that link led to no file.
        answered: Whether the file holds an answer.
    """

    line: int
    order: int
    question: str
    path: str
    linked: bool
    dead: bool
    answered: bool


class Reader:
    """Goes through the items of lists, binds each to a file and notes what is wrong."""

    def __init__(self, readme: str, folder: str, files: Mapping[str, bytes], key: str = TITLE_KEY) -> None:
        self.readme = readme
        self.folder = folder
        self.files = files
        self.key = key
        self.style = style.Style("")
        self.start = 1
        self.items: list[Item] = []
        self.slips: list[Slip] = []
        self._exact = {unicodedata.normalize("NFC", path): path for path in files}
        self._folded = {naming.fold(path): path for path in files}
        self._prefixes: list[tuple[int, str]] = []
        self._bound: dict[str, int] = {}
        self._texts: dict[str, tuple[str, str]] = {}

    def free(self, items: Sequence[ListItem]) -> None:
        """Learn which files no item links to, what their front matter asks and what their bodies say."""
        aims = [target(link.url, self.folder) for item in items for link in item.links]
        linked = {naming.fold(aim.path) for aim in aims if aim}
        unlinked = {path: data for path, data in self.files.items() if naming.fold(path) not in linked}
        asked = {entry.path: entry.question for entry in listing.read(unlinked)}
        for path, data in unlinked.items():
            self._texts[path] = (asked.get(path, ""), f" {' '.join(data.decode().split())} ")

    def slip(self, kind: SlipKind, line: int, message: str) -> None:
        """Note that something is wrong on a line, counted from 0."""
        self.slips.append(Slip(kind, self.readme, line + 1, message))

    def sorted(self) -> tuple[Slip, ...]:
        """Return the slips, those of the README first."""
        return tuple(sorted(self.slips, key=lambda slip: (slip.path != self.readme, slip.path, slip.line)))

    def take(self, found: FoundList, written: style.Style, start: int) -> None:
        """Take in the items of a list, whose first number is given."""
        self.style, self.start, self._prefixes = written, start, []
        for at, item in enumerate(found.items):
            if item.text:
                self.read(at, item, found)
            else:
                self.slip("empty-item", item.line, "an item without text was left out")

    def read(self, at: int, item: ListItem, found: FoundList) -> None:
        """Take in one item."""
        self._check_number(at, item, found)
        reading = style.read(item, self.style, self.folder)
        if reading.odd:
            self.slip("style", item.line, reading.odd)
        aim = target(reading.link.url, self.folder) if reading.link else None
        path = self._bind(item, aim) if aim else None
        dead = path is not None and path not in self.files
        if self.key != TITLE_KEY and (path is None or dead):
            path, dead = self._translated(at, item), False
        if path is None:
            path = self._asked_in(item, reading.question)
        self._bound[path] = len(self.items) + 1
        self.items.append(
            Item(
                line=item.line + 1,
                order=self._bound[path],
                question=moved(reading.question, self.readme, path) or naming.title(path),
                path=path,
                linked=aim is not None,
                dead=dead,
                answered=self._is_answered(path),
            )
        )
        if dead:
            self.slip("dead-link", item.line, f"the link leads to {path}, which was not there; the question stays open")
        elif aim and path in self.files and not self.items[-1].answered:
            self.slip("empty-answer", item.line, f"{path} holds no answer yet; the question stays open, without a link")

    def prefix(self) -> str:
        """Return what most links of the list begin with, and note the links that begin otherwise."""
        most = Counter(prefix for _, prefix in self._prefixes).most_common(1)[0][0]
        for line, prefix in self._prefixes:
            if prefix != most:
                self.slip("other-address", line, f'the link begins with "{prefix}", most others with "{most}"')
        return most

    def front_matter(self, key: str = "", sections: Mapping[str, str] | None = None) -> dict[str, bytes]:
        """Return the answers whose front matter changes, and the files that are made.

        Args:
            key: The key that says in which list a question stands.
            sections: Path → that list.
        """
        changed: dict[str, bytes] = {}
        self._check_language()
        for item in self.items:
            before = self.files.get(item.path)
            try:
                section = (sections or {}).get(item.path)
                after = self._with_values(item, before or b"", {key: section} if section else {})
            except ContentError as error:
                raise FileError(item.path, error.message, line=error.line, advice=error.advice) from error
            if after != before:
                changed[item.path] = after
        return changed

    def _check_language(self) -> None:
        """Refuse a list most of whose items ask otherwise than their answers: it would be written in the answers' words."""
        bound = {item.path: self.files[item.path] for item in self.items if item.path in self.files}
        known = {entry.path: str(entry.fields.get(self.key) or "") for entry in listing.read(bound)}
        asking = [item for item in self.items if known.get(item.path)]
        otherwise = [item for item in asking if known[item.path] != item.question]
        if len(otherwise) > 1 and len(otherwise) * 2 > len(asking):
            first = otherwise[0]
            raise FileError(
                self.readme,
                f'most items ask otherwise than their answers: "{first.question}", and {first.path} "{known[first.path]}"',
                line=first.line,
                advice=f"for a list in another language: notionsync readme init --file {self.readme} --name NAME --key "
                "question_LANGUAGE; to list the answers' own words, put bare markers in the place of the list, and type it again",
            )

    def unlisted(self, asked: Sequence[str] = (TITLE_KEY,)) -> None:
        """Note the answers that no item points to.

        Args:
            asked: The keys that an answer needs to be listed.
        """
        wanted = " and ".join(f'a "{key}"' for key in asked)
        for path in sorted(set(self.files) - set(self._bound)):
            entries = listing.read({path: self.files[path]})
            known = bool(entries) and len(asked) == 1
            what = (
                "it is listed now, by its own question" if known else f"give it {wanted} in its front matter to list it"
            )
            self.slips.append(Slip("unlisted-answer", path, 0, f"no item of the list points to this answer; {what}"))

    def rewritten(self, found: FoundList, lines: Sequence[str], text: str) -> None:
        """Note the items that read differently now for a reason that was not named yet."""
        noted = {slip.line for slip in self.slips if slip.path == self.readme}
        for item, line in zip((item for item in found.items if item.text), text.split("\n"), strict=False):
            before = lines[item.line].strip()
            if before != line and item.line + 1 not in noted:
                self.slip("rewritten", item.line, f"{before!r} becomes {line!r}")

    def _with_values(self, item: Item, data: bytes, section: Mapping[str, str]) -> bytes:
        parts = frontmatter.split(data)
        values = parts.values()
        kept = values.get(self.key)
        changes: dict[str, FieldValue] = {ORDER_KEY: item.order, **section}
        if self.key != TITLE_KEY:
            changes = {} if values.get(ORDER_KEY) is not None else changes
        place = values.get(ORDER_KEY)
        if place is not None and changes.get(ORDER_KEY, place) != place:
            message = f"{item.path} said {ORDER_KEY}: {place}; it is {item.order} now, its place in the list"
            self.slip("new-order", item.line - 1, message)
        if not kept:
            changes = {self.key: item.question, **changes}
        elif kept != item.question:
            message = f'{item.path} says {self.key}: "{kept}", which was kept; the list asked "{item.question}"'
            self.slip("kept-question", item.line - 1, message)
        return frontmatter.join(
            frontmatter.with_values(parts, changes, order=(TITLE_KEY, self.key, ORDER_KEY, *section))
        )

    def _translated(self, at: int, item: ListItem) -> str:
        """Return the file that an item without a link is about in another language: the one of the same number."""
        number = int(item.number) if item.number and "{n}" in self.style.marker else at + self.start
        entries = listing.read({path: self.files[path] for path in self._texts if path not in self._bound})
        found = [entry.path for entry in entries if entry.fields.get(ORDER_KEY) == number]
        if len(found) != 1:
            raise FileError(
                self.readme,
                f"the item leads to no answer, and no question is known that would be number {number}",
                line=item.line + 1,
                advice="link it to its answer, or adopt the list of the questions first",
            )
        self.slip("found-answer", item.line, f"has no link, and was taken for {found[0]}, which has its number")
        return found[0]

    def _check_number(self, at: int, item: ListItem, found: FoundList) -> None:
        if item.doubled:
            written = f"{item.number}. {item.doubled}" if item.number else f"- {item.doubled}"
            self.slip("doubled-number", item.line, f'"{written}" is numbered twice; the second number was dropped')
        if not found.ordered or "{n}" not in self.style.marker:
            return
        wanted = int(found.items[at - 1].number) + 1 if at else self.start
        if int(item.number) != wanted:
            self.slip("numbering", item.line, f"numbered {item.number} where {wanted} was to be expected")

    def _bind(self, item: ListItem, aim: Target) -> str | None:
        path = self._exact.get(aim.path)
        if path is None and (path := self._folded.get(naming.fold(aim.path))):
            self.slip("letter-case", item.line, f"the link is written {aim.path}, the file {path}")
        path = path or aim.path
        if path in self._bound:
            self.slip("same-answer", item.line, f"links to {path} like item {self._bound[path]}; it gets its own file")
            return None
        self._prefixes.append((item.line, aim.prefix))
        if aim.rest:
            self.slip("lost-anchor", item.line, f'"{aim.rest}" at the end of the link was dropped')
        return path

    def _asked_in(self, item: ListItem, question: str) -> str:
        """Return the file of an item without a link: the one that asks the same question, else a new one."""
        free = {path: text for path, text in self._texts.items() if path not in self._bound}
        known = [path for path, (asked, _) in free.items() if asked == moved(question, self.readme, path)]
        telling = f" {question} " if len(question) >= _TELLING else None
        found = known or [path for path, (asked, body) in free.items() if telling and not asked and telling in body]
        if len(found) != 1:
            return naming.propose(question, self.folder, [*self.files, *self._bound])
        if not known:
            self.slip(
                "found-answer", item.line, f"has no link, but {found[0]} asks this very question and was taken for it"
            )
        return found[0]

    def _is_answered(self, path: str) -> bool:
        try:
            return listing.is_answer(frontmatter.split(self.files.get(path, b"")).text)
        except ContentError as error:
            raise FileError(path, error.message, line=error.line, advice=error.advice) from error


_TELLING: Final = 8
"""A shorter question may stand in a text by chance."""
