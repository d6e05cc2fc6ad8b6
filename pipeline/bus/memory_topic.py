"""One topic of the memory bus: its logs, its groups and its subscribers."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Set

from pipeline.bus.bus import Record
from pipeline.bus.group import Group, Member
from pipeline.bus.log import PartitionLog
from pipeline.bus.subscriber import DROPPED, Subscriber
from pipeline.bus.topics import Topic
from pipeline.clock import now_ms
from pipeline.messages.base import Message
from pipeline.messages.codec import headers
from pipeline.settings import BusSettings


class MemoryTopic:
    """One topic: its logs, its groups and who waits for them."""

    def __init__(self, topic: Topic, settings: BusSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.topic = topic
        self._clock = clock
        self._settings = settings
        self.logs = [PartitionLog(settings.retained) for _ in range(topic.partitions)]
        self.groups: dict[str, Group] = {}
        self.subscriptions: set[Subscriber] = set()
        # The newest record of each key, where the topic is compacted.
        self.newest: OrderedDict[str, Record] = OrderedDict()
        # Publishers to a partition take turns, so that waiting keeps their order.
        self.turns = [asyncio.Lock() for _ in self.logs]
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Let everyone who waits on this topic look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self) -> None:
        """Wait until something happens on this topic."""
        await self._changed.wait()

    def full(self, partition: int) -> bool:
        """Whether a group with members has as many records of this partition ahead as it may."""
        due = self.logs[partition].next - self._settings.queue
        return any(group and group.position[partition] <= due for group in self.groups.values())

    def append(self, message: Message) -> None:
        """Write a message down and hand it to everyone."""
        partition = self.topic.partition_of(message.key)
        log = self.logs[partition]
        record = Record(
            self.topic.name, message.key, message, headers(message), partition, log.next, timestamp_ms=now_ms()
        )
        now = self._clock()
        log.expire(now - self._settings.retained_s, self._done(partition))
        gone = log.append(record, now)
        if gone is not None:
            self._forget(gone)
        if self.topic.retention_ms is None:
            self._compact(record)
        for subscription in self.subscriptions:
            if subscription.wants(record.key):
                subscription.put(record)
        self.wake()

    def group(self, name: str) -> Group:
        """Give the group of that name; a new one begins with the oldest records."""
        return self.groups.setdefault(name, Group([log.first for log in self.logs]))

    def take(self, group: Group, member: Member, paused: Set[int] = frozenset()) -> Record | None:
        """Deliver the next record that is a member's, if there is one: the partition that is furthest behind first."""
        behind = {part: self.logs[part].next - group.position[part] for part in group.partitions(member) - paused}
        partition = max(behind, key=lambda part: behind[part], default=None)
        if partition is None or not behind[partition]:
            return None
        record = self.logs[partition].at(group.position[partition])
        group.position[partition] += 1
        if behind[partition] >= self._settings.queue:
            self.wake()
        return record

    def delete_before(self, partition: int, offset: int) -> None:
        """Drop what is before an offset; every group goes on behind it."""
        log = self.logs[partition]
        log.drop_before(offset)
        for group in self.groups.values():
            group.skip_to(partition, log.first)

    def _done(self, partition: int) -> int:
        """Give the offset before which nobody needs a record to do its work."""
        if not self.groups and not self.subscriptions:
            return 0
        return min((group.committed[partition] for group in self.groups.values()), default=self.logs[partition].next)

    def _forget(self, gone: Record) -> None:
        lost = not self.subscriptions and not self.groups
        for group in self.groups.values():
            lost = lost or group.committed[gone.partition] <= gone.offset
            group.skip_to(gone.partition, gone.offset + 1)
        if lost and self.topic.retention_ms is not None:
            DROPPED.labels(self.topic.name, "retention").inc()

    def _compact(self, record: Record) -> None:
        self.newest[record.key] = record
        self.newest.move_to_end(record.key)
        if len(self.newest) > self._settings.compacted_keys:
            self.newest.popitem(last=False)
            DROPPED.labels(self.topic.name, "compacted").inc()
