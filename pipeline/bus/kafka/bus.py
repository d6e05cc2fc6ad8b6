"""The bus on a Kafka cluster, whole: what is published, subscribed to, worked on and read back."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Self, TypeVar

from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError

from pipeline.bus.bus import BusClosedError, BusDownError, BusError, Record, Wants
from pipeline.bus.kafka import history
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.bus.kafka.reach import compare, in_words, reach
from pipeline.bus.kafka.records import wire_headers
from pipeline.bus.kafka.subscription import KafkaSubscription
from pipeline.bus.kafka.work import KafkaWork
from pipeline.bus.kafka.writer import KafkaWriter
from pipeline.bus.topics import Topic
from pipeline.bus.topics import topics as all_topics
from pipeline.messages.base import Message
from pipeline.messages.codec import encode
from pipeline.settings import KafkaSettings

R = TypeVar("R", KafkaSubscription, KafkaWork)


class KafkaBus:
    """See `Bus`. Each subscription and each work has a consumer of its own, all publishing one producer.

    Closing ends them all, and takes a few seconds at most, whatever the broker does.
    """

    def __init__(self, settings: KafkaSettings | None = None, topics: Iterable[Topic] | None = None) -> None:
        """Prepare. `topics` are those that it knows; if not given, all, with as many partitions as the settings say."""
        self._settings = settings or KafkaSettings()
        known = all_topics(self._settings.partitions) if topics is None else topics
        self._topics = {topic.name: topic for topic in known}
        self._writer: KafkaWriter | None = None
        self._cluster: KafkaCluster | None = None
        # What reads, while it is open.
        self._readers: set[KafkaSubscription | KafkaWork] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BusUnavailableError: no broker answers, or it does not let us in.
            TopicsError: topics are missing, or have another number of partitions.
        """
        settings, topics = self._settings, self._topics.values()
        cluster = KafkaCluster(settings)
        compare(topics, settings.prefix, await reach(settings, cluster, topics))
        writer = KafkaWriter(cluster.producer, [settings.prefix + topic.name for topic in topics], settings)
        try:
            await writer.open()
        except (KafkaError, OSError, TimeoutError) as error:
            # The first contact went well, but brokers tell clients where else to go.
            where = "the address that the broker gives itself (advertised.listeners)"
            raise in_words(where, error) from error
        self._cluster, self._writer = cluster, writer
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End everything. Idempotent."""
        self._closed = True
        parts = [*self._readers, *([] if self._writer is None else [self._writer])]
        await asyncio.gather(*(part.close() for part in parts))

    @property
    def up(self) -> bool:
        return self._writer is not None and self._writer.up and not self._closed

    async def publish(self, message: Message) -> None:
        topic = self._named(message.TOPIC)
        if self._closed or self._writer is None:
            raise BusClosedError
        try:
            await self._writer.write(
                self._settings.prefix + topic.name,
                topic.partition_of(message.key),
                message.key.encode(),
                encode(message),
                wire_headers(message),
            )
        except BusDownError:
            if self._closed:
                raise BusClosedError from None
            raise

    def subscribe(
        self,
        *topics: str,
        group: str = "",  # noqa: ARG002
        wants: Wants | None = None,
    ) -> AbstractAsyncContextManager[KafkaSubscription]:
        known = [self._named(name) for name in topics]
        return self._opened(KafkaSubscription(self._connected(), known, self._settings, wants))

    def work(self, topic: str, group: str, *, member: str = "") -> AbstractAsyncContextManager[KafkaWork]:
        return self._opened(KafkaWork(self._connected(), self._named(topic), group, member, self._settings))

    def history(
        self, topic: str, *, partition: int | None = None, since_ms: int | None = None
    ) -> AsyncIterator[Record]:
        return history.history(self._connected(), self._named(topic), self._settings, partition, since_ms)

    async def delete_before(self, topic: str, offsets: Mapping[int, int]) -> None:
        name = self._settings.prefix + self._named(topic).name
        admin = self._connected().admin()
        try:
            await admin.start()
            await admin.delete_records({TopicPartition(name, one): RecordsToDelete(at) for one, at in offsets.items()})
        except (KafkaError, OSError, TimeoutError) as error:
            is_refused = isinstance(error, KafkaError) and not error.retriable
            raise (BusError if is_refused else BusDownError)(f"not deleted: {type(error).__name__}") from error
        finally:
            await admin.close()

    @asynccontextmanager
    async def _opened(self, reader: R) -> AsyncIterator[R]:
        self._readers.add(reader)
        try:
            async with reader:
                yield reader
        finally:
            self._readers.discard(reader)

    def _connected(self) -> KafkaCluster:
        if self._closed or self._cluster is None:
            raise BusClosedError
        return self._cluster

    def _named(self, name: str) -> Topic:
        try:
            return self._topics[name]
        except KeyError:
            raise BusError(f"no topic named {name!r}") from None
