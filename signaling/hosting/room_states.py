"""The state of every room that has one, in memory."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec

from signaling.hosting.room_state import RoomState
from signaling.hosting.settings import HostingSettings
from signaling.hosting.watchers import Watchers

Watcher = Callable[[RoomState, RoomState], None]
"""Takes what was and what is now. Never blocks; what it raises is logged and goes no further."""


class RoomStates:
    """What is set about which room. Synchronous: a change holds as soon as the call returns.

    A room of which nobody has set anything has the default state, which is not kept. The state of a room that was not
    made by REST ends some time after the last one left it (`state_lifetime_s`, `states_kept`); whoever has the room's
    people says so with `occupied` and `vacated`.
    """

    def __init__(self, settings: HostingSettings, now: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._now = now
        self._states: dict[str, RoomState] = {}
        self._occupied: set[str] = set()
        # Rooms to be forgotten -> since when (`now`) nobody is in them; longest first.
        self._vacant: OrderedDict[str, float] = OrderedDict()
        self._watchers: Watchers[RoomState, RoomState] = Watchers("room_states")

    def of(self, room_id: str) -> RoomState:
        """Give a room's state; the default one if nobody has set anything."""
        self._forget_old()
        return self._states.get(room_id) or self._default(room_id)

    def holds(self, room_id: str) -> bool:
        """Whether anything was set about a room, or it was made by REST."""
        self._forget_old()
        return room_id in self._states

    def change(self, room_id: str, **fields: Any) -> RoomState:
        """Set fields of a room's state, and tell who watches if anything differs. Gives the state as it is now.

        Raises:
            TypeError: a RoomState has no such field.
        """
        old = self.of(room_id)
        new = msgspec.structs.replace(old, **fields)
        if new != old or new.persistent:
            if not new.created_at_ms:
                new = msgspec.structs.replace(new, created_at_ms=time.time_ns() // 1_000_000)
            self._put(old, new)
        return new

    def adopt(self, state: RoomState) -> None:
        """Take over a state from elsewhere, such as another node, as it is. Who watches is told, as of a change."""
        self._put(self.of(state.room_id), state)

    def forget(self, room_id: str) -> None:
        """Let a room be as if nobody had set anything. Who watches is told the default state as the new one."""
        old = self._states.pop(room_id, None)
        self._vacant.pop(room_id, None)
        if old is not None:
            self._watchers.tell(old, self._default(room_id))

    def known(self) -> list[RoomState]:
        """Give the states that are kept, in the order in which the rooms were first set up."""
        self._forget_old()
        return list(self._states.values())

    def watch(self, callback: Watcher) -> Callable[[], None]:
        """Call back after each change with what was and what is; `holds` tells a forgotten one. Gives the end of it."""
        return self._watchers.add(callback)

    def occupied(self, room_id: str) -> None:
        """Hear that somebody is in a room: its state stays."""
        self._occupied.add(room_id)
        self._vacant.pop(room_id, None)

    def vacated(self, room_id: str) -> None:
        """Hear that nobody is in a room any more: its state will be forgotten unless somebody comes."""
        self._occupied.discard(room_id)
        state = self._states.get(room_id)
        if state is not None:
            self._expect_end(state)

    def _put(self, old: RoomState, new: RoomState) -> None:
        self._states[new.room_id] = new
        self._expect_end(new)
        if new != old:
            self._watchers.tell(old, new)
        self._forget_old()

    def _expect_end(self, state: RoomState) -> None:
        self._vacant.pop(state.room_id, None)
        if not state.persistent and state.room_id not in self._occupied:
            self._vacant[state.room_id] = self._now()

    def _forget_old(self) -> None:
        due = self._now() - self._settings.state_lifetime_s
        while self._vacant:
            room_id, since = next(iter(self._vacant.items()))
            if since > due and len(self._vacant) <= self._settings.states_kept:
                return
            self.forget(room_id)

    def _default(self, room_id: str) -> RoomState:
        return RoomState(
            room_id=room_id,
            lobby=self._settings.lobby_by_default,
            keep_transcript=self._settings.keep_transcripts,
            max_participants=self._settings.max_participants or None,
        )
