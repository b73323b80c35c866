"""Let two editors and the engine play without end, each play from a fresh seed, and look for one lost word or one duplicate.

    python scripts/soak.py --seconds 3600
    python scripts/soak.py --replay "here-word:8393 killed:2964 check-out:8595"

On a finding it prints the shortest play that still shows it, as a line for --replay, and goes on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.machine.play import Step, chance, perform, written  # noqa: E402 - the root is known only now
from tests.machine.shrink import as_steps, as_text, shrunk  # noqa: E402
from tests.machine.stage import opened, prepare  # noqa: E402

REPORT_EVERY = 60.0
"""Seconds."""


def main() -> int:
    """Play until the time is over; return 1 if anything was found."""
    options = _options()
    shared = Path("/dev/shm")  # noqa: S108 - in memory where there is such a place: nothing here is to be kept
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        top = Path(folder)
        prepare(top / "template")
        if options.replay:
            found = trouble(top, as_steps(options.replay))
            print(found or "nothing found")
            return int(bool(found))
        return _soak(top, options.seed, options.steps, options.seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="how long to play; without end if not given"
    )
    parser.add_argument("--steps", type=int, default=25, help="steps of one play")
    parser.add_argument("--seed", type=int, default=time.time_ns() // 1000 % 1_000_000_000, help="the first seed")
    parser.add_argument("--replay", default="", metavar="PLAY", help="play this instead")
    return parser.parse_args()


def _soak(top: Path, seed: int, steps: int, seconds: float) -> int:
    began = told = time.monotonic()
    plays = found = 0
    print(f"first seed {seed}, {steps} steps a play", flush=True)
    while time.monotonic() - began < seconds:
        play = written(chance(seed), steps)
        message = trouble(top, play)
        plays += 1
        if message:
            found += 1
            short = shrunk(play, partial(_shows, top, message[:25]))
            print(f"\nseed {seed}: {trouble(top, short)}\n  --replay {as_text(short)!r}\n", flush=True)
        seed += 1
        if time.monotonic() - told > REPORT_EVERY:
            told = time.monotonic()
            print(f"{told - began:.0f} s: {plays} plays, {plays * steps} steps, {found} findings", flush=True)
    print(f"{plays} plays, {plays * steps} steps, {found} findings")
    return int(found > 0)


def _shows(top: Path, message: str, steps: Sequence[Step]) -> bool:
    return trouble(top, steps).startswith(message)


def trouble(top: Path, steps: Sequence[Step]) -> str:
    """Return what goes wrong in a play; empty if nothing does."""
    try:
        with opened(top / "template", top / "stage") as stage:
            perform(stage, steps)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
