"""One client's sound on its way in: read, paced, and handed over as 16 kHz."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from media_server.direct.container import Container, ContainerReader
from media_server.direct.errors import BadSoundError, TooFarAheadError
from media_server.direct.pcm import PcmReader
from pipeline.messages.audio_chunk import BYTES_PER_MS
from signaling.audio.pace import SHORTEST_S, Pace
from signaling.audio.query import AudioQuery

Hear = Callable[[bytes], None]
"""Takes 16 kHz mono s16le. Never waits."""


class Intake(Protocol):
    """Takes messages of sound, one after the other."""

    async def take(self, message: bytes) -> None:
        """Take a message; returns when the next one may be read. Cancelling costs what it had not taken yet.

        Raises:
            BadSoundError: this message is refused.
            TooFarAheadError: it is, and with it all that follow.
        """

    async def close(self) -> None:
        """Stop. Idempotent."""


class PcmIntake:
    """Raw sound: each message is heard as soon as it may be.

    What is ahead of time waits here, so that pings and what else the client sends are not kept waiting. With `buffer_s`
    seconds of it the socket is not read: TCP holds the client back.
    """

    def __init__(self, query: AudioQuery, pace: Pace, hear: Hear, *, buffer_s: float) -> None:
        self._reader = PcmReader(query.sample_rate, query.channels)
        self._bytes_per_second = query.bytes_per_second
        self._pace = pace
        self._hear = hear
        self._buffer_s = buffer_s
        # Sound, and the seconds of it.
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._waiting_s = 0.0
        self._came, self._went = asyncio.Event(), asyncio.Event()
        self._hearing = asyncio.create_task(self._hear_all(), name="audio-pcm")

    async def take(self, message: bytes) -> None:
        """See Intake. Raises what went wrong in hearing the messages before."""
        if self._hearing.done():
            self._hearing.result()
        sound = self._reader.read(message)
        length_s = max(SHORTEST_S, len(message) / self._bytes_per_second)
        self._waiting.append((sound, length_s))
        self._waiting_s += length_s
        self._came.set()
        while self._waiting_s > self._buffer_s and not self._hearing.done():
            self._went.clear()
            await self._went.wait()

    async def close(self) -> None:
        """See Intake. What waits is dropped."""
        await _cancel(self._hearing)

    async def _hear_all(self) -> None:
        try:
            while True:
                while self._waiting:
                    sound, length_s = self._waiting.popleft()
                    self._waiting_s -= length_s
                    self._went.set()
                    self._hear(sound)
                    await asyncio.sleep(self._pace.take(length_s))
                self._came.clear()
                await self._came.wait()
        finally:
            self._went.set()


class StreamIntake:
    """A container: messages are read in a thread, and what comes of them is heard as fast as it may be."""

    def __init__(self, container: Container, pace: Pace, hear: Hear, on_bad: Callable[[str], None]) -> None:
        """`on_bad` is told why the stream cannot be read, once."""
        self._reader = ContainerReader(container)
        self._pace = pace
        self._hear = hear
        self._on_bad = on_bad
        self._hearing = asyncio.create_task(self._hear_all(), name="audio-stream")

    async def take(self, message: bytes) -> None:
        """See Intake. What is refused here is too much; what is bad is told to `on_bad`."""
        if not self._reader.feed(message):
            raise TooFarAheadError("this is too far ahead of real time: send it as it is spoken")

    async def close(self) -> None:
        """See Intake."""
        self._reader.close()
        await _cancel(self._hearing)

    async def _hear_all(self) -> None:
        try:
            async for sound in self._reader:
                self._hear(sound)
                await asyncio.sleep(self._pace.take(len(sound) / BYTES_PER_MS / 1_000))
        except BadSoundError as error:
            self._on_bad(str(error))


async def _cancel(task: asyncio.Task[None]) -> None:
    """End a task, and raise what it raised."""
    task.cancel()
    (end,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(end, Exception):
        raise end
