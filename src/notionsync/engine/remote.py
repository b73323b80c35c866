"""Runs over a repository on GitHub without a checkout: a commit in a temporary folder, then one commit of what changed.

The branch may move while a run is at work. Then its commit is not published: the run is made once more, over the new
head, and told what the lost one had already written to Notion (see `leftover`). Nothing is rebased, nothing forced.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from notionsync.config import FILE_NAME, Config
from notionsync.engine.checkout import Checkout, Origin, checked_out
from notionsync.engine.issues import keep_issues
from notionsync.engine.leftover import Leftover
from notionsync.engine.proposal import Proposal
from notionsync.engine.report import Report, Thread
from notionsync.engine.session import Progress, Session, never, read_config, silent
from notionsync.errors import ConfigError, MovedError, NotionSyncError, TransientError

if TYPE_CHECKING:  # PyGithub takes a while to import, and most runs have a checkout
    from notionsync.sides.github import GitHub

T = TypeVar("T")

UPDATE_BRANCH = "notionsync/update"
"""The branch that pull requests are made from unless another is named."""
TRAILER = "Notionsync-Run"
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A repository on GitHub, and how to publish to it.

    Attributes:
        repository: `OWNER/NAME`.
        branch: What is read and published to; the repository's default branch if empty.
        update_branch: The branch to publish to in a pull request; empty to commit to `branch` itself.
        issues: Whether each open conflict gets an issue.
    """

    repository: str
    branch: str = ""
    update_branch: str = ""
    issues: bool = False

    @classmethod
    def of(cls, text: str, *, update_branch: str = "", issues: bool = False) -> Target:
        """Read `OWNER/REPO[@BRANCH]`."""
        repository, _, branch = text.partition("@")
        return cls(repository=repository, branch=branch, update_branch=update_branch, issues=issues)


@dataclass(frozen=True, slots=True)
class Published(Generic[T]):
    """What came of a run over a repository.

    Attributes:
        result: What the last of its tries returned.
        earlier: What those before it returned, whose commits were not published.
        commit: The commit that was made; empty when nothing changed.
        pull_request: The pull request that holds it.
        issues: The issues of conflicts.
        error: Why it was not published, or the issues are not as they should be, although the work was done.
    """

    result: T
    earlier: tuple[T, ...] = ()
    commit: str = ""
    pull_request: Thread | None = None
    issues: tuple[Thread, ...] = ()
    error: NotionSyncError | None = None


def told(done: Published[Report]) -> Report:
    """Return the report of a run with what was published, and with what its unpublished tries had done in Notion."""
    report = done.result
    found = {outcome.path: outcome for outcome in report.outcomes}
    requests = report.requests
    for before in done.earlier:
        requests += before.requests
        for outcome in before.outcomes:
            now = found.get(outcome.path)
            if outcome.state != "done" or outcome.direction not in {"to-notion", "both"}:
                continue
            if now is None or (now.state == "done" and not now.direction):
                found[outcome.path] = replace(outcome, direction="to-notion")
            elif now.direction == "from-notion":
                found[outcome.path] = replace(now, direction="both")
    if done.error is not None and not report.stopped:
        report = replace(
            report, stopped=done.error.message, stopped_advice=done.error.advice, stopped_code=done.error.exit_code
        )
    return replace(
        report,
        outcomes=tuple(found.values()) if done.earlier else report.outcomes,
        requests=requests,
        commit=done.commit or report.commit,
        pull_request=done.pull_request,
        issues=done.issues,
    )


class Direct:
    """Publishes to the branch that was read.

    Args:
        github: The repository.
    """

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def begin(self, _: Checkout) -> Leftover:
        """Know of nothing that was not published."""
        return Leftover()

    def prove(self) -> None:
        """Find out that a commit can be published, as `GitHub.prove_writable`."""
        self._github.prove_writable()

    def publish(self, checkout: Checkout, message: str, _: object) -> tuple[str, None]:
        """Commit what changed.

        Returns:
            The commit that was made, empty if nothing changed; and that there is no pull request.

        Raises:
            MovedError: The branch has moved on.
        """
        changes = checkout.changes()
        return self._github.commit(checkout.snapshot.commit, changes, message) if changes else "", None


