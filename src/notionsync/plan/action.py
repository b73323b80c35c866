"""What a plan is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from notionsync.model import Body, Edit, FieldValue, Notice, Page, Record
from notionsync.plan.answer import Answer

Direction = Literal["pull", "push", "sync"]
Choice = Literal["fail", "local", "notion", "markers"]
Verb = Literal["create-page", "create-file", "update", "trash-page", "restore-page", "delete-file", "forget", "wait"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What both sides held when they last agreed."""

    record: Record
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A file as it is now."""

    path: str
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A page as it is now, in the base's terms.

    Attributes:
        page: The page.
        fields: Value of each mapped key; a key without a value is left out.
        body: Its blocks.
        raw: Its blocks as they were read, for the preconditions of writes.
    """

    page: Page
    fields: Mapping[str, FieldValue]
    body: Body
    raw: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two versions of one unit that a person has to choose between.

    Attributes:
        unit: The front matter key, or "body".
        local: What the file says, as Markdown.
        remote: What the page says, as Markdown.
    """

    unit: str
    local: str
    remote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What shall happen to one question.

    Attributes:
        verb: The kind of action.
        path: The file, relative to the repository.
        title: The question, for people.
        page: The page's id; None when it is to be created.
        expect: What the file holds now; None when it does not exist.
        file: What the file shall hold; None to leave it alone.
        move: What the file shall be called afterwards; empty where the name follows nothing.
        fields: Values to write to the page, by front matter key.
        edits: Writes to the page's body.
        body: What the page's body shall say afterwards; None when it is not known.
        base: The agreed file afterwards; None when nothing is to be recorded.
        conflicts: Units left for a person.
        refusal: Why nothing, or not everything, is done; empty if all is.
        advice: What to type next about a refusal.
        notices: What a person should know.
        kept: The losing version of a decided conflict, by side, to be put aside.
        held: Units, "body" among them, whose base stays as it was although something else is recorded.
        pending: What waits for a run in the other direction; empty if nothing does.
    """

    verb: Verb
    path: str
    title: str
    page: str | None = None
    expect: bytes | None = None
    file: bytes | None = None
    move: str = ""
    fields: Mapping[str, FieldValue] | None = None
    edits: tuple[Edit, ...] = ()
    body: Body | None = None
    base: bytes | None = None
    conflicts: tuple[Conflict, ...] = ()
    refusal: str = ""
    advice: str = ""
    notices: tuple[Notice, ...] = ()
    kept: Mapping[str, bytes] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    pending: str = ""

    @property
    def writes_page(self) -> bool:
        """Whether anything is sent to Notion."""
        return bool(self.verb in {"create-page", "trash-page", "restore-page"} or self.fields or self.edits)

    @property
    def writes_file(self) -> bool:
        """Whether the file changes."""
        return self.verb == "delete-file" or (self.file is not None and self.file != self.expect)

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to do, to record or to say."""
        busy = self.writes_page or self.writes_file or self.base is not None or self.verb == "forget"
        return not (busy or self.conflicts or self.refusal or self.notices or self.pending)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How to decide what the three versions leave open.

    Attributes:
        direction: Which sides may be written.
        on_conflict: Who wins a conflict; "fail" leaves it for a person.
        allow_delete_opaque: Whether blocks that Markdown cannot say may be deleted.
        whole: Whether a conflict anywhere in a question holds back all of it.
    """

    direction: Direction
    on_conflict: Choice = "fail"
    allow_delete_opaque: bool = False
    whole: bool = False
