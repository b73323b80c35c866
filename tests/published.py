"""Holds what commands print as JSON, and the state that they write, to the published schemas, in every story."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
_RUNS = frozenset({"pull", "push", "sync", "apply", "resolve"})


@cache
def validator(name: str) -> Any:
    """Return a check against a published schema: a fast one, or the other where there is no wheel for this machine."""
    checks = import_module("jsonschema_rs" if find_spec("jsonschema_rs") else "jsonschema")
    return checks.Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


def hold_output(args: Sequence[str], text: str) -> None:
    """See that what a command printed with --json is as published, where that is."""
    name = _schema_of(args)
    if "--json" in args and name and text.strip():
        printed = json.loads(text)
        validator("error" if "error" in printed else name).validate(printed)


def _schema_of(args: Sequence[str]) -> str:
    words = set(args)
    if words & {"plan", "repair"}:
        return next(name for name in ("plan", "repair") if name in words)
    if words & _RUNS or words >= {"status", "--remote"} or words >= {"link", "--yes"}:
        return "report"
    return "sides" if words >= {"check", "--sides"} else ""


@contextmanager
def held_state(root: Path) -> Iterator[None]:
    """See that the files of the state which are written meanwhile are as published."""
    before = _stamps(root)
    yield
    for path, stamp in _stamps(root).items():
        if before.get(path) != stamp:
            validator("state").validate(json.loads(path.read_text("utf-8")))


def _stamps(root: Path) -> Mapping[Path, tuple[int, int]]:
    folder = root / ".notionsync"
    found = (*folder.glob("state.json"), *folder.glob("base/*.json"), *folder.glob("collections/*/**/*.json"))
    stats = {path: path.stat() for path in found if "cache" not in path.parts}
    return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in stats.items()}
