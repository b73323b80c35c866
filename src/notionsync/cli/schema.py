"""`notionsync schema`: the JSON Schema of the answers' front matter, for editors and for `check`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from notionsync.cli.output import clean, json_option, print_json, say
from notionsync.engine.schema import Drawn, draw_schema, write_schema
from notionsync.engine.session import connect, open_session


@click.command("schema")
@click.option("--offline", is_flag=True, help="Do not ask Notion for kinds and options, although there is a token.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the schema instead of writing it.")
@json_option("Print the result as JSON.")
def schema_command(*, offline: bool, to_stdout: bool, as_json: bool) -> None:
    """Write schemas/answer.schema.json from [properties] in notionsync.toml.

    With a token it lists the options that the database's selects have now; without one it says what the last sync knew
    of the properties' kinds. `notionsync check` compares the answers with it; editors complete by it.

    \b
    Example:
      notionsync schema
      notionsync schema --offline --stdout
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    session = open_session(Path.cwd())
    ask = bool(not offline and session.config.data_source and os.environ.get("NOTION_TOKEN", "").strip())
    if to_stdout:
        if ask:
            with connect(session) as notion:
                data, _ = draw_schema(session, notion)
        else:
            data, _ = draw_schema(session, None)
        click.echo(data.decode(), nl=False)
        return
    if ask:
        with connect(session) as notion:
            drawn = write_schema(session, notion)
    else:
        drawn = write_schema(session, None)
    _print(drawn, asked=ask, as_json=as_json)


def _print(drawn: Drawn, *, asked: bool, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "path": drawn.path,
                "changed": drawn.changed,
                "keys": list(drawn.keys),
                "options": drawn.options,
                "asked": asked,
                "refused": [{"message": one.message, "advice": one.advice} for one in drawn.refused],
            }
        )
        return
    for one in drawn.refused:
        say(f"  refused   {clean(one.message)}", fg="red")
        if one.advice:
            say(f"      try:  {clean(one.advice)}")
    options = f"{drawn.options} options" if asked else "no options, because Notion was not asked"
    say(f"{drawn.path}: {'written' if drawn.changed else 'up to date'}; {len(drawn.keys)} keys, {options}")
