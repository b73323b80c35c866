from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from notionsync.cli.emulator import emulator_command

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
