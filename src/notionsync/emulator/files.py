"""Hosted files: uploads, what they become when attached, and the expiring addresses they are read under.

A stored hosted file is `{"type": "file", "file": {"hosted": "/<workspace>/<uuid>/<name>"}}`. On every reading the path is
signed anew: host and path are stable, the query is not.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from notionsync.emulator import errors, paging
from notionsync.emulator.clock import minute, stamp
from notionsync.emulator.ids import canonical
from notionsync.emulator.richtext import normal_url
from notionsync.emulator.shapes import number, obj, one_of, string
from notionsync.emulator.workspace import Call, Workspace, path_id

Json = dict[str, Any]

SINGLE_PART: Final = 20 * 1024 * 1024
"""Largest file sent in one part, and largest part of several."""
SMALLEST_PART: Final = 5 * 1024 * 1024
_UPLOAD_LIFE: Final = 3_600_000

_CREATE = obj(
    optional={
        "mode": one_of("single_part", "multi_part", "external_url"),
        "filename": string(most=900),
        "content_type": string(),
        "number_of_parts": number(least=1, most=10_000),
        "external_url": string(),
    }
)


# -- uploads ----------------------------------------------------------------------------------------------------------


def create_upload(ws: Workspace, call: Call) -> Json:
    """`POST /v1/file_uploads`; an import by address is done after the answer."""
    body = call.json(_CREATE)
    mode = body.get("mode", "single_part")
    needed = {"multi_part": ("filename", "number_of_parts"), "external_url": ("external_url",)}
    for key in needed.get(mode, ()):
        if key not in body:
            raise errors.failed(f"body.{key} should be defined, instead was `undefined`.")
    upload = _pending(ws, call, body, mode)
    answer = _shown(call, upload)
    if mode == "external_url":
        # Nothing is fetched: the emulator opens no connection of its own, so the import succeeds with an empty file.
        _keep(ws, upload, b"", upload["content_type"] or "application/octet-stream", upload["filename"])
        imported = f"{stamp(ws.clock.milliseconds())[:-1]}+00:00"
        upload["import"] = {"type": "success", "success": {}, "imported_time": imported}
    ws.store.execute(
        "INSERT INTO upload (id, data, created) VALUES (?, ?, ?)", (upload["id"], json.dumps(upload), upload["created"])
    )
    return answer


def _pending(ws: Workspace, call: Call, body: Json, mode: str) -> Json:
    """A new upload, nothing of it sent yet."""
    name = body.get("filename")
    if mode == "external_url" and name is None:
        name = _last_segment(body["external_url"])
    now = minute(ws.clock.milliseconds())
    return {
        "id": ws.ids.new(),
        "by": call.user.id,
        "bot": call.user.type,
        "mode": mode,
        "status": "pending",
        "filename": name,
        "content_type": body.get("content_type") or (mimetypes.guess_type(name)[0] if name else None),
        "content_length": None,
        "created": now,
        "edited": now,
        "import": None,
        "expires": now + _UPLOAD_LIFE,
        "parts": int(body["number_of_parts"]) if mode == "multi_part" else None,
        "sent": [],
        "path": None,
    }


def _load(ws: Workspace, call: Call, upload_id: str) -> Json:
    identifier = path_id("file_upload_id", upload_id)
    rows = ws.store.execute("SELECT data FROM upload WHERE id = ?", (identifier,))
    if not rows:
        raise ws.missing("file_upload", identifier, call.user)
    return _aged(ws, json.loads(rows[0][0]))


def _aged(ws: Workspace, upload: Json) -> Json:
    if upload["status"] == "pending" and ws.clock.milliseconds() >= upload["expires"]:
        upload["status"] = "expired"
    return upload


def _save(ws: Workspace, upload: Json) -> None:
    upload["edited"] = minute(ws.clock.milliseconds())
    ws.store.execute("UPDATE upload SET data = ? WHERE id = ?", (json.dumps(upload), upload["id"]))


def _shown(call: Call, upload: Json) -> Json:
    pending = upload["status"] == "pending"
    answer: Json = {
        "object": "file_upload",
        "id": upload["id"],
        "created_time": stamp(upload["created"]),
        "created_by": {"id": upload["by"], "type": upload["bot"]},
        "last_edited_time": stamp(upload["edited"]),
        "expiry_time": stamp(upload["expires"]) if upload["expires"] else None,
    }
    if pending:
        action = "send"
        answer["upload_url"] = f"{call.base}/v1/file_uploads/{upload['id']}/{action}"
        if upload["mode"] == "multi_part":
            answer["complete_url"] = f"{call.base}/v1/file_uploads/{upload['id']}/complete"
    answer |= {
        "in_trash": False,
        "status": upload["status"],
        "filename": upload["filename"],
        "content_type": upload["content_type"],
        "content_length": upload["content_length"],
    }
    if upload["mode"] == "multi_part":
        answer["number_of_parts"] = {"total": upload["parts"], "sent": len(upload["sent"])}
    if upload["import"] is not None:
        answer["file_import_result"] = upload["import"]
    if call.legacy:
        answer["archived"] = False
    return answer


def send(ws: Workspace, call: Call, upload_id: str) -> Json:
    """`POST /v1/file_uploads/{id}/send`: the bytes, as field `file` of a form."""
    upload = _load(ws, call, upload_id)
    if upload["status"] != "pending":
        raise errors.invalid(f"File upload with ID {upload['id']} is not pending: its status is {upload['status']}.")
    if "file" not in call.parts:
        raise errors.failed("body.file should be defined, instead was `undefined`.")
    name, kind, data = call.parts["file"]
    if len(data) > min(SINGLE_PART, ws.settings.max_upload if upload["mode"] == "single_part" else SINGLE_PART):
        raise errors.invalid("The file is larger than the workspace's plan or one part of an upload allows.")
    if upload["content_type"] and kind and kind.split(";")[0] != upload["content_type"].split(";")[0]:
        raise errors.invalid(
            f"The content type of the file ({kind}) does not match that of the file upload ({upload['content_type']})."
        )
    upload["content_type"] = upload["content_type"] or kind or "application/octet-stream"
    if upload["mode"] == "multi_part":
        return _send_part(ws, call, upload, data)
    upload["filename"] = upload["filename"] or name
    _keep(ws, upload, data, upload["content_type"], upload["filename"] or "file")
    _save(ws, upload)
    return _shown(call, upload)


def _send_part(ws: Workspace, call: Call, upload: Json, data: bytes) -> Json:
    try:
        part = int(call.parts["part_number"][2])
    except (KeyError, ValueError):
        raise errors.failed("body.part_number should be defined, instead was `undefined`.") from None
    if not 1 <= part <= upload["parts"]:
        raise errors.invalid(f"part_number should be between 1 and {upload['parts']}, instead was {part}.")
    if len(data) < SMALLEST_PART and part != upload["parts"]:
        raise errors.invalid("Every part but the last must be at least 5 MB.")
    ws.store.execute("INSERT OR REPLACE INTO part (upload, number, bytes) VALUES (?, ?, ?)", (upload["id"], part, data))
    upload["sent"] = sorted({*upload["sent"], part})
    _save(ws, upload)
    return _shown(call, upload)


def complete(ws: Workspace, call: Call, upload_id: str) -> Json:
    """`POST /v1/file_uploads/{id}/complete`: join the parts."""
    upload = _load(ws, call, upload_id)
    if upload["mode"] != "multi_part" or upload["status"] != "pending":
        raise errors.invalid(f"File upload with ID {upload['id']} cannot be completed.")
    if len(upload["sent"]) != upload["parts"]:
        raise errors.invalid(f"{upload['parts']} parts were promised, {len(upload['sent'])} were sent.")
    rows = ws.store.execute("SELECT bytes FROM part WHERE upload = ? ORDER BY number", (upload["id"],))
    _keep(ws, upload, b"".join(row[0] for row in rows), upload["content_type"], upload["filename"])
    ws.store.execute("DELETE FROM part WHERE upload = ?", (upload["id"],))
    _save(ws, upload)
    return _shown(call, upload)


def _keep(ws: Workspace, upload: Json, data: bytes, kind: str, name: str) -> None:
    place = f"/{ws.settings.workspace_id}/{ws.ids.new('4')}"
    path = f"{place}/{quote(name)}"
    ws.store.execute("INSERT INTO file (place, content_type, bytes) VALUES (?, ?, ?)", (place, kind, data))
    upload |= {
        "status": "uploaded",
        "path": path,
        "content_type": kind,
        "content_length": len(data),
        "filename": upload["filename"] or name,
    }


def retrieve_upload(ws: Workspace, call: Call, upload_id: str) -> Json:
    """`GET /v1/file_uploads/{id}`."""
    return _shown(call, _load(ws, call, upload_id))


def list_uploads(ws: Workspace, call: Call) -> Json:
    """`GET /v1/file_uploads`, newest first."""
    size = paging.query_size(ws, call)
    cursor = paging.query_cursor(call)
    wanted = call.one("status")
    rows = ws.store.execute("SELECT data FROM upload ORDER BY created DESC, seq DESC")
    uploads = [_aged(ws, json.loads(row[0])) for row in rows]
    found = [upload for upload in uploads if wanted is None or upload["status"] == wanted]
    if cursor is not None:
        at = next((index for index, upload in enumerate(found) if upload["id"] == cursor), None)
        if at is None:
            raise paging.unknown_cursor(cursor)
        found = found[at:]
    following = found[size]["id"] if len(found) > size else None
    return paging.listing([_shown(call, upload) for upload in found[:size]], "file_upload", cursor=following)


# -- attaching --------------------------------------------------------------------------------------------------------


def _attached(ws: Workspace, upload_id: str) -> tuple[str, str]:
    """Path and name of an uploaded file that is being attached."""
    identifier = canonical(upload_id) or ""
    rows = ws.store.execute("SELECT data FROM upload WHERE id = ?", (identifier,))
    upload = _aged(ws, json.loads(rows[0][0])) if rows else None
    if upload is None or upload["status"] != "uploaded":
        raise errors.invalid(f"Could not find an uploaded file_upload with ID: {identifier}.")
    if upload["expires"]:
        if ws.clock.milliseconds() >= upload["expires"]:
            raise errors.invalid(f"File upload with ID {identifier} has expired.")
        upload["expires"] = None  # once attached, it is there to stay
        _save(ws, upload)
    return upload["path"], upload["filename"]


def _last_segment(url: str) -> str:
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1]) or url


def _place(path: str) -> str:
    """Workspace and uuid of a file's path; the name after them is for people."""
    return "/".join(path.split("/")[:3])


