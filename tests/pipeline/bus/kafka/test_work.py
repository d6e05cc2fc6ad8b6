"""What is special to working on a Kafka topic: full queues, commits, and consumers that break."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from pipeline.bus.bus import BusError, Record, Work
from pipeline.bus.kafka import work as kafka_work
from pipeline.bus.kafka.work import REPLACED, KafkaWork
from pipeline.bus.topics import TOPICS
from pipeline.messages import AudioChunk
from pipeline.messages.unreadable import Unreadable
from tests.pipeline.bus.kafka.buses import ONE, kafka_bus
from tests.pipeline.bus.kafka.test_subscription import put
from tests.pipeline.support import chunk
from tests.support.broker import Broker
from tests.support.until import until


async def take(work: Work, count: int) -> list[Record]:
    async with asyncio.timeout(10):
        return [await anext(aiter(work)) for _ in range(count)]


def starts(records: list[Record]) -> list[int]:
    return [record.message.start_ms for record in records]  # type: ignore[attr-defined]


async def test_a_full_queue_pauses_its_partition(broker: Broker) -> None:
    """No more is fetched until half of it was taken; nothing is lost, and the order stays."""
    async with kafka_bus(broker, ONE, work_queue=10) as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        for at in range(0, 20_000, 100):
            await bus.publish(chunk(at))
        queues = work._queues
        await until(lambda: len(queues) >= 10)
        await asyncio.sleep(0.3)
        assert len(queues) < 150
        assert starts(await take(work, 200)) == list(range(0, 20_000, 100))


async def test_a_member_that_is_restarted_disturbs_nobody(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its name it gets its partitions back at once, and the group is not asked anew."""
    rebalances: list[KafkaWork] = []
    monkeypatch.setattr(KafkaWork, "assigned", noting(rebalances, KafkaWork.assigned))
    async with kafka_bus(broker) as bus, bus.work(AudioChunk.TOPIC, "group", member="host-1") as stays:
        async with bus.work(AudioChunk.TOPIC, "group", member="host-2") as before:
            await until(lambda: {len(stays.partitions), len(before.partitions)} == {6})
            share = before.partitions
        rebalances.clear()
        async with bus.work(AudioChunk.TOPIC, "group", member="host-2") as after:
            await asyncio.sleep(1)
            assert after.partitions == share
    assert rebalances == [after]


def noting(calls: list[KafkaWork], method: Callable[..., None]) -> Callable[..., None]:
    """Note whose method is called."""

    def noted(work: KafkaWork, partitions: Iterable[int]) -> None:
        calls.append(work)
        method(work, partitions)

    return noted


async def test_nothing_is_given_out_of_a_partition_that_has_gone(broker: Broker) -> None:
    """What was fetched before a rebalance and not taken is for whoever has the partition now."""
    people = [chunk(0, user=f"user{number}") for number in range(40)]
    async with kafka_bus(broker) as bus, bus.work(AudioChunk.TOPIC, "group") as first:
        for person in people:
            await bus.publish(person)
        await until(lambda: len(first._queues) == 40)
        async with bus.work(AudioChunk.TOPIC, "group") as second:
            await until(lambda: {len(first.partitions), len(second.partitions)} == {6})
            ours = [person.key for person in people if TOPICS[0].partition_of(person.key) in first.partitions]
            taken, theirs = await take(first, len(ours)), await take(second, 40 - len(ours))
            assert not first._queues
    assert {record.key for record in taken} == set(ours)
    assert {record.key for record in taken + theirs} == {person.key for person in people}


async def test_what_cannot_be_read_is_delivered_as_such(broker: Broker) -> None:
    """In its place, with its bytes; it can be committed like everything else."""
    async with kafka_bus(broker, ONE) as bus:
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            await put(bus, ONE[0], {"key": b"room/ann", "value": b"\xc1"})
            await bus.publish(chunk(100))
            bad, good = await take(work, 2)
            assert isinstance(bad.message, Unreadable)
            assert (bad.value, good.message) == (b"\xc1", chunk(100))
            await work.commit(bad)
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            assert starts(await take(work, 1)) == [100]


