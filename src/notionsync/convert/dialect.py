"""The few settings of the dialect, and the tables that tie GitHub's names to Notion's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

RAW_CAPTION = "⟦markdown-raw⟧"
"""Caption of a code block that holds Markdown or HTML which Notion cannot say; it is written back as it is."""

ALERTS: Mapping[str, tuple[str, str]] = {
    "NOTE": ("ℹ️", "blue_background"),
    "TIP": ("💡", "green_background"),
    "IMPORTANT": ("❗", "purple_background"),
    "WARNING": ("⚠️", "yellow_background"),
    "CAUTION": ("🛑", "red_background"),
}
"""GitHub's five alerts as callouts: icon and colour."""

LANGUAGES = frozenset(
    [
        "abap",
        "abc",
        "agda",
        "arduino",
        "ascii art",
        "assembly",
        "bash",
        "basic",
        "bnf",
        "c",
        "c#",
        "c++",
        "clojure",
        "coffeescript",
        "coq",
        "css",
        "dart",
        "dhall",
        "diff",
        "docker",
        "ebnf",
        "elixir",
        "elm",
        "erlang",
        "f#",
        "flow",
        "fortran",
        "gherkin",
        "glsl",
        "go",
        "graphql",
        "groovy",
        "haskell",
        "hcl",
        "html",
        "idris",
        "java",
        "java/c/c++/c#",
        "javascript",
        "json",
        "julia",
        "kotlin",
        "latex",
        "less",
        "lisp",
        "livescript",
        "llvm ir",
        "lua",
        "makefile",
        "markdown",
        "markup",
        "mathematica",
        "matlab",
        "mermaid",
        "nix",
        "notion formula",
        "objective-c",
        "ocaml",
        "pascal",
        "perl",
        "php",
        "plain text",
        "powershell",
        "prolog",
        "protobuf",
        "purescript",
        "python",
        "r",
        "racket",
        "reason",
        "ruby",
        "rust",
        "sass",
        "scala",
        "scheme",
        "scss",
        "shell",
        "smalltalk",
        "solidity",
        "sql",
        "swift",
        "toml",
        "typescript",
        "vb.net",
        "verilog",
        "vhdl",
        "visual basic",
        "webassembly",
        "xml",
        "yaml",
    ]
)
"""What Notion takes as a language (`LanguageRequest` in its SDK's types)."""

_INFO: Mapping[str, str] = {
    "plain text": "",
    "ascii art": "ascii-art",
    "c#": "csharp",
    "c++": "cpp",
    "docker": "dockerfile",
    "f#": "fsharp",
    "java/c/c++/c#": "clike",
    "llvm ir": "llvm",
    "notion formula": "notion-formula",
    "objective-c": "objc",
    "vb.net": "vbnet",
    "visual basic": "vb",
}
_ALIASES: Mapping[str, str] = {
    "asm": "assembly",
    "bat": "shell",
    "c++": "c++",
    "c#": "c#",
    "cc": "c++",
    "clj": "clojure",
    "coffee": "coffeescript",
    "console": "shell",
    "cs": "c#",
    "docker": "docker",
    "erl": "erlang",
    "ex": "elixir",
    "f#": "f#",
    "golang": "go",
    "gql": "graphql",
    "hs": "haskell",
    "htm": "html",
    "js": "javascript",
    "json5": "json",
    "jsonc": "json",
    "jsx": "javascript",
    "kt": "kotlin",
    "make": "makefile",
    "md": "markdown",
    "ml": "ocaml",
    "node": "javascript",
    "objective-c": "objective-c",
    "patch": "diff",
    "pl": "perl",
    "plaintext": "plain text",
    "proto": "protobuf",
    "ps1": "powershell",
    "py": "python",
    "py3": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "shell",
    "sol": "solidity",
    "svg": "xml",
    "terraform": "hcl",
    "tex": "latex",
    "text": "plain text",
    "tf": "hcl",
    "ts": "typescript",
    "tsx": "typescript",
    "txt": "plain text",
    "vb.net": "vb.net",
    "wasm": "webassembly",
    "yml": "yaml",
    "zsh": "shell",
}
_BY_INFO = {_INFO.get(name, name): name for name in LANGUAGES} | dict(_ALIASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a repository may decide about its Markdown.

    Attributes:
        max_heading: The deepest heading Notion gets; 3 for workspaces without `heading_4`.
        emoji_quotes: Read a quote that starts with an emoji as a callout.
        alerts: GitHub's alerts and the callouts that they stand for.
    """

    max_heading: int = 4
    emoji_quotes: bool = False
    alerts: Mapping[str, tuple[str, str]] = field(default_factory=lambda: ALERTS)


def language(info: str) -> str:
    """Return Notion's language for an info string; `plain text` for what Notion does not know.

    >>> language("c++ title=x"), language("nonsense")
    ('c++', 'plain text')
    """
    word = info.split(maxsplit=1)[0].lower() if info.strip() else ""
    return _BY_INFO.get(word, "plain text")


def info_string(name: str) -> str:
    """Return the info string that GitHub highlights, one for each language: `language(info_string(x)) == x`."""
    return _INFO.get(name, name)


def attr_color(color: str) -> str:
    """Return a colour as comments and `<span color>` spell it: `red_bg` for `red_background`."""
    return color.replace("_background", "_bg")


def api_color(color: str) -> str:
    """Undo `attr_color`."""
    return color.replace("_bg", "_background") if color.endswith("_bg") else color


COLORS = frozenset(
    name + tail
    for name in ("default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
    for tail in ("", "_background")
)
"""Colours of blocks and runs (`ApiColor`)."""
