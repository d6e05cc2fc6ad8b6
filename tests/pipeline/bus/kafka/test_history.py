"""What is special to history on Kafka. The rest is in the story that every bus is told."""

import pytest

from pipeline.bus.bus import BusDownError
from pipeline.bus.kafka import history as kafka_history
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.bus.topics import TOPICS
from pipeline.messages import AudioChunk
from pipeline.messages.unreadable import Unreadable
from pipeline.settings import KafkaSettings
from tests.pipeline.bus.kafka.buses import ONE, kafka_bus
from tests.pipeline.bus.kafka.test_subscription import put
from tests.pipeline.support import chunk
from tests.support.broker import Broker, free_ports


async def test_what_cannot_be_read_is_in_it(broker: Broker) -> None:
    """As an `Unreadable`, where it stands, with its bytes."""
    async with kafka_bus(broker, ONE) as bus:
        await bus.publish(chunk(0))
        await put(bus, ONE[0], {"key": b"room/ann", "value": b"\xc1"})
        await bus.publish(chunk(100))
        kept = [record async for record in bus.history(AudioChunk.TOPIC)]
    assert [type(record.message) for record in kept] == [AudioChunk, Unreadable, AudioChunk]
    assert ([record.offset for record in kept], kept[1].value) == ([0, 1, 2], b"\xc1")


async def test_a_long_history_comes_whole(broker: Broker) -> None:
    """In order, though the broker gives it in several answers; without what is published meanwhile."""
    starts = []
    async with kafka_bus(broker, ONE) as bus:
        for at in range(0, 20_000, 100):
            await bus.publish(chunk(at))
        async for record in bus.history(AudioChunk.TOPIC):
            starts.append(record.message.start_ms)  # type: ignore[attr-defined]
            if len(starts) == 1:
                await bus.publish(chunk(20_000))
    assert starts == list(range(0, 20_000, 100))


async def test_without_a_broker_there_is_none() -> None:
    """That is told as what it is."""
    settings = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(BusDownError):
        await anext(aiter(kafka_history.history(KafkaCluster(settings), TOPICS[0], settings, None, None)))