async def test_commits_are_collected(broker: Broker) -> None:
    """However many there are, few requests are sent; the last one counts."""
    async with kafka_bus(broker, ONE) as bus:
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            sent = counting(work, "commit")
            for at in range(0, 5000, 100):
                await bus.publish(chunk(at))
            for record in await take(work, 50):
                await work.commit(record)
                await asyncio.sleep(0.002)
        assert 1 <= len(sent) <= 6
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            await bus.publish(chunk(5000))
            assert starts(await take(work, 1)) == [5000]


def counting(work: Work, name: str, *, slow_s: float = 0.0) -> list[Any]:
    """Note each call of a method of the consumer, and let it take a while."""
    assert isinstance(work, KafkaWork)
    consumer, calls = work._consumer, []
    call = getattr(consumer, name)

    async def noted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        await asyncio.sleep(slow_s)
        return await call(*args, **kwargs)

    setattr(consumer, name, noted)
    return calls


async def test_what_is_done_while_a_commit_is_on_its_way_is_not_forgotten(broker: Broker) -> None:
    """Leaving waits for it, and then commits the rest."""
    async with kafka_bus(broker, ONE) as bus:
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            sent = counting(work, "commit", slow_s=0.3)
            for at in range(0, 300, 100):
                await bus.publish(chunk(at))
            records = await take(work, 3)
            await work.commit(records[0])
            await until(lambda: len(sent) == 1)
            await work.commit(records[2])
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            await bus.publish(chunk(300))
            assert starts(await take(work, 1)) == [300]


def breaking(work: Work, error: Exception) -> None:
    """Let the consumer break at its next look."""
    assert isinstance(work, KafkaWork)

    async def broken(**_: Any) -> None:
        raise error

    assert work._consumer is not None
    work._consumer.getmany = broken


async def test_a_consumer_that_breaks_is_replaced(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its work goes on: what was taken is not delivered again, and commits still count."""
    monkeypatch.setattr(kafka_work, "REPLACE_S", 0.05)
    before = REPLACED.labels("audio.raw")._value.get()
    async with kafka_bus(broker, ONE) as bus:
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            await bus.publish(chunk(0))
            [first] = await take(work, 1)
            breaking(work, KafkaError("broken"))
            await until(lambda: REPLACED.labels("audio.raw")._value.get() == before + 1)
            await bus.publish(chunk(100))
            assert starts(await take(work, 1)) == [100]
            await work.commit(first)
        async with bus.work(AudioChunk.TOPIC, "group") as work:
            assert starts(await take(work, 1)) == [100]


async def test_what_is_forbidden_ends_the_work(broker: Broker) -> None:
    """Whoever reads is told; nobody tries again."""
    async with kafka_bus(broker, ONE) as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        breaking(work, GroupAuthorizationFailedError("group"))
        with pytest.raises(BusError, match="no reading any more: GroupAuthorizationFailedError"):
            await take(work, 1)


async def test_a_consumer_that_breaks_again_and_again_ends_the_work(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After as many replacements as there may be."""
    monkeypatch.setattr(kafka_work, "MOST_REPLACEMENTS", 1)
    monkeypatch.setattr(kafka_work, "REPLACE_S", 0.05)
    before = REPLACED.labels("audio.raw")._value.get()
    async with kafka_bus(broker, ONE) as bus, bus.work(AudioChunk.TOPIC, "group") as work:
        breaking(work, KafkaError("broken"))
        await until(lambda: REPLACED.labels("audio.raw")._value.get() == before + 1)
        await until(lambda: work._settled.is_set())
        breaking(work, KafkaError("broken"))
        with pytest.raises(BusError, match="no reading any more: KafkaError"):
            await take(work, 1)
