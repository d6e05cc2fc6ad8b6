"""Buses on the broker that all tests share, each with topics of its own."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from pipeline.bus.kafka.bus import KafkaBus
from pipeline.bus.kafka.topics import KafkaTopics
from pipeline.bus.topics import TOPICS, Topic
from pipeline.messages import AudioChunk, DeadLetter, RoomSettings, Transcript
from pipeline.settings import KafkaSettings
from tests.support.broker import Broker

# Those that the bus's story is about: a topic costs the broker time.
STORY = tuple(topic for topic in TOPICS if topic.name in {AudioChunk.TOPIC, Transcript.TOPIC, RoomSettings.TOPIC})
LETTERS = tuple(topic for topic in TOPICS if topic.name == DeadLetter.TOPIC)
# Sound in one partition: everything is in one order.
ONE = (Topic(AudioChunk.TOPIC, 1, 600_000),)


def settings_for(broker: Broker, **otherwise: Any) -> KafkaSettings:
    """Give settings under which nobody else's topics and groups are seen. A slow machine's broker is not given up."""
    ours: dict[str, Any] = {
        "bootstrap_servers": broker.bootstrap,
        "prefix": f"{uuid.uuid4().hex[:12]}.",
        "publish_limit_s": 10.0,
    }
    return KafkaSettings(**(ours | otherwise))


@asynccontextmanager
async def kafka_bus(broker: Broker, topics: Sequence[Topic] = STORY, **otherwise: Any) -> AsyncIterator[KafkaBus]:
    """Open a bus on new topics."""
    settings = settings_for(broker, **otherwise)
    await KafkaTopics(settings, topics).create()
    async with KafkaBus(settings, topics) as bus:
        yield bus


@asynccontextmanager
async def somebody_else(
    broker: Broker, name: str, partitions: int, **config: str
) -> AsyncIterator[AIOKafkaAdminClient]:
    """Make a topic as somebody else might have, and wait until it is known; gives what can look at it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        await admin.start()
        dotted = {key.replace("_", "."): value for key, value in config.items()}
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=dotted)])
        while not (await admin.describe_topics([name]))[0]["partitions"]:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.02)
        yield admin
    finally:
        await admin.close()
