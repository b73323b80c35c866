"""Blocks between Notion's JSON and the model.

Normal form of a block's payload: `rich_text`, `caption`, `cells` and children have fields of their own; of the rest,
`attrs` keeps what differs from Notion's default. A file's address is `attrs["url"]`:

    {"external": {"url": u}}            u
    {"file": {"url": signed, …}}        notion:/<path>     (the query expires, host and path stay: developers.notion.com,
                                                            "Retrieving existing files")
    {"file_upload": {"id": i}}          upload:<i>

Types and fields that we do not know are kept as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from notionsync.convert.richtext import canonical, lines, notion_path, rich_text_from_api, rich_text_to_api
from notionsync.errors import ContentError
from notionsync.model import Block, Body, RichText, Run, compact_id

MAX_DEPTH = 50
"""Levels of blocks that we are ready to walk; Notion's own pages stay far below."""

MEDIA = frozenset({"image", "video", "audio", "pdf", "file"})
TEXTUAL = frozenset(
    {
        "paragraph",
        "heading_1",
        "heading_2",
        "heading_3",
        "heading_4",
        "bulleted_list_item",
        "numbered_list_item",
        "to_do",
        "toggle",
        "quote",
        "callout",
        "code",
        "template",
    }
)
CAPTIONED = MEDIA | {"code", "bookmark", "embed"}
READ_ONLY = frozenset({"list_start_index", "list_format"})
"""Fields of responses that no request has ever had (types `NumberedListItemBlockObjectResponse`, `…Request`)."""
_COLOR = frozenset({"color"})
_WRITABLE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(TEXTUAL, _COLOR),
    **dict.fromkeys(("heading_1", "heading_2", "heading_3", "heading_4"), _COLOR | {"is_toggleable"}),
    **dict.fromkeys(("paragraph", "callout"), _COLOR | {"icon"}),
    **dict.fromkeys(MEDIA, frozenset({"url"})),
    **dict.fromkeys(("bookmark", "embed"), frozenset({"url"})),
    "to_do": _COLOR | {"checked"},
    "code": frozenset({"language"}),
    "file": frozenset({"url", "name"}),
    "equation": frozenset({"expression"}),
    "table": frozenset({"table_width", "has_column_header", "has_row_header"}),
    "table_of_contents": _COLOR,
    "column": frozenset({"width_ratio"}),
    "synced_block": frozenset({"synced_from"}),
    "link_to_page": frozenset({"type", "page_id", "database_id", "comment_id"}),
    **dict.fromkeys(("divider", "breadcrumb", "column_list", "tab", "table_row"), frozenset[str]()),
}
"""What requests may say of a block beside its text (`BlockObjectRequest` in the SDK's types). Responses say more:
`list_start_index`, and whatever they will say tomorrow."""
UPLOAD = "upload:"

_HOST = "https://prod-files-secure.s3.us-west-2.amazonaws.com"
_DEFAULTS: Mapping[str, Any] = {
    "color": "default",
    "is_toggleable": False,
    "checked": False,
    "has_column_header": False,
    "has_row_header": False,
}
_NOT_A_TYPE = frozenset({"object", "id", "parent", "created_by", "last_edited_by", "children"})


def from_api(blocks: Sequence[Mapping[str, Any]]) -> Body:
    """Return blocks of a request or a response, children from `block[type]["children"]` or `block["children"]`.

    Raises:
        ContentError: The tree is deeper than `MAX_DEPTH`.
    """
    return _body(blocks, 0)


def _body(blocks: Sequence[Mapping[str, Any]], depth: int) -> Body:
    if depth > MAX_DEPTH:
        raise ContentError(f"blocks are nested more than {MAX_DEPTH} deep")
    return tuple(_block(block, depth) for block in blocks)


