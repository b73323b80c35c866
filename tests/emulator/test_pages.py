from __future__ import annotations

from typing import Any

import pytest
from tests.emulator.world import World, item, paragraph, said, text, title

from notionsync.emulator import PERSON_TOKEN, Settings
from notionsync.emulator.settings import BOT, PERSON, User

SCHEMA: dict[str, Any] = {
    "Text": {"rich_text": {}},
    "Tags": {"multi_select": {"options": [{"name": "known", "color": "red"}]}},
    "Level": {"select": {"options": []}},
    "State": {"status": {}},
    "Count": {"number": {}},
    "Done": {"checkbox": {}},
    "When": {"date": {}},
    "Link": {"url": {}},
    "Mail": {"email": {}},
    "Who": {"people": {}},
    "Files": {"files": {}},
    "No": {"unique_id": {"prefix": "Q"}},
    "Made": {"created_time": {}},
}


def values(page: dict[str, Any]) -> dict[str, Any]:
    """Property → its value."""
    return {name: entry[entry["type"]] for name, entry in page["properties"].items()}


def test_a_new_row_has_defaults(world: World) -> None:
    """Nothing, none or false; the first status; a number of its own."""
    source = world.source(SCHEMA)
    shown = values(world.row(source))
    assert shown["State"]["name"] == "Not started"
    assert shown["No"] == {"prefix": "Q", "number": 1}
    assert shown["Made"] == "2026-01-31T12:00:00.000Z"
    rest = {name: shown[name] for name in ("Text", "Tags", "Level", "Count", "Done", "When", "Link", "Who", "Files")}
    assert rest == {
        "Text": [],
        "Tags": [],
        "Level": None,
        "Count": None,
        "Done": False,
        "When": None,
        "Link": None,
        "Who": [],
        "Files": [],
    }
    assert values(world.row(source))["No"]["number"] == 2


def test_properties_stand_in_the_order_of_their_ids(world: World) -> None:
    """The title's id is `title`, every other one is made up."""
    page = world.row(world.source(SCHEMA))
    ids = [entry["id"] for entry in page["properties"].values()]
    assert "title" in ids
    assert len(set(ids)) == len(SCHEMA) + 1


def test_unknown_select_names_become_options_but_status_names_do_not(world: World) -> None:
    """A select grows with what is written, and remembers; a status refuses."""
    source = world.source(SCHEMA)
    page = world.row(
        source, Tags={"multi_select": [{"name": "known"}, {"name": "new"}]}, Level={"select": {"name": "hard"}}
    )
    assert [tag["name"] for tag in values(page)["Tags"]] == ["known", "new"]
    options = world.good("GET", f"data_sources/{source}")["properties"]["Tags"]["multi_select"]["options"]
    assert [option["name"] for option in options] == ["known", "new"]
    body = {"properties": {"State": {"status": {"name": "Nearly"}}}}
    assert "Nearly" in world.refused("PATCH", f"pages/{page['id']}", body)
    assert "commas" in world.refused(
        "PATCH", f"pages/{page['id']}", {"properties": {"Level": {"select": {"name": "a,b"}}}}
    )


@pytest.mark.parametrize(
    ("properties", "complaint"),
    [
        ({"Nonsense": {"number": 1}}, "Nonsense is not a property that exists."),
        ({"Count": {"rich_text": []}}, "Count is expected to be number."),
        ({"Count": {"number": "1"}}, "body.properties.Count.number should be a number"),
        ({"Made": {"date": {"start": "2026-01-01"}}}, "cannot be written"),
        ({"When": {"date": {"start": "soon"}}}, "date.start should be a valid ISO 8601 date string"),
        ({"Link": {"url": ""}}, "url.length should be ≥ `1`"),
        ({"Who": {"people": [{"id": "7855b161-f63e-4683-b7c7-8ca6e97ee266"}]}}, "Could not find user"),
        ({"Tags": {"multi_select": [{"name": "x" * 101}]}}, "name.length should be ≤ `100`"),
    ],
)
def test_writes_must_fit_the_schema(world: World, properties: dict[str, Any], complaint: str) -> None:
    """Name, type and value are checked, and a refused write changes nothing."""
    page = world.row(world.source(SCHEMA))
    body = {"properties": {"Name": title("changed"), **properties}}
    assert complaint in world.refused("PATCH", f"pages/{page['id']}", body)
    assert values(world.good("GET", f"pages/{page['id']}"))["Name"][0]["plain_text"] == "A row"


