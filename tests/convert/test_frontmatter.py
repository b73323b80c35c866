"""Front matter keeps its bytes."""

from __future__ import annotations

from itertools import combinations

import frontmatter
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from notionsync.convert.frontmatter import REMOVE, AnswerHandler, FrontMatter, join, split, with_values
from notionsync.errors import ContentError
from notionsync.model import FieldValue

FILE = """---
# yaml-language-server: $schema=../schemas/answer.schema.json
notion_id: 38c9ce7b60a481d29260b2f4f0f3a111
question: 'Why "1x1"?'   # the title
order: 0123
due:   12:30
tags:
  # architectures
  - CNN # good
  - RNN

note: |  # for us
  first
  second

plain: no
last: {k: v,  z: w}
---
---
A body that begins with a rule.
---
"""


def changed(text: str, key: str, value: FieldValue) -> str:
    """Return a file with one key set."""
    return join(with_values(split(text.encode()), {key: value})).decode()


# --- split and join ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "head", "body"),
    [
        (b"", None, b""),
        (b"text", None, b"text"),
        (b"---\na: 1\n---\nbody", b"a: 1\n", b"body"),
        (b"---\na: 1\n---", b"a: 1\n", b""),
        (b"---\n---\n", b"", b""),
        (b"---\n# only a note\n\n---\n", b"# only a note\n\n", b""),
        (b"\xef\xbb\xbf---\r\na: 1\r\n---\r\nbody\r\n", b"a: 1\r\n", b"body\r\n"),
        (b"---  \na: 1\r\n---\t\nbody", b"a: 1\r\n", b"body"),
        (b"---\ra: 1\r---\rbody", b"a: 1\r", b"body"),
        (b"---\na: 1\n---\n---\nrule\n---\n", b"a: 1\n", b"---\nrule\n---\n"),
        (b"---\nJust text.\n---\nmore", None, b"---\nJust text.\n---\nmore"),
        (b"---\n- a\n- b\n---\n", None, b"---\n- a\n- b\n---\n"),
        (b"---\n* not YAML\n---\n", None, b"---\n* not YAML\n---\n"),
        (b"---\na: 1\n", None, b"---\na: 1\n"),
        (b"----\na: 1\n----\n", None, b"----\na: 1\n----\n"),
        (b"\n---\na: 1\n---\n", None, b"\n---\na: 1\n---\n"),
        (b" ---\na: 1\n---\n", None, b" ---\na: 1\n---\n"),
        (b'---\n{"a": 1}\n---\n', b'{"a": 1}\n', b""),
    ],
)
def test_split_finds_front_matter(data: bytes, head: bytes | None, body: bytes) -> None:
    """Front matter is a mapping between two fences at the very top; all else is body, and no byte is lost."""
    parts = split(data)
    assert (parts.head, parts.body) == (head, body)
    assert join(parts) == data


@given(
    st.lists(
        st.sampled_from(
            ["---", "--- ", "a: 1", "- x", "text", "", "\ufeff", "{", "a: [", "\n", "\r\n", "\r", "# c", "é"]
        )
    )
)
def test_join_undoes_split(pieces: list[str]) -> None:
    """Whatever the file, taking it apart and putting it together changes nothing."""
    data = "".join(pieces).encode()
    assert join(split(data)) == data


@given(st.binary())
def test_join_undoes_split_of_any_bytes(data: bytes) -> None:
    """Bytes that are UTF-8 come back; others are refused with a line."""
    try:
        data.decode()
    except UnicodeDecodeError:
        with pytest.raises(ContentError, match="UTF-8"):
            split(data)
    else:
        assert join(split(data)) == data


def test_utf16_is_refused() -> None:
    """A file in another encoding is never guessed at: the line of the first wrong byte is named."""
    with pytest.raises(ContentError) as caught:
        split(b"fine\nfine\r\n\xff\xfeh\x00")
    assert caught.value.line == 3


def test_body_line() -> None:
    """Lines of a body can be named by their number in the file."""
    assert split(b"---\r\na: 1\r\n---\r\nbody").body_line == 4
    assert split(b"body").body_line == 1


