"""What can be wrong before a run begins: one clear message, what to type next, the right exit code, nothing written."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from filelock import FileLock
from tests.story.lab import Lab, lab

from notionsync.sides.notion.pace import SystemClock

STATE = ".notionsync/state.json"
A = "answers/A.md"
B = "answers/B.md"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two questions in step, one of them edited here since, and their Notion."""
    top = tmp_path_factory.mktemp("trouble")
    with lab(top / "repository", database=top / "notion.sqlite") as desk:
        desk.write(A, "---\nquestion: A?\nstatus: Open\n---\n\nOne.\n")
        desk.write(B, "---\nquestion: B?\nstatus: Open\n---\n\nTwo.\n")
        desk.run("init", "--create", "--parent", desk.workspace())
        desk.run("push")
        desk.commit()
        desk.replace(A, "One.", "One, edited.")
    return top


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Lab]:
    """The same, a while later."""
    shutil.copytree(template, tmp_path / "desk")
    with lab(tmp_path / "desk" / "repository", database=tmp_path / "desk" / "notion.sqlite") as opened:
        opened.wait(120)
        yield opened


def _files(desk: Lab) -> dict[str, bytes]:
    left = (".git/", ".notionsync/cache/", ".notionsync/lock")
    return {path: data for path, data in desk.bytes(".").items() if not path.startswith(left)}


def _source(desk: Lab) -> str:
    line = next(line for line in desk.read("notionsync.toml").splitlines() if line.startswith("data_source"))
    return line.split('"')[1]


def _stopped(
    desk: Lab, *says: str, code: int, command: str = "sync", token: str | None = None, url: str | None = None
) -> None:
    """Check that a command ends with one message that holds these words, and leaves both sides as they were."""
    before = _files(desk)
    desk.requests()
    options = {key: value for key, value in (("token", token), ("url", url)) if value is not None}
    for extra in ((), ("--json",)):
        result = desk.run(command, *extra, code=code, **options)
        told = json.loads(result.stdout) if extra else {}
        text = f"{told['error']}\n{told['advice']}" if extra else result.stderr
        for words in says:
            assert words in text, text
        if extra:
            assert told["exit_code"] == code
            assert told["advice"]
            assert result.stderr == ""
        else:
            assert result.stdout == ""
            assert text.count("error: ") == 1
            assert text.count("  try: ") == 1
        assert "Traceback" not in text
    assert _files(desk) == before
    assert desk.requests()["writes"] == 0


def test_no_token(desk: Lab) -> None:
    """The variable is named, and where to get what belongs into it."""
    _stopped(desk, "NOTION_TOKEN is not set", "export NOTION_TOKEN", code=2, token="")


@pytest.mark.parametrize("command", ["pull", "push", "sync", "diff", "link"])
def test_a_token_that_notion_refuses(desk: Lab, command: str) -> None:
    """Said as what it is; the token itself is not repeated."""
    _stopped(desk, "refused the token", "NOTION_TOKEN", code=2, command=command, token="ntn_wrong")  # noqa: S106
    assert "ntn_wrong" not in desk.run(command, code=2, token="ntn_wrong").output  # noqa: S106


