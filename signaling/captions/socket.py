"""`/ws/captions/{room_id}`: captions only."""

import asyncio
from typing import Any

from aiohttp import WSMsgType, web

from pipeline.messages.language import UnknownLanguageError, normalise
from signaling.admission import admitted
from signaling.captions.caption import Caption, Reader
from signaling.door import DOOR, REFUSED, Door
from signaling.identity.grant import Grant
from signaling.outbox import Outbox
from signaling.protocol import Close, serialize
from signaling.rate import Rate


async def captions(request: web.Request) -> web.WebSocketResponse:
    """Serve `/ws/captions/{room_id}`: captions only, of all languages, or of the one in `?language=`."""
    try:
        language = normalise(request.query["language"]) if "language" in request.query else None
    except UnknownLanguageError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    async with admitted(request) as (socket, grant):
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
