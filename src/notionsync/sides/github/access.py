"""Who speaks to GitHub, and where it is: all of it from the environment, none of it ever from arguments or files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from github import Auth, GithubIntegration
from notionsync.errors import AccessError, UsageError
from notionsync.sides.github.faults import Patience, translated
from notionsync.sides.github.side import API, GitHub

_TOKEN = "export GITHUB_TOKEN=… with one that may write to the repository's contents"  # noqa: S105 - advice, no token


def connected(repository: str, branch: str, environ: Mapping[str, str]) -> GitHub:
    """Return the side for a repository, with the token or the App from the environment.

    `GITHUB_TOKEN` is a token of any kind. Without one, `GITHUB_APP_ID` and `GITHUB_APP_PRIVATE_KEY` (the key, or the
    file that holds it) are those of an App that is installed on the repository: its commits start workflows, which
    those of a workflow's own token do not (docs.github.com, "Triggering a workflow from a workflow").
    `GITHUB_API_URL` is the address of GitHub Enterprise Server's API.

    Raises:
        AccessError: There is neither, or the App is not installed there.
        UsageError: The repository's name or the address is none.
    """
    base_url = environ.get("GITHUB_API_URL", "").strip().rstrip("/") or API
    if urlsplit(base_url).scheme not in {"https", "http"} or not urlsplit(base_url).hostname:
        raise UsageError(
            f'GITHUB_API_URL: "{base_url}" is no address', advice="export GITHUB_API_URL=https://HOST/api/v3"
        )
    token = environ.get("GITHUB_TOKEN", "").strip()
    app, key = (environ.get(f"GITHUB_APP_{name}", "").strip() for name in ("ID", "PRIVATE_KEY"))
    if token:
        return GitHub(Auth.Token(token), repository, branch, base_url=base_url)
    if app and key:
        return GitHub(_installed(app, key, repository, base_url), repository, branch, base_url=base_url)
    raise AccessError("GITHUB_TOKEN is not set", advice=_TOKEN)


def _installed(app: str, key: str, repository: str, base_url: str) -> Auth.Auth:
    owner, _, name = repository.partition("/")
    try:
        pem = key if key.startswith("-----BEGIN") else Path(key).read_text("utf-8")
        auth = Auth.AppAuth(int(app), pem.replace("\\n", "\n"))
        with (
            GithubIntegration(auth=auth, base_url=base_url, retry=Patience(), user_agent="notionsync") as integration,
            translated(f"the App {app} on {repository}"),
        ):
            number = integration.get_repo_installation(owner, name).id
    except (OSError, ValueError) as error:
        raise AccessError(
            f"GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY are no App's ({type(error).__name__})",
            advice="GITHUB_APP_PRIVATE_KEY is the key in PEM form, or the file that holds it",
        ) from error
    return auth.get_installation_auth(number)
