"""One repository on GitHub: what is read is what the commit holds, what is published is all or nothing."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.github.hub import TOKEN, Fault, Hub, Repo

from notionsync.errors import (
    AccessError,
    MovedError,
    NotFoundError,
    TransientError,
    UsageError,
)
from notionsync.sides.github import Change, GitHub, blob

FILES: dict[str, bytes | None] = {
    "README.md": b"# Study\n",
    "answers/한글 😀.md": b"plain\r\n",
    "answers/bom.md": b"\xef\xbb\xbftext\n",
    "answers/empty.md": b"",
    "answers/assets/a.png": bytes(range(256)),
    "run.sh": b"#!/bin/sh\n",
    "link.md": b"README.md",
}
MODES = {"run.sh": "100755", "link.md": "120000"}


@pytest.fixture
def repo(hub: Hub) -> Repo:
    """A repository with text, bytes, a program and a link."""
    made = hub.repository({})
    made.commit("Files", FILES, modes=MODES)
    hub.log.clear()
    return made


def side(repo: Repo, branch: str = "", token: str = TOKEN) -> GitHub:
    """Speak to it as the program does."""
    return GitHub(token, repo.name, branch, base_url=repo.hub.url)


def read(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_commit_is_read_as_one_tarball(repo: Repo, tmp_path: Path) -> None:
    """Byte for byte, with programs still programs; links stay out; nothing is asked file by file."""
    with side(repo) as github:
        assert github.branch == "main"
        snapshot = github.download(github.tip(), tmp_path)
    assert read(tmp_path) == {path: data for path, data in FILES.items() if path != "link.md"}
    assert not (tmp_path / "link.md").is_symlink()
    assert snapshot.others == {"link.md"}
    assert (tmp_path / "run.sh").stat().st_mode & 0o100
    assert snapshot.files["run.sh"].sha == blob(b"#!/bin/sh\n")
    assert repo.hub.calls("GET", "/tarball/") == 1
    assert repo.hub.calls("GET", "/git/blobs/") == 0


def test_files_that_archives_leave_out_or_change_are_read_as_committed(repo: Repo, tmp_path: Path) -> None:
    """`export-ignore` in .gitattributes is no deletion, and `eol=crlf` is no edit."""
    repo.hub.archived = lambda path, data: (
        None if path == "README.md" else data.replace(b"\r", b"") if path.startswith("answers/한") else data
    )
    with side(repo) as github:
        github.download(github.tip(), tmp_path)
    assert read(tmp_path) == {path: data for path, data in FILES.items() if path != "link.md"}


def test_a_tarball_that_is_cut_short_is_no_deletion(repo: Repo, tmp_path: Path) -> None:
    """It is asked for again, and a server that keeps failing ends the run."""
    repo.hub.faults = [Fault("GET", "/codeload/", status=502, times=2)]
    with side(repo) as github:
        github.download(github.tip(), tmp_path)
        assert read(tmp_path)["README.md"] == b"# Study\n"
        repo.hub.faults = [Fault("GET", "/codeload/", status=502, times=9)]
        with pytest.raises(TransientError, match="the tarball of"):
            github.download(github.tip(), tmp_path)


def test_many_files_become_one_commit(repo: Repo) -> None:
    """Text, bytes, an empty file and a deletion together; what is not named stays, modes and links too."""
    before = repo.listing()
    changes = {
        "answers/new/한글.md": Change(b"line\r\nno end"),
        "answers/bytes.bin": Change(bytes(range(255, -1, -1))),
        "answers/bom2.md": Change(b"\xef\xbb\xbfx"),
        "answers/nothing.md": Change(b""),
        "run.sh": Change(b"#!/bin/sh\ntrue\n", "100755"),
        "answers/empty.md": Change(None),
    }
    with side(repo) as github:
        made = github.commit(github.tip(), changes, "Sync\n\nNotionsync-Run: sync\n")
    assert repo.tip() == made
    assert repo.messages()[0].startswith("Sync\n\nNotionsync-Run: sync")
    after = repo.listing()
    for path, change in changes.items():
        assert (after.get(path) or ("", ""))[1] == (blob(change.data) if change.data is not None else "")
    assert after["run.sh"][0] == "100755"
    assert {p: e for p, e in before.items() if p not in changes} == {p: e for p, e in after.items() if p not in changes}
    assert repo.hub.calls("POST", "/git/trees") == 1
    assert repo.hub.calls("POST", "/git/blobs") == 3


def test_a_commit_that_changes_nothing_is_not_made(repo: Repo) -> None:
    """The branch stays, and no commit is even created beside it."""
    with side(repo) as github:
        assert github.commit(github.tip(), {"README.md": Change(b"# Study\n")}, "Nothing") == ""
    assert repo.hub.calls("POST", "/git/commits") == 0


def test_a_large_commit_goes_in_portions_and_lands_at_once(repo: Repo) -> None:
    """More text than one request takes is several trees, and still one commit."""
    changes = {f"answers/{n}.md": Change(b"x" * 900_000 + b"%d" % n) for n in range(5)}
    with side(repo) as github:
        github.commit(github.tip(), changes, "Large")
    assert repo.hub.calls("POST", "/git/trees") == 3
    assert len(repo.messages()) == 4
    assert all(repo.listing()[path][1] == blob(change.data or b"") for path, change in changes.items())


def test_a_branch_that_moved_is_not_overwritten(repo: Repo) -> None:
    """Before we begin, and in the very moment of our update: theirs stays, ours is nowhere."""
    with side(repo) as github:
        start = github.tip()
        theirs = repo.commit("Theirs", {"answers/theirs.md": b"t\n"})
        with pytest.raises(MovedError, match="moved on"):
            github.commit(start, {"answers/ours.md": Change(b"o\n")}, "Ours")
        assert repo.tip() == theirs
        repo.hub.faults = [Fault("PATCH", "/git/refs/", before=lambda: repo.commit("Again", {"again.md": b"a\n"}))]
        with pytest.raises(MovedError, match="fast-forward"):
            github.commit(theirs, {"answers/ours.md": Change(b"o\n")}, "Ours")
    assert repo.messages()[:2] == ["Again", "Theirs"]
    assert "answers/ours.md" not in repo.listing()


@pytest.mark.parametrize("fault", [{"status": 502}, {"hangs_up": True}])
@pytest.mark.parametrize("landed", [True, False])
def test_a_lost_answer_to_the_update_is_looked_up(repo: Repo, fault: dict[str, int], landed: bool) -> None:
    """Whether the branch moved is read, not guessed: one commit, whichever it was."""
    repo.hub.faults = [Fault("PATCH", "/git/refs/", landed=landed, **fault)]  # type: ignore[arg-type]
    with side(repo) as github:
        made = github.commit(github.tip(), {"answers/ours.md": Change(b"o\n")}, "Ours")
    assert repo.tip() == made
    assert repo.messages().count("Ours") == 1
    assert repo.hub.calls("PATCH", "/git/refs/") == (1 if landed else 2)


def test_a_server_that_stays_down_is_transient(repo: Repo) -> None:
    """Nothing is published, and the exit code asks for another try."""
    repo.hub.faults = [Fault("PATCH", "/git/refs/", status=503, times=9)]
    with side(repo) as github, pytest.raises(TransientError):
        github.commit(github.tip(), {"answers/ours.md": Change(b"o\n")}, "Ours")
    assert "Ours" not in repo.messages()


@pytest.mark.parametrize("part", ["/git/blobs", "/git/trees", "/git/commits"])
def test_server_errors_on_the_way_are_tried_again(repo: Repo, part: str) -> None:
    """What is made beside the branch is named by its content and can be made twice."""
    repo.hub.faults = [Fault("POST", part, status=502, landed=True, times=2)]
    with side(repo) as github:
        github.commit(github.tip(), {"answers/ours.bin": Change(b"\0")}, "Ours")
    assert repo.messages().count("Ours") == 1


@pytest.mark.parametrize(
    ("status", "body", "headers", "error"),
    [
        (401, "Bad credentials", {}, AccessError),
        (403, "Resource not accessible by integration", {}, AccessError),
        (403, "API rate limit exceeded for user", {"X-RateLimit-Reset": "4102444800"}, TransientError),
        (403, "You have exceeded a secondary rate limit", {"Retry-After": "3600"}, TransientError),
        (429, "Too many requests", {"Retry-After": "3600"}, TransientError),
        (429, "Too many requests", {}, TransientError),
        (404, "Not Found", {}, NotFoundError),
        (409, "Git Repository is empty.", {}, UsageError),
        (422, "Validation Failed", {}, UsageError),
        (422, "Repository rule violations found", {}, AccessError),
    ],
)
def test_refusals_are_told_apart(
    repo: Repo,
    status: int,
    body: str,
    headers: dict[str, str],
    *,
    error: type[Exception],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Each says what to do, none waits for longer than a run has, and nobody but us talks."""
    repo.hub.faults = [Fault("POST", "/git/trees", status=status, body=body, headers=headers, times=9)]
    with side(repo) as github, pytest.raises(error) as raised:
        github.commit(github.tip(), {"answers/ours.md": Change(b"o\n")}, "Ours")
    assert type(raised.value) is error
    assert repo.hub.calls("POST", "/git/trees") == 1
    assert capfd.readouterr().err == ""


