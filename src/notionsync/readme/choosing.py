"""Which questions a list holds, in what order, and in what groups: total, and the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from notionsync.config import ID_KEY, ORDER_KEY, TITLE_KEY, Region
from notionsync.model import FieldValue
from notionsync.readme.listing import Entry
from notionsync.readme.proof import one_line
from notionsync.readme.wording import as_question, words

_ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Group:
    """Questions under one heading.

    Attributes:
        title: What the group is called; None for a list without groups.
        entries: Those that are listed, in order.
        total: How many questions there are in it, those that are not listed included.
        answered: How many of them have an answer.
        late: Whether it is the section of the open questions.
    """

    title: str | None
    entries: tuple[Entry, ...]
    total: int
    answered: int
    late: bool = False


def is_answered(entry: Entry, region: Region) -> bool:
    """Tell whether a question has an answer, by the region's own rule."""
    if not region.answered_by:
        return entry.answered
    values = words(entry.fields.get(region.answered_by))
    if region.answered_values:
        return any(value in region.answered_values for value in values)
    return any(value != "false" for value in values)


def asked(entry: Entry, region: Region) -> Entry:
    """Return a question with the words that a region asks it in."""
    said = entry.fields.get(region.question_key) if region.question_key != TITLE_KEY else None
    return replace(entry, question=as_question(said)) if said not in (None, "") else entry


def choose(entries: Iterable[Entry], region: Region) -> tuple[Entry, ...]:
    """Return the questions that a region is about, in order; open ones that are hidden, and those above the limit, included."""
    wanted = (asked(entry, region) for entry in entries if _admitted(entry, region))
    return tuple(sorted(wanted, key=lambda entry: _rank(entry, region)))


def group(chosen: Sequence[Entry], region: Region) -> tuple[Group, ...]:
    """Return the groups of a list, without the empty ones; a list that is not parted is one group.

    A question with several values of the key stands in each of their groups.
    """
    early, late = [], []
    for entry in chosen:
        if region.unanswered == "listed" or is_answered(entry, region):
            early.append(entry)
        elif region.unanswered == "section":
            late.append(entry)
    if region.limit:
        early, late = early[: region.limit], late[: max(0, region.limit - len(early))]
    inside, listed = _parted(chosen, region), _parted(early, region)
    groups = [
        Group(
            title, tuple(listed.get(title, ())), len(inside[title]), sum(is_answered(e, region) for e in inside[title])
        )
        for title in sorted(inside, key=lambda title: _group_rank(title, region))
    ]
    if late:
        groups.append(Group(region.open_title, tuple(late), len(late), 0, late=True))
    return tuple(found for found in groups if found.entries)


def order_of(entry: Entry) -> int | float | None:
    """Return a question's place as its front matter says it; None if it says no number."""
    order = entry.fields.get(ORDER_KEY)
    return None if isinstance(order, bool) or not isinstance(order, int | float) else order


def _parted(entries: Iterable[Entry], region: Region) -> dict[str | None, list[Entry]]:
    parted: dict[str | None, list[Entry]] = {}
    for entry in entries:
        for title in _titles(entry, region):
            parted.setdefault(title, []).append(entry)
    return parted


def _titles(entry: Entry, region: Region) -> Iterable[str | None]:
    if not region.group_by:
        return (None,)
    values = (one_line(word) for word in words(entry.fields.get(region.group_by)))
    return dict.fromkeys(filter(None, values)) or (region.ungrouped,)


def _group_rank(title: str | None, region: Region) -> tuple[int, str, str]:
    if title in region.group_order:
        return (region.group_order.index(title or ""), "", "")
    return (len(region.group_order) + (title == region.ungrouped), (title or "").casefold(), title or "")


def _admitted(entry: Entry, region: Region) -> bool:
    if entry.collection != region.collection:
        return False
    return all(_has(entry, key, values, region) for key, values in region.filter.items()) and not any(
        _has(entry, key, values, region) for key, values in region.exclude.items()
    )


def _has(entry: Entry, key: str, values: tuple[str, ...], region: Region) -> bool:
    if key == _ANSWERED and key not in entry.fields:
        return ("true" if is_answered(entry, region) else "false") in values
    return any(word in values for word in words(entry.fields.get(key)))


def _rank(entry: Entry, region: Region) -> tuple[object, ...]:
    order = order_of(entry)
    first = _place(entry.fields.get(region.sort_by), region.sort_order) if region.sort_by else ()
    return (
        *first,
        order is None,
        order or 0,
        entry.question.casefold(),
        str(entry.fields.get(ID_KEY) or ""),
        entry.path,
    )


def _place(value: FieldValue, order: Sequence[str]) -> tuple[int, bool, float, str]:
    """Return what a value is sorted by: its place in the order given, then numbers, then texts, then nothing."""
    texts = words(value)
    given = min((order.index(word) for word in texts if word in order), default=len(order))
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if not texts:
        return (given + 1, False, 0.0, "")
    return (given, number is None, number or 0.0, "" if number is not None else ", ".join(texts).casefold())
