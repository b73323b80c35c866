"""A play of two people and the engine, as a list of steps; each step is a name and the number that decides its choices."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from tests.machine.ledger import Ledger
from tests.machine.people import FilePerson, NotionPerson, unmarked
from tests.machine.stage import Stage
from tests.scenarios.mortal import Life

from notionsync.emulator.faults import FAILURES
from notionsync.engine import Report, Request
from notionsync.errors import GuardError, NotionSyncError
from notionsync.plan.action import Choice, Direction
from notionsync.plan.guards import ANYTHING
from notionsync.plan.markers import LOCAL

Step = tuple[str, int]

_DIRECTIONS: tuple[Direction, ...] = ("sync", "sync", "pull", "push")
_CHOICES: tuple[Choice, ...] = ("local", "notion", "markers")
_LISTING = {"GET": 1, "POST": 2}
"""What a run sends that finds nothing to do: the schema, the pages and the trash."""


def chance(number: int) -> Random:
    """Return the choices that a number decides."""
    return Random(number)  # noqa: S311 - a play that can be repeated, no secret


class Play:
    """Two people at work on one stage, and a ledger of all they write.

    A person who edits in a file what a killed run just sent cannot be told from two people who edit: it is a conflict,
    which a person settles for the file. So they do here; to choose what is in Notion would be to choose both.

    Args:
        stage: Both sides.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ledger = Ledger(stage)
        self.here = FilePerson(stage, lambda: self.ledger.fresh("f"))
        self.there = NotionPerson(stage, lambda: self.ledger.fresh("n"))
        self.told: list[str] = []
        self.unsure = False
        """Whether a run ended before its time, so that Notion may hold more of the file's than anybody knows of."""

    def step(self, step: Step) -> None:
        """Do one step, and check that nothing is lost."""
        name, number = step
        ACTS[name][1](self, chance(number))
        self.ledger.check()

    # -- runs --------------------------------------------------------------------------------------------------------

    def sync(self, rng: Random) -> None:
        """Run in some direction, in some way."""
        self.calm(self._request(rng))

    def _request(self, rng: Random, *, choose: bool = True) -> Request:
        direction = rng.choice(_DIRECTIONS)
        decided = choose and not self.unsure and rng.random() < 0.15 and direction != "push"
        return Request(
            direction=direction,
            deep=rng.random() < 0.4,
            on_conflict=rng.choice(_CHOICES) if decided else "fail",
            allowed=ANYTHING if rng.random() < 0.8 else Request(direction="sync").allowed,
            allow_new_options=True,
        )

    def calm(self, request: Request) -> Report | None:
        """Run with nothing in the way: no question fails."""
        report = self._tell(self.stage.run(request))
        if isinstance(report, NotionSyncError):
            assert isinstance(report, GuardError), f"{type(report).__name__}: {report}"
            return None
        assert report is not None
        self.unsure = self.unsure and (report.exit_code > 0 or bool(request.only))
        failed = [(o.path, o.message) for o in report.outcomes if o.state == "failed"]
        assert not failed, f"failed: {failed}"
        return report

    def _tell(self, found: Report | NotionSyncError | None) -> Report | NotionSyncError | None:
        if isinstance(found, Report):
            self.told.append(
                f"{found.command}: {found.exit_code} {[(o.state, o.verb, o.path) for o in found.outcomes]}"
            )
        else:
            self.told.append(repr(found))
        return found

    def resolve(self, rng: Random) -> None:
        """Settle a conflict."""
        report = self.calm(Request(direction="sync", dry_run=True, allowed=ANYTHING, allow_new_options=True))
        found = [o.path for o in report.outcomes if o.state == "conflict"] if report else []
        if found:
            self._resolve(rng.choice(found), rng)

    def _resolve(self, path: str, rng: Random) -> None:
        only = frozenset({path})
        choice = "local" if self.unsure else rng.choice(_CHOICES)
        self.calm(Request(direction="pull", command="resolve", only=only, on_conflict=choice))

    def killed(self, rng: Random) -> None:
        """Kill a run after one of its steps."""
        self.unsure = True
        self._tell(self.stage.run(self._request(rng), Life(last=rng.randint(1, 12))))

    def troubled(self, rng: Random) -> None:
        """Run while the service has troubles."""
        self.unsure = True
        for _ in range(rng.randint(1, 3)):
            kind = rng.choice(FAILURES)
            applied = rng.random() < 0.6 and kind not in {"rate_limited", "conflict", "overloaded"}  # these never are
            self.stage.app.faults.add(
                kind,
                method=rng.choice(["POST", "PATCH", "DELETE", "GET", None]),
                nth=rng.randint(1, 6),
                times=rng.choice([1, 1, 2, 20]),
                applied=applied,
            )
        self._tell(self.stage.run(self._request(rng)))
        self.stage.app.faults.clear()

    def busy(self, rng: Random) -> None:
        """Run while somebody is at work; what they write where we write in the same moment is excused.

        There are no conditional writes: an edit of the very same block, or of the same page's values, between our last
        read and our write can be overwritten. It is in Notion's own history.
        """
        self.unsure = True
        acts = rng.choices(_BUSY, k=rng.randint(1, 2))
        excused: list[tuple[int, str, set[str]]] = []

        one_by_one = threading.Lock()

        def happen(name: str) -> None:
            with one_by_one:
                before = set(self.ledger.live)
                self.there.touched = ""
                ACTS[name][1](self, rng)
                asked = len(self.stage.app.log.shown()["log"])
                excused.append((asked, self.there.touched, self.ledger.live - before))

        self.stage.requests()
        for name in acts:
            self.stage.app.faults.add("call", nth=rng.randint(2, 12), call=partial(happen, name))
        self._tell(self.stage.run(self._request(rng)))
        self.stage.app.faults.clear()
        asked_for = self.stage.requests()
        for since, touched, said in excused:
            if touched and any(method == "PATCH" and touched in path for method, path in asked_for[since:]):
                self.ledger.live -= said

    # -- git ---------------------------------------------------------------------------------------------------------

    def commit(self, _: Random) -> None:
        """Commit everything."""
        with self.ledger.edit("files"):
            self.stage.commit()

    def check_out(self, rng: Random) -> None:
        """Check a file out again."""
        with self.ledger.undo():
            self.here.check_out(rng)

    def clone(self, _: Random) -> None:
        """Commit, and go on in a fresh clone: nothing that is not committed is left."""
        self.commit(chance(0))
        self.stage.git("clean", "--quiet", "-fdx")

    def lose_disk(self, rng: Random) -> None:
        """Run on a machine whose disk is lost before anything of it was committed."""
        self.unsure = True
        self.commit(chance(0))
        life = Life(last=rng.randint(1, 12)) if rng.random() < 0.6 else None
        self._tell(self.stage.run(self._request(rng, choose=False), life))
        self.stage.git("reset", "--quiet", "--hard")
        self.stage.git("clean", "--quiet", "-fdx")

    def switch(self, rng: Random) -> None:
        """Commit, and go on from another branch, or from an older commit on a new one."""
        self.commit(chance(0))
        old = self.stage.git("branch", "--show-current").strip()
        others = [b.strip("* ") for b in self.stage.git("branch", "--list").splitlines() if b.strip("* ") != old]
        if others and rng.random() < 0.6:
            new = rng.choice(others)
            with self.ledger.switch(old, new):
                self.stage.git("switch", "--quiet", new)
            return
        commits = self.stage.git("rev-list", "--first-parent", "HEAD").split()
        new = f"branch{len(others) + 1}"
        with self.ledger.switch(old, new):
            self.stage.git("switch", "--quiet", "--create", new, commits[min(rng.randint(0, 4), len(commits) - 1)])

    # -- the end -----------------------------------------------------------------------------------------------------

    def settle(self, rng: Random) -> None:
        """Settle everything that is left for a person: both sides are equal then, and stay as they are."""
        for _ in range(8):
            self.stage.wait(120)
            report = self.calm(Request(direction="sync", deep=True, allowed=ANYTHING, allow_new_options=True))
            self.ledger.check()
            assert report is not None
            if not report.exit_code and not report.changed:
                break
            self._help(report, rng)
        else:
            raise AssertionError(f"no end: {self.told[-1]}")
        self.ledger.check()
        self.ledger.check_once()
        self.ledger.check_equal()
        self._rest(deep=False)
        self._rest(deep=True)

    def _help(self, report: Report, rng: Random) -> None:
        """Do what a person is asked to do."""
        for outcome in report.outcomes:
            if LOCAL in self.stage.files().get(outcome.path, ""):
                with self.ledger.edit("files"):
                    text = self.stage.files()[outcome.path]
                    self.stage.write(outcome.path, unmarked(text, rng.choice(["both", "local", "notion"])))
            elif outcome.state == "conflict":
                self._resolve(outcome.path, rng)
            elif "pull undone" in outcome.message:
                again = self.calm(Request(direction="pull", only=frozenset({outcome.path})))
                if again is not None and again.exit_code:
                    self._resolve(outcome.path, rng)
            elif outcome.advice.endswith("take the notion_id line out of the file"):
                text = self.stage.files()[outcome.path]
                self.stage.write(outcome.path, re.sub(r"(?m)^notion_id: .*\n", "", text))

    def _rest(self, *, deep: bool) -> None:
        """Check that a run finds nothing to do, and does nothing."""
        self.stage.wait(120)
        before = self.stage.everything()
        self.stage.requests()
        self.calm(Request(direction="sync", deep=deep))
        asked = self.stage.requests()
        if not deep:
            counts = {method: sum(m == method for m, _ in asked) for method, _ in asked}
            assert counts == _LISTING, f"asked at rest: {asked}"
        assert all(method == "GET" or path.endswith("/query") for method, path in asked), f"sent at rest: {asked}"
        changed = {path for path, data in self.stage.everything().items() if before.get(path) != data}
        assert not changed, f"changed at rest: {changed}"


