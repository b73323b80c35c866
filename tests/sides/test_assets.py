from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionsync.convert.links import BASE, RESERVED
from notionsync.errors import ContentError, FileError
from notionsync.model import AssetRecord, Block, Run, Use
from notionsync.sides import assets
from notionsync.sides.assets import AssetLinks, Pages

OURS = "38c9ce7b60a481d29260b2f4f0f3a111"
OTHER = "38c9ce7b60a481d29260b2f4f0f3a222"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
RECORD = AssetRecord(path="answers/img.png", sha256="aa", notion="/ws/1/img.png")
FILES = {"answers/img.png": "aa", "answers/new one.png": "bb", "img/top.gif": "cc", "answers/page.tsv": "dd"}


def links(answer: str = "answers/CNN.md", *records: AssetRecord) -> AssetLinks:
    """Links of an answer in a small repository."""
    pages = Pages({"answers/CNN.md": OURS, "answers/Zero padding?.md": OTHER})
    return AssetLinks(answer=answer, digest=FILES.get, records=records or (RECORD,), pages=pages)


def image(url: str, *children: Block) -> Block:
    """An image block."""
    return Block(type="image", attrs={"url": url}, children=children)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("img.png", "notion:/ws/1/img.png"),
        ("./img.png", "notion:/ws/1/img.png"),
        ("../answers/img.png", "notion:/ws/1/img.png"),
        ("img.png?raw=true", "notion:/ws/1/img.png"),
        ("new%20one.png", "asset:answers/new%20one.png?sha256=bb"),
        ("new one.png", "asset:answers/new%20one.png?sha256=bb"),
        ("../img/top.gif", "asset:img/top.gif?sha256=cc"),
        ("/img/top.gif", "asset:img/top.gif?sha256=cc"),
        ("/answers/../answers/img.png", "notion:/ws/1/img.png"),
        ("https://example.org/a.png", "https://example.org/a.png"),
        ("notion:/ws/9/x.png", "notion:/ws/9/x.png"),
    ],
)
def test_images_have_an_address_in_notion(url: str, address: str) -> None:
    """Known files by their place in Notion, new ones by path and digest, others as they are; nothing to report."""
    ours = links()
    assert ours.to_notion(url, "media") == address
    assert ours.notices == ()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("missing.png", "NS-IMAGE-MISSING"),
        ("../../../Downloads/a.png", "NS-IMAGE-OUTSIDE"),
        ("/../img/top.gif", "NS-IMAGE-OUTSIDE"),
        ("/", "NS-IMAGE-OUTSIDE"),
        ("..", "NS-IMAGE-OUTSIDE"),
        ("", "NS-IMAGE-OUTSIDE"),
        ("..\\img.png", "NS-IMAGE-OUTSIDE"),
        ("img%00.png", "NS-IMAGE-OUTSIDE"),
        ("page.tsv", "NS-IMAGE-KIND"),
        ("data:image/png;base64,AAAA", "NS-IMAGE-ADDRESS"),
        ("file:///etc/passwd", "NS-IMAGE-ADDRESS"),
        ("//example.org/a.png", "NS-IMAGE-ADDRESS"),
    ],
)
def test_an_image_that_cannot_be_sent_keeps_its_address_and_is_reported(url: str, code: str) -> None:
    """It travels under the reserved address, comes back as it was written, and is reported once, by name."""
    ours = links()
    address = ours.to_notion(url, "media")
    ours.to_notion(url, "media")
    assert address.startswith(BASE)
    assert ours.to_file(address, "media") == url
    assert [notice.code for notice in ours.notices] == [code]
    assert url in ours.notices[0].message


def test_a_changed_file_is_a_new_one() -> None:
    """Same path, other bytes: it has to be uploaded."""
    changed = links("answers/CNN.md", replace(RECORD, sha256="old"))
    assert changed.to_notion("img.png", "media") == "asset:answers/img.png?sha256=aa"


def test_a_known_file_that_was_moved_is_the_same() -> None:
    """The same bytes at another place, and none at the old one: nothing is sent; a copy, or a second one, is a new file."""
    ours = links("answers/CNN.md", replace(RECORD, path="answers/old.png"))
    assert ours.to_notion("img.png", "media") == "notion:/ws/1/img.png"
    assert ours.moved == {"answers/old.png": "answers/img.png"}
    copied = {**FILES, "answers/copy.png": FILES["answers/img.png"]}
    assert replace(ours, digest=copied.get).to_notion("copy.png", "media") == "notion:/ws/1/img.png"
    there = AssetLinks(answer="answers/CNN.md", digest=copied.get, records=(RECORD,))
    assert there.to_notion("copy.png", "media").startswith("asset:answers/copy.png")
    gone = AssetLinks(answer="answers/CNN.md", digest=copied.get, records=(replace(RECORD, path="answers/old.png"),))
    first, second = gone.to_notion("img.png", "media"), gone.to_notion("copy.png", "media")
    assert (first, second) == ("notion:/ws/1/img.png", "asset:answers/copy.png?sha256=aa")
    assert gone.to_notion("img.png", "media") == first


