"""Every image of a repository, there and back: what a test holds to account, and `make images` prints."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import unquote

from tests.story.lab import Lab, git

from notionsync.sides.notion import Notion

PNG = b"\x89PNG\r\n\x1a\n"
_IMAGE = re.compile(r"!\[[^\]]*\]\(<?([^)>]+?)>?\)")


@dataclass(frozen=True, slots=True)
class Leg:
    """One command: the requests it sent, and how many files it sent and fetched."""

    what: str
    requests: int
    uploads: int
    downloads: int


@dataclass
class Journey:
    """Images on their way.

    Attributes:
        desk: The repository, before its first push.
        folder: Where clones are made.
        legs: What was done so far.
        here: Files that got other bytes here.
        there: How many images were replaced in Notion.
    """

    desk: Lab
    folder: Path
    legs: list[Leg] = field(default_factory=list)
    here: list[str] = field(default_factory=list)
    there: int = 0

    def run(self) -> None:
        """Push all, edit on both sides, sync, pull into an empty repository, and see that nothing is left to do."""
        with counting() as fetched:
            self.leg("push", self.desk, fetched, "push")
            self.desk.commit()
            self.edit()
            self.leg("sync, edited on both sides", self.desk, fetched, "sync", "--deep")
            self.desk.commit()
            empty, clone = self.empty(), self.clone()
            self.leg("pull into an empty repository", empty, fetched, "pull")
            empty.commit()
            for what, lab in (("there", empty), ("in a clone of the commit", clone), ("here", self.desk)):
                lab.wait(120)
                self.leg(f"sync {what}, nothing to do", lab, fetched, "sync", "--deep")
                assert lab.changed() == set(), lab.changed()
        self.places = {"here": self.desk, "in the empty repository": empty, "in the clone": clone}

    def leg(self, what: str, lab: Lab, fetched: list[str], *command: str) -> None:
        """Run a command and note what it cost."""
        fetched.clear()
        lab.requests()
        lab.run(*command, url=self.desk.base_url)
        log = lab.requests()["log"]
        sent = sum(entry["method"] == "POST" and entry["path"].endswith("/file_uploads") for entry in log)
        self.legs.append(Leg(what, len(log), sent, len(fetched)))

    def edit(self) -> None:
        """Give every second file other bytes here, and replace the other ones in Notion, wherever they are shown."""
        contents = sorted({path for shown in files(self.desk).values() for path in shown})
        self.here = contents[::2]
        before = {digest(self.desk.root / path) for path in self.here}
        for path in self.here:
            target = self.desk.root / path
            target.write_bytes(target.read_bytes() + b"<!-- changed here -->")
        for blocks in pages(self.desk).values():
            for block in blocks:
                if hashlib.sha256(hosted(self.desk, block)).hexdigest() not in before:
                    self.there += 1
                    replace(self.desk, block, PNG + b"changed in Notion, %d" % self.there)
        self.desk.wait(120)

    def empty(self) -> Lab:
        """Make a repository that knows nothing but the database."""
        lab = Lab(self.folder / "empty", self.desk.base_url, self.desk.person)
        lab.root.mkdir()
        git(lab.root, "init", "--quiet", "--initial-branch=main")
        lab.write("notionsync.toml", self.desk.read("notionsync.toml").partition("[[region]]")[0])
        return lab

    def clone(self) -> Lab:
        """Clone the repository as it was committed."""
        git(self.folder, "clone", "--quiet", str(self.desk.root), "clone")
        return Lab(self.folder / "clone", self.desk.base_url, self.desk.person)

    def compared(self) -> tuple[dict[str, list[str]], dict[str, dict[str, list[str]]]]:
        """Return the hashes that each page shows, in reading order; in Notion, and in each of the places."""
        there = {
            page: [hashlib.sha256(hosted(self.desk, block)).hexdigest() for block in blocks]
            for page, blocks in pages(self.desk).items()
        }
        return there, {
            where: {
                lab.page_of(answer): [digest(lab.root / path) for path in shown] for answer, shown in files(lab).items()
            }
            for where, lab in self.places.items()
        }


@contextmanager
def counting() -> Iterator[list[str]]:
    """Note the addresses that are downloaded from: the host of files is not the API, and counts nothing."""
    fetched: list[str] = []
    download = Notion.download

    def counted(self: Notion, address: str, *args: Any, **options: Any) -> None:
        fetched.append(address)
        download(self, address, *args, **options)

    with mock.patch.object(Notion, "download", counted):
        yield fetched


def files(lab: Lab) -> dict[str, list[str]]:
    """Return the files of images that each answer shows, in reading order; answers that show none are left out."""
    found = {}
    for path in sorted((lab.root / "answers").rglob("*.md")):
        if path.name == "README.md":
            continue
        near = [(path.parent / unquote(url)).resolve() for url in _IMAGE.findall(path.read_text("utf-8"))]
        shown = [file.relative_to(lab.root.resolve()).as_posix() for file in near if file.is_file()]
        if shown:
            found[path.relative_to(lab.root).as_posix()] = shown
    return found


def pages(lab: Lab) -> dict[str, list[Any]]:
    """Return the blocks of each page that show a hosted file, in reading order; pages that show none are left out."""
    found = {}
    for path in sorted((lab.root / "answers").rglob("*.md")):
        if "notion_id:" in path.read_text("utf-8"):
            page = lab.page_of(path.relative_to(lab.root).as_posix())
            found[page] = [block for block in _blocks(lab.tree(page)) if "file" in block.get(block["type"], {})]
    return {page: blocks for page, blocks in found.items() if blocks}


def _blocks(tree: list[Any]) -> Iterator[Any]:
    for block, below in tree:
        yield block
        yield from _blocks(below)


def hosted(lab: Lab, block: Any) -> bytes:
    """Return the bytes of a block's file."""
    answer = lab.person.get(block[block["type"]]["file"]["url"])
    assert answer.is_success, answer.text
    return answer.content


def replace(lab: Lab, block: Any, data: bytes, name: str = "new.png") -> None:
    """Show another file in a block, as a person."""
    upload = lab.api("POST", "file_uploads", {"filename": name, "content_type": "image/png"})["id"]
    sent = {"file": (name, data, "image/png")}
    lab.person.post(f"/v1/file_uploads/{upload}/send", files=sent).raise_for_status()
    change = {block["type"]: {"type": "file_upload", "file_upload": {"id": upload}}}
    lab.api("PATCH", f"blocks/{block['id']}", change)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
