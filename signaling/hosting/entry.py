"""Who comes in: pure decisions about a grant and the state of its room."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from media_server.rights import Rights
from signaling.hosting.refusal import ENDED, FULL, LOCKED, NO_SUCH_ROOM, REMOVED, WAITS, Refusal
from signaling.hosting.room_state import RoomState
from signaling.identity.grant import Grant


class Occupancy(NamedTuple):
    """What there is in a room, as far as it counts for who comes in."""

    # Whether they are in it already, with an open socket or without, and only come back.
    present: bool = False
    # How many are in it, hosts and hidden participants left out.
    people: int = 0


NOBODY = Occupancy()


class _Member(Protocol):
    @property
    def rights(self) -> Rights: ...


def may_enter(
    grant: Grant, state: RoomState, occupancy: Occupancy = NOBODY, *, must_exist: bool = False
) -> Refusal | None:
    """Say why somebody does not come into a room now; None if they do. `WAITS` is for the lobby to settle.

    - Nobody comes into a room that has ended, and nobody who was removed comes back, hosts included.
    - Hosts come in otherwise, and so does who is in the room already.
    - A lock keeps everybody else out, but for those who were let in before.
    - A lobby is for those who were never let in; grants that say so, and hidden ones, skip it.

    Args:
        grant: what their token gives them.
        state: the room's.
        occupancy: who is in it.
        must_exist: rooms that were not made by REST are none.
    """
    is_known = grant.participant_id in state.admitted
    may_skip = grant.admitted or grant.hidden or is_known
    refusal = None
    if must_exist and not state.persistent:
        refusal = NO_SUCH_ROOM
    elif state.ended:
        refusal = ENDED
    elif grant.participant_id in state.removed:
        refusal = REMOVED
    elif grant.is_host or occupancy.present:
        refusal = None
    elif state.locked and not is_known:
        refusal = LOCKED
    elif state.lobby and not may_skip:
        refusal = WAITS
    elif not grant.hidden and is_full(state, occupancy.people):
        refusal = FULL
    return refusal


def is_full(state: RoomState, people: int) -> bool:
    """Whether one more is one too many."""
    return state.max_participants is not None and people >= state.max_participants


def people_in(members: Mapping[str, _Member]) -> int:
    """Count those of a room who count: hosts and hidden participants do not."""
    return sum(not (member.rights.hidden or member.rights.role == "host") for member in members.values())


def rights_of(grant: Grant) -> Rights:
    """Give what a grant's holder may do in the room. Listeners and hidden participants are never heard."""
    return Rights(
        role=grant.role,
        publishes=grant.publish and not grant.hidden and grant.role != "listener",
        subscribes=grant.subscribe,
        hidden=grant.hidden,
    )
