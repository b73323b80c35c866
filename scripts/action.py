"""What the GitHub Action runs: one sync of the checked-out branch, published without ever overwriting anybody.

    action.py ready    is there a token, a data source, and a reason to run? Writes `ready` to the step's outputs.
    action.py run      sync, commit, push; when somebody else pushed meanwhile, start over from their commit.

Only the standard library: `ready` runs before anything is installed. Everything comes in through the environment,
and what the sync prints is untrusted text: it cannot speak to the runner, nor break out of the summary.
"""

from __future__ import annotations

import os
import random
import re
import secrets
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

COMMANDS = ("sync", "pull", "push")
TRIES = 5
TRAILER = "Notionsync-Run"
SUMMARY_LIMIT = 500_000
"""Characters; a step's summary may hold 1 MiB (docs.github.com, workflow commands)."""
BOT = "github-actions[bot]"
BOT_MAIL = "41898282+github-actions[bot]@users.noreply.github.com"


class StopError(Exception):
    """The run cannot go on.

    Args:
        message: What is the matter and what to do.
        code: The exit code, as those of `notionsync`.
    """

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def main(arguments: list[str]) -> int:
    """Run one of the two steps and return its exit code."""
    try:
        if arguments == ["ready"]:
            reason = idle_reason(os.environ)
            output(ready="false" if reason else "true")
            if reason:
                say("notice", f"Nothing to do: {reason}.")
            return 0
        if arguments == ["run"]:
            return run(os.environ)
    except StopError as stop:
        say("error", str(stop))
        return stop.code
    say("error", "usage: action.py ready|run")
    return 2


