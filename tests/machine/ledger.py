"""What editors ever wrote, and whether it is still somewhere."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from itertools import count

from tests.machine.stage import BODIES, Stage, words


class Ledger:
    """Remembers every word that an editor wrote, and which of them an editor took away.

    A word may be gone from both sides only when an editor deleted it, or wrote another one in its place, where the editor
    could see it. Everything else that is missing was lost by us.

    Args:
        stage: Both sides, as they begin.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._numbers = count(1)
        self.live = set(words(" ".join([*BODIES, *stage.files().values()])))
        self._known = set(self.live)
        self.parked: dict[str, str] = {}
        """Words that are on another branch only."""
        self.undone: set[str] = set()
        """Words that are in Notion, and that a file lacks because it was checked out again after a pull."""

    def fresh(self, letter: str) -> str:
        """Return a word like no other."""
        return f"{letter}w{next(self._numbers)}"

    # -- what editors do ---------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def edit(self, side: str) -> Iterator[None]:
        """Take note of what an editor writes and takes away on one side.

        What comes back out of the trash counts as far as the file still says it.
        """
        before = self._side(side)
        yield
        after = self._side(side)
        self.live -= before - after
        self.live |= {word for word in after - before if word not in self._known or word in self._side("files")}
        self._known |= after
        if side == "files":
            self.live -= self.undone
            self.undone = set()

    @contextlib.contextmanager
    def undo(self) -> Iterator[None]:
        """Take note of what a file lacks after it was checked out again: what came from Notion is still there."""
        before, there = self._side("files"), self._side("notion")
        yield
        gone = before - self._side("files")
        self.live -= gone - there
        self.undone |= (gone & there) - self._side("files")

    @contextlib.contextmanager
    def switch(self, old: str, new: str) -> Iterator[None]:
        """Take note of what is on the branch that is left, and nowhere else."""
        yield
        self.parked = {word: branch for word, branch in self.parked.items() if branch != new}
        for word in self.live - self.everywhere() - self.parked.keys():
            self.parked[word] = old

    # -- what there is -----------------------------------------------------------------------------------------------

    def _side(self, side: str) -> set[str]:
        texts = self.stage.files() if side == "files" else self.stage.pages_text()
        return set(words(" ".join(texts.values())))

    def everywhere(self) -> set[str]:
        """Return all words that are on a side, or were put aside."""
        return self._side("files") | self._side("notion") | set(words(self.stage.kept()))

    def check(self) -> None:
        """Check that nothing is lost."""
        lost = self.live - self.everywhere() - self.parked.keys()
        assert not lost, f"lost: {sorted(lost)}"

    def check_once(self) -> None:
        """Check that nothing is there twice."""
        for name, texts in (("files", self.stage.files()), ("notion", self.stage.pages_text())):
            counts = Counter(word for text in texts.values() for word in words(text))
            double = sorted(word for word, times in counts.items() if times > 1)
            assert not double, f"twice in {name}: {double}"

    def check_equal(self) -> None:
        """Check that each file has one page, and that they say the same in the same order."""
        files, pages = self.stage.files(), self.stage.pages_text()
        named: dict[str, str] = {}
        for path, text in files.items():
            line = next((line for line in text.splitlines() if line.startswith("notion_id:")), "")
            page = line.partition(":")[2].strip()
            assert page in pages, f"{path} names no page: {page!r}"
            assert page not in named, f"{path} and {named[page]} name one page"
            named[page] = path
        lonely = [text.splitlines()[:1] for page, text in pages.items() if page not in named]
        assert not lonely, f"pages without a file: {lonely}"
        for page, path in named.items():
            _, head, body = files[path].split("---\n", 2)
            here, there = words(body), words(pages[page])
            values = Counter(words(head))
            for word in values:
                assert word in there, f"{path}: {word} of its front matter is not on its page"
            ordered = [word for word in there if word not in values]
            assert here == ordered, f"{path} says {here}, its page {ordered}"
