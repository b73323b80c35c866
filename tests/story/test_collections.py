"""Several collections in one repository: each a database and a folder, one README over all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.story.lab import Lab, git

README = """\
# Group

<!-- notionsync:begin questions -->
<!-- notionsync:end questions -->

<!-- notionsync:begin plan -->
<!-- notionsync:end plan -->
"""
REGIONS = """
[[region]]
name = "questions"

[[region]]
name = "plan"
collection = "curriculum"
format = "table"
sort_by = "date"
date_format = "%B %d, %Y"
empty = "✖"
column = [
  {title = "No.", value = "{n}", align = "center"},
  {title = "Date", value = "{date}"},
  {title = "Topic", value = "{question}"},
  {title = "Lecture", value = "[Lec]({lecture})"},
]
"""
COLLECTION = """
[[collection]]
name = "curriculum"
data_source = "%s"
folder = "weeks"

[collection.properties]
question = "Topic"
date = "Date"
lecture = "Lecture"
"""


def second_database(lab: Lab, home: str) -> str:
    """Make the database of the curriculum, as a person; return its data source."""
    made = lab.api(
        "POST",
        "databases",
        {
            "parent": {"type": "page_id", "page_id": home},
            "title": [{"type": "text", "text": {"content": "Curriculum"}}],
            "initial_data_source": {
                "properties": {"Topic": {"title": {}}, "Date": {"date": {}}, "Lecture": {"url": {}}}
            },
        },
    )
    return str(made["data_sources"][0]["id"]).replace("-", "")


def add_week(lab: Lab, source: str, topic: str, date: str, lecture: str = "") -> str:
    """Add a row to the curriculum, as a person; return its page."""
    properties: dict[str, Any] = {
        "Topic": {"title": [{"text": {"content": topic}}]},
        "Date": {"date": {"start": date}},
        "Lecture": {"url": lecture or None},
    }
    body = {"parent": {"type": "data_source_id", "data_source_id": source}, "properties": properties}
    return str(lab.api("POST", "pages", body)["id"])


@pytest.fixture
def two(empty: Lab) -> tuple[Lab, str]:
    """Two questions in the main collection, two weeks in the second one; synced, committed, and settled."""
    for name in ("one", "two"):
        empty.write(f"answers/{name}.md", f"---\nquestion: Why {name}?\n---\n{name} because.\n")
    empty.write("README.md", README)
    home = empty.workspace()
    empty.run("init", "--create", "--parent", home)
    source = second_database(empty, home)
    add_week(empty, source, "Data", "2022-01-07")
    add_week(empty, source, "Images | pixels", "2022-01-10", "https://example.org/l(2)")
    empty.write("notionsync.toml", empty.read("notionsync.toml") + COLLECTION % source + REGIONS)
    empty.run("sync", "--commit")
    empty.commit()
    empty.wait(120)
    empty.requests()
    return empty, source


def table(lab: Lab) -> list[str]:
    """The rows of the second list."""
    return [line for line in lab.read("README.md").splitlines() if line.startswith("|")][2:]


def test_both_are_synced_and_listed(two: tuple[Lab, str]) -> None:
    """Each in its folder with its state, the README over both, everything in one commit; then nothing more."""
    lab, _ = two
    assert sorted(lab.bytes("weeks")) == ["weeks/Data.md", "weeks/Images__pixels.md"]
    assert "1. Why one? [Answer](answers/one.md)\n2. Why two? [Answer](answers/two.md)\n" in lab.read("README.md")
    assert table(lab) == [
        "|1|January 07, 2022|Data|✖|",
        r"|2|January 10, 2022|Images \| pixels|[Lec](https://example.org/l%282%29)|",
    ]
    assert len(list((lab.root / ".notionsync/base").glob("*.json"))) == 2
    assert len(list((lab.root / ".notionsync/collections/curriculum/base").glob("*.json"))) == 2
    assert "curriculum" in git(lab.root, "ls-files", ".notionsync")
    before = lab.bytes(".")
    report = lab.json("sync")
    assert (report["unchanged"], report["questions"], report["changed"]) == (4, [], False)
    assert lab.requests()["writes"] == 0
    tracked = git(lab.root, "ls-files").splitlines()
    assert {path: data for path, data in lab.bytes(".").items() if path in tracked} == {
        path: data for path, data in before.items() if path in tracked
    }


def test_edits_of_both_collections_travel_both_ways(two: tuple[Lab, str]) -> None:
    """In one run; a new row becomes a file and a line of the table, a new file a page."""
    lab, source = two
    lab.replace("weeks/Data.md", "question: Data", "question: Data, first")
    lab.replace("answers/one.md", "one because", "one, of course")
    lab.write("weeks/Loss.md", "---\nquestion: Loss\ndate: 2022-01-17\n---\n")
    add_week(lab, source, "Regression", "2022-01-12")
    planned = lab.json("sync", "--dry-run")
    report = lab.json("sync")
    assert [(o["path"], o["verb"]) for o in planned["questions"]] == [
        (o["path"], o["verb"]) for o in report["questions"]
    ]
    assert sorted((o["path"], o["verb"]) for o in report["questions"]) == [
        ("answers/one.md", "update"),
        ("weeks/Data.md", "update"),
        ("weeks/Loss.md", "create-page"),
        ("weeks/Regression.md", "create-file"),
    ]
    titles = {page["properties"]["Topic"]["title"][0]["plain_text"] for page in lab.pages(source)}
    assert titles == {"Data, first", "Images | pixels", "Regression", "Loss"}
    assert [row.split("|")[3] for row in table(lab)] == ["Data, first", "Images \\", "Regression", "Loss"]
    lab.wait(120)
    lab.requests()
    lab.run("sync")
    assert lab.requests()["writes"] == 0


def test_a_reworded_row_reaches_its_page(two: tuple[Lab, str]) -> None:
    """An edit by hand in the table is one of the collection that the table lists."""
    lab, source = two
    lab.replace("README.md", "|Data|", "|Data, first|")
    report = lab.json("sync")
    assert report["taken"] == ["README.md:11: the new wording was taken into weeks/Data.md"]
    assert "Data, first" in {page["properties"]["Topic"]["title"][0]["plain_text"] for page in lab.pages(source)}


def test_a_list_of_a_collection_is_adopted(two: tuple[Lab, str]) -> None:
    """By its folder, between the lists that are kept already; or started between bare markers."""
    lab, _ = two
    before = lab.read("README.md")
    lab.write("README.md", f"{before}\n- Data: [week](weeks/Data.md)\n- Images: [week](weeks/Images__pixels.md)\n")
    report = lab.json("readme", "init", "--folder", "weeks", "--name", "weeks", "--dry-run")
    assert [item["path"] for item in report["items"]] == ["weeks/Data.md", "weeks/Images__pixels.md"]
    assert report["regions"][0]["collection"] == "curriculum"
    lab.write("README.md", f"{before}\n<!-- notionsync:begin weeks -->\n<!-- notionsync:end weeks -->\n")
    lab.run("readme", "init", "--folder", "weeks", "--name", "weeks")
    assert lab.read("README.md").startswith(before)
    assert "1. Data\n2. Images | pixels\n" in lab.read("README.md")
    assert '[[region]]\nname = "weeks"\nfile = "README.md"\ncollection = "curriculum"\n' in lab.read("notionsync.toml")
    lab.run("readme", "--check")


def test_a_fresh_clone_goes_on(two: tuple[Lab, str], tmp_path: Path) -> None:
    """The state of both collections is in git: no second page, no second file."""
    lab, source = two
    clone = tmp_path / "clone"
    git(lab.root, "clone", "--quiet", str(lab.root), str(clone))
    there = Lab(clone, lab.base_url, lab.person)
    there.replace("weeks/Data.md", "question: Data", "question: Data, first")
    report = there.json("sync")
    assert [(o["path"], o["direction"]) for o in report["questions"]] == [("weeks/Data.md", "to-notion")]
    assert len(lab.pages(source)) == 2


def test_one_collection_alone(two: tuple[Lab, str]) -> None:
    """By name, or by the files; the other one is not touched, nor asked for."""
    lab, source = two
    lab.replace("weeks/Data.md", "question: Data", "question: Data, first")
    lab.replace("answers/one.md", "one because", "one, of course")
    assert [c["path"] for c in lab.json("--collection", "curriculum", "status")["changes"]] == ["weeks/Data.md"]
    assert [d["path"] for d in lab.json("--collection", "curriculum", "diff")["differences"]] == ["weeks/Data.md"]
    plan = lab.run("--collection", "curriculum", "plan", "--json").stdout
    lab.write("plan.json", plan)
    assert [o["path"] for o in lab.json("--collection", "curriculum", "apply", "plan.json")["questions"]] == [
        "weeks/Data.md"
    ]
    assert table(lab)[0].split("|")[3] == "Data, first"
    assert [o["path"] for o in lab.json("push", "answers/one.md")["questions"]] == ["answers/one.md"]
    assert lab.json("--collection", "curriculum", "doctor")
    lab.run("--collection", "curriculum", "repair", "--dry-run")
    lab.run("check")
    assert 'no collection "weeks"; known are curriculum' in lab.run("--collection", "weeks", "sync", code=2).stderr
    assert "is of one collection" in lab.run("plan", "--json", code=2).output
    assert len(lab.pages(source)) == 2


def test_a_guard_stops_all_collections(two: tuple[Lab, str]) -> None:
    """Nothing is written on either side of either collection."""
    lab, _ = two
    lab.replace("answers/one.md", "one because", "one, of course")
    for path in lab.bytes("weeks"):
        (lab.root / path).unlink()
    before = lab.bytes(".notionsync/base")
    lab.run("sync", code=4)
    assert lab.requests()["writes"] == 0
    assert lab.bytes(".notionsync/base") == before


def test_check_looks_at_every_collection(two: tuple[Lab, str]) -> None:
    """With the mapping of each."""
    lab, _ = two
    lab.replace("weeks/Data.md", "date: 2022-01-07", "date: someday")
    lab.replace("answers/one.md", "question: Why one?", "question: Why only one?")
    found = [(one["path"], one["code"]) for one in lab.json("check", code=6)["findings"]]
    assert ("weeks/Data.md", "NS-FRONT-MATTER") in found
    assert ("README.md", "NS-README-STALE") in found
    assert {path for path, _ in found} == {"weeks/Data.md", "README.md"}


def test_the_page_about_collections_is_right(empty: Lab) -> None:
    """Its example connects a second database, and each command looks at what the page says."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "collections.md").read_text("utf-8")
    [example] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    empty.write("answers/one.md", "---\nquestion: Why one?\n---\none because.\n")
    empty.write("README.md", README.replace("plan", "curriculum"))
    home = empty.workspace()
    empty.run("init", "--create", "--parent", home)
    source = second_database(empty, home)
    add_week(empty, source, "Data", "2022-01-07")
    address = f"https://www.notion.so/{empty.api('GET', f'data_sources/{source}')['parent']['database_id']}"
    assert 'data_source = "…"' in example
    settings = example.replace('"…"', f'"{address}"') + '\n[[region]]\nname = "questions"\n'
    empty.write("notionsync.toml", f"{empty.read('notionsync.toml')}\n{settings}")
    said = empty.run("sync", code=2).stderr
    assert "is the database 'Curriculum', not its data source" in said
    assert f'write data_source = "{source}"' in said
    assert f'write data_source = "{source}"' in empty.run("doctor", code=None).output
    empty.replace("notionsync.toml", address, source)
    empty.run("sync", "--commit")
    assert "1. Why one? [Answer](answers/one.md)\n" in empty.read("README.md")
    assert table(empty) == ["|1|Data||"]
    assert (empty.root / ".notionsync/collections/curriculum/base").is_dir()

    all_, _, one = page.partition("look at all collections")
    assert "`pull`, `push`, `sync`, `readme`, `check`, `status`, `doctor`, `resync` and `repair` " in all_
    assert "`diff`, `link`, `schema`\nand `assets` always look at one" in one
    both = {"answers/new.md", "weeks/new.md"}
    for path in both:
        empty.write(path, "---\nquestion: New?\n---\nNew, ![](nowhere.png).\n")

    def named(*args: str, code: int | None = 0) -> set[str]:
        return {path for path in both if path in empty.run(*args, code=code).output}

    for command in (["status"], ["check"], ["sync", "--dry-run"], ["resync", "--dry-run"]):
        assert named(*command, code=None) == both
    assert named("diff") == {"answers/new.md"}
    assert named("--collection", "curriculum", "diff") == {"weeks/new.md"}
    assert named("--collection", "curriculum", "status") == {"weeks/new.md"}
    assert "notionsync --collection NAME plan" in empty.run("plan", code=2).stderr


