"""A call by an audio socket: for bots that have no WebRTC."""

import asyncio
import time
from collections.abc import Sequence
from typing import Self

import aiohttp

from parley.client.audio_socket import AudioSocket, read_sound
from parley.client.call import Call
from parley.client.heard import Heard, Said
from parley.client.messages import Join
from parley.client.signaling import SignalingSettings
from parley.client.tape import Reading, Tape
from parley.client.tokens import TokenSource

FRAME_MS = 100
"""Of sound in one message to the server."""
KEPT_FRAMES = 256
"""Messages of sound kept for those who read `voices`; the oldest goes first."""
TAIL_FRAMES = 5
"""Of silence, behind what is said: an end that is heard is known sooner than one that is missed (0.3 s, not 0.5)."""
LEAST_MS = 10
"""What is shorter than this at the end is filled up with silence."""


class AudioCall(Call):
    """A participant who is heard and hears by an audio socket. `async with AudioCall(url, room, Join(...)) as call`."""

    def __init__(
        self,
        url: str,
        room: str,
        who: Join,
        *,
        token: TokenSource = None,
        http: aiohttp.ClientSession | None = None,
        sample_rate: int = 16_000,
        frame_ms: int = 100,
        signaling: SignalingSettings | None = None,
    ) -> None:
        """`sample_rate`: of what is said, in hertz; `frame_ms`: how much is received at once, 20 to 1,000."""
        self._socket = AudioSocket(url, room, who, token=token, http=http, settings=signaling)
        self._socket.sample_rate, self._socket.frame_ms = sample_rate, frame_ms
        super().__init__(self._socket)
        self._frames: Tape[Heard] = Tape(KEPT_FRAMES)
        self._socket.take_sound = self._take
        self._turn = asyncio.Lock()
        self._tail: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Join.

        Raises:
            ClientError: it cannot be done; see `Signaling`.
        """
        await self._socket.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stop_tail()
        await self._socket.leave()
        self._frames.end()

    async def say(self, sound: bytes, sample_rate: int = 0) -> Said:
        """Say mono s16le as fast as it would be spoken, and wait until it is said; one thing at a time.

        Cancelled, the rest is not said. What cannot be sent because the connection is broken is lost (`unsent`).

        Raises:
            ValueError: `sample_rate` is another than that of this call, or half a sample is there.
            ClientError: the call has ended.
        """
        rate = self._socket.sample_rate
        if sample_rate not in (0, rate):
            raise ValueError(f"this call sends {rate} Hz, not {sample_rate}: say so when you open it")
        if len(sound) % 2:
            raise ValueError("s16le has two bytes a sample: an odd number was given")
        size = 2 * rate * FRAME_MS // 1000
        least = 2 * rate * LEAST_MS // 1000
        async with self._turn:
            await self._stop_tail()
            began = time.monotonic()
            await self._send([sound[at : at + size].ljust(least, b"\0") for at in range(0, len(sound), size)])
            self._tail = asyncio.create_task(self._send([bytes(size)] * TAIL_FRAMES), name="client-tail")
            return Said(began, time.monotonic())

    def voices(self) -> Reading[Heard]:
        """Read what is heard, voices and floors, from the last `KEPT_FRAMES` messages on."""
        return self._frames.read()

    async def _send(self, frames: Sequence[bytes]) -> None:
        due = time.monotonic()
        for frame in frames:
            # It is there to be sent when its last sample has been spoken.
            due += len(frame) / 2 / self._socket.sample_rate
            await asyncio.sleep(due - time.monotonic())
            await self._socket.send_sound(frame)

    async def _stop_tail(self) -> None:
        if self._tail is not None:
            self._tail.cancel()
            await asyncio.gather(self._tail, return_exceptions=True)

    @property
    def unsent(self) -> int:
        """Messages of sound that could not be sent."""
        return self._socket.unsent

    def _take(self, message: bytes) -> None:
        self._frames.put(read_sound(message))
