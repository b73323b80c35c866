"""Who speaks to GitHub and where it is: from the environment, told nowhere."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.github.hub import TOKEN, Fault, Hub, Repo

from notionsync.ci.activity import warn_of_end
from notionsync.ci.runner import Runner
from notionsync.errors import AccessError, NotFoundError, UsageError
from notionsync.sides.github import Change, connected


@pytest.fixture
def repo(hub: Hub) -> Repo:
    """A repository with a README."""
    made = hub.repository({"README.md": b"# Study\n"})
    hub.tokens.clear()
    return made


@pytest.fixture(scope="module")
def key() -> str:
    """The private key of an App."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def test_without_a_token_nothing_is_asked(repo: Repo) -> None:
    """The message says which variable to set."""
    repo.hub.log.clear()
    with pytest.raises(AccessError, match="GITHUB_TOKEN is not set") as raised:
        connected(repo.name, "", {"GITHUB_API_URL": repo.hub.url, "GITHUB_TOKEN": " "})
    assert "export GITHUB_TOKEN" in raised.value.advice
    assert repo.hub.log == []


@pytest.mark.parametrize("address", ["github.example.com", "ftp://github.example.com", "https://"])
def test_an_address_that_is_none(repo: Repo, address: str) -> None:
    """It is named, with what one looks like."""
    with pytest.raises(UsageError, match="GITHUB_API_URL"):
        connected(repo.name, "", {"GITHUB_API_URL": address, "GITHUB_TOKEN": TOKEN})


def test_an_enterprise_server_has_its_api_below_a_path(repo: Repo) -> None:
    """Everything is asked below it, publishing included."""
    environ = {"GITHUB_API_URL": f"{repo.hub.url}/api/v3/", "GITHUB_TOKEN": TOKEN}
    repo.hub.prefix = "/api/v3"
    with connected(repo.name, "", environ) as github:
        made = github.commit(github.tip(), {"a.md": Change(b"a\n")}, "A")
    assert repo.tip() == made


@pytest.mark.parametrize("where", ["value", "file", "one line"])
def test_an_app_gets_a_token_for_the_repository(repo: Repo, key: str, tmp_path: Path, where: str) -> None:
    """Its key signs one request, and travels nowhere; the key is a value or a file."""
    given = {"value": key, "file": str(tmp_path / "key.pem"), "one line": key.replace("\n", "\\n")}
    (tmp_path / "key.pem").write_text(key, "utf-8")
    environ = {"GITHUB_API_URL": repo.hub.url, "GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": given[where]}
    with connected(repo.name, "", environ) as github:
        made = github.commit(github.tip(), {"a.md": Change(b"a\n")}, "A")
    assert repo.tip() == made
    assert {token for token in repo.hub.tokens if not token.startswith("Bearer ey")} == {"token ghs_installed"}
    assert repo.hub.calls("POST", "/access_tokens") == 1


def test_an_app_that_is_not_installed_or_no_app(repo: Repo, key: str) -> None:
    """Each says what is wrong, and none shows the key."""
    environ = {"GITHUB_API_URL": repo.hub.url, "GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY": key}
    repo.hub.faults = [Fault("GET", "/installation$", status=404, body="Not Found")]
    with pytest.raises(NotFoundError, match="the App 7"):
        connected(repo.name, "", environ)
    for wrong in ({"GITHUB_APP_ID": "seven"}, {"GITHUB_APP_PRIVATE_KEY": "/nowhere/key.pem"}):
        with pytest.raises(AccessError, match="no App's") as raised:
            connected(repo.name, "", environ | wrong)
        assert "BEGIN" not in str(raised.value)


def test_a_schedule_without_a_checkout_asks_when_something_was_pushed(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It warns before GitHub switches it off; a GitHub that does not answer is no reason to fail."""
    monkeypatch.chdir(tmp_path)
    said = io.StringIO()
    env = {
        "GITHUB_EVENT_NAME": "schedule", "GITHUB_REPOSITORY": repo.name, "GITHUB_API_URL": repo.hub.url, "GITHUB_TOKEN": TOKEN,
    }  # fmt: skip
    pushed = datetime.fromisoformat(repo.hub.direct.get(f"/repos/{repo.name}").json()["pushed_at"]).timestamp()
    for days in (45, 46.1):
        warn_of_end(Runner(env, said), env, pushed + days * 86_400)
    assert said.getvalue().count("::warning") == 1
    assert "the newest commit is 46 days old" in said.getvalue()
    repo.hub.faults = [Fault("GET", f"/repos/{repo.name}$", status=404, body="Not Found")]
    warn_of_end(Runner(env, said), env, pushed + 99 * 86_400)
    assert said.getvalue().count("::warning") == 1


def test_an_empty_repository(repo: Repo) -> None:
    """GitHub has no branch to read there, and says so."""
    repo.hub.faults = [Fault("GET", "/git/ref/", status=409, body="Git Repository is empty.")]
    environ = {"GITHUB_API_URL": repo.hub.url, "GITHUB_TOKEN": TOKEN}
    with connected(repo.name, "", environ) as github, pytest.raises(UsageError, match="is empty") as raised:
        github.tip()
    assert "first" in raised.value.advice
