"""Sends everybody out of a room that this node has lost: sound stops at once, sockets are told to come back."""

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from media_server.close_reason import CloseReason
from signaling.hosting.refusal import Refusal
from signaling.protocol import Close

if TYPE_CHECKING:
    from signaling.door import Door

MOVED = Refusal(Close.MOVED, "this room has moved to another node: come back", "moved")

# Seconds that sockets are given to take the closing words, and those who answer requests to come to their end.
_GOODBYE_S = 1.0


async def evict(door: "Door", room_id: str, requests: set[asyncio.Task[object]]) -> None:
    """Send everybody away; before anything is waited for, nobody is in the room any more. Never raises.

    Args:
        door: with the presences, the lobby and the sockets.
        room_id: the room.
        requests: those that are being answered in it; what is left of them at the end is cancelled.
    """
    for waiting in door.lobby.waiting(room_id):
        taken = door.lobby.take(room_id, waiting.participant_id)
        if taken is not None:
            taken[0].turn_away(MOVED)
    for presence in [each for each in door.presences.values() if each.grant.room_id == room_id]:
        presence.dismiss(MOVED, CloseReason.ROOM_CLOSED)
    sockets = [socket for socket, watch in door.watches.items() if watch.grant.room_id == room_id]
    await asyncio.gather(*(_close(socket) for socket in sockets))
    left = {task for task in requests if not task.done()}
    if left:
        _, left = await asyncio.wait(left, timeout=_GOODBYE_S)
    for task in left:
        task.cancel()


async def _close(socket: web.WebSocketResponse) -> None:
    try:
        async with asyncio.timeout(_GOODBYE_S):
            await socket.close(code=MOVED.code, message=MOVED.why.encode(), drain=False)
    except (TimeoutError, ConnectionError):
        return  # it has gone, or does not listen
