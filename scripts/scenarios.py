"""Print each scenario that the engine is held to, with the tests that hold it to it; exit with 1 when one has none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.scenarios.table import TITLES, where_tested  # noqa: E402 - the root is known only now


def main() -> int:
    """Collect the tests, and print the table."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-m", ""]
    collected = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if collected.returncode:
        print(collected.stdout[-2000:], collected.stderr, file=sys.stderr)
        return 1
    found = where_tested(line for line in collected.stdout.splitlines() if "::" in line)
    for number, title in TITLES.items():
        names = found.get(number, [])
        print(f"{number:>3}  {title:<40}  {names[0] if names else 'NOT TESTED'}")
        for name in names[1:]:
            print(f"{'':>47}{name}")
    missing = TITLES.keys() - found.keys()
    print(f"\n{len(TITLES) - len(missing)} of {len(TITLES)}")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
