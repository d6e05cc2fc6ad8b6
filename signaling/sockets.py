"""The signaling socket, and what becomes of all sockets at the end."""

import asyncio

from aiohttp import web

from media_server.close_reason import CloseReason
from signaling.admission import admitted
from signaling.door import DOOR
from signaling.hosting.languages import asked_for
from signaling.protocol import Close
from signaling.session import Session


async def signaling(request: web.Request) -> web.WebSocketResponse:
    """Serve `/ws/signaling/{room_id}`: one participant."""
    transport = request.transport
    async with admitted(request, may_wait=True) as (socket, grant):
        if grant is not None and transport is not None:
            languages = asked_for(request.headers.get("Accept-Language", ""))
            await Session(socket, grant, request.app[DOOR], transport.abort, languages).run()
    return socket


async def close_all(app: web.Application) -> None:
    """Send everybody away: the server is going."""
    door = app[DOOR]
    door.health.drain()
    presences = list(door.presences.values())
    await asyncio.gather(*(presence.end(Close.GOING_AWAY, CloseReason.SHUTDOWN) for presence in presences))
    await asyncio.gather(*(socket.close(code=Close.GOING_AWAY) for socket in list(door.sockets)))
