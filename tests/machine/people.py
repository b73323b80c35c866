"""Two people at work on the same questions, one in the files and one in Notion; each writes words like no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.machine.stage import WORD, Stage

from notionsync.convert import parse
from notionsync.convert.links import RESERVED
from notionsync.model import Node
from notionsync.plan.markers import BASE, LOCAL, MIDDLE, NOTION, has_markers

_ITEM = re.compile(r"(\s*)((?:[-*+]|\d+[.)])\s+)(\[[ x]\] )?")
_FILLERS = ("alpha", "beta", "gamma", "delta", "epsilon")


class FilePerson:
    """Edits answers in an editor, and the checkout with git.

    Args:
        stage: Both sides.
        fresh: Makes a word like no other.
    """

    def __init__(self, stage: Stage, fresh: Callable[[], str]) -> None:
        self.stage = stage
        self.fresh = fresh

    # -- what they do ------------------------------------------------------------------------------------------------

    def edit_word(self, rng: Random) -> None:
        """Put a word into a line of a body, or another one in the place of one."""
        path, head, body = self._pick(rng)
        lines = body.splitlines(keepends=True)
        places = [i for i, line in enumerate(lines) if WORD.search(line)]
        if not places:
            self.stage.write(path, f"{head}{body.rstrip()}\n\n{self._sentence(rng)}\n")
            return
        at = rng.choice(places)
        lines[at] = _reworded(lines[at], self.fresh(), rng)
        self.stage.write(path, head + "".join(lines))

    def insert_block(self, rng: Random) -> None:
        """Write a new block of some kind between two others."""
        path, head, body = self._pick(rng)
        if not has_markers(body):
            at = rng.choice(_gaps(body))
            self.stage.write(path, head + _inserted(body, at, self._block(rng)))

    def insert_item(self, rng: Random) -> None:
        """Write a new item behind a list item, beside it or below it."""
        path, head, body = self._pick(rng)
        lines = body.splitlines(keepends=True)
        items = [i for i, line in enumerate(lines) if _ITEM.match(line) and WORD.search(line)]
        if items and not has_markers(body):
            at = rng.choice(items)
            found = _ITEM.match(lines[at])
            assert found is not None
            indent = found[1] + (" " * len(found[2]) if rng.random() < 0.5 else "")
            bullet = "1. " if found[2].strip()[0].isdigit() and indent == found[1] else "- "
            lines.insert(at + 1, f"{indent}{bullet}{self._sentence(rng)}\n")
            self.stage.write(path, head + "".join(lines))

    def delete_block(self, rng: Random) -> None:
        """Delete a block with everything below it."""
        path, head, body = self._pick(rng)
        nodes = _nodes(body)
        if nodes and not has_markers(body):
            node = rng.choice(nodes)
            lines = body.splitlines(keepends=True)
            self.stage.write(path, head + "".join(lines[: node.span.start] + lines[node.span.stop :]))

    def move_block(self, rng: Random) -> None:
        """Cut out a top-level block, and put it somewhere else."""
        path, head, body = self._pick(rng)
        nodes = parse(body, links=RESERVED).nodes
        if len(nodes) > 1 and not has_markers(body):
            node = rng.choice(nodes)
            lines = body.splitlines(keepends=True)
            cut = "".join(lines[node.span.start : node.span.stop]).rstrip("\n")
            rest = "".join(lines[: node.span.start] + lines[node.span.stop :])
            self.stage.write(path, head + _inserted(rest, rng.choice(_gaps(rest)), cut))

    def tick(self, rng: Random) -> None:
        """Tick a task, or take the tick away."""
        path, head, body = self._pick(rng)
        found = list(re.finditer(r"\[[ x]\] ", body))
        if found:
            at = rng.choice(found)
            ticked = "[ ] " if "x" in at[0] else "[x] "
            self.stage.write(path, head + body[: at.start()] + ticked + body[at.end() :])

    def insert_row(self, rng: Random) -> None:
        """Write a new row into a table."""
        path, head, body = self._pick(rng)
        lines = body.splitlines(keepends=True)
        rows = [i for i, line in enumerate(lines) if line.startswith("|") and i and lines[i - 1].startswith("|")]
        if rows and not has_markers(body):
            at = rng.choice(rows)
            cells = [self.fresh(), *(["x"] * (lines[at].count("|") - 2))]
            lines.insert(at + 1, f"| {' | '.join(cells)} |\n")
            self.stage.write(path, head + "".join(lines))

    def fill(self, rng: Random) -> None:
        """Change the title, the tags, the status or the notes."""
        path, head, body = self._pick(rng)
        key = rng.choice(["question", "tags", "status", "notes"])
        line = next((line for line in head.splitlines(keepends=True) if line.startswith(f"{key}:")), "")
        old = line.partition(":")[2].strip()
        match key:
            case "tags":
                tags = [tag.strip() for tag in old.strip("[]").split(",") if tag.strip()]
                if tags and rng.random() < 0.4:
                    tags.remove(rng.choice(tags))
                else:
                    tags.insert(rng.randint(0, len(tags)), self.fresh())
                new = f"tags: [{', '.join(tags)}]\n"
            case "status":
                new = f"status: {self.fresh()}\n"
            case _:
                new = f"{key}: {_reworded(old, self.fresh(), rng)}\n"
        if line:
            head = head.replace(line, new, 1)
        elif head:
            head = head.removesuffix("---\n") + new + "---\n"
        self.stage.write(path, head + body)

    def create(self, rng: Random) -> None:
        """Write a new answer."""
        word = self.fresh()
        folder = rng.choice(["answers", "answers/more"])
        body = "\n\n".join(self._block(rng) for _ in range(rng.randint(0, 3)))
        head = f"---\nquestion: Why {word}?\ntags: [{self.fresh()}]\n---\n\n" if rng.random() < 0.8 else ""
        self.stage.write(f"{folder}/why{word[2:]}.md", f"{head}{body}\n")

    def rename(self, rng: Random) -> None:
        """Give an answer another name."""
        path = rng.choice(sorted(self.stage.files()))
        target = self.stage.root / f"answers/{rng.choice(['', 'other/'])}name{rng.randint(0, 99)}.md"
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            (self.stage.root / path).rename(target)

    def delete(self, rng: Random) -> None:
        """Delete an answer."""
        (self.stage.root / rng.choice(sorted(self.stage.files()))).unlink()

    def settle_markers(self, rng: Random) -> None:
        """Take conflict markers out of a file, keeping both versions, or one."""
        marked = {path: text for path, text in self.stage.files().items() if LOCAL in text}
        if marked:
            path = rng.choice(sorted(marked))
            self.stage.write(path, unmarked(marked[path], rng.choice(["both", "both", "local", "notion"])))

    def check_out(self, rng: Random) -> None:
        """Take a file back to what was committed."""
        path = rng.choice(sorted(self.stage.files()))
        if self.stage.git("ls-files", "--", path):
            self.stage.git("checkout", "HEAD", "--", path)

    # -- how they write ----------------------------------------------------------------------------------------------

    def _pick(self, rng: Random) -> tuple[str, str, str]:
        """Return a file's path, its front matter and its body."""
        files = self.stage.files()
        path = rng.choice(sorted(files))
        head, mark, body = files[path].partition("\n---\n")
        return (path, head + mark, body) if mark and head.startswith("---\n") else (path, "", files[path])

    def _sentence(self, rng: Random) -> str:
        return " ".join([self.fresh(), *(rng.choice(_FILLERS) for _ in range(rng.randint(0, 4)))])

    def _block(self, rng: Random) -> str:
        one, two = self._sentence(rng), self.fresh()
        kinds = [
            one,
            f"## {one}",
            f"- {one}\n  - {two}",
            f"- [ ] {one}",
            f"> {one}",
            f"```\n{one}\n{two}\n```",
            f"| {one} | x |\n|---|---|\n| {two} | y |",
            f"<details>\n<summary>{one}</summary>\n\n{two}\n\n</details>",
            f"1. {one}\n2. {two}",
        ]
        return rng.choice(kinds)


