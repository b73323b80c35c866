"""Property values survive the trip through front matter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared import shared

from notionsync.convert import frontmatter
from notionsync.convert.properties import (
    READ_ONLY,
    WRITABLE,
    Context,
    digest_value,
    normal,
    read,
    read_only,
    same,
    write,
)
from notionsync.convert.richtext import rich_text_from_api
from notionsync.errors import ContentError
from notionsync.model import PAGE_COVER, PAGE_ICON, FieldValue, Property

PERSON = "00000000-0000-4000-8000-0000000000fa"
PAGE = "38c9ce7b-60a4-81a6-b314-f47eef8f5f8c"


def prop(kind: str, *options: str) -> Property:
    """Return a property of a kind."""
    return Property(id="x", name="Thing", type=kind, options=options)


class Directory:
    """Two names: a person and a question."""

    KNOWN: ClassVar = {PERSON.replace("-", ""): "Ada Example", PAGE.replace("-", ""): "Rnn_tanh.md"}

    def to_text(self, kind: Literal["people", "relation"], id: str, name: str) -> str:  # noqa: A002, ARG002
        """Return the name of those who are known."""
        return self.KNOWN.get(id, id)

    def to_id(self, kind: Literal["people", "relation"], text: str) -> str | None:  # noqa: ARG002
        """Return the id of those who are known."""
        return next((id_ for id_, name in self.KNOWN.items() if name == text), None)


KNOWN = Context(names=Directory())


# --- reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "inner", "value"),
    [
        (
            "title",
            [{"type": "text", "text": {"content": "Why "}}, {"type": "text", "text": {"content": "not?"}}],
            "Why not?",
        ),
        ("rich_text", [], None),
        ("number", 2, 2),
        ("number", 2.0, 2),
        ("number", 2.5, 2.5),
        ("number", None, None),
        ("select", {"id": "a", "name": "✹ High", "color": "red"}, "✹ High"),
        ("select", None, None),
        ("status", {"id": "a", "name": "Done", "color": "red"}, "Done"),
        ("multi_select", [{"name": "b"}, {"name": "a"}], ("b", "a")),
        ("multi_select", [], ()),
        ("date", {"start": "2026-07-01", "end": None, "time_zone": None}, "2026-07-01"),
        ("date", {"start": "2026-07-01", "end": "2026-07-03", "time_zone": None}, "2026-07-01/2026-07-03"),
        ("date", {"start": "2026-06-27T18:01:00.000+01:00", "end": None, "time_zone": None}, "2026-06-27T18:01+01:00"),
        ("date", {"start": "2024-01-08T12:00:00.000+00:00", "end": None, "time_zone": None}, "2024-01-08T12:00Z"),
        (
            "date",
            {"start": "2024-01-08T12:00:00.000+09:00", "end": None, "time_zone": "Asia/Seoul"},
            "2024-01-08T12:00+09:00[Asia/Seoul]",
        ),
        ("date", None, None),
        ("people", [{"object": "user", "id": PERSON, "name": "Ada Example"}], ("Ada Example",)),
        ("relation", [{"id": PAGE}], ("Rnn_tanh.md",)),
        ("checkbox", True, True),
        ("url", "https://x.org", "https://x.org"),
        ("email", None, None),
        ("phone_number", "0123", "0123"),
        ("formula", {"type": "string", "string": "🕘"}, "🕘"),
        ("formula", {"type": "boolean", "boolean": False}, False),
        ("formula", {"type": "number", "number": 0}, 0),
        ("formula", {"type": "date", "date": {"start": "2024-11-25T14:08:00.000+00:00"}}, "2024-11-25T14:08Z"),
        ("formula", {"type": "unsupported", "unsupported": {}}, None),
        ("rollup", {"type": "number", "number": 3, "function": "count"}, 3),
        (
            "rollup",
            {
                "type": "array",
                "array": [{"type": "number", "number": 42}, {"type": "multi_select", "multi_select": [{"name": "a"}]}],
            },
            ("42", "a"),
        ),
        ("created_time", "2026-06-26T13:45:00.000Z", "2026-06-26T13:45Z"),
        ("created_by", {"object": "user", "id": PERSON}, "Ada Example"),
        ("unique_id", {"prefix": "ABC", "number": 3}, "ABC-3"),
        ("unique_id", {"prefix": None, "number": 3}, 3),
        ("verification", {"state": "unverified", "verified_by": None, "date": None}, "unverified"),
        ("verification", {"state": "verified", "date": {"start": "2026-07-01", "end": None}}, "verified 2026-07-01"),
        ("place", {"lat": 52.52, "lon": 13.405, "name": None, "address": "Berlin"}, "Berlin (52.52, 13.405)"),
        ("place", {"lat": 1, "lon": 2, "name": "Lab", "address": None}, "Lab · (1, 2)"),
        ("place", {"lat": 1, "lon": 2, "name": None, "address": None}, "(1, 2)"),
        ("button", {}, None),
        ("not_yet_invented", {"b": 1, "a": "x"}, '{"a":"x","b":1}'),
    ],
)
def test_read(kind: str, inner: Any, value: FieldValue) -> None:
    """Each kind reads as what a person would write."""
    assert read(kind, {"id": "x", "type": kind, kind: inner}, KNOWN) == value


def test_files_read_as_addresses() -> None:
    """A file is its address; a name that says more than the address is kept; a hosted one loses host and query."""
    hosted = "https://prod.s3.amazonaws.com/space/uuid/pic.png?X-Amz-Signature=abc"
    value = {
        "files": [
            {"name": "pic.png", "type": "file", "file": {"url": hosted, "expiry_time": "2026-01-01T00:00:00.000Z"}},
            {"name": "image", "type": "external", "external": {"url": "https://some-site.com/image.png"}},
            {"name": "a]b", "type": "external", "external": {"url": "https://some-site.com/a (1).png"}},
        ]
    }
    assert read("files", value) == (
        "notion:/space/uuid/pic.png",
        "[image](https://some-site.com/image.png)",
        "[a\\]b](<https://some-site.com/a (1).png>)",
    )


# --- normal form -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("title", 42, "42"),
        ("title", True, "true"),
        ("rich_text", None, None),
        ("rich_text", "one\n**two**\n", "one **two**"),
        ("rich_text", "\none\n\n \ntwo\r\n\r\nthree<br>four", "one<br><br>two<br><br>three<br>four"),
        ("number", "12", 12),
        ("number", 3.0, 3),
        ("number", "1.50", 1.5),
        ("number", "", None),
        ("select", 3, "3"),
        ("select", "", None),
        ("status", "in progress", "In Progress"),
        ("multi_select", "CNN", ("CNN",)),
        ("multi_select", "CNN, RNN", ("CNN", "RNN")),
        ("multi_select", (" CNN", "CNN", ""), ("CNN",)),
        ("multi_select", None, ()),
        ("date", "2026-07-01 9:05:30 +0900", "2026-07-01T09:05+09:00"),
        ("date", "2026-07-01T09:05", "2026-07-01T09:05Z"),
        ("date", "2026-07-01t09:05:59.9+00:00", "2026-07-01T09:05Z"),
        ("date", "2026-07-01 / 2026-07-03", "2026-07-01/2026-07-03"),
        ("date", "2026-07-01 → 2026-07-03", "2026-07-01/2026-07-03"),
        ("date", "2026-07-01T10:00[Asia/Seoul]", "2026-07-01T10:00[Asia/Seoul]"),
        ("date", None, None),
        ("people", "Ada Example", ("Ada Example",)),
        ("people", (PERSON,), (PERSON,)),
        ("checkbox", "no", False),
        ("checkbox", "Yes", True),
        ("checkbox", None, False),
        ("phone_number", 123, "123"),
        ("url", " https://x.org ", "https://x.org"),
        ("verification", "verified 2026-07-01 / 2026-10-01", "verified 2026-07-01/2026-10-01"),
        ("formula", 3, 3),
        ("not_yet_invented", {"a": 1}, '{"a":1}'),
    ],
)
def test_normal(kind: str, typed: Any, value: FieldValue) -> None:
    """What a person typed and what Notion returns for it are equal in normal form."""
    found = normal(prop(kind, "In Progress", "Done"), typed, KNOWN)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("kind", "typed", "message"),
    [
        ("number", "twelve", "no number"),
        ("number", True, "no number"),
        ("number", "1e999", "no number"),
        ("date", "tomorrow", "no date"),
        ("date", "2026-02-30", "no date"),
        ("date", "2026-07-01/2026-07-03T10:00", "begins and ends"),
        ("date", "2026-07-01[Asia/Seoul]", "no date"),
        ("checkbox", "maybe", "neither true nor false"),
        ("title", ("a", "b"), "one value belongs"),
    ],
)
def test_normal_refuses_what_cannot_be(kind: str, typed: Any, message: str) -> None:
    """A value that cannot be is refused with the property's name and what to write instead."""
    with pytest.raises(ContentError, match=f"Thing: .*{message}") as caught:
        normal(prop(kind), typed)
    assert caught.value.advice


