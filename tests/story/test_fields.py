"""Properties that refer to people and to questions, values longer than a page shows, and what Notion computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.story.lab import Lab

from notionsync.emulator import BOT_TOKEN
from notionsync.model import compact_id

MAPPING = 'related = "Related"\nby = "By"\nfiles = "Files"\nsee = "See"\n'


@pytest.fixture
def desk(empty: Lab) -> Lab:
    """A database of three questions with a relation to itself, people, files, a text, and a computed property."""
    for name in "ABC":
        empty.write(f"answers/{name}.md", f"---\nquestion: {name}?\norder: 1\n---\n\n- {name}\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    source = data_source(empty)
    relation = {"relation": {"data_source_id": source, "single_property": {}}}
    empty.api(
        "PATCH",
        f"data_sources/{source}",
        {
            "properties": {
                "Related": relation,
                "By": {"people": {}},
                "Made": {"created_time": {}},
                "Files": {"files": {}},
                "See": {"rich_text": {}},
            }
        },
    )
    empty.replace("notionsync.toml", 'order = "Order"\n', f'order = "Order"\n{MAPPING}')
    return empty


@pytest.fixture
def dated(desk: Lab) -> Lab:
    """The same, with the time at which Notion made a page in its file."""
    desk.replace("notionsync.toml", 'by = "By"\n', 'by = "By"\nmade = "Made"\n')
    return desk


def data_source(desk: Lab) -> str:
    """Return the id in the configuration."""
    line = next(line for line in desk.read("notionsync.toml").splitlines() if line.startswith("data_source"))
    return line.split('"')[1]


def value(desk: Lab, name: str, prop: str) -> Any:
    """Return what a question's page holds of a property."""
    found = desk.api("GET", f"pages/{desk.page_of(f'answers/{name}.md')}")["properties"][prop]
    return found[found["type"]]


def related(desk: Lab, name: str) -> list[str]:
    """Return the names of the questions that a page is related to."""
    names = {desk.page_of(f"answers/{other}.md"): other for other in "ABC"}
    return [names[compact_id(entry["id"])] for entry in value(desk, name, "Related")]


def head(desk: Lab, name: str, key: str) -> str:
    """Return what stands in a file behind a key."""
    lines = [line for line in desk.read(f"answers/{name}.md").splitlines() if line.startswith(f"{key}:")]
    return lines[0].partition(": ")[2] if lines else ""


def quiet(desk: Lab) -> None:
    """See that both sides say the same, however closely one looks."""
    desk.commit()
    report = desk.json("sync", "--deep")
    assert report["questions"] == [], report
    assert desk.changed() == set()


def test_relations_are_file_names(desk: Lab) -> None:
    """Also to files that get their page later in the same run, and round in a circle; edits on both sides arrive."""
    desk.replace("answers/A.md", "order: 1\n", "order: 1\nrelated: [B.md, C.md]\n")
    desk.replace("answers/C.md", "order: 1\n", "order: 1\nrelated: [answers/A.md]\n")
    desk.run("push")
    assert (related(desk, "A"), related(desk, "B"), related(desk, "C")) == (["B", "C"], [], ["A"])
    assert head(desk, "C", "related") == "[answers/A.md]"
    quiet(desk)
    ids = {name: desk.page_of(f"answers/{name}.md") for name in "ABC"}
    desk.wait(60)
    desk.api("PATCH", f"pages/{ids['B']}", {"properties": {"Related": {"relation": [{"id": ids["A"]}]}}})
    desk.replace("answers/A.md", "[B.md, C.md]", "[C.md]")
    desk.run("sync")
    assert head(desk, "B", "related") == "[A.md]"
    assert related(desk, "A") == ["C"]
    quiet(desk)


def test_a_relation_to_a_file_that_comes_later_is_sent_then(desk: Lab) -> None:
    """An answer that is pushed already gets a relation to a new file: both go in one run."""
    desk.run("push")
    desk.wait(60)
    desk.write("answers/D.md", "---\nquestion: D?\n---\n")
    desk.replace("answers/A.md", "order: 1\n", "order: 1\nrelated: [D.md]\n")
    desk.run("sync")
    assert [compact_id(entry["id"]) for entry in value(desk, "A", "Related")] == [desk.page_of("answers/D.md")]
    quiet(desk)


