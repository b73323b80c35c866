"""The kinds of blocks as a table: which fields each has, which are required, what they are when nothing is sent.

Source: https://developers.notion.com/reference/block and the request types of the official SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from notionsync.emulator.richtext import color, rich_text
from notionsync.emulator.shapes import (
    Check,
    anything,
    boolean,
    nullable,
    number,
    obj,
    one_of,
    size,
    string,
    tagged,
    uuid,
    wrong,
)

_LANGUAGES: Final = (
    "abap;abc;agda;arduino;ascii art;assembly;bash;basic;bnf;c;c#;c++;clojure;coffeescript;coq;css;dart;"
    "dhall;diff;docker;ebnf;elixir;elm;erlang;f#;flow;fortran;gherkin;glsl;go;graphql;groovy;haskell;hcl;"
    "html;idris;java;javascript;json;julia;kotlin;latex;less;lisp;livescript;llvm ir;lua;makefile;"
    "markdown;markup;matlab;mathematica;mermaid;nix;notion formula;objective-c;ocaml;pascal;perl;php;"
    "plain text;powershell;prolog;protobuf;purescript;python;r;racket;reason;ruby;rust;sass;scala;scheme;"
    "scss;shell;smalltalk;solidity;sql;swift;toml;typescript;vb.net;verilog;vhdl;visual basic;"
    "webassembly;xml;yaml;java/c/c++/c#"
)
LANGUAGES: Final = tuple(_LANGUAGES.split(";"))
_NATIVE_ICON_COLORS = ("gray", "lightgray", "brown", "yellow", "orange", "green", "blue", "purple", "pink", "red")

_external = obj({"url": string(least=1, most=2000)})
_file_upload = obj({"id": uuid})
icon: Check = tagged(
    {
        "emoji": string(),
        "external": obj({"url": string(most=2000)}),
        "file_upload": _file_upload,
        "custom_emoji": obj({"id": uuid}, {"name": string(), "url": string(most=2000)}),
        "icon": obj({"name": string()}, {"color": one_of(*_NATIVE_ICON_COLORS)}),
    }
)
cover: Check = tagged(
    {
        "external": obj({"url": string(most=2000)}),
        "file_upload": _file_upload,
    }
)

_MEDIA_SOURCES: Final = {"external": _external, "file_upload": _file_upload}

FIELD: Final[Mapping[str, Check]] = {
    "rich_text": rich_text,
    "caption": rich_text,
    "color": color,
    "icon": icon,
    "is_toggleable": boolean,
    "checked": boolean,
    "language": one_of(*LANGUAGES),
    "expression": string(most=1000),
    "url": string(most=2000),
    "name": string(most=900),
    "table_width": number(least=1, most=100),
    "has_column_header": boolean,
    "has_row_header": boolean,
    "width_ratio": number(),
    "synced_from": nullable(tagged({"block_id": uuid})),
}


@dataclass(frozen=True, slots=True)
class BlockType:
    """One kind of block.

    Attributes:
        fields: Field → its value when none is sent, in the order of answers; `...` marks one that is then left out.
        required: Fields that a request to create must carry.
        update: Fields that an update may carry; None when the kind cannot be updated.
        update_required: Fields that an update must carry.
        nests: Whether it may have children.
        media: Whether it carries a file beside its fields.
    """

    fields: Mapping[str, Any]
    required: frozenset[str] = frozenset()
    update: frozenset[str] | None = frozenset()
    update_required: frozenset[str] = frozenset()
    nests: bool = False
    media: bool = False


_TEXT: Final = frozenset({"rich_text"})


def _text(extra: Mapping[str, Any], *, nests: bool = True, loose: bool = False) -> BlockType:
    fields = {"rich_text": [], **extra}
    return BlockType(
        fields,
        required=_TEXT,
        update=frozenset(fields),
        # A patch of the colour alone is refused for most kinds: the official types require the text.
        update_required=frozenset() if loose else _TEXT,
        nests=nests,
    )


def _media(*extra: str) -> BlockType:
    return BlockType({"caption": []}, update=frozenset({"caption", *extra}), media=True)


_HEADING: Final = _text({"is_toggleable": False, "color": "default"})
_LIST: Final = _text({"color": "default"})
_LINKED: Final = BlockType(
    {"caption": [], "url": ""}, required=frozenset({"url"}), update=frozenset({"caption", "url"})
)

TYPES: Final[Mapping[str, BlockType]] = {
    "embed": _LINKED,
    "bookmark": _LINKED,
    "image": _media(),
    "video": _media(),
    "pdf": _media(),
    "file": _media("name"),
    "audio": _media(),
    "code": BlockType(
        {"caption": [], "rich_text": [], "language": "plain text"},
        required=frozenset({"rich_text", "language"}),
        update=frozenset({"caption", "rich_text", "language"}),
    ),
    "equation": BlockType(
        {"expression": ""},
        required=frozenset({"expression"}),
        update=frozenset({"expression"}),
        update_required=frozenset({"expression"}),
    ),
    "divider": BlockType({}),
    "breadcrumb": BlockType({}),
    "tab": BlockType({}, nests=True),
    "table_of_contents": BlockType({"color": "default"}, update=frozenset({"color"})),
    "link_to_page": BlockType({}),
    "table_row": BlockType(
        {"cells": []}, required=frozenset({"cells"}), update=frozenset({"cells"}), update_required=frozenset({"cells"})
    ),
    "table": BlockType(
        {"table_width": 0, "has_column_header": False, "has_row_header": False},
        required=frozenset({"table_width"}),
        update=frozenset({"has_column_header", "has_row_header"}),
        nests=True,
    ),
    "column_list": BlockType({}, update=None, nests=True),
    "column": BlockType({"width_ratio": ...}, update=frozenset({"width_ratio"}), nests=True),
    "heading_1": _HEADING,
    "heading_2": _HEADING,
    "heading_3": _HEADING,
    "heading_4": _HEADING,
    "paragraph": _text({"icon": None, "color": "default"}, loose=True),
    "bulleted_list_item": _LIST,
    "numbered_list_item": _LIST,
    "quote": _LIST,
    "to_do": _text({"checked": False, "color": "default"}, loose=True),
    "toggle": _LIST,
    "template": _text({}),
    "callout": _text({"icon": None, "color": "default"}, loose=True),
    "synced_block": BlockType(
        {"synced_from": None},
        required=frozenset({"synced_from"}),
        update=frozenset({"synced_from"}),
        update_required=frozenset({"synced_from"}),
        nests=True,
    ),
}
"""Kinds that a request may create, in the order in which errors name them. What is missing (child_page, link_preview, meeting_notes, …) only exists on reading."""

HEADINGS: Final = frozenset({"heading_1", "heading_2", "heading_3", "heading_4"})
ONLY_UNDER: Final[Mapping[str, str]] = {"table_row": "table", "column": "column_list"}
ONLY_HOLDS: Final[Mapping[str, str]] = {"table": "table_row", "column_list": "column", "tab": "paragraph"}

_link_to_page = tagged({"page_id": uuid, "database_id": uuid, "comment_id": uuid})


def cells(value: Any, path: str) -> None:
    """The cells of a table row: an array of rich texts."""
    if not isinstance(value, list):
        raise wrong(path, "an array", value)
    size(len(value), path, most=100)
    for index, cell in enumerate(value):
        rich_text(cell, f"{path}[{index}]")


def _source_check(kind: str, *, required: bool) -> Check:
    extra = {"name": FIELD["name"]} if kind == "file" else {}
    common = {"caption": rich_text, **extra, "children": anything}
    strict = tagged(_MEDIA_SOURCES, common)
    loose = obj(optional={**common, **_MEDIA_SOURCES, "type": one_of("external", "file_upload")})
    return strict if required else loose


def _create_check(kind: str, spec: BlockType) -> Check:
    if spec.media:
        return _source_check(kind, required=True)
    if kind == "link_to_page":
        return _link_to_page
    fields = {name: cells if name == "cells" else FIELD[name] for name in spec.fields}
    if kind == "embed":
        fields["file_upload"] = _file_upload
    return obj(
        {name: fields[name] for name in spec.required},
        {**{name: check for name, check in fields.items() if name not in spec.required}, "children": anything},
    )


def _update_check(kind: str, spec: BlockType) -> Check:
    if spec.media:
        return _source_check(kind, required=False)
    if kind == "link_to_page":
        return _link_to_page
    fields = {name: cells if name == "cells" else FIELD[name] for name in spec.update or ()}
    return obj(
        {name: fields[name] for name in spec.update_required},
        {name: check for name, check in fields.items() if name not in spec.update_required},
    )


CREATE: Final[Mapping[str, Check]] = {kind: _create_check(kind, spec) for kind, spec in TYPES.items()}
UPDATE: Final[Mapping[str, Check]] = {kind: _update_check(kind, spec) for kind, spec in TYPES.items()}