@pytest.mark.parametrize(
    "text", ["1.10", "3.0", "0x1F", "+12", ".5", "1e3", "0o17", "1.", "-0", "12345678901234567890"]
)
def test_a_number_is_the_text_that_was_typed(text: str) -> None:
    """`version: 1.10` says 1.10 to a text or an option, whatever number YAML makes of it; to a number it is that number."""
    (typed,) = frontmatter.split(f"---\nversion: {text}\n---\n".encode()).values().values()
    assert isinstance(typed, int | float)
    for kind in ("title", "rich_text", "select", "phone_number", "url"):
        assert normal(prop(kind, text), typed) == text
    assert write(prop("select", "3.1", text), typed) == {"select": {"name": text}}
    assert normal(prop("multi_select", "3.1", text), typed) == (text,)
    found = normal(prop("number"), typed)
    assert found == float(typed)
    assert read("number", {"number": json.loads(json.dumps(write(prop("number"), typed)["number"]))}) == found
    assert type(found) in {int, float}


def test_dates_are_compared_by_instant() -> None:
    """One moment in two offsets is the same date; the clock is part of a moment, and a day is not midnight."""
    date = prop("date")
    assert same(date, "2026-07-01T10:00+09:00", "2026-07-01T01:00Z")
    assert same(date, "2026-07-01T00:30+09:00/2026-07-02T00:00Z", "2026-06-30T15:30Z/2026-07-02T09:00+09:00")
    assert not same(date, "2026-07-01T10:00+09:00", "2026-07-01T10:00Z")
    assert not same(date, "2026-07-01", "2026-07-01T00:00Z")
    assert not same(prop("rich_text"), "2026-07-01T10:00+09:00", "2026-07-01T01:00Z")
    assert not same(prop("checkbox"), True, 1)


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_any_moment_has_one_normal_form(moment: Any, minutes: int) -> None:
    """Law: a moment with any offset is the same as itself in UTC, and its normal form is a fixpoint."""
    sign, rest = ("-" if minutes < 0 else "+"), abs(minutes)
    typed = f"{moment.isoformat(timespec='seconds')}{sign}{rest // 60:02}:{rest % 60:02}"
    form = normal(prop("date"), typed)
    assert normal(prop("date"), form) == form
    assert same(prop("date"), form, form)
    sent = write(prop("date"), typed)["date"]["start"]
    assert read("date", {"date": {"start": sent}}) == form


