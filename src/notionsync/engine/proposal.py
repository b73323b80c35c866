"""Publishing as a pull request: one branch of our own, made anew from the base by each run, and kept up to date.

What the branch holds is no part of the base. Of its records those of pushed questions are true all the same, because
Notion has these texts, and the base too; they are carried into the next run (see `leftover`). What was pulled is found
again.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from notionsync.engine.checkout import Checkout
from notionsync.engine.leftover import Leftover
from notionsync.engine.report import Outcome, Report, Thread
from notionsync.errors import ConflictError
from notionsync.plan.quoting import quoted
from notionsync.sides.state import FOLDER

if TYPE_CHECKING:
    from notionsync.sides.github import Change, Commit, GitHub, Pull

DIGEST = "Notionsync-Update"
"""The trailer, and the marker in a pull request's body, that name what is proposed."""
_MARKER = re.compile(r"<!-- notionsync:update ([0-9a-f]{16}|settled) -->")
_SHOWN = 100


class Proposal:
    """Publishes to a branch of its own, with a pull request.

    Args:
        github: The repository, and the branch that the pull request is for.
        branch: The branch that it is made from.
    """

    def __init__(self, github: GitHub, branch: str) -> None:
        from notionsync.sides.github import Threads

        self._github = github
        self._branch = branch
        self._threads = Threads(github)
        self._at = ""
        self._same = ""
        self._pulls: list[Pull] = []

    def begin(self, checkout: Checkout) -> Leftover:
        """Look at the branch; return what runs had done whose commits are on it, and not in the base.

        Raises:
            ConflictError: Somebody else committed to the branch, which would be lost with it.
        """
        self._pulls = self._threads.pulls(self._branch)
        self._at = self._github.find(self._branch)
        self._same = ""
        if not self._at or any(pull.merged and pull.head == self._at for pull in self._pulls):
            return Leftover()
        commit = self._ours(self._github.look(self._at))
        base = commit.parents[0]
        if base == checkout.snapshot.commit and commit.sha == self._at:
            self._same = commit.trailer(DIGEST)
        return self._left(checkout, commit.sha, base)

    def _ours(self, tip: Commit) -> Commit:
        """Return the commit of ours that the branch is at, or was before somebody pressed "Update branch".

        That button merges the base into the branch. Such a merge says nothing of its own, and is no reason to stop.

        Raises:
            ConflictError: The branch holds something that is neither ours nor the base's.
        """
        if tip.sealed:
            return tip
        if len(tip.parents) == 2 and (before := self._github.look(tip.parents[0])).sealed:
            ours, base = tip.parents
            if self._github.descends(base, self._github.tip()) and self._github.only_joins(tip.sha, ours, base):
                return before
        raise ConflictError(
            f"{self._branch} of {self._github.name} has a commit that is not notionsync's ({tip.sha[:12]}); it is not "
            "overwritten, and nothing was written anywhere",
            advice="merge the pull request and delete the branch, or name another one: --pr-branch NAME",
        )

    def _left(self, checkout: Checkout, commit: str, base: str) -> Leftover:
        if not self._github.descends(base, checkout.snapshot.commit):
            return Leftover()
        folders = [Path(tempfile.mkdtemp(prefix="notionsync-")).resolve() for _ in range(2)]
        try:
            ours = Checkout(self._github, self._github.download(commit, folders[0]), folders[0])
            before = checkout
            if base != checkout.snapshot.commit:
                before = Checkout(self._github, self._github.download(base, folders[1]), folders[1])
            return Leftover().and_of(ours.tree, ours.state, before.start, before.sha)
        finally:
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)

    def prove(self) -> None:
        """Find out that a commit can be published, as `GitHub.prove_writable`."""
        self._github.prove_writable(self._branch if self._at else None)

    def publish(self, checkout: Checkout, message: str, result: object) -> tuple[str, Thread | None]:
        """Bring branch and pull request up to date.

        Returns:
            The commit that was made, empty if the branch stays; and the pull request, if there is one.

        Raises:
            MovedError: Another run published to the branch meanwhile.
        """
        changes = checkout.changes()
        pull = next((pull for pull in self._pulls if pull.open), None)
        if not changes:
            return "", self._close(pull)
        digest = _digest(changes)
        if pull is None and (declined := next((p for p in self._pulls if _declined(p, digest)), None)):
            return "", Thread(declined.number, declined.url, "unchanged")
        made = ""
        if self._same != digest:
            text = f"{message.rstrip()}\n{DIGEST}: {digest}\n"
            made = self._github.propose(self._branch, self._at, checkout.snapshot.commit, changes, text)
        title = " ".join(message.partition("\n")[0].split())
        body = f"{_told(changes, result)}\n<!-- notionsync:update {digest} -->\n"
        if pull is None:
            pull = self._threads.open_pull(self._branch, title, body)
            return made, Thread(pull.number, pull.url, "opened")
        if _marked(pull) == digest and not made:
            return made, Thread(pull.number, pull.url, "unchanged")
        self._threads.edit_pull(pull.number, body=body)
        return made, Thread(pull.number, pull.url, "updated")

    def _close(self, pull: Pull | None) -> Thread | None:
        if pull is None:
            return None
        body = "Nothing differs any more: what was proposed here has reached the branch, or was taken back.\n"
        self._threads.edit_pull(pull.number, body=f"{body}\n<!-- notionsync:update settled -->\n", close=True)
        return Thread(pull.number, pull.url, "closed")


def _marked(pull: Pull) -> str:
    found = _MARKER.findall(pull.body)
    return str(found[-1]) if found else ""


def _declined(pull: Pull, digest: str) -> bool:
    return not pull.open and not pull.merged and _marked(pull) == digest


def _digest(changes: Mapping[str, Change]) -> str:
    """Return what names a proposal: every changed file, except for the times in the state."""
    found = hashlib.sha256()
    for path, change in sorted(changes.items()):
        if path.startswith(f"{FOLDER}/") and path.endswith(".json"):
            continue
        for part in (path.encode(), change.mode.encode(), b"-" if change.data is None else change.data):
            found.update(b"%d:" % len(part) + part)
    return found.hexdigest()[:16]


def _told(changes: Mapping[str, Change], result: object) -> str:
    """Return what a pull request says of itself. Titles and file names come from Notion: they are quoted."""
    shown = [path for path in sorted(changes) if not path.startswith(f"{FOLDER}/")]
    questions = {o.path: o for o in result.outcomes if o.state == "done"} if isinstance(result, Report) else {}
    lines = [_line(path, changes[path], questions.get(path)) for path in shown[:_SHOWN]]
    if len(shown) > _SHOWN:
        lines.append(f"- … and {len(shown) - _SHOWN} more")
    if not shown:
        lines.append(f"Only `{FOLDER}/` changes: what both sides agree on.")
    head = "This brings the repository in step with Notion. The next run makes the branch anew; merge it as it is."
    return "\n".join([head, "", *lines, ""])


def _line(path: str, change: Change, outcome: Outcome | None) -> str:
    verb = "deleted" if change.data is None else "changed"
    title = f" · {quoted(outcome.title)}" if outcome is not None and outcome.title != path else ""
    return f"- {quoted(path)} {verb}{title}"
