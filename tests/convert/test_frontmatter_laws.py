"""Laws of front matter over YAML as it occurs: nested, folded, quoted, tagged, anchored, with comments everywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode

from notionsync.convert.frontmatter import REMOVE, join, split, with_values
from notionsync.errors import ContentError

KEYS = {
    "plain": "plain",
    "한국어": "한국어",
    "with space": "with space",
    "a.b-c_d": "a.b-c_d",
    "1st": "1st",
    "it's": "it's",
    '"quoted: key"': "quoted: key",
    "'single # key'": "single # key",
    "order": "order",
}
"""How keys are written → what they are."""

words = st.text("abc XYZ0189-_.,;!?()/+=~한글é#:'\"\\@%&*", max_size=14)
double = words.map(lambda text: json.dumps(text, ensure_ascii=False))
single = words.map(lambda text: "'" + text.replace("'", "''") + "'")
bare = st.sampled_from(
    [
        *(
            "word",
            "two words",
            "a:b",
            "http://x.org/#y",
            "C#",
            "it's",
            "0123",
            "12:30",
            "no",
            "yes",
            "null",
            "~",
            "true",
        ),
        *("2026-07-01", "2026-07-01 10:00:00", "1_000", "0x1F", "0o17", "1e3", ".5", "-3", "+12", ".nan", "=", "<<x"),
        *("!!str 12", "!mine x", "한국어 문장", "a - b", "emoji 🎯", "100%"),
    ]
)
scalars = st.one_of(bare, double, single)
comments = st.sampled_from(["", "", " # note", "\t# tab: note", "  #한글", "   "])
own_lines = st.sampled_from(["\n", "# at the margin\n", "  # indented: yes\n", "   \n", "#\n"])


@st.composite
def flows(draw: st.DrawFn, depth: int = 2) -> str:
    """Lists and mappings between brackets, on one line or several."""
    inner = flows(depth - 1) if depth else scalars
    items = draw(st.lists(st.one_of(double, single, st.sampled_from(["x", "1", "no", "a b"]), inner), max_size=3))
    gap = draw(st.sampled_from([", ", ",", " ,  ", ",\n    ", ", # why\n    "]))
    edge = draw(st.sampled_from(["", " ", "\n    "]))
    if draw(st.booleans()):
        return f"[{edge}{gap.join(items)}{edge}]"
    return f"{{{edge}{gap.join(f'k{n}: {item}' for n, item in enumerate(items))}{edge}}}"


@st.composite
def block_scalars(draw: st.DrawFn) -> str:
    """Literal and folded texts, with every way to end and to be indented."""
    indent = draw(st.sampled_from([1, 2, 4]))
    stated = draw(st.booleans())
    sign = draw(st.sampled_from("|>")) + (str(indent) if stated else "") + draw(st.sampled_from(["", "-", "+"]))
    lines = draw(
        st.lists(
            st.sampled_from(["text", "# no comment", "key: value", "- item", "", "  deeper", "'x", "[a"]), max_size=4
        )
    )
    first = [] if stated else ["first"]
    body = "".join(f"{' ' * indent if line else ''}{line}\n" for line in [*first, *lines])
    return f" {sign}{draw(comments)}\n{body}"


@st.composite
def block_lists(draw: st.DrawFn) -> str:
    """Lists of lines, some of them mappings, at any indentation."""
    indent = " " * draw(st.sampled_from([0, 2, 3]))
    out = f"{draw(comments)}\n"
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            out += indent + "# between\n"
        item = draw(
            st.one_of(
                scalars, flows(0), st.just("k: v\n" + indent + "  l: w"), st.just("- nested\n" + indent + "  - x")
            )
        )
        out += f"{indent}-{draw(st.sampled_from([' ', '   ']))}{item}{draw(comments)}\n"
    return out


block_maps = st.sampled_from(["\n  k: v\n  l: [x]\n", " # c\n    k:\n      - deep\n    # last\n    l: |\n      text\n"])
folded = st.sampled_from(
    [" long\n  goes on # c\n", ' "folded \\\n  on"\n', " 'one\n\n  two' # c\n", " >-\n  a\n\n  b\n"]
)


@st.composite
def entries(draw: st.DrawFn, key: str) -> str:
    """One key with a value of any kind."""
    colon = draw(st.sampled_from([":", ":", " :"]))
    kind = draw(st.integers(0, 5))
    if kind <= 1:
        return f"{key}{colon}{draw(st.sampled_from([' ', '   ']))}{draw(scalars)}{draw(comments)}\n"
    if kind == 2:
        return f"{key}{colon} {draw(flows())}{draw(comments)}\n"
    value = draw([block_scalars(), block_lists(), st.one_of(block_maps, folded)][kind - 3])
    return f"{key}{colon}{value}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A mapping with comments and blank lines anywhere between its keys."""
    out = ""
    for key in draw(st.lists(st.sampled_from(sorted(KEYS)), unique=True, min_size=1, max_size=5)):
        out += "".join(draw(st.lists(own_lines, max_size=2))) + draw(entries(key))
    out += "".join(draw(st.lists(own_lines, max_size=2)))
    return out.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=12).filter(lambda t: t.isprintable()), words,
    st.lists(words, max_size=3).map(tuple), st.just("several\nlines\n"),
)  # fmt: skip


