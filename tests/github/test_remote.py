"""Every command over a repository on GitHub: one commit of what changed, and nothing lost when others are faster."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest
from tests.github.desk import HubDesk, edited
from tests.github.hub import Fault
from tests.scenarios.desk import answer, path_of

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def race(desk: HubDesk, *changes: Mapping[str, bytes | None]) -> None:
    """Let somebody push each of the changes in the moment that a run publishes, one for each try."""
    left = list(changes)
    desk.repo.hub.faults = [
        Fault("PATCH", "/git/refs/", before=lambda: desk.repo.commit("Theirs", left.pop(0)), times=1) for _ in changes
    ]


def test_a_first_pull_and_a_first_push(bare: HubDesk) -> None:
    """A repository is connected, filled from Notion, and fills it, without a checkout."""
    bare.write(path_of("one"), answer("one", 1, "one alpha"))
    made = bare.json("init", "--create", "--parent", bare.workspace())
    assert bare.repo.tip() == made["commit"]
    assert made["data_source"] in bare.read("notionsync.toml")
    report = bare.json("sync")
    assert [q["verb"] for q in report["questions"]] == ["create-page"]
    assert report["commit"] == bare.repo.tip()
    bare.ask("Why two?", "two alpha")
    bare.run("sync")
    assert bare.both("one") == ["one alpha"]
    assert bare.both("Why_two") == ["two alpha"]
    assert bare.repo.messages()[0] == "Sync answers with Notion\n\nNotionsync-Run: sync\n"


def test_a_sync_both_ways_is_one_commit(desk: HubDesk) -> None:
    """A page edited, a file edited, a page new and a file new: one commit of them all; other files stay."""
    desk.write("src/tool.sh", "#!/bin/sh\n")
    desk.edit("one", "one beta", "from the file")
    desk.note("two", "two beta", "from Notion")
    desk.write(path_of("new"), answer("new", 3, "new alpha"))
    desk.ask("Why asked?", "asked alpha")
    desk.publish("Edits")
    before = len(desk.repo.messages())
    report = desk.json("sync")
    jsonschema.validate(report, json.loads((SCHEMAS / "report.schema.json").read_text("utf-8")))
    assert (report["commit"], report["pull_request"], report["issues"]) == (desk.repo.tip(), None, [])
    assert len(desk.repo.messages()) == before + 1
    assert desk.both("one")[1] == "from the file"
    assert desk.both("two")[1] == "from Notion"
    assert desk.both("new") == ["new alpha"]
    assert desk.both("Why_asked") == ["asked alpha"]
    assert desk.read("src/tool.sh") == "#!/bin/sh\n"
    assert not [path for path in desk.repo.files() if "cache" in path or "lock" in path]
    desk.settled_now()


def test_nothing_changed_publishes_nothing(desk: HubDesk) -> None:
    """No commit, no proof of one, and nothing is written anywhere; it costs the same few requests each time."""
    tip = desk.repo.tip()
    desk.repo.hub.log.clear()
    assert desk.json("sync")["commit"] == ""
    assert desk.repo.tip() == tip
    assert [method for method, _ in desk.repo.hub.log if method != "GET"] == []
    assert desk.repo.hub.calls("GET", "") == 5


def test_a_dry_run_writes_nothing(desk: HubDesk) -> None:
    """Neither here, nor there, nor on GitHub."""
    desk.edit("one", "one beta", "from the file")
    desk.note("two", "two beta", "from Notion")
    desk.publish()
    tip = desk.repo.tip()
    desk.requests()
    desk.repo.hub.log.clear()
    assert {q["state"] for q in desk.json("sync", "--dry-run")["questions"]} == {"planned"}
    assert desk.writes() == 0
    assert desk.repo.tip() == tip
    assert {method for method, _ in desk.repo.hub.log} == {"GET"}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["status"], 0),
        (["status", "--remote"], 0),
        (["diff"], 0),
        (["plan"], 0),
        (["check"], 6),
        (["assets"], 0),
        (["schema", "--stdout"], 0),
        (["doctor"], 0),
        (["link"], 0),
    ],
)
def test_commands_that_read_leave_everything_alone(desk: HubDesk, command: list[str], code: int) -> None:
    """They see the repository on GitHub, and send nothing but questions."""
    desk.edit("one", "one beta", "one better\n\n![none](none.png)")
    desk.publish()
    desk.requests()
    desk.repo.hub.log.clear()
    said = desk.run(*command, code=code).output
    assert "one" in said or command[0] in {"schema", "doctor", "link", "assets"}
    assert {method for method, _ in desk.repo.hub.log if method != "GET"} == set()
    assert desk.writes() == 0


def test_commands_that_write_files_publish_them(desk: HubDesk) -> None:
    """The list, its adoption, a repair, the schema, a removed orphan: each one commit, and none when nothing changed."""
    desk.write("README.md", "# Study\n\n1. Why one? [Answer](answers/one.md)\n2. Why two? [Answer](answers/two.md)\n")
    desk.write("answers/assets/orphan.png", "x")
    for command in (["readme", "init"], ["readme"], ["assets", "--prune", "--yes"], ["schema"], ["check", "--fix"]):
        desk.publish()
        if command == ["readme"]:
            desk.edit("one", "Why one?", "Why only one?")
        made = desk.json(*command)["commit"] or desk.repo.tip()
        assert desk.repo.tip() == made
    assert "1. Why only one? [Answer]" in desk.read("README.md")
    assert not (desk.root / "answers/assets/orphan.png").exists()
    assert (desk.root / "schemas/answer.schema.json").exists()
    tip = desk.repo.tip()
    assert desk.json("readme")["commit"] == ""
    assert desk.repo.tip() == tip


def test_named_files_are_those_of_the_repository(desk: HubDesk) -> None:
    """Whatever folder a person stands in."""
    desk.edit("one", "one beta", "one better")
    desk.edit("two", "two beta", "two better")
    desk.run("push", "answers/one.md")
    assert (desk.there("one")[1], desk.there("two")[1]) == ("one better", "two beta")
    assert "not inside" in desk.run("push", "../one.md", code=2).output


def test_a_lost_race_is_run_again_over_the_new_head(desk: HubDesk) -> None:
    """A page was made and a page was edited before it was lost: neither is doubled, nothing of theirs is lost."""
    desk.edit("one", "one beta", "from the file")
    desk.write(path_of("new"), answer("new", 3, "new alpha"))
    desk.note("two", "two beta", "from Notion")
    desk.publish()
    race(desk, edited(desk.repo.files(), path_of("two"), "two gamma", "two GAMMA"))
    report = desk.json("sync")
    assert [m.split("\n")[0] for m in desk.repo.messages()[:2]] == ["Sync answers with Notion", "Theirs"]
    assert desk.titles() == ["Why new?", "Why one?", "Why two?"]
    assert desk.both("one")[1] == "from the file"
    assert desk.both("two") == ["two alpha", "from Notion", "two GAMMA"]
    assert desk.both("new") == ["new alpha"]
    told = {Path(q["path"]).stem: (q["verb"], q["direction"]) for q in report["questions"]}
    assert told == {"one": ("update", "to-notion"), "new": ("create-page", "to-notion"), "two": ("update", "both")}
    desk.settled_now()


def test_what_was_pushed_before_a_lost_race_is_the_base_of_the_next_run(desk: HubDesk) -> None:
    """They edit the same paragraph, the new file, and take a new file away: their words win, because nobody else spoke."""
    desk.edit("one", "one beta", "ours")
    desk.write(path_of("new"), answer("new", 3, "new alpha", "new beta"))
    desk.write(path_of("gone"), answer("gone", 4, "gone alpha"))
    desk.write(path_of("moved"), answer("moved", 5, "moved alpha"))
    desk.publish()
    files = desk.repo.files()
    race(
        desk,
        {
            **edited(files, path_of("one"), "ours", "theirs"),
            **edited(files, path_of("new"), "new beta", "new theirs"),
            path_of("gone"): None,
            path_of("moved"): None,
            path_of("there"): files[path_of("moved")],
        },
    )
    desk.run("sync")
    assert desk.both("one")[1] == "theirs"
    assert desk.both("new") == ["new alpha", "new theirs"]
    assert desk.both("there") == ["moved alpha"]
    assert desk.titles() == ["Why moved?", "Why new?", "Why one?", "Why two?"]
    assert not (desk.root / path_of("gone")).exists()
    desk.settled_now()


def test_a_file_that_comes_back_after_its_page_was_trashed_is_kept(desk: HubDesk) -> None:
    """Its page went to the trash before the race was lost: the file stays, and a person decides."""
    text = desk.text("one")
    page = desk.page("one")
    desk.remove("one")
    desk.publish()
    race(desk, {path_of("one"): text.encode()})
    assert desk.outcomes("sync", code=3)["one"].startswith("refused")
    assert desk.text("one") == text
    assert desk.trashed(page)


def test_what_lost_a_conflict_survives_a_lost_race(desk: HubDesk) -> None:
    """Notion's words were overwritten on request, and are kept by the commit that lands in the end."""
    desk.edit("one", "one beta", "said in the file")
    desk.note("one", "one beta", "said in Notion")
    desk.publish()
    race(desk, {"other.md": b"x\n"}, {"other.md": b"y\n"})
    desk.run("sync", "--on-conflict", "local")
    assert desk.both("one")[1] == "said in the file"
    assert "said in Notion" in desk.kept()


