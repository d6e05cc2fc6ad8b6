"""What a change of a room's state does to the people in it, at its door and outside, whoever made the change."""

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from media_server.close_reason import CloseReason
from signaling.hosting.entry import is_full, people_in
from signaling.hosting.lifecycle import LifecycleEvent
from signaling.hosting.refusal import ENDED, REMOVED, Refusal
from signaling.hosting.room_state import RoomState, shown
from signaling.identity.grant import Identity
from signaling.protocol import LobbyChanged, RoomChanged

if TYPE_CHECKING:
    from signaling.door import Door
    from signaling.presence import Presence

# Seconds between two lists of who waits: while many come at once, hosts are not told of each.
_LOBBY_NEWS_S = 0.1


class Effects:
    """Keeps rooms, lobbies and sockets in line with the rooms' states. Begins with `watch`, ends with the door."""

    def __init__(self, door: "Door") -> None:
        self._door = door
        # Rooms whose hosts will be told of the lobby.
        self._due: dict[str, asyncio.TimerHandle] = {}

    def watch(self) -> None:
        """Follow from now on."""
        self._door.states.watch(self._apply)
        self._door.lobby.watch(self._lobby_changed)
        self._door.lifecycle.watch(self._happened)

    def _happened(self, event: LifecycleEvent) -> None:
        if event.kind == "room_started":
            self._door.states.occupied(event.room_id)
        elif event.kind == "room_ended":
            self._door.states.vacated(event.room_id)
        if event.kind == "participant_left":
            state = self._door.states.of(event.room_id)
            if not state.lobby and not state.ended:  # the room was full when the lobby was closed
                self._let_in_all(state)

    def _apply(self, old: RoomState, new: RoomState) -> None:
        if shown(old) != shown(new):
            self._tell_everybody(new)
        if new.ended and not old.ended:
            self._end(new.room_id)
            return
        for participant_id in new.removed - old.removed:
            self._put_out(Identity(participant_id, new.room_id), REMOVED, CloseReason.REMOVED)
        if old.lobby and not new.lobby:
            self._let_in_all(new)
        else:
            for participant_id in new.admitted - old.admitted:
                self._let_in(new.room_id, participant_id)

    def _tell_everybody(self, state: RoomState) -> None:
        news = RoomChanged(room=shown(state))
        for presence in self._presences(state.room_id):
            presence.tell(news)
        for guest in self._door.lobby.guests(state.room_id):
            guest.tell(news)

    # Letting in.

    def _let_in_all(self, state: RoomState) -> None:
        """Let in who waits, in the order in which they came, until the room is full."""
        for waiting in self._door.lobby.waiting(state.room_id):
            room = self._door.rooms.get(state.room_id)
            if room is not None and is_full(state, people_in(room.participants)):
                return
            self._let_in(state.room_id, waiting.participant_id)

    def _let_in(self, room_id: str, participant_id: str) -> None:
        taken = self._door.lobby.take(room_id, participant_id)
        if taken is not None:
            self._door.lifecycle.emit("participant_admitted", room_id, participant_id)
            guest, waiting = taken
            guest.let_in(waiting)

    # Putting out.

    def _end(self, room_id: str) -> None:
        for waiting in self._door.lobby.waiting(room_id):
            self._put_out(Identity(waiting.participant_id, room_id), ENDED, CloseReason.ROOM_CLOSED)
        room = self._door.rooms.get(room_id)
        for participant_id in list(room.participants) if room is not None else []:
            self._put_out(Identity(participant_id, room_id), ENDED, CloseReason.ROOM_CLOSED)
        for watch in list(self._door.watches.values()):  # who only reads
            if watch.grant.room_id == room_id:
                self._close_sockets(watch.grant.identity, ENDED)

    def _put_out(self, identity: Identity, refusal: Refusal, reason: CloseReason) -> None:
        room_id, participant_id = identity.room_id, identity.participant_id
        taken = self._door.lobby.take(room_id, participant_id)
        if taken is not None:
            self._door.lifecycle.emit("participant_gave_up", room_id, participant_id, reason=refusal.reason)
            taken[0].turn_away(refusal)
        presence = self._door.presences.get(identity)
        if presence is not None:
            presence.dismiss(refusal, reason)
        self._close_sockets(identity, refusal)

    def _close_sockets(self, identity: Identity, refusal: Refusal) -> None:
        """Close what else somebody has open: captions, sound."""
        for socket, watch in list(self._door.watches.items()):
            if watch.grant.identity == identity:
                self._door.keep(asyncio.create_task(_close(socket, refusal), name="put-out"))

    # Telling hosts who waits.

    def _lobby_changed(self, room_id: str) -> None:
        if room_id not in self._due:
            loop = asyncio.get_running_loop()
            self._due[room_id] = loop.call_later(_LOBBY_NEWS_S, self._tell_hosts, room_id)

    def _tell_hosts(self, room_id: str) -> None:
        del self._due[room_id]
        news = LobbyChanged(waiting=tuple(self._door.lobby.waiting(room_id)))
        for presence in self._presences(room_id):
            if presence.grant.is_host:
                presence.tell(news)

    def _presences(self, room_id: str) -> "list[Presence]":
        return [presence for presence in self._door.presences.values() if presence.grant.room_id == room_id]


async def _close(socket: web.WebSocketResponse, refusal: Refusal) -> None:
    await socket.close(code=refusal.code, message=refusal.why.encode(), drain=False)
