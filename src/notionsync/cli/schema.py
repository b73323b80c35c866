"""`notionsync schema`: the JSON Schema of the answers' front matter, for editors and for `check`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Any

import click

from notionsync.cli.github import Place, on_github, say_published
from notionsync.cli.output import clean, json_option, print_json, say
from notionsync.engine.schema import Drawn, draw_schema, write_schema
from notionsync.engine.session import Session, connect


@click.command("schema")
@click.option("--offline", is_flag=True, help="Do not ask Notion for kinds and options, although there is a token.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the schema instead of writing it.")
@json_option("Print the result as JSON.")
@on_github(publishes=True, message="Say what answers may hold")
def schema_command(*, place: Place, offline: bool, to_stdout: bool, message: str, as_json: bool) -> None:
    """Write schemas/answer.schema.json from [properties] in notionsync.toml.

    With a token it lists the options that the database's selects have now; without one it says what the last sync knew
    of the properties' kinds. `notionsync check` compares the answers with it; editors complete by it.

    \b
    Example:
      notionsync schema
      notionsync schema --offline --stdout
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    allowed = not offline and bool(os.environ.get("NOTION_TOKEN", "").strip())

    def work(session: Session) -> tuple[bytes, Drawn | None, bool]:
        asks = allowed and bool(session.config.data_source)
        with connect(session) if asks else contextlib.nullcontext() as notion:
            if to_stdout:
                return draw_schema(session, notion)[0], None, asks
            return b"", write_schema(session, notion), asks

    done = place.run(work, command="schema", message=message, publish=not to_stdout)
    data, drawn, asked = done.result
    if drawn is None:
        click.echo(data.decode(), nl=False)
        return
    _print(drawn, place.facts(done), asked=asked, as_json=as_json)
    if not as_json:
        say_published(done)


def _print(drawn: Drawn, facts: Mapping[str, Any], *, asked: bool, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "path": drawn.path,
                "changed": drawn.changed,
                "keys": list(drawn.keys),
                "options": drawn.options,
                "asked": asked,
                "refused": [{"message": one.message, "advice": one.advice} for one in drawn.refused],
                **facts,
            }
        )
        return
    for one in drawn.refused:
        say(f"  refused   {clean(one.message)}", fg="red")
        if one.advice:
            say(f"      try:  {clean(one.advice)}")
    options = f"{drawn.options} options" if asked else "no options, because Notion was not asked"
    say(f"{drawn.path}: {'written' if drawn.changed else 'up to date'}; {len(drawn.keys)} keys, {options}")
