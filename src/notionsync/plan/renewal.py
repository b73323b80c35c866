"""Records of another version of the normal form: the same page has other digests, and nobody has edited it.

A new version of this program may give blocks another normal form. Comparing its digests with those of the old one would
show every block of every page as edited. A record is renewed instead when its page is read: a block that is as it was
agreed gets the digest that it has now.

That a block is as it was shows in two ways. It says in Markdown what the agreed file says. Or its page's time has not
moved since the record was made, which proves it for blocks at the top (an edit of a block deeper down that is made through
the API moves no page's time).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from notionsync.convert import blocks as convert
from notionsync.convert import parse, render
from notionsync.convert.properties import digest_value
from notionsync.errors import ContentError
from notionsync.model import Block, BlockRecord, Body, FieldValue, Links, Record, walk


def renewed(
    record: Record,
    agreed: Body,
    body: Body,
    fields: Mapping[str, FieldValue] | None,
    links: Links,
    *,
    settled: bool,
) -> Record:
    """Return a record with the digests of this version's normal form, wherever the page is as it was.

    Args:
        record: The record; its digests may be those of any version.
        agreed: The blocks of the agreed file, with their ids.
        body: The page's blocks.
        fields: The values of the page's mapped properties, where they are as they were; else None.
        links: How addresses in the agreed file read and are written.
        settled: Whether the page's time has not moved since.
    """
    comparison = _Comparison(_by_id(agreed), _by_id(body), links)
    blocks = comparison.renew(record.blocks, settled=settled)
    told = record.fields
    if fields is not None:
        told = {key: f"{old.rpartition(':')[0]}:{digest_value(fields.get(key))}" for key, old in told.items()}
    return replace(record, blocks=blocks, fields=told, converter=convert.CONVERTER)


def _by_id(body: Body) -> dict[str, Block]:
    return {block.id: block for block in walk(body) if block.id is not None}


@dataclass(frozen=True, slots=True)
class _Comparison:
    agreed: Mapping[str, Block]
    there: Mapping[str, Block]
    links: Links

    def renew(self, records: Sequence[BlockRecord], *, settled: bool) -> tuple[BlockRecord, ...]:
        return tuple(self._renew(record, settled=settled) for record in records)

    def _renew(self, record: BlockRecord, *, settled: bool) -> BlockRecord:
        block = self.there.get(record.id)
        if block is None:
            return record
        known = self.agreed.get(record.id)
        if known is not None and self._says(block, known):
            return _with_digests(record, self.there)
        same = settled or (known is not None and self._says(block.own(), known.own()))
        digest = convert.digest(block) if same else record.digest
        return replace(record, digest=digest, children=self.renew(record.children, settled=False))

    def _says(self, block: Block, known: Block) -> bool:
        """Tell whether a block says in Markdown what an agreed one says; one that cannot stand alone does not."""
        if block == known:
            return True
        try:
            return parse(render((block,), links=self.links), links=self.links).body == (known,)
        except (ContentError, ValueError):
            return False


def _with_digests(record: BlockRecord, there: Mapping[str, Block]) -> BlockRecord:
    block = there.get(record.id)
    digest = record.digest if block is None else convert.digest(block)
    return replace(record, digest=digest, children=tuple(_with_digests(child, there) for child in record.children))
