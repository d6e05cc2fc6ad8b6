"""A member of a group that shares out a Kafka topic."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any, Self

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from prometheus_client import Counter

from pipeline.bus.bus import BusClosedError, BusDownError, BusError, Record
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.bus.kafka.consumer import is_forbidden, look, started
from pipeline.bus.kafka.records import read
from pipeline.bus.kafka.share import Share
from pipeline.bus.queues import Queues
from pipeline.bus.topics import Topic
from pipeline.settings import KafkaSettings

# A consumer that broke is replaced, up to so often within so many seconds; then its work ends with an error.
MOST_REPLACEMENTS = 3
WITHIN_S = 60.0
# Seconds before one is replaced.
REPLACE_S = 0.5

REBALANCES = Counter(
    "parley_bus_rebalances",
    "Times that a group shared its partitions out anew, as one of its members saw it",
    ["topic"],
)
REPLACED = Counter("parley_bus_consumers_replaced", "Group members that broke and joined anew", ["topic"])

log = structlog.get_logger(__name__)


class KafkaWork:
    """See `Work`. An async context manager: entering it joins the group and waits for the first share.

    A task reads ahead, up to `work_queue` records of a partition and one answer of the broker more; then that partition
    is paused until half of them are taken. Commits are collected and sent every `commit_every_s`, before partitions are
    given away, and at the end.
    """

    def __init__(self, cluster: KafkaCluster, topic: Topic, group: str, member: str, settings: KafkaSettings) -> None:
        self._cluster = cluster
        self._topic = topic
        self._name = settings.prefix + topic.name
        self._group = group
        self._member = member
        self._settings = settings
        self._share = Share()
        self._queues = Queues(settings.work_queue)
        # Of these Kafka is not asked for more: the full ones, as of the last time that it could be told.
        self._paused: set[int] = set()
        self._changed = asyncio.Event()
        self._to_commit = asyncio.Event()
        # Not set from when a rebalance begins until its outcome is known.
        self._settled = asyncio.Event()
        # aiokafka's; None until it joins.
        self._consumer: Any = None
        self._exits = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._committing: asyncio.Task[None] | None = None
        self._replaced_at: deque[float] = deque(maxlen=MOST_REPLACEMENTS)
        self._error: Exception | None = None
        self._closed = False
        self._log = log.bind(topic=topic.name, group=group, member=member)

    async def __aenter__(self) -> Self:
        await self._join()
        self._tasks = [
            asyncio.create_task(chore(), name=f"kafka {self._group}") for chore in (self._run, self._send_commits)
        ]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the iteration, tell the group what is done, and leave it. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._changed.set()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._settled.is_set():
            await self._commit_now()
        await self._leave()

    @property
    def partitions(self) -> frozenset[int]:
        return self._share.partitions

    @property
    def behind(self) -> int:
        return len(self._queues) + sum(self._ahead(partition) for partition in self.partitions)

    def pause(self, partition: int) -> None:
        self._queues.hold(partition)

    def resume(self, partition: int) -> None:
        self._queues.release(partition)
        self._changed.set()

    def __aiter__(self) -> AsyncIterator[Record]:
        return self

    async def __anext__(self) -> Record:
        while not self._closed:
            record = self._queues.take()
            if record is not None:
                self._fetch_as_there_is_room()
                return record
            if self._error is not None:
                raise BusError(f"no reading any more: {type(self._error).__name__}") from self._error
            self._changed.clear()
            await self._changed.wait()
        raise StopAsyncIteration

    async def commit(self, record: Record) -> None:
        self._share.note_done(record.partition, record.offset)
        self._to_commit.set()

    def _ahead(self, partition: int) -> int:
        """How many records of a partition are on the broker only, as it last said."""
        one, position = TopicPartition(self._name, partition), self._share.position(partition)
        if self._consumer is None or position is None or one not in self._consumer.assignment():
            return 0
        return max(0, (self._consumer.highwater(one) or 0) - position)

    async def _join(self) -> None:
        consumer = self._cluster.member(self._group, self._member)
        listener = _Listener(self)
        # A member whose consumer is replaced has its old share until it knows the new one.
        self._consumer = consumer
        prepare = partial(consumer.subscribe, [self._name], listener=listener)
        await self._exits.enter_async_context(started(consumer, self._settings, prepare))
        # The share is known, and the listener is about to be told.
        await self._settled.wait()
        if self._closed:
            await self._exits.aclose()
            raise BusClosedError

    async def _run(self) -> None:
        while self._error is None:
            try:
                await self._read()
            except KafkaError as error:
                await self._replace(error)
            except Exception as error:  # the top of a task nobody awaits
                self._fail(error)

    async def _read(self) -> None:
        while True:
            batches = await look(self._consumer)
            await self._settled.wait()
            for (_, partition), records in batches.items():
                taken = [read(self._topic, raw) for raw in records if self._share.takes(partition, raw.offset)]
                self._queues.put(partition, taken)
            self._fetch_as_there_is_room()
            self._changed.set()

    async def _replace(self, error: KafkaError) -> None:
        """Join anew, with a new consumer: aiokafka's own does not come back from every error."""
        now = time.monotonic()
        often = len(self._replaced_at) == MOST_REPLACEMENTS and now - self._replaced_at[0] < WITHIN_S
        if often or is_forbidden(error):
            self._fail(error)
            return
        self._replaced_at.append(now)
        REPLACED.labels(self._topic.name).inc()
        self._log.warning("consumer_replaced", exc_info=error)
        self._settled.clear()
        await self._leave()
        while True:
            await asyncio.sleep(REPLACE_S)
            with suppress(BusDownError):
                await self._join()
                return

    def _fail(self, error: Exception) -> None:
        self._log.error("work_failed", exc_info=error)
        self._error = error
        self._changed.set()

    # --- commits ---

    async def _send_commits(self) -> None:
        while True:
            await self._to_commit.wait()
            await asyncio.sleep(self._settings.commit_every_s)
            await self._settled.wait()
            self._to_commit.clear()
            if not await self._commit_now():
                self._to_commit.set()

    async def _commit_now(self) -> bool:
        """Tell the group what is done. Returns whether it knows all of it now; if not, it is told again.

        One commit at a time, which is waited for and not broken off: aiokafka would go on with it, and then complain.
        """
        while self._committing is not None:
            if not await self._committed():
                return False
        offsets = self._share.to_commit()
        if not offsets:
            return True
        self._committing = asyncio.create_task(self._commit(offsets), name=f"kafka commit {self._group}")
        return await self._committed()

    async def _committed(self) -> bool:
        """Wait for the commit that is on its way, but not for long. Returns whether it has ended."""
        committing = self._committing
        if committing is None:
            return True
        done, _ = await asyncio.wait([committing], timeout=self._settings.publish_limit_s)
        if done and self._committing is committing:
            self._committing = None
        return bool(done)

    async def _commit(self, offsets: Mapping[int, int]) -> None:
        try:
            await self._consumer.commit({TopicPartition(self._name, one): at for one, at in offsets.items()})
        except (CommitFailedError, IllegalStateError):
            return  # A rebalance has begun: whatever stays here is committed with what comes next.
        except KafkaError as error:
            self._log.warning("commit_failed", exc_info=error)
            return
        self._share.note_committed(offsets)

    async def _leave(self) -> None:
        """Close the consumer, and end a commit that waits for it."""
        await self._exits.aclose()
        if self._committing is not None:
            self._committing.cancel()
            await asyncio.wait([self._committing])
            self._committing = None

    # --- rebalances, and full queues ---

    async def revoked(self) -> None:
        """Prepare for a rebalance. Work goes on meanwhile: most partitions stay where they are."""
        if self._settled.is_set():
            self._settled.clear()
            await self._commit_now()

    def assigned(self, partitions: Iterable[int]) -> None:
        """Take note of the outcome: what waits of partitions that have gone is another member's."""
        REBALANCES.labels(self._topic.name).inc()
        self._share.assign(partitions)
        self._queues.keep_only(self._share.partitions)
        # After a rebalance nothing is paused.
        self._paused.clear()
        self._fetch_as_there_is_room()
        self._settled.set()
        self._to_commit.set()

    def _fetch_as_there_is_room(self) -> None:
        full = self._queues.full
        if self._paused == full or self._consumer is None:
            return
        # While a rebalance goes on they may be another member's; its outcome brings us here again.
        with suppress(IllegalStateError):
            self._consumer.pause(*(TopicPartition(self._name, one) for one in full - self._paused))
            self._consumer.resume(*(TopicPartition(self._name, one) for one in self._paused - full))
            self._paused = set(full)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """What aiokafka calls when a group changes."""

    def __init__(self, work: KafkaWork) -> None:
        self._work = work

    async def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:  # noqa: ARG002
        await self._work.revoked()

    async def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self._work.assigned(one.partition for one in assigned)
