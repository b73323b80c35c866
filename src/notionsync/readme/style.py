"""How a list that was kept by hand is written: the template behind its items, and the question in each of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from notionsync.readme.lists import FoundList, Link, ListItem, target

T = TypeVar("T")

_GAP: Final = re.compile(r"(?:\s*(?:[-–—:|·•→⇒]|=>|->)+)?\s*(?:[(*_]*)$")
_LEAD: Final = re.compile(r"^\s*(?:[-–—:|·•]+\s*)?")
_WRAPPING: Final = re.compile(r"[(*_]*$")
_TASK: Final = re.compile(r"\[[ xX]\]\s+")
_MARKER: Final = re.compile(r"[ \t]*(?:\d{1,9}([.)])|([-+*]))([ \t]+)")
_NOWHERE: Final = {"", "#"}


@dataclass(frozen=True, slots=True)
class Style:
    """What the items of a list have in common.

    Attributes:
        marker: Number or bullet with the blanks behind it; `{n}` for a number that counts.
        task: A check box before an answered question, with its blank; empty if there are none.
        open_task: The same before an open one.
        label: The text of the link; None when the question is the text of the link.
        before: What stands between question and link.
        after: What stands behind the link.
        first: Whether the link stands before the question.
    """

    marker: str
    task: str = ""
    open_task: str = ""
    label: str | None = None
    before: str = ""
    after: str = ""
    first: bool = False

    @property
    def item(self) -> str:
        """Template of an answered question."""
        return f"{self.marker}{self.task}{self._linked()}"

    @property
    def open_item(self) -> str:
        """Template of a question without an answer."""
        around = (self.before, self.after) if self.label is None else ("", "")
        return f"{self.marker}{self.open_task}{around[0]}{{question}}{around[1]}"

    def _linked(self) -> str:
        if self.label is None:
            return f"{self.before}[{{question}}]({{url}}){self.after}"
        link = f"[{_literal(self.label)}]({{url}})"
        after = _literal(self.after)
        return f"{link}{self.before}{{question}}" if self.first else f"{{question}}{self.before}{link}{after}"


class Reading(NamedTuple):
    """An item, read with its list's style.

    Attributes:
        question: Inline Markdown, verbatim.
        link: The link to the answer, or None.
        odd: What about its writing is not the list's style, in words; empty if nothing is.
    """

    question: str
    link: Link | None
    odd: str = ""


def answer_link(item: ListItem, folder: str) -> Link | None:
    """Return an item's last link into the folder, or None."""
    return next((link for link in reversed(item.links) if target(link.url, folder)), None)


def infer(found: FoundList, lines: Sequence[str], folder: str) -> Style:
    """Return the style that most items of a list share; what is only some items' own is no part of it."""
    linked = [(*_around(item, link), link.label) for item in found.items if (link := answer_link(item, folder))]
    marker = _marker(found, lines)
    tasks = [_TASK.match(item.text) for item in found.items]
    task = open_task = ""
    if all(tasks):
        task, open_task = "[x] ", "[ ] "
    wrapped = [(before, after) for before, after, _ in linked if not (before + after).strip(" *_~")]
    worded = [part for part in linked if _says(part[0] + part[1])]
    labels = Counter(label for *_, label in worded or linked)
    label, count = labels.most_common(1)[0]
    if len(wrapped) * 2 > len(linked) or not worded or (count * 2 < len(worded) and count < len(worded)):
        before, after = _shared(wrapped) or ("", "")
        return Style(marker, task, open_task, None, before, after)
    leading = [after for before, after, _ in worded if not before.strip()]
    if len(leading) * 2 > len(worded):
        lead = _shared([_first(_LEAD, after) for after in leading])
        return Style(marker, task, open_task, label, " " if lead is None else lead, first=True)
    trailing = [(_first(_GAP, before), after) for before, after, _ in worded]
    gap = _shared([gap for gap, _ in trailing])
    before, after = _shared(trailing) or (" " if gap is None else gap, "")
    if not after or (len(trailing) == 1 and _says(after)):
        after = ""
        before = _WRAPPING.sub("", before)
    return Style(marker, task, open_task, label, before, after)


