"""Images and files of answers: every outcome that docs/properties.md names."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from tests.story.lab import Lab, git, lab
from tests.story.travel import Journey, digest, files, replace

from notionsync.engine import downloads

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
JPEG = b"\xff\xd8\xff\xe0" + b"pixels"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"


def answer(desk: Lab, name: str, body: str) -> None:
    """Write an answer."""
    desk.write(f"answers/{name}.md", f"---\nquestion: {name}?\norder: 1\n---\n\n{body}")


def start(desk: Lab) -> None:
    """Connect the repository and push it."""
    desk.run("init", "--create", "--parent", desk.workspace())
    desk.run("push")
    desk.wait(120)
    desk.commit()


def file(desk: Lab, path: str, data: bytes) -> None:
    """Write a file of bytes."""
    target = desk.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def uploads(desk: Lab) -> int:
    """Return how many files were uploaded since the last count."""
    log = desk.requests()["log"]
    return sum(entry["method"] == "POST" and entry["path"].endswith("/file_uploads") for entry in log)


def images(desk: Lab, name: str) -> list[Any]:
    """Return the blocks of a page that show a file."""
    blocks = desk.children(desk.page_of(f"answers/{name}.md"))
    return [block for block in blocks if block["type"] in {"image", "video", "pdf", "file"}]


def hosted(desk: Lab, block: Any) -> bytes:
    """Return the bytes of a block's file."""
    return desk.person.get(block[block["type"]]["file"]["url"]).content


def show(desk: Lab, page: str, name: str, data: bytes, mime: str = "image/png") -> None:
    """Upload a file as a person, and show it at the end of a page."""
    upload = desk.api("POST", "file_uploads", {"filename": name, "content_type": mime})["id"]
    desk.person.post(f"/v1/file_uploads/{upload}/send", files={"file": (name, data, mime)}).raise_for_status()
    image = {"type": "image", "image": {"type": "file_upload", "file_upload": {"id": upload}}}
    desk.api("PATCH", f"blocks/{page}/children", {"children": [image]})


def quiet(desk: Lab) -> None:
    """See that both sides say the same, and that looking moves no file."""
    desk.commit()
    desk.requests()
    report = desk.json("sync", "--deep")
    assert report["questions"] == [], report
    assert desk.changed() == set()
    assert uploads(desk) == 0


def test_the_same_image_in_two_answers_goes_once(empty: Lab) -> None:
    """One upload serves both; two images of one name are two files on both sides; a vector graphic is one, too."""
    file(empty, "answers/one/img.png", PNG)
    file(empty, "answers/two/img.png", PNG + b"2")
    file(empty, "answers/d.svg", SVG)
    answer(empty, "A", "![a](one/img.png)\n\n![b](two/img.png)\n")
    answer(empty, "B", "![a](one/img.png)\n\n![d](d.svg)\n")
    empty.requests()
    start(empty)
    assert uploads(empty) == 3
    assert [hosted(empty, block) for block in images(empty, "A")] == [PNG, PNG + b"2"]
    assert [hosted(empty, block) for block in images(empty, "B")] == [PNG, SVG]
    quiet(empty)


def test_equal_images_of_several_files_are_each_known(empty: Lab) -> None:
    """One upload serves them; an edit of one in Notion is no edit of the others here, and other bytes of one go alone."""
    for name in "abc":
        file(empty, f"answers/{name}.png", PNG)
    answer(empty, "A", "- A\n\n![a](a.png)\n\n![b](b.png)\n\n![c](c.png)\n")
    empty.requests()
    start(empty)
    assert uploads(empty) == 1
    quiet(empty)
    change = {"image": {"caption": [{"text": {"content": "theirs"}}]}}
    empty.api("PATCH", f"blocks/{images(empty, 'A')[2]['id']}", change)
    empty.wait(120)
    empty.run("sync", "--on-conflict", "local")
    assert empty.read("answers/A.md").endswith("![a](a.png)\n\n![b](b.png)\n\n![theirs](c.png)\n")
    assert [one["state"] for one in empty.json("assets")["files"]] == ["synced"] * 3
    quiet(empty)
    file(empty, "answers/b.png", PNG + b"2")
    empty.run("sync")
    assert uploads(empty) == 1
    assert [hosted(empty, block) for block in images(empty, "A")] == [PNG, PNG + b"2", PNG]
    empty.wait(120)
    quiet(empty)
    head, _, tail = empty.read("answers/A.md").partition("![a](a.png)\n\n")
    empty.write("answers/A.md", f"{head}{tail}\n![a](a.png)\n")
    empty.run("sync")
    assert [hosted(empty, block) for block in images(empty, "A")] == [PNG + b"2", PNG, PNG]
    empty.wait(120)
    quiet(empty)


