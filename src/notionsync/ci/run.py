"""The order of it all: check the inputs, run notionsync, publish, tell."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from notionsync.ci.activity import warn_of_end
from notionsync.ci.annotations import annotate, questions
from notionsync.ci.checkout import Checkout
from notionsync.ci.inputs import Inputs, read_inputs
from notionsync.ci.runner import SUMMARY_BYTES, Runner
from notionsync.ci.summary import Place, Told, fenced, of_error, of_findings, of_run
from notionsync.ci.unpublished import Unpublished
from notionsync.engine.remote import TRAILER
from notionsync.errors import DifferenceError, NotionSyncError, TransientError, UsageError
from notionsync.sides.git import Git
from notionsync.sides.worktree import find_root

TRIES = 5
_ROOM = SUMMARY_BYTES // TRIES
"""Bytes of the summary that one run of notionsync may take."""
_KEPT_BACK = ("INPUT_", "GITHUB_TOKEN")
"""What notionsync itself has no use for; GitHub's token reaches it only where it publishes by itself."""
_CHECKED = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment", "merge_group"})
"""Events whose files are a proposal, and not the branch (docs.github.com, "Events that trigger workflows")."""


@dataclass(frozen=True, slots=True)
class Done:
    """One run of notionsync: what it is called, its exit code, its report as far as it got one, and what it printed."""

    title: str
    code: int
    report: Mapping[str, Any]
    printed: str
    seconds: float


