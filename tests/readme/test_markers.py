from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from notionsync.errors import MarkerError
from notionsync.readme.markers import check_place, digest, find, replace

NEW = b"# Title\n\n<!-- notionsync:begin questions -->\n<!-- notionsync:end questions -->\n\ntail"
LIST = "1. Why?\n2. How?\n"


def marked(text: str, *, name: str = "questions") -> str:
    """A region whose digest fits."""
    return f"<!-- notionsync:begin {name} -->\n{text}<!-- notionsync:end {name} {digest(text)} -->\n"


def test_fills_a_new_region_and_leaves_the_rest() -> None:
    """A pair of bare markers is a new region: the text goes between, the end marker gets the digest."""
    after = replace("README.md", NEW, {"questions": LIST})
    assert after == b"# Title\n\n" + marked(LIST).encode() + b"\ntail"


def test_the_same_text_gives_the_same_bytes() -> None:
    """Filling twice is filling once."""
    after = replace("README.md", NEW, {"questions": LIST})
    assert replace("README.md", after, {"questions": LIST}) == after


def test_keeps_byte_order_mark_line_ends_indentation_and_missing_newline() -> None:
    """A CRLF file with a BOM, an indented region and no final newline stays one."""
    before = "\ufeff- Topic\r\n  <!-- notionsync:begin q -->\r\n  <!-- notionsync:end q -->".encode()
    after = replace("a.md", before, {"q": "- One\n- Two\n"})
    body = "  - One\n  - Two\n"
    assert after.decode() == (
        "\ufeff- Topic\r\n  <!-- notionsync:begin q -->\r\n  - One\r\n  - Two\r\n"
        f"  <!-- notionsync:end q {digest(body)} -->"
    )


def test_a_byte_order_mark_before_a_marker_is_not_in_its_way() -> None:
    """The very first line may be a marker."""
    data = "\ufeff<!-- notionsync:begin q -->\n<!-- notionsync:end q -->\n".encode()
    assert replace("a.md", data, {"q": "x\n"}).decode() == "\ufeff" + marked("x\n", name="q")


def test_other_line_ends_are_no_edit() -> None:
    """A checkout that turned LF into CRLF can be rebuilt without force."""
    crlf = (marked(LIST)).replace("\n", "\r\n").encode()
    assert replace("README.md", crlf, {"questions": LIST}) == crlf
    assert b"1. New?\r\n" in replace("README.md", crlf, {"questions": "1. New?\n"})


def test_an_edit_by_hand_is_refused_unless_forced() -> None:
    """Text that does not fit its digest is somebody's work."""
    edited = marked(LIST).replace("Why?", "Why not?").encode()
    with pytest.raises(
        MarkerError, match=r'^README\.md:1: the text of the region "questions" was edited by hand'
    ) as caught:
        replace("README.md", edited, {"questions": "1. Other\n"})
    assert "--force" in caught.value.advice
    assert replace("README.md", edited, {"questions": LIST}, force=True) == marked(LIST).encode()


def test_text_without_a_digest_counts_as_written_by_hand() -> None:
    """Markers put around an existing list do not give it up."""
    by_hand = b"<!-- notionsync:begin questions -->\n1. Mine\n<!-- notionsync:end questions -->\n"
    with pytest.raises(MarkerError, match="edited by hand"):
        replace("README.md", by_hand, {"questions": LIST})


def test_a_hand_edit_that_says_what_would_be_written_is_welcome() -> None:
    """Nothing is lost by keeping it, so it is only signed."""
    by_hand = f"<!-- notionsync:begin questions -->\n{LIST}<!-- notionsync:end questions 0123456789abcdef -->\n"
    assert replace("README.md", by_hand.encode(), {"questions": LIST}) == marked(LIST).encode()


def test_several_regions_in_one_file() -> None:
    """Each region gets its own text; one that is not named stays as it is."""
    data = (marked("a\n", name="one") + "between\n" + marked("b\n", name="two")).encode()
    after = replace("README.md", data, {"two": "c\nd\n"})
    assert after.decode() == marked("a\n", name="one") + "between\n" + marked("c\nd\n", name="two")


@pytest.mark.parametrize(
    "text",
    [
        "```\n<!-- notionsync:begin q -->\n```\n",
        "~~~html\n<!-- notionsync:end q -->\n~~~\n",
        "para\n\n    <!-- notionsync:begin q -->\n",
        "Write `<!-- notionsync:begin q -->` on a line.\n",
        "text <!-- notionsync:begin q -->\n",
    ],
)
def test_markers_in_code_or_in_running_text_do_not_count(text: str) -> None:
    """A README that explains the markers is not a region."""
    assert find("README.md", text.encode()) == ()


