"""Which characters of a text Markdown would take for something else, and how to keep it from doing so.

A text is first written as it is; only if it does not read back are its suspicious characters escaped, kind by kind, and
every kind whose escapes turn out not to be needed is dropped again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_UNSAFE = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff"
_PLAIN = rf"[^!$&*:<@\[\\\]_`~|w{_UNSAFE}]*"
_SAFE = re.compile(
    rf"(?=[\s\S]){_PLAIN}(?:(?::(?!//)|!(?!\[)|w(?!ww\.)|(?<=[0-9A-Za-z])_(?=[0-9A-Za-z])|&(?=\s)|<(?=[\s\d=])){_PLAIN})*"
)
_SAFE_START = re.compile(r"(?!#{1,6}(?:\s|\Z)|>|[-+=](?:\s|[-=\s]*\Z)|--|\d{1,9}[.)](?:\s|\Z)|www|\s)")
_SAFE_END = re.compile(r"#|\s")


def is_safe(text: str) -> bool:
    """Tell whether a text, alone in a block, reads as itself whatever block it is; proven for all texts by a test."""
    return (
        _SAFE.fullmatch(text) is not None and _SAFE_START.match(text) is not None and _SAFE_END.match(text[-1]) is None
    )


KINDS: Mapping[str, re.Pattern[str]] = {
    "start": re.compile(
        r"(?m)(?:(?<=^)(?:#(?=#{0,5}(?:[\s]|\Z))|>|[-+](?=[\s]|\Z)|[-=](?=[-=\s]*$))|(?<=^\d)[.)](?=\s|\Z)|#(?=#*\Z))"
    ),
    "star": re.compile(r"\*"),
    "under": re.compile(r"_"),
    "tick": re.compile(r"`"),
    "bracket": re.compile(r"[\[\]]"),
    "angle": re.compile(r"<"),
    "amp": re.compile(r"&(?=#?[0-9A-Za-z])"),
    "tilde": re.compile(r"~"),
    "dollar": re.compile(r"\$"),
    "pipe": re.compile(r"\|"),
    "url": re.compile(r":(?=//)|(?<=www)\."),
    "mail": re.compile(r"(?<=[0-9A-Za-z.+_-])@(?=[0-9A-Za-z_-])"),
}
"""Kinds of suspicious characters: what of them a backslash in front makes harmless (of `mail` an empty comment)."""

_NUMBER = re.compile(r"(?m)^(\d{1,9})([.)])(?=\s|$)")
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~\n]|\Z)")
_EDGES = re.compile(r"(?m)^[^\S\n]+|[^\S\n]+$")
_ALL = re.compile(r"[!-/:-@\[-`{-~]")


def suspicious(text: str) -> frozenset[str]:
    """Return the kinds that occur in a text."""
    found = {kind for kind, pattern in KINDS.items() if pattern.search(text)}
    if _NUMBER.search(text):
        found.add("start")
    return frozenset(found)


def escape(text: str, kinds: frozenset[str], *, first: bool) -> str:
    """Return a text with the given kinds escaped, and backslashes that would escape something.

    Args:
        text: One run's text; line ends are still in it.
        kinds: What to escape.
        first: Whether the text begins a line of its block.
    """
    text = _BACKSLASH.sub(r"\\\\", text)
    for kind in kinds - {"start", "mail"}:
        text = KINDS[kind].sub(r"\\\g<0>", text)
    if "start" in kinds and (first or "\n" in text or text.endswith("#")):
        text = _NUMBER.sub(r"\1\\\2", KINDS["start"].sub(r"\\\g<0>", text))
    if "mail" in kinds:
        text = KINDS["mail"].sub("<!---->@", text)
    return text


def entities(text: str) -> str:
    """Return a text with all punctuation as character references: nothing in it can be Markdown."""
    return _ALL.sub(_entity, KINDS["mail"].sub("<!---->@", text)) if "@" not in text else _with_mail(text)


def _with_mail(text: str) -> str:
    return "<!---->&#64;".join(_ALL.sub(_entity, part) for part in text.split("@"))


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def edges(text: str) -> str:
    """Return a text with the blanks at the ends of its lines as character references, where they would be lost."""
    return _EDGES.sub(
        lambda match: "".join("&nbsp;" if char == "\xa0" else f"&#{ord(char)};" for char in match[0]), text
    )


def html_text(text: str) -> str:
    """Return a text as HTML has it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- flanking --------------------------------------------------------------------------------------------------------


def is_space(char: str) -> bool:
    """Tell whether a character counts as white space beside a delimiter; the edge of a text does."""
    return not char or char.isspace()


def is_punctuation(char: str) -> bool:
    """Tell whether a character counts as punctuation in CommonMark of any age."""
    return bool(char) and unicodedata.category(char)[0] in "PS"


def is_letter(char: str) -> bool:
    """Tell whether a character counts as neither white space nor punctuation in CommonMark of any age.

    cmark-gfm follows 0.29, where symbols such as emoji are no punctuation; since 0.31 they are. What is either, is
    counted as both.
    """
    return bool(char) and not char.isspace() and (unicodedata.category(char)[0] != "P" and char not in "$+<=>^`|~")


def opens(before: str, after: str) -> bool:
    """Tell whether a delimiter run between two characters is left-flanking in every reading."""
    return not is_space(after) and (not is_punctuation(after) or not is_letter(before) or is_space(before))


def closes(before: str, after: str) -> bool:
    """Tell whether a delimiter run between two characters is right-flanking in every reading."""
    return opens(after, before)
