"""Three-way merge of rich text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from notionsync.convert.richtext import normal, plain
from notionsync.model import RichText, Run
from notionsync.plan.sequence import common_head, merge, regions

_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")


def merge_text(base: RichText, local: RichText, remote: RichText) -> RichText | None:
    """Merge two edits of one text; None when that is not safe.

    What a side changed is taken as one span, from its first changed word to its last. Two spans merge only when at
    least one whole word that neither side touched stands between them: a sentence that both sides reworked must not be
    pieced together from halves. Marks and links travel with their words. Symmetric in `local` and `remote`.

    A side that has every change of the other one as well is the merge: a killed run had sent it.
    """
    if remote in (local, base):
        return local
    if local == base:
        return remote
    old, mine, theirs = tokens(base), tokens(local), tokens(remote)
    if _includes(old, mine, theirs):
        return remote
    if _includes(old, theirs, mine):
        return local
    changes = (_change(old, mine), _change(old, theirs))
    first, second = sorted(changes, key=lambda change: (change.start, change.stop))
    between = old[first.stop : second.start]
    if first.stop > second.start or not any(_is_word(token) for token in between):
        return None
    return normal((*old[: first.start], *first.new, *between, *second.new, *old[second.stop :]))


def merge_lines(base: RichText, local: RichText, remote: RichText) -> RichText | None:
    """Merge two edits of a text whose lines matter, such as code; None when both changed the same place.

    Text that carries marks is merged by words (`merge_text`), since its lines are not its runs.
    """
    looks = {replace(run, text="") for text in (base, local, remote) for run in text}
    if len(looks) != 1 or any(run.kind != "text" for run in looks):
        return merge_text(base, local, remote)
    lines = merge(*(plain(text).split("\n") for text in (base, local, remote)))
    return None if lines is None else normal((replace(looks.pop(), text="\n".join(lines)),))


def tokens(text: RichText) -> list[Run]:
    """Return the text cut into words, gaps and signs; an equation or a mention is one token."""
    return [
        replace(run, text=piece)
        for run in text
        for piece in (_TOKENS.findall(run.text) if run.kind == "text" else (run.text,))
    ]


def _includes(old: list[Run], part: list[Run], whole: list[Run]) -> bool:
    """Tell whether one version has every change that another one has, in the same places."""
    return all(part[r.ours] in (old[r.base], whole[r.theirs]) for r in regions(old, part, whole))


def _is_word(token: Run) -> bool:
    return token.kind != "text" or token.text[0].isalnum() or token.text[0] == "_"


class _Change(NamedTuple):
    """The tokens from `start` to `stop` of the base are replaced by `new`."""

    start: int
    stop: int
    new: list[Run]


def _change(old: list[Run], new: list[Run]) -> _Change:
    head = common_head(old, new)
    tail = common_head(old[head:][::-1], new[head:][::-1])
    return _Change(head, len(old) - tail, new[head : len(new) - tail])
