"""Ingest: never waits, never raises, keeps each speaker's order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import structlog

from media_server.ingest import ATTEMPTS, DROPPED, FAILURES, Ingest, Sequence
from pipeline.bus.bus import BusClosedError, Subscription, Work
from pipeline.bus.memory import MemoryBus
from pipeline.messages import AudioChunk
from pipeline.messages.base import Message


def chunk(user: str, start_ms: int, *, last: bool = False) -> AudioChunk:
    return AudioChunk(
        room_id="r",
        user_id=user,
        sequence_number=0,
        utterance_id=f"{user}-1",
        payload=bytes(3200),
        start_ms=start_ms,
        utterance_started_at_ms=0,
        language="en",
        last=last,
    )


def dropped(reason: str) -> float:
    return float(DROPPED.labels(reason)._value.get())


class ScriptedBus:
    """Takes what is published when it is let, or fails as it is told."""

    def __init__(self) -> None:
        self.published: list[AudioChunk] = []
        self.open = asyncio.Event()
        self.failures = 0
        self.closed = False

    async def publish(self, message: Message) -> None:
        await self.open.wait()
        if self.closed:
            raise BusClosedError
        if self.failures:
            self.failures -= 1
            raise ConnectionError("no broker")
        assert isinstance(message, AudioChunk)
        self.published.append(message)

    def subscribe(self, *topics: str, group: str = "") -> AbstractAsyncContextManager[Subscription]:
        raise AssertionError("ingest only publishes")

    def work(self, topic: str, group: str) -> AbstractAsyncContextManager[Work]:
        raise AssertionError("ingest only publishes")

    def of(self, user: str) -> list[int]:
        return [each.start_ms for each in self.published if each.user_id == user]


@asynccontextmanager
async def ingest_to(bus: ScriptedBus) -> AsyncIterator[Ingest]:
    async with Ingest(bus, flush_s=0.05, retry_s=0) as ingest:
        yield ingest


async def settle() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def test_sound_reaches_the_bus_in_order() -> None:
    """What is offered is published, in order, with growing numbers."""
    async with MemoryBus() as bus, bus.subscribe(AudioChunk.TOPIC) as subscription:
        async with Ingest(bus) as ingest:
            for n in range(10):
                ingest.offer(chunk("u", n * 100, last=n == 9))
        await bus.close()
        messages = [record.message async for record in subscription]
    chunks = [message for message in messages if isinstance(message, AudioChunk)]
    assert [each.start_ms for each in chunks] == list(range(0, 1000, 100))
    assert [each.sequence_number for each in chunks] == sorted({each.sequence_number for each in chunks})


async def test_a_bus_that_waits_delays_nobody() -> None:
    """Offering returns at once; the newest 5 s of each speaker wait, the rest is dropped and counted."""
    bus, before = ScriptedBus(), dropped("full")
    async with ingest_to(bus) as ingest:
        for n in range(100):
            ingest.offer(chunk("u", n * 100))
        assert dropped("full") - before == pytest.approx(5)
        bus.open.set()
    assert bus.of("u") == list(range(5000, 10_000, 100))


async def test_speakers_take_turns() -> None:
    """A speaker with much to send does not keep the others waiting, and each one's order is kept."""
    bus = ScriptedBus()
    async with ingest_to(bus) as ingest:
        for n in range(20):
            ingest.offer(chunk("a", n * 100))
        for n in range(3):
            ingest.offer(chunk("b", n * 100))
        bus.open.set()
    assert [each.user_id for each in bus.published[:6]] == ["a", "b", "a", "b", "a", "b"]
    assert bus.of("a") == list(range(0, 2000, 100))
    assert bus.of("b") == [0, 100, 200]


async def test_the_end_of_an_utterance_is_never_dropped() -> None:
    """While the bus stands still for minutes, the end of the utterance it has heard of waits."""
    bus = ScriptedBus()
    async with ingest_to(bus) as ingest:
        bus.open.set()
        ingest.offer(chunk("u", 0))
        await settle()
        bus.open.clear()
        ingest.offer(chunk("u", 100))
        await settle()
        ingest.offer(chunk("u", 200, last=True))
        for n in range(1000):
            ingest.offer(chunk("u", n * 100))
        bus.open.set()
    assert [each.last for each in bus.published[:3]] == [False, False, True]


async def test_a_failure_is_tried_again() -> None:
    """What the bus refuses is offered again, in order; one line is logged and each failure counted."""
    bus, before = ScriptedBus(), FAILURES._value.get()
    bus.failures = 3
    bus.open.set()
    with structlog.testing.capture_logs() as logs:
        async with ingest_to(bus) as ingest:
            for n in range(3):
                ingest.offer(chunk("u", n * 100))
            await settle()
    assert bus.of("u") == [0, 100, 200]
    assert FAILURES._value.get() - before == 3
    assert [entry["event"] for entry in logs] == ["ingest_publish_failed"]


async def test_a_chunk_that_is_refused_for_good_is_dropped() -> None:
    """One bad chunk does not stop the others."""
    bus, before = ScriptedBus(), dropped("failed")
    bus.failures = ATTEMPTS
    bus.open.set()
    with structlog.testing.capture_logs():
        async with ingest_to(bus) as ingest:
            ingest.offer(chunk("u", 0))
            ingest.offer(chunk("u", 100))
            await settle()
    assert bus.of("u") == [100]
    assert dropped("failed") - before == pytest.approx(0.1)


async def test_leaving_sends_what_waits() -> None:
    """What was offered before the end is published."""
    bus = ScriptedBus()
    bus.open.set()
    async with ingest_to(bus) as ingest:
        for n in range(20):
            ingest.offer(chunk("u", n * 100))
    assert len(bus.published) == 20


async def test_leaving_does_not_wait_for_ever() -> None:
    """A bus that never takes anything costs the flush time, and what waited is counted."""
    bus, before = ScriptedBus(), dropped("closed")
    async with ingest_to(bus) as ingest:
        for n in range(10):
            ingest.offer(chunk("u", n * 100))
        await settle()
    assert bus.published == []
    assert dropped("closed") - before == pytest.approx(0.9, abs=0.11)  # one was on its way
    await ingest.close()


async def test_offering_to_a_closed_bus_raises_nothing() -> None:
    """When the bus has gone, sound is dropped and counted, with one line in the log."""
    bus, before = ScriptedBus(), dropped("closed")
    bus.closed = True
    bus.open.set()
    with structlog.testing.capture_logs() as logs:
        async with ingest_to(bus) as ingest:
            ingest.offer(chunk("u", 0))
            await settle()
            ingest.offer(chunk("u", 100))
    assert dropped("closed") - before == pytest.approx(0.2)
    assert [entry["event"] for entry in logs] == ["ingest_ended"]


def test_numbers_never_go_backwards() -> None:
    """Not when the clock does, nor within a millisecond; and a later process goes on above."""
    clock = iter([1000, 1000, 900, 5000, 5000])
    sequence = Sequence(lambda: next(clock))
    assert [sequence.next() for _ in range(5)] == [1000, 1001, 1002, 5000, 5001]
