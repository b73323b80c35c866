"""What the demonstration begins with: a repository as people keep it by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from notionsync import readme
from notionsync.cli.readme import answers, load
from notionsync.config import ID_KEY, ORDER_KEY, TITLE_KEY
from notionsync.convert.frontmatter import REMOVE, join, split, with_values
from notionsync.errors import NotionSyncError
from notionsync.readme import Entry
from notionsync.sides.worktree import Worktree, find_root

FOLDER = "answers"
_SAMPLES = Path(__file__).parent / "samples"
_LEAST = 3
"""Answered questions below which a repository has no story to tell."""
_SLIP = 3
"""Which item of the list carries a doubled number, as lists that are kept by hand do sooner or later."""


@dataclass(frozen=True, slots=True)
class Source:
    """Questions to tell the story with.

    Attributes:
        name: Where they come from, for people.
        entries: The questions, in the order of the list; their paths begin with `answers/`.
        files: Path → bytes of the answers, as they are before a list is adopted, and of the images that go with them.
    """

    name: str
    entries: Sequence[Entry]
    files: Mapping[str, bytes]


def find_source(start: Path) -> Source:
    """Return the answers of the repository around a folder, or the samples where it has none."""
    try:
        tree = Worktree(find_root(start.resolve()))
        source = _gathered(tree, load(tree).folder, f"a copy of the answers in {tree.root}")
    except NotionSyncError:
        return samples()
    return source if sum(entry.answered for entry in source.entries) >= _LEAST else samples()


def samples() -> Source:
    """Return a handful of questions that come with the program."""
    return _gathered(Worktree(_SAMPLES.parent), _SAMPLES.name, "a few sample answers")


def _gathered(tree: Worktree, folder: str, name: str) -> Source:
    entries, files = [], {}
    for path, data in answers(tree, folder).items():
        for entry in readme.read({path: data}):
            moved = FOLDER + path.removeprefix(folder)
            entries.append(Entry(path=moved, question=entry.question, fields=entry.fields, answered=entry.answered))
            if entry.answered:
                files[moved] = _bare(data)
    top = tree.root / folder
    for file in sorted(top.rglob("*")):
        if file.is_file() and not file.is_symlink() and file.suffix != ".md":
            files[f"{FOLDER}/{file.relative_to(top).as_posix()}"] = file.read_bytes()
    return Source(name, sorted(entries, key=_rank), files)


def _bare(data: bytes) -> bytes:
    """Return an answer without what the list knows of it; tags and the like stay."""
    parts = split(data)
    kept = [key for key in parts.values() if key not in {ID_KEY, TITLE_KEY, ORDER_KEY}]
    if not kept:
        return parts.body.lstrip(b"\r\n")
    known = dict.fromkeys((ID_KEY, TITLE_KEY, ORDER_KEY), REMOVE)
    return join(with_values(parts, known))


def _rank(entry: Entry) -> tuple[float, str]:
    order = entry.fields.get(ORDER_KEY)
    return (float(order) if isinstance(order, int | float) else float("inf"), entry.path)


def hand_kept(entries: Sequence[Entry]) -> str:
    """Return a README whose list was kept by hand: one item is numbered twice, and one links a file that is not there."""
    lines = ["# Our questions", "", "A list that somebody keeps by hand.", "", "## Questions", ""]
    dead = next((entry for entry in entries if not entry.answered), None)
    for number, entry in enumerate(entries, 1):
        slip = f"{number + 1}. " if number == _SLIP else ""
        link = f" [Answer]({quote(entry.path)})" if entry.answered or entry is dead else ""
        lines.append(f"{number}. {slip}{entry.question}{link}")
    lines += ["", "## How we work", "", "Whoever learns something writes it down.", ""]
    return "\n".join(lines)
