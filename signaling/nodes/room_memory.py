"""What outlives a room's node: its state (lobby, lock, who was let in), its pages and its last captions, in Redis."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import structlog

from signaling.captions.caption import Text
from signaling.hosting.room_states import RoomStates
from signaling.nodes.lease import Claim
from signaling.nodes.room_record import EMPTY, RoomRecord, read_record, read_text, write_record, write_text
from signaling.nodes.settings import NodeSettings
from signaling.nodes.store import Change, Kept

_log = structlog.get_logger(__name__)


class Captions(Protocol):
    """The last captions of rooms: `CaptionFeed`."""

    def recent(self, room_id: str) -> Sequence[Text]:
        """Give the committed texts of a room that are remembered, oldest first."""
        ...

    def restore(self, room_id: str, texts: Iterable[Text]) -> None:
        """Remember these, which another node had."""
        ...


class Pages(Protocol):
    """Which page each participant of a room is."""

    def of(self, room_id: str) -> Mapping[str, str]:
        """Give the page of each participant who is here."""
        ...

    def restore(self, room_id: str, pages: Mapping[str, str]) -> None:
        """Hear which they were on another node; none: forget it."""
        ...


class Keeper(Protocol):
    """Where it is kept: `Store`."""

    async def load(self, room_id: str) -> Kept: ...

    async def save(self, claim: Claim, change: Change, *, most: int, life_s: int) -> bool: ...


class _Remembered:
    """What Redis has of a room, as far as this node knows."""

    __slots__ = ("at", "captions", "count", "last", "record")

    def __init__(self, record: RoomRecord | None = None) -> None:
        # None: nobody knows.
        self.record = record
        # When it was read or written last, in monotonic seconds.
        self.at = 0.0
        # Identities of the texts that are there and may still be among the recent ones; the newest text, and how many
        # there were.
        self.captions: set[tuple[object, ...]] = set()
        self.last: Text | None = None
        self.count = 0


class RoomMemory:
    """Reads what is kept when a room comes, and writes what changed until it goes."""

    def __init__(
        self,
        keeper: Keeper,
        states: RoomStates,
        captions: Captions,
        pages: Pages,
        settings: NodeSettings,
        *,
        most: int,
    ) -> None:
        """At most so many captions of a room are kept."""
        self._keeper = keeper
        self._states = states
        self._captions = captions
        self._pages = pages
        self._settings = settings
        self._most = most
        self._rooms: dict[str, _Remembered] = {}

    async def adopt(self, claim: Claim) -> None:
        """Take a room over as its last owner left it.

        Raises:
            RedisDownError: what is kept could not be read.
        """
        room_id = claim.room_id
        kept = await self._keeper.load(room_id)
        record = EMPTY if kept.record is None else read_record(kept.record)
        texts = list(map(read_text, kept.captions))
        if record is None or None in texts:
            _log.warning("room_unreadable", room_id=room_id)  # of another version: it begins anew, as far as that goes
        room = self._rooms[room_id] = _Remembered(record)
        room.at = time.monotonic()
        # What was set up here, before anybody had the room, holds; it is written with the next `save`.
        if record is not None and record.state is not None and not self._states.holds(room_id):
            self._states.adopt(record.state)
        if record is not None and record.pages:
            self._pages.restore(room_id, record.pages)
        good = [text for text in texts if text is not None]
        if good:
            self._captions.restore(room_id, good)
            room.captions = set(map(_identity, good))

    def doubt(self, room_ids: Iterable[str]) -> None:
        """Hear that Redis may have lost everything of these rooms: the next `save` writes it all."""
        for room_id in room_ids:
            if room_id in self._rooms:
                self._rooms[room_id] = _Remembered()

    async def save(self, claims: Iterable[Claim]) -> None:
        """Write what changed.

        Raises:
            RedisDownError: some of it is not written; another `save` does it.
        """
        for claim in claims:
            room = self._rooms.get(claim.room_id)
            if room is not None:
                await self._save(claim, room)

    async def let_go(self, claim: Claim) -> None:
        """Write what is to be known of a room that this node gives back, and forget it here.

        Raises:
            RedisDownError: it is not written, and not forgotten.
        """
        await self.save([claim])
        self.forget(claim.room_id)

    def forget(self, room_id: str) -> None:
        """Forget a room that is not ours any more: what holds of it is elsewhere."""
        if self._rooms.pop(room_id, None) is not None:
            self._states.forget(room_id)
            self._pages.restore(room_id, {})

    async def _save(self, claim: Claim, room: _Remembered) -> None:
        now, record = time.monotonic(), self._record(claim.room_id)
        recent = list(self._captions.recent(claim.room_id))
        change = self._change(room, record, recent)
        # Its life there is counted from the last time that it was written.
        if change == Change() and now - room.at < self._settings.state_lifetime_s / 6:
            return
        is_kept = record.state is not None and record.state.persistent
        life_s = self._settings.kept_lifetime_s if is_kept else self._settings.state_lifetime_s
        if await self._keeper.save(claim, change, most=self._most, life_s=life_s):
            room.record, room.at = record, now
            room.captions = set(map(_identity, recent))
            room.last, room.count = (recent[-1] if recent else None), len(recent)

    def _record(self, room_id: str) -> RoomRecord:
        state = self._states.of(room_id) if self._states.holds(room_id) else None
        return RoomRecord(state=state, pages=dict(self._pages.of(room_id)))

    def _change(self, room: _Remembered, record: RoomRecord, recent: Sequence[Text]) -> Change:
        changed = record != room.record
        if recent and recent[-1] is room.last and len(recent) == room.count:
            new, clear = [], False
        else:
            new = [text for text in recent if _identity(text) not in room.captions]
            # Nothing of what was is left: the room has ended, and another one began.
            clear = bool(room.captions) and len(new) == len(recent)
        return Change(
            record=write_record(record) if changed and record != EMPTY else None,
            drop=changed and record == EMPTY,
            captions=tuple(map(write_text, new[-self._most :])),
            clear=clear,
        )


def _identity(text: Text) -> tuple[object, ...]:
    """By what a text is told from others: a real one takes the place of a skipped one."""
    return type(text), text.utterance_id, text.clause, text.language, text.skipped