def test_a_token_that_no_header_can_carry(desk: Lab) -> None:
    """A line end pasted along does not end in a traceback, nor is the secret printed."""
    result = desk.run("sync", code=2, token="ntn_a\nb")  # noqa: S106
    assert "try: " in result.stderr
    assert "ntn_a" not in result.output


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between attempts."""
    now = [0.0]

    def sleep(_: SystemClock, seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    monkeypatch.setattr(SystemClock, "monotonic", lambda _: now[0])


@pytest.mark.usefixtures("quick")
def test_a_server_that_cannot_be_reached(desk: Lab) -> None:
    """Nobody listens at the address: transient, and the address is named."""
    _stopped(desk, "127.0.0.1", "NOTION_BASE_URL", code=5, url="http://127.0.0.1:1")


@pytest.mark.parametrize("url", ["not an address", "ftp://127.0.0.1", "http://"])
@pytest.mark.usefixtures("quick")
def test_an_address_that_is_none(desk: Lab, url: str) -> None:
    """What stands in NOTION_BASE_URL cannot be asked: a mistake here, not a trouble of the network."""
    _stopped(desk, "NOTION_BASE_URL", code=2, url=url)


class _Website(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Welcome</title>"
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(params=[200, 404, 502])
def website(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """A server that answers every question with a page of HTML."""
    handler = type("Website", (_Website,), {"status": request.param})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", request.param
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("quick")
def test_a_server_that_answers_html(desk: Lab, website: tuple[str, int]) -> None:
    """A page for people instead of an answer: a wrong address, or a gateway in trouble, by its status."""
    url, status = website
    code = 2 if status == 404 else 5
    _stopped(desk, "127.0.0.1", code=code, url=url)


def test_a_database_that_is_not_shared(desk: Lab) -> None:
    """Somebody took the integration away from the database: that is no deletion of everything in it."""
    desk.person.post("/_emulator/faults", json={"fault": "unshare", "id": _source(desk)}).raise_for_status()
    _stopped(desk, _source(desk), "not shared with the integration", "Connections", code=2)


def test_a_database_that_nobody_configured(empty: Lab) -> None:
    """The command to begin with is named."""
    _stopped(empty, "notionsync.toml", "notionsync init", code=2)


def test_a_mapped_property_that_never_was(desk: Lab) -> None:
    """A slip in the configuration: the property, its key and the known names are said."""
    desk.replace("notionsync.toml", 'status = "Status"', 'status = "Sttaus"\nnew = "Nwe"')
    desk.write(STATE, desk.read(STATE).replace('"status"', '"old"'))
    before = desk.read(STATE)
    result = desk.run("sync", code=2)
    assert '"Sttaus"' in result.stderr
    assert "Status" in result.stderr.split("try:")[1]
    assert desk.read(STATE) == before


Change = Callable[[Lab], None]


def _property(desk: Lab, change: object) -> None:
    desk.api("PATCH", f"data_sources/{_source(desk)}", {"properties": {"Status": change}})


@pytest.mark.parametrize("change", [None, {"rich_text": {}}], ids=["deleted", "retyped"])
def test_a_mapped_property_that_is_no_more(desk: Lab, change: object) -> None:
    """It was deleted, or is of another kind now: named, its key is left alone, everything else goes on."""
    _property(desk, change)
    report = desk.json("sync", code=3)
    told = [o for o in report["questions"] if o["state"] == "refused"]
    assert [(o["path"], '"Status"' in o["message"]) for o in told] == [("notionsync.toml", True)]
    assert "notionsync.toml" in told[0]["advice"]
    assert "status: Open" in desk.read(A)
    page = desk.page_of(A)
    assert desk.children(page)[0]["paragraph"]["rich_text"][0]["plain_text"] == "One, edited."


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"---\nquestion: [\n---\n\nText.\n", "answers/C.md:"),
        (b"---\nquestion: C?\nquestion: C!\n---\n", "answers/C.md:3"),
        (b"---\nquestion: C?\n---\n\n\xff\xfe\n", "UTF-8"),
        (b"---\nnotion_id: not-an-id\n---\n", "not-an-id"),
    ],
    ids=["broken", "twice", "not-utf8", "no-id"],
)
def test_a_file_that_cannot_be_read(desk: Lab, data: bytes, says: str) -> None:
    """Named with its line and left alone; the others are synced."""
    (desk.root / "answers/C.md").write_bytes(data)
    report = desk.json("sync", code=3)
    found = {o["path"]: o for o in report["questions"]}
    assert found["answers/C.md"]["state"] == "refused"
    assert says in found["answers/C.md"]["message"]
    assert found[A]["state"] == "done"
    assert (desk.root / "answers/C.md").read_bytes() == data
    assert len(desk.pages(_source(desk))) == 2


def test_two_files_with_one_id(desk: Lab) -> None:
    """Both are named and left alone, and so is their page."""
    desk.write("answers/Copy.md", desk.read(A))
    before = _files(desk)
    desk.requests()
    report = desk.json("sync", code=3)
    assert {o["path"] for o in report["questions"]} == {A, "answers/Copy.md"}
    assert all(A in o["message"] and "answers/Copy.md" in o["message"] for o in report["questions"])
    assert _files(desk) == before
    assert desk.requests()["writes"] == 0


def _record(desk: Lab) -> str:
    return f".notionsync/base/{desk.page_of(A)}.json"


def _cut(desk: Lab) -> None:
    desk.write(_record(desk), desk.read(_record(desk))[:100])


def _other_base(desk: Lab) -> None:
    desk.write(_record(desk).replace(".json", ".base"), "something else")


def _no_base(desk: Lab) -> None:
    (desk.root / _record(desk).replace(".json", ".base")).unlink()


def _list(desk: Lab) -> None:
    desk.write(_record(desk), "[]")


def _not_text(desk: Lab) -> None:
    (desk.root / _record(desk)).write_bytes(b"\xff\xfe")


def _wrong_kinds(desk: Lab) -> None:
    entry = json.loads(desk.read(_record(desk)))
    desk.write(_record(desk), json.dumps({**entry, "blocks": {"a": 1}, "fields": []}))


@pytest.mark.parametrize("damage", [_cut, _other_base, _no_base, _list, _not_text, _wrong_kinds])
@pytest.mark.parametrize("command", ["sync", "status"])
def test_a_record_that_cannot_be_read(desk: Lab, damage: Change, command: str) -> None:
    """A damaged record is never read as none: the file is named, and how to get it back."""
    page = desk.page_of(A)
    damage(desk)
    _stopped(desk, page, "notionsync repair", code=2, command=command)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": "x"}', '{"format": null, "data_source": 1}']
)
def test_a_state_that_cannot_be_read(desk: Lab, text: str) -> None:
    """The same for the state as a whole; who only looks is told, too."""
    desk.write(STATE, text)
    for command in ("sync", "status"):
        _stopped(desk, STATE, "notionsync repair", code=2, command=command)


@pytest.mark.parametrize("command", ["sync", "status"])
def test_a_state_of_a_newer_version(desk: Lab, command: str) -> None:
    """Both versions are named."""
    desk.write(STATE, desk.read(STATE).replace('"format": 1', '"format": 99'))
    _stopped(desk, STATE, "99", "up to 1", "update notionsync", code=2, command=command)


def test_a_state_of_another_database(desk: Lab) -> None:
    """Both ids are named."""
    other = "0" * 31 + "1"
    mine = _source(desk)
    desk.replace("notionsync.toml", mine, other)
    _stopped(desk, mine, other, code=2)


@pytest.mark.parametrize("file", ["state", "record"])
def test_a_state_with_gits_conflict_markers(desk: Lab, file: str) -> None:
    """A merge that nobody finished is recognised as one."""
    path = STATE if file == "state" else _record(desk)
    lines = desk.read(path).splitlines(keepends=True)
    marked = [*lines[:2], "<<<<<<< HEAD\n", lines[2], "=======\n", lines[2], ">>>>>>> topic\n", *lines[3:]]
    desk.write(path, "".join(marked))
    _stopped(desk, path, "conflict markers", "notionsync repair", code=2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[files]\nfoldr = "a"\n', ("[files]", '"foldr"', '"folder"')),
        ("[guard]\nmax_delete = 1\n", ('"guard"', '"guards"')),
        ('[guards]\nmax_delete = "many"\n', ("[guards] max_delete", "'many'")),
        ("[files\n", ("not valid TOML", "line 1")),
        ('[files]\nfolder = "../elsewhere"\n', ("[files] folder", "'../elsewhere'")),
    ],
)
@pytest.mark.parametrize("command", ["sync", "status", "readme"])
def test_a_configuration_with_a_slip(desk: Lab, text: str, says: tuple[str, ...], command: str) -> None:
    """File, table and key are named, with the nearest known one."""
    desk.write("notionsync.toml", text)
    before = _files(desk)
    result = desk.run(command, code=2)
    for words in ("notionsync.toml", *says):
        assert words in result.stderr
    assert _files(desk) == before


def test_a_configuration_that_is_not_text(desk: Lab) -> None:
    """Not UTF-8: said so."""
    (desk.root / "notionsync.toml").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in desk.run("sync", code=2).stderr


@pytest.mark.parametrize("command", ["pull", "push", "sync"])
def test_another_run_at_work(desk: Lab, command: str) -> None:
    """The second leaves at once with a code of its own."""
    with FileLock(desk.root / ".notionsync" / "lock"):
        _stopped(desk, "another notionsync run", str(desk.root), code=7, command=command)


def test_outside_of_any_repository(empty: Lab) -> None:
    """Neither a configuration nor git: what to begin with is named."""
    shutil.rmtree(empty.root / ".git")
    assert "git init" in empty.run("sync", code=2).stderr


def test_a_file_outside_of_the_repository(desk: Lab) -> None:
    """Named on the command line by mistake."""
    for command in ("sync", "diff"):
        assert "/etc/hosts" in desk.run(command, "/etc/hosts", code=2).stderr


def test_doctor_finds_all_of_it(desk: Lab) -> None:
    """What stops a run is found by `doctor`, too, with the same advice."""
    desk.run("doctor")
    (desk.root / "answers/C.md").write_bytes(b"\xff")
    assert "answers/C.md" in desk.run("doctor", code=3).output
    _property(desk, None)
    assert "Status" in desk.run("doctor", code=3).output
    assert "NOTION_TOKEN" in desk.run("doctor", code=3, token="ntn_wrong").output  # noqa: S106
