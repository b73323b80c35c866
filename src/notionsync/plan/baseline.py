"""Comparing a page with its record, side by side with the same side.

What Notion holds is compared with what Notion held (digests in the record), what the file says with what the file said
(the base, parsed again). The two are then put into the same terms, so that a loss in between, or a newer converter,
is not taken for an edit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from notionsync.convert import digest
from notionsync.convert.frontmatter import split
from notionsync.convert.properties import digest_value, read_only
from notionsync.model import Append, Block, BlockRecord, Body, Edit, FieldValue, Property, Record, Update, walk
from notionsync.plan.sequence import lcs


def record_blocks(body: Body) -> tuple[BlockRecord, ...]:
    """Return what the state keeps of a body that was read back from Notion.

    Raises:
        ValueError: A block has no id; it was not read from Notion.
    """
    records = []
    for block in body:
        if block.id is None:
            raise ValueError(f"a {block.type} block without an id cannot be recorded")
        below = record_blocks(block.children)
        records.append(BlockRecord(id=block.id, type=block.type, digest=digest(block), children=below))
    return tuple(records)


def agreed(
    before: Body,
    edits: Sequence[Edit],
    answered: Mapping[str, Block],
    read: Body,
    *,
    parent: str,
    retouched: Collection[str] = (),
) -> tuple[Body, bool]:
    """Return what both sides hold after our writes, and whether Notion holds something else besides.

    What is read back may contain more than what we wrote: a person edits, adds or deletes a block between our reads and
    writes. Such an edit was never brought to the file, so it must not be recorded as agreed: a block that we did not
    write counts as it was before, one that we did as the service answered, and one that nobody planned not at all. Of new
    blocks below others the service answers nothing: they count as they are read, or as they were sent if somebody else
    edited them since.

    Args:
        before: The page's blocks as the plan saw them.
        edits: What was written.
        answered: What the service said of written blocks right after the write, by id.
        read: The page's blocks as read back.
        parent: Id of the page.
        retouched: Ids of blocks that were last edited by another than who made them.

    Returns:
        The blocks with their ids, each as Notion stored it; new ones that are gone already are left out.
        True when `read` differs from it.
    """
    known = _by_id(before)
    meant = before
    for edit in edits:
        meant = _written(meant, edit, parent)
    there = _by_id(read)
    untouched = {id_: block for id_, block in there.items() if id_ not in retouched}
    body = _agreed(meant, read, _Told({**untouched, **known, **answered}, known.keys(), answered.keys(), there))
    return body, _ids(body) != _ids(read) or any(
        digest(block) != digest(now) for block, now in zip(walk(body), walk(read), strict=True)
    )


def _written(siblings: Body, edit: Edit, parent: str | None) -> Body:
    """Return siblings as they are after a write; what it makes has no ids yet, whatever it stands for."""
    if isinstance(edit, Update):  # it changes what a block says, for which the service's answer counts
        return siblings
    out: list[Block] = []
    if isinstance(edit, Append) and edit.parent == parent and edit.after is None and not edit.last:
        out.extend(map(_new, edit.blocks))
    for block in siblings:
        if isinstance(edit, Append) or block.id != edit.id:
            out.append(replace(block, children=_written(block.children, edit, block.id)))
        if isinstance(edit, Append) and edit.parent == parent and edit.after == block.id and not edit.last:
            out.extend(map(_new, edit.blocks))
    if isinstance(edit, Append) and edit.parent == parent and edit.last:
        out.extend(map(_new, edit.blocks))
    return tuple(out)


def _new(block: Block) -> Block:
    return replace(block, id=None, children=tuple(map(_new, block.children)))


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of blocks, by id: what each counts as, which were there before, which we made, which are there now."""

    counts: Mapping[str, Block]
    before: Collection[str]
    made: Collection[str]
    there: Mapping[str, Block]


