"""The formula language: text → tree → text, printed anew as the service does.

Source: https://www.notion.com/help/formula-syntax. References to properties are `prop("Name")` in requests and
`{{notion:block_property:<id>:<data source>:<workspace>}}` in answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""\s*(?:/\*.*?\*/\s*)*(?:
    (?P<ref>\{\{notion:block_property:[^}]*\}\})
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<mark>==|!=|>=|<=|&&|\|\||[-+*/%^<>!?:.,()\[\]])
  | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_BINARY: Final[tuple[dict[str, str], ...]] = (
    {"or": "or", "||": "||"},
    {"and": "and", "&&": "&&"},
    {"==": "==", "!=": "!="},
    {">": ">", "<": "<", ">=": ">=", "<=": "<="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)
"""Operators between two values, those that bind loosest first."""


class FormulaError(Exception):
    """A formula that cannot be read, or computed."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, or a truth value."""

    value: str | float | bool


@dataclass(frozen=True, slots=True)
class Ref:
    """A property: by its name (`prop("Name")`) or as a reference with its id."""

    name: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable: of `let`, or `current` and `index` inside of `map` and the like."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function; as a method (`value.length()`) its receiver is the first argument."""

    name: str
    args: tuple[Tree, ...]
    method: bool = False


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x`, `!x`, `-x`."""

    mark: str
    inner: Tree


@dataclass(frozen=True, slots=True)
class Binary:
    """Two values and what is between them; `^` included."""

    mark: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Choice:
    """`test ? yes : no`."""

    test: Tree
    yes: Tree
    no: Tree


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Brackets around something."""

    inner: Tree


Tree = Literal | Ref | Name | Call | Unary | Binary | Choice | Items | Group


class _Token(NamedTuple):
    kind: str
    text: str


def _tokens(text: str) -> list[_Token]:
    found = []
    at = 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise FormulaError(f"cannot read {text[at : at + 20]!r}")
        found.append(_Token(match.lastgroup, match[match.lastgroup]))
        if match.lastgroup == "end":
            return found
        at = match.end()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def whole(self) -> Tree:
        tree = self._choice()
        if self._peek().kind != "end":
            raise FormulaError(f"unexpected {self._peek().text!r}")
        return tree

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _accept(self, text: str) -> bool:
        if self._peek().text == text and self._peek().kind != "string":
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise FormulaError(f"{text!r} is missing before {self._peek().text!r}")

    def _choice(self) -> Tree:
        test = self._binary(0)
        if not self._accept("?"):
            return test
        yes = self._choice()
        self._expect(":")
        return Choice(test, yes, self._choice())

    def _binary(self, level: int) -> Tree:
        if level == len(_BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek().kind in {"mark", "name"} and self._peek().text in _BINARY[level]:
            mark = _BINARY[level][self._next().text]
            left = Binary(mark, left, self._binary(level + 1))
        return left

    def _unary(self) -> Tree:
        token = self._peek()
        if token.kind in {"mark", "name"} and token.text in {"-", "+", "!", "not"}:
            following = self._tokens[self._at + 1].text
            if token.text != "not" or following != "(":
                self._next()
                return Unary(token.text, self._unary())
        return self._power()

    def _power(self) -> Tree:
        base = self._methods()
        return Binary("^", base, self._unary()) if self._accept("^") else base

    def _methods(self) -> Tree:
        tree = self._atom()
        while self._accept("."):
            name = self._next()
            if name.kind != "name":
                raise FormulaError(f"{name.text!r} is no method")
            args = self._arguments() if self._accept("(") else ()
            tree = Call(name.text, (tree, *args), method=True)
        return tree

    def _arguments(self, end: str = ")") -> tuple[Tree, ...]:
        args: list[Tree] = []
        while not self._accept(end):
            if args:
                self._expect(",")
            args.append(self._choice())
        return tuple(args)

    def _atom(self) -> Tree:
        token = self._next()
        if token.kind == "ref":
            return Ref(link=token.text)
        if token.kind == "string":
            return Literal(re.sub(r"\\(.)", _unescaped, token.text[1:-1], flags=re.DOTALL))
        if token.kind == "number":
            return Literal(float(token.text))
        if token.kind == "name":
            return self._named(token.text)
        if token.text == "(":
            inner = self._choice()
            self._expect(")")
            return Group(inner)
        if token.text == "[":
            return Items(self._arguments("]"))
        raise FormulaError(f"unexpected {token.text!r}")

    def _named(self, name: str) -> Tree:
        if not self._accept("("):
            return Literal(name == "true") if name in {"true", "false"} else Name(name)
        args = self._arguments()
        if name == "prop" and len(args) == 1 and isinstance(args[0], Literal) and isinstance(args[0].value, str):
            return Ref(name=args[0].value)
        return Call(name, args)


def _unescaped(match: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(match[1], match[1])


@lru_cache(maxsize=512)
def parse(text: str) -> Tree:
    """The tree of a formula.

    Raises:
        FormulaError: It is none.
    """
    return _Parser(text).whole()


def printed(tree: Tree, link: Callable[[Ref], str]) -> str:
    """A formula as the service writes it back: one space where it separates, brackets only inside of operations.

    Args:
        tree: The formula.
        link: What a property is written as.
    """

    def show(node: Tree, *, inside: bool = False) -> str:
        match node:
            case Literal(value):
                return _literal(value)
            case Ref():
                return link(node)
            case Name(name):
                return name
            case Call(name, args, method=True):
                return f"{show(args[0], inside=True)}.{name}({', '.join(map(show, args[1:]))})"
            case Call(name, args):
                return f"{name}({', '.join(map(show, args))})"
            case Unary(mark, inner):
                return f"{mark}{' ' if mark == 'not' else ''}{show(inner, inside=True)}"
            case Binary(mark, left, right):
                return f"{show(left, inside=True)} {mark} {show(right, inside=True)}"
            case Choice(test, yes, no):
                return f"{show(test, inside=True)} ? {show(yes, inside=True)} : {show(no, inside=True)}"
            case Items(items):
                return f"[{', '.join(map(show, items))}]"
            case Group(inner):
                bare = _bare(inner)
                return f"({show(bare)})" if inside and isinstance(bare, Unary | Binary | Choice) else show(bare)

    return show(tree)


def _bare(tree: Tree) -> Tree:
    while isinstance(tree, Group):
        tree = tree.inner
    return tree


def _literal(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(int(value)) if value == int(value) else str(value)
