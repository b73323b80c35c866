"""One question on both sides, in memory: its three versions, and what a plan makes of them, write by write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.plan.questions import PAGE, PATH, PROPERTIES, page
from tests.plan.trees import PageOnPaper

from notionsync.convert.frontmatter import join, split, with_values
from notionsync.convert.links import RESERVED
from notionsync.model import Body, Edit, FieldValue, Record
from notionsync.plan.action import Action, Base, Choice, Direction, Local, Policy, Remote
from notionsync.plan.align import align
from notionsync.plan.answer import read_answer, with_blocks
from notionsync.plan.baseline import (
    fields_in_base_terms,
    followed,
    in_base_terms,
    record_blocks,
    record_fields,
    with_ids,
)
from notionsync.plan.reconcile import Question


@dataclass(frozen=True, slots=True)
class Mirror:
    """One question.

    Attributes:
        record: What was agreed; None before both sides had it.
        file: The file; None when there is none.
        fields: The page's values.
        body: Its blocks; None when there is no page.
        trashed: Whether it is in the trash.
    """

    record: Record | None
    file: bytes | None
    fields: Mapping[str, FieldValue]
    body: Body | None
    trashed: bool = False

    # -- planning, as the engine does it -----------------------------------------------------------------------------

    def plan(self, direction: Direction = "sync", on_conflict: Choice = "fail") -> Action | None:
        """Decide what shall happen; None when nobody has the question any more, or has to decide anything."""
        question = Question(Policy(direction=direction, on_conflict=on_conflict), PROPERTIES, RESERVED, RESERVED)
        record = self._followed()
        base = _base(record) if record is not None else None
        if self.file is None and (self.body is None or self.trashed):
            return None
        if self.trashed:
            assert base is not None
            assert self.file is not None
            return question.page_trashed(base, _local(self.file, base), page())
        if self.body is None:
            assert self.file is not None
            return question.new_file(_local(self.file, None), "A?")
        remote = self._remote(base)
        if self.file is None:
            return question.file_deleted(base, remote) if base is not None else question.new_page(remote, PATH)
        local = _local(self.file, base)
        return question.three_way(base, local, remote) if base is not None else question.first_contact(local, remote)

    def _followed(self) -> Record | None:
        if self.record is None or self.body is None:
            return self.record
        return replace(self.record, blocks=followed(self.record.blocks, self.body))

    def _remote(self, base: Base | None) -> Remote:
        body, fields = self.body or (), self.fields
        if base is not None:
            body = in_base_terms(body, base.answer.body, base.record.blocks)
            fields = fields_in_base_terms(fields, base.answer.fields, base.record)
        return Remote(page=page(), fields=fields, body=body, raw=self.body or ())

    # -- carrying out ------------------------------------------------------------------------------------------------

    def after(self, action: Action | None, direction: Direction = "sync") -> Mirror:
        """Carry a plan out."""
        match action:
            case None:
                return Mirror(None, None, {}, None)
            case Action(verb="trash-page" | "delete-file" | "forget"):
                return Mirror(None, None, {}, None)
            case Action(verb="wait"):
                return self
            case Action(verb="restore-page"):
                back = replace(self, trashed=False)
                return back.after(back.plan(direction), direction)
            case Action(verb="create-page"):
                return self._created(action)
        begun = self
        for edit in action.edits:
            begun = begun.written(edit)
        return begun.sent(action).saved(action).recorded(action)

    def _created(self, action: Action) -> Mirror:
        data = join(with_values(split(action.expect or b""), {"notion_id": PAGE}))
        made = PageOnPaper((), PAGE)
        body = tuple(made._created(block) for block in action.body or ())
        fields = {key: value for key, value in (action.fields or {}).items() if value not in (None, ())}
        there = Mirror(None, data, fields, body)
        return replace(there, record=_record(data, fields, body))

    def written(self, edit: Edit) -> Mirror:
        """Carry out one write to the page's body."""
        paper = PageOnPaper(self.body or (), PAGE)
        paper._made = 1000 * len(str(self.body))  # so that no id is given twice: the page only grows until the end
        paper.apply(edit)
        return replace(self, body=paper.body)

    def sent(self, action: Action) -> Mirror:
        """Carry out the write to the page's values; an empty list is read back as no value, as the engine does."""
        fields = {**self.fields, **(action.fields or {})}
        return replace(self, fields={key: value for key, value in fields.items() if value not in (None, ())})

    def saved(self, action: Action) -> Mirror:
        """Carry out the write to the file."""
        return self if action.file is None else replace(self, file=action.file)

    def recorded(self, action: Action) -> Mirror:
        """Carry out the write to the state."""
        if action.base is None:
            return self
        record = _record(action.base, self.fields, self.body or ())
        if self.record is not None:
            kept = {key: value for key, value in self.record.fields.items() if key in action.held}
            blocks = self.record.blocks if "body" in action.held else record.blocks
            record = replace(record, fields={**record.fields, **kept}, blocks=blocks)
        return replace(self, record=record)

    # -- what it says ------------------------------------------------------------------------------------------------

    @property
    def here(self) -> tuple[Mapping[str, FieldValue], Body] | None:
        """What the file says."""
        if self.file is None:
            return None
        answer = read_answer(self.file, PROPERTIES, RESERVED)
        return {key: value for key, value in answer.fields.items() if value not in (None, ())}, answer.body

    @property
    def there(self) -> tuple[Mapping[str, FieldValue], Body] | None:
        """What the page says."""
        return None if self.body is None or self.trashed else (self.fields, self.body)


def agreed_on(data: bytes, fields: Mapping[str, FieldValue], body: Body) -> Mirror:
    """Return a question in step."""
    return Mirror(_record(data, fields, body), data, fields, body)


def _record(data: bytes, fields: Mapping[str, FieldValue], body: Body) -> Record:
    return Record(
        id=PAGE,
        path=PATH,
        base=data,
        last_edited_time="",
        blocks=record_blocks(body),
        fields=record_fields(fields, PROPERTIES),
    )


def _base(record: Record) -> Base:
    answer = read_answer(record.base, PROPERTIES, RESERVED)
    return Base(
        record=record,
        answer=replace(answer, document=with_blocks(answer.document, with_ids(answer.body, record.blocks))),
    )


def _local(data: bytes, base: Base | None) -> Local:
    answer = read_answer(data, PROPERTIES, RESERVED)
    if base is not None:
        answer = replace(answer, document=with_blocks(answer.document, align(base.answer.body, answer.body)))
    return Local(path=PATH, answer=answer)
