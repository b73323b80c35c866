"""`notionsync emulator`: a Notion API on this machine, to try things with."""

from __future__ import annotations

import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notionsync.cli.seed import read_seed
from notionsync.emulator import BOT_TOKEN
from notionsync.errors import UsageError

if TYPE_CHECKING:
    from notionsync.emulator.http.app import Emulator


@click.command("emulator")
@click.option("--port", default=8787, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@click.option(
    "--db",
    "database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="SQLite file that keeps the workspace; in memory when left out.",
)
@click.option(
    "--seed",
    type=click.Path(exists=True, path_type=Path),
    help="Fill a new workspace: from a JSON file, or from a folder of answers (*.md).",
)
@click.option(
    "--set",
    "chosen",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of docs/emulator.md, such as rate_limit=180 or unknown_property=ignore; may be repeated.",
)
def emulator_command(port: int, database: Path | None, seed: Path | None, chosen: tuple[str, ...]) -> None:
    """Serve a Notion API on this machine, to try things with.

    It listens on the loopback address only, holds one workspace with one page, and is not Notion: nothing you do here
    reaches it.

    \b
    Example:
      notionsync emulator --port 8787 --db workspace.sqlite
      notionsync emulator --seed answers
      export NOTION_BASE_URL=http://127.0.0.1:8787 NOTION_TOKEN=ntn_emulator
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    try:
        from notionsync.emulator.server import HOST, listen

        app = _app(database, seed, chosen)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f'The emulator needs {error.name}. Install it with: pip install "notionsync[emulator]"'
        ) from None
    try:
        server = listen(app, port)
    except (OSError, SystemExit):
        app.close()
        raise click.ClickException(f"Port {port} is taken. Choose another with --port, or --port 0.") from None
    _announce(app, f"http://{HOST}:{server.port}")
    _stop_on_signals(server.shutdown)
    try:
        server.serve_forever()
    finally:
        server.server_close()
        app.close()


def _app(database: Path | None, seed: Path | None, chosen: tuple[str, ...]) -> Emulator:
    """The workspace, filled when it is new; one that was kept stays as it is.

    Raises:
        UsageError: The seed or a setting does not fit.
    """
    from notionsync.emulator import Settings, create_app
    from notionsync.emulator.seeding import SeedError
    from notionsync.emulator.settings import chosen as with_chosen

    try:
        settings = with_chosen(Settings(), chosen)
    except ValueError as error:
        raise UsageError(f"--set: {error}", advice="see docs/emulator.md, Where nobody knows") from error
    kept = database is not None and database.exists() and database.stat().st_size > 0
    if seed is None or kept:
        if seed is not None:
            click.echo(f"{database} is there already: it is served as it is, without {seed}.", err=True)
        return create_app(database or ":memory:", settings=settings)
    given = read_seed(seed)
    # What an export holds has a first page of its own.
    if given.get("objects"):
        settings = replace(settings, workspace_page=None)
    app = create_app(database or ":memory:", settings=settings)
    try:
        app.seed(given)
    except SeedError as error:
        app.close()
        if database is not None:
            database.unlink()
        raise UsageError(f"{seed} cannot be stored: {error}", advice="see docs/emulator.md, Seed it") from error
    return app


def _announce(app: Emulator, base: str) -> None:
    store = app.workspace.store
    page = next(store.select("parent_id IS NULL ORDER BY seq LIMIT 1"), None)
    click.echo(f"NOTION_BASE_URL={base}")
    click.echo(f"NOTION_TOKEN={BOT_TOKEN}")
    if page is not None:
        click.echo(f"page {page.id} {page.title}")
    for source in store.select("kind = 'data_source' AND trashed = 0 ORDER BY seq LIMIT 20"):
        click.echo(f"data source {source.id} {source.title}")


def _stop_on_signals(stop: object) -> None:
    """End the server cleanly on SIGTERM and Ctrl-C."""

    def ask(_number: int, _frame: object) -> None:
        # `shutdown` waits for the loop that this handler interrupts, so it must run beside it.
        threading.Thread(target=stop, daemon=True).start()  # type: ignore[arg-type]

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, ask)
        signal.signal(signal.SIGINT, ask)