def test_a_short_rate_limit_is_waited_for(repo: Repo) -> None:
    """GitHub says when to come again, and we do."""
    limit = Fault("POST", "/git/trees", status=403, body="secondary rate limit", headers={"Retry-After": "0"})
    repo.hub.faults = [limit]
    with side(repo) as github:
        assert github.commit(github.tip(), {"answers/ours.md": Change(b"o\n")}, "Ours") == repo.tip()


def test_what_is_not_there(repo: Repo) -> None:
    """A repository, a branch, a name that is none."""
    with GitHub(TOKEN, "admin/none", base_url=repo.hub.url) as github, pytest.raises(NotFoundError):
        github.tip()
    with side(repo, "none") as github, pytest.raises(NotFoundError, match="the branch none"):
        github.tip()
    with pytest.raises(UsageError, match="is not OWNER/REPO"):
        GitHub(TOKEN, "https://github.com/a/b", base_url=repo.hub.url)
    with GitHub(TOKEN, "mona_acme/a", base_url=repo.hub.url) as github:
        assert github.name == "mona_acme/a"  # a person whom an enterprise manages


def test_publishing_is_proved_before_it_is_needed(repo: Repo) -> None:
    """A token that may only read, an archived repository and a protected branch are found out; nothing is left behind."""
    start = repo.tip()
    with side(repo) as github:
        github.prove_writable()
        repo.hub.faults = [Fault("POST", "/git/blobs", status=403, body="Resource not accessible by integration")]
        with pytest.raises(AccessError, match="not accessible"):
            github.prove_writable()
        repo.hub.faults = []
        reviews = {"required_approving_review_count": 1}
        rules = {
            "required_status_checks": None,
            "enforce_admins": True,
            "required_pull_request_reviews": reviews,
            "restrictions": None,
        }
        repo.api("PUT", "branches/main/protection", rules)
        with pytest.raises(AccessError, match="Protected branch") as raised:
            github.prove_writable()
        assert "--pull-request" in raised.value.advice
        repo.api("DELETE", "branches/main/protection")
        repo.hub.direct.patch(f"/repos/{repo.name}", json={"archived": True}).raise_for_status()
    with side(repo) as github, pytest.raises(AccessError, match="archived"):
        github.prove_writable()
    assert repo.tip() == start


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"pull_request": "never"}, "changes must be made through a pull request"),
        (
            {"deletion": "never", "required_status_checks": "pull_requests_only"},
            "required status checks must pass first",
        ),
        ({"update": "always", "merge_queue": "never"}, "merge queue"),
        ({"pull_request": "always", "update": "exempt"}, ""),
        ({"deletion": "never", "non_fast_forward": "never"}, ""),
        ({"pull_request": None}, ""),
    ],
)
def test_the_rules_of_a_branch_are_read_before_they_are_met(
    repo: Repo, rules: dict[str, str | None], says: str
) -> None:
    """A ruleset that forbids our commit is found out, unless we may pass it; where GitHub does not say so, it is tried."""
    repo.api("POST", "git/refs", {"ref": "refs/heads/release/#1", "sha": repo.tip()})
    repo.hub.rules = rules
    with side(repo, "release/#1") as github:
        if says:
            with pytest.raises(AccessError, match=says) as raised:
                github.prove_writable()
            assert "--pull-request" in raised.value.advice
        else:
            github.prove_writable()
    assert repo.hub.calls("PATCH", "/git/refs/") == (0 if says else 1)