def _agreed(meant: Body, siblings: Body, told: _Told) -> Body:
    new = [block for block in siblings if block.id not in told.before]
    alone = len(new) <= sum(block.id is None for block in meant)  # nobody else put blocks in here
    out = []
    for block in meant:
        if block.id is not None:
            found = told.counts[block.id]
        else:
            match = next((candidate for candidate in new if _loose(candidate) == _loose(block)), None)
            alike = (one for one in new if one.type == block.type and (alone or one.id in told.made))
            match = match or next(alike, None)
            if match is None:
                continue
            new = new[new.index(match) + 1 :]
            found = match if _loose(match) == _loose(block) else block
            found = replace(told.counts.get(match.id or "", found), id=match.id)
        below = told.there[found.id or ""].children if found.id in told.there else ()
        out.append(replace(found, children=_agreed(block.children, below, told)))
    return tuple(out)


def touched(page: str, before: Body, edits: Iterable[Edit]) -> frozenset[str]:
    """Return whose lists of children edits change: of the page, or of blocks of it.

    Args:
        page: The page.
        before: Its blocks before the edits.
        edits: What was written.
    """
    parents = {block.id: parent for parent, list_ in _lists(page, before) for block in list_}
    return frozenset(edit.parent if isinstance(edit, Append) else parents.get(edit.id, page) for edit in edits)


def _lists(page: str, body: Body) -> list[tuple[str, Body]]:
    return [(page, body), *((block.id or "", block.children) for block in walk(body))]


def _ids(body: Body) -> list[str | None]:
    return [block.id for block in walk(body)]


def followed(records: Sequence[BlockRecord], read: Body) -> tuple[BlockRecord, ...]:
    """Return the records of a page's blocks, with the new ids of those that were cut out and put in again.

    A block that is gone, while one like it is new, each without a rival, was moved: an edit of it on the other side goes
    where it is now, instead of bringing it back beside it.

    Args:
        records: The page's blocks as they were.
        read: The page's blocks as they are now.
    """
    there = _by_id(read)
    known = _digests(records)
    gone = [record for record in _all(records) if record.id not in there]
    new = [block for block in walk(read) if block.id not in known]
    if not gone or not new:
        return tuple(records)
    rivals = Counter(_record_key(record) for record in gone)
    found: dict[Hashable, Block | None] = {}
    for block in new:
        found[_block_key(block)] = None if _block_key(block) in found else block
    return _followed(records, {key: block for key, block in found.items() if block and rivals[key] == 1}, there.keys())


def _followed(
    records: Sequence[BlockRecord], found: Mapping[Hashable, Block], there: Collection[str]
) -> tuple[BlockRecord, ...]:
    out = []
    for record in records:
        block = found.get(_record_key(record)) if record.id not in there else None
        below = _followed(record.children, found, there)
        out.append(record_blocks((block,))[0] if block is not None else replace(record, children=below))
    return tuple(out)


def _all(records: Sequence[BlockRecord]) -> list[BlockRecord]:
    return [found for record in records for found in (record, *_all(record.children))]


def _record_key(record: BlockRecord) -> Hashable:
    return record.type, record.digest, tuple(map(_record_key, record.children))


def _block_key(block: Block) -> Hashable:
    return block.type, digest(block), tuple(map(_block_key, block.children))


def with_ids(base: Body, records: Sequence[BlockRecord]) -> Body:
    """Return the base's blocks with the ids that the record gives them.

    Where the base does not parse to the recorded shape, only the blocks that say what was recorded get their ids: an id
    on a guess could let an edit land on another block.
    """
    if _same_shape(base, records):
        return _zip(base, records)
    pairs = dict(lcs([digest(block) for block in base], [record.digest for record in records]))
    out = []
    for position, block in enumerate(base):
        record = records[pairs[position]] if position in pairs else None
        children = with_ids(block.children, record.children) if record else block.children
        out.append(replace(block, id=record.id if record else None, children=children))
    return tuple(out)


def _same_shape(blocks: Body, records: Sequence[BlockRecord]) -> bool:
    return len(blocks) == len(records) and all(
        block.type == record.type and _same_shape(block.children, record.children)
        for block, record in zip(blocks, records, strict=True)
    )


def _zip(blocks: Body, records: Sequence[BlockRecord]) -> Body:
    return tuple(
        replace(block, id=record.id, children=_zip(block.children, record.children))
        for block, record in zip(blocks, records, strict=True)
    )


