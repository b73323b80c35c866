"""Pull requests and issues of a repository.

Neither can be made idempotently: a request whose answer is lost is not repeated before it is looked up whether it came
through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from github.GithubException import GithubException, UnknownObjectException
from github.Issue import Issue
from github.PullRequest import PullRequest

from notionsync.errors import AccessError, TransientError, UsageError
from notionsync.sides.github.faults import translated
from notionsync.sides.github.side import GitHub

T = TypeVar("T")
_TRIES = 3
_COLOUR = "d4a72c"
_RECENT = 100
"""Threads that are looked through, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull request.

    Attributes:
        number: Its number.
        url: Where a person reads it.
        body: Its text.
        head: The commit that its branch is, or was, at.
        open: Whether it is open.
        merged: Whether it was merged.
    """

    number: int
    url: str
    body: str
    head: str
    open: bool
    merged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An issue.

    Attributes:
        number: Its number.
        url: Where a person reads it.
        title: Its title.
        body: Its text.
        open: Whether it is open.
    """

    number: int
    url: str
    title: str
    body: str
    open: bool


class Threads:
    """The pull requests and issues of one repository.

    Args:
        github: The repository.
    """

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def pulls(self, branch: str) -> list[Pull]:
        """Return the pull requests from a branch into this side's own, the newest first."""
        with translated(f"the pull requests of {self._github.name}", "pull-requests"):
            owner = self._github.repo.owner.login
            head, base = f"{owner}:{branch}", self._github.branch
            found = self._github.repo.get_pulls(state="all", head=head, base=base, sort="created", direction="desc")
            return [_pull(pull) for pull in islice(found, _RECENT)]

    def open_pull(self, branch: str, title: str, body: str) -> Pull:
        """Open a pull request; one that is open already is returned as it is.

        Raises:
            AccessError: The token may not.
            TransientError: GitHub does not answer.
        """

        def find() -> Pull | None:
            return next((pull for pull in self.pulls(branch) if pull.open), None)

        def make() -> Pull:
            with translated(f"opening a pull request in {self._github.name}", "pull-requests"):
                repo = self._github.repo
                return _pull(repo.create_pull(base=self._github.branch, head=branch, title=title, body=body))

        try:
            return _once(make, find)
        except UsageError:  # "A pull request already exists", made by a run beside this one
            if found := find():
                return found
            raise

    def edit_pull(self, number: int, *, body: str, close: bool = False) -> None:
        """Give a pull request another body; its title is left to people."""
        with translated(f"the pull request #{number} of {self._github.name}", "pull-requests"):
            pull = self._github.repo.get_pull(number)
            if close:
                pull.edit(body=body, state="closed")
            else:
                pull.edit(body=body)

    def issues(self, label: str) -> list[Ticket]:
        """Return the issues that carry a label, open and closed, the newest first.

        Only people who may triage can label an issue, so that nobody else can make one pass for ours.
        """
        with translated(f"the issues of {self._github.name}", "issues"):
            found = self._github.repo.get_issues(state="all", labels=[label], sort="created", direction="desc")
            # Not by `pull_request`, which an issue lacks: PyGithub would ask for each of them once more.
            return [_ticket(issue) for issue in found if issue.html_url.rpartition("/")[0].endswith("/issues")]

    def open_issue(self, title: str, body: str, label: str, *, find: Callable[[Ticket], bool]) -> Ticket:
        """Open an issue that carries a label, by which it is found again.

        Args:
            title: Its title.
            body: Its text.
            label: Its label.
            find: Tells whether an issue is this one, for when the answer is lost.

        Raises:
            AccessError: The token may not write issues, or not label them; none is left open then.
            TransientError: GitHub does not answer.
        """

        def make() -> Ticket:
            with translated(f"opening an issue in {self._github.name}", "issues"):
                return self._labelled(self._github.repo.create_issue(title, body=body, labels=[label]), label)

        self._have_label(label)
        return _once(make, lambda: next((one for one in self.issues(label) if find(one)), None))

    def _have_label(self, label: str) -> None:
        """See that the repository has a label: one that it has not is dropped from a new issue, silently."""
        repo = self._github.repo
        with translated(f"the label {label} of {self._github.name}", "issues"):
            try:
                repo.get_label(label)
            except UnknownObjectException:
                try:
                    repo.create_label(label, _COLOUR, "What both sides changed, kept by notionsync")
                except GithubException as error:
                    if error.status != 422:
                        raise
                    repo.get_label(label)  # somebody made it in that moment

    def _labelled(self, issue: Issue, label: str) -> Ticket:
        """Close an issue again that was not given its label: nothing would know it, and each run would open one more."""
        if label in {one.name for one in issue.labels}:
            return _ticket(issue)
        issue.edit(state="closed")
        raise AccessError(
            f"an issue in {self._github.name}: GitHub gives it no label, so it was closed again: #{issue.number}",
            advice="use a token that may label issues, or leave --issues out",
        )

    def edit_issue(self, number: int, *, body: str, title: str, state: str) -> None:
        """Give an issue another text and state."""
        with translated(f"the issue #{number} of {self._github.name}", "issues"):
            self._github.repo.get_issue(number).edit(title=title, body=body, state=state)


def _once(make: Callable[[], T], find: Callable[[], T | None]) -> T:
    """Make something; look it up when the answer is lost, and make it again only if it is not there."""
    lost: TransientError | None = None
    for _ in range(_TRIES):
        try:
            return make()
        except TransientError as error:
            lost = error
        if found := find():
            return found
    raise lost or TransientError("no answer")


def _pull(pull: PullRequest) -> Pull:
    return Pull(
        number=pull.number,
        url=pull.html_url,
        body=pull.body or "",
        head=pull.head.sha,
        open=pull.state == "open",
        merged=pull.merged_at is not None,
    )


def _ticket(issue: Issue) -> Ticket:
    return Ticket(
        number=issue.number, url=issue.html_url, title=issue.title, body=issue.body or "", open=issue.state == "open"
    )
