"""`notionsync convert`: Markdown into Notion's block JSON, and back, without a workspace."""

from __future__ import annotations

import json
from typing import Any

import click

from notionsync.convert import blocks_to_markdown, markdown_to_blocks
from notionsync.convert.frontmatter import split
from notionsync.errors import FileError

_STDIN = "-"


@click.command("convert")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--reverse", is_flag=True, help="Read block JSON, print Markdown.")
def convert_command(file: str, *, reverse: bool) -> None:
    """Turn the Markdown in FILE into Notion blocks, or blocks into Markdown.

    Blocks are the API's own JSON: a list, or an answer of the service with `results`. Front matter is left out. With - the
    input is read from standard input.

    \b
    Example:
      notionsync convert answers/Rnn_tanh.md > blocks.json
      notionsync convert --reverse blocks.json
      echo '**hello**' | notionsync convert -
    """  # noqa: D301 - click takes the backspace for "leave these lines alone"
    with click.open_file(file, "rb") as stream:
        data = stream.read()
    name = "standard input" if file == _STDIN else file
    text = _decoded(data, name)
    if reverse:
        click.echo(blocks_to_markdown(_blocks(text, name)), nl=False)
    else:
        body = split(data).body.decode("utf-8")
        click.echo(json.dumps(markdown_to_blocks(body), ensure_ascii=False, indent=2))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(name, "is not UTF-8", line=line, advice="save it as UTF-8") from None


def _blocks(text: str, name: str) -> list[dict[str, Any]]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileError(name, f"is not JSON: {error.msg}", line=error.lineno) from None
    if isinstance(value, dict):
        value = value.get("results", [value] if "type" in value else None)
    if not isinstance(value, list) or not all(isinstance(block, dict) for block in value):
        raise FileError(name, "holds no list of blocks", advice="pass what `notionsync convert FILE` prints")
    return value
