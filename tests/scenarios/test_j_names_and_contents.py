"""Scenarios 124-139: names, encodings, contents."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from tests.scenarios.desk import Desk, answer, path_of, plain

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49484154789c6360606060"
    "00000005000165cd0a2a0000000049454e44ae426082"
)


@pytest.fixture
def joined(bare: Desk) -> Desk:
    """An empty repository, joined to a database without pages."""
    bare.write("answers/.keep", "")
    bare.run("init", "--create", "--parent", bare.workspace())
    return bare


def _pulled(desk: Desk, *titles: str) -> dict[str, str]:
    """Ask questions in Notion and pull; return the file of each."""
    pages = {desk.ask(title, "text"): title for title in titles}
    desk.run("pull")
    return {pages[entry["id"]]: entry["path"] for entry in desk.records().values() if entry["id"] in pages}


HOSTILE = [
    'a/b\\c:d*e?f"g<h>i|j',
    "...leading dots",
    "trailing spaces and dots . . .",
    "CON",
    "nul.txt",
    "../../etc/passwd",
    "-rf --no-preserve-root",
    "$(rm -rf ~)`x`;&",
    "[a](b) | `c` <!-- d -->",
    "🇰🇷 emoji 👩‍👩‍👧 family",
    "עברית ועוד",
    "RTL \u202eoverride\u202c",
    "CNN은 왜 필요한가요? 😀",
    "tab\there",
    "README",
    "x" * 600,
    "가" * 300,
]


@pytest.mark.parametrize("title", HOSTILE)
def test_s124_s127_any_title_has_a_safe_file_and_stays_as_it_is(joined: Desk, title: str) -> None:
    """The name is safe everywhere and below the folder; the title comes back as it was, also after ten idle runs."""
    found = _pulled(joined, title)
    (path,) = found.values()
    name = Path(path).name
    assert path == f"answers/{name}"
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|\n\t')
    assert not name.startswith((".", "-"))
    assert (joined.root / path).is_file()
    (page,) = joined.pages(joined.source)
    before = page["properties"]["Question"]["title"]
    joined.replace(path, "text\n", "text, edited\n")
    joined.run("sync")
    (page,) = joined.pages(joined.source)
    assert plain(page["properties"]["Question"]["title"]) == plain(before)
    assert [entry["path"] for entry in joined.records().values()] == [path]
    joined.settled_now()


def test_s125_titles_that_differ_in_case(joined: Desk) -> None:
    """Two files whose names no system takes for one, the same from run to run."""
    found = _pulled(joined, "Why relu?", "Why ReLU?")
    assert len({path.casefold() for path in found.values()}) == 2
    joined.settled_now()


def test_s126_titles_that_are_composed_differently(joined: Desk) -> None:
    """Hangul in letters and in syllables: names of one form, told apart by more than that; no going to and fro."""
    title = "합성곱은 왜?"
    found = _pulled(joined, unicodedata.normalize("NFC", title), unicodedata.normalize("NFD", title))
    paths = list(found.values())
    assert all(unicodedata.is_normalized("NFC", path) for path in paths)
    assert len({unicodedata.normalize("NFC", path).casefold() for path in paths}) == 2
    joined.settled_now()


def test_s126_a_file_name_that_is_composed_differently(joined: Desk) -> None:
    """A checkout on another system spells the name in letters: one question, not two."""
    found = _pulled(joined, "합성곱은 왜?")
    (path,) = found.values()
    (joined.root / path).rename(joined.root / unicodedata.normalize("NFD", path))
    joined.requests()
    joined.run("sync")
    assert joined.writes() == 0
    assert len(joined.titles()) == 1
    joined.settled_now()


@pytest.mark.parametrize("title", ["", "   ", "???", "///"])
def test_s128_nothing_left_to_make_a_name_of(joined: Desk, title: str) -> None:
    """The page's id is the name then; stable."""
    page = joined.ask(title, "text")
    joined.run("pull")
    assert [entry["path"] for entry in joined.records().values()] == [f"answers/{page}.md"]
    joined.settled_now()


@pytest.mark.parametrize("body", ["", "\n", "   \n\n\t\n"], ids=["none", "line", "spaces"])
def test_s129_bodies_of_nothing(desk: Desk, body: str) -> None:
    """A question without an answer goes there and back as it is."""
    text = f"---\nquestion: Why four?\norder: 4\n---\n{body}"
    desk.write(path_of("four"), text)
    desk.run("sync")
    assert desk.there("four") == []
    assert desk.text("four").replace(f"notion_id: {desk.page('four')}\n", "") == text
    desk.settled_now()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("crlf", lambda data: data.replace(b"\n", b"\r\n")),
        ("no-end", lambda data: data.rstrip(b"\n")),
        ("bom", lambda data: b"\xef\xbb\xbf" + data),
    ],
)
def test_s130_line_ends_and_marks_are_no_content(desk: Desk, name: str, change: object) -> None:
    """Nothing is sent for them, and an edit from Notion keeps them."""
    assert callable(change)
    file = desk.root / path_of("one")
    file.write_bytes(change(file.read_bytes()))
    desk.requests()
    desk.run("sync")
    assert desk.writes() == 0
    before = file.read_bytes()
    desk.note("one", "one beta", "one from Notion")
    desk.run("sync")
    assert file.read_bytes() == before.replace(b"one beta", b"one from Notion"), name
    desk.settled_now()