# --- requests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        ("number", "12", 12),
        ("number", None, None),
        ("select", "High", {"name": "High"}),
        ("select", None, None),
        ("status", "done", {"name": "Done"}),
        ("multi_select", ("High", "Done"), [{"name": "High"}, {"name": "Done"}]),
        ("date", "2026-07-01/2026-07-03", {"start": "2026-07-01", "end": "2026-07-03"}),
        ("date", "2026-07-01T10:00", {"start": "2026-07-01T10:00:00Z"}),
        ("date", "2026-07-01T10:00+09:00[Asia/Seoul]", {"start": "2026-07-01T10:00:00", "time_zone": "Asia/Seoul"}),
        ("people", ("Ada Example",), [{"id": PERSON}]),
        ("relation", ("Rnn_tanh.md",), [{"id": PAGE}]),
        ("checkbox", "yes", True),
        ("url", "", None),
        ("email", "a@x.org", "a@x.org"),
        ("verification", "unverified", {"state": "unverified"}),
        ("verification", "verified 2026-07-01", {"state": "verified", "date": {"start": "2026-07-01"}}),
        ("verification", None, {"state": "unverified"}),
        ("place", "Lab · Berlin (52.52, 13.405)", {"lat": 52.52, "lon": 13.405, "name": "Lab", "address": "Berlin"}),
        ("place", None, None),
        ("title", "Why?", [{"type": "text", "text": {"content": "Why?"}}]),
        ("rich_text", None, []),
    ],
)
def test_write(kind: str, value: FieldValue, sent: Any) -> None:
    """Each kind is sent in the shape Notion asks for."""
    assert write(prop(kind, "High", "Done"), value, KNOWN) == {kind: sent}


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("status", "Dnoe", 'no option "Dnoe"; did you mean "Done"'),
        ("status", "zzz", 'no option "zzz"; known are High, Done'),
        ("select", "Hihg", 'no option "Hihg"; did you mean "High"'),
        ("multi_select", ("High", "x"), 'no option "x"'),
        ("people", ("Eve",), '"Eve" stands for nobody'),
        ("relation", ("No.md",), '"No.md" stands for no question'),
        ("url", "https://" + "x" * 2000, "2008 characters"),
        ("files", ("notion:/a/b/c.png",), "not been uploaded"),
        ("verification", "perhaps", "no verification"),
        ("place", "somewhere", "no place"),
        ("relation", tuple(f"{n:032x}" for n in range(101)), "101"),
        *[(kind, "x", "can only be pulled") for kind in sorted(READ_ONLY | {"not_yet_invented"})],
    ],
)
def test_write_refuses_what_notion_cannot_hold(kind: str, value: FieldValue, message: str) -> None:
    """What Notion would refuse, or create silently, is refused before anything is sent, with the property's name."""
    with pytest.raises(ContentError, match=f"Thing: .*{message}") as caught:
        write(prop(kind, "High", "Done"), value, Context() if kind == "relation" and value != ("No.md",) else KNOWN)
    assert caught.value.advice or kind in {"url", "relation"}