def segments(head: str) -> dict[str, str] | None:
    """Return key → its bytes from the key to the end of its value, found by another reader; None for what is no YAML."""
    try:
        node = YAML(typ="rt").compose(head)
    except (YAMLError, ValueError):
        return None
    if not isinstance(node, MappingNode):
        return None
    return {key.value: _said(head[key.start_mark.index : value.end_mark.index]) for key, value in node.value}


def _said(segment: str) -> str:
    """Return what a key says: the reader counts the comments and blank lines behind a list to it."""
    lines = segment.splitlines(keepends=True)
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "".join(lines).rstrip()


@given(
    documents(), st.dictionaries(st.sampled_from(sorted(KEYS.values())), st.one_of(st.just(REMOVE), values), max_size=3)
)
def test_changes_leave_the_bytes_of_all_other_keys(head: str, changes: dict[str, Any]) -> None:
    """Law: the values arrive, and every key that was not changed keeps its bytes, in its order; equal values change none."""
    before = segments(head)
    assume(before is not None and "\n---" not in head)
    data = f"\ufeff---\n{head}---\n---\nA body.\n".encode()
    parts = split(data)
    try:
        values_before = parts.values()
    except ContentError:  # a key that is there twice in a value, a tag with nothing behind it
        assume(False)
    made = with_values(parts, changes)
    wanted = {key: value for key, value in {**values_before, **changes}.items() if value is not REMOVE}
    assert made.values() == wanted
    assert (made.bom, made.opening, made.closing, made.body) == (parts.bom, parts.opening, parts.closing, parts.body)
    out, at = (made.head or b"").decode(), 0
    for key, segment in (before or {}).items():
        same = key not in changes or (changes[key] is not REMOVE and _equal(changes[key], values_before.get(key)))
        if same:
            at = out.index(segment, at) + len(segment)
    if not any(not _equal(value, values_before.get(key)) or key not in values_before for key, value in changes.items()):
        assert join(made) == data


def _equal(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


@given(documents())
def test_values_that_are_set_as_they_are_change_nothing(head: str) -> None:
    """Law: whatever the spelling, saying the same again leaves every byte."""
    assume(segments(head) is not None and "\n---" not in head)
    data = f"---\n{head}---\n".encode()
    parts = split(data)
    try:
        found = parts.values()
    except ContentError:
        assume(False)
    assert join(with_values(parts, found)) == data


@pytest.mark.parametrize("anchor", ["one", "[x, y]", "|\n  text\n"])
def test_anchors_and_aliases(anchor: str) -> None:
    """A change of one key leaves what others say through an alias of it, and their own lines where these say no alias."""
    head = f"a: &x {anchor}\n" if anchor != "|\n  text\n" else f"a: &x {anchor}"
    text = f"---\n{head}b: *x  # same\nc: &y other\nd: *y\n---\n"
    parts = split(text.encode())
    before = parts.values()
    made = with_values(parts, {"c": "new"})
    assert made.values() == {**before, "c": "new"}
    assert (made.head or b"").decode().startswith(f"{head}b: *x  # same\n")
    again = with_values(parts, {"a": "new"})
    assert again.values() == {**before, "a": "new"}
    assert (again.head or b"").decode().endswith("c: &y other\nd: *y\n")