def test_s131_front_matter_keeps_its_bytes(desk: Desk) -> None:
    """Keys nobody mapped, comments, quotes, order, and scalars that YAML would read otherwise."""
    head = (
        "---\nquestion: 'Why four?'  # as asked\nzip: 0123\nwhen: 12:30\nfrom: 2026-01-05\nok: no\n"
        '# a comment\norder: 4\nstatus: "Open"\n\nauthor: {name: "A",   mail: b}\n---\n\ntext\n'
    )
    desk.write(path_of("four"), head)
    desk.run("sync")
    page = desk.page("four")
    assert desk.text("four").replace(f"notion_id: {page}\n", "") == head
    desk.fill("four", Status={"select": {"name": "Answered"}})
    desk.run("sync")
    told = desk.text("four").replace(f"notion_id: {page}\n", "").splitlines()
    differing = [(old, new) for old, new in zip(head.splitlines(), told, strict=True) if old != new]
    assert len(differing) == 1
    assert "Answered" in differing[0][1]


def test_s132_a_body_that_begins_with_a_line(desk: Desk) -> None:
    """A thematic break at the top is not taken for front matter, with and without front matter above it."""
    desk.write(path_of("four"), answer("four", 4, "---", "four alpha", "---", "four beta"))
    desk.write("answers/five.md", "---\n\nfive alpha\n\n---\n\nfive beta\n")
    desk.run("sync")
    kinds = [block["type"] for block in desk.children(desk.page("four"))]
    assert kinds == ["divider", "paragraph", "divider", "paragraph"]
    assert "five alpha" in desk.text("five")
    assert "five beta" in "".join(desk.says(desk.page("five")))
    desk.settled_now()


def test_s133_what_markdown_cannot_say_comes_back_unharmed(desk: Desk) -> None:
    """Opaque and coloured blocks stay, with their ids, while the text around them is edited on both sides."""
    page = desk.page("one")
    children = [
        _SYNCED,
        {"type": "table_of_contents", "table_of_contents": {"color": "gray"}},
        {"type": "paragraph", "paragraph": {"rich_text": [{"text": {"content": "red"}}], "color": "red_background"}},
        {"type": "breadcrumb", "breadcrumb": {}},
    ]
    desk.api("PATCH", f"blocks/{page}/children", {"children": children})
    desk.run("sync")
    ids = desk.ids(page)
    desk.edit("one", "one alpha", "one from the file")
    desk.note("one", "one gamma", "one from Notion")
    desk.run("sync")
    assert desk.ids(page) == ids
    blocks = desk.children(page)
    assert [block["type"] for block in blocks[3:]] == ["synced_block", "table_of_contents", "paragraph", "breadcrumb"]
    assert blocks[5]["paragraph"]["color"] == "red_background"
    assert (desk.says(page)[0], desk.says(page)[2]) == ("one from the file", "one from Notion")
    desk.settled_now()


def _paragraph(text: str) -> dict[str, object]:
    return {"type": "paragraph", "paragraph": {"rich_text": [{"text": {"content": text}}]}}


_SYNCED = {"type": "synced_block", "synced_block": {"synced_from": None, "children": [_paragraph("shared")]}}


def test_s133_an_opaque_block_that_the_file_lost(desk: Desk) -> None:
    """Taken out of the file by mistake: refused, until it is allowed for once."""
    page = desk.page("one")
    title = {"title": {"title": [{"text": {"content": "Below"}}]}}
    desk.api("POST", "pages", {"parent": {"type": "page_id", "page_id": page}, "properties": title})
    desk.run("sync")
    assert len(desk.children(page)) == 4
    desk.commit()
    desk.write(path_of("one"), desk.text("one").split("one gamma")[0] + "one gamma\n")
    said = desk.json("sync", code=3)["questions"]
    assert [o["state"] for o in said] == ["refused"]
    assert "--allow-delete-opaque" in said[0]["advice"]
    assert len(desk.children(page)) == 4
    desk.run("sync", "--allow-delete-opaque")
    assert len(desk.children(page)) == 3


def test_s134_more_than_one_request_can_hold(desk: Desk) -> None:
    """A long text, many blocks, a deep list: split as the service wants it, and one whole in the end."""
    long = " ".join(f"word{number}" for number in range(900))
    deep = "\n".join(f"{'  ' * depth}- level {depth}" for depth in range(8))
    many = "\n\n".join(f"paragraph {number}" for number in range(230))
    text = answer("four", 4, long, deep, many)
    desk.write(path_of("four"), text)
    desk.run("sync")
    page = desk.page("four")
    assert _count(desk, page) == 1 + 1 + 230
    assert len(desk.ids(desk.children(page)[1]["id"])) == 7
    assert plain(desk.children(page)[0]["paragraph"]["rich_text"]) == long
    assert desk.text("four").replace(f"notion_id: {page}\n", "") == text
    desk.settled_now()


