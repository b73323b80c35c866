"""What the GitHub Action asks before it installs anything: is there a reason to run?

Writes `ready` to the step's outputs. Only the standard library, since nothing is installed yet. Everything comes in through the
environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TRAILER = "Notionsync-Run"
CHECKED = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment", "merge_group"})
"""Events whose files are a proposal, not the branch: they are only checked."""
_ASK = '!f() { test "$1" = get && echo username=x-access-token && echo "password=$GITHUB_TOKEN"; }; f'


class StopError(Exception):
    """The run cannot go on: exit code 2, as `notionsync` has it for wrong use."""


def main() -> int:
    """Tell whether to go on and return the exit code."""
    try:
        reason = idle_reason(os.environ)
    except StopError as stop:
        say("error", str(stop))
        return 2
    path = os.environ.get("GITHUB_OUTPUT")
    if path:
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write(f"ready={'false' if reason else 'true'}\n")
    if reason:
        say("notice", f"Nothing to do: {reason}.")
    return 0


def idle_reason(env: Mapping[str, str]) -> str:
    """Return why there is nothing to do yet, or an empty string.

    Raises:
        StopError: The event or `notionsync.toml` does not allow a run.
    """
    event, command = env.get("GITHUB_EVENT_NAME", ""), env.get("INPUT_COMMAND", "").strip() or "sync"
    if env.get("RUNNER_OS") == "Windows" or (env.get("RUNNER_OS"), env.get("RUNNER_ARCH")) == ("macOS", "X64"):
        raise StopError(
            "this runner cannot run notionsync, which needs Linux or macOS on Apple silicon; use: ubuntu-latest"
        )
    if event == "pull_request_target":
        raise StopError("pull_request_target runs next to secrets what strangers propose; use: on: pull_request")
    if command == "check":
        return ""
    config = configuration()
    remote = env.get("INPUT_MODE", "").strip() in {"api", "pull-request"} and not Path(".git").exists()
    if remote and not config and env.get("NOTION_TOKEN", "").strip() and event not in CHECKED:
        return ""  # nothing is checked out: what is synced is read from GitHub
    if not config:
        return "there is no notionsync.toml; run: notionsync init"
    if event == "push" and is_ours(config, before(env)):
        return "this push is notionsync's own commit"
    if event in CHECKED or command == "readme":
        return ""
    if not env.get("NOTION_TOKEN", "").strip():
        return "there is no NOTION_TOKEN; add the secret and pass it as notion-token"
    if not any(one.get("data_source") for one in (table(config, "notion"), *collections(config))):
        return "notionsync.toml names no data source; run: notionsync init"
    return ""


def configuration() -> dict[str, Any]:
    """Return what `notionsync.toml` says; nothing if there is none.

    Raises:
        StopError: It cannot be read.
    """
    try:
        return tomllib.loads(Path("notionsync.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StopError(f"notionsync.toml: {error}") from error


def table(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a table of the configuration, empty if it is missing or no table."""
    value = config.get(name)
    return value if isinstance(value, dict) else {}


def collections(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the collections that have names."""
    value = config.get("collection")
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def before(env: Mapping[str, str]) -> str:
    """Return the commit that a pushed branch was at, as the event tells; empty if it does not."""
    try:
        event = json.loads(Path(env.get("GITHUB_EVENT_PATH", "")).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(event.get("before") or "") if isinstance(event, dict) else ""


def is_ours(config: Mapping[str, Any], start: str) -> bool:
    """Tell whether a push is a commit of ours alone: our trailer, and nothing but files that we write.

    Anything in doubt is a reason to run: what is in step already costs one look.

    Args:
        config: What `notionsync.toml` says.
        start: The commit that the branch was at before; empty if nobody knows.
    """
    if not any(line.startswith(f"{TRAILER}: ") for line in git("log", "-1", "--format=%(trailers)").splitlines()):
        return False
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        git("fetch", "--quiet", "--deepen=1", "origin")  # else the commit has no parent to be compared with
    parent = git("rev-parse", "--quiet", "--verify", "HEAD^").strip()
    if not parent or (start and parent != start):
        return False  # somebody's commits came with it
    changed = git("diff", "--name-only", "--relative", "-z", "HEAD^", "HEAD").split("\0")[:-1]
    outside = git("diff", "--name-only", "-z", "HEAD^", "HEAD").split("\0")[:-1]
    regions = config.get("region")
    lists = {str(region.get("file", "README.md")) for region in regions or () if isinstance(region, dict)}
    inside = [".notionsync/"]
    for one, usual in ((table(config, "files"), "answers"), *((one, one.get("name")) for one in collections(config))):
        folder = str(one.get("folder", usual)).strip("/")
        inside += [f"{folder}/", str(one.get("assets", f"{folder}/assets")).strip("/") + "/"]
    return len(changed) == len(outside) > 0 and all(path in lists or path.startswith(tuple(inside)) for path in changed)


def git(*arguments: str) -> str:
    """Return what git prints; nothing if it fails or is missing. The token for `origin` travels through the environment alone."""
    asked = f"credential.{os.environ.get('GITHUB_SERVER_URL') or 'https://github.com'}.helper"  # nobody else gets it
    options = ["-c", f"{asked}=", "-c", f"{asked}={_ASK}"] if os.environ.get("GITHUB_TOKEN") else []
    try:
        done = subprocess.run(
            ["git", *options, *arguments],
            capture_output=True, encoding="utf-8", errors="replace", check=False,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )  # fmt: skip
    except FileNotFoundError:
        return ""  # the next step says that it is missing
    return "" if done.returncode else done.stdout


def say(kind: str, message: str) -> None:
    """Write an annotation; line breaks are encoded as the runner wants them."""
    text = message.strip().replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    sys.stdout.write(f"::{kind} title=notionsync::{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