def read(item: ListItem, style: Style, folder: str) -> Reading:
    """Return the question of an item; whatever the style does not explain stays part of the question."""
    link = answer_link(item, folder)
    cut = _TASK.match(item.text) if style.open_task else None
    skip = cut.end() if cut else 0
    shown = link or _placeholder(item, style)
    if shown is None:
        return Reading(_unwrapped(item.text[skip:].strip(), style), None)
    question, odd = _question(item.text[skip : shown.start], item.text[shown.stop :], shown.label, style)
    if link and style.label is not None and link.label != style.label:
        odd = f'the link reads "{link.label}", in other items "{style.label}"'
    return Reading(re.sub(r"\s*\n\s*", " ", question).strip(), link, odd)


def _question(before: str, after: str, label: str, style: Style) -> tuple[str, str]:
    if style.label is None:
        odd = "" if (before, after) == (style.before, style.after) else "the text around the link joins the question"
        return (label, odd) if not odd else (before + label + after, odd)
    if label != style.label and not _says(before + after):
        return label, ""
    if style.first:
        odd = "text stands before the link" if before.strip() else ""
        return (before + after.removeprefix(style.before)).strip(), odd
    if after.strip() != style.after.strip():
        before, after = _bare(before, after)
    tail = after.strip()
    kept = before.removesuffix(style.before) if style.before.strip() else before
    if tail and tail != style.after.strip():
        return f"{kept.rstrip()} {tail}", f'"{tail}" stands behind the link and joins the question'
    return kept, ""


def _says(text: str) -> bool:
    """Tell whether there are words in a text, or signs that are more than decoration."""
    return bool(text.strip(" \t\n*_~()[]-–—:|·•→⇒=>"))


def _bare(before: str, after: str) -> tuple[str, str]:
    """Return what stands around a link without the brackets and marks that are only there for the link."""
    for opening, closing in (("(", ")"), ("**", "**"), ("__", "__"), ("*", "*"), ("_", "_")):
        start, end = before.rstrip(), after.lstrip()
        if start.endswith(opening) and end.startswith(closing):
            return _bare(start.removesuffix(opening), end.removeprefix(closing))
    return before, after


def _placeholder(item: ListItem, style: Style) -> Link | None:
    """Return a link that leads nowhere yet and looks like the others."""
    return next((link for link in item.links if link.url in _NOWHERE and style.label in {None, link.label}), None)


def _unwrapped(text: str, style: Style) -> str:
    text = re.sub(r"\s*\n\s*", " ", text)
    if style.label is None and style.before and text.startswith(style.before) and text.endswith(style.after):
        return text[len(style.before) : len(text) - len(style.after)]
    return text


def _marker(found: FoundList, lines: Sequence[str]) -> str:
    matches = [match for item in found.items if (match := _MARKER.match(lines[item.line]))]
    numbers = {item.number for item in found.items}
    counted = "{n}" if numbers != {"1"} or len(found.items) == 1 else "1"
    shapes = [f"{counted}{match[1]}{match[3]}" if match[1] else f"{match[2]}{match[3]}" for match in matches]
    default = f"{counted}. " if found.ordered else "- "
    return Counter(shapes).most_common(1)[0][0] if shapes else default


def _around(item: ListItem, link: Link) -> tuple[str, str]:
    skip = match.end() if (match := _TASK.match(item.text)) else 0
    return item.text[skip : link.start], item.text[link.stop :]


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0] if match else ""


def _shared(values: Sequence[T]) -> T | None:
    """Return what more than half of some values are; None if there is no such thing."""
    found = Counter(values).most_common(1)
    return found[0][0] if found and found[0][1] * 2 > len(values) else None


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
