"""What should happen to one question: a pure function of base, local, remote and policy.

Each *unit* (one field, or the body) is decided by itself from its three versions, and the decision says what the file,
the page and the base shall hold afterwards:

    base local remote                     pull              push              sync
    ------------------------------------  ----------------  ----------------  ----------------
    equal sides                           adopted           adopted           adopted
    only the file changed                 left for push     page := file      page := file
    only the page changed                 file := page      left for pull     file := page
    both, mergeable                       file := merge     refused           both := merge
    both, not mergeable                   conflict          refused           conflict

A conflicting unit is left as it is on both sides and in the base, so it is found again by every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from notionsync.config import TITLE_KEY
from notionsync.convert import render
from notionsync.convert.frontmatter import join, split
from notionsync.convert.properties import read_only
from notionsync.model import (
    Append,
    Block,
    Body,
    Delete,
    Edit,
    FieldValue,
    Links,
    Notice,
    Page,
    Property,
    Record,
    Update,
    walk,
)
from notionsync.plan.action import Action, Base, Conflict, Local, Policy, Remote
from notionsync.plan.answer import Answer, edit_answer, new_answer, shown
from notionsync.plan.baseline import agreed_keys
from notionsync.plan.edits import edits
from notionsync.plan.markers import has_markers, mark
from notionsync.plan.units import Unit, Units, computed

_MARKED = "conflict markers are still in the file; edit it, and take them out"


class Question:
    """Everything that is known of one question, and the way to its action.

    Args:
        policy: How to decide.
        properties: Front matter key → Notion property.
        links: How addresses in the file read and are written.
        base_links: The same for the base.
    """

    def __init__(self, policy: Policy, properties: Mapping[str, Property], links: Links, base_links: Links) -> None:
        self.policy = policy
        self.properties = properties
        self.links = links
        self.base_links = base_links
        self._units = Units(policy, properties)

    def under(self, policy: Policy) -> Question:
        """Return the same question, to be decided otherwise."""
        return Question(policy, self.properties, self.links, self.base_links)

    def three_way(self, base: Base, local: Local, remote: Remote) -> Action:
        """Decide a question that both sides still have."""
        fields, notices = self._units.fields(base.answer.fields, local.answer.fields, remote.fields)
        body = self._units.body(base.answer.body, local, remote.body)
        stale = [key for key, unit in fields.items() if unit.stale] + ["body"] * body.stale
        if stale:
            moved = f"changed in Notion since the last pull ({', '.join(stale)})"
            if local.answer.data == base.record.base:  # nothing to push, so nothing to refuse
                return replace(self._action(local, remote), verb="wait", pending=moved)
            if body.stale or not all(self._is_computed(key) for key in stale):
                return replace(self._action(local, remote), refusal=moved, advice="notionsync pull, or notionsync sync")
        if self.policy.whole and (body.clash or any(unit.clash for unit in fields.values())):
            conflicts = self._conflicts(fields, body, local, remote)
            refusal, advice = _reason(local, conflicts, body), _settle(local)
            return replace(self._action(local, remote), conflicts=conflicts, refusal=refusal, advice=advice)
        return self._act(base, local, remote, fields, body, notices)

    def _is_computed(self, key: str) -> bool:
        """Tell whether only Notion says what a key holds: a push does not touch it, so it need not wait for it."""
        return key in self.properties and read_only(self.properties[key].type)

    def first_contact(self, local: Local, remote: Remote) -> Action:
        """Decide a question that both sides have and that was never agreed on: an empty side yields to the full one."""
        fields, notices = self._units.fields({}, local.answer.fields, remote.fields)
        body = self._units.first_body(local.answer.body, remote.body)
        clashes = [key for key, unit in fields.items() if unit.clash] + ["body"] * body.clash
        stale = [key for key, unit in fields.items() if unit.stale] + ["body"] * body.stale
        if clashes:
            return replace(
                self._action(local, remote),
                conflicts=self._conflicts(fields, body, local, remote),
                refusal=f"both sides have it, and they differ ({', '.join(clashes)})",
                advice=_settle(local),
            )
        if stale:
            return replace(
                self._action(local, remote),
                refusal=f"Notion has what the file lacks ({', '.join(stale)})",
                advice="notionsync pull, or notionsync sync",
            )
        never = Record(id=remote.page.id, path="", base=b"", last_edited_time="")
        base = Base(record=never, answer=local.answer)
        return self._act(base, local, remote, fields, body, notices)

    def _action(self, local: Local, remote: Remote) -> Action:
        title = str(local.answer.fields.get(TITLE_KEY) or remote.page.title or local.path)
        return Action(verb="update", path=local.path, title=title, page=remote.page.id, expect=local.answer.data)

    def _act(  # noqa: PLR0917 - the three versions and what was decided of them
        self,
        base: Base,
        local: Local,
        remote: Remote,
        fields: Mapping[str, Unit[FieldValue]],
        body: Unit[Body],
        notices: tuple[Notice, ...],
    ) -> Action:
        file, told = self._file(local, fields, body)
        sent = {key: unit.page for key, unit in fields.items() if unit.page != remote.fields.get(key)}
        writes = self._edits(remote, body.page) if body.page != remote.body else ()
        agreed = self._agreed(base, local, fields, body, file)
        conflicts = self._conflicts(fields, body, local, remote)
        known = agreed_keys(base.record, self.properties) == self.properties.keys()
        same = agreed == base.record.base and local.path == base.record.path and known
        return replace(
            self._action(local, remote),
            file=file,
            fields=sent,
            edits=writes,
            body=body.page,
            base=None if same and not sent and not writes else agreed,
            conflicts=conflicts,
            refusal=_reason(local, conflicts, body),
            advice=_settle(local) if conflicts or body.clash else "",
            notices=(*notices, *told),
            kept=self._losers(fields, body, local, remote),
            held=frozenset(key for key, unit in fields.items() if unit.clash or unit.stale)
            | ({"body"} if body.clash or body.unfinished else set()),
            pending=_left(body, nothing=same and not sent and not writes and file == local.answer.data, told=notices),
        )

    # -- what the decisions come to ----------------------------------------------------------------------------------

    def _file(
        self, local: Local, fields: Mapping[str, Unit[FieldValue]], body: Unit[Body]
    ) -> tuple[bytes, tuple[Notice, ...]]:
        answer = local.answer
        changes = {key: unit.file for key, unit in fields.items() if unit.file != answer.fields.get(key)}
        data, notices = edit_answer(answer, changes, body.file, self.links, self.properties)
        if body.merge is None:
            return data, notices
        text = mark(answer.document, body.merge, self.links)
        return join(replace(split(data), body=text.encode())), notices

    def _agreed(
        self,
        base: Base,
        local: Local,
        fields: Mapping[str, Unit[FieldValue]],
        body: Unit[Body],
        file: bytes,
    ) -> bytes:
        """Return the agreed file: the file itself as far as it is agreed, else the base with what Notion holds."""
        whole = body.base == body.file and body.merge is None
        if whole and all(unit.base == unit.file for unit in fields.values()):
            untouched = file == local.answer.data and body.base == base.answer.body
            if self.policy.direction == "pull" and untouched and base.record.base:
                return base.record.base  # only the spelling differs: recording it can wait until something is sent
            return file
        start, links = (local.answer, self.links) if whole else (base.answer, self.base_links)
        changes = {key: unit.base for key, unit in fields.items() if unit.base != start.fields.get(key)}
        return edit_answer(start, changes, body.base, links, self.properties)[0]

    def _edits(self, remote: Remote, wanted: Body) -> tuple[Edit, ...]:
        """Return the writes to the body, with what Notion really holds as their preconditions."""
        planned = edits(remote.body, wanted, parent=remote.page.id, allow_delete_opaque=self.policy.allow_delete_opaque)
        raw = {block.id: block for block in walk(remote.raw)}
        out: list[Edit] = []
        for edit in planned:
            match edit:
                case Update():
                    out.append(_as_stored(edit, raw[edit.id].own()))
                case Delete():
                    out.append(replace(edit, before=raw[edit.id]))
                case Append():
                    out.append(edit)
        return tuple(out)

    def _conflicts(
        self, fields: Mapping[str, Unit[FieldValue]], body: Unit[Body], local: Local, remote: Remote
    ) -> tuple[Conflict, ...]:
        found = [
            Conflict(unit=key, local=self._say(key, local.answer.fields), remote=self._say(key, remote.fields))
            for key, unit in fields.items()
            if unit.clash
        ]
        if body.clash and not has_markers(local.answer.document.text):
            theirs = render(remote.body, links=self.links)
            found.append(Conflict(unit="body", local=local.answer.document.text, remote=theirs))
        return tuple(found)

    def _say(self, key: str, fields: Mapping[str, FieldValue]) -> str:
        return _shown(shown(fields.get(key), self.properties.get(key), self.links))

    def _losers(
        self, fields: Mapping[str, Unit[FieldValue]], body: Unit[Body], local: Local, remote: Remote
    ) -> Mapping[str, bytes]:
        losers = {unit.loser for unit in fields.values()} | {body.loser}
        kept = {}
        if "local" in losers:
            kept["local"] = local.answer.data
        if "notion" in losers:
            kept["notion"] = new_answer(remote.page.id, remote.fields, remote.body, self.links, self.properties)
        return kept

    # -- one side is missing -----------------------------------------------------------------------------------------

    def new_page(self, remote: Remote, path: str) -> Action:
        """Decide a page that no file and no record knows."""
        title = remote.page.title
        if self.policy.direction == "push":
            return Action(verb="wait", path=path, title=title, page=remote.page.id, pending="new in Notion")
        data = new_answer(remote.page.id, remote.fields, remote.body, self.links, self.properties)
        return Action(
            verb="create-file", path=path, title=title, page=remote.page.id, file=data, body=remote.body, base=data
        )

    def new_file(self, local: Local, title: str) -> Action:
        """Decide a file that names no page."""
        answer = local.answer
        action = Action(verb="create-page", path=local.path, title=title, expect=answer.data)
        if self.policy.direction == "pull":
            return replace(action, verb="wait", pending="new file")
        if has_markers(answer.document.text):
            return replace(action, verb="wait", refusal=_MARKED)
        fields = {
            key: answer.fields[key]
            for key, prop in self.properties.items()
            if key in answer.fields and not read_only(prop.type)
        }
        told = tuple(computed(key, prop) for key, prop in self.properties.items() if _gives(answer, key, prop))
        return replace(action, fields={**fields, TITLE_KEY: title}, body=answer.body, base=answer.data, notices=told)

    def file_deleted(self, base: Base, remote: Remote) -> Action:
        """Decide a question whose file was deleted: an edit in Notion survives, an untouched page is trashed."""
        answer, page = base.answer, remote.page
        action = Action(verb="trash-page", path=base.record.path, title=page.title, page=page.id)
        untouched = remote.body == answer.body and all(
            remote.fields.get(key) == answer.fields.get(key) for key in self.properties
        )
        if untouched:
            if self.policy.direction == "pull":
                return replace(action, verb="wait", pending="deleted here")
            return action
        if self.policy.direction == "push":
            return replace(action, verb="wait", refusal="deleted here, but edited in Notion", advice="notionsync pull")
        changes = {key: remote.fields.get(key) for key in self.properties}
        changes = {key: value for key, value in changes.items() if value != answer.fields.get(key)}
        data, notices = edit_answer(answer, changes, remote.body, self.base_links, self.properties)
        restored = Notice("NS-RESTORED", "deleted here, but edited in Notion: the file is back with the edit")
        return replace(action, verb="create-file", file=data, body=remote.body, base=data, notices=(restored, *notices))

    def page_trashed(self, base: Base, local: Local, page: Page) -> Action:
        """Decide a question whose page is in the trash: an untouched file is deleted, an edit or a new name survives."""
        action = Action(verb="delete-file", path=local.path, title=page.title, page=page.id, expect=local.answer.data)
        untouched = local.answer.body == base.answer.body and local.answer.fields == base.answer.fields
        if untouched and local.path == base.record.path:
            if self.policy.direction == "push":
                return replace(action, verb="wait", pending="in Notion's trash")
            return action
        if self.policy.direction == "pull":
            reason = "the page is in Notion's trash, but the file was edited"
            return replace(action, verb="wait", refusal=reason, advice="notionsync push restores the page")
        restored = Notice("NS-RESTORED", "trashed in Notion, but edited here: the page is restored with the edit")
        return replace(action, verb="restore-page", notices=(restored,))


def _as_stored(edit: Update, before: Block) -> Update:
    """Return an update of what Notion really holds: a file that stays is not sent anew because it is there twice."""
    after = edit.after
    if edit.before.attrs.get("url") == after.attrs.get("url") and "url" in before.attrs:
        after = replace(after, attrs={**after.attrs, "url": before.attrs["url"]})
    return replace(edit, before=before, after=after)


def _gives(answer: Answer, key: str, prop: Property) -> bool:
    return read_only(prop.type) and answer.fields.get(key) not in (None, "", ())


def _shown(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def _left(body: Unit[Body], *, nothing: bool, told: tuple[Notice, ...]) -> str:
    """Return what stays as it is: an edit that is only told of, with nothing else to do, is no change."""
    if body.unfinished:
        return "edited here; a push of it was begun"
    return "edited here where only Notion writes" if nothing and told else ""


def _settle(local: Local) -> str:
    return f"notionsync resolve {local.path} --take local|notion|markers"


def _reason(local: Local, conflicts: tuple[Conflict, ...], body: Unit[Body]) -> str:
    if has_markers(local.answer.document.text):
        return _MARKED
    if body.merge is not None:
        return "conflict markers were written into the file"
    if conflicts:
        return f"both sides changed {', '.join(conflict.unit for conflict in conflicts)}"
    return ""
