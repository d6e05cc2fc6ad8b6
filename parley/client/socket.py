"""One WebSocket of a room."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

from parley.client.address import Address
from parley.client.errors import BROKEN, NORMAL, RejectedError, UnreachableError, closed
from parley.client.rest import retry_after_s, session

HEARTBEAT_S = 4.0
"""A server that says nothing for so long is asked, and has half as long to answer."""
OPEN_S = 15.0
"""For the opening handshake."""
CLOSE_S = 2.0
"""For the closing one."""
MAX_MESSAGE_BYTES = 4 << 20


class Socket:
    """An open WebSocket. Made by `opened`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, url: str) -> None:
        self._socket = socket
        self._url = url
        self._said_goodbye = False

    async def send(self, message: str | bytes) -> None:
        """Send text or bytes; waits while the server does not read.

        Raises:
            UnreachableError: the connection is gone.
        """
        try:
            if isinstance(message, str):
                await self._socket.send_str(message)
            else:
                await self._socket.send_bytes(message)
        except (ConnectionError, aiohttp.ClientError) as error:
            raise UnreachableError(self._url, str(error) or "the connection is gone") from None

    async def messages(self) -> AsyncIterator[str | bytes]:
        """Give text and bytes as they come, until either end says goodbye.

        Raises:
            ClosedError: the server closed the socket for another reason, or the connection broke.
        """
        while True:
            frame = await self._socket.receive()
            if frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                yield frame.data
                continue
            if frame.type is aiohttp.WSMsgType.CLOSE:
                # Without a code, and with none that means anything, it was closed in order (RFC 6455 section 7.4.1).
                code = frame.data or NORMAL
                if code != NORMAL:
                    raise closed(code, frame.extra or "")
            elif not self._said_goodbye:
                raise closed(BROKEN)
            return

    async def close(self) -> None:
        """Say goodbye. Idempotent, and bounded."""
        self._said_goodbye = True
        await self._socket.close()


@asynccontextmanager
async def opened(
    url: str,
    kind: str,
    room: str,
    *,
    token: str,
    query: Mapping[str, str] | None = None,
    http: aiohttp.ClientSession | None = None,
) -> AsyncIterator[Socket]:
    """Open a room's `signaling`, `captions` or `audio` socket; it is closed at the end of the block.

    Raises:
        UnreachableError: there is no server.
        RejectedError: it does not open a socket.
    """
    where = Address(url).socket(kind, room)
    async with session(http) as using:
        try:
            async with asyncio.timeout(OPEN_S):
                connection = await using.ws_connect(
                    where.with_query({**(query or {}), "token": token}),
                    heartbeat=HEARTBEAT_S,
                    max_msg_size=MAX_MESSAGE_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                )
        except aiohttp.WSServerHandshakeError as error:
            raise RejectedError(error.status, error.message, retry_after_s(error)) from None
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise UnreachableError(str(where), str(error) or type(error).__name__) from None
        socket = Socket(connection, str(where))
        try:
            yield socket
        finally:
            await socket.close()