def test_unknown_property_can_be_ignored_when_told_to() -> None:
    """Sources disagree about the real service."""
    world = World(Settings(unknown_property="ignore"))
    world.row(world.source(), Nonsense={"number": 1})
    world.close()


def test_trashed_page_reads_as_trashed_with_all_below(world: World) -> None:
    """Its blocks too; it takes no edits; undone, everything is back."""
    page = world.page(children=[item("out", [item("in")])])["id"]
    inner = world.children(world.children(page)[0]["id"])[0]["id"]
    assert world.good("PATCH", f"pages/{page}", {"in_trash": True})["in_trash"] is True
    assert world.good("GET", f"blocks/{inner}")["in_trash"] is True
    assert "archived" in world.refused("PATCH", f"pages/{page}", {"properties": {"title": title("x")}})
    assert [block["id"] for block in world.children(world.home)] == []
    assert world.good("PATCH", f"pages/{page}", {"in_trash": False})["in_trash"] is False
    assert world.good("GET", f"blocks/{inner}")["in_trash"] is False


def test_old_version_calls_the_trash_an_archive(world: World) -> None:
    """2025-09-03 shows both words, `archived` last but for the request's id; 2026-03-11 only one."""
    page = world.page()["id"]
    old = world.good("PATCH", f"pages/{page}", {"archived": True}, version="2025-09-03")
    assert (old["in_trash"], list(old)[-2:]) == (True, ["archived", "request_id"])
    assert "archived" not in world.good("GET", f"pages/{page}")


def test_url_is_made_of_title_and_id(world: World) -> None:
    """Runs of other characters become one dash; without a title there is the id alone."""
    page = world.page("A title: 제목, v1.0")
    assert page["url"] == f"https://app.notion.com/p/A-title-v1-0-{page['id'].replace('-', '')}"


def test_ids_are_taken_without_dashes_and_checked(world: World) -> None:
    """Returned with dashes; a wrong version digit is no uuid; the nil uuid is one that nobody has."""
    page = world.page()["id"]
    assert world.good("GET", f"pages/{page.replace('-', '').upper()}")["id"] == page
    wrong = "12345678-1234-1234-1234-123456789abc"
    assert world.refused("GET", f"pages/{wrong}") == (
        f'path failed validation: path.page_id should be a valid uuid, instead was `"{wrong}"`.'
    )
    assert "Could not find page with ID" in world.refused(
        "GET", "pages/00000000-0000-0000-0000-000000000000", status=404
    )


def test_relations_show_twenty_five_and_the_property_endpoint_all(world: World) -> None:
    """The page says that there are more."""
    target = world.source()
    rows = [world.row(target, f"row {n}")["id"] for n in range(30)]
    other = world.source({"To": {"relation": {"data_source_id": target, "single_property": {}}}})
    page = world.row(other, To={"relation": [{"id": row} for row in rows]})
    shown = page["properties"]["To"]
    assert (len(shown["relation"]), shown["has_more"]) == (25, True)
    path = f"pages/{page['id']}/properties/{shown['id']}"
    first = world.good("GET", f"{path}?page_size=20")
    rest = world.good("GET", f"{path}?page_size=20&start_cursor={first['next_cursor']}")
    assert [entry["relation"]["id"] for entry in [*first["results"], *rest["results"]]] == rows


