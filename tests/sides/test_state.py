"""What both sides agreed on, in files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notionsync.errors import LockedError, StateError
from notionsync.model import AssetRecord, BlockRecord, Record
from notionsync.sides.state import State
from notionsync.sides.stored import Meta, Sighting
from notionsync.sides.worktree import Worktree

PAGE = "38c9ce7b60a481d29260b2f4f0f3a111"
RECORD = Record(id=PAGE, path="answers/a.md", base=b"text\n", last_edited_time="2026-01-05T10:00:00.000Z")


@pytest.fixture
def state(tmp_path: Path) -> State:
    """No state yet."""
    return State(Worktree(tmp_path))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ids = st.text("0123456789abcdef", min_size=32, max_size=32)
blocks = st.recursive(
    st.builds(BlockRecord, id=ids, type=texts, digest=texts),
    lambda below: st.builds(
        BlockRecord, id=ids, type=texts, digest=texts, children=st.lists(below, max_size=3).map(tuple)
    ),
    max_leaves=6,
)
records = st.builds(
    Record,
    id=ids,
    path=texts,
    base=st.binary(max_size=100),
    last_edited_time=texts,
    last_edited_by=texts,
    reading=st.sampled_from(["after", "own", "during"]),
    blocks=st.lists(blocks, max_size=3).map(tuple),
    fields=st.dictionaries(texts, texts, max_size=3),
    assets=st.lists(st.builds(AssetRecord, path=texts, sha256=texts, notion=texts), max_size=2).map(tuple),
)
metas = st.builds(
    Meta,
    data_source=texts,
    mapping=st.dictionaries(texts, st.tuples(texts, texts), max_size=3),
    converter=st.integers(0, 9),
    listed_at=texts,
)
_SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@given(st.lists(records, max_size=4, unique_by=lambda record: record.id))
@_SHARED
def test_records_come_back_as_they_were(state: State, written: list[Record]) -> None:
    """All of them, or those asked for; a dropped one does not."""
    for record in written:
        state.save_record(record)
    found = state.records()
    assert {record.id: found[record.id] for record in written} == {record.id: record for record in written}
    assert state.records_of([record.id for record in written] + ["f" * 32 + "0"]) == {r.id: r for r in written}
    for record in written:
        state.drop_record(record.id)
        state.drop_record(record.id)
    assert not state.records_of([record.id for record in written])


@given(metas)
@_SHARED
def test_meta_comes_back_as_it_was(state: State, meta: Meta) -> None:
    """Whatever names it holds."""
    state.save_meta(meta)
    assert state.meta() == meta


@given(st.dictionaries(ids, st.builds(Sighting, texts, texts, st.sampled_from(["after", "own", "during"])), max_size=3))
@_SHARED
def test_sightings_come_back_as_they_were(state: State, sightings: dict[str, Sighting]) -> None:
    """And an empty set of them replaces an older one."""
    for page in sightings:
        state.save_record(replace(RECORD, id=page))
    state.save_sightings(sightings, state.records())
    assert state.sightings(state.records()) == sightings
    state.save_sightings({}, state.records())
    assert not state.sightings(state.records())


def test_a_sighting_counts_for_the_record_it_was_made_with(state: State) -> None:
    """Another one came with a checkout, or an older one came back: what was seen then says nothing about it."""
    seen = {PAGE: Sighting("2026-01-05T10:00:00.000Z", "somebody", "after")}
    state.save_record(RECORD)
    state.save_sightings(seen, state.records())
    state.save_record(replace(RECORD, base=b"other\n"))
    assert not state.sightings(state.records())
    state.save_record(RECORD)
    assert state.sightings(state.records()) == seen


def test_no_state_is_an_empty_one(state: State) -> None:
    """Reading makes no folder."""
    assert state.meta() == Meta()
    assert state.records() == {}
    assert state.sightings(state.records()) == {}
    assert not (state.tree.root / ".notionsync").exists()


def test_equal_values_are_equal_bytes(state: State) -> None:
    """In any order they were put in: two branches that agree do not conflict, and an idle run commits nothing."""
    one, two = {"b": "2", "a": "1"}, {"a": "1", "b": "2"}
    path = state.tree.root / ".notionsync" / "base" / f"{PAGE}.json"
    state.save_record(Record(id=PAGE, path="a", base=b"", last_edited_time="", fields=one))
    before = path.read_bytes(), path.stat().st_mtime_ns
    state.save_record(Record(id=PAGE, path="a", base=b"", last_edited_time="", fields=two))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_what_is_not_committed_is_ignored_by_git(state: State) -> None:
    """The ignore file is there from the first write, and mended when somebody emptied it."""
    state.save_record(RECORD)
    ignore = state.tree.root / ".notionsync" / ".gitignore"
    assert ignore.read_text("utf-8").splitlines() == ["/cache/", "/lock", "*.tmp"]
    ignore.write_text("", "utf-8")
    state.save_meta(Meta())
    assert "/cache/" in ignore.read_text("utf-8")


@pytest.mark.parametrize("step", ["base waits", "record is new"])
def test_a_save_that_was_cut_short(state: State, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Killed between the base and its record, the old pair is read; between the record and its base, the new one.

    To read is to write nothing: a dry run promises that, and the run that is cut short may only be at work still.
    """
    state.save_record(RECORD)
    newer = Record(id=PAGE, path="answers/b.md", base=b"newer\n", last_edited_time="later")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "_save" if step == "base waits" else "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            state.save_record(newer)
    again = State(Worktree(state.tree.root))
    top = state.tree.root / ".notionsync" / "base"
    left = {path.name: path.read_bytes() for path in top.iterdir()}
    read = RECORD if step == "base waits" else newer
    assert again.records() == {PAGE: read}
    assert {path.name: path.read_bytes() for path in top.iterdir()} == left
    with again.locked():
        assert sorted(path.name for path in top.iterdir()) == [f"{PAGE}.base", f"{PAGE}.json"]
    assert again.records() == {PAGE: read}
    again.save_record(newer)
    assert again.records() == {PAGE: newer}


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: entry.pop("path"),
        lambda entry: entry.update(blocks=5),
        lambda entry: entry.update(blocks=[["id"]]),
        lambda entry: entry.update(reading="never"),
        lambda entry: entry.update(assets=[{"nothing": 1}]),
        lambda entry: entry.update(base="0"),
        lambda entry: entry.update(id="0" * 32),
    ],
)
def test_a_damaged_record_is_never_read_as_none(state: State, damage: object) -> None:
    """It is named, with the way to get it back."""
    assert callable(damage)
    state.save_record(RECORD)
    path = state.tree.root / ".notionsync" / "base" / f"{PAGE}.json"
    entry = json.loads(path.read_text("utf-8"))
    damage(entry)
    path.write_text(json.dumps(entry), "utf-8")
    for read in (state.records, lambda: state.records_of([PAGE])):
        with pytest.raises(StateError, match=PAGE) as caught:
            read()
        assert "notionsync repair" in caught.value.advice