def test_a_branch_of_any_name_is_published_to(repo: Repo) -> None:
    """A name with a `#` in it is not cut there, which would be the name of another branch."""
    for name in ("release/1", "release/1#2"):
        repo.api("POST", "git/refs", {"ref": f"refs/heads/{name}", "sha": repo.tip()})
    with side(repo, "release/1#2") as github:
        made = github.commit(github.tip(), {"answers/ours.md": Change(b"o\n")}, "Ours")
    assert repo.hub.log[-1] == ("PATCH", f"/repos/{repo.name}/git/refs/heads/release/1%232")
    assert made not in {repo.tip("main"), repo.tip("release/1")}


def test_a_server_without_rulesets_is_tried(repo: Repo) -> None:
    """Older GitHub Enterprise Servers know none."""
    repo.hub.rules = {"pull_request": "never"}
    repo.hub.faults = [Fault("GET", "/rules/branches/", status=404, body="Not Found")]
    with side(repo) as github:
        github.prove_writable()
    assert repo.hub.calls("PATCH", "/git/refs/") == 1


def test_the_token_stands_in_no_log(repo: Repo, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Not even where everything is logged; it is sent to the API and to nowhere else."""
    caplog.set_level(logging.DEBUG)
    secret = "ghs_0123456789secret"  # noqa: S105 - the emulator takes any
    with side(repo, token=secret) as github:
        github.download(github.tip(), tmp_path)
    assert caplog.records
    assert secret not in caplog.text
    assert repo.hub.tokens == {f"token {secret}", ""}
