"""The one way sound gets onto the bus: the media path hands it over and never waits."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from msgspec.structs import replace
from prometheus_client import Counter

from media_server.sound_ring import SoundRing
from pipeline.bus.bus import Bus, BusClosedError
from pipeline.messages.audio_chunk import BYTES_PER_MS, AudioChunk

RING_MS = 5000
"""Sound of one speaker that may wait; older is dropped. Older would come too late for a voice anyway."""
RETRY_S = 0.2
"""Between attempts to publish the same chunk."""
ATTEMPTS = 25
"""After so many (5 s) a chunk that the bus does not take is dropped."""
FLUSH_S = 2.0
"""How long closing waits for what is still to be sent."""

DROPPED = Counter(
    "parley_ingest_dropped_seconds",
    "Sound that never reached the bus: full (the bus is slow), failed (it refuses), closed (the node or the bus ends).",
    ["reason"],
)
FULL, FAILED, CLOSED = (DROPPED.labels(reason) for reason in ("full", "failed", "closed"))
FAILURES = Counter("parley_ingest_publish_failures", "Attempts to publish sound that failed.")

log = structlog.get_logger(__name__)


class Sequence:
    """Numbers that only grow, across speakers, rejoins and restarts: epoch milliseconds, or one more than the last."""

    def __init__(self, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._clock_ms = clock_ms
        self._last = 0

    def next(self) -> int:
        """Return the next number."""
        self._last = max(self._last + 1, self._clock_ms())
        return self._last


class Ingest:
    """Takes chunks at once and publishes them behind the media path's back, in order per speaker.

    For each speaker up to 5 s of sound wait; then the oldest is dropped, counted, though never the mark that ends an
    utterance. Speakers take turns. Use it as `async with Ingest(bus) as ingest`; leaving sends what waits, for 2 s at
    most.
    """

    def __init__(self, bus: Bus, *, ring_ms: int = RING_MS, flush_s: float = FLUSH_S, retry_s: float = RETRY_S) -> None:
        self._bus = bus
        self._ring_ms = ring_ms
        self._flush_s = flush_s
        self._retry_s = retry_s
        self._sequence = Sequence()
        # Speakers with something to send, the next one first.
        self._rings: dict[str, SoundRing] = {}
        self._waiting = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Self:
        self._sender = asyncio.create_task(self._send_all(), name="ingest")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def offer(self, chunk: AudioChunk) -> None:
        """Take a chunk; its sequence number is given here. Never waits, never raises.

        What is offered when closed, or when the bus is, is dropped and counted.
        """
        if self._closing:
            CLOSED.inc(len(chunk.payload) / BYTES_PER_MS / 1000)
            return
        ring = self._rings.get(chunk.key)
        if ring is None:
            ring = self._rings[chunk.key] = SoundRing(self._ring_ms)
        FULL.inc(ring.append(replace(chunk, sequence_number=self._sequence.next())) / 1000)
        self._waiting.set()

    async def close(self) -> None:
        """Send what waits, for 2 s at most, then drop it. Idempotent; 4 s at most if the bus does not let go."""
        self._closing = True
        self._waiting.set()
        sender, self._sender = self._sender, None
        if sender is None:
            return
        await asyncio.wait([sender], timeout=self._flush_s)
        sender.cancel()
        await asyncio.wait([sender], timeout=self._flush_s)
        self._drop_everything()

    async def _send_all(self) -> None:
        """Send until closed and empty, or until the bus is closed. Nobody awaits this task, so it does not fail."""
        try:
            while await self._something():
                # The speaker goes to the end of the line; one who has nothing more leaves it.
                key = next(iter(self._rings))
                ring = self._rings.pop(key)
                if ring:
                    self._rings[key] = ring
                    await self._send(ring)
        except BusClosedError:
            log.info("ingest_ended", reason="bus_closed", speakers=len(self._rings))
        except Exception:
            log.exception("ingest_failed")
        finally:
            self._closing = True
            self._drop_everything()

    async def _something(self) -> bool:
        """Wait for something to send; False when there will be nothing more."""
        while not self._rings:
            if self._closing:
                return False
            self._waiting.clear()
            await self._waiting.wait()
        return True

    async def _send(self, ring: SoundRing) -> None:
        """Publish a speaker's oldest chunk; while that fails, try again with what is the oldest then."""
        for attempt in range(1, ATTEMPTS + 1):
            chunk = ring.pop()
            try:
                await self._bus.publish(chunk)
                return
            except BusClosedError:
                CLOSED.inc(len(chunk.payload) / BYTES_PER_MS / 1000)
                raise
            except Exception as error:  # whatever the bus's network throws
                FAILURES.inc()
                if attempt == 1:
                    log.warning("ingest_publish_failed", room_id=chunk.room_id, user_id=chunk.user_id, exc_info=error)
                if attempt == ATTEMPTS:
                    FAILED.inc(len(chunk.payload) / BYTES_PER_MS / 1000)
                    return
            FULL.inc(ring.put_back(chunk) / 1000)
            if not ring:
                return
            await asyncio.sleep(self._retry_s)

    def _drop_everything(self) -> None:
        for ring in self._rings.values():
            while ring:
                CLOSED.inc(len(ring.pop().payload) / BYTES_PER_MS / 1000)
        self._rings.clear()
