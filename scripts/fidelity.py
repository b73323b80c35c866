"""Print how faithful the emulator is: recorded conversations replayed, answers and requests held to the official types."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

from notionsync.emulator.replay.mutants import Verdicts, judge
from notionsync.emulator.replay.recording import read
from notionsync.emulator.replay.report import report
from notionsync.emulator.replay.requests import judge_made_up
from notionsync.emulator.replay.schemas import Schemas

WANTED = 0.98
MADE_UP = 60


def main() -> int:
    """Replay everything in the shared folder; 1 when less than 98 % match or something does not fit its type."""
    root = Path(os.environ.get("NOTIONSYNC_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "notion"
    recordings = sorted((root / "scenarios").glob("*.jsonl"))
    if not recordings:
        print(f"There are no recordings in {root}; set NOTIONSYNC_SHARED.")
        return 0
    schemas = Schemas(root / "schemas")
    result = report(recordings, schemas)
    print(*result.lines(), sep="\n")
    verdicts, chance = Verdicts(), Random(0)  # noqa: S311  (which requests to spoil, repeatably)
    for path in recordings:
        if path in result.unreadable:
            continue
        judge(read(path), schemas, chance, share=0.5, verdicts=verdicts)
    print("\nspoilt requests:")
    for verdict, count in sorted(verdicts.counts.items()):
        print(f"{count:6}  {verdict}")
    print(*verdicts.accepted, sep="\n")
    made = judge_made_up(schemas, chance, count=MADE_UP)
    print("\nrequests made up from the types:")
    for verdict, count in sorted(made.counts.items()):
        print(f"{count:6}  {verdict}")
    print(f"{len(made.findings):6}  misunderstood, or answered in another shape")
    print(*made.findings, sep="\n")
    wrong = [*result.findings, *result.invalid, *verdicts.accepted, *made.findings]
    return int(result.share < WANTED or bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