def _here(act: Callable[[FilePerson, Random], None]) -> Callable[[Play, Random], None]:
    def do(play: Play, rng: Random) -> None:
        if play.stage.files():
            with play.ledger.edit("files"):
                act(play.here, rng)

    return do


def _there(act: Callable[[NotionPerson, Random], None]) -> Callable[[Play, Random], None]:
    def do(play: Play, rng: Random) -> None:
        with play.ledger.edit("notion"):
            act(play.there, rng)

    return do


def _wait(seconds: float) -> Callable[[Play, Random], None]:
    def do(play: Play, rng: Random) -> None:
        play.stage.wait(seconds * rng.random())

    return do


_BUSY = (
    "here-word",
    "here-block",
    "here-fill",
    "here-delete",
    "there-word",
    "there-word",
    "there-block",
    "there-block",
    "there-row",
    "there-delete",
    "there-move",
    "there-fill",
    "there-trash",
)
ACTS: dict[str, tuple[int, Callable[[Play, Random], None]]] = {
    "here-word": (10, _here(FilePerson.edit_word)),
    "here-block": (5, _here(FilePerson.insert_block)),
    "here-item": (4, _here(FilePerson.insert_item)),
    "here-delete": (4, _here(FilePerson.delete_block)),
    "here-move": (4, _here(FilePerson.move_block)),
    "here-tick": (1, _here(FilePerson.tick)),
    "here-row": (2, _here(FilePerson.insert_row)),
    "here-fill": (4, _here(FilePerson.fill)),
    "here-create": (2, _here(FilePerson.create)),
    "here-rename": (2, _here(FilePerson.rename)),
    "here-remove": (2, _here(FilePerson.delete)),
    "here-markers": (3, _here(FilePerson.settle_markers)),
    "there-word": (10, _there(NotionPerson.edit_word)),
    "there-block": (5, _there(NotionPerson.insert_block)),
    "there-row": (2, _there(NotionPerson.insert_row)),
    "there-delete": (4, _there(NotionPerson.delete_block)),
    "there-move": (4, _there(NotionPerson.move_block)),
    "there-tick": (1, _there(NotionPerson.tick)),
    "there-fill": (4, _there(NotionPerson.fill)),
    "there-create": (2, _there(NotionPerson.create)),
    "there-trash": (2, _there(NotionPerson.trash)),
    "there-restore": (2, _there(NotionPerson.restore)),
    "seconds": (4, _wait(30)),
    "minutes": (6, _wait(300)),
    "sync": (18, Play.sync),
    "resolve": (4, Play.resolve),
    "killed": (6, Play.killed),
    "troubled": (5, Play.troubled),
    "busy": (5, Play.busy),
    "commit": (5, Play.commit),
    "check-out": (2, Play.check_out),
    "clone": (2, Play.clone),
    "lose-disk": (2, Play.lose_disk),
    "switch": (2, Play.switch),
}
"""Each act by name: how often it comes, and what it does."""


def written(rng: Random, length: int) -> list[Step]:
    """Write a play of so many steps."""
    names = rng.choices(list(ACTS), [weight for weight, _ in ACTS.values()], k=length)
    return [(name, rng.randint(0, 9999)) for name in names]


def perform(stage: Stage, steps: Sequence[Step]) -> Play:
    """Play all steps, and let everything come to rest.

    Raises:
        AssertionError: Something is lost, doubled, failed, or does not come to rest.
    """
    play = Play(stage)
    for step in steps:
        play.step(step)
    play.settle(chance(7))
    return play
