"""Operations on who is in a room, and who waits for it."""

from signaling.rest.house import participants_of, state_of
from signaling.rest.operation import Access, Answer, Call, Operation
from signaling.rest.participant import Participant, ParticipantPath, Participants, WaitingList
from signaling.rest.problem import ProblemError
from signaling.rest.room import RoomPath
from signaling.rest.rooms import ROOM
from signaling.rest.values import Nothing

PARTICIPANTS = ROOM + "/participants"
PARTICIPANT = PARTICIPANTS + "/{participant_id}"
WAITING = ROOM + "/waiting"
WAITING_ONE = WAITING + "/{participant_id}"

_NO_ROOM = {404: "There is no such room"}
_NOBODY = {404: "There is no such room, or nobody of that id in it"}
_FULL = {409: "The room is full, or remembers as many people as it can"}

_ToOne = Call[ParticipantPath, Nothing, None]


async def list_participants(call: Call[RoomPath, Nothing, None]) -> Participants:
    state_of(call.door, call.path.room_id)
    return Participants(participants_of(call.door, call.path.room_id))


async def get_participant(call: _ToOne) -> Participant:
    state_of(call.door, call.path.room_id)
    for each in participants_of(call.door, call.path.room_id):
        if each.participant_id == call.path.participant_id:
            return each
    raise ProblemError(404, "no_such_participant", "nobody of that id is here")


async def remove_participant(call: _ToOne) -> None:
    state_of(call.door, call.path.room_id)
    call.door.hosts.remove(call.path.room_id, call.path.participant_id)


async def mute_participant(call: _ToOne) -> Participant:
    state_of(call.door, call.path.room_id)
    call.door.hosts.mute(call.path.room_id, call.path.participant_id)
    return await get_participant(call)


async def list_waiting(call: Call[RoomPath, Nothing, None]) -> WaitingList:
    state_of(call.door, call.path.room_id)
    return WaitingList(call.door.lobby.waiting(call.path.room_id))


async def admit_waiting(call: _ToOne) -> None:
    state_of(call.door, call.path.room_id)
    call.door.hosts.admit(call.path.room_id, call.path.participant_id)


async def deny_waiting(call: _ToOne) -> None:
    state_of(call.door, call.path.room_id)
    call.door.hosts.deny(call.path.room_id, call.path.participant_id)


OPERATIONS = (
    Operation(
        method="GET",
        path=PARTICIPANTS,
        name="list_participants",
        tag="participants",
        summary="List who is in a room",
        does=list_participants,
        access=Access.RULER,
        path_type=RoomPath,
        answer=Answer(200, "Who is there", Participants),
        refusals=_NO_ROOM,
    ),
    Operation(
        method="GET",
        path=PARTICIPANT,
        name="get_participant",
        tag="participants",
        summary="Look at a participant",
        does=get_participant,
        access=Access.RULER,
        path_type=ParticipantPath,
        answer=Answer(200, "The participant", Participant),
        refusals=_NOBODY,
    ),
    Operation(
        method="DELETE",
        path=PARTICIPANT,
        name="remove_participant",
        tag="participants",
        summary="Remove a participant",
        description="They are told and put out, and may not come back until a host admits them.",
        does=remove_participant,
        access=Access.RULER,
        path_type=ParticipantPath,
        answer=Answer(204, "They are out"),
        refusals={**_NOBODY, **_FULL},
    ),
    Operation(
        method="POST",
        path=PARTICIPANT + "/mute",
        name="mute_participant",
        tag="participants",
        summary="Switch a participant's microphone off",
        description="Only they can switch it on again.",
        does=mute_participant,
        access=Access.RULER,
        path_type=ParticipantPath,
        answer=Answer(200, "The participant as they are now", Participant),
        refusals=_NOBODY,
    ),
    Operation(
        method="GET",
        path=WAITING,
        name="list_waiting",
        tag="lobby",
        summary="List who waits to be let in",
        does=list_waiting,
        access=Access.RULER,
        path_type=RoomPath,
        answer=Answer(200, "Who waits", WaitingList),
        refusals=_NO_ROOM,
    ),
    Operation(
        method="POST",
        path=WAITING_ONE + "/admit",
        name="admit_waiting",
        tag="lobby",
        summary="Let somebody in",
        description="With the name and the languages that they waited with. Who does not wait, comes in without "
        "waiting from now on, also if they were removed.",
        does=admit_waiting,
        access=Access.RULER,
        path_type=ParticipantPath,
        answer=Answer(204, "They come in"),
        refusals={**_NO_ROOM, **_FULL},
    ),
    Operation(
        method="POST",
        path=WAITING_ONE + "/deny",
        name="deny_waiting",
        tag="lobby",
        summary="Turn somebody away",
        does=deny_waiting,
        access=Access.RULER,
        path_type=ParticipantPath,
        answer=Answer(204, "They wait no more"),
        refusals=_NOBODY,
    ),
)