# --- values ------------------------------------------------------------------------------------------------------------


def test_values_are_what_a_person_typed() -> None:
    """Dates, times, octals and `no` stay text, numbers and truth values are YAML 1.2's, lists are texts."""
    head = (
        "a: 2026-07-01\nb: 12:30\nc: 0123\nd: no\ne: 12\nf: 1.50\ng: true\nh:\ni: ~\nj: [1, x, ~, '']\n"
        "k: &k hi\nl: *k\nm: !!str 3\nn: 2026-07-01T10:00+09:00\no: '12'\np: |\n  x\n  y\nq: 1e3\nr: .inf\n"
        "s: {deep: [er]}\nt: 1_000\n"
    )
    values = split(f"---\n{head}---\n".encode()).values()
    assert list(values.values()) == [
        *("2026-07-01", "12:30", "0123", "no", 12, 1.5, True, None, None, ("1", "x", "")),
        *("hi", "hi", "3", "2026-07-01T10:00+09:00", "12", "x\ny\n", 1000.0, ".inf"),
        *("{deep: [er]}", "1_000"),
    ]
    assert values["g"] is True


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\na: 1\nb: [\n---\n", 4),
        ("---\na: 1\nb: 2\r\na: 3\n---\n", 4),
        ("---\na: 1\nb: *nothing\n---\n", 3),
        ("---\na: 1\n? [x]\n: 2\n---\n", 3),
        ("---\na: 1\nb: \x07\n---\n", 3),
        ("---\na: 1\n--- b\n---\n", 3),
        ("---\na: b: c\n---\n", 2),
    ],
)
def test_broken_yaml_names_the_line(text: str, line: int) -> None:
    """Broken YAML, a key that is there twice, and keys that are no text are refused with their line in the file."""
    with pytest.raises(ContentError) as caught:
        split(text.encode()).values()
    assert caught.value.line == line


def test_broken_yaml_says_how_to_mend_it() -> None:
    """A tab where spaces belong gets advice, not only the parser's words."""
    with pytest.raises(ContentError) as caught:
        split(b"---\na:\n\t- b\n---\n").values()
    assert "spaces instead of tabs" in caught.value.advice


def test_duplicate_key_says_where_the_first_is() -> None:
    """The message names the key and its other line."""
    with pytest.raises(ContentError, match='"a" is there twice, first on line 2'):
        split(b"---\na: 1\na: 2\n---\n").values()


def test_line_of_a_key() -> None:
    """A key can be named by its line in the file."""
    parts = split(FILE.encode())
    assert (parts.line("notion_id"), parts.line("tags"), parts.line("nothing")) == (3, 7, 0)


# --- with_values -------------------------------------------------------------------------------------------------------