def _block(raw: Mapping[str, Any], depth: int) -> Block:
    type_ = raw.get("type") or next(
        (key for key, value in raw.items() if isinstance(value, Mapping) and key not in _NOT_A_TYPE), "unsupported"
    )
    payload = raw.get(type_)
    payload = payload if isinstance(payload, Mapping) else {}
    inner = payload.get("children")
    below = inner if isinstance(inner, list) else raw.get("children") or ()
    attrs: dict[str, Any] = {}
    for key, value in payload.items():
        if key in ("rich_text", "caption", "cells") and isinstance(value, list):
            continue
        if (key == "children" and isinstance(value, list)) or value is None or _DEFAULTS.get(key, _DEFAULTS) == value:
            continue
        attrs[key] = value
    return Block(
        type=type_,
        text=rich_text_from_api(payload["rich_text"]) if isinstance(payload.get("rich_text"), list) else (),
        attrs=_normal_attrs(type_, attrs),
        caption=rich_text_from_api(payload["caption"]) if isinstance(payload.get("caption"), list) else (),
        cells=tuple(rich_text_from_api(cell) for cell in payload["cells"]) if _is_row(payload) else (),
        children=_body(below, depth + 1) if below else (),
        id=compact_id(str(raw["id"])) if raw.get("id") else None,
    )


def _is_row(payload: Mapping[str, Any]) -> bool:
    return isinstance(payload.get("cells"), list)


def _normal_attrs(type_: str, attrs: dict[str, Any]) -> dict[str, Any]:
    if not attrs and type_ not in MEDIA and type_ not in ("embed", "code", "equation"):
        return attrs
    if type_ in MEDIA or (type_ == "embed" and "url" not in attrs):
        attrs = _with_address(attrs)
    if type_ == "code":
        attrs.setdefault("language", "plain text")
    if type_ == "equation":
        attrs["expression"] = lines(attrs.get("expression", "")).strip("\n")
    icon = attrs.get("icon")
    if isinstance(icon, Mapping) and "type" not in icon and len(icon) == 1:
        attrs["icon"] = {"type": next(iter(icon)), **icon}
    return {key: _settled(value) for key, value in attrs.items()}


def _with_address(attrs: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in attrs.items() if key not in ("type", "external", "file", "file_upload")}
    if isinstance(attrs.get("external"), Mapping):
        return {"url": attrs["external"].get("url") or "", **rest}
    if isinstance(attrs.get("file"), Mapping):
        return {"url": _hosted(attrs["file"].get("url") or ""), **rest}
    if isinstance(attrs.get("file_upload"), Mapping):
        return {"url": UPLOAD + str(attrs["file_upload"].get("id", "")), **rest}
    return rest


def _hosted(url: str) -> str:
    return url if url.startswith("notion:") else notion_path(url)


def _settled(value: Any) -> Any:
    """Return a value with the addresses that expire replaced by what stays of them."""
    if isinstance(value, Mapping):
        if "expiry_time" in value and isinstance(value.get("url"), str):
            return {"url": _hosted(value["url"])}
        return {key: _settled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_settled(inner) for inner in value]
    return value


