"""A subscriber of a Kafka cluster: it reads all partitions by itself, and belongs to no group."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Self

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import Counter

from pipeline.bus.bus import BusDownError, BusError, Record, Wants
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.bus.kafka.consumer import look, started
from pipeline.bus.kafka.records import KafkaRecord, key_of, read
from pipeline.bus.subscriber import Subscriber
from pipeline.bus.topics import Topic
from pipeline.messages.unreadable import Unreadable
from pipeline.settings import KafkaSettings

UNREADABLE = Counter("parley_bus_unreadable_records", "Records that a subscriber could not read", ["topic"])

# Seconds between two log lines about records that cannot be read.
COMPLAIN_EVERY_S = 60.0

log = structlog.get_logger(__name__)


class KafkaSubscription:
    """See `Subscription`. An async context manager; once it is entered, nothing that is published is missed.

    Of compacted topics it gives the newest of each key first: what is there is read to its end, then given. While the
    broker is away it waits, and goes on where it was; only if that has expired meanwhile, with the oldest there is.
    """

    def __init__(
        self, cluster: KafkaCluster, topics: Sequence[Topic], settings: KafkaSettings, wants: Wants | None
    ) -> None:
        self._cluster = cluster
        self._settings = settings
        self._topics = {settings.prefix + topic.name: topic for topic in topics}
        self._subscriber = Subscriber(settings.subscriber_queue, wants=wants)
        self._consumer = cluster.reader()
        self._exits = AsyncExitStack()
        self._pump: asyncio.Task[None] | None = None
        self._complained_at = -COMPLAIN_EVERY_S

    @property
    def dropped(self) -> int:
        return self._subscriber.dropped

    def __aiter__(self) -> "Subscriber":
        return self._subscriber

    async def __aenter__(self) -> Self:
        try:
            await self._exits.enter_async_context(started(self._consumer, self._settings))
            async with asyncio.timeout(self._settings.open_limit_s):
                for record in await self._begin():
                    self._subscriber.put(record)
        except (KafkaError, TimeoutError) as error:
            await self.close()
            raise BusDownError(f"no reading from the broker: {type(error).__name__}") from error
        except BaseException:
            await self.close()
            raise
        self._pump = asyncio.create_task(self._run(), name="kafka subscription")
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the iteration behind what has come so far. Idempotent."""
        self._subscriber.close()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait([self._pump])
        await self._exits.aclose()

    async def _begin(self) -> Iterable[Record]:
        """Take all partitions: from their end, those of compacted topics from the beginning. Gives what is in those."""
        partitions = [
            TopicPartition(name, number) for name, topic in self._topics.items() for number in range(topic.partitions)
        ]
        self._consumer.assign(partitions)
        ends = await self._consumer.end_offsets(partitions)
        compacted = [one for one in partitions if self._topics[one.topic].retention_ms is None]
        beginnings = await self._consumer.beginning_offsets(compacted)
        for partition in partitions:
            self._consumer.seek(partition, beginnings.get(partition, ends[partition]))
        others = [one for one in partitions if one not in compacted]
        self._consumer.pause(*others)
        newest = await self._newest({one: ends[one] for one in compacted if beginnings[one] < ends[one]})
        self._consumer.resume(*others)
        return newest

    async def _newest(self, ends: dict[Any, int]) -> Iterable[Record]:
        """Read up to these offsets, and give the newest record of each key, the one that changed last at the end."""
        newest: dict[tuple[str, str], Record] = {}
        while any([await self._consumer.position(one) < end for one, end in ends.items()]):
            for (name, _), records in (await look(self._consumer)).items():
                for raw in records:
                    key = (name, key_of(raw))
                    newest.pop(key, None)
                    record = self._read(name, raw)
                    if record is not None:
                        newest[key] = record
                    if len(newest) > self._settings.subscriber_queue:
                        del newest[next(iter(newest))]
        return newest.values()

    async def _run(self) -> None:
        try:
            while True:
                for (name, _), records in (await look(self._consumer)).items():
                    for raw in records:
                        record = self._read(name, raw)
                        if record is not None:
                            self._subscriber.put(record)
        except Exception as error:  # the top of a task nobody awaits
            log.exception("subscription_failed")
            self._subscriber.close(BusError(f"no reading any more: {type(error).__name__}"))

    def _read(self, name: str, raw: KafkaRecord) -> Record | None:
        """Read a record if it is wanted, and can be read. Without a value it says that its key is gone."""
        if raw.value is None or not self._subscriber.wants(key_of(raw)):
            return None
        record = read(self._topics[name], raw)
        if not isinstance(record.message, Unreadable):
            return record
        UNREADABLE.labels(record.topic).inc()
        if time.monotonic() - self._complained_at >= COMPLAIN_EVERY_S:
            self._complained_at = time.monotonic()
            log.warning("records_unreadable", topic=record.topic, partition=record.partition, offset=record.offset)
        return None