def test_equal_values_change_nothing() -> None:
    """Setting what is there already returns the same bytes, whatever their spelling."""
    parts = split(FILE.encode())
    assert join(with_values(parts, parts.values())) == FILE.encode()


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("question", "It's: fine", "'Why \"1x1\"?'", "'It''s: fine'"),
        ("order", 7, "order: 0123", "order: 7"),
        ("due", "2026-07-01/2026-07-03", "due:   12:30", "due:   2026-07-01/2026-07-03"),
        ("due", None, "due:   12:30", "due:"),
        ("tags", ("CNN", "RNN", "a: b"), "  - RNN\n", '  - RNN\n  - "a: b"\n'),
        ("tags", ("RNN",), "  # architectures\n  - CNN # good\n  - RNN", "  # architectures\n  - RNN"),
        ("tags", (), "tags:\n  # architectures\n  - CNN # good\n  - RNN", "tags: []"),
        ("tags", "x", "tags:\n  # architectures\n  - CNN # good\n  - RNN", "tags: x"),
        ("note", "a\nb\n", "  first\n  second\n", "  a\n  b\n"),
        ("note", "one", "|  # for us\n  first\n  second\n", "|-  # for us\n  one\n"),
        ("note", "bell\x07", "|  # for us\n  first\n  second\n", '"bell\\u0007"  # for us\n'),
        ("note", ("a",), "|  # for us\n  first\n  second\n", "[a]  # for us\n"),
        ("plain", "yes", "plain: no", 'plain: "yes"'),
        ("plain", True, "plain: no", "plain: true"),
        ("last", "v", "{k: v,  z: w}", "v"),
        ("last", "a\n\n b", "last: {k: v,  z: w}", "last: |-\n  a\n\n   b"),
    ],
)
def test_only_the_lines_of_the_key_change(key: str, value: FieldValue, old: str, new: str) -> None:
    """A new value takes the place of the old one, in its style where it can; comments stay; all else is untouched."""
    assert FILE.count(old) == 1
    out = changed(FILE, key, value)
    assert out == FILE.replace(old, new)
    assert split(out.encode()).values()[key] == value


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ("1x1 Convolution layer를 사용하는 이유는 무엇일까요?", "1x1 Convolution layer를 사용하는 이유는 무엇일까요?"),
        ("a: b", '"a: b"'),
        ("C# or C++", "C# or C++"),
        ("a #b", '"a #b"'),
        ('say "hi"', 'say "hi"'),
        ('"quoted"', "'\"quoted\"'"),
        ("@kim", '"@kim"'),
        ("- x", '"- x"'),
        ("12", '"12"'),
        ("0123", '"0123"'),
        ("no", '"no"'),
        ("true", '"true"'),
        ("", '""'),
        (" x", '" x"'),
        ("2026-07-01T10:00+09:00", "2026-07-01T10:00+09:00"),
        ("a\tb", '"a\\tb"'),
        ("back\\slash", "back\\slash"),
        ("\u202eright to left", '"\\u202eright to left"'),
        ("\U0001f4a1", "\U0001f4a1"),
        (("CNN", "a, b", "{x}"), '[CNN, "a, b", "{x}"]'),
        (1e16, "1e+16"),
        (-3, "-3"),
        (None, ""),
    ],
)
def test_new_values_are_quoted_only_when_needed(value: FieldValue, spelled: str) -> None:
    """A reader sees plain text; quotes come where YAML, or an older reader of YAML, would see something else."""
    assert changed("---\na: x\n---\n", "k", value) == f"---\na: x\nk: {spelled}".rstrip() + "\n---\n"


def test_front_matter_is_created() -> None:
    """A file without front matter gets one with its own line ends, behind its byte order mark; the id leads."""
    parts = split("\ufeff---\r\nrule first\r\n".encode())
    out = join(
        with_values(parts, {"question": "Why?", "tags": ("a",), "notion_id": "38c9ce7b60a481d29260b2f4f0f3a111"})
    )
    assert out.decode() == (
        "\ufeff---\r\nnotion_id: 38c9ce7b60a481d29260b2f4f0f3a111\r\nquestion: Why?\r\ntags: [a]\r\n---\r\n---\r\nrule first\r\n"
    )


def test_front_matter_is_not_created_for_nothing() -> None:
    """Taking keys out of a file without front matter, or setting none, leaves it alone."""
    parts = split(b"text")
    assert with_values(parts, {"a": REMOVE}) == parts


def test_keys_of_the_library_can_be_set() -> None:
    """`content` and `handler` are keys like any other, though the library's Post takes them as arguments."""
    made = with_values(split(b"text"), {"content": "x", "handler": "y"})
    assert made.values() == {"content": "x", "handler": "y"}


def test_new_keys_keep_the_given_order() -> None:
    """A new key follows the nearest earlier one that is there; the id comes before all."""
    parts = split(b"---\nstatus: x\nlayout: post\n---\n")
    order = ("question", "order", "status", "tags")
    made = with_values(parts, {"tags": ("a",), "order": 1, "question": "q", "notion_id": "i"}, order=order)
    assert (made.head or b"").decode().splitlines() == [
        "notion_id: i",
        "question: q",
        "order: 1",
        "status: x",
        "tags: [a]",
        "layout: post",
    ]