def to_api(block: Block, *, uploads: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the request that creates a block with everything below it.

    Args:
        block: What to create.
        uploads: For each `asset:` or `notion:` address the id of the file upload that holds its bytes.

    Raises:
        ContentError: An address has no upload, or a text breaks a limit that cannot be met by splitting.
    """
    return _request(block, uploads or {}, plain=False, depth=0)


def to_json(block: Block, *, shown: bool = False) -> dict[str, Any]:
    """Return a block as the API prints it: what a request may not hold, such as hosted files, is there too.

    Args:
        block: What to print.
        shown: Say also what a reader sees of mentions, and heed no limit.
    """
    return _request(block, {}, plain=True, shown=shown, depth=0)


def _request(
    block: Block, uploads: Mapping[str, str], *, plain: bool, depth: int, shown: bool = False
) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise ContentError(f"blocks are nested more than {MAX_DEPTH} deep")
    payload: dict[str, Any] = {}
    if block.type in TEXTUAL or block.text:
        payload["rich_text"] = rich_text_to_api(block.text, shown=shown, limited=not plain)
    for key, value in block.attrs.items():
        if plain or _is_writable(block.type, key):
            payload.update(_field(block.type, key, value, uploads, plain=plain))
    if block.caption:
        payload["caption"] = rich_text_to_api(block.caption, shown=shown, limited=not plain)
    if block.type == "table_row" or block.cells:
        payload["cells"] = [rich_text_to_api(cell, shown=shown, limited=not plain) for cell in block.cells]
    _fill(block.type, payload)
    if block.children or block.type in ("table", "column_list", "tab", "column"):
        below = () if "synced_from" in block.attrs and not plain else block.children
        payload["children"] = [_request(child, uploads, plain=plain, depth=depth + 1, shown=shown) for child in below]
    return {"object": "block", "type": block.type, block.type: payload}


def _is_writable(type_: str, key: str) -> bool:
    return key in _WRITABLE.get(type_, (key,))


def _fill(type_: str, payload: dict[str, Any]) -> None:
    """Say the defaults that a reader of a request expects to see, or that requests must name."""
    if type_ == "to_do":
        payload.setdefault("checked", False)
    elif type_ == "table":
        payload.setdefault("has_column_header", False)
        payload.setdefault("has_row_header", False)
    elif type_ == "synced_block":
        payload.setdefault("synced_from", None)
    elif type_ == "code":
        payload.setdefault("language", "plain text")


def _field(type_: str, key: str, value: Any, uploads: Mapping[str, str], *, plain: bool) -> dict[str, Any]:
    if key == "url" and (type_ in MEDIA or (type_ == "embed" and _is_ours(value))):
        return _address(str(value), uploads, plain=plain)
    if key == "icon" and isinstance(value, Mapping):
        hosted = value.get(value.get("type", ""))
        if isinstance(hosted, Mapping) and _is_ours(hosted.get("url", "")):
            return {"icon": _address(str(hosted["url"]), uploads, plain=plain)}
    return {key: value}


def _is_ours(url: Any) -> bool:
    return str(url).startswith(("asset:", "notion:", UPLOAD))


def _address(url: str, uploads: Mapping[str, str], *, plain: bool) -> dict[str, Any]:
    if url in uploads:
        return {"type": "file_upload", "file_upload": {"id": uploads[url]}}
    if url.startswith(UPLOAD):
        return {"type": "file_upload", "file_upload": {"id": url.removeprefix(UPLOAD)}}
    if not _is_ours(url):
        return {"type": "external", "external": {"url": url}}
    if plain:
        return {"type": "file", "file": {"url": _HOST + url.removeprefix("notion:")}}
    raise ContentError(f"the file {url!r} has not been uploaded to Notion", advice="check that the file exists")


def update_payload(before: Block, after: Block, *, uploads: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the body of `PATCH /blocks/{id}` that turns one block into another, children left aside.

    A given field is replaced as a whole, an omitted one stays; text is always sent together with any other field of a
    block that has it, because the request types demand it. An icon cannot be cleared, so its removal is not sent.

    Returns:
        An empty mapping when there is nothing to say.

    Raises:
        ContentError: The types differ, or see `to_api`.
    """
    if before.type != after.type:
        raise ContentError(f"a {before.type} block cannot become a {after.type} block in place")
    old = _request(before.own(), {}, plain=True, depth=0)[before.type]
    new = _request(after.own(), uploads or {}, plain=not _sends_file(before, after), depth=0)[after.type]
    said = before.attrs.keys() | after.attrs.keys()
    unsent = {"children", *(key for key in said if not _is_writable(after.type, key))} - {"url"}
    changed = {
        key: value for key, value in new.items() if key not in unsent and old.get(key, _DEFAULTS.get(key)) != value
    }
    changed |= {key: _DEFAULTS[key] for key in old if key not in new and key in _DEFAULTS}
    if "caption" in old and "caption" not in new:
        changed["caption"] = []
    if after.type in MEDIA:
        changed.pop("type", None)  # which the types of updates, other than those of creation, do not know
    if changed and "rich_text" in new:
        changed.setdefault("rich_text", new["rich_text"])
    return {after.type: changed} if changed else {}


def _sends_file(before: Block, after: Block) -> bool:
    return before.attrs.get("url") != after.attrs.get("url") or before.attrs.get("icon") != after.attrs.get("icon")


CONVERTER = 1
"""Version of the normal form that digests are made of; goes up when the same block gets another digest."""


def digest(block: Block) -> str:
    """Return the SHA-256 of what a block says by itself: children, ids and the text of mentions left out."""
    return hashlib.sha256(
        canonical(
            [
                CONVERTER,
                block.type,
                _said(block.text),
                block.attrs,
                _said(block.caption),
                [_said(cell) for cell in block.cells],
            ]
        ).encode("utf-8", "surrogatepass")
    ).hexdigest()


def _said(text: RichText) -> list[list[Any]]:
    return [_run(run) for run in text]


def _run(run: Run) -> list[Any]:
    marks = [run.bold, run.italic, run.strike, run.underline, run.code]
    return [run.kind, "" if run.kind == "mention" else run.text, marks, run.color, run.link, run.mention]
