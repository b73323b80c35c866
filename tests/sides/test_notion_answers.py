from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.shared import shared
from tests.sides.notion_world import World, downloaded, titled, uploaded

from notionsync.convert import parse
from notionsync.convert.frontmatter import split
from notionsync.model import AssetRecord, Body
from notionsync.sides import assets
from notionsync.sides.assets import AssetLinks, Pages
from notionsync.sides.worktree import Worktree

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One workspace for all answers."""
    made = World()
    yield made
    made.close()


def push(world: World, tree: Worktree, path: str) -> tuple[Body, Body, AssetLinks]:
    """Create an answer's page with its images; return the body as wanted and as read, and the links that know both."""
    text = split((tree.root / path).read_bytes()).body.decode()
    links = AssetLinks(answer=path, digest=assets.digests(tree.digest), pages=Pages({path: "e" * 32}))
    wanted = parse(text, links=links).body
    uploads = {}
    for file in assets.pending(wanted):
        uploads[file.address] = uploaded(world.notion, file.name, file.mime, (tree.root / file.path).read_bytes())
    page = world.notion.create_page(world.source.id, titled(path), wanted, uploads)
    read = world.notion.body(page.id)
    records = assets.uploaded(wanted, read)
    assert {record.path for record in records} == {file.path for file in assets.pending(wanted)}
    known = AssetLinks(answer=path, digest=links.digest, pages=links.pages, records=records)
    return assets.normal(wanted, records), assets.normal(read, records), known


def check(world: World, root: Path, path: str) -> int:
    """Push an answer and see that nothing is left to do; return how many images it has."""
    tree = Worktree(root)
    wanted, read, links = push(world, tree, path)
    assert read == wanted
    before = world.notion.requests
    again = parse(split((root / path).read_bytes()).body.decode(), links=links).body
    assert assets.pending(again) == ()
    assert again == read
    for record in links.records:
        address = "notion:" + record.notion
        data = downloaded(world.notion, address)
        assert assets.sha256(data) == record.sha256
        placed = assets.place("answers/assets", path, address, data, assets.sha256(data), there=lambda _: None)
        assert placed == AssetRecord(path=placed.path, sha256=record.sha256, notion=record.notion)
        assert links.to_notion(links.to_file(address, "media"), "media") == address
    assert world.notion.requests == before
    return len(links.records)


@pytest.mark.parametrize("path", sorted(str(p.relative_to(REPOSITORY)) for p in REPOSITORY.glob("answers/*.md")))
def test_our_own_answers_arrive_and_leave_nothing_to_do(world: World, path: str) -> None:
    """Body equal, images equal by digest, no image pending afterwards, no request for a second look."""
    check(world, REPOSITORY, path)


@pytest.mark.corpus
def test_the_corpus_arrives_and_leaves_nothing_to_do(world: World) -> None:
    """The same for what a study group wrote, with missing and shared images."""
    root = shared("corpus")
    images = sum(check(world, root, str(p.relative_to(root))) for p in sorted(root.glob("answers/*.md")))
    assert images > 0
