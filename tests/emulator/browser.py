"""Which browser the tests drive; run as a script it says so, or what to install."""

from __future__ import annotations

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    "There is no Chromium to test the emulator's pages with. Install one (Debian: apt-get install chromium; macOS: "
    "brew install --cask chromium), or name its program in NOTIONSYNC_BROWSER."
)


def program() -> str | None:
    """Path of a Chromium, or None."""
    named = os.environ.get("NOTIONSYNC_BROWSER")
    if named:
        return shutil.which(named)
    return next((path for path in map(shutil.which, NAMES) if path), None)


if __name__ == "__main__":
    found = program()
    if found is None:
        sys.exit(MISSING)
