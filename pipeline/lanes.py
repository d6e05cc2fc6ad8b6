"""All the lanes of a worker, and the tasks that go along them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from functools import partial
from typing import Generic, TypeVar

import structlog
from prometheus_client import Counter

from pipeline.bus.bus import Record
from pipeline.clock import NowMs
from pipeline.dead_letters import dead_letter
from pipeline.health import Health
from pipeline.job import Failure, Job
from pipeline.lane import Lane, is_of, utterance_of
from pipeline.messages.base import Message, Said
from pipeline.progress import Progress
from pipeline.settings import WorkerSettings
from pipeline.stage import Stage

M = TypeVar("M", bound=Said)

RECORDS = Counter("parley_pipeline_records", "Records that a worker went through", ["stage", "outcome"])

log = structlog.get_logger(__name__)


class WrongMessageError(Exception):
    """A record on this topic is not of the kind that belongs there."""


class Lanes(Generic[M]):
    """Works records off: in order and one at a time within a key, keys side by side up to `max_in_flight`.

    Bounded by `queue_per_key` and `queue`; when full, `put` waits.
    """

    def __init__(
        self,
        stage: Stage[M],
        settings: WorkerSettings,
        *,
        publish: Callable[[Message], Awaitable[None]],
        commit: Callable[[Record], Awaitable[None]],
        guard: Callable[[Callable[[], Awaitable[None]]], Coroutine[object, object, None]],
        health: Health,
        now_ms: NowMs,
    ) -> None:
        """Take what to do with results and commits. `guard` wraps the top of each lane's task."""
        self._stage = stage
        self._settings = settings
        self._publish = publish
        self._commit = commit
        self._guard = guard
        self._health = health
        self._now_ms = now_ms
        self._progress = Progress()
        self._lanes: dict[str, Lane] = {}
        self._waiting = 0
        self._room = asyncio.Event()
        self._in_flight = asyncio.Semaphore(settings.max_in_flight)
        self._closing = False

    @property
    def partitions(self) -> frozenset[int]:
        """Those of which there is something here."""
        return self._progress.partitions

    async def put(self, record: Record) -> None:
        """Take a record from the bus. Waits while there is no room for more."""
        if self._progress.seen(record):
            await self.forget(record.partition)
        self._progress.take(record)
        lane = self._lanes.setdefault(record.key, Lane(record.key, record.partition))
        pointless = lane.offer(record, self._supersedes)
        self._waiting += 1 - len(pointless)
        self._start(lane)
        RECORDS.labels(self._stage.name, "superseded").inc(len(pointless))
        await self._settle(pointless)
        while len(lane.waiting) >= self._settings.queue_per_key or self._waiting >= self._settings.queue:
            self._room.clear()
            await self._room.wait()

    def close_overdue(self) -> None:
        """Let the stage do what is due for keys of which nothing came."""
        for key in self._stage.overdue(self._now_ms()):
            lane = self._lanes.get(key)
            if lane is not None and lane.idle and lane.held:
                lane.overdue = True
                self._start(lane)

    async def forget(self, partition: int) -> None:
        """Drop what belongs to a partition: it is another worker's now, or begins again."""
        self._progress.forget(partition)
        gone = [lane for lane in self._lanes.values() if lane.partition == partition]
        for lane in gone:
            del self._lanes[lane.key]
            self._waiting -= len(lane.waiting)
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

    def _start(self, lane: Lane) -> None:
        if lane.task is None and not self._closing:
            lane.task = asyncio.create_task(self._guard(partial(self._run, lane)), name=f"{self._stage.name} lane")

    async def _run(self, lane: Lane) -> None:
        try:
            while (lane.waiting or lane.overdue) and not self._closing:
                async with self._in_flight:
                    await self._next(lane)
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
            self._waiting -= 1
            self._room.set()
        lane.job = self._job(record, results)
        failure = await lane.job.run()
        if failure is None and lane.job.answered and not lane.job.superseded:
            self._health.succeeded()
        if lane.current is not None:
            lane.held.append(record)
            outcome = "superseded" if lane.job.superseded else "failed" if failure else "done"
            RECORDS.labels(self._stage.name, outcome).inc()
        lane.current = lane.job = None
        await self._finish(lane, record, failure)

    def _job(self, record: Record, results: Callable[[], AsyncGenerator[Said, None]]) -> Job:
        message = self._own(record)
        expendable = message is not None and self._stage.expendable(message)
        return Job(
            results,
            self._publish,
            stage=self._stage.name,
            settings=self._settings,
            give_up_at_ms=None if message is None else self._stage.give_up_at_ms(message),
            attempts=1 if expendable else self._settings.attempts,
            now_ms=self._now_ms,
        )

    async def _results(self, record: Record) -> AsyncGenerator[Said, None]:
        message = self._own(record)
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
            self._health.failed(self._now_ms(), type(failure.error).__name__)
            await self._fail(lane, record, failure)
        open_utterance = self._stage.open_utterance(lane.key)
        done = lane.release(open_utterance)
        for at, why in lane.release_failures(open_utterance):
            whole = [one for one in done if is_of(one, utterance_of(at))] or [at]
            letter = dead_letter(at, why, whole, stage=self._stage.name, version=self._settings.version)
            await self._publish(letter)
        await self._settle(done)

    async def _fail(self, lane: Lane, record: Record, failure: Failure) -> None:
        error, message = failure.error, self._own(record)
        failed = log.bind(
            stage=self._stage.name,
            utterance_id=utterance_of(record),
            attempts=failure.attempts,
            error=type(error).__name__,
        )
        if message is not None and self._stage.expendable(message):
            failed.debug("expendable_record_failed")
            return
        failed.error("record_failed", exc_info=error)
        if message is not None:
            for tombstone in await self._tombstones(message, type(error).__name__):
                await self._publish(tombstone)
        lane.failures.setdefault(utterance_of(record), (record, failure))

    async def _tombstones(self, message: M, reason: str) -> list[Said]:
        try:
            return list(await self._stage.fail(message, reason))
        except Exception:  # the fault boundary of stages: a record must never stop its worker
            log.exception("tombstone_failed", stage=self._stage.name, utterance_id=message.utterance_id)
            return []

    async def _settle(self, done: list[Record]) -> None:
        newest = None
        for record in done:
            newest = self._progress.done(record) or newest
        if newest is not None:
            await self._commit(newest)

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
