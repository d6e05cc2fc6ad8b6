"""A WebSocket to a provider: JSON both ways, and sound to it."""

import asyncio
import contextlib
import re
from typing import Any, Self

import aiohttp
import msgspec

from pipeline.engines.engine import EngineBusyError, EngineError
from pipeline.engines.http.faults import engine_errors

CLOSE_S = 1.0
"""Seconds that the other side has to say goodbye."""
TRY_AGAIN_LATER = 1013
"""A close code; see IANA's WebSocket Close Code Number Registry."""

_REASON = re.compile(r"[A-Z]+-?\d+")


class SocketClosedError(EngineError):
    """The other side closed the connection, or it broke; `code` is RFC 6455's, None if there was no goodbye."""

    def __init__(self, why: str, code: int | None = None) -> None:
        super().__init__(why)
        self.code = code


class Socket:
    """One open WebSocket. One task may send, and one may receive, at the same time.

    Received messages are not buffered here without bound: aiohttp stops reading when some are not taken.
    """

    def __init__(self, host: str, opened: aiohttp.ClientWebSocketResponse, *, timeout_s: float) -> None:
        """Use `HttpClient.socket`. `timeout_s`: seconds for one message to get on its way."""
        self._host = host
        self._opened = opened
        self._timeout_s = timeout_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        # The network's errors; it is closed after them too.
        with contextlib.suppress(aiohttp.ClientError, OSError):
            await self._opened.close()

    async def send(self, data: bytes) -> None:
        """Send bytes as they are.

        Raises:
            EngineError: the connection is broken, or takes nothing more in time.
        """
        with engine_errors(self._host):
            async with asyncio.timeout(self._timeout_s):
                await self._opened.send_bytes(data)

    async def tell(self, message: Any) -> None:
        """Send a message as JSON, in a text frame. Raises as `send`."""
        with engine_errors(self._host):
            async with asyncio.timeout(self._timeout_s):
                await self._opened.send_str(msgspec.json.encode(message).decode())

    async def receive(self) -> dict[str, Any]:
        """Wait for the next message, as long as it takes. Cancelling loses none.

        Raises:
            EngineBusyError: the other side closed, and asks to try later.
            SocketClosedError: the connection is closed or broken.
            EngineError: this is no JSON object.
        """
        with engine_errors(self._host):
            message = await self._opened.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            return self._object(message.data)
        if message.type is aiohttp.WSMsgType.BINARY:
            raise EngineError(f"{self._host} sent bytes where words were expected")
        code = self._opened.close_code
        if code == TRY_AGAIN_LATER:
            raise EngineBusyError(f"{self._host} asks to try again later")
        # Of the reason only its code, like NET-0001: the rest may say anything.
        reason = _REASON.match(str(message.extra or ""))
        why = f"{code}, {reason[0]}" if reason else f"{code}"
        raise SocketClosedError(f"{self._host} closed the connection ({why})", code)

    def _object(self, text: str) -> dict[str, Any]:
        try:
            told = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise EngineError(f"{self._host} sent something that is no JSON object")
        return told
