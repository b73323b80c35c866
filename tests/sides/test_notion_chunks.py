from __future__ import annotations

import json
from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from notionsync.model import Block, Run
from notionsync.sides.notion import chunks


def paragraph(text: str = "x", *children: Block) -> Block:
    """A paragraph."""
    return Block(type="paragraph", text=(Run(text=text),) if text else (), children=children)


def row(*cells: str) -> Block:
    """A table row."""
    return Block(type="table_row", cells=tuple((Run(text=cell),) for cell in cells))


def table(rows: int) -> Block:
    """A table of one column."""
    return Block(type="table", attrs={"table_width": 1}, children=tuple(row(str(n)) for n in range(rows)))


def columns(*contents: tuple[Block, ...]) -> Block:
    """A list of columns."""
    return Block(type="column_list", children=tuple(Block(type="column", children=content) for content in contents))


def below(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Children of a block of a request."""
    found: list[dict[str, Any]] = request[request["type"]].get("children", [])
    return found


def count(requests: list[dict[str, Any]]) -> int:
    """Blocks of a request, all levels."""
    return sum(1 + count(below(request)) for request in requests)


def tiers(requests: list[dict[str, Any]]) -> int:
    """Levels of a request."""
    return max((1 + tiers(below(request)) for request in requests), default=0)


def longest(requests: list[dict[str, Any]]) -> int:
    """The longest array of children."""
    return max([len(requests), *(longest(below(request)) for request in requests)])


def keeps_company(requests: list[dict[str, Any]]) -> bool:
    """Tell whether tables have rows and column lists their columns."""
    for request in requests:
        least = {"table": 1, "column_list": 2}.get(request["type"], 0)
        if len(below(request)) < least or not keeps_company(below(request)):
            return False
    return True


class Rebuilt:
    """Sends chunk after chunk to nobody and puts together what would be there."""

    def __init__(self, *blocks: Block) -> None:
        self.requests: list[list[dict[str, Any]]] = []
        self.tree = self.send(chunks.pieces(blocks, {}))

    def send(self, waiting: tuple[chunks.Piece, ...]) -> list[dict[str, Any]]:
        """Return the tree that sending makes."""
        made: list[dict[str, Any]] = []
        while waiting:
            chunk = chunks.cut(waiting)
            self.requests.append(json.loads(json.dumps(chunk.children)))
            for rest in chunk.rests:
                at = chunk.children
                for index in rest.path[:-1]:
                    at = below(at[index])
                target = at[rest.path[-1]]
                target[target["type"]].setdefault("children", [])
                target[target["type"]]["children"] += self.send(rest.pieces)
            made += chunk.children
            waiting = waiting[len(chunk.children) :]
        return made


def shape(blocks: tuple[Block, ...]) -> list[Any]:
    """What a tree says, short."""
    return [(block.type, "".join(run.text for run in block.text), shape(block.children)) for block in blocks]


def request_shape(requests: list[dict[str, Any]]) -> list[Any]:
    """The same of requests."""
    return [
        (
            r["type"],
            "".join(run["text"]["content"] for run in r[r["type"]].get("rich_text", [])),
            request_shape(below(r)),
        )
        for r in requests
    ]


def test_a_small_tree_is_one_request() -> None:
    """Three tiers fit."""
    made = Rebuilt(paragraph("a", paragraph("b", paragraph("c"))), paragraph("d"))
    assert len(made.requests) == 1


def test_a_fourth_tier_is_one_more_request() -> None:
    """It goes below its parent afterwards."""
    made = Rebuilt(paragraph("a", paragraph("b", paragraph("c", paragraph("d"), paragraph("e")))))
    assert [request_shape(request) for request in made.requests] == [
        [("paragraph", "a", [("paragraph", "b", [("paragraph", "c", [])])])],
        [("paragraph", "d", []), ("paragraph", "e", [])],
    ]


def test_a_hundred_siblings_a_request() -> None:
    """250 paragraphs are three requests; 150 below one are two."""
    assert [len(r) for r in Rebuilt(*[paragraph()] * 250).requests] == [100, 100, 50]
    assert [count(r) for r in Rebuilt(paragraph("a", *[paragraph()] * 150)).requests] == [101, 50]


def test_a_thousand_blocks_a_request() -> None:
    """The service counts all levels."""
    requests = Rebuilt(*[paragraph("a", *[paragraph()] * 99)] * 25).requests
    assert [count(request) for request in requests] == [1000, 1000, 500]


def test_half_a_megabyte_a_request() -> None:
    """Bytes as they are sent are counted, not characters."""
    requests = Rebuilt(*[paragraph("가" * 1999)] * 100).requests
    assert len(requests) == 2
    assert all(len(json.dumps(r, ensure_ascii=False).encode()) <= 500_000 for r in requests)


def test_a_block_too_large_for_any_request_is_sent_all_the_same() -> None:
    """The service refuses it and says why; nothing hangs."""
    huge = Block(type="paragraph", text=(Run(text="가" * 200_000),))
    assert [count(r) for r in Rebuilt(huge, paragraph()).requests] == [1, 1]


def test_a_table_takes_rows_along() -> None:
    """The first hundred in the same request, the rest behind it; deep tables go where their rows still fit."""
    assert [count(r) for r in Rebuilt(table(250)).requests] == [101, 100, 50]
    deep = Rebuilt(paragraph("a", paragraph("b", table(2))))
    assert [count(r) for r in deep.requests] == [2, 3]


def test_columns_come_together() -> None:
    """Even when the first alone would fill the request."""
    full = tuple(paragraph("a", *[paragraph()] * 50) for _ in range(30))
    made = Rebuilt(columns(full, (paragraph("last"),)))
    assert keeps_company(made.requests[0])
    assert request_shape(made.tree) == shape((columns(full, (paragraph("last"),)),))


TREES = st.recursive(
    st.builds(paragraph, st.text(st.characters(codec="utf-8"), max_size=3)),
    lambda inner: st.one_of(
        st.builds(lambda items: paragraph("p", *items), st.lists(inner, max_size=8)),
        st.builds(lambda a, b: columns(tuple(a), tuple(b)), st.lists(inner, max_size=3), st.lists(inner, max_size=3)),
        st.integers(1, 8).map(table),
    ),
    max_leaves=30,
)


@given(st.lists(TREES, min_size=1, max_size=8))
def test_every_request_keeps_the_limits_and_nothing_is_lost(blocks: list[Block]) -> None:
    """Arrays, blocks, bytes, tiers, tables with rows, columns together; all of it arrives in its place.

    The limits are made small, so that small trees meet each of them.
    """
    with mock.patch.multiple(chunks, ARRAY=5, BLOCKS=12, BYTES=2000):
        made = Rebuilt(*blocks)
    for request in made.requests:
        assert longest(request) <= 5
        assert count(request) <= 12
        assert tiers(request) <= 3
        assert len(json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()) <= 2000
        assert keeps_company(request)
    assert request_shape(made.tree) == shape(tuple(blocks))
