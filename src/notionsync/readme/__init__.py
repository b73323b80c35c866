"""The question list of a README: marked regions, rebuilt from the files alone.

Pure: bytes in, bytes out. `markers` finds and fills regions; `choosing` says which questions a list holds and `layout` makes
their lines; `proof` keeps a title in its place; `lists` and `adopt` turn a list that was kept by hand into a region; `handmade`
turns what was edited by hand inside a region into edits of the questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from notionsync.config import Region
from notionsync.errors import MarkerError
from notionsync.readme import anchors
from notionsync.readme.adopt import Adoption, Item, Slip, adopt
from notionsync.readme.layout import build, rows
from notionsync.readme.links import check_links
from notionsync.readme.listing import Entry, is_answer, read
from notionsync.readme.markers import Marked, find, replace
from notionsync.readme.templates import asks_for_anchors

__all__ = [
    "Adoption",
    "Entry",
    "Item",
    "Marked",
    "Slip",
    "adopt",
    "asks_for_anchors",
    "build",
    "find",
    "is_answer",
    "read",
    "rebuild",
]


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
        MarkerError: The markers are missing or wrong, a region is unknown or was edited by hand, a link leads to a heading that
            is not there; names file and line.
        ConfigError: A template names a key that there is not.
        ContentError: A template leaves no safe place for a question.
    """
    own = [region for region in regions if region.file == path]
    listed, allowed = tuple(entries), tuple(keys)
    find(path, data, known=[region.name for region in own])
    texts = {region.name: build(listed, region, keys=allowed) for region in own}
    built = replace(path, data, texts, force=force)
    if any(region.contents for region in own):
        # Which anchor a heading gets depends on the headings before it in the whole file.
        slugs = _slugs(path, built, own, listed)
        texts = {region.name: build(listed, region, slugs=slugs[region.name]) for region in own}
        built = replace(path, data, texts, force=force)
    check_links(path, built, own, listed)
    return built


def _slugs(path: str, data: bytes, regions: Sequence[Region], entries: Sequence[Entry]) -> Mapping[str, Sequence[str]]:
    """Return the anchors of each region's headings."""
    lines = data.decode().removeprefix("\ufeff").splitlines(keepends=True)
    by_line = {heading.line: heading.slug for heading in anchors.headings("".join(lines))}
    begins = {marked.name: marked.begin + 1 for marked in find(path, data)}
    found: dict[str, list[str]] = {}
    for region in regions:
        heads = [begins[region.name] + at for at, row in enumerate(rows(entries, region)) if row.heading]
        for line in heads:
            if region.contents and line not in by_line:
                message = f'a heading of the region "{region.name}" is none where it stands, so nothing can lead to it'
                raise MarkerError(path, message, line=line + 1, advice="put the markers outside of HTML and quotations")
        found[region.name] = [by_line.get(line, "") for line in heads]
    return found
