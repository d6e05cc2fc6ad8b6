"""`/ws/audio/{room_id}`: sound both ways."""

import asyncio
import socket as sockets
import sys

from aiohttp import web

from signaling.admission import admitted
from signaling.audio.hall import HALL, AudioHall
from signaling.audio.query import AudioQuery, BadQueryError, read
from signaling.audio.session import AudioSession
from signaling.door import DOOR
from signaling.hosting.languages import asked_for
from signaling.protocol import Close, ErrorCode, Failed, serialize

# What may wait in this process and, unsent, in the system before a client counts as slow, in bytes: half a second.
_WRITE_BYTES = 16 * 1024
# Linux's name for the latter, which Python 3.11 does not know (tcp(7), linux/tcp.h).
_TCP_NOTSENT_LOWAT = 25
# aiohttp stops reading while more than twice this waits to be taken, and goes on below it: for so long a client that is
# ahead of real time is not heard of, which must not count as being lost.
_READ_AHEAD_BYTES = 2**18


def add_route(app: web.Application) -> None:
    """Serve audio sockets."""
    app[HALL] = AudioHall(app[DOOR].settings.audio)
    app.router.add_get("/ws/audio/{room_id}", audio)


async def audio(request: web.Request) -> web.WebSocketResponse:
    """Serve `/ws/audio/{room_id}`: one participant without WebRTC, or the sound of one who has a signaling socket."""
    door, hall, transport = request.app[DOOR], request.app[HALL], request.transport
    query, complaint = AudioQuery(), ""
    try:
        query = read(request.query)
    except BadQueryError as error:
        complaint = str(error)
    async with admitted(
        request,
        max_message_bytes=hall.settings.max_message_bytes,
        heartbeat_s=max(door.settings.heartbeat_s, _READ_AHEAD_BYTES / query.bytes_per_second),
    ) as (socket, grant):
        if grant is None or transport is None:
            return socket
        if complaint:
            await _refuse(socket, complaint)
            return socket
        _keep_little(transport)
        session = AudioSession(
            socket,
            grant,
            door,
            transport.abort,
            query=query,
            hall=hall,
            drain=request.writer.drain,
            browser_languages=asked_for(request.headers.get("Accept-Language", "")),
        )
        await session.run()
    return socket


async def _refuse(socket: web.WebSocketResponse, complaint: str) -> None:
    await socket.send_str(serialize(Failed(code=ErrorCode.BAD_QUERY, message=complaint)).decode())
    await socket.close(code=Close.POLICY, message=ErrorCode.BAD_QUERY.value.encode())


def _keep_little(transport: asyncio.Transport) -> None:
    """Let little sound wait where it could not be dropped any more: in this process's buffer, and the system's."""
    transport.set_write_buffer_limits(high=_WRITE_BYTES)
    raw = transport.get_extra_info("socket")
    if raw is not None and sys.platform == "linux" and raw.family in (sockets.AF_INET, sockets.AF_INET6):
        raw.setsockopt(sockets.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _WRITE_BYTES)