def test_collections_without_a_main_one(empty: Lab) -> None:
    """`[notion]` need not name a data source; `answers/` is then only a folder."""
    source = second_database(empty, empty.workspace())
    add_week(empty, source, "Data", "2022-01-07")
    empty.write("notionsync.toml", COLLECTION % source)
    empty.run("sync")
    assert list(empty.bytes("weeks")) == ["weeks/Data.md"]


def test_the_state_of_every_collection_is_compared_repaired_and_rebuilt(two: tuple[Lab, str]) -> None:
    """`check --sides`, `repair` and `resync` look at all of them, or at the one that is named."""
    desk, _ = two
    assert desk.json("check", "--sides")["known"] == 4
    for path in (desk.root / ".notionsync").rglob("*.base"):
        path.write_bytes(b"something else")
    assert len(desk.json("--collection", "curriculum", "repair", "--dry-run")["repairs"]) == 2
    assert len(desk.json("repair")["repairs"]) == 4
    assert desk.json("check", "--sides")["differences"] == []
    before = {path: data for path, data in desk.bytes(".notionsync").items() if path.endswith(".base")}
    for path in (desk.root / ".notionsync").rglob("*.base"):
        path.unlink()
    report = desk.json("resync")
    assert [question["state"] for question in report["questions"]] == ["done"] * 4
    assert {path: data for path, data in desk.bytes(".notionsync").items() if path.endswith(".base")} == before
    assert desk.json("sync")["questions"] == []