def test_pages_that_arrive_together_name_each_other(desk: Lab) -> None:
    """Questions from Notion get their files in one pull, with each other's file names, not ids."""
    desk.run("push")
    source = data_source(desk)
    made = [
        desk.api(
            "POST",
            "pages",
            {
                "parent": {"type": "data_source_id", "data_source_id": source},
                "properties": {"Question": {"title": [{"text": {"content": title}}]}},
            },
        )["id"]
        for title in ("First new", "Second new")
    ]
    desk.api("PATCH", f"pages/{made[0]}", {"properties": {"Related": {"relation": [{"id": made[1]}]}}})
    desk.wait(60)
    desk.run("pull")
    assert head(desk, "First_new", "related") == "[Second_new.md]"
    quiet(desk)


def test_a_name_that_stands_for_nothing_is_refused(desk: Lab) -> None:
    """A misspelt file or person stops its question alone, with what to do."""
    desk.replace("answers/A.md", "order: 1\n", "order: 1\nrelated: [Z.md]\n")
    desk.replace("answers/B.md", "order: 1\n", "order: 1\nby: [Nobody Known]\n")
    output = desk.run("push", code=3).stdout
    assert '"Z.md" stands for no question' in output
    assert '"Nobody Known" stands for nobody' in output
    assert "notion_id" in desk.read("answers/C.md")
    assert "notion_id" not in desk.read("answers/A.md")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("related: [Z.md]", '"Z.md" stands for no question'),
        ("by: [Nobody Known]", '"Nobody Known" stands for nobody'),
        ("level: Hrad", 'no option "Hrad"; did you mean "Hard"?'),
        ("state: In progres", 'no option "In progres"; did you mean "In progress"?'),
        ("made: []\nlevel: [a, b]", "a list ['a', 'b'] where one value belongs"),
    ],
)
def test_a_value_that_notion_cannot_hold_is_refused_when_it_is_planned(desk: Lab, line: str, says: str) -> None:
    """A dry run and a plan say what a run would, with the file's line; the others go on, in a new file and in a known one."""
    options = {"options": [{"name": "Hard"}]}
    properties = {"Level": {"select": options}, "State": {"status": {}}}
    desk.api("PATCH", f"data_sources/{data_source(desk)}", {"properties": properties})
    desk.replace("notionsync.toml", 'by = "By"\n', 'by = "By"\nlevel = "Level"\nstate = "State"\n')
    desk.run("push", "--dry-run")
    for known in (False, True):
        name, at = ("B", 4) if known else ("A", 3)
        if known:
            desk.run("push", code=3)
        desk.replace(f"answers/{name}.md", "order: 1\n", f"{line}\norder: 1\n")
        where = f"answers/{name}.md:{at + line.count(chr(10))}: "
        for command in (("push", "--dry-run"), ("plan",), ("push",)):
            output = desk.run(*command, code=3).stdout
            assert where in output, output
            assert says in output, output
    assert "notion_id" not in desk.read("answers/A.md")
    assert line in desk.read("answers/B.md")
    if "Hrad" in line:
        assert "refused" not in desk.run("push", "--allow-new-options", "--dry-run").stdout
        assert "refused" not in desk.run("plan", "--allow-new-options").stdout
        desk.run("push", "--allow-new-options")
        assert value(desk, "B", "Level")["name"] == "Hrad"


def test_keys_that_come_from_notion_stand_in_the_order_of_the_mapping(desk: Lab) -> None:
    """A new key follows the keys that are mapped before it, never in front of the question."""
    desk.run("push")
    page = desk.page_of("answers/A.md")
    text = {"rich_text": [{"text": {"content": "first"}}]}
    related = {"relation": [{"id": desk.page_of("answers/B.md")}]}
    desk.api("PATCH", f"pages/{page}", {"properties": {"See": text}})
    desk.wait(120)
    desk.run("pull")
    desk.api("PATCH", f"pages/{page}", {"properties": {"Related": related}})
    desk.wait(120)
    desk.run("pull")
    assert desk.read("answers/A.md").startswith(
        f"---\nnotion_id: {page}\nquestion: A?\norder: 1\nrelated: [B.md]\nsee: first\n---\n"
    )


def test_a_version_is_no_number(desk: Lab) -> None:
    """`3.10` without quotes chooses the option 3.10, not 3.1, and is the text 1.10 in a text; nothing is left to do then."""
    options = {"options": [{"name": "3.1"}, {"name": "3.10"}]}
    desk.api("PATCH", f"data_sources/{data_source(desk)}", {"properties": {"Python": {"select": options}}})
    desk.replace("notionsync.toml", 'by = "By"\n', 'python = "Python"\n')
    desk.replace("answers/A.md", "order: 1\n", "order: 1\npython: 3.10\nsee: 1.10\n")
    desk.run("push")
    assert (value(desk, "A", "Python")["name"], value(desk, "A", "See")[0]["plain_text"]) == ("3.10", "1.10")
    desk.run("check", token="")
    desk.wait(120)
    quiet(desk)