def test_images_of_one_name_from_notion_are_two_files(empty: Lab) -> None:
    """Each goes below its answer's name, told apart by its content; the same image twice in a page is one file."""
    answer(empty, "A", "- A\n")
    answer(empty, "B", "- B\n")
    start(empty)
    for name, data in (("A", PNG), ("A", PNG + b"2"), ("B", PNG)):
        show(empty, empty.page_of(f"answers/{name}.md"), "image.png", data)
    empty.wait(120)
    assert "note:" not in empty.run("sync").stdout
    found = empty.bytes("answers/assets")
    assert sorted(found.values()) == [PNG, PNG, PNG + b"2"]
    assert {path.rpartition("/")[0] for path in found} == {"answers/assets/A", "answers/assets/B"}
    quiet(empty)


def test_a_missing_image_is_sent_once_it_is_there(empty: Lab) -> None:
    """It is reported, and not forgotten: the answer need not change for it; meanwhile nothing goes to and fro."""
    answer(empty, "A", "- A\n\n![a](late.png)\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    assert "late.png does not exist" in empty.run("push").stdout
    empty.wait(120)
    quiet(empty)
    file(empty, "answers/late.png", PNG)
    empty.run("sync")
    assert [hosted(empty, block) for block in images(empty, "A")] == [PNG]
    assert not any("missing" in empty.read(f".notionsync/base/{path.name}") for path in _records(empty))
    quiet(empty)


def test_a_moved_image_is_not_sent_again(empty: Lab) -> None:
    """Its bytes are in Notion: a new name or folder is a change of the file alone, also with the next edits of the answer."""
    file(empty, "answers/img_1.png", PNG)
    file(empty, "answers/two.png", PNG + b"2")
    answer(empty, "A", "- A\n\n![a](img_1.png)\n\n![b](two.png)\n")
    start(empty)
    before = images(empty, "A")
    (empty.root / "answers/assets/A").mkdir(parents=True)
    (empty.root / "answers/img_1.png").rename(empty.root / "answers/assets/A/first.png")
    empty.replace("answers/A.md", "(img_1.png)", "(assets/A/first.png)")
    empty.requests()
    empty.run("sync")
    assert empty.requests()["writes"] == 0
    assert images(empty, "A")[0]["id"] == before[0]["id"]
    assert empty.json("assets")["files"][0]["state"] == "synced"
    quiet(empty)
    head = "---\nquestion: A?\norder: 1\n---\n\n"
    assert empty.read("answers/A.md").startswith(f"---\nnotion_id: {empty.page_of('answers/A.md')}\n{head[4:]}- A\n")
    empty.replace("answers/A.md", "- A\n\n![a](assets/A/first.png)\n\n![b](two.png)\n", "![b](two.png)\n\n- A\n\n")
    empty.write("answers/A.md", empty.read("answers/A.md") + "![a](assets/A/first.png)\n")
    empty.run("sync")
    assert [hosted(empty, block) for block in images(empty, "A")] == [PNG + b"2", PNG]
    quiet(empty)


def test_a_file_that_cannot_be_had_is_left_in_notion(empty: Lab) -> None:
    """An error page under an image's name is told and stays where it is; text and other images of its page arrive."""
    answer(empty, "A", "- A\n")
    start(empty)
    page = empty.page_of("answers/A.md")
    show(empty, page, "broken.png", b"<!DOCTYPE html><p>404")
    show(empty, page, "good.png", PNG)
    empty.say(empty.children(page)[0]["id"], "bulleted_list_item", "B")
    empty.wait(120)
    output = empty.run("sync").stdout
    assert "the file 'broken.png' from Notion is not what its name says; it is left in Notion" in output
    text = empty.read("answers/A.md")
    assert "- B\n\n![](notion:/" in text
    assert list(empty.bytes("answers/assets").values()) == [PNG]
    empty.commit()
    empty.replace("answers/A.md", "- B", "- C")
    empty.run("sync")
    assert len(images(empty, "A")) == 2
    empty.wait(120)
    quiet(empty)


def test_an_image_that_was_edited_here_does_not_hide_the_one_it_was(empty: Lab) -> None:
    """Notion goes back to the picture whose file was edited under its name: it comes again, to a place of its own."""
    answer(empty, "A", "- A\n")
    start(empty)
    show(empty, empty.page_of("answers/A.md"), "x.png", PNG)
    empty.wait(120)
    empty.run("sync")
    (edited,) = empty.bytes("answers/assets")
    file(empty, edited, PNG + b"edited")
    empty.run("sync")
    empty.wait(120)
    replace(empty, images(empty, "A")[0], PNG, "x.png")
    empty.wait(120)
    empty.run("sync")
    (shown,) = files(empty)["answers/A.md"]
    assert (empty.root / shown).read_bytes() == PNG
    assert shown.startswith(edited.removesuffix(".png"))
    assert len(shown) == len(edited) + 8
    assert (empty.root / edited).read_bytes() == PNG + b"edited"
    quiet(empty)


def test_the_image_of_a_version_that_lost_is_no_orphan(empty: Lab) -> None:
    """Both sides changed an image: what was in Notion is kept beside the words that lost, until these are cleaned away."""
    file(empty, "answers/i.png", PNG)
    answer(empty, "A", "- A\n\n![a](i.png)\n")
    start(empty)
    empty.replace("answers/A.md", "![a]", "![b]")
    file(empty, "answers/i.png", PNG + b"mine")
    replace(empty, images(empty, "A")[0], PNG + b"theirs")
    empty.wait(120)
    empty.run("sync", code=3)
    empty.run("resolve", "answers/A.md", "--take", "local")
    empty.run("sync")
    assert [hosted(empty, block) for block in images(empty, "A")] == [PNG + b"mine"]
    (kept,) = empty.bytes("answers/assets")
    assert empty.bytes()[kept] == PNG + b"theirs"
    (lost,) = empty.bytes(".notionsync/conflicts")
    assert f"![a]({kept.removeprefix('answers/')})" in empty.read(lost)
    assert empty.json("assets", "--prune", "--yes")["removed"] == []
    (empty.root / lost).unlink()
    assert empty.json("assets", "--prune", "--yes")["removed"] == [kept]


def _records(desk: Lab) -> list[Path]:
    return sorted((desk.root / ".notionsync/base").glob("*.json"))


def test_an_image_inside_a_sentence_stays_one(empty: Lab) -> None:
    """It travels as a link that says so, and no later run, nor a fresh pull, makes a plain link of it."""
    body = "See ![in](x/img.png) here, and [![out](x/img.png)](#top).\n"
    answer(empty, "One", body)
    start(empty)
    for command in ("sync", "pull", "sync"):
        assert empty.run(command, "--deep").output.count("updated") == 0
        assert empty.read("answers/One.md").endswith(body)
    empty.write("answers/One.md", empty.read("answers/One.md").replace("here", "there"))
    empty.run("sync")
    empty.wait(120)
    empty.run("sync", "--deep")
    assert empty.read("answers/One.md").endswith(body.replace("here", "there"))


def test_an_image_that_is_lost_here_stays_in_notion(empty: Lab) -> None:
    """A file that was not checked out takes nothing from Notion; an edit of the answer goes on."""
    file(empty, "answers/i.png", PNG)
    answer(empty, "A", "- A\n\n![a](i.png)\n")
    start(empty)
    (empty.root / "answers/i.png").unlink()
    empty.replace("answers/A.md", "- A", "- B")
    assert "Notion still has it" in empty.run("push").stdout
    assert [hosted(empty, block) for block in images(empty, "A")] == [PNG]


@pytest.mark.parametrize("address", ["../../outside.png", "link.png", "data.tsv"])
def test_what_may_not_be_read_is_not_sent(empty: Lab, address: str) -> None:
    """A path that leaves the repository, a symbolic link, a kind Notion does not take: told, and kept as written."""
    (empty.root.parent / "outside.png").write_bytes(PNG)
    file(empty, "answers/data.tsv", b"a\tb\n")
    (empty.root / "answers/link.png").symlink_to(empty.root.parent / "outside.png")
    answer(empty, "A", f"- A\n\n![a]({address})\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    empty.requests()
    assert address in empty.run("push").stdout
    assert uploads(empty) == 0
    (image,) = images(empty, "A")
    assert image["image"]["external"]["url"].startswith("https://notionsync.invalid/")
    empty.wait(120)
    quiet(empty)
    assert f"![a]({address})" in empty.read("answers/A.md")


def test_bytes_overrule_a_name(empty: Lab) -> None:
    """A photo that is called .png goes as what it is; a pointer of Git LFS or an error page is refused, with its name."""
    file(empty, "answers/photo.png", JPEG)
    file(empty, "answers/pointer.png", LFS)
    file(empty, "answers/page.png", b"<!DOCTYPE html><p>404")
    answer(empty, "A", "![a](photo.png)\n")
    answer(empty, "B", "![b](pointer.png)\n")
    answer(empty, "C", "![c](page.png)\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    output = empty.run("push", code=3).stdout
    assert "answers/pointer.png: cannot be uploaded: is a pointer of Git LFS" in output
    assert "git lfs pull" in output
    assert "answers/page.png: cannot be uploaded: is not what its name says" in output
    (image,) = images(empty, "A")
    assert empty.person.get(image["image"]["file"]["url"]).headers["content-type"] == "image/jpeg"
    assert "notion_id" not in empty.read("answers/B.md") + empty.read("answers/C.md")


def test_a_video_beyond_the_plan_is_refused_before_anything_is_sent(empty: Lab) -> None:
    """200 MB of nothing: its question says so and stays here whole; the others go; the file is never in memory."""
    with (empty.root / "talk.mp4").open("wb") as video:
        video.truncate(200_000_000)
    answer(empty, "A", "[talk](../talk.mp4)<!--notion video-->\n")
    answer(empty, "B", "- B\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    empty.requests()
    output = empty.run("push", code=3).stdout
    assert "talk.mp4: cannot be uploaded" in output
    assert "200000000 bytes; the workspace allows" in output
    assert uploads(empty) == 0
    assert "notion_id" in empty.read("answers/B.md")
    assert "notion_id" not in empty.read("answers/A.md")


def test_a_file_that_is_too_large_here_stays_in_notion(empty: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question syncs all the same; the file is told, and its block is kept however the answer changes."""
    answer(empty, "A", "- A\n")
    start(empty)
    show(empty, empty.page_of("answers/A.md"), "large.png", PNG)
    empty.wait(120)
    monkeypatch.setattr(downloads, "LARGEST", 10)
    assert "is larger than 10 bytes and is left in Notion" in empty.run("sync").stdout
    assert empty.bytes("answers/assets") == {}
    assert "![](notion:/" in empty.read("answers/A.md")
    empty.replace("answers/A.md", "- A", "- B")
    empty.run("sync")
    assert [hosted(empty, block) for block in images(empty, "A")] == [PNG]
    empty.wait(120)
    empty.commit()
    empty.run("sync")
    assert empty.changed() == set()


def test_words_under_an_image_move_no_file(empty: Lab) -> None:
    """Its text in the file is the caption in Notion, with its marks; an edit on either side arrives as words alone."""
    file(empty, "answers/i.png", PNG)
    answer(empty, "A", "![one **bold**](i.png)\n")
    start(empty)
    (image,) = images(empty, "A")
    assert [run["annotations"]["bold"] for run in image["image"]["caption"]] == [False, True]
    empty.replace("answers/A.md", "![one **bold**]", "![two]")
    empty.requests()
    empty.run("push")
    assert uploads(empty) == 0
    (after,) = images(empty, "A")
    assert (after["id"], after["image"]["caption"][0]["plain_text"]) == (image["id"], "two")
    empty.api("PATCH", f"blocks/{image['id']}", {"image": {"caption": [{"text": {"content": "three"}}]}})
    empty.wait(120)
    empty.run("sync", "--deep")
    assert "![three](i.png)" in empty.read("answers/A.md")
    quiet(empty)


def test_images_by_the_repositorys_own_address(empty: Lab) -> None:
    """With `images = "raw"` nothing is uploaded; other bytes need no write, and the file keeps its relative path."""
    raw = "https://raw.example.org/o/r/main"
    file(empty, "answers/a b.png", PNG)
    answer(empty, "A", "- A\n\n![a](a%20b.png)\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    empty.replace("notionsync.toml", "[files]\n", f'[files]\nimages = "raw"\nraw_url = "{raw}"\n')
    empty.requests()
    empty.run("push")
    assert uploads(empty) == 0
    (image,) = images(empty, "A")
    assert image["image"]["external"]["url"] == f"{raw}/answers/a%20b.png"
    empty.wait(120)
    quiet(empty)
    file(empty, "answers/a b.png", PNG + b"2")
    empty.replace("answers/A.md", "- A", "- B")
    before = images(empty, "A")[0]["last_edited_time"]
    empty.run("sync")
    assert images(empty, "A")[0]["last_edited_time"] == before
    show(empty, empty.page_of("answers/A.md"), "new.png", PNG)
    linked = {"type": "image", "image": {"type": "external", "external": {"url": f"{raw}/answers/a%20b.png"}}}
    empty.api("PATCH", f"blocks/{empty.page_of('answers/A.md')}/children", {"children": [linked]})
    empty.wait(120)
    empty.run("sync")
    assert empty.read("answers/A.md").count("(a%20b.png)") == 2
    assert list(empty.bytes("answers/assets").values()) == [PNG]
    quiet(empty)


def test_a_fresh_clone_has_every_file(empty: Lab, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Images of both sides, byte for byte; no address that expires stands in a file, in the state or in a log."""
    caplog.set_level(logging.DEBUG)
    file(empty, "answers/i.png", PNG)
    answer(empty, "A", "![a](i.png)\n\n[f](i.png)<!--notion file-->\n")
    start(empty)
    show(empty, empty.page_of("answers/A.md"), "theirs.png", PNG + b"2")
    empty.wait(120)
    empty.run("sync")
    quiet(empty)
    git(tmp_path, "clone", "--quiet", str(empty.root), "clone")
    assert {path.read_bytes() for path in (tmp_path / "clone/answers").rglob("*.png")} == {PNG, PNG + b"2"}
    everything = [*empty.bytes("answers").values(), *empty.bytes(".notionsync").values(), caplog.text.encode()]
    assert not any(b"X-Amz" in data for data in everything)
    with lab(tmp_path / "clone") as clone:
        clone.run("sync", "--deep", url=empty.base_url)
        assert clone.changed() == set()


def test_an_image_shown_twice_is_not_sent_again(empty: Lab) -> None:
    """Notion may hold one file at two addresses: new words under the second one send words alone."""
    answer(empty, "A", "- A\n")
    start(empty)
    page = empty.page_of("answers/A.md")
    show(empty, page, "one.png", PNG)
    show(empty, page, "one.png", PNG)
    empty.wait(120)
    empty.run("sync")
    empty.wait(120)
    head, _, tail = empty.read("answers/A.md").rpartition("![]")
    empty.write("answers/A.md", f"{head}![words]{tail}")
    before = [image["image"]["file"]["url"].partition("?")[0] for image in images(empty, "A")]
    empty.requests()
    empty.run("sync")
    assert uploads(empty) == 0
    assert [image["image"]["file"]["url"].partition("?")[0] for image in images(empty, "A")] == before
    assert images(empty, "A")[1]["image"]["caption"][0]["plain_text"] == "words"
    quiet(empty)


def test_all_images_travel(kept: Lab, tmp_path: Path) -> None:
    """Every picture of every answer, changed here or replaced in Notion, has the same hash on both sides and in two clones.

    Each content is sent once and fetched once; where there is nothing to do, neither. `make images` prints the counts.
    """
    kept.run("readme", "init")
    kept.run("init", "--create", "--parent", kept.workspace())
    contents = {digest(kept.root / path) for shown in files(kept).values() for path in shown}
    journey = Journey(kept, tmp_path)
    journey.run()
    there, places = journey.compared()
    assert sum(map(len, there.values())) > len(contents) > 2
    assert places == dict.fromkeys(places, there)
    assert len({one for shown in there.values() for one in shown} & contents) == 0
    push, sync, pull, *idle = journey.legs
    assert (push.uploads, push.downloads) == (len(contents), 0)
    assert (sync.uploads, sync.downloads) == (len(journey.here), journey.there)
    assert (pull.uploads, pull.downloads) == (0, sum(map(len, there.values())))
    assert [(leg.uploads, leg.downloads, leg.requests) for leg in idle] == [(0, 0, pull.requests)] * 3
