"""What tries had done in Notion whose commit lost a race: told to the try that starts from the commit that won it.

As without a checkout (`notionsync.engine.remote`): a question that was pushed has in Notion a text that an ancestor of the
branch holds, so that text is its base; what lost a conflict stands nowhere else any more, and is kept. It is put into a
commit of its own before the next try, which sees it as if the branch had held it, and becomes one commit with that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from notionsync.ci.annotations import questions
from notionsync.ci.checkout import Checkout
from notionsync.engine.leftover import Leftover
from notionsync.sides.state import State
from notionsync.sides.worktree import Worktree


class Unpublished:
    """Remembers what was done, and carries it over.

    Args:
        checkout: The branch that is checked out.
    """

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout
        self._tree = Worktree(checkout.root)
        self._left = Leftover()
        self._carried: dict[str, bytes] = {}

    @property
    def kept(self) -> Mapping[str, bytes]:
        """What lost conflicts, by the path it had."""
        return self._left.kept

    def remember(self, start: str, report: Mapping[str, Any]) -> None:
        """Remember what the try had done whose commit is checked out.

        Args:
            start: The commit that it began with.
            report: Its report.
        """
        changed = self._checkout.changed(start)

        def before(path: str) -> bytes | None:
            if path in self._carried:
                return self._carried[path]
            return self._checkout.read(start, path) if path in changed else self._tree.read(path)

        left = self._left.and_of(self._tree, State(self._tree), before, lambda path: self._checkout.blob(start, path))
        trashed = {str(q["page"]) for q in questions(report) if q["verb"] == "trash-page" and q["state"] == "done"}
        self._left = replace(left, trashed=left.trashed | trashed)

    def carry(self, start: str, message: str) -> None:
        """Commit it on top of the commit that is checked out; make no commit where there is nothing.

        Args:
            start: That commit.
            message: The commit message.
        """
        state = State(self._tree)
        self._carried = self._left.carry(self._tree, state, lambda path: self._checkout.blob(start, path))
        if self._carried or self._left.kept or self._left.trashed:
            self._checkout.commit([*self._carried, ".notionsync"], message)
