"""Topics on a cluster: what is wrong with them, and setting it right."""

import asyncio

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from pipeline.bus.kafka.topics import Difference, Found, KafkaTopics, config_of, differences
from pipeline.bus.topics import HOUR_MS, MIB, MINUTE_MS, Topic
from tests.pipeline.bus.kafka.buses import settings_for, somebody_else
from tests.support.broker import Broker

SOUND = Topic("audio.raw", 12, 10 * MINUTE_MS)
STATUS = Topic("pipeline.status", 1, None)
LETTERS = Topic("pipeline.dlq", 3, 24 * HOUR_MS, max_bytes=2 * MIB)


def test_retention_becomes_settings_of_kafka() -> None:
    """Files are cut often enough for retention to mean something: only whole ones are deleted."""
    assert config_of(SOUND) == {"cleanup.policy": "delete", "retention.ms": "600000", "segment.ms": "60000"}
    assert config_of(STATUS)["cleanup.policy"] == "compact"
    assert config_of(STATUS)["max.compaction.lag.ms"] == "600000"
    assert "retention.ms" not in config_of(STATUS)
    assert config_of(LETTERS)["segment.ms"] == "3600000"


def test_large_records_are_asked_for_where_there_are_any() -> None:
    """Elsewhere the broker's own limit is enough."""
    assert int(config_of(LETTERS)["max.message.bytes"]) > 2 * MIB
    assert "max.message.bytes" not in config_of(SOUND)


def test_every_difference_is_told() -> None:
    """What is missing, what is divided otherwise, what is set otherwise; and nothing of what is as it should be."""
    found = {
        "x.audio.raw": Found(6, config_of(SOUND) | {"retention.ms": "1", "compression.type": "producer"}),
        "x.pipeline.status": Found(1, config_of(STATUS)),
        "others": Found(1),
    }
    told = differences([SOUND, STATUS, LETTERS], "x.", found)
    assert told == [
        Difference("x.audio.raw", "partitions", "12", "6", is_mendable=False),
        Difference("x.audio.raw", "retention.ms", "600000", "1"),
        Difference("x.pipeline.dlq", "", "", ""),
    ]
    assert list(map(str, told)) == [
        "x.audio.raw: partitions is 6 instead of 12",
        "x.audio.raw: retention.ms is 1 instead of 600000",
        "x.pipeline.dlq: missing",
    ]


async def test_topics_are_made_once(broker: Broker) -> None:
    """Then there is nothing left to do, and nothing wrong; two who make them at once do not disturb each other."""
    topics = KafkaTopics(settings_for(broker), [SOUND, STATUS, LETTERS])
    assert [one.what for one in await topics.check()] == ["", "", ""]
    both = await asyncio.gather(topics.create(), topics.create())
    assert all(not left for _, left in both)
    assert await topics.check() == []
    assert await topics.create() == ([], [])


async def test_what_differs_is_set_right_and_what_others_set_stays(broker: Broker) -> None:
    """All but the number of partitions, which is told instead."""
    settings = settings_for(broker)
    name = settings.prefix + SOUND.name
    async with somebody_else(broker, name, 2, retention_ms="1000", min_insync_replicas="1") as admin:
        topics = KafkaTopics(settings, [SOUND])
        mended, left = await topics.create()
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    assert {one.what for one in mended} == {"retention.ms", "segment.ms"}
    assert [one.what for one in left] == ["partitions"]
    assert await topics.check() == left
    own = {entry[0]: entry[1] for entry in answer.resources[0][4] if entry[3] == 1}
    assert own == config_of(SOUND) | {"min.insync.replicas": "1"}
