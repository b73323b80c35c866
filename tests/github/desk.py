"""A desk whose repository is on GitHub: files are edited here and pushed by a person, commands run with `--github`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest.mock import patch

from click.testing import Result
from tests.github.hub import TOKEN, Repo
from tests.scenarios.desk import Desk, desk_at

from notionsync.sides.github import blob

_PRIVATE = (".git/", ".notionsync/cache/", ".notionsync/lock")


class HubDesk(Desk):
    """The same words as at any desk; `root` mirrors the branch, and is brought up to date by each command.

    Attributes:
        repo: The repository.
        branch: The branch that is worked on.
    """

    repo: Repo
    branch: str = "main"

    def run(self, *args: str, code: int | None = 0, token: str = "", url: str | None = None) -> Result:
        """Push what was edited here, run a command over GitHub from another folder, and fetch what it published."""
        self.publish()
        elsewhere = self.root.parent / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        mirror, self.root = self.root, elsewhere
        where = self.repo.name if self.branch == "main" else f"{self.repo.name}@{self.branch}"
        environment = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": self.repo.hub.url}
        options = {"token": token} if token else {}
        try:
            with patch.dict(os.environ, environment):
                return super().run(*args, "--github", where, code=code, url=url, **options)
        finally:
            self.root = mirror
            assert list(elsewhere.iterdir()) == [], "a run over GitHub wrote into the current folder"
            self.fetch()

    def commit(self, message: str = "Work") -> None:
        """Push everything."""
        self.publish(message)

    def local(self) -> dict[str, bytes]:
        """Return the files of the mirror."""
        return {path: data for path, data in self.bytes(".").items() if not path.startswith(_PRIVATE)}

    def publish(self, message: str = "Work") -> None:
        """Push what was edited here."""
        here, there = self.local(), {path: sha for path, (_, sha) in self.repo.listing(self.branch).items()}
        changes: dict[str, bytes | None] = {p: data for p, data in here.items() if blob(data) != there.get(p)}
        changes |= {path: None for path in there if path not in here}
        if changes:
            self.repo.commit(message, changes, branch=self.branch)

    def fetch(self) -> None:
        """Bring the mirror up to date."""
        here, there = self.local(), {path: sha for path, (_, sha) in self.repo.listing(self.branch).items()}
        for path in here.keys() - there.keys():
            (self.root / path).unlink()
        for path, sha in there.items():
            if path not in here or blob(here[path]) != sha:
                target = self.root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(self.repo.blob(sha))


@contextlib.contextmanager
def hub_desk(root: Path, repo: Repo, *, database: Path | str = ":memory:") -> Iterator[HubDesk]:
    """Give a user a desk at a repository; what the folder holds is pushed first."""
    with desk_at(root, database=database) as opened:
        desk = HubDesk(opened.root, opened.base_url, opened.person)
        desk.repo = repo
        desk.publish("Start")
        yield desk


def edited(files: Mapping[str, bytes], path: str, old: str, new: str) -> dict[str, bytes | None]:
    """Return the change of one text in one file."""
    text = files[path].decode()
    assert text.count(old) == 1, (path, old, text)
    return {path: text.replace(old, new).encode()}
