"""Actions of `notionsync.plan.reconcile` to the last word: what is carried out, recorded and said."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from tests.plan.questions import PAGE, PATH, PROPERTIES, base, file, local, page, question, remote

from notionsync.convert import parse
from notionsync.errors import NotionSyncError
from notionsync.model import Append, Block, Body, Delete, FieldValue, Notice, Property, Run, Update, Use
from notionsync.plan.action import Action, Base, Choice, Conflict, Direction, Local, Policy, Remote
from notionsync.plan.align import align
from notionsync.plan.answer import Answer, read_answer, with_blocks
from notionsync.plan.reconcile import Question

BODY = "One.\n\nTwo.\n"
OTHER = "One.\n\nTwo there.\n"
MARKED = "<<<<<<< local\nOne.\n||||||| base\n=======\nTwo.\n>>>>>>> notion\n"
SETTLE = f"notionsync resolve {PATH} --take local|notion|markers"
FETCH = "notionsync pull, or notionsync sync"
WITH_FILES = {**PROPERTIES, "icon": Property(id="i", name="Icon", type="page_icon")}


@dataclass(frozen=True)
class Mirrored:
    """Addresses that read otherwise in Notion than in a file."""

    def to_notion(self, url: str, use: Use) -> str:
        """Return an address in Notion."""
        return f"https://n.example/{use}/{url}"

    def to_file(self, url: str, use: Use) -> str:
        """Return an address in the file."""
        return url.removeprefix(f"https://n.example/{use}/")


def mirrored(direction: Direction = "sync") -> Question:
    """Return the way to an action where every address differs between the sides."""
    return Question(Policy(direction=direction), WITH_FILES, Mirrored(), Mirrored())


def linking(there: Remote) -> Remote:
    """Return a page that says one linked word, and shows an icon."""
    text = (Run(text="b", link="https://n.example/link/b.md"),)
    body: Body = (Block(type="paragraph", text=text, id="n0"),)
    fields = {**there.fields, "icon": "https://n.example/media/i.png"}
    return replace(there, fields=fields, body=body, raw=body)


# --- one side is missing ---------------------------------------------------------------------------------------------


def test_a_new_page_waits_for_a_pull() -> None:
    """A push names it, and does nothing."""
    there = remote(BODY)
    there = replace(there, page=replace(there.page, title="Asked there"))
    assert question("push").new_page(there, "answers/b.md") == Action(
        verb="wait", path="answers/b.md", title="Asked there", page=PAGE, pending="new in Notion"
    )


def test_a_new_page_becomes_a_file_of_its_own_addresses() -> None:
    """Links and files are written as they read in the file; that is what is agreed, with the page's own blocks."""
    there = linking(remote(""))
    data = f"---\nnotion_id: {PAGE}\nquestion: A?\nicon: i.png\n---\n\n[b](b.md)\n".encode()
    assert mirrored().new_page(there, "answers/b.md") == Action(
        verb="create-file", path="answers/b.md", title="A?", page=PAGE, file=data, body=there.body, base=data
    )


@pytest.mark.parametrize(
    ("direction", "body", "left"),
    [
        ("pull", BODY, {"pending": "new file"}),
        ("sync", MARKED, {"refusal": "conflict markers are still in the file; edit it, and take them out"}),
    ],
)
def test_a_new_file_waits(direction: Direction, body: str, left: dict[str, str]) -> None:
    """For a push, or for its conflict markers to go."""
    mine = local(file(body))
    expected = Action(verb="wait", path=PATH, title="Asked here", expect=mine.answer.data)
    assert question(direction).new_file(mine, "Asked here") == replace(expected, **left)  # type: ignore[arg-type]


@pytest.mark.parametrize("edited", ["2026-01-01", '""'])
def test_a_new_file_says_what_is_not_sent(edited: str) -> None:
    """A value that Notion computes stays behind, and is told where there is one; the file is agreed as it stands."""
    mine = local(file(BODY, order="2", edited=edited))
    told = Notice(
        "NS-READ-ONLY",
        "edited: Notion computes Edited; the edit is not sent: take it back, or take edited out of [properties]",
    )
    assert question().new_file(mine, "Asked here") == Action(
        verb="create-page",
        path=PATH,
        title="Asked here",
        expect=mine.answer.data,
        fields={"order": 2, "question": "Asked here"},
        body=parse(BODY).body,
        base=mine.answer.data,
        notices=(told,) if edited != '""' else (),
    )


