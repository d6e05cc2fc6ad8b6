"""Rooms and people as the operations look for them."""

from signaling.door import Door
from signaling.hosting.room_state import RoomState
from signaling.rest.participant import Participant, participant_of
from signaling.rest.problem import ProblemError
from signaling.rest.room import Room, room_of


def room_ids(door: Door) -> set[str]:
    """Name the rooms that are there: made by REST, set up by a host, or with somebody in them."""
    kept = {state.room_id: state.ended for state in door.states.known()}
    live = (room.room_id for room in door.rooms if room.participants)
    return {room_id for room_id in (*kept, *live) if not kept.get(room_id, False)}


def state_of(door: Door, room_id: str) -> RoomState:
    """Give the state of a room that is there.

    Raises:
        ProblemError: 404, it is not.
    """
    state = door.states.of(room_id)
    live = door.rooms.get(room_id)
    is_there = door.states.holds(room_id) or (live is not None and bool(live.participants))
    if state.ended or not is_there:
        raise ProblemError(404, "no_such_room", "there is no such room")
    return state


def participants_of(door: Door, room_id: str) -> list[Participant]:
    """Give who is in a room, by their ids, hidden participants left out."""
    live = door.rooms.get(room_id)
    members = {} if live is None else live.participants
    return [participant_of(members[each].info) for each in sorted(members) if not members[each].rights.hidden]


def look_at(door: Door, room_id: str) -> Room:
    """Give a room that is there.

    Raises:
        ProblemError: 404, it is not.
    """
    state = state_of(door, room_id)
    present, waiting = participants_of(door, room_id), door.lobby.waiting(room_id)
    return room_of(state, participants=len(present), waiting=len(waiting))