def test_new_options_are_created_only_when_allowed() -> None:
    """Select and multi_select may get new options when told; a status never; a comma never."""
    allowed = Context(allow_new_options=True)
    assert write(prop("select", "a"), "b", allowed) == {"select": {"name": "b"}}
    assert write(prop("multi_select"), ("b",), allowed) == {"multi_select": [{"name": "b"}]}
    with pytest.raises(ContentError, match="no option"):
        write(prop("status", "a"), "b", allowed)
    with pytest.raises(ContentError, match="comma"):
        write(prop("select", "a"), "b, c", allowed)
    with pytest.raises(ContentError, match="101 characters"):
        write(prop("select", "a"), "b" * 101, allowed)


def test_hosted_files_are_sent_back() -> None:
    """Notion replaces the whole list, so what it hosts is sent back as it is now; new files go by their upload."""
    hosted = {"name": "a.png", "type": "file", "file": {"url": "https://h/space/u/a.png?sig=1", "expiry_time": "t"}}
    context = Context(current={"files": [hosted]}, uploads={"https://up/x.png": "file-id"})
    texts = ("notion:/space/u/a.png", "[New](https://up/x.png)", "https://some-site.com/b.png")
    assert write(prop("files"), texts, context)["files"] == [
        {"type": "file", "name": "a.png", "file": {"url": "https://h/space/u/a.png?sig=1"}},
        {"type": "file_upload", "file_upload": {"id": "file-id"}, "name": "New"},
        {"type": "external", "name": "b.png", "external": {"url": "https://some-site.com/b.png"}},
    ]


def test_a_place_keeps_its_ids_while_it_is_the_same_place() -> None:
    """Ids of map services are not in the file; they are sent back with an unchanged place and dropped with a new one."""
    now = {
        "lat": 52.52,
        "lon": 13.405,
        "name": None,
        "address": "Berlin, Germany",
        "google_place_id": "g",
        "aws_place_id": "a",
    }
    context = Context(current={"place": now})
    text = read("place", {"place": now})
    assert write(prop("place"), text, context) == {"place": now}
    assert "google_place_id" not in write(prop("place"), "Bonn (50.7, 7.1)", context)["place"]


def test_digest_tells_values_apart() -> None:
    """Equal values have equal digests; text, number, truth value and list of the same look do not."""
    values: list[FieldValue] = [None, "", "1", 1, True, ("1",), ("1", ""), 1.5, "a\ud800"]
    assert len({digest_value(value) for value in values}) == len(values)
    assert digest_value(("a", "b")) == digest_value(("a", "b"))


# --- recordings --------------------------------------------------------------------------------------------------------


def recorded() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return every property value that was recorded, with its kind."""
    for path in sorted(shared("notion", "properties", "value").glob("*.json")):
        for entry in json.loads(path.read_text("utf-8")):
            yield path.stem, entry["value"]


def said(kind: str, value: Any) -> Any:
    """Return what a property value says, in Notion's own terms: what a response adds is left out."""
    if kind in {"title", "rich_text"}:  # A mention's text follows its target and is not sent.
        return [replace(run, text="") if run.mention else run for run in rich_text_from_api(value[kind])]
    if kind in {"select", "status"}:
        return value[kind] and value[kind]["name"]
    if kind == "multi_select":
        return [option["name"] for option in value[kind]]
    if kind in {"people", "relation"}:
        return [entry["id"] for entry in value[kind]]
    if kind == "verification":
        return value[kind]["state"]
    if kind == "date" and value[kind]:
        return value[kind]["start"].replace(".000+00:00", "Z").replace(".000", ""), value[kind].get("end")
    return value[kind]


