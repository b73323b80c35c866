"""The way to GitHub's runner: log, annotations, outputs, summary.

A runner obeys what a step prints (docs.github.com, workflow commands for GitHub Actions). What comes from Notion, or from
a file, is printed while it listens to nobody, and gets into annotations, outputs and the summary only in a form that ends
where we end it.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TextIO

from notionsync.cli.output import clean

Kind = Literal["notice", "warning", "error"]

SUMMARY_BYTES = 1_000_000
"""A step's summary may hold 1 MiB, and one that is larger is dropped as a whole."""
_MESSAGE = 4_000
"""Characters of an annotation; the page that shows it cuts longer ones (a message may have 64 KB)."""
_SHORT = 8
"""A secret that is shorter would blot out half of the log wherever its letters stand."""


class Runner:
    """The runner of one step.

    Args:
        env: The step's environment.
        stream: The log.
        draw: Makes a word that nobody can know beforehand.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        stream: TextIO | None = None,
        draw: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self.env = env
        self._stream = stream or sys.stdout
        self._draw = draw
        self._copy: Path | None = None

    def mask(self, *values: str) -> None:
        """Have the runner put stars wherever a value would be shown, from here on, in all steps of the job."""
        for value in values:
            if len(value.strip()) >= _SHORT:
                self._put(f"::add-mask::{_data(value.strip())}")

    def say(self, kind: Kind, message: str, *, file: str = "", line: int = 0) -> None:
        """Write an annotation, at a file and a line where it has one."""
        properties = ["title=notionsync"]
        if file:
            properties.append(f"file={_property(file)}")
            if line:
                properties.append(f"line={line}")
        text = clean(message.strip())
        text = text if len(text) <= _MESSAGE else text[:_MESSAGE] + "…"
        self._put(f"::{kind} {','.join(properties)}::{_data(text)}")

    @contextmanager
    def deaf(self) -> Iterator[Callable[[str], None]]:
        """Let text be printed that the runner does not listen to; yields what prints it."""
        bell = self._draw()
        self._put(f"::stop-commands::{bell}")
        ended = True

        def write(text: str) -> None:
            nonlocal ended
            ended = text.endswith("\n") if text else ended
            self._stream.write(text)
            self._stream.flush()

        try:
            yield write
        finally:
            self._put(f"{'' if ended else chr(10)}::{bell}::")

    def output(self, **values: str | int) -> None:
        """Set outputs of the step; `_` in a name stands for `-`."""
        for name, value in values.items():
            end = self._draw()
            self._append("GITHUB_OUTPUT", f"{name.replace('_', '-')}<<{end}\n{value}\n{end}\n")

    def summary(self, markdown: str) -> str:
        """Add to the step's summary as long as it has room; return the path of a copy that later steps can read.

        The copy is this step's alone, although a job may run several.
        """
        path = self._append("GITHUB_STEP_SUMMARY", markdown, most=SUMMARY_BYTES)
        kept = self.env.get("RUNNER_TEMP", "")
        if not kept:
            return path
        self._copy = self._copy or Path(kept, f"notionsync-{self._draw()}.md")
        with self._copy.open("a", encoding="utf-8") as stream:
            stream.write(markdown)
        return str(self._copy)

    def _append(self, variable: str, text: str, *, most: int = 0) -> str:
        path = self.env.get(variable, "")
        if path:
            with Path(path).open("ab") as stream:
                data = text.encode("utf-8", "replace")
                if not most or stream.tell() + len(data) <= most:
                    stream.write(data)
        return path

    def _put(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(clean(text)).replace(":", "%3A").replace(",", "%2C")