def _count(desk: Desk, page: str) -> int:
    """Return how many blocks are directly below a page, however many."""
    found, cursor = 0, ""
    while True:
        answered = desk.api("GET", f"blocks/{page}/children?page_size=100{cursor}")
        found += len(answered["results"])
        if not answered["has_more"]:
            return found
        cursor = f"&start_cursor={answered['next_cursor']}"


def test_s135_a_signature_is_no_content(desk: Desk) -> None:
    """An image that Notion hosts is stored beside the answers; no expiring address gets into a file or the state."""
    page = desk.page("one")
    (desk.root / "answers" / "dot.png").write_bytes(PIXEL)
    desk.edit("one", "one gamma\n", "one gamma\n\n![A dot](dot.png)\n")
    desk.run("sync")
    desk.wait(7200)
    desk.note("one", "one beta", "one from Notion")
    desk.run("sync", "--deep")
    assert "![A dot](dot.png)" in desk.text("one")
    kept = b"".join(data for path, data in desk.everything().items() if not path.endswith(".png"))
    assert b"X-Amz" not in kept
    assert b"signature" not in kept.lower()
    assert len(desk.children(page)) == 4


def test_s136_a_file_that_is_no_text(desk: Desk) -> None:
    """Reported and left alone, new or synced before; its page stays as it is."""
    (desk.root / "answers/photo.md").write_bytes(PIXEL)
    (desk.root / path_of("one")).write_bytes(b"---\nquestion: x\n---\n\n\xff\xfe\n")
    desk.requests()
    assert desk.outcomes("sync", code=3) == {"one": "refused wait", "photo": "refused wait"}
    assert desk.writes() == 0
    assert (desk.root / "answers/photo.md").read_bytes() == PIXEL


def test_s137_links_are_not_followed(desk: Desk, tmp_path: Path) -> None:
    """A link to a file, a link to a folder, and a folder that is itself a link: nothing outside is read or written."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("secret", "utf-8")
    (desk.root / "answers/link.md").symlink_to(outside / "secret.md")
    (desk.root / "answers/more").symlink_to(outside)
    desk.requests()
    assert desk.outcomes("sync", code=3) == {"link": "refused wait"}
    assert desk.writes() == 0
    (desk.root / "answers/link.md").unlink()
    (desk.root / "answers/more").unlink()
    (desk.root / "answers").rename(outside / "answers")
    (desk.root / "answers").symlink_to(outside / "answers")
    assert "symbolic link" in desk.run("sync", code=2).stderr
    assert desk.writes() == 0


EVERYTHING = """\
# Heading

A *paragraph* with **bold**, ~~struck~~, `code`, $x^2$ and a [link](https://example.org/a?b=c).

- one
  - two

    a paragraph below
- [ ] to do
- [x] done

1. first
2. second

> quoted
> lines

```python
print("hi")
```

| a | b |
| --- | --- |
| 1 | **2** |

---

$$
E = mc^2
$$

![A dot](dot.png)

<details>
<summary>More</summary>

hidden

</details>
"""


def test_s138_ten_rounds_change_nothing(desk: Desk, tmp_path: Path) -> None:
    """There, into a fresh clone from Notion alone, and back, ten times: the same bytes each time, and no write."""
    (desk.root / "answers" / "dot.png").write_bytes(PIXEL)
    desk.write(path_of("four"), answer("four", 4, EVERYTHING.rstrip("\n")))
    desk.run("sync")
    page = desk.page("four")
    texts = []
    for number in range(10):
        again = Desk(tmp_path / f"round{number}", desk.base_url, desk.person)
        again.root.mkdir()
        again.git("init", "--quiet", "--initial-branch=main")
        again.write("notionsync.toml", desk.read("notionsync.toml"))
        again.run("pull")
        (path,) = [entry["path"] for entry in again.records().values() if entry["id"] == page]
        texts.append(again.read(path))
        again.requests()
        again.run("sync", "--deep")
        assert again.writes() == 0
        again.replace(path, "hidden", f"hidden {number}")
        again.run("push")
        again.replace(path, f"hidden {number}", "hidden")
        again.run("push")
    assert set(texts) == {texts[0]}
    desk.wait(120)
    before = desk.text("four")
    desk.run("sync")
    assert desk.text("four") == before


def test_s139_a_style_of_ones_own_stays(desk: Desk) -> None:
    """Synced, edited in Notion, synced again: only the edited paragraph is written anew."""
    own = "Heading\n=======\n\n* star\n* other\n\n__bold__ and _italic_ text.\n\n1) one\n2) two\n\n    indented code\n\nLast."
    desk.write(path_of("four"), answer("four", 4, own))
    desk.run("sync")
    before = desk.text("four")
    desk.say(desk.children(desk.page("four"))[-1]["id"], "paragraph", "Last, edited.")
    desk.run("sync")
    assert desk.text("four") == before.replace("Last.", "Last, edited.")
    desk.settled_now()
