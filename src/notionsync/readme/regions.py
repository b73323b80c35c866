"""The regions of one file: rebuilt from the questions, and what was edited inside them taken back to the questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace as changed

from notionsync.config import Region
from notionsync.errors import MarkerError, UsageError
from notionsync.readme import anchors, handmade
from notionsync.readme.handmade import Edit
from notionsync.readme.layout import build, rows
from notionsync.readme.links import check_links
from notionsync.readme.listing import Entry
from notionsync.readme.markers import Marked, check_place, find, replace


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
        MarkerError: The markers are missing or wrong, or inside HTML; a region is unknown or was edited by hand; a link leads to a
            heading that is not there. Names file and line.
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
    check_place(path, built)
    check_links(path, built, own, listed)
    return built


def take(
    path: str,
    data: bytes,
    regions: Iterable[Region],
    versions: Iterable[Sequence[Entry]],
    *,
    keys: Iterable[str] = (),
) -> tuple[Edit, ...]:
    """Return what was edited by hand inside the regions of a file, as edits of the questions.

    Args:
        path: The file, relative to the repository.
        data: Its bytes.
        regions: The configured regions; those of other files are left out.
        versions: The questions as they are, then as they may have been when the list was built. Later versions are
            only asked for where earlier ones do not give the digest in the end marker.
        keys: Front matter keys that a template may name although no entry has them.

    Raises:
        MarkerError: An edit is not understood, or what was edited is not known; names file and line.
        ConfigError: A template names a key that there is not.
        ContentError: A template leaves no safe place for a question.
    """
    own, allowed = {region.name: region for region in regions if region.file == path}, tuple(keys)
    edited = [marked for marked in find(path, data, known=own) if marked.edited and marked.digest]
    edits: dict[str, Edit] = {}
    if not edited:
        return ()
    known = _Versions(path, data, tuple(own.values()), iter(versions), allowed)
    for marked in edited:
        for edit in known.take(marked, own[marked.name]):
            other = edits.get(edit.path, edit)
            if any(other.changes.get(key, value) != value for key, value in edit.changes.items()):
                message = f"{edit.path} is edited otherwise in line {other.line}"
                raise MarkerError(path, message, line=edit.line, advice="let both lists say the same")
            edits[edit.path] = changed(other, changes={**other.changes, **edit.changes})
    return tuple(edits.values())


class _Versions:
    """What a list may have been when it was built, looked up one after the other."""

    def __init__(
        self,
        path: str,
        data: bytes,
        regions: Sequence[Region],
        versions: Iterator[Sequence[Entry]],
        keys: Sequence[str],
    ) -> None:
        self.path, self.data, self.regions, self.keys = path, data, regions, keys
        self._versions = versions
        self._known: list[tuple[Sequence[Entry], Mapping[str, Marked]]] = []

    def take(self, marked: Marked, region: Region) -> tuple[Edit, ...]:
        """Return the edits inside one region."""
        for at, (entries, built) in enumerate(self._all()):
            base = built[marked.name]
            lines = [
                changed(row, text=line) for row, line in zip(rows(entries, region), _unindented(base), strict=True)
            ]
            if at == 0 and handmade.says(lines, marked, region):
                return ()
            if base.digest == marked.digest:
                return handmade.take(self.path, marked, region, lines, self._known[0][0])
        raise MarkerError(
            self.path,
            f'the region "{marked.name}" was edited by hand, and so were the answers: what the list was before is not known',
            line=marked.begin + 1,
            advice="make the edit in the answers' front matter, then: notionsync readme --force",
        )

    def _all(self) -> Iterator[tuple[Sequence[Entry], Mapping[str, Marked]]]:
        yield from self._known
        for entries in self._versions:
            try:
                data = rebuild(self.path, self.data, self.regions, entries, keys=self.keys, force=True)
            except UsageError:
                if not self._known:
                    raise
                continue  # an older version need not fit the configuration of today
            self._known.append((entries, {marked.name: marked for marked in find(self.path, data)}))
            yield self._known[-1]


def _unindented(marked: Marked) -> list[str]:
    return [line.removeprefix(marked.indent) for line in marked.text.split("\n")[:-1]]


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
