"""The story every bus must live up to, told to each of them in turn."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import pytest

from pipeline.bus.bus import Bus, BusClosedError, BusError, Record, Work
from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import TOPICS
from pipeline.messages import AudioChunk, Message, RoomSettings, Transcript
from tests.pipeline.support import chunk, listening, transcript

BusFactory = Callable[[], AbstractAsyncContextManager[Bus]]

# One entry for each implementation.
BUSES: dict[str, BusFactory] = {"memory": MemoryBus}


@pytest.fixture(params=list(BUSES.values()), ids=list(BUSES))
def new_bus(request: pytest.FixtureRequest) -> BusFactory:
    factory: BusFactory = request.param
    return factory


async def take(work: Work, count: int) -> list[Record]:
    """Take so many records, and no longer than a second."""
    async with asyncio.timeout(1):
        return [await anext(records) for records in [aiter(work)] for _ in range(count)]


async def publish(bus: Bus, *messages: Message) -> None:
    for message in messages:
        await bus.publish(message)


def sequence(records: list[Record]) -> list[int]:
    return [record.message.sequence_number for record in records]  # type: ignore[attr-defined]


async def test_every_subscriber_gets_everything_from_now_on(new_bus: BusFactory) -> None:
    """Two subscribers both get what is published after they came, in order; what was before is not for them."""
    async with new_bus() as bus:
        await bus.publish(chunk(0))
        async with listening(bus, AudioChunk.TOPIC) as one, listening(bus, AudioChunk.TOPIC, Transcript.TOPIC) as two:
            await publish(bus, chunk(100), chunk(200), transcript("hello"))
            await two.until(Transcript)
    assert [heard.start_ms for heard in one.of(AudioChunk)] == [100, 200]
    assert [heard.start_ms for heard in two.of(AudioChunk)] == [100, 200]


async def test_a_record_says_where_it_stands(new_bus: BusFactory) -> None:
    """Topic, key, headers, partition and offset come with the message."""
    async with new_bus() as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        message = chunk()
        await publish(bus, message, message)
        first, second = await take(work, 2)
    assert (first.topic, first.key, first.message) == ("audio.raw", "room/ann", message)
    assert first.headers == {"schema": "audio_chunk", "version": "1"}
    assert (second.partition, second.offset) == (first.partition, first.offset + 1)


async def test_a_group_shares_a_topic_out(new_bus: BusFactory) -> None:
    """Each record reaches one member, and a key always the same one."""
    async with new_bus() as bus, bus.work(AudioChunk.TOPIC, "group") as one, bus.work(AudioChunk.TOPIC, "group") as two:
        assert one.partitions | two.partitions == set(range(12))
        assert not one.partitions & two.partitions
        people = [chunk(at, user=f"user{number}") for at in (0, 100) for number in range(40)]
        await publish(bus, *people)
        ours, theirs = (sum(partition_of(person) in work.partitions for person in people) for work in (one, two))
        mine, yours = await take(one, ours), await take(two, theirs)
    assert mine
    assert yours
    assert len(mine) + len(yours) == 80
    assert not {record.key for record in mine} & {record.key for record in yours}


def partition_of(message: Message) -> int:
    return TOPICS[0].partition_of(message.key)


async def test_groups_do_not_take_from_each_other(new_bus: BusFactory) -> None:
    """Two groups both get everything."""
    async with new_bus() as bus, bus.work(AudioChunk.TOPIC, "one") as one, bus.work(AudioChunk.TOPIC, "two") as two:
        await publish(bus, chunk(0), chunk(100))
        assert sequence(await take(one, 2)) == sequence(await take(two, 2)) == [0, 100]


async def test_a_new_group_begins_with_the_oldest_record(new_bus: BusFactory) -> None:
    """A group that comes late still gets what was published before."""
    async with new_bus() as bus:
        await publish(bus, chunk(0), chunk(100))
        async with bus.work(AudioChunk.TOPIC, "late") as work:
            assert sequence(await take(work, 2)) == [0, 100]


async def test_what_was_not_committed_comes_again(new_bus: BusFactory) -> None:
    """When a member leaves, the next one gets everything behind the last commit, in order."""
    async with new_bus() as bus:
        await publish(bus, *(chunk(at) for at in range(0, 500, 100)))
        async with bus.work(AudioChunk.TOPIC, "group") as first:
            records = await take(first, 4)
            await first.commit(records[1])
        async with bus.work(AudioChunk.TOPIC, "group") as second:
            assert sequence(await take(second, 3)) == [200, 300, 400]


async def test_a_commit_behind_an_earlier_one_changes_nothing(new_bus: BusFactory) -> None:
    """Commits may come in any order: the furthest counts."""
    async with new_bus() as bus:
        await publish(bus, *(chunk(at) for at in range(0, 300, 100)))
        async with bus.work(AudioChunk.TOPIC, "group") as first:
            records = await take(first, 3)
            await first.commit(records[1])
            await first.commit(records[0])
        async with bus.work(AudioChunk.TOPIC, "group") as second:
            assert sequence(await take(second, 1)) == [200]


async def test_a_member_that_lost_a_partition_cannot_commit_in_it(new_bus: BusFactory) -> None:
    """Whoever has the partition now decides."""
    async with new_bus() as bus, AsyncExitStack() as members:
        await publish(bus, *(chunk(0, user=f"user{number}") for number in range(40)))
        first = await members.enter_async_context(bus.work(AudioChunk.TOPIC, "group"))
        records = await take(first, 40)
        async with bus.work(AudioChunk.TOPIC, "group") as second:
            theirs = [record for record in records if record.partition in second.partitions]
            for record in theirs:
                await first.commit(record)
            assert {record.key for record in await take(second, len(theirs))} == {record.key for record in theirs}


async def test_a_late_subscriber_gets_the_newest_of_each_key_of_a_compacted_topic(new_bus: BusFactory) -> None:
    """Settings that were published before are known to whoever comes later."""
    old, new, other = (
        RoomSettings(room_id=room, formality=formality) for room, formality in (("a", "old"), ("a", "new"), ("b", "x"))
    )
    async with new_bus() as bus:
        await publish(bus, old, other, new)
        async with listening(bus, RoomSettings.TOPIC) as heard:
            await heard.until(RoomSettings, lambda settings: settings == new)
            await heard.until(RoomSettings, lambda settings: settings == other)
    assert old not in heard.messages


async def test_closing_ends_everything(new_bus: BusFactory) -> None:
    """Iterations end, publishing says why it cannot, and closing twice is harmless."""
    async with new_bus() as bus, bus.work(AudioChunk.TOPIC, "group") as work, bus.subscribe(AudioChunk.TOPIC) as seen:

        async def drain() -> list[Record]:
            return [record async for record in work] + [record async for record in seen]

        draining = asyncio.create_task(drain())
        await asyncio.sleep(0)
        await bus.__aexit__(None, None, None)  # type: ignore[attr-defined]
        assert await draining == []
        with pytest.raises(BusClosedError):
            await bus.publish(chunk())


async def test_a_topic_nobody_knows_is_refused(new_bus: BusFactory) -> None:
    """A name that is not in the list of topics is a mistake."""
    async with new_bus() as bus:
        with pytest.raises(BusError, match="no topic named 'nowhere'"):
            async with bus.work("nowhere", "group"):
                pass
