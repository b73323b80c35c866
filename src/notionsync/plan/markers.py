"""Conflict markers in a file, around the conflicting blocks only, for a person to settle in an editor."""

from __future__ import annotations

from collections.abc import Sequence

from notionsync.convert import parse, render
from notionsync.convert.splice import splice
from notionsync.model import Body, Document, Links, Node
from notionsync.plan.merge import BodyMerge, Clash

LOCAL, BASE, MIDDLE, NOTION = "<<<<<<< local", "||||||| base", "=======", ">>>>>>> notion"


def mark(document: Document, merge: BodyMerge, links: Links) -> str:
    """Return a body with everything merged that can be, and the three versions of each conflict between markers.

    Args:
        document: The file's body.
        merge: Its merge with what Notion holds.
        links: How addresses in the file are written.
    """
    text = splice(document, merge.body, links=links).text
    nodes = parse(text, links=links).nodes
    eol = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += eol
    for clash in sorted(merge.conflicts, key=lambda c: _place(nodes, c), reverse=True):
        start, stop = _place(nodes, clash)
        indent = _indent(lines, nodes, clash, start)
        lines[start:stop] = [
            f"{indent}{LOCAL}{eol}",
            *lines[start:stop],
            f"{indent}{BASE}{eol}",
            *_rendered(clash.base, indent, eol, links),
            f"{indent}{MIDDLE}{eol}",
            *_rendered(clash.remote, indent, eol, links),
            f"{indent}{NOTION}{eol}",
        ]
    return "".join(lines)


def has_markers(text: str) -> bool:
    """Tell whether a body still holds a conflict that was written into it for a person to settle.

    Only a complete set of our own labelled lines counts: a text about git may show bare ones.
    """
    lines = {line.strip() for line in text.splitlines()}
    return {LOCAL, BASE, MIDDLE, NOTION} <= lines


def _siblings(nodes: Sequence[Node], clash: Clash) -> tuple[Sequence[Node], Node | None]:
    """Return the nodes among which a clash lies, and the node above them."""
    parent = None
    for position in clash.path:
        if position >= len(nodes) or not nodes[position].children:
            return (), nodes[position] if position < len(nodes) else parent
        parent = nodes[position]
        nodes = parent.children
    return nodes, parent


def _place(nodes: Sequence[Node], clash: Clash) -> tuple[int, int]:
    """Return the lines of the local version; where there is none, the line it would stand before, twice."""
    siblings, parent = _siblings(nodes, clash)
    stretch = siblings[clash.start : clash.start + len(clash.local)]
    if stretch:
        return stretch[0].span.start, stretch[-1].span.stop
    if clash.local and parent is not None:  # its lines cannot be told from its parent's
        return parent.span.start, parent.span.stop
    if clash.start < len(siblings):
        line = siblings[clash.start].span.start
    elif siblings:
        line = siblings[-1].span.stop
    else:
        line = parent.span.stop if parent is not None else 0
    return line, line


def _indent(lines: Sequence[str], nodes: Sequence[Node], clash: Clash, start: int) -> str:
    siblings, _ = _siblings(nodes, clash)
    line = siblings[min(clash.start, len(siblings) - 1)].span.start if siblings else start
    text = lines[line] if line < len(lines) else ""
    return text[: len(text) - len(text.lstrip(" \t"))]


def _rendered(body: Body, indent: str, eol: str, links: Links) -> list[str]:
    return [f"{indent}{line}{eol}" if line else eol for line in render(body, links=links).splitlines()]
