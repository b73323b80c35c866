"""`notionsync assets`: what the answers show, and what nothing shows any more."""

from __future__ import annotations

import click

from notionsync.cli.github import Place, on_github, say_published
from notionsync.cli.output import clean, json_option, print_json, say
from notionsync.engine.asset_list import Asset, list_assets, prune
from notionsync.engine.session import Session
from notionsync.errors import UsageError

_COLOURS = {"missing": "red", "orphan": "yellow", "changed": "yellow", "new": "yellow"}


@click.command("assets")
@click.option("--prune", "to_prune", is_flag=True, help="Remove the orphans; shows them first, and asks for --yes.")
@click.option("--yes", "-y", is_flag=True, help="With --prune: remove them.")
@json_option("Print the list as JSON.")
@on_github(publishes=True, message="Remove what no answer shows")
def assets_command(*, place: Place, to_prune: bool, yes: bool, message: str, as_json: bool) -> None:
    """List the images and files of the answers with their state: synced, changed, new, linked, missing, orphan. Offline.

    An orphan lies in the folder of assets, and no Markdown file of the repository holds its name.

    \b
    Example:
      notionsync assets
      notionsync assets --prune --yes
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    if yes and not to_prune:
        raise UsageError("--yes goes with --prune", advice="notionsync assets --prune --yes")

    def work(session: Session) -> tuple[tuple[Asset, ...], tuple[str, ...]]:
        found = list_assets(session)
        orphans = [asset for asset in found if asset.state == "orphan"]
        return found, tuple(prune(session, orphans)) if to_prune and yes else ()

    done = place.run(work, command="assets", message=message, publish=to_prune and yes, required=False)
    found, gone = done.result
    orphans = [asset for asset in found if asset.state == "orphan"]
    if as_json:
        files = [
            {"path": a.path, "state": a.state, "size": a.size, "shown_by": list(a.shown_by), "removed": a.path in gone}
            for a in found
        ]
        print_json({"files": files, "removed": list(gone), **place.facts(done)})
        return
    for asset in orphans if to_prune else found:
        _print(asset, removed=asset.path in gone)
    say(_summary(found, gone), bold=True)
    say_published(done)
    if to_prune and orphans and not yes:
        say(f"nothing was removed; to remove {len(orphans)}: notionsync assets --prune --yes")


def _print(asset: Asset, *, removed: bool) -> None:
    by = f"  {', '.join(asset.shown_by)}" if asset.shown_by else ""
    size = f"{_size(asset.size):>9}" if asset.state != "missing" else " " * 9
    state = "removed" if removed else asset.state
    say(f"  {state:<8} {size}  {clean(asset.path)}{clean(by)}", fg=_COLOURS.get(asset.state))


def _summary(found: tuple[Asset, ...], gone: tuple[str, ...]) -> str:
    counts: dict[str, int] = {}
    for asset in found:
        counts[asset.state] = counts.get(asset.state, 0) + 1
    parts = [f"{count} {state}" for state, count in counts.items()] or ["none"]
    return f"assets: {', '.join([*parts, *([f'{len(gone)} removed'] if gone else [])])}"


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"