def in_base_terms(remote: Body, base: Body, records: Sequence[BlockRecord]) -> Body:
    """Return what Notion holds, with every block that it has not changed since the record said as the base says it.

    Args:
        remote: The page's blocks as they are now.
        base: The base's blocks, with ids.
        records: The page's blocks as they were.
    """
    digests = _digests(records)
    said = _by_id(base)
    return _express(remote, said, digests)


def _express(remote: Body, said: Mapping[str, Block], digests: Mapping[str, str]) -> Body:
    out = []
    for block in remote:
        children = _express(block.children, said, digests)
        known = said.get(block.id or "")
        if known is not None and known.type == block.type and digests.get(block.id or "") == digest(block):
            out.append(replace(known, children=children))
        else:
            out.append(replace(block, children=children))
    return tuple(out)


def is_beginning(page: Body, planned: Body) -> bool:
    """Tell whether a page holds nothing but the first part of what was planned for it, as a run killed half-way leaves it.

    Hosted files are not compared: they get their address when they arrive.
    """
    return len(page) <= len(planned) and all(
        _loose(there) == _loose(meant) and is_beginning(there.children, meant.children)
        for there, meant in zip(page, planned, strict=False)
    )


def _loose(block: Block) -> Block:
    url = str(block.attrs.get("url", ""))
    if not url.startswith(("asset:", "notion:")):
        return block.own()
    return replace(block.own(), attrs={**block.attrs, "url": ""})


def _digests(records: Sequence[BlockRecord]) -> dict[str, str]:
    found: dict[str, str] = {}
    for record in records:
        found[record.id] = record.digest
        found |= _digests(record.children)
    return found


def _by_id(blocks: Body) -> dict[str, Block]:
    found: dict[str, Block] = {}
    for block in blocks:
        if block.id is not None:
            found[block.id] = block
        found |= _by_id(block.children)
    return found


def record_fields(values: Mapping[str, FieldValue], properties: Mapping[str, Property]) -> dict[str, str]:
    """Return what the state keeps of a page's fields: of each mapped key the property's id and the value's digest.

    Args:
        values: What Notion holds; a key without a value is left out.
        properties: Front matter key → property.
    """
    return {key: f"{prop.id}:{digest_value(values.get(key))}" for key, prop in properties.items()}


def held_fields(
    values: Mapping[str, FieldValue], base: bytes, properties: Mapping[str, Property]
) -> dict[str, FieldValue]:
    """Return a page's values without those that Notion computes and that the agreed file does not hold (yet).

    A file that was pushed new cannot know when its page was made: recorded as agreed, that would never reach it.

    Args:
        values: What Notion holds.
        base: The agreed file.
        properties: Front matter key → property.
    """
    asked = {key for key, prop in properties.items() if read_only(prop.type) and values.get(key)}
    lacking = asked - split(base).values().keys() if asked else asked
    return {key: value for key, value in values.items() if key not in lacking}


def agreed_keys(record: Record, properties: Mapping[str, Property]) -> frozenset[str]:
    """Return the keys that were synced with the properties they are mapped to now.

    Of any other key the base says nothing: it may stand in the agreed file, but Notion never agreed to it.
    """
    ids = {key: value.rpartition(":")[0] for key, value in record.fields.items()}
    return frozenset(key for key, prop in properties.items() if ids.get(key) == prop.id)


def fields_in_base_terms(
    remote: Mapping[str, FieldValue], base: Mapping[str, FieldValue], record: Record
) -> dict[str, FieldValue]:
    """Return the page's fields, with every value that has not changed since the record as the base says it.

    A value that Notion rewrote when it was stored (a date without its seconds) is no edit; nor is one that the base's
    file leaves out on purpose.
    """
    out: dict[str, FieldValue] = {}
    for key in {**remote, **base}:
        value = remote.get(key)
        if record.fields.get(key, "").rpartition(":")[2] == digest_value(value):
            value = base.get(key)
        if value is not None:
            out[key] = value
    return out