def test_a_relation_to_no_answer_is_found_offline(desk: Lab) -> None:
    """By its line, with the nearest name; names as they may be written, and ids, are none."""
    desk.run("push")
    page = desk.page_of("answers/A.md")
    desk.replace("answers/B.md", "order: 1\n", f"order: 1\nrelated: [a.md, answers/C.md, {page}]\n")
    desk.run("check", token="")
    desk.replace("answers/C.md", "order: 1\n", "order: 1\nrelated: [B.md, AA.md]\n")
    output = desk.run("check", code=6, token="").stdout
    assert 'answers/C.md:5: NS-LINK-DEAD "AA.md" is the file of no answer; did you mean "A.md"?\n' in output
    assert output.endswith("check: 3 answers, 1 found\n")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("{", "{,", 1), ('"path"', '"pth"', 0), ("{", "<<<<<<< HEAD\n{\n=======\n{\n>>>>>>> theirs\n", 0)],
)
def test_a_broken_record_is_found_offline(desk: Lab, old: str, new: str, line: int) -> None:
    """As a merge that was settled by hand may leave it: a look at one answer is not about it."""
    desk.run("push")
    path = f".notionsync/base/{desk.page_of('answers/A.md')}.json"
    desk.write(path, desk.read(path).replace(old, new, 1))
    (found,) = desk.json("check", code=6)["findings"]
    assert (found["path"], found["line"], found["code"]) == (path, line, "NS-STATE")
    assert found["advice"] == "notionsync repair"
    desk.run("check", "answers/A.md")


def people(desk: Lab) -> dict[str, str]:
    """Return the people of the workspace: name → id."""
    return {user["name"]: compact_id(user["id"]) for user in desk.api("GET", "users")["results"]}


def test_people_are_names_where_these_are_unique(desk: Lab) -> None:
    """A name in a file reaches Notion as the person; a person in Notion reaches the file as the name."""
    known = people(desk)
    name, id_ = next((name, id_) for name, id_ in known.items())
    desk.replace("answers/A.md", "order: 1\n", f"order: 1\nby: [{name}]\n")
    desk.replace("answers/B.md", "order: 1\n", f"order: 1\nby: [{id_}]\n")
    desk.run("push")
    assert [compact_id(user["id"]) for user in value(desk, "A", "By")] == [id_]
    assert [compact_id(user["id"]) for user in value(desk, "B", "By")] == [id_]
    quiet(desk)
    desk.wait(60)
    page = desk.page_of("answers/C.md")
    desk.api("PATCH", f"pages/{page}", {"properties": {"By": {"people": [{"object": "user", "id": id_}]}}})
    desk.run("sync")
    assert head(desk, "C", "by") == f"[{name}]"


def test_more_than_25_references_are_read_whole(desk: Lab) -> None:
    """A page shows the first 25; a file that says all of them is no edit, and an edit keeps the others."""
    desk.run("push")
    for number in range(30):
        desk.write(f"answers/N{number:02}.md", f"---\nquestion: N{number}?\n---\n")
    names = [f"N{number:02}.md" for number in range(30)]
    desk.replace("answers/A.md", "order: 1\n", f"order: 1\nrelated: [{', '.join(names)}]\n")
    desk.run("push")
    quiet(desk)
    desk.wait(60)
    desk.replace("answers/A.md", "[N00.md, ", "[")
    desk.run("sync")
    page = desk.page_of("answers/A.md")
    prop = next(
        p for p in desk.api("GET", f"data_sources/{data_source(desk)}")["properties"].values() if p["name"] == "Related"
    )
    answer = desk.api("GET", f"pages/{page}/properties/{prop['id']}?page_size=100")
    assert len(answer["results"]) == 29
    desk.say(desk.children(page)[0]["id"], "bulleted_list_item", "A, edited")
    desk.run("sync")
    assert head(desk, "A", "related") == f"[{', '.join(names[1:])}]"
    quiet(desk)