def _trashed(direction: Direction, mine: str, path: str = PATH) -> tuple[Action, Action]:
    """Return what is decided of a question whose page is in the trash, and what all such actions begin with."""
    agreed = base(file(BODY))
    here = replace(local(file(mine), agreed), path=path)
    gone = replace(page(), title="Asked there")
    whole = Action(verb="wait", path=path, title="Asked there", page=PAGE, expect=here.answer.data)
    return question(direction).page_trashed(agreed, here, gone), whole


def test_a_trashed_page_takes_its_file_along() -> None:
    """With what the file holds as the precondition; a push leaves it to a pull."""
    action, whole = _trashed("sync", BODY)
    assert action == replace(whole, verb="delete-file")
    action, whole = _trashed("push", BODY)
    assert action == replace(whole, pending="in Notion's trash")


@pytest.mark.parametrize(("mine", "path"), [(OTHER, PATH), (BODY, "answers/renamed.md")])
def test_a_file_that_was_worked_on_outlives_its_page(mine: str, path: str) -> None:
    """An edit, or a new name: the page comes back, and that is told; a pull says how."""
    action, whole = _trashed("sync", mine, path)
    notice = Notice("NS-RESTORED", "trashed in Notion, but edited here: the page is restored with the edit")
    assert action == replace(whole, verb="restore-page", notices=(notice,))
    action, whole = _trashed("pull", mine, path)
    refusal = "the page is in Notion's trash, but the file was edited"
    assert action == replace(whole, refusal=refusal, advice="notionsync push restores the page")


def _deleted(direction: Direction, there: Remote, agreed: Base) -> tuple[Action, Action]:
    """Return what is decided of a question whose file was deleted, and what all such actions begin with."""
    there = replace(there, page=replace(there.page, title="Asked there"))
    whole = Action(verb="wait", path=PATH, title="Asked there", page=PAGE)
    return question(direction).file_deleted(agreed, there), whole


def test_a_deleted_file_takes_its_page_along() -> None:
    """A pull leaves it to a push."""
    agreed = base(file(BODY, order="1"))
    action, whole = _deleted("sync", remote(BODY, agreed, order=1), agreed)
    assert action == replace(whole, verb="trash-page")
    action, whole = _deleted("pull", remote(BODY, agreed, order=1), agreed)
    assert action == replace(whole, pending="deleted here")


@pytest.mark.parametrize(
    ("body", "order", "data"),
    [(OTHER, 1, file(OTHER, order="1")), (BODY, 2, file(BODY, order="2")), (BODY, None, file(BODY))],
    ids=["text", "value", "value taken out"],
)
def test_an_edit_in_notion_outlives_its_file(body: str, order: int | None, data: bytes) -> None:
    """The file comes back with it, and that is told; a push says how."""
    agreed = base(file(BODY, order="1"))
    there = remote(body, agreed, **({} if order is None else {"order": order}))
    action, whole = _deleted("sync", there, agreed)
    notice = Notice("NS-RESTORED", "deleted here, but edited in Notion: the file is back with the edit")
    assert action == replace(whole, verb="create-file", file=data, body=there.body, base=data, notices=(notice,))
    action, whole = _deleted("push", there, agreed)
    assert action == replace(whole, refusal="deleted here, but edited in Notion", advice="notionsync pull")


def test_a_file_that_comes_back_has_its_own_addresses() -> None:
    """Links and files that changed in Notion are written as they read in the file."""
    agreed = base(file("Before.\n"))
    there = linking(remote("Before.\n", agreed))
    action = mirrored().file_deleted(agreed, there)
    assert action.file == f"---\nnotion_id: {PAGE}\nquestion: A?\nicon: i.png\n---\n\n[b](b.md)\n".encode()


# --- first contact ---------------------------------------------------------------------------------------------------


def _first(mine: Local, there: Remote, direction: Direction = "sync") -> tuple[Action, Action]:
    """Return what is decided of two sides that meet first, and what all such actions begin with."""
    whole = Action(verb="update", path=PATH, title="A?", page=PAGE, expect=mine.answer.data)
    return question(direction).first_contact(mine, there), whole


