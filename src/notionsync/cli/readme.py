"""`notionsync readme`: rebuild the question list, and `notionsync readme init`: adopt one that was kept by hand."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import click
import tomlkit

from notionsync import config as configuration
from notionsync import readme
from notionsync.cli.github import Place, on_github, say_published
from notionsync.cli.output import clean, json_option, print_json, report_option, save_report, say
from notionsync.config import FILE_NAME, TITLE_KEY, Config, Region
from notionsync.engine.regions import Taken, keys_of, placed, read_entries, take_edits
from notionsync.engine.session import Session
from notionsync.errors import ConfigError, DifferenceError, FileError, MarkerError, UsageError
from notionsync.readme import Adoption, Entry
from notionsync.sides.worktree import Worktree

_READ_OFF = (
    "name",
    "file",
    "collection",
    "question_key",
    "format",
    "item",
    "open_item",
    "url_prefix",
    "filter",
    "start",
)
"""What a hand-kept list tells about itself."""
_OF_TABLES = ("digits", "empty", "pad")


@click.group("readme", invoke_without_command=True)
@click.option("--check", is_flag=True, help="Write nothing; exit with 6 if a list is out of date.")
@click.option("--diff", "show_diff", is_flag=True, help="Print what changes, line by line.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the lists instead of writing them.")
@click.option("--force", is_flag=True, help="Overwrite what was edited by hand between the markers.")
@json_option("Report as JSON.")
@report_option
@on_github(publishes=True, message="Rebuild the question list")
@click.pass_context
def readme_command(
    context: click.Context,
    *,
    place: Place,
    check: bool,
    show_diff: bool,
    to_stdout: bool,
    force: bool,
    message: str,
    as_json: bool,
) -> None:
    """Rebuild the question list in the README, offline, from the files.

    Example: notionsync readme --check --diff
    """
    if context.invoked_subcommand is not None:
        return

    def work(session: Session) -> _Lists:
        config = load(session.tree)
        if not config.regions:
            raise ConfigError(
                f"{FILE_NAME}: no [[region]], so there is no list to build", advice="notionsync readme init"
            )
        if to_stdout:
            regions, entries = placed(config, session.git), read_entries(session.tree, config)
            text = "".join(readme.build(entries, region, keys=keys_of(config)) for region in regions)
            return _Lists(config, entries, text)
        known = replace(session, config=config)
        taken = Taken() if force else take_edits(known)
        if taken.left and not check:
            raise next(iter(taken.left.values()))
        before, after, entries = rebuilt(taken.over(known), force=force or check)
        before |= {path: was for path, (was, _) in taken.files.items()}
        after = {path: new for path, (_, new) in taken.files.items()} | after
        for path, data in after.items() if not check else ():
            session.tree.write(path, data, expect=before[path])
        return _Lists(config, entries, "", taken, before, after)

    publish = not (check or to_stdout)
    done = place.run(work, command="readme", message=message, publish=publish, readable=False)
    if to_stdout:
        click.echo(done.result.text, nl=False)
        return
    config, entries, taken = done.result.config, done.result.entries, done.result.taken
    before, after = done.result.before, done.result.after
    if show_diff:
        print_diffs(before, after)
    stale = [path for path in after if after[path] != before[path]]
    report = {
        "changed": bool(stale),
        "files": [{"path": path, "changed": path in stale} for path in after],
        "taken": list(taken.notes),
        "questions": len(entries),
        "answered": sum(entry.answered for entry in entries),
        **place.facts(done),
    }
    save_report(report)
    if as_json:
        print_json(report)
    elif not check:
        for note in taken.notes:
            say(clean(note))
        for path in dict.fromkeys(region.file for region in config.regions):
            say(f"{path}: {_counted(entries)}; {'rebuilt' if path in stale else 'up to date'}")
        say_published(done)
    if check and stale:
        raise _difference(stale, taken)


def _difference(stale: list[str], taken: Taken) -> DifferenceError:
    if taken.left:
        error = next(iter(taken.left.values()))
        return DifferenceError(error.message, advice=error.advice)
    if taken.notes:
        return DifferenceError(f"edited by hand: {'; '.join(taken.notes)}", advice="notionsync readme")
    return DifferenceError(
        f"{', '.join(stale)}: the question list is not what the files say", advice="notionsync readme"
    )


@dataclass(frozen=True, slots=True)
class _Lists:
    """What became of the question lists.

    Attributes:
        config: What `notionsync.toml` says.
        entries: The questions.
        text: The lists, where they are only to be printed.
        taken: What was edited by hand in them.
        before: The files that hold them.
        after: The same, rebuilt.
    """

    config: Config
    entries: tuple[Entry, ...]
    text: str
    taken: Taken = field(default_factory=Taken)
    before: Mapping[str, bytes] = field(default_factory=dict)
    after: Mapping[str, bytes] = field(default_factory=dict)


@readme_command.command("init")
@click.option("--file", "path", default="README.md", show_default=True, help="The file that holds the list.")
@click.option("--folder", help="The folder of the answers.  [default: answers, or what notionsync.toml says]")
@click.option("--name", default="questions", show_default=True, help="Name of the region in the markers.")
@click.option(
    "--key",
    default=TITLE_KEY,
    show_default=True,
    help="The front matter key that the items' words go into; another one for a list in another language.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@json_option("Report as JSON.")
@on_github(publishes=True, message="Let notionsync keep the question list")
def init_command(
    *, place: Place, path: str, folder: str | None, name: str, key: str, dry_run: bool, message: str, as_json: bool
) -> None:
    """Adopt a question list that was kept by hand.

    Finds the list whose items link into the answers' folder, writes question and order into the front matter of the
    answers, makes a file for each question that has none, and puts the list between markers. Bodies and everything
    outside the list keep their bytes.

    Example:
      notionsync readme init --dry-run
      notionsync readme init --file README.ko.md --name korean --key question_ko
    """

    def work(session: Session) -> tuple[Adoption, dict[str, bytes | None], dict[str, bytes]]:
        tree = session.tree
        config = load(tree)
        adoption = _adopt(session, config, path, _folder(tree, config, folder), name=name, key=key)
        before = {file: tree.read(file) for file in [*adoption.files, FILE_NAME, path]}
        settings = before[FILE_NAME] or b""
        for region in adoption.regions:
            settings = extended(settings, region, _folder(tree, config, folder))
        # The README comes last: as long as it has no markers, an interrupted run can simply be repeated.
        after = {**adoption.files, FILE_NAME: settings, path: adoption.readme}
        for file, data in after.items() if not dry_run else ():
            if data != before[file]:
                tree.write(file, data, expect=before[file])
        return adoption, before, after

    done = place.run(work, command="readme init", message=message, publish=not dry_run, required=False, readable=False)
    adoption, before, after = done.result
    changed = [file for file in after if after[file] != before[file]]
    new = sum(before[file] is None for file in adoption.files)
    if as_json:
        print_json({**_adoption_report(adoption, changed), **place.facts(done)})
        return
    for line in _told(adoption, path, begun=path in changed):
        say(clean(line))
    if dry_run and path in changed:
        print_diffs({path: before[path]}, {path: after[path]})
    say(_written(changed, adoption, new, dry_run=dry_run))
    say_published(done)


def load(tree: Worktree) -> Config:
    """Return the configuration; the defaults where there is none yet.

    Raises:
        ConfigError: It cannot be read.
    """
    data = tree.read(FILE_NAME)
    return configuration.parse(_settings_text(data)) if data is not None else Config()


def answers(tree: Worktree, folder: str) -> dict[str, bytes]:
    """Return path and bytes of every Markdown file of a folder; the folder's own README is no answer."""
    paths = (path for path in tree.answers(folder) if path.rpartition("/")[2].lower() != "readme.md")
    return {path: data for path in paths if (data := tree.read(path)) is not None}


