"""The versions of a question in common terms: what was agreed, what the file says, what the page says."""

from __future__ import annotations

from dataclasses import dataclass, replace

from notionsync.engine.assets import Assets
from notionsync.engine.directory import Directory
from notionsync.engine.shelf import Shelf
from notionsync.engine.survey import Listing
from notionsync.engine.values import read_values
from notionsync.model import Body, FieldValue, Page, Record
from notionsync.plan.action import Base, Local, Remote
from notionsync.plan.align import align
from notionsync.plan.answer import Answer, read_answer, with_blocks
from notionsync.plan.baseline import agreed_keys, fields_in_base_terms, in_base_terms, with_ids
from notionsync.plan.renewal import renewed
from notionsync.sides.notion import Notion


@dataclass(slots=True)
class Versions:
    """Takes the files and pages of one run apart.

    Attributes:
        notion: The way to Notion.
        shelf: The files.
        listing: The pages.
        assets: The images and files of both sides.
        names: What people and questions are called.
    """

    notion: Notion
    shelf: Shelf
    listing: Listing
    assets: Assets
    names: Directory

    def fields(self, page: Page, path: str) -> dict[str, FieldValue]:
        """Return the values of a page's mapped properties, as its file says them."""
        return read_values(self, page, path)

    def base(self, record: Record) -> Base:
        """Take the agreed file apart, its blocks with the ids they have in Notion."""
        answer = read_answer(record.base, self.listing.properties, self.assets.base_links(record), self.names)
        body = with_ids(answer.body, record.blocks)
        keys = agreed_keys(record, self.listing.properties)
        fields = {key: value for key, value in answer.fields.items() if key in keys}
        return Base(record=record, answer=replace(answer, fields=fields, document=with_blocks(answer.document, body)))

    def local(self, path: str, data: bytes, *, base: Base | None = None, page: str = "", remote: Body = ()) -> Local:
        """Take a file apart, its blocks with the ids of the base's blocks that they stand for."""
        links = self.assets.links(path, base.record if base else None, page)
        answer: Answer = read_answer(data, self.listing.properties, links, self.names)
        if base is not None:
            body = align(base.answer.body, answer.body, remote)
            answer = replace(answer, document=with_blocks(answer.document, body))
        return Local(path=path, answer=answer)

    def remote(self, listed: Page, body: Body, base: Base, path: str) -> Remote:
        """Put a page that was read into the terms of what was agreed."""
        record = base.record
        fields = fields_in_base_terms(self.fields(listed, path), base.answer.fields, record)
        same = in_base_terms(body, base.answer.body, record.blocks)
        return Remote(page=listed, fields=fields, body=self.assets.normal(listed.id, same, record, path), raw=body)

    def in_our_terms(self, record: Record, listed: Page, body: Body, *, settled: bool) -> Record:
        """Return a record as this version of the program would have written it.

        Args:
            record: What another version has written.
            listed: The page.
            body: Its blocks.
            settled: Whether the page surely was not edited since, as far as its time tells.
        """
        links = self.assets.base_links(record)
        agreed = self.base(record).answer.body
        fields = self.fields(listed, record.path) if settled else None
        again = renewed(record, agreed, body, fields, links, settled=settled)
        self.shelf.records[record.id] = again
        return again

    def moved_on(self, listed: Page, body: Body) -> bool:
        """Tell whether a page that was read is not as it was agreed."""
        base = self.base(self.shelf.records[listed.id])
        there = self.remote(listed, body, base, base.record.path)
        keys = {*there.fields, *base.answer.fields}
        return there.body != base.answer.body or any(
            there.fields.get(key) != base.answer.fields.get(key) for key in keys
        )
