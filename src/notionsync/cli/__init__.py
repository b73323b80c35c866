"""The command line: it talks, the library works."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from notionsync import __version__
from notionsync.errors import NotionSyncError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("notionsync.cli.setup", "Connect this repository to a Notion database."),
    "link": ("notionsync.cli.setup", "Match files without an id with the pages they belong to."),
    "doctor": ("notionsync.cli.setup", "Check token, access, schema, files and state, and say what to do."),
    "status": ("notionsync.cli.inspect", "Show which questions changed since the last sync."),
    "diff": ("notionsync.cli.inspect", "Show what a sync would change, line by line."),
    "plan": ("notionsync.cli.plan", "Print what a run would do, as text or as data."),
    "apply": ("notionsync.cli.plan", "Carry out a plan, if neither side moved since."),
    "pull": ("notionsync.cli.sync", "Bring Notion's changes into the files."),
    "push": ("notionsync.cli.sync", "Bring the files' changes to Notion."),
    "sync": ("notionsync.cli.sync", "Bring both sides in step."),
    "resolve": ("notionsync.cli.sync", "Settle a conflict."),
    "resync": ("notionsync.cli.repair", "Rebuild the state from both sides, when it is lost or doubtful."),
    "repair": ("notionsync.cli.repair", "Put right ids, records and bases that keep a repository from being synced."),
    "readme": ("notionsync.cli.readme", "Rebuild the question list in the README."),
    "check": ("notionsync.cli.check", "Find what is broken, or will not look the same on the other side."),
    "schema": ("notionsync.cli.schema", "Write the JSON Schema of the answers' front matter."),
    "assets": ("notionsync.cli.assets", "List the images and files of the answers, and remove orphans."),
    "convert": ("notionsync.cli.convert", "Turn Markdown into Notion blocks, or back."),
    "demo": ("notionsync.cli.demo", "Watch the whole story on a Notion of your own, on this machine."),
    "emulator": ("notionsync.cli.emulator", "Serve a Notion API on this machine, to try things with."),
}
"""Command → the module that holds it (under the command's own name, `_command` appended) and its summary line."""


class LazyGroup(click.Group):
    """Imports a command's module only when it is run, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order of a first visit."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command = getattr(import_module(module), f"{cmd_name}_command")
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{cmd_name}_command is not a command")
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an error raised on purpose becomes a message, advice and an exit code, never a traceback."""
        try:
            return super().invoke(ctx)
        except NotionSyncError as error:
            from notionsync.cli.output import report_error

            report_error(ctx, error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("\ninterrupted: what was finished is recorded; the same command goes on from there", err=True)
            ctx.exit(5)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the command list without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="%(version)s")
@click.option("--collection", metavar="NAME", help="The one [[collection]] of notionsync.toml to look at.")
def main(collection: str | None) -> None:
    """Keep a Notion database of questions and answers/*.md in git in step, both ways.

    Example: notionsync sync --dry-run
    """
