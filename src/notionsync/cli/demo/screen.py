"""What the demonstration puts on the screen: words, commands, what they print, and what changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from notionsync.cli.output import clean, say

_MOST_LINES = 9
"""A listing longer than this shows its beginning and its end."""
_INDENT = "    "
_COLOURS = {"+": "green", "-": "red"}
_HEADS = ("diff ", "index ", "--- ", "+++ ", "@@ ", "new file ", "old mode", "new mode", "\\ ")


class Screen:
    """Tells a story, chapter by chapter.

    Args:
        pause: Wait for Enter before each chapter but the first.
    """

    def __init__(self, *, pause: bool) -> None:
        self._pause = pause
        self._chapter = 0

    def chapter(self, title: str, *why: str) -> None:
        """Begin a chapter: what is about to happen, and why it matters."""
        if self._chapter and self._pause and sys.stdin.isatty():
            say(f"{_INDENT}Press Enter to go on", err=True, dim=True)
            click.pause("", err=True)
        self._chapter += 1
        say()
        say(f"{self._chapter}. {title}", bold=True, fg="cyan")
        for line in why:
            say(f"   {line}")
        say()

    def command(self, line: str) -> None:
        """Show a command as it would be typed."""
        say(f"  $ {line}", bold=True)

    def printed(self, text: str) -> None:
        """Show what a command printed; the middle of a long listing is left out."""
        self.lines(text.rstrip("\n").split("\n") if text.strip() else [])

    def lines(self, lines: Sequence[str]) -> None:
        """Show lines; the middle of many is left out."""
        if len(lines) > _MOST_LINES + 1:
            left = len(lines) - _MOST_LINES
            lines = [*lines[:4], f"  … {left} more lines like these …", *lines[4 - _MOST_LINES :]]
        for line in lines:
            say(f"{_INDENT}{clean(line)}")

    def changes(self, diff: str) -> None:
        """Show the lines that a diff takes out and puts in."""
        kept = [line for line in diff.splitlines() if line[:1] in _COLOURS and not line.startswith(_HEADS)]
        shown = kept if len(kept) <= 2 * _MOST_LINES else kept[: 2 * _MOST_LINES]
        for line in shown:
            say(f"{_INDENT}{clean(line)}", fg=_COLOURS[line[0]])
        if len(kept) > len(shown):
            say(f"{_INDENT}… {len(kept) - len(shown)} more changed lines …")

    def deed(self, who: str, before: str, after: str) -> None:
        """Show an edit that somebody makes, outside of notionsync."""
        say(f"  {who}", fg="magenta")
        if before:
            say(f"{_INDENT}- {clean(before)}", fg="red")
        for line in after.splitlines():
            say(f"{_INDENT}+ {clean(line)}".rstrip(), fg="green")

    def result(self, text: str) -> None:
        """Show what was measured."""
        say(f"  → {clean(text)}", fg="yellow")

    def text(self, text: str = "") -> None:
        """Show a line of plain words."""
        say(text)
