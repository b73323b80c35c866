"""Write requirements.txt: every package that the Action installs, in one version, with the hashes of all of its files.

Resolved by uv for every Python and platform at once, from the dependencies in pyproject.toml and what builds the package:

    make lock
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.txt"
HEADER = """\
# What the GitHub Action installs (scripts/install.sh), in these versions and with these hashes alone: wheels for all platforms (the
# hashes of sources stand beside them, and are not used). Written by `make lock` from pyproject.toml; tests/test_lock.py holds the two together.
"""


def main() -> int:
    """Resolve, write, and return an exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    uv = Path(sys.executable).with_name("uv")
    oldest = project["project"]["requires-python"].removeprefix(">=")
    done = subprocess.run(
        [
            uv, "pip", "compile", "--universal", "--generate-hashes", "--python-version", oldest, "--no-header",
            "--no-annotate", "--quiet", "--no-config", "-",
        ],
        input="\n".join(wanted), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        print(done.stderr.strip(), file=sys.stderr)
        return 1
    LOCK.write_text(HEADER + done.stdout, "utf-8")
    print(f"{LOCK.name}: {done.stdout.count('==')} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
