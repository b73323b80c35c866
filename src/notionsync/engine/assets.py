"""The images and files of a run: what is uploaded, what is downloaded, and how answers lead to each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from io import BufferedReader
from typing import Any

from notionsync.convert.inline import IMAGE_MARK
from notionsync.convert.links import BASE, RESERVED
from notionsync.convert.properties import FILE_KINDS, addresses, read
from notionsync.convert.richtext import rich_text_from_api, rich_text_to_api
from notionsync.engine.downloads import Downloads
from notionsync.engine.session import Session
from notionsync.engine.shelf import Shelf
from notionsync.errors import ContentError, FileError, MovedError, NotFoundError, TooLargeError
from notionsync.model import Append as AppendEdit
from notionsync.model import (
    AssetRecord,
    Block,
    Body,
    Edit,
    FieldValue,
    Links,
    Notice,
    Page,
    Property,
    Record,
    RichText,
    Update,
    walk,
)
from notionsync.plan.answer import Answer
from notionsync.sides import assets
from notionsync.sides.heads import Head
from notionsync.sides.notion import Notion
from notionsync.sides.worktree import Worktree


class Assets:
    """What a run knows of images, files and links between answers.

    Args:
        session: The repository.
        notion: The way to Notion.
        shelf: The answers.
        properties: Front matter key → property.
    """

    def __init__(self, session: Session, notion: Notion, shelf: Shelf, properties: Mapping[str, Property]) -> None:
        self._session = session
        self._notion = notion
        self._shelf = shelf
        self._properties = properties
        self._raw = session.config.raw_url
        self._digest = assets.digests(session.state.index.digest)
        self._fetched: dict[str, list[AssetRecord]] = {}
        self._coming: dict[str, str] = {}
        self._downloads = Downloads()
        self._left: dict[str, list[Notice]] = {}
        self._uploads: dict[str, str] = {}
        self._sent_again: dict[str, AssetRecord] = {}
        self._links: dict[str, assets.AssetLinks] = {}
        self._known_pages: assets.Pages | None = None

    # -- addresses ---------------------------------------------------------------------------------------------------

    def _pages(self) -> assets.Pages:
        if self._known_pages is None:
            self._known_pages = assets.Pages({path: page for page, path in self._shelf.names.items()})
        return self._known_pages

    def links(self, path: str, record: Record | None, page: str = "") -> assets.AssetLinks:
        """Return how the addresses in a file read and are written."""
        if path not in self._links:
            page = page or (record.id if record else "")
            known = (*(record.assets if record else ()), *self._fetched.get(page, ()))
            self._links[path] = assets.AssetLinks(
                answer=path, digest=self._digest_soon, records=known, pages=self._pages(), raw=self._raw
            )
        return self._links[path]

    def _digest_soon(self, path: str) -> str | None:
        """Return the digest of a file that is there, or will be: what was downloaded is put in place at the end."""
        return self._coming.get(path) or self._digest(path)

    def base_links(self, record: Record) -> assets.AssetLinks:
        """Return how the addresses in an agreed file read: its images are the ones that were agreed on."""
        agreed = {asset.path: asset.sha256 for asset in record.assets}
        known = (*record.assets, *self._fetched.get(record.id, ()))

        def digest(path: str) -> str | None:
            there = "linked" if self._raw and path not in record.missing else None
            return agreed.get(path, there)

        return assets.AssetLinks(answer=record.path, digest=digest, records=known, pages=self._pages(), raw=self._raw)

    def notices(self, path: str) -> tuple[Notice, ...]:
        """Return what is wrong with the images of a file that was read."""
        met = self._links[path].notices if path in self._links else ()
        return (*met, *self._left.get(path, ()))

    def missing(self, path: str) -> tuple[str, ...]:
        """Return the files that a file shows and that are not there."""
        return tuple(sorted(self._links[path].missing)) if path in self._links else ()

    def normal(self, page: str, body: Body, record: Record | None, path: str = "") -> Body:
        """Return a page's body with one address for each file and page.

        Args:
            page: The page.
            body: Its blocks.
            record: What was agreed.
            path: Its file: links of its that were sent before their target had a page are told as they read now.
        """
        known = (*(record.assets if record else ()), *self._fetched.get(page, ()))
        if path:
            body = _arrived(body, assets.AssetLinks(answer=path, digest=self._digest, pages=self._pages()))
        return assets.normal(body, known, self._shelf.names)

    def changed(self, record: Head) -> bool:
        """Tell whether a file of a question has other bytes than were agreed on, or is there at last; a lost one has not."""
        return any(self._digest(path) not in {None, digest or None} for path, digest in record.assets)

    def forget_links(self) -> None:
        """Read addresses anew: pages were created that links lead to."""
        self._links.clear()
        self._known_pages = None

    # -- from Notion -------------------------------------------------------------------------------------------------

    def fetch(self, page: Page, path: str, body: Body, record: Record | None, local: Answer | None = None) -> None:
        """Download the files of a page that nobody knows yet; they wait until `save`.

        Args:
            page: The page, whose icon, cover and files count where they are mapped.
            path: Its file.
            body: Its blocks.
            record: What was agreed.
            local: The file, unless it was agreed on: an image that it shows already is not stored a second time.
        """
        known = {asset.notion for asset in (*(record.assets if record else ()), *self._fetched.get(page.id, ()))}
        mine = (*local.body, *self._as_blocks(local.fields)) if local is not None else ()
        shown = {pending.sha256: pending.path for pending in assets.pending(mine)}
        seen = [(str(block.attrs.get("url", "")), block.id or "") for block in walk(body)]
        self._left.pop(path, None)
        for address, block in (*seen, *((address, "") for address in self._hosted(page))):
            notion = address.removeprefix("notion:")
            if notion == address or notion in known:
                continue
            known.add(notion)
            self._download(page.id, path, (address, block), shown)
        self._links.pop(path, None)

    def _download(self, page: str, path: str, source: tuple[str, str], shown: Mapping[str, str]) -> None:
        address, block = source
        try:
            download = self._downloads.fetch(self._notion, address, block)
            folder = self._session.config.assets
            found = assets.place(folder, path, address, download.head, download.digest, there=self._digest_soon)
        except TooLargeError as error:
            self._left.setdefault(path, []).append(Notice("NS-FILE-LARGE", error.message))
            return
        except (ContentError, NotFoundError) as error:
            self._left.setdefault(path, []).append(Notice("NS-FILE-LEFT", f"{error.message}; it is left in Notion"))
            return
        if found.sha256 in shown:
            found = replace(found, path=shown[found.sha256])
        else:
            self._downloads.stage(page, found.path, download)
            self._coming[found.path] = found.sha256
        self._fetched.setdefault(page, []).append(found)

    def _hosted(self, page: Page) -> list[str]:
        """Return the `notion:` addresses in the mapped values of a page."""
        values = ((prop.type, page.properties.get(prop.id)) for prop in self._properties.values())
        found = [one for kind, value in values if value for one in addresses(kind, read(kind, value))]
        return [address for address in found if address.startswith("notion:")]

    def _as_blocks(self, fields: Mapping[str, FieldValue]) -> Body:
        """Return the files in front matter as if the body showed them."""
        values = ((self._properties[key].type, value) for key, value in fields.items() if key in self._properties)
        return tuple(Block(type="file", attrs={"url": url}) for kind, value in values for url in addresses(kind, value))

    def save(self, page: str, tree: Worktree) -> None:
        """Write the files that were downloaded for a page."""
        self._downloads.save(page, tree)

    # -- to Notion ---------------------------------------------------------------------------------------------------

    def upload(self, body: Body) -> dict[str, str]:
        """Upload the files that a new body needs; return the id of the upload by address. Each content goes once.

        Raises:
            MovedError: A file changed while the run was at work.
        """
        found = {}
        for pending in assets.pending(body):
            found[pending.address] = self._upload(pending.path, pending.sha256)
        return found

    def upload_fields(
        self, fields: Mapping[str, FieldValue], now: Page | None, record: Record | None
    ) -> Mapping[str, str]:
        """Upload the files that values need: new ones, and hosted ones that are in no value of the same property yet."""
        found: dict[str, str] = {}
        for key, value in fields.items():
            prop = self._properties[key]
            there = read(prop.type, now.properties.get(prop.id, {})) if now is not None else None
            held = {self._canonical(address, record) for address in addresses(prop.type, there)}
            keeps = held if prop.type == "files" else frozenset()
            body = tuple(block for block in self._as_blocks({key: value}) if block.attrs["url"] not in keeps)
            found |= self.upload(body) | self._again(body, record.assets if record else ())
        return found

    def _canonical(self, address: str, record: Record | None) -> str:
        blocks = assets.normal((Block(type="file", attrs={"url": address}),), record.assets if record else ())
        return str(blocks[0].attrs["url"])

    def upload_for(self, edits: Iterable[Edit], records: Iterable[AssetRecord]) -> dict[str, str]:
        """Upload what edits need: new files, and hosted ones of blocks that have to be made anew."""
        made: list[Block] = []
        for edit in edits:
            match edit:
                case AppendEdit():
                    made += edit.blocks
                case Update() if edit.before.attrs.get("url") != edit.after.attrs.get("url"):
                    made.append(edit.after)
                case _:
                    continue
        return self.upload(tuple(made)) | self._again(tuple(made), records)

    def _again(self, body: Body, records: Iterable[AssetRecord]) -> dict[str, str]:
        """Upload files that Notion hosts already once more: an address of one place cannot be sent to another."""
        found: dict[str, str] = {}
        moved = {old: new for links in self._links.values() for old, new in links.moved.items()}
        there = (replace(asset, path=moved.get(asset.path, asset.path)) for asset in records)
        known = {f"notion:{one.notion}": one for one in there if self._digest(one.path) == one.sha256}
        for address in assets.hosted(body):
            asset = known.get(address)
            if asset is not None:
                found[address] = self._upload(asset.path, asset.sha256)
                self._sent_again[address] = asset
        return found

    def _upload(self, path: str, digest: str) -> str:
        if digest not in self._uploads:
            file = self._session.tree.open(path)
            if file is None:
                raise _moved(path)
            with file:
                self._uploads[digest] = self._send(path, file, digest)
        return self._uploads[digest]

    def _send(self, path: str, file: BufferedReader, digest: str) -> str:
        """Send a file, and see before and after that it is the one that was planned."""
        if _digest(file) != digest:
            raise _moved(path)
        file.seek(0)
        try:
            name, mime = assets.described(path.rpartition("/")[2], file.read(assets.HEAD))
            upload = self._notion.upload(name, mime, file)
        except ContentError as error:
            raise FileError(path, f"cannot be uploaded: {error.message}", advice=error.advice) from error
        if _digest(file) != digest:
            raise _moved(path)
        return upload

    def records(
        self, page: Page, wanted: Body, there: Body, old: Record | None, sent: Mapping[str, FieldValue]
    ) -> tuple[AssetRecord, ...]:
        """Return what the state keeps of a question's files.

        Args:
            page: The page as it was read back.
            wanted: The body as it was to be written.
            there: The same as it was read back.
            old: The record before.
            sent: The values that were written, by front matter key.
        """
        mapped = {prop.id: prop.type for prop in self._properties.values()}
        now = {id_: read(kind, page.properties.get(id_, {})) for id_, kind in mapped.items() if kind in FILE_KINDS}
        arrived = {key: now.get(self._properties[key].id) for key in sent}
        hosted = {*assets.hosted(there), *self._hosted(page)}
        candidates = (
            *assets.uploaded(wanted, there, self._sent_again),
            *assets.uploaded(self._as_blocks(sent), self._as_blocks(arrived), self._sent_again),
            *(self._moved(old.assets, page.id) if old else ()),
            *self._fetched.get(page.id, ()),
        )
        known = [asset for asset in candidates if f"notion:{asset.notion}" in hosted]
        return tuple(sorted(self._one_each(known, page.id), key=lambda asset: (asset.path, asset.notion)))

    def _one_each(self, known: Sequence[AssetRecord], page: str) -> Iterable[AssetRecord]:
        """Return one record for each file that shows a content, and one for a content that no file shows yet.

        Equal images of several files may be one file in Notion, and each file has to be known by it. What comes first is the
        latest: of two contents of one file the other is past.
        """
        latest = {asset.path: asset.sha256 for asset in reversed(known)}
        known = [asset for asset in known if latest[asset.path] == asset.sha256]
        links = self._links.get(self._shelf.paths.get(page, ""))
        shown = links.shown if links is not None else frozenset()
        contents = {asset.sha256: asset for asset in reversed(known)}
        equal = ((path, contents.get(self._digest_soon(path) or "")) for path in shown)
        known += [replace(asset, path=path) for path, asset in equal if asset is not None and path not in latest]
        found = {(asset.notion, asset.path): asset for asset in reversed(known) if asset.path in shown}
        told = {notion for notion, _ in found}
        return (*found.values(), *{one.notion: one for one in reversed(known) if one.notion not in told}.values())

    def _moved(self, known: Iterable[AssetRecord], page: str) -> Iterable[AssetRecord]:
        """Return what is known of a question's files with the paths that its file shows them at now."""
        links = self._links.get(self._shelf.paths.get(page, ""))
        moved = links.moved if links is not None else {}
        return (replace(asset, path=moved.get(asset.path, asset.path)) for asset in known)


