"""What is known of pages without reading their blocks: which of them have to be read, and which were found unchanged."""

from __future__ import annotations

from dataclasses import dataclass, field

from notionsync.engine.assets import Assets
from notionsync.engine.shelf import Shelf
from notionsync.engine.survey import Listing, is_settled, minute_end
from notionsync.engine.versions import Versions
from notionsync.model import Page, Reading, Record
from notionsync.plan.action import Direction
from notionsync.plan.baseline import agreed_keys, record_fields
from notionsync.sides.stored import Sighting


@dataclass(slots=True)
class Seen:
    """What one run knows of pages before it reads them.

    Attributes:
        shelf: The files.
        listing: The pages.
        assets: The images and files of both sides.
        versions: Reads values.
        sightings: Pages that were found as they were since their record was written.
        again: Pages that have to be read whatever their times say.
    """

    shelf: Shelf
    listing: Listing
    assets: Assets
    versions: Versions
    sightings: dict[str, Sighting]
    again: set[str] = field(default_factory=set)

    def has_to_be_read(self, page: str, direction: Direction, *, deep: bool) -> bool:
        """Tell whether a question cannot be decided without the blocks of its page."""
        listed = self.listing.pages.get(page)
        if page in self.listing.trashed:
            return False
        if listed is None:
            known = page in self.shelf.records and not self.listing.complete
            return known and (page in self.again or self.is_edited(page))
        record = self.shelf.records.get(page)
        if record is None:
            return direction != "push" or page in self.shelf.paths
        if agreed_keys(record, self.listing.properties) != self.listing.properties.keys():
            return True
        return deep or page in self.again or self.is_edited(page) or not self.is_settled(listed, record)

    def is_settled(self, listed: Page, record: Record) -> bool:
        """Tell whether a listed page surely is as it was when it was read for its record.

        Where our own write was the last edit, one of a property shortly before may hide behind it: the listing shows it.
        """
        seen = self._last(listed.id)
        if not is_settled(listed, seen) or seen is None or seen.reading != "own":
            return is_settled(listed, seen)
        return record_fields(self.versions.fields(listed, record.path), self.listing.properties) == record.fields

    def is_edited(self, page: str) -> bool:
        """Tell whether the file of a recorded page, or one of its images, is not as it was agreed."""
        return self.shelf.changed(page) or self.assets.changed(self.shelf.records.heads[page])

    def sight(self, listed: Page) -> None:
        """Remember that a page was read and found as it was, so that it need not be read again."""
        seen = self._last(listed.id)
        same = seen is not None and (seen.last_edited_time, seen.last_edited_by) == _version(listed)
        reading: Reading = "own" if seen is not None and same and seen.reading == "own" else "during"
        if listed.read_at >= minute_end(listed.last_edited_time):
            reading = "after"
        self.sightings[listed.id] = Sighting(listed.last_edited_time, listed.last_edited_by, reading)

    def _last(self, page: str) -> Record | Sighting | None:
        return self.sightings.get(page) or self.shelf.records.get(page)


def _version(listed: Page) -> tuple[str, str]:
    return listed.last_edited_time, listed.last_edited_by
