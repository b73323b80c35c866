"""What a run had done in Notion whose commit was never joined to the branch, told to the run that starts anew.

Notion cannot be taken back, so the new run has to know. A question that was *pushed* now has in Notion a text that a
commit of the branch holds: that text serves as base, whatever the file says by now, and a page that was made is the
page of its file. What was *pulled* stands in no commit: it is forgotten, and found in Notion once more. What lost in a
conflict stands nowhere else, and is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from notionsync.config import ID_KEY
from notionsync.convert.frontmatter import join, split, with_values
from notionsync.engine.report import Report
from notionsync.errors import ContentError, NotionSyncError
from notionsync.plan.answer import read_id
from notionsync.sides.state import FOLDER, State
from notionsync.sides.worktree import Worktree

_CONFLICTS = "/conflicts/"


@dataclass(frozen=True, slots=True)
class Pushed:
    """A question that was brought to Notion.

    Attributes:
        path: Its file.
        text: What the file held before the run, without an id where it had none.
        record: The record's bytes.
        base: The agreed file's bytes.
        known: Hash of the record that the run had begun with; empty if there was none.
        folder: Where the state lies that the record is in.
    """

    path: str
    text: bytes
    record: bytes
    base: bytes
    known: str
    folder: str = FOLDER


@dataclass(frozen=True, slots=True)
class Leftover:
    """What unpublished runs had done.

    Attributes:
        pushed: Page → its question.
        trashed: Pages that were moved to the trash because their files had gone.
        kept: Path → what lost in a conflict.
    """

    pushed: Mapping[str, Pushed] = field(default_factory=dict)
    trashed: frozenset[str] = frozenset()
    kept: Mapping[str, bytes] = field(default_factory=dict)

    def and_of(
        self,
        tree: Worktree,
        state: State,
        start: Callable[[str], bytes | None],
        sha: Callable[[str], str],
        result: object = None,
    ) -> Leftover:
        """Return this, and what one more run had done.

        Args:
            tree: The folder of the run.
            state: Its state.
            start: Tells what the folder held at a path when the run began.
            sha: Tells the hash of what the commit held at a path; empty for nothing.
            result: What the run returned.
        """
        pushed = dict(self.pushed)
        found = ((one.folder, page, record) for one in state.every() for page, record in one.records().items())
        for folder, page, record in found:
            path = f"{folder}/base/{page}.json"
            data, text = tree.read(path) or b"", start(record.path)
            if data == start(path) or text is None:
                continue
            if record.base in {text, _named(text, page)}:
                before = self.pushed.get(page)
                known = before.known if before else sha(path)
                pushed[page] = Pushed(record.path, text, data, record.base, known, folder)
        outcomes = result.outcomes if isinstance(result, Report) else ()
        trashed = {o.page for o in outcomes if o.verb == "trash-page" and o.state == "done"}
        kept = {path: lost for path in state.kept() if (lost := tree.read(path)) is not None and lost != start(path)}
        return Leftover(pushed, self.trashed | trashed, {**self.kept, **kept})

    def under(self, later: Leftover) -> Leftover:
        """Return this and what was done after it."""
        return Leftover({**self.pushed, **later.pushed}, self.trashed | later.trashed, {**self.kept, **later.kept})

    def carry(self, tree: Worktree, state: State, sha: Callable[[str], str]) -> dict[str, bytes]:
        """Put it into a folder that holds another commit; return the files that were written.

        Args:
            tree: The folder.
            state: Its state.
            sha: Tells the hash of what the commit holds at a path; empty for nothing.
        """
        written: dict[str, bytes] = {}
        for page, question in self.pushed.items():
            record = f"{question.folder}/base/{page}.json"
            if sha(record) != question.known or page in self.trashed:
                continue  # somebody else has synced it since
            if not question.known:
                written |= _give_id(tree, page, question)
            written |= {record: question.record, f"{question.folder}/base/{page}.base": question.base}
        for path, data in written.items():
            tree.overwrite(path, data)
        for path, data in self.kept.items():
            folder, _, name = path.rpartition(_CONFLICTS)
            State(tree, folder).keep(name, data)
        for one in state.every():
            for page, record_of in one.records_of(self.trashed).items():
                # A file that is back belongs to a page in the trash; without a record that is refused, not carried out.
                if tree.read(record_of.path) is not None:
                    one.drop_record(page)
        return written


def _named(text: bytes, page: str) -> bytes | None:
    try:
        return join(with_values(split(text), {ID_KEY: page}))
    except NotionSyncError:
        return None


def _give_id(tree: Worktree, page: str, question: Pushed) -> dict[str, bytes]:
    """Return the file that a page was made of, under whatever name it is now, with the page's id in it."""
    folder = question.path.rpartition("/")[0]
    for path in (question.path, *(other for other in tree.answers(folder) if tree.read(other) == question.text)):
        data = tree.read(path)
        if data is None:
            continue
        try:
            named = _named(data, page) if read_id(data) is None else None
        except ContentError:
            named = None
        return {path: named} if named is not None else {}
    return {}
