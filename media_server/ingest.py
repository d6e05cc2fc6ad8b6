"""The one way sound gets onto the bus: the media path hands it over and never waits."""

import asyncio
import itertools
import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

import structlog
from msgspec.structs import replace
from prometheus_client import Counter, Gauge

from media_server.breaker import Breaker, BreakerState
from media_server.sequence import Sequence
from media_server.sound_ring import SoundRing
from pipeline.bus.bus import Bus, BusClosedError, BusDownError
from pipeline.messages.audio_chunk import BYTES_PER_MS, AudioChunk

RING_MS = 5000
"""Sound of one speaker that may wait; older is dropped, and never sent. It would come too late for a voice anyway."""
ROUND = 64
"""Speakers whose next chunks are on their way at once. The order of each one's chunks is kept: one of each."""
PUBLISH_LIMIT_S = 1.2
"""What the bus takes longer for has failed. Kafka's own limit is below it."""
PATIENCE_S = 1.5
"""When every attempt has failed for so long, the bus counts as down."""
RETRY_S = 0.2
"""Between attempts to publish the same chunk, until then."""
PROBE_S = 1.0
"""How often a bus that is down is looked at, and how long a trial waits for somebody to speak."""
FLUSH_S = 2.0
"""How long closing waits for what is still to be sent."""

DROPPED = Counter(
    "parley_ingest_dropped_seconds",
    "Sound that never reached the bus: full (the bus is slow), down (it does not work), old (it waited too long), "
    "failed (it refuses this chunk), closed (the node or the bus ends).",
    ["reason"],
)
FULL, DOWN, OLD, FAILED, CLOSED = (DROPPED.labels(reason) for reason in ("full", "down", "old", "failed", "closed"))
FAILURES = Counter("parley_ingest_publish_failures", "Attempts to publish sound that failed.")
OPENED = Counter("parley_ingest_breaker_opened", "Times the bus was given up because everything failed.")
IS_OPEN = Gauge("parley_ingest_breaker_open", "1 while sound is not sent because the bus does not work")

log = structlog.get_logger(__name__)


class Sent(NamedTuple):
    """A chunk that was tried, and what came of it."""

    ring: SoundRing
    chunk: AudioChunk
    error: Exception | None

    @property
    def refused(self) -> bool:
        """Whether the bus works and will not have this chunk."""
        return self.error is not None and not isinstance(self.error, BusDownError | OSError)