def test_removed_keys_take_their_lines() -> None:
    """Taking a key out takes the lines of its value and nothing else."""
    made = join(with_values(split(FILE.encode()), {"tags": REMOVE, "note": REMOVE, "nothing": REMOVE})).decode()
    gone = "tags:\n  # architectures\n  - CNN # good\n  - RNN\n", "note: |  # for us\n  first\n  second\n"
    assert made == FILE.replace(gone[0], "").replace(gone[1], "")


def test_an_anchor_moves_to_the_first_that_refers_to_it() -> None:
    """Changing or removing an anchored value leaves what others say as it was."""
    text = "---\na: &x one\nb: *x\nc: [*x, y]\n---\n"
    assert changed(text, "a", "two") == '---\na: two\nb: &x "one"\nc: [*x, y]\n---\n'
    removed = with_values(split(text.encode()), {"a": REMOVE})
    assert removed.values() == {"b": "one", "c": ("one", "y")}
    assert changed(text, "b", "two") == "---\na: &x one\nb: two\nc: [*x, y]\n---\n"


def test_a_nested_anchor_in_use_is_refused() -> None:
    """What cannot be moved safely is refused, not guessed."""
    with pytest.raises(ContentError, match="anchor"):
        changed("---\na: &x {k: v}\nb: *x\n---\n", "a", "two")


def test_blank_lines_do_not_become_a_neighbours() -> None:
    """A block scalar does not get the blank lines, or the comment, behind a key that is taken out."""
    parts = split(b"---\na: |+\n  keep\n\nb: x\n\nc: y\n---\n")
    assert with_values(parts, {"b": REMOVE}).head == b"a: |+\n  keep\n\nc: y\n"
    parts = split(b"---\na: |\n  one\nb: x\n  # note\nc: y\n---\n")
    assert with_values(parts, {"b": REMOVE}).head == b"a: |\n  one\nc: y\n"


def test_flow_mapping() -> None:
    """Front matter written like JSON stays so."""
    text = '---\n{"a": 1, "b": [x], "c": "z"}\n---\n'
    assert changed(text, "b", "t") == '---\n{"a": 1, "b": "t", "c": "z"}\n---\n'
    assert changed(text, "d", "t") == '---\n{"a": 1, "b": [x], "c": "z", "d": "t"}\n---\n'
    assert join(with_values(split(text.encode()), {"c": REMOVE})) == b'---\n{"a": 1, "b": [x]}\n---\n'


def test_a_broken_file_is_not_changed() -> None:
    """Broken front matter is refused with its line, not repaired."""
    with pytest.raises(ContentError) as caught:
        with_values(split(b"---\na: 1\na: 2\n---\n"), {"b": 1})
    assert caught.value.line == 3


# --- the port ----------------------------------------------------------------------------------------------------------


def test_the_library_accepts_the_port() -> None:
    """python-frontmatter itself reads and writes through the port."""
    handler = AnswerHandler()
    post = frontmatter.loads("---\na: 0123\nb: [x]\n---\nbody", handler=handler)
    assert (post.metadata, post.content) == ({"a": "0123", "b": ("x",)}, "body")
    assert frontmatter.dumps(post, handler=handler) == '---\na: "0123"\nb: [x]\n---\nbody'
    assert handler.detect("---\na: 1\n---\n")
    assert not handler.detect("---\ntext\n---\n")
    assert handler.split("---\ntext\n---\n") == ("", "---\ntext\n---\n")


# --- laws --------------------------------------------------------------------------------------------------------------

