"""What a body needs from the other side, and one form for what is the same."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from notionsync.model import AssetRecord, Block, Body, RichText, walk
from notionsync.sides.assets.addresses import (
    ASSET,
    KINDS,
    MEDIA,
    NOTION,
    asset_address,
    first_of,
    page_address,
    parse_asset,
)

_NONE: Mapping[str, AssetRecord] = MappingProxyType({})


class Pending(NamedTuple):
    """A file that has to be uploaded before the body that shows it is written.

    Attributes:
        address: As the body has it: the key in `uploads`.
        path: Where the file is, relative to the repository.
        sha256: What its bytes were when the body was read.
        name: What to call it in Notion.
        mime: Its MIME type.
    """

    address: str
    path: str
    sha256: str
    name: str
    mime: str


def pending(body: Body) -> tuple[Pending, ...]:
    """Return the files that a body needs in Notion, each once, in reading order."""
    found: dict[str, Pending] = {}
    for address in _addresses(body, ASSET):
        path, digest = parse_asset(address)
        name = posixpath.basename(path)
        found[address] = Pending(address, path, digest, name, KINDS[posixpath.splitext(name)[1].lower()])
    return tuple(found.values())


def hosted(body: Body) -> tuple[str, ...]:
    """Return the `notion:` addresses of a body's images and files, each once, in reading order."""
    return tuple(dict.fromkeys(_addresses(body, NOTION)))


def _addresses(body: Body, scheme: str) -> list[str]:
    urls = [block.attrs.get("url") for block in walk(body) if block.type in MEDIA]
    return [url for url in urls if isinstance(url, str) and url.startswith(scheme)]


def uploaded(wanted: Body, read: Body, again: Mapping[str, AssetRecord] = _NONE) -> tuple[AssetRecord, ...]:
    """Return records of the files that a body was written with.

    Args:
        wanted: The body as it was to be written.
        read: The same as it was read back.
        again: Files that Notion had already and that were sent once more, by the address they had.
    """
    found: list[AssetRecord] = []
    for planned, block in zip(wanted, read, strict=False):
        if planned.type != block.type:
            break
        address, now = str(planned.attrs.get("url", "")), str(block.attrs.get("url", ""))
        if planned.type in MEDIA and now.startswith(NOTION) and now != address:
            if address.startswith(ASSET):
                path, digest = parse_asset(address)
                found.append(AssetRecord(path=path, sha256=digest, notion=now.removeprefix(NOTION)))
            elif address in again:
                found.append(replace(again[address], notion=now.removeprefix(NOTION)))
        found += uploaded(planned.children, block.children, again)
    return tuple(found)


def normal(body: Body, records: Sequence[AssetRecord], pages: Container[str] = frozenset()) -> Body:
    """Return a body with one address for each content and page, so that two bodies that say the same are equal.

    Args:
        body: From Notion, or from a file.
        records: Files that are known on both sides.
        pages: Ids of known pages.
    """
    by_content: dict[str, list[AssetRecord]] = {}
    for record in records:
        by_content.setdefault(record.sha256, []).append(record)
    names: dict[str, str] = {}
    for digest, same in by_content.items():
        one = NOTION + first_of(same).notion
        names |= {NOTION + record.notion: one for record in same}
        names |= {asset_address(record.path, digest): one for record in same}
    return tuple(_normal(block, names, pages) for block in body)


def _normal(block: Block, names: Mapping[str, str], pages: Container[str]) -> Block:
    attrs = block.attrs
    url = attrs.get("url")
    if isinstance(url, str) and url in names and block.type in MEDIA:
        attrs = {**attrs, "url": names[url]}
    return replace(
        block,
        text=_normal_text(block.text, pages),
        caption=_normal_text(block.caption, pages),
        cells=tuple(_normal_text(cell, pages) for cell in block.cells),
        attrs=attrs,
        children=tuple(_normal(child, names, pages) for child in block.children),
    )


def _normal_text(text: RichText, pages: Container[str]) -> RichText:
    return tuple(replace(run, link=page_address(run.link, pages)) if run.link else run for run in text)
