"""What is special to a subscriber of a Kafka cluster."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from pipeline.bus.kafka.bus import KafkaBus
from pipeline.bus.kafka.subscription import UNREADABLE
from pipeline.bus.topics import TOPICS, Topic
from pipeline.messages import AudioChunk, RoomSettings
from pipeline.settings import KafkaSettings
from tests.pipeline.bus.kafka.buses import STORY, kafka_bus
from tests.pipeline.support import chunk, listening
from tests.support.broker import Broker
from tests.support.until import until


async def put(bus: KafkaBus, topic: Topic, *records: dict[str, Any]) -> None:
    """Put records on a topic behind the bus's back."""
    settings: KafkaSettings = bus._settings
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    async with producer:
        for record in records:
            await producer.send_and_wait(settings.prefix + topic.name, partition=0, **record)


async def test_what_cannot_be_read_is_left_out_counted_and_told_once(broker: Broker, log_lines: list[Any]) -> None:
    """What comes behind it is read."""
    before = UNREADABLE.labels("audio.raw")._value.get()
    async with kafka_bus(broker) as bus, listening(bus, AudioChunk.TOPIC) as heard:
        await put(bus, TOPICS[0], {"value": b"\xc1", "key": b"a"}, {"value": b"", "key": b"a"})
        await bus.publish(chunk(user=in_partition_0()))
        await heard.until(AudioChunk)
    assert UNREADABLE.labels("audio.raw")._value.get() == before + 2
    assert [line["event"] for line in log_lines].count("records_unreadable") == 1


def in_partition_0() -> str:
    return next(user for user in map(str, range(1000)) if TOPICS[0].partition_of(f"room/{user}") == 0)


async def test_a_key_without_a_value_is_gone(broker: Broker) -> None:
    """A compacted topic's tombstone takes its key away, for those who come late; those who are there are not told."""
    topic = next(topic for topic in STORY if topic.name == RoomSettings.TOPIC)
    async with kafka_bus(broker) as bus:
        await bus.publish(RoomSettings(room_id="gone"))
        await put(bus, topic, {"key": b"gone", "value": None})
        await bus.publish(RoomSettings(room_id="here"))
        async with bus.subscribe(RoomSettings.TOPIC) as seen:
            async with asyncio.timeout(10):
                first = await anext(aiter(seen))
            await put(bus, topic, {"key": b"here", "value": None})
            await bus.publish(RoomSettings(room_id="new"))
            async with asyncio.timeout(10):
                second = await anext(aiter(seen))
    assert (first.key, second.key) == ("here", "new")


async def test_a_slow_subscriber_loses_its_oldest_records(broker: Broker) -> None:
    """Counted, and memory stays bounded."""
    async with kafka_bus(broker, subscriber_queue=3) as bus, bus.subscribe(AudioChunk.TOPIC) as seen:
        for at in range(0, 800, 100):
            await bus.publish(chunk(at))
        await until(lambda: seen.dropped == 5)
        async with asyncio.timeout(10):
            kept = [await anext(aiter(seen)) for _ in range(3)]
    assert [record.message.sequence_number for record in kept] == [500, 600, 700]  # type: ignore[attr-defined]


async def test_of_a_compacted_topic_no_more_keys_are_given_than_there_is_room_for(broker: Broker) -> None:
    """Those that changed last."""
    async with kafka_bus(broker, subscriber_queue=2) as bus:
        for room in ("a", "b", "a", "c"):
            await bus.publish(RoomSettings(room_id=room))
        async with bus.subscribe(RoomSettings.TOPIC) as seen, asyncio.timeout(10):
            assert [(await anext(aiter(seen))).key for _ in range(2)] == ["a", "c"]
