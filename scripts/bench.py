"""Print the speeds of everything that has a `bench_*.py` beside this file; never asserted, only looked at."""

from __future__ import annotations

import runpy
from pathlib import Path

if __name__ == "__main__":
    for script in sorted(Path(__file__).parent.glob("bench_*.py")):
        print(f"\n{script.stem.removeprefix('bench_')}\n")
        runpy.run_path(str(script), run_name="__main__")