def over(
    target: Target,
    work: Callable[[Session], T],
    *,
    message: str,
    publish: bool = True,
    required: bool = True,
    readable: bool = True,
    whole: bool = True,
    progress: Progress | None = None,
    stopping: Callable[[], bool] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Published[T]:
    """Work on a repository, and publish what changed.

    Args:
        target: The repository.
        work: Does the work; done again from the new head when the branch has moved meanwhile.
        message: The commit message, with its trailer.
        publish: Whether anything is published at all.
        required: Whether the repository must hold `notionsync.toml`.
        readable: Whether that must be right; else the work gets the defaults, and reads it by itself.
        whole: Whether the work looks at every question; else no issue of a conflict is closed.
        progress: Told about long work.
        stopping: Asked before each question that is written whether to stop.
        environ: Where token and address are read from; the program's environment if None.

    Raises:
        AccessError: The token is missing or refused, or may not publish what has to be published.
        TransientError: GitHub cannot be reached, or others were always faster.
        NotionSyncError: As `work`.
    """
    from notionsync.sides.github import connected

    left = Leftover()
    earlier: list[T] = []
    with connected(target.repository, target.branch, os.environ if environ is None else environ) as github:
        way = Proposal(github, target.update_branch) if target.update_branch else Direct(github)
        while True:
            github.pause(len(earlier))
            results: list[T] = []
            try:
                with checked_out(github) as checkout:
                    config = _config(checkout, required=required) if readable else Config()
                    checkout.carry(way.begin(checkout).under(left))
                    session = _session(checkout, config, way.prove, progress=progress, stopping=stopping)
                    results.append(work(session))
                    if not publish:
                        return Published(results[0])
                    try:
                        commit, pull_request = way.publish(checkout, message, results[0])
                    except MovedError as error:
                        if len(earlier) == _TRIES - 1:
                            raise _outrun(github) from error
                        left = left.and_of(checkout.tree, checkout.state, checkout.start, checkout.sha, results[0])
                        earlier += results
                        continue
            except NotionSyncError as error:
                tried = [*earlier, *results]
                if tried and isinstance(tried[-1], Report):  # what was done in Notion has to be told all the same
                    return Published(tried[-1], tuple(tried[:-1]), error=error)
                raise
            done = Published(results[0], tuple(earlier), commit, pull_request)
            return _with_issues(github, done, whole=whole) if target.issues else done


def _with_issues(github: GitHub, done: Published[T], *, whole: bool) -> Published[T]:
    if not isinstance(done.result, Report):
        return done
    try:
        return replace(done, issues=keep_issues(github, done.result, whole=whole))
    except NotionSyncError as error:
        return replace(done, error=error)


def _outrun(github: GitHub) -> TransientError:
    return TransientError(
        f"{github.branch} of {github.name} moved on {_TRIES} times while the run was at work; nothing was published",
        advice="run the same command again: it finds what was written to Notion",
    )


def _config(checkout: Checkout, *, required: bool) -> Config:
    github = checkout.github
    if required and FILE_NAME not in checkout.snapshot.files:
        raise ConfigError(
            f"{github.name}@{github.branch}: there is no {FILE_NAME}",
            advice=f"notionsync init --github {github.name}@{github.branch} --database URL",
        )
    return read_config(checkout.tree, required=required)


def _session(
    checkout: Checkout,
    config: Config,
    proof: Callable[[], None],
    *,
    progress: Progress | None,
    stopping: Callable[[], bool] | None,
) -> Session:
    github = checkout.github
    return Session(
        tree=checkout.tree,
        config=config,
        state=checkout.state,
        git=Origin(checkout.folder, github.branch, github.repo.html_url, checkout.start),
        progress=progress or silent,
        proof=proof,
        start=checkout.folder,
        stopping=stopping or never,
    )