@pytest.mark.corpus
def test_recorded_values_survive_front_matter() -> None:
    """Law: what Notion returned, read, written into a file, read from it and sent back, says the same to Notion."""
    schema = json.loads(
        shared("notion", "schemas", "requests-strict", "UpdatePageBodyParameters.json").read_text("utf-8")
    )
    validator = jsonschema.validators.validator_for(schema)(schema)
    seen: set[str] = set()
    for kind, value in recorded():
        options = [option["name"] for option in value[kind]] if kind == "multi_select" else []
        options += [value[kind]["name"]] if kind in {"select", "status"} and value[kind] else []
        thing, context = prop(kind, *options), Context(current=value)
        first = read(kind, value, context)
        file = frontmatter.with_values(frontmatter.split(b"body"), {"notion_id": "x", "thing": first})
        back = file.values().get("thing")
        assert normal(thing, back, context) == first
        if read_only(kind):
            continue
        seen.add(kind)
        sent = write(thing, back, context)
        validator.validate({"properties": {"Thing": sent}})
        answer = json.loads(json.dumps(sent))
        assert said(kind, answer) == said(kind, value), (kind, value, sent)
    assert seen >= WRITABLE - {"verification"}


ICONS = {
    "🎯": {"type": "emoji", "emoji": "🎯"},
    "👩‍👩‍👧": {"type": "emoji", "emoji": "👩‍👩‍👧"},
    "#️⃣": {"type": "emoji", "emoji": "#️⃣"},
    "🇰🇷": {"type": "emoji", "emoji": "🇰🇷"},
    "icon:pizza/blue": {"type": "icon", "icon": {"name": "pizza", "color": "blue"}},
    "https://example.org/i.png": {"type": "external", "external": {"url": "https://example.org/i.png"}},
}


@pytest.mark.parametrize(("text", "icon"), ICONS.items())
def test_icons_are_read_and_written(text: str, icon: dict[str, Any]) -> None:
    """Each has one spelling, which goes through front matter and back to what Notion said."""
    thing = PAGE_ICON
    assert read(thing.type, {thing.type: icon}) == text
    file = frontmatter.with_values(frontmatter.split(b"body"), {"icon": text})
    back = normal(thing, file.values()["icon"])
    assert back == text
    assert write(thing, back) == {thing.type: icon}
    assert normal(thing, f"emoji:{text}") == (text if icon["type"] == "emoji" else f"emoji:{text}")


@pytest.mark.parametrize(
    ("prop", "text", "message"),
    [
        (PAGE_ICON, "custom_emoji:38c9ce7b-60a4-81d2-9260-b2f4f0f3a111", "can only be chosen in Notion"),
        (PAGE_ICON, "icon:pizza", "is no icon"),
        (PAGE_COVER, "asset:a.png?sha256=aa", "has not been uploaded"),
        (PAGE_COVER, "https://example.org/" + "x" * 2000, "Notion takes 2000"),
    ],
)
def test_icons_and_covers_that_cannot_be_written(prop: Property, text: str, message: str) -> None:
    """They are refused with the reason, before anything is sent."""
    with pytest.raises(ContentError, match=message):
        write(prop, text)


@pytest.mark.corpus
def test_icons_and_covers_are_requests_that_the_types_allow() -> None:
    """An icon, a cover, and none of either, in the update of a page."""
    schema = json.loads(
        shared("notion", "schemas", "requests-strict", "UpdatePageBodyParameters.json").read_text("utf-8")
    )
    validator = jsonschema.validators.validator_for(schema)(schema)
    uploads = Context(uploads={"asset:a.png?sha256=aa": "38c9ce7b-60a4-81d2-9260-b2f4f0f3a111"})
    for text in (*ICONS, "asset:a.png?sha256=aa", None):
        validator.validate({"icon": write(PAGE_ICON, text, uploads)["page_icon"]})
    for text in ("https://example.org/c.png", "asset:a.png?sha256=aa", None):
        validator.validate({"cover": write(PAGE_COVER, text, uploads)["page_cover"]})
