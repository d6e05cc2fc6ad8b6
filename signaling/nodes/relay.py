"""A WebSocket between a client and the node that has its room: frame by frame, both ways."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from prometheus_client import Counter, Gauge

from signaling.nodes.forward import CONNECT_S, MISDIRECTED, UnreachableError
from signaling.nodes.headers import passed_on
from signaling.protocol import Close

RELAYED = Gauge("parley_node_relays", "WebSockets of rooms that another node has")
FRAMES = Counter("parley_node_relayed_frames_total", "Frames passed on", ["direction"])

# Seconds between two looks whether the other node is there, when it says nothing: one and a half times this later it
# counts as dead. Its own heartbeat looks after the client's end.
_HEARTBEAT_S = 2.0
# Seconds that a closing handshake may take.
_CLOSE_S = 2.0
# A frame that is too large is the owner's to refuse, with the right code; much larger ones are not even taken. The
# audio socket's are four times as large as those of the others.
LARGER = 8

# Codes that a close frame cannot have (RFC 6455 section 7.4.1): they say that there was none.
_UNSENDABLE = {1005, 1006, 1015}


async def dial(
    http: aiohttp.ClientSession, request: web.Request, base: str, added: dict[str, str], max_bytes: int
) -> aiohttp.ClientWebSocketResponse:
    """Open a client's socket at the node at `base`.

    Raises:
        UnreachableError: it could not be opened there, or the room is elsewhere.
        WSServerHandshakeError: the room is there, and it refused this client with another status.
    """
    try:
        async with asyncio.timeout(CONNECT_S):
            return await http.ws_connect(
                base + request.raw_path,
                headers=passed_on(request.headers, added),
                heartbeat=_HEARTBEAT_S,
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
                max_msg_size=LARGER * max_bytes,
                autoclose=False,
            )
    except aiohttp.WSServerHandshakeError as error:
        if error.status == MISDIRECTED or error.status >= 500:
            raise UnreachableError from error
        raise
    except (aiohttp.ClientError, OSError) as error:
        raise UnreachableError from error


async def relay(client: web.WebSocketResponse, owner: aiohttp.ClientWebSocketResponse) -> None:
    """Pass frames on until either end is closed or breaks, and close the other one so that it knows which it was.

    One frame of each direction is on its way at a time: who does not read holds up whoever sends, by TCP. Pings are
    answered, and silence is noticed, on each of the two connections by itself.
    """
    RELAYED.inc()
    tasks = [
        asyncio.create_task(_pump(client.receive, owner.send_frame, "in"), name="relay-in"),
        asyncio.create_task(_pump(owner.receive, client.send_frame, "out"), name="relay-out"),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        owner_end, client_end = (None if not task.done() else task.result() for task in reversed(tasks))
        await _stop(tasks)
        if owner_end is not None:
            code, why = _as_told_to_client(owner_end)
            await client.close(code=code, message=why, drain=False)
            await owner.close()
        else:
            code, why = _as_told_to_owner(client_end)
            await owner.close(code=code, message=why)
            await client.close(code=code if client.close_code is None else client.close_code, drain=False)
    finally:
        RELAYED.dec()
        await _stop(tasks)


async def _pump(
    receive: Callable[[], Awaitable[Any]], send: Callable[[bytes, WSMsgType], Awaitable[None]], direction: str
) -> WSMessage | None:
    """Pass frames on; gives the frame that ended it, None if the receiving end broke."""
    frames = FRAMES.labels(direction)
    while True:
        frame: WSMessage = await receive()
        if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return frame
        data = frame.data.encode() if isinstance(frame.data, str) else frame.data
        try:
            await send(data, frame.type)
        except ConnectionError:
            return None
        frames.inc()


def _as_told_to_client(end: WSMessage) -> tuple[int, bytes]:
    """Say how the client's socket is closed after the owner's has ended."""
    if end.type is WSMsgType.CLOSE and end.data and end.data not in _UNSENDABLE:
        return int(end.data), (end.extra or "").encode()
    return Close.MOVED, b"the room's node is gone: come back"


def _as_told_to_owner(end: WSMessage | None) -> tuple[int, bytes]:
    """Say how the owner's socket is closed after the client's has ended: a goodbye only if it was one."""
    if end is not None and end.type is WSMsgType.CLOSE and end.data in (WSCloseCode.OK, WSCloseCode.GOING_AWAY):
        return int(end.data), (end.extra or "").encode()
    return Close.LOST, b"the client is lost"


async def _stop(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
