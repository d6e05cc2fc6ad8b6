"""Sound that waits to be sent to one client."""

import asyncio
from collections import deque

from prometheus_client import Counter

from media_server.direct.frame import SoundFrame

STALE = Counter("parley_audio_socket_stale_seconds_total", "Sound that was not sent since its client read too slowly")
MOST_FRAMES = 1_024
"""However short they are."""


class SoundOutbox:
    """At most `most_ms` of sound, sent in order. When full, the oldest goes: nobody wants to hear it any more.

    That an utterance has ended is told all the same.
    """

    def __init__(self, most_ms: int) -> None:
        self._most_ms = most_ms
        self._frames: deque[SoundFrame] = deque()
        self._waiting_ms = 0
        self._news = asyncio.Event()

    def put(self, frame: SoundFrame) -> None:
        """Queue a frame. Never blocks, never raises."""
        self._frames.append(frame)
        self._waiting_ms += frame.duration_ms
        kept: list[SoundFrame] = []
        while self._waiting_ms > self._most_ms or len(self._frames) + len(kept) > MOST_FRAMES:
            oldest = self._take()
            STALE.inc(oldest.duration_ms / 1_000)
            if oldest.last and len(kept) < MOST_FRAMES // 2:
                kept.append(oldest._replace(sound=b"", duration_ms=0))
        self._frames.extendleft(reversed(kept))
        self._news.set()

    async def wait(self) -> None:
        """Wait until there is something to send. Cancelling costs nothing."""
        while not self._frames:
            self._news.clear()
            await self._news.wait()

    def pop(self) -> SoundFrame | None:
        """Give the next frame, if there is one."""
        return self._take() if self._frames else None

    def _take(self) -> SoundFrame:
        frame = self._frames.popleft()
        self._waiting_ms -= frame.duration_ms
        return frame