def rebuilt(session: Session, *, force: bool = False) -> tuple[dict[str, bytes], dict[str, bytes], tuple[Entry, ...]]:
    """Return the files that hold regions, as they are and as they should be, and the questions.

    Raises:
        MarkerError: A file or its markers are missing, or what is between them was edited by hand.
    """
    tree, config = session.tree, session.config
    entries = read_entries(tree, config)
    before: dict[str, bytes] = {}
    for path in dict.fromkeys(region.file for region in config.regions):
        data = tree.read(path)
        if data is None:
            raise MarkerError(path, "is not there, but notionsync.toml has a [[region]] for it")
        before[path] = data
    regions = placed(config, session.git)
    after = {
        path: readme.rebuild(path, data, regions, entries, keys=keys_of(config), force=force)
        for path, data in before.items()
    }
    return before, after, entries


def extended(data: bytes, region: Region, folder: str) -> bytes:
    """Return `notionsync.toml` with a region and the answers' folder in it; what is there stays as it is."""
    text = _settings_text(data)
    known = configuration.parse(text)
    if any(entry.name == region.name for entry in known.regions):
        return text.encode()
    document = tomlkit.parse(f"{text.rstrip()}\n\n" if text.strip() else text)
    if not region.collection:
        _name_folder(document, folder)
    entry = tomlkit.table()
    default = Region()
    usual = {"name", "file"} if region.format == "table" else {"name", "file", "item", "open_item"}
    for key in (*_READ_OFF, *(_OF_TABLES if region.format == "table" else ())):
        value = getattr(region, key)
        if isinstance(value, Mapping):
            value = tomlkit.inline_table()
            value.update({name: list(texts) for name, texts in region.filter.items()})
        if key in usual or (value != getattr(default, key) and value != ""):
            entry.add(key, value)
    if region.format == "table":
        entry.add("column", _columns(region))
    entry.add(tomlkit.nl())
    document.setdefault("region", tomlkit.aot()).append(entry)
    return (tomlkit.dumps(document).rstrip("\n") + "\n").encode()


