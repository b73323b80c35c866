"""Formulas of a data source: stored with references in the place of names, computed for a row.

What this stand-in cannot compute (a function it does not know) shows as `unsupported`, like a value the service cannot show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote

from notionsync.emulator import errors
from notionsync.emulator.columns import by_key
from notionsync.emulator.formula_functions import (
    DATES,
    FUNCTIONS,
    NUMBERS,
    TEXTS,
    TRUTHS,
    compared,
    empty,
    plus,
)
from notionsync.emulator.formula_syntax import (
    Binary,
    Call,
    Choice,
    FormulaError,
    Group,
    Items,
    Literal,
    Name,
    Ref,
    Tree,
    Unary,
    parse,
    printed,
)
from notionsync.emulator.formula_values import Day, Thing, Value, day_of, shown_day, text_of

__all__ = ["NOTHING", "UNSUPPORTED", "Read", "Thing", "Value", "kind_of", "operand", "stored", "value"]

Json = dict[str, Any]
Read = Callable[[str], Value]
"""A property's value in the row at hand, by the property's id."""

_MARKS: Final = {"*": "multiply", "/": "divide", "%": "mod", "^": "pow", "-": "subtract"}
_OVER_LISTS: Final = ("map", "filter", "find", "findIndex", "some", "every")
_KINDS: Final = {
    "number": "number",
    "checkbox": "boolean",
    **dict.fromkeys(("date", "created_time", "last_edited_time"), "date"),
}
UNSUPPORTED: Final[Json] = {"type": "unsupported", "unsupported": {}}
NOTHING: Final[Json] = {"type": "string", "string": None}
"""The value of a formula that is none, as recorded of a broken one."""


def stored(expression: str, columns: Json, source: str, workspace: str) -> str:
    """A formula as it is kept: printed anew, properties as references that survive renaming; what is none as it is.

    Raises:
        ApiError: It names a property that does not exist.
    """

    def link(ref: Ref) -> str:
        if ref.link is not None:
            return ref.link
        column = by_key(columns, ref.name or "")
        if column is None:
            raise errors.invalid(f'Type error with formula: undefined property "{ref.name}"')
        return f"{{{{notion:block_property:{column['id']}:{source}:{workspace}}}}}"

    try:
        return printed(parse(expression), link)
    except FormulaError:
        return expression


def value(expression: str, columns: Json, read: Read, now: datetime) -> Json:
    """A formula's value for a row, as a page shows it.

    Args:
        expression: The formula as it is kept.
        columns: The properties of the data source.
        read: Looks up other values of the row.
        now: The time.
    """
    try:
        tree = parse(expression)
    except FormulaError:
        return dict(NOTHING)
    try:
        result = _Computing(read, now.replace(second=0, microsecond=0)).run(tree, {})
    except (FormulaError, TypeError, KeyError, RecursionError):
        return dict(UNSUPPORTED)
    return _shown(result, kind_of(tree, columns))


def _shown(result: Value, kind: str | None) -> Json:
    if isinstance(result, bool):
        return {"type": "boolean", "boolean": result}
    if isinstance(result, int | float):
        whole = result == int(result) if abs(result) < 2**53 else False
        return {"type": "number", "number": int(result) if whole else result}
    if isinstance(result, Day):
        return {"type": "date", "date": shown_day(result)}
    if result is None:
        return {"type": kind or "string", kind or "string": None}
    return {"type": "string", "string": text_of(result)}


def identifier_of(link: str) -> str:
    """The property's id in a reference, as properties carry it."""
    return link.split(":")[2]


def kind_of(tree: Tree, columns: Json) -> str | None:
    """What a formula gives, as far as its text tells: string, number, boolean or date."""
    match tree:
        case Literal(found):
            return "boolean" if isinstance(found, bool) else "string" if isinstance(found, str) else "number"
        case Ref(link=str(link)):
            column = by_key(columns, identifier_of(link))
            return _column_kind(column, columns) if column else None
        case Group(inner):
            return kind_of(inner, columns)
        case Unary(mark):
            return "boolean" if mark in {"!", "not"} else "number"
        case Binary("+", left, right):
            kinds = {kind_of(left, columns), kind_of(right, columns)}
            return "number" if kinds == {"number"} else "string"
        case Binary(mark):
            return "number" if mark in _MARKS else "boolean"
        case Choice(_, yes, no) | Call("if", (_, yes, no)):
            return kind_of(yes, columns) or kind_of(no, columns)
        case Call(name):
            return _function_kind(name)
    return None


def _column_kind(column: Json, columns: Json) -> str | None:
    if column["type"] == "formula":
        try:
            return kind_of(parse(column["formula"]["expression"]), columns)
        except (FormulaError, RecursionError):
            return None
    return _KINDS.get(column["type"], "string")


