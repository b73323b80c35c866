"""`--github`: any command over a repository on GitHub, without a checkout."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from notionsync.cli.options import chosen, with_options
from notionsync.cli.output import say, say_thread
from notionsync.engine.remote import TRAILER, UPDATE_BRANCH, Published, Target, over, told
from notionsync.engine.report import Outcome, Report
from notionsync.engine.session import Progress, Session, open_session
from notionsync.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_COMMAND = re.compile(r"notionsync (pull|push|sync|resolve|link|readme|check)\b[^,;:]*")
"""Advice that is one command, and nothing else."""
_GITHUB = click.option(
    "--github",
    metavar="OWNER/REPO[@BRANCH]",
    help="Work on this repository on GitHub instead of the files here. Needs GITHUB_TOKEN.",
)
_PUBLISHING = (
    click.option(
        "--pull-request", is_flag=True, help="With --github: publish as a pull request that is kept up to date."
    ),
    click.option(
        "--pr-branch",
        metavar="NAME",
        default=UPDATE_BRANCH,
        show_default=True,
        help="With --pull-request: the branch it is made from.",
    ),
)
_ISSUES = click.option("--issues", is_flag=True, help="With --github: keep one issue for each open conflict.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a command finds its files, and where that goes which it changes: here, or on GitHub.

    Attributes:
        target: The repository on GitHub; None for the one around the current folder.
    """

    target: Target | None = None

    def run(
        self,
        work: Callable[[Session], T],
        *,
        command: str,
        message: str = "",
        publish: bool = False,
        required: bool = True,
        readable: bool = True,
        whole: bool = True,
        progress: Progress | None = None,
        stopping: Callable[[], bool] | None = None,
    ) -> Published[T]:
        """Work on the files; on GitHub, publish what changed.

        Args:
            work: Does the work; on GitHub it is done again when the branch has moved meanwhile.
            command: The command's name.
            message: The commit message.
            publish: Whether changes are published on GitHub.
            required: Whether `notionsync.toml` must be there.
            readable: Whether it must be right; else the work gets the defaults, and reads it by itself.
            whole: Whether the work looks at every question; else no issue of a conflict is closed.
            progress: Told about long work.
            stopping: Asked before each question that is written whether to stop.

        Raises:
            NotionSyncError: As `work`, and as `notionsync.engine.remote.over`.
        """
        work = _on_collection(work) if chosen() and readable else work
        if self.target is None:
            session = open_session(
                Path.cwd(), progress=progress, stopping=stopping, required=required, readable=readable
            )
            return Published(work(session))
        return over(
            self.target,
            work,
            message=f"{message}\n\n{TRAILER}: {command}\n",
            publish=publish,
            required=required,
            readable=readable,
            whole=whole,
            progress=progress,
            stopping=stopping,
        )

    def report(
        self,
        work: Callable[[Session], Report],
        *,
        command: str,
        message: str = "",
        publish: bool = False,
        whole: bool = True,
        progress: Progress | None = None,
        stopping: Callable[[], bool] | None = None,
    ) -> Report:
        """Run a sync, as `run`; return its report with what was published in it."""
        done = self.run(
            work,
            command=command,
            message=message,
            publish=publish,
            whole=whole,
            progress=progress,
            stopping=stopping,
        )
        report = told(done)
        return replace(report, outcomes=tuple(self._advised(outcome) for outcome in report.outcomes))

    def _advised(self, outcome: Outcome) -> Outcome:
        """Let a command to type next name the repository as this one did."""
        if self.target is None or not _COMMAND.fullmatch(outcome.advice):
            return outcome
        where = f"{self.target.repository}@{self.target.branch}".removesuffix("@")
        return replace(outcome, advice=f"{outcome.advice} --github {where}")

    def facts(self, done: Published[Any]) -> dict[str, Any]:
        """Return what a command's JSON says of what was published; nothing where nothing can be."""
        if self.target is None:
            return {}
        return {"commit": done.commit, "pull_request": done.pull_request.to_json() if done.pull_request else None}


def _on_collection(work: Callable[[Session], T]) -> Callable[[Session], T]:
    """Return work that is given the session of the one collection that was asked for."""
    name = chosen()

    def on_part(session: Session) -> T:
        return work(session.part(name))

    return on_part


def on_github(*, publishes: bool = False, issues: bool = False, message: str = "") -> Callable[[F], F]:
    """Return a decorator that gives a command `--github`, and a `place` made of what was said.

    Args:
        publishes: Whether the command writes files, so that it can be asked to publish them in a pull request.
        issues: Whether it finds conflicts.
        message: What its commit says by default; empty if it has a `--message` of its own, or makes no commit.
    """
    options = [_GITHUB, *(_PUBLISHING if publishes else ()), *([_ISSUES] if issues else [])]
    if message:
        options.append(
            click.option(
                "--message", "-m", default=message, show_default=True, help="With --github: the commit message."
            )
        )

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def placed(*arguments: Any, **given: Any) -> Any:
            return command(*arguments, place=_place(given), **given)

        return cast("F", with_options(*options)(placed))

    return decorate


def say_published(done: Published[Any]) -> None:
    """Print what was published, if anything was."""
    if done.commit:
        say(f"committed {done.commit[:12]}")
    if done.pull_request:
        say_thread("pull request", done.pull_request)


def _place(given: dict[str, Any]) -> Place:
    repository = given.pop("github")
    pull_request, branch = given.pop("pull_request", False), given.pop("pr_branch", UPDATE_BRANCH)
    issues = given.pop("issues", False)
    if repository is None:
        for name, said in (("--pull-request", pull_request), ("--issues", issues)):
            if said:
                raise UsageError(f"{name} goes with --github", advice=f"--github OWNER/REPO {name}")
        return Place()
    target = Target.of(repository, update_branch=branch if pull_request else "", issues=issues)
    return Place(target=target)
