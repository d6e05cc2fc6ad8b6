"""The bus within one process: bounded logs in memory, no bytes, no broker.

Full buffers: a group that is behind makes `publish` wait; a subscriber that is behind loses its oldest records; what
is retained loses its oldest records. Nothing else waits, nothing grows.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Self

from prometheus_client import Counter

from pipeline.bus.bus import BusClosedError, BusError, Record, Wants
from pipeline.bus.group import Group, Member
from pipeline.bus.memory_topic import MemoryTopic
from pipeline.bus.subscriber import Subscriber
from pipeline.bus.topics import TOPICS, Topic
from pipeline.messages.base import Message
from pipeline.settings import BusSettings

WAITS = Counter("parley_bus_publish_waits", "Times that publishing had to wait for a group", ["topic"])


class MemoryWork:
    """See `Work`."""

    def __init__(self, bus: "MemoryBus", topic: MemoryTopic, group: Group) -> None:
        self._bus = bus
        self._topic = topic
        self._group = group
        self._member = Member()
        self._paused: set[int] = set()

    def join(self) -> None:
        self._group.join(self._member)
        self._topic.wake()

    def leave(self) -> None:
        self._group.leave(self._member)
        self._topic.wake()

    @property
    def partitions(self) -> frozenset[int]:
        return self._group.partitions(self._member)

    @property
    def behind(self) -> int:
        return sum(self._topic.logs[part].next - self._group.position[part] for part in self.partitions)

    def pause(self, partition: int) -> None:
        self._paused.add(partition)

    def resume(self, partition: int) -> None:
        if partition in self._paused:
            self._paused.remove(partition)
            self._topic.wake()

    def __aiter__(self) -> AsyncIterator[Record]:
        return self

    async def __anext__(self) -> Record:
        while not self._bus.closed:
            record = self._topic.take(self._group, self._member, self._paused)
            if record is not None:
                return record
            await self._topic.change()
        raise StopAsyncIteration

    async def commit(self, record: Record) -> None:
        self._group.commit(self._member, record.partition, record.offset)


class MemoryBus:
    """See `Bus`. What is published is passed on as it is: messages are frozen."""

    def __init__(self, settings: BusSettings | None = None, topics: Iterable[Topic] = TOPICS) -> None:
        self._settings = settings or BusSettings()
        self._topics = {topic.name: MemoryTopic(topic, self._settings) for topic in topics}
        self.closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End all waits and iterations; a subscriber still gets what waited for it. Idempotent."""
        self.closed = True
        for topic in self._topics.values():
            topic.wake()
            for subscription in topic.subscriptions:
                subscription.close()

    @property
    def up(self) -> bool:
        return not self.closed

    async def publish(self, message: Message) -> None:
        topic = self._named(message.TOPIC)
        partition = topic.topic.partition_of(message.key)
        if topic.turns[partition].locked() or topic.full(partition):
            async with topic.turns[partition]:
                await self._room(topic, partition)
        if self.closed:
            raise BusClosedError
        topic.append(message)

    @asynccontextmanager
    async def subscribe(
        self,
        *topics: str,
        group: str = "",  # noqa: ARG002
        wants: Wants | None = None,
    ) -> AsyncIterator[Subscriber]:
        sources = [self._named(name) for name in topics]
        newest = [record for topic in sources for record in topic.newest.values()]
        subscription = Subscriber(self._settings.subscriber_queue, newest, wants)
        for topic in sources:
            topic.subscriptions.add(subscription)
        if self.closed:
            subscription.close()
        try:
            yield subscription
        finally:
            for topic in sources:
                topic.subscriptions.discard(subscription)

    @asynccontextmanager
    async def work(self, topic: str, group: str, *, member: str = "") -> AsyncIterator[MemoryWork]:  # noqa: ARG002
        source = self._named(topic)
        work = MemoryWork(self, source, source.group(group))
        work.join()
        try:
            yield work
        finally:
            work.leave()

    async def history(
        self, topic: str, *, partition: int | None = None, since_ms: int | None = None
    ) -> AsyncIterator[Record]:
        source = self._named(topic)
        if self.closed:
            raise BusClosedError
        logs = source.logs if partition is None else [source.logs[partition]]
        for log, end in [(log, log.next) for log in logs]:
            offset = log.first
            while offset < end:
                if self.closed:
                    raise BusClosedError
                record = log.at(offset)
                if since_ms is None or record.timestamp_ms >= since_ms:
                    yield record
                # The oldest may have gone while the reader was busy.
                offset = max(offset + 1, log.first)

    async def delete_before(self, topic: str, offsets: Mapping[int, int]) -> None:
        source = self._named(topic)
        if self.closed:
            raise BusClosedError
        for partition, offset in offsets.items():
            source.delete_before(partition, offset)

    async def _room(self, topic: MemoryTopic, partition: int) -> None:
        if topic.full(partition):
            WAITS.labels(topic.topic.name).inc()
        while topic.full(partition) and not self.closed:
            await topic.change()

    def _named(self, name: str) -> MemoryTopic:
        try:
            return self._topics[name]
        except KeyError:
            raise BusError(f"no topic named {name!r}") from None
