from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from notionsync.cli.emulator import emulator_command
from notionsync.emulator import create_app
from notionsync.errors import UsageError

RUN = [sys.executable, "-c", "from notionsync.cli.emulator import emulator_command as c; c()"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_tells_how_to_reach_it_and_ends_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    """Address, token and page are printed, are true, and a signal ends it with 0."""
    command = [*RUN, "--port", "0", "--db", str(tmp_path / "w.sqlite")]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
        _, page, title = process.stdout.readline().strip().split(" ", 2)
        headers = {"Authorization": f"Bearer {told['NOTION_TOKEN']}", "Notion-Version": "2026-03-11"}
        with httpx.Client(base_url=told["NOTION_BASE_URL"], headers=headers, trust_env=False) as client:
            found = client.post("/v1/search", json={"query": title}).json()["results"]
        assert [entry["id"] for entry in found] == [page]
        process.send_signal(how)
        assert process.wait(timeout=20) == 0
        assert process.stderr.read() == ""


def test_missing_flask_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear message instead of a traceback."""
    for name in list(sys.modules):
        if name.startswith(("notionsync.emulator.http", "notionsync.emulator.server", "flask", "werkzeug")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "flask", None)
    monkeypatch.setitem(sys.modules, "werkzeug", None)
    monkeypatch.setitem(sys.modules, "werkzeug.serving", None)
    result = CliRunner().invoke(emulator_command, ["--port", "0"])
    assert result.exit_code == 1
    assert 'pip install "notionsync[emulator]"' in result.output


def test_a_taken_port_is_said_plainly() -> None:
    """With what to do about it."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = CliRunner().invoke(emulator_command, ["--port", str(taken.getsockname()[1])])
    assert result.exit_code == 1
    assert "is taken" in result.output


def serving(*options: str) -> tuple[subprocess.Popen[str], httpx.Client]:
    """A started emulator and a client of its bot."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*RUN, "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    told = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
    headers = {"Authorization": f"Bearer {told['NOTION_TOKEN']}", "Notion-Version": "2026-03-11"}
    return process, httpx.Client(base_url=told["NOTION_BASE_URL"], headers=headers, trust_env=False)


def rows(client: httpx.Client) -> list[dict[str, Any]]:
    """The rows of the only data source."""
    found = client.post("/v1/search", json={"filter": {"property": "object", "value": "data_source"}}).json()["results"]
    assert len(found) == 1
    listed: list[dict[str, Any]] = client.post(f"/v1/data_sources/{found[0]['id']}/query", json={}).json()["results"]
    return listed


def test_a_folder_of_answers_becomes_a_database_once(tmp_path: Path) -> None:
    """Front matter as properties, the body as blocks; a kept workspace is not filled a second time."""
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "Why.md").write_text(
        '---\nquestion: "Why `x`?"\norder: 2\nstatus: open\ntags: [a, b]\n---\n\nBecause.\n\n- one\n    - two\n'
    )
    (folder / "No_front_matter.md").write_text("Nothing.\n")
    kept = str(tmp_path / "w.sqlite")
    for note in ("", "as it is"):
        process, client = serving("--seed", str(folder), "--db", kept)
        with process, client:
            found = {
                row["properties"]["Question"]["title"][0]["plain_text"][:4]: row["properties"] for row in rows(client)
            }
            assert set(found) == {"Why ", "No f"}
            why = found["Why "]
            assert [run["plain_text"] for run in why["Question"]["title"]] == ["Why ", "x", "?"]
            assert why["Order"]["number"] == 2
            assert why["Status"]["select"]["name"] == "open"
            assert [tag["name"] for tag in why["Tags"]["multi_select"]] == ["a", "b"]
            assert why["File"]["rich_text"][0]["plain_text"] == "Why.md"
            page = next(row["id"] for row in rows(client) if row["properties"]["Order"]["number"] == 2)
            blocks = client.get(f"/v1/blocks/{page}/children").json()["results"]
            assert [block["type"] for block in blocks] == ["paragraph", "bulleted_list_item"]
            assert blocks[1]["has_children"] is True
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
            assert process.stderr is not None
            assert note in process.stderr.read()


def test_an_export_is_served_with_its_ids(tmp_path: Path) -> None:
    """What `export` gave, as a file."""
    app = create_app()
    made = app.seed(
        {"databases": [{"title": [], "properties": {"Name": {"title": {}}}, "pages": [{"properties": {}}]}]}
    )
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(app.export()))
    app.close()
    process, client = serving("--seed", str(seed))
    with process, client:
        assert client.get(f"/v1/data_sources/{made.data_sources[0]}").status_code == 200
        assert len(rows(client)) == 1
        process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("seed.json", "[1]", "holds no JSON object"),
        ("seed.json", "{", "is no seed"),
        (
            "seed.json",
            '{"pages": [{"properties": {"Nonsense": {"number": 1}}}]}',
            "pages[0]: Nonsense is not a property",
        ),
        ("answers/A.md", "---\nquestion: [\n---\n", "A.md"),
        ("answers/nothing.txt", "", "there is no answer"),
    ],
)
def test_a_seed_that_does_not_fit_is_said_and_leaves_no_workspace(
    tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    """With the place in it; the next start is a new one again."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    seed = path.parent if name.startswith("answers") else path
    kept = tmp_path / "w.sqlite"
    result = CliRunner().invoke(emulator_command, ["--port", "0", "--seed", str(seed), "--db", str(kept)])
    assert isinstance(result.exception, UsageError)
    assert complaint in str(result.exception)
    assert not kept.exists()


def test_settings_are_chosen_by_name() -> None:
    """Each is in force; one that there is not is said before anything is served."""
    process, client = serving("--set", "rate_limit=1", "--set", "workspace_name=Ours")
    try:
        with client:
            assert client.get("/v1/users/me").json()["bot"]["workspace_name"] == "Ours"
            assert client.get("/v1/users/me").json()["code"] == "rate_limited"
    finally:
        process.terminate()
        process.communicate(timeout=20)
    result = CliRunner().invoke(emulator_command, ["--set", "nonsense=1"])
    assert isinstance(result.exception, UsageError)
    assert "'nonsense' is no setting" in str(result.exception)
