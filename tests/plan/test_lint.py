from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from notionsync.model import FieldValue, Property
from notionsync.plan.lint import Address, copies, fix, look

ID = "38c9ce7b60a481d29260b2f4f0f3a111"
PROPERTIES = {
    "due": Property(id="d", name="Due", type="date"),
    "made": Property(id="m", name="Made", type="created_time"),
}


def nothing(values: Mapping[str, FieldValue]) -> Iterable[tuple[str, str]]:  # noqa: ARG001
    """Find no fault with front matter."""
    return ()


def found(text: str | bytes) -> list[tuple[int, str]]:
    """Return line and code of everything that is found in a file."""
    data = text.encode() if isinstance(text, str) else text
    return [(one.line, one.code) for one in look("answers/A.md", data, PROPERTIES, nothing).findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\nquestion: Why?\n---\n\ntext\n", []),
        ("text\n", [(1, "NS-FRONT-MATTER")]),
        ("---\nquestion: Why?\ntags: [a\n---\n", [(4, "NS-FRONT-MATTER")]),
        ("---\nquestion: a\nquestion: b\n---\n", [(3, "NS-FRONT-MATTER")]),
        ("---\nquestion: a\nnotion_id: 123\n---\n", [(3, "NS-ID")]),
        (f"---\nquestion: a\nnotion_id: {ID}\n---\n", []),
        ("---\nquestion: a\ndue: 2026-13-01\n---\n", [(3, "NS-FRONT-MATTER")]),
        ("---\nquestion: a\nmade: whatever\n---\n", []),
        (b"---\nquestion: \xff\n---\n", [(2, "NS-ENCODING")]),
        ("---\nquestion: a\n---\n\n" + "> " * 120 + "deep\n", [(5, "NS-BODY")]),
        ("---\nquestion: a\n---\n\n**한(x)**은\n", [(5, "NS-CJK-BOLD")]),
        ("\ufeff---\r\nquestion: a\r\n---\r\n\r\n- A1.\r\n", [(5, "NS-STUB")]),
    ],
)
def test_each_finding_names_the_line_of_the_file(text: str | bytes, expected: list[tuple[int, str]]) -> None:
    """Lines count from the top of the file, fences, BOM and line ends of any kind included."""
    assert found(text) == expected


OURS = "<<<<<<< local\nmine\n||||||| base\nwas\n=======\ntheirs\n>>>>>>> notion\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"---\nquestion: a\n---\n\n{OURS}", 5),
        ("---\n<<<<<<< HEAD\nquestion: a\n=======\nquestion: b\n>>>>>>> other\n---\n", 2),
        (f"---\nquestion: a\n---\n\n- one\n  {OURS.replace(chr(10), chr(10) + '  ')}\n", 6),
    ],
)
def test_a_conflict_is_found_where_it_begins(text: str, line: int) -> None:
    """Markers of ours and of git's, in the body, in a list and in front matter, stop a file from being taken for good."""
    assert (line, "NS-CONFLICT") in found(text)


@pytest.mark.parametrize("body", ["Title\n=======\n", "<<<<<<<\n=======\n>>>>>>>\n", "<<<<<<< HEAD\nalone\n"])
def test_a_text_about_git_is_no_conflict(body: str) -> None:
    """A setext heading, bare markers and a lone one are text."""
    assert "NS-CONFLICT" not in [code for _, code in found(f"---\nquestion: a\n---\n\n{body}")]


def test_what_a_schema_says_stands_at_the_key() -> None:
    """The validator names a key; the finding names its line; the id is left to what is said of ids."""

    def wrong(values: Mapping[str, FieldValue]) -> Iterable[tuple[str, str]]:
        assert values["tags"] == ("a", "b")
        return [("tags", "tags: no"), ("", "no question"), ("notion_id", "twice")]

    data = b"---\nnotion_id: 1\norder: 1\ntags: [a, b]\n---\n"
    findings = look("answers/A.md", data, {}, wrong).findings
    assert [(one.line, one.message) for one in findings if one.code == "NS-FRONT-MATTER"] == [
        (1, "no question"),
        (4, "tags: no"),
    ]


def test_addresses_come_with_their_lines() -> None:
    """The line is where a reader finds the address: not in code, and of a definition where it is defined."""
    body = "```\ni.png B.md\n```\n\n![](i.png)\n\n![](j.png) and [b](B.md)\n\n[c]\n\n[c]: C.md\n"
    looked = look("answers/A.md", f"---\nquestion: a\n---\n{body}".encode(), {}, nothing)
    assert set(looked.addresses) == {
        Address("i.png", "link", 8),
        Address("i.png", "media", 8),
        Address("j.png", "link", 10),
        Address("B.md", "link", 10),
        Address("C.md", "link", 14),
    }


def test_fixing_leaves_everything_else() -> None:
    """Front matter, BOM, line ends and the missing final newline keep their bytes."""
    data = "\ufeff---\r\nquestion: '**한(x)**은'  # note\r\n---\r\n\r\n**한(x)**은\r\n\r\n끝".encode()
    mended, done = fix("answers/A.md", data)
    assert mended == data.replace("\r\n\r\n**한(x)**은".encode(), "\r\n\r\n<strong>한(x)</strong>은".encode())
    assert [(one.line, one.code, one.fixable) for one in done] == [(5, "NS-CJK-BOLD", True)]


def test_copies_name_each_other() -> None:
    """Of two files that name one page, both are found, at the line that names it."""
    findings = list(copies({"a.md": (ID, 2), "b.md": (ID, 3), "c.md": ("f" * 32, 1)}))
    assert [(one.path, one.line) for one in findings] == [("a.md", 2), ("b.md", 3)]
    assert "b.md" in findings[0].message
