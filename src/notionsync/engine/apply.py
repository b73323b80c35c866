"""Carrying out a plan, question by question, each write with its precondition; each finished question is recorded at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from notionsync.config import ID_KEY
from notionsync.convert import blocks
from notionsync.convert.frontmatter import join, split, with_values
from notionsync.convert.properties import write
from notionsync.engine import moves
from notionsync.engine.mentions import Mentions
from notionsync.engine.plan import Plan, Planner
from notionsync.engine.report import Outcome
from notionsync.engine.session import Session
from notionsync.engine.shelf import file_name
from notionsync.engine.survey import minute_end
from notionsync.engine.undone import Left
from notionsync.engine.values import requested
from notionsync.errors import (
    AccessError,
    DiskError,
    MovedError,
    NotFoundError,
    NotionSyncError,
    StoppedError,
    TransientError,
)
from notionsync.model import Append, AssetRecord, Body, FieldValue, Page, Reading, Record, walk
from notionsync.plan.action import Action
from notionsync.plan.baseline import agreed, held_fields, record_blocks, record_fields, touched
from notionsync.sides.notion import Notion

_FRESH = 20.0
"""Seconds for which a tree that was read counts as just read; an older one is read again before it is written to."""


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What Notion holds of a question after it was done, and of that only what the file holds as well.

    Attributes:
        page: The page.
        body: Its blocks.
        fields: Value of each mapped key.
        reading: How sure it is that nothing else was edited meanwhile.
        last_edit: The page's time and its last editor.
    """

    page: Page
    body: Body
    fields: Mapping[str, FieldValue]
    reading: Reading
    last_edit: tuple[str, str]


