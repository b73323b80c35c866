"""What doctor says of schedules that are about to end."""

from __future__ import annotations

import pytest
from tests.story.lab import Lab

from notionsync.engine.doctor import Finding, examine_files
from notionsync.engine.session import open_session

DAY = 86_400.0
SCHEDULED = "on:\n  schedule:\n    - cron: '17 */6 * * *'\n"


def _schedule(lab: Lab, days: float) -> list[Finding]:
    session = open_session(lab.root, required=False)
    committed = session.git.committed_at()
    found = examine_files(session, now=(committed or 0.0) + days * DAY)
    return [finding for finding in found if finding.what == "schedule"]


@pytest.mark.parametrize(("days", "warned"), [(0, False), (45.9, False), (46.1, True), (200, True)])
def test_an_old_commit_ends_schedules(empty: Lab, days: float, *, warned: bool) -> None:
    """After 45 days it warns, and says how to switch the schedule on again; it is no error."""
    empty.write(".github/workflows/sync.yaml", SCHEDULED)
    empty.commit()
    found = _schedule(empty, days)
    assert bool(found) is warned
    for finding in found:
        assert finding.message.startswith(f"the newest commit is {int(days)} days old; after 60 GitHub switches")
        assert "gh workflow enable sync.yaml" in finding.advice
        assert (finding.ok, finding.exit_code) == (False, 0)


def test_without_a_schedule_or_a_commit_there_is_nothing_to_end(empty: Lab) -> None:
    """Workflows that start otherwise, and repositories that just began."""
    empty.write(".github/workflows/sync.yaml", SCHEDULED)
    assert _schedule(empty, 100) == []
    empty.write(".github/workflows/sync.yaml", "on: push\n# schedule: none\n")
    empty.commit()
    assert _schedule(empty, 100) == []
