"""The whole story, end to end, as a user lives it: nothing but the commands, real HTTP, real git, real files."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.story.lab import Lab, git


def _data_source(desk: Lab) -> str:
    return str(tomllib.loads(desk.read("notionsync.toml"))["notion"]["data_source"])


def _body(text: str) -> str:
    """Return what follows the front matter."""
    return text.split("---\n", 2)[2] if text.startswith("---\n") else text


def _plain(block: Any) -> str:
    return "".join(run["plain_text"] for run in block[block["type"]]["rich_text"])


def _paragraphs(desk: Lab, page: str, *, nested: bool) -> list[Any]:
    """Return the paragraphs with text on a page, at its top or below another block."""
    top = desk.tree(page)
    found = [block for block, _ in top] if not nested else [b for _, below in top for b, _ in below]
    return [block for block in found if block["type"] == "paragraph" and _plain(block).strip()]


def _with_paragraphs(desk: Lab, *, nested: bool, least: int = 1) -> tuple[str, list[Any]]:
    """Return the path of an answer that has such paragraphs, and these."""
    for path in sorted(desk.bytes()):
        if path.endswith(".md"):
            found = _paragraphs(desk, desk.page_of(path), nested=nested)
            if len(found) >= least:
                return path, found
    raise AssertionError("no answer has such paragraphs")


def _line_of(desk: Lab, path: str, paragraph: Any) -> str:
    """Return the file's line that begins with the longest plain stretch of a paragraph."""
    stretch = max((run["plain_text"] for run in paragraph["paragraph"]["rich_text"]), key=len)
    sought = stretch.split("\n")[0].strip()[:30]
    found = [line for line in desk.read(path).split("\n") if sought in line]
    assert len(found) == 1, (sought, found)
    return found[0]


def test_1_adoption_keeps_every_byte_but_the_list(kept: Lab) -> None:
    """`readme init` finds the questions and their slips; bodies, and the README outside the list, keep their bytes."""
    before, readme = kept.bytes(), kept.read("README.md")
    corpus = "lecture" in "".join(before) or "img.png" in "".join(before)
    report = kept.json("readme", "init")
    assert report["questions"] == 29
    assert report["answered"] == (16 if corpus else 24)
    dead = [slip for slip in report["slips"] if "was not there" in json.dumps(slip) or slip.get("kind") == "dead-link"]
    assert len(dead) == (13 if corpus else 5)
    assert len(report["slips"]) == len(dead) + 1, "the doubled number is the one slip besides"
    after = kept.bytes()
    for path, data in before.items():
        if path.endswith(".md"):
            assert _body(after[path].decode()) == data.decode(), path
        else:
            assert after[path] == data
    assert len([path for path in after if path.endswith(".md")]) == 29

    old, new = readme.split("\n"), kept.read("README.md").split("\n")
    removed, added = kept.diff("README.md")
    markers = [line for line in added if line.startswith("<!-- notionsync:")]
    assert len(markers) == 2
    changed = [line for line in removed if line in old]
    assert len(changed) == 1 + len(dead), "the doubled number, and the questions that have no answer"
    assert [line for line in new if line not in added] == [line for line in old if line not in removed]
    again = {path: data for path, data in kept.bytes(".").items() if not path.startswith(".git/")}
    kept.run("readme", "init")
    assert {path: data for path, data in kept.bytes(".").items() if not path.startswith(".git/")} == again


def test_2_a_second_push_and_a_pull_write_nothing(pushed: Lab) -> None:
    """29 pages with bodies; at once and two minutes later nothing is written, the later pair in at most 6 requests."""
    pages = pushed.pages(_data_source(pushed))
    assert len(pages) == 29
    bodies = {path: pushed.children(pushed.page_of(path)) for path in pushed.bytes() if path.endswith(".md")}
    filled = {path for path in bodies if _body(pushed.read(path)).strip()}
    assert {path for path, children in bodies.items() if children} == filled

    pushed.requests()
    for later in (False, True):
        if later:
            pushed.wait(120)
        pushed.run("push")
        pushed.run("pull")
        asked = pushed.requests()
        assert asked["writes"] == 0
        assert pushed.git("status", "--porcelain") == ""
        if later:
            assert asked["total"] <= 6


def test_3_an_edited_paragraph_changes_its_own_lines(settled: Lab) -> None:
    """A top-level paragraph edited in Notion: `pull` changes that paragraph's lines and no other byte."""
    path, paragraphs = _with_paragraphs(settled, nested=False)
    line = _line_of(settled, path, paragraphs[0])
    settled.say(paragraphs[0]["id"], "paragraph", "Somebody said it better.")
    settled.run("pull")
    assert settled.changed() == {path}
    assert settled.diff(path) == ([line], ["Somebody said it better."])


