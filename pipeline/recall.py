"""Reads back what was made of a partition before it came to this worker."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from pipeline.bus.bus import Bus, BusDownError, Record
from pipeline.stage import Stage

BEFORE_MS = 60_000
"""How far before the first record to begin: longer than an utterance, and than clocks are apart."""
RETRY_S = 0.5
"""Between two attempts while the bus is down."""

log = structlog.get_logger(__name__)


class Recall:
    """Tells a stage what is on the topic it recalls, once for each partition that came to this worker.

    Nothing of a partition is worked on until then. Bounded by the number of partitions.
    """

    def __init__(self, bus: Bus, stage: Stage[Any], guard: Callable[..., Any]) -> None:
        """`guard` wraps the top of each task."""
        self._bus = bus
        self._stage = stage
        self._guard = guard
        self._tasks: dict[int, asyncio.Task[None]] = {}
        # Set once a partition's records may be worked on.
        self._done: dict[int, asyncio.Event] = {}

    def begin(self, record: Record) -> None:
        """Begin with the partition of this record, the first one of it, if that was not done."""
        if self._stage.recalls and record.partition not in self._tasks:
            done = self._done[record.partition] = asyncio.Event()
            read = self._guard(lambda: self._read(record.partition, record.timestamp_ms, done))
            self._tasks[record.partition] = asyncio.create_task(read, name=f"recall {record.partition}")

    async def done(self, partition: int) -> None:
        """Wait until a partition's records may be worked on: for ever, if it cannot be read and the worker ends."""
        done = self._done.get(partition)
        if done is not None:
            await done.wait()

    async def forget(self, partition: int) -> None:
        """Begin anew if the partition comes back."""
        self._done.pop(partition, None)
        task = self._tasks.pop(partition, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def close(self) -> None:
        """Stop reading. Idempotent."""
        for partition in list(self._tasks):
            await self.forget(partition)

    async def _read(self, partition: int, first_ms: int, done: asyncio.Event) -> None:
        since_ms = first_ms - BEFORE_MS if first_ms else None
        while True:
            try:
                count = await self._once(partition, since_ms)
                break
            except BusDownError:
                await asyncio.sleep(RETRY_S)
        done.set()
        log.debug("recalled", stage=self._stage.name, partition=partition, records=count)

    async def _once(self, partition: int, since_ms: int | None) -> int:
        count = 0
        async for record in self._bus.history(self._stage.recalls, partition=partition, since_ms=since_ms):
            self._stage.recall(record.message)
            count += 1
        return count