def _function_kind(name: str) -> str | None:
    tables: Mapping[str, Mapping[str, Any]] = {"number": NUMBERS, "boolean": TRUTHS, "string": TEXTS, "date": DATES}
    if name in {"now", "today"}:
        return "date"
    return next((kind for kind, table in tables.items() if name in table), None)


class _Computing:
    def __init__(self, read: Read, now: datetime) -> None:
        self._read = read
        self._now = now

    def run(self, tree: Tree, names: Mapping[str, Value]) -> Value:
        match tree:
            case Literal(literal):
                return literal
            case Ref(link=str(link)):
                return self._read(unquote(identifier_of(link)))
            case Name(name) if name in names:
                return names[name]
            case Group(inner):
                return self.run(inner, names)
            case Unary(mark, inner):
                found = self.run(inner, names)
                return (
                    empty(found)
                    if mark in {"!", "not"}
                    else self._apply("unaryMinus" if mark == "-" else "unaryPlus", found)
                )
            case Binary(mark, left, right):
                return self._binary(mark, left, right, names)
            case Choice(test, yes, no) | Call("if", (test, yes, no)):
                return self.run(no if empty(self.run(test, names)) else yes, names)
            case Items(items):
                return [self.run(item, names) for item in items]
            case Call(name, args):
                return self._call(name, args, names)
        raise FormulaError(f"{tree} cannot be computed")

    def _binary(self, mark: str, left: Tree, right: Tree, names: Mapping[str, Value]) -> Value:
        one = self.run(left, names)
        if mark in {"and", "&&", "or", "||"}:
            decided = empty(one) if mark in {"and", "&&"} else not empty(one)
            return not empty(one if decided else self.run(right, names))
        other = self.run(right, names)
        if mark in {"==", "!="}:
            return (one == other) == (mark == "==")
        if mark == "+":
            return plus(one, other)
        return self._apply(_MARKS[mark], one, other) if mark in _MARKS else compared(mark, one, other)

    def _apply(self, name: str, *args: Value) -> Value:
        function = FUNCTIONS.get(name)
        if function is None:
            raise FormulaError(f"{name} is not known")
        found: Value = function(*args)
        return found

    def _call(self, name: str, args: tuple[Tree, ...], names: Mapping[str, Value]) -> Value:
        if name == "now":
            return Day(self._now)
        if name == "today":
            return Day(self._now.date())
        if name == "ifs":
            for test, found in zip(args[::2], args[1::2], strict=False):
                if not empty(self.run(test, names)):
                    return self.run(found, names)
            return self.run(args[-1], names) if len(args) % 2 else None
        if name in {"let", "lets"}:
            inner = dict(names)
            for variable, given in zip(args[:-1:2], args[1:-1:2], strict=True):
                inner[variable.name if isinstance(variable, Name) else ""] = self.run(given, inner)
            return self.run(args[-1], inner)
        if name in _OVER_LISTS:
            return self._over(name, self.run(args[0], names), args[1], names)
        return self._apply(name, *(self.run(arg, names) for arg in args))

    def _over(self, name: str, values: Value, each: Tree, names: Mapping[str, Value]) -> Value:
        entries = values if isinstance(values, list) else []
        results = [
            self.run(each, {**names, "current": entry, "index": float(place)}) for place, entry in enumerate(entries)
        ]
        if name == "map":
            return results
        holds = [not empty(result) for result in results]
        if name == "filter":
            return [entry for entry, held in zip(entries, holds, strict=True) if held]
        if name in {"some", "every"}:
            return any(holds) if name == "some" else all(holds)
        place = holds.index(True) if True in holds else -1
        return float(place) if name == "findIndex" else entries[place] if place >= 0 else None


def operand(column: Json, shown: Any) -> Value:
    """A property's value, as a page shows it, as formulas compute with it.

    Raises:
        FormulaError: It is a formula that cannot be computed.
    """
    kind = column["type"]
    if shown is None:
        return None
    if kind in {"title", "rich_text"}:
        return "".join(run["plain_text"] for run in shown)
    if kind in {"select", "status"}:
        return str(shown["name"])
    if kind == "multi_select":
        return [option["name"] for option in shown]
    if kind in {"date", "created_time", "last_edited_time"}:
        return day_of(shown)
    if kind == "unique_id":
        return f"{shown['prefix']}-{shown['number']}" if shown["prefix"] else str(shown["number"])
    if kind in {"formula", "rollup"} and shown["type"] == "unsupported":
        raise FormulaError(f"{column['name']} cannot be computed")
    if kind == "formula":
        inner = shown.get(shown["type"])
        return day_of(inner) if shown["type"] == "date" else inner
    if kind == "rollup":
        inner = shown.get(shown["type"])
        return day_of(inner) if shown["type"] == "date" else None if shown["type"] == "array" else inner
    if kind == "files":
        return [entry["name"] for entry in shown]
    found: Value = shown if isinstance(shown, bool | int | float | str) else None
    return found
