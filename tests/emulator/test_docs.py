from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.emulator.world import World, item, paragraph

from notionsync.emulator import create_app
from notionsync.emulator.faults import BENDS, EVENTS, FAILURES
from notionsync.emulator.server import HOST, listen
from notionsync.emulator.settings import Settings

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
USE = """

def test_notion_answers(notion: httpx.Client) -> None:
    assert notion.get("/v1/users/me").json()["type"] == "bot"
"""


def example(word: str) -> str:
    """The Python example that holds a word."""
    found = [block for block in PYTHON if word in block]
    assert len(found) == 1
    return str(found[0])


def test_the_fixture_works_as_it_stands(tmp_path: Path) -> None:
    """Copied into a project, with a test that uses it."""
    (tmp_path / "test_it.py").write_text(example("@pytest.fixture") + USE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)]
    # Nobody else's plugins: they take longer to load than the test takes.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_client_finds_the_workspace() -> None:
    """On a socket, with the official SDK's Python port."""
    app = create_app()
    server = listen(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    given = example("from notion_client").replace("http://127.0.0.1:8787", f"http://{HOST}:{server.port}")
    space: dict[str, object] = {}
    try:
        exec(given, space)  # noqa: S102  (our own documentation)
        assert space["page"]["properties"]["title"]["title"][0]["plain_text"] == "Workspace"  # type: ignore[index]
        space["notion"].close()  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.close()


def test_the_seed_is_stored(world: World) -> None:
    """A database with a question and its body."""
    space: dict[str, object] = {"app": world.app}
    exec(example("app.seed"), space)  # noqa: S102
    source = space["made"].data_sources[0]  # type: ignore[attr-defined]
    row = world.good("POST", f"data_sources/{source}/query", {})["results"][0]
    assert [block["type"] for block in world.children(row["id"])] == ["paragraph"]


def test_the_fault_meets_what_it_names(world: World) -> None:
    """The second append fails, and its change is made."""
    given = re.search(r"/_emulator/faults -d '(.*?)'", TEXT, re.DOTALL)
    assert given is not None
    assert world.client.post("/_emulator/faults", json=json.loads(given[1])).status_code == 200
    body = {"children": [paragraph("x")]}
    statuses = [world.ask("PATCH", f"blocks/{world.home}/children", body).status_code for _ in range(3)]
    assert statuses == [200, 503, 200]
    assert len(world.children(world.home)) == 3


def test_clock_examples_are_understood(world: World) -> None:
    """Both of them."""
    for given in re.findall(r"/_emulator/clock -d '(.*?)'", TEXT):
        assert world.client.post("/_emulator/clock", json=json.loads(given)).status_code == 200
    assert world.clock.now().isoformat() == "2026-01-31T12:00:00+00:00"


@pytest.mark.parametrize("kind", [*FAILURES, *BENDS, *EVENTS])
def test_every_fault_is_described(kind: str) -> None:
    """In the table of faults."""
    assert f"`{kind}`" in TEXT.partition("| fault |")[2]


def test_every_unknown_is_described() -> None:
    """A setting that stands for a behaviour nobody knows is in the table, with its default."""
    table = TEXT.partition("## Where nobody knows")[2]
    named = set(re.findall(r"`([a-z_]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line)))
    known = set(Settings.__dataclass_fields__)
    assert named - {"field"} <= known
    workspace = {
        *("users", "tokens", "workspace_id", "workspace_name", "workspace_page", "web_base", "files_base", "seed"),
        *("emojis", "max_upload", "rate_limit", "query_limit", "reference_limit", "block_limit", "url_lifetime"),
    }
    assert known - workspace <= named


def test_requests_of_the_examples_are_read_from_the_log(world: World) -> None:
    """Totals, kinds and entries, as shown."""
    world.append(world.home, item("x"))
    world.client.delete("/_emulator/requests")
    world.good("GET", f"pages/{world.home}")
    shown = world.client.get("/_emulator/requests").json()
    assert set(shown) == {"total", "reads", "writes", "by_kind", "log"}
    assert shown["by_kind"] == {"GET /v1/pages/{id}": 1}
    assert set(shown["log"][0]) >= {"method", "path", "kind", "status", "user"}