def test_a_known_file_that_is_missing_here_stays_in_notion() -> None:
    """A file that was not checked out must not lose its image in Notion; it is reported."""
    ours = links("answers/CNN.md", replace(RECORD, path="answers/gone.png"))
    assert ours.to_notion("gone.png", "media") == "notion:/ws/1/img.png"
    assert "Notion still has it" in ours.notices[0].message


@pytest.mark.parametrize(
    ("url", "use", "written"),
    [
        ("notion:/ws/1/img.png", "media", "img.png"),
        ("notion:/ws/9/unknown.png", "media", "notion:/ws/9/unknown.png"),
        ("asset:img/top.gif?sha256=cc", "media", "../img/top.gif"),
        ("asset:answers/new%20one.png?sha256=bb", "media", "new%20one.png"),
        ("asset:answers/a:b.png?sha256=bb", "media", "./a:b.png"),
        ("https://example.org/a.png", "media", "https://example.org/a.png"),
        (f"https://www.notion.so/{OTHER}", "link", "Zero%20padding%3F.md"),
        (f"https://app.notion.com/p/Zero-padding-{OTHER}?pvs=4#top", "link", "Zero%20padding%3F.md#top"),
        (f"https://www.notion.so/{'f' * 32}", "link", f"https://www.notion.so/{'f' * 32}"),
        (f"https://example.org/{OTHER}", "link", f"https://example.org/{OTHER}"),
        ("http://[broken", "link", "http://[broken"),
    ],
)
def test_how_an_address_is_written_in_the_file(url: str, use: Use, written: str) -> None:
    """Relative to the answer's folder where the repository has it, else as it is."""
    assert links().to_file(url, use) == written


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("Zero%20padding%3F.md", f"https://www.notion.so/{OTHER}"),
        ("./Zero%20padding%3F.md#why-it-helps", f"https://www.notion.so/{OTHER}#why-it-helps"),
        ("/answers/CNN.md#top", f"https://www.notion.so/{OURS}#top"),
        (f"https://app.notion.com/p/Zero-{OTHER}#x", f"https://www.notion.so/{OTHER}#x"),
        (f"https://team.notion.site/Zero-{OTHER}", f"https://www.notion.so/{OTHER}"),
        ("https://app.notion.com/p/Foreign-" + "e" * 32, "https://app.notion.com/p/Foreign-" + "e" * 32),
        ("#here", RESERVED.to_notion("#here", "link")),
        ("unknown.md", RESERVED.to_notion("unknown.md", "link")),
        ("Zero%20padding%3F.md?plain=1", RESERVED.to_notion("Zero%20padding%3F.md?plain=1", "link")),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("odd:scheme", RESERVED.to_notion("odd:scheme", "link")),
    ],
)
def test_links_between_answers(url: str, address: str) -> None:
    """A link to a known answer becomes its page, with the anchor; each of Notion's own forms becomes the same."""
    assert links().to_notion(url, "link") == address


SEGMENT = st.text(min_size=1, max_size=8).filter(
    lambda s: s.isprintable() and "/" not in s and "\\" not in s and s not in {".", ".."} and s.isprintable()
)


@given(answer=st.lists(SEGMENT, min_size=1, max_size=3), asset=st.lists(SEGMENT, min_size=1, max_size=3))
def test_any_path_comes_back(answer: list[str], asset: list[str]) -> None:
    """Whatever files are called, the address in the file leads back to the same file."""
    path = "/".join(asset) + ".png"
    ours = AssetLinks(answer="/".join(answer) + ".md", digest={path: "aa"}.get)
    address = assets.asset_address(path, "aa")
    assert ours.to_notion(ours.to_file(address, "media"), "media") == address
    assert assets.parse_asset(address) == (path, "aa")


def test_files_are_read_once() -> None:
    """Digests are kept; what may not be read is as good as missing."""
    reads: list[str] = []

    def look(path: str) -> str | None:
        reads.append(path)
        if path == "link.png":
            raise FileError(path, "is a symbolic link and is left alone")
        return assets.sha256(PNG) if path == "a.png" else None

    digest = assets.digests(look)
    assert [digest(path) for path in ("a.png", "link.png", "b.png", "a.png")] == [
        assets.sha256(PNG),
        None,
        None,
        assets.sha256(PNG),
    ]
    assert reads == ["a.png", "link.png", "b.png"]


