"""The WebSockets: who gets one, under which limits, and what serves it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import WSMsgType, web

from media_server.close_reason import CloseReason
from pipeline.messages.language import UnknownLanguageError, normalise
from signaling.captions import Caption, Reader
from signaling.door import DOOR, REFUSED, STOPPING, Door
from signaling.origins import is_allowed
from signaling.outbox import Outbox
from signaling.protocol import Close, serialize
from signaling.rate import Rate
from signaling.session import Session
from signaling.tokens import Grant, TokenError

# Seconds that a closing handshake may take.
_CLOSE_S = 5.0


def require_own_origin(request: web.Request) -> None:
    """Turn away what another site's page asks for in somebody's browser.

    Raises:
        HTTPForbidden: the Origin is neither ours nor on the list.
    """
    settings = request.app[DOOR].settings
    if not is_allowed(request.headers.get("Origin"), request.host, settings.allowed_origins):
        REFUSED.labels("origin").inc()
        raise web.HTTPForbidden(text="this origin may not come in: the setting allowed_origins lists those that may")


@contextlib.asynccontextmanager
async def _admitted(request: web.Request) -> AsyncIterator[tuple[web.WebSocketResponse, Grant | None]]:
    """Open the socket of a request. Without a good token it is closed with 4001, and there is no grant.

    While the server drains, who is not here already is closed with 1001 in the same way: browsers tell a page the words
    of a closed socket, but nothing of an upgrade that was refused.
    """
    door = request.app[DOOR]
    require_own_origin(request)
    grant, refusal = None, ""
    try:
        grant = door.tokens.verify(request.query.get("token", ""), request.match_info["room_id"])
    except TokenError as error:
        refusal = str(error)
    socket = web.WebSocketResponse(
        timeout=_CLOSE_S,
        heartbeat=door.settings.heartbeat_s,
        max_msg_size=door.settings.max_message_bytes,
        compress=False,
    )
    await socket.prepare(request)
    door.sockets.add(socket)
    try:
        if grant is None:
            REFUSED.labels("token").inc()
            await socket.close(code=Close.BAD_TOKEN, message=refusal.encode())
        elif not door.takes(grant):
            REFUSED.labels("draining").inc()
            await socket.close(code=Close.GOING_AWAY, message=STOPPING.encode())
            grant = None
        yield socket, grant
    finally:
        door.sockets.discard(socket)


async def signaling(request: web.Request) -> web.WebSocketResponse:
    """Serve `/ws/signaling/{room_id}`: one participant."""
    transport = request.transport
    async with _admitted(request) as (socket, grant):
        if grant is not None and transport is not None:
            await Session(socket, grant, request.app[DOOR], transport.abort).run()
    return socket


async def captions(request: web.Request) -> web.WebSocketResponse:
    """Serve `/ws/captions/{room_id}`: captions only, of all languages, or of the one in `?language=`."""
    try:
        language = normalise(request.query["language"]) if "language" in request.query else None
    except UnknownLanguageError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    async with _admitted(request) as (socket, grant):
        if grant is not None:
            await _show_captions(socket, grant, Reader(None, language), request.app[DOOR])
    return socket


async def _show_captions(socket: web.WebSocketResponse, grant: Grant, reader: Reader, door: Door) -> None:
    fell_behind = asyncio.Event()
    rate = Rate(door.settings.messages_per_second, door.settings.message_burst)
    outbox = Outbox(door.settings.outbox_size, fell_behind.set)

    def take(caption: Caption) -> None:
        outbox.put(serialize(caption), droppable=not caption.is_final)

    async def send(message: bytes) -> None:
        await socket.send_frame(message, WSMsgType.TEXT)

    with door.feed.reading(grant.room_id, lambda: reader, take):
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(_ignore_all(socket, rate), name="captions-reader"),
            asyncio.create_task(outbox.send_all(send), name="captions-writer"),
            asyncio.create_task(fell_behind.wait(), name="captions-overflow"),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            said = (await asyncio.gather(*tasks, return_exceptions=True))[0]
    code = Close.TOO_SLOW if fell_behind.is_set() else said if isinstance(said, Close) else Close.LEFT
    await socket.close(code=code, drain=False)


async def _ignore_all(socket: web.WebSocketResponse, rate: Rate) -> Close:
    """Read on, so that pings and the close are seen; this socket has nothing to say to us. Gives why it ends."""
    async for _ in socket:
        if not rate.allows():
            REFUSED.labels("flood").inc()
            return Close.POLICY
    return Close.LEFT


async def close_all(app: web.Application) -> None:
    """Send everybody away: the server is going."""
    door = app[DOOR]
    door.health.drain()
    presences = list(door.presences.values())
    await asyncio.gather(*(presence.end(Close.GOING_AWAY, CloseReason.SHUTDOWN) for presence in presences))
    await asyncio.gather(*(socket.close(code=Close.GOING_AWAY) for socket in list(door.sockets)))
