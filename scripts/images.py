"""Take every image of a repository to an emulated Notion and back, and print what each step cost; exit with 1 if one got lost.

    .venv/bin/python scripts/images.py             the answers of this repository
    .venv/bin/python scripts/images.py FOLDER      those of a folder with README.md and answers/; it is copied, not changed

The files that were uploaded are counted by the emulator, those that were downloaded where the client fetches them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.story.lab import hand_kept, lab  # noqa: E402 - the root is known only now
from tests.story.travel import Journey  # noqa: E402


def main() -> int:
    """Run the story in a scratch folder, and print it."""
    with tempfile.TemporaryDirectory(prefix="notionsync-images-") as scratch:
        top = Path(scratch)
        if len(sys.argv) > 1:
            given = Path(sys.argv[1])
            shutil.copytree(given / "answers", top / "desk/answers", copy_function=shutil.copyfile)
            shutil.copyfile(given / "README.md", top / "desk/README.md")
        else:
            hand_kept(ROOT / "answers", top / "desk")
        with lab(top / "desk") as desk:
            desk.run("readme", "init")
            desk.run("init", "--create", "--parent", desk.workspace())
            journey = Journey(desk, top)
            journey.run()
            return told(journey)


def told(journey: Journey) -> int:
    """Print the steps and the comparison."""
    there, places = journey.compared()
    total = sum(map(len, there.values()))
    print(
        f"{total} images on {len(there)} pages; then {len(journey.here)} files edited here, {journey.there} in Notion\n"
    )
    print(f"{'':<44}{'requests':>10}{'uploads':>10}{'downloads':>11}")
    for leg in journey.legs:
        print(f"{leg.what:<44}{leg.requests:>10}{leg.uploads:>10}{leg.downloads:>11}")
    print()
    for where, found in places.items():
        same = sum(one == other for page in there for one, other in zip(there[page], found.get(page, ()), strict=False))
        print(f"{same} of {total} are the same by SHA-256 in Notion and {where}")
    return int(any(found != there for found in places.values()))


if __name__ == "__main__":
    sys.exit(main())