def _hosted(path: str) -> Json:
    return {"type": "file", "file": {"hosted": path}}


def _resent(ws: Workspace, url: str) -> Json:
    """A hosted file sent back as it was read: still the same file, by its path."""
    path = urlsplit(url).path
    path = path[max(path.find(f"/{ws.settings.workspace_id}/"), 0) :]
    if not ws.store.execute("SELECT 1 FROM file WHERE place = ?", (_place(path),)):
        raise errors.invalid("A hosted file can only be sent back under the address it was read from.")
    return _hosted(path)


def media(ws: Workspace, given: Json, kind: str, name: str | None) -> Json:
    """The file of an image, video, pdf, audio or file block in stored form."""
    if "file_upload" in given:
        path, fallback = _attached(ws, given["file_upload"]["id"])
        stored: Json = _hosted(path)
    else:
        url = normal_url(given["external"]["url"]) or given["external"]["url"]
        stored = {"type": "external", "external": {"url": url}}
        fallback = _last_segment(url)
    if kind == "file":
        stored["name"] = _named(name, fallback)
    return stored


def _named(name: str | None, filename: str) -> str:
    """What a file is called: by the name given, with the file's own extension when that has none."""
    if not name:
        return filename
    extension = PurePosixPath(filename).suffix
    return name if PurePosixPath(name).suffix else f"{name}{extension}"