@dataclass
class Job:
    """One run of the Action.

    Attributes:
        env: The step's environment.
        inputs: What is asked for.
        runner: Who is told.
        clock: Seconds that never go back.
        now: Seconds since the epoch.
        sleep: Waits.
        reports: Those of all tries.
        last: The last of them, as a whole.
    """

    env: Mapping[str, str]
    inputs: Inputs
    runner: Runner
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    reports: list[Mapping[str, Any]] = field(default_factory=list)
    last: Done | None = None

    def __post_init__(self) -> None:
        self.started = self.clock()

    def run(self) -> int:
        """Do what the event and the inputs ask for; return the exit code.

        Raises:
            NotionSyncError: It cannot be done.
        """
        event = self.env.get("GITHUB_EVENT_NAME", "")
        if event == "pull_request_target":
            raise UsageError("pull_request_target runs code of strangers next to secrets", advice="on: pull_request")
        if self.inputs.command == "check" or event in _CHECKED:
            return self._offline()
        if self.inputs.dry_run or self.inputs.mode == "none" or self.inputs.remote:
            return self._finish(self._call(self.inputs.command, self._options(), self._publishing()))
        return self._commit()

    # -- without Notion ----------------------------------------------------------------------------------------------

    def _offline(self) -> int:
        """Check what needs no token: the answers, the lists, and what a sync would find changed here."""
        done = [self._call("check", [])]
        if _has_regions():
            done.append(self._call("readme", ["--check", "--diff"]))
        if Path(".notionsync/state.json").exists():
            self._call("status", [])
        self._outputs(done[0])
        self._tell(done[0])
        if len(done) > 1:
            self._tell_lists(done[1])
        if done[0].code not in {0, DifferenceError.exit_code}:
            return done[0].code
        if self.inputs.talks_to_notion:
            self.runner.say("notice", "A proposal is only checked; nothing was synced with Notion.")
            return 0
        return DifferenceError.exit_code if any(one.code for one in done) else 0

    def _tell_lists(self, done: Done) -> None:
        for file in _rebuilt(done.report):
            path = self._place({}).of(file)
            self.runner.say("warning", "the question list is not what the files say; run: notionsync readme", file=path)
        if "error" in done.report:
            self._tell(done)

    # -- with git ----------------------------------------------------------------------------------------------------

    def _commit(self) -> int:
        """Run and push; start over from their commit when somebody else pushed meanwhile.

        Raises:
            TransientError: Others were always faster.
            UsageError: Nothing can be published.
        """
        checkout = Checkout(self.env, find_root(Path.cwd()), self.sleep)
        checkout.prove()
        identity = checkout.identity(self.inputs.author)
        checkout.env = {**self.env, **identity}
        left = Unpublished(checkout)
        try:
            return self._tries(checkout, left, identity)
        except NotionSyncError:
            self._keep_words(left)
            if self.last is not None:  # later steps learn what was done in Notion all the same
                self._outputs(self.last)
            raise

    def _tries(self, checkout: Checkout, left: Unpublished, identity: Mapping[str, str]) -> int:
        for attempt in range(TRIES):
            if attempt:
                self.sleep(random.uniform(1, 4) * attempt)  # noqa: S311 - spreads runners, guards nothing
            checkout.catch_up()
            start = checkout.head()
            left.carry(start, self._message())
            done = self._ran(self.inputs.command, self._options(), identity)
            if self.inputs.command == "readme":
                checkout.commit(_rebuilt(done.report), self._message())
            if checkout.head() == start:
                self._summarise(done)
                return self._finish(done)
            checkout.join(start)
            if self._published(checkout, start, left, done):
                return self._finish(self.last or done)
            self.runner.say("notice", "Somebody pushed meanwhile; starting over from their commit.")
            checkout.undo(start)
        raise TransientError(
            f"{checkout.branch} moved on {TRIES} times while the run was at work",
            advice="run the workflow again: it goes on from there",
        )

    def _published(self, checkout: Checkout, start: str, left: Unpublished, done: Done) -> bool:
        landed, note = False, "The commit of this could not be published."
        try:
            landed = checkout.publish(start)
            note = "" if landed else "Somebody pushed meanwhile, so that the commit of this was not published."
        finally:
            self.last = replace(done, report={**done.report, "commit": checkout.head() if landed else ""})
            self._summarise(self.last, note)
            if not landed:
                left.remember(start, done.report)
        return landed

    def _keep_words(self, left: Unpublished) -> None:
        """Put into the summary what lost a conflict and is in no commit: the runner's files go when the job ends."""
        for path, data in left.kept.items():
            text = data.decode("utf-8", "replace")
            self.summary = self.runner.summary(fenced(f"{path}, which could not be published", text, most=_ROOM))

    def _message(self) -> str:
        return f"{self.inputs.message}\n\n{TRAILER}: {self.inputs.command}\n"

    # -- notionsync --------------------------------------------------------------------------------------------------

    def _options(self) -> list[str]:
        """Return the options of the command.

        Raises:
            TransientError: The time is over.
        """
        asked = self.inputs
        if not asked.talks_to_notion:
            return ["--check", "--diff"] if asked.dry_run else []
        options = ["--dry-run"] if asked.dry_run else []
        if asked.on_conflict != "fail":
            options += ["--on-conflict", asked.on_conflict]
        for option, value in (("--max-changes", asked.max_changes), ("--allow-delete", asked.allow_delete)):
            options += [option, value] if value else []
        if asked.max_minutes:
            left = asked.max_minutes - (self.clock() - self.started) / 60
            if left <= 0:
                raise TransientError(f"{asked.max_minutes:.0f} minutes are over", advice="run the workflow again")
            options += ["--max-minutes", f"{left:.2f}"]
        if asked.mode != "none":
            options += ["--message", asked.message]
        if asked.remote:
            return options + self._remote_options()
        return [*options, *(["--commit"] if asked.mode == "commit" and not asked.dry_run else [])]

    def _remote_options(self) -> list[str]:
        repository, branch = self.env.get("GITHUB_REPOSITORY", ""), self.env.get("GITHUB_REF_NAME", "")
        if self.env.get("GITHUB_REF_TYPE") == "tag" or not (repository and branch):
            raise UsageError(f"mode {self.inputs.mode}: no branch started this run", advice="run it on a branch")
        if self._folder:
            raise UsageError(
                f"working-directory: with mode {self.inputs.mode}, notionsync.toml is at the top of the repository",
                advice="mode: commit",
            )
        options = ["--github", f"{repository}@{branch}"]
        if self.inputs.mode == "pull-request":
            options += ["--pull-request", "--pr-branch", self.inputs.pr_branch]
        return options + (["--issues"] if self.inputs.issues else [])

    def _publishing(self) -> dict[str, str]:
        return {"GITHUB_TOKEN": self.env.get("GITHUB_TOKEN", "")} if self.inputs.remote else {}

    def _call(self, command: str, options: Sequence[str], extra: Mapping[str, str] = {}) -> Done:
        """Run notionsync once, show what it prints, and put its report into the summary."""
        done = self._ran(command, options, extra)
        self._summarise(done)
        return done

    def _ran(self, command: str, options: Sequence[str], extra: Mapping[str, str]) -> Done:
        inherited = {key: value for key, value in self.env.items() if not key.startswith(_KEPT_BACK)}
        with tempfile.TemporaryDirectory() as folder:
            saved = Path(folder, "report.json")
            program = [str(Path(sys.executable).with_name("notionsync")), command, *options]
            if command != "status":
                program += ["--report", str(saved)]
            started = self.clock()
            code, printed = self._shown(program, {**inherited, "NO_COLOR": "1", **extra})
            title = f"notionsync {command}{' --dry-run' if '--dry-run' in options else ''}"
            self.last = Done(title, code, _read(saved), printed, self.clock() - started)
        self.reports.append(self.last.report)
        return self.last

    def _shown(self, program: Sequence[str], env: Mapping[str, str]) -> tuple[int, str]:
        printed = []
        with (
            self.runner.deaf() as write,
            subprocess.Popen(  # noqa: S603 - our own program; its options were checked
                program, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                encoding="utf-8", errors="replace",
            ) as process,
        ):  # fmt: skip
            for line in process.stdout or ():
                printed.append(line)
                write(line)
        return process.returncode, "".join(printed)

    # -- telling -----------------------------------------------------------------------------------------------------

    def _place(self, report: Mapping[str, Any]) -> Place:
        env = self.env
        server, name = env.get("GITHUB_SERVER_URL", ""), env.get("GITHUB_REPOSITORY", "")
        at = str(report.get("commit") or "") or env.get("GITHUB_SHA", "")
        return Place(f"{server}/{name}" if server and name else "", at, self._folder)

    @cached_property
    def _folder(self) -> str:
        """Where the run takes place, from the top of the repository, which need not be that of the workspace."""
        here = Path.cwd().resolve()
        folder = here.relative_to(Git(here).top().resolve()).as_posix()
        return "" if folder == "." else folder

    def _summarise(self, done: Done, note: str = "") -> None:
        told = Told(title=done.title, seconds=done.seconds, place=self._place(done.report), note=note)
        if "questions" in done.report and "command" in done.report:
            text = of_run(done.report, told, most=_ROOM)
        elif "findings" in done.report:
            text = of_findings(done.report, told, most=_ROOM)
        elif "error" in done.report:
            text = of_error(done.report, told)
        else:
            text = fenced(done.title, done.printed, most=_ROOM, note=note)
        self.summary = self.runner.summary(text)

    def _finish(self, done: Done) -> int:
        """Write outputs and annotations of the last try; return its exit code."""
        self._outputs(done)
        self._tell(done)
        if not done.report.get("commit"):
            warn_of_end(self.runner, self.env, self.now())
        return done.code

    def _tell(self, done: Done) -> None:
        remarks = annotate(self.runner, done.report, self._place(done.report))
        if "error" in done.report:
            advice = done.report.get("advice")
            self.runner.say("error", done.report["error"] + (f"\n{advice}" if advice else ""))
        elif done.report.get("stopped"):
            self.runner.say("error", done.report["stopped"])
        elif done.code and not remarks:
            self.runner.say("error", f"notionsync ended with exit code {done.code}; the log says why")

    def _outputs(self, done: Done) -> None:
        last = questions(done.report)
        commit = str(done.report.get("commit") or "")
        request = done.report.get("pull_request") or {}
        files = sum(_changes_file(q) for q in last) + len(done.report.get("regions", ())) + len(_rebuilt(done.report))
        self.runner.output(
            changed="true" if done.report.get("changed") or commit else "false",
            files_changed=files,
            pages_created=self._pages("create-page"),
            pages_updated=self._pages("update", "restore-page"),
            pages_deleted=self._pages("trash-page"),
            conflicts=sum(q["state"] == "conflict" for q in last),
            commit=commit,
            pull_request_number=str(request.get("number") or ""),
            pull_request_url=str(request.get("url") or ""),
            summary_path=self.summary,
        )

    def _pages(self, *verbs: str) -> int:
        """Return how many pages were written to in all tries: those of one whose commit was lost count as well."""
        return sum(
            q["verb"] in verbs and q["state"] in {"done", "planned"} and q["direction"] in {"to-notion", "both"}
            for report in self.reports
            for q in questions(report)
        )


