"""Addresses of one answer's images and links, between its file and Notion."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from notionsync.convert.links import RESERVED
from notionsync.errors import FileError
from notionsync.model import AssetRecord, Notice, Use
from notionsync.sides.assets.addresses import (
    ASSET,
    KINDS,
    NOTION,
    asset_address,
    first_of,
    page_address,
    page_of,
    parse_asset,
    quoted,
)

Digest = Callable[[str], str | None]
"""SHA-256 of a file of the repository, by its path; None if there is no such file."""

_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def sha256(data: bytes) -> str:
    """Return the digest by which files are known."""
    return hashlib.sha256(data).hexdigest()


def digests(look: Digest) -> Digest:
    """Return digests as `look` gives them, each file looked at once; what cannot be read counts as missing.

    Args:
        look: Returns a file's SHA-256, None if there is none; raises `FileError`.
    """
    known: dict[str, str | None] = {}

    def digest(path: str) -> str | None:
        if path not in known:
            try:
                known[path] = look(path)
            except FileError:
                known[path] = None
        return known[path]

    return digest


class Pages:
    """Which page holds which answer, both ways.

    Args:
        by_path: Id of the page of each answer, by the answer's path.
    """

    def __init__(self, by_path: Mapping[str, str] | None = None) -> None:
        self.by_path = dict(by_path or {})
        self.by_id = {id_: path for path, id_ in self.by_path.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLinks:
    """`Links` of one answer.

    Attributes:
        answer: The answer's path, relative to the repository.
        digest: Looks at files of the repository.
        records: What is known of its images and files, and of files that were just downloaded.
        pages: The answers that a link may lead to.
        raw: Where the repository's files are on the web; files that Notion does not have are linked there instead of
            being uploaded. Empty to upload them.
    """

    answer: str
    digest: Digest
    records: Sequence[AssetRecord] = ()
    pages: Pages = field(default_factory=Pages)
    raw: str = ""
    missing: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    """Files that are shown and are not there, as far as they were met."""
    moved: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Known files that are shown at another place now, where they were put with the same bytes: old path → new path."""
    shown: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    """Files that are shown and are there, as far as they were met."""
    _notices: dict[str, Notice] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is wrong with images that were met so far."""
        return tuple(self._notices.values())

    def to_notion(self, url: str, use: Use) -> str:
        """Return the Notion form of an address as it stands in the file."""
        if _HAS_SCHEME.match(url):
            return self._far_link(url) if use == "link" else self._far_media(url)
        path, query, fragment = _split(url)
        target = self._inside(path)
        if use == "media":
            return self._media(url, target)
        if target in self.pages.by_path and not query:
            return f"https://www.notion.so/{self.pages.by_path[target]}{fragment}"
        return RESERVED.to_notion(url, use)

    def to_file(self, url: str, use: Use) -> str:
        """Return how an address in Notion form is written in the file; what nobody knows stays as it is."""
        path = parse_asset(url)[0] if url.startswith(ASSET) else None
        if use == "media" and self.raw and url.startswith(f"{self.raw}/"):
            path = unquote(url.removeprefix(f"{self.raw}/"), errors="replace")
        if url.startswith(NOTION):
            path = next((record.path for record in self.records if NOTION + record.notion == url), None)
        if path is not None:
            return self._relative(path)
        page, anchor = page_of(url)
        if use == "link" and page in self.pages.by_id:
            return self._relative(self.pages.by_id[page]) + anchor
        return RESERVED.to_file(url, use)

    def target(self, url: str) -> str | None:
        """Return where in the repository an address leads; empty if outside of it, None if it is no path at all."""
        path = _split(url)[0]
        return None if _HAS_SCHEME.match(url) or not path else self._inside(path)

    def _far_link(self, url: str) -> str:
        return RESERVED.to_notion(page_address(url, self.pages.by_id), "link")

    def _far_media(self, url: str) -> str:
        if url.startswith(NOTION):
            return self._canonical(url)
        if not url.lower().startswith(("http://", "https://", NOTION, "upload:")):
            self._notice(
                url, "NS-IMAGE-ADDRESS", "is neither a file of the repository nor a web address; Notion cannot show it"
            )
        return RESERVED.to_notion(url, "media")

    def _canonical(self, url: str) -> str:
        """Return the one address that stands for all of a content in Notion."""
        found = next((record for record in self.records if NOTION + record.notion == url), None)
        return url if found is None else self._one(found.sha256)

    def _one(self, digest: str) -> str:
        return NOTION + first_of([record for record in self.records if record.sha256 == digest]).notion

    def _media(self, url: str, target: str) -> str:
        if not target:
            self._notice(url, "NS-IMAGE-OUTSIDE", "leads outside the repository; Notion cannot show it")
            return RESERVED.to_notion(url, "media")
        digest = self.digest(target)
        known = [record for record in self.records if record.path == target]
        if digest is None:
            self._notice(url, "NS-IMAGE-MISSING", "does not exist" + ("; Notion still has it" if known else ""))
            if not known:
                self.missing.add(target)
            return self._one(known[0].sha256) if known else RESERVED.to_notion(url, "media")
        self.shown.add(target)
        same = [record for record in known or self._gone(target, digest) if record.sha256 == digest]
        if same:
            return self._one(digest)
        if posixpath.splitext(target)[1].lower() not in KINDS:
            self._notice(url, "NS-IMAGE-KIND", "is of a kind that Notion does not take")
            return RESERVED.to_notion(url, "media")
        return f"{self.raw}/{quoted(target)}" if self.raw else asset_address(target, digest)

    def _gone(self, target: str, digest: str) -> list[AssetRecord]:
        """Return the known files of this content that are at their places no more: one of them was moved to this place."""
        found = [one for one in self.records if one.sha256 == digest and self.digest(one.path) is None]
        return [one for one in found if self.moved.setdefault(one.path, target) == target]

    def _notice(self, url: str, code: str, message: str) -> None:
        self._notices.setdefault(url, Notice(code, f"{url} {message}"))

    def _inside(self, path: str) -> str:
        """Return where a path of the answer leads, relative to the repository; empty if outside, or none.

        One with a leading slash begins at the top of the repository, as on GitHub.
        """
        decoded = unquote(path, errors="replace")
        if not decoded or "\\" in decoded or not decoded.isprintable():
            return ""
        below = decoded.lstrip("/") if decoded[0] == "/" else posixpath.join(posixpath.dirname(self.answer), decoded)
        target = posixpath.normpath(below)
        return "" if target == "." or target.startswith(("../", "/")) or target == ".." else target

    def _relative(self, path: str) -> str:
        address = quoted(posixpath.relpath(f"/{path}", f"/{posixpath.dirname(self.answer)}"))
        return f"./{address}" if _HAS_SCHEME.match(address) else address


def _split(url: str) -> tuple[str, str, str]:
    """Return path, query and fragment of a relative address, the last with its `#`."""
    rest, hash_, fragment = url.partition("#")
    path, _, query = rest.partition("?")
    return path, query, hash_ + fragment