def media_update(ws: Workspace, payload: Json, given: Json, kind: str) -> Json:
    """The payload of such a block after an update, keys in their order again."""
    if "external" in given or "file_upload" in given:
        return {"caption": payload["caption"], **media(ws, given, kind, given.get("name", payload.get("name")))}
    source: Json = {key: payload[key] for key in ("type", "external", "file") if key in payload}
    updated = {"caption": payload["caption"], **source}
    if kind == "file":
        updated["name"] = _named(given.get("name"), payload["name"])
    return updated


def icon(ws: Workspace, given: Json | None) -> Json | None:
    """An icon or cover in stored form."""
    if given is None:
        return None
    if "file_upload" in given:
        return _hosted(_attached(ws, given["file_upload"]["id"])[0])
    kind = given.get("type") or next(iter(given))
    value = given[kind]
    if kind == "icon":
        value = {"name": value["name"], "color": value.get("color", "gray")}
    if kind == "custom_emoji":
        value = ws.emoji(canonical(value["id"]) or "", value)
    return {"type": kind, kind: value}


def enclosed(ws: Workspace, upload_id: str) -> Json:
    """An attachment of a comment in stored form."""
    path, filename = _attached(ws, upload_id)
    kind = (mimetypes.guess_type(filename)[0] or "").partition("/")
    category = kind[0] if kind[0] in {"audio", "image", "video"} else "pdf" if kind[2] == "pdf" else "productivity"
    return {"category": category, "file": {"hosted": path}}


