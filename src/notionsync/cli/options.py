"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from notionsync.plan.guards import Ceiling

F = TypeVar("F", bound=Callable[..., Any])

PATHS = click.argument("paths", nargs=-1, metavar="[FILE]...")
DRY_RUN = click.option("--dry-run", "-n", is_flag=True, help="Print what would be done; write nothing anywhere.")
DEEP = click.option("--deep", is_flag=True, help="Re-read every page: finds edits that move no page's time.")
SHALLOW = click.option(
    "--shallow", is_flag=True, help="Re-read only pages that may have changed, although nobody is watching."
)
FULL = click.option("--full", is_flag=True, help="List every page, however many there are.")
ALLOW = tuple(
    click.option(f"--allow-{kind}", type=click.IntRange(min=0), metavar="N", help=f"Let {text} through, this once.")
    for kind, text in (
        ("delete", "up to N deletions"),
        ("empty", "up to N answers that lose all of their text"),
        ("edit", "changes of up to N questions, if that is all of them,"),
    )
)


class _CeilingType(click.ParamType[Ceiling]):
    name = "ceiling"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Ceiling:
        """Read `50`, `50%`, or both with a comma between."""
        if isinstance(value, Ceiling):
            return value
        limits: dict[str, int] = {}
        for part in str(value).split(","):
            number = part.strip().removesuffix("%")
            kind = "percent" if part.strip().endswith("%") else "count"
            if (
                not (number.isascii() and number.isdecimal())
                or kind in limits
                or (kind == "percent" and int(number) > 100)
            ):
                self.fail(
                    f"{value!r} is neither a number, such as 50, nor a share, such as 50%, nor both: 50,50%", param, ctx
                )
            limits[kind] = int(number)
        return Ceiling(**limits)


UNATTENDED = (
    click.option(
        "--max-changes",
        type=_CeilingType(),
        default=Ceiling(),
        metavar="N|P%|N,P%",
        help="Stop, with nothing written, if more than N questions, or P of a hundred, would change on one side; new ones do "
        "not count.",
    ),
    click.option(
        "--max-minutes",
        type=click.FloatRange(min=0, min_open=True),
        metavar="M",
        help="Begin no question after M minutes; what is finished is recorded and committed, and the exit code is 5.",
    ),
)
"""What bounds a run that nobody watches."""
COMMIT = (
    click.option("--commit", is_flag=True, help="Commit the answers, the README and the state; nothing else."),
    click.option("--message", "-m", default="Sync answers with Notion", help="The commit message.", show_default=True),
)
ON_CONFLICT = click.option(
    "--on-conflict",
    type=click.Choice(["fail", "local", "notion", "markers"]),
    default="fail",
    show_default=True,
    help="Who wins where both sides changed the same text; the loser is kept in .notionsync/conflicts/.",
)
OPAQUE = click.option(
    "--allow-delete-opaque", is_flag=True, help="Let blocks be deleted that Markdown cannot say, this once."
)
OPTIONS = click.option(
    "--allow-new-options", is_flag=True, help="Let select properties get options that Notion does not have yet."
)


def chosen() -> str:
    """Return the collection that `notionsync --collection NAME` names; empty where it is not given."""
    return str(click.get_current_context().find_root().params.get("collection") or "")


def with_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return a decorator that gives a command options and arguments, in the order in which help lists them."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
