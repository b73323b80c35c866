"""Random block trees, random edits of them, and a page that carries writes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from notionsync.model import Append, Block, Body, Delete, Edit, Run, Update, walk

WORDS = [
    "convolution",
    "pooling",
    "dropout",
    "softmax",
    "tanh",
    "gradient",
    "kernel",
    "stride",
    "padding",
    "residual",
    "attention",
    "embedding",
]
HOLDERS = ("paragraph", "toggle", "bulleted_list_item", "quote")
LEAVES = ("paragraph", "paragraph", "code", "to_do", "divider", "child_page")


def block(said: str = "", id_: str | None = None, *children: Block, type_: str = "paragraph", **attrs: Any) -> Block:
    """Return a block that says something, with children."""
    text = (Run(text=said),) if said else ()
    return Block(type=type_, text=text, attrs=attrs, children=children, id=id_)


def table(id_: str | None, *rows: tuple[str | None, str], **attrs: Any) -> Block:
    """Return a table of rows, each an id and its cells between bars."""
    made = tuple(
        Block(type="table_row", cells=tuple((Run(text=cell),) for cell in cells.split("|")), id=row)
        for row, cells in rows
    )
    return Block(type="table", attrs={"table_width": len(made[0].cells), **attrs}, children=made, id=id_)


def said(body: Iterable[Block]) -> list[str]:
    """Return what the top-level blocks say."""
    return ["".join(run.text for run in each.text) for each in body]


def ids(body: Sequence[Block]) -> list[str | None]:
    """Return the ids of all blocks in reading order."""
    return [each.id for each in walk(body)]


def identical(a: Sequence[Block], b: Sequence[Block]) -> bool:
    """Tell whether two trees are equal, ids included."""
    return tuple(a) == tuple(b) and ids(a) == ids(b)


class World:
    """Makes a tree and damages copies of it, as two people would."""

    def __init__(self, rng: Random, *, pinned: bool = True) -> None:
        self.rng = rng
        self._pinned = pinned
        self._count = 0

    def sentence(self) -> str:
        """Return a sentence like no other."""
        self._count += 1
        return " ".join([*(self.rng.choice(WORDS) for _ in range(self.rng.randint(1, 7))), f"n{self._count}"])

    def one(self, prefix: str, depth: int) -> Block:
        """Return a new block whose id, and those below it, start with a prefix."""
        if depth and self.rng.random() < 0.4:
            children = tuple(self.one(prefix, depth - 1) for _ in range(self.rng.randint(0, 3)))
            return block(self.sentence(), self._id(prefix), *children, type_=self.rng.choice(HOLDERS))
        type_ = self.rng.choice(LEAVES if self._pinned and prefix == "b" else LEAVES[:-1])
        if type_ == "child_page":
            return Block(type=type_, attrs={"title": self.sentence()}, id=self._id(prefix))
        return block("" if type_ == "divider" else self.sentence(), self._id(prefix), type_=type_)

    def _id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def tree(self, size: int = 6, depth: int = 2) -> Body:
        """Return a base."""
        return tuple(self.one("b", depth) for _ in range(self.rng.randint(0, size)))

    def damaged(self, body: Body, prefix: str, *, moves: bool = True, steps: int = 4) -> Body:
        """Return a copy with some edits; new blocks have ids that start with a prefix."""
        for _ in range(self.rng.randint(0, steps)):
            step = self.rng.choice([self._edit, self._edit, self._insert, self._delete, *([self._move] * moves)])
            body = step(body, prefix)
        return body

    def _pick(self, body: Body) -> str | None:
        known = [each.id for each in walk(body) if each.type != "child_page"]
        return self.rng.choice(known) if known else None

    def _edit(self, body: Body, _prefix: str) -> Body:
        target = self._pick(body)
        return tuple(change(body, target, self._edited))

    def _edited(self, old: Block) -> Iterator[Block]:
        if old.type == "to_do" and self.rng.random() < 0.5:
            yield replace(old, attrs={"checked": True})
        elif old.text:
            words = old.text[0].text.split(" ")
            words[self.rng.randrange(len(words))] = f"e{self.rng.randint(0, 9)}"
            yield replace(old, text=(Run(text=" ".join(words)),))
        else:
            yield old

    def _insert(self, body: Body, prefix: str) -> Body:
        return self._put(body, self.one(prefix, 1))

    def _put(self, body: Body, new: Block) -> Body:
        homes = [None, *(each.id for each in walk(body) if each.type in HOLDERS)]
        home = self.rng.choice(homes)
        if home is None:
            at = self.rng.randint(0, len(body))
            return (*body[:at], new, *body[at:])
        return tuple(change(body, home, lambda old: [replace(old, children=self._into(old.children, new))]))

    def _into(self, body: Body, new: Block) -> Body:
        at = self.rng.randint(0, len(body))
        return (*body[:at], new, *body[at:])

    def _delete(self, body: Body, _prefix: str) -> Body:
        target = self._pick(body)
        gone = next((each for each in walk(body) if each.id == target), None)
        if gone is None or any(each.type == "child_page" for each in walk((gone,))):
            return body
        return tuple(change(body, target, lambda _: []))

    def _move(self, body: Body, _prefix: str) -> Body:
        target = self._pick(body)
        moved = next((each for each in walk(body) if each.id == target), None)
        if moved is None or any(each.type == "child_page" for each in walk((moved,))):
            return body
        return self._put(tuple(change(body, target, lambda _: [])), moved)


def change(body: Body, target: str | None, make: Any) -> Iterator[Block]:
    """Yield the body with one block replaced by what `make` returns for it."""
    for each in body:
        if each.id == target and target is not None:
            yield from make(each)
        else:
            yield replace(each, children=tuple(change(each.children, target, make)))


class PageOnPaper:
    """Carries out writes on a tree, as Notion would, and refuses what Notion refuses."""

    def __init__(self, body: Body, parent: str) -> None:
        self._parent = parent
        self.body = body
        self.requests = 0
        self._made = 0

    def apply(self, edit: Edit) -> None:
        """Carry out one write."""
        self.requests += 1
        match edit:
            case Update():
                self._change(edit.id, lambda old: [self._updated(old, edit)])
            case Delete():
                self._change(edit.id, lambda old: self._deleted(old, edit))
            case Append():
                new = tuple(self._created(each) for each in edit.blocks)
                assert new, "an append adds something"
                if edit.parent == self._parent:
                    self.body = self._placed(self.body, new, edit)
                else:
                    self._change(
                        edit.parent, lambda old: [replace(old, children=self._placed(old.children, new, edit))]
                    )

    def _change(self, target: str, make: Any) -> None:
        assert ids(self.body).count(target) == 1, "a write names a block that is there"
        self.body = tuple(change(self.body, target, make))

    def _updated(self, old: Block, edit: Update) -> Block:
        assert old.same_own(edit.before), "an update finds what it expects"
        assert old.type == edit.after.type, "no type changes"
        assert old.attrs.get("table_width") == edit.after.attrs.get("table_width"), "no width changes"
        assert not edit.after.children, "an update holds no children"
        return replace(edit.after, id=old.id, children=old.children)

    def _deleted(self, old: Block, edit: Delete) -> list[Block]:
        del old, edit
        return []

    def _created(self, new: Block) -> Block:
        self._made += 1
        return replace(new, id=f"made{self._made}", children=tuple(self._created(each) for each in new.children))

    def _placed(self, siblings: Body, new: Body, edit: Append) -> Body:
        places = [each.id for each in siblings]
        if edit.last:
            assert edit.after == (places[-1] if places else None) or edit.after is None or edit.after in places
            return (*siblings, *new)
        at = 0 if edit.after is None else places.index(edit.after) + 1
        return (*siblings[:at], *new, *siblings[at:])
