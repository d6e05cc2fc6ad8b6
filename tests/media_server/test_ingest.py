"""Ingest: never waits, never raises, keeps each speaker's order, and gives a bus that does not work a rest."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import structlog

from media_server.ingest import DROPPED, FAILURES, OPENED, AudioIngestService
from pipeline.bus.bus import BusClosedError, BusDownError, BusError, Record, Subscription, Wants, Work
from pipeline.bus.memory import MemoryBus
from pipeline.messages import AudioChunk
from pipeline.messages.base import Message
from tests.support.until import until


def chunk(user: str, start_ms: int, *, last: bool = False, utterance: int = 1) -> AudioChunk:
    return AudioChunk(
        room_id="r",
        user_id=user,
        sequence_number=0,
        utterance_id=f"{user}-{utterance}",
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
        # What the next calls raise, and what all raise while it is down.
        self.failures: list[Exception] = []
        self.up = True
        self.closed = False
        self.in_flight = 0
        self.most_in_flight = 0

    async def publish(self, message: Message) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self.open.wait()
        finally:
            self.in_flight -= 1
        if self.closed:
            raise BusClosedError
        if self.failures:
            raise self.failures.pop(0)
        if not self.up:
            raise BusDownError
        assert isinstance(message, AudioChunk)
        self.published.append(message)

    def subscribe(
        self, *topics: str, group: str = "", wants: Wants | None = None
    ) -> AbstractAsyncContextManager[Subscription]:
        raise AssertionError("ingest only publishes")

    def work(self, topic: str, group: str, *, member: str = "") -> AbstractAsyncContextManager[Work]:
        raise AssertionError("ingest only publishes")

    def history(
        self, topic: str, *, partition: int | None = None, since_ms: int | None = None
    ) -> AsyncIterator[Record]:
        raise AssertionError("ingest only publishes")

    async def delete_before(self, topic: str, offsets: Mapping[int, int]) -> None:
        raise AssertionError("ingest only publishes")

    def of(self, user: str) -> list[int]:
        return [each.start_ms for each in self.published if each.user_id == user]


@asynccontextmanager
async def ingest_to(
    bus: ScriptedBus, *, patience_s: float = 10, limit_s: float = 10
) -> AsyncIterator[AudioIngestService]:
    service = AudioIngestService(
        bus, flush_s=0.05, retry_s=0, probe_s=0.02, patience_s=patience_s, publish_limit_s=limit_s
    )
    async with service as ingest:
        yield ingest


@asynccontextmanager
async def interrupted(bus: ScriptedBus) -> AsyncIterator[AudioIngestService]:
    """Give an ingest that has heard of one utterance and then has given its bus up."""
    bus.open.set()
    with structlog.testing.capture_logs():
        async with ingest_to(bus, patience_s=0) as ingest:
            ingest.offer(chunk("u", 0))
            await until(lambda: bus.published != [])
            bus.up = False
            ingest.offer(chunk("u", 100))
            await until(lambda: not ingest.up)
            yield ingest


async def settle() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def test_sound_reaches_the_bus_in_order() -> None:
    """What is offered is published, in order, with growing numbers."""
    async with MemoryBus() as bus, bus.subscribe(AudioChunk.TOPIC) as subscription:
        async with AudioIngestService(bus) as ingest:
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
    """While the bus stands still and much is said, the end of the utterance it has heard of waits."""
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


async def test_what_many_say_is_on_its_way_together() -> None:
    """A bus that takes a while for each answer does not add these up; each speaker's order is kept."""
    bus = ScriptedBus()
    async with ingest_to(bus) as ingest:
        for n in range(3):
            for user in "abcdef":
                ingest.offer(chunk(user, n * 100))
        await settle()
        assert bus.in_flight == 6
        bus.open.set()
    assert bus.most_in_flight == 6
    assert [bus.of(user) for user in "abcdef"] == [[0, 100, 200]] * 6


async def test_a_failure_is_tried_again() -> None:
    """What the bus fails to take is offered again, in order, and each failure is counted."""
    bus, before = ScriptedBus(), FAILURES._value.get()
    bus.failures = [BusDownError(), ConnectionError("no broker"), TimeoutError()]
    bus.open.set()
    async with ingest_to(bus) as ingest:
        for n in range(3):
            ingest.offer(chunk("u", n * 100))
        await settle()
        assert ingest.up
    assert bus.of("u") == [0, 100, 200]
    assert FAILURES._value.get() - before == 3


