"""The pages and forms of a person's browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from notionsync.emulator.blocktypes import TYPES
from notionsync.emulator.clock import http_date
from notionsync.emulator.ids import compact
from notionsync.emulator.web.html import rich_text, safe_link
from notionsync.emulator.web.view import View

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from notionsync.emulator.http.app import Emulator

Json = dict[str, Any]

_TEXTS = [name for name, kind in TYPES.items() if "rich_text" in kind.fields and name not in {"template", "paragraph"}]
WRITABLE = ("paragraph", *_TEXTS)


def blueprint(app: Emulator) -> Blueprint:
    """The person's pages of an emulator."""
    pages = Blueprint(
        "person", __name__, template_folder="templates", static_folder="static", static_url_path="/_static"
    )
    person = next(user for user in app.workspace.users.values() if user.type == "person")

    def view() -> View:
        return View(app.workspace, person, request.host_url.rstrip("/"))

    def act(method: str, path: str, body: Json | None = None) -> Json:
        try:
            return app.events.as_person(method, f"/v1/{path}", body)
        except ValueError as error:
            abort(Response(render_template("refused.html", reason=str(error)), 400))

    def back(page: str) -> AnyResponse:
        return redirect(url_for("person.page", page=compact(page)))

    @pages.before_request
    def same_origin() -> None:
        # A form on another site must not write here, though this is only a stand-in.
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin is not None and urlsplit(origin).netloc != request.host:
            abort(403)

    @pages.after_request
    def headers(response: Response) -> Response:
        response.headers["Date"] = http_date(app.clock.milliseconds())
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; img-src * data:; media-src *; form-action 'self'; base-uri 'none'"
        )
        return response

    @pages.context_processor
    def common() -> Json:
        return {
            "person": person,
            "rich_text": rich_text,
            "safe_link": safe_link,
            "compact": compact,
            "writable": WRITABLE,
            "now": f"{app.clock.now():%Y-%m-%d %H:%M} UTC",
            "workspace": app.workspace.settings.workspace_name,
        }

    @pages.get("/")
    def home() -> str:
        return render_template("home.html", **view().home())

    @pages.get("/d/<source>")
    def source(source: str) -> str:
        shown = view().source(_dashed(source))
        return render_template("source.html", **shown) if shown is not None else abort(404)

    @pages.post("/d/<source>")
    def add_row(source: str) -> AnyResponse:
        identifier = _dashed(source)
        columns = act("GET", f"data_sources/{identifier}")["properties"]
        title = next(name for name, column in columns.items() if column["type"] == "title")
        body = {
            "parent": {"data_source_id": identifier},
            "properties": {title: {"title": _runs(request.form["title"])}},
        }
        return back(act("POST", "pages", body)["id"])

    @pages.get("/p/<page>")
    def page(page: str) -> str:
        shown = view().page(_dashed(page))
        return render_template("page.html", **shown) if shown is not None else abort(404)

    @pages.post("/p/<page>/title")
    def retitle(page: str) -> AnyResponse:
        identifier = _dashed(page)
        columns = act("GET", f"pages/{identifier}")["properties"]
        title = next(name for name, column in columns.items() if column["type"] == "title")
        act("PATCH", f"pages/{identifier}", {"properties": {title: {"title": _runs(request.form["title"])}}})
        return back(identifier)

    @pages.post("/p/<page>/trash")
    def trash(page: str) -> AnyResponse:
        identifier = _dashed(page)
        act("PATCH", f"pages/{identifier}", {"in_trash": request.form.get("undo") is None})
        return back(identifier)

    @pages.post("/p/<page>/add")
    def add_block(page: str) -> AnyResponse:
        identifier, kind = _dashed(page), request.form["kind"]
        if kind not in WRITABLE:
            abort(400)
        act("PATCH", f"blocks/{identifier}/children", {"children": [{kind: _payload(kind, request.form["text"])}]})
        return back(identifier)

    @pages.post("/p/<page>/b/<block>")
    def edit_block(page: str, block: str) -> AnyResponse:
        identifier = _dashed(block)
        shown = act("GET", f"blocks/{identifier}")
        if "delete" in request.form:
            act("DELETE", f"blocks/{identifier}")
        elif "tick" in request.form:
            act("PATCH", f"blocks/{identifier}", {"to_do": {"checked": not shown["to_do"]["checked"]}})
        else:
            text = request.form["text"].replace("\r\n", "\n")
            act("PATCH", f"blocks/{identifier}", {shown["type"]: {"rich_text": _runs(text)}})
        return back(_dashed(page))

    return pages


def _dashed(identifier: str) -> str:
    digits = identifier.replace("-", "")
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _runs(text: str) -> list[Json]:
    return [{"text": {"content": text[start : start + 1000]}} for start in range(0, len(text), 1000)]


def _payload(kind: str, text: str) -> Json:
    payload: Json = {"rich_text": _runs(text.replace("\r\n", "\n"))}
    return {**payload, "language": "plain text"} if kind == "code" else payload