scalars = st.sampled_from(
    ["x", "'a''b'", '"q\\t"', "12", "0123", "~", "", "no", "2026-07-01", "it's", "a b c", "한국어", "*r", "!!str 5"]
)
comments = st.sampled_from(["", " # c", "   # 메모: x"])
blocks = st.sampled_from(
    [
        " |\n  one\n\n  two\n",
        " >-  # folded\n  one\n  two\n",
        " |+\n  keep\n\n",
        "\n- a\n-   b # c\n# d\n- 'c'\n",
        "\n    - a\n\n    - b\n",
        "\n  k: v\n  l:\n  - deep\n",
        " [a,\n  b] # c\n",
        " long text\n  goes on # c\n",
        "\n  below\n",
        " {k: v,  z: w}\n",
        " [ ]\n",
    ]
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text("ab:# -'\"\\\n[]{},|>&*!%@`?~0.1\r\t\x00\x85\u2028\ufeff", max_size=12),
    st.lists(st.text("ab:# -'\"\n[]{},|>&*!\x07한", max_size=6), max_size=4).map(tuple),
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """YAML mappings as people write them, with comments, blank lines, anchors and every style of value."""
    anchored = draw(st.booleans())
    lines = ["r: &r anchored # kept\n"] if anchored else []
    for key in draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)):
        lines += draw(st.lists(st.sampled_from(["\n", "# note\n", "  # note: x\n"]), max_size=2))
        if draw(st.booleans()):
            scalar = draw(scalars.filter(lambda s: anchored or s != "*r"))
            lines.append(f"{key}: {scalar}{draw(comments)}\n")
        else:
            lines.append(f"{key}:{draw(blocks)}")
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    return "".join(lines).replace("\n", eol)


def owned(text: str, parts: FrontMatter, key: str) -> tuple[str, str]:
    """Return what stands before a key's line and behind its value's lines, found without the code under test."""
    lines = text.splitlines(keepends=True)
    mapping = YAML(typ="rt").compose(text)
    starts = sorted(node.start_mark.line for node, _ in mapping.value)
    start = parts.line(key) - 2
    behind = [line for line in starts if line > start]
    return "".join(lines[:start]), "".join(lines[behind[0] :]) if behind else ""


@given(documents(), st.sampled_from("abcdefgh"), values)
def test_one_change_leaves_all_other_lines(head: str, key: str, value: FieldValue) -> None:
    """Law: whatever the document and the value, the value arrives, and every line of other keys keeps its bytes."""
    text = f"---\n{head}---\nbody"
    parts = split(text.encode())
    before = parts.values()
    made = with_values(parts, {key: value})
    assert made.values() == {**before, key: value}
    assert (made.body, made.opening, made.closing) == (parts.body, parts.opening, parts.closing)
    out = (made.head or b"").decode()
    if key in before:
        front, behind = owned(head, parts, key)
        assert out.startswith(front)
        assert out.endswith(behind)
    else:
        assert all(line in out.splitlines(keepends=True) for line in head.splitlines(keepends=True))


@given(documents(), st.sampled_from("abcdefgh"))
def test_a_removed_key_leaves_all_other_lines(head: str, key: str) -> None:
    """Law: taking a key out leaves the values and the lines of all others."""
    parts = split(f"---\n{head}---\n".encode())
    before = parts.values()
    made = with_values(parts, {key: REMOVE})
    assert made.values() == {name: value for name, value in before.items() if name != key}
    if key in before:
        front, behind = owned(head, parts, key)
        assert (made.head or b"").decode().startswith(front)
        assert (made.head or b"").decode().endswith(behind)


@given(st.dictionaries(st.text(min_size=1, max_size=5), values, min_size=1, max_size=5))
def test_any_values_can_be_created(wanted: dict[str, FieldValue]) -> None:
    """Law: any keys and values can be written into a file without front matter, and are read back."""
    made = with_values(split(b"body\n"), wanted)
    assert made.values() == wanted
    assert made.body == b"body\n"


def test_changes_do_not_depend_on_their_number() -> None:
    """Setting two keys at once is setting one after the other."""
    changes: dict[str, FieldValue] = {"question": "q", "order": 3, "tags": ("CNN",), "note": "n\n"}
    for one, two in combinations(changes, 2):
        parts = split(FILE.encode())
        together = with_values(parts, {one: changes[one], two: changes[two]})
        assert with_values(with_values(parts, {two: changes[two]}), {one: changes[one]}) == together