class Applier:
    """Carries out one plan.

    Args:
        session: The repository.
        notion: The way to Notion.
        planner: Made the plan; it re-plans questions that moved on meanwhile.
        plan: The plan.
        allow_new_options: Whether select properties may get options that Notion does not have.
        exact: Whether a question that moved on meanwhile is left for the next run, instead of planned anew.
    """

    def __init__(
        self,
        session: Session,
        notion: Notion,
        planner: Planner,
        plan: Plan,
        *,
        allow_new_options: bool = False,
        exact: bool = False,
    ) -> None:
        self.session = session
        self.notion = notion
        self.planner = planner
        self.plan = plan
        self.allow_new_options = allow_new_options
        self.exact = exact
        self.outcomes: list[Outcome] = []
        self._left = Left(session)
        self._deferred: dict[str, Record] = {}
        self._created: set[str] = set()
        self._new: set[str] = set()
        """Files that got their record in this run: links to them were sent before it was known where to."""
        self._moves: list[Action] = []
        self.recorded: set[str] = set()
        """Pages whose record was written or dropped."""

    def run(self) -> NotionSyncError | None:
        """Do what is planned; return the error that ended the run early, if one did.

        What goes wrong with one question stays with it. A service that is away, or a token that is refused, ends the
        run: the questions that were finished are recorded, the others are as they were.

        Raises:
            DiskError: Nothing more can be recorded, so nothing more is sent.
        """
        stopped: NotionSyncError | None = None
        for done, action in enumerate(self.plan.actions, 1):
            if self.session.stopping():
                said = f"stopped when asked to, after {done - 1} of {len(self.plan.actions)} questions"
                stopped = StoppedError(said, advice="run the same command again: it goes on from there")
                break
            try:
                self.outcomes.append(self._apply(action))
            except DiskError:
                raise
            except (TransientError, AccessError) as error:
                stopped = error
                self.outcomes.append(_failed(action, error))
                break
            except NotionSyncError as error:
                self.outcomes.append(_failed(action, error))
            self.session.progress("syncing", done, len(self.plan.actions))
        try:
            self._relink()
            moves.carry_out(self.session, self.planner.assets, self.plan.shelf, self._moves)
        except NotionSyncError as error:
            stopped = stopped or error
        return stopped

    def _apply(self, action: Action) -> Outcome:
        match action.verb:
            case "create-page":
                return self._create_page(action)
            case "create-file":
                return self._create_file(action)
            case "trash-page":
                return self._trash_page(action)
            case "delete-file":
                return self._delete_file(action)
            case "restore-page":
                return self._restore_page(action)
            case "forget":
                self._forget(_id(action))
                return Outcome.of(action, "done")
            case "wait":
                return Outcome.of(action, "done")
            case "update":
                return self._update(action)

    # -- Notion gets something ---------------------------------------------------------------------------------------

    def _create_page(self, action: Action) -> Outcome:
        body = action.body or ()
        uploads = self.planner.assets.upload(body)
        page = self.notion.create_page(self.session.config.data_source, self._properties(action, None), body, uploads)
        self._created.add(action.path)
        self.plan.shelf.paths[page.id] = action.path
        self.plan.listing.pages[page.id] = page
        data = action.expect or b""
        after = join(with_values(split(data), {ID_KEY: page.id}))
        self.session.tree.write(action.path, after, expect=action.expect)
        made = Append(page.id, None, body, last=True)
        read = self.notion.body(page.id)
        held, foreign = agreed((), (made,), {}, read, parent=page.id, retouched=self.notion.retouched())
        self._record(action, after, self._told(page, held, action, reading="during" if foreign else "own"))
        return Outcome.of(action, "done", page=page.id)

    def _update(self, action: Action, *, whole: bool = False) -> Outcome:
        record = self.plan.shelf.records.get(_id(action))
        if action.writes_page:
            action = self._still_true(action)
        seen = self.plan.listing.pages[_id(action)]
        for side, data in action.kept.items():
            self.session.state.keep(f"{file_name(action.path)}.{side}.md", data)
        self._expect_file(action)
        told = self._write_page(action, seen, record, whole=whole) if action.writes_page else self._seen(seen, action)
        self._write_file(action)
        if action.base is not None:
            self._record(action, action.base, told)
        if action.move:
            self._moves.append(action)
        return Outcome.of(action, "done")

    def _expect_file(self, action: Action) -> None:
        """Send nothing of a file that was saved anew since it was read, or is gone: the page would get what is no more.

        What was sent, and is not in the file, would count as an edit made in Notion by the next run.
        """
        if action.writes_page and action.expect is not None and self.session.tree.read(action.path) != action.expect:
            raise MovedError(
                f"{action.path}: changed while the run was at work; nothing was sent",
                advice="run the same command again",
            )

    def _write_page(self, action: Action, seen: Page, record: Record | None, *, whole: bool) -> _Agreed:
        """Send what is planned for a page, and read again the lists of blocks that it went to, or the `whole` of it.

        Blocks of other lists count as the plan saw them. A person's edit of such a list could hide behind our write,
        which moves the page's time: then the page counts as read during that minute. If our write moved nothing, such
        an edit would.
        """
        now, body = seen, self.planner.bodies.get(_id(action), ())
        reading = self._read_after(seen)
        last_edit = seen.last_edited_time, seen.last_edited_by
        known = (record.last_edited_time, record.last_edited_by, record.reading) if record is not None else None
        if reading == "during" and known == (*last_edit, "own"):
            reading = "own"
        properties = self._properties(action, seen)
        uploads = self.planner.assets.upload_for(action.edits, record.assets if record else ())
        if properties:
            now = self.notion.update_page(_id(action), properties=properties, before=seen)
            last_edit, reading = (now.last_edited_time, now.last_edited_by), "during"
        if action.edits:
            before = body
            written = self.notion.apply(_id(action), action.edits, uploads, known=before)
            everything = frozenset({_id(action), *(block.id or "" for block in walk(before))})
            lists = everything if whole else touched(_id(action), before, action.edits)
            read, whole = self.notion.body_again(_id(action), before, lists)
            hands = self.notion.retouched()
            body, foreign = agreed(before, action.edits, written.answered, read, parent=_id(action), retouched=hands)
            last_edit = written.moved or last_edit
            if foreign:
                reading = "during"
            elif written.moved or properties:
                reading = "own" if whole else "during"
        told = self._told(now, body, action, reading=reading)
        return replace(told, last_edit=last_edit)

    @staticmethod
    def _read_after(page: Page) -> Reading:
        return "after" if page.read_at >= minute_end(page.last_edited_time) else "during"

    def _seen(self, page: Page, action: Action) -> _Agreed:
        """Return a page that was read, and not written to."""
        body = self.planner.bodies.get(page.id, ())
        last_edit = page.last_edited_time, page.last_edited_by
        return _Agreed(page, body, self.planner.versions.fields(page, action.path), self._read_after(page), last_edit)

    def _told(self, page: Page, body: Body, action: Action, *, reading: Reading) -> _Agreed:
        """Return a page that was written to: what we wrote as it was answered, all else as the plan had seen it."""
        seen = self.plan.listing.pages.get(page.id)
        fields = self.planner.versions.fields(seen, action.path) if seen is not None else {}
        now = self.planner.versions.fields(page, action.path)
        sent = action.fields or {}
        fields = {key: value for key, value in fields.items() if key not in sent}
        fields |= {key: value for key, value in now.items() if key in sent}
        last_edit = page.last_edited_time, page.last_edited_by
        return _Agreed(page, body, fields, reading if fields == now else "during", last_edit)

    def _still_true(self, action: Action) -> Action:
        """Read a page again whose tree was read a while ago, and plan its question anew if it moved on."""
        page = _id(action)
        if self.planner.age(page) <= _FRESH:
            return action
        again = self.planner.replan(page)
        if again is None or again.refusal or not again.writes_page or (self.exact and again != action):
            raise MovedError(
                f"{action.path}: its page changed in Notion while the run was at work; nothing was written to it",
                advice="run the same command again",
            )
        return again

    def _trash_page(self, action: Action) -> Outcome:
        now = self.notion.page(_id(action))
        planned = self.plan.listing.pages.get(now.id)
        if planned is not None and now.last_edited_time != planned.last_edited_time:
            raise MovedError(f"{action.title}: edited in Notion while the run was at work; it was not deleted")
        trashed = self.notion.update_page(now.id, in_trash=True)
        if planned is not None and not self._is_as_planned(trashed, planned, action):
            self.notion.update_page(now.id, in_trash=False)
            raise MovedError(f"{action.title}: edited in Notion while it was deleted; it is back, with the edit")
        self._forget(now.id)
        return Outcome.of(action, "done")

    def _is_as_planned(self, page: Page, planned: Page, action: Action) -> bool:
        """Tell whether a page that was trashed is what the plan saw: nested edits and those of its minute move no time."""
        if self.planner.versions.fields(page, action.path) != self.planner.versions.fields(planned, action.path):
            return False
        try:
            return self.notion.body(page.id) == self.planner.bodies.get(page.id, ())
        except NotFoundError:
            return True  # nothing shows any more what it held

    def _restore_page(self, action: Action) -> Outcome:
        page = self.notion.update_page(_id(action), in_trash=False)
        self.plan.listing.pages[page.id] = page
        again = self.planner.replan(page.id, page)
        outcome = Outcome.of(action, "done")
        if again is not None:
            done = self._update(again)
            outcome = replace(done, verb=action.verb, direction=outcome.direction, notices=outcome.notices)
        return outcome

    def _properties(self, action: Action, now: Page | None) -> dict[str, Any]:
        """Return the request's properties, by id; a new page, one that is nowhere now, also gets its file's name."""
        listing, planner = self.plan.listing, self.planner
        record = self.plan.shelf.records.get(action.page or "")
        uploads = planner.assets.upload_fields(action.fields or {}, now, record)
        found = requested(planner.versions, action, now, uploads, new_options=self.allow_new_options)
        if now is None and listing.name_property is not None:
            found[listing.name_property.id] = write(listing.name_property, file_name(action.path))
        return found

    # -- files get something -----------------------------------------------------------------------------------------

    def _create_file(self, action: Action) -> Outcome:
        page = _id(action)
        self._write_file(action)
        listed = self.plan.listing.pages.get(page)
        if action.base is not None and listed is not None:
            self.plan.shelf.paths[page] = action.path
            self._record(action, action.base, self._seen(listed, action))
        return Outcome.of(action, "done")

    def _write_file(self, action: Action) -> None:
        self.planner.assets.save(_id(action), self.session.tree)
        if action.file is not None and action.file != action.expect:
            self.session.tree.write(action.path, action.file, expect=action.expect)

    def _delete_file(self, action: Action) -> Outcome:
        """Delete a file whose page was trashed; a text that git never saw is put aside first."""
        data = action.expect or b""
        if self.session.git.head([action.path]).get(action.path) != data:
            self.session.state.keep(f"{file_name(action.path)}.deleted.md", data)
        self.session.tree.delete(action.path, expect=data)
        self._forget(_id(action))
        return Outcome.of(action, "done")

    # -- the state gets something ------------------------------------------------------------------------------------

    def _record(self, action: Action, base: bytes, told: _Agreed) -> None:
        old = self.plan.shelf.records.get(told.page.id)
        properties = self.plan.listing.properties
        values = held_fields(told.fields, base, properties)
        fields = {k: v for k, v in record_fields(values, properties).items() if k not in action.held}
        if old is not None:
            fields |= {key: value for key, value in old.fields.items() if key in action.held}
        keeps_body = old is not None and "body" in action.held
        record = Record(
            id=told.page.id,
            path=old.path if old is not None and action.move else action.path,
            base=base,
            last_edited_time=told.last_edit[0],
            last_edited_by=told.last_edit[1],
            reading=told.reading,
            blocks=old.blocks if old is not None and keeps_body else record_blocks(told.body),
            fields=fields,
            assets=self._assets(action, told, old, whole=not keeps_body),
            missing=old.missing if old is not None and keeps_body else self.planner.assets.missing(action.path),
            converter=blocks.CONVERTER,
        )
        if action.held and old is not None:
            # The page has to be read again, also when the file is taken back to its base.
            then = old.last_edited_time, old.last_edited_by
            record = replace(record, last_edited_time=then[0], last_edited_by=then[1], reading="during")
        if old is None:
            self._new.add(record.path)
        created = action.verb == "create-page"  # its file just got the page's id
        self._left.note(record, base if created else action.file or action.expect or base)
        if record.id in self._deferred or (old is None and self._leads_here(record.path)):
            self._deferred[record.id] = record
        else:
            self.session.state.save_record(record)
        self.plan.shelf.records[record.id] = record
        self.recorded.add(record.id)
        self.plan.sightings.pop(record.id, None)

    def _forget(self, page: str) -> None:
        self.session.state.drop_record(page)
        self.recorded.add(page)

    def _assets(self, action: Action, told: _Agreed, old: Record | None, *, whole: bool) -> tuple[AssetRecord, ...]:
        wanted = action.body or told.body
        found = self.planner.assets.records(told.page, wanted, told.body, old, action.fields or {})
        return found if whole or old is None else tuple(dict.fromkeys((*old.assets, *found)))

    def _leads_here(self, path: str) -> bool:
        """Tell whether a link to a file may have to be sent again.

        Until then the file's question is not recorded: a run that is killed in between leaves it for the next, which
        finds it unrecorded, and the links with it.
        """
        return self.planner.options.policy.direction != "pull" and bool(self._mentions.of([path]))

    @cached_property
    def _mentions(self) -> Mentions:
        return Mentions(self.plan.shelf.files)

    def _relink(self) -> None:
        """Send links again that led to files which had no page when they were sent."""
        if self._new and self.planner.options.policy.direction != "pull":
            self.planner.assets.forget_links()
            leading = self._mentions.of(self._new) | ((self._new - self._created) & self._mentions.all)
            for page, path in list(self.plan.shelf.paths.items()):
                if path in leading:
                    self._link_again(page, path)
        for record in self._deferred.values():
            self.session.state.save_record(record)
        self._deferred.clear()

    def _link_again(self, page: str, path: str) -> None:
        """Send a page's links again; what is wrong with it stays with it."""
        try:
            action = self.planner.relink(page, path)
            if action is not None:
                self._update(action, whole=True)  # else the next run would have to read each new page again
        except (TransientError, AccessError, DiskError):
            raise
        except NotionSyncError as error:
            self.outcomes.append(_failed(Action(verb="update", path=path, title=path, page=page), error))


def _id(action: Action) -> str:
    if action.page is None:
        raise ValueError(f"{action.verb} of {action.path} names no page")
    return action.page


def _failed(action: Action, error: NotionSyncError) -> Outcome:
    return replace(Outcome.of(action, "failed"), state="failed", message=error.message, advice=error.advice)