@given(st.binary(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_in_place_of_the_state(state: State, data: bytes) -> None:
    """Read, or refused as a state that cannot be read; the cache only costs time."""
    state.save_record(RECORD)
    caches = ("sightings", "index", "lists")
    for path in (".notionsync/state.json", *(f".notionsync/cache/{name}.json" for name in caches)):
        state.tree.overwrite(path, data)
    with pytest.raises(StateError):
        state.meta()
    assert State(state.tree).records() == {PAGE: RECORD}
    assert state.sightings(state.records()) == {}


def test_a_newer_format_names_both(state: State) -> None:
    """It is left for the version that wrote it."""
    state.tree.overwrite(".notionsync/state.json", b'{"format": 7}')
    with pytest.raises(StateError, match="format 7; this program knows up to 1"):
        state.meta()


def test_what_is_put_aside_overwrites_nothing(state: State) -> None:
    """Another content gets another number; the same content is put aside once."""
    names = [state.keep("a.local.md", data) for data in (b"1", b"2", b"1", b"3", b"2")]
    assert [name.rpartition("/")[2] for name in names] == [
        "a.local.md",
        "a.local.2.md",
        "a.local.md",
        "a.local.3.md",
        "a.local.2.md",
    ]
    assert [state.tree.read(name) for name in names] == [b"1", b"2", b"1", b"3", b"2"]


def test_the_lock_is_for_one(state: State) -> None:
    """A second holder is refused; afterwards it is free, also when the run ended in an error."""
    other = State(Worktree(state.tree.root))
    with state.locked(), pytest.raises(LockedError, match="at work here"), other.locked():
        pass
    with pytest.raises(ZeroDivisionError), state.locked():
        raise ZeroDivisionError
    with other.locked():
        pass


def test_each_collection_has_a_state_of_its_own(state: State) -> None:
    """In a folder below; one lock for all, and what a killed run left is finished in each of them."""
    weeks = state.below("weeks")
    weeks.save_meta(Meta(data_source="2" * 32))
    weeks.save_record(RECORD)
    state.save_meta(Meta(data_source="1" * 32))
    assert state.records() == {}
    assert weeks.records() == {PAGE: RECORD}
    assert (state.meta().data_source, weeks.meta().data_source) == ("1" * 32, "2" * 32)
    assert weeks.record_files(PAGE)[:2] == tuple(
        f".notionsync/collections/weeks/base/{PAGE}.{end}" for end in ("json", "base")
    )
    kept = weeks.keep("a.md", b"lost")
    assert state.kept() == {kept} == {".notionsync/collections/weeks/conflicts/a.md"}
    begun = state.tree.root / ".notionsync/collections/weeks/base" / f"{PAGE}.new"
    begun.write_bytes(b"half")
    with weeks.locked(), pytest.raises(LockedError), state.locked():
        pass
    with state.locked():
        assert not begun.exists()
    assert weeks.records() == {PAGE: RECORD}