def test_sides_that_differ_are_shown() -> None:
    """Each key and the body, with both versions, and what to type."""
    action, whole = _first(local(file("Here.\n", order="1")), remote("There.\n", order=2))
    assert action == replace(
        whole,
        conflicts=(
            Conflict(unit="order", local="1", remote="2"),
            Conflict(unit="body", local="\nHere.\n", remote="There.\n"),
        ),
        refusal="both sides have it, and they differ (order, body)",
        advice=SETTLE,
    )


def test_a_push_does_not_go_over_what_the_file_lacks() -> None:
    """It names what, and says how to get it."""
    action, whole = _first(local(file("")), remote(BODY, order=2), "push")
    assert action == replace(whole, refusal="Notion has what the file lacks (order, body)", advice=FETCH)


@pytest.mark.parametrize("direction", ["pull", "push", "sync"])
def test_equal_sides_are_agreed_as_the_file_says_them(direction: Direction) -> None:
    """Nothing is written, whoever asks."""
    mine = local(file(BODY, order="2"))
    there = remote(BODY, order=2)
    action, whole = _first(mine, there, direction)
    data = mine.answer.data
    assert action == replace(whole, file=data, fields={}, body=there.body, base=data)


# --- both sides have it ----------------------------------------------------------------------------------------------


def _three(
    mine: dict[str, str],
    theirs: dict[str, FieldValue],
    *,
    direction: Direction = "sync",
    on_conflict: Choice = "fail",
    whole: bool = False,
    bodies: tuple[str, str] = (BODY, BODY),
) -> Action:
    """Decide a question whose agreed version has order 1."""
    agreed = base(file(BODY, order="1"))
    policy = Policy(direction=direction, on_conflict=on_conflict, whole=whole)
    asked = question().under(policy)
    return asked.three_way(agreed, local(file(bodies[0], **mine), agreed), remote(bodies[1], agreed, **theirs))


def test_a_push_refuses_a_value_that_moved_on() -> None:
    """Keys and body are named; an edit of the file is what makes it a refusal."""
    action = _three({"order": "1", "tags": "[a]"}, {"order": 2}, direction="push", bodies=(BODY, OTHER))
    assert action.refusal == "changed in Notion since the last pull (order, body)"
    assert action.advice == FETCH
    assert (action.verb, action.pending, action.fields, action.base) == ("update", "", None, None)
    action = _three({"order": "1", "tags": "[a]"}, {"order": 2}, direction="push")
    assert action.refusal == "changed in Notion since the last pull (order)"


def test_a_push_does_not_wait_for_what_notion_computes() -> None:
    """Nobody can have edited it, and no push touches it."""
    action = _three({"order": "2"}, {"order": 1, "edited": "2026-01-01"}, direction="push")
    assert (action.refusal, action.fields) == ("", {"order": 2})
    assert action.held == {"edited"}


def test_a_whole_question_is_held_back_where_that_is_wanted() -> None:
    """One key in conflict, and neither the body's edit nor another key's goes anywhere."""
    action = _three({"order": "2"}, {"order": 3}, whole=True, bodies=(BODY, OTHER))
    assert action == Action(
        verb="update",
        path=PATH,
        title="A?",
        page=PAGE,
        expect=file(BODY, order="2"),
        conflicts=(Conflict(unit="order", local="2", remote="3"),),
        refusal="both sides changed order",
        advice=SETTLE,
    )
    action = _three({"order": "1", "tags": "[a]"}, {"order": 1}, whole=True, bodies=("Here.\n", "There.\n"))
    assert (action.refusal, action.fields) == ("both sides changed body", None)


def test_a_conflict_shows_values_as_the_file_says_them() -> None:
    """Addresses as in the file, lists with commas, and nothing for no value."""
    one = mirrored()
    agreed = base(file(BODY))
    agreed = replace(agreed, answer=replace(agreed.answer, fields={"icon": "old", "tags": "a", "order": 1}))
    here = local(file(BODY), agreed)
    mine: dict[str, FieldValue] = {"icon": "https://n.example/media/i.png", "tags": ("a", "b")}
    here = replace(here, answer=replace(here.answer, fields=mine))
    there = remote(BODY, agreed, icon="https://n.example/media/j.png", tags=("c",), order=2)
    assert one.three_way(agreed, here, there).conflicts == (
        Conflict(unit="order", local="", remote="2"),
        Conflict(unit="tags", local="a, b", remote="c"),
        Conflict(unit="icon", local="i.png", remote="j.png"),
    )


