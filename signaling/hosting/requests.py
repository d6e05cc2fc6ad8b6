"""What hosts ask for over the signaling socket."""

from typing import TYPE_CHECKING

from signaling.hosting.errors import HostingError, NoSuchParticipantError
from signaling.hosting.messages import (
    Admit,
    Deny,
    EndRoom,
    Hosting,
    Lock,
    MuteParticipant,
    Remove,
    SetLobby,
)
from signaling.identity.grant import Grant
from signaling.names import is_id
from signaling.protocol import ErrorCode, RefusalError, type_of

if TYPE_CHECKING:
    from signaling.door import Door


def fulfil(message: Hosting, grant: Grant, door: "Door") -> None:
    """Do what a host asks for.

    Raises:
        RefusalError: they are no host, or it cannot be done; says why.
    """
    kind = type_of(message)
    if not grant.is_host:
        raise RefusalError(ErrorCode.NOT_ALLOWED, "only a host can do that", kind)
    try:
        _do(message, grant, door)
    except NoSuchParticipantError as error:
        raise RefusalError(ErrorCode.NO_SUCH_PARTICIPANT, str(error), kind) from None
    except HostingError as error:
        raise RefusalError(ErrorCode.NOT_DONE, str(error), kind) from None


def _do(message: Hosting, grant: Grant, door: "Door") -> None:
    hosts, room_id = door.hosts, grant.room_id
    match message:
        case Admit():
            hosts.admit(room_id, _an_id(message.participant_id, room_id))
        case Deny():
            hosts.deny(room_id, message.participant_id)
        case MuteParticipant():
            hosts.mute(room_id, _shown(message.participant_id, room_id, door))
        case Remove():
            if message.participant_id == grant.participant_id:
                raise RefusalError(ErrorCode.NOT_ALLOWED, "that is you: leave instead", type_of(message))
            hosts.remove(room_id, _shown(message.participant_id, room_id, door))
        case Lock():
            hosts.lock(room_id, message.locked)
        case SetLobby():
            hosts.set_lobby(room_id, message.lobby)
        case EndRoom():
            hosts.end(room_id)


def _an_id(participant_id: str, room_id: str) -> str:
    if not is_id(participant_id):
        raise NoSuchParticipantError(room_id, participant_id)
    return participant_id


def _shown(participant_id: str, room_id: str, door: "Door") -> str:
    """See to it that hosts do not learn of hidden participants by asking for them."""
    room = door.rooms.get(room_id)
    participant = room.participants.get(participant_id) if room is not None else None
    if participant is not None and participant.rights.hidden:
        raise NoSuchParticipantError(room_id, participant_id)
    return participant_id