def _digest(file: BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _moved(path: str) -> MovedError:
    return MovedError(f"{path}: changed while the run was at work; it was not uploaded")


def arrived_value(kind: str, value: Mapping[str, Any], links: Links) -> Mapping[str, Any]:
    """Return a property's value with its links to files leading to the pages that these have now; itself if they do."""
    if kind not in {"title", "rich_text"} or BASE not in str(value):
        return value
    text = rich_text_from_api(value.get(kind))
    arrived = _arrived_text(text, links)
    return value if arrived == text else {**value, kind: rich_text_to_api(arrived, shown=True)}


def _arrived_text(text: RichText, links: Links) -> RichText:
    def address(link: str) -> str:
        if not link.startswith(BASE):
            return link
        there, mark, outer = link.partition(IMAGE_MARK)  # of an image in a sentence, whose mark is no part of the path
        return links.to_notion(RESERVED.to_file(there, "link"), "link") + mark + outer

    return tuple(replace(run, link=address(run.link)) if run.link else run for run in text)


def _arrived(body: Body, links: Links) -> Body:
    """Return a body whose links to files, that had no page when they were sent, lead to the pages they have now."""
    return tuple(
        replace(
            block,
            text=_arrived_text(block.text, links),
            caption=_arrived_text(block.caption, links),
            cells=tuple(_arrived_text(cell, links) for cell in block.cells),
            children=_arrived(block.children, links),
        )
        for block in body
    )
