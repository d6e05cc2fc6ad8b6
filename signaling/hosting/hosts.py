"""What hosts do, by a socket or by REST: changes of a room's state, and what cannot be said as one."""

from typing import TYPE_CHECKING

from media_server.notices import MUTED_BY_HOST, notice
from signaling.hosting.entry import is_full, people_in
from signaling.hosting.errors import NoSuchParticipantError, RoomFullError, TooManyNamedError
from signaling.hosting.refusal import DENIED
from signaling.hosting.room_state import RoomState
from signaling.rooms import Participant

if TYPE_CHECKING:
    from signaling.door import Door

MOST_NAMED = 2_000
"""Participants whom a room's state can name as admitted or removed, together: some 100 kB."""


class Hosts:
    """Everything it does holds when the call returns; closing sockets and connections takes its own time.

    It says nothing about who may ask for it.
    """

    def __init__(self, door: "Door") -> None:
        self._door = door

    def admit(self, room_id: str, participant_id: str) -> None:
        """Let somebody in who waits. Who does not wait may come in from now on without waiting, removed before or not.

        Raises:
            RoomFullError: they wait on.
            TooManyNamedError: the room's state is full of names.
        """
        state = self._door.states.of(room_id)
        waits = self._door.lobby.place_of(room_id, participant_id) is not None
        if waits and is_full(state, people_in(self._members(room_id))):
            raise RoomFullError(room_id)
        self._name(state, state.admitted | {participant_id}, state.removed - {participant_id})

    def deny(self, room_id: str, participant_id: str) -> None:
        """Send somebody away who waits. They may ask again.

        Raises:
            NoSuchParticipantError: they do not wait.
        """
        taken = self._door.lobby.take(room_id, participant_id)
        if taken is None:
            raise NoSuchParticipantError(room_id, participant_id)
        self._door.lifecycle.emit("participant_gave_up", room_id, participant_id, reason="denied")
        taken[0].turn_away(DENIED)

    def mute(self, room_id: str, participant_id: str) -> None:
        """Switch somebody's microphone off, and tell them. They can switch it on again themselves.

        Raises:
            NoSuchParticipantError: they are not in the room.
        """
        participant = self._members(room_id).get(participant_id)
        if participant is None:
            raise NoSuchParticipantError(room_id, participant_id)
        if not participant.info.muted:
            participant.set_muted(True)
            participant.tell(notice(MUTED_BY_HOST))
            if not participant.rights.hidden:
                self._door.lifecycle.emit("participant_muted", room_id, participant_id, reason="host")

    def remove(self, room_id: str, participant_id: str) -> None:
        """Put somebody out of the room, or of its lobby. They cannot come back until they are admitted.

        Raises:
            NoSuchParticipantError: they are neither in the room nor waiting.
            TooManyNamedError: the room's state is full of names.
        """
        is_here = participant_id in self._members(room_id)
        if not is_here and self._door.lobby.place_of(room_id, participant_id) is None:
            raise NoSuchParticipantError(room_id, participant_id)
        state = self._door.states.of(room_id)
        self._name(state, state.admitted - {participant_id}, state.removed | {participant_id})

    def lock(self, room_id: str, locked: bool) -> None:
        """Let nobody new in, or let them in again. Who is in the room may come back to it."""
        self._door.states.change(room_id, locked=locked, admitted=self._with_present(room_id))

    def set_lobby(self, room_id: str, lobby: bool) -> None:
        """Let people wait from now on, but for those who are here; or not, which lets in who waits."""
        self._door.states.change(room_id, lobby=lobby, admitted=self._with_present(room_id))

    def end(self, room_id: str) -> None:
        """Send everybody home, and let nobody in any more."""
        self._door.states.change(room_id, ended=True)

    def _members(self, room_id: str) -> dict[str, Participant]:
        room = self._door.rooms.get(room_id)
        return {} if room is None else dict(room.participants)

    def _with_present(self, room_id: str) -> frozenset[str]:
        """Give who was admitted, with as many of those who are here as can be named."""
        state = self._door.states.of(room_id)
        new = sorted(set(self._members(room_id)) - state.admitted)
        free = max(0, MOST_NAMED - len(state.admitted) - len(state.removed))
        return state.admitted | frozenset(new[:free])

    def _name(self, state: RoomState, admitted: frozenset[str], removed: frozenset[str]) -> None:
        before = len(state.admitted) + len(state.removed)
        if before < len(admitted) + len(removed) and before >= MOST_NAMED:
            raise TooManyNamedError(state.room_id)
        self._door.states.change(state.room_id, admitted=admitted, removed=removed)
