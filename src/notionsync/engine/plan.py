"""Planning a run: both sides are read, each question gets its action, and the guards look at the whole."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from notionsync.config import ID_KEY, TITLE_KEY
from notionsync.convert import blocks
from notionsync.engine.assets import Assets
from notionsync.engine.directory import Directory
from notionsync.engine.naming import Naming
from notionsync.engine.seen import Seen
from notionsync.engine.session import Session
from notionsync.engine.shelf import Refused, Shelf, read_shelf
from notionsync.engine.survey import Listing, classify_missing, fetch_bodies, list_pages
from notionsync.engine.values import late_values
from notionsync.engine.versions import Versions
from notionsync.errors import ContentError, NotFoundError, NotionSyncError
from notionsync.model import Body, FieldValue, Page, Record
from notionsync.plan import guards
from notionsync.plan.action import Action, Base, Local, Policy, Remote
from notionsync.plan.baseline import (
    followed,
    is_beginning,
    record_blocks,
)
from notionsync.plan.edits import edits
from notionsync.plan.reconcile import Question
from notionsync.plan.scope import archived, decide_unlocked
from notionsync.sides.notion import Notion
from notionsync.sides.stored import Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run is asked to do.

    Attributes:
        policy: Direction and conflict policy.
        deep: Re-read every body, for edits of nested blocks that move no page's time.
        full: List every page, however many there are.
        only: Paths to look at; empty for all.
        allowed: What the guards let through once.
        reread: Pages to read whatever their times say.
    """

    policy: Policy
    deep: bool = False
    full: bool = False
    only: frozenset[str] = frozenset()
    allowed: guards.Allowed = field(default_factory=guards.Allowed)
    reread: frozenset[str] = frozenset()


@dataclass(slots=True)
class Plan:
    """What a run will do, and what it read to know.

    Attributes:
        actions: What shall happen, in order.
        refused: What cannot take part.
        unchanged: How many questions need nothing.
        listing: What Notion showed.
        shelf: What the files hold.
        sightings: Pages found as they were, to be remembered.
    """

    actions: list[Action]
    refused: list[Refused]
    unchanged: int
    listing: Listing
    shelf: Shelf
    sightings: dict[str, Sighting] = field(default_factory=dict)


