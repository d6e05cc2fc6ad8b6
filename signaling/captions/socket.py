"""`/ws/captions/{room_id}`: captions only."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from signaling.admission import admitted
from signaling.captions.caption import Caption
from signaling.captions.wish import BadWishError, NotTheirsError, Wish, wish_of
from signaling.door import DOOR, REFUSED, Door
from signaling.identity.grant import Grant
from signaling.outbox import Outbox
from signaling.protocol import Close, Pong, serialize
from signaling.rate import Rate

_PONG = serialize(Pong())


class _Kind(msgspec.Struct):
    """What of a message says whether it is for us."""

    type: str


async def captions(request: web.Request) -> web.WebSocketResponse:
    """Serve `/ws/captions/{room_id}`: captions only, those that the query asks for (see `wish_of`)."""
    try:
        wish = wish_of(request.query)
    except BadWishError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    async with admitted(request) as (socket, grant):
        if grant is not None:
            await _serve(socket, grant, wish, request.app[DOOR])
    return socket


async def _serve(socket: web.WebSocketResponse, grant: Grant, wish: Wish, door: Door) -> None:
    try:
        await _show_captions(socket, grant, wish.within(grant), door)
    except NotTheirsError as error:
        REFUSED.labels("rights").inc()
        await socket.close(code=Close.POLICY, message=str(error).encode())


async def _show_captions(socket: web.WebSocketResponse, grant: Grant, wish: Wish, door: Door) -> None:
    fell_behind = asyncio.Event()
    rate = Rate(door.settings.messages_per_second, door.settings.message_burst)
    outbox = Outbox(door.settings.outbox_size, fell_behind.set)

    def take(caption: Caption) -> None:
        outbox.put(wish.write(caption), droppable=not caption.is_final)

    def answer() -> None:
        outbox.put(_PONG, droppable=True)

    async def send(message: bytes) -> None:
        await socket.send_frame(message, WSMsgType.TEXT)

    with door.feed.reading(grant.room_id, lambda: wish.reader, take, after=wish.after):
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(_answer_pings(socket, rate, answer), name="captions-reader"),
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


async def _answer_pings(socket: web.WebSocketResponse, rate: Rate, answer: Callable[[], None]) -> Close:
    """Read on, so that the close is seen, with an answer to each `ping` and to nothing else. Gives why it ends."""
    async for message in socket:
        if not rate.allows():
            REFUSED.labels("flood").inc()
            return Close.POLICY
        if message.type is WSMsgType.TEXT and _is_ping(message.data):
            answer()
    return Close.LEFT


def _is_ping(text: str) -> bool:
    try:
        return msgspec.json.decode(text, type=_Kind).type == "ping"
    except (msgspec.DecodeError, RecursionError):
        return False
