"""All the lanes of a worker, and the tasks that go along them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from functools import partial
from typing import Generic, TypeVar

import structlog

from pipeline.bus.bus import BusClosedError, Record, Work
from pipeline.clock import NowMs
from pipeline.dead_letters import DeadLetterWriter
from pipeline.health import Health
from pipeline.job import Failure, Job, PartitionLostError, WrongMessageError
from pipeline.lane import Lane, is_of, utterance_of
from pipeline.lane_key import lane_key_of
from pipeline.ledger import Ledger
from pipeline.messages.base import Message, Said
from pipeline.messages.codec import UnreadableRecordError
from pipeline.messages.unreadable import Unreadable
from pipeline.metrics import DROPS, IN_FLIGHT, LAST_RECORD, RECORDS, WAITING
from pipeline.progress import Progress
from pipeline.recall import Recall
from pipeline.settings import WorkerSettings
from pipeline.stage import Stage

M = TypeVar("M", bound=Said)

log = structlog.get_logger(__name__)


class Lanes(Generic[M]):
    """Works records off: in order and one at a time within a key, keys side by side up to `max_in_flight`.

    Bounded: at `queue_per_key` the key's partition is paused until half of that is done; at `queue`, `put` waits.
    """

    def __init__(
        self,
        stage: Stage[M],
        settings: WorkerSettings,
        *,
        work: Work,
        publish: Callable[[Message], Awaitable[None]],
        recall: Recall,
        guard: Callable[[Callable[[], Awaitable[None]]], Coroutine[object, object, None]],
        health: Health,
        now_ms: NowMs,
    ) -> None:
        """Take where records come from and results go. `guard` wraps the top of each lane's task."""
        self._stage = stage
        self._settings = settings
        self._work = work
        self._publish = publish
        self._recall = recall
        self._guard = guard
        self._health = health
        self._now_ms = now_ms
        self._ledger = Ledger(stage.condition)
        self._letters = DeadLetterWriter(stage.name, settings, publish)
        self._progress = Progress()
        self._lanes: dict[str, Lane] = {}
        self._waiting = 0
        self._room = asyncio.Event()
        self._in_flight = asyncio.Semaphore(settings.max_in_flight)
        self._closing = False
        # When the last record came, in epoch milliseconds; None before the first.
        self.last_record_at_ms: int | None = None

    @property
    def partitions(self) -> frozenset[int]:
        """Those of which there is something here."""
        return self._progress.partitions

    async def put(self, record: Record) -> None:
        """Take a record from the bus. Waits while there is no room for more."""
        if self._progress.seen(record):
            await self.forget(record.partition)
        self._recall.begin(record)
        self._progress.take(record)
        self.last_record_at_ms = self._now_ms()
        LAST_RECORD.labels(self._stage.name).set(self.last_record_at_ms / 1000)
        key = lane_key_of(record)
        lane = self._lanes.setdefault(key, Lane(key, record.partition))
        pointless = lane.offer(record, self._supersedes)
        self._count(1 - len(pointless))
        self._start(lane)
        RECORDS.labels(self._stage.name, "superseded").inc(len(pointless))
        await self._settle(pointless)
        if len(lane.waiting) >= self._settings.queue_per_key:
            lane.full = True
            self._work.pause(lane.partition)
        while self._waiting >= self._settings.queue:
            self._room.clear()
            await self._room.wait()

    def close_overdue(self) -> None:
        """Let the stage do what is due for keys of which nothing came."""
        for key in self._stage.overdue(self._now_ms()):
            lane = self._lanes.get(key)
            if lane is not None and lane.idle and lane.held:
                lane.overdue = True
                self._start(lane)

    def tell_usage(self) -> None:
        """Write what engines did for rooms that are quiet now."""
        self._ledger.tick()

    async def forget(self, partition: int) -> None:
        """Drop what belongs to a partition: it is another worker's now, or begins again."""
        self._progress.forget(partition)
        self._work.resume(partition)
        await self._recall.forget(partition)
        gone = [lane for lane in self._lanes.values() if lane.partition == partition]
        for lane in gone:
            del self._lanes[lane.key]
            self._count(-len(lane.waiting))
            lane.waiting.clear()
        await cancel([lane.task for lane in gone if lane.task is not None])
        for lane in gone:
            await self._stage.forget(lane.key)
        self._room.set()

    async def close(self) -> None:
        """Begin nothing more, give what is in work `drain_s` to end, and drop the rest."""
        self._closing = True
        in_work = [lane.task for lane in self._lanes.values() if lane.task is not None]
        if in_work:
            await asyncio.wait(in_work, timeout=self._settings.drain_s)
        await cancel(in_work)
        for key in list(self._lanes):
            await self._stage.forget(key)
        self._count(-self._waiting)
        self._ledger.close()

    def _start(self, lane: Lane) -> None:
        if lane.task is None and not self._closing:
            lane.task = asyncio.create_task(self._guard(partial(self._run, lane)), name=f"{self._stage.name} lane")

    async def _run(self, lane: Lane) -> None:
        try:
            await self._recall.done(lane.partition)
            while (lane.waiting or lane.overdue) and not self._closing:
                async with self._in_flight:
                    await self._next(lane)
        except PartitionLostError:
            # It waits to be forgotten, with all that its stage keeps.
            lane.held.extend([lane.current] if lane.current else [])
        finally:
            lane.task = None
            if self._lanes.get(lane.key) is lane and not lane.held and not lane.waiting:
                del self._lanes[lane.key]

    async def _next(self, lane: Lane) -> None:
        if not lane.waiting:
            lane.overdue = False
            record, results = lane.held[-1], partial(self._stage.close_overdue, lane.key)
        else:
            record = lane.current = lane.waiting.popleft()
            results = partial(self._results, record)
            self._count(-1)
            self._make_room(lane)
        lane.job = self._job(lane, record, results)
        with IN_FLIGHT.labels(self._stage.name).track_inprogress():
            failure = await lane.job.run()
        blames = failure is not None and failure.is_engines
        if lane.job.answered and not blames and not lane.job.superseded:
            self._health.succeeded()
        if lane.current is not None:
            lane.held.append(record)
            outcome = "superseded" if lane.job.superseded else "failed" if failure else "done"
            RECORDS.labels(self._stage.name, outcome).inc()
        lane.current = lane.job = None
        await self._finish(lane, record, failure)

    def _count(self, more: int) -> None:
        self._waiting += more
        WAITING.labels(self._stage.name).inc(more)

    def _make_room(self, lane: Lane) -> None:
        self._room.set()
        if lane.full and len(lane.waiting) * 2 <= self._settings.queue_per_key:
            lane.full = False
            if not any(other.full for other in self._lanes.values() if other.partition == lane.partition):
                self._work.resume(lane.partition)

    def _job(self, lane: Lane, record: Record, results: Callable[[], AsyncGenerator[Said, None]]) -> Job:
        message = self._own(record)
        expendable = message is not None and self._stage.expendable(message)
        return Job(
            results,
            partial(self._give, lane),
            stage=self._stage.name,
            settings=self._settings,
            give_up_at_ms=None if message is None else self._stage.give_up_at_ms(message),
            attempts=1 if expendable else self._settings.attempts,
            now_ms=self._now_ms,
        )

    async def _give(self, lane: Lane, result: Said) -> None:
        """Publish what came of a record, unless somebody else has begun to do the same."""
        if lane.partition not in self._work.partitions:
            raise PartitionLostError
        await self._publish(result)
        self._ledger.note(result)

    async def _results(self, record: Record) -> AsyncGenerator[Said, None]:
        message = self._own(record)
        if isinstance(record.message, Unreadable):
            raise UnreadableRecordError(record.message.why)
        if message is None:
            raise WrongMessageError(f"{type(record.message).__name__} on {record.topic}")
        results = self._stage.work(message)
        try:
            async for result in results:
                yield result
        finally:
            await results.aclose()

    async def _finish(self, lane: Lane, record: Record, failure: Failure | None) -> None:
        if failure is not None:
            if failure.is_engines:
                self._health.failed(self._now_ms(), failure.name)
            await self._fail(lane, record, failure)
        open_utterance = self._stage.open_utterance(lane.key)
        done = lane.release(open_utterance)
        for at, why in lane.release_failures(open_utterance):
            await self._letters.write(why, [one for one in done if is_of(one, utterance_of(at))] or [at])
        await self._settle(done)

    async def _fail(self, lane: Lane, record: Record, failure: Failure) -> None:
        message = self._own(record)
        failed = log.bind(
            stage=self._stage.name,
            utterance_id=utterance_of(record),
            attempts=failure.attempts,
            error=failure.name,
        )
        if message is not None and self._stage.expendable(message):
            failed.debug("expendable_record_failed")
            return
        if failure.is_engines:
            failed.error("record_failed", exc_info=failure.error)
        else:
            failed.warning("record_failed", partition=record.partition, offset=record.offset)
        if message is not None:
            await self._bury(lane, message, failure.name)
        lane.failures.setdefault(utterance_of(record), (record, failure))

    async def _bury(self, lane: Lane, message: M, reason: str) -> None:
        """Publish the tombstones."""
        try:
            for tombstone in await self._stage.fail(message, reason):
                await self._give(lane, tombstone)
                DROPS.labels(self._stage.name, "failed").inc()
        except (BusClosedError, PartitionLostError):
            raise
        except Exception:  # the fault boundary of stages: a record must never stop its worker
            log.exception("tombstone_failed", stage=self._stage.name, utterance_id=message.utterance_id)

    async def _settle(self, done: list[Record]) -> None:
        newest = None
        for record in done:
            newest = self._progress.done(record) or newest
        if newest is not None:
            await self._work.commit(newest)

    def _supersedes(self, newer: Record, older: Record) -> bool:
        new, old = self._own(newer), self._own(older)
        return new is not None and old is not None and self._stage.supersedes(new, old)

    def _own(self, record: Record) -> M | None:
        """Give a record's message if it is of the kind that the stage takes."""
        message = record.message
        return message if isinstance(message, self._stage.takes) else None


async def cancel(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
