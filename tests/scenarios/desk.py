"""A desk with three synced questions, and short words for what people do at it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.story.lab import Lab, lab

NAMES = ("one", "two", "three")


def path_of(name: str) -> str:
    """Return where a question's file is."""
    return f"answers/{name}.md"


def answer(name: str, order: int, *paragraphs: str, page: str = "") -> str:
    """Return a question's file."""
    head = f"notion_id: {page}\n" if page else ""
    body = "".join(f"\n{paragraph}\n" for paragraph in paragraphs)
    return f"---\n{head}question: Why {name}?\norder: {order}\ntags: [a, b]\nstatus: Open\n---\n{body}"


class Desk(Lab):
    """One user's desk, with names for questions: `one` is `answers/one.md` and the page "Why one?"."""

    # -- both sides --------------------------------------------------------------------------------------------------

    def begin(self, names: Sequence[str] = NAMES) -> None:
        """Write some questions of three paragraphs each, and sync them for the first time, two minutes ago."""
        for order, name in enumerate(names, 1):
            self.write(path_of(name), answer(name, order, *(f"{name} {part}" for part in ("alpha", "beta", "gamma"))))
        self.run("init", "--create", "--parent", self.workspace())
        self.run("sync")
        self.commit()
        self.wait(120)
        self.requests()

    def outcomes(self, *args: str, code: int = 0) -> dict[str, str]:
        """Run a command; return what became of each question by name: `state verb`."""
        found = self.json(*args, code=code)["questions"]
        return {Path(o["path"]).stem: f"{o['state']} {o['verb']}" for o in found}

    def settled_now(self, *, code: int = 0) -> None:
        """Check that one more run, two minutes later, writes nothing anywhere."""
        self.wait(120)
        before = self.everything()
        self.requests()
        self.run("sync", code=code)
        assert self.requests()["writes"] == 0
        assert self.everything() == before

    def everything(self) -> dict[str, bytes]:
        """Return every file that could be committed."""
        kept = ("answers/", ".notionsync/", "README.md", "notionsync.toml")
        left = (".notionsync/cache/", ".notionsync/lock")
        found = self.bytes(".")
        return {path: data for path, data in found.items() if path.startswith(kept) and not path.startswith(left)}

    # -- files -------------------------------------------------------------------------------------------------------

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a text in a question's file."""
        self.replace(path_of(name), old, new)

    def remove(self, name: str) -> None:
        """Delete a question's file."""
        (self.root / path_of(name)).unlink()

    def exists(self, name: str) -> bool:
        """Tell whether a question's file is there."""
        return (self.root / path_of(name)).is_file()

    def move(self, name: str, to: str) -> None:
        """Rename a question's file."""
        target = self.root / path_of(to)
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.root / path_of(name)).rename(target)

    def text(self, name: str) -> str:
        """Return a question's file."""
        return self.read(path_of(name))

    def records(self) -> dict[str, Any]:
        """Return the state's entries by the name of the file."""
        found = {}
        for path in (self.root / ".notionsync" / "base").glob("*.json"):
            entry = json.loads(path.read_text("utf-8"))
            found[Path(entry["path"]).stem] = entry
        return found

    def kept(self) -> str:
        """Return everything that was put aside."""
        folder = self.root / ".notionsync" / "conflicts"
        return "\n".join(p.read_text("utf-8") for p in sorted(folder.glob("*"))) if folder.is_dir() else ""

    # -- Notion ------------------------------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """The data source."""
        line = next(line for line in self.read("notionsync.toml").splitlines() if line.startswith("data_source"))
        return line.split('"')[1]

    def page(self, name: str) -> str:
        """Return the id of a question's page, as the state or the file knows it."""
        known = self.records().get(name)
        return str(known["id"]) if known else self.page_of(path_of(name))

    def workspace_page(self) -> str:
        """Return the id of the page that the database lies in."""
        database = self.api("GET", f"data_sources/{self.source}")["parent"]["database_id"]
        return str(self.api("GET", f"databases/{database}")["parent"]["page_id"])

    def titles(self) -> list[str]:
        """Return the titles of all pages that are not in the trash."""
        return sorted(plain(page["properties"]["Question"]["title"]) for page in self.pages(self.source))

    def says(self, page: str) -> list[str]:
        """Return the text of every block of a page."""
        blocks = [block for block, _ in self.tree(page)]
        return [plain(block[block["type"]].get("rich_text", ())) for block in blocks]

    def here(self, name: str) -> list[str]:
        """Return the paragraphs of a question's file."""
        return [part.strip() for part in self.text(name).split("---\n", 2)[2].split("\n\n") if part.strip()]

    def there(self, name: str) -> list[str]:
        """Return the paragraphs of a question's page."""
        return self.says(self.page(name))

    def both(self, name: str) -> list[str]:
        """Return the paragraphs of a question, after checking that both sides have the same."""
        assert self.here(name) == self.there(name)
        return self.here(name)

    def note(self, name: str, old: str, new: str) -> None:
        """Change a paragraph of a question's page, as a person."""
        block = next(b for b in self.children(self.page(name)) if plain(b["paragraph"]["rich_text"]) == old)
        self.say(block["id"], "paragraph", new)

    def put(self, name: str, text: str, *, after: str = "") -> None:
        """Add a paragraph to a question's page, as a person."""
        new = {"type": "paragraph", "paragraph": {"rich_text": [{"text": {"content": text}}]}}
        body: dict[str, Any] = {"children": [new]}
        if after:
            block = next(b for b in self.children(self.page(name)) if plain(b["paragraph"]["rich_text"]) == after)
            body["position"] = {"type": "after_block", "after_block": {"id": block["id"]}}
        self.api("PATCH", f"blocks/{self.page(name)}/children", body)

    def drop(self, name: str, text: str) -> None:
        """Delete a paragraph of a question's page, as a person."""
        block = next(b for b in self.children(self.page(name)) if plain(b["paragraph"]["rich_text"]) == text)
        self.api("DELETE", f"blocks/{block['id']}")

    def retitle(self, name: str, title: str) -> None:
        """Change a page's title, as a person."""
        self.fill(name, Question={"title": [{"text": {"content": title}}]})

    def fill(self, name: str, **properties: Any) -> None:
        """Set properties of a page, as a person."""
        self.api("PATCH", f"pages/{self.page(name)}", {"properties": properties})

    def value(self, name: str, prop: str) -> Any:
        """Return a property of a page."""
        value = self.api("GET", f"pages/{self.page(name)}")["properties"][prop]
        return value[value["type"]]

    def trash(self, name: str, *, back: bool = False) -> None:
        """Move a page to the trash or back, as a person."""
        self.api("PATCH", f"pages/{self.page(name)}", {"in_trash": not back})

    def trashed(self, page: str) -> bool:
        """Tell whether a page is in the trash."""
        return bool(self.api("GET", f"pages/{page}")["in_trash"])

    def ask(self, title: str, *paragraphs: str) -> str:
        """Make a new page, as a person; return its id."""
        children = [{"type": "paragraph", "paragraph": {"rich_text": [{"text": {"content": p}}]}} for p in paragraphs]
        body = {
            "parent": {"type": "data_source_id", "data_source_id": self.source},
            "properties": {"Question": {"title": [{"text": {"content": title}}]}},
            "children": children,
        }
        return str(self.api("POST", "pages", body)["id"]).replace("-", "")

    def fault(self, kind: str, **fields: Any) -> None:
        """Script a fault of the emulator."""
        self.person.post("/_emulator/faults", json={"fault": kind, **fields}).raise_for_status()

    def writes(self) -> int:
        """Return how many writes Notion saw since the last count."""
        return int(self.requests()["writes"])


def plain(runs: Sequence[Any]) -> str:
    """Return the characters of rich text as the API returns it."""
    return "".join(run["plain_text"] for run in runs)


@contextlib.contextmanager
def desk_at(root: Path, *, database: Path | str = ":memory:") -> Iterator[Desk]:
    """Give a user a desk."""
    with lab(root, database=database) as opened:
        yield Desk(opened.root, opened.base_url, opened.person)