def unmarked(text: str, take: str) -> str:
    """Return a text without conflict markers, with the given version of what stood between them.

    Whoever keeps both versions keeps what they share once.
    """
    part, out = "", []
    here: set[str] = set()
    for line in text.splitlines(keepends=True):
        sign = line.strip()
        if sign in {LOCAL, BASE, MIDDLE, NOTION}:
            part = {LOCAL: "local", BASE: "base", MIDDLE: "notion", NOTION: ""}[sign]
            here = set() if part == "local" else here
            out.append("\n" if take == "both" and part in {"notion", ""} else "")
            continue
        said = set(WORD.findall(line))
        again = take == "both" and part == "notion" and said and said <= here
        here |= said if part == "local" else set()
        if not part or part == take or (take == "both" and part != "base" and not again):
            out.append(line)
    return "".join(out)


def _reworded(line: str, new: str, rng: Random) -> str:
    """Return a line with a new word: in the place of another, before it or behind it."""
    found = list(WORD.finditer(line))
    if not found:
        return f"{line} {new}".strip()
    at = rng.choice(found)
    put = rng.choice([new, f"{at[0]} {new}", f"{new} {at[0]}"])
    return line[: at.start()] + put + line[at.end() :]


def _nodes(body: str) -> list[Node]:
    """Return all blocks of a body that own lines by themselves."""
    found = []
    stack: list[Node] = list(parse(body, links=RESERVED).nodes)
    while stack:
        node = stack.pop()
        if node.span.stop > node.span.start:
            found.append(node)
        if node.block.type not in {"table", "quote"}:
            stack.extend(node.children)
    return sorted(found, key=lambda node: node.span)


