from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.convert.test_render import MARKUP
from tests.shared import shared

from notionsync.convert import blocks_to_markdown, markdown_to_blocks

STRUCTURAL = {"table", "column_list"}


@cache
def validator() -> jsonschema.Draft7Validator:
    """The request type of `PATCH /blocks/{id}/children`, without room for anything unknown."""
    path = shared("notion", "schemas", "requests-strict", "AppendBlockChildrenBodyParameters.json")
    return jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))


def shallow(block: dict[str, Any]) -> dict[str, Any]:
    """A block as a request of its own: what is deeper than a request may be, is sent in another one."""
    own = copy.deepcopy(block)
    payload = own[own["type"]]
    below = payload.pop("children", [])
    if own["type"] in STRUCTURAL or own["type"] in ("column", "tab"):
        payload["children"] = [shallow(child) for child in below]
    return own


def check(blocks: list[dict[str, Any]]) -> None:
    """Validate every block of a tree."""
    for block in blocks:
        payload = block[block["type"]]
        below = payload.get("children", [])
        if block["type"] not in ("table_row", "column"):
            errors = sorted(validator().iter_errors({"children": [shallow(block)]}), key=str)
            assert not errors, (block, errors[0].message[:300])
        check(below)


def examples() -> list[str]:
    """The examples of the CommonMark specification, and of GitHub's constructs."""
    common = json.loads(shared("oracle", "src", "commonmark-0.31.json").read_text(encoding="utf-8"))
    ours = json.loads(shared("oracle", "features.json").read_text(encoding="utf-8"))
    return [case["markdown"] for case in common] + [case["md"] for case in ours]


def test_every_example_becomes_a_request_that_the_types_allow() -> None:
    """Limits, languages, addresses and required fields, for every construct."""
    for text in examples():
        check(markdown_to_blocks(text))


def test_every_example_settles() -> None:
    """The second trip changes nothing."""
    for text in examples():
        once = blocks_to_markdown(markdown_to_blocks(text))
        assert blocks_to_markdown(markdown_to_blocks(once)) == once, text


@given(st.lists(st.sampled_from(MARKUP), max_size=30).map("".join))
@settings(max_examples=60, deadline=None)
def test_any_markdown_becomes_a_request_that_the_types_allow(text: str) -> None:
    """The same for what nobody would write."""
    check(markdown_to_blocks(text))


@pytest.mark.parametrize(
    "text",
    [
        "$$\n" + "x" * 3000 + "\n$$",
        "$" + "x" * 1500 + "$",
        "[a](https://e.x/" + "y" * 3000 + ")",
        "`" + "가" * 5000 + "`",
        "```\n" + "x\n" * 120_000 + "```",
    ],
)
def test_what_is_too_long_is_cut_or_kept_as_text(text: str) -> None:
    """Notion's limits on texts, addresses and equations hold whatever the input."""
    check(markdown_to_blocks(text))
