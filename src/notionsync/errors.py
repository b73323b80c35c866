"""What can go wrong, and what to do about it.

    NotionSyncError                 root; everything raised on purpose derives from it
    ├── UsageError                  2  the command or its surroundings are not right
    │   ├── ConfigError                notionsync.toml: names file, table and key
    │   ├── FileError                  a file that cannot be read as an answer: names path and line
    │   │   └── DiskError                 a file cannot be written: no space, no permission, a read-only checkout
    │   ├── MarkerError                README markers: names file and line
    │   ├── AccessError                token refused, capability missing
    │   │   └── NotFoundError              the object does not exist, or is not shared with the integration
    │   ├── StateError                 .notionsync/ cannot be read, or belongs to something else
    │   ├── SchemaError                the database lacks a mapped property, or has it with another type
    │   └── ContentError               text that cannot be converted or sent: names the item
    │       └── TooLargeError             a file that is larger than the other side, or we, take
    ├── ConflictError               3  something is left for a person to decide
    │   └── MovedError                 a write found something else than it expected
    ├── GuardError                  4  a plan that looks like an accident; nothing was written
    │   └── StaleError                 a plan that is applied, and is not what would be done any more
    ├── TransientError              5  the other side is unreachable, slow or busy: try again
    │   ├── StoppedError               somebody asked the run to stop; what was finished is recorded
    │   └── UnknownOutcomeError        a write whose reply was lost: it may have landed
    ├── DifferenceError             6  `check` found differences
    └── LockedError                 7  another run holds the lock

Each class carries its exit code. `advice` is the command, or the deed, to try next.
"""

from __future__ import annotations

from typing import ClassVar


class NotionSyncError(Exception):
    """Root of all errors raised on purpose.

    Args:
        message: What happened, naming the item and where it lives.
        advice: What to type or to do next; empty if there is nothing to suggest.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class UsageError(NotionSyncError):
    """The command, its options or its surroundings are not right; nothing was done."""

    exit_code = 2


class ConfigError(UsageError):
    """`notionsync.toml` is missing, is not TOML, or holds something unexpected."""


class FileError(UsageError):
    """A file cannot be read as an answer: not UTF-8, broken front matter, duplicate keys.

    Args:
        path: The file, relative to the repository.
        message: What is wrong with it.
        line: The 1-based line in the file; 0 when no line can be named.
        advice: What to do next.
    """

    def __init__(self, path: str, message: str, *, line: int = 0, advice: str = "") -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}", advice=advice)
        self.path = path
        self.line = line


class DiskError(FileError):
    """A file cannot be written, for lack of space or permission: nothing more is done on either side."""


class MarkerError(FileError):
    """The markers of a README region are missing, doubled, crossed, or what is between them was edited by hand."""


class AccessError(UsageError):
    """The token was refused, or what it should reach is not shared with the integration."""


class NotFoundError(AccessError):
    """A page, block, database or file does not exist, or is not shared with the integration: Notion does not tell which."""


class StateError(UsageError):
    """`.notionsync/` cannot be read, was written by a newer version, or belongs to another data source."""


class SchemaError(UsageError):
    """The database does not have a property that the configuration maps, or has it with another type."""


class ContentError(UsageError):
    """Content that cannot be read, or that the other side cannot hold, found before anything was sent.

    Args:
        message: What is wrong with it.
        line: The 1-based line of the text it was found in; 0 when no line can be named.
        advice: What to do next.
    """

    def __init__(self, message: str, *, line: int = 0, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.line = line


class TooLargeError(ContentError):
    """A file that is larger than may be uploaded or downloaded; it is left where it is."""


class ConflictError(NotionSyncError):
    """Both sides changed the same thing; both versions are intact and a person has to decide."""

    exit_code = 3


class MovedError(ConflictError):
    """A write found something else than the plan had seen; nothing was overwritten."""


class GuardError(NotionSyncError):
    """The plan looks like an accident; nothing was written on either side."""

    exit_code = 4


class StaleError(GuardError):
    """A plan was made of other files, pages or agreements than there are now; nothing was written on either side."""


class TransientError(NotionSyncError):
    """The service is unreachable, slow or busy; the same command can be repeated."""

    exit_code = 5


class StoppedError(TransientError):
    """Somebody asked the run to stop; what was finished is recorded, and the same command goes on from there."""


class UnknownOutcomeError(TransientError):
    """A write was sent and its reply was lost: it may or may not have been applied."""


class DifferenceError(NotionSyncError):
    """`check` found differences."""

    exit_code = 6


class LockedError(NotionSyncError):
    """Another run is at work in this folder."""

    exit_code = 7