def test_a_rollup_of_more_than_25_references_is_read_whole(desk: Lab) -> None:
    """A page may show the rollup of the first 25 only; that of fewer costs no request."""
    source = data_source(desk)
    rollup = {"relation_property_name": "Related", "rollup_property_name": "Order", "function": "sum"}
    desk.api("PATCH", f"data_sources/{source}", {"properties": {"Sum": {"rollup": rollup}}})
    desk.replace("notionsync.toml", 'related = "Related"\n', 'sum = "Sum"\n')
    desk.run("push")
    made = [
        desk.api(
            "POST",
            "pages",
            {
                "parent": {"type": "data_source_id", "data_source_id": source},
                "properties": {"Question": {"title": [{"text": {"content": f"N{n}"}}]}, "Order": {"number": 2}},
            },
        )["id"]
        for n in range(30)
    ]
    for name, ids in (("A", made), ("B", made[:20])):
        related = {"Related": {"relation": [{"id": id_} for id_ in ids]}}
        desk.api("PATCH", f"pages/{desk.page_of(f'answers/{name}.md')}", {"properties": related})
    desk.wait(120)
    desk.requests()
    desk.run("pull")
    asked = [entry["path"] for entry in desk.requests()["log"] if "/properties/" in entry["path"]]
    assert len(asked) == 1, asked
    assert compact_id(asked[0].split("/")[3]) == desk.page_of("answers/A.md")
    assert (head(desk, "A", "sum"), head(desk, "B", "sum")) == ("60", "40")
    quiet(desk)


def test_an_edit_of_what_notion_computes_is_told(dated: Lab) -> None:
    """The edit of a computed property is not sent, and the report says so; Notion's value stands."""
    dated.replace("answers/A.md", "order: 1\n", "order: 1\nmade: 2020-01-01\n")
    output = dated.run("push").stdout
    assert "Notion computes Made; the edit is not sent: take it back, or take made out of [properties]" in output
    assert value(dated, "A", "Made").startswith("2026-01-05")


def test_a_link_in_a_text_leads_to_the_page(desk: Lab) -> None:
    """A link to another answer in a text property becomes its page's address in Notion, and stays what it is here."""
    desk.replace("answers/A.md", "order: 1\n", 'order: 1\nsee: "see [B](B.md)"\n')
    desk.run("push")
    desk.wait(60)
    desk.replace("answers/A.md", "see [B]", "also [B]")
    desk.run("push")
    texts = value(desk, "A", "See")
    assert texts[1]["text"]["link"]["url"].endswith(desk.page_of("answers/B.md"))
    assert head(desk, "A", "see") == '"also [B](B.md)"'
    quiet(desk)


def test_a_file_property_is_uploaded(desk: Lab) -> None:
    """A file of the repository in a list of files goes to Notion; what Notion hosts stays when the list gets longer."""
    (desk.root / "answers/a.pdf").write_bytes(b"%PDF-1.4\n")
    desk.replace("answers/A.md", "order: 1\n", "order: 1\nfiles: [a.pdf]\n")
    desk.run("push")
    assert [entry["type"] for entry in value(desk, "A", "Files")] == ["file"]
    quiet(desk)
    desk.wait(60)
    desk.replace("answers/A.md", "[a.pdf]", "[a.pdf, 'https://example.org/b.pdf']")
    desk.run("sync")
    assert [entry["type"] for entry in value(desk, "A", "Files")] == ["file", "external"]
    quiet(desk)


def test_a_file_of_a_property_comes_here_and_goes_back_changed(desk: Lab) -> None:
    """What a person put into a list of files is downloaded once; other bytes under its name go to Notion."""
    desk.run("push")
    upload = desk.api("POST", "file_uploads", {"filename": "Plan.pdf", "content_type": "application/pdf"})["id"]
    sent = {"file": ("Plan.pdf", b"%PDF-1.4\n", "application/pdf")}
    desk.person.post(f"/v1/file_uploads/{upload}/send", files=sent).raise_for_status()
    entry = {"name": "The plan", "type": "file_upload", "file_upload": {"id": upload}}
    desk.api("PATCH", f"pages/{desk.page_of('answers/A.md')}", {"properties": {"Files": {"files": [entry]}}})
    desk.wait(120)
    desk.run("sync")
    (path,) = desk.bytes("answers/assets")
    assert head(desk, "A", "files") == f'["[The plan]({path.removeprefix("answers/")})"]'
    quiet(desk)
    desk.wait(120)
    (desk.root / path).write_bytes(b"%PDF-1.4\nmore")
    desk.run("sync")
    (held,) = value(desk, "A", "Files")
    assert (held["name"], desk.person.get(held["file"]["url"]).content) == ("The plan", b"%PDF-1.4\nmore")
    quiet(desk)


def test_no_fields_of_people_no_request_for_people(desk: Lab) -> None:
    """The workspace's people are asked for only where a value needs them."""
    desk.run("push")
    desk.requests()
    desk.run("sync", token=BOT_TOKEN)
    assert "GET users" not in str(desk.requests())


