from __future__ import annotations

import re
from typing import Any

import pytest
from tests.emulator.world import World, item, paragraph, said, text

from notionsync.emulator import Settings
from notionsync.emulator.settings import RateLimit, chosen

DECOMPOSED, COMPOSED = "\u1112\u1161\u11ab", "\ud55c"


def test_settings_are_told_in_words() -> None:
    """Each by its name; numbers, words, yes and no, and none where there may be none."""
    told = ["unknown_property=ignore", "comment_moves_page=yes", "query_lag=2.5", "query_limit=7", "callout_icon=none"]
    made = chosen(Settings(), [*told, "rate_limit=180", "workspace_name=Ours"])
    assert (made.unknown_property, made.comment_moves_page, made.query_lag) == ("ignore", True, 2.5)
    assert (made.query_limit, made.callout_icon, made.workspace_name) == (7, None, "Ours")
    assert made.rate_limit == RateLimit(per_minute=180)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("nonsense=1", "'nonsense' is no setting; there are block_limit, callout_icon, "),
        ("users=x", "'users' is no setting"),
        ("query_limit", "each as NAME=VALUE"),
        ("unknown_property=maybe", "unknown_property is one of refuse, ignore, not 'maybe'"),
        ("comment_moves_page=1", "comment_moves_page is one of yes, no, not '1'"),
        ("query_lag=soon", "query_lag is a number, not 'soon'"),
    ],
)
def test_a_setting_that_does_not_fit_is_said(told: str, reason: str) -> None:
    """With what there is instead."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        chosen(Settings(), [told])


def test_texts_are_kept_or_composed() -> None:
    """A syllable of several signs, as some keyboards send it."""
    for setting, expected in (("kept", DECOMPOSED), ("composed", COMPOSED)):
        world = World(Settings(unicode=setting))  # type: ignore[arg-type]
        assert said(world.append(world.home, paragraph(DECOMPOSED))[0]) == expected
        world.close()


def test_a_refused_append_leaves_nothing_or_its_beginning() -> None:
    """Either way it is refused, and the block that does not fit is not there."""
    blocks = [paragraph("one"), item("two"), {"paragraph": {"rich_text": [text("x" * 2001)]}}, paragraph("four")]
    settings: tuple[tuple[Any, list[str]], ...] = (("whole", []), ("partial", ["one", "two"]))
    for setting, left in settings:
        world = World(Settings(refused_append=setting))
        assert "≤ `2000`" in world.refused("PATCH", f"blocks/{world.home}/children", {"children": blocks})
        assert [said(block) for block in world.children(world.home)] == left
        world.close()


def test_a_cursor_lives_as_long_as_it_is_told_to() -> None:
    """For ever, unless the settings say how long."""
    for life, leads in ((None, True), (60.0, False)):
        world = World(Settings(cursor_life=life))
        source = world.source()
        for name in "ab":
            world.row(source, name)
        cursor = world.good("POST", f"data_sources/{source}/query", {"page_size": 1})["next_cursor"]
        world.clock.advance(61)
        answer = world.ask("POST", f"data_sources/{source}/query", {"start_cursor": cursor})
        assert (answer.status_code == 200) == leads
        world.close()


def test_a_comment_leaves_the_pages_time_alone_or_moves_it() -> None:
    """Also one on a block of the page."""
    for setting in (False, True):
        world = World(Settings(comment_moves_page=setting))
        page = world.page(children=[paragraph("x")])
        world.clock.advance(120)
        about = {"block_id": world.children(page["id"])[0]["id"]}
        world.good("POST", "comments", {"parent": about, "rich_text": [text("y")]})
        now = world.good("GET", f"pages/{page['id']}")["last_edited_time"]
        assert (now != page["last_edited_time"]) == setting
        world.close()


def test_an_append_deep_in_a_page_moves_its_time_when_edits_do() -> None:
    """Like an edit there; never that of the block between them."""
    for setting in (False, True):
        world = World(Settings(nested_edit_moves_page=setting))
        page = world.page(children=[item("a", [item("b")])])
        outer = world.children(page["id"])[0]
        inner = world.children(outer["id"])[0]["id"]
        world.clock.advance(120)
        world.append(inner, item("c"))
        now = world.good("GET", f"pages/{page['id']}")["last_edited_time"]
        assert (now != page["last_edited_time"]) == setting
        assert world.good("GET", f"blocks/{outer['id']}")["last_edited_time"] == outer["last_edited_time"]
        world.close()