@pytest.mark.parametrize(("choice", "side"), [("local", "notion"), ("notion", "local")])
def test_the_version_that_gives_way_is_kept_whole(choice: Choice, side: str) -> None:
    """The file as it was, or the page as the file would say it."""
    action = _three({"order": "2"}, {"order": 3}, on_conflict=choice)
    assert action.kept == {side: file(BODY, order="3" if side == "notion" else "2")}
    assert not action.conflicts


def test_writes_expect_what_notion_really_holds() -> None:
    """An update and a delete carry the stored block; an image that only gets another caption keeps its address there."""
    agreed = base(file("![i](i.png)\n\nTwo.\n"))
    there = remote("![i](i.png)\n\nTwo.\n", agreed)
    image, two = there.raw
    stored = replace(image, attrs={**image.attrs, "url": "notion:stored"})
    two = replace(two, attrs={"color": "red"})
    there = replace(there, raw=(stored, two))
    here = local(file("![j](i.png)\n"), agreed)
    caption, gone = question().three_way(agreed, here, there).edits
    after = replace(here.answer.body[0].own(), attrs=stored.attrs, id=stored.id)
    assert caption == Update(id="b0", before=stored.own(), after=after)
    assert gone == Delete(id="b1", before=two)
    assert isinstance(gone, Delete)
    assert gone.before.attrs == {"color": "red"}
    here = local(file("![j](j.png)\n\nTwo.\n"), agreed)
    (other,) = question().three_way(agreed, here, there).edits
    assert isinstance(other, Update)
    assert other.after.attrs == here.answer.body[0].attrs


def test_what_is_added_goes_below_the_page() -> None:
    """After the block that it follows."""
    agreed = base(file(BODY))
    here = local(file(f"{BODY}\nThree.\n"), agreed)
    (added,) = question().three_way(agreed, here, remote(BODY, agreed)).edits
    assert isinstance(added, Append)
    assert (added.parent, added.blocks) == (PAGE, (here.answer.body[2],))


def test_an_opaque_block_goes_only_if_that_is_allowed() -> None:
    """The file lost it; a page that is pinned stays, unless the policy says otherwise."""
    opaque = Block(type="unsupported", attrs={"data": "{}"}, id="b0")
    agreed = base(file("Two.\n"))
    (node,) = agreed.answer.document.nodes
    two = replace(node.block, id="b1")
    nodes = (replace(node, block=opaque), replace(node, block=two))
    answer = replace(agreed.answer, document=replace(agreed.answer.document, nodes=nodes))
    agreed = replace(agreed, answer=answer)
    there = replace(remote("Two.\n"), body=(opaque, two), raw=(opaque, two))
    here = local(file("Two.\n"), agreed)
    with pytest.raises(NotionSyncError):
        question().three_way(agreed, here, there)
    policy = Policy(direction="sync", allow_delete_opaque=True)
    assert question().under(policy).three_way(agreed, here, there).edits == (Delete(id="b0", before=opaque),)


@pytest.mark.parametrize("on_conflict", ["fail", "markers"])
def test_a_push_that_has_nothing_to_push_waits(on_conflict: Choice) -> None:
    """A page that moved on, and a file that did not, are no refusal."""
    agreed = base(file(BODY))
    here, there = local(file(BODY), agreed), remote(OTHER, agreed)
    asked = question("push", on_conflict)
    assert asked.three_way(agreed, here, there) == Action(
        verb="wait",
        path=PATH,
        title="A?",
        page=PAGE,
        expect=here.answer.data,
        pending="changed in Notion since the last pull (body)",
    )


def test_an_edit_that_only_notion_may_make_waits() -> None:
    """It is told, and nothing else is; with anything else to do it is only told."""
    alone = _three({"order": "1", "edited": "2030-01-01"}, {"order": 1})
    assert (alone.pending, len(alone.notices), alone.base) == ("edited here where only Notion writes", 1, None)
    sent = _three({"order": "2", "edited": "2030-01-01"}, {"order": 1})
    assert (sent.pending, sent.fields) == ("", {"order": 2})
    added = _three({"order": "1", "edited": "2030-01-01"}, {"order": 1}, bodies=(OTHER, BODY))
    assert (added.pending, len(added.edits)) == ("", 1)
    written = _three({"order": "1", "edited": "2030-01-01"}, {"order": 2})
    assert written.pending == ""
    assert written.writes_file
    assert _three({"order": "1"}, {"order": 1}).pending == ""
    adopted = _three({"order": "2", "edited": "2030-01-01"}, {"order": 2})
    assert (adopted.pending, adopted.base is None) == ("", False)


