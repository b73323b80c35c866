"""Writing blocks: append, update, delete, each with what it expects to find."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import assert_never

from notionsync.convert import blocks as convert
from notionsync.errors import ContentError, MovedError, NotFoundError, TransientError, UnknownOutcomeError
from notionsync.model import Append, Block, Body, Delete, Edit, RichText, Update, compact_id, dashed_id, walk
from notionsync.sides.notion import chunks
from notionsync.sides.notion.chunks import Piece
from notionsync.sides.notion.client import Answer, Client, mapping, objects, text
from notionsync.sides.notion.faults import Fault, FaultError
from notionsync.sides.notion.read import SEALED, Reader

_MINUTE = 60
_OURS = ("asset:", "notion:", "upload:")
_PULL_FIRST = "run the command again: it starts from what Notion holds now"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an append goes.

    Attributes:
        after: The sibling before it; None at the start.
        last: Behind everything, so that no position is sent.
        behind: How many siblings are known to be before it, by number alone.
    """

    after: str | None = None
    last: bool = False
    behind: int = 0

    def position(self) -> Answer:
        if self.last:
            return {}
        if self.after is None:
            return {"position": {"type": "start"}}
        return {"position": {"type": "after_block", "after_block": {"id": dashed_id(self.after)}}}


class BlockWriter:
    """Applies edits of blocks to one page, one after the other.

    Args:
        client: Sends the requests.
        reader: Looks what is there after a reply was lost.
        bot: Tells our own user id, when it is needed.
        page: The page, for errors.
        uploads: For each `asset:` or `notion:` address the id of the file upload that holds its bytes.
        known: Ids of all blocks that were there before; None if nobody knows.
    """

    def __init__(
        self,
        client: Client,
        reader: Reader,
        bot: Callable[[], str],
        *,
        page: str,
        uploads: Mapping[str, str],
        known: Collection[str] | None = None,
    ) -> None:
        self._client = client
        self._reader = reader
        self._bot = bot
        self._page = compact_id(page)
        self._uploads = uploads
        self._known = set(known or ())
        self._knows_all = known is not None
        self.answered: dict[str, Block] = {}
        """What the service said each block was right after our write of it; those whose reply was lost are left out."""
        self.moved: tuple[str, str] | None = None
        """The page's time and its last editor, as our last write right below it left them."""

    def apply(self, edits: Sequence[Edit]) -> None:
        """Do edits one after the other; all of them are converted before the first is sent.

        Raises:
            MovedError: What is there is not what an edit expects; the edits before it are done.
            ContentError: Notion cannot hold the content.
            TransientError: Out of patience; see `Client.write`.
        """
        for step in [self._prepared(edit) for edit in edits]:
            step()

    def _prepared(self, edit: Edit) -> Callable[[], None]:
        match edit:
            case Update():
                payload = convert.update_payload(edit.before, edit.after, uploads=self._uploads)
                return partial(self._update, edit, payload)
            case Append():
                place = _Place(edit.after, last=edit.last)
                return partial(self._append_all, edit.parent, chunks.pieces(edit.blocks, self._uploads), place)
            case Delete():
                return partial(self._delete, edit)
        assert_never(edit)

    # --- append ------------------------------------------------------------------------------------------------------

    def append(self, parent: str, waiting: Sequence[Piece], done: int) -> None:
        """Create blocks at the end of a page or block that was just made with its first `done` children."""
        self._append_all(parent, waiting, _Place(last=True, behind=done))

    def _append_all(self, parent: str, waiting: Sequence[Piece], place: _Place) -> None:
        """Create blocks in order, with as few requests as the limits allow."""
        while waiting:
            chunk = chunks.cut(waiting)
            sent = waiting[: len(chunk.children)]
            made, adopted = self._append(parent, chunk.children, sent, place)
            if adopted:
                for id_, piece in zip(made, sent, strict=False):
                    self._complete(id_, piece.children)
            else:
                self.follow(made, sent, chunk.rests)
            waiting = waiting[len(made) :]
            place = _Place(made[-1])

    def follow(self, made: Sequence[str], sent: Sequence[Piece], rests: Sequence[chunks.Rest]) -> None:
        """Append what did not fit below the blocks of a request.

        Args:
            made: Ids of its top entries.
            sent: Its top entries.
            rests: What is missing below them.
        """
        below: dict[tuple[int, ...], list[Answer]] = {}
        for rest in rests:
            id_, piece = made[rest.path[0]], sent[rest.path[0]]
            for depth, index in enumerate(rest.path[1:], 1):
                above = rest.path[:depth]
                if above not in below:
                    below[above] = self._reader.children(id_)
                piece = piece.children[index]
                id_ = self._nth(below[above], index, piece)
            self.append(id_, rest.pieces, rest.done)

    def _nth(self, children: Sequence[Answer], index: int, piece: Piece) -> str:
        if index >= len(children) or children[index].get("type") != piece.block.type:
            raise MovedError(f"page {self._page} is edited while it is written", advice=_PULL_FIRST)
        return compact_id(text(children[index], "id"))

    def _append(
        self, parent: str, children: list[Answer], sent: Sequence[Piece], place: _Place
    ) -> tuple[list[str], bool]:
        """Send one append; return the ids of its top entries, and whether they were found instead of answered.

        Found can be fewer than sent: the beginning of the run.
        """
        adopted = False
        since = self._client.server_time // _MINUTE * _MINUTE
        body = {"children": children, **place.position()}

        def send() -> Answer:
            answer = self._client.api.blocks.children.append(dashed_id(parent), **body)
            # A positioned append answers the new blocks, and then every later sibling.
            if not isinstance(answer, dict) or len(objects(answer, "results")) < len(children):
                raise FaultError(Fault(status=200, message="an answer that lacks the new blocks"))
            return answer

        def landed(fault: Fault) -> Answer | None:
            nonlocal adopted
            found = self._landed(parent, sent, place, fault, since)
            adopted = bool(found)
            return {"results": found} if found else None

        item = f"page {self._page}, {len(children)} new blocks"
        answer = self._guarded(
            lambda: self._client.write(send, item=item, landed=landed),
            [parent, *([place.after] if place.after else [])],
        )
        results = objects(answer, "results")[: len(children)]
        made = [compact_id(text(block, "id")) for block in results]
        self._known.update(made)
        self._move(results[-1:], parent)
        if not adopted:
            self.answered |= {block.id: block.own() for block in convert.from_api(results) if block.id}
        return made, adopted

    def _landed(self, parent: str, sent: Sequence[Piece], place: _Place, fault: Fault, since: float) -> list[Answer]:
        """Find the beginning of a run whose append got no answer: new blocks of ours, at its place, in its order."""
        committed = {compact_id(str(id_)) for id_ in fault.data.get("committed_child_ids") or ()}
        children = {compact_id(text(child, "id")): child for child in self._reader.children(parent)}
        ids = list(children)
        start = ids.index(place.after) + 1 if place.after in ids else place.behind
        if committed:
            return [children[id_] for id_ in ids[start:] if id_ in committed][: len(sent)]
        new = [children[id_] for id_ in ids[start:] if self._is_new(id_, children[id_], since)]
        found: list[Answer] = []
        for child in new:
            if len(found) < len(sent) and _says(child, sent[len(found)].block):
                found.append(child)
        if len(found) < len(new) and self._knows_all:
            message = (
                f"page {self._page}: a reply was lost, and there are new blocks of ours that differ from the planned"
            )
            raise UnknownOutcomeError(message, advice=_PULL_FIRST)
        return found

    def _is_new(self, id_: str, child: Answer, since: float) -> bool:
        author = compact_id(text(mapping(child, "created_by"), "id"))
        return id_ not in self._known and _time(text(child, "created_time")) >= since and author == self._bot()

    def complete(self, parent: str, body: Body) -> None:
        """Bring what is below a page or block to `body`, of which it holds a beginning, on each level, already."""
        self._complete(parent, chunks.pieces(body, self._uploads))

    def _complete(self, parent: str, wanted: Sequence[Piece]) -> None:
        if not wanted:
            return
        children = self._reader.children(parent)
        count = 0
        for child, piece in zip(children, wanted, strict=False):
            if not _says(child, piece.block):
                break
            self._complete(compact_id(text(child, "id")), piece.children)
            count += 1
        if count < len(children) and count < len(wanted):
            raise MovedError(f"page {self._page} holds something else than was begun there", advice=_PULL_FIRST)
        self.append(parent, wanted[count:], count)

    # --- update and delete -------------------------------------------------------------------------------------------

    def _update(self, edit: Update, body: Answer) -> None:
        if not body:
            return
        found = False

        def landed(fault: Fault) -> Answer | None:  # noqa: ARG001
            nonlocal found
            block = self._reader.block(edit.id)
            now = convert.from_api([block])[0]
            if now.same_own(edit.before):
                return None
            if _says(block, edit.after):
                found = True
                return block
            raise MovedError(f"page {self._page}: a block was edited in Notion meanwhile", advice=_PULL_FIRST)

        # notion-client's own method leaves out, without a word, types that it does not know.
        path = f"blocks/{dashed_id(edit.id)}"
        answer = self._guarded(
            lambda: self._client.write(
                lambda: self._client.api.request(path=path, method="PATCH", body=body),
                item=f"page {self._page}, {edit.after.type} block {compact_id(edit.id)}",
                landed=landed,
            ),
            [edit.id],
        )
        self._move([answer], text(mapping(answer, "parent"), "page_id"))
        if not found:
            self.answered[edit.id] = convert.from_api([answer])[0].own()

    def _delete(self, edit: Delete) -> None:
        item = f"page {self._page}, {edit.before.type} block {compact_id(edit.id)}"

        def landed(fault: Fault) -> Answer | None:  # noqa: ARG001
            block = self._reader.block(edit.id)
            return block if block.get("in_trash") is True else None

        try:
            block = self._client.write(
                lambda: self._client.api.blocks.delete(dashed_id(edit.id)), item=item, landed=landed
            )
        except NotFoundError:
            return  # somebody was faster
        except ContentError:
            if not self._gone(edit.id):
                raise
            return
        if not self._was_expected(edit, block):
            self._restore(edit.id, item)
            raise MovedError(f"{item} was edited in Notion; it was not deleted", advice=_PULL_FIRST)

    def _was_expected(self, edit: Delete, block: Answer) -> bool:
        """Tell whether a deleted block was what it had to be, and everything below it, which is read: as in the trash.

        That nothing is below it any more is no loss.
        """
        if not convert.from_api([block])[0].same_own(edit.before):
            return False
        if not block.get("has_children") or edit.before.type in SEALED:
            return True
        try:
            return convert.from_api(self._reader.tree(edit.id)) == edit.before.children
        except NotFoundError:
            return True  # nothing shows what was below it

    def _restore(self, id_: str, item: str) -> None:
        def landed(fault: Fault) -> Answer | None:  # noqa: ARG001
            block = self._reader.block(id_)
            return block if block.get("in_trash") is False else None

        try:
            self._client.write(
                lambda: self._client.api.blocks.update(dashed_id(id_), in_trash=False), item=item, landed=landed
            )
        except TransientError as error:
            raise MovedError(
                f"{item} was edited in Notion just before it was deleted, and cannot be restored now: {error.message}",
                advice="restore it from the trash in Notion",
            ) from error

    def _move(self, written: Sequence[Answer], parent: str) -> None:
        """Note what a write of blocks did to the page's own time."""
        if compact_id(parent) == self._page and written:
            author = compact_id(text(mapping(written[0], "last_edited_by"), "id"))
            self.moved = text(written[0], "last_edited_time"), author

    def _guarded(self, write: Callable[[], Answer], ids: Sequence[str]) -> Answer:
        """Say that somebody moved things when a refusal comes from that: a block in the trash cannot be edited."""
        try:
            return write()
        except (NotFoundError, ContentError) as error:
            if any(self._gone(id_) for id_ in ids):
                message = f"page {self._page}: a block that was to be edited is gone: {error.message}"
                raise MovedError(message, advice=_PULL_FIRST) from error
            raise

    def _gone(self, id_: str) -> bool:
        try:
            return self._reader.block(id_).get("in_trash") is True
        except NotFoundError:
            return True


def ids_of(body: Body) -> set[str]:
    """Return the ids of all blocks of a tree."""
    return {block.id for block in walk(body) if block.id}


def _says(found: Answer, wanted: Block) -> bool:
    """Tell whether a block of ours is the planned one: what the service rewrites or fills in is left aside."""
    now = convert.from_api([found])[0]
    if now.type != wanted.type or _words(now.text) != _words(wanted.text):
        return False
    if [_words(cell) for cell in now.cells] != [_words(cell) for cell in wanted.cells]:
        return False
    return all(
        now.attrs.get(key) == value or str(value).startswith(_OURS)
        for key, value in wanted.attrs.items()
        if key not in convert.READ_ONLY | {"icon"}
    )


def _words(text_: RichText) -> list[str]:
    return ["".join(run.text if run.kind != "mention" else "@" for run in text_)]


def _time(value: str) -> float:
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return 0.0