def test_what_notion_computes_reaches_a_file_that_was_pushed_new(dated: Lab) -> None:
    """The run after the push brings it; from then on there is nothing to do. A push in between is not held up by it."""
    dated.run("push")
    assert not head(dated, "A", "made")
    dated.replace("answers/A.md", "order: 1\n", "order: 7\n")
    dated.run("push")
    assert value(dated, "A", "Order") == 7
    assert not head(dated, "A", "made")
    dated.run("sync")
    assert [head(dated, name, "made")[:10] for name in "ABC"] == ["2026-01-05"] * 3
    quiet(dated)


def test_an_edit_of_what_notion_computes_is_told_each_time_and_recorded_never(dated: Lab) -> None:
    """The edit stays in the file, the advice is given again, and the state stays as it is."""
    dated.run("push")
    dated.run("sync")
    dated.commit()
    made = head(dated, "A", "made")
    dated.replace("answers/A.md", f"made: {made}\n", "made: 2020-01-01\n")
    dated.wait(60)
    for _ in range(2):
        report = dated.json("sync")
        assert [found["state"] for found in report["questions"]] == ["pending"]
        assert "take made out of [properties]" in report["questions"][0]["notices"][0]
        assert dated.changed() == {"answers/A.md"}
    assert head(dated, "A", "made") == "2020-01-01"


@pytest.mark.parametrize(
    ("old", "new"), [("order: 1\n", "\torder: 1\n"), ("notion_id: ", "no_id: "), ("---\nno", "---\na: 1\na: 2\nno")]
)
def test_a_file_that_is_refused_keeps_its_name_in_others(desk: Lab, old: str, new: str) -> None:
    """Nothing is written into the answers that lead to it, in front matter or body; nor once it is mended."""
    desk.replace("answers/B.md", "order: 1\n", "order: 1\nrelated: [A.md]\nsee: '[a](A.md)'\n")
    desk.replace("answers/C.md", "- C\n", "- C, see [a](A.md)\n")
    desk.run("push")
    desk.commit()
    quiet(desk)
    whole, others = desk.read("answers/A.md"), {n: desk.read(f"answers/{n}.md") for n in "BC"}
    desk.replace("answers/A.md", old, new)
    desk.wait(120)
    for again in ("sync", "sync", "pull"):
        desk.requests()
        desk.run(again, *(["--deep"] if again == "sync" else []), code=3)
        assert desk.requests()["writes"] == 0
        assert {n: desk.read(f"answers/{n}.md") for n in "BC"} == others
    desk.replace("answers/C.md", "- C, see", "- C, now see")
    desk.run("sync", code=3)
    assert "A.md" in desk.read("answers/C.md")
    desk.write("answers/A.md", whole)
    desk.run("sync")
    assert desk.read("answers/B.md") == others["B"]
    quiet(desk)


def test_answers_lead_to_each_other_in_a_fresh_clone(desk: Lab, tmp_path: Path) -> None:
    """Links in a title, a text and a body come as file names with the first pull; a page outside stays an address."""
    outside = f"https://www.notion.so/{compact_id(desk.workspace())}"
    desk.replace("answers/A.md", "question: A?\n", "question: 'A, not [B](B.md)?'\n")
    desk.replace("answers/B.md", "order: 1\n", "order: 1\nrelated: [A.md]\nsee: '[c](C.md)'\n")
    desk.replace("answers/C.md", "- C\n", f"- C, see [b](B.md) and [a](A.md) and [out]({outside})\n")
    desk.run("push")
    config = desk.read("notionsync.toml")
    source = desk.api("GET", f"data_sources/{data_source(desk)}")
    clone = Lab(tmp_path / "clone", desk.base_url, desk.person)
    clone.root.mkdir()
    clone.git("init", "--quiet", "--initial-branch=main")
    clone.run("init", "--database", f"https://www.notion.so/{compact_id(source['parent']['database_id'])}")
    clone.write("notionsync.toml", config)
    desk.wait(120)
    clone.run("pull")
    for name in "ABC":
        mine, there = desk.read(f"answers/{name}.md"), [d.decode() for d in clone.bytes().values()]
        page = desk.page_of(f"answers/{name}.md")
        assert [t for t in there if f"notion_id: {page}" in t], (mine, there)
    texts = clone.bytes()
    assert sum(text.count(b"www.notion.so") for text in texts.values()) == 1, texts
    clone.commit()
    before = clone.bytes()
    for args in (["sync"], ["sync", "--deep"]):
        clone.requests()
        clone.run(*args)
        assert clone.requests()["writes"] == 0
        assert clone.bytes() == before