def _name_folder(document: tomlkit.TOMLDocument, folder: str) -> None:
    if "files" not in document:
        document["files"] = tomlkit.table().add("folder", folder).add(tomlkit.nl())
    elif "folder" not in document["files"]:
        document["files"]["folder"] = folder


def _columns(region: Region) -> tomlkit.items.Array:
    columns = tomlkit.array().multiline(multiline=True)
    for column in region.columns:
        said = {"title": column.title, "value": column.value, "open_value": column.open_value, "align": column.align}
        table = tomlkit.inline_table()
        table.update(
            {key: value for key, value in said.items() if value is not None and (key, value) != ("align", "none")}
        )
        columns.append(table)
    return columns


def print_diffs(before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]) -> None:
    """Print a unified diff of each file that changes."""
    for path, data in after.items():
        old, new = ((text or b"").decode().splitlines() for text in (before[path], data))
        for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm="", n=1):
            say(clean(line), fg={"+": "green", "-": "red", "@": "cyan"}.get(line[:1]))


def _adopt(session: Session, config: Config, path: str, folder: str, *, name: str, key: str) -> Adoption:
    tree = session.tree
    data = tree.read(path)
    if data is None:
        raise FileError(path, "is not there", advice="notionsync readme init --file PATH")
    files = answers(tree, folder)
    configured = next((region for region in config.regions if region.name == name), None)
    if configured and configured.file != path:
        raise UsageError(
            f'{FILE_NAME}: the region "{name}" is in {configured.file}', advice="notionsync readme init --name OTHER"
        )
    marked = next((region for region in readme.find(path, data) if region.name == name), None)
    if marked and (configured or not marked.text.strip()):
        region = configured or Region(name=name, file=path, collection=_collection(config, folder))
        regions = [*placed(config, session.git), region]
        entries = read_entries(tree, config if region.collection else replace(config, folder=folder))
        built = data if configured else readme.rebuild(path, data, regions, entries, keys=keys_of(config))
        return Adoption(regions=(region,), items=(), slips=(), readme=built)
    return readme.adopt(
        data,
        files,
        readme=path,
        folder=folder,
        name=name,
        region=configured,
        taken=[region.name for region in config.regions],
        key=key,
        collection=_collection(config, folder),
    )


def _collection(config: Config, folder: str) -> str:
    """Return the collection whose answers are in a folder; empty for the one without a name."""
    return next((one.collection for one in config.collections if one.folder == folder), "")


def _folder(tree: Worktree, config: Config, folder: str | None) -> str:
    if folder is None or folder.strip("/") == config.folder:
        return config.folder
    if _collection(config, folder.strip("/")):
        return folder.strip("/")
    data = tree.read(FILE_NAME)
    if data is not None and "folder" in tomlkit.parse(_settings_text(data)).get("files", {}):
        raise UsageError(f'{FILE_NAME}: the answers are in "{config.folder}", not in "{folder}"')
    return folder.strip("/")


def _settings_text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{FILE_NAME}: is not UTF-8") from error


def _told(adoption: Adoption, path: str, *, begun: bool) -> list[str]:
    if not adoption.items:
        said = "is built from the answers from now on" if begun else "is kept by notionsync already"
        return [f'{path}: the list "{adoption.region.name}" {said}']
    linked = sum(item.linked for item in adoption.items)
    head = f"{path}: {_many(len(adoption.items), 'question')}, {adoption.answered} with answers ({linked} were linked)"
    if len(adoption.regions) > 1:
        lists = [f"{region.name} ({value})" for region in adoption.regions for (value,) in region.filter.values()]
        head += f" in {len(lists)} lists: {', '.join(lists)}"
    slips = [f"  {slip}" for slip in adoption.slips]
    return [head, *([f"{_many(len(slips), 'slip')}:", *slips] if slips else ["no slips"])]


def _written(changed: list[str], adoption: Adoption, new: int, *, dry_run: bool) -> str:
    if not changed:
        return "Nothing to write."
    others = [file for file in changed if file not in adoption.files]
    counted = f"{_many(len(adoption.files), 'answer')} ({new} of them new)" if adoption.files else ""
    what = ", ".join(filter(None, [counted, *others]))
    return f"Would write {what}." if dry_run else f"Wrote {what}. Look at it with: git diff"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _adoption_report(adoption: Adoption, changed: list[str]) -> dict[str, Any]:
    return {
        "questions": len(adoption.items),
        "answered": adoption.answered,
        "regions": [
            {key: getattr(region, key) for key in _READ_OFF if key != "filter"} | {"filter": dict(region.filter)}
            for region in adoption.regions
        ],
        "items": [asdict(item) for item in adoption.items],
        "slips": [asdict(slip) for slip in adoption.slips],
        "written": changed,
    }


def _counted(entries: tuple[Entry, ...]) -> str:
    return f"{_many(len(entries), 'question')}, {sum(entry.answered for entry in entries)} with answers"
