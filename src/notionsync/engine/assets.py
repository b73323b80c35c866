"""The images and files of a run: what is uploaded, what is downloaded, and how answers lead to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from notionsync.convert.links import BASE, RESERVED
from notionsync.convert.properties.texts import LINK
from notionsync.convert.richtext import rich_text_from_api, rich_text_to_api
from notionsync.engine.session import Session
from notionsync.engine.survey import Shelf
from notionsync.errors import FileError, MovedError, NotionSyncError
from notionsync.model import Append as AppendEdit
from notionsync.model import AssetRecord, Block, Body, Edit, FieldValue, Links, Notice, Record, RichText, Update, walk
from notionsync.sides import assets
from notionsync.sides.notion import Notion
from notionsync.sides.worktree import Worktree


class Assets:
    """What a run knows of images, files and links between answers.

    Args:
        session: The repository.
        notion: The way to Notion.
        shelf: The answers.
    """

    def __init__(self, session: Session, notion: Notion, shelf: Shelf) -> None:
        self._session = session
        self._notion = notion
        self._shelf = shelf
        self._digest = assets.digests(session.tree.read)
        self._fetched: dict[str, list[AssetRecord]] = {}
        self._staged: dict[str, dict[str, bytes]] = {}
        self._uploads: dict[str, str] = {}
        self._links: dict[str, assets.AssetLinks] = {}
        self._known_pages: assets.Pages | None = None

    # -- addresses ---------------------------------------------------------------------------------------------------

    def _pages(self) -> assets.Pages:
        if self._known_pages is None:
            self._known_pages = assets.Pages({path: page for page, path in self._shelf.paths.items()})
        return self._known_pages

    def links(self, path: str, record: Record | None, page: str = "") -> assets.AssetLinks:
        """Return how the addresses in a file read and are written."""
        if path not in self._links:
            page = page or (record.id if record else "")
            known = (*(record.assets if record else ()), *self._fetched.get(page, ()))
            self._links[path] = assets.AssetLinks(answer=path, digest=self._digest, records=known, pages=self._pages())
        return self._links[path]

    def base_links(self, record: Record) -> assets.AssetLinks:
        """Return how the addresses in an agreed file read: its images are the ones that were agreed on."""
        agreed = {asset.path: asset.sha256 for asset in record.assets}
        known = (*record.assets, *self._fetched.get(record.id, ()))
        return assets.AssetLinks(answer=record.path, digest=agreed.get, records=known, pages=self._pages())

    def notices(self, path: str) -> tuple[Notice, ...]:
        """Return what is wrong with the images of a file that was read."""
        return self._links[path].notices if path in self._links else ()

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
        return assets.normal(body, known, self._shelf.paths)

    def changed(self, record: Record) -> bool:
        """Tell whether an image of a question has other bytes than were agreed on; a missing one has not."""
        return any(self._digest(asset.path) not in {None, asset.sha256} for asset in record.assets)

    def forget_links(self) -> None:
        """Read addresses anew: pages were created that links lead to."""
        self._links.clear()
        self._known_pages = None

    # -- from Notion -------------------------------------------------------------------------------------------------

    def fetch(self, page: str, path: str, body: Body, record: Record | None, local: Body = ()) -> None:
        """Download the files of a body that nobody knows yet; they are kept until `save`.

        Args:
            page: The page.
            path: Its file.
            body: Its blocks.
            record: What was agreed.
            local: The file's blocks: a file that it shows already is not stored a second time.
        """
        known = {asset.notion for asset in (*(record.assets if record else ()), *self._fetched.get(page, ()))}
        shown = {pending.sha256: pending.path for pending in assets.pending(local)}
        for block in walk(body):
            address = str(block.attrs.get("url", ""))
            notion = address.removeprefix("notion:")
            if notion == address or notion in known:
                continue
            known.add(notion)
            self._download(page, path, block, address, shown)
        self._links.pop(path, None)

    def _download(self, page: str, path: str, block: Block, address: str, shown: Mapping[str, str]) -> None:
        data = self._notion.download(address, block=block.id or "")
        found = assets.place(self._session.config.assets, path, address, data)
        if found.sha256 in shown:
            found = AssetRecord(path=shown[found.sha256], sha256=found.sha256, notion=found.notion)
        else:
            self._staged.setdefault(page, {})[found.path] = data
        self._fetched.setdefault(page, []).append(found)

    def save(self, page: str, tree: Worktree) -> None:
        """Write the files that were downloaded for a page."""
        for path, data in self._staged.pop(page, {}).items():
            tree.write(path, data, expect=data if tree.read(path) == data else None)

    # -- to Notion ---------------------------------------------------------------------------------------------------

    def upload(self, body: Body) -> Mapping[str, str]:
        """Upload the files that a new body needs; return the id of the upload by address. Each content goes once.

        Raises:
            MovedError: A file changed while the run was at work.
        """
        found = {}
        for pending in assets.pending(body):
            found[pending.address] = self._upload(pending.path, pending.sha256, pending.name, pending.mime)
        return found

    def upload_listed(self, value: FieldValue, links: Links) -> Mapping[str, str]:
        """Upload the files of the repository that a property's value lists; as `upload`."""
        listed = value if isinstance(value, tuple) else ()
        found = ((LINK.fullmatch(text), text) for text in listed)
        urls = (links.to_notion(match["url"] if match else text, "media") for match, text in found)
        return self.upload(tuple(Block(type="file", attrs={"url": url}) for url in urls))

    def upload_for(self, edits: Iterable[Edit], records: Iterable[AssetRecord]) -> Mapping[str, str]:
        """Upload what edits need: new files, and hosted ones of blocks that have to be made anew."""
        made: list[Block] = []
        for edit in edits:
            match edit:
                case AppendEdit():
                    made += edit.blocks
                case Update():
                    made.append(edit.after)
                case _:
                    continue
        found = dict(self.upload(tuple(made)))
        known = {f"notion:{asset.notion}": asset for asset in records}
        for address in assets.hosted(tuple(made)):
            asset = known.get(address)
            if asset is not None and self._digest(asset.path) == asset.sha256:
                name = asset.path.rpartition("/")[2]
                mime = assets.KINDS.get(f".{name.rpartition('.')[2].lower()}", "application/octet-stream")
                found[address] = self._upload(asset.path, asset.sha256, name, mime)
        return found

    def _upload(self, path: str, digest: str, name: str, mime: str) -> str:
        if digest not in self._uploads:
            data = self._session.tree.read(path)
            if data is None or assets.sha256(data) != digest:
                raise MovedError(f"{path}: changed while the run was at work; it was not uploaded")
            try:
                self._uploads[digest] = self._notion.upload(name, mime, data)
            except NotionSyncError as error:
                if error.exit_code != 2:
                    raise
                raise FileError(path, f"cannot be uploaded: {error.message}", advice=error.advice) from error
        return self._uploads[digest]

    def records(self, page: str, wanted: Body, read: Body, old: Record | None) -> tuple[AssetRecord, ...]:
        """Return what the state keeps of a question's files.

        Args:
            page: The page.
            wanted: The body as it was to be written.
            read: The same as it was read back.
            old: The record before.
        """
        there = set(assets.hosted(read))
        candidates = (*assets.uploaded(wanted, read), *(old.assets if old else ()), *self._fetched.get(page, ()))
        unique = {asset.notion: asset for asset in reversed(candidates) if f"notion:{asset.notion}" in there}
        return tuple(sorted(unique.values(), key=lambda asset: (asset.path, asset.notion)))


def arrived_value(kind: str, value: Mapping[str, Any], links: Links) -> Mapping[str, Any]:
    """Return a property's value with its links to files leading to the pages that these have now; itself if they do."""
    if kind not in {"title", "rich_text"} or BASE not in str(value):
        return value
    text = rich_text_from_api(value.get(kind))
    arrived = _arrived_text(text, links)
    return value if arrived == text else {**value, kind: rich_text_to_api(arrived, shown=True)}


def _arrived_text(text: RichText, links: Links) -> RichText:
    def address(link: str) -> str:
        return links.to_notion(RESERVED.to_file(link, "link"), "link") if link.startswith(BASE) else link

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