def test_others_who_are_always_faster(desk: HubDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After five tries the run gives up, is transient, names where losing words are, and the next one heals."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    desk.edit("one", "one beta", "said in the file")
    desk.note("one", "one beta", "said in Notion")
    desk.write(path_of("new"), answer("new", 3, "new alpha"))
    desk.publish()
    race(desk, *[{"other.md": b"%d\n" % n} for n in range(5)])
    said = desk.run("sync", "--on-conflict", "local", code=5).output
    assert "moved on 5 times" in said
    kept = Path(said.rpartition("published: ")[2].strip())
    assert "said in Notion" in "".join(path.read_text("utf-8") for path in kept.rglob("conflicts/*.md"))
    desk.wait(120)
    desk.run("sync")
    assert desk.both("one")[1] == "said in the file"
    assert desk.both("new") == ["new alpha"]
    assert desk.titles() == ["Why new?", "Why one?", "Why two?"]


@pytest.mark.parametrize("trouble", ["token", "protected", "archived"])
def test_nothing_is_written_to_notion_that_cannot_be_published(desk: HubDesk, trouble: str) -> None:
    """A token that may only read, a branch with rules, an archive: found out before the first write."""
    desk.edit("one", "one beta", "from the file")
    desk.publish()
    if trouble == "token":
        desk.repo.hub.faults = [Fault("POST", "/git/blobs", status=403, body="Resource not accessible by integration")]
    elif trouble == "protected":
        reviews = {"required_approving_review_count": 1}
        rules = {"required_status_checks": None, "enforce_admins": True, "restrictions": None}
        desk.repo.api("PUT", "branches/main/protection", {**rules, "required_pull_request_reviews": reviews})
    else:
        desk.repo.hub.direct.patch(f"/repos/{desk.repo.name}", json={"archived": True}).raise_for_status()
    desk.requests()
    desk.run("sync", code=2)
    assert desk.writes() == 0
    assert desk.repo.messages()[0] == "Work"


def test_a_link_among_the_answers_keeps_its_name(desk: HubDesk) -> None:
    """A symbolic link in the repository is left alone, and no new file takes its place."""
    desk.repo.commit("Link", {"answers/Why_asked.md": b"one.md"}, modes={"answers/Why_asked.md": "120000"})
    desk.fetch()
    (desk.root / "answers/Why_asked.md").unlink()
    (desk.root / "answers/Why_asked.md").symlink_to("one.md")
    page = desk.ask("Why asked?", "asked alpha")
    tree = desk.repo.listing()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(desk, "publish", lambda *_: None)
        patched.setattr(desk, "fetch", lambda *_: None)
        assert "symbolic link" in desk.run("sync", code=3).output
    after = desk.repo.listing()
    assert after["answers/Why_asked.md"] == tree["answers/Why_asked.md"]
    assert any(page in path for path in after)