def test_people_and_texts_longer_than_twenty_five_are_read_whole_by_page() -> None:
    """People are cut on the page; texts are not, but what they mention beyond twenty-five others is not told."""
    crowd = tuple(User(f"be500000-0000-8000-8000-{n:012x}", f"Person {n}", "person") for n in range(30))
    world = World(Settings(users=(BOT, *crowd)))
    mentions = [{"mention": {"user": {"id": user.id}}} for user in crowd]
    again = [*mentions, *([mentions[0]] * 50)]
    source = world.source({"Who": {"people": {}}, "Text": {"rich_text": {}}})
    page = world.row(source, Who={"people": [{"id": user.id} for user in crowd]}, Text={"rich_text": again})
    shown = page["properties"]
    assert len(shown["Who"]["people"]) == 25
    texts = [run["plain_text"] for run in shown["Text"]["rich_text"]]
    assert texts == [*(f"@Person {n}" for n in range(25)), *(["@Anonymous"] * 5), *(["@Person 0"] * 50)]
    for name, kind, count in (("Who", "people", 30), ("Text", "rich_text", 80)):
        path = f"pages/{page['id']}/properties/{shown[name]['id']}"
        answer = world.good("GET", f"{path}?page_size=12")
        items = answer["results"]
        while answer["has_more"]:
            answer = world.good("GET", f"{path}?page_size=12&start_cursor={answer['next_cursor']}")
            items += answer["results"]
        assert len(items) == count
        last = items[29][kind]
        assert (last["name"] if kind == "people" else last["plain_text"]).endswith("Person 29")
    world.close()


def test_mentions_can_be_told_in_full() -> None:
    """Sources do not say what happens to them."""
    world = World(Settings(reference_limit=1, mentions_past_limit="told"))
    pages = [world.page(f"page {n}")["id"] for n in range(3)]
    title = {"title": {"title": [{"mention": {"page": {"id": page}}} for page in pages]}}
    shown = world.good("POST", "pages", {"parent": {"page_id": world.home}, "properties": title})["properties"]["title"]
    assert [run["plain_text"] for run in shown["title"]] == ["page 0", "page 1", "page 2"]
    world.close()


def test_two_way_relations_are_written_at_both_ends(world: World) -> None:
    """Linking and unlinking."""
    target = world.source()
    there = world.row(target)["id"]
    dual = {"relation": {"data_source_id": target, "dual_property": {"synced_property_name": "Back"}}}
    here = world.row(world.source({"To": dual}), To={"relation": [{"id": there}]})["id"]
    assert values(world.good("GET", f"pages/{there}"))["Back"] == [{"id": here}]
    world.good("PATCH", f"pages/{here}", {"properties": {"To": {"relation": []}}})
    assert values(world.good("GET", f"pages/{there}"))["Back"] == []


def test_moved_page_is_listed_in_its_new_place(world: World) -> None:
    """And not into itself."""
    first, second = world.page("first")["id"], world.page("second")["id"]
    moved = world.good("POST", f"pages/{first}/move", {"parent": {"page_id": second}})
    assert moved["parent"] == {"type": "page_id", "page_id": second}
    assert [block["id"] for block in world.children(second)] == [first]
    assert "itself" in world.refused("POST", f"pages/{second}/move", {"parent": {"page_id": first}})


def test_child_pages_are_blocks_of_their_parent(world: World) -> None:
    """With the title; deleting the block trashes the page."""
    page = world.page("Child", [paragraph("x")])["id"]
    block = world.children(world.home)[0]
    assert (block["type"], block["child_page"], block["has_children"]) == ("child_page", {"title": "Child"}, True)
    world.good("DELETE", f"blocks/{page}")
    assert world.good("GET", f"pages/{page}")["in_trash"] is True


def test_erased_content_is_gone(world: World) -> None:
    """The page stays."""
    page = world.page(children=[paragraph("x")])["id"]
    world.good("PATCH", f"pages/{page}", {"erase_content": True})
    assert world.children(page) == []


def test_a_person_signs_with_their_own_name(world: World) -> None:
    """Another token is another user."""
    page = world.page()["id"]
    world.client.headers["Authorization"] = f"Bearer {PERSON_TOKEN}"
    edited = world.good("PATCH", f"pages/{page}", {"properties": {"title": title("By hand")}})
    assert edited["last_edited_by"] == {"object": "user", "id": PERSON.id}
    assert edited["created_by"]["id"] != PERSON.id


def test_page_with_children_in_one_request(world: World) -> None:
    """The body is there when the answer comes."""
    page = world.page(children=[item("a", [item("b", [item("c")])]), {"divider": {}}])["id"]
    top = world.children(page)
    assert [block["type"] for block in top] == ["bulleted_list_item", "divider"]
    assert said(world.children(world.children(top[0]["id"])[0]["id"])[0]) == "c"
    assert text("a")["text"]["content"] == said(top[0])
