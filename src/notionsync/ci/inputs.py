"""The Action's inputs: text from a workflow file, checked before anything else happens."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from notionsync.errors import UsageError

Command = Literal["sync", "pull", "push", "readme", "check"]
Mode = Literal["commit", "api", "pull-request", "none"]
Choice = Literal["fail", "local", "notion", "markers"]

_AUTHOR = re.compile(r"[^<>\x00-\x1f\x7f]*[^<>\x00-\x20\x7f] <[^<>\s\x00-\x1f\x7f]+@[^<>\s\x00-\x1f\x7f]+>")
_BRANCH = re.compile(r"(?![-/.])(?!.*(?:\.\.|//|@\{|\.lock(?:/|$)|/\.|[/.]$))[^\x00-\x20\x7f~^:?*\[\\]+")
"""What git calls well formed (git-check-ref-format), as far as a branch of ours needs it."""
_CEILING = re.compile(r"\d{1,9}%?(,\d{1,9}%?)?")

_PR_BRANCH = "notionsync/update"
_MESSAGE = "Sync answers with Notion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a workflow asks for.

    Attributes:
        command: The command of notionsync.
        mode: How the result is published.
        pr_branch: The branch that a pull request comes from.
        message: First line of the commit.
        author: `Name <mail>` of the commit's author; empty for the bot, or whom git is set up for.
        dry_run: Whether everything is left as it is.
        on_conflict: Who wins a conflict; empty for nobody.
        max_changes: How much may change, as `--max-changes` takes it; empty for any.
        allow_delete: How many deletions are let through; empty for the configured number.
        max_minutes: After how many minutes no question is begun; 0 for never.
        issues: Whether each conflict gets an issue.
    """

    command: Command = "sync"
    mode: Mode = "commit"
    pr_branch: str = _PR_BRANCH
    message: str = _MESSAGE
    author: str = ""
    dry_run: bool = False
    on_conflict: Choice = "fail"
    max_changes: str = ""
    allow_delete: str = ""
    max_minutes: float = 0.0
    issues: bool = False

    @property
    def talks_to_notion(self) -> bool:
        """Whether the command needs Notion at all."""
        return self.command in {"sync", "pull", "push"}

    @property
    def remote(self) -> bool:
        """Whether GitHub's API publishes, and not git."""
        return self.mode in {"api", "pull-request"}


def read_inputs(env: Mapping[str, str]) -> Inputs:
    """Read the inputs from `INPUT_…` in the environment; what is missing or empty has its default.

    Raises:
        UsageError: One is wrong; the message names it.
    """

    def given(name: str) -> str:
        return env.get("INPUT_" + name.replace("-", "_").upper(), "").strip()

    minutes = given("max-minutes")
    inputs = Inputs(
        command=cast("Command", _one_of("command", given("command") or "sync", get_args(Command))),
        mode=cast("Mode", _one_of("mode", given("mode") or "commit", get_args(Mode))),
        pr_branch=_matching("pr-branch", given("pr-branch") or _PR_BRANCH, _BRANCH, "the name of a branch"),
        message=" ".join((given("commit-message") or _MESSAGE).split()),
        author=_matching("author", given("author"), _AUTHOR, "a name and an address, as in: Ada <ada@example.org>"),
        dry_run=_yes("dry-run", given("dry-run")),
        on_conflict=cast("Choice", _one_of("on-conflict", given("on-conflict") or "fail", get_args(Choice))),
        max_changes=_matching("max-changes", given("max-changes"), _CEILING, "a number, a share, or both: 50,50%"),
        allow_delete=_matching("allow-delete", given("allow-delete"), re.compile(r"\d{1,9}"), "a number"),
        max_minutes=float(_matching("max-minutes", minutes, re.compile(r"\d{1,5}"), "a number of minutes") or 0),
        issues=_yes("issues", given("issues")),
    )
    _check_together(inputs)
    return inputs


def _check_together(inputs: Inputs) -> None:
    if inputs.on_conflict != "fail" and inputs.command not in {"sync", "pull"}:
        raise UsageError(f"on-conflict: {inputs.command} settles no conflicts", advice="command: sync")
    if inputs.remote and inputs.author:
        raise UsageError(
            f"author: with mode {inputs.mode} GitHub names the author, and signs for it", advice="mode: commit"
        )
    if inputs.remote and not inputs.talks_to_notion:
        raise UsageError(f"mode: {inputs.command} is published with commit or none", advice="mode: commit")
    if inputs.issues and inputs.command == "push":
        raise UsageError("issues: push decides no conflicts", advice="command: sync")
    if inputs.issues and not inputs.remote:
        raise UsageError("issues: conflicts become issues with mode api and pull-request only", advice="mode: api")


def _one_of(name: str, value: str, choices: Collection[str]) -> str:
    if value not in choices:
        raise UsageError(f'{name}: must be one of {", ".join(choices)}, not "{value}"')
    return value


def _matching(name: str, value: str, pattern: re.Pattern[str], what: str) -> str:
    if value and not pattern.fullmatch(value):
        raise UsageError(f'{name}: must be {what}, not "{value}"')
    return value


def _yes(name: str, value: str) -> bool:
    if value.lower() not in {"", "true", "false"}:
        raise UsageError(f'{name}: must be true or false, not "{value}"')
    return value.lower() == "true"
