"""Why a step of a recording cannot match: one list, to be audited.

A reason covers steps by recording, endpoint and the beginning of each difference. A step counts as explained only when
every difference it shows is covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some steps differ.

    Attributes:
        recordings: Names of recordings, as a pattern.
        endpoint: The endpoint, as a pattern.
        differences: What may differ, as patterns over `path: recorded ≠ ours`.
        text: Why.
    """

    recordings: str
    endpoint: str
    differences: tuple[str, ...]
    text: str

    def covers(self, recording: str, endpoint: str, differences: Sequence[str]) -> bool:
        """Whether it explains a step wholly."""
        if not fnmatchcase(recording, self.recordings) or not fnmatchcase(endpoint, self.endpoint):
            return False
        return all(any(fnmatchcase(found, pattern) for pattern in self.differences) for found in differences)


REASONS: Final = (
    Reason(
        "ramnes__test_pages_update_markdown",
        "DELETE /v1/blocks/{id}",
        (".has_children: True ≠ False",),
        "The page got its content through the Markdown endpoints, which are not emulated.",
    ),
)


def reason(recording: str, endpoint: str, differences: Sequence[str]) -> str | None:
    """Why a step differs; None when nobody knows."""
    return next((entry.text for entry in REASONS if entry.covers(recording, endpoint, differences)), None)