def test_3_an_edited_nested_paragraph_is_found_by_a_deep_pull(settled: Lab) -> None:
    """A paragraph in a list item, whose edit moves no page's time: `pull --deep` changes its lines and no other byte."""
    path, paragraphs = _with_paragraphs(settled, nested=True)
    line = _line_of(settled, path, paragraphs[0])
    settled.say(paragraphs[0]["id"], "paragraph", "Somebody said it better.")
    settled.run("pull")
    assert settled.changed() == set(), "the page's time did not move"
    settled.run("pull", "--deep")
    assert settled.changed() == {path}
    indent = line[: len(line) - len(line.lstrip())]
    assert settled.diff(path) == ([line], [f"{indent}Somebody said it better."])


@pytest.mark.parametrize("nested", [False, True])
def test_4_one_word_is_one_patch(settled: Lab, *, nested: bool) -> None:
    """One word edited in a file: the page's tree is read, one block is patched, and all ids stay."""
    path, paragraphs = _with_paragraphs(settled, nested=nested)
    page = settled.page_of(path)
    ids = settled.ids(page)
    line = _line_of(settled, path, paragraphs[0])
    settled.replace(path, f"{line}\n", f"{line.rstrip()} Indeed.\n")
    settled.requests()
    settled.run("push")
    asked = settled.requests()
    assert asked["writes"] == 1
    assert asked["by_kind"]["PATCH /v1/blocks/{id}"] == 1
    assert settled.ids(page) == ids
    said = _paragraphs(settled, page, nested=nested)[0]
    assert _plain(said).endswith("Indeed.")
    assert settled.changed() == {path}


def test_5_a_question_travels_from_notion_and_its_answer_back(settled: Lab) -> None:
    """A question from Notion becomes a file and an unlinked item; its answer goes up, and the item gets its link."""
    source = _data_source(settled)
    title = "Why do transformers need positions?"
    made = settled.api(
        "POST",
        "pages",
        {
            "parent": {"type": "data_source_id", "data_source_id": source},
            "properties": {"Question": {"title": [{"text": {"content": title}}]}},
        },
    )
    settled.run("pull")
    path = "answers/Why_do_transformers_need_positions.md"
    assert settled.changed() == {path, "README.md"}
    assert settled.diff("README.md")[1][0] == f"30. {title}"
    settled.commit()
    settled.write(path, f"{settled.read(path)}\nAttention itself sees a set.\n\n- an order\n- a distance\n")
    settled.run("push")
    assert [block["type"] for block in settled.children(made["id"])] == [
        "paragraph",
        "bulleted_list_item",
        "bulleted_list_item",
    ]
    assert settled.changed() == {path, "README.md"}
    item = settled.diff("README.md")[1][0]
    assert item.startswith(f"30. {title} [Answer](")
    assert "Why_do_transformers_need_positions.md" in item


def test_6_edits_in_different_paragraphs_merge(settled: Lab) -> None:
    """One answer edited on both sides in different paragraphs: both edits are on both sides afterwards."""
    path, paragraphs = _with_paragraphs(settled, nested=False, least=2)
    page = settled.page_of(path)
    line = _line_of(settled, path, paragraphs[1])
    settled.say(paragraphs[0]["id"], "paragraph", "Said in Notion.")
    settled.replace(path, line, f"{line.rstrip()} Said in the file.")
    settled.run("sync")
    there = [_plain(block) for block in _paragraphs(settled, page, nested=False)]
    assert there[0] == "Said in Notion."
    assert there[1].endswith("Said in the file.")
    assert "Said in Notion." in settled.read(path)
    assert "Said in the file." in settled.read(path)
    settled.commit()
    settled.requests()
    settled.run("sync")
    assert settled.requests()["writes"] == 0
    assert settled.git("status", "--porcelain") == ""


def _conflict(desk: Lab) -> tuple[str, str, str]:
    """Let both sides say different things in one paragraph; return the file, its text, and the page."""
    path, paragraphs = _with_paragraphs(desk, nested=False)
    line = _line_of(desk, path, paragraphs[0])
    desk.say(paragraphs[0]["id"], "paragraph", "The words of Notion.")
    desk.replace(path, line, "The words of the file.")
    return path, desk.read(path), desk.page_of(path)


def test_6_edits_of_one_paragraph_are_a_conflict(settled: Lab) -> None:
    """The same paragraph on both sides: exit code 3, both versions intact, and found again by the next run."""
    path, text, page = _conflict(settled)
    for command in ("sync", "sync", "pull"):
        settled.requests()
        report = settled.json(command, code=3)
        assert [o["state"] for o in report["questions"] if o["path"] == path] == ["conflict"]
        assert settled.requests()["writes"] == 0
        assert settled.read(path) == text
        assert _plain(_paragraphs(settled, page, nested=False)[0]) == "The words of Notion."


@pytest.mark.parametrize(("take", "wins", "loses"), [("local", "file", "notion"), ("notion", "Notion", "local")])
def test_6_a_conflict_is_settled_for_one_side(settled: Lab, take: str, wins: str, loses: str) -> None:
    """`resolve` decides, the next sync brings it to both sides, and the loser is kept."""
    path, _, page = _conflict(settled)
    settled.run("sync", code=3)
    settled.requests()
    settled.run("resolve", path, "--take", take)
    assert settled.requests()["writes"] == 0
    settled.run("sync")
    said = "The words of the file." if wins == "file" else "The words of Notion."
    assert _plain(_paragraphs(settled, page, nested=False)[0]) == said
    assert said in settled.read(path)
    kept = list((settled.root / ".notionsync" / "conflicts").glob(f"*.{loses}.md"))
    lost = "The words of Notion." if wins == "file" else "The words of the file."
    assert [lost in file.read_text("utf-8") for file in kept] == [True]


