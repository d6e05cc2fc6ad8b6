"""A WebSocket with bounds on what aiohttp answers by itself."""

import asyncio
import contextlib
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from signaling.door import REFUSED
from signaling.protocol import Close
from signaling.rate import Rate

# Pings and pongs of a client: sustained a second, and at once. Nobody needs more than one in some seconds.
CONTROLS_PER_S = 5.0
CONTROL_BURST = 50
# Seconds that a client who floods is given to take the closing words.
_GOODBYE_S = 0.2

_CLOSED = WSMessage(WSMsgType.CLOSED, None, None)


class GuardedSocket(web.WebSocketResponse):
    """Answers pings at a bounded rate: aiohttp answers as many as come, without a look at anything else meanwhile.

    A client that sends more control frames is closed with 1008, and its connection is cut off.
    """

    def __init__(self, **settings: Any) -> None:
        """Take the `settings` of aiohttp's WebSocketResponse, but for `autoping` and `compress`: never a bomb."""
        super().__init__(autoping=False, compress=False, **settings)
        self._controls = Rate(CONTROLS_PER_S, CONTROL_BURST)
        self._cut_off: Any = None

    async def prepare(self, request: web.BaseRequest) -> Any:
        """Open it."""
        transport = request.transport
        self._cut_off = transport.abort if transport is not None else None
        return await super().prepare(request)

    async def receive(self, timeout: float | None = None) -> Any:
        """Give the next message; pings are answered and pongs passed over, as far as their rate is bearable."""
        while True:
            message: WSMessage = await super().receive(timeout)
            if message.type not in (WSMsgType.PING, WSMsgType.PONG):
                return message
            if not self._controls.allows():
                await self._turn_away()
                return _CLOSED
            if message.type is WSMsgType.PING:
                await self.pong(message.data)

    async def _turn_away(self) -> None:
        """Say goodbye and be gone: `close` would first read on through all that has come, for the client's own."""
        REFUSED.labels("flood").inc()
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self.send_frame(Close.POLICY.to_bytes(2, "big") + b"too many pings", WSMsgType.CLOSE)
        if self._cut_off is not None:
            self._cut_off()
