from __future__ import annotations

import unicodedata

from tests.story.lab import Lab

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def put(desk: Lab, path: str, data: bytes = PNG) -> None:
    """Write bytes."""
    target = desk.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def states(desk: Lab) -> dict[str, str]:
    """Return path → state as the command tells."""
    return {one["path"]: one["state"] for one in desk.json("assets")["files"]}


def furnished(desk: Lab) -> None:
    """Put a used, a missing, a linked, some mentioned, and two orphaned files into a repository."""
    put(desk, "answers/assets/A/used.png")
    put(desk, "answers/assets/A/note.pdf", b"%PDF-1.4")
    put(desk, "answers/assets/cover.png")
    put(desk, "answers/assets/front.png")
    put(desk, "answers/assets/두 단어.png")
    put(desk, unicodedata.normalize("NFD", "answers/assets/쪼갠.png"))
    put(desk, "answers/assets/old-1.png", PNG + b"1")
    put(desk, "answers/assets/B/old-2.png", PNG + b"2")
    desk.write(
        "README.md",
        "![](answers/assets/cover.png) ![](answers/assets/%EB%91%90%20%EB%8B%A8%EC%96%B4.png) ![](쪼갠.png)\n",
    )
    body = "![](assets/A/used.png)\n\n![](gone.png)\n\n![](../../out.png)\n\n[note](assets/A/note.pdf)\n"
    desk.write("answers/A.md", f"---\nquestion: a\nfiles: [assets/front.png]\n---\n\n{body}")


def test_every_state_is_told(empty: Lab) -> None:
    """Offline and without a configuration; what any Markdown file names is no orphan."""
    furnished(empty)
    assert states(empty) == {
        "../../out.png": "missing",
        "answers/assets/A/note.pdf": "linked",
        "answers/assets/A/used.png": "new",
        "answers/assets/B/old-2.png": "orphan",
        "answers/assets/old-1.png": "orphan",
        "answers/gone.png": "missing",
    }
    output = empty.run("assets", token="").stdout
    assert "missing             answers/gone.png  answers/A.md" in output
    assert "assets: 2 missing, 1 linked, 1 new, 2 orphan" in output


def test_a_pushed_image_is_synced_until_it_changes(empty: Lab) -> None:
    """What the last run uploaded is synced; other bytes under the same name are not."""
    put(empty, "answers/assets/used.png")
    empty.write("answers/A.md", "---\nquestion: a\n---\n\n![](assets/used.png)\n")
    empty.run("init", "--create", "--parent", empty.workspace())
    assert states(empty) == {"answers/assets/used.png": "new"}
    empty.run("push")
    assert states(empty) == {"answers/assets/used.png": "synced"}
    put(empty, "answers/assets/used.png", PNG + b"!")
    assert states(empty) == {"answers/assets/used.png": "changed"}
    empty.write("answers/B.md", "---\nquestion: b\n---\n\n![](assets/used.png)\n")
    assert states(empty) == {"answers/assets/used.png": "new"}


def test_orphans_are_removed_only_when_told_to(empty: Lab) -> None:
    """--prune shows them, --yes removes them and nothing else."""
    furnished(empty)
    before = set(empty.bytes())
    output = empty.run("assets", "--prune").stdout
    assert "nothing was removed; to remove 2: notionsync assets --prune --yes" in output
    assert "used.png" not in output
    assert set(empty.bytes()) == before
    answer = empty.json("assets", "--prune", "--yes")
    assert answer["removed"] == ["answers/assets/B/old-2.png", "answers/assets/old-1.png"]
    assert before - set(empty.bytes()) == set(answer["removed"])
    assert empty.json("assets", "--prune", "--yes")["removed"] == []


def test_links_out_of_the_repository_are_left_alone(empty: Lab) -> None:
    """A symbolic link below the folder is neither listed nor removed."""
    outside = empty.root.parent / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(PNG)
    (empty.root / "answers").mkdir()
    (empty.root / "answers" / "assets").symlink_to(outside)
    assert empty.json("assets", "--prune", "--yes")["files"] == []
    assert (outside / "secret.png").exists()


def test_yes_alone_is_a_mistake(empty: Lab) -> None:
    """Consent without a question is refused."""
    assert "--prune" in empty.run("assets", "--yes", code=2).output