class Planner:
    """Plans one run.

    Args:
        session: The repository.
        notion: The way to Notion.
        options: What is asked.
        assets: The images and files of both sides.
    """

    def __init__(self, session: Session, notion: Notion, options: Options) -> None:
        self.session = session
        self.notion = notion
        self.options = options
        self.shelf = read_shelf(session)
        self._began = time.monotonic()
        self.listing = list_pages(session, notion, self.shelf, full=options.full or options.deep)
        self.assets = Assets(session, notion, self.shelf, self.listing.properties)
        self.bodies: dict[str, Body] = {}
        self._read_at: dict[str, float] = {}
        self.naming = Naming(session, notion, self.shelf, self.listing)
        names = Directory(notion, self.shelf, self.listing, session.config.folder)
        self.versions = Versions(notion, self.shelf, self.listing, self.assets, names)
        self.seen = Seen(
            self.shelf, self.listing, self.assets, self.versions, session.state.sightings(self.shelf.records)
        )
        self.seen.again |= options.reread
        if options.policy.direction != "pull":
            self.naming.adopt_orphans()
        self._name_new_files()

    def plan(self) -> Plan:
        """Read what is needed, and decide.

        Raises:
            GuardError: The plan looks like an accident.
            NotionSyncError: Notion cannot be read.
        """
        refused = list(self.shelf.refused)
        most, allowed = self.session.config.max_delete, self.options.allowed
        lost = classify_missing(self.notion, self.shelf, self.listing, most=most, allowed=allowed)
        blocked = self.shelf.blocked
        questions = [page for page in self._known() if page not in blocked and self._asked(page)]
        deep, direction = self.options.deep, self.options.policy.direction
        unsure = [page for page in questions if self.seen.has_to_be_read(page, direction, deep=deep)]
        self.bodies = fetch_bodies(self.session, self.notion, unsure)
        self._read_at = dict.fromkeys(self.bodies, self._began)
        actions: list[Action] = []
        unchanged = 0
        for page in questions:
            action = self._attempt(page, lost, refused)
            if action is None or action.quiet:
                unchanged += 1
            if action is not None and not action.quiet:
                actions.append(action)
        actions += self._new_files(refused)
        guards.check(actions, known=self.shelf.records.keys(), most=most, allowed=allowed)
        return Plan(actions, refused, unchanged, self.listing, self.shelf, self.seen.sightings)

    def _name_new_files(self) -> None:
        """Decide what the new files of this run are called, before any text is written that leads to them."""
        if self.options.policy.direction == "push" or self.options.only:
            return
        naming, listed, blocked = self.naming, self.listing.pages, self.shelf.blocked
        for page in [listed[id_] for id_ in sorted(listed, key=self._order)]:
            if page.id in blocked or page.is_archived or not naming.is_unbound(page.id):
                continue
            if not naming.shares_title(page):
                self.shelf.coming[page.id] = naming.promised(page)

    def _known(self) -> list[str]:
        ids = dict.fromkeys(self.shelf.records)
        ids.update(dict.fromkeys(self.shelf.paths))
        ids.update(dict.fromkeys(self.listing.pages))
        return sorted(ids, key=self._order)

    def _order(self, page: str) -> tuple[str, str]:
        listed = self.listing.pages.get(page)
        return (self._path(page) or "\uffff", listed.created_time if listed else "")

    def _path(self, page: str) -> str | None:
        head = self.shelf.records.heads.get(page)
        return self.shelf.paths.get(page) or (head.path if head else None)

    def _asked(self, page: str) -> bool:
        return not self.options.only or self._path(page) in self.options.only

    # -- reading -----------------------------------------------------------------------------------------------------

    def age(self, page: str) -> float:
        """Return how many seconds ago a page's tree was read."""
        return time.monotonic() - self._read_at.get(page, float("-inf"))

    def replan(self, page: str, listed: Page | None = None) -> Action | None:
        """Read a page, its file and its record again, and decide its question anew."""
        listed = self.listing.pages[page] = listed or self.notion.page(page)
        self.bodies[page] = self.notion.body(page)
        self._read_at[page] = time.monotonic()
        record = self.session.state.records_of([page]).get(page)
        path = self._path(page)
        if path is not None and path not in self.shelf.adopted:
            self.shelf.files[path] = self.session.tree.read(path) or b""
        return self._decide_with(listed, record, path, self.bodies[page])

    def relink(self, page: str, path: str) -> Action | None:
        """Decide what a page that was just written still lacks: links to answers that had no page at that time."""
        record = self.shelf.records.get(page)
        if record is None or self.session.tree.read(path) != record.base or self.listing.pages[page].is_locked:
            return None
        body = self.notion.body(page)
        if record_blocks(body) != record.blocks:
            return None
        self.bodies[page] = body
        self._read_at[page] = time.monotonic()
        local = self.versions.local(path, record.base, base=self.versions.base(record))
        remote = self.assets.normal(page, body, record)
        writes = edits(remote, local.answer.body, parent=page) if remote != local.answer.body else ()
        late = late_values(self.versions, page, path, local)
        if not writes and not late:
            return None
        title = str(local.answer.fields.get(TITLE_KEY, path))
        return Action(
            verb="update",
            path=path,
            title=title,
            page=page,
            expect=record.base,
            fields=late,
            edits=writes,
            body=local.answer.body,
            base=record.base,
        )

    # -- deciding ----------------------------------------------------------------------------------------------------

    def _attempt(self, page: str, lost: Mapping[str, Page | None], refused: list[Refused]) -> Action | None:
        """Decide one question; what is wrong with it stays with it."""
        try:
            return self._decide(page, lost, refused)
        except NotionSyncError as error:
            if error.exit_code not in {2, 3}:
                raise
            path = self._path(page) or self.shelf.coming.get(page, "")
            refused.append(Refused(path, page, self._title(page), _located(path, error), error.advice))
            return None

    def _title(self, page: str) -> str:
        listed = self.listing.pages.get(page) or self.listing.trashed.get(page)
        return listed.title if listed and listed.title else self._path(page) or page

    def _decide(self, page: str, lost: Mapping[str, Page | None], refused: list[Refused]) -> Action | None:
        path = self.shelf.paths.get(page)
        if page in self.listing.trashed:
            return self._trashed(self.shelf.records.get(page), path, self.listing.trashed[page], refused)
        if page in lost:
            return self._lost(page, path, lost[page], refused)
        listed = self.listing.pages.get(page)
        if listed is None and page in self.bodies:
            listed = self.listing.pages[page] = self.notion.page(page)
        if listed is None:
            return None if page in self.shelf.records else self._unknown(page, path or "", refused)
        if listed.is_archived:
            return self._archived(listed, path)
        if page not in self.bodies:
            return None if page in self.shelf.records or path is not None else self._new_page(listed, ())
        return self._decide_with(listed, self.shelf.records.get(page), path, self.bodies[page])

    def _decide_with(self, listed: Page, record: Record | None, path: str | None, body: Body) -> Action | None:
        """Decide a question whose page was read."""
        if record is None:
            return self._unrecorded(listed, path, body)
        self.assets.fetch(listed, path or record.path, body, record)
        if record.converter != blocks.CONVERTER:
            settled = self.seen.is_settled(listed, record)
            record = self.versions.in_our_terms(record, listed, body, settled=settled)
        record = replace(record, blocks=followed(record.blocks, body))
        base = self.versions.base(record)
        question = self._question(path or record.path, record)
        remote = self.versions.remote(listed, body, base, path or record.path)
        if path is None:
            return decide_unlocked(question, listed, lambda asked: asked.file_deleted(base, remote))
        local = self.versions.local(path, self.shelf.files[path], base=base, remote=remote.body)
        action = decide_unlocked(question, listed, lambda asked: asked.three_way(base, local, remote))
        if action.quiet:
            self.seen.sight(listed)
            return action
        return self._with_notices(self._moving(action, base, local, listed))

    def _moving(self, action: Action, base: Base, local: Local, listed: Page) -> Action:
        """Let a file follow its page's title, and the links of others follow a file, if the configuration says so."""
        if self.session.config.rename != "follow-title" or self.options.policy.direction == "push":
            return action
        title = base.answer.fields.get(TITLE_KEY)
        retitled = action.writes_file and local.answer.fields.get(TITLE_KEY) == title != self._title_of(listed)
        path = self.naming.followed_path(listed, local.path) if retitled else local.path
        return replace(action, move=path) if action.base is not None and path != base.record.path else action

    def _title_of(self, listed: Page) -> FieldValue:
        return self.versions.fields(listed, self._path(listed.id) or "").get(TITLE_KEY)

    def _unrecorded(self, listed: Page, path: str | None, body: Body) -> Action | None:
        if path is None:
            return self._new_page(listed, body)
        mine = self.versions.local(path, self.shelf.files[path]).answer
        self.assets.fetch(listed, path, body, None, mine)
        local = self.versions.local(path, self.shelf.files[path], page=listed.id)
        fields = self.versions.fields(listed, path)
        there = self.assets.normal(listed.id, body, None, path)
        remote = Remote(page=listed, fields=fields, body=there, raw=body)
        question = self._question(path, None)
        if path not in self.shelf.adopted:
            return decide_unlocked(question, listed, lambda asked: asked.first_contact(local, remote))
        if is_beginning(there, local.answer.body):
            question = question.under(replace(question.policy, on_conflict="local"))
        action = question.first_contact(local, remote)
        over = any(
            fields.get(key) not in {None, ()} for key in action.fields or {}
        )  # somebody filled them in meanwhile
        kept = action.kept if over else {}
        return replace(action, file=action.file or local.answer.data, expect=self.shelf.adopted[path], kept=kept)

    def _new_page(self, listed: Page, body: Body) -> Action | None:
        if self.naming.shares_title(listed):
            return Action(
                verb="wait",
                path="",
                title=listed.title,
                page=listed.id,
                refusal="a file of this title names no page yet",
                advice="notionsync link",
            )
        path = self.naming.promised(listed)
        if self.options.policy.direction != "push":
            self.assets.fetch(listed, path, body, None)
        fields = self.versions.fields(listed, path)
        there = self.assets.normal(listed.id, body, None, path)
        remote = Remote(page=listed, fields=fields, body=there, raw=body)
        return self._question(path, None, page=listed.id).new_page(remote, path)

    def _new_files(self, refused: list[Refused]) -> list[Action]:
        actions = []
        unbound = [page for page in self.listing.pages.values() if self.naming.is_unbound(page.id)]
        for path in self.shelf.unnamed:
            if self.options.only and path not in self.options.only:
                continue
            try:
                actions.append(self._new_file(path, unbound))
            except NotionSyncError as error:
                if error.exit_code not in {2, 3}:
                    raise
                refused.append(Refused(path, "", path, _located(path, error), error.advice))
        return [action for action in actions if not action.quiet]

    def _new_file(self, path: str, unbound: Sequence[Page]) -> Action:
        title = self.naming.file_title(path)
        local = self.versions.local(path, self.shelf.files[path])
        action = self._question(path, None).new_file(local, str(local.answer.fields.get(TITLE_KEY) or title))
        if action.verb == "create-page" and any(page.title.strip() == title for page in unbound):
            refusal = "a page of this title exists in Notion"
            return replace(action, verb="wait", refusal=refusal, advice="notionsync link")
        return self._with_notices(action)

    def _trashed(self, record: Record | None, path: str | None, page: Page, refused: list[Refused]) -> Action | None:
        if record is None and path is None:
            return None
        if path is None:
            return Action(verb="forget", path=record.path if record else "", title=page.title, page=page.id)
        if record is None:
            advice = f"restore the page in Notion, or take the {ID_KEY} line out of the file"
            refused.append(Refused(path, page.id, page.title, "its page is in Notion's trash", advice))
            return None
        base = self.versions.base(record)
        local = self.versions.local(path, self.shelf.files[path], base=base)
        question = self._question(path, record)
        action = decide_unlocked(question, page, lambda asked: asked.page_trashed(base, local, page))
        return self._restored(action, page, record, path) if action.verb == "restore-page" else action

    def _restored(self, action: Action, page: Page, record: Record, path: str) -> Action:
        """Decide what a page needs that is to be restored, as if it were; what a push refuses stays in the trash."""
        try:
            self.bodies[page.id] = self.notion.body(page.id)
        except NotFoundError:
            return action  # nothing shows what it holds until it is back
        self._read_at[page.id] = time.monotonic()
        then = self._decide_with(page, record, path, self.bodies[page.id])
        if then is None:
            return action
        left = then.refusal or then.pending
        if self.options.policy.direction == "push" and left and not (then.conflicts or then.writes_page):
            return replace(then, verb="wait", refusal=f"in Notion's trash, and {left}", advice="notionsync sync")
        return replace(then, verb=action.verb, notices=(*action.notices, *then.notices))

    def _archived(self, page: Page, path: str | None) -> Action | None:
        """Leave a question alone whose page was archived, and say so."""
        if path is None:
            return None
        edited = page.id not in self.shelf.records or self.seen.is_edited(page.id)
        return archived(page, path, edited=edited)

    def _lost(self, page: str, path: str | None, found: Page | None, refused: list[Refused]) -> Action | None:
        """Deal with a page that is neither listed nor trashed: its file is kept, whatever became of it."""
        record = self.shelf.records[page]
        if path is None:
            return Action(verb="forget", path=record.path, title=record.path, page=page)
        if found is not None and found.in_trash:
            return self._trashed(record, path, found, refused)
        if found is not None and found.is_archived:
            return self._archived(found, path)
        message = (
            "its page was moved out of the database"
            if found is not None
            else "its page is gone for good, or no longer shared with the integration"
        )
        refused.append(
            Refused(path, page, path, f"{message}; the file is kept", f"take the {ID_KEY} line out to begin anew")
        )
        return None

    def _unknown(self, page: str, path: str, refused: list[Refused]) -> Action | None:
        """Refuse a file that names a page which this database does not list, and say why if Notion tells."""
        try:
            found = self.notion.page(page)
        except NotFoundError:
            found = None
        if found is not None and found.is_archived:
            return self._archived(found, path)
        message = f"{ID_KEY} {page} is no page of this database"
        refused.append(
            Refused(
                path,
                page,
                path,
                message,
                f"take the {ID_KEY} line out if the question is new; notionsync repair --remote lists such files",
            )
        )
        return None

    # -- what all of them need ----------------------------------------------------------------------------------------

    def _with_notices(self, action: Action) -> Action:
        return replace(action, notices=(*action.notices, *self.assets.notices(action.path)))

    def _question(self, path: str, record: Record | None, *, page: str = "") -> Question:
        links = self.assets.links(path, record, page)
        base_links = self.assets.base_links(record) if record is not None else links
        return Question(self.options.policy, self.listing.properties, links, base_links)


def _located(path: str, error: NotionSyncError) -> str:
    line = f":{error.line}" if isinstance(error, ContentError) and error.line else ""
    return error.message if path in error.message else f"{path}{line}: {error.message}"
