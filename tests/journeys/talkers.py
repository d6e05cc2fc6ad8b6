"""People who hum, each at a pitch of their own, as loudly as they are told to."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import numpy as np

from tests.journeys.company import SETTLE_S
from tests.support.caller import Caller, Sound, call
from tests.support.opus import PACKET_MS, encode
from tests.support.recordings import SAMPLE_RATE

SILENT = 127
PITCHES_HZ = (300, 500, 800, 1300, 2100)


class Talker:
    """A participant with a microphone and no ears."""

    def __init__(self, caller: Caller, pitch_hz: int) -> None:
        self.caller = caller
        self.pitch_hz = pitch_hz
        # One packet after another, for ever; ten seconds of it are whole waves.
        self._packets: Iterator[bytes] = itertools.cycle(_hum(pitch_hz))

    @property
    def id(self) -> str:
        return self.caller.participant_id

    def hum(self, level: int, seconds: float) -> None:
        """Hum for a while, at a level in -dBov (RFC 6464): what the node takes for its loudness."""
        self.caller.microphone.play(Sound(next(self._packets), level) for _ in range(round(seconds * 1000 / PACKET_MS)))


async def hum_together(seconds: float, levels: dict[Talker, int]) -> None:
    """Let them hum at once, each at a level, and wait until they have."""
    for talker, level in levels.items():
        talker.hum(level, seconds)
    await asyncio.sleep(seconds)


@asynccontextmanager
async def talkers(url: str, room: str, count: int) -> AsyncIterator[list[Talker]]:
    """Let people join whose microphones are silent so far. They speak and hear English."""
    async with AsyncExitStack() as stack:
        people = []
        for name, pitch_hz in zip("ABCDE"[:count], PITCHES_HZ, strict=False):
            caller = call(url, room, name=name, speaks="en", hears="en", connect=False)
            people.append(Talker(await stack.enter_async_context(caller), pitch_hz))
            await people[-1].caller.connect(floors=0, voices=0)
        await asyncio.sleep(SETTLE_S)
        yield people


def _hum(pitch_hz: int) -> list[bytes]:
    time = np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE
    return encode((6_000 * np.sin(2 * np.pi * pitch_hz * time)).astype(np.int16))
