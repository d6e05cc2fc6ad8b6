"""What is special to the memory bus: its sizes, and what happens when they are reached."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from pipeline.bus.bus import BusClosedError, Record, Work
from pipeline.bus.memory import WAITS, MemoryBus
from pipeline.messages import AudioChunk
from pipeline.settings import BusSettings
from tests.pipeline.support import chunk


async def take(work: Work) -> Record:
    return await anext(aiter(work))


SMALL = BusSettings(retained=4, queue=3, subscriber_queue=2)


async def test_a_full_group_makes_publishing_wait() -> None:
    """Publishing goes on when the group takes a record, and nothing was lost."""
    before = WAITS.labels("audio.raw")._value.get()
    async with MemoryBus(SMALL) as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        for at in range(0, 300, 100):
            await bus.publish(chunk(at))
        fourth = asyncio.create_task(bus.publish(chunk(300)))
        await asyncio.sleep(0.01)
        assert not fourth.done()
        taken = [await take(work)]
        await fourth
        taken += [await take(work) for _ in range(3)]
    assert [record.message.sequence_number for record in taken] == [0, 100, 200, 300]  # type: ignore[attr-defined]
    assert WAITS.labels("audio.raw")._value.get() == before + 1


async def test_publishers_that_wait_keep_their_order() -> None:
    """Whoever waited first is first."""
    async with MemoryBus(SMALL) as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        publishing = [asyncio.create_task(bus.publish(chunk(at))) for at in range(0, 800, 100)]
        records = [await take(work) for _ in range(8)]
        await asyncio.gather(*publishing)
    assert [record.message.sequence_number for record in records] == list(range(0, 800, 100))  # type: ignore[attr-defined]


async def test_a_slow_partition_does_not_hold_up_another() -> None:
    """Only publishers to the full partition wait."""
    async with MemoryBus(SMALL) as bus, bus.work(AudioChunk.TOPIC, "group"):
        for at in range(0, 300, 100):
            await bus.publish(chunk(at))
        async with asyncio.timeout(1):
            await bus.publish(chunk(user="someone in another partition"))


async def test_a_topic_nobody_works_on_neither_fills_up_nor_blocks() -> None:
    """The newest records are kept, the oldest go."""
    async with MemoryBus(SMALL) as bus:
        for at in range(0, 10_000, 100):
            await bus.publish(chunk(at))
        async with bus.work(AudioChunk.TOPIC, "late") as work:
            kept = [await take(work) for _ in range(4)]
    assert [record.message.sequence_number for record in kept] == [9600, 9700, 9800, 9900]  # type: ignore[attr-defined]


async def test_a_group_whose_members_have_all_left_does_not_block() -> None:
    """Publishing goes on while nobody works, also for one who waited when the last member left."""
    async with MemoryBus(SMALL) as bus:
        async with AsyncExitStack() as member:
            await member.enter_async_context(bus.work(AudioChunk.TOPIC, "group"))
            for at in range(0, 300, 100):
                await bus.publish(chunk(at))
            waiting = asyncio.create_task(bus.publish(chunk(300)))
            await asyncio.sleep(0.01)
            assert not waiting.done()
        await waiting
        for at in range(400, 1000, 100):
            await bus.publish(chunk(at))
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            assert (await take(work)).message.sequence_number == 600  # type: ignore[attr-defined]


async def test_closing_wakes_a_publisher_that_waits() -> None:
    """It is told that the bus is closed."""
    async with MemoryBus(SMALL) as bus, bus.work(AudioChunk.TOPIC, "group"):
        for at in range(0, 300, 100):
            await bus.publish(chunk(at))
        waiting = asyncio.create_task(bus.publish(chunk(300)))
        await asyncio.sleep(0.01)
        await bus.close()
        with pytest.raises(BusClosedError):
            await waiting


async def test_a_member_that_stops_waiting_loses_nothing() -> None:
    """Cancelling a read leaves the record for the next read."""
    async with MemoryBus() as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        reading = asyncio.create_task(take(work))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        await bus.publish(chunk(100))
        assert (await take(work)).message == chunk(100)
