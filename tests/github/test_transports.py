"""The same stories over three transports: a folder, a checkout that commits, a repository on GitHub.

Each story is a scenario test of its own, told here with the same assertions at a desk of another kind.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.github.desk import hub_desk
from tests.github.hub import Hub
from tests.scenarios import (
    test_a_propagation,
    test_b_both_changed,
    test_c_deletions,
    test_d_identity,
    test_e_first_sync,
    test_m_region,
)
from tests.scenarios.desk import Desk, desk_at
from tests.scenarios.test_f_crash import PIXEL

TRANSPORTS = ("worktree", "git", "github")


def _images(desk: Desk) -> None:
    """An image goes to Notion with its answer; one that a person takes away there is gone here."""
    (desk.root / "answers" / "dot.png").write_bytes(PIXEL)
    desk.edit("one", "one gamma\n", "one gamma\n\n![A dot](dot.png)\n")
    desk.run("sync")
    image = desk.children(desk.page("one"))[3]
    assert image["type"] == "image"
    assert (desk.root / "answers" / "dot.png").read_bytes() == PIXEL
    desk.settled_now()
    desk.api("DELETE", f"blocks/{image['id']}")
    desk.run("sync")
    assert "dot.png" not in desk.text("one")
    desk.settled_now()


def _listed(desk: Desk) -> None:
    """The list in the README follows the questions; what is outside of it stays."""
    listed = test_m_region.listed.__wrapped__(desk)  # type: ignore[attr-defined]
    test_m_region.test_s156_what_is_outside_stays(listed)


STORIES: dict[str, tuple[Callable[..., None], dict[str, Any]]] = {
    "s002-new-here": (test_a_propagation.test_s002_new_here, {}),
    "s003-new-there": (test_a_propagation.test_s003_new_there, {}),
    "s006-in-turn": (test_a_propagation.test_s006_edits_in_turn_are_not_echoed, {}),
    "s009-both-directions": (test_a_propagation.test_s009_one_run_carries_both_directions, {}),
    "s011-properties": (test_a_propagation.test_s011_properties_alone, {"side": "notion"}),
    "s016-merged": (test_b_both_changed.test_s016_edits_apart_are_merged, {}),
    "s022-conflict": (test_b_both_changed.test_s022_an_open_conflict_does_not_grow, {}),
    "s024-settled": (test_b_both_changed.test_s024_settled_in_favour_of_what_is_committed, {}),
    "s037-deleted-here": (test_c_deletions.test_s037_deleted_here, {}),
    "s038-deleted-there": (test_c_deletions.test_s038_deleted_there, {}),
    "s040-edited-there": (test_c_deletions.test_s040_deleted_here_edited_there, {"edit": "body"}),
    "s051-renamed": (test_d_identity.test_s051_renamed_and_edited_here, {}),
    "s073-no-state": (test_e_first_sync.test_s073_the_state_is_deleted, {}),
    "s156-list": (_listed, {}),
    "images": (_images, {}),
}


class GitDesk(Desk):
    """A desk whose files are always committed, by the person or by the run."""

    def run(self, *args: str, code: int | None = 0, token: str = "", url: str | None = None) -> Result:
        """Commit what was edited, and run a command that commits what it writes."""
        self.commit()
        commits = args[0] in {"pull", "push", "sync"} and "--dry-run" not in args
        options = {"token": token} if token else {}
        done = super().run(*args, *(["--commit"] if commits else []), code=code, url=url, **options)
        if commits:
            assert self.git("status", "--porcelain").strip() == ""
        return done


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three questions that were synced two minutes ago, and their Notion."""
    top = tmp_path_factory.mktemp("three")
    with desk_at(top / "repository", database=top / "notion.sqlite") as desk:
        desk.begin()
    return top


@pytest.fixture
def told(request: pytest.FixtureRequest, template: Path, hub: Hub, tmp_path: Path) -> Iterator[Desk]:
    """A desk of each kind, a while later."""
    top = tmp_path / "begun"
    shutil.copytree(template, top)
    if request.param == "github":
        shutil.rmtree(top / "repository" / ".git")
        with hub_desk(top / "repository", hub.repository({}), database=top / "notion.sqlite") as there:
            there.wait(600)
            yield there
        return
    with desk_at(top / "repository", database=top / "notion.sqlite") as here:
        here.wait(600)
        yield GitDesk(here.root, here.base_url, here.person) if request.param == "git" else here


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("told", TRANSPORTS, indirect=True)
def test_the_same_over_every_transport(told: Desk, story: str) -> None:
    """What holds at one desk holds at the others."""
    tell, options = STORIES[story]
    tell(told, **options)