BEGIN, END = "<!-- notionsync:begin q -->\n", "<!-- notionsync:end q -->\n"
OTHER_BEGIN, OTHER_END = "<!-- notionsync:begin r -->\n", "<!-- notionsync:end r -->\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"x\n{BEGIN}", 'a.md:2: the begin marker of "q" has no end marker'),
        (f"x\n{END}", 'a.md:2: the end marker of "q" has no begin marker before it'),
        (f"{END}{BEGIN}", 'a.md:1: the end marker of "q" has no begin marker before it'),
        (f"{BEGIN}{END}{BEGIN}{END}", 'a.md:3: the region "q" is there twice, first in line 1'),
        (f"{BEGIN}{BEGIN}{END}", 'a.md:2: a second begin marker of "q", the first is in line 1'),
        (f"{BEGIN}{END}{END}", 'a.md:3: a second end marker of "q"'),
        (f"{BEGIN}{OTHER_BEGIN}{OTHER_END}{END}", 'a.md:2: the region "r" begins inside "q" (line 1)'),
        (f"{BEGIN}{OTHER_END}", 'a.md:2: the end of "r" stands inside "q" (line 1)'),
        ("<!-- notionsync:beginn q -->\n", "a.md:1: not a marker that notionsync knows: <!-- notionsync:beginn q -->"),
        ("<!-- notionsync:begin q --> text\n", "a.md:1: not a marker that notionsync knows"),
    ],
)
def test_wrong_markers_are_named_with_file_and_line(text: str, message: str) -> None:
    """Missing, doubled, nested, crossed, reversed or misspelt: the file is not touched and the line is named."""
    with pytest.raises(MarkerError) as caught:
        find("a.md", text.encode())
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == 2


def test_an_unknown_name_is_refused_with_the_nearest_known() -> None:
    """A typing mistake in a name does not look like a new region."""
    with pytest.raises(MarkerError, match=r'^a\.md:1: no region of this file is called "quesions"') as caught:
        find("a.md", marked("", name="quesions").encode(), known=["questions"])
    assert caught.value.advice == 'did you mean "questions"?'


def test_a_region_without_markers_is_refused() -> None:
    """Nothing is ever appended by guess."""
    with pytest.raises(MarkerError, match=r'^a\.md: has no markers for the region "q"'):
        replace("a.md", b"# Title\n", {"q": "x\n"})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("# Título\n".encode("utf-16"), "a.md: is UTF-16, not UTF-8"),
        (b"# ok\nT\xedtulo\n", "a.md:2: is not UTF-8"),
    ],
)
def test_other_encodings_are_refused(data: bytes, message: str) -> None:
    """Bytes that are not UTF-8 are never decoded by guess."""
    with pytest.raises(MarkerError) as caught:
        find("a.md", data)
    assert str(caught.value) == message


LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20)
EOL = st.sampled_from(["\n", "\r\n", "\r"])
OUTSIDE = st.lists(st.tuples(LINE.filter(lambda line: "notionsync" not in line and "<" not in line), EOL), max_size=6)


@settings(deadline=None)
@given(before=OUTSIDE, after=OUTSIDE, eol=EOL, body=st.lists(LINE, max_size=4))
def test_everything_outside_stays_byte_for_byte(
    before: list[tuple[str, str]], after: list[tuple[str, str]], eol: str, body: list[str]
) -> None:
    """Whatever stands around a region, in whatever line ends, is the same bytes afterwards; a second fill adds nothing."""
    prefix = "".join(line + end for line, end in before) + "\n"
    suffix = "".join(line + end for line, end in after)
    assume(not any("```" in line or "~~~" in line for line, _ in before))
    data = f"{prefix}<!-- notionsync:begin q -->{eol}<!-- notionsync:end q -->{eol}{suffix}".encode()
    text = "".join(f"- {line}\n" for line in body if "notionsync" not in line)
    filled = replace("a.md", data, {"q": text})
    assert filled.startswith(f"{prefix}<!-- notionsync:begin q -->{eol}".encode())
    assert filled.endswith(f"-->{eol}{suffix}".encode())
    assert replace("a.md", filled, {"q": text}) == filled


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<details><summary>Q</summary>\n{}</details>\n", 2),
        ("x\n\n<pre>\n\n{}</pre>\n", 5),
        ("<!--\nan example\n{}-->\n", 3),
        ("<details><summary>Q</summary>\n\n{}\n</details>\n", 0),
        ("words\n{}- more\n", 0),
        ("<br>\n\n- item\n\n  {}", 0),
    ],
)
def test_markdown_inside_html_is_refused(text: str, line: int) -> None:
    """GitHub would show the list as it is typed; a blank line ends the HTML. HTML in HTML is fine."""
    if not line:
        check_place("README.md", text.format(marked(LIST)).encode())
        return
    with pytest.raises(MarkerError, match=rf"README\.md:{line}: the region \"questions\" stands inside HTML") as caught:
        check_place("README.md", text.format(marked(LIST)).encode())
    assert "a blank line before the begin marker" in caught.value.advice
    check_place("README.md", text.format(marked("<ul>\n<li>Why?</li>\n</ul>\n")).encode())
