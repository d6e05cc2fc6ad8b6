"""What a Kafka topic holds now."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from pipeline.bus.bus import BusDownError, Record
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.bus.kafka.consumer import look, started
from pipeline.bus.kafka.records import KafkaRecord, read
from pipeline.bus.topics import Topic
from pipeline.settings import KafkaSettings


async def history(
    cluster: KafkaCluster, topic: Topic, settings: KafkaSettings, partition: int | None, since_ms: int | None
) -> AsyncIterator[Record]:
    """See `Bus.history`. Holds one answer of the broker at a time."""
    numbers = range(topic.partitions) if partition is None else [partition]
    partitions = [TopicPartition(settings.prefix + topic.name, number) for number in numbers]
    async with started(cluster.reader(), settings) as consumer:
        try:
            consumer.assign(partitions)
            async with asyncio.timeout(settings.open_limit_s):
                left = await _seek(consumer, partitions, since_ms)
            while left:
                async with asyncio.timeout(settings.open_limit_s):
                    records = await _next(consumer, left)
                for raw in records:
                    yield read(topic, raw)
        except (KafkaError, TimeoutError) as error:
            raise BusDownError(f"no reading from the broker: {type(error).__name__}") from error


async def _seek(consumer: AIOKafkaConsumer, partitions: list[Any], since_ms: int | None) -> dict[Any, int]:
    """Go to where to begin. Gives the partitions in which there is something, with the offset where that ends."""
    ends = await consumer.end_offsets(partitions)
    if since_ms is None:
        begins = await consumer.beginning_offsets(partitions)
    else:
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
        begins = {one: ends[one] if at is None else at.offset for one, at in found.items()}
    for one in partitions:
        consumer.seek(one, begins[one])
        if begins[one] >= ends[one]:
            consumer.pause(one)
    return {one: ends[one] for one in partitions if begins[one] < ends[one]}


async def _next(consumer: AIOKafkaConsumer, left: dict[Any, int]) -> list[KafkaRecord]:
    """Wait for more, and take those partitions out of `left` that have come to their end."""
    came: list[KafkaRecord] = []
    while not came and left:
        for one, records in (await look(consumer)).items():
            came += [raw for raw in records if one in left and raw.offset < left[one]]
        for one in list(left):
            if await consumer.position(one) >= left[one]:
                del left[one]
                consumer.pause(one)
    return came