def test_6_markers_wait_for_a_person(settled: Lab) -> None:
    """With markers both versions are in the file; it is not pushed before a person has taken them out."""
    path, _, page = _conflict(settled)
    settled.run("resolve", path, "--take", "markers", code=3)
    text = settled.read(path)
    for line in ("<<<<<<< local", "||||||| base", "=======", ">>>>>>> notion", "The words of Notion."):
        assert f"{line}\n" in text
    settled.run("sync", code=3)
    assert _plain(_paragraphs(settled, page, nested=False)[0]) == "The words of Notion."
    start, stop = text.index("<<<<<<< local"), text.index(">>>>>>> notion") + len(">>>>>>> notion")
    settled.write(path, f"{text[:start]}Words we agreed on.{text[stop:]}")
    settled.run("sync")
    assert _plain(_paragraphs(settled, page, nested=False)[0]) == "Words we agreed on."


def test_7_a_fresh_clone_has_nothing_to_do(settled: Lab, tmp_path: Path) -> None:
    """The merge base is in git: a clone on another machine finds both sides in step."""
    git(tmp_path, "clone", "--quiet", str(settled.root), "clone")
    clone = Lab(tmp_path / "clone", settled.base_url, settled.person)
    settled.requests()
    report = clone.json("sync")
    assert report["questions"] == []
    assert report["unchanged"] == 29
    assert settled.requests()["writes"] == 0
    assert clone.git("status", "--porcelain") == ""


def test_9_an_empty_repository_joins_a_filled_database(settled: Lab, tmp_path: Path) -> None:
    """`init --database` and the first `pull` bring 29 files; nothing is written to Notion, and then all is in step."""
    root = tmp_path / "new"
    root.mkdir()
    git(root, "init", "--quiet")
    desk = Lab(root, settled.base_url, settled.person)
    settled.requests()
    desk.run("init", "--database", _data_source(settled))
    desk.run("pull")
    assert settled.requests()["writes"] == 0
    files = {path: data for path, data in desk.bytes().items() if path.endswith(".md")}
    assert len(files) == 29
    for path in files:
        assert desk.page_of(path) == settled.page_of(path), "the file-name property gives the same name"
    desk.commit()
    for command in ("pull", "push", "sync"):
        assert desk.json(command)["questions"] == []
    assert settled.requests()["writes"] == 0
    assert desk.git("status", "--porcelain") == ""


def test_10_files_without_ids_join_pages_of_their_titles(settled: Lab) -> None:
    """`link` lists 29 matches and binds them: an empty side yields, equal ones are adopted, different ones conflict."""
    shutil.rmtree(settled.root / ".notionsync")
    texts = {path: data.decode() for path, data in settled.bytes().items() if path.endswith(".md")}
    pages = {path: settled.page_of(path) for path in texts}
    answered = sorted(path for path, text in texts.items() if _body(text).strip())
    emptied_page, emptied_file, different = answered[:3]
    for path, text in texts.items():
        lines = [line for line in text.split("\n") if not line.startswith("notion_id:")]
        settled.write(path, "\n".join(lines))
    for page in pages.values():  # nobody fills in the file's name by hand
        settled.api("PATCH", f"pages/{page}", {"properties": {"File": {"rich_text": []}}})
    for block in settled.children(pages[emptied_page]):
        settled.api("DELETE", f"blocks/{block['id']}")
    head = settled.read(emptied_file).split("---\n", 2)[1]
    settled.write(emptied_file, f"---\n{head}---\n")
    settled.write(different, f"{settled.read(different)}\n\nA last word.\n")
    settled.run("pull", code=3)
    settled.run("push", code=3)
    assert len(settled.pages(_data_source(settled))) == 29, "no page is doubled before they are linked"

    listed = settled.json("link")
    assert {match["path"]: match["page"] for match in listed["matches"]} == pages
    settled.run("link", "--yes", code=3)
    assert len(settled.pages(_data_source(settled))) == 29
    assert {path for path in settled.bytes() if path.endswith(".md")} == set(texts)
    assert {path: settled.page_of(path) for path in texts} == pages
    assert len(settled.children(pages[emptied_page])) > 0
    assert _body(settled.read(emptied_file)).strip() != ""
    assert "A last word." in settled.read(different)
    report = settled.json("sync", code=3)
    assert [(o["path"], o["state"]) for o in report["questions"]] == [(different, "conflict")]
    settled.run("resolve", different, "--take", "local")
    settled.run("sync")
    assert settled.json("sync")["questions"] == []
    assert _plain(settled.children(pages[different])[-1]) == "A last word."