def listed(ws: Workspace, given: Json) -> Json:
    """An entry of a files property in stored form."""
    if "file_upload" in given:
        path, filename = _attached(ws, given["file_upload"]["id"])
        return {"name": given.get("name") or filename, **_hosted(path)}
    if "file" in given:
        return {"name": given["name"], **_resent(ws, given["file"]["url"])}
    url = normal_url(given["external"]["url"]) or given["external"]["url"]
    return {"name": given["name"], "type": "external", "external": {"url": url}}


# -- reading ----------------------------------------------------------------------------------------------------------


def signed(ws: Workspace, call: Call, value: Any) -> Any:
    """A copy of a stored payload whose hosted files carry a fresh address."""
    if isinstance(value, list):
        return [signed(ws, call, entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if "hosted" in value and len(value) == 1:
        return _signed_url(ws, call, value["hosted"])
    return {key: signed(ws, call, entry) for key, entry in value.items()}


def _signed_url(ws: Workspace, call: Call, path: str) -> Json:
    now = ws.clock.milliseconds()
    expiry = now + ws.settings.url_lifetime * 1000
    nonce = ws.ids.new("4").replace("-", "")
    base = ws.settings.files_base or call.base
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={stamp(now)[:19].replace('-', '').replace(':', '')}Z"
        f"&X-Amz-Expires={ws.settings.url_lifetime}&X-Emulator-Until={expiry}&X-Amz-SignedHeaders=host"
        f"&X-Emulator-Nonce={nonce}&X-Amz-Signature={_signature(ws, _place(path), str(expiry), nonce)}"
    )
    return {"url": f"{base}{path}?{query}", "expiry_time": stamp(expiry)}


def _signature(ws: Workspace, place: str, expiry: str, nonce: str) -> str:
    return hashlib.sha256(f"{ws.settings.workspace_id}\n{place}\n{expiry}\n{nonce}".encode()).hexdigest()


def read(ws: Workspace, path: str, query: dict[str, list[str]]) -> tuple[str, bytes] | None:
    """The bytes behind a signed address; None when it has expired, was tampered with or names nothing."""
    expiry = (query.get("X-Emulator-Until") or [""])[0]
    nonce = (query.get("X-Emulator-Nonce") or [""])[0]
    if (query.get("X-Amz-Signature") or [""])[0] != _signature(ws, _place(path), expiry, nonce):
        return None
    if ws.clock.milliseconds() >= int(expiry):
        return None
    rows = ws.store.execute("SELECT content_type, bytes FROM file WHERE place = ?", (_place(path),))
    return (rows[0][0], rows[0][1]) if rows else None