class AudioIngestService:
    """Takes chunks at once and publishes them behind the media path's back, in order per speaker.

    For each speaker up to 5 s of sound wait; then the oldest is dropped, counted, though never the mark that ends an
    utterance. Speakers take turns. While the bus does not work (see `Breaker`) nothing waits: what is offered is
    dropped at once, so that after its return only what is said from then on is sent; of an utterance that it has heard
    of the end is kept. Use it as `async with AudioIngestService(bus) as ingest`; leaving sends what waits, for 2 s at
    most.
    """

    def __init__(
        self,
        bus: Bus,
        *,
        ring_ms: int = RING_MS,
        flush_s: float = FLUSH_S,
        retry_s: float = RETRY_S,
        probe_s: float = PROBE_S,
        patience_s: float = PATIENCE_S,
        publish_limit_s: float = PUBLISH_LIMIT_S,
        clock_ms: Callable[[], int] | None = None,
    ) -> None:
        """`clock_ms` gives the present as epoch milliseconds; None: the system's clock."""
        self._bus = bus
        self._ring_ms = ring_ms
        self._flush_s = flush_s
        self._retry_s = retry_s
        self._probe_s = probe_s
        self._publish_limit_s = publish_limit_s
        # The numbers of all chunks; whoever takes over another node's rooms raises it.
        self.sequence = Sequence(clock_ms) if clock_ms else Sequence()
        self._breaker = Breaker(patience_s)
        # Speakers with something to send, the next one first.
        self._rings: dict[str, SoundRing] = {}
        # Something was offered, or the end has come.
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

    @property
    def up(self) -> bool:
        """Whether what is said now reaches the bus, as far as is known."""
        return self._breaker.closed

    def offer(self, chunk: AudioChunk) -> None:
        """Take a chunk; its sequence number is given here. Never waits, never raises.

        What is offered when closed, or when the bus is, is dropped and counted.
        """
        if self._closing:
            CLOSED.inc(_seconds(chunk))
            return
        ring = self._rings.get(chunk.key)
        if ring is None:
            ring = self._rings[chunk.key] = SoundRing(self._ring_ms)
        FULL.inc(ring.append(replace(chunk, sequence_number=self.sequence.next())) / 1000)
        if self._breaker.state is BreakerState.OPEN:
            DOWN.inc(ring.clear() / 1000)
        else:
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
            while not self._closing or (self._rings and self._breaker.closed):
                if self._breaker.state is BreakerState.OPEN:
                    await self._look_again()
                elif self._rings:
                    await self._send_round()
                else:
                    await self._something()
        except BusClosedError:
            log.info("ingest_ended", reason="bus_closed", speakers=len(self._rings))
        except Exception:
            log.exception("ingest_failed")
        finally:
            self._closing = True
            self._drop_everything()

    async def _something(self) -> None:
        """Wait for something to send. A trial that nobody speaks for in time ends well if the bus says it is up."""
        self._waiting.clear()
        if self._breaker.closed:
            await self._waiting.wait()
        elif not await self._told_within(self._probe_s) and not self._rings:
            self._note(works=self._bus.up, began=time.monotonic())

    async def _look_again(self) -> None:
        """Wait a little while the bus is down; when it says that it is up, the next chunks are the trial."""
        self._waiting.clear()
        if not await self._told_within(self._probe_s) and self._bus.up:
            self._breaker.probe()

    async def _told_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._waiting.wait()
        except TimeoutError:
            return False

    async def _send_round(self) -> None:
        """Publish the oldest chunk of each of the next speakers; what fails is put back, to be tried again."""
        began = time.monotonic()
        tried = await self._try([(ring, ring.pop()) for ring in self._next_rings()])
        down = [each for each in tried if each.error is not None and not each.refused]
        for ring, chunk, _ in down:
            FULL.inc(ring.put_back(chunk) / 1000)
        for each in tried:
            if each.refused:
                FAILED.inc(_seconds(each.chunk))
                log.error("ingest_chunk_refused", **_ids(each.chunk), exc_info=each.error)
        if tried:
            self._note(works=len(down) < len(tried), began=began, why=down[0].error if down else None)
        if down and self._breaker.closed:
            await asyncio.sleep(self._retry_s)

    def _next_rings(self) -> list[SoundRing]:
        """Give the rings of the next speakers. They go to the end of the line; who has nothing more leaves it."""
        rings = []
        for key in list(itertools.islice(self._rings, ROUND)):
            ring = self._rings.pop(key)
            while ring and self.sequence.age_ms(ring.oldest.sequence_number) > self._ring_ms:
                OLD.inc(_seconds(ring.pop()))
            if ring:
                self._rings[key] = ring
                rings.append(ring)
        return rings

    async def _try(self, chunks: list[tuple[SoundRing, AudioChunk]]) -> list[Sent]:
        """Publish these at once.

        Raises:
            BusClosedError: the bus is closed.
        """
        if len(chunks) == 1:
            errors = [await self._publish(chunks[0][1])]
        else:
            errors = await asyncio.gather(*(self._publish(chunk) for _, chunk in chunks))
        for (_, chunk), error in zip(chunks, errors, strict=True):
            if isinstance(error, BusClosedError):
                CLOSED.inc(_seconds(chunk))
                raise error
        return [Sent(ring, chunk, error) for (ring, chunk), error in zip(chunks, errors, strict=True)]

    async def _publish(self, chunk: AudioChunk) -> Exception | None:
        try:
            async with asyncio.timeout(self._publish_limit_s):
                await self._bus.publish(chunk)
        except Exception as error:  # whatever the bus's network throws
            FAILURES.inc()
            return error
        return None

    def _note(self, *, works: bool, began: float, why: Exception | None = None) -> None:
        """Tell the breaker what came of an attempt."""
        if works:
            if self._breaker.succeeded():
                IS_OPEN.set(0)
                log.info("ingest_resumed")
        elif self._breaker.failed(began, time.monotonic()):
            IS_OPEN.set(1)
            OPENED.inc()
            log.warning("ingest_interrupted", speakers=len(self._rings), error=type(why).__name__ if why else None)
            for ring in self._rings.values():
                DOWN.inc(ring.clear() / 1000)

    def _drop_everything(self) -> None:
        for ring in self._rings.values():
            while ring:
                CLOSED.inc(_seconds(ring.pop()))
        self._rings.clear()


def _seconds(chunk: AudioChunk) -> float:
    return len(chunk.payload) / BYTES_PER_MS / 1000


def _ids(chunk: AudioChunk) -> dict[str, str]:
    return {"room_id": chunk.room_id, "user_id": chunk.user_id, "utterance_id": chunk.utterance_id}
