"""The worker: takes from one topic, asks a stage, publishes what follows, then commits."""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import Generic, Self, TypeVar

import structlog

from pipeline.bus.bus import Bus, BusClosedError, BusError, Work
from pipeline.clock import NowMs, now_ms
from pipeline.health import Health
from pipeline.lanes import Lanes, cancel
from pipeline.messages.base import Said
from pipeline.metrics import LAG
from pipeline.patience import PatientPublisher
from pipeline.recall import Recall
from pipeline.settings import WorkerSettings
from pipeline.stage import Condition, Stage
from pipeline.status import StatusPublisher

M = TypeVar("M", bound=Said)

QUIET_MS = 3_000
"""How long after the bus's return it may take until what waited there has come."""

log = structlog.get_logger(__name__)


class Worker(Generic[M]):
    """Works while it is open, and says on `pipeline.status` what it can do.

    Records of one key are worked off in order and one at a time, side by side with other keys. A record is committed
    when everything it led to is published, and everything before it in its partition as well. What fails for good
    becomes a tombstone and a dead letter, and is committed like everything else.

    Closing takes no more records, gives those in work `drain_s` to end, and leaves the rest uncommitted: whoever has
    the partition next gets them again. Closing twice is harmless. Cancelling the close costs the draining.
    """

    def __init__(
        self,
        bus: Bus,
        topic: str,
        group: str,
        stage: Stage[M],
        settings: WorkerSettings | None = None,
        *,
        worker_id: str = "",
        member: str = "",
        now_ms: NowMs = now_ms,
    ) -> None:
        """Prepare; `worker_id` is made up where it is not given. `member`: see `Bus.work`."""
        self._bus = bus
        self._topic = topic
        self._group = group
        self._member = member
        self._stage = stage
        self._settings = settings or WorkerSettings()
        self._now_ms = now_ms
        self.worker_id = worker_id or f"{stage.name}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._health = Health(sick_after=self._settings.sick_after, sick_for_ms=self._settings.sick_for_s * 1000)
        self._status = StatusPublisher(
            bus, self.worker_id, stage.name, self._condition, every_s=self._settings.status_every_s, now_ms=now_ms
        )
        # Silence counts for nothing until then (epoch milliseconds): the bus was down, and so nothing came.
        self._quiet_until_ms = 0
        self._lanes: Lanes[M] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._exits = AsyncExitStack()
        self._ended = asyncio.Event()
        self._error: Exception | None = None
        self._closing = False
        self._log = log.bind(worker=self.worker_id, stage=stage.name, topic=topic)

    async def __aenter__(self) -> Self:
        work = await self._exits.enter_async_context(self._bus.work(self._topic, self._group, member=self._member))
        recall = Recall(self._bus, self._stage, self._guard)
        lanes = self._lanes = Lanes(
            self._stage,
            self._settings,
            work=work,
            publish=PatientPublisher(self._bus, self._stage.name).publish,
            recall=recall,
            guard=self._guard,
            health=self._health,
            now_ms=self._now_ms,
        )
        chores: list[Callable[[], Awaitable[None]]]
        chores = [partial(self._pump, work, lanes), partial(self._tick, work, lanes), self._status.run]
        if self._stage.rooms is not None:
            chores.append(partial(self._stage.rooms.follow, self._bus, self._stage.name))
        self._tasks = [asyncio.create_task(self._guard(chore), name=self.worker_id) for chore in chores]
        # In this order, backwards: no more records, then end the work, then say so, then leave the group.
        self._exits.push_async_callback(self._say_goodbye)
        self._exits.push_async_callback(recall.close)
        self._exits.push_async_callback(lanes.close)
        self._exits.push_async_callback(cancel, self._tasks)
        self._log.info("worker_started", engine=self._stage.condition().engine)
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._closing:
            return
        self._closing = True
        try:
            await self._exits.aclose()
        finally:
            self._ended.set()
        self._log.info("worker_stopped")

    @property
    def last_record_at_ms(self) -> int | None:
        """When it last took a record, in epoch milliseconds; None if it has not taken any."""
        return None if self._lanes is None else self._lanes.last_record_at_ms

    async def wait(self) -> None:
        """Wait until the worker does nothing more: it was closed, or its bus was.

        Raises:
            Exception: what ended it otherwise; a new worker may be started in its place.
        """
        await self._ended.wait()
        if self._error is not None:
            raise self._error

    async def _pump(self, work: Work, lanes: Lanes[M]) -> None:
        async for record in work:
            await lanes.put(record)
        raise BusClosedError

    async def _tick(self, work: Work, lanes: Lanes[M]) -> None:
        while True:
            for partition in lanes.partitions - work.partitions:
                await lanes.forget(partition)
            if not self._bus.up:
                self._quiet_until_ms = self._now_ms() + QUIET_MS
            elif self._now_ms() >= self._quiet_until_ms:
                lanes.close_overdue()
            LAG.labels(self._stage.name).set(work.behind)
            lanes.tell_usage()
            self._status.look()
            await asyncio.sleep(self._settings.tick_s)

    def _condition(self) -> Condition:
        condition = self._stage.condition()
        if self._health.healthy(self._now_ms()):
            return condition
        return replace(condition, healthy=False, reason=self._health.reason)

    async def _say_goodbye(self) -> None:
        with suppress(BusError):
            await self._status.stop("stopped")

    async def _guard(self, chore: Callable[[], Awaitable[None]]) -> None:
        try:
            await chore()
        except BusClosedError:
            self._ended.set()
        except Exception as error:  # the top of a task nobody awaits
            self._log.exception("worker_failed")
            self._error = self._error or error
            self._ended.set()
            for task in self._tasks:
                task.cancel()