def test_what_a_body_needs() -> None:
    """Files to upload and files to download, each once, also below other blocks; addresses in text do not count."""
    new = assets.asset_address("answers/a b.PNG", "bb")
    body = (
        Block(type="paragraph", text=(Run(text="x", link="https://example.org"),), children=(image(new),)),
        image(new),
        image("notion:/ws/1/a.png"),
        Block(type="bookmark", attrs={"url": "https://example.org"}),
    )
    assert assets.pending(body) == (
        assets.Pending(address=new, path="answers/a b.PNG", sha256="bb", name="a b.PNG", mime="image/png"),
    )
    assert assets.hosted(body) == ("notion:/ws/1/a.png",)


def test_what_was_uploaded_is_learned_from_what_is_read_back() -> None:
    """Planned and read trees side by side tell where each file ended up."""
    wanted = (
        image("https://example.org/x.png"),
        Block(type="toggle", children=(image(assets.asset_address("a.png", "aa")),)),
    )
    read = (image("https://example.org/x.png"), Block(type="toggle", children=(image("notion:/ws/2/a.png"),)))
    assert assets.uploaded(wanted, read) == (AssetRecord(path="a.png", sha256="aa", notion="/ws/2/a.png"),)
    moved = (image("notion:/ws/1/img.png"), image("notion:/ws/1/other.png"))
    there = (image("notion:/ws/3/img.png"), image("notion:/ws/3/other.png"))
    again = {"notion:/ws/1/img.png": RECORD}
    assert assets.uploaded(moved, there, again) == (replace(RECORD, notion="/ws/3/img.png"),)
    assert assets.uploaded(moved, moved, again) == ()


def test_one_form_for_the_same_file_and_the_same_page() -> None:
    """An image that Notion holds twice, one that waits for upload but is there, and a page under its new host."""
    twice = (RECORD, replace(RECORD, notion="/ws/2/img.png"))
    link = Run(text="x", link=f"https://app.notion.com/p/X-{OTHER}")
    body = (
        image("notion:/ws/2/img.png", image(assets.asset_address(RECORD.path, "aa"))),
        Block(type="table_row", cells=((link,),), text=(link,), caption=(link,)),
    )
    one = replace(link, link=f"https://www.notion.so/{OTHER}")
    assert assets.normal(body, twice, {OTHER}) == (
        image("notion:/ws/1/img.png", image("notion:/ws/1/img.png")),
        Block(type="table_row", cells=((one,),), text=(one,), caption=(one,)),
    )


@pytest.mark.parametrize(
    ("address", "data", "name"),
    [
        ("notion:/ws/1/diagram.png", PNG, "diagram-{}.png"),
        ("notion:/ws/1/%EC%99%9C%20%EC%A0%9C%EB%A1%9C%3F.png", PNG, "왜_제로-{}.png"),
        ("notion:/ws/1/photo.png", b"\xff\xd8\xff\xe0", "photo-{}.jpg"),
        ("notion:/ws/1/photo.JPEG", b"\xff\xd8\xff\xe0", "photo-{}.jpeg"),
        ("notion:/ws/1/image", PNG, "image-{}.png"),
        ("notion:/ws/1/..%2F..%2Fevil.png", PNG, "evil-{}.png"),
        ("notion:/ws/1/.png", PNG, "png-{}.png"),
        ("notion:/ws/1/a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "a-{}.webp"),
        ("notion:/ws/1/a.svg", b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg/>', "a-{}.svg"),
        ("notion:/ws/1/a.pdf", b"%PDF-1.7", "a-{}.pdf"),
        ("notion:/ws/1/notes.txt", b"plain", "notes-{}.txt"),
        (f"notion:/ws/1/diagram-{assets.sha256(PNG)[:8]}.png", PNG, "diagram-{}.png"),
        ("notion:/ws/1/" + "%EA%B0%80" * 100 + ".png", PNG, "가" * 20 + "-{}.png"),
    ],
)
def test_where_a_downloaded_file_goes(address: str, data: bytes, name: str) -> None:
    """In the folder of its answer, under a safe name that tells its content; bytes overrule a wrong extension."""
    record = assets.place("answers/assets", "answers/CNN.md", address, data, assets.sha256(data), there=lambda _: None)
    assert record.path == "answers/assets/CNN/" + name.format(assets.sha256(data)[:8])
    assert "notion:" + record.notion == address


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", b""),
        ("a.png", b"<!DOCTYPE html><p>expired"),
        ("a.txt", b"<html>"),
        ("a.png", b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"),
        ("a.svg", b"not an image"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, data: bytes) -> None:
    """An error page never becomes an image of the repository."""
    with pytest.raises(ContentError, match=name):
        assets.place(
            "answers/assets", "answers/CNN.md", "notion:/ws/1/" + name, data, assets.sha256(data), there=lambda _: None
        )
