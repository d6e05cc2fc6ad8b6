"""A consumer from its start to its end."""

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, NodeNotReadyError

from pipeline.bus.bus import BusDownError
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.bus.kafka.consumer import is_forbidden, look, started
from pipeline.settings import KafkaSettings
from tests.pipeline.bus.kafka.buses import ONE, kafka_bus
from tests.pipeline.support import chunk
from tests.support.broker import Broker, free_ports


async def test_a_consumer_is_started_and_stopped(broker: Broker) -> None:
    """It sees what there is, or that nothing is; nothing of it is left."""
    async with kafka_bus(broker, ONE) as bus:
        settings = bus._settings
        partition = TopicPartition(f"{settings.prefix}audio.raw", 0)
        async with started(KafkaCluster(settings).reader(), settings) as consumer:
            consumer.assign([partition])
            assert await look(consumer) == {}
            await bus.publish(chunk())
            assert [record.offset for record in (await look(consumer))[partition]] == [0]
    assert consumer._closed


async def test_without_a_broker_it_does_not_start() -> None:
    """That is told as what it is: the bus is down."""
    settings = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_ports(1)[0]}")
    consumer = KafkaCluster(settings).reader()
    with pytest.raises(BusDownError, match="KafkaConnectionError"):
        async with started(consumer, settings):
            pass
    assert consumer._closed


def test_some_errors_will_not_pass() -> None:
    """Where the cluster does not allow something, nobody need try again."""
    assert is_forbidden(GroupAuthorizationFailedError("group"))
    assert not is_forbidden(NodeNotReadyError())
    assert not is_forbidden(KafkaConnectionError())
