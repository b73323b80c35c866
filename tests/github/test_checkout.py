"""The Action with git, where GitHub's own rules have a say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.github.hub import TOKEN, Fault, Hub
from tests.workflow.act import OUTSIDE, git

from notionsync.ci.checkout import Checkout
from notionsync.errors import UsageError


@pytest.fixture
def checkout(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A clone of a repository on GitHub, as far as its addresses say so."""
    repo = hub.repository({"a.md": b"a\n"})
    origin, folder = tmp_path / "origin.git", tmp_path / "clone"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    git(folder, "remote", "add", "origin", "https://hub.example/kim/study")
    git(folder, "config", f"url.{origin}.insteadOf", "https://hub.example/kim/study")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Start")
    git(folder, "push", "-q", "origin", "main")
    monkeypatch.chdir(folder)
    return Checkout(
        {
            **OUTSIDE,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": hub.url,
            "GITHUB_SERVER_URL": "https://hub.example",
            "GITHUB_REPOSITORY": repo.name,
        }
    )


def test_what_a_dry_run_does_not_meet_is_asked_for(checkout: Checkout, hub: Hub) -> None:
    """A push that GitHub's rules would refuse is known before anything is written to Notion."""
    checkout.prove()
    assert hub.calls("POST", "/git/blobs") == 1
    hub.faults.append(Fault("POST", "/git/blobs", 403, "Resource not accessible by integration"))
    with pytest.raises(UsageError, match="nothing was written anywhere") as caught:
        checkout.prove()
    assert "mode: pull-request" in caught.value.advice


def test_another_server_is_not_asked(checkout: Checkout, hub: Hub) -> None:
    """Where origin is not on the GitHub that runs the workflow, git alone decides."""
    checkout.env = {**checkout.env, "GITHUB_SERVER_URL": "https://github.com"}
    checkout.prove()
    assert hub.log == []
