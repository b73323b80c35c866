"""Change the code that merges and decides in every small way, and print which changes no test notices.

mutmut makes the changes and runs the tests of `tests/plan` on each, without the laws, whose examples take too long here: a
change has to be noticed by a test that says what it is about. What survives has to be explained in
`tests/plan/survivors.toml`; a survivor that is not fails the run. `--seconds` is the time it may take: what is done is kept
in `mutants/`, and the next run goes on there.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = Path(sys.executable).with_name("mutmut")
NOTICED = {"killed", "timeout", "suspicious", "caught by type check", "segfault"}


def main() -> int:
    """Run for a while, print what survived; return 1 if something of it is not explained, 2 if nothing was tried."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1800, help="how long it may take [1800]")
    parser.add_argument("--only", default="", help="mutants whose name begins with this, such as notionsync.plan.merge")
    options = parser.parse_args()
    run(options.seconds, options.only)
    states = read_states()
    explained, unexplained, met = 0, [], set()
    reasons = read_reasons()
    for name, state in states.items():
        if state in NOTICED or state == "not checked":
            continue
        change = read_change(name)
        if change in reasons:
            met.add(change)
            explained += 1
        else:
            unexplained.append((name, state, change))
    for name, state, (_, was, now) in unexplained:
        sys.stdout.write(f"{state}: {name}\n  - {was}\n  + {now}\n")
    counts = Counter(states.values())
    noticed = sum(counts[state] for state in NOTICED)
    unseen = counts["not checked"]
    sys.stdout.write(
        f"{len(states)} changes: {noticed} noticed, {explained} explained, {len(unexplained)} neither, {unseen} not tried\n"
    )
    if not unseen:
        for where, was, now in sorted(reasons.keys() - met):
            sys.stdout.write(f"explained, but not met: {where}\n  - {was}\n  + {now}\n")
    if unseen == len(states):
        sys.stdout.write("Nothing was tried: give it more time, or see above what went wrong.\n")
        return 2
    return 1 if unexplained else 0


def run(seconds: float, only: str) -> None:
    """Let mutmut work until it is done or the time is up; its progress goes to the standard error."""
    command = [str(MUTMUT), "run", "--max-children", str(os.cpu_count() or 1), *([f"{only}*"] if only else [])]
    with subprocess.Popen(command, cwd=ROOT, stdout=sys.stderr, start_new_session=True) as process:
        try:
            process.wait(seconds)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def read_states() -> dict[str, str]:
    """Return what became of each change, by the name that mutmut gives it."""
    told = _mutmut("results", "--all", "true")
    pairs = (line.strip().rpartition(": ") for line in told.splitlines() if "__mutmut_" in line)
    return {name: state for name, _, state in pairs}


def read_change(name: str) -> tuple[str, str, str]:
    """Return the function of a change, and its lines before and after, without indentation."""
    lines = _mutmut("show", name).splitlines()[3:]
    was, now = (" ".join(line[1:].strip() for line in lines if line[:1] == sign) for sign in "-+")
    return _function(name), was, now


def read_reasons() -> dict[tuple[str, str, str], str]:
    """Return why a change makes no difference that a test could see, by the change."""
    told = tomllib.loads((ROOT / "tests/plan/survivors.toml").read_text("utf-8"))
    return {
        (entry["where"], was, now): reason["why"]
        for reason in told["reason"]
        for entry in reason["change"]
        for was, now in [(entry["was"], now) for now in entry["now"]]
    }


def _function(name: str) -> str:
    """Return the function that a change is in: `trees.TreeMerge._rest` for `notionsync.plan.trees.xǁTreeMergeǁ_rest__mutmut_2`."""
    module, _, mangled = name.removeprefix("notionsync.plan.").partition(".")
    inside = re.sub(r"__mutmut_[0-9]+$", "", mangled).removeprefix("x_").removeprefix("xǁ")
    return f"{module}.{inside.replace('ǁ', '.')}"


def _mutmut(*words: str) -> str:
    return subprocess.run([str(MUTMUT), *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
