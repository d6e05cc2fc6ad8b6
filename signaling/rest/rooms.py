"""Operations on rooms."""

import secrets

from aiohttp import web
from msgspec import UNSET

from signaling.door import Door
from signaling.rest.everywhere import everywhere
from signaling.rest.house import look_at, room_ids, state_of
from signaling.rest.listing import PageQuery, page_of
from signaling.rest.operation import Access, Answer, Call, Operation
from signaling.rest.problem import ProblemError
from signaling.rest.reading import fields_of
from signaling.rest.room import NewRoom, Room, RoomChange, RoomPage, RoomPath, changes_of
from signaling.rest.routes import answer
from signaling.rest.values import Nothing

ROOMS = "/api/v1/rooms"
ROOM = ROOMS + "/{room_id}"

_STOPPING = "this server is about to stop: ask again in a moment"
_NO_ROOM = {404: "There is no such room"}
_NO_LANGUAGE = {422: "A language is registered nowhere"}


async def create_room(call: Call[Nothing, Nothing, NewRoom]) -> web.StreamResponse:
    """Make a room. One of the same id that has ended begins anew."""
    door, wanted = call.door, call.body
    if door.health.draining:
        raise ProblemError(503, "draining", _STOPPING)
    changes = changes_of(wanted)
    room_id = f"r-{secrets.token_hex(8)}" if wanted.room_id is UNSET else wanted.room_id
    await _have(door, room_id)
    if room_id in room_ids(door):
        raise ProblemError(409, "room_exists", "there is a room of this id already")
    door.states.forget(room_id)
    door.states.change(room_id, **changes, **fields_of(wanted, ("lobby", "locked")), persistent=True)
    return answer(look_at(door, room_id), 201, {"Location": f"{ROOMS}/{room_id}"})


async def _have(door: Door, room_id: str) -> None:
    """Make sure that a room is set up on the node that has it, where there are several.

    Raises:
        ProblemError: 409, another node has it; 503, nobody knows.
    """
    if door.nodes is None:
        return
    try:
        is_ours = await door.nodes.own(room_id)
    except OSError as error:
        raise ProblemError(503, "unavailable", str(error)) from None
    if not is_ours:
        raise ProblemError(409, "room_exists", "another node has this room already")


async def list_rooms(call: Call[Nothing, PageQuery, None]) -> RoomPage:
    door, query = call.door, call.query
    page, following = page_of(room_ids(door), query)
    here = RoomPage([look_at(door, room_id) for room_id in page], following)
    if door.nodes is None or door.nodes.roll.is_asked_by_node(call.request):
        return here
    try:
        return await everywhere(here, query, call.request.raw_path, door.nodes.roll)
    except OSError as error:
        raise ProblemError(503, "unavailable", str(error)) from None


async def get_room(call: Call[RoomPath, Nothing, None]) -> Room:
    return look_at(call.door, call.path.room_id)


async def change_room(call: Call[RoomPath, Nothing, RoomChange]) -> Room:
    door, room_id, change = call.door, call.path.room_id, call.body
    state_of(door, room_id)
    door.states.change(room_id, **changes_of(change))
    # These two are more than what they set: who is in the room already is let back in.
    if change.locked is not UNSET:
        door.hosts.lock(room_id, change.locked)
    if change.lobby is not UNSET:
        door.hosts.set_lobby(room_id, change.lobby)
    return look_at(door, room_id)


async def end_room(call: Call[RoomPath, Nothing, None]) -> None:
    """End it for everybody in it. Nobody comes in until it is made again."""
    state_of(call.door, call.path.room_id)
    call.door.hosts.end(call.path.room_id)
    # That it has ended is remembered for a while, as of other rooms.
    call.door.states.change(call.path.room_id, persistent=False)


OPERATIONS = (
    Operation(
        method="POST",
        path=ROOMS,
        name="create_room",
        tag="rooms",
        summary="Make a room",
        description="It is there without anybody in it, until it is deleted. Tokens for it are made at /api/v1/tokens.",
        does=create_room,
        body_type=NewRoom,
        answer=Answer(201, "The room", Room, headers={"Location": "Where it is"}),
        refusals={409: "There is a room of this id already", **_NO_LANGUAGE},
    ),
    Operation(
        method="GET",
        path=ROOMS,
        name="list_rooms",
        tag="rooms",
        summary="List the rooms that there are",
        description="Those made here, those that hosts have set up, and those with somebody in them, on whichever "
        "node they are.",
        does=list_rooms,
        access=Access.NODE,
        query_type=PageQuery,
        answer=Answer(200, "A page of rooms", RoomPage),
        refusals={503: "Redis cannot be reached, and with it the rooms that no node has now"},
    ),
    Operation(
        method="GET",
        path=ROOM,
        name="get_room",
        tag="rooms",
        summary="Look at a room",
        does=get_room,
        access=Access.RULER,
        path_type=RoomPath,
        answer=Answer(200, "The room", Room),
        refusals=_NO_ROOM,
    ),
    Operation(
        method="PATCH",
        path=ROOM,
        name="change_room",
        tag="rooms",
        summary="Change what is set about a room",
        description="Takes effect at once, for those who are in it as well.",
        does=change_room,
        access=Access.RULER,
        path_type=RoomPath,
        body_type=RoomChange,
        answer=Answer(200, "The room as it is now", Room),
        refusals={**_NO_ROOM, **_NO_LANGUAGE},
    ),
    Operation(
        method="DELETE",
        path=ROOM,
        name="end_room",
        tag="rooms",
        summary="End a room",
        description="Everybody in it, or waiting for it, is told and put out. A kept transcript stays.",
        does=end_room,
        access=Access.RULER,
        path_type=RoomPath,
        answer=Answer(204, "It has ended"),
        refusals=_NO_ROOM,
    ),
)
