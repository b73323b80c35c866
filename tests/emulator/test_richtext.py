from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.world import World, paragraph, text, title

from notionsync.emulator import Settings
from notionsync.emulator.settings import BOT, PERSON


def stored(world: World, *runs: Any) -> list[dict[str, Any]]:
    """What becomes of runs."""
    block = world.append(world.home, {"paragraph": {"rich_text": list(runs)}})[0]
    runs_read: list[dict[str, Any]] = block["paragraph"]["rich_text"]
    return runs_read


def test_equal_neighbours_become_one_run_longer_than_any_that_may_be_sent(world: World) -> None:
    """Two runs of 2000 characters are read as one of 4000."""
    runs = stored(world, text("x" * 2000), text("y" * 2000))
    assert [run["text"]["content"] for run in runs] == ["x" * 2000 + "y" * 2000]
    assert runs[0]["plain_text"] == runs[0]["text"]["content"]


def test_runs_that_look_different_stay_apart(world: World) -> None:
    """By style or by link."""
    link = {"text": {"content": "c", "link": {"url": "https://example.org/c"}}}
    runs = stored(world, text("a"), text("b", bold=True), link, text("d"))
    assert [(run["plain_text"], run["annotations"]["bold"], run["href"]) for run in runs] == [
        ("a", False, None),
        ("b", True, None),
        ("c", False, "https://example.org/c"),
        ("d", False, None),
    ]


def test_bare_host_gains_a_slash(world: World) -> None:
    """Nothing else about a link changes."""
    runs = stored(
        world,
        *(
            {"text": {"content": n, "link": {"url": u}}}
            for n, u in (("a", "https://x.org"), ("b", "https://x.org/p?q=1#f"))
        ),
    )
    assert [run["text"]["link"]["url"] for run in runs] == ["https://x.org/", "https://x.org/p?q=1#f"]


@pytest.mark.parametrize("url", ["no url", "http://", "relative/path"])
def test_links_that_are_no_urls_are_refused_or_dropped(url: str) -> None:
    """Which of the two the real service does is unknown, so both can be had."""
    run = {"text": {"content": "a", "link": {"url": url}}}
    strict, loose = World(), World(Settings(invalid_link="drop"))
    body = {"children": [{"paragraph": {"rich_text": [run]}}]}
    assert strict.refused("PATCH", f"blocks/{strict.home}/children", body) == "Invalid URL for link."
    assert stored(loose, run)[0]["href"] is None
    strict.close()
    loose.close()


def test_mentions_tell_the_name_of_today(world: World) -> None:
    """A renamed page is mentioned by its new name, without an edit of the page that mentions it."""
    page = world.page("Old name")["id"]
    mentioning = world.page(children=[{"paragraph": {"rich_text": [{"mention": {"page": {"id": page}}}]}}])["id"]
    world.good("PATCH", f"pages/{page}", {"properties": {"title": title("New name")}})
    run = world.children(mentioning)[0]["paragraph"]["rich_text"][0]
    assert run["plain_text"] == "New name"
    assert run["href"] == "https://app.notion.com/p/" + page.replace("-", "")


def test_mentions_of_people_are_shown_in_full(world: World) -> None:
    """The id alone is sent, the whole user is read."""
    run = stored(world, {"mention": {"user": {"id": PERSON.id}}})[0]
    assert run["plain_text"] == f"@{PERSON.name}"
    assert run["mention"]["user"]["person"] == {"email": PERSON.email}


def test_dates_lose_seconds_and_zone(world: World) -> None:
    """A zone is folded into the offset; a naive time is taken as UTC; a day stays a day."""
    sent = [
        {"start": "2026-07-01T10:20:59", "time_zone": "Europe/Berlin"},
        {"start": "2026-07-01T10:20:59"},
        {"start": "2026-07-01", "end": "2026-07-02"},
    ]
    runs = stored(world, *({"mention": {"date": date}} for date in sent))
    assert [run["mention"]["date"] for run in runs] == [
        {"start": "2026-07-01T10:20:00.000+02:00", "end": None, "time_zone": None},
        {"start": "2026-07-01T10:20:00.000+00:00", "end": None, "time_zone": None},
        {"start": "2026-07-01", "end": "2026-07-02", "time_zone": None},
    ]
    assert runs[2]["plain_text"] == "2026-07-01 → 2026-07-02"


def test_text_comes_back_as_it_was_sent(world: World) -> None:
    """Spaces, line breaks, tabs, Korean and emoji."""
    content = "  한글\tand\n😀 end "
    block = world.append(world.home, paragraph(content))[0]
    assert block["paragraph"]["rich_text"][0]["text"]["content"] == content
    assert block["created_by"] == {"object": "user", "id": BOT.id}


def test_a_mention_for_templates_tells_its_kind(world: World) -> None:
    """Also when it was sent without."""
    sent = ({"template_mention_date": "today"}, {"template_mention_user": "me"})
    runs = stored(world, *({"mention": {"template_mention": mention}} for mention in sent))
    assert [run["mention"]["template_mention"] for run in runs] == [
        {"type": "template_mention_date", "template_mention_date": "today"},
        {"type": "template_mention_user", "template_mention_user": "me"},
    ]
