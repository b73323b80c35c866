"""The question list of a README: marked regions, rebuilt from the files alone.

Pure: bytes in, bytes out. `markers` finds and fills regions, `listing` makes their lines, `proof` keeps a title in its
place, `lists` and `adopt` turn a list that was kept by hand into a region.
"""

from __future__ import annotations

from collections.abc import Iterable

from notionsync.config import Region
from notionsync.readme.adopt import Adoption, Item, Slip, adopt
from notionsync.readme.listing import Entry, build, is_answer, read
from notionsync.readme.markers import Marked, find, replace

__all__ = ["Adoption", "Entry", "Item", "Marked", "Slip", "adopt", "build", "find", "is_answer", "read", "rebuild"]


def rebuild(
    path: str,
    data: bytes,
    regions: Iterable[Region],
    entries: Iterable[Entry],
    *,
    keys: Iterable[str] = (),
    force: bool = False,
) -> bytes:
    """Return a file with its regions rebuilt; the same bytes when they say it already.

    Args:
        path: The file, relative to the repository.
        data: Its bytes.
        regions: The configured regions; those of other files are left out.
        entries: The questions.
        keys: Front matter keys that a template may name although no entry has them.
        force: Overwrite what was edited by hand inside a region.

    Raises:
        MarkerError: The markers are missing or wrong, a region is unknown or was edited by hand; names file and line.
        ConfigError: A template names a key that there is not.
        ContentError: A template leaves no safe place for a question.
    """
    own = [region for region in regions if region.file == path]
    listed, allowed = tuple(entries), tuple(keys)
    find(path, data, known=[region.name for region in own])
    return replace(path, data, {r.name: build(listed, r, keys=allowed) for r in own}, force=force)
