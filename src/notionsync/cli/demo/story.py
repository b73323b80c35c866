"""The story itself: what a user lives through in the first weeks, chapter by chapter."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from notionsync.cli.demo.desk import Desk
from notionsync.cli.demo.notion import WORKSPACE, Asked, Paragraph
from notionsync.cli.demo.source import Source, hand_kept
from notionsync.errors import NotionSyncError

QUESTION = "Which of these answers should a newcomer read first?"
ANSWER = "The shortest one.\n\n- It fits into one sitting.\n- Its links lead to the others.\n"
CLONE = "clone"
"""The folder beside the repository that the last chapter clones it into."""
_HEAD = 10
_SHORTEST = 15
"""Characters of a paragraph that says something by itself."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The answer that both sides edit.

    Attributes:
        path: Its file.
        first: A paragraph of plain text that is one line of the file.
        second: Another one.
    """

    path: str
    first: Paragraph
    second: Paragraph


def tell(desk: Desk, source: Source) -> Stage:
    """Live through the story at a desk whose repository is still empty.

    Raises:
        NotionSyncError: It went otherwise than it is told.
    """
    _keep_by_hand(desk, source)
    _adopt(desk)
    _create(desk)
    _fill(desk)
    _push_again(desk)
    stage = find_stage(desk)
    _edit_in_notion(desk, stage)
    _edit_here(desk, stage)
    _ask(desk)
    _edit_both(desk, stage)
    _disagree(desk, stage)
    _clone(desk)
    return stage


def _keep_by_hand(desk: Desk, source: Source) -> None:
    desk.git("init", "--quiet", "--initial-branch=main")
    for path, data in source.files.items():
        desk.write(path, data)
    desk.write("README.md", hand_kept(source.entries))
    desk.screen.chapter(
        "A repository as people keep it by hand",
        f"Made of {source.name}: Markdown files, and a README",
        "that lists them, numbered and linked by hand, slips included.",
    )
    desk.screen.command(f"head -n {_HEAD} README.md")
    desk.screen.lines(desk.read("README.md").splitlines()[:_HEAD])
    desk.commit("Keep a list by hand")


def _adopt(desk: Desk) -> None:
    desk.screen.chapter(
        "Adopt the list",
        "Question and order go into the front matter of the files; from now on the list is made from them.",
        "No answer's text changes, and nothing in the README outside the list.",
    )
    desk.run("readme", "init")
    desk.changes("README.md")
    desk.screen.command("git diff --shortstat -- answers")
    desk.screen.printed(desk.git("diff", "--shortstat", "--", "answers").strip())
    desk.commit("Adopt the question list")


def _create(desk: Desk) -> None:
    desk.screen.chapter(
        "Make a Notion database that fits",
        "Its properties follow the front matter. To join a database that exists: init --database URL.",
    )
    desk.run("init", "--create", "--parent", WORKSPACE)
    desk.commit("Connect to Notion")


def _fill(desk: Desk) -> None:
    desk.screen.chapter(
        "Fill it",
        "Every file becomes a page, block by block, images included; each file gets the id of its page.",
    )
    told = desk.run("push")
    rows = desk.notion.rows(desk.data_source())
    blocks = sum(len(desk.notion.blocks(row)) for row in rows)
    desk.screen.result(f"Notion holds {len(rows)} pages with {blocks} top-level blocks; {_requests(told.asked)}")
    desk.commit("Push to Notion")


def _push_again(desk: Desk) -> None:
    desk.screen.chapter(
        "Push again",
        "What is in step is not written again, so the history of the pages stays readable.",
    )
    told = desk.run("push")
    desk.screen.result(_requests(told.asked))


def find_stage(desk: Desk) -> Stage:
    """Return an answer with two paragraphs that stand as they are on one line of its file each.

    Raises:
        NotionSyncError: There is none.
    """
    found = []
    for path, page in desk.pages().items():
        lines = desk.read(path).splitlines()
        fitting = [
            paragraph
            for paragraph in desk.notion.paragraphs(page)
            if len(paragraph.text) >= _SHORTEST and lines.count(paragraph.text) == 1
        ]
        found += [Stage(path, first, second) for first, second in pairwise(fitting)]
    if not found:
        raise NotionSyncError("no answer has two paragraphs of plain text to show edits with")
    return min(found, key=lambda stage: (len(stage.first.text) + len(stage.second.text), stage.path))


def _edit_in_notion(desk: Desk, stage: Stage) -> None:
    desk.screen.chapter(
        "A person edits a paragraph in Notion",
        "The file is not printed anew: only that paragraph's line changes, and git shows what was said when.",
    )
    _say_there(desk, stage.first, "Robin added this in Notion.")
    told = desk.run("pull")
    desk.changes("README.md", "answers")
    desk.screen.result(_requests(told.asked))
    desk.commit("Pull from Notion")


def _edit_here(desk: Desk, stage: Stage) -> None:
    desk.screen.chapter(
        "A word is added to a line of a file",
        "One PATCH to one block: the other blocks keep their ids, and with them their comments and links.",
    )
    _say_here(desk, stage.path, stage.second, "Checked.")
    told = desk.run("push")
    shown = ", ".join(f"{count} × {kind}" for kind, count in told.asked.kinds.items())
    desk.screen.result(f"{_requests(told.asked)}: {shown}")
    desk.screen.result(f"Notion says: {desk.notion.text(stage.second.id)}")
    desk.commit("Push a word")


def _ask(desk: Desk) -> None:
    desk.screen.chapter(
        "Somebody asks a new question in Notion",
        "It arrives as a file without an answer, and as an item of the README without a link.",
    )
    known = set(desk.pages())
    page = desk.notion.add_row(desk.data_source(), QUESTION)
    desk.screen.deed("In Notion, a new row:", "", QUESTION)
    desk.run("pull")
    desk.changes("README.md", "answers")
    desk.commit("Pull a question")
    path = (set(desk.pages()) - known).pop()
    desk.screen.text()
    desk.write(path, f"{desk.read(path)}\n{ANSWER}")
    desk.screen.deed(f"The answer, written into {path}:", "", ANSWER)
    desk.run("push")
    desk.changes("README.md")
    kinds = ", ".join(block["type"] for block in desk.notion.blocks(page))
    desk.screen.result(f"the page holds {kinds}; the README links the answer")
    desk.commit("Answer it")


def _edit_both(desk: Desk, stage: Stage) -> None:
    desk.screen.chapter(
        "Both sides edit the same answer, in different paragraphs",
        "Each side is compared with what both held last, block by block; so both edits survive.",
        "(sync, which runs unattended here, reads every page again: times alone miss edits deep in a page.)",
    )
    _say_there(desk, stage.first, "An example would help.")
    _say_here(desk, stage.path, stage.second, "See also the list.")
    desk.run("sync")
    desk.changes("README.md", "answers")
    for paragraph in (stage.first, stage.second):
        desk.screen.result(f"Notion says: {desk.notion.text(paragraph.id)}")
    desk.commit("Sync edits of both sides")


def _disagree(desk: Desk, stage: Stage) -> None:
    desk.screen.chapter(
        "Both sides edit the same paragraph",
        "Only a person can merge that: nothing is overwritten, the exit code is 3, and no later run forgets it.",
    )
    _say_there(desk, stage.first, "No, it never does.")
    _say_here(desk, stage.path, stage.first, "Well, it depends.")
    told = desk.run("sync", code=3)
    desk.screen.result(f"exit code {told.code}; {_requests(told.asked)}; both versions are where they were")
    desk.screen.text()
    desk.run("resolve", stage.path, "--take", "local")
    desk.run("sync")
    desk.screen.result(f"Notion says: {desk.notion.text(stage.first.id)}")
    kept = sorted((desk.root / ".notionsync" / "conflicts").iterdir())
    desk.screen.result(f"Notion's version is kept in {', '.join(str(file.relative_to(desk.root)) for file in kept)}")
    desk.commit("Settle a conflict")


def _clone(desk: Desk) -> None:
    desk.screen.chapter(
        "A fresh clone",
        "What both sides last agreed on is in git: another machine, or a CI runner, needs nothing else.",
    )
    target = desk.root.parent / CLONE
    desk.git("clone", "--quiet", ".", f"../{CLONE}", show=True)
    clone = Desk(target, desk.notion, desk.screen)
    told = clone.run("sync")
    desk.told += clone.told
    left = clone.git("status", "--porcelain").strip()
    desk.screen.result(f"{_requests(told.asked)}; git status: {left or 'clean'}")


def _say_there(desk: Desk, paragraph: Paragraph, words: str) -> None:
    before, after = desk.notion.text(paragraph.id), f"{paragraph.text} {words}"
    desk.notion.rewrite(paragraph.id, after)
    desk.screen.deed("In Notion:", before, after)


def _say_here(desk: Desk, path: str, paragraph: Paragraph, words: str) -> None:
    text = desk.read(path)
    before = next(line for line in text.splitlines() if line.startswith(paragraph.text))
    after = f"{paragraph.text} {words}"
    desk.write(path, text.replace(before, after, 1))
    desk.screen.deed(f"In {path}:", before, after)


def _requests(asked: Asked) -> str:
    return f"{asked.total} requests, {asked.writes} of them {'a write' if asked.writes == 1 else 'writes'}"
