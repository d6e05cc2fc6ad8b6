"""The track that aiortc sends: what a mouth says, and rests in its pauses."""

import asyncio
import contextlib
import time
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack

from parley.client.mouth import Mouth
from parley.client.opus import PACKET_MS, REST

REST_S = 0.4
"""Between two rests in a pause, as encoders with discontinuous transmission have it."""
_PACKET_S = PACKET_MS / 1000
_CLOCK_RATE = 48_000
_TIME_BASE = Fraction(1, _CLOCK_RATE)


class Microphone(MediaStreamTrack):
    """One connection's way to a mouth; packets leave on an absolute schedule, encoded, as aiortc sends them on."""

    kind = "audio"

    def __init__(self, mouth: Mouth) -> None:
        super().__init__()
        self._mouth = mouth
        self._began = time.monotonic()
        # Of 20 ms since then; the packet of the place `n` leaves at `_began + n * 20 ms`.
        self._place = -1

    async def recv(self) -> "av.Packet[Any]":
        """Give the next packet when it is due. aiortc calls this."""
        self._place += 1
        if not self._mouth.opened.is_set() and self._place > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REST_S):
                    await self._mouth.opened.wait()
            self._place = max(self._place, int((time.monotonic() - self._began) / _PACKET_S) + 1)
        await asyncio.sleep(self._began + self._place * _PACKET_S - time.monotonic())
        packet = av.Packet(self._mouth.take() or REST)
        packet.pts, packet.time_base = self._place * _CLOCK_RATE * PACKET_MS // 1000, _TIME_BASE
        return packet