def idle_reason(env: Mapping[str, str]) -> str:
    """Return why there is nothing to do yet, or an empty string.

    Raises:
        StopError: The event or `notionsync.toml` does not allow a run.
    """
    if env.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
        raise StopError(
            "notionsync writes to branches, never from a pull request; check those with: notionsync readme --check"
        )
    if not env.get("NOTION_TOKEN", "").strip():
        return "there is no NOTION_TOKEN; add the secret and pass it as notion-token"
    try:
        config = tomllib.loads(Path("notionsync.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "there is no notionsync.toml; run: notionsync init"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StopError(f"notionsync.toml: {error}") from error
    notion = config.get("notion")
    if not isinstance(notion, dict) or not notion.get("data_source"):
        return "notionsync.toml names no data source; run: notionsync init"
    if env.get("GITHUB_EVENT_NAME") == "push" and TRAILER in trailers():
        return "this push is notionsync's own commit"
    return ""


def run(env: Mapping[str, str]) -> int:
    """Sync, commit and push; return the sync's exit code.

    Raises:
        StopError: The inputs are wrong, nothing can be published, or others were always faster.
    """
    command = env.get("COMMAND") or "sync"
    if command not in COMMANDS:
        raise StopError(f'command: must be one of {", ".join(COMMANDS)}, not "{command}"')
    if env.get("DRY_RUN", "").lower() == "true":
        return summarised(command, ["--dry-run"], env)
    branch = current_branch()
    message = " ".join((env.get("MESSAGE") or "Sync answers with Notion").split())
    for attempt in range(TRIES):
        if attempt:
            time.sleep(random.uniform(1, 4) * attempt)  # noqa: S311 - spreads runners, guards nothing
        catch_up(branch)
        start = head()
        code = summarised(command, ["--commit", "--message", message], env)
        if head() == start:
            return code
        if publish(branch, start):
            output(changed="true", commit=head())
            return code
        say("notice", "Somebody pushed meanwhile; starting over from their commit.")
        git("reset", "--quiet", "--hard", start)
        git("clean", "-fdxq", "--", ".notionsync")  # a journal of what was just taken back
    raise StopError(f"{branch} moved on {TRIES} times while the run was at work; the next run goes on from here", 5)


def current_branch() -> str:
    """Return the branch that is checked out, proven to be one we may push to.

    Raises:
        StopError: HEAD is detached, or the branch cannot be pushed to.
    """
    branch = git("symbolic-ref", "--quiet", "--short", "HEAD", check=False).stdout.strip()
    if not branch:
        raise StopError("no branch is checked out; run on a branch, with actions/checkout before this action")
    tried = git("push", "--dry-run", "--porcelain", "origin", f"HEAD:refs/heads/{branch}", check=False)
    if tried.returncode and "[rejected]" not in tried.stdout:
        raise StopError(
            f"{branch} cannot be pushed to, so nothing was written anywhere. Give the job `contents: write`.\n{tried.stderr}"
        )
    return branch


def catch_up(branch: str) -> None:
    """Move to what the branch is at `origin`, without losing a commit.

    Raises:
        StopError: There are commits here that `origin` does not have.
    """
    git("fetch", "--quiet", "--no-tags", "origin", f"refs/heads/{branch}")
    if git("merge", "--quiet", "--ff-only", "FETCH_HEAD", check=False).returncode:
        raise StopError(f"{branch} has commits here that origin does not have; push them first")


def publish(branch: str, start: str) -> bool:
    """Push; tell whether it landed. False means that somebody else was faster.

    Raises:
        StopError: The push was refused for another reason.
    """
    pushed = git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}", check=False)
    if not pushed.returncode:
        return True
    git("fetch", "--quiet", "--no-tags", "origin", f"refs/heads/{branch}")
    tip = git("rev-parse", "FETCH_HEAD").stdout.strip()
    if tip == head():
        return True  # only the reply was lost
    if tip == start:
        raise StopError(
            f"{branch} refused the push. A protected branch needs a token that may push to it.\n{pushed.stderr}"
        )
    return False


def summarised(command: str, options: list[str], env: Mapping[str, str]) -> int:
    """Run notionsync, show what it prints, and put it into the step's summary; return its exit code."""
    bell = secrets.token_hex(16)
    sys.stdout.write(f"::stop-commands::{bell}\n")
    sys.stdout.flush()
    printed = []
    program = [str(Path(sys.executable).with_name("notionsync")), command, *options]
    # The program gets Notion's token, never GitHub's; its commits are the bot's unless the repository says otherwise.
    inherited = {key: value for key, value in env.items() if key != "PUSH_TOKEN"}
    with subprocess.Popen(
        program, env={**identity(), **inherited, "NO_COLOR": "1"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            printed.append(line)
            sys.stdout.write(line)
    sys.stdout.write(f"\n::{bell}::\n")
    code = process.returncode
    append("GITHUB_STEP_SUMMARY", fenced(f"notionsync {command} {' '.join(options[:1])}".strip(), "".join(printed)))
    if code == 3:
        say("warning", "Something is left for a person to decide; the summary says what.")
    elif code:
        say("error", f"notionsync {command} ended with exit code {code}; the summary says why.")
    return code


def fenced(title: str, text: str) -> str:
    """Return a section of Markdown with text that nothing in it can leave."""
    if len(text) > SUMMARY_LIMIT:
        text = text[:SUMMARY_LIMIT] + "\n… the rest is in the log\n"
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=2) + 1)
    return f"### {title}\n\n{fence.rjust(3, '`')}text\n{text.rstrip()}\n{fence.rjust(3, '`')}\n\n"


def identity() -> dict[str, str]:
    """Return who commits, where git does not know."""
    if git("config", "user.email", check=False).stdout.strip():
        return {}
    return {
        "GIT_AUTHOR_NAME": BOT, "GIT_AUTHOR_EMAIL": BOT_MAIL, "GIT_COMMITTER_NAME": BOT, "GIT_COMMITTER_EMAIL": BOT_MAIL,
    }  # fmt: skip


def git(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git; the token for `origin` travels through the environment, never through arguments, addresses or files.

    Raises:
        StopError: It failed, and `check` is set.
    """
    done = subprocess.run(
        ["git", *credentials(os.environ), *arguments],
        capture_output=True, text=True, encoding="utf-8", errors="replace", check=False,
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
    )  # fmt: skip
    if check and done.returncode:
        raise StopError(f"git {arguments[0]}: {done.stderr.strip()}", 1)
    return done


def credentials(env: Mapping[str, str]) -> list[str]:
    """Return git's options for the token in `PUSH_TOKEN`, where there is one."""
    if not env.get("PUSH_TOKEN"):
        return []
    ask = '!f() { test "$1" = get && echo username=x-access-token && echo "password=$PUSH_TOKEN"; }; f'
    return ["-c", "credential.helper=", "-c", f"credential.helper={ask}"]


def head() -> str:
    """Return the commit that is checked out."""
    return git("rev-parse", "HEAD").stdout.strip()


def trailers() -> str:
    """Return the trailers of the commit that is checked out."""
    return git("log", "-1", "--format=%(trailers)", check=False).stdout


def say(kind: str, message: str) -> None:
    """Write an annotation; line breaks are encoded as the runner wants them."""
    text = message.strip().replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    sys.stdout.write(f"::{kind} title=notionsync::{text}\n")
    sys.stdout.flush()


def output(**values: str) -> None:
    """Set outputs of the step; the values are ours: words and hashes."""
    append("GITHUB_OUTPUT", "".join(f"{key}={value}\n" for key, value in values.items()))


def append(variable: str, text: str) -> None:
    """Add text to one of the files that the runner names in the environment."""
    path = os.environ.get(variable)
    if path:
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