def _gaps(body: str) -> list[int]:
    """Return the lines before which a block can be put."""
    return sorted({0, len(body.splitlines()), *(n.span.start for n in parse(body, links=RESERVED).nodes)})


def _inserted(body: str, at: int, block: str) -> str:
    lines = body.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return "".join([*lines[:at], "\n", *(f"{line}\n" for line in block.splitlines()), "\n", *lines[at:]])


class NotionPerson:
    """Edits pages in Notion.

    Args:
        stage: Both sides.
        fresh: Makes a word like no other.
    """

    def __init__(self, stage: Stage, fresh: Callable[[], str]) -> None:
        self.stage = stage
        self.fresh = fresh
        self.touched = ""
        """The block or page that was edited last."""

    # -- what they do ------------------------------------------------------------------------------------------------

    def edit_word(self, rng: Random) -> None:
        """Put a word into a block, or another one in the place of one."""
        block = self._block(rng, lambda b: "rich_text" in b[b["type"]] or b["type"] == "table_row")
        if block is None:
            return
        kind, payload = block["type"], block[block["type"]]
        if kind == "table_row":
            cells = [_plain(cell) for cell in payload["cells"]]
            at = rng.randrange(len(cells))
            cells[at] = _reworded(cells[at], self.fresh(), rng)
            self._patch(block, {"cells": [_text(cell) for cell in cells]})
        else:
            self._patch(block, {"rich_text": _text(_reworded(_plain(payload["rich_text"]), self.fresh(), rng))})

    def insert_block(self, rng: Random) -> None:
        """Write a new block of some kind somewhere."""
        page = self._page(rng)
        if page is None:
            return
        holders = [b for b in self.stage.blocks(page["id"]) if b["type"] in _HOLDERS]
        parent = rng.choice([page, page, *holders])["id"]
        self._put(parent, self._new(rng), rng)

    def insert_row(self, rng: Random) -> None:
        """Write a new row into a table."""
        table = self._block(rng, lambda b: b["type"] == "table")
        if table is not None:
            texts = [self.fresh(), *["z"] * (table["table"]["table_width"] - 1)]
            self._put(table["id"], {"table_row": {"cells": [_text(text) for text in texts]}}, rng)

    def delete_block(self, rng: Random) -> None:
        """Delete a block with everything below it."""
        block = self._block(rng, _deletable)
        if block is not None:
            self.stage.api("DELETE", f"blocks/{block['id']}")

    def move_block(self, rng: Random) -> None:
        """Drag a block to another place among its siblings, as people can and requests cannot."""
        block = self._block(rng, lambda b: b["type"] != "table_row")
        if block is None:
            return
        store = self.stage.app.workspace.store
        with store.transaction():
            node = store.get(block["id"])
            assert node is not None
            assert node.parent_id is not None
            others = [other for other in store.children(node.parent_id) if other.id != node.id]
            at = rng.randint(0, len(others))
            (node.position,) = store.gap(node.parent_id, 1, after=others[at - 1] if at else None, first=not at)
            store.update(node)
            person = next(u for u in self.stage.app.workspace.users.values() if u.type == "person")
            self.stage.app.workspace.touch_parent(node, person)

    def tick(self, rng: Random) -> None:
        """Tick a task, or take the tick away."""
        block = self._block(rng, lambda b: b["type"] == "to_do")
        if block is not None:
            self._patch(block, {"checked": not block["to_do"]["checked"]})

    def fill(self, rng: Random) -> None:
        """Change the title, the tags, the status or the notes."""
        page = self._page(rng)
        if page is None:
            return
        name = rng.choice(["Question", "Tags", "Status", "Notes"])
        old = page["properties"][name]
        match name:
            case "Tags":
                tags = [tag["name"] for tag in old["multi_select"]]
                if tags and rng.random() < 0.4:
                    tags.remove(rng.choice(tags))
                else:
                    tags.append(self.fresh())
                value: Any = {"multi_select": [{"name": tag} for tag in tags]}
            case "Status":
                value = {"select": {"name": self.fresh()}}
            case "Notes":
                value = {"rich_text": _text(_reworded(_plain(old["rich_text"]), self.fresh(), rng))}
            case _:
                value = {"title": _text(_reworded(_plain(old["title"]), self.fresh(), rng))}
        self.touched = page["id"]
        self.stage.api("PATCH", f"pages/{page['id']}", {"properties": {name: value}})

    def create(self, rng: Random) -> None:
        """Make a new page."""
        body = {
            "parent": {"type": "data_source_id", "data_source_id": self.stage.source},
            "properties": {
                "Question": {"title": _text(f"Why {self.fresh()}?")},
                "Tags": {"multi_select": [{"name": self.fresh()}]},
            },
            "children": [self._new(rng) for _ in range(rng.randint(0, 3))],
        }
        self.stage.api("POST", "pages", body)

    def trash(self, rng: Random) -> None:
        """Move a page to the trash."""
        page = self._page(rng)
        if page is not None:
            self.stage.api("PATCH", f"pages/{page['id']}", {"in_trash": True})

    def restore(self, rng: Random) -> None:
        """Take a page out of the trash."""
        trashed = self.stage.pages(in_trash=True)
        if trashed:
            self.stage.api("PATCH", f"pages/{rng.choice(trashed)['id']}", {"in_trash": False})

    # -- how they write ----------------------------------------------------------------------------------------------

    def _page(self, rng: Random) -> Any:
        pages = self.stage.pages()
        return rng.choice(pages) if pages else None

    def _block(self, rng: Random, fits: Callable[[Any], bool]) -> Any:
        """Return some block of some page, or None."""
        found = [block for page in self.stage.pages() for block in self.stage.blocks(page["id"]) if fits(block)]
        return rng.choice(found) if found else None

    def _patch(self, block: Any, payload: Any) -> None:
        self.touched = block["id"]
        self.stage.api("PATCH", f"blocks/{block['id']}", {block["type"]: payload})

    def _put(self, parent: str, block: Any, rng: Random) -> None:
        siblings = self.stage.children(parent)
        at = rng.randint(0, len(siblings))
        place = {"type": "after_block", "after_block": {"id": siblings[at - 1]["id"]}} if at else {"type": "start"}
        self.stage.api("PATCH", f"blocks/{parent}/children", {"children": [block], "position": place})

    def _new(self, rng: Random) -> Any:
        said = " ".join([self.fresh(), *(rng.choice(_FILLERS) for _ in range(rng.randint(0, 4)))])
        kind = rng.choice(["paragraph", "heading_2", "bulleted_list_item", "to_do", "toggle", "quote", "table"])
        if kind == "table":
            rows = [[said, "x"], [self.fresh(), "y"]]
            cells = [{"table_row": {"cells": [_text(cell) for cell in row]}} for row in rows]
            return {"table": {"table_width": 2, "has_column_header": True, "children": cells}}
        below = [{"paragraph": {"rich_text": _text(self.fresh())}}] if kind == "toggle" else []
        return {kind: {"rich_text": _text(said), **({"children": below} if below else {})}}


_HOLDERS = frozenset({"bulleted_list_item", "numbered_list_item", "toggle", "to_do", "quote"})


def _deletable(block: Any) -> bool:
    return str(block["type"]) != "table_row"  # the last row of a table cannot go


def _text(said: str) -> list[Any]:
    return [{"text": {"content": said}}] if said else []


def _plain(runs: Sequence[Any]) -> str:
    return "".join(run["plain_text"] for run in runs)
