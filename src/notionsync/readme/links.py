"""Links of a list that end in an anchor: each must lead to a heading that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from notionsync.config import Region
from notionsync.errors import MarkerError
from notionsync.readme import anchors, layout
from notionsync.readme.listing import Entry, link
from notionsync.readme.markers import find
from notionsync.readme.templates import asks_for_anchors

_HREF = re.compile(r"""\]\(<?([^\s<>()]*)#([^\s<>()]*)>?\)|href\s*=\s*["']([^"'#]*)#([^"']*)["']""")


def check_links(path: str, data: bytes, regions: Sequence[Region], entries: Sequence[Entry]) -> None:
    """Refuse a list whose own links lead to a heading that is not there.

    Args:
        path: The file with the regions.
        data: Its bytes, rebuilt.
        regions: Its regions.
        entries: The questions; what their files can be linked to is checked where it is known.

    Raises:
        MarkerError: Names the line of the file.
    """
    wanted = [region for region in regions if region.contents or asks_for_anchors(region)]
    if not wanted:
        return
    here = anchors.targets(data.decode())
    begins = {marked.name: marked.begin + 1 for marked in find(path, data)}
    for region in wanted:
        for at, row in enumerate(layout.rows(entries, region)):
            for address, end in _ends(row.text):
                there = row.entry.targets if row.entry and address == link(row.entry.path, region) else None
                there = here if not address else there
                if there is not None and end not in there:
                    file = row.entry.path if address and row.entry else path
                    raise MarkerError(
                        path,
                        f'the list links to "#{end}", but {file} has no such heading',
                        line=begins[region.name] + at + 1,
                        advice=f'add the heading, or take "#{end}" out of the template in notionsync.toml',
                    )


def _ends(line: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses in a line that end in an anchor."""
    for match in _HREF.finditer(line):
        yield match[1] or match[3] or "", unquote(match[2] or match[4] or "")
