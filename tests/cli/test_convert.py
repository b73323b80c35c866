from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from notionsync.cli import main


def run(*args: str, stdin: str | bytes | None = None) -> Result:
    """Run the command as a shell would."""
    return CliRunner().invoke(main, ["convert", *args], input=stdin)


def test_markdown_becomes_blocks_and_comes_back(tmp_path: Path) -> None:
    """What one direction prints, the other reads; front matter is no part of the body."""
    source = tmp_path / "a.md"
    source.write_bytes(b"---\nnotion_id: x\n---\n## T\n\n- a\n\n  b\n")
    out = run(str(source))
    assert out.exit_code == 0
    assert [block["type"] for block in json.loads(out.stdout)] == ["heading_2", "bulleted_list_item"]
    back = run("--reverse", "-", stdin=out.stdout)
    assert (back.exit_code, back.stdout) == (0, "## T\n\n- a\n\n  b\n")


def test_an_answer_of_the_service_is_read_too() -> None:
    """The list of children that the API returns can be piped in."""
    answer = {"object": "list", "results": [{"type": "divider", "divider": {}}]}
    assert run("--reverse", "-", stdin=json.dumps(answer)).stdout == "***\n"


@pytest.mark.parametrize(
    ("args", "stdin", "message"),
    [
        (("-",), b"a\n\xff", "standard input:2: is not UTF-8"),
        (("--reverse", "-"), b"[", "is not JSON"),
        (("--reverse", "-"), b"{}", "holds no list of blocks"),
        (("-",), b"> " * 3000, "nested"),
    ],
)
def test_what_cannot_be_read_is_named(args: tuple[str, ...], stdin: bytes, message: str) -> None:
    """Errors name the place and are usage errors."""
    result = run(*args, stdin=stdin)
    assert result.exit_code == 2
    assert message in result.output


def test_help_shows_an_example() -> None:
    """The example in the help can be typed."""
    assert "notionsync convert --reverse blocks.json" in run("--help").output