def test_a_conflict_of_one_key_says_so_and_goes_on() -> None:
    """The reason and what to type; where there is none there is nothing to type."""
    one = _three({"order": "2"}, {"order": 3})
    assert (one.refusal, one.advice, one.edits) == ("both sides changed order", SETTLE, ())
    none = _three({"order": "2"}, {"order": 1})
    assert (none.refusal, none.advice) == ("", "")


def _mirrored_sides(mine: str, theirs: str, direction: Direction, on_conflict: Choice = "fail") -> Action:
    """Decide a question with a link and an icon; the icon was edited here, or where a person has to choose, in Notion."""
    links = Mirrored()

    def read(text: str, icon: str) -> Answer:
        data = file(text, **({"icon": icon} if icon else {}))
        return read_answer(data, WITH_FILES, links)

    first = read(f"[b](b.md).\n\n{BODY}", "i.png")
    body = tuple(replace(block, id=f"b{n}") for n, block in enumerate(first.body))
    answer = replace(first, document=with_blocks(first.document, body))
    record = replace(base(file(BODY)).record, base=first.data, fields=dict.fromkeys(WITH_FILES, ""))
    agreed = Base(record=record, answer=answer)
    icon = "j.png" if on_conflict == "fail" else "i.png"
    here = read(mine, icon)
    here = replace(here, document=with_blocks(here.document, align(body, here.body)))
    there = tuple(replace(block, id=block.id or f"n{n}") for n, block in enumerate(align(body, read(theirs, "").body)))
    fields = {**first.fields, "icon": "https://n.example/media/k.png"} if icon == "i.png" else first.fields
    page_now = Remote(page=page(), fields=fields, body=there, raw=there)
    asked = Question(Policy(direction=direction, on_conflict=on_conflict), WITH_FILES, links, links)
    return asked.three_way(agreed, Local(path=PATH, answer=here), page_now)


def test_files_and_bases_are_written_in_the_files_addresses() -> None:
    """What came from Notion, what is agreed while an edit of a value waits, and what stands between markers."""
    head = f"---\nnotion_id: {PAGE}\nquestion: A?\nicon: "
    mine, theirs = f"[b](b.md).\n\n{BODY}", f"[c](c.md).\n\n{BODY}"
    pulled = _mirrored_sides(mine, theirs, "pull")
    assert pulled.file == f"{head}j.png\n---\n\n[c](c.md).\n\n{BODY}".encode()
    assert pulled.base == f"{head}i.png\n---\n\n[c](c.md).\n\n{BODY}".encode()
    marked = _mirrored_sides(f"[d](d.md).\n\n{BODY}", theirs, "sync", "markers")
    assert marked.file is not None
    assert marked.base is not None
    for line in (b"[b](b.md).", b"[c](c.md).", b"[d](d.md).", b"icon: k.png"):
        assert line in marked.file
    assert b"n.example" not in marked.file + marked.base


def test_what_is_agreed_is_the_file_as_far_as_it_is_agreed() -> None:
    """A value in conflict keeps the base's, a value that waits for a push too; else it is the file, byte for byte."""
    spelled = "One.\n\n\nTwo.\n"
    same = _three({"order": "1"}, {"order": 1}, direction="pull", bodies=(spelled, BODY))
    assert same.base is None
    assert _three({"order": "1"}, {"order": 1}, bodies=(spelled, BODY)).base == file(spelled, order="1")
    one = _three({"order": "2"}, {"order": 3, "tags": ("a",)}, bodies=(spelled, BODY))
    assert one.base == file(spelled, order="1", tags="[a]")
    waits = _three({"order": "2"}, {"order": 1}, direction="pull", bodies=(OTHER, BODY))
    assert waits.base is None
    agreed = base(file(spelled, order="1"))
    here, there = local(file("One here.\n\nTwo.\n", order="1"), agreed), remote(BODY, agreed, order=2)
    assert question("pull").three_way(agreed, here, there).base == file(spelled, order="2")
    both = _three({"order": "1", "tags": "[b]"}, {"order": 1}, direction="pull", bodies=(BODY, OTHER))
    assert both.base == file(OTHER, order="1")