def main(env: Mapping[str, str]) -> int:
    """Run the Action; return its exit code."""
    runner, reports = Runner(env), list[Mapping[str, Any]]()
    try:
        runner.mask(env.get("NOTION_TOKEN", ""), env.get("GITHUB_TOKEN", ""))
        return Job(env, read_inputs(env), runner, reports=reports).run()
    except NotionSyncError as error:
        runner.say("error", error.message + (f"\n{error.advice}" if error.advice else ""))
        told = Told(title="notionsync", seconds=0.0)
        ended = "what was done is not published" if reports else "nothing was done"
        runner.summary(of_error({"error": error.message, "advice": error.advice}, told, ended))
        return error.exit_code
    except Exception:  # noqa: BLE001 - what it says may come from anywhere, and the runner listens
        with runner.deaf() as write:
            write(traceback.format_exc())
        runner.say("error", "the Action failed; the log says where")
        return 1


def _changes_file(question: Mapping[str, Any]) -> bool:
    changes = question["direction"] in {"from-notion", "both"} or question["verb"] == "create-page"
    return changes and question["state"] in {"done", "planned"}


def _rebuilt(report: Mapping[str, Any]) -> list[str]:
    """Return the files that `readme` wrote."""
    files = report.get("files")
    return [file["path"] for file in files if file["changed"]] if isinstance(files, list) else []


def _read(path: Path) -> Mapping[str, Any]:
    try:
        report = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return report if isinstance(report, dict) else {}


def _has_regions() -> bool:
    try:
        return bool(tomllib.loads(Path("notionsync.toml").read_text("utf-8")).get("region"))
    except (OSError, ValueError):
        return False
