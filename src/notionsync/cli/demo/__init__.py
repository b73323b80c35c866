"""`notionsync demo`: the whole story on a Notion of your own, on this machine."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import click

from notionsync.cli.demo.desk import Desk
from notionsync.cli.demo.notion import Notion, serve
from notionsync.cli.demo.screen import Screen
from notionsync.cli.demo.source import find_source
from notionsync.cli.demo.story import CLONE, tell
from notionsync.cli.output import say
from notionsync.errors import UsageError

REPOSITORY = "repository"
DATABASE = "notion.sqlite"


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where to work; a new or empty folder.  [default: a new one among the temporary files]",
)
@click.option("--pause", is_flag=True, help="Wait for Enter between the chapters.")
@click.option(
    "--keep-running", is_flag=True, help="Leave the stand-in running until Ctrl-C, for a look with a browser."
)
def demo_command(*, folder: Path | None, pause: bool, keep_running: bool) -> None:
    """Watch the whole story on a Notion of your own, on this machine.

    Works in a scratch repository, on a copy of the answers of the repository it is run in or on a few samples, against
    a stand-in for Notion that it serves itself. Changes nothing of yours and needs no network.

    Example: notionsync demo --pause
    """
    began = time.monotonic()
    source = find_source(Path.cwd())
    top = _empty(folder)
    with serve(top / DATABASE) as notion:
        say("A Notion database and a folder of Markdown answers follow each other.", bold=True)
        say(f"Notion is played by a stand-in at {notion.base_url}; nothing leaves this machine.")
        say("Its times count in minutes, so its clock is moved on by two before each command.")
        (top / REPOSITORY).mkdir()
        desk = Desk(top / REPOSITORY, notion, Screen(pause=pause))
        tell(desk, source)
        took = f"{len(desk.told)} commands, {time.monotonic() - began:.0f} seconds"
        say()
        say(f"That is the whole story: {took}.", bold=True)
        _show_around(top)
        if keep_running:
            _stay(notion)


def _empty(folder: Path | None) -> Path:
    """Return a folder to work in.

    Raises:
        UsageError: There is something in it.
    """
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="notionsync-demo-"))
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: is not empty", advice="name a folder that does not exist yet")
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def _show_around(top: Path) -> None:
    program = "notionsync" if shutil.which("notionsync") else str(Path(sys.executable).with_name("notionsync"))
    say()
    say("Everything is left for you to look at:")
    for command, what in (
        (f"cd {top / REPOSITORY}", ""),
        ("git log --stat", "what each step changed"),
        ("cat notionsync.toml", "how the files and the database are connected"),
        ("ls .notionsync/base", "what both sides last agreed on"),
        (f"ls ../{CLONE}", "the fresh clone"),
        (f"{program} emulator --db ../{DATABASE}", "that Notion again, for a browser and for commands"),
    ):
        say(f"  {command:<43}  {what}".rstrip())


def _stay(notion: Notion) -> None:
    say()
    say(f"The stand-in goes on at {notion.base_url} until Ctrl-C: edit its pages with a browser, then sync with")
    say(f"  export NOTION_BASE_URL={notion.base_url} NOTION_TOKEN={notion.token}")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        say()
