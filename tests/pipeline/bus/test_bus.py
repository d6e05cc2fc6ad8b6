"""The story every bus must live up to, told to each of them in turn."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial

import pytest

from pipeline.bus.bus import Bus, BusClosedError, BusError, Record, Work
from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import TOPICS
from pipeline.clock import now_ms
from pipeline.messages import AudioChunk, Message, RoomSettings, Transcript
from tests.pipeline.bus.kafka.buses import kafka_bus
from tests.pipeline.support import chunk, listening, transcript
from tests.support.until import until

BusFactory = Callable[[], AbstractAsyncContextManager[Bus]]


@pytest.fixture(params=["memory", "kafka"])
def new_bus(request: pytest.FixtureRequest) -> BusFactory:
    """Give what makes a bus, with topics that nobody else sees."""
    if request.param == "memory":
        return MemoryBus
    return partial(kafka_bus, request.getfixturevalue("broker"))


async def take(work: Work, count: int) -> list[Record]:
    """Take so many records, and no longer than a few seconds."""
    async with asyncio.timeout(10):
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
            for each in (one, two):
                await each.until(AudioChunk, lambda sound: sound.start_ms == 200)
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
    assert abs(first.timestamp_ms - now_ms()) < 10_000


async def test_a_group_shares_a_topic_out(new_bus: BusFactory) -> None:
    """Each record reaches one member, and a key always the same one."""
    async with new_bus() as bus, bus.work(AudioChunk.TOPIC, "group") as one, bus.work(AudioChunk.TOPIC, "group") as two:
        await until(lambda: {len(one.partitions), len(two.partitions)} == {6})
        assert one.partitions | two.partitions == set(range(12))
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
            await until(lambda: {len(first.partitions), len(second.partitions)} == {6})
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


async def test_members_that_stay_are_not_disturbed(new_bus: BusFactory) -> None:
    """What they took and have not committed is not delivered to them again when somebody joins."""
    async with new_bus() as bus, bus.work(AudioChunk.TOPIC, "group") as first:
        people = [chunk(0, user=f"user{number}") for number in range(40)]
        await publish(bus, *people)
        await take(first, 40)
        async with bus.work(AudioChunk.TOPIC, "group") as second:
            await until(lambda: {len(first.partitions), len(second.partitions)} == {6})
            stayed = next(person for person in people if partition_of(person) in first.partitions)
            await bus.publish(chunk(100, user=stayed.user_id))
            assert sequence(await take(first, 1)) == [100]


async def test_a_member_comes_back_under_its_name(new_bus: BusFactory) -> None:
    """It gets its partitions again, from its last commit on."""
    async with new_bus() as bus:
        await publish(bus, *(chunk(at) for at in range(0, 300, 100)))
        for expected in ([0, 100], [100, 200]):
            async with bus.work(AudioChunk.TOPIC, "group", member="host-1") as work:
                records = await take(work, 2)
                assert sequence(records) == expected
                await work.commit(records[0])


async def test_a_member_knows_how_far_behind_it_is(new_bus: BusFactory) -> None:
    """By what was published in its partitions and not taken yet."""
    async with new_bus() as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        await publish(bus, *(chunk(at) for at in range(0, 300, 100)))
        await take(work, 1)
        await until(lambda: work.behind == 2)
        await take(work, 2)
        assert work.behind == 0


async def test_a_paused_partition_gives_nothing_until_it_is_resumed(new_bus: BusFactory) -> None:
    """The others go on, and nothing is lost."""
    ann = chunk(0)
    bob = next(
        other for other in (chunk(0, user=user) for user in "abcdefgh") if partition_of(other) != partition_of(ann)
    )
    async with new_bus() as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        work.pause(partition_of(ann))
        await publish(bus, ann, bob)
        assert [record.key for record in await take(work, 1)] == [bob.key]
        work.resume(partition_of(ann))
        assert [record.key for record in await take(work, 1)] == [ann.key]


async def test_a_subscriber_gets_only_what_it_wants(new_bus: BusFactory) -> None:
    """Records of other keys are left out, on compacted topics as well."""
    async with new_bus() as bus:
        await publish(bus, RoomSettings(room_id="a"), RoomSettings(room_id="b"))
        topics = (AudioChunk.TOPIC, RoomSettings.TOPIC)
        async with bus.subscribe(*topics, wants=lambda key: key in ("b", "room/bob")) as seen:
            await publish(bus, chunk(0), chunk(100, user="bob"), RoomSettings(room_id="a"))
            async with asyncio.timeout(10):
                records = [await anext(aiter(seen)) for _ in range(2)]
    assert [record.key for record in records] == ["b", "room/bob"]


async def test_history_is_what_is_kept_now(new_bus: BusFactory) -> None:
    """Oldest first within a partition, and it ends by itself; what comes later is not in it."""
    async with new_bus() as bus:
        people = [chunk(at, user=user) for at in (0, 100, 200) for user in ("ann", "bob")]
        await publish(bus, *people)
        records = []
        async for record in bus.history(AudioChunk.TOPIC):
            records.append(record)
            if len(records) == 1:
                await publish(bus, *people)
        of_one = [each async for each in bus.history(AudioChunk.TOPIC, partition=partition_of(people[0]))]
        nothing = [each async for each in bus.history(Transcript.TOPIC)]
    for user in ("ann", "bob"):
        assert sequence([record for record in records if record.key == f"room/{user}"]) == [0, 100, 200]
    assert {record.key for record in of_one} == {"room/ann"}
    assert sequence(of_one) == [0, 100, 200, 0, 100, 200]
    assert nothing == []


async def test_history_begins_when_it_is_asked_to(new_bus: BusFactory) -> None:
    """With what was published at that moment or later."""
    async with new_bus() as bus:
        await publish(bus, chunk(0))
        await asyncio.sleep(0.01)
        since_ms = now_ms()
        await asyncio.sleep(0.01)
        await publish(bus, chunk(100), chunk(200))
        late = [each async for each in bus.history(AudioChunk.TOPIC, since_ms=since_ms)]
        none = [each async for each in bus.history(AudioChunk.TOPIC, since_ms=now_ms() + 60_000)]
    assert (sequence(late), none) == ([100, 200], [])


async def test_what_is_deleted_is_gone(new_bus: BusFactory) -> None:
    """Up to the offset named, for everyone; a group goes on behind it."""
    async with new_bus() as bus:
        await publish(bus, *(chunk(at) for at in range(0, 400, 100)))
        kept = [each async for each in bus.history(AudioChunk.TOPIC)][2]
        await bus.delete_before(AudioChunk.TOPIC, {kept.partition: kept.offset})
        assert sequence([each async for each in bus.history(AudioChunk.TOPIC)]) == [200, 300]
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            assert sequence(await take(work, 2)) == [200, 300]


async def test_a_bus_is_up_while_it_is_open(new_bus: BusFactory) -> None:
    """As long as nothing else is known."""
    async with new_bus() as bus:
        assert bus.up
    assert not bus.up


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
        with pytest.raises(BusClosedError):
            await anext(aiter(bus.history(AudioChunk.TOPIC)))
        with pytest.raises(BusClosedError):
            await bus.delete_before(AudioChunk.TOPIC, {0: 0})


async def test_a_topic_nobody_knows_is_refused(new_bus: BusFactory) -> None:
    """A name that is not in the list of topics is a mistake."""
    async with new_bus() as bus:
        with pytest.raises(BusError, match="no topic named 'nowhere'"):
            async with bus.work("nowhere", "group"):
                pass