@pytest.mark.parametrize("refusal", [BusError("too large"), ValueError("a fault")])
async def test_a_chunk_that_is_refused_is_dropped(refusal: Exception) -> None:
    """One bad chunk does not stop the others, nor does it mean that the bus is down."""
    bus, before = ScriptedBus(), dropped("failed")
    bus.failures = [refusal]
    bus.open.set()
    with structlog.testing.capture_logs() as logs:
        async with ingest_to(bus, patience_s=0) as ingest:
            ingest.offer(chunk("u", 0))
            ingest.offer(chunk("u", 100))
            await settle()
            assert ingest.up
    assert bus.of("u") == [100]
    assert dropped("failed") - before == pytest.approx(0.1)
    assert [entry["event"] for entry in logs] == ["ingest_chunk_refused"]


async def test_a_bus_that_is_down_is_given_up() -> None:
    """One line tells it, what waits is dropped, and what is offered then is dropped at once, all of it counted."""
    bus, before, opened = ScriptedBus(), dropped("down"), OPENED._value.get()
    bus.open.set()
    bus.up = False
    with structlog.testing.capture_logs() as logs:
        async with ingest_to(bus, patience_s=0.03) as ingest:
            for n in range(10):
                ingest.offer(chunk("u", n * 100))
            assert ingest.up
            await until(lambda: not ingest.up)
            for n in range(1000):
                ingest.offer(chunk("v", n * 100))
            assert dropped("down") - before == pytest.approx(101)
    assert bus.published == []
    assert OPENED._value.get() - opened == 1
    assert [entry["event"] for entry in logs] == ["ingest_interrupted"]


async def test_a_bus_that_hangs_is_given_up() -> None:
    """Silence for longer than publishing may take is a failure like any other."""
    bus = ScriptedBus()
    with structlog.testing.capture_logs():
        async with ingest_to(bus, patience_s=0.03, limit_s=0.02) as ingest:
            ingest.offer(chunk("u", 0))
            await until(lambda: not ingest.up)
    assert bus.in_flight == 0


async def test_after_an_interruption_only_what_is_said_from_then_on_is_sent() -> None:
    """And, of the utterance that the bus has heard of, its end; the hole stays a hole."""
    bus = ScriptedBus()
    async with interrupted(bus) as ingest:
        ingest.offer(chunk("u", 200, last=True))
        for n in range(20):
            ingest.offer(chunk("u", n * 100, utterance=2, last=n == 19))
        bus.up = True
        await until(lambda: ingest.up)
        ingest.offer(chunk("u", 0, utterance=3))
        await until(lambda: len(bus.published) == 3)
    assert [(each.utterance_id, each.start_ms, len(each.payload), each.last) for each in bus.published[1:]] == [
        ("u-1", 300, 0, True),
        ("u-3", 0, 3200, False),
    ]


async def test_it_goes_on_by_itself_though_nobody_speaks() -> None:
    """The bus says that it is up: then nobody is told any longer that it is not."""
    bus = ScriptedBus()
    async with interrupted(bus) as ingest:
        await asyncio.sleep(0.06)
        assert not ingest.up
        bus.up = True
        await until(lambda: ingest.up)
    assert len(bus.published) == 1


async def test_a_bus_that_only_says_that_it_is_up_stays_given_up() -> None:
    """The first chunks are a trial; while that fails nothing is promised to anybody."""
    bus = ScriptedBus()
    async with interrupted(bus) as ingest:
        bus.up, bus.failures = True, [BusDownError()] * 3
        seen = set()
        while bus.failures:
            ingest.offer(chunk("u", 0, utterance=2))
            seen.add(ingest.up)
            await asyncio.sleep(0.005)
        assert seen == {False}
        ingest.offer(chunk("u", 0, utterance=3))
        await until(lambda: ingest.up)


async def test_what_waited_for_too_long_is_not_sent() -> None:
    """However it came to wait: 5 s later nobody wants to hear it."""
    bus, before, now_ms = ScriptedBus(), dropped("old"), [1_000_000]
    service = AudioIngestService(bus, clock_ms=lambda: now_ms[0], publish_limit_s=0.03, retry_s=0, flush_s=0.05)
    async with service as ingest:
        for n in range(3):
            ingest.offer(chunk("u", n * 100))
        await settle()
        now_ms[0] += 5_010
        ingest.offer(chunk("u", 300))
        await until(lambda: dropped("old") > before)
        bus.open.set()
    assert bus.of("u") == [300]
    assert dropped("old") - before == pytest.approx(0.3)


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
