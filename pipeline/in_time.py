"""A voice's packets for as long as they come in time to be heard."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from pipeline.clock import NowMs
from pipeline.deadline import Deadline
from pipeline.messages.speech import PACKET_MS


class InTime:
    """Iterates over packets until they end, or until one comes too late: after the deadline plus what was given.

    Closing it closes what is behind it. `late` says how it ended. Keeps what it gave: one clause's packets.
    """

    def __init__(self, packets: AsyncIterator[bytes], deadline: Deadline, now_ms: NowMs) -> None:
        self._packets = packets
        self._deadline = deadline
        self._now_ms = now_ms
        self.given: list[bytes] = []
        self.late = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        close = getattr(self._packets, "aclose", None)
        if close is not None:
            await close()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        left_s = self._deadline.left_s(self._now_ms(), ahead_ms=len(self.given) * PACKET_MS)
        if left_s is None:
            packet = await anext(self._packets)
        else:
            packet = await self._within(left_s)
        self.given.append(packet)
        return packet

    async def _within(self, left_s: float) -> bytes:
        if left_s < 0:
            self.late = True
            raise StopAsyncIteration
        limit = asyncio.timeout(left_s)
        try:
            async with limit:
                return await anext(self._packets)
        except TimeoutError:
            if not limit.expired():
                raise
            self.late = True
            raise StopAsyncIteration from None
